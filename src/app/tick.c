/* SPDX-License-Identifier: Apache-2.0 */
#include "app/tick.h"

#include "app/inquiry.h"
#include "app/order.h"
#include "app/programme.h"
#include "app/retention.h"
#include "app/sanction.h"
#include "app/session.h"
#include "app/signals.h"
#include "app/staff_signal.h"
#include "app/supplement.h"
#include "app/view.h"
#include "app/voucher.h"
#include "base/canon.h"

#define TICK_ARENA_MAX (64 * 1024 * 1024)

static void add(tick_report *sum, const tick_report *ran)
{
    sum->lapsed += ran->lapsed;
    sum->confirmed += ran->confirmed;
    sum->cancelled += ran->cancelled;
    sum->closed += ran->closed;
    sum->expired += ran->expired;
    sum->bans += ran->bans;
    sum->applications += ran->applications;
    sum->claims += ran->claims;
    sum->policies += ran->policies;
    sum->inquiries += ran->inquiries;
    sum->erased += ran->erased;
    sum->staff_looks += ran->staff_looks;
    sum->signals += ran->signals;
}

/* The clocks of one programme, by its own calendar day. */
static tq_code tick_one(app *site, int64_t programme_id, const char *zone_name, day until,
                        tick_report *done, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("clocks", TICK_ARENA_MAX);
    zone *z = NULL;
    TQ_TRY(zone_open(zone_name, &z, err));
    const instant now = instant_now();
    const day today = zone_day(z, now);
    zone_free(z);
    if (until.n == DAY_NONE.n) {
        until = today;
    }
    if (until.n > today.n) {
        return tq_fail(err, TQ_USAGE, "day_ahead", "until", "clocks do not run ahead of today");
    }
    const call act = {.who = {.role = ROLE_SYSTEM, .programme_id = programme_id},
                      .at = now,
                      .today = until,
                      .a = a};
    order_clocks orders = {0};
    supplement_clocks supplements = {0};
    tick_report ran = {0};
    TQ_TRY(policy_start_due(site, &act, &ran.policies, err)); /* what follows is judged by it */
    TQ_TRY(supplement_due(site, &act, &supplements, err)); /* first: orders wait for their claims */
    TQ_TRY(order_clocks_due(site, &act, &orders, err));
    TQ_TRY(voucher_expire_due(site, &act, &ran.expired, err));
    TQ_TRY(ban_end_due(site, &act, &ran.bans, err));
    TQ_TRY(inquiry_end_due(site, &act, &ran.inquiries, err));
    TQ_TRY(retention_due(site, &act, &ran.erased, err));
    TQ_TRY(staff_look_due(site, &act, &ran.staff_looks, err));
    TQ_TRY(signals_due(site, &act, &ran.signals, err));
    TQ_TRY(access_sweep(site, &act, NULL, err)); /* no event: what has run out is only forgotten */
    ran.lapsed = orders.lapsed;
    ran.confirmed = orders.confirmed;
    ran.cancelled = orders.cancelled;
    ran.closed = orders.closed;
    ran.applications = supplements.applications;
    ran.claims = supplements.claims;
    add(done, &ran);
    return TQ_OK;
}

static tq_code programmes(app *site, arena *a, view_rows *out, tq_err *err)
{
    const view_scope all = {.reach = REACH_PROGRAMME};
    const view_query q = {.limit = VIEW_PAGE_MAX, .state = STR(""), .q = STR("")};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    return view_list(tx, view_of(VIEW_PROGRAMME), &all, &q, a, out, err);
}

tq_code tick_run(app *site, day until, tick_report *done, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("programmes", 1024 * 1024);
    const int zone_at_field = view_field_at(view_of(VIEW_PROGRAMME), "zone");
    view_rows rows;
    tick_report ran = {0};
    TQ_ASSERT(zone_at_field >= 0);
    TQ_TRY(programmes(site, a, &rows, err));
    if (rows.n == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "no_programme", "programme",
                       "the installation runs no programme yet; make one with `tongquan init`");
    }
    for (size_t i = 0; i < rows.n; i++) {
        const view_value *row = rows.rows[i].values;
        TQ_TRY(tick_one(site, row[0].n, row[zone_at_field].s.data, until, &ran, err));
    }
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
    canon_kint(&w, "policies_in_force", r->policies);
    canon_kint(&w, "inquiries_ended", r->inquiries);
    canon_kint(&w, "records_erased", r->erased);
    canon_kint(&w, "staff_looks", r->staff_looks);
    canon_kint(&w, "signals", r->signals);
    canon_close(&w);
}
