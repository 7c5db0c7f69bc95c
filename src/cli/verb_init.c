/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/programme.h"
#include "cli/cli_fresh.h"

/* An empty installation with one programme, two security administrators and a system administrator. */
tq_code verb_init(const cli *c, tq_err *err)
{
    FRESH_AUTO cli_fresh made = {0};
    const char *code = NULL;
    const char *name_zh = NULL;
    const char *first = NULL;
    const char *second = NULL;
    const char *system = NULL;
    TQ_TRY(cli_need(c, "code", &code, err));
    TQ_TRY(cli_need(c, "name", &name_zh, err));
    TQ_TRY(cli_need(c, "secadmin", &first, err));
    TQ_TRY(cli_need(c, "secadmin2", &second, err));
    TQ_TRY(cli_need(c, "sysadmin", &system, err));
    const char *division = cli_value(c, "division");
    const char *english = cli_value(c, "english");
    const char *zone_name = cli_value(c, "zone");
    const char *money_code = cli_value(c, "currency");
    const first_user users[] = {
        {ROLE_SECADMIN, cli_flag(c, "cli-secadmin") ? cli_login(c) : STR("security1"),
         str_of(first), STR(""), STR("")},
        {ROLE_SECADMIN, STR("security2"), str_of(second), STR(""), STR("")},
        {ROLE_SYSADMIN, STR("system1"), str_of(system), STR(""), STR("")},
    };
    const site_init_rq rq = {
        .programme = {.code = str_of(code),
                      .name_zh = str_of(name_zh),
                      .name_en = str_of(english == NULL ? name_zh : english),
                      .division = str_of(division == NULL ? code : division),
                      .currency = str_of(money_code == NULL ? "CNY" : money_code),
                      .zone = str_of(zone_name == NULL ? "Asia/Shanghai" : zone_name),
                      .fiscal_month = 1},
        .users = users,
        .n_users = TQ_COUNT(users),
    };
    zone *z = NULL;
    TQ_TRY(zone_open(rq.programme.zone.data, &z, err));
    const instant now = instant_now();
    const call act = {
        .who = {.role = ROLE_SYSTEM}, .at = now, .today = zone_day(z, now), .a = c->a};
    zone_free(z);
    int64_t programme_id = 0;
    TQ_TRY(cli_fresh_begin(c, false, &made, err));
    TQ_TRY(site_init(made.site, &act, &rq, &programme_id, NULL, NULL, err));
    return cli_fresh_keep(c, &made, err);
}
