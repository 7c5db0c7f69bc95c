/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ids.h"

/* Registered firms' codes. */
static const char *const real_codes[] = {"91320114580471246H", "91320192MA1P4L7A79",
                                         "913302127995019136", "91330203MA2H7WU45J",
                                         "91210112MA10499C0F"};

static void test_credit_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(real_codes); i++) {
        credit_code c;
        assert_int_equal(credit_code_parse(str_of(real_codes[i]), &c, NULL), TQ_OK);
        assert_string_equal(c.text, real_codes[i]);
        BUF_AUTO buf loose = buf_max(64);
        buf_text(&loose, "  ");
        for (const char *p = real_codes[i]; *p != '\0'; p++) {
            buf_char(&loose, (char)(*p >= 'A' ? *p + 32 : *p));
        }
        buf_char(&loose, '\n');
        assert_int_equal(credit_code_parse(buf_view(&loose), &c, NULL), TQ_OK);
        assert_string_equal(c.text, real_codes[i]);
    }
}

/* Each change of one character is found: 3 is a primitive root of 31. */
static void test_credit_code_typing_errors(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ-";
    for (size_t i = 0; i < TQ_COUNT(real_codes); i++) {
        for (size_t at = 0; at < 18; at++) {
            for (const char *p = alphabet; *p != '\0'; p++) {
                char text[19];
                memcpy(text, real_codes[i], sizeof text);
                if (text[at] == *p) {
                    continue;
                }
                text[at] = *p;
                credit_code c;
                tq_err err = {0};
                assert_int_equal(credit_code_parse(str_of(text), &c, &err), TQ_INVALID);
                assert_string_equal(err.reason, "credit_code");
                assert_null(strstr(err.detail, text));
            }
        }
    }
    static const char *const bad[] = {"", "91320114580471246", "91320114580471246HH",
                                      "９1320114580471246H", "91320114 580471246H"};
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        credit_code c;
        assert_int_equal(credit_code_parse(str_of(bad[i]), &c, NULL), TQ_INVALID);
    }
}

static void test_credit_code_make(void **state)
{
    (void)state;
    char last[19] = "";
    static const uint32_t serials[] = {0, 1, 2, 30, 31, 1000, 1000000, UINT32_MAX - 1, UINT32_MAX};
    for (size_t i = 0; i < TQ_COUNT(serials); i++) {
        const credit_code made = credit_code_make("91", "330522", serials[i]);
        credit_code c;
        assert_int_equal(credit_code_parse(str_of(made.text), &c, NULL), TQ_OK);
        assert_string_equal(c.text, made.text);
        assert_memory_equal(made.text, "91330522", 8);
        assert_string_not_equal(made.text, last);
        memcpy(last, made.text, sizeof last);
    }
    /* all check characters of the body code come up, X among them */
    bool seen_x = false;
    for (uint32_t i = 0; i < 100; i++) {
        seen_x = seen_x || credit_code_make("93", "330522", i).text[16] == 'X';
    }
    assert_true(seen_x);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct row {
        number_kind kind;
        const char *programme;
        int year;
        int64_t serial;
        const char *head;
    } rows[] = {
        {NUMBER_VOUCHER, "330522", 2013, 123, "V330522-2013-000123-"},
        {NUMBER_CLAIM, "NL", 2024, 1, "CNL-2024-000001-"},
        {NUMBER_PAYMENT, "ABCDEFGH9", 2199, 999999999, "PABCDEFGH9-2199-999999999-"},
        {NUMBER_CASE, "330522", 2013, 1000000, "S330522-2013-1000000-"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const public_number n =
            number_make(rows[i].kind, str_of(rows[i].programme), rows[i].year, rows[i].serial);
        assert_true(str_starts(str_of(n.text), str_of(rows[i].head)));
        assert_int_equal(strlen(n.text), strlen(rows[i].head) + 1);
        public_number back;
        assert_int_equal(number_parse(str_of(n.text), rows[i].kind, &back, NULL), TQ_OK);
        assert_string_equal(back.text, n.text);
        /* one wrong digit anywhere is found */
        for (size_t at = 1; n.text[at] != '\0'; at++) {
            for (char c = '0'; c <= '9'; c++) {
                public_number wrong = n;
                if (wrong.text[at] >= '0' && wrong.text[at] <= '9' && wrong.text[at] != c) {
                    wrong.text[at] = c;
                    assert_int_equal(number_parse(str_of(wrong.text), rows[i].kind, &back, NULL),
                                     TQ_INVALID);
                }
            }
        }
    }
}

/* ISO 7064's own example: 0794 has the check digit 5. */
static void test_check_digit(void **state)
{
    (void)state;
    const public_number n = number_make(NUMBER_VOUCHER, STR("AB"), 2013, 123);
    int p = 10;
    for (const char *c = "2013000123"; *c != '\0'; c++) {
        p = (p + *c - '0') % 10;
        p = (p == 0 ? 10 : p) * 2 % 11;
    }
    assert_int_equal(n.text[strlen(n.text) - 1] - '0', (11 - p) % 10);
    p = 10;
    for (const char *c = "0794"; *c != '\0'; c++) {
        p = (p + *c - '0') % 10;
        p = (p == 0 ? 10 : p) * 2 % 11;
    }
    assert_int_equal((11 - p) % 10, 5);
}

static void test_numbers_refused(void **state)
{
    (void)state;
    const public_number n = number_make(NUMBER_VOUCHER, STR("330522"), 2013, 123);
    const char check = n.text[strlen(n.text) - 1];
    static const char *const shapes[] = {"D330522-2013-000123-%c",
                                         "v330522-2013-000123-%c",
                                         "V330522-2013-000123%c",
                                         "V330522-2013-00123-%c",
                                         "V330522-2013-0000123-%c",
                                         "V330522-2013-000000-%c",
                                         "V330522-13-000123-%c",
                                         "V330522--000123-%c",
                                         "V-2013-000123-%c",
                                         "V330522-2013-000123-%c-",
                                         "V330522-2013-000123-%c0",
                                         "V33052é-2013-000123-%c",
                                         "V330522-2013-+00123-%c",
                                         "",
                                         "V",
                                         "V330522-2013-000123-"};
    for (size_t i = 0; i < TQ_COUNT(shapes); i++) {
        char text[64] = "";
        size_t len = 0;
        for (const char *p = shapes[i]; *p != '\0'; p++) {
            text[len++] = p[0] == '%' ? check : *p;
            p += p[0] == '%';
        }
        public_number back;
        tq_err err = {0};
        assert_int_equal(number_parse((str){text, len}, NUMBER_VOUCHER, &back, &err), TQ_INVALID);
        assert_string_equal(err.reason, "number");
    }
}

static void test_invoice_keys(void **state)
{
    (void)state;
    static const struct row {
        const char *code, *number, *country, *seller;
        const char *key;   /* NULL: refused */
        const char *field; /* then at fault */
    } rows[] = {
        {"", "24217000000146091898", "CN", "", "24217000000146091898", NULL},
        {"", "24217000000146091898", "", "", "24217000000146091898", NULL},
        {"", " 2421 7000 0001 4609 1898 ", "", "", "24217000000146091898", NULL},
        {"", "２4217000000146091898", "", "", "24217000000146091898", NULL},
        {"033022000313", "00000001", "CN", "", "03302200031300000001", NULL},
        {"3302200031", "00000001", "CN", "", "00330220003100000001", NULL},
        {"", "X-1", "NL", "NL8123.45.678.B01", "NL:NL812345678B01:X-1", NULL},
        {"", "inv 2013/7", "nl", "nl812345678b01", "NL:NL812345678B01:INV2013/7", NULL},
        {"", "ＩＮＶ2013／7", "NL", "NL812345678B01", "NL:NL812345678B01:INV2013/7", NULL},
        {"", "00000001", "CN", "", NULL, "invoice_number"},
        {"", "2421700000014609189", "CN", "", NULL, "invoice_number"},
        {"", "2421700000014609189X", "CN", "", NULL, "invoice_number"},
        {"033022000313", "24217000000146091898", "CN", "", NULL, "invoice_number"},
        {"03302200031", "00000001", "CN", "", NULL, "invoice_code"},
        {"03302200031A", "00000001", "CN", "", NULL, "invoice_code"},
        {"", "", "CN", "", NULL, "invoice_number"},
        {"", "X1", "NLD", "1", NULL, "invoice_country"},
        {"", "X1", "N1", "1", NULL, "invoice_country"},
        {"", "X1", "NL", " . ", NULL, "seller_tax_id"},
        {"", "", "NL", "1", NULL, "invoice_number"},
        {"", "发票1", "NL", "1", NULL, "invoice_number"},
        {"",
         "X\xe2\x80\x8b"
         "1",
         "NL", "1", NULL, "invoice_number"},
        {"", "X\n1", "NL", "1", NULL, "invoice_number"},
        {"", "12345678901234567890123456789012345678901", "NL", "1", NULL, "invoice_number"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        invoice_key key;
        tq_err err = {0};
        const tq_code code =
            invoice_key_make(str_of(rows[i].code), str_of(rows[i].number), str_of(rows[i].country),
                             str_of(rows[i].seller), &key, &err);
        if (rows[i].key != NULL) {
            assert_int_equal(code, TQ_OK);
            assert_string_equal(key.text, rows[i].key);
        } else {
            assert_int_equal(code, TQ_INVALID);
            assert_string_equal(err.reason, "invoice_form");
            assert_string_equal(err.field, rows[i].field);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credit_codes),     cmocka_unit_test(test_credit_code_typing_errors),
        cmocka_unit_test(test_credit_code_make), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_check_digit),      cmocka_unit_test(test_numbers_refused),
        cmocka_unit_test(test_invoice_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
