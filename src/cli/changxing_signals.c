/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_signals.h"

#include "app/delisting.h"
#include "app/row_change.h"
#include "app/signal_exchange.h"
#include "app/signal_list.h"
#include "app/signals.h"
#include "app/staff_signal.h"
#include "app/view.h"
#include "base/hash.h"

#define NEIGHBOUR "330523D" /* 安吉, as a programme of its own */
#define EXCHANGE_KEY "demonstration-key-of-two-counties"

static const plan_firm *firm_of(const world *w, int order)
{
    return &w->p->firms[w->p->vouchers[w->p->orders[order].voucher].firm];
}

/* Months around the order's days: another measure of the county pays for the same item. */
static void funding_row(const world *w, const char *measure, int order, buf *csv)
{
    BUF_AUTO buf days = buf_max(64);
    day_print(day_add(w->today, -120), &days);
    buf_char(&days, ',');
    day_print(w->today, &days);
    buf_printf(csv, "%s,%s,%s,20000.00,%.*s\n", measure, firm_of(w, order)->credit_code,
               plan_outcome_tokens[w->p->orders[order].outcome], STR_ARG(buf_view(&days)));
}

/* The open signal of a claim: 0 where none waits. */
static tq_code waiting(world *w, int order, int64_t *id, tq_err *err)
{
    const view *v = view_of(VIEW_SIGNAL);
    const view_scope all = {.reach = REACH_PROGRAMME, .programme_id = w->programme_id};
    const view_query q = {.limit = VIEW_PAGE_MAX, .state = STR("referred"), .q = STR("")};
    const int claim = view_field_at(v, "claim_id");
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    TQ_ASSERT(claim >= 0);
    *id = 0;
    TQ_TRY(work_read(w->site, &tx, err));
    TQ_TRY(view_list(tx, v, &all, &q, w->step, &rows, err));
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.rows[i].values[claim].n == w->orders[order].claim_id) {
            *id = rows.rows[i].values[0].n;
        }
    }
    return TQ_OK;
}

static tq_code funds_compared(world *w, const signal_cast *cast, tq_err *err)
{
    BUF_AUTO buf csv = buf_max(4096);
    signal_list_report met;
    int64_t signal = 0;
    buf_text(&csv, "measure,credit_code,item,amount,from,to\n");
    funding_row(w, "演示：县工业技改补助", cast->funded, &csv);
    funding_row(w, "演示：县质量提升奖补", cast->cleared, &csv);
    const call compares = world_as(w, ROLE_OFFICE);
    const signal_list_rq list = {.kind = STR("funding"), .bytes = buf_view(&csv)};
    TQ_TRY(signal_list_compare(w->site, &compares, &list, &met, err));
    TQ_ASSERT(met.hits >= 2);
    TQ_TRY(waiting(w, cast->cleared, &signal, err));
    TQ_ASSERT(signal != 0);
    const call decides = world_as(w, ROLE_GROUP);
    const signal_decision rq = {
        .signal_id = signal, .confirmed = false, .note = STR("演示：该补助支付设备，不含本次检测")};
    return signal_decide(w->site, &decides, &rq, err);
}

/* What the neighbour would send: its own invoices, among them one that our firm claimed there too. */
static tq_code neighbour_file(world *w, int order, buf *out, tq_err *err)
{
    event_value invoice[AUDITED_COLS_MAX];
    char key_id[65];
    char hex[2][65];
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(w->site, &tx, err));
        TQ_TRY(row_load(tx, T_INVOICE, w->orders[order].invoice_id, w->step, invoice, err));
    }
    const int year = day_ymd((day){(int32_t)row_num(invoice, C_INVOICE_ISSUED_DAY)}).year;
    digest_hex(hash_of(HASH_SHA256, STR(EXCHANGE_KEY)), key_id);
    digest_hex(hmac_sha256(STR(EXCHANGE_KEY), row_str(invoice, C_INVOICE_KEY)), hex[0]);
    digest_hex(hmac_sha256(STR(EXCHANGE_KEY), STR("of the neighbour alone")), hex[1]);
    const bool first = strcmp(hex[0], hex[1]) < 0;
    buf_printf(out,
               "{\"tongquan\":\"invoice_exchange\",\"v\":1,\"programme\":\"%s\",\"year\":%d,"
               "\"key_id\":\"%.8s\",\"count\":2}\n%s\n%s\n",
               NEIGHBOUR, year, key_id, hex[!first], hex[first]);
    return TQ_OK;
}

static tq_code counties_compared(world *w, int order, tq_err *err)
{
    BUF_AUTO buf file = buf_max(4096);
    exchange_report met;
    const call gives = world_as(w, ROLE_OFFICE);
    TQ_TRY(exchange_give(w->site, &gives, day_ymd(w->today).year, STR(EXCHANGE_KEY), &met, err));
    TQ_TRY(neighbour_file(w, order, &file, err));
    const call takes = world_as(w, ROLE_OFFICE);
    TQ_TRY(exchange_take(w->site, &takes, buf_view(&file), STR(EXCHANGE_KEY), &met, err));
    TQ_ASSERT(met.hits == 1);
    return TQ_OK;
}

tq_code watch_signals(world *w, const signal_cast *cast, tq_err *err)
{
    staff_looked looked;
    int64_t id = 0;
    TQ_TRY(funds_compared(w, cast, err));
    TQ_TRY(counties_compared(w, cast->elsewhere, err));
    const call looks = world_as(w, ROLE_SUPERVISOR);
    TQ_TRY(staff_look(w->site, &looks, cast->from, day_add(w->today, -1), &looked, err));
    TQ_ASSERT(looked.found > 0);
    const call decides = world_as(w, ROLE_GROUP);
    const decision_paper minutes = {
        arena_printf(decides.a, "长创券纪要〔%d〕演示14号", day_ymd(w->today).year), w->today,
        STR("")};
    return delist(w->site, &decides, w->institutions[cast->delisted].org_id,
                  STR("演示：检测资质到期未续"), &minutes, &id, err);
}
