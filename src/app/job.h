/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_JOB_H
#define TQ_JOB_H

/* Long work that outlives the request which asked for it, and the process that began it.
 *
 * A job is a row: what to do (kind, args), who asked (it acts as that person, in that role; every use
 * case it calls asks for the grant again), how far it is (checkpoint, done, total), what came of it. The
 * state of a job is never the state of a case: a batch is collected because its events say so, whatever
 * the job says.
 *
 *   waiting -> running -> done | failed | cancelled      waiting -> cancelled
 *
 * A node takes a job for a lease; a keeper in the runner extends it. A node that dies lets the lease run
 * out and another takes the job up at its checkpoint. Whoever has lost a job changes nothing by it any
 * more: each write names node and attempt, and one that meets no row is CONFLICT/job_lost. So a step must
 * write its checkpoint in the transaction of its business (job_step), or be a single use case under the
 * idem that the runner gives (app/idempotency.h): then nothing is done twice.
 *
 *     for (int64_t i = from_checkpoint; i < n; i++) {
 *         TX_AUTO store_tx *tx = NULL;
 *         TQ_TRY(work_begin(run->app, &run->call, roles, &tx, err));
 *         ... one part of the work ...
 *         TQ_TRY(job_step(tx, run, next, i + 1, n, err));
 *         TQ_TRY(store_commit(&tx, err));
 *     }
 *
 * A failure is kept with its token and sentence; one that is BUSY is tried again from the checkpoint. */

#include "app/idempotency.h"

#define JOB_ARGS_MAX (64 * 1024)
#define JOB_RESULT_MAX (1024 * 1024)
#define JOB_CHECKPOINT_MAX (64 * 1024)
#define JOB_MESSAGE_MAX 400
#define JOB_ATTEMPTS_MAX                                                                           \
    5 /* nodes that may die over one job before it is given up as failed/node_lost */
#define JOB_OPEN_MAX 64 /* waiting or running of one kind: CONFLICT/job_queue_full beyond */
#define JOB_LEASE_US (INT64_C(30) * 1000000)
#define JOB_POLL_US (INT64_C(500) * 1000)

typedef struct job {
    int64_t id;
    str kind;
    str args;  /* canonical object */
    str state; /* waiting running done failed cancelled */
    str node;
    int64_t attempts;
    str checkpoint;      /* the kind's own; "" at the beginning */
    int64_t done, total; /* of the kind's own unit; total 0: not known */
    str result;          /* canonical value, "" where none */
    str error;           /* reason token; "" unless failed */
    str message;         /* its sentence */
    bool cancel_asked;
    actor who;
    instant created, started, ended; /* {0}: not yet */
} job;

/* What a running job has in hand. Belongs to one thread; job_tell and job_go_on may come from callbacks. */
typedef struct job_run {
    app *app;
    call
        call; /* acts as who asked; `at` and `today` of the moment it was taken; call.a is the job's */
    job job;
    int64_t lease_us;
    str result;              /* set by the kind before it returns TQ_OK; in call.a */
    idem once;               /* call.idem of kinds that are one use case */
    struct job_watch *watch; /* inner: shared with the keeper; NULL outside a runner */
} job_run;

typedef struct job_kind {
    const char *name;  /* token */
    role_set roles;    /* who may ask for it */
    bool one_use_case; /* the runner gives call.idem, keyed by the job */
    /* Refuses wrong args when the job is asked for, so that the asker is told; may be NULL. */
    tq_code (*check)(str args, arena *a, tq_err *err);
    tq_code (*run)(job_run *run, tq_err *err);
    const char *zh, *en; /* for people: "核验账本" */
} job_kind;

/* The kinds that the program knows: verify, settle_collect, opening_import, policy_trial, tick. Args, all optional
 * unless said:
 *   verify          {}                          result: the report of store/verify.h; finding something is
 *                                               failed/not_verified and sets writes off
 *   settle_collect  {"period":"2013Q3"} needed  result: {"batch":id,"count":n,"total_fen":n,"left":[…]}
 *   opening_import  {"opening":id,"files":{name:sha256,…},"control":{name:n,…}} needed, names as in
 *                   app/opening.h, files put by blob_put before; result: {"opening":id,…}
 *   policy_trial    {"policy":id} needed        result: what the version would have made of past claims
 *                                               (app/policy_trial.h)
 *   tick            {"until":"2014-01-01"}      result: counts of what ran out */
const job_kind *job_kinds(size_t *n);
const job_kind *job_kind_find(str name); /* NULL where unknown */

/* --- asking ------------------------------------------------------------------------------------ */

/* Files a job that waits. `args` is canonical text of at most JOB_ARGS_MAX bytes. With c->idem a repeated
 * request finds the first job: idem_row(…, "job", &id). */
TQ_MUST_CHECK tq_code job_start(app *a, const call *c, const job_kind *kind, str args, int64_t *id,
                                tq_err *err);
/* A waiting job ends at once, a running one at its next step. The asker, or sysadmin; NOT_FOUND for
 * anybody else. CONFLICT/job_state once it has ended. */
TQ_MUST_CHECK tq_code job_cancel(app *a, const call *c, int64_t id, tq_err *err);
/* Texts live in `a`. NOT_FOUND. Who may see which job is the edge's question (job.who). */
TQ_MUST_CHECK tq_code job_read(store_tx *tx, int64_t id, arena *a, job *out, tq_err *err);
/* Newest first with id < before (INT64_MAX: all), at most max; programme and user 0 = any. */
TQ_MUST_CHECK tq_code job_list(store_tx *tx, int64_t programme_id, int64_t user_id, int64_t before,
                               arena *a, job *out, size_t max, size_t *n, tq_err *err);
void job_write(const job *j,
               buf *out); /* one canonical object; instants as in base/day.h, "" = not yet */

/* --- running ----------------------------------------------------------------------------------- */

/* Takes the oldest job that waits, or whose lease has run out; *found is false where there is none. A
 * job taken more than JOB_ATTEMPTS_MAX times is ended as failed/node_lost instead, and the next looked at. */
TQ_MUST_CHECK tq_code job_claim(app *a, str node, int64_t lease_us, instant now, arena *mem,
                                job *out, bool *found, tq_err *err);
/* Writes the checkpoint inside the caller's transaction and extends the lease. CONFLICT/job_cancelled,
 * CONFLICT/job_lost, BUSY/job_stopping (the runner ends): return it, the transaction rolls back. */
TQ_MUST_CHECK tq_code job_step(store_tx *tx, job_run *run, str checkpoint, int64_t done,
                               int64_t total, tq_err *err);
/* The same in a transaction of its own, for work that writes nothing else. */
TQ_MUST_CHECK tq_code job_progress(job_run *run, str checkpoint, int64_t done, int64_t total,
                                   tq_err *err);
/* How far, for people: kept in memory and written by the keeper. No transaction, so callable anywhere. */
void job_tell(job_run *run, int64_t done, int64_t total);
/* False once the job is cancelled or lost, or the runner ends. */
bool job_go_on(const job_run *run);

TQ_MUST_CHECK tq_code job_finish(app *a, const job *j, str result, instant now, tq_err *err);
TQ_MUST_CHECK tq_code job_fail(app *a, const job *j, str result, const tq_err *why, instant now,
                               tq_err *err);
TQ_MUST_CHECK tq_code job_cancelled(app *a, const job *j, instant now, tq_err *err);
/* Hands a running job back, to be taken up again at its checkpoint. */
TQ_MUST_CHECK tq_code job_give_back(app *a, const job *j, tq_err *err);
/* Extends the lease and tells how far; *cancel says whether it should end. CONFLICT/job_lost. */
TQ_MUST_CHECK tq_code job_beat(app *a, const job *j, int64_t done, int64_t total, int64_t lease_us,
                               instant now, bool *cancel, tq_err *err);

typedef struct job_runner job_runner;
typedef struct job_runner_options {
    const job_kind *kinds; /* NULL: job_kinds() */
    size_t n_kinds;
    int threads; /* 1..16 */
    const char
        *node; /* unique among servers of one database, at most 64 bytes; NULL: host and pid */
    int64_t lease_us, poll_us; /* 0: JOB_LEASE_US, JOB_POLL_US */
    /* Told of every job that ended or was put off, on a runner's thread: for the edge's log. May be NULL. */
    void (*told)(void *ctx, const job *j, tq_code code, const tq_err *why);
    void *ctx;
} job_runner_options;

/* On SQLite the folder's lock says that no other process runs jobs: what was left running is taken up at
 * once, so there is one runner to an installation. Elsewhere a lease must run out. */
TQ_MUST_CHECK tq_code job_runner_start(app *a, const job_runner_options *o, job_runner **out,
                                       tq_err *err);
void job_runner_wake(job_runner *r); /* a job was filed: look now */
/* Waits for the running jobs to reach their next step (or to end, where they have none) and gives them
 * back. Takes NULL. */
void job_runner_stop(job_runner *r);

#endif
