/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_run.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/order.h"
#include "app/sanction.h"
#include "app/voucher.h"
#include "cli/changxing_living.h"
#include "cli/changxing_orders.h"
#include "cli/changxing_quarters.h"
#include "cli/changxing_register.h"
#include "cli/changxing_watch.h"

#define LIFE_MAX (256 * 1024 * 1024)
#define STEP_MAX (64 * 1024 * 1024)
#define DEEDS_MAX 60000
#define CASE_FIRM 511

/* What happens on a day, in this order. */
typedef enum deed_kind {
    DEED_YEAR_FUND,
    DEED_REGIONS,
    DEED_CLOCKS,
    DEED_JOIN,
    DEED_AWARD_ROUND,
    DEED_APPLY,
    DEED_AWARD_ISSUE,
    DEED_TOP_UP,
    DEED_ORDER,
    DEED_DELIVER,
    DEED_CONFIRM,
    DEED_CLAIM,
    DEED_SETBACK,
    DEED_MEND,
    DEED_CHECK,
    DEED_APPROVE,
    DEED_PUBLISH,
    DEED_PAY,
    DEED_BANK,
    DEED_ACCOUNT,
    DEED_REPEAT,
    DEED_CASE,
    DEED_HEARING,
    DEED_VERDICT,
    DEED_COLLECT,
    DEED_ASSESS
} deed_kind;

typedef struct deed {
    int32_t on;
    deed_kind kind;
    int subject;
} deed;

typedef struct agenda {
    deed *list;
    int n;
} agenda;

static void put(agenda *a, int32_t on, deed_kind kind, int subject)
{
    TQ_ASSERT(a->n < DEEDS_MAX);
    a->list[a->n++] = (deed){on, kind, subject};
}

static int32_t on(int year, int month, int mday)
{
    return day_of_ymd((ymd){year, month, mday}).n;
}

static int32_t work_from(int32_t n)
{
    while (day_weekday((day){n}) >= 6) {
        n++;
    }
    return n;
}

static int by_day(const void *x, const void *y)
{
    const deed *a = x;
    const deed *b = y;
    if (a->on != b->on) {
        return a->on < b->on ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return a->subject < b->subject ? -1 : a->subject > b->subject;
}

static void plan_orders(const plan *p, agenda *a)
{
    for (int i = 0; i < p->n_orders; i++) {
        const plan_order *o = &p->orders[i];
        const bool setback = o->fate == FATE_RETURNED_ONCE || o->fate == FATE_REFUSED;
        put(a, o->made, DEED_ORDER, i);
        put(a, o->confirmed - 3, DEED_DELIVER, i);
        put(a, o->confirmed, DEED_CONFIRM, i);
        put(a, o->filed, DEED_CLAIM, i);
        if (setback) {
            put(a, work_from(o->filed + 1), DEED_SETBACK, i);
            put(a, work_from(o->filed + 2), DEED_MEND, i);
        }
        put(a, work_from(o->filed + (setback ? 3 : 2)), DEED_CHECK, i);
        put(a, work_from(o->filed + (setback ? 4 : 3)), DEED_APPROVE, i);
    }
}

/* A quarter is published on the 8th and paid from the 20th of the month after it; the last one, so that
 * the money is out inside December 2017 (P-54), on the 7th and 18th of December. */
static void plan_quarters(agenda *a)
{
    for (int y = 2013; y <= 2017; y++) {
        for (int q = y == 2013 ? 3 : 1; q <= 4; q++) {
            const bool last = y == 2017 && q == 4;
            const int year = q == 4 && !last ? y + 1 : y;
            const int month = last ? 12 : q == 4 ? 1 : q * 3 + 1;
            put(a, work_from(on(year, month, last ? 7 : 8)), DEED_PUBLISH, 0);
            const int32_t pay = work_from(on(year, month, last ? 18 : 21));
            put(a, pay, DEED_PAY, y * 10 + q);
            put(a, work_from(pay + 2), DEED_BANK, 0);
        }
    }
    put(a, on(2015, 8, 3), DEED_ACCOUNT, 0);
    put(a, on(2015, 8, 17), DEED_REPEAT, 0);
    put(a, on(2015, 8, 19), DEED_BANK, 0);
    put(a, on(2017, 9, 4), DEED_CASE, CASE_FIRM);
    put(a, on(2017, 9, 11), DEED_HEARING, CASE_FIRM);
    put(a, on(2017, 9, 18), DEED_VERDICT, CASE_FIRM);
    put(a, on(2017, 10, 16), DEED_COLLECT, CASE_FIRM);
    for (int y = 2013; y <= 2016; y++) {
        put(a, on(y + 1, 2, 17), DEED_ASSESS, y);
    }
}

static void make_agenda(const plan *p, agenda *a)
{
    for (int y = 2013; y <= 2017; y++) {
        put(a, y == 2013 ? on(2013, 9, 3) : on(y, 1, 4), DEED_YEAR_FUND, y);
        if (y > 2013) {
            put(a, on(y, 4, 7), DEED_AWARD_ROUND, y);
        }
    }
    /* Agreements and recognitions as the cast has them, and the clocks once a month. */
    for (int i = 0; i < p->n_institutions; i++) {
        if (i == 0 || p->institutions[i].open_from != p->institutions[i - 1].open_from) {
            put(a, p->institutions[i].open_from, DEED_REGIONS, i);
        }
    }
    for (int32_t n = on(2013, 10, 1); n <= on(2017, 12, 31); n = day_add_months((day){n}, 1).n) {
        put(a, n, DEED_CLOCKS, 0);
    }
    for (int i = 0; i < p->n_firms; i++) {
        put(a, p->firms[i].joins, DEED_JOIN, i);
    }
    for (int v = 0; v < p->n_vouchers; v++) {
        put(a, p->vouchers[v].day, p->vouchers[v].award ? DEED_AWARD_ISSUE : DEED_APPLY, v);
        if (p->vouchers[v].top_up_fen > 0) {
            put(a, work_from(p->vouchers[v].day + 60), DEED_TOP_UP, v);
        }
    }
    plan_orders(p, a);
    plan_quarters(a);
    qsort(a->list, (size_t)a->n, sizeof a->list[0], by_day);
}

static tq_code run_clocks(world *w, tq_err *err)
{
    order_clocks orders = {0};
    int64_t expired = 0;
    int64_t bans = 0;
    const call first = world_system(w);
    TQ_TRY(order_clocks_due(w->site, &first, &orders, err));
    const call second = world_system(w);
    TQ_TRY(voucher_expire_due(w->site, &second, &expired, err));
    const call third = world_system(w);
    return ban_end_due(w->site, &third, &bans, err);
}

static tq_code pay(world *w, int quarter, tq_err *err)
{
    char period[16];
    (void)snprintf(period, sizeof period, "%dQ%d", quarter / 10, quarter % 10);
    return quarter_pay(w, period, err);
}

static tq_code perform(world *w, const deed *d, tq_err *err)
{
    switch (d->kind) {
    case DEED_YEAR_FUND:
        return world_year_fund(w, d->subject, err);
    case DEED_REGIONS:
        return world_open_regions(w, err);
    case DEED_CLOCKS:
        return run_clocks(w, err);
    case DEED_JOIN:
        return world_firm_joins(w, d->subject, err);
    case DEED_AWARD_ROUND:
        return act_award_round(w, d->subject, err);
    case DEED_APPLY:
        return act_apply(w, d->subject, err);
    case DEED_AWARD_ISSUE:
        return act_issue(w, d->subject, err);
    case DEED_TOP_UP:
        return act_top_up(w, d->subject, err);
    case DEED_ORDER:
        return act_order(w, d->subject, err);
    case DEED_DELIVER:
        return act_deliver(w, d->subject, err);
    case DEED_CONFIRM:
        return act_confirm(w, d->subject, err);
    case DEED_CLAIM:
        return act_claim(w, d->subject, err);
    case DEED_SETBACK:
        return act_setback(w, d->subject, err);
    case DEED_MEND:
        return act_mend(w, d->subject, err);
    case DEED_CHECK:
        return act_check(w, d->subject, err);
    case DEED_APPROVE:
        return act_approve(w, d->subject, err);
    case DEED_PUBLISH:
        return quarter_publish(w, err);
    case DEED_PAY:
        return pay(w, d->subject, err);
    case DEED_REPEAT:
        return quarter_repeat(w, err);
    case DEED_BANK:
        return quarter_bank(w, err);
    case DEED_ACCOUNT:
        return quarter_new_account(w, err);
    case DEED_CASE:
        return violation_open(w, d->subject, err);
    case DEED_HEARING:
        return violation_hear(w, err);
    case DEED_VERDICT:
        return violation_decide(w, d->subject, err);
    case DEED_COLLECT:
        return violation_collect(w, err);
    case DEED_ASSESS:
        TQ_TRY(register_year(w, d->subject, err));
        return watch_assess(w, d->subject, err);
    }
    return tq_fail(err, TQ_INTERNAL, "demo_deed", NULL, "a deed of an unknown kind");
}

static tq_code play(world *w, const agenda *a,
                    void (*progress)(const char *what, int64_t done, int64_t total), tq_err *err)
{
    for (int i = 0; i < a->n; i++) {
        const deed *d = &a->list[i];
        if (d->on > w->today.n) {
            w->today = (day){d->on};
            w->moment = 0;
            if (progress != NULL) {
                progress("changxing", i, a->n);
            }
        }
        if (perform(w, d, err) != TQ_OK) {
            const ymd y = day_ymd((day){d->on});
            return tq_err_at(err, "%04d-%02d-%02d deed %d of %d", y.year, y.month, y.mday,
                             (int)d->kind, d->subject);
        }
    }
    if (progress != NULL) {
        progress("changxing", a->n, a->n);
    }
    return TQ_OK;
}

tq_code changxing_replay(app *site, uint64_t seed, day today,
                         void (*progress)(const char *what, int64_t done, int64_t total),
                         tq_err *err)
{
    ARENA_AUTO arena *life = arena_new("replay", LIFE_MAX);
    ARENA_AUTO arena *step = arena_new("step", STEP_MAX);
    plan *p = ARENA_NEW(life, plan, 1);
    plan_make(seed, life, p);
    world w = {.site = site, .p = p, .life = life, .step = step, .today = {on(2013, 9, 2)}};
    w.firms = ARENA_NEW(life, firm_state, p->n_firms);
    w.institutions = ARENA_NEW(life, firm_state, p->n_institutions);
    w.vouchers = ARENA_NEW(life, voucher_state, p->n_vouchers);
    w.orders = ARENA_NEW(life, order_state, p->n_orders);
    w.publications = ARENA_NEW(life, int64_t, WORLD_PUBLICATIONS_MAX);
    TQ_TRY(zone_open("Asia/Shanghai", &w.zone, err));
    agenda a = {.list = ARENA_NEW(life, deed, DEEDS_MAX)};
    make_agenda(p, &a);
    tq_code code = world_found(&w, err);
    if (code == TQ_OK) {
        code = play(&w, &a, progress, err);
    }
    if (code == TQ_OK) {
        code = watch_inspect(&w, err); /* after the last payment: the paper's years are over */
    }
    if (code == TQ_OK && today.n != DAY_NONE.n) {
        code = living_play(&w, today, err);
    }
    if (code == TQ_OK) {
        code = store_flush(app_store(site), err);
    }
    zone_free(w.zone);
    return code;
}
