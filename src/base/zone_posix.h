/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ZONE_POSIX_H
#define TQ_ZONE_POSIX_H

/* The rule after the last listed transition of a TZif file: a POSIX TZ string with the extension of
 * RFC 8536 §3.3.1 (hours from -167 to 167). For zone.c alone. All times in seconds. */

#include "base/str.h"
#include <stdint.h>

typedef struct zone_date {
    char form; /* 'M' month.week.weekday, 'J' day 1..365 without 29 Feb, '0' day 0..365 */
    int month, week, weekday;
    int yday;
    int32_t time; /* after local midnight */
} zone_date;

typedef struct zone_posix {
    int32_t std; /* east of Greenwich */
    int32_t dst;
    bool has_dst;
    zone_date to_dst;
    zone_date to_std;
} zone_posix;

bool zone_posix_read(str text, zone_posix *out);
/* Offset at t, and the first instant after t at which it may differ (INT64_MAX: never). */
int32_t zone_posix_offset(const zone_posix *p, int64_t t, int64_t *until);

#endif
