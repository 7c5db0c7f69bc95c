/* SPDX-License-Identifier: Apache-2.0 */
#include "base/day.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/zone_posix.h"

/* TZif of RFC 8536: a header with 32-bit data that we skip, a second header with 64-bit data, and a
 * footer with the rule for later times. */

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define ZONE_BYTES_MAX (256 * 1024)
#define ZONE_NAME_MAX 64
#define ZONE_CHANGES_MAX 4096
#define ZONE_TYPES_MAX 256
#define HEADER_BYTES 44

typedef struct change {
    int64_t at;
    int32_t offset; /* from then on */
} change;

struct zone {
    int32_t first_offset;
    zone_posix rule; /* from the last change on */
    bool has_rule;
    size_t n;
    change changes[];
};

typedef struct tzif_counts {
    size_t isut, isstd, leap, time, type, chars;
} tzif_counts;

static uint64_t big(const char *p, size_t bytes)
{
    uint64_t n = 0;
    for (size_t i = 0; i < bytes; i++) {
        n = n << 8 | (unsigned char)p[i];
    }
    return n;
}

static bool read_header(str s, tzif_counts *out)
{
    if (s.len < HEADER_BYTES || memcmp(s.data, "TZif", 4) != 0 || s.data[4] < '2') {
        return false;
    }
    const char *p = s.data + 20;
    *out = (tzif_counts){big(p, 4),      big(p + 4, 4),  big(p + 8, 4),
                         big(p + 12, 4), big(p + 16, 4), big(p + 20, 4)};
    /* Bounded by what the file may hold, so that no product below overflows. */
    return out->isut <= ZONE_TYPES_MAX && out->isstd <= ZONE_TYPES_MAX &&
           out->leap <= ZONE_CHANGES_MAX && out->time <= ZONE_CHANGES_MAX &&
           out->type <= ZONE_TYPES_MAX && out->chars <= ZONE_BYTES_MAX;
}

static size_t data_bytes(const tzif_counts *n, size_t time_bytes)
{
    return n->time * (time_bytes + 1) + n->type * 6 + n->chars + n->leap * (time_bytes + 4) +
           n->isstd + n->isut;
}

static bool skip(str *s, size_t bytes)
{
    if (s->len < bytes) {
        return false;
    }
    s->data += bytes;
    s->len -= bytes;
    return true;
}

static bool read_changes(str s, const tzif_counts *n, zone *z)
{
    const char *times = s.data;
    const char *kinds = times + n->time * 8;
    const char *types = kinds + n->time;
    z->first_offset = (int32_t)(uint32_t)big(types, 4);
    z->n = n->time;
    for (size_t i = 0; i < n->time; i++) {
        const size_t kind = (unsigned char)kinds[i];
        if (kind >= n->type) {
            return false;
        }
        z->changes[i] =
            (change){(int64_t)big(times + i * 8, 8), (int32_t)(uint32_t)big(types + kind * 6, 4)};
        const change *c = &z->changes[i];
        if (c->offset <= -26 * 3600 || c->offset >= 27 * 3600 || (i > 0 && c->at <= c[-1].at)) {
            return false;
        }
    }
    return true;
}

static zone *zone_of_bytes(str s)
{
    tzif_counts n;
    if (!read_header(s, &n) || !skip(&s, HEADER_BYTES + data_bytes(&n, 4)) || !read_header(s, &n) ||
        !skip(&s, HEADER_BYTES) || n.type == 0 || n.leap != 0 || s.len < data_bytes(&n, 8)) {
        return NULL;
    }
    zone *z = calloc(1, sizeof *z + n.time * sizeof(change));
    if (z == NULL) {
        return NULL;
    }
    str footer = {s.data + data_bytes(&n, 8), s.len - data_bytes(&n, 8)};
    bool good = read_changes(s, &n, z) && footer.len >= 2 && footer.data[0] == '\n' &&
                footer.data[footer.len - 1] == '\n';
    if (good && footer.len > 2) {
        footer = (str){footer.data + 1, footer.len - 2};
        good = z->has_rule = zone_posix_read(footer, &z->rule);
    }
    if (!good) {
        zone_free(z);
        return NULL;
    }
    return z;
}

static bool name_ok(const char *name)
{
    const size_t len = strnlen(name, ZONE_NAME_MAX + 1);
    if (len == 0 || len > ZONE_NAME_MAX || name[0] == '/' || strstr(name, "..") != NULL) {
        return false;
    }
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "_+-/";
    return strspn(name, letters) == len;
}

tq_code zone_open(const char *name, zone **out, tq_err *err)
{
    TQ_ASSERT(name != NULL);
    TQ_ASSERT(out != NULL);
    ARENA_AUTO arena *a = arena_new("zone", 2 * ZONE_BYTES_MAX);
    str bytes = {0};
    tq_code code = TQ_NOT_FOUND;
    if (name_ok(name)) {
        const str path = arena_printf(a, ZONE_FOLDER "%s", name);
        code = file_read(path.data, ZONE_BYTES_MAX, a, &bytes, err);
    }
    if (code != TQ_OK) {
        return tq_fail(err, TQ_INVALID, "zone", "zone",
                       "no such time zone; give a name of the system's tz database such as "
                       "Asia/Shanghai");
    }
    zone *z = zone_of_bytes(bytes);
    if (z == NULL) {
        return tq_fail(err, TQ_INVALID, "zone", "zone",
                       "the system's file of this time zone is not TZif version 2 or later without "
                       "leap seconds");
    }
    *out = z;
    return TQ_OK;
}

void zone_free(zone *z)
{
    free(z);
}

/* Offset at t (UTC seconds), and when it may next differ. */
static int32_t offset_at(const zone *z, int64_t t, int64_t *until)
{
    size_t low = 0;
    size_t high = z->n; /* changes before `low` are at or before t, from `high` on after it */
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (z->changes[mid].at <= t) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low == z->n && z->has_rule) {
        return zone_posix_offset(&z->rule, t, until);
    }
    *until = low < z->n ? z->changes[low].at : INT64_MAX;
    return low == 0 ? z->first_offset : z->changes[low - 1].offset;
}

static int64_t floor_div(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

day zone_day(const zone *z, instant t)
{
    TQ_ASSERT(z != NULL);
    int64_t until;
    const int64_t seconds = floor_div(t.us, 1000000);
    const int64_t days = floor_div(seconds + offset_at(z, seconds, &until), 86400);
    TQ_ASSERT(days > INT32_MIN);
    TQ_ASSERT(days <= INT32_MAX);
    return (day){(int32_t)days};
}

instant zone_day_start(const zone *z, day d)
{
    TQ_ASSERT(z != NULL);
    TQ_ASSERT(d.n != DAY_NONE.n);
    const int64_t midnight = (int64_t)d.n * 86400; /* as if the zone were Greenwich */
    /* Offsets lie within 28 hours, so the date has not begun at the first of these instants. A
     * midnight that the clocks jump over leaves the jump itself; of two midnights the first counts;
     * a date that the zone left out (Samoa 2011-12-30) begins where the next one does. */
    int64_t from = midnight - INT64_C(28) * 3600;
    for (;;) {
        int64_t until;
        const int64_t begins = midnight - offset_at(z, from, &until);
        const int64_t at = begins > from ? begins : from;
        if (at < until) {
            return (instant){at * 1000000};
        }
        TQ_ASSERT(until > from);
        from = until;
    }
}

instant zone_at(const zone *z, day d, int seconds)
{
    TQ_ASSERT(seconds >= 0);
    return (instant){zone_day_start(z, d).us + (int64_t)seconds * 1000000};
}
