/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/money.h"

static currency cur(const char *code)
{
    currency c;
    assert_int_equal(currency_of(str_of(code), &c, NULL), TQ_OK);
    return c;
}

static void test_currencies(void **state)
{
    (void)state;
    assert_int_equal(cur("CNY").minor_digits, 2);
    assert_int_equal(cur("EUR").minor_digits, 2);
    assert_int_equal(cur("JPY").minor_digits, 0);
    assert_int_equal(cur("XPF").minor_digits, 0);
    assert_int_equal(cur("KWD").minor_digits, 3);
    assert_int_equal(cur("UYW").minor_digits, 4);
    assert_string_equal(cur("ZWG").code, "ZWG");
    static const char *const none[] = {"", "cny", "CN", "CNYX", "QQQ", "NY ", "Y C", " CN"};
    for (size_t i = 0; i < TQ_COUNT(none); i++) {
        currency c;
        tq_err err;
        assert_int_equal(currency_of(str_of(none[i]), &c, &err), TQ_NOT_FOUND);
        assert_string_equal(err.field, "currency");
    }
}

static void test_parse(void **state)
{
    (void)state;
    static const struct row {
        const char *currency, *text, *reason; /* NULL: good */
        int64_t minor;
    } rows[] = {
        {"CNY", "0", NULL, 0},
        {"CNY", "0.5", NULL, 50},
        {"CNY", "0.05", NULL, 5},
        {"CNY", "30000", NULL, 3000000},
        {"CNY", "30000.00", NULL, 3000000},
        {"CNY", "10000000000000.00", NULL, MONEY_MAX},
        {"CNY", "10000000000000.01", "amount_range", 0},
        {"CNY", "10000000000001", "amount_range", 0},
        {"CNY", "9223372036854775808", "amount_range", 0},
        {"CNY", "99999999999999999999999999999999999999999999999999999999999", "amount_range", 0},
        {"JPY", "30000", NULL, 30000},
        {"JPY", "30000.0", "amount_form", 0},
        {"KWD", "1.234", NULL, 1234},
        {"KWD", "1.2", NULL, 1200},
        {"CNY", "", "amount_form", 0},
        {"CNY", ".", "amount_form", 0},
        {"CNY", "1.", "amount_form", 0},
        {"CNY", ".5", "amount_form", 0},
        {"CNY", "1.234", "amount_form", 0},
        {"CNY", "1.2.3", "amount_form", 0},
        {"CNY", "00", "amount_form", 0},
        {"CNY", "007", "amount_form", 0},
        {"CNY", "-0", "amount_form", 0},
        {"CNY", "-1", "amount_form", 0},
        {"CNY", "+1", "amount_form", 0},
        {"CNY", " 1", "amount_form", 0},
        {"CNY", "1 ", "amount_form", 0},
        {"CNY", "1,000", "amount_form", 0},
        {"CNY", "1E2", "amount_form", 0},
        {"CNY", "1e400", "amount_form", 0},
        {"CNY", "NaN", "amount_form", 0},
        {"CNY", "Inf", "amount_form", 0},
        {"CNY", "0x10", "amount_form", 0},
        {"CNY", "１００", "amount_form", 0},
        {"CNY", "٣", "amount_form", 0},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const currency c = cur(rows[i].currency);
        money m = {-77};
        tq_err err = {0};
        const tq_code code = money_parse(str_of(rows[i].text), &c, &m, &err);
        if (rows[i].reason == NULL) {
            assert_int_equal(code, TQ_OK);
            assert_int_equal(m.minor, rows[i].minor);
            continue;
        }
        assert_int_equal(code, TQ_INVALID);
        assert_string_equal(err.reason, rows[i].reason);
        assert_string_equal(err.field, "amount");
        assert_int_equal(m.minor, -77);
    }
}

static void test_print(void **state)
{
    (void)state;
    static const struct row {
        const char *currency;
        int64_t minor;
        const char *plain, *grouped;
    } rows[] = {
        {"CNY", 0, "0.00", "0.00"},
        {"CNY", 5, "0.05", "0.05"},
        {"CNY", -5, "-0.05", "-0.05"},
        {"CNY", 3000000, "30000.00", "30,000.00"},
        {"CNY", 99999, "999.99", "999.99"},
        {"CNY", -100000, "-1000.00", "-1,000.00"},
        {"CNY", MONEY_MAX, "10000000000000.00", "10,000,000,000,000.00"},
        {"JPY", 1234567, "1234567", "1,234,567"},
        {"KWD", 1234, "1.234", "1.234"},
        {"CLF", 1, "0.0001", "0.0001"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const currency c = cur(rows[i].currency);
        BUF_AUTO buf plain = buf_max(64);
        BUF_AUTO buf grouped = buf_max(64);
        money_print((money){rows[i].minor}, &c, &plain);
        money_print_grouped((money){rows[i].minor}, &c, &grouped);
        assert_string_equal(plain.data, rows[i].plain);
        assert_string_equal(grouped.data, rows[i].grouped);
        money back;
        if (rows[i].minor >= 0) {
            assert_int_equal(money_parse(buf_view(&plain), &c, &back, NULL), TQ_OK);
            assert_int_equal(back.minor, rows[i].minor);
        }
    }
}

static void test_capitals(void **state)
{
    (void)state;
    static const struct row {
        int64_t fen;
        const char *text;
    } rows[] = {
        {0, "零元整"},
        {5, "伍分"},
        {50, "伍角整"},
        {55, "伍角伍分"},
        {100, "壹元整"},
        {1000, "壹拾元整"},
        {3000005, "叁万元零伍分"},
        {3000000, "叁万元整"},
        {140950, "壹仟肆佰零玖元伍角整"},
        {600714, "陆仟零柒元壹角肆分"},
        {168032, "壹仟陆佰捌拾元叁角贰分"},
        {10700053, "壹拾万柒仟元伍角叁分"},
        {1640902, "壹万陆仟肆佰零玖元零贰分"},
        {32504, "叁佰贰拾伍元零肆分"},
        {10000500, "壹拾万零伍元整"},
        {100010000, "壹佰万零壹佰元整"},
        {10000000000, "壹亿元整"},
        {10000000100, "壹亿零壹元整"},
        {10000100000, "壹亿零壹仟元整"},
        {10001000100, "壹亿零壹万零壹元整"},
        {7440500000, "柒仟肆佰肆拾万伍仟元整"},
        {MONEY_MAX, "壹拾万亿元整"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf b = buf_max(256);
        money_print_capitals((money){rows[i].fen}, &b);
        assert_string_equal(b.data, rows[i].text);
    }
}

static void test_add(void **state)
{
    (void)state;
    static const struct row {
        int64_t a, b, sum;
        bool good;
    } rows[] = {
        {1, 2, 3, true},
        {MONEY_MAX, 0, MONEY_MAX, true},
        {MONEY_MAX, 1, 0, false},
        {-MONEY_MAX, -1, 0, false},
        {INT64_MAX, INT64_MAX, 0, false},
        {5, -7, -2, true},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        money out = {-77};
        tq_err err = {0};
        const tq_code add = money_add((money){rows[i].a}, (money){rows[i].b}, &out, &err);
        assert_int_equal(add, rows[i].good ? TQ_OK : TQ_INVALID);
        assert_int_equal(out.minor, rows[i].good ? rows[i].sum : -77);
        assert_string_equal(err.reason, rows[i].good ? "" : "amount_range");
        const tq_code sub = money_sub((money){rows[i].a}, (money){-rows[i].b}, &out, NULL);
        assert_int_equal(sub, add);
    }
    assert_int_equal(money_min((money){3}, (money){2}).minor, 2);
}

static void test_share_and_rate(void **state)
{
    (void)state;
    static const struct share {
        int64_t amount;
        int32_t bps;
        int64_t share;
    } shares[] = {
        {100, 5000, 50},
        {99, 5000, 49},
        {1, 9999, 0},
        {1, 10000, 1},
        {MONEY_MAX, 10000, MONEY_MAX},
        {MONEY_MAX, 3333, INT64_C(333300000000000)},
        {0, 5000, 0},
        {12345678901, 3000, INT64_C(3703703670)},
        {10000, 12000, 12000},
    };
    for (size_t i = 0; i < TQ_COUNT(shares); i++) {
        const money m = money_share_floor((money){shares[i].amount}, (bps){shares[i].bps});
        assert_int_equal(m.minor, shares[i].share);
    }
    static const struct rate {
        int64_t part, whole;
        int32_t bps;
    } rates[] = {
        {INT64_C(7440500000), INT64_C(9138880000), 8142},
        {0, 0, 0},
        {5, 0, 0},
        {1, 3, 3333},
        {2, 3, 6667},
        {1, 20000, 1}, /* half goes up */
        {1, 20001, 0},
        {3, 20000, 2},
        {MONEY_MAX, MONEY_MAX, 10000},
        {MONEY_MAX - 1, MONEY_MAX, 10000},
        {MONEY_MAX, 1, INT32_MAX},
    };
    for (size_t i = 0; i < TQ_COUNT(rates); i++) {
        const bps r = money_rate_half_up((money){rates[i].part}, (money){rates[i].whole});
        assert_int_equal(r.n, rates[i].bps);
    }
}

static void test_split_rows(void **state)
{
    (void)state;
    static const struct row {
        int64_t whole;
        size_t n;
        int64_t weights[5], shares[5];
    } rows[] = {
        {100, 3, {1, 1, 1}, {34, 33, 33}},
        {101, 3, {1, 1, 1}, {34, 34, 33}},
        {100, 3, {0, 1, 0}, {0, 100, 0}},
        {0, 2, {1, 2}, {0, 0}},
        {1, 2, {1, 2}, {0, 1}},
        {10, 4, {1, 2, 3, 4}, {1, 2, 3, 4}},
        {7, 5, {3, 3, 3, 3, 3}, {2, 2, 1, 1, 1}},
        {MONEY_MAX, 2, {INT64_MAX, INT64_MAX}, {MONEY_MAX / 2, MONEY_MAX / 2}},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        money shares[5];
        money_split((money){rows[i].whole}, rows[i].weights, rows[i].n, shares);
        for (size_t k = 0; k < rows[i].n; k++) {
            assert_int_equal(shares[k].minor, rows[i].shares[k]);
        }
    }
}

/* Whatever the weights: the shares add up, and none is a whole unit off its exact value. */
static void test_split_adds_up(void **state)
{
    (void)state;
    uint64_t seed = 20130901;
    int64_t weights[100];
    money shares[100];
    for (int round = 0; round < 2000; round++) {
        size_t n = 1 + (size_t)round % TQ_COUNT(weights);
        int64_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            weights[i] = (int64_t)(seed >> 44);
            sum += weights[i];
        }
        if (sum == 0) {
            continue;
        }
        const money whole = {(int64_t)(seed >> 24)};
        money_split(whole, weights, n, shares);
        int64_t total = 0;
        for (size_t i = 0; i < n; i++) {
            __extension__ typedef __int128 wide;
            const wide off = (wide)shares[i].minor * sum - (wide)whole.minor * weights[i];
            assert_true(off < sum && off > -sum);
            total += shares[i].minor;
        }
        assert_int_equal(total, whole.minor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_currencies), cmocka_unit_test(test_parse),
        cmocka_unit_test(test_print),      cmocka_unit_test(test_capitals),
        cmocka_unit_test(test_add),        cmocka_unit_test(test_share_and_rate),
        cmocka_unit_test(test_split_rows), cmocka_unit_test(test_split_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
