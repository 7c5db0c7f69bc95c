/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/roles.h"

#include "base/err.h"

static const char *const names[ROLE_COUNT] = {[ROLE_NONE] = "",
#define X(upper, lower) [ROLE_##upper] = #lower,
                                              ROLE_MAP(X)
#undef X
};

_Static_assert(ROLE_COUNT <= 32, "a role set is 32 bits");

const char *role_name(role r)
{
    TQ_ASSERT((unsigned)r < ROLE_COUNT);
    return names[r];
}

role role_of(str name)
{
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (str_eq(name, str_of(names[r]))) {
            return (role)r;
        }
    }
    return ROLE_NONE;
}
