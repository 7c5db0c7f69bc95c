/* SPDX-License-Identifier: Apache-2.0 */
#include "app/tick.h"

#include "app/order.h"
#include "app/report.h"
#include "app/sanction.h"
#include "app/session.h"
#include "app/supplement.h"
#include "app/voucher.h"
#include "base/canon.h"

#define TICK_ARENA_MAX (64 * 1024 * 1024)

tq_code tick_run(app *site, day until, tick_report *done, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("clocks", TICK_ARENA_MAX);
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
    supplement_clocks supplements = {0};
    tick_report ran = {0};
    TQ_TRY(supplement_due(site, &act, &supplements, err)); /* first: orders wait for their claims */
    TQ_TRY(order_clocks_due(site, &act, &orders, err));
    TQ_TRY(voucher_expire_due(site, &act, &ran.expired, err));
    TQ_TRY(ban_end_due(site, &act, &ran.bans, err));
    TQ_TRY(access_sweep(site, &act, NULL, err)); /* no event: what has run out is only forgotten */
    ran.lapsed = orders.lapsed;
    ran.confirmed = orders.confirmed;
    ran.cancelled = orders.cancelled;
    ran.closed = orders.closed;
    ran.applications = supplements.applications;
    ran.claims = supplements.claims;
    *done = ran;
    return TQ_OK;
}

void tick_write(const tick_report *r, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kint(&w, "orders_lapsed", r->lapsed);
    canon_kint(&w, "orders_confirmed", r->confirmed);
    canon_kint(&w, "orders_cancelled", r->cancelled);
    canon_kint(&w, "orders_closed", r->closed);
    canon_kint(&w, "vouchers_expired", r->expired);
    canon_kint(&w, "bans_ended", r->bans);
    canon_kint(&w, "applications_withdrawn", r->applications);
    canon_kint(&w, "claims_withdrawn", r->claims);
    canon_close(&w);
}
