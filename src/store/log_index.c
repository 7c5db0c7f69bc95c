/* SPDX-License-Identifier: Apache-2.0 */
#include "store/log_index.h"

#include "domain/case_rows.h"

#define GROW_EVENTS 64 /* of one transaction, so that writers do not wait */
#define EVENT_ARENA_MAX ((size_t)64 * 1024 * 1024)

static tq_code rows_put(store_tx *tx, int64_t seq, const event *e, tq_err *err)
{
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *row = &e->rows[i];
        if (!case_table(row->table)) {
            continue;
        }
        TQ_TRY(store_run(tx, STMT_LOG_ROW_PUT,
                         ARGS(arg_str(str_of(audited_table_of(row->table)->name)), arg_int(row->id),
                              arg_int(seq)),
                         NULL, err));
    }
    return TQ_OK;
}

/* An event that cannot be read is verify's to tell; the index goes on behind it. */
static tq_code index_one(store_tx *tx, int64_t seq, str body, arena *a, tq_err *err)
{
    event e = {0};
    arena_reset(a);
    return event_read(body, a, &e, NULL) == TQ_OK ? rows_put(tx, seq, &e, err) : TQ_OK;
}

typedef struct page {
    int64_t seq[GROW_EVENTS];
    str body[GROW_EVENTS];
    int n;
} page;

/* Copied first: the rows of a query do not outlive statements that write. */
static tq_code page_read(store_tx *tx, int64_t after, int64_t count, arena *a, page *out,
                         tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    out->n = 0;
    TQ_TRY(store_query(tx, STMT_EVENT_PAGE, ARGS(arg_int(after), arg_int(GROW_EVENTS)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const int64_t seq = row_int(&r);
        if (seq > count) {
            return TQ_OK;
        }
        (void)row_int(&r);
        (void)row_text(&r);
        out->seq[out->n] = seq;
        out->body[out->n++] = row_copy(&r, a);
    }
}

static tq_code grow_some(store *s, int64_t count, arena *of_page, arena *of_event, bool *more,
                         tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t done = 0;
    page p;
    arena_reset(of_page);
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(store_int(tx, STMT_LOG_DONE_TURN, NO_ARGS, 0, &done, err));
    TQ_TRY(page_read(tx, done, count, of_page, &p, err));
    for (int i = 0; i < p.n; i++) {
        TQ_TRY(index_one(tx, p.seq[i], p.body[i], of_event, err));
    }
    *more = p.n == GROW_EVENTS;
    if (p.n > 0) {
        TQ_TRY(store_run(tx, STMT_LOG_DONE_SET, ARGS(arg_int(p.seq[p.n - 1])), NULL, err));
    }
    return store_commit(&tx, err);
}

/* Asked in a snapshot first: where nothing is new no writer waits. */
static tq_code is_done(store *s, int64_t count, bool *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t done = 0;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    TQ_TRY(store_int(tx, STMT_LOG_DONE_GET, NO_ARGS, 0, &done, err));
    *out = done >= count;
    return TQ_OK;
}

tq_code log_index_grow(store *s, int64_t count, tq_err *err)
{
    TQ_ASSERT(count >= 0);
    bool done = false;
    TQ_TRY(is_done(s, count, &done, err));
    if (done) {
        return TQ_OK;
    }
    ARENA_AUTO arena *of_page = arena_new("index page", GROW_EVENTS * (size_t)EVENT_BODY_MAX);
    ARENA_AUTO arena *of_event = arena_new("index event", EVENT_ARENA_MAX);
    for (bool more = true; more;) {
        TQ_TRY(grow_some(s, count, of_page, of_event, &more, err));
    }
    return store_flush(s, err);
}
