/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DELISTING_H
#define TQ_DELISTING_H

/* Institutions off the list of a programme (P-31), by the group with its minutes. Milder than a ban: no new order
 * is proposed to or accepted by the institution; what it has accepted is delivered and paid as agreed. The list is
 * public. */

#include "app/app.h"

/* INVALID/no_paper, line, org_kind; CONFLICT/delisted where it is off the list already. */
TQ_MUST_CHECK tq_code delist(app *a, const call *c, int64_t org_id, str reason,
                             const decision_paper *paper, int64_t *id, tq_err *err);
/* CONFLICT/state_arrow where it was lifted. */
TQ_MUST_CHECK tq_code delist_lift(app *a, const call *c, int64_t id, const decision_paper *paper,
                                  tq_err *err);
/* CONFLICT/delisted. The institution's row is asked by order_ban_check before, so that nobody is taken off the
 * list between the answer and the commit. */
TQ_MUST_CHECK tq_code delisting_check(store_tx *tx, int64_t programme_id, int64_t org_id,
                                      tq_err *err);

#endif
