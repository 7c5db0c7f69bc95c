/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "app/order.h"
#include "app/report.h"
#include "app/sanction.h"
#include "app/voucher.h"
#include "store/checkpoint.h"

#define CLOCKS_ARENA_MAX (64 * 1024 * 1024)

tq_code cli_clocks_run(app *site, day until, cli_clocks *done, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("clocks", CLOCKS_ARENA_MAX);
    programme_face p;
    zone *z = NULL;
    TQ_TRY(report_programme(site, a, &p, err));
    TQ_TRY(zone_open(p.zone.data, &z, err));
    const instant now = instant_now();
    const day today = zone_day(z, now);
    zone_free(z);
    if (until.n == DAY_NONE.n) {
        until = today;
    }
    if (until.n > today.n) {
        return tq_fail(err, TQ_USAGE, "day_ahead", "until", "clocks do not run ahead of today");
    }
    const call act = {.who = {.role = ROLE_SYSTEM, .programme_id = p.id}, .at = now, .today = until,
                      .a = a};
    order_clocks orders = {0};
    cli_clocks ran = {0};
    TQ_TRY(order_clocks_due(site, &act, &orders, err));
    TQ_TRY(voucher_expire_due(site, &act, &ran.expired, err));
    TQ_TRY(ban_end_due(site, &act, &ran.bans, err));
    ran.lapsed = orders.lapsed;
    ran.confirmed = orders.confirmed;
    ran.cancelled = orders.cancelled;
    ran.closed = orders.closed;
    *done = ran;
    return TQ_OK;
}

/* For installations that no server runs on: a server lets the clocks run itself. */
tq_code verb_tick(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    day until;
    cli_clocks ran = {0};
    TQ_TRY(cli_day(c, "until", DAY_NONE, &until, err));
    TQ_TRY(cli_open(c, CLI_WRITE, &site, err));
    TQ_TRY(cli_clocks_run(site, until, &ran, err));
    TQ_TRY(checkpoint_write(app_store(site), instant_now(), err));
    BUF_AUTO buf out = buf_max(1024);
    buf_printf(&out,
               "orders lapsed %lld, deemed confirmed %lld, cancelled %lld, closed %lld; vouchers "
               "expired %lld; bans ended %lld",
               (long long)ran.lapsed, (long long)ran.confirmed, (long long)ran.cancelled,
               (long long)ran.closed, (long long)ran.expired, (long long)ran.bans);
    return cli_print(&out, err);
}
