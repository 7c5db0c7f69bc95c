/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_JOB_INNER_H
#define TQ_JOB_INNER_H

/* What a running job and the runner's keeper share: the keeper writes how far and extends the lease, and
 * tells the job that it was cancelled or lost. */

#include "app/job.h"
#include <stdatomic.h>

typedef struct job_watch {
    const atomic_bool *stopping; /* the runner's */
    atomic_bool cancelled;
    atomic_bool lost;
    _Atomic int64_t done;
    _Atomic int64_t total;
} job_watch;

bool job_watch_stopping(const job_watch *w); /* false for NULL */

/* Does the job with its kind, from claim to end. */
TQ_MUST_CHECK tq_code job_run_once(job_run *run, const job_kind *kind, tq_err *err);

#endif
