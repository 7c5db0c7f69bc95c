/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/person.h"
#include "cli/cli_access.h"

/* --person of someone known, or --name of someone new. */
static tq_code opened(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    const char *login = NULL;
    const char *name = NULL;
    int64_t person_id = 0;
    int64_t org_id = 0;
    int64_t user_id = 0;
    TQ_TRY(cli_need(c, "login", &login, err));
    TQ_TRY(cli_id(c, "org", false, &org_id, err));
    TQ_TRY(cli_id(c, "person", false, &person_id, err));
    if (person_id == 0) {
        TQ_TRY(cli_need(c, "name", &name, err));
    } else if (cli_flag(c, "name") || cli_flag(c, "phone")) {
        return tq_fail(err, TQ_USAGE, "person_twice", "person",
                       "give --person of somebody known, or --name of somebody new");
    }
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    if (person_id == 0) {
        const person_rq rq = {
            .name = str_of(name), .phone = cli_text(c, "phone"), .id_no = STR("")};
        TQ_TRY(user_open_new(act.site, &act.call, &rq, str_of(login), org_id, &user_id, err));
    } else {
        TQ_TRY(user_open(act.site, &act.call, person_id, str_of(login), org_id, &user_id, err));
    }
    return cli_made(c, "user", user_id, err);
}

static tq_code closed(const cli *c, tq_err *err)
{
    return cli_step_run(c, "user", user_close, err);
}

static tq_code shown(const cli *c, tq_err *err)
{
    return cli_show(c, T_USER_ACCOUNT, err);
}

tq_code verb_user(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"open", "role org login name phone person", 0, opened},
        {"close", "role org id", 0, closed},
        {"show", "id", 0, shown},
        {"passwd", "role", 1, user_passwd},
        {"unlock", "role", 1, user_unlock},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
