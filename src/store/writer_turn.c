/* SPDX-License-Identifier: Apache-2.0 */
#include "store/writer_turn.h"

#include "base/day.h"
#include "store/store.h"
#include <pthread.h>
#include <stdlib.h>

/* The commands that one COMMIT acknowledges. Lives until the last of them has read the result. */
typedef struct group {
    int commands;
    instant since; /* end of its first command */
    int readers;   /* joined commands that have not read the result */
    bool done;
    tq_code code;
    tq_err err;
    pthread_cond_t closed;
} group;

typedef struct waiter {
    struct waiter *next;
    bool granted;
    pthread_cond_t grant;
} waiter;

struct writer_turn {
    turn_ops ops;
    bool bulk;
    pthread_mutex_t mutex; /* guards held, holder, the queue, and a group's readers and done */
    bool held;
    pthread_t holder;
    waiter *first;
    waiter *last;
    group *group; /* touched by the holder alone */
};

writer_turn *turn_new(turn_ops ops, bool bulk)
{
    TQ_ASSERT(ops.open != NULL);
    TQ_ASSERT(ops.close != NULL);
    writer_turn *t = calloc(1, sizeof *t);
    TQ_ASSERT(t != NULL);
    t->ops = ops;
    t->bulk = bulk;
    TQ_ASSERT(pthread_mutex_init(&t->mutex, NULL) == 0);
    return t;
}

void turn_free(writer_turn *t)
{
    if (t == NULL) {
        return;
    }
    TQ_ASSERT(!t->held);
    TQ_ASSERT(t->first == NULL);
    TQ_ASSERT(t->group == NULL);
    (void)pthread_mutex_destroy(&t->mutex);
    free(t);
}

static void lock(writer_turn *t)
{
    TQ_ASSERT(pthread_mutex_lock(&t->mutex) == 0);
}

static void unlock(writer_turn *t)
{
    TQ_ASSERT(pthread_mutex_unlock(&t->mutex) == 0);
}

static void wait_for_turn(writer_turn *t)
{
    lock(t);
    /* A thread that begins a second WRITE transaction would wait for itself for ever. */
    TQ_ASSERT(!t->held || !pthread_equal(t->holder, pthread_self()));
    if (t->held) {
        waiter me = {0};
        TQ_ASSERT(pthread_cond_init(&me.grant, NULL) == 0);
        if (t->last == NULL) {
            t->first = &me;
        } else {
            t->last->next = &me;
        }
        t->last = &me;
        while (!me.granted) {
            (void)pthread_cond_wait(&me.grant, &t->mutex);
        }
        (void)pthread_cond_destroy(&me.grant);
    }
    t->held = true; /* a grant never lets it go in between */
    t->holder = pthread_self();
    unlock(t);
}

/* Hands the turn to the one who waits longest. Under the mutex. */
static void pass_on(writer_turn *t)
{
    TQ_ASSERT(t->held);
    waiter *next = t->first;
    if (next == NULL) {
        t->held = false;
        return;
    }
    t->first = next->next;
    if (t->first == NULL) {
        t->last = NULL;
    }
    next->granted = true;
    t->holder = (pthread_t)0; /* until it wakes */
    (void)pthread_cond_signal(&next->grant);
}

static group *group_new(void)
{
    group *g = calloc(1, sizeof *g);
    TQ_ASSERT(g != NULL);
    TQ_ASSERT(pthread_cond_init(&g->closed, NULL) == 0);
    return g;
}

static void group_free(group *g)
{
    (void)pthread_cond_destroy(&g->closed);
    free(g);
}

tq_code turn_take(writer_turn *t, tq_err *err)
{
    wait_for_turn(t);
    if (t->group != NULL) {
        return TQ_OK;
    }
    const tq_code code = t->ops.open(t->ops.ctx, err);
    if (code != TQ_OK) {
        lock(t);
        pass_on(t);
        unlock(t);
        return code;
    }
    t->group = group_new();
    return TQ_OK;
}

/* Takes the result of a group; under the mutex. The last reader frees the group. */
static tq_code result_of(group *g, tq_err *err, bool *free_it)
{
    TQ_ASSERT(g->done);
    TQ_ASSERT(g->readers > 0);
    const tq_code code = g->code;
    if (code != TQ_OK && err != NULL) {
        *err = g->err;
    }
    g->readers--;
    *free_it = g->readers == 0;
    return code;
}

static bool group_is_due(writer_turn *t, const group *g)
{
    if (t->bulk) {
        return g->commands >= STORE_BULK_GROUP;
    }
    if (g->commands >= STORE_GROUP_MAX) {
        return true;
    }
    lock(t);
    const bool nobody_waits = t->first == NULL;
    unlock(t);
    return nobody_waits || (g->commands > 0 && instant_now().us - g->since.us >= STORE_GROUP_US);
}

/* COMMITs the open group; the turn is still held afterwards. Its readers are not told yet. */
static tq_code close_group(writer_turn *t, tq_err *err)
{
    const tq_code code = t->ops.close(t->ops.ctx, err);
    t->group = NULL;
    return code;
}

static tq_code end_bulk(writer_turn *t, group *g, bool due, tq_err *err)
{
    tq_code code = TQ_OK;
    if (due) {
        code = close_group(t, err);
        group_free(g);
    }
    lock(t);
    pass_on(t);
    unlock(t);
    return code;
}

/* Passes the turn on and, if `joined`, waits for the group's result. `done`: it stands in g already. */
static tq_code leave(writer_turn *t, group *g, bool joined, bool done, tq_err *err)
{
    tq_code code = TQ_OK;
    lock(t);
    g->readers += joined ? 1 : 0;
    g->done = done;
    if (done) {
        (void)pthread_cond_broadcast(&g->closed);
    }
    bool free_it = done && g->readers == 0;
    pass_on(t);
    if (joined) {
        while (!g->done) {
            (void)pthread_cond_wait(&g->closed, &t->mutex);
        }
        code = result_of(g, err, &free_it);
    }
    unlock(t);
    if (free_it) {
        group_free(g);
    }
    return code;
}

tq_code turn_end(writer_turn *t, bool joined, bool broken, tq_err *err)
{
    TQ_ASSERT(t->held);
    TQ_ASSERT(!joined || !broken);
    group *g = t->group;
    TQ_ASSERT(g != NULL);
    if (joined) {
        g->since = g->commands == 0 ? instant_now() : g->since;
        g->commands++;
    }
    const bool due = broken || group_is_due(t, g);
    if (t->bulk) {
        return end_bulk(t, g, due, err);
    }
    if (due) {
        g->code = close_group(t, &g->err);
    }
    return leave(t, g, joined, due, err);
}

tq_code turn_flush(writer_turn *t, tq_err *err)
{
    if (!t->bulk) {
        return TQ_OK; /* commands are durable when they return */
    }
    wait_for_turn(t);
    if (t->group == NULL) {
        lock(t);
        pass_on(t);
        unlock(t);
        return TQ_OK;
    }
    return end_bulk(t, t->group, true, err);
}
