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

#define R(r) ROLES(ROLE_##r)
#define ADMINS (R(SYSADMIN) | R(SECADMIN) | R(AUDITOR))
#define WATCHES (R(SUPERVISOR) | R(SUPERVISOR_HEAD))
#define WORKS                                                                                      \
    (R(INTAKE) | R(REVIEWER1) | R(REVIEWER2) | R(FINANCE_MAKER) | R(FINANCE_CHECKER) | R(CENTRE) | \
     R(TOWNSHIP) | R(OFFICE) | R(GROUP) | R(INSPECTOR) | R(POLICY_AUTHOR) | R(POLICY_APPROVER))

role_set roles_apart(role r)
{
    if (r == ROLE_AUDITOR) { /* reads all and changes nothing, as those who watch do */
        return (ADMINS & ~R(AUDITOR)) | WORKS;
    }
    if (role_in(r, ADMINS)) {
        return (ADMINS & ~ROLES(r)) | WATCHES | WORKS;
    }
    if (role_in(r, WATCHES)) {
        return R(SYSADMIN) | R(SECADMIN) | WORKS;
    }
    return role_in(r, WORKS) ? ADMINS | WATCHES : 0;
}
