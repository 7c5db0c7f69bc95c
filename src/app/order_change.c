/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_inner.h"

#include "app/row_change.h"
#include "app/voucher.h"

/* One open change at a time: two would have to be agreed in an order that nobody has said. */
static tq_code change_need(store_tx *tx, const call *c, const order_case *k,
                           const order_change_request *rq, tq_err *err)
{
    const order_terms t = {.outcome_kind = row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND),
                           .contract_fen = rq->contract_fen,
                           .voucher_fen = rq->voucher_fen,
                           .end = rq->end};
    TQ_TRY(order_terms_need(&t, err));
    if (rq->voucher_fen == 0) {
        return tq_fail(err, TQ_INVALID, "amount_range", "order_change.voucher",
                       "a change names the voucher's part; cancel the order to end it");
    }
    if (rq->end.n < c->today.n) {
        return tq_fail(err, TQ_INVALID, "order_end", "order_change.end", "the last day has passed");
    }
    TQ_TRY(order_need_state(k, "accepted", err));
    int64_t open = 0;
    TQ_TRY(store_int(tx, STMT_ORDER_CHANGE_OPEN, ARGS(arg_int(k->id)), 0, &open, err));
    if (open > 0) {
        return tq_fail(err, TQ_CONFLICT, "change_open", "order",
                       "another change waits for an answer");
    }
    return TQ_OK;
}

tq_code order_change_propose(app *a, const call *c, const order_change_request *rq, int64_t *id_out,
                             tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    int64_t id = 0;
    TQ_TRY(work_begin(a, c, R_FIRM | R_INST, &tx, err));
    TQ_TRY(order_case_open(a, tx, c, rq->order_id, false, &k, err));
    TQ_TRY(change_need(tx, c, &k, rq, err));
    TQ_TRY(order_ban_check(tx, c, &k, err));
    event e = work_event(c, EV_ORDER_CHANGE_PROPOSE);
    TQ_TRY(event_new_row(tx, &e, T_ORDER_CHANGE, &id, err));
    event_int(&e, C_ORDER_CHANGE_ORDER_ID, k.id);
    event_int(&e, C_ORDER_CHANGE_VERSION, row_num(k.row, C_SERVICE_ORDER_VERSION) + 1);
    event_int(&e, C_ORDER_CHANGE_CONTRACT_FEN, rq->contract_fen);
    event_int(&e, C_ORDER_CHANGE_VOUCHER_FEN, rq->voucher_fen);
    event_int(&e, C_ORDER_CHANGE_END_DAY, rq->end.n);
    event_text(&e, C_ORDER_CHANGE_STATE, STR("proposed"));
    event_int(&e, C_ORDER_CHANGE_MAKER_ID, c->who.person_id);
    event_int(&e, C_ORDER_CHANGE_MAKER_ORG_ID, c->who.org_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id_out = id;
    return TQ_OK;
}

/* The change, its order and voucher, locked in the order voucher, order, change. */
static tq_code change_open(app *a, store_tx *tx, const call *c, int64_t change_id, order_case *k,
                           event_value *change, tq_err *err)
{
    int64_t order_id = 0;
    TQ_TRY(store_int(tx, STMT_ORDER_CHANGE_BRIEF, ARGS(arg_int(change_id)), 0, &order_id, err));
    if (order_id == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "order_change", "there is no such change");
    }
    TQ_TRY(order_case_open(a, tx, c, order_id, false, k, err));
    TQ_TRY(row_load(tx, T_ORDER_CHANGE, change_id, c->a, change, err));
    if (!row_is(change, C_ORDER_CHANGE_STATE, "proposed")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "order_change", "it is %.*s already",
                       STR_ARG(row_str(change, C_ORDER_CHANGE_STATE)));
    }
    return TQ_OK;
}

/* A change binds both sides; alone only where the other side has no log-in, and even then
 * two persons. */
static tq_code other_side_need(const call *c, const order_case *k, const event_value *change,
                               tq_err *err)
{
    const bool same_side = row_num(change, C_ORDER_CHANGE_MAKER_ORG_ID) == c->who.org_id;
    const bool alone = order_without_login(row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND));
    if (same_side && !alone) {
        return tq_fail(err, TQ_FORBIDDEN, "other_side", "order_change",
                       "the other side agrees to a change");
    }
    if (row_num(change, C_ORDER_CHANGE_MAKER_ID) == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "order_change",
                       "the person who proposed a change cannot agree to it");
    }
    return TQ_OK;
}

/* Moves the difference between what is held and what is to be held. */
static tq_code hold_adjust(app *a, store_tx *tx, event *e, const order_case *k, int64_t before,
                           int64_t after, tq_err *err)
{
    TQ_ASSERT(before > 0);
    TQ_ASSERT(after > 0);
    const ledger_cell hold = {.account = ACC_HOLD, .voucher_id = k->voucher_id, .order_id = k->id};
    const ledger_cell cells = {.account = ACC_VOUCHER, .voucher_id = k->voucher_id};
    if (after > before) {
        return ledger_move(tx, e, &cells, ACC_HOLD, &hold, after - before, err);
    }
    if (after < before) {
        return voucher_give_back(a, tx, e, k->voucher_id, k->voucher, &hold, before - after, err);
    }
    return TQ_OK;
}

/* The policy is asked anew: a change must not bring in by the back door what a new order could not. */
static tq_code change_judge(store_tx *tx, const call *c, const order_case *k,
                            const event_value *change, policy_facts *f, policy_decision *d,
                            tq_err *err)
{
    const order_terms t = {
        .outcome_kind = row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND),
        .purpose = row_str(k->row, C_SERVICE_ORDER_PURPOSE),
        .compulsory = row_num(k->row, C_SERVICE_ORDER_COMPULSORY) != 0,
        .contract_fen = row_num(change, C_ORDER_CHANGE_CONTRACT_FEN),
        .voucher_fen = row_num(change, C_ORDER_CHANGE_VOUCHER_FEN),
        .end = {(int32_t)row_num(change, C_ORDER_CHANGE_END_DAY)},
    };
    TQ_TRY(order_judge(tx, c, k, &t, f, d, err));
    if (!d->granted) {
        return tq_fail(err, TQ_REFUSED, d->reason, "order_change", "%s",
                       policy_reason_text(d->reason, false));
    }
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_ORDER_DELIVERED, ARGS(arg_int(k->id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    (void)row_int(&r); /* parts */
    if (row_int(&r) > t.contract_fen) {
        return tq_fail(err, TQ_CONFLICT, "over_contract", "order_change.contract",
                       "more than this has been delivered already");
    }
    return TQ_OK;
}

tq_code order_change_agree(app *a, const call *c, int64_t change_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    event_value change[AUDITED_COLS_MAX];
    policy_facts f;
    policy_decision d;
    int64_t decision = 0;
    str facts;
    str steps;
    TQ_TRY(work_begin(a, c, R_FIRM | R_INST, &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(change_open(a, tx, c, change_id, &k, change, err));
    TQ_TRY(other_side_need(c, &k, change, err));
    TQ_TRY(order_need_state(&k, "accepted", err));
    TQ_TRY(order_need_voucher(c, &k, err));
    TQ_TRY(order_ban_check(tx, c, &k, err));
    TQ_TRY(order_need_no_claim(tx, STMT_ORDER_CLAIMS_LIVE, &k, err));
    TQ_TRY(change_judge(tx, c, &k, change, &f, &d, err));
    event e = work_event(c, EV_ORDER_CHANGE_AGREE);
    TQ_TRY(hold_adjust(a, tx, &e, &k, row_num(k.row, C_SERVICE_ORDER_VOUCHER_FEN), d.amount, err));
    decision_texts(c, &f, STAGE_ORDER, &d, &facts, &steps);
    TQ_TRY(decision_add(tx, c, &e, T_SERVICE_ORDER, k.id, "changed", d.reason, k.policy_id, facts,
                        steps, NULL, &decision, err));
    event_change(&e, T_ORDER_CHANGE, change_id);
    event_text(&e, C_ORDER_CHANGE_STATE, STR("agreed"));
    event_change(&e, T_SERVICE_ORDER, k.id);
    event_int(&e, C_SERVICE_ORDER_VERSION, row_num(change, C_ORDER_CHANGE_VERSION));
    int_change(&e, k.row, C_SERVICE_ORDER_CONTRACT_FEN,
               row_num(change, C_ORDER_CHANGE_CONTRACT_FEN));
    int_change(&e, k.row, C_SERVICE_ORDER_VOUCHER_FEN, d.amount);
    int_change(&e, k.row, C_SERVICE_ORDER_END_DAY, row_num(change, C_ORDER_CHANGE_END_DAY));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Either side may say no, also the one that proposed. */
tq_code order_change_decline(app *a, const call *c, int64_t change_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    event_value change[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R_FIRM | R_INST, &tx, err));
    TQ_TRY(change_open(a, tx, c, change_id, &k, change, err));
    event e = work_event(c, EV_ORDER_CHANGE_DECLINE);
    event_change(&e, T_ORDER_CHANGE, change_id);
    event_text(&e, C_ORDER_CHANGE_STATE, STR("declined"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
