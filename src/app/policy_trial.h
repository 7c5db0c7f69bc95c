/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_TRIAL_H
#define TQ_POLICY_TRIAL_H

/* What a version would have made of past claims. Each decision keeps the facts on which it stood; the last
 * one of every claim is judged once more, by the version that was in force then and by the one on trial.
 * Nothing is written: a version is tried before anybody puts it in force (P-26). */

#include "app/job.h"

#define TRIAL_CASES_MAX 200 /* claims that are named; all are counted */

typedef struct trial_case {
    str number;            /* of the claim */
    int64_t before, after; /* minor units; 0 where refused */
    const char *reason;    /* of the version on trial */
} trial_case;

typedef struct trial_report {
    int64_t policy_id;
    int64_t compared, same, more, less, refused,
        granted; /* refused, granted: that were not before */
    money before, after;
    trial_case cases[TRIAL_CASES_MAX];
    size_t n_cases;
} trial_report;

/* The version is of c->who's programme; NOT_FOUND/no_such_record. Tells run how far it is and ends with
 * BUSY/job_stopping or CONFLICT/job_cancelled where it is told to. `run` may be NULL. */
TQ_MUST_CHECK tq_code policy_trial(app *a, const call *c, int64_t policy_id, job_run *run,
                                   trial_report *out, tq_err *err);
/* One canonical object; amounts as decimal text of the currency. */
void policy_trial_write(const trial_report *r, const currency *unit, buf *out);

#endif
