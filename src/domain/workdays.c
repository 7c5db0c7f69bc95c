/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/workdays.h"

#include <stdio.h>

#define SPAN_DAYS_MAX 3000 /* no clock of a scheme is longer */

static bool listed(str list, day d)
{
    char text[16];
    const ymd y = day_ymd(d);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", y.year, y.month, y.mday);
    for (size_t at = 0; at + 10 <= list.len; at += 11) {
        if (memcmp(list.data + at, text, 10) == 0) {
            return true;
        }
    }
    return false;
}

tq_code workday_is(const workdays *w, day d, bool *out, tq_err *err)
{
    TQ_ASSERT(w != NULL);
    TQ_ASSERT(w->n <= WORKDAYS_YEARS_MAX);
    const int year = day_ymd(d).year;
    for (int i = 0; i < w->n; i++) {
        if (w->years[i].year != year) {
            continue;
        }
        const bool weekend = day_weekday(d) >= 6;
        *out = weekend ? listed(w->years[i].workdays, d) : !listed(w->years[i].holidays, d);
        return TQ_OK;
    }
    char field[32];
    (void)snprintf(field, sizeof field, "calendar %d", year);
    return tq_fail(err, TQ_CONFLICT, "no_calendar", field,
                   "the working-day calendar of %d is not set; clocks of that year cannot run",
                   year);
}

tq_code workday_add(const workdays *w, day from, int64_t n, day *out, tq_err *err)
{
    TQ_ASSERT(n >= 0);
    day d = n == 0 ? from : day_add(from, 1);
    int64_t left = n == 0 ? 1 : n;
    for (int guard = 0; guard < SPAN_DAYS_MAX; guard++) {
        bool works = false;
        TQ_TRY(workday_is(w, d, &works, err));
        if (works && --left == 0) {
            *out = d;
            return TQ_OK;
        }
        d = day_add(d, 1);
    }
    return tq_fail(err, TQ_LIMIT, "clock_too_long", "clock", "no clock runs over %d days",
                   SPAN_DAYS_MAX);
}
