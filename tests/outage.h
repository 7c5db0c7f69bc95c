/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_OUTAGE_H
#define TQ_TESTS_OUTAGE_H

/* One outage of the recording disk (powercut_vfs.h), for the programs that let the power fail. After
 * cmocka.h. */

#include "powercut_vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct outage {
    int after_ms;
    uint64_t seed;
    powercut_keep keep;
    bool lying_sync, lying_files; /* planted defects */
} outage;

static inline void outage_shell(const char *words, const char *a, const char *b)
{
    char text[256];
    const int n = snprintf(text, sizeof text, "%s '%s' '%s'", words, a, b);
    assert_true(n > 0 && (size_t)n < sizeof text);
    assert_int_equal(system(text), 0);
}

static inline void *outage_comes(void *arg)
{
    const outage *o = arg;
    const struct timespec wait = {.tv_sec = o->after_ms / 1000,
                                  .tv_nsec = o->after_ms % 1000 * 1000000L};
    (void)nanosleep(&wait, NULL);
    powercut_now(o->keep, o->seed);
}

#endif
