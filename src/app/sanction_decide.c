/* SPDX-License-Identifier: Apache-2.0 */
#include "app/register_filing.h"
#include "app/review_claim.h"
#include "app/row_change.h"
#include "app/sanction_inner.h"
#include "app/settle_inner.h"
#include "app/submit_claim.h"
#include "app/voucher.h"
#include "app/voucher_inner.h"

#define REACH_MAX 2000 /* vouchers, orders or claims of one organisation */
#define BAN_ALL "all_funds"
#define BAN_HERE "programme"

typedef struct ruling {
    app *a;
    store_tx *tx;
    const call *c;
    const case_decide_request *rq;
    int64_t org_id;
    const policy *p;
    policy_sanction rule;
    case_decide_report *out;
} ruling;

typedef struct reached {
    int64_t id, voucher_id, holder_id, other_id; /* payee or institution */
    str state;
    int64_t agreed_day, delivered_day;
    bool
        its_own; /* claim: it is paid to the organisation; order: the organisation is the customer */
} reached;

/* Its own claims, and those paid to an organisation that it has taken over. */
static tq_code part_own(const ruling *r, const event_value *claim, bool *own, tq_err *err)
{
    TQ_ASSERT(r->org_id != 0);
    const int64_t parties[] = {row_num(claim, C_CLAIM_HOLDER_ID), row_num(claim, C_CLAIM_PAYEE_ID)};
    *own = false;
    for (size_t i = 0; i < TQ_COUNT(parties) && !*own; i++) {
        int64_t heir = 0;
        TQ_TRY(store_int(r->tx, STMT_CLAIM_SUCCEEDED_BY,
                         ARGS(arg_int(parties[i]), arg_int(r->org_id)), 0, &heir, err));
        *own = heir != 0;
    }
    return TQ_OK;
}

static tq_code part_recover(ruling *r, event *e, const improper_part *part, tq_err *err)
{
    event_value claim[AUDITED_COLS_MAX];
    int64_t paid = 0;
    int64_t id = 0;
    TQ_TRY(row_load(r->tx, T_CLAIM, part->claim_id, r->c->a, claim, err));
    bool own = false;
    TQ_TRY(part_own(r, claim, &own, err));
    if (row_num(claim, C_CLAIM_PROGRAMME_ID) != r->c->who.programme_id || !own) {
        return tq_fail(err, TQ_INVALID, "claim", "parts.claim_id",
                       "the claim is not one of the organisation's in this programme");
    }
    const ledger_cell like = {.account = ACC_PAID,
                              .voucher_id = row_num(claim, C_CLAIM_VOUCHER_ID),
                              .claim_id = part->claim_id};
    TQ_TRY(ledger_sum(r->tx, r->c->who.programme_id, &like, &paid, err));
    if (part->amount_fen <= 0 || part->amount_fen > paid) {
        return tq_fail(err, TQ_INVALID, "recovery_amount", "parts.amount",
                       "between 1 and %lld can be recovered of this claim", (long long)paid);
    }
    TQ_ASSERT(r->rq->due.n != DAY_NONE.n);
    event_entry(e); /* each claim's money in an entry of its own, as it is collected */
    TQ_TRY(ledger_move(r->tx, e, &like, ACC_OWED, NULL, part->amount_fen, err));
    TQ_TRY(event_new_row(r->tx, e, T_RECOVERY, &id, err));
    event_int(e, C_RECOVERY_CASE_ID, r->rq->case_id);
    event_int(e, C_RECOVERY_CLAIM_ID, part->claim_id);
    event_int(e, C_RECOVERY_VOUCHER_ID, like.voucher_id);
    event_int(e, C_RECOVERY_AMOUNT_FEN, part->amount_fen);
    event_int(e, C_RECOVERY_DUE_DAY, r->rq->due.n);
    event_text(e, C_RECOVERY_STATE, STR("owed"));
    r->out->recovery_fen += part->amount_fen;
    return TQ_OK;
}

/* The last day is still a day of the ban: three years from 5 May end on 4 May. */
static tq_code ban_add(ruling *r, event *e, tq_err *err)
{
    const day from = r->c->today;
    const day to = day_add(day_add_months(from, (int)r->rule.ban_years * 12), -1);
    TQ_ASSERT(r->rule.ban_years > 0);
    TQ_TRY(event_new_row(r->tx, e, T_BAN, &r->out->ban_id, err));
    event_int(e, C_BAN_ORG_ID, r->org_id);
    event_int(e, C_BAN_PROGRAMME_ID, r->c->who.programme_id);
    event_text(e, C_BAN_SCOPE, r->rule.ban_all_funds ? STR(BAN_ALL) : STR(BAN_HERE));
    event_int(e, C_BAN_FROM_DAY, from.n);
    event_int(e, C_BAN_TO_DAY, to.n);
    event_int(e, C_BAN_CASE_ID, r->rq->case_id);
    event_text(e, C_BAN_STATE, STR("active"));
    event_text(e, C_BAN_ARTICLE, r->rule.article);
    r->out->ban_to = to;
    return TQ_OK;
}

/* The decision itself, the ban and what is to be recovered, claim by claim (P-31, P-55). */
static tq_code case_rule(ruling *r, tq_err *err)
{
    event e = work_event(r->c, EV_CASE_DECIDE);
    TQ_TRY(act_once(r->tx, r->c, &e, T_VIOLATION_CASE, r->rq->case_id, CASE_RULING, err));
    TQ_TRY(case_decision(r->a, r->tx, r->c, &e, r->rq->case_id, "decided", r->rq->reason,
                         &r->rq->paper, &r->out->decision_id, err));
    event_change(&e, T_VIOLATION_CASE, r->rq->case_id);
    event_text(&e, C_VIOLATION_CASE_STATE, STR("decided"));
    event_int(&e, C_VIOLATION_CASE_DECISION_ID, r->out->decision_id);
    if (r->out->appeal_by.n != DAY_NONE.n) {
        event_int(&e, C_VIOLATION_CASE_APPEAL_BY_DAY, r->out->appeal_by.n);
    }
    if (!r->rq->no_ban) {
        TQ_TRY(ban_add(r, &e, err));
    }
    for (size_t i = 0; i < r->rq->n_parts; i++) {
        for (size_t k = 0; k < i; k++) {
            if (r->rq->parts[k].claim_id == r->rq->parts[i].claim_id) {
                return tq_fail(err, TQ_INVALID, "claim", "parts.claim_id",
                               "a claim is named twice");
            }
        }
        TQ_TRY(part_recover(r, &e, &r->rq->parts[i], err));
    }
    return event_append(r->tx, &e, NULL, err);
}

/* Read to the end before anything is changed: the acts below change what the query finds. */
static tq_code claim_list(ruling *r, reached *out, size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(r->tx, STMT_SANCTION_CLAIMS,
                       ARGS(arg_int(r->c->who.programme_id), arg_int(r->org_id)), &q, err));
    for (bool more = true; *n < REACH_MAX;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        reached *k = &out[(*n)++];
        k->id = row_int(&q);
        k->voucher_id = row_int(&q);
        k->holder_id = row_int(&q);
        k->other_id = row_int(&q);
        k->its_own = row_int(&q) != 0;
    }
    return tq_fail(err, TQ_LIMIT, "reach", "case", "more than %d claims are touched", REACH_MAX);
}

/* Outside a decision (claim_returned_stop) nobody is denied anything. */
static bool denied(const ruling *r, int64_t order_id)
{
    for (size_t i = 0; r->rq != NULL && i < r->rq->n_denied; i++) {
        if (r->rq->denied[i] == order_id) {
            return true;
        }
    }
    return false;
}

/* Is one of the claim's orders among those of bad faith? */
static tq_code claim_denied(const ruling *r, int64_t claim_id, bool *out, tq_err *err)
{
    int64_t orders[CLAIM_ORDERS_MAX];
    size_t n = 0;
    *out = false;
    TQ_TRY(ids_read(r->tx, STMT_SANCTION_CLAIM_ORDERS, ARGS(arg_int(claim_id)), orders,
                    CLAIM_ORDERS_MAX, &n, err));
    for (size_t i = 0; i < n && !*out; i++) {
        *out = denied(r, orders[i]);
    }
    return TQ_OK;
}

/* A claim in flight is taken out of its batch, undone and refused; its invoices stay used for ever. */
static tq_code claim_stop(ruling *r, const reached *k, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    bool pulled = false;
    bool with_bank = false;
    bool kept = false;
    if (!k->its_own) { /* its customer's work that an institution did */
        ARENA_AUTO arena *scratch = arena_new("good faith", SETTLE_SCRATCH_MAX);
        TQ_TRY(good_faith(r->a, r->tx, k->id, k->voucher_id, k->holder_id, k->other_id, r->c->today,
                          scratch, &kept, err));
    }
    if (kept) {
        bool bad_faith = false;
        TQ_TRY(claim_denied(r, k->id, &bad_faith, err));
        kept = !bad_faith;
    }
    if (kept) {
        r->out->kept++;
        return TQ_OK;
    }
    TQ_TRY(claim_unbatch(r->tx, r->c, k->id, "banned", &pulled, &with_bank, err));
    if (with_bank) {
        r->out->with_bank++;
        return TQ_OK;
    }
    r->out->lines += pulled ? 1 : 0;
    TQ_TRY(row_load(r->tx, T_CLAIM, k->id, r->c->a, row, err));
    const bool open = row_is(row, C_CLAIM_STATE, "submitted") ||
                      row_is(row, C_CLAIM_STATE, "returned") ||
                      row_is(row, C_CLAIM_STATE, "checked");
    if (!open) {
        event undone = work_event(r->c, EV_CLAIM_UNDO);
        TQ_TRY(claim_undo_in(r->tx, &undone, k->id, "checked", err));
        TQ_TRY(event_append(r->tx, &undone, NULL, err));
    }
    event e = work_event(r->c, EV_CLAIM_REFUSE);
    event_change(&e, T_CLAIM, k->id);
    event_text(&e, C_CLAIM_STATE, STR("refused"));
    event_int(&e, C_CLAIM_DECISION_ID, r->out->decision_id);
    TQ_TRY(event_append(r->tx, &e, NULL, err));
    TQ_TRY(register_follow(r->tx, r->c, k->id, row_num(row, C_CLAIM_PAID_FEN), REGISTER_SANCTIONED,
                           err));
    r->out->claims++;
    return TQ_OK;
}

/* Cancelled first, so that holds that end afterwards flow past the voucher to the pool, or lapse. */
static tq_code voucher_stop(ruling *r, int64_t voucher_id, str cause, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const policy *p = NULL;
    policy_fund fund;
    str kind = {0};
    int64_t left = 0;
    TQ_TRY(row_load(r->tx, T_VOUCHER, voucher_id, r->c->a, row, err));
    TQ_TRY(voucher_kind_code(r->tx, row_num(row, C_VOUCHER_KIND_ID), r->c->a, &kind, err));
    TQ_TRY(app_policy_by_id(r->a, r->tx, row_num(row, C_VOUCHER_POLICY_ID), &p, err));
    TQ_TRY(policy_fund_get(p, arena_copy(r->c->a, kind).data, &fund, err));
    const ledger_cell like = {.account = ACC_VOUCHER, .voucher_id = voucher_id};
    TQ_TRY(ledger_sum(r->tx, r->c->who.programme_id, &like, &left, err));
    TQ_ASSERT(left >= 0);
    event e = work_event(r->c, EV_VOUCHER_CANCEL);
    if (left > 0) {
        TQ_TRY(ledger_move(r->tx, &e, &like, fund.expiry_to_pool ? ACC_POOL : ACC_LAPSED, NULL,
                           left, err));
    }
    event_change(&e, T_VOUCHER, voucher_id);
    event_text(&e, C_VOUCHER_STATE, STR("cancelled"));
    text_change(&e, row, C_VOUCHER_CAUSE, cause);
    TQ_TRY(event_append(r->tx, &e, NULL, err));
    r->out->vouchers++;
    r->out->lapsed_fen += left;
    return TQ_OK;
}

/* Each named order is in this programme, and the organisation its customer, in an old name or the own. */
static tq_code denied_need(const ruling *r, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    for (size_t i = 0; i < r->rq->n_denied; i++) {
        int64_t own = 0;
        TQ_TRY(row_load(r->tx, T_SERVICE_ORDER, r->rq->denied[i], r->c->a, row, err));
        TQ_TRY(store_int(r->tx, STMT_CLAIM_SUCCEEDED_BY,
                         ARGS(arg_int(row_num(row, C_SERVICE_ORDER_HOLDER_ID)), arg_int(r->org_id)),
                         0, &own, err));
        if (row_num(row, C_SERVICE_ORDER_PROGRAMME_ID) != r->c->who.programme_id || own == 0) {
            return tq_fail(err, TQ_INVALID, "denied_orders", "denied",
                           "row %zu names an order of somebody else", i + 1);
        }
    }
    return TQ_OK;
}

static tq_code order_list(ruling *r, reached *out, size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(r->tx, STMT_SANCTION_ORDERS,
                       ARGS(arg_int(r->c->who.programme_id), arg_int(r->org_id)), &q, err));
    for (bool more = true; *n < REACH_MAX;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        reached *o = &out[(*n)++];
        o->id = row_int(&q);
        o->voucher_id = row_int(&q);
        o->holder_id = row_int(&q);
        o->other_id = row_int(&q);
        o->state = row_copy(&q, r->c->a);
        o->agreed_day = row_int(&q);
        o->delivered_day = row_int(&q);
        o->its_own = row_int(&q) != 0;
    }
    return tq_fail(err, TQ_LIMIT, "reach", "case", "more than %d orders are touched", REACH_MAX);
}

/* Delivered work of the institution stays held for it where the voucher is paid to institutions. */
static tq_code order_kept(ruling *r, const reached *o, bool delivered, const event_value *voucher,
                          bool *kept, tq_err *err)
{
    str kind = {0};
    const policy *p = NULL;
    policy_sanction rule;
    policy_payee payee;
    *kept = false;
    if (!delivered || denied(r, o->id)) {
        return TQ_OK;
    }
    if (!o->its_own) {
        *kept = true; /* another firm's work that was done: the reviewers judge it */
        return TQ_OK;
    }
    TQ_TRY(voucher_kind_code(r->tx, row_num(voucher, C_VOUCHER_KIND_ID), r->c->a, &kind, err));
    TQ_TRY(app_policy_by_id(r->a, r->tx, row_num(voucher, C_VOUCHER_POLICY_ID), &p, err));
    TQ_TRY(policy_sanction_get(p, &rule, err));
    TQ_TRY(policy_payee_get(p, arena_copy(r->c->a, kind).data, &payee, err));
    *kept = rule.good_faith_payable && payee == PAYEE_INSTITUTION && o->agreed_day != 0;
    return TQ_OK;
}

/* What was delivered is only closed: the work cannot be undone, and its order stays on record as it was. */
static tq_code order_stop(ruling *r, const reached *o, tq_err *err)
{
    event_value voucher[AUDITED_COLS_MAX];
    int64_t held = 0;
    bool kept = false;
    const bool delivered = str_eq(o->state, STR("delivered")) || str_eq(o->state, STR("confirmed"));
    const ledger_cell like = {.account = ACC_HOLD, .voucher_id = o->voucher_id, .order_id = o->id};
    TQ_TRY(row_load(r->tx, T_VOUCHER, o->voucher_id, r->c->a, voucher, err));
    TQ_TRY(order_kept(r, o, delivered, voucher, &kept, err));
    if (kept) {
        return TQ_OK;
    }
    TQ_TRY(ledger_sum(r->tx, r->c->who.programme_id, &like, &held, err));
    TQ_ASSERT(held >= 0);
    event e = work_event(r->c, delivered ? EV_ORDER_CLOSE : EV_ORDER_CANCEL);
    if (held > 0) {
        TQ_TRY(voucher_give_back(r->a, r->tx, &e, o->voucher_id, voucher, &like, held, err));
    }
    event_change(&e, T_SERVICE_ORDER, o->id);
    event_int(&e, C_SERVICE_ORDER_CLOSED, 1);
    if (!delivered) {
        event_text(&e, C_SERVICE_ORDER_STATE, STR("cancelled"));
        r->out->orders++;
    }
    const bool active =
        row_is(voucher, C_VOUCHER_STATE, "active") || row_is(voucher, C_VOUCHER_STATE, "frozen");
    r->out->lapsed_fen += active ? 0 : held;
    return event_append(r->tx, &e, NULL, err);
}

/* Who is banned, and by which decision. */
static tq_code ban_of(ruling *r, const event_value *claim, bool *found, tq_err *err)
{
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(r->tx, STMT_SANCTION_BAN_OF_CLAIM,
                       ARGS(arg_int(r->c->who.programme_id), arg_int(r->c->today.n),
                            arg_int(row_num(claim, C_CLAIM_HOLDER_ID)),
                            arg_int(row_num(claim, C_CLAIM_PAYEE_ID))),
                       &q, err));
    TQ_TRY(rows_next(&q, found, err));
    if (*found) {
        r->org_id = row_int(&q);
        r->out->decision_id = row_int(&q);
    }
    return TQ_OK;
}

/* An order of the claim whose hold has the money again. */
static tq_code order_again(ruling *r, int64_t order_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(r->tx, T_SERVICE_ORDER, order_id, r->c->a, row, err));
    reached o = {.id = order_id,
                 .voucher_id = row_num(row, C_SERVICE_ORDER_VOUCHER_ID),
                 .holder_id = row_num(row, C_SERVICE_ORDER_HOLDER_ID),
                 .state = row_str(row, C_SERVICE_ORDER_STATE),
                 .agreed_day = row_num(row, C_SERVICE_ORDER_AGREED_DAY)};
    const bool delivered = str_eq(o.state, STR("delivered")) || str_eq(o.state, STR("confirmed"));
    TQ_ASSERT(row_num(row, C_SERVICE_ORDER_CLOSED) == 0); /* it was opened again */
    if (!delivered) {
        return TQ_OK; /* not the maker's to cancel: its clock gives the hold back */
    }
    TQ_TRY(ban_holds(r->tx, r->c->who.programme_id, o.holder_id, r->c->today, &o.its_own, err));
    return order_stop(r, &o, err);
}

/* R-BAN-080: as case_decide does with a claim that is not with the bank, but in one event: the maker of a payment
 * may refuse nothing else. */
tq_code claim_returned_stop(app *a, store_tx *tx, const call *c, int64_t claim_id, bool *stopped,
                            tq_err *err)
{
    event_value claim[AUDITED_COLS_MAX];
    event_value voucher[AUDITED_COLS_MAX];
    int64_t orders[CLAIM_ORDERS_MAX];
    size_t n = 0;
    case_decide_report report = {0};
    ruling r = {.a = a, .tx = tx, .c = c, .out = &report};
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, claim, err));
    TQ_ASSERT(row_is(claim, C_CLAIM_STATE, "returned_by_bank"));
    TQ_TRY(ban_of(&r, claim, stopped, err));
    if (!*stopped) {
        return TQ_OK; /* lifted since it was asked about */
    }
    TQ_TRY(row_load(tx, T_VOUCHER, row_num(claim, C_CLAIM_VOUCHER_ID), c->a, voucher, err));
    TQ_TRY(voucher_lock_fund(tx, c->who.programme_id, row_num(voucher, C_VOUCHER_KIND_ID), err));
    event e = work_event(c, EV_CLAIM_REFUSE);
    TQ_TRY(claim_undo_in(tx, &e, claim_id, "refused", err));
    int_change(&e, claim, C_CLAIM_DECISION_ID, report.decision_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(register_follow(tx, c, claim_id, row_num(claim, C_CLAIM_PAID_FEN), REGISTER_SANCTIONED,
                           err));
    TQ_TRY(ids_read(tx, STMT_SANCTION_ORDERS_OF_CLAIM, ARGS(arg_int(claim_id)), orders,
                    TQ_COUNT(orders), &n, err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(order_again(&r, orders[i], err));
    }
    return TQ_OK;
}

/* Everything of the organisation that is on its way stops (I18): claims, then vouchers, then holds. */
static tq_code reach_all(ruling *r, str cause, tq_err *err)
{
    reached *list = ARENA_NEW(r->c->a, reached, REACH_MAX + 1);
    int64_t *ids = ARENA_NEW(r->c->a, int64_t, REACH_MAX);
    size_t n = 0;
    TQ_TRY(claim_list(r, list, &n, err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(claim_stop(r, &list[i], err));
    }
    TQ_TRY(ids_read(r->tx, STMT_SANCTION_VOUCHERS,
                    ARGS(arg_int(r->c->who.programme_id), arg_int(r->org_id)), ids, REACH_MAX, &n,
                    err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(voucher_stop(r, ids[i], cause, err));
    }
    n = 0;
    TQ_TRY(order_list(r, list, &n, err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(order_stop(r, &list[i], err));
    }
    return TQ_OK;
}

/* fund, holder, vouchers: the order in which every use case locks, and all of them before the decision
 * takes its number, for that counter is locked last everywhere. */
static tq_code reach_lock(ruling *r, tq_err *err)
{
    int64_t kinds[64];
    size_t n = 0;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(ids_read(r->tx, STMT_SANCTION_KINDS,
                    ARGS(arg_int(r->c->who.programme_id), arg_int(r->org_id)), kinds,
                    TQ_COUNT(kinds), &n, err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(voucher_lock_fund(r->tx, r->c->who.programme_id, kinds[i], err));
    }
    TQ_TRY(row_load(r->tx, T_ORGANISATION, r->org_id, r->c->a, row, err));
    int64_t *ids = ARENA_NEW(r->c->a, int64_t, REACH_MAX);
    TQ_TRY(ids_read(r->tx, STMT_SANCTION_VOUCHERS,
                    ARGS(arg_int(r->c->who.programme_id), arg_int(r->org_id)), ids, REACH_MAX, &n,
                    err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(row_load(r->tx, T_VOUCHER, ids[i], r->c->a, row, err));
    }
    return TQ_OK;
}

/* R-SANC-140: until when an appeal may come; a policy without the clock sets no term. */
static tq_code appeal_term(ruling *r, tq_err *err)
{
    policy_clock clock;
    if (!policy_clock_stated(r->p, NULL, "appeal")) {
        return TQ_OK;
    }
    TQ_TRY(policy_clock_get(r->p, NULL, "appeal", &clock, err));
    return clock_end(r->tx, r->c->who.programme_id, r->c->today, &clock, &r->out->appeal_by, err);
}

static tq_code decide_need(const case_decide_request *rq, const call *c, tq_err *err)
{
    TQ_TRY(paper_need(c, &rq->paper, err));
    TQ_TRY(line_need(rq->reason, "reason", err));
    if (rq->n_parts > IMPROPER_PARTS_MAX) {
        return tq_fail(err, TQ_LIMIT, "parts", "parts", "more than %d claims", IMPROPER_PARTS_MAX);
    }
    if (rq->n_parts > 0 && rq->due.n < c->today.n) {
        return tq_fail(err, TQ_INVALID, "due", "due", "the day of payment lies before today");
    }
    if (rq->n_denied > 0 && rq->no_ban) {
        return tq_fail(err, TQ_INVALID, "denied_orders", "denied",
                       "without a ban every order stays as it is");
    }
    if (rq->n_parts == 0 && rq->no_ban) {
        return tq_fail(err, TQ_INVALID, "nothing_decided", "parts",
                       "neither a ban nor a recovery: dismiss the case instead");
    }
    return TQ_OK;
}

tq_code case_decide(app *a, const call *c, const case_decide_request *rq, case_decide_report *out,
                    tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    case_decide_report report = {.ban_to = DAY_NONE, .appeal_by = DAY_NONE};
    ruling r = {.a = a, .c = c, .rq = rq, .out = &report};
    int64_t policy_id = 0;
    TQ_TRY(decide_need(rq, c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(case_load(tx, c, rq->case_id, row, err));
    r.tx = tx;
    r.org_id = row_num(row, C_VIOLATION_CASE_ORG_ID);
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &r.p, err));
    TQ_TRY(policy_sanction_get(r.p, &r.rule, err));
    TQ_TRY(appeal_term(&r, err));
    TQ_TRY(reach_lock(&r, err));
    TQ_TRY(denied_need(&r, err));
    TQ_TRY(case_rule(&r, err));
    if (!rq->no_ban) {
        TQ_TRY(reach_all(&r, row_str(row, C_VIOLATION_CASE_CAUSE), err));
    }
    TQ_TRY(store_commit(&tx, err));
    *out = report;
    return TQ_OK;
}
