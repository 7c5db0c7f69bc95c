/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators of the programme (P-09, R-REPORT-030): parts and wholes counted from what was done. */
#include "claim_path.h"

#include <stdlib.h>

#include "app/indicator.h"

static const day AFTER_SETUP = {15952}; /* 2013-09-04 */

static indicator rows[INDICATORS_MAX];

static size_t read_all(fixture *f, day from, day to)
{
    size_t n = 0;
    const call office = fixture_as(f, ROLE_OFFICE, to);
    NEED(indicators_read(f->app, &office, from, to, rows, &n, err));
    return n;
}

static const indicator *row(size_t n, const char *figure)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rows[i].rule.figure, str_of(figure))) {
            return &rows[i];
        }
    }
    fail_msg("the policy names no %s", figure);
    abort(); /* fail_msg does not return, which the compiler cannot see */
}

static void assert_row(size_t n, const char *figure, int64_t part, int64_t whole, int64_t value,
                       bool met)
{
    const indicator *i = row(n, figure);
    if (i->part != part || i->whole != whole || i->value != value || i->met != met) {
        fail_msg("%s: %lld of %lld, value %lld, %s", figure, (long long)i->part,
                 (long long)i->whole, (long long)i->value, i->met ? "met" : "not met");
    }
}

/* The demonstration's policy names every figure that there is. */
static void test_of_nothing_there_is_no_figure(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    const size_t n = read_all(f, FIXTURE_DAY, AFTER_SETUP);
    assert_int_equal(n, 9);
    assert_row(n, "redemption", 0, 0, -1, false);
    assert_row(n, "disputes", 0, 0, -1, false);
    assert_row(n, "answer_days", 0, 0, -1, false);
    assert_row(n, "active_institutions", 0, 1, 0, false);
    const call office = fixture_as(f, ROLE_OFFICE, AFTER_SETUP);
    size_t none = 0;
    ASSERT_FAILS(indicators_read(f->app, &office, AFTER_SETUP, day_add(AFTER_SETUP, -1), rows,
                                 &none, err),
                 TQ_INVALID, "days");
    fixture_close(f);
}

static void test_orders_count(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    (void)path_make(f, false, AFTER_SETUP);
    (void)path_make(f, true, AFTER_SETUP);
    size_t n = read_all(f, AFTER_SETUP, day_add(AFTER_SETUP, 1));
    assert_row(n, "active_institutions", 1, 1, 10000, true);
    assert_row(n, "repeat_use", 0, 2, 0, false);
    assert_row(n, "on_time", 2, 2, 10000, true);
    assert_row(n, "disputes", 0, 2, 0, true);
    assert_row(n, "answer_days", 0, 2, 0, true);
    assert_row(n, "payment_days", 0, 0, -1, false);
    const indicator *own = row(n, "own_money");
    assert_int_equal(own->whole, 2 * CONTRACT_FEN);
    assert_int_equal(own->value, (own->part * 20000 + own->whole) / (own->whole * 2));
    /* Vouchers were issued, nothing was paid: a whole without a part. */
    assert_row(n, "redemption", 0, 2 * VOUCHER_FEN, 0, false);

    /* What lies outside the period is in none of them. */
    n = read_all(f, day_add(AFTER_SETUP, 1), day_add(AFTER_SETUP, 40));
    assert_row(n, "repeat_use", 0, 0, -1, false);
    assert_row(n, "redemption", 0, 0, -1, false);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_nothing_there_is_no_figure),
        cmocka_unit_test(test_orders_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
