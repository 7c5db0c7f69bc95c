/* SPDX-License-Identifier: Apache-2.0 */
#include "app/job.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/job_inner.h"
#include "app/report.h"

#define THREADS_MAX 16
#define NODE_MAX 64
#define JOB_ARENA_MAX                                                                              \
    (512 * 1024 * 1024) /* an opening import holds six files of 16 MiB, and their rows */
#define JOB_TRIES 6     /* of a job that ends in BUSY, before that is its failure */

/* What one thread runs. `busy`, `held` are guarded by the runner's mutex. */
typedef struct job_slot {
    job_runner *runner;
    pthread_t thread;
    char node[NODE_MAX + 16]; /* the runner's, and the thread's number */
    bool busy;
    job held; /* id, node and attempts only */
    job_watch watch;
} job_slot;

struct job_runner {
    app *app;
    job_runner_options o;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_bool stopping;
    pthread_t keeper;
    job_slot slots[THREADS_MAX];
};

bool job_watch_stopping(const job_watch *w)
{
    return w != NULL && atomic_load(w->stopping);
}

void job_tell(job_run *run, int64_t done, int64_t total)
{
    TQ_ASSERT(done >= 0 && total >= 0);
    if (run->watch != NULL) {
        atomic_store(&run->watch->done, done);
        atomic_store(&run->watch->total, total);
    }
}

bool job_go_on(const job_run *run)
{
    const job_watch *w = run->watch;
    return w == NULL ||
           !(atomic_load(w->stopping) || atomic_load(&w->cancelled) || atomic_load(&w->lost));
}

/* --- waiting ----------------------------------------------------------------------------------- */

static void lock(job_runner *r)
{
    TQ_ASSERT(pthread_mutex_lock(&r->mutex) == 0);
}

static void unlock(job_runner *r)
{
    TQ_ASSERT(pthread_mutex_unlock(&r->mutex) == 0);
}

/* Until woken, told to stop, or `us` later. */
static void rest(job_runner *r, int64_t us)
{
    const int64_t until = instant_now().us + us;
    const struct timespec t = {.tv_sec = until / 1000000, .tv_nsec = (until % 1000000) * 1000};
    lock(r);
    if (!atomic_load(&r->stopping)) {
        (void)pthread_cond_timedwait(&r->wake, &r->mutex, &t);
    }
    unlock(r);
}

/* --- one job ----------------------------------------------------------------------------------- */

/* The legal date is that of the programme the job belongs to; of the first one where it is of none. */
static tq_code today_of(job_run *run, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    str name = {0};
    zone *z = NULL;
    if (run->job.who.programme_id == 0) {
        programme_face p;
        TQ_TRY(report_programme(run->app, run->call.a, &p, err));
        name = p.zone;
    } else {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(run->app, &tx, err));
        TQ_TRY(row_load(tx, T_PROGRAMME, run->job.who.programme_id, run->call.a, row, err));
        name = row_str(row, C_PROGRAMME_ZONE);
    }
    TQ_TRY(zone_open(arena_copy(run->call.a, name).data, &z, err));
    run->call.today = zone_day(z, run->call.at);
    zone_free(z);
    return TQ_OK;
}

tq_code job_run_once(job_run *run, const job_kind *kind, tq_err *err)
{
    run->call.who = run->job.who;
    run->call.at = instant_now();
    TQ_TRY(today_of(run, err));
    if (kind->one_use_case) {
        run->once = (idem){.actor = STR("job"),
                           .route = str_of(kind->name),
                           .key = arena_printf(run->call.a, "%lld", (long long)run->job.id),
                           .body = hash_of(HASH_SHA256, run->job.args)};
        run->call.idem = &run->once;
    }
    return kind->run(run, err);
}

/* The checkpoint that stands, for another try. */
static tq_code look_again(job_run *run, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    job j;
    TQ_TRY(work_read(run->app, &tx, err));
    TQ_TRY(job_read(tx, run->job.id, run->call.a, &j, err));
    run->job.checkpoint = j.checkpoint;
    run->job.done = j.done;
    run->job.total = j.total;
    return TQ_OK;
}

/* BUSY passes by itself (a lock, a lost connection, an unknown commit): the job goes on from its last
 * checkpoint, and only what stays busy is its failure. */
static tq_code run_kind(job_slot *slot, job_run *run, const job_kind *kind, tq_err *err)
{
    for (int tries = 1;; tries++) {
        const tq_code code = job_run_once(run, kind, err);
        if (code != TQ_BUSY || tries == JOB_TRIES || !job_go_on(run)) {
            return code;
        }
        rest(slot->runner, (int64_t)APP_PAUSE_US << (2 * tries));
        tq_err unread;
        (void)
            look_again(run,
                       &unread); /* where it fails, the old checkpoint meets job_lost or is right */
    }
}

/* How a job ends, in the store. */
typedef struct ending {
    job_run *run;
    tq_code code;
    const tq_err *why;
} ending;

static tq_code write_end(void *ctx, tq_err *err)
{
    const ending *e = ctx;
    const job *j = &e->run->job;
    app *a = e->run->app;
    const char *reason = e->code == TQ_OK ? "" : e->why->reason;
    if (e->code == TQ_OK) {
        return job_finish(a, j, e->run->result, instant_now(), err);
    }
    if (strcmp(reason, "done_before") == 0) { /* by this job itself, before its node died */
        return job_finish(a, j, e->run->once.answer, instant_now(), err);
    }
    if (strcmp(reason, "job_cancelled") == 0 ||
        (e->run->watch != NULL && atomic_load(&e->run->watch->cancelled) && e->code == TQ_BUSY)) {
        return job_cancelled(a, j, instant_now(), err);
    }
    if (e->code == TQ_BUSY && job_watch_stopping(e->run->watch)) {
        return job_give_back(a, j, err);
    }
    return job_fail(a, j, e->run->result, e->why, instant_now(), err);
}

/* A result must not be lost because the store was away for a moment: while the server runs, it is tried
 * until it is written or another node has the job. */
static void settle(job_slot *slot, job_run *run, tq_code code, const tq_err *why)
{
    ending e = {run, code, why};
    tq_err err = {0};
    if (code == TQ_CONFLICT && strcmp(why->reason, "job_lost") == 0) {
        return;
    }
    const call once = {.at = instant_now(), .a = run->call.a};
    while (app_retry(&once, write_end, &e, &err) != TQ_OK && err.code != TQ_CONFLICT &&
           !atomic_load(&slot->runner->stopping)) {
        rest(slot->runner, slot->runner->o.poll_us);
    }
}

static const job_kind *kind_of(const job_runner *r, str name)
{
    for (size_t i = 0; i < r->o.n_kinds; i++) {
        if (str_eq(str_of(r->o.kinds[i].name), name)) {
            return &r->o.kinds[i];
        }
    }
    return NULL;
}

static void run_one(job_slot *slot, const job *j, arena *a)
{
    job_runner *r = slot->runner;
    tq_err why = {0};
    job_run run = {.app = r->app,
                   .job = *j,
                   .lease_us = r->o.lease_us,
                   .watch = &slot->watch,
                   .call = {.a = a}};
    atomic_store(&slot->watch.cancelled, j->cancel_asked);
    atomic_store(&slot->watch.lost, false);
    job_tell(&run, j->done, j->total);
    lock(r);
    slot->held = (job){.id = j->id, .node = str_of(slot->node), .attempts = j->attempts};
    slot->busy = true;
    unlock(r);
    const job_kind *kind = kind_of(r, j->kind);
    const tq_code code =
        kind == NULL ? tq_fail(&why, TQ_INTERNAL, "job_kind", "kind",
                               "this program does not know the kind %.*s", STR_ARG(j->kind))
        : j->cancel_asked
            ? tq_fail(&why, TQ_CONFLICT, "job_cancelled", NULL, "the job was cancelled")
            : run_kind(slot, &run, kind, &why);
    settle(slot, &run, code, &why);
    lock(r);
    slot->busy = false;
    unlock(r);
    if (r->o.told != NULL) {
        r->o.told(r->o.ctx, &run.job, code, &why);
    }
}

static void *work(void *ctx)
{
    job_slot *slot = ctx;
    job_runner *r = slot->runner;
    while (!atomic_load(&r->stopping)) {
        ARENA_AUTO arena *a = arena_new("job", JOB_ARENA_MAX);
        job j;
        bool found = false;
        tq_err err = {0};
        if (job_claim(r->app, str_of(slot->node), r->o.lease_us, instant_now(), a, &j, &found,
                      &err) != TQ_OK ||
            !found) {
            rest(r, r->o.poll_us);
        } else {
            run_one(slot, &j, a);
        }
    }
    return NULL;
}

/* --- the keeper -------------------------------------------------------------------------------- */

static void keep(job_slot *slot)
{
    job_runner *r = slot->runner;
    tq_err err = {0};
    bool cancel = false;
    lock(r);
    const bool busy = slot->busy;
    const job held = slot->held;
    unlock(r);
    if (!busy) {
        return;
    }
    const tq_code code =
        job_beat(r->app, &held, atomic_load(&slot->watch.done), atomic_load(&slot->watch.total),
                 r->o.lease_us, instant_now(), &cancel, &err);
    lock(r); /* the job may have ended meanwhile, and the slot run another: then nothing is told */
    if (slot->busy && slot->held.id == held.id) {
        if (code == TQ_CONFLICT) {
            atomic_store(&slot->watch.lost, true);
        } else if (code == TQ_OK && cancel) {
            atomic_store(&slot->watch.cancelled, true);
        }
    }
    unlock(r);
}

/* Long transactions write no checkpoint, so a lease is not the work's to extend. */
static void *keeper(void *ctx)
{
    job_runner *r = ctx;
    while (!atomic_load(&r->stopping)) {
        rest(r, r->o.lease_us / 5);
        for (int i = 0; i < r->o.threads; i++) {
            keep(&r->slots[i]);
        }
    }
    return NULL;
}

/* --- life -------------------------------------------------------------------------------------- */

static tq_code free_orphans(app *a, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    if (store_engine_of(app_store(a)) != STORE_SQLITE) {
        return TQ_OK;
    }
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_JOB_ORPHANS_FREE, NO_ARGS, NULL, err));
    return store_commit(&tx, err);
}

static void names(job_runner *r)
{
    char host[NODE_MAX - 12] = "node";
    char own[NODE_MAX + 1];
    (void)gethostname(host, sizeof host - 1);
    host[sizeof host - 1] = '\0';
    (void)snprintf(own, sizeof own, "%s:%ld", host, (long)getpid());
    const char *node = r->o.node == NULL ? own : r->o.node;
    TQ_ASSERT(strlen(node) <= NODE_MAX);
    for (int i = 0; i < r->o.threads; i++) {
        (void)snprintf(r->slots[i].node, sizeof r->slots[i].node, "%.64s/%d", node, i);
    }
    r->o.node = NULL; /* the caller's text need not stand any longer */
}

tq_code job_runner_start(app *a, const job_runner_options *o, job_runner **out, tq_err *err)
{
    TQ_ASSERT(o->threads >= 1 && o->threads <= THREADS_MAX);
    TQ_TRY(free_orphans(a, err));
    job_runner *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return tq_fail(err, TQ_IO, "out_of_memory", NULL, "no memory for the job runner");
    }
    r->app = a;
    r->o = *o;
    if (r->o.kinds == NULL) {
        r->o.kinds = job_kinds(&r->o.n_kinds);
    }
    r->o.lease_us = o->lease_us == 0 ? JOB_LEASE_US : o->lease_us;
    r->o.poll_us = o->poll_us == 0 ? JOB_POLL_US : o->poll_us;
    names(r);
    TQ_ASSERT(pthread_mutex_init(&r->mutex, NULL) == 0);
    TQ_ASSERT(pthread_cond_init(&r->wake, NULL) == 0);
    for (int i = 0; i < r->o.threads; i++) {
        r->slots[i].runner = r;
        r->slots[i].watch.stopping = &r->stopping;
        TQ_ASSERT(pthread_create(&r->slots[i].thread, NULL, work, &r->slots[i]) == 0);
    }
    TQ_ASSERT(pthread_create(&r->keeper, NULL, keeper, r) == 0);
    *out = r;
    return TQ_OK;
}

void job_runner_wake(job_runner *r)
{
    lock(r);
    (void)pthread_cond_broadcast(&r->wake);
    unlock(r);
}

void job_runner_stop(job_runner *r)
{
    if (r == NULL) {
        return;
    }
    lock(r);
    atomic_store(&r->stopping, true);
    (void)pthread_cond_broadcast(&r->wake);
    unlock(r);
    for (int i = 0; i < r->o.threads; i++) {
        TQ_ASSERT(pthread_join(r->slots[i].thread, NULL) == 0);
    }
    TQ_ASSERT(pthread_join(r->keeper, NULL) == 0);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->mutex);
    free(r);
}
