/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ORGANISATION_INNER_H
#define TQ_ORGANISATION_INNER_H

/* Steps of org_register, for a registration that becomes an organisation in its own transaction. */

#include "app/organisation.h"

/* Words, lines, digits and the credit code ("" where the kind has none); asks no table. */
TQ_MUST_CHECK tq_code org_rq_check(const call *c, const org_rq *rq, credit_code *code, tq_err *err);
/* Places, parent and platform exist; the code is free (CONFLICT/credit_code_taken); adds it by an event. */
TQ_MUST_CHECK tq_code org_add(store_tx *tx, const call *c, const org_rq *rq,
                              const credit_code *code, int64_t *org_id, tq_err *err);

#endif
