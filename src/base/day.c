/* SPDX-License-Identifier: Apache-2.0 */
#include "base/day.h"

#include <time.h>

#define US_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_DAY 86400

instant instant_now(void)
{
    struct timespec t;
    const int rc = clock_gettime(CLOCK_REALTIME, &t);
    TQ_ASSERT(rc == 0);
    return (instant){(int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000};
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    TQ_ASSERT(month >= 1);
    TQ_ASSERT(month <= 12);
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool ymd_valid(ymd d)
{
    return d.year >= 1900 && d.year <= 2199 && d.month >= 1 && d.month <= 12 && d.mday >= 1 &&
           d.mday <= month_days(d.year, d.month);
}

/* Days are counted in years that begin in March, so that the leap day is the last of its year
 * (E. M. Richards' algorithm in the form of H. Hinnant, "chrono-compatible date algorithms"). */
day day_of_ymd(ymd d)
{
    TQ_ASSERT(ymd_valid(d));
    const int y = d.month <= 2 ? d.year - 1 : d.year;
    const int era_day = (153 * ((d.month + 9) % 12) + 2) / 5 + d.mday - 1;
    const int of_era = y % 400;
    return (day){y / 400 * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + era_day - 719468};
}

ymd day_ymd(day d)
{
    TQ_ASSERT(d.n >= -25567); /* 1900-01-01 */
    TQ_ASSERT(d.n <= 84005);  /* 2199-12-31 */
    const int since = d.n + 719468;
    const int of_era = since % 146097;
    const int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int from_march = (5 * of_year + 2) / 153;
    ymd out = {.year = since / 146097 * 400 + year_of_era,
               .month = from_march < 10 ? from_march + 3 : from_march - 9,
               .mday = of_year - (153 * from_march + 2) / 5 + 1};
    out.year += out.month <= 2;
    TQ_ASSERT(ymd_valid(out));
    return out;
}

day day_add(day d, int days)
{
    TQ_ASSERT(d.n != DAY_NONE.n);
    day sum;
    const bool over = __builtin_add_overflow(d.n, days, &sum.n);
    TQ_ASSERT(!over);
    return sum;
}

day day_add_months(day d, int months)
{
    TQ_ASSERT(months >= -12 * 300);
    TQ_ASSERT(months <= 12 * 300);
    ymd at = day_ymd(d);
    const int count = at.year * 12 + at.month - 1 + months;
    at.year = count / 12;
    at.month = count % 12 + 1;
    const int last = month_days(at.year, at.month);
    at.mday = at.mday < last ? at.mday : last;
    return day_of_ymd(at);
}

int day_weekday(day d)
{
    TQ_ASSERT(d.n != DAY_NONE.n);
    const int from_thursday = d.n % 7; /* 1970-01-01 was a Thursday */
    return (from_thursday + 7 + 3) % 7 + 1;
}

/* Digits at p[0..n), or -1. */
static int digits(const char *p, int n)
{
    int out = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return -1;
        }
        out = out * 10 + (p[i] - '0');
    }
    return out;
}

static bool day_read(str text, day *out)
{
    if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-') {
        return false;
    }
    const ymd d = {digits(text.data, 4), digits(text.data + 5, 2), digits(text.data + 8, 2)};
    if (!ymd_valid(d)) {
        return false;
    }
    *out = day_of_ymd(d);
    return true;
}

tq_code day_parse(str text, day *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    if (!day_read(text, out)) {
        return tq_fail(err, TQ_INVALID, "day_form", "day",
                       "write a date of the years 1900 to 2199 as 2013-09-01");
    }
    return TQ_OK;
}

/* Days and times stand in every event and answer: printf took longer over them than the rest of a line. */
static void digits_put(char *to, int width, int n)
{
    TQ_ASSERT(n >= 0);
    for (int i = width - 1; i >= 0; i--) {
        to[i] = (char)('0' + n % 10);
        n /= 10;
    }
    TQ_ASSERT(n == 0);
}

void day_print(day d, buf *out)
{
    const ymd at = day_ymd(d);
    char text[] = "0000-00-00";
    if (at.year < 0 || at.year > 9999) {
        buf_printf(out, "%04d-%02d-%02d", at.year, at.month, at.mday);
        return;
    }
    digits_put(text, 4, at.year);
    digits_put(text + 5, 2, at.month);
    digits_put(text + 8, 2, at.mday);
    buf_add(out, text, sizeof text - 1);
}

tq_code instant_parse(str text, instant *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    static const char shape[] = "0000-00-00T00:00:00.000000Z";
    day d;
    bool good = text.len == sizeof shape - 1;
    for (size_t i = 0; good && i < text.len; i++) {
        good = shape[i] == '0' || text.data[i] == shape[i];
    }
    if (good && day_read((str){text.data, 10}, &d)) {
        const int hour = digits(text.data + 11, 2);
        const int minute = digits(text.data + 14, 2);
        const int second = digits(text.data + 17, 2);
        const int us = digits(text.data + 20, 6);
        if (hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 &&
            us >= 0) {
            const int64_t seconds =
                (int64_t)d.n * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
            *out = (instant){seconds * US_PER_SECOND + us};
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INVALID, "instant_form", "instant",
                   "write a time in UTC as 2013-09-01T00:00:00.000000Z");
}

void instant_print(instant t, buf *out)
{
    const int64_t us_per_day = SECONDS_PER_DAY * US_PER_SECOND;
    const int64_t days = t.us / us_per_day - (t.us % us_per_day < 0);
    const int64_t us = t.us - days * us_per_day;
    TQ_ASSERT(days >= INT32_MIN);
    TQ_ASSERT(days <= INT32_MAX);
    day_print((day){(int32_t)days}, out);
    const int seconds = (int)(us / US_PER_SECOND);
    char text[] = "T00:00:00.000000Z";
    digits_put(text + 1, 2, seconds / 3600);
    digits_put(text + 4, 2, seconds / 60 % 60);
    digits_put(text + 7, 2, seconds % 60);
    digits_put(text + 10, 6, (int)(us % US_PER_SECOND));
    buf_add(out, text, sizeof text - 1);
}
