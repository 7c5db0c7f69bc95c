/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/person.h"

/* --role is the actor's; --gives the role that the user would hold. */
static tq_code propose(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    const char *gives = NULL;
    int64_t id = 0;
    grant_rq rq = {0};
    TQ_TRY(cli_id(c, "user", true, &rq.user_id, err));
    TQ_TRY(cli_need(c, "gives", &gives, err));
    rq.role = role_of(str_of(gives));
    if (rq.role == ROLE_NONE) {
        return tq_fail(err, TQ_USAGE, "role_name", "gives", "there is no such role");
    }
    TQ_TRY(cli_id(c, "org", false, &rq.org_id, err));
    TQ_TRY(cli_day(c, "from", (day){0}, &rq.from, err));
    TQ_TRY(cli_day(c, "to", (day){0}, &rq.to, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    rq.programme_id = cli_flag(c, "everywhere") ? 0 : act.call.who.programme_id;
    TQ_TRY(grant_propose(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "grant", id, err);
}

static tq_code confirm(const cli *c, tq_err *err)
{
    return cli_step_run(c, "grant", grant_confirm, err);
}

static tq_code end(const cli *c, tq_err *err)
{
    return cli_step_run(c, "grant", grant_end, err);
}

tq_code verb_grant(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"propose", "role org user gives everywhere from to", 0, propose},
        {"confirm", "role org id", 0, confirm},
        {"end", "role org id", 0, end},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
