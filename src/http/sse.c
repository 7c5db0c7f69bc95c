/* SPDX-License-Identifier: Apache-2.0 */
#include "http/sse.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "http/ticks.h"

#define ASK_US ((int64_t)SSE_ASK_MS * 1000)
#define PING_US ((int64_t)SSE_PING_S * 1000000)

struct sse_stream {
    sse_stream
        *next; /* of the list; only the thread takes streams out, so it may walk without lock */
    sse *all;
    http_stream from;
    pthread_mutex_t lock; /* guards what follows */
    sse_wire wire;
    buf pending;
    size_t taken; /* of pending */
    bool asleep, done, closed;
    int64_t read_us; /* when the connection last asked */
    int64_t sent_us; /* when something was last put into pending */
    int64_t ask_us;  /* of the thread alone: when to ask next */
};

struct sse {
    pthread_mutex_t lock; /* guards `first`, `finished`, `stopping` */
    pthread_cond_t wake;
    pthread_t thread;
    sse_stream *first;
    bool finished, stopping;
    int64_t stall_us;
    atomic_int open;
};

static void lock(pthread_mutex_t *m)
{
    TQ_ASSERT(pthread_mutex_lock(m) == 0);
}

static void unlock(pthread_mutex_t *m)
{
    TQ_ASSERT(pthread_mutex_unlock(m) == 0);
}

/* On the thread of the streams, where `next` ran too: the context is never used from two
 * threads. */
static void stream_free(sse_stream *s)
{
    if (s->from.end != NULL) {
        s->from.end(s->from.ctx);
    }
    (void)pthread_mutex_destroy(&s->lock);
    buf_free(&s->pending);
    free(s);
}

/* --- the side of the connection --------------------------------------------------------------- */

/* From an event thread. Streams opened after the finish end at once. */
sse_stream *sse_open(sse *e, http_stream from, sse_wire wire)
{
    TQ_ASSERT(from.next != NULL);
    sse_stream *s = calloc(1, sizeof *s);
    TQ_ASSERT(s != NULL);
    *s = (sse_stream){.all = e, .from = from, .wire = wire, .pending = buf_max(SSE_PENDING_MAX)};
    TQ_ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
    s->read_us = s->sent_us = ticks_us();
    atomic_fetch_add(&e->open, 1);
    lock(&e->lock);
    s->done = e->finished;
    s->next = e->first;
    e->first = s;
    (void)pthread_cond_signal(&e->wake); /* the first question is asked at once */
    unlock(&e->lock);
    return s;
}

/* Whether to sleep is decided under the lock under which the thread decides to wake: no wake is
 * lost. */
ssize_t sse_read(sse_stream *s, char *out, size_t room)
{
    ssize_t n = 0;
    lock(&s->lock);
    const str left = buf_view(&s->pending);
    s->read_us = ticks_us();
    if (left.len > s->taken) {
        const size_t some = left.len - s->taken < room ? left.len - s->taken : room;
        memcpy(out, left.data + s->taken, some);
        s->taken += some;
        if (s->taken == left.len) {
            buf_clear(&s->pending);
            s->taken = 0;
        }
        n = (ssize_t)some;
    } else if (s->done) {
        n = -1;
    } else {
        s->asleep = true;
        s->wire.sleep(s->wire.ctx);
    }
    unlock(&s->lock);
    return n;
}

/* Not freed here: the thread may be asking it at this moment. */
void sse_close(sse_stream *s)
{
    sse *e = s->all;
    lock(&s->lock);
    s->closed = true;
    unlock(&s->lock); /* the thread may free it from here on */
    atomic_fetch_sub(&e->open, 1);
}

int64_t sse_open_count(const sse *e)
{
    return atomic_load(&e->open);
}

/* --- the side of the thread ------------------------------------------------------------------- */

/* Passes on what was found, or a comment where nothing has gone out for long: a proxy in between
 * would take silence for death, and we would not notice that the client has gone. */
static void pass_on(sse_stream *s, const buf *found, bool done, int64_t now)
{
    lock(&s->lock);
    if (found->len > 0) {
        buf_str_add(&s->pending, buf_view(found));
        s->sent_us = now;
    } else if (now - s->sent_us >= PING_US && !s->done) {
        buf_text(&s->pending, ": ping\n\n");
        s->sent_us = now;
    }
    s->done = s->done || done || !buf_ok(&s->pending) || !buf_ok(found);
    const bool pending = buf_view(&s->pending).len > s->taken;
    if (!s->closed && s->asleep && (pending || s->done)) {
        s->asleep = false;
        s->wire.wake(s->wire.ctx);
    } else if (!s->closed && !s->asleep && pending && now - s->read_us > s->all->stall_us) {
        s->read_us = now;
        s->wire.cut(s->wire.ctx);
    }
    unlock(&s->lock);
}

/* `next` runs without any lock, since it may read a database. */
static void ask(sse_stream *s, bool finished, int64_t now)
{
    BUF_AUTO buf found = buf_max(SSE_PENDING_MAX);
    bool done = finished;
    lock(&s->lock);
    /* A reader who does not keep up is not asked for: what he misses is his. */
    const bool behind = buf_view(&s->pending).len > SSE_PENDING_MAX / 2;
    done = done || s->done;
    unlock(&s->lock);
    if (now < s->ask_us && !done) {
        return;
    }
    s->ask_us = now + ASK_US;
    if (!done && !behind) {
        s->from.next(s->from.ctx, &found, &done);
    }
    pass_on(s, &found, done, now);
}

/* Takes closed streams out of the list. Under the list's lock, since openers write its head. */
static sse_stream *take_closed(sse *e)
{
    sse_stream *gone = NULL;
    for (sse_stream **at = &e->first; *at != NULL;) {
        sse_stream *s = *at;
        lock(&s->lock);
        const bool closed = s->closed;
        unlock(&s->lock);
        if (closed) {
            *at = s->next;
            s->next = gone;
            gone = s;
        } else {
            at = &s->next;
        }
    }
    return gone;
}

static void free_all(sse_stream *gone)
{
    while (gone != NULL) {
        sse_stream *next = gone->next;
        stream_free(gone);
        gone = next;
    }
}

/* Wakes a little more often than it asks, so that a stream is never late by a whole turn. */
static void *run(void *ctx)
{
    sse *e = ctx;
    lock(&e->lock);
    while (!e->stopping) {
        sse_stream *gone = take_closed(e);
        sse_stream *first = e->first;
        const bool finished = e->finished;
        unlock(&e->lock);
        free_all(gone);
        const int64_t now = ticks_us();
        for (sse_stream *s = first; s != NULL; s = s->next) {
            ask(s, finished, now);
        }
        lock(&e->lock);
        if (!e->stopping && e->first == first) {
            ticks_cond_wait(&e->wake, &e->lock, ASK_US / 2);
        }
    }
    /* Nobody may be left asleep: libmicrohttpd cannot be stopped then. */
    for (sse_stream *s = e->first; s != NULL; s = s->next) {
        ask(s, true, ticks_us());
    }
    unlock(&e->lock);
    return NULL;
}

sse *sse_start(int stall_s)
{
    sse *e = calloc(1, sizeof *e);
    TQ_ASSERT(e != NULL);
    e->stall_us = (int64_t)stall_s * 1000000;
    TQ_ASSERT(pthread_mutex_init(&e->lock, NULL) == 0);
    ticks_cond_init(&e->wake);
    if (pthread_create(&e->thread, NULL, run, e) != 0) {
        (void)pthread_cond_destroy(&e->wake);
        (void)pthread_mutex_destroy(&e->lock);
        free(e);
        return NULL;
    }
    return e;
}

void sse_finish(sse *e)
{
    lock(&e->lock);
    e->finished = true;
    (void)pthread_cond_signal(&e->wake);
    unlock(&e->lock);
}

void sse_stop(sse *e)
{
    if (e == NULL) {
        return;
    }
    lock(&e->lock);
    e->finished = true;
    e->stopping = true;
    (void)pthread_cond_signal(&e->wake);
    unlock(&e->lock);
    TQ_ASSERT(pthread_join(e->thread, NULL) == 0);
}

void sse_free(sse *e)
{
    if (e == NULL) {
        return;
    }
    free_all(e->first);
    (void)pthread_cond_destroy(&e->wake);
    (void)pthread_mutex_destroy(&e->lock);
    free(e);
}
