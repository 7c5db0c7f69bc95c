/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ASSESSMENT_H
#define TQ_ASSESSMENT_H

/* The yearly assessment of townships and parks (P-15, P-32): which firms count, what they did, what their
 * unit gets for it. The rules of counting stand in domain/assessment_score.h, measures in the policy.
 *
 *   assessment_open      office            listed     the list of firms recognised on the base day
 *   assessment_firm_set  office            listed     a firm is taken off with a cause, or put back or added
 *   assessment_contest   township          open       of its own rows, or of a firm that is missing there
 *   assessment_answer    office, group     upheld, dismissed
 *   assessment_freeze    office            frozen     after the last day of the year; figures are stored
 *   assessment_reopen    office, group     listed     the next freeze is another round
 *   assessment_publish   group             published  by a paper; another person than froze it; no open contest
 *   assessment_withdraw  office            withdrawn  before it was frozen
 *
 * A firm counts for the unit that it had on the day: its assessment unit, else the place where it lies. Where
 * units have merged since, the successor is judged, and the row keeps the unit of then. Money goes by the day
 * that the first measure of the policy names. Shares count only firms of the list, each once; money and orders
 * count every holder. */

#include "app/app.h"
#include "domain/assessment_score.h"

/* base_day: DAY_NONE for the first day of the year. The year is the programme's fiscal year.
 * CONFLICT/assessment_exists; INVALID/policy_unset where no measure holds on the base day. */
TQ_MUST_CHECK tq_code assessment_open(app *a, const call *c, int64_t year, day base_day,
                                      int64_t *id, tq_err *err);

typedef struct assessment_firm_rq {
    int64_t assessment_id;
    int64_t org_id;
    bool listed; /* false: off the list */
    str cause;   /* one line; demanded */
} assessment_firm_rq;
/* CONFLICT/state_arrow where nothing would change or the assessment is not listed. */
TQ_MUST_CHECK tq_code assessment_firm_set(app *a, const call *c, const assessment_firm_rq *rq,
                                          tq_err *err);

/* The township is the actor's own organisation. */
TQ_MUST_CHECK tq_code assessment_contest(app *a, const call *c, int64_t assessment_id, str code,
                                         str ground, int64_t *contest_id, tq_err *err);
TQ_MUST_CHECK tq_code assessment_answer(app *a, const call *c, int64_t contest_id, bool upheld,
                                        str answer, tq_err *err);

TQ_MUST_CHECK tq_code assessment_freeze(app *a, const call *c, int64_t assessment_id, tq_err *err);
TQ_MUST_CHECK tq_code assessment_reopen(app *a, const call *c, int64_t assessment_id, str cause,
                                        tq_err *err);
TQ_MUST_CHECK tq_code assessment_publish(app *a, const call *c, int64_t assessment_id,
                                         const decision_paper *paper, tq_err *err);
TQ_MUST_CHECK tq_code assessment_withdraw(app *a, const call *c, int64_t assessment_id,
                                          tq_err *err);

/* Measures, rows and figures as one canonical object, from which anybody comes to the same points
 * (tests/assessment_second.py does). `unit_id` 0: all units; else what one township may see. CONFLICT/state_arrow
 * before it was frozen. */
TQ_MUST_CHECK tq_code assessment_export(app *a, const call *c, int64_t assessment_id,
                                        int64_t unit_id, buf *out, tq_err *err);

#endif
