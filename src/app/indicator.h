/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_INDICATOR_H
#define TQ_INDICATOR_H

/* What the policy wants the programme to be measured by (P-09): money, platform, service. A figure is a part
 * of a whole, read from the ledger and the audited rows of a period; who answers for it stands in the policy.
 *
 *   redemption           paid / issued, by the day of the posting                        share
 *   own_money            contract sums less voucher money / contract sums                share
 *   active_institutions  institutions with a confirmed order / registered institutions   share
 *   cross_region         confirmed orders with institutions elsewhere / confirmed        share
 *   on_time              delivered by the agreed day / delivered                         share
 *   disputes             disputed deliveries / deliveries                                share, less is better
 *   repeat_use           holders with two confirmed orders or more / with one            share
 *   answer_days          from the proposal of an order to its acceptance                 days, less is better
 *   payment_days         from the filing of a claim to its payment                       days, less is better
 *
 * Shares are basis points, days are hundredths, both half up; of nothing there is no figure. */

#include "app/app.h"

#define INDICATORS_MAX 32

typedef struct indicator {
    policy_indicator rule; /* texts live as long as the app */
    int64_t part, whole;   /* minor units, rows or days */
    int64_t value;         /* basis points, or hundredths of a day; -1 where whole is 0 */
    bool met;              /* the target is reached; false without a target or a value */
} indicator;

/* All that the policy in force names, in its order; none: *n = 0. INVALID/days. */
TQ_MUST_CHECK tq_code indicators_read(app *a, const call *c, day from, day to,
                                      indicator out[INDICATORS_MAX], size_t *n, tq_err *err);

#endif
