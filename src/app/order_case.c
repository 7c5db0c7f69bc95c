/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_inner.h"

#include "app/row_change.h"
#include "app/voucher.h"

bool order_without_login(str outcome_kind)
{
    static const char *const kinds[] = {"equipment", "patent", "talent"};
    for (size_t i = 0; i < TQ_COUNT(kinds); i++) {
        if (str_eq(outcome_kind, str_of(kinds[i]))) {
            return true;
        }
    }
    return false;
}

tq_code order_case_voucher(app *a, store_tx *tx, const call *c, int64_t voucher_id, order_case *k,
                           tq_err *err)
{
    TQ_TRY(row_load(tx, T_VOUCHER, voucher_id, c->a, k->voucher, err));
    TQ_TRY(own_programme(c, row_num(k->voucher, C_VOUCHER_PROGRAMME_ID), "voucher", err));
    k->voucher_id = voucher_id;
    k->kind_id = row_num(k->voucher, C_VOUCHER_KIND_ID);
    k->holder_id = row_num(k->voucher, C_VOUCHER_HOLDER_ID);
    k->policy_id = row_num(k->voucher, C_VOUCHER_POLICY_ID);
    TQ_TRY(voucher_kind_code(tx, k->kind_id, c->a, &k->kind, err));
    return app_policy_by_id(a, tx, k->policy_id, &k->p, err);
}

tq_code order_case_institution(store_tx *tx, const call *c, int64_t institution_id, order_case *k,
                               tq_err *err)
{
    k->institution_id = institution_id;
    return org_brief_read(tx, institution_id, c->a, &k->institution, err);
}

/* Read without locks, to take them afterwards in the order fund, voucher, order. */
static tq_code brief(store_tx *tx, const call *c, int64_t id, int64_t *voucher_id, int64_t *kind_id,
                     tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_ORDER_BRIEF, ARGS(arg_int(id), arg_int(c->who.programme_id)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "order", "there is no such order");
    }
    *voucher_id = row_int(&r);
    *kind_id = row_int(&r);
    return TQ_OK;
}

tq_code order_case_open(app *a, store_tx *tx, const call *c, int64_t id, bool with_fund,
                        order_case *k, tq_err *err)
{
    int64_t voucher_id = 0;
    int64_t kind_id = 0;
    TQ_TRY(brief(tx, c, id, &voucher_id, &kind_id, err));
    if (with_fund) {
        TQ_TRY(voucher_lock_fund(tx, c->who.programme_id, kind_id, err));
    }
    TQ_ASSERT(voucher_id != 0 && kind_id != 0);
    TQ_TRY(order_case_voucher(a, tx, c, voucher_id, k, err));
    TQ_TRY(row_load(tx, T_SERVICE_ORDER, id, c->a, k->row, err));
    TQ_TRY(order_case_institution(tx, c, row_num(k->row, C_SERVICE_ORDER_INSTITUTION_ID), k, err));
    k->id = id;
    k->holder_id = row_num(k->row, C_SERVICE_ORDER_HOLDER_ID);
    return order_need_party(c, k, err);
}

tq_code order_begin(app *a, const call *c, role_set roles, int64_t id, bool with_fund,
                    store_tx **tx, order_case *k, tq_err *err)
{
    TX_AUTO store_tx *begun = NULL;
    TQ_ASSERT(roles != 0);
    TQ_TRY(work_begin(a, c, roles, &begun, err));
    TQ_TRY(order_case_open(a, begun, c, id, with_fund, k, err));
    TQ_ASSERT(k->id == id && k->voucher_id != 0);
    *tx = begun;
    begun = NULL;
    return TQ_OK;
}

void order_state_change(event *e, int64_t id, const char *state, str cause)
{
    TQ_ASSERT(id != 0);
    TQ_ASSERT(cause.len > 0); /* asked for by line_need before anything was read */
    event_change(e, T_SERVICE_ORDER, id);
    event_text(e, C_SERVICE_ORDER_STATE, str_of(state));
    event_text(e, C_SERVICE_ORDER_CAUSE, cause);
}

/* A lab without legal person acts through its parent. */
tq_code order_need_party(const call *c, const order_case *k, tq_err *err)
{
    if (role_in(c->who.role, R_FIRM)) {
        return own_org(c, k->holder_id, err);
    }
    if (role_in(c->who.role, R_INST) && c->who.org_id != 0 &&
        c->who.org_id == k->institution.parent_id) {
        return TQ_OK;
    }
    return role_in(c->who.role, R_INST) ? own_org(c, k->institution_id, err) : TQ_OK;
}

tq_code order_need_state(const order_case *k, const char *state, tq_err *err)
{
    TQ_ASSERT(k->id != 0);
    if (!row_is(k->row, C_SERVICE_ORDER_STATE, state)) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "order", "it is %.*s and not %s",
                       STR_ARG(row_str(k->row, C_SERVICE_ORDER_STATE)), state);
    }
    return TQ_OK;
}

/* Asked by day as well: the clock that expires it may not have run yet. */
tq_code order_need_voucher(const call *c, const order_case *k, tq_err *err)
{
    if (!row_is(k->voucher, C_VOUCHER_STATE, "active") ||
        row_num(k->voucher, C_VOUCHER_USE_BY_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "voucher_not_active", "voucher",
                       "the voucher is %.*s, or its last day has passed",
                       STR_ARG(row_str(k->voucher, C_VOUCHER_STATE)));
    }
    return TQ_OK;
}

tq_code order_ban_check(store_tx *tx, const call *c, const order_case *k, tq_err *err)
{
    TQ_TRY(ban_check(tx, c->who.programme_id, k->holder_id, c->today, err));
    return ban_check(tx, c->who.programme_id, k->institution_id, c->today, err);
}

tq_code order_terms_need(const order_terms *t, tq_err *err)
{
    if (t->contract_fen <= 0 || t->contract_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "amount_range", "order.contract",
                       "the contract is above zero");
    }
    if (t->voucher_fen < 0 || t->voucher_fen > t->contract_fen) {
        return tq_fail(err, TQ_INVALID, "amount_range", "order.voucher",
                       "the voucher's part lies between zero and the contract");
    }
    TQ_TRY(line_need(t->outcome_kind, "order.outcome_kind", err));
    return line_may(t->purpose, "order.purpose", err);
}

static tq_code flag(store_tx *tx, store_stmt stmt, const store_arg *args, size_t n, int64_t *out,
                    tq_err *err)
{
    int64_t count = 0;
    TQ_TRY(store_int(tx, stmt, args, n, 0, &count, err));
    *out = count > 0 ? 1 : 0;
    return TQ_OK;
}

/* The holder's region is where it is today, the institution's likewise: an agreement opens spending on its
 * date (P-18), so an earlier place of either side would open a door that is closed. */
static tq_code pair_facts(store_tx *tx, const call *c, const order_case *k, policy_facts *f,
                          tq_err *err)
{
    const int64_t programme = c->who.programme_id;
    org_brief holder;
    TQ_TRY(org_brief_read(tx, k->holder_id, c->a, &holder, err));
    f->holder_region = holder.region;
    f->institution_region = k->institution.region;
    TQ_TRY(ban_fact(tx, c, k->holder_id, &f->holder_banned, err));
    TQ_TRY(ban_fact(tx, c, k->institution_id, &f->institution_banned, err));
    TQ_TRY(flag(tx, STMT_AGREEMENT_COVERS,
                ARGS(arg_int(programme), arg_str(k->institution.region), arg_int(c->today.n)),
                &f->agreement_open, err));
    TQ_TRY(flag(tx, STMT_RECOGNITION_OPEN,
                ARGS(arg_int(programme), arg_int(k->institution_id), arg_int(c->today.n)),
                &f->institution_recognised, err));
    TQ_TRY(flag(tx, STMT_ORDER_RELATED,
                ARGS(arg_int(k->holder_id), arg_int(k->institution_id), arg_int(c->today.n)),
                &f->related, err));
    if (k->holder_id == k->institution_id) {
        f->related = 1;
    }
    return TQ_OK;
}

/* The ledger is asked, not the order's column: claims and changes have taken their parts since. */
tq_code order_hold_left(store_tx *tx, const call *c, const order_case *k, int64_t *out, tq_err *err)
{
    const ledger_cell hold = {.account = ACC_HOLD, .voucher_id = k->voucher_id, .order_id = k->id};
    TQ_ASSERT(k->id != 0);
    return ledger_sum(tx, c->who.programme_id, &hold, out, err);
}

static void refuse(policy_decision *d, const char *reason)
{
    d->granted = false;
    d->reason = reason;
    d->amount = 0;
}

tq_code order_judge(store_tx *tx, const call *c, const order_case *k, const order_terms *t,
                    policy_facts *f, policy_decision *d, tq_err *err)
{
    const ledger_cell free_cells = {.account = ACC_VOUCHER, .voucher_id = k->voucher_id};
    int64_t held = 0;
    *f = (policy_facts){
        .today = c->today.n,
        .voucher_kind = k->kind,
        .asked = t->voucher_fen,
        .outcome_kind = t->outcome_kind,
        .purpose = t->purpose,
        .compulsory = t->compulsory ? 1 : 0,
        .contract = t->contract_fen,
        .order_end = t->end.n,
        .voucher_end = row_num(k->voucher, C_VOUCHER_USE_BY_DAY),
    };
    TQ_TRY(pair_facts(tx, c, k, f, err));
    TQ_TRY(ledger_sum(tx, c->who.programme_id, &free_cells, &f->voucher_left, err));
    if (k->id != 0) {
        TQ_TRY(order_hold_left(tx, c, k, &held, err));
        f->voucher_left += held;
    }
    policy_evaluate(k->p, STAGE_ORDER, f, d);
    if (!d->granted) {
        return TQ_OK;
    }
    const int64_t most = d->amount < f->voucher_left ? d->amount : f->voucher_left;
    /* What no scheme may leave out: a hold never outlives its voucher, and never exceeds it. */
    if (f->order_end > f->voucher_end) {
        refuse(d, "order_too_late");
    } else if (most <= 0) {
        refuse(d, "nothing_payable");
    } else if (t->voucher_fen > most) {
        refuse(d, "cap_reached");
    } else {
        d->amount = t->voucher_fen == 0 ? most : t->voucher_fen;
    }
    return TQ_OK;
}

tq_code order_end_hold(app *a, store_tx *tx, const call *c, event *e, const order_case *k,
                       tq_err *err)
{
    int64_t left = 0;
    TQ_TRY(order_hold_left(tx, c, k, &left, err));
    if (left > 0) {
        const ledger_cell hold = {
            .account = ACC_HOLD, .voucher_id = k->voucher_id, .order_id = k->id};
        TQ_TRY(voucher_give_back(a, tx, e, k->voucher_id, k->voucher, &hold, left, err));
    }
    event_change(e, T_SERVICE_ORDER, k->id);
    event_int(e, C_SERVICE_ORDER_CLOSED, 1);
    return TQ_OK;
}

tq_code order_need_no_claim(store_tx *tx, store_stmt count, const order_case *k, tq_err *err)
{
    int64_t claims = 0;
    TQ_TRY(store_int(tx, count, ARGS(arg_int(k->id)), 0, &claims, err));
    if (claims > 0) {
        return tq_fail(err, TQ_CONFLICT, "open_claim", "order", "a claim stands on this order");
    }
    return TQ_OK;
}
