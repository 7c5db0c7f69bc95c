/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TREE_H
#define TQ_TREE_H

/* The Merkle tree over the leaves of the event log (RFC 9162 §2.1), for SHA-256 and SM3 alike.
 *
 * A leaf is H(0x00 || body) and comes ready made; a node is H(0x01 || left || right); the root of no
 * leaves is H(""). A tree that only grows is held as its frontier: the roots of its full subtrees, one
 * for each bit of the count, so that the root of any size is known while leaves pass by once.
 * A proof is a list of roots of ranges of leaves; which ranges is a matter of arithmetic (tree_*_plan), so
 * that whoever holds the leaves (an array, as a published log gives it) and whoever keeps inner nodes
 * (store/log_node.h) make the same proof. */

#include "base/hash.h"
#include <stdint.h>

#define TREE_LEVELS_MAX 63
#define TREE_PROOF_MAX 64

typedef struct tree {
    hash_kind kind;
    int64_t count;
    digest peak
        [TREE_LEVELS_MAX]; /* peak[i] stands where bit i of count does: a subtree of 2^i leaves */
} tree;

digest tree_leaf(hash_kind kind, str body);
tree tree_begin(hash_kind kind);
void tree_add(tree *t, digest leaf);
digest tree_root(const tree *t);

typedef struct tree_proof {
    int n;
    digest node[TREE_PROOF_MAX];
} tree_proof;

/* Leaves [first, first + n), n > 0: where a plan names one, a range that is a subtree of the whole. */
typedef struct tree_range {
    int64_t first, n;
} tree_range;

typedef struct tree_plan {
    int n;
    tree_range range[TREE_PROOF_MAX]; /* in the order of the proof: from the leaf up */
} tree_plan;

/* RFC 9162 §2.1.3.1 and §2.1.4.1. 0 <= index < n; 0 < m <= n. */
void tree_inclusion_plan(int64_t n, int64_t index, tree_plan *out);
void tree_consistency_plan(int64_t m, int64_t n, tree_plan *out);

digest tree_node(hash_kind kind, digest left, digest right);
digest tree_root_of(hash_kind kind, const digest *leaves, int64_t n);
/* That leaf `index` (from 0) is in the tree of n leaves. 0 <= index < n. */
void tree_inclusion(hash_kind kind, const digest *leaves, int64_t n, int64_t index,
                    tree_proof *out);
/* That the tree of m leaves is a prefix of the tree of n. 0 < m <= n. */
void tree_consistency(hash_kind kind, const digest *leaves, int64_t m, int64_t n, tree_proof *out);

/* Both take proofs from strangers: any values are allowed, nonsense is false. */
bool tree_inclusion_ok(hash_kind kind, digest leaf, int64_t index, int64_t n,
                       const tree_proof *proof, digest root);
bool tree_consistency_ok(hash_kind kind, int64_t m, digest root_m, int64_t n, digest root_n,
                         const tree_proof *proof);

#endif
