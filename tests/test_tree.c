/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree: roots of the eight leaves that RFC 6962's reference code tests with, frontier
 * against the recursive definition, and proofs that hold exactly for what they prove. */
#include "domain/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { LEAVES = 130 };

static const struct {
    const char *body;
    size_t len;
    const char *root; /* of the tree that ends with this leaf */
} reference[8] = {
    {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static void reference_roots(void **state)
{
    (void)state;
    tree t = tree_begin(HASH_SHA256);
    char hex[65];
    digest_hex(tree_root(&t), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (int i = 0; i < 8; i++) {
        tree_add(&t, tree_leaf(HASH_SHA256, (str){reference[i].body, reference[i].len}));
        digest_hex(tree_root(&t), hex);
        assert_string_equal(hex, reference[i].root);
    }
}

static void fill(hash_kind kind, digest *leaves)
{
    for (int i = 0; i < LEAVES; i++) {
        char body[32];
        const int len = snprintf(body, sizeof body, "{\"event\":%d}", i);
        leaves[i] = tree_leaf(kind, (str){body, (size_t)len});
    }
}

/* RFC 9162 §2.1.1 word for word, with which the frontier is compared. */
static digest by_definition(hash_kind kind, const digest *leaves, int n)
{
    if (n == 0) {
        return hash_of(kind, STR(""));
    }
    if (n == 1) {
        return leaves[0];
    }
    int k = 1;
    while (k * 2 < n) {
        k *= 2;
    }
    const digest left = by_definition(kind, leaves, k);
    const digest right = by_definition(kind, leaves + k, n - k);
    const str parts[3] = {{"\1", 1}, {(const char *)left.b, 32}, {(const char *)right.b, 32}};
    return hash_parts(kind, parts, 3);
}

static void frontier_is_the_definition(void **state)
{
    (void)state;
    for (int kind = HASH_SHA256; kind <= HASH_SM3; kind++) {
        digest leaves[LEAVES];
        fill((hash_kind)kind, leaves);
        tree t = tree_begin((hash_kind)kind);
        for (int n = 0; n <= LEAVES; n++) {
            assert_true(digest_eq(tree_root(&t), by_definition((hash_kind)kind, leaves, n)));
            if (n < LEAVES) {
                tree_add(&t, leaves[n]);
            }
        }
    }
}

static void inclusion_holds_for_its_leaf_only(void **state)
{
    (void)state;
    for (int kind = HASH_SHA256; kind <= HASH_SM3; kind++) {
        const hash_kind h = (hash_kind)kind;
        digest leaves[LEAVES];
        fill(h, leaves);
        for (int n = 1; n <= LEAVES; n += n < 20 ? 1 : 13) {
            const digest root = tree_root_of(h, leaves, n);
            for (int i = 0; i < n; i++) {
                tree_proof p;
                tree_inclusion(h, leaves, n, i, &p);
                assert_true(tree_inclusion_ok(h, leaves[i], i, n, &p, root));
                assert_false(tree_inclusion_ok(h, leaves[(i + 1) % LEAVES], i, n, &p, root));
                assert_false(tree_inclusion_ok(h, leaves[i], n, n, &p, root));
                if (n > 1) {
                    assert_false(tree_inclusion_ok(h, leaves[i], (i + 1) % n, n, &p, root));
                    p.node[0].b[5] ^= 1;
                    assert_false(tree_inclusion_ok(h, leaves[i], i, n, &p, root));
                    p.node[0].b[5] ^= 1;
                    p.n--;
                    assert_false(tree_inclusion_ok(h, leaves[i], i, n, &p, root));
                }
            }
        }
    }
}

static void consistency_holds_for_prefixes_only(void **state)
{
    (void)state;
    for (int kind = HASH_SHA256; kind <= HASH_SM3; kind++) {
        const hash_kind h = (hash_kind)kind;
        digest leaves[LEAVES];
        digest other[LEAVES];
        fill(h, leaves);
        fill(h, other);
        other[0].b[0] ^= 1;
        for (int n = 1; n <= LEAVES; n += n < 20 ? 1 : 17) {
            const digest root = tree_root_of(h, leaves, n);
            for (int m = 1; m <= n; m++) {
                tree_proof p;
                tree_consistency(h, leaves, m, n, &p);
                const digest old = tree_root_of(h, leaves, m);
                assert_true(tree_consistency_ok(h, m, old, n, root, &p));
                assert_false(tree_consistency_ok(h, m, tree_root_of(h, other, m), n, root, &p));
                assert_false(tree_consistency_ok(h, m, old, n, tree_root_of(h, other, n), &p));
                if (p.n > 0) {
                    p.node[p.n - 1].b[31] ^= 0x80;
                    assert_false(tree_consistency_ok(h, m, old, n, root, &p));
                    p.n = 0;
                    assert_false(tree_consistency_ok(h, m, old, n, root, &p));
                }
            }
        }
    }
}

static void strangers_proofs_do_no_harm(void **state)
{
    (void)state;
    tree_proof p = {.n = TREE_PROOF_MAX};
    const digest d = {0};
    static const int64_t odd[] = {INT64_MIN, -1, 0, 1, 2, INT64_MAX - 1, INT64_MAX};
    static const int sizes[] = {-1, 0, 1, TREE_PROOF_MAX, TREE_PROOF_MAX + 1};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        for (size_t j = 0; j < sizeof odd / sizeof odd[0]; j++) {
            for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
                p.n = sizes[k];
                const bool same = odd[i] == odd[j] && odd[i] > 0 && p.n == 0;
                assert_int_equal(tree_consistency_ok(HASH_SHA256, odd[i], d, odd[j], d, &p), same);
                const bool lone = odd[i] == 0 && odd[j] == 1 && p.n == 0;
                assert_int_equal(tree_inclusion_ok(HASH_SHA256, d, odd[i], odd[j], &p, d), lone);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_roots),
        cmocka_unit_test(frontier_is_the_definition),
        cmocka_unit_test(inclusion_holds_for_its_leaf_only),
        cmocka_unit_test(consistency_holds_for_prefixes_only),
        cmocka_unit_test(strangers_proofs_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
