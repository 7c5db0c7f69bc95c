/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TICKS_H
#define TQ_TICKS_H

/* Time-outs and durations. Never a date: it stands still for nobody's clock being set. */

#include <stdint.h>
#include <time.h>

static inline int64_t ticks_us(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* allow: clock_gettime no date is made of it */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

#endif
