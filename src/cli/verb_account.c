/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/bank_account.h"

static tq_code propose(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    account_rq rq = {.holder = cli_text(c, "holder"),
                     .number = cli_text(c, "number"),
                     .bank = cli_text(c, "bank"),
                     .bank_code = cli_text(c, "bank-code"),
                     .letter = cli_text(c, "letter")};
    TQ_TRY(cli_id(c, "org", true, &rq.org_id, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(account_propose(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "account", id, err);
}

static tq_code confirm(const cli *c, tq_err *err)
{
    return cli_step_run(c, "account", account_confirm, err);
}

tq_code verb_account(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"propose", "role org holder number bank bank-code letter", 0, propose},
        {"confirm", "role org id", 0, confirm},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
