/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fuzz/canon_again.h"
#include "base/canon.h"

/* more than are compared in pairs */
#define MANY_KEYS                                                                                  \
    "{\"r\":1,\"q\":1,\"p\":1,\"o\":1,\"n\":1,\"m\":1,\"l\":1,\"k\":1,"                            \
    "\"j\":1,\"i\":1,\"h\":1,\"g\":1,\"\":1,\"e\":1,\"d\":1,\"c\":1,\"b\":1,\"a\":1}"
#define S(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static void test_write(void **state)
{
    (void)state;
    BUF_AUTO buf b = buf_max(4096);
    canon c = canon_to(&b);
    canon_open(&c);
    canon_kstr(&c, "name", STR("长\"\\/\b\t\n\f\r\x01\x1f\x7f"));
    canon_kint(&c, "least", INT64_MIN);
    canon_key(&c, "list");
    canon_list(&c);
    canon_bool(&c, true);
    canon_null(&c);
    canon_open(&c);
    canon_close(&c);
    canon_raw(&c, STR("[1,2]"));
    canon_list_end(&c);
    canon_key(&c, "empty");
    canon_list(&c);
    canon_list_end(&c);
    canon_close(&c);
    assert_true(buf_ok(&b));
    assert_int_equal(c.depth, 0);
    assert_string_equal(
        b.data, "{\"name\":\"长\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\","
                "\"least\":-9223372036854775808,\"list\":[true,null,{},[1,2]],\"empty\":[]}");
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "\"\"",
        "\"长兴\"",
        "\"\\u0000\\u001f\\n\"",
        "{\"b\":1,\"a\":[{\"c\":null},\"x\",[[]]],\"\":false}",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
        MANY_KEYS,
    };
    for (size_t i = 0; i < TQ_COUNT(texts); i++) {
        ARENA_AUTO arena *a = arena_new("test", 1 << 20);
        const canon_node *node = NULL;
        const str text = str_of(texts[i]);
        assert_int_equal(canon_read(text, a, &node, NULL), TQ_OK);
        assert_true(str_eq(node->raw, text));
        BUF_AUTO buf b = buf_max(4096);
        canon c = canon_to(&b);
        canon_again(&c, node);
        assert_string_equal(b.data, texts[i]);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct row {
        str text;
        const char *canon, *json; /* reasons; NULL: accepted */
    } rows[] = {
        {S(""), "json_form", "json_form"},
        {S(" 1"), "json_form", NULL},
        {S("1 "), "json_form", NULL},
        {S("{\"a\": 1}"), "json_form", NULL},
        {S("{\n}"), "json_form", NULL},
        {S("\xef\xbb\xbf{}"), "json_form", "json_form"},
        {S("{\0}"), "json_form", "json_form"},
        {S("{}x"), "json_form", "json_form"},
        {S("{}{}"), "json_form", "json_form"},
        {S("{"), "json_form", "json_form"},
        {S("{\"a\"}"), "json_form", "json_form"},
        {S("{\"a\":}"), "json_form", "json_form"},
        {S("{\"a\":1,}"), "json_form", "json_form"},
        {S("{,}"), "json_form", "json_form"},
        {S("{a:1}"), "json_form", "json_form"},
        {S("{'a':1}"), "json_form", "json_form"},
        {S("{/**/}"), "json_form", "json_form"},
        {S("[1,]"), "json_form", "json_form"},
        {S("[1 2]"), "json_form", "json_form"},
        {S("[1}"), "json_form", "json_form"},
        {S("True"), "json_form", "json_form"},
        {S("nul"), "json_form", "json_form"},
        {S("NaN"), "json_form", "json_form"},
        {S("-0"), "json_number", "json_number"},
        {S("-"), "json_number", "json_number"},
        {S("01"), "json_number", "json_number"},
        {S("1.0"), "json_number", "json_number"},
        {S("1e2"), "json_number", "json_number"},
        {S("1E400"), "json_number", "json_number"},
        {S("+1"), "json_form", "json_form"},
        {S(".5"), "json_form", "json_form"},
        {S("0x10"), "json_form", "json_form"},
        {S("9223372036854775808"), "json_number", "json_number"},
        {S("-9223372036854775809"), "json_number", "json_number"},
        {S("\"\\/\""), "json_form", NULL},
        {S("\"\\u0041\""), "json_form", NULL},
        {S("\"\\u000a\""), "json_form", NULL},
        {S("\"\\u001F\""), "json_form", NULL},
        {S("\"\\ud83d\\ude00\""), "json_form", NULL},
        {S("\"\\u0000\""), NULL, "json_form"},
        {S("\"\\ud83d\""), "json_form", "json_form"},
        {S("\"\\ud83dx\""), "json_form", "json_form"},
        {S("\"\\ude00\\ud83d\""), "json_form", "json_form"},
        {S("\"\\u12\""), "json_form", "json_form"},
        {S("\"\\x41\""), "json_form", "json_form"},
        {S("\"\n\""), "json_form", "json_form"},
        {S("\"\0\""), "json_form", "json_form"},
        {S("\"abc"), "json_form", "json_form"},
        {S("\"abc\\"), "json_form", "json_form"},
        {S("\"\xc0\xaf\""), "json_encoding", "json_encoding"},
        {S("\"\xed\xa0\xbd\xed\xb8\x80\""), "json_encoding", "json_encoding"},
        {S("\xff\xfe{\0}\0"), "json_encoding", "json_encoding"},
        {S("{\"a\":1,\"a\":2}"), "json_repeated_key", "json_repeated_key"},
        {S("{\"a\":1,\"\\u0061\":2}"), "json_form", "json_repeated_key"},
        {S("{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,"
           "\"k\":11,"
           "\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17,\"c\":18}"),
         "json_repeated_key", "json_repeated_key"},
        {S("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"), "json_depth", "json_depth"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        for (int json = 0; json < 2; json++) {
            ARENA_AUTO arena *a = arena_new("test", 1 << 20);
            const canon_node *node = NULL;
            tq_err err = {0};
            const tq_code code = json ? json_read(rows[i].text, a, &node, &err)
                                      : canon_read(rows[i].text, a, &node, &err);
            const char *reason = json ? rows[i].json : rows[i].canon;
            if ((code == TQ_OK) != (reason == NULL) ||
                (reason != NULL && (code != TQ_MALFORMED || strcmp(err.reason, reason) != 0)) ||
                (reason != NULL && node != NULL)) {
                fail_msg("row %zu (json %d): %s %s, not %s", i, json, tq_code_name(code),
                         err.reason, reason == NULL ? "accepted" : reason);
            }
        }
    }
}

static void test_json_text(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    const canon_node *node = NULL;
    tq_err err = {0};
    const str text = STR(" { \"na\\u006de\" : \"\\ud83d\\ude00\\/\\u957f\" ,\r\n\t\"n\" : -5 } ");
    assert_int_equal(json_read(text, a, &node, &err), TQ_OK);
    str name;
    int64_t n;
    assert_int_equal(canon_need_str(node, "name", &name, &err), TQ_OK);
    assert_true(str_eq(name, STR("\xf0\x9f\x98\x80/长")));
    assert_int_equal(canon_need_int(node, "n", &n, &err), TQ_OK);
    assert_int_equal(n, -5);
    assert_int_equal(canon_need_int(node, "name", &n, &err), TQ_MALFORMED);
    assert_string_equal(err.reason, "field_type");
    assert_string_equal(err.field, "name");
    assert_int_equal(canon_need_str(node, "none", &name, &err), TQ_MALFORMED);
    assert_string_equal(err.reason, "missing_field");
    assert_null(canon_get(node, "none"));
    assert_null(canon_get(canon_get(node, "n"), "none"));
    assert_int_equal(json_read(STR("{\n  \"a\": 1.5}"), a, &node, &err), TQ_MALFORMED);
    assert_string_equal(err.field, "line 2, column 9");
}

/* Hostile sizes end in an answer, not in the arena's abort. */
static void test_bounded(void **state)
{
    (void)state;
    const size_t len = 400000;
    char *text = test_malloc(len);
    for (size_t i = 0; i < len; i++) {
        text[i] = i % 2 == 0 ? (i == 0 ? '[' : ',') : '1';
    }
    text[len - 2] = '1';
    text[len - 1] = ']';
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    const canon_node *node = NULL;
    tq_err err = {0};
    assert_int_equal(json_read((str){text, len}, a, &node, &err), TQ_LIMIT);
    assert_string_equal(err.reason, "json_size");
    arena_reset(a);
    memset(text, '[', len);
    assert_int_equal(json_read((str){text, len}, a, &node, &err), TQ_MALFORMED);
    assert_string_equal(err.reason, "json_depth");
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),   cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_json_text),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
