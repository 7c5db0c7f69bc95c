/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of readings against the marks over them (R-LOG-070). That the marks are those of the log, the check
 * of their rows tells. */
#include "store/verify_inner.h"

#include <stdio.h>

#include "store/reading_mark.h"

typedef struct mark {
    int64_t id;
    readings_held held[READINGS_LOGS];
} mark;

static tq_code marks_page(verify *v, int64_t after, mark *out, int *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(v->tx, STMT_READING_MARKS, ARGS(arg_int(after), arg_int(VERIFY_PAGE)), &r,
                       err));
    for (*n = 0; *n < VERIFY_PAGE; (*n)++) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        mark *m = &out[*n];
        *m = (mark){.id = row_int(&r)};
        for (int log = 0; log < READINGS_LOGS; log++) {
            m->held[log].last = row_int(&r);
            m->held[log].count = row_int(&r);
            (void)digest_from_hex(row_text(&r), &m->held[log].hash);
        }
    }
    return TQ_OK;
}

/* Goes on from what the mark says, so that each later one speaks for its own rows. */
static tq_code mark_held(verify *v, const mark *m, readings_held so_far[READINGS_LOGS], tq_err *err)
{
    static const char *const tables[READINGS_LOGS] = {"access_log", "sealed_log"};
    for (int log = 0; log < READINGS_LOGS; log++) {
        readings_held *h = &so_far[log];
        const readings_held *said = &m->held[log];
        const int64_t from = h->last + 1;
        TQ_TRY(readings_go(v->tx, log, said->last, h, err));
        if (h->count != said->count || !digest_eq(h->hash, said->hash)) {
            char detail[160];
            (void)snprintf(detail, sizeof detail,
                           "rows %lld..%lld are not those of mark %lld: %lld up to there, %lld now",
                           (long long)from, (long long)said->last, (long long)m->id,
                           (long long)said->count, (long long)h->count);
            verify_found(v, "readings_differ", tables[log], from, 0, "", detail);
        }
        *h = *said;
    }
    return TQ_OK;
}

tq_code verify_readings(verify *v, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("marks", (size_t)1024 * 1024);
    mark *marks = ARENA_NEW(a, mark, VERIFY_PAGE);
    readings_held so_far[READINGS_LOGS] = {0};
    int64_t after = INT64_MIN;
    for (int n = VERIFY_PAGE; n == VERIFY_PAGE;) {
        TQ_TRY(marks_page(v, after, marks, &n, err));
        for (int i = 0; i < n; i++) {
            after = marks[i].id;
            TQ_TRY(mark_held(v, &marks[i], so_far, err));
        }
    }
    return TQ_OK;
}
