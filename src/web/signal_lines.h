/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGNAL_LINES_H
#define TQ_SIGNAL_LINES_H

/* The signals of a claim as the reviewer's desk shows them, beside what must agree. */

#include "web/web.h"

/* Puts {kind, action, state, waits, steps, note, href} per signal into the list; nothing for a role that sees
 * no signals. */
TQ_MUST_CHECK tq_code claim_signal_lines(const web_rq *w, store_tx *tx, int64_t claim_id, doc *list,
                                         tq_err *err);

#endif
