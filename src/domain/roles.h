/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ROLES_H
#define TQ_ROLES_H

/* Who may act (architecture §7). A set of roles is a bit mask. `system` stands for clocks that run out
 * (expiry, deemed confirmation); it is never maker or checker of money. */

#include "base/str.h"
#include <stdint.h>

/* clang-format off */
#define ROLE_MAP(X)                                                                                \
    X(FIRM_AGENT, firm_agent) X(FIRM_FINANCE, firm_finance) X(INST_AGENT, inst_agent)              \
    X(PLATFORM_AGENT, platform_agent) X(INTAKE, intake) X(REVIEWER1, reviewer1)                    \
    X(REVIEWER2, reviewer2) X(FINANCE_MAKER, finance_maker) X(FINANCE_CHECKER, finance_checker)    \
    X(CENTRE, centre) X(TOWNSHIP, township) X(OFFICE, office) X(GROUP, group)                      \
    X(INSPECTOR, inspector) X(LINKED_BUREAU, linked_bureau) X(POLICY_AUTHOR, policy_author)        \
    X(POLICY_APPROVER, policy_approver) X(SYSADMIN, sysadmin) X(SECADMIN, secadmin)                \
    X(AUDITOR, auditor) X(SUPERVISOR, supervisor) X(SUPERVISOR_HEAD, supervisor_head)              \
    X(PUBLIC, public) X(SYSTEM, system)
/* clang-format on */

typedef enum role {
    ROLE_NONE,
#define X(upper, lower) ROLE_##upper,
    ROLE_MAP(X)
#undef X
        ROLE_COUNT
} role;

typedef uint32_t role_set;
#define ROLES(r) (UINT32_C(1) << (unsigned)(r))
#define ROLES_ANY UINT32_MAX

const char *role_name(role r); /* "" for ROLE_NONE */
role role_of(str name);        /* ROLE_NONE where unknown */

/* What a person who holds `r` may not hold too (R-DUTY-020): who runs the system, who gives roles and who reads
 * the log are three persons; none of them works on cases or money, and whoever does is watched by others. */
role_set roles_apart(role r);

static inline bool role_in(role r, role_set set)
{
    return r != ROLE_NONE && (set & ROLES(r)) != 0;
}

#endif
