/* SPDX-License-Identifier: Apache-2.0 */
#include "http/worker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"

/* Each sleeping thread waits on a condition of its own and the one that fell asleep last is
 * woken first: its stack and its database connection are still warm, and under light load few
 * threads do all work. */
typedef struct worker {
    workers *pool;
    pthread_t thread;
    pthread_cond_t wake;
    struct worker *next_idle;
    void *job; /* handed over directly */
} worker;

struct workers {
    pthread_mutex_t lock; /* guards all below */
    void (*run)(void *job);
    void **queue; /* a ring */
    int queue_max, first, queued;
    worker *idle;
    bool stopping;
    int n;
    worker threads[];
};

/* NULL once the queue is empty and the end has been called: what was taken is always run. */
static void *next_job(workers *p, worker *me)
{
    void *job = NULL;
    TQ_ASSERT(pthread_mutex_lock(&p->lock) == 0);
    if (p->queued > 0) {
        job = p->queue[p->first];
        p->first = (p->first + 1) % p->queue_max;
        p->queued--;
    } else if (!p->stopping) {
        me->next_idle = p->idle;
        p->idle = me;
        while (me->job == NULL && !p->stopping) {
            TQ_ASSERT(pthread_cond_wait(&me->wake, &p->lock) == 0);
        }
        job = me->job;
        me->job = NULL;
    }
    TQ_ASSERT(pthread_mutex_unlock(&p->lock) == 0);
    return job;
}

static void *work(void *ctx)
{
    worker *me = ctx;
    for (void *job = next_job(me->pool, me); job != NULL; job = next_job(me->pool, me)) {
        me->pool->run(job);
    }
    return NULL;
}

/* All threads at the start: one that cannot be had is found out then, not in the hour of the
 * rush. */
workers *workers_start(int threads, int queue_max, void (*run)(void *job))
{
    TQ_ASSERT(threads > 0 && queue_max > 0);
    workers *p = calloc(1, sizeof *p + (size_t)threads * sizeof p->threads[0]);
    TQ_ASSERT(p != NULL);
    p->queue = calloc((size_t)queue_max, sizeof *p->queue);
    TQ_ASSERT(p->queue != NULL);
    TQ_ASSERT(pthread_mutex_init(&p->lock, NULL) == 0);
    p->run = run;
    p->queue_max = queue_max;
    for (int i = 0; i < threads; i++) {
        worker *w = &p->threads[i];
        w->pool = p;
        TQ_ASSERT(pthread_cond_init(&w->wake, NULL) == 0);
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            (void)pthread_cond_destroy(&w->wake);
            workers_stop(p);
            workers_free(p);
            return NULL;
        }
        p->n++;
    }
    return p;
}

/* A sleeping thread gets the job directly; the queue is used only when all are at work. */
bool workers_give(workers *p, void *job)
{
    bool taken = true;
    worker *woken = NULL;
    TQ_ASSERT(job != NULL);
    TQ_ASSERT(pthread_mutex_lock(&p->lock) == 0);
    if (p->stopping) {
        taken = false;
    } else if (p->idle != NULL) {
        woken = p->idle;
        p->idle = woken->next_idle;
        woken->job = job;
    } else if (p->queued < p->queue_max) {
        p->queue[(p->first + p->queued) % p->queue_max] = job;
        p->queued++;
    } else {
        taken = false;
    }
    TQ_ASSERT(pthread_mutex_unlock(&p->lock) == 0);
    if (woken != NULL) {
        (void)pthread_cond_signal(&woken->wake);
    }
    return taken;
}

int64_t workers_queued(workers *p)
{
    TQ_ASSERT(pthread_mutex_lock(&p->lock) == 0);
    const int64_t n = p->queued;
    TQ_ASSERT(pthread_mutex_unlock(&p->lock) == 0);
    return n;
}

void workers_stop(workers *p)
{
    if (p == NULL) {
        return;
    }
    TQ_ASSERT(pthread_mutex_lock(&p->lock) == 0);
    p->stopping = true;
    for (int i = 0; i < p->n; i++) {
        (void)pthread_cond_signal(&p->threads[i].wake);
    }
    TQ_ASSERT(pthread_mutex_unlock(&p->lock) == 0);
    for (int i = 0; i < p->n; i++) {
        TQ_ASSERT(pthread_join(p->threads[i].thread, NULL) == 0);
        (void)pthread_cond_destroy(&p->threads[i].wake);
    }
    p->n = 0;
}

void workers_free(workers *p)
{
    if (p != NULL) {
        (void)pthread_mutex_destroy(&p->lock);
        free(p->queue);
        free(p);
    }
}
