/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOG_NODE_H
#define TQ_LOG_NODE_H

/* Proofs over the log in the database, without reading all of its leaves: the roots of full subtrees of
 * 2^8, 2^16, 2^24 leaves are kept in log_node, so that the root of any subtree is made of at most 255
 * digests of each height. They are derived: log_node_grow makes what is missing, a proof over a part
 * that has none reads the leaves, and verify holds them to the log.
 *
 * The arrays are indexed by hash_kind: both trees have the same shape. */

#include "domain/tree.h"
#include "store/store.h"

#define LOG_NODE_STEP 8 /* heights between kept levels */
#define LOG_NODE_TOP 24

/* Keeps the nodes over the first `count` events. No transaction of this thread is open. */
TQ_MUST_CHECK tq_code log_node_grow(store *s, int64_t count, tq_err *err);

/* Roots of the tree of the first `size` events, 0 < size <= events; CORRUPT/event_gap where some miss. */
TQ_MUST_CHECK tq_code log_roots(store_tx *tx, int64_t size, digest out[2], tq_err *err);
/* That event `seq` (from 1) is among the first `size`. 1 <= seq <= size. */
TQ_MUST_CHECK tq_code log_inclusion(store_tx *tx, int64_t seq, int64_t size, tree_proof out[2],
                                    tq_err *err);
/* That the first `m` events are the beginning of the first `n`. 0 < m <= n. */
TQ_MUST_CHECK tq_code log_consistency(store_tx *tx, int64_t m, int64_t n, tree_proof out[2],
                                      tq_err *err);

#endif
