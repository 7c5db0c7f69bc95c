/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLAIM_MATCH_H
#define TQ_CLAIM_MATCH_H

/* What must agree in a claim, line by line: the claimed amount, the order, the invoice, the payment. It
 * only shows where to look: whether a claim stands is said by the policy's steps and by the reviewer. An
 * invoice may come from another house than the one that did the work (an agreed issuer), so that what
 * differs here is "to be looked at", never refused. */

#include "web/web.h"

/* Puts {title, href, checks: [{what, left, right, same}]} per line into the list. */
TQ_MUST_CHECK tq_code claim_match_lines(const web_rq *w, store_tx *tx, int64_t claim_id, doc *list,
                                        tq_err *err);

#endif
