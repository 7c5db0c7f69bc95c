/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_people.h"

#include "app/login.h"
#include "base/canon.h"

tq_code changxing_people(app *site, int64_t *users, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("demo people", 1024 * 1024);
    const call c = {.at = instant_now(), .who = {.role = ROLE_SYSTEM}, .a = a};
    return login_demo(site, &c, STR(DEMO_PASSWORD), users, err);
}

void changxing_people_tell(int64_t users, bool json, buf *out)
{
    TQ_ASSERT(users >= 0);
    if (json) {
        canon w = canon_to(out);
        canon_open(&w);
        canon_kint(&w, "users", users);
        canon_kstr(&w, "login", STR("demo-ROLE"));
        canon_kstr(&w, "password", STR(DEMO_PASSWORD));
        canon_close(&w);
        return;
    }
    buf_text(out, "演示 demonstration: log in as demo-ROLE (demo-reviewer1, demo-finance_maker, "
                  "demo-firm_agent, "
                  "demo-secadmin, ...), password " DEMO_PASSWORD);
}
