/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/csv.h"

#define S(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const char *const columns[] = {"name", "amount", NULL};

static void test_read(void **state)
{
    (void)state;
    static const struct row {
        str text;
        const char *cells[6]; /* name, amount of up to three rows */
    } rows[] = {
        {S("name,amount\n"), {NULL}},
        {S("name,amount"), {NULL}},
        {S("name,amount\r\na,1\r\nb,2\r\n"), {"a", "1", "b", "2"}},
        {S("\xef\xbb\xbfname,amount\na,1"), {"a", "1"}},
        {S("amount,name\n1,a\n"), {"a", "1"}},
        {S("\"name\",\"amount\"\n\"a \"\"b\"\", c\",\n"), {"a \"b\", c", ""}},
        {S("name,amount\n\"two\nlines\",1\nb,2\n"), {"two\nlines", "1", "b", "2"}},
        {S("name,amount\n\"\",\"\"\n"), {"", ""}},
        {S("name,amount\n\"\"\"\",\"\"\"\"\"\"\n"), {"\"", "\"\""}},
        {S("name,amount\n=1+1,长兴\n"), {"=1+1", "长兴"}},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        ARENA_AUTO arena *a = arena_new("test", 1 << 20);
        csv c;
        tq_err err = {0};
        assert_int_equal(csv_open(rows[i].text, columns, a, &c, &err), TQ_OK);
        str cells[2];
        bool more = true;
        for (size_t k = 0;; k += 2) {
            assert_int_equal(csv_row(&c, cells, &more, &err), TQ_OK);
            if (!more) {
                assert_null(rows[i].cells[k]);
                break;
            }
            assert_non_null(rows[i].cells[k]);
            assert_true(str_eq(cells[0], str_of(rows[i].cells[k])));
            assert_true(str_eq(cells[1], str_of(rows[i].cells[k + 1])));
        }
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct row {
        str text;
        const char *reason, *field;
    } rows[] = {
        {S(""), "csv_column_unknown", "line 1, column 1"},
        {S("name\n"), "csv_column_missing", "amount"},
        {S("name,amount,\n"), "csv_column_unknown", "line 1, column 3"},
        {S("name,amount,extra\n"), "csv_column_unknown", "line 1, column extra"},
        {S("name,amount,name\n"), "csv_column_repeated", "line 1, column name"},
        {S("Name,amount\n"), "csv_column_missing", "name"},
        {S("name,amount\na\n"), "csv_cells", "line 2"},
        {S("name,amount\na,1,2\n"), "csv_cells", "line 2"},
        {S("name,amount\na,1\n\nb,2\n"), "csv_cells", "line 3"},
        {S("name,amount\na,\"1\n"), "csv_quote", "line 2, column amount"},
        {S("name,amount\na,1\"\n"), "csv_quote", "line 2, column amount"},
        {S("name,amount\n\"x\ny\",1\nb,\"1\"x\n"), "csv_form", "line 4, column amount"},
        {S("name,amount\na\rb,1\n"), "csv_form", "line 2, column name"},
        {S("name,amount\na\0b,1\n"), "csv_nul", "line 2, column name"},
        {S("name,amount\n\xff,1\n"), "charset", ""},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        ARENA_AUTO arena *a = arena_new("test", 1 << 20);
        csv c;
        tq_err err = {0};
        tq_code code = csv_open(rows[i].text, columns, a, &c, &err);
        str cells[2];
        bool more = true;
        while (code == TQ_OK && more) {
            code = csv_row(&c, cells, &more, &err);
        }
        assert_int_equal(code, TQ_MALFORMED);
        assert_string_equal(err.reason, rows[i].reason);
        assert_string_equal(err.field, rows[i].field);
    }
    static char long_cell[CSV_CELL_MAX + 64] = "name,amount\n1,";
    memset(long_cell + 14, 'x', CSV_CELL_MAX + 1);
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    csv c;
    str cells[2];
    bool more;
    tq_err err = {0};
    assert_int_equal(csv_open(str_of(long_cell), columns, a, &c, &err), TQ_OK);
    assert_int_equal(csv_row(&c, cells, &more, &err), TQ_LIMIT);
    assert_string_equal(err.reason, "csv_cell_size");
}

static void test_write(void **state)
{
    (void)state;
    static const struct row {
        const char *cell, *text;
    } rows[] = {
        {"", ""},
        {"abc", "abc"},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"a\nb", "\"a\nb\""},
        {"=1+1", "'=1+1"},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"-1+2", "'-1+2"},
        {"\tx", "'\tx"},
        {"\rx", "\"'\rx\""},
        {"＝1+1", "'＝1+1"},
        {"－x", "'－x"},
        {"＋1", "'＋1"},
        {"＠x", "'＠x"},
        {"-5.00", "-5.00"},
        {"+86", "+86"},
        {"-", "'-"},
        {"-5.", "'-5."},
        {"-5.0.0", "'-5.0.0"},
        {"30000.00", "30000.00"},
        {"a=b", "a=b"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf b = buf_max(256);
        csv_cell(&b, str_of(rows[i].cell), true);
        csv_cell(&b, STR("z"), false);
        csv_end_row(&b);
        BUF_AUTO buf wanted = buf_max(256);
        buf_printf(&wanted, "%s,z\r\n", rows[i].text);
        assert_string_equal(b.data, wanted.data);
    }
}

static void test_charsets(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", 4 << 20);
    tq_err err = {0};
    str out;
    BUF_AUTO buf gb = buf_max(1 << 20);
    assert_int_equal(csv_encode(STR("长兴,\xf0\x9f\x98\x80"), CSV_GB18030, &gb, &err), TQ_OK);
    assert_true(str_eq(buf_view(&gb), STR("\xb3\xa4\xd0\xcb,\x94\x39\xfc\x36")));
    assert_int_equal(csv_decode(buf_view(&gb), a, &out, &err), TQ_OK);
    assert_true(str_eq(out, STR("长兴,\xf0\x9f\x98\x80")));

    BUF_AUTO buf utf8 = buf_max(64);
    assert_int_equal(csv_encode(STR("长"), CSV_UTF8_BOM, &utf8, &err), TQ_OK);
    assert_true(str_eq(buf_view(&utf8), STR("\xef\xbb\xbf长")));
    assert_int_equal(csv_decode(buf_view(&utf8), a, &out, &err), TQ_OK);
    assert_true(str_eq(out, STR("长")));
    assert_int_equal(csv_decode(STR("\xff\xfe"
                                    "a\0"),
                                a, &out, &err),
                     TQ_MALFORMED);
    assert_string_equal(err.reason, "charset");
    assert_int_equal(csv_decode(STR("ab\xb3"), a, &out, &err), TQ_MALFORMED);
    assert_string_equal(err.field, "byte 3");
    assert_int_equal(csv_decode(STR(""), a, &out, &err), TQ_OK);
    assert_int_equal(out.len, 0);

    /* Longer than any inner stretch, with every alignment of a character on its border. */
    for (size_t lead = 0; lead < 4; lead++) {
        BUF_AUTO buf text = buf_max(1 << 20);
        buf_add(&text, "abcd", lead);
        for (int i = 0; i < 5000; i++) {
            buf_text(&text, i % 7 == 0 ? "\xf0\xa0\x80\x80" : "兴");
        }
        buf_clear(&gb);
        assert_int_equal(csv_encode(buf_view(&text), CSV_GB18030, &gb, &err), TQ_OK);
        assert_int_equal(csv_decode(buf_view(&gb), a, &out, &err), TQ_OK);
        assert_true(str_eq(out, buf_view(&text)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_charsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
