/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dossier.h"

#include <stdlib.h>

#include "store/blob.h"
#include "store/dossier_inner.h"
#include "store/log_node.h"

#define BUILD_ARENA_MAX ((size_t)1024 * 1024 * 1024)

/* Events are collected until no row that belongs has one that is not here. */
typedef struct builder {
    store_tx *tx;
    dossier d;
    case_rows rows;
    int room;
} builder;

static bool has_event(const builder *b, int64_t seq)
{
    for (int i = 0; i < b->d.n; i++) {
        if (b->d.events[i].seq == seq) {
            return true;
        }
    }
    return false;
}

static tq_code event_add(builder *b, int64_t seq, tq_err *err)
{
    dossier *d = &b->d;
    if (d->n == DOSSIER_EVENTS_MAX) {
        return tq_fail(err, TQ_LIMIT, "case_too_large", "case",
                       "more than %d events speak of the case", DOSSIER_EVENTS_MAX);
    }
    if (d->n == b->room) {
        b->room = b->room == 0 ? 64 : b->room * 2;
        dossier_event *more = ARENA_NEW(d->a, dossier_event, (size_t)b->room);
        for (int i = 0; i < d->n; i++) {
            more[i] = d->events[i];
        }
        d->events = more;
    }
    dossier_event *e = &d->events[d->n];
    *e = (dossier_event){.seq = seq};
    TQ_TRY(log_body(b->tx, seq, d->a, &e->body, err));
    TQ_TRY(event_read(e->body, d->a, &e->e, err));
    d->n++;
    return TQ_OK;
}

/* The seqs are read out first: a statement cannot be open twice. */
static tq_code events_of_row(builder *b, int table, int64_t id, bool *any, tq_err *err)
{
    int64_t seqs[DOSSIER_EVENTS_MAX];
    int n = 0;
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(b->tx, STMT_LOG_ROW_SEQS,
                           ARGS(arg_str(str_of(audited_table_of(table)->name)), arg_int(id),
                                arg_int(b->d.point.count)),
                           &r, err));
        for (bool more = true; n < DOSSIER_EVENTS_MAX;) {
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            seqs[n++] = row_int(&r);
        }
    }
    for (int i = 0; i < n; i++) {
        if (!has_event(b, seqs[i])) {
            TQ_TRY(event_add(b, seqs[i], err));
            *any = true;
        }
    }
    return TQ_OK;
}

/* R-LOG-080. What belongs to a row by events of its own, which do not speak of that row. */
static tq_code parts_of_row(builder *b, int table, int64_t id, bool *any, tq_err *err)
{
    struct {
        int table;
        int64_t id;
    } part[DOSSIER_EVENTS_MAX];
    int n = 0;
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(b->tx, STMT_CASE_PARTS,
                           ARGS(arg_str(str_of(audited_table_of(table)->name)), arg_int(id),
                                arg_int(DOSSIER_EVENTS_MAX)),
                           &r, err));
        for (bool more = true;;) {
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            part[n].table = audited_table_named(row_text(&r));
            part[n++].id = row_int(&r);
        }
    }
    for (int i = 0; i < n; i++) {
        TQ_TRY(events_of_row(b, part[i].table, part[i].id, any, err));
    }
    return TQ_OK;
}

static int by_seq(const void *a, const void *b)
{
    const dossier_event *x = a;
    const dossier_event *y = b;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* What belongs, by the events so far. */
static tq_code look(builder *b, tq_err *err)
{
    qsort(b->d.events, (size_t)b->d.n, sizeof *b->d.events, by_seq);
    b->rows = case_rows_new(b->d.a);
    for (int i = 0; i < b->d.n; i++) {
        TQ_TRY(case_rows_apply(&b->rows, &b->d.events[i].e, err));
    }
    return case_rows_mark(&b->rows, b->d.table, b->d.id, err);
}

/* A row that is only named (a voucher by its claim) is looked for by what names it. */
static tq_code collect_named(builder *b, const case_row *row, bool *any, tq_err *err)
{
    int table = 0;
    int64_t id = 0;
    for (size_t i = 0; case_row_names(row, i, &table, &id); i++) {
        if (id != 0) {
            TQ_TRY(events_of_row(b, table, id, any, err));
        }
    }
    return TQ_OK;
}

static tq_code collect(builder *b, tq_err *err)
{
    bool any = false;
    TQ_TRY(events_of_row(b, b->d.table, b->d.id, &any, err));
    while (any) {
        any = false;
        TQ_TRY(look(b, err));
        const case_rows seen = b->rows; /* events that are added do not change it */
        for (int i = 0; i < seen.n; i++) {
            const case_row *row = &seen.rows[i];
            if (!row->belongs) {
                continue;
            }
            TQ_TRY(events_of_row(b, row->table, row->id, &any, err));
            TQ_TRY(collect_named(b, row, &any, err));
            TQ_TRY(parts_of_row(b, row->table, row->id, &any, err));
        }
    }
    return b->d.n > 0 ? TQ_OK
                      : tq_fail(err, TQ_CONFLICT, "not_signed_yet", "case",
                                "no signed event speaks of it yet");
}

/* R-LOG-030. Leaves are those of the bytes; a firm is not shown what speaks of others. */
static tq_code prove(builder *b, bool open, tq_err *err)
{
    for (int i = 0; i < b->d.n; i++) {
        dossier_event *e = &b->d.events[i];
        log_proof p = {.seq = e->seq, .body = e->body, .point = b->d.point};
        p.leaf[HASH_SHA256] = tree_leaf(HASH_SHA256, e->body);
        p.leaf[HASH_SM3] = tree_leaf(HASH_SM3, e->body);
        TQ_TRY(log_inclusion(b->tx, e->seq, b->d.point.count, p.path, err));
        TQ_TRY(log_proof_check(&p, err));
        memcpy(e->leaf, p.leaf, sizeof e->leaf);
        memcpy(e->path, p.path, sizeof e->path);
        if (!open && case_rows_foreign(&b->rows, &e->e)) {
            e->body = STR("");
            b->d.withheld++;
        }
    }
    return TQ_OK;
}

static tq_code policies_get(store *s, builder *b, tq_err *err)
{
    str named[DOSSIER_POLICIES_MAX];
    const int n = dossier_policies(&b->rows, named);
    for (int i = 0; i < n; i++) {
        digest d;
        if (!digest_from_hex(named[i], &d)) {
            return tq_fail(err, TQ_CORRUPT, "dossier_policy", "policy", "the hash is malformed");
        }
        TQ_TRY(blob_get(s, d, b->d.a, &b->d.policies[i], err));
    }
    b->d.n_policies = n;
    return TQ_OK;
}

static tq_code print_sealed(store *s, const builder *b, buf *out, tq_err *err)
{
    BUF_AUTO buf text = buf_max(DOSSIER_BYTES_MAX);
    BUF_AUTO buf seal = buf_max(DOSSIER_SEAL_MAX);
    TQ_TRY(dossier_print(&b->d, &b->rows, &text, err));
    const str whole = buf_view(&text);
    TQ_TRY(seal_make(s, DOSSIER_SEAL, &whole, 1, &seal, err));
    buf_str_add(out, (str){whole.data, whole.len - 1});
    buf_text(out, DOSSIER_SEAL_MARK);
    buf_str_add(out, buf_view(&seal));
    buf_char(out, '}');
    return buf_ok(out)
               ? TQ_OK
               : tq_fail(err, TQ_LIMIT, "case_too_large", "case", "the dossier is too large");
}

tq_code dossier_build(store *s, int table, int64_t id, bool open, buf *out, tq_err *err)
{
    TQ_ASSERT(table == T_CLAIM || table == T_VIOLATION_CASE);
    ARENA_AUTO arena *a = arena_new("dossier", BUILD_ARENA_MAX);
    builder b = {.d = {.a = a, .table = table, .id = id}};
    {
        TX_AUTO store_tx *tx = NULL;
        int64_t size = 0;
        TQ_TRY(store_begin(s, STORE_READ, &tx, err));
        b.tx = tx;
        TQ_TRY(store_int(tx, STMT_LOG_POINT_LAST, NO_ARGS, 0, &size, err));
        TQ_TRY(log_point_over(tx, size > 0 ? size : 1, &b.d.point, err));
        TQ_TRY(collect(&b, err));
        TQ_TRY(look(&b, err));
        TQ_TRY(prove(&b, open, err));
    }
    TQ_TRY(dossier_rows(&b.d, &b.rows, err));
    TQ_TRY(policies_get(s, &b, err));
    return print_sealed(s, &b, out, err);
}
