/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DAY_H
#define TQ_DAY_H

/* Time. `instant` is a point in time, UTC microseconds; `day` a legal date of a programme's zone.
 * Rules take both as parameters; only instant_now reads a clock. */

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

typedef struct instant {
    int64_t us; /* since 1970-01-01T00:00:00Z */
} instant;

typedef struct day {
    int32_t n; /* days since 1970-01-01, proleptic Gregorian */
} day;

#define DAY_NONE ((day){INT32_MIN})

typedef struct ymd {
    int year;  /* 1900..2199 */
    int month; /* 1..12 */
    int mday;  /* 1..31 */
} ymd;

instant instant_now(void);

day day_of_ymd(ymd d); /* asserts a valid date */
ymd day_ymd(day d);
bool ymd_valid(ymd d);
static inline int day_cmp(day a, day b)
{
    return a.n < b.n ? -1 : a.n > b.n;
}
day day_add(day d, int days);
/* Same day-of-month n months later, the last day of that month where it has none (31 Jan + 1 = 28 Feb). */
day day_add_months(day d, int months);
int day_weekday(day d); /* 1 = Monday .. 7 = Sunday */

/* "2013-09-01" exactly. INVALID/day_form. */
TQ_MUST_CHECK tq_code day_parse(str text, day *out, tq_err *err);
void day_print(day d, buf *out);
/* "2013-09-01T00:00:00.000000Z" exactly. */
TQ_MUST_CHECK tq_code instant_parse(str text, instant *out, tq_err *err);
void instant_print(instant t, buf *out);

/* An IANA zone, read once from the system's tz database (TZif v2+). */
typedef struct zone zone;
TQ_MUST_CHECK tq_code zone_open(const char *name, zone **out, tq_err *err);
void zone_free(zone *z);
day zone_day(const zone *z, instant t);             /* the legal date there at t */
instant zone_day_start(const zone *z, day d);       /* first instant of that date there */
instant zone_at(const zone *z, day d, int seconds); /* d at that many seconds after its start */

#endif
