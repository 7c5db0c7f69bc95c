/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVIDENCE_INNER_H
#define TQ_EVIDENCE_INNER_H

/* What adding and reading evidence share. */

#include "app/evidence.h"

/* May the actor have to do with the object at all? Bureau roles: of their programme; agents: of
 * their organisation, or for it; townships: of firms that lie in them. FORBIDDEN/not_yours,
 * NOT_FOUND. */
TQ_MUST_CHECK tq_code evidence_subject_need(store_tx *tx, const call *c, int table, int64_t id,
                                            tq_err *err);
/* The table that evidence.subject names. */
int evidence_table_of(str subject);

#endif
