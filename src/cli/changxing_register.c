/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_register.h"

#include "app/register_filing.h"

tq_code register_year(world *w, int year, tq_err *err)
{
    int64_t id = 0;
    const call files = world_as(w, ROLE_OFFICE);
    TQ_TRY(register_file(w->site, &files, &id, err));
    const call receives = world_as(w, ROLE_OFFICE);
    return register_receive(w->site, &receives, id,
                            arena_printf(receives.a, "浙科券备〔%d〕演示1号", year + 1), w->today,
                            err);
}
