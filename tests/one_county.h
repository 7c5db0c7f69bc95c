/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ONE_COUNTY_H
#define TQ_ONE_COUNTY_H

/* One county `f` for all tests of a program, made before the first and dropped after the last, and what a
 * refusal must leave behind: nothing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "fixture.h"

static fixture *f;

static inline int make_county(void **state)
{
    (void)state;
    f = fixture_open();
    return 0;
}

static inline int drop_county(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

/* The call fails with this code and reason, and no event is written. */
#define REFUSED(code_, reason_, call_)                                                             \
    do {                                                                                           \
        const int64_t events_ = fixture_events(f);                                                 \
        tq_err err_ = {0};                                                                         \
        tq_err *err = &err_;                                                                       \
        const tq_code got_ = (call_);                                                              \
        if (got_ != (code_) || strcmp(err_.reason, (reason_)) != 0) {                              \
            print_error("%s/%s: %s\n", tq_code_name(got_), err_.reason, err_.detail);              \
        }                                                                                          \
        assert_int_equal(got_, (code_));                                                           \
        assert_string_equal(err_.reason, (reason_));                                               \
        assert_int_equal(fixture_events(f), events_);                                              \
    } while (0)

/* Done already: the state has no arrow to itself, and no event is written. */
#define AGAIN(call_)                                                                               \
    do {                                                                                           \
        const int64_t events_ = fixture_events(f);                                                 \
        tq_err err_ = {0};                                                                         \
        tq_err *err = &err_;                                                                       \
        assert_int_equal((call_), TQ_CONFLICT);                                                    \
        assert_true(strcmp(err_.reason, "state_arrow") == 0 ||                                     \
                    strcmp(err_.reason, "nothing_changed") == 0);                                  \
        assert_int_equal(fixture_events(f), events_);                                              \
    } while (0)

#endif
