/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_WORKDAYS_H
#define TQ_WORKDAYS_H

/* Working days by yearly calendars that are data: weekends are free unless listed as 调休 workdays,
 * other days work unless listed as holidays. Pure. */

#include "base/day.h"
#include "base/str.h"

#define WORKDAYS_YEARS_MAX 8

typedef struct workdays_year {
    int year;
    str holidays; /* "2013-10-01,2013-10-02": ordered or not */
    str workdays;
} workdays_year;

typedef struct workdays {
    workdays_year years[WORKDAYS_YEARS_MAX];
    int n;
} workdays;

/* CONFLICT/no_calendar with the year as field where the calendar of its year is not there. */
TQ_MUST_CHECK tq_code workday_is(const workdays *w, day d, bool *out, tq_err *err);
/* The n-th working day after `from` (n >= 1; the day of notice is not counted). n = 0: `from` itself
 * where it works, else the next working day. */
TQ_MUST_CHECK tq_code workday_add(const workdays *w, day from, int64_t n, day *out, tq_err *err);

#endif
