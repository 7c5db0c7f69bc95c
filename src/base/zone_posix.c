/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone_posix.h"

#include "base/day.h"

typedef struct cursor {
    const char *p;
    const char *end;
} cursor;

static char peek(const cursor *c)
{
    return c->p < c->end ? *c->p : '\0';
}

static bool take(cursor *c, char wanted)
{
    if (peek(c) != wanted) {
        return false;
    }
    c->p++;
    return true;
}

static bool number(cursor *c, int most, int *out)
{
    int n = 0;
    const char *start = c->p;
    while (peek(c) >= '0' && peek(c) <= '9' && n <= most) {
        n = n * 10 + (peek(c) - '0');
        c->p++;
    }
    *out = n;
    return c->p > start && n <= most;
}

static bool name(cursor *c)
{
    const char *start = c->p;
    if (take(c, '<')) {
        while (c->p < c->end && peek(c) != '>') {
            c->p++;
        }
        return take(c, '>');
    }
    while ((peek(c) >= 'A' && peek(c) <= 'Z') || (peek(c) >= 'a' && peek(c) <= 'z')) {
        c->p++;
    }
    return c->p - start >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool clock_time(cursor *c, int32_t *out)
{
    const bool negative = take(c, '-');
    if (!negative) {
        (void)take(c, '+');
    }
    int h = 0;
    int m = 0;
    int s = 0;
    if (!number(c, 167, &h) || (take(c, ':') && !number(c, 59, &m)) ||
        (take(c, ':') && !number(c, 59, &s))) {
        return false;
    }
    const int32_t seconds = h * 3600 + m * 60 + s;
    *out = negative ? -seconds : seconds;
    return true;
}

static bool date(cursor *c, zone_date *out)
{
    *out = (zone_date){.form = '0', .time = 2 * 3600};
    bool good;
    if (take(c, 'M')) {
        out->form = 'M';
        good = number(c, 12, &out->month) && out->month >= 1 && take(c, '.') &&
               number(c, 5, &out->week) && out->week >= 1 && take(c, '.') &&
               number(c, 6, &out->weekday);
    } else if (take(c, 'J')) {
        out->form = 'J';
        good = number(c, 365, &out->yday) && out->yday >= 1;
    } else {
        good = number(c, 365, &out->yday);
    }
    return good && (!take(c, '/') || clock_time(c, &out->time));
}

bool zone_posix_read(str text, zone_posix *out)
{
    cursor c = {text.data, text.data + text.len};
    zone_posix z = {0};
    if (!name(&c) || !clock_time(&c, &z.std)) {
        return false;
    }
    z.std = -z.std; /* POSIX counts west of Greenwich */
    if (c.p < c.end) {
        z.has_dst = true;
        if (!name(&c)) {
            return false;
        }
        z.dst = z.std + 3600;
        if (peek(&c) != ',') {
            if (!clock_time(&c, &z.dst)) {
                return false;
            }
            z.dst = -z.dst;
        }
        if (!take(&c, ',') || !date(&c, &z.to_dst) || !take(&c, ',') || !date(&c, &z.to_std)) {
            return false;
        }
    }
    if (c.p != c.end) {
        return false;
    }
    *out = z;
    return true;
}

static bool leap(int year)
{
    return ymd_valid((ymd){year, 2, 29});
}

/* Local seconds since 1970 at which the rule's date falls in that year. */
static int64_t date_in(const zone_date *d, int year)
{
    const int32_t first = day_of_ymd((ymd){year, 1, 1}).n;
    int32_t at = first + d->yday;
    if (d->form == 'J') {
        at += leap(year) && d->yday >= 60 ? 0 : -1;
    } else if (d->form == 'M') {
        const day month = day_of_ymd((ymd){year, d->month, 1});
        const int32_t next = day_add_months(day_of_ymd((ymd){year, d->month, 15}), 1).n - 14;
        const int shift = (d->weekday - day_weekday(month) % 7 + 7) % 7;
        at = month.n + shift + 7 * (d->week - 1);
        at -= at >= next ? 7 : 0;
    }
    return (int64_t)at * 86400 + d->time;
}

int32_t zone_posix_offset(const zone_posix *p, int64_t t, int64_t *until)
{
    *until = INT64_MAX;
    if (!p->has_dst) {
        return p->std;
    }
    /* Outside the years in which dates are known (base/day.h) no rule can be worked out: summer time
     * then does not exist, which keeps far dates of input defined. */
    const int64_t days = t / 86400 - (t % 86400 < 0);
    const int64_t first = day_of_ymd((ymd){1902, 1, 1}).n;
    const int64_t end = day_of_ymd((ymd){2198, 1, 1}).n;
    if (days < first || days >= end) {
        *until = days < first ? first * 86400 : INT64_MAX;
        return p->std;
    }
    const int year = day_ymd((day){(int32_t)days}).year;
    int64_t last = INT64_MIN;
    int32_t offset = p->std;
    for (int y = year - 1; y <= year + 1; y++) {
        const int64_t begins = date_in(&p->to_dst, y) - p->std;
        const int64_t ends = date_in(&p->to_std, y) - p->dst;
        /* "<=" for the later one: where both fall together summer time is all year (RFC 8536). */
        if (begins <= t && begins > last) {
            last = begins;
            offset = p->dst;
        }
        if (ends <= t && ends > last) {
            last = ends;
            offset = p->std;
        }
        *until = begins > t && begins < *until ? begins : *until;
        *until = ends > t && ends < *until ? ends : *until;
    }
    return offset;
}
