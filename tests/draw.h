/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_DRAW_H
#define TQ_TESTS_DRAW_H

/* A seeded draw for tests (splitmix64): one seed, one sequence, on every machine. */

#include <stdint.h>

static inline uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline int draw_below(uint64_t *state, int n)
{
    return (int)(draw(state) % (uint64_t)n);
}

#endif
