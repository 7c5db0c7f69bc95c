/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "app/tick.h"
#include "store/checkpoint.h"

/* For installations that no server runs on: a server lets the clocks run itself. */
tq_code verb_tick(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    day until;
    tick_report ran = {0};
    TQ_TRY(cli_day(c, "until", DAY_NONE, &until, err));
    TQ_TRY(cli_open(c, CLI_WRITE, &site, err));
    TQ_TRY(tick_run(site, until, &ran, err));
    TQ_TRY(checkpoint_write(app_store(site), instant_now(), err));
    BUF_AUTO buf out = buf_max(1024);
    if (cli_flag(c, "json")) {
        tick_write(&ran, &out);
        return cli_print(c, &out, err);
    }
    buf_printf(&out,
               "orders lapsed %lld, deemed confirmed %lld, cancelled %lld, closed %lld; vouchers "
               "expired %lld; bans ended %lld; policies in force %lld",
               (long long)ran.lapsed, (long long)ran.confirmed, (long long)ran.cancelled,
               (long long)ran.closed, (long long)ran.expired, (long long)ran.bans,
               (long long)ran.policies);
    return cli_print(c, &out, err);
}
