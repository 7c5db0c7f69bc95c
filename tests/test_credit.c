/* SPDX-License-Identifier: Apache-2.0 */
/* Credit of a firm (R-CREDIT-010, P-33): a sum of what counts on the day, in whatever order it was entered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/credit.h"

#define ENTRIES 40
#define ROUNDS 500

static const credit_terms terms = {.start = 80, .light = 90, .visit = 50};

/* splitmix64 (public domain, Vigna): the same entries at each run. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void the_order_of_entries_says_nothing(void **state)
{
    (void)state;
    uint64_t chance = 2013;
    for (int round = 0; round < ROUNDS; round++) {
        credit_points e[ENTRIES];
        for (size_t i = 0; i < ENTRIES; i++) {
            const int32_t from = 16000 + (int32_t)(next(&chance) % 400);
            e[i] = (credit_points){.points = (int64_t)(next(&chance) % 7),
                                   .from = {from},
                                   .to = {next(&chance) % 4 == 0 ? 0 : from + 200},
                                   .counts = next(&chance) % 5 != 0};
        }
        const day on = {16000 + (int32_t)(next(&chance) % 600)};
        const credit_sheet first = credit_of(&terms, e, ENTRIES, on);
        for (size_t i = ENTRIES - 1; i > 0; i--) {
            const size_t k = (size_t)(next(&chance) % (i + 1));
            const credit_points at = e[i];
            e[i] = e[k];
            e[k] = at;
        }
        const credit_sheet again = credit_of(&terms, e, ENTRIES, on);
        assert_int_equal(again.points, first.points);
        assert_int_equal(again.level, first.level);
    }
}

static void the_bounds_are_the_policys(void **state)
{
    (void)state;
    static const struct {
        int64_t off, points;
        credit_level level;
    } cases[] = {{0, 80, CREDIT_FULL},
                 {30, 50, CREDIT_FULL},
                 {31, 49, CREDIT_VISIT},
                 {200, 0, CREDIT_VISIT}};
    const day on = {16100};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const credit_points e[] = {
            {cases[i].off, {16100}, {16101}, true}, /* its only day */
            {9, {16101}, {0}, true},                /* not yet */
            {9, {16000}, {16100}, true},            /* no more */
            {9, {16000}, {0}, false},               /* annulled */
        };
        const credit_sheet s = credit_of(&terms, e, sizeof e / sizeof e[0], on);
        assert_int_equal(s.points, cases[i].points);
        assert_int_equal(s.level, cases[i].level);
    }
    const credit_terms high = {.start = 95, .light = 90, .visit = 50};
    assert_int_equal(credit_of(&high, NULL, 0, on).level, CREDIT_LIGHT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_entries_says_nothing),
        cmocka_unit_test(the_bounds_are_the_policys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
