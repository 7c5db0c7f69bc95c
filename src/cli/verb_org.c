/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/organisation.h"

static tq_code org_new(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    org_rq rq = {.kind = cli_text(c, "kind"),
                 .credit_code = cli_text(c, "code"),
                 .name = cli_text(c, "name"),
                 .region = cli_text(c, "region")};
    TQ_TRY(cli_id(c, "place", false, &rq.place_id, err));
    TQ_TRY(cli_id(c, "parent", false, &rq.parent_id, err));
    TQ_TRY(cli_id(c, "platform", false, &rq.platform_id, err));
    TQ_TRY(cli_day(c, "from", (day){0}, &rq.since, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(org_register(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "organisation", id, err);
}

static tq_code org_named(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    const char *name = NULL;
    day from;
    TQ_TRY(cli_id(c, "id", true, &id, err));
    TQ_TRY(cli_need(c, "name", &name, err));
    TQ_TRY(cli_day(c, "from", (day){0}, &from, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(org_rename(act.site, &act.call, id, str_of(name), from.n == 0 ? act.call.today : from,
                      err));
    return cli_made(c, "organisation", id, err);
}

static tq_code org_fact(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    org_fact_rq rq = {.kind = cli_text(c, "kind"),
                      .value = cli_text(c, "value"),
                      .number = cli_text(c, "number")};
    TQ_TRY(cli_id(c, "id", true, &rq.org_id, err));
    TQ_TRY(cli_day(c, "from", (day){0}, &rq.from, err));
    TQ_TRY(cli_day(c, "to", (day){0}, &rq.to, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(org_fact_record(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "fact", id, err);
}

static tq_code org_show(const cli *c, tq_err *err)
{
    return cli_show(c, T_ORGANISATION, err);
}

tq_code verb_org(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"register", "role org kind code name region place parent platform from", 0, org_new},
        {"rename", "role org id name from", 0, org_named},
        {"fact", "role org id kind value number from to", 0, org_fact},
        {"show", "id", 0, org_show},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
