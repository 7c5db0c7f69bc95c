/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/yaml_tree.h"

static void test_tree(void **state)
{
    (void)state;
    static const char text[] = "# a policy\n"
                               "name: 长兴县\n"
                               "share_bps: 5000\n"
                               "code: \"007\"\n"
                               "empty:\n"
                               "groups:\n"
                               "  - id: small\n"
                               "    cap: 30000.00\n"
                               "  - [a, b]\n"
                               "note: |\n"
                               "  two\n"
                               "  lines\n";
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    yaml_node *root = NULL;
    tq_err err = {0};
    assert_int_equal(yaml_read(str_of(text), "p.yaml", a, &root, &err), TQ_OK);
    assert_int_equal(root->type, YAML_MAP);
    assert_int_equal(root->count, 6);
    assert_true(str_eq(yaml_get(root, "name")->text, STR("长兴县")));
    const yaml_node *share = yaml_get(root, "share_bps");
    assert_true(str_eq(share->text, STR("5000")));
    assert_false(share->quoted);
    assert_int_equal(share->line, 3);
    assert_int_equal(share->column, 1);
    assert_true(yaml_get(root, "code")->quoted);
    assert_int_equal(yaml_get(root, "empty")->text.len, 0);
    const yaml_node *groups = yaml_get(root, "groups");
    assert_int_equal(groups->type, YAML_LIST);
    assert_int_equal(groups->count, 2);
    assert_int_equal(groups->kids->line, 7);
    assert_int_equal(groups->kids->column, 5);
    assert_true(str_eq(yaml_get(groups->kids, "cap")->text, STR("30000.00")));
    assert_true(str_eq(groups->kids->next->kids->next->text, STR("b")));
    assert_true(str_eq(yaml_get(root, "note")->text, STR("two\nlines\n")));
    assert_null(yaml_get(root, "none"));
    assert_null(yaml_get(share, "none"));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct row {
        const char *text, *reason, *field;
    } rows[] = {
        {"", "yaml_empty", "p.yaml:1:1"},
        {"# only a comment\n", "yaml_empty", "p.yaml:2:1"},
        {"a: &x 1\n", "yaml_anchor", "p.yaml:1:4"},
        {"a: *x\n", "yaml_anchor", "p.yaml:1:4"},
        {"&x a: 1\n", "yaml_anchor", "p.yaml:1:1"},
        {"a: !!int 1\n", "yaml_tag", "p.yaml:1:4"},
        {"a: !x [1]\n", "yaml_tag", "p.yaml:1:4"},
        {"%TAG ! tag:x,2000:\n---\na: 1\n", "yaml_tag", "p.yaml:1:1"},
        {"<<: {a: 1}\n", "yaml_merge", "p.yaml:1:1"},
        {"a: 1\n---\nb: 2\n", "yaml_second_document", "p.yaml:2:1"},
        {"a: 1\nb: 2\na: 3\n", "yaml_repeated_key", "p.yaml:3:1"},
        {"a: 1\n\"a\": 3\n", "yaml_repeated_key", "p.yaml:2:1"},
        {"? [x]\n: 1\n", "yaml_key", "p.yaml:1:3"},
        {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "yaml_depth", "p.yaml:1:17"},
        {"a: [1\n", "yaml_form", NULL},
        {"a:\n\t- 1\n", "yaml_form", NULL},
        {"a: b: c\n", "yaml_form", NULL},
        {"a: \x01\n", "yaml_form", NULL},
        {"a: \xff\n", "yaml_encoding", "p.yaml:1:1"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        ARENA_AUTO arena *a = arena_new("test", 1 << 20);
        yaml_node *root = NULL;
        tq_err err = {0};
        assert_int_equal(yaml_read(str_of(rows[i].text), "p.yaml", a, &root, &err), TQ_MALFORMED);
        assert_string_equal(err.reason, rows[i].reason);
        if (rows[i].field != NULL) {
            assert_string_equal(err.field, rows[i].field);
        }
        assert_null(root);
    }
}

static void test_bounded(void **state)
{
    (void)state;
    BUF_AUTO buf b = buf_max(1 << 20);
    for (int i = 0; i < YAML_NODES_MAX; i++) {
        buf_text(&b, "- 1\n");
    }
    tq_err err = {0};
    yaml_node *root = NULL;
    ARENA_AUTO arena *large = arena_new("large", 16 << 20);
    assert_int_equal(yaml_read(buf_view(&b), "p.yaml", large, &root, &err), TQ_LIMIT);
    assert_string_equal(err.reason, "yaml_size");
    ARENA_AUTO arena *small = arena_new("small", 8192);
    assert_int_equal(yaml_read(buf_view(&b), "p.yaml", small, &root, &err), TQ_LIMIT);
    b.len -= 4; /* one item less fits with its list */
    arena_reset(large);
    assert_int_equal(yaml_read(buf_view(&b), "p.yaml", large, &root, &err), TQ_OK);
    assert_int_equal(root->count, YAML_NODES_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
