/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/states.h"

#include "base/err.h"

static const state_arrow arrows[] = {
#define ARROW(table, from, to, roles) {#table, #from, #to, (roles)},
#include "domain/states.def"
#undef ARROW
};

state_answer state_may(const char *table, str from, str to, role r)
{
    TQ_ASSERT(table != NULL);
    if (to.len == 0 || str_eq(from, STR("_"))) {
        return STATE_NO_ARROW; /* from a log that is not ours */
    }
    const str origin = from.len == 0 ? STR("_") : from;
    for (size_t i = 0; i < TQ_COUNT(arrows); i++) {
        const state_arrow *a = &arrows[i];
        if (strcmp(a->table, table) == 0 && str_eq(origin, str_of(a->from)) &&
            str_eq(to, str_of(a->to))) {
            return role_in(r, a->roles) ? STATE_OK : STATE_WRONG_ROLE;
        }
    }
    return STATE_NO_ARROW;
}

const state_arrow *state_arrows(size_t *count)
{
    *count = TQ_COUNT(arrows);
    return arrows;
}
