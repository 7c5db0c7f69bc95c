/* SPDX-License-Identifier: Apache-2.0 */
#include "store/log_node.h"

#define FANOUT ((int64_t)1 << LOG_NODE_STEP)
#define GROW_NODES 32 /* of one transaction: writers wait no longer than for a long use case */

typedef struct both {
    tree t[2];
} both;

static both both_begin(void)
{
    return (both){{tree_begin(HASH_SHA256), tree_begin(HASH_SM3)}};
}

static void both_roots(const both *b, digest out[2])
{
    out[HASH_SHA256] = tree_root(&b->t[HASH_SHA256]);
    out[HASH_SM3] = tree_root(&b->t[HASH_SM3]);
}

static bool digest_of_blob(str b, digest *out)
{
    if (b.len != sizeof out->b) {
        return false;
    }
    memcpy(out->b, b.data, sizeof out->b);
    return true;
}

static tq_code gap(tq_err *err, int64_t seq)
{
    return tq_fail(err, TQ_CORRUPT, "event_gap", "event", "the log is not whole at number %lld",
                   (long long)seq);
}

/* Adds what stands at `height` from number `first` on, `n` at most, as long as nothing is missing between. */
static tq_code row_run(store_tx *tx, int height, int64_t first, int64_t n, both *to, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    if (height == 0) {
        TQ_TRY(store_query(tx, STMT_EVENT_LEAVES, ARGS(arg_int(first), arg_int(n)), &r, err));
    } else {
        TQ_TRY(store_query(tx, STMT_LOG_NODE_PAGE,
                           ARGS(arg_int(height), arg_int(first), arg_int(n)), &r, err));
    }
    for (int64_t at = first;; at++) {
        bool more = false;
        digest d[2] = {0};
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const int64_t number = row_int(&r) - (height == 0); /* events count from 1 */
        if (number != at) {
            return TQ_OK;
        }
        const bool sane = digest_of_blob(row_blob(&r), &d[HASH_SHA256]) &&
                          digest_of_blob(row_blob(&r), &d[HASH_SM3]);
        if (!sane) {
            return gap(err, at + 1);
        }
        tree_add(&to->t[HASH_SHA256], d[HASH_SHA256]);
        tree_add(&to->t[HASH_SM3], d[HASH_SM3]);
    }
}

/* The root over `n` (a power of two, FANOUT at most) nodes of `height` from number `first` on. Nodes that
 * are not kept yet are made of the height below: at most three steps down. */
static tq_code level_roots(store_tx *tx, int height, int64_t first, int64_t n, digest out[2],
                           tq_err *err)
{
    TQ_ASSERT(n > 0);
    TQ_ASSERT(height >= 0);
    both b = both_begin();
    TQ_TRY(row_run(tx, height, first, n, &b, err));
    if (height == 0 && b.t[0].count < n) {
        return gap(err, first + b.t[0].count + 1);
    }
    while (b.t[0].count < n) {
        digest d[2];
        TQ_TRY(level_roots(tx, height - LOG_NODE_STEP, (first + b.t[0].count) * FANOUT, FANOUT, d,
                           err));
        tree_add(&b.t[HASH_SHA256], d[HASH_SHA256]);
        tree_add(&b.t[HASH_SM3], d[HASH_SM3]);
    }
    both_roots(&b, out);
    return TQ_OK;
}

/* A full subtree of 2^height leaves that begins at `first`. */
static tq_code full_roots(store_tx *tx, int height, int64_t first, digest out[2], tq_err *err)
{
    TQ_ASSERT((first & (((int64_t)1 << height) - 1)) == 0);
    int kept = height - height % LOG_NODE_STEP;
    kept = kept > LOG_NODE_TOP ? LOG_NODE_TOP : kept;
    return level_roots(tx, kept, first >> kept, (int64_t)1 << (height - kept), out, err);
}

/* A subtree of the whole tree: the full subtrees of the bits of its size, joined from the right. */
static tq_code range_roots(store_tx *tx, tree_range range, digest out[2], tq_err *err)
{
    TQ_ASSERT(range.n > 0);
    bool any = false;
    int64_t end = range.first + range.n;
    for (int height = 0; height < TREE_LEVELS_MAX; height++) {
        digest left[2];
        if ((range.n >> height & 1) == 0) {
            continue;
        }
        end -= (int64_t)1 << height;
        TQ_TRY(full_roots(tx, height, end, left, err));
        for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
            out[k] = any ? tree_node((hash_kind)k, left[k], out[k]) : left[k];
        }
        any = true;
    }
    TQ_ASSERT(end == range.first);
    return TQ_OK;
}

tq_code log_roots(store_tx *tx, int64_t size, digest out[2], tq_err *err)
{
    TQ_ASSERT(size > 0);
    return range_roots(tx, (tree_range){0, size}, out, err);
}

static tq_code proof_by_plan(store_tx *tx, const tree_plan *plan, tree_proof out[2], tq_err *err)
{
    out[HASH_SHA256].n = plan->n;
    out[HASH_SM3].n = plan->n;
    for (int i = 0; i < plan->n; i++) {
        digest d[2];
        TQ_TRY(range_roots(tx, plan->range[i], d, err));
        out[HASH_SHA256].node[i] = d[HASH_SHA256];
        out[HASH_SM3].node[i] = d[HASH_SM3];
    }
    return TQ_OK;
}

tq_code log_inclusion(store_tx *tx, int64_t seq, int64_t size, tree_proof out[2], tq_err *err)
{
    tree_plan plan;
    TQ_ASSERT(seq >= 1);
    tree_inclusion_plan(size, seq - 1, &plan);
    return proof_by_plan(tx, &plan, out, err);
}

tq_code log_consistency(store_tx *tx, int64_t m, int64_t n, tree_proof out[2], tq_err *err)
{
    tree_plan plan;
    tree_consistency_plan(m, n, &plan);
    return proof_by_plan(tx, &plan, out, err);
}

/* --- keeping ------------------------------------------------------------------------------------- */

static tq_code grow_some(store *s, int height, int64_t end, bool *more, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t next = 0;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(store_int(tx, STMT_LOG_NODE_NEXT, ARGS(arg_int(height)), 0, &next, err));
    const int64_t stop = end - next > GROW_NODES ? next + GROW_NODES : end;
    for (; next < stop; next++) {
        digest d[2];
        TQ_TRY(level_roots(tx, height - LOG_NODE_STEP, next * FANOUT, FANOUT, d, err));
        TQ_TRY(store_run(tx, STMT_LOG_NODE_PUT,
                         ARGS(arg_int(height), arg_int(next),
                              arg_blob(d[HASH_SHA256].b, sizeof d[0].b),
                              arg_blob(d[HASH_SM3].b, sizeof d[0].b)),
                         NULL, err));
    }
    *more = stop < end;
    return store_commit(&tx, err);
}

/* Asked in a snapshot first: most checkpoints complete no subtree, and then no writer waits. */
static tq_code grown(store *s, int height, int64_t end, bool *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t next = 0;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    TQ_TRY(store_int(tx, STMT_LOG_NODE_NEXT, ARGS(arg_int(height)), 0, &next, err));
    *out = next >= end;
    return TQ_OK;
}

tq_code log_node_grow(store *s, int64_t count, tq_err *err)
{
    TQ_ASSERT(count >= 0);
    for (int height = LOG_NODE_STEP; height <= LOG_NODE_TOP; height += LOG_NODE_STEP) {
        bool done = false;
        TQ_TRY(grown(s, height, count >> height, &done, err));
        for (bool more = !done; more;) {
            TQ_TRY(grow_some(s, height, count >> height, &more, err));
        }
    }
    return store_flush(s, err);
}
