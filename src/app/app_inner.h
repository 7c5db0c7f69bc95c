/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_INNER_H
#define TQ_APP_INNER_H

#include "app/app.h"
#include "domain/workdays.h"

/* The few facts of a programme that most use cases need. */
typedef struct programme_brief {
    char code[16];
    int64_t fiscal_month; /* first month of the fiscal year, 1..12 */
    int64_t policy_id;
    day closed_until;
} programme_brief;

TQ_MUST_CHECK tq_code programme_read(store_tx *tx, int64_t programme_id, programme_brief *out,
                                     tq_err *err);

/* Last day of a clock for all kinds of the policy in force, begun today. INVALID/policy_unset where it states none. */
TQ_MUST_CHECK tq_code clock_of_policy(app *a, store_tx *tx, const call *c, const char *name,
                                      day *out, tq_err *err);

/* Arguments of a report's statement: programme, first instant of the days and the first after them, where the
 * programme is. */
TQ_MUST_CHECK tq_code period_instants(store_tx *tx, const call *c, day from, day to,
                                      store_arg out[3], tq_err *err);

/* The calendars of the year of `from` and the two after; slices live in `a`. */
TQ_MUST_CHECK tq_code calendars_read(store_tx *tx, int64_t programme_id, day from, arena *a,
                                     workdays *out, tq_err *err);

/* What is drawn at random may be given by a demonstration, so that it comes to the same log each time:
 * REFUSED/no_demo where any programme of the installation is real. */
TQ_MUST_CHECK tq_code demo_need(app *a, const char *field, tq_err *err);

/* The policy in force, or NULL where the programme has none yet: for clocks that then have nothing to do. */
TQ_MUST_CHECK tq_code policy_if_any(app *a, store_tx *tx, int64_t programme_id, const policy **out,
                                    tq_err *err);

#endif
