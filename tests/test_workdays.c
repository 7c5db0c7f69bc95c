/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks in working days: weekends, holidays, 调休 workdays, years without a calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/workdays.h"

/* National Day 2013 as announced by 国办发明电〔2012〕33号: 1 to 7 October free, 29 September and 12
 * October worked. */
static const workdays calendar = {
    .n = 1,
    .years = {{2013,
               {"2013-10-01,2013-10-02,2013-10-03,2013-10-04,2013-10-05,2013-10-06,2013-10-07", 76},
               {"2013-09-29,2013-10-12", 21}}},
};

static void test_table(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        ymd from;
        int64_t n;
        ymd to;
    } rows[] = {
        {"the day of notice is not counted", {2013, 9, 2}, 1, {2013, 9, 3}},
        {"a weekend is skipped", {2013, 9, 6}, 1, {2013, 9, 9}},
        {"a Sunday that is worked counts", {2013, 9, 27}, 1, {2013, 9, 29}},
        {"holidays are skipped", {2013, 9, 30}, 1, {2013, 10, 8}},
        {"a Saturday that is worked counts", {2013, 10, 11}, 1, {2013, 10, 12}},
        {"five days over National Day", {2013, 9, 28}, 5, {2013, 10, 10}},
        {"none: the day itself where it works", {2013, 9, 2}, 0, {2013, 9, 2}},
        {"none: the next that works", {2013, 10, 1}, 0, {2013, 10, 8}},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        day end = DAY_NONE;
        tq_err err;
        assert_int_equal(workday_add(&calendar, day_of_ymd(rows[i].from), rows[i].n, &end, &err),
                         TQ_OK);
        if (end.n != day_of_ymd(rows[i].to).n) {
            fail_msg("%s", rows[i].what);
        }
    }
}

static void test_a_year_without_calendar_stops_the_clock(void **state)
{
    (void)state;
    day end = DAY_NONE;
    tq_err err;
    assert_int_equal(workday_add(&calendar, day_of_ymd((ymd){2013, 12, 30}), 5, &end, &err),
                     TQ_CONFLICT);
    assert_string_equal(err.reason, "no_calendar");
    assert_string_equal(err.field, "calendar 2014");
    assert_int_equal(end.n, DAY_NONE.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_a_year_without_calendar_stops_the_clock),
    };
    return cmocka_run_group_tests_name("workdays", tests, NULL, NULL);
}
