/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify.h"

#include <stdlib.h>

#include "base/canon.h"
#include "store/event_store.h"
#include "store/verify_inner.h"

#define EVENT_ARENA_MAX ((size_t)512 * 1024 * 1024)

const verify_word verify_words[] = {
    {"event_gap", "the numbers of the log have a gap"},
    {"event_leaf", "an event's bytes are not those that were hashed"},
    {"event_form", "an event cannot be read"},
    {"event_column", "a column of an event is not what its body says"},
    {"event_check", "an event does what its role or state does not allow, or does not balance"},
    {"event_twice", "the same event stands in the log twice"},
    {"below_zero", "an account fell below zero"},
    {"created_twice", "a row was created a second time"},
    {"not_created", "a row was changed that nobody created"},
    {"too_large", "ids or amounts lie beyond what the program gives"},
    {"private_digest", "a private body is not the one its event is bound to"},
    {"private_form", "a private body cannot be read"},
    {"private_missing", "a private body is gone that no event erased"},
    {"private_kept", "an erasing names a private body that still stands"},
    {"private_extra", "a private body belongs to no event"},
    {"checkpoint_root", "the log is not the one that was signed"},
    {"checkpoint_file", "the file of checkpoints cannot be believed"},
    {"log_cut", "the end of the log is missing"},
    {"node_differs", "a kept node of the log is not what its leaves make"},
    {"point_differs", "a copied checkpoint is not the one that was signed"},
    {"index_differs",
     "the index of rows, from which dossiers are collected, is not that of the log"},
    {"readings_differ", "a log of readings is not what its marks say"},
    {"leg_differs", "a leg is not what its event says"},
    {"leg_missing", "a leg of an event is missing"},
    {"leg_extra", "a leg belongs to no event"},
    {"balance_differs", "a balance is not the sum of its legs"},
    {"balance_missing", "a balance is missing"},
    {"balance_extra", "a balance stands that no leg made"},
    {"row_differs", "a row is not what the events made it"},
    {"row_missing", "a row is missing"},
    {"row_extra", "a row stands that no event made"},
    {"blob_content", "a file does not have its hash"},
    {"blob_missing", "a file that a row names is missing"},
    {NULL, NULL},
};

static const char *word_of(const char *what)
{
    for (const verify_word *w = verify_words; w->what != NULL; w++) {
        if (strcmp(w->what, what) == 0) {
            return w->what;
        }
    }
    tq_assert_failed("a finding has a word", __FILE__, __LINE__);
}

static void put(char *to, size_t room, const char *from)
{
    TQ_ASSERT(room > 0);
    const size_t len = strnlen(from, room - 1);
    memcpy(to, from, len);
    to[len] = '\0';
    while (!str_utf8(str_of(to))) {
        to[strlen(to) - 1] = '\0'; /* cut inside a character */
    }
}

void verify_found(verify *v, const char *what, const char *table, int64_t row, int64_t seq,
                  const char *column, const char *detail)
{
    verify_report *r = v->report;
    if (r->found < VERIFY_FINDINGS_MAX) {
        verify_finding *f = &r->first[r->found];
        *f = (verify_finding){.what = word_of(what), .row = row, .seq = seq};
        put(f->table, sizeof f->table, table);
        put(f->column, sizeof f->column, column);
        put(f->detail, sizeof f->detail, detail);
    }
    r->found++;
}

static tq_code keep_point(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    verify *v = ctx;
    if (v->n_points == v->room_points) {
        const int64_t room = v->room_points == 0 ? 64 : v->room_points * 2;
        checkpoint *more = realloc(v->points, sizeof *more * (size_t)room);
        if (more == NULL) {
            return tq_fail(err, TQ_IO, "memory", NULL, "no memory left for checkpoints");
        }
        v->points = more;
        v->room_points = room;
    }
    v->points[v->n_points++] = *c;
    v->report->checkpoints++;
    return TQ_OK;
}

static tq_code run_all(store *s, verify *v, tq_err *err)
{
    tq_err why = {0};
    const tq_code code = checkpoint_each(store_dir(s), keep_point, v, &why);
    if (code == TQ_CORRUPT) {
        verify_found(v, "checkpoint_file", "", 0, 0, why.field, why.detail);
    } else if (code != TQ_OK) {
        if (err != NULL) {
            *err = why;
        }
        return code;
    }
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(store_begin(s, STORE_READ, &tx, err));
        v->tx = tx;
        TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &v->total, err));
        TQ_TRY(verify_events(v, err));
        TQ_TRY(verify_log_tables(v, err));
        TQ_TRY(verify_leg_table(v, err));
        TQ_TRY(verify_balance_table(v, err));
        TQ_TRY(verify_private_table(v, err));
        TQ_TRY(verify_row_tables(v, err));
        TQ_TRY(verify_readings(v, err));
        TQ_TRY(verify_page_images(v, err));
        v->tx = NULL;
    }
    return verify_blob_store(s, v, err);
}

static tq_code stop_writes(store *s, const verify_options *o, const verify_report *r, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    BUF_AUTO buf reason = buf_max(512);
    const verify_finding *f = &r->first[0];
    buf_printf(&reason, "verify: %s %s row %lld event %lld", f->what, f->table, (long long)f->row,
               (long long)f->seq);
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_WRITES_OFF_PUT, ARGS(arg_str(buf_view(&reason)), arg_int(o->at.us)),
                     NULL, err));
    TQ_TRY(store_commit(&tx, err));
    return store_flush(s, err);
}

tq_code verify_run(store *s, const verify_options *o, verify_report *out, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(out != NULL);
    static const verify_options plain;
    verify v = {.options = o == NULL ? &plain : o, .report = out, .engine = store_engine_of(s)};
    *out = (verify_report){0};
    random_bytes(v.key.b, sizeof v.key.b);
    TQ_CLEANUP(row_sums_cleanup) row_sums *rows = row_sums_new(&v.key, VERIFY_BYTES_MAX);
    TQ_CLEANUP(cell_sums_cleanup) cell_sums *cells = cell_sums_new(VERIFY_BYTES_MAX);
    TQ_CLEANUP(cell_sums_cleanup) cell_sums *blobs = cell_sums_new(VERIFY_BYTES_MAX);
    ARENA_AUTO arena *a = arena_new("verify event", EVENT_ARENA_MAX);
    v.rows = rows;
    v.cells = cells;
    v.blobs = blobs;
    v.a = a;
    const tq_code code = run_all(s, &v, err);
    free(v.points);
    free(v.missing.of);
    free(v.named.of);
    if (code != TQ_OK) {
        return code;
    }
    out->ok = out->found == 0;
    return !out->ok && v.options->writes_off ? stop_writes(s, v.options, out, err) : TQ_OK;
}

void verify_print(const verify_report *r, buf *out)
{
    const struct {
        const char *key;
        int64_t n;
    } counts[] = {
        {"events", r->events},
        {"unsequenced", r->unsequenced},
        {"legs", r->legs},
        {"cells", r->cells},
        {"rows", r->rows},
        {"erased", r->erased},
        {"blobs", r->blobs},
        {"orphans", r->orphans},
        {"checkpoints", r->checkpoints},
    };
    canon c = canon_to(out);
    canon_open(&c);
    canon_key(&c, "ok");
    canon_bool(&c, r->ok);
    for (size_t i = 0; i < TQ_COUNT(counts); i++) {
        canon_kint(&c, counts[i].key, counts[i].n);
    }
    canon_kstr(&c, "sha256", str_of(r->sha256));
    canon_kstr(&c, "sm3", str_of(r->sm3));
    canon_kint(&c, "found", r->found);
    canon_key(&c, "findings");
    canon_list(&c);
    for (int64_t i = 0; i < r->found && i < VERIFY_FINDINGS_MAX; i++) {
        const verify_finding *f = &r->first[i];
        canon_open(&c);
        canon_kstr(&c, "what", str_of(f->what));
        canon_kstr(&c, "table", str_of(f->table));
        canon_kint(&c, "row", f->row);
        canon_kint(&c, "seq", f->seq);
        canon_kstr(&c, "column", str_of(f->column));
        canon_kstr(&c, "detail", str_of(f->detail));
        canon_close(&c);
    }
    canon_list_end(&c);
    canon_close(&c);
}

/* --- which column of a row, and since which event -------------------------------------------------- */

struct wanted_row {
    int table;
    int64_t id;
    int64_t last_seq;
    arena *a;
    event_value now[AUDITED_COLS_MAX];
};

static tq_code follow_row(verify *v, const event_record *r, tq_err *err)
{
    struct wanted_row *wanted = v->wanted;
    event e = {0};
    (void)err;
    arena_reset(v->a);
    if (event_read(r->body, v->a, &e, NULL) != TQ_OK) {
        return TQ_OK;
    }
    for (int i = 0; i < e.n_rows; i++) {
        const event_row *row = &e.rows[i];
        if (row->table != wanted->table || row->id != wanted->id) {
            continue;
        }
        wanted->last_seq = r->seq;
        for (int k = 0; k < row->n; k++) {
            event_value *now =
                &wanted->now[row->sets[k].col - audited_table_of(row->table)->first_col];
            *now = row->sets[k].after;
            now->text = arena_copy(wanted->a, now->text);
        }
    }
    return TQ_OK;
}

tq_code verify_explain_row(verify *v, verify_finding *f, tq_err *err)
{
    const int table = audited_table_named(str_of(f->table));
    TQ_ASSERT(table >= 0);
    const audited_table_info *t = audited_table_of(table);
    if (t->is_private) {
        return TQ_OK;
    }
    ARENA_AUTO arena *a = arena_new("explained row", EVENT_ARENA_MAX);
    struct wanted_row row = {.table = table, .id = f->row, .a = a};
    event_value have[AUDITED_COLS_MAX];
    v->wanted = &row;
    const tq_code code = verify_each_event(v, follow_row, err);
    v->wanted = NULL;
    TQ_TRY(code);
    TQ_TRY(row_load(v->tx, table, f->row, a, have, err));
    f->seq = row.last_seq;
    for (int c = 0; c < t->cols; c++) {
        if (have[c].num != row.now[c].num || !str_eq(have[c].text, row.now[c].text)) {
            put(f->column, sizeof f->column, audited_col_of(t->first_col + c)->name);
            break;
        }
    }
    return TQ_OK;
}
