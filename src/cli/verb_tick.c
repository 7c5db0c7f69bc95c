/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "app/order.h"
#include "app/report.h"
#include "app/sanction.h"
#include "app/voucher.h"
#include "store/checkpoint.h"

/* Every clock that has run out by the end of a day; run twice it does nothing the second time. */
tq_code verb_tick(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    programme_face p;
    zone *z = NULL;
    day until;
    TQ_TRY(cli_open(c, CLI_WRITE, &site, err));
    TQ_TRY(report_programme(site, c->a, &p, err));
    TQ_TRY(zone_open(p.zone.data, &z, err));
    const instant now = instant_now();
    const day today = zone_day(z, now);
    zone_free(z);
    TQ_TRY(cli_day(c, "until", today, &until, err));
    if (until.n > today.n) {
        return tq_fail(err, TQ_USAGE, "day_ahead", "until", "clocks do not run ahead of today");
    }
    const call act = {.who = {.role = ROLE_SYSTEM, .programme_id = p.id}, .at = now, .today = until,
                       .a = c->a};
    order_clocks orders = {0};
    int64_t expired = 0;
    int64_t bans = 0;
    TQ_TRY(order_clocks_due(site, &act, &orders, err));
    TQ_TRY(voucher_expire_due(site, &act, &expired, err));
    TQ_TRY(ban_end_due(site, &act, &bans, err));
    TQ_TRY(checkpoint_write(app_store(site), now, err));
    BUF_AUTO buf out = buf_max(1024);
    buf_printf(&out,
               "orders lapsed %lld, deemed confirmed %lld, cancelled %lld, closed %lld; vouchers "
               "expired %lld; bans ended %lld",
               (long long)orders.lapsed, (long long)orders.confirmed, (long long)orders.cancelled,
               (long long)orders.closed, (long long)expired, (long long)bans);
    return cli_print(&out, err);
}
