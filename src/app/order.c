/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order.h"

#include "app/delisting.h"
#include "app/order_inner.h"

#include "app/row_change.h"

/* Lines are what invoices are matched to later, so they must sum to the contract from the beginning. */
static tq_code proposal_need(const order_proposal *rq, order_terms *t, tq_err *err)
{
    *t = (order_terms){
        .outcome_kind = rq->outcome_kind,
        .purpose = rq->purpose,
        .compulsory = rq->compulsory,
        .contract_fen = rq->contract_fen,
        .voucher_fen = rq->voucher_fen,
        .end = rq->end,
    };
    TQ_TRY(order_terms_need(t, err));
    TQ_TRY(line_need(rq->title, "order.title", err));
    if (rq->n_lines > ORDER_LINES_MAX) {
        return tq_fail(err, TQ_LIMIT, "order_lines", "order.lines", "an order has at most %d lines",
                       ORDER_LINES_MAX);
    }
    money sum = {0};
    for (size_t i = 0; i < rq->n_lines; i++) {
        TQ_TRY(line_need(rq->lines[i].item, "order.lines", err));
        if (rq->lines[i].amount_fen <= 0) {
            return tq_fail(err, TQ_INVALID, "amount_range", "order.lines",
                           "line %zu is not above zero", i + 1);
        }
        TQ_TRY(money_add(sum, (money){rq->lines[i].amount_fen}, &sum, err));
    }
    if (rq->n_lines > 0 && sum.minor != rq->contract_fen) {
        return tq_fail(err, TQ_INVALID, "lines_sum", "order.lines",
                       "the lines do not sum to the contract");
    }
    return TQ_OK;
}

static tq_code lines_add(store_tx *tx, event *e, const order_proposal *rq, int64_t order_id,
                         tq_err *err)
{
    const order_line_request whole = {rq->title, rq->contract_fen};
    const order_line_request *lines = rq->n_lines == 0 ? &whole : rq->lines;
    const size_t n = rq->n_lines == 0 ? 1 : rq->n_lines;
    TQ_ASSERT(n >= 1 && n <= ORDER_LINES_MAX);
    for (size_t i = 0; i < n; i++) {
        int64_t id = 0;
        TQ_TRY(event_new_row(tx, e, T_ORDER_LINE, &id, err));
        event_int(e, C_ORDER_LINE_ORDER_ID, order_id);
        event_int(e, C_ORDER_LINE_N, (int64_t)i + 1);
        event_text(e, C_ORDER_LINE_ITEM, lines[i].item);
        event_int(e, C_ORDER_LINE_AMOUNT_FEN, lines[i].amount_fen);
    }
    return TQ_OK;
}

static void order_row(event *e, const call *c, const order_case *k, const order_proposal *rq,
                      const order_result *r)
{
    TQ_ASSERT(k->voucher_id != 0 && k->institution_id != 0);
    TQ_ASSERT(r->voucher_fen > 0);
    event_int(e, C_SERVICE_ORDER_PROGRAMME_ID, c->who.programme_id);
    event_int(e, C_SERVICE_ORDER_VOUCHER_ID, k->voucher_id);
    event_int(e, C_SERVICE_ORDER_HOLDER_ID, k->holder_id);
    event_int(e, C_SERVICE_ORDER_INSTITUTION_ID, k->institution_id);
    event_text(e, C_SERVICE_ORDER_REGION, k->institution.region);
    event_text(e, C_SERVICE_ORDER_OUTCOME_KIND, rq->outcome_kind);
    event_text(e, C_SERVICE_ORDER_TITLE, rq->title);
    event_text(e, C_SERVICE_ORDER_PURPOSE, rq->purpose);
    event_int(e, C_SERVICE_ORDER_CONTRACT_FEN, rq->contract_fen);
    event_int(e, C_SERVICE_ORDER_VOUCHER_FEN, r->voucher_fen);
    event_text(e, C_SERVICE_ORDER_STATE, STR("proposed"));
    event_int(e, C_SERVICE_ORDER_VERSION, 1);
    event_int(e, C_SERVICE_ORDER_MADE_DAY, c->today.n);
    event_int(e, C_SERVICE_ORDER_END_DAY, rq->end.n);
    event_int(e, C_SERVICE_ORDER_COMPULSORY, rq->compulsory ? 1 : 0);
}

/* Order, lines, decision, numbers. */
static tq_code proposal_record(store_tx *tx, const call *c, const order_case *k,
                               const order_proposal *rq, const policy_facts *f, order_result *r,
                               tq_err *err)
{
    str facts;
    str steps;
    event e = work_event(c, r->accepted ? EV_ORDER_PROPOSE : EV_DECISION);
    if (r->accepted) {
        TQ_TRY(event_new_row(tx, &e, T_SERVICE_ORDER, &r->order_id, err));
        order_row(&e, c, k, rq, r);
        TQ_TRY(lines_add(tx, &e, rq, r->order_id, err));
        TQ_TRY(number_next(tx, c, &e, NUMBER_ORDER, &r->number, err));
        event_change(&e, T_SERVICE_ORDER, r->order_id);
        event_text(&e, C_SERVICE_ORDER_NUMBER, str_of(r->number.text));
    }
    decision_texts(c, f, STAGE_ORDER, &r->detail, &facts, &steps);
    TQ_TRY(decision_add(tx, c, &e, r->accepted ? T_SERVICE_ORDER : T_VOUCHER,
                        r->accepted ? r->order_id : k->voucher_id,
                        r->accepted ? "granted" : "refused", r->reason, k->policy_id, facts, steps,
                        NULL, &r->decision_id, err));
    return event_append(tx, &e, NULL, err);
}

tq_code order_propose_in(app *a, store_tx *tx, const call *c, const order_proposal *rq,
                         order_result *out, tq_err *err)
{
    order_case k = {0};
    order_terms t;
    order_result r = {0};
    policy_facts f;
    TQ_TRY(proposal_need(rq, &t, err));
    TQ_TRY(order_case_voucher(a, tx, c, rq->voucher_id, &k, err));
    TQ_TRY(order_case_institution(tx, c, rq->institution_id, &k, err));
    TQ_TRY(order_need_party(c, &k, err));
    TQ_TRY(order_need_voucher(c, &k, err));
    TQ_TRY(order_ban_check(tx, c, &k, err));
    TQ_TRY(delisting_check(tx, c->who.programme_id, rq->institution_id, err));
    if (!str_eq(k.institution.state, STR("active"))) {
        return tq_fail(err, TQ_CONFLICT, "organisation_state", "order.institution",
                       "the institution is no longer active");
    }
    if (rq->end.n < c->today.n) {
        return tq_fail(err, TQ_INVALID, "order_end", "order.end", "the last day has passed");
    }
    TQ_TRY(order_judge(tx, c, &k, &t, &f, &r.detail, err));
    r.accepted = r.detail.granted;
    r.reason = r.detail.reason;
    r.voucher_fen = r.detail.amount;
    TQ_ASSERT(r.voucher_fen <= rq->contract_fen);
    TQ_TRY(proposal_record(tx, c, &k, rq, &f, &r, err));
    if (!r.accepted) {
        decision_refuses(c, r.decision_id);
    }
    *out = r;
    return TQ_OK;
}

tq_code order_propose(app *a, const call *c, const order_proposal *rq, order_result *out,
                      tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_result r = {0};
    TQ_TRY(work_begin(a, c, R_FIRM, &tx, err));
    TQ_TRY(order_propose_in(a, tx, c, rq, &r, err));
    TQ_TRY(store_commit(&tx, err));
    *out = r;
    return TQ_OK;
}

/* Who accepts: the institution, or the firm for kinds without log-in, by evidence. */
static tq_code accept_need(store_tx *tx, const call *c, const order_case *k, tq_err *err)
{
    if (role_in(c->who.role, R_INST)) {
        return TQ_OK;
    }
    if (!order_without_login(row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND))) {
        return tq_fail(err, TQ_FORBIDDEN, "other_side", "order",
                       "the institution accepts this order");
    }
    int64_t papers = 0;
    TQ_TRY(store_int(tx, STMT_EVIDENCE_COUNT, ARGS(arg_str(STR("service_order")), arg_int(k->id)),
                     0, &papers, err));
    if (papers == 0) {
        return tq_fail(
            err, TQ_CONFLICT, "no_evidence", "order",
            "put the contract or note on record before accepting without the other side");
    }
    return TQ_OK;
}

tq_code order_accept_in(store_tx *tx, const call *c, event *e, const order_case *k, tq_err *err)
{
    TQ_TRY(order_need_state(k, "proposed", err));
    TQ_TRY(order_need_voucher(c, k, err));
    TQ_TRY(order_ban_check(tx, c, k, err));
    TQ_TRY(delisting_check(tx, c->who.programme_id, k->institution_id, err));
    if (row_num(k->row, C_SERVICE_ORDER_END_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "order_end", "order.end", "the last day has passed");
    }
    TQ_ASSERT(row_num(k->row, C_SERVICE_ORDER_END_DAY) <=
              row_num(k->voucher, C_VOUCHER_USE_BY_DAY));
    const ledger_cell from = {.account = ACC_VOUCHER, .voucher_id = k->voucher_id};
    const ledger_cell with = {.voucher_id = k->voucher_id, .order_id = k->id};
    TQ_TRY(ledger_move(tx, e, &from, ACC_HOLD, &with, row_num(k->row, C_SERVICE_ORDER_VOUCHER_FEN),
                       err));
    event_change(e, T_SERVICE_ORDER, k->id);
    event_text(e, C_SERVICE_ORDER_STATE, STR("accepted"));
    event_int(e, C_SERVICE_ORDER_AGREED_DAY, c->today.n);
    return TQ_OK;
}

/* Money is held only now: a proposal that nobody answers ties up no voucher. */
tq_code order_accept(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(order_begin(a, c, R_INST | R_FIRM, id, false, &tx, &k, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(order_need_state(&k, "proposed", err));
    TQ_TRY(order_need_no_part(tx, &k, err));
    TQ_TRY(accept_need(tx, c, &k, err));
    event e = work_event(c, EV_ORDER_ACCEPT);
    TQ_TRY(order_accept_in(tx, c, &e, &k, err));
    TQ_TRY(order_pool_accept(a, tx, c, &e, id, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Nothing was held, so nothing goes back. */
tq_code order_decline(app *a, const call *c, int64_t id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(line_need(cause, "order.cause", err));
    TQ_TRY(order_begin(a, c, R_INST, id, false, &tx, &k, err));
    TQ_TRY(order_need_state(&k, "proposed", err));
    TQ_TRY(order_need_no_part(tx, &k, err));
    event e = work_event(c, EV_ORDER_DECLINE);
    TQ_TRY(order_pool_end(tx, &e, id, "declined", cause, err));
    order_state_change(&e, id, "declined", cause);
    event_int(&e, C_SERVICE_ORDER_CLOSED, 1);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* The firm alone cannot undo work that has begun to arrive: it disputes the delivery. */
static tq_code cancel_need(store_tx *tx, const call *c, const order_case *k, tq_err *err)
{
    if (!row_is(k->row, C_SERVICE_ORDER_STATE, "proposed") &&
        !row_is(k->row, C_SERVICE_ORDER_STATE, "accepted")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "order",
                       "it is %.*s; what was delivered can only be disputed",
                       STR_ARG(row_str(k->row, C_SERVICE_ORDER_STATE)));
    }
    if (c->who.role == ROLE_SYSTEM && row_num(k->voucher, C_VOUCHER_CLAIM_BY_DAY) >= c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "not_due", "order",
                       "claims on the voucher are not late yet");
    }
    int64_t parts = 0;
    TQ_TRY(store_int(tx, STMT_ORDER_DELIVERED, ARGS(arg_int(k->id)), 0, &parts, err));
    if (parts > 0 && role_in(c->who.role, R_FIRM) &&
        !order_without_login(row_str(k->row, C_SERVICE_ORDER_OUTCOME_KIND))) {
        return tq_fail(err, TQ_CONFLICT, "part_delivered", "order",
                       "a part was delivered: only the institution or the group can cancel");
    }
    return order_need_no_claim(tx, STMT_ORDER_CLAIMS_LIVE, k, err);
}

tq_code order_cancel(app *a, const call *c, int64_t id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(line_need(cause, "order.cause", err));
    TQ_TRY(order_begin(a, c, R_FIRM | R_INST | R_SYSTEM | ROLES(ROLE_GROUP), id, true, &tx, &k,
                       err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(cancel_need(tx, c, &k, err));
    event e = work_event(c, EV_ORDER_CANCEL);
    if (row_is(k.row, C_SERVICE_ORDER_STATE,
               "proposed")) { /* once accepted, the parts go on alone */
        TQ_TRY(order_pool_end(tx, &e, id, "cancelled", cause, err));
    }
    order_state_change(&e, id, "cancelled", cause);
    TQ_TRY(order_end_hold(a, tx, c, &e, &k, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* The fund is locked first: what an ended voucher gets back flows on to the pool. */
tq_code order_close(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(order_begin(a, c, R_FIRM | R_SYSTEM | ROLES(ROLE_OFFICE), id, true, &tx, &k, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(order_need_state(&k, "confirmed", err));
    TQ_TRY(order_need_no_claim(tx, STMT_ORDER_CLAIMS_UNDECIDED, &k, err));
    if (row_num(k.row, C_SERVICE_ORDER_CLOSED) != 0) {
        return tq_fail(err, TQ_CONFLICT, "closed", "order", "it is closed already");
    }
    event e = work_event(c, EV_ORDER_CLOSE);
    TQ_TRY(order_end_hold(a, tx, c, &e, &k, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
