/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SUPPLEMENT_H
#define TQ_SUPPLEMENT_H

/* Cases that were returned and to which nothing was supplied.
 *
 * R-APPLY-020: an application is withdrawn by the clock once the policy's term `supplement` has run out; where the
 * policy states none it waits. Its holder may apply anew on any day.
 *
 * R-CLAIM-080: a claim's supplement that comes late is not refused but falls to its own quarter (R-CLAIM-050), so a
 * returned claim is withdrawn only when, its term being over, the last day to claim on its voucher has
 * passed too and nothing could be paid on it any more: its invoices are free again, and what its orders
 * hold can go back. Both leave a decision that says why and which day it was. */

#include "app/app.h"

typedef struct supplement_clocks {
    int64_t applications, claims; /* withdrawn */
} supplement_clocks;

/* All that are due on c->today, each in its own transaction; run twice it does nothing the second time.
 * c->who.role is system. Run it before order_clocks_due, which gives back what the claims held up. */
TQ_MUST_CHECK tq_code supplement_due(app *a, const call *c, supplement_clocks *done, tq_err *err);

/* One of them. CONFLICT/not_due, CONFLICT/state_arrow or /claim_state. */
TQ_MUST_CHECK tq_code application_lapse(app *a, const call *c, int64_t id, tq_err *err);
TQ_MUST_CHECK tq_code claim_lapse(app *a, const call *c, int64_t claim_id, tq_err *err);

/* Last day for the supplement of an application of the kind that is returned today; 0 where the policy in
 * force states no term. */
TQ_MUST_CHECK tq_code supplement_by(app *a, store_tx *tx, const call *c, const char *kind, day *out,
                                    tq_err *err);

#endif
