/* SPDX-License-Identifier: Apache-2.0 */
/* Kept nodes, the copy of the checkpoints and the index of rows against the log. Nobody believes nodes and
 * points; a change of them would only spoil proofs, but it is a change behind the program's back. From the
 * index dossiers are collected: what is struck from it would be missing there (R-LOG-050). */
#include "store/verify_inner.h"

#include "domain/case_rows.h"
#include "store/log_node.h"

static bool blob_is(str b, digest d)
{
    return b.len == sizeof d.b && memcmp(b.data, d.b, sizeof d.b) == 0;
}

tq_code verify_log_begin(verify *v, tq_err *err)
{
    for (int level = 0; level < VERIFY_LEVELS; level++) {
        v->blocks[level][HASH_SHA256] = tree_begin(HASH_SHA256);
        v->blocks[level][HASH_SM3] = tree_begin(HASH_SM3);
    }
    TQ_TRY(store_int(v->tx, STMT_LOG_DONE_GET, NO_ARGS, 0, &v->indexed, err));
    return store_int(v->tx, STMT_LOG_POINT_LAST, NO_ARGS, 0, &v->kept_to, err);
}

static void index_key(const verify *v, int table, int64_t id, int64_t seq, uint64_t out[2])
{
    const int64_t parts[3] = {table, id, seq};
    sip128(&v->key, (str){(const char *)parts, sizeof parts}, out);
}

static bool index_has(const verify *v, const event_record *r, const event_row *row)
{
    return r->seq > 0 && r->seq <= v->indexed && case_table(row->table);
}

void verify_log_rows(verify *v, const event_record *r, const event *e)
{
    for (int i = 0; i < e->n_rows; i++) {
        if (index_has(v, r, &e->rows[i])) {
            uint64_t key[2];
            index_key(v, e->rows[i].table, e->rows[i].id, r->seq, key);
            sum_add(&v->index, (sum128){key[0], key[1]});
        }
    }
}

/* Nodes are made before the checkpoint over them is copied: one beyond may be missing still. */
static tq_code node_held(verify *v, int height, int64_t n, const digest root[2], tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(v->tx, STMT_LOG_NODE_PAGE, ARGS(arg_int(height), arg_int(n), arg_int(1)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more || row_int(&r) != n) {
        if ((n + 1) << height <= v->kept_to) {
            verify_found(v, "node_differs", "log_node", n, (n << height) + 1, "",
                         "the row is missing");
        }
        return TQ_OK;
    }
    const bool sha256 = blob_is(row_blob(&r), root[HASH_SHA256]);
    const bool sm3 = blob_is(row_blob(&r), root[HASH_SM3]);
    if (!sha256 || !sm3) {
        verify_found(v, "node_differs", "log_node", n, (n << height) + 1, sha256 ? "sm3" : "sha256",
                     "");
    }
    return TQ_OK;
}

/* Each level is a tree of 256, begun again when it is full; its root is a leaf of the level above. */
tq_code verify_log_leaf(verify *v, digest sha256, digest sm3, tq_err *err)
{
    digest root[2] = {[HASH_SHA256] = sha256, [HASH_SM3] = sm3};
    for (int level = 0; level < VERIFY_LEVELS; level++) {
        tree *t = v->blocks[level];
        const int height = (level + 1) * LOG_NODE_STEP;
        tree_add(&t[HASH_SHA256], root[HASH_SHA256]);
        tree_add(&t[HASH_SM3], root[HASH_SM3]);
        if (t[0].count < (int64_t)1 << LOG_NODE_STEP) {
            return TQ_OK;
        }
        for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
            root[k] = tree_root(&t[k]);
            t[k] = tree_begin((hash_kind)k);
        }
        TQ_TRY(node_held(v, height, v->done_blocks[level]++, root, err));
    }
    return TQ_OK;
}

/* Nodes over leaves that the log does not have. */
static tq_code nodes_beyond(verify *v, tq_err *err)
{
    for (int level = 0; level < VERIFY_LEVELS; level++) {
        int64_t next = 0;
        TQ_TRY(store_int(v->tx, STMT_LOG_NODE_NEXT, ARGS(arg_int((level + 1) * LOG_NODE_STEP)), 0,
                         &next, err));
        if (next > v->done_blocks[level]) {
            verify_found(v, "node_differs", "log_node", next - 1, 0, "n", "the log is not so long");
        }
    }
    return TQ_OK;
}

typedef struct point_row {
    int64_t id, at;
    str sha256, sm3, line;
} point_row;

/* Read as the file's lines are, and its root from the nodes that were just held to the log. */
static tq_code point_held(verify *v, const point_row *p, tq_err *err)
{
    checkpoint c = {0};
    digest root[2];
    char hex[2][65] = {"", ""};
    const bool sane =
        checkpoint_parse(p->line, &c, NULL) == TQ_OK && c.count == p->id && c.at.us == p->at;
    if (sane && c.count <= v->sha256.count) {
        digest_hex(c.sha256, hex[HASH_SHA256]);
        digest_hex(c.sm3, hex[HASH_SM3]);
        tq_err why = {0};
        const tq_code code = log_roots(v->tx, c.count, root, &why);
        if (code == TQ_CORRUPT) { /* the events are named already */
            verify_found(v, "point_differs", "log_point", p->id, 0, "line", why.detail);
            return TQ_OK;
        }
        if (code != TQ_OK) {
            *err = why;
            return code;
        }
    }
    if (!sane || c.count > v->sha256.count || !str_eq(p->sha256, str_of(hex[HASH_SHA256])) ||
        !str_eq(p->sm3, str_of(hex[HASH_SM3]))) {
        verify_found(v, "point_differs", "log_point", p->id, 0, "", "");
    } else if (!digest_eq(root[HASH_SHA256], c.sha256) || !digest_eq(root[HASH_SM3], c.sm3)) {
        verify_found(v, "point_differs", "log_point", p->id, 0, "line",
                     "its roots are not those of the log");
    }
    return TQ_OK;
}

/* Every line of the file has its row, unless the index has not begun either (a folder of an older version). */
static void points_there(verify *v, int64_t indexed, int64_t rows, const int64_t *ids)
{
    int64_t at = 0;
    for (int64_t i = 0; (rows > 0 || indexed > 0) && i < v->n_points; i++) {
        while (at < rows && ids[at] < v->points[i].count) {
            at++;
        }
        if (at == rows || ids[at] != v->points[i].count) {
            verify_found(v, "point_differs", "log_point", v->points[i].count, 0, "",
                         "the row is missing");
            return;
        }
    }
}

typedef struct index_row {
    int table;
    int64_t id, seq;
    uint64_t key[2];
} index_row;

static tq_code index_next(verify *v, store_rows *r, index_row *out, bool *more, tq_err *err)
{
    TQ_TRY(rows_next(r, more, err));
    if (*more) {
        out->table = audited_table_named(row_text(r));
        out->id = row_int(r);
        out->seq = row_int(r);
        index_key(v, out->table, out->id, out->seq, out->key);
    }
    return TQ_OK;
}

static void index_found(verify *v, const index_row *row, const char *detail)
{
    verify_found(v, "index_differs", "log_row", row->id, row->seq,
                 row->table >= 0 ? audited_table_of(row->table)->name : "", detail);
}

/* Once the sums differ: marks what the table has, and names the first rows of it that no event makes. */
static tq_code index_strangers(verify *v, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    index_row row;
    bool more = true;
    TQ_TRY(store_query(v->tx, STMT_LOG_ROW_ALL, NO_ARGS, &r, err));
    for (;;) {
        TQ_TRY(index_next(v, &r, &row, &more, err));
        if (!more) {
            return TQ_OK;
        }
        int64_t *expected = cell_sum(v->indexes, row.key[0], false);
        if (expected == NULL) {
            index_found(v, &row, "no event speaks of the row");
        } else {
            *expected = SUM_SEEN;
        }
    }
}

static tq_code index_expect(verify *v, const event_record *r, tq_err *err)
{
    event e = {0};
    (void)err;
    arena_reset(v->a);
    if (event_read(r->body, v->a, &e, NULL) != TQ_OK) {
        return TQ_OK;
    }
    for (int i = 0; i < e.n_rows; i++) {
        const event_row *row = &e.rows[i];
        index_row known = {row->table, row->id, r->seq, {0}};
        if (!index_has(v, r, row)) {
            continue;
        }
        index_key(v, known.table, known.id, known.seq, known.key);
        int64_t *seen = cell_sum(v->indexes, known.key[0], true);
        if (seen != NULL && v->index_told && *seen != SUM_SEEN) {
            index_found(v, &known, "the row is missing");
        } else if (seen != NULL && !v->index_told) {
            *seen = 1;
        }
    }
    return TQ_OK;
}

static tq_code index_explain(verify *v, tq_err *err)
{
    TQ_CLEANUP(cell_sums_cleanup) cell_sums *expected = cell_sums_new(VERIFY_BYTES_MAX);
    v->indexes = expected;
    v->index_told = false;
    TQ_TRY(verify_each_event(v, index_expect, err));
    TQ_TRY(index_strangers(v, err));
    v->index_told = true;
    return verify_each_event(v, index_expect, err);
}

static tq_code index_held(verify *v, tq_err *err)
{
    index_row row;
    sum128 sum = {0};
    if (v->indexed > v->last_seq) {
        verify_found(v, "index_differs", "log_done", 1, v->indexed, "seq",
                     "the log is not so long");
    }
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(v->tx, STMT_LOG_ROW_ALL, NO_ARGS, &r, err));
        for (bool more = true;;) {
            TQ_TRY(index_next(v, &r, &row, &more, err));
            if (!more) {
                break;
            }
            sum_add(&sum, (sum128){row.key[0], row.key[1]});
        }
    }
    return sum_eq(sum, v->index) ? TQ_OK : index_explain(v, err);
}

static tq_code points_held(verify *v, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("points", (size_t)256 * 1024 * 1024);
    int64_t count = 0;
    int64_t n = 0;
    TQ_TRY(store_int(v->tx, STMT_LOG_POINT_COUNT, NO_ARGS, 0, &count, err));
    int64_t *ids = ARENA_NEW(a, int64_t, (size_t)count + 1);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(v->tx, STMT_LOG_POINT_PAGE, ARGS(arg_int(INT64_MIN), arg_int(INT64_MAX)), &r,
                       err));
    for (bool more = true; n < count; n++) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        point_row p = {.id = row_int(&r)};
        p.at = row_int(&r);
        p.sha256 = row_text(&r);
        p.sm3 = row_text(&r);
        p.line = row_text(&r);
        ids[n] = p.id;
        TQ_TRY(point_held(v, &p, err));
    }
    rows_end(&r);
    points_there(v, v->indexed, n, ids);
    return TQ_OK;
}

tq_code verify_log_tables(verify *v, tq_err *err)
{
    TQ_TRY(nodes_beyond(v, err));
    TQ_TRY(points_held(v, err));
    return index_held(v, err);
}
