/* SPDX-License-Identifier: Apache-2.0 */
#include "app/erasure.h"

#include "app/app_inner.h"
#include "app/row_change.h"
#include "base/canon.h"

#define NOTE_MAX ((size_t)1024 * 1024)

/* Digests of bodies; one that speaks of two of the rows stands among them once. */
typedef struct taken {
    digest *of;
    int n, room;
} taken;

static void take(taken *t, digest d, arena *a)
{
    for (int i = 0; i < t->n; i++) {
        if (digest_eq(t->of[i], d)) {
            return;
        }
    }
    if (t->n == t->room) {
        t->room = t->room == 0 ? 64 : t->room * 2;
        digest *more = ARENA_NEW(a, digest, (size_t)t->room);
        for (int i = 0; i < t->n; i++) {
            more[i] = t->of[i];
        }
        t->of = more;
    }
    t->of[t->n++] = d;
}

/* A row that is blank already adds nothing. */
static tq_code row_blank(store_tx *tx, const call *c, event *e, const erased_row *of, tq_err *err)
{
    const audited_table_info *t = audited_table_of(of->table);
    event_value row[AUDITED_COLS_MAX];
    TQ_ASSERT(t->is_private);
    TQ_TRY(row_load(tx, of->table, of->id, c->a, row, err));
    event_change(e, of->table, of->id);
    for (int col = t->first_col; col < t->first_col + t->cols; col++) {
        if (audited_col_of(col)->is_text) {
            text_change(e, row, col, STR(""));
        } else {
            int_change(e, row, col, 0);
        }
    }
    return TQ_OK;
}

/* A quote inside a text of the body is escaped, so nothing a person typed looks like this. */
static str row_begin(const erased_row *of, arena *a)
{
    return arena_printf(a, "[\"%s\",%lld,", audited_table_of(of->table)->name, (long long)of->id);
}

static tq_code bodies_of(store_tx *tx, const erased_row *of, arena *a, taken *t, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_PRIVATE_BODY_OF, ARGS(arg_str(row_begin(of, a))), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const str salt = row_blob(&r);
        const str parts[2] = {salt, row_text(&r)};
        take(t, hash_parts(HASH_SHA256, parts, 2), a);
    }
}

static tq_code note_write(event *e, const taken *t, tq_err *err)
{
    BUF_AUTO buf b = buf_max(NOTE_MAX);
    canon w = canon_to(&b);
    TQ_ASSERT(e->note.len == 0);
    canon_open(&w);
    canon_key(&w, "bodies");
    canon_list(&w);
    for (int i = 0; i < t->n; i++) {
        char hex[65];
        digest_hex(t->of[i], hex);
        canon_str(&w, str_of(hex));
    }
    canon_list_end(&w);
    canon_close(&w);
    if (!buf_ok(&b)) {
        return tq_fail(err, TQ_LIMIT, "erasing_too_large", NULL, "too many events speak of it");
    }
    e->note = arena_copy(e->a, buf_view(&b));
    return TQ_OK;
}

tq_code erase_rows(store_tx *tx, const call *c, event *e, const erased_row *rows, int n,
                   tq_err *err)
{
    taken t = {0};
    int64_t gone = 0;
    TQ_ASSERT(n > 0 && n <= ERASED_ROWS_MAX);
    for (int i = 0; i < n; i++) {
        TQ_TRY(row_blank(tx, c, e, &rows[i], err));
        TQ_TRY(bodies_of(tx, &rows[i], c->a, &t, err));
    }
    TQ_TRY(note_write(e, &t, err));
    const int64_t own = event_has_private(e) ? 1 : 0;
    TQ_TRY(event_append(tx, e, NULL, err));
    for (int i = 0; i < n; i++) {
        int64_t changed = 0;
        TQ_TRY(store_run(tx, STMT_PRIVATE_BODY_ERASE, ARGS(arg_str(row_begin(&rows[i], c->a))),
                         &changed, err));
        gone += changed;
    }
    return gone == t.n + own ? TQ_OK
                             : tq_fail(err, TQ_CONFLICT, "erasing", NULL,
                                       "an event about it came meanwhile; it is tried again");
}
