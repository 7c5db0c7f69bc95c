/* SPDX-License-Identifier: Apache-2.0 */
/* Kept nodes and the copy of the checkpoints against the log. Neither is believed by anybody; a change of
 * them would only spoil proofs, but it is a change behind the program's back. */
#include "store/verify_inner.h"

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
    return store_int(v->tx, STMT_LOG_POINT_LAST, NO_ARGS, 0, &v->kept_to, err);
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

tq_code verify_log_tables(verify *v, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("points", (size_t)256 * 1024 * 1024);
    int64_t count = 0;
    int64_t n = 0;
    int64_t indexed = 0;
    TQ_TRY(nodes_beyond(v, err));
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
    TQ_TRY(store_int(v->tx, STMT_LOG_DONE_GET, NO_ARGS, 0, &indexed, err));
    points_there(v, indexed, n, ids);
    return TQ_OK;
}
