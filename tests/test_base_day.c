/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/day.h"

static day d(const char *text)
{
    day out;
    if (day_parse(str_of(text), &out, NULL) != TQ_OK) {
        fail_msg("%s is no day", text);
    }
    return out;
}

static instant t(const char *text)
{
    instant out;
    if (instant_parse(str_of(text), &out, NULL) != TQ_OK) {
        fail_msg("%s is no instant", text);
    }
    return out;
}

static void day_is(day got, const char *wanted)
{
    BUF_AUTO buf b = buf_max(32);
    day_print(got, &b);
    assert_string_equal(b.data, wanted);
}

static void instant_is(instant got, const char *wanted)
{
    BUF_AUTO buf b = buf_max(32);
    instant_print(got, &b);
    assert_string_equal(b.data, wanted);
}

/* Every day of 300 years in order, by counting. */
static void test_calendar(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t n = -25567; /* 1900-01-01 */
    int weekday = 1;    /* a Monday */
    for (int y = 1900; y <= 2199; y++) {
        for (int m = 1; m <= 12; m++) {
            const bool leap = y % 4 == 0 && (y % 100 != 0 || y == 2000);
            const int days = lengths[m - 1] + (m == 2 && leap);
            assert_false(ymd_valid((ymd){y, m, days + 1}));
            for (int k = 1; k <= days; k++, n++, weekday = weekday % 7 + 1) {
                const day got = day_of_ymd((ymd){y, m, k});
                const ymd back = day_ymd(got);
                if (got.n != n || back.year != y || back.month != m || back.mday != k ||
                    day_weekday(got) != weekday) {
                    fail_msg("%d-%d-%d", y, m, k);
                }
            }
        }
    }
}

static void test_parse(void **state)
{
    (void)state;
    assert_int_equal(d("1970-01-01").n, 0);
    assert_int_equal(d("2013-09-01").n, 15949);
    day_is(d("2012-02-29"), "2012-02-29");
    static const char *const bad[] = {"",           "2013-9-1",   "2013-02-29",  "2013-13-01",
                                      "2013-00-10", "2013-01-00", "1899-12-31",  "2200-01-01",
                                      "2013/09/01", "20130901",   "2013-09-01 ", " 2013-09-01",
                                      "2100-02-29", "2013-04-31", "+013-01-01",  "２013-01-01"};
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        day out = {-77};
        tq_err err = {0};
        assert_int_equal(day_parse(str_of(bad[i]), &out, &err), TQ_INVALID);
        assert_string_equal(err.reason, "day_form");
        assert_int_equal(out.n, -77);
    }
    static const char *const bad_instants[] = {
        "2013-09-01T00:00:00Z",        "2013-09-01T24:00:00.000000Z",
        "2013-09-01T00:60:00.000000Z", "2013-09-01T00:00:60.000000Z",
        "2013-09-01 00:00:00.000000Z", "2013-09-01T00:00:00.000000",
        "2013-02-30T00:00:00.000000Z", "2013-09-01T0a:00:00.000000Z",
        "2013-09-01T00:00:00.00000-Z"};
    for (size_t i = 0; i < TQ_COUNT(bad_instants); i++) {
        instant out;
        tq_err err = {0};
        assert_int_equal(instant_parse(str_of(bad_instants[i]), &out, &err), TQ_INVALID);
        assert_string_equal(err.reason, "instant_form");
    }
    static const char *const good[] = {"1900-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z",
                                       "2038-01-19T03:14:08.000000Z",
                                       "2199-12-31T23:59:59.999999Z"};
    for (size_t i = 0; i < TQ_COUNT(good); i++) {
        instant_is(t(good[i]), good[i]);
    }
    assert_int_equal(t("1969-12-31T23:59:59.999999Z").us, -1);
    assert_true(instant_now().us > t("2020-01-01T00:00:00.000000Z").us);
}

static void test_months(void **state)
{
    (void)state;
    static const struct row {
        const char *from;
        int months;
        const char *to;
    } rows[] = {
        {"2013-01-31", 1, "2013-02-28"},  {"2012-01-31", 1, "2012-02-29"},
        {"2013-09-01", 12, "2014-09-01"}, {"2012-02-29", 12, "2013-02-28"},
        {"2012-02-29", 48, "2016-02-29"}, {"2013-12-15", 1, "2014-01-15"},
        {"2013-03-31", -1, "2013-02-28"}, {"2013-01-15", -1, "2012-12-15"},
        {"2013-08-31", 1, "2013-09-30"},  {"2013-05-05", 0, "2013-05-05"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        day_is(day_add_months(d(rows[i].from), rows[i].months), rows[i].to);
    }
    day_is(day_add(d("2012-02-28"), 1), "2012-02-29");
    day_is(day_add(d("2013-02-28"), 1), "2013-03-01");
    day_is(day_add(d("2013-01-01"), -1), "2012-12-31");
    assert_true(day_cmp(d("2013-01-01"), d("2013-01-02")) < 0);
}

/* Starts of dates; the second column also proves zone_day at that instant and just before it. */
static void test_zones(void **state)
{
    (void)state;
    static const struct row {
        const char *zone, *day, *start, *before; /* before: the date 1 us earlier */
    } rows[] = {
        {"UTC", "2013-09-01", "2013-09-01T00:00:00.000000Z", "2013-08-31"},
        {"Asia/Shanghai", "2013-09-01", "2013-08-31T16:00:00.000000Z", "2013-08-31"},
        {"Asia/Shanghai", "2150-01-01", "2149-12-31T16:00:00.000000Z", "2149-12-31"},
        {"Asia/Shanghai", "1988-07-01", "1988-06-30T15:00:00.000000Z", "1988-06-30"}, /* summer */
        {"Europe/Amsterdam", "2013-03-31", "2013-03-30T23:00:00.000000Z", "2013-03-30"},
        {"Europe/Amsterdam", "2013-04-01", "2013-03-31T22:00:00.000000Z", "2013-03-31"},
        {"Europe/Amsterdam", "2013-10-27", "2013-10-26T22:00:00.000000Z", "2013-10-26"},
        {"Europe/Amsterdam", "2013-10-28", "2013-10-27T23:00:00.000000Z", "2013-10-27"},
        {"Europe/Amsterdam", "2024-02-29", "2024-02-28T23:00:00.000000Z", "2024-02-28"},
        {"Europe/Amsterdam", "2060-03-28", "2060-03-27T23:00:00.000000Z", "2060-03-27"},
        {"Europe/Amsterdam", "2060-03-29", "2060-03-28T22:00:00.000000Z", "2060-03-28"},
        {"Europe/Amsterdam", "2060-11-01", "2060-10-31T23:00:00.000000Z", "2060-10-31"},
        {"America/New_York", "2050-07-04", "2050-07-04T04:00:00.000000Z", "2050-07-03"},
        {"Australia/Sydney", "2050-01-01", "2049-12-31T13:00:00.000000Z", "2049-12-31"},
        {"Asia/Kolkata", "2050-01-01", "2049-12-31T18:30:00.000000Z", "2049-12-31"},
        /* midnight does not exist: clocks went from 24:00 to 01:00 */
        {"America/Sao_Paulo", "2013-10-20", "2013-10-20T03:00:00.000000Z", "2013-10-19"},
        /* the day after a left-out one */
        {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000000Z", "2011-12-29"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        zone *z = NULL;
        assert_int_equal(zone_open(rows[i].zone, &z, NULL), TQ_OK);
        const instant start = zone_day_start(z, d(rows[i].day));
        instant_is(start, rows[i].start);
        day_is(zone_day(z, start), rows[i].day);
        day_is(zone_day(z, (instant){start.us - 1}), rows[i].before);
        assert_int_equal(zone_at(z, d(rows[i].day), 3600).us - start.us, INT64_C(3600000000));
        zone_free(z);
    }
}

/* Over 180 years: a date starts where zone_day says so, and lasts 23 to 25 hours. */
static void test_zone_days_meet(void **state)
{
    (void)state;
    static const char *const zones[] = {"Asia/Shanghai", "Europe/Amsterdam", "America/New_York",
                                        "Australia/Lord_Howe"};
    for (size_t i = 0; i < TQ_COUNT(zones); i++) {
        zone *z = NULL;
        assert_int_equal(zone_open(zones[i], &z, NULL), TQ_OK);
        instant last = zone_day_start(z, d("2000-01-01"));
        for (day k = d("2000-01-02"); day_cmp(k, d("2180-01-01")) < 0; k = day_add(k, 1)) {
            const instant start = zone_day_start(z, k);
            const int64_t hours = (start.us - last.us) / INT64_C(3600000000);
            if (hours < 23 || hours > 25 || zone_day(z, start).n != k.n ||
                zone_day(z, (instant){start.us - 1}).n != k.n - 1) {
                fail_msg("%s, day %d", zones[i], k.n);
            }
            last = start;
        }
        zone_free(z);
    }
}

static void test_far_dates_are_defined(void **state)
{
    (void)state;
    zone *z = NULL;
    assert_int_equal(zone_open("Europe/Amsterdam", &z, NULL), TQ_OK);
    day_is(zone_day(z, t("2199-12-30T23:30:00.000000Z")), "2199-12-31");
    day_is(zone_day(z, t("1900-01-02T00:00:00.000000Z")), "1900-01-02");
    instant_is(zone_day_start(z, d("2199-12-31")), "2199-12-30T23:00:00.000000Z");
    zone_free(z);
}

static void test_zone_names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      "/etc/passwd", "../../../etc/passwd", "Asia/..",       "Asia", "Nowhere/Else",
        "UTC\n", "tzdata.zi",   "zone1970.tab",        "Asia/Shanghai "};
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        zone *z = NULL;
        tq_err err = {0};
        assert_int_equal(zone_open(bad[i], &z, &err), TQ_INVALID);
        assert_string_equal(err.reason, "zone");
        assert_null(z);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar),       cmocka_unit_test(test_parse),
        cmocka_unit_test(test_months),         cmocka_unit_test(test_zones),
        cmocka_unit_test(test_zone_days_meet), cmocka_unit_test(test_far_dates_are_defined),
        cmocka_unit_test(test_zone_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
