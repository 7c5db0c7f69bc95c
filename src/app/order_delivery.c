/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_inner.h"

#include "app/row_change.h"

static tq_code parts_so_far(store_tx *tx, int64_t order_id, int64_t *parts, int64_t *fen,
                            tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_ORDER_DELIVERED, ARGS(arg_int(order_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    *parts = row_int(&r);
    *fen = row_int(&r);
    return TQ_OK;
}

/* The institution delivers; the firm itself where the other side has no log-in. Work goes on
 * after the voucher's last day, but not on a voucher that is frozen or cancelled. */
static tq_code deliver_need(store_tx *tx, const call *c, const order_case *k, tq_err *err)
{
    if (role_in(c->who.role, R_FIRM) &&
        !order_without_login(row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND))) {
        return tq_fail(err, TQ_FORBIDDEN, "other_side", "order",
                       "the institution reports its delivery");
    }
    TQ_TRY(order_need_state(k, "accepted", err));
    if (row_is(k->voucher, C_VOUCHER_STATE, "frozen") ||
        row_is(k->voucher, C_VOUCHER_STATE, "cancelled")) {
        return tq_fail(err, TQ_CONFLICT, "voucher_not_active", "voucher", "the voucher is %.*s",
                       STR_ARG(row_str(k->voucher, C_VOUCHER_STATE)));
    }
    return order_ban_check(tx, c, k, err);
}

/* What came out of a pooled order is counted once (P-54), with the order that the others joined. */
static tq_code outcome_need(store_tx *tx, const order_case *k, int64_t count, tq_err *err)
{
    int64_t lead = 0;
    TQ_TRY(order_pool_lead(tx, k->id, &lead, err));
    if (lead == 0 && count < 1) {
        return tq_fail(err, TQ_INVALID, "outcome_count", "delivery.outcome_count",
                       "count at least one result");
    }
    if (lead != 0 && count != 0) {
        return tq_fail(err, TQ_INVALID, "outcome_count", "delivery.outcome_count",
                       "results are counted with the order that was joined; leave it 0 here");
    }
    return TQ_OK;
}

/* Share of the contract of this part; the last may leave it to us. */
static tq_code part_amount(const order_case *k, const order_delivery *rq, int64_t before,
                           int64_t *out, tq_err *err)
{
    const int64_t rest = row_num(k->row, C_SERVICE_ORDER_CONTRACT_FEN) - before;
    TQ_ASSERT(rest >= 0);
    if (rq->amount_fen < 0 || rq->amount_fen > rest) {
        return tq_fail(err, TQ_INVALID, "over_contract", "delivery.amount",
                       "all parts together are at most the contract");
    }
    if (rq->amount_fen == 0 && !rq->last) {
        return tq_fail(err, TQ_INVALID, "amount_range", "delivery.amount", "a part is above zero");
    }
    *out = rq->amount_fen == 0 ? rest : rq->amount_fen;
    return TQ_OK;
}

static tq_code delivered(store_tx *tx, const call *c, event *e, const order_case *k, tq_err *err)
{
    policy_clock clock;
    day confirm_by;
    TQ_ASSERT(k->id != 0);
    TQ_TRY(policy_clock_get(k->p, k->kind.data, "deemed_confirmation", &clock, err));
    TQ_TRY(clock_end(tx, c->who.programme_id, c->today, &clock, &confirm_by, err));
    event_change(e, T_SERVICE_ORDER, k->id);
    event_text(e, C_SERVICE_ORDER_STATE, STR("delivered"));
    event_int(e, C_SERVICE_ORDER_DELIVERED_DAY, c->today.n);
    event_int(e, C_SERVICE_ORDER_CONFIRM_BY_DAY, confirm_by.n);
    return TQ_OK;
}

/* Parts may come one by one (testing by batches); only the last one starts the clock of the firm. */
tq_code order_deliver(app *a, const call *c, const order_delivery *rq, int64_t *delivery_id,
                      tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    int64_t id = 0;
    int64_t parts = 0;
    int64_t before = 0;
    int64_t amount = 0;
    TQ_TRY(line_may(rq->outcome_kind, "delivery.outcome_kind", err));
    TQ_TRY(line_may(rq->report, "delivery.report", err));
    TQ_TRY(order_begin(a, c, R_INST | R_FIRM, rq->order_id, false, &tx, &k, err));
    TQ_TRY(deliver_need(tx, c, &k, err));
    TQ_TRY(outcome_need(tx, &k, rq->outcome_count, err));
    TQ_TRY(parts_so_far(tx, k.id, &parts, &before, err));
    TQ_TRY(part_amount(&k, rq, before, &amount, err));
    event e = work_event(c, EV_ORDER_DELIVER);
    TQ_TRY(event_new_row(tx, &e, T_DELIVERY, &id, err));
    event_int(&e, C_DELIVERY_ORDER_ID, k.id);
    event_int(&e, C_DELIVERY_N, parts + 1);
    event_text(&e, C_DELIVERY_OUTCOME_KIND,
               rq->outcome_kind.len > 0 ? rq->outcome_kind
                                        : row_str(k.row, C_SERVICE_ORDER_OUTCOME_KIND));
    event_int(&e, C_DELIVERY_OUTCOME_COUNT, rq->outcome_count);
    event_int(&e, C_DELIVERY_AMOUNT_FEN, amount);
    event_int(&e, C_DELIVERY_DAY, c->today.n);
    event_text(&e, C_DELIVERY_REPORT, rq->report);
    if (rq->last) {
        TQ_TRY(delivered(tx, c, &e, &k, err));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *delivery_id = id;
    return TQ_OK;
}

/* By the clock the silence of the firm is its word, so that an institution is not kept waiting for ever. */
tq_code order_confirm(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(order_begin(a, c, R_FIRM | R_SYSTEM, id, false, &tx, &k, err));
    TQ_TRY(order_need_state(&k, "delivered", err));
    if (c->who.role == ROLE_SYSTEM &&
        row_num(k.row, C_SERVICE_ORDER_CONFIRM_BY_DAY) >= c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "not_due", "order.confirm_by",
                       "the firm may still answer");
    }
    event e = work_event(c, EV_ORDER_CONFIRM);
    event_change(&e, T_SERVICE_ORDER, id);
    event_text(&e, C_SERVICE_ORDER_STATE, STR("confirmed"));
    event_int(&e, C_SERVICE_ORDER_CONFIRMED_DAY, c->today.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* The hold stays: a dispute decides about it, and until then nobody has it. */
tq_code order_dispute(app *a, const call *c, int64_t id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(line_need(cause, "order.cause", err));
    TQ_TRY(order_begin(a, c, R_FIRM, id, false, &tx, &k, err));
    TQ_TRY(order_need_state(&k, "delivered", err));
    event e = work_event(c, EV_ORDER_DISPUTE);
    order_state_change(&e, id, "disputed", cause);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code order_resolve(app *a, const call *c, int64_t id, bool confirmed, str reason, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    int64_t decision = 0;
    TQ_TRY(line_need(reason, "order.reason", err));
    TQ_TRY(order_begin(a, c,
                       R_FIRM | ROLES(ROLE_REVIEWER1) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), id,
                       true, &tx, &k, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(order_need_state(&k, "disputed", err));
    if (role_in(c->who.role, R_FIRM) && !confirmed) {
        return tq_fail(err, TQ_FORBIDDEN, "other_side", "order",
                       "the firm can give way; that it is right is for the bureau to decide");
    }
    event e = work_event(c, confirmed ? EV_ORDER_CONFIRM : EV_ORDER_CANCEL);
    TQ_TRY(decision_add(tx, c, &e, T_SERVICE_ORDER, id, confirmed ? "confirmed" : "cancelled",
                        arena_copy(c->a, reason).data, k.policy_id, STR(""), STR(""), NULL,
                        &decision, err));
    event_change(&e, T_SERVICE_ORDER, id);
    event_text(&e, C_SERVICE_ORDER_STATE, confirmed ? STR("confirmed") : STR("cancelled"));
    if (confirmed) {
        event_int(&e, C_SERVICE_ORDER_CONFIRMED_DAY, c->today.n);
    } else {
        TQ_TRY(order_need_no_claim(tx, STMT_ORDER_CLAIMS_LIVE, &k, err));
        TQ_TRY(order_end_hold(a, tx, c, &e, &k, err));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
