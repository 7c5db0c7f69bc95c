/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify_inner.h"

#include <pthread.h>
#include <stdlib.h>

/* Reading the log: in order on the caller's thread, whose transaction it is; and the same with a worker one
 * or more pages ahead, who does what needs only the bytes. */

#define AHEAD_PAGES 4   /* read and not checked yet: what bounds memory */
#define AHEAD_EVENTS 64 /* of a page */
#define AHEAD_BYTES                                                                                \
    (256 * 1024) /* of bodies, after which a page is full: a parsed body is many times larger */
#define AHEAD_ARENA_MAX ((size_t)512 * 1024 * 1024)

/* --- one after another ----------------------------------------------------------------------------- */

typedef struct log_reader {
    verify *v;
    store_rows rows;
    bool open;
    int pass; /* 0 = sequenced, 1 = the tail without numbers */
    int64_t last;
    int n; /* of the present query */
} log_reader;

static const store_stmt log_stmts[2] = {STMT_EVENT_PAGE, STMT_VERIFY_TAIL};

void event_record_read(store_rows *r, event_record *out)
{
    out->seq = row_int(r);
    out->id = row_int(r);
    out->kind = row_text(r);
    out->body = row_text(r);
    out->sha256 = row_blob(r);
    out->sm3 = row_blob(r);
    out->programme_id = row_int(r);
    out->at_us = row_int(r);
    out->user_id = row_int(r);
    out->person_id = row_int(r);
}

static log_reader reader_begin(verify *v)
{
    TQ_ASSERT(v->tx != NULL);
    return (log_reader){.v = v, .last = INT64_MIN};
}

static void reader_end(log_reader *l)
{
    if (l->open) {
        rows_end(&l->rows);
        l->open = false;
    }
}

/* Between two queries: who watches may stop the run. */
static tq_code reader_pause(log_reader *l, tq_err *err)
{
    const verify_options *o = l->v->options;
    reader_end(l);
    if (l->n < VERIFY_PAGE) { /* the query came to its end: the next pass */
        l->pass++;
        l->last = INT64_MIN;
    }
    l->n = 0;
    if (o->progress != NULL) {
        o->progress(o->ctx, l->v->report->events, l->v->total);
    }
    if (o->go_on != NULL && !o->go_on(o->ctx)) {
        return tq_fail(err, TQ_BUSY, "stopped", NULL, "the check was stopped before its end");
    }
    return TQ_OK;
}

/* The next event; its slices live until the next call. */
static tq_code reader_next(log_reader *l, bool *more, event_record *out, tq_err *err)
{
    while (l->pass < 2) {
        if (!l->open) {
            TQ_TRY(store_query(l->v->tx, log_stmts[l->pass],
                               ARGS(arg_int(l->last), arg_int(VERIFY_PAGE)), &l->rows, err));
            l->open = true;
        }
        TQ_TRY(rows_next(&l->rows, more, err));
        if (*more) {
            event_record_read(&l->rows, out);
            l->last = l->pass == 0 ? out->seq : out->id;
            l->n++;
            return TQ_OK;
        }
        TQ_TRY(reader_pause(l, err));
    }
    *more = false;
    return TQ_OK;
}

tq_code verify_each_event(verify *v, tq_code (*each)(verify *v, const event_record *r, tq_err *err),
                          tq_err *err)
{
    TQ_CLEANUP(reader_end) log_reader l = reader_begin(v);
    for (bool more = true;;) {
        event_record r;
        TQ_TRY(reader_next(&l, &more, &r, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_TRY(each(v, &r, err));
    }
}

/* --- a worker ahead -------------------------------------------------------------------------------- */

typedef struct ahead_page {
    int n;
    bool done; /* under the lock */
    event_ahead items[AHEAD_EVENTS];
    arena *bytes;  /* what the reader copied */
    arena *parsed; /* what was made of it */
} ahead_page;

/* Pages go round: the caller fills page `filled`, whoever is free takes page `taken`, the caller checks the
 * oldest and then fills it again. A page belongs to one side at a time; the counts go on for ever. */
typedef struct ahead {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    int64_t filled, taken;
    bool stop;
    ahead_page page[AHEAD_PAGES];
} ahead;

/* What needs nothing but the bytes of an event. */
static void page_work(ahead_page *p)
{
    TQ_ASSERT(p->n <= AHEAD_EVENTS);
    for (int i = 0; i < p->n; i++) {
        event_ahead *x = &p->items[i];
        x->leaf[HASH_SHA256] = tree_leaf(HASH_SHA256, x->r.body);
        x->leaf[HASH_SM3] = tree_leaf(HASH_SM3, x->r.body);
        x->readable = event_read(x->r.body, p->parsed, &x->e, &x->why) == TQ_OK;
    }
}

/* Does the next page that nobody has taken. The lock is held before and after, not in between. */
static void take_page(ahead *h)
{
    TQ_ASSERT(h->taken < h->filled);
    ahead_page *p = &h->page[h->taken++ % AHEAD_PAGES];
    TQ_ASSERT(pthread_mutex_unlock(&h->lock) == 0);
    page_work(p);
    TQ_ASSERT(pthread_mutex_lock(&h->lock) == 0);
    p->done = true;
    (void)pthread_cond_signal(&h->turned);
}

static void *work(void *ctx)
{
    ahead *h = ctx;
    (void)pthread_setname_np(pthread_self(), "verify ahead"); /* for top and perf */
    TQ_ASSERT(pthread_mutex_lock(&h->lock) == 0);
    while (!h->stop) {
        if (h->taken < h->filled) {
            take_page(h);
        } else {
            (void)pthread_cond_wait(&h->turned, &h->lock);
        }
    }
    TQ_ASSERT(pthread_mutex_unlock(&h->lock) == 0);
    return NULL;
}

/* Reads up to a page; *more is false at the end of the log. */
static tq_code page_fill(log_reader *l, ahead_page *p, bool *more, tq_err *err)
{
    size_t bytes = 0;
    p->n = 0;
    arena_reset(p->bytes);
    arena_reset(p->parsed);
    while (p->n < AHEAD_EVENTS && bytes < AHEAD_BYTES) {
        event_record r;
        TQ_TRY(reader_next(l, more, &r, err));
        if (!*more) {
            return TQ_OK;
        }
        event_ahead *x = &p->items[p->n++];
        *x = (event_ahead){.r = r};
        x->r.kind = arena_copy(p->bytes, r.kind);
        x->r.body = arena_copy(p->bytes, r.body);
        x->r.sha256 = arena_copy(p->bytes, r.sha256);
        x->r.sm3 = arena_copy(p->bytes, r.sm3);
        bytes += r.body.len;
    }
    return TQ_OK;
}

static void hand_over(ahead *h)
{
    TQ_ASSERT(pthread_mutex_lock(&h->lock) == 0);
    h->page[h->filled % AHEAD_PAGES].done = false;
    h->filled++;
    (void)pthread_cond_signal(&h->turned);
    TQ_ASSERT(pthread_mutex_unlock(&h->lock) == 0);
}

/* Until the page is done. Hashing and reading take longer than checking, so the caller lends a hand with
 * what nobody has begun instead of sleeping. */
static void wait_for(ahead *h, const ahead_page *p)
{
    TQ_ASSERT(pthread_mutex_lock(&h->lock) == 0);
    while (!p->done) {
        if (h->taken < h->filled) {
            take_page(h);
        } else {
            (void)pthread_cond_wait(&h->turned, &h->lock);
        }
    }
    TQ_ASSERT(pthread_mutex_unlock(&h->lock) == 0);
}

static tq_code run_ahead(ahead *h, verify *v,
                         tq_code (*each)(verify *v, const event_ahead *a, tq_err *err), tq_err *err)
{
    TQ_CLEANUP(reader_end) log_reader l = reader_begin(v);
    int64_t filled = 0; /* h->filled, which only this side moves */
    int64_t checked = 0;
    for (bool more = true; more || checked < filled;) {
        while (more && filled - checked < AHEAD_PAGES) {
            TQ_TRY(page_fill(&l, &h->page[filled % AHEAD_PAGES], &more, err));
            hand_over(h);
            filled++;
        }
        const ahead_page *p = &h->page[checked % AHEAD_PAGES];
        wait_for(h, p);
        for (int i = 0; i < p->n; i++) {
            TQ_TRY(each(v, &p->items[i], err));
        }
        checked++;
    }
    return TQ_OK;
}

static void ahead_free(ahead *h)
{
    for (int i = 0; i < AHEAD_PAGES; i++) {
        arena_free(h->page[i].bytes);
        arena_free(h->page[i].parsed);
    }
    (void)pthread_cond_destroy(&h->turned);
    (void)pthread_mutex_destroy(&h->lock);
    free(h);
}

static ahead *ahead_new(void)
{
    ahead *h = calloc(1, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    TQ_ASSERT(pthread_mutex_init(&h->lock, NULL) == 0);
    TQ_ASSERT(pthread_cond_init(&h->turned, NULL) == 0);
    for (int i = 0; i < AHEAD_PAGES; i++) {
        h->page[i].bytes = arena_new("events read", AHEAD_ARENA_MAX);
        h->page[i].parsed = arena_new("events parsed", AHEAD_ARENA_MAX);
    }
    return h;
}

tq_code verify_each_ahead(verify *v, tq_code (*each)(verify *v, const event_ahead *a, tq_err *err),
                          tq_err *err)
{
    ahead *h = ahead_new();
    if (h == NULL || pthread_create(&h->thread, NULL, work, h) != 0) {
        if (h != NULL) {
            ahead_free(h);
        }
        return tq_fail(err, TQ_IO, "thread", NULL, "no memory or no thread is left for the check");
    }
    const tq_code code = run_ahead(h, v, each, err);
    TQ_ASSERT(pthread_mutex_lock(&h->lock) == 0);
    h->stop = true; /* after an error pages may be left undone: nobody wants them */
    (void)pthread_cond_broadcast(&h->turned);
    TQ_ASSERT(pthread_mutex_unlock(&h->lock) == 0);
    TQ_ASSERT(pthread_join(h->thread, NULL) == 0);
    ahead_free(h);
    return code;
}
