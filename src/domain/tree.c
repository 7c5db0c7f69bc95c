/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/tree.h"

#include "base/err.h"

static str bytes_of(const digest *d)
{
    return (str){(const char *)d->b, sizeof d->b};
}

digest tree_leaf(hash_kind kind, str body)
{
    const str parts[2] = {{"\0", 1}, body};
    return hash_parts(kind, parts, 2);
}

digest tree_node(hash_kind kind, digest left, digest right)
{
    const str parts[3] = {{"\1", 1}, bytes_of(&left), bytes_of(&right)};
    return hash_parts(kind, parts, 3);
}

tree tree_begin(hash_kind kind)
{
    return (tree){.kind = kind};
}

void tree_add(tree *t, digest leaf)
{
    TQ_ASSERT(t->count >= 0);
    TQ_ASSERT(t->count < INT64_MAX);
    int level = 0;
    for (int64_t n = t->count; (n & 1) != 0; n >>= 1) {
        leaf = tree_node(t->kind, t->peak[level], leaf);
        level++;
    }
    TQ_ASSERT(level < TREE_LEVELS_MAX);
    t->peak[level] = leaf;
    t->count++;
}

digest tree_root(const tree *t)
{
    TQ_ASSERT(t->count >= 0);
    if (t->count == 0) {
        return hash_of(t->kind, STR(""));
    }
    bool any = false;
    digest root = {0};
    for (int level = 0; level < TREE_LEVELS_MAX; level++) {
        if ((t->count >> level & 1) == 0) {
            continue;
        }
        root = any ? tree_node(t->kind, t->peak[level], root) : t->peak[level];
        any = true;
    }
    TQ_ASSERT(any);
    return root;
}

/* Largest power of two below n: where RFC 9162 splits a tree of n > 1 leaves. */
static int64_t split_of(int64_t n)
{
    TQ_ASSERT(n > 1);
    int64_t k = 1;
    while (k < n - k) {
        k *= 2;
    }
    TQ_ASSERT(k < n);
    return k;
}

digest tree_root_of(hash_kind kind, const digest *leaves, int64_t n)
{
    TQ_ASSERT(n >= 0);
    TQ_ASSERT(n == 0 || leaves != NULL);
    tree t = tree_begin(kind);
    for (int64_t i = 0; i < n; i++) {
        tree_add(&t, leaves[i]);
    }
    TQ_ASSERT(t.count == n);
    return tree_root(&t);
}

static void plan_add(tree_plan *p, int64_t first, int64_t n)
{
    TQ_ASSERT(p->n >= 0);
    TQ_ASSERT(p->n < TREE_PROOF_MAX);
    TQ_ASSERT(n > 0);
    p->range[p->n++] = (tree_range){first, n};
}

/* The proof goes from the leaf up, the walk from the root down. */
static void plan_turn(tree_plan *p)
{
    TQ_ASSERT(p->n <= TREE_PROOF_MAX);
    for (int i = 0; i < p->n / 2; i++) {
        const tree_range kept = p->range[i];
        p->range[i] = p->range[p->n - 1 - i];
        p->range[p->n - 1 - i] = kept;
    }
}

void tree_inclusion_plan(int64_t n, int64_t index, tree_plan *out)
{
    TQ_ASSERT(index >= 0);
    TQ_ASSERT(index < n);
    int64_t first = 0; /* of the subtree in which the leaf lies */
    *out = (tree_plan){0};
    while (n > 1) {
        const int64_t k = split_of(n);
        if (index - first < k) {
            plan_add(out, first + k, n - k);
            n = k;
        } else {
            plan_add(out, first, k);
            first += k;
            n -= k;
        }
    }
    TQ_ASSERT(index == first);
    plan_turn(out);
}

void tree_consistency_plan(int64_t m, int64_t n, tree_plan *out)
{
    TQ_ASSERT(m > 0);
    TQ_ASSERT(m <= n);
    int64_t first = 0;
    bool whole = true; /* the subtree of m is the old tree itself, whose root is known */
    *out = (tree_plan){0};
    while (m < n) {
        const int64_t k = split_of(n);
        if (m <= k) {
            plan_add(out, first + k, n - k);
            n = k;
        } else {
            plan_add(out, first, k);
            first += k;
            m -= k;
            n -= k;
            whole = false;
        }
    }
    TQ_ASSERT(m == n);
    if (!whole) {
        plan_add(out, first, m);
    }
    plan_turn(out);
}

static void proof_by_plan(hash_kind kind, const digest *leaves, const tree_plan *plan,
                          tree_proof *out)
{
    TQ_ASSERT(leaves != NULL);
    out->n = plan->n;
    for (int i = 0; i < plan->n; i++) {
        out->node[i] = tree_root_of(kind, leaves + plan->range[i].first, plan->range[i].n);
    }
}

void tree_inclusion(hash_kind kind, const digest *leaves, int64_t n, int64_t index, tree_proof *out)
{
    tree_plan plan;
    tree_inclusion_plan(n, index, &plan);
    proof_by_plan(kind, leaves, &plan, out);
}

void tree_consistency(hash_kind kind, const digest *leaves, int64_t m, int64_t n, tree_proof *out)
{
    tree_plan plan;
    tree_consistency_plan(m, n, &plan);
    proof_by_plan(kind, leaves, &plan, out);
}

static bool proof_sane(const tree_proof *p)
{
    return p->n >= 0 && p->n <= TREE_PROOF_MAX;
}

/* RFC 9162 §2.1.3.2. */
bool tree_inclusion_ok(hash_kind kind, digest leaf, int64_t index, int64_t n,
                       const tree_proof *proof, digest root)
{
    TQ_ASSERT(proof != NULL);
    if (index < 0 || index >= n || !proof_sane(proof)) {
        return false;
    }
    int64_t fn = index;
    int64_t sn = n - 1;
    digest r = leaf;
    for (int i = 0; i < proof->n; i++) {
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            r = tree_node(kind, proof->node[i], r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = tree_node(kind, r, proof->node[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && digest_eq(r, root);
}

/* RFC 9162 §2.1.4.2. */
bool tree_consistency_ok(hash_kind kind, int64_t m, digest root_m, int64_t n, digest root_n,
                         const tree_proof *proof)
{
    TQ_ASSERT(proof != NULL);
    if (m <= 0 || m > n || !proof_sane(proof)) {
        return false;
    }
    if (m == n) {
        return proof->n == 0 && digest_eq(root_m, root_n);
    }
    const bool power = (m & (m - 1)) == 0;
    if (proof->n == 0) {
        return false;
    }
    int64_t fn = m - 1;
    int64_t sn = n - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    digest fr = power ? root_m : proof->node[0];
    digest sr = fr;
    for (int i = power ? 0 : 1; i < proof->n; i++) {
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            fr = tree_node(kind, proof->node[i], fr);
            sr = tree_node(kind, proof->node[i], sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = tree_node(kind, sr, proof->node[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && digest_eq(fr, root_m) && digest_eq(sr, root_n);
}
