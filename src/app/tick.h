/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TICK_H
#define TQ_TICK_H

/* Every clock of every programme that has run out: supplements, orders, vouchers, bans, inquiries, retention. Each case in its
 * own transaction by `system`; run twice it does nothing the second time. */

#include "app/app.h"

typedef struct tick_report {
    int64_t lapsed, confirmed, cancelled, closed; /* orders */
    int64_t expired;                              /* vouchers */
    int64_t bans;                                 /* ended */
    int64_t applications, claims;                 /* withdrawn: nothing was supplied in time */
    int64_t policies;                             /* approved versions whose first day has come */
    int64_t inquiries;                            /* ended */
    int64_t staff_looks;                          /* quarters whose decisions were looked through */
    int64_t signals; /* unpaid claims of which something new was noted */
    int64_t erased;  /* records whose personal data had outlived their term */
} tick_report;

/* By the end of `until` (DAY_NONE: today), but never ahead of today: USAGE/day_ahead. NOT_FOUND where
 * the installation has no programme yet. */
TQ_MUST_CHECK tq_code tick_run(app *site, day until, tick_report *done, tq_err *err);
void tick_write(const tick_report *r, buf *out); /* one canonical object */

#endif
