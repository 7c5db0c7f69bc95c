/* SPDX-License-Identifier: Apache-2.0 */
#include "http/ticks.h"

#include <time.h>

#include "base/err.h"

int64_t ticks_us(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* allow: clock_gettime no date is made of it */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* By default it would wait by the wall clock, and for hours if that is set back. */
void ticks_cond_init(pthread_cond_t *c)
{
    pthread_condattr_t monotonic;
    TQ_ASSERT(pthread_condattr_init(&monotonic) == 0);
    TQ_ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    TQ_ASSERT(pthread_cond_init(c, &monotonic) == 0);
    (void)pthread_condattr_destroy(&monotonic);
}

/* Early returns are fine: every caller looks again at what it waits for. */
void ticks_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t us)
{
    const int64_t at = ticks_us() + us;
    const struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
    (void)pthread_cond_timedwait(c, m, &until);
}
