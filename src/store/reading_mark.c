/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reading_mark.h"

#include "domain/event.h"
#include "store/event_store.h"
#include "store/reading_row.h"

#define DAY_US (INT64_C(86400) * 1000000)

static void row_add(store_rows *r, readings_held *h)
{
    BUF_AUTO buf text = buf_max(READING_ROW_MAX);
    reading_row row;
    reading_row_read(r, &row);
    reading_row_print(&row, &text);
    TQ_ASSERT(buf_ok(&text));
    const str parts[2] = {{(const char *)h->hash.b, sizeof h->hash.b}, buf_view(&text)};
    h->hash = hash_parts(HASH_SHA256, parts, 2);
    h->last = row.n[READING_ID];
    h->count++;
}

tq_code readings_go(store_tx *tx, int log, int64_t last, readings_held *h, tq_err *err)
{
    const store_stmt rows_of =
        log == READINGS_OPEN ? STMT_READING_OPEN_ROWS : STMT_READING_SEALED_ROWS;
    ROWS_AUTO store_rows r = {0};
    const int64_t after = h->count == 0 ? INT64_MIN : h->last;
    TQ_TRY(store_query(tx, rows_of, ARGS(arg_int(after), arg_int(last)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        row_add(&r, h);
    }
}

/* The newest mark, or none of anything: at 0. */
static tq_code last_mark(store_tx *tx, readings_held h[READINGS_LOGS], int64_t *at, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    *at = 0;
    TQ_TRY(store_query(tx, STMT_READING_MARK_LAST, NO_ARGS, &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return TQ_OK;
    }
    *at = row_int(&r);
    for (int log = 0; log < READINGS_LOGS; log++) {
        h[log].last = row_int(&r);
        h[log].count = row_int(&r);
        if (!digest_from_hex(row_text(&r), &h[log].hash)) {
            return tq_fail(err, TQ_CORRUPT, "reading_mark", NULL, "the last mark is malformed");
        }
    }
    return TQ_OK;
}

static tq_code greatest(store_tx *tx, int64_t last[READINGS_LOGS], tq_err *err)
{
    TQ_TRY(store_int(tx, STMT_READING_OPEN_LAST, NO_ARGS, 0, &last[READINGS_OPEN], err));
    return store_int(tx, STMT_READING_SEALED_LAST, NO_ARGS, 0, &last[READINGS_SEALED], err);
}

static tq_code is_due(store *s, instant at, bool *due, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    readings_held h[READINGS_LOGS] = {0};
    int64_t last[READINGS_LOGS];
    int64_t marked = 0;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    TQ_TRY(last_mark(tx, h, &marked, err));
    TQ_TRY(greatest(tx, last, err));
    *due = last[READINGS_OPEN] > h[READINGS_OPEN].last ||
           (marked == 0 ? last[READINGS_SEALED] > 0 : at.us - marked >= DAY_US);
    return TQ_OK;
}

static void mark_set(event *e, int first_col, const readings_held *h)
{
    char hex[65];
    digest_hex(h->hash, hex);
    event_int(e, first_col, h->last);
    event_int(e, first_col + 1, h->count);
    event_text(e, first_col + 2, str_of(hex));
}

static tq_code mark_append(store_tx *tx, instant at, const readings_held h[READINGS_LOGS], arena *a,
                           tq_err *err)
{
    int64_t id = 0;
    event e = event_begin(a, EV_READING_MARK);
    e.at = at;
    e.today = (day){(int32_t)(at.us / DAY_US)}; /* of no programme: the date of UTC */
    e.role = ROLE_SYSTEM;
    TQ_TRY(store_new_id(tx, T_READING_MARK, &id, err));
    event_create(&e, T_READING_MARK, id);
    event_int(&e, C_READING_MARK_AT_US, at.us);
    mark_set(&e, C_READING_MARK_OPEN_LAST, &h[READINGS_OPEN]);
    mark_set(&e, C_READING_MARK_SEALED_LAST, &h[READINGS_SEALED]);
    return event_append(tx, &e, NULL, err);
}

tq_code reading_mark_write(store *s, instant at, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("reading mark", (size_t)4 * 1024 * 1024);
    TX_AUTO store_tx *tx = NULL;
    readings_held h[READINGS_LOGS] = {0};
    int64_t last[READINGS_LOGS];
    int64_t marked = 0;
    bool due = false;
    TQ_TRY(is_due(s, at, &due, err));
    if (!due) {
        return TQ_OK;
    }
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    if (store_engine_of(s) == STORE_PG) { /* else a smaller id could come after the mark */
        TQ_TRY(store_run(tx, STMT_READINGS_LOCK, NO_ARGS, NULL, err));
    }
    TQ_TRY(last_mark(tx, h, &marked, err));
    TQ_TRY(greatest(tx, last, err));
    for (int log = 0; log < READINGS_LOGS; log++) {
        TQ_TRY(readings_go(tx, log, last[log], &h[log], err));
    }
    TQ_TRY(mark_append(tx, at, h, a, err));
    TQ_TRY(store_commit(&tx, err));
    return store_flush(s, err);
}
