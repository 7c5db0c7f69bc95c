/* SPDX-License-Identifier: Apache-2.0 */
#include "app/voucher.h"

#include "app/due_rows.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R_KEEPS (ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP))

/* Loads and locks a voucher of this programme. */
static tq_code voucher_load(store_tx *tx, const call *c, int64_t id, event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_VOUCHER, id, c->a, row, err));
    return own_programme(c, row_num(row, C_VOUCHER_PROGRAMME_ID), "voucher", err);
}

/* Fund first, then the voucher: money is about to flow back. */
static tq_code voucher_load_after_fund(store_tx *tx, const call *c, int64_t id, event_value *row,
                                       tq_err *err)
{
    int64_t kind = 0;
    TQ_TRY(store_int(tx, STMT_VOUCHER_BRIEF, ARGS(arg_int(id), arg_int(c->who.programme_id)), 0,
                     &kind, err));
    if (kind == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "voucher", "there is no such voucher");
    }
    TQ_TRY(voucher_lock_fund(tx, c->who.programme_id, kind, err));
    return voucher_load(tx, c, id, row, err);
}

/* CONFLICT/state_arrow unless the voucher is in this state, or that one (may be NULL). */
static tq_code voucher_need(const event_value *row, const char *state, const char *other,
                            tq_err *err)
{
    if (row_is(row, C_VOUCHER_STATE, state) ||
        (other != NULL && row_is(row, C_VOUCHER_STATE, other))) {
        return TQ_OK;
    }
    return tq_fail(err, TQ_CONFLICT, "state_arrow", "voucher", "it is %.*s and not %s",
                   STR_ARG(row_str(row, C_VOUCHER_STATE)), state);
}

/* Where money of a voucher that has ended goes. */
static tq_code end_account(app *a, store_tx *tx, const event_value *row, arena *mem,
                           ledger_account *out, tq_err *err)
{
    const policy *p = NULL;
    policy_fund fund;
    str kind;
    TQ_TRY(app_policy_by_id(a, tx, row_num(row, C_VOUCHER_POLICY_ID), &p, err));
    TQ_TRY(voucher_kind_code(tx, row_num(row, C_VOUCHER_KIND_ID), mem, &kind, err));
    TQ_TRY(policy_fund_get(p, kind.data, &fund, err));
    *out = fund.expiry_to_pool ? ACC_POOL : ACC_LAPSED;
    return TQ_OK;
}

tq_code voucher_give_back(app *a, store_tx *tx, event *e, int64_t voucher_id,
                          const event_value *row, const ledger_cell *from, int64_t amount,
                          tq_err *err)
{
    TQ_ASSERT(from->voucher_id == voucher_id);
    TQ_ASSERT(from->account != ACC_VOUCHER);
    TQ_ASSERT(amount > 0);
    const ledger_cell with = {.voucher_id = voucher_id};
    ledger_account to = ACC_VOUCHER;
    if (!row_is(row, C_VOUCHER_STATE, "active") && !row_is(row, C_VOUCHER_STATE, "frozen")) {
        TQ_TRY(end_account(a, tx, row, e->a, &to, err));
    }
    return ledger_move(tx, e, from, to, &with, amount, err);
}

/* Empties the voucher's own cells. */
static tq_code voucher_empty(app *a, store_tx *tx, const call *c, event *e, int64_t id,
                             const event_value *row, tq_err *err)
{
    const ledger_cell like = {.account = ACC_VOUCHER, .voucher_id = id};
    ledger_account to = ACC_POOL;
    int64_t left = 0;
    TQ_TRY(ledger_sum(tx, c->who.programme_id, &like, &left, err));
    if (left == 0) {
        return TQ_OK;
    }
    TQ_TRY(end_account(a, tx, row, c->a, &to, err));
    const ledger_cell with = {0};
    return ledger_move(tx, e, &like, to, &with, left, err);
}

/* A freeze moves no money: it can be lifted the same day, and then nothing has happened. */
tq_code voucher_freeze(app *a, const call *c, int64_t id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(line_need(cause, "voucher.cause", err));
    TQ_TRY(work_begin(a, c, R_KEEPS, &tx, err));
    TQ_TRY(voucher_load(tx, c, id, row, err));
    TQ_TRY(voucher_need(row, "active", NULL, err));
    event e = work_event(c, EV_VOUCHER_FREEZE);
    event_change(&e, T_VOUCHER, id);
    event_text(&e, C_VOUCHER_STATE, STR("frozen"));
    text_change(&e, row, C_VOUCHER_CAUSE, cause);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code voucher_unfreeze(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R_KEEPS, &tx, err));
    TQ_TRY(voucher_load(tx, c, id, row, err));
    TQ_TRY(ban_check(tx, c->who.programme_id, row_num(row, C_VOUCHER_HOLDER_ID), c->today, err));
    TQ_TRY(voucher_need(row, "frozen", NULL, err));
    event e = work_event(c, EV_VOUCHER_UNFREEZE);
    event_change(&e, T_VOUCHER, id);
    event_text(&e, C_VOUCHER_STATE, STR("active"));
    text_change(&e, row, C_VOUCHER_CAUSE, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Counted from the old last day, so that an early request brings no longer term. */
static tq_code extension_days(app *a, store_tx *tx, const call *c, const event_value *row,
                              day use_by, day *claim_by, tq_err *err)
{
    const policy *p = NULL;
    policy_clock use;
    policy_clock claim;
    str kind;
    day latest;
    const day old = {(int32_t)row_num(row, C_VOUCHER_USE_BY_DAY)};
    TQ_TRY(app_policy_by_id(a, tx, row_num(row, C_VOUCHER_POLICY_ID), &p, err));
    TQ_TRY(voucher_kind_code(tx, row_num(row, C_VOUCHER_KIND_ID), c->a, &kind, err));
    TQ_TRY(policy_clock_get(p, kind.data, "use", &use, err));
    TQ_TRY(policy_clock_get(p, kind.data, "claim", &claim, err));
    TQ_TRY(clock_end(tx, c->who.programme_id, old, &use, &latest, err));
    if (use_by.n <= old.n || use_by.n > latest.n) {
        return tq_fail(
            err, TQ_INVALID, "extension", "voucher.use_by",
            "the new last day must lie after the old one, by at most the term of the kind");
    }
    return clock_end(tx, c->who.programme_id, use_by, &claim, claim_by, err);
}

tq_code voucher_extend(app *a, const call *c, int64_t id, day use_by, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    day claim_by;
    TQ_TRY(line_need(cause, "voucher.cause", err));
    TQ_TRY(work_begin(a, c, R_KEEPS, &tx, err));
    TQ_TRY(voucher_load(tx, c, id, row, err));
    TQ_TRY(ban_check(tx, c->who.programme_id, row_num(row, C_VOUCHER_HOLDER_ID), c->today, err));
    if (!row_is(row, C_VOUCHER_STATE, "active") ||
        row_num(row, C_VOUCHER_USE_BY_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "voucher_not_active", "voucher",
                       "only an active voucher whose last day has not passed can be extended");
    }
    if (row_num(row, C_VOUCHER_EXTENSIONS) >= VOUCHER_EXTENSIONS_MAX) {
        return tq_fail(err, TQ_INVALID, "extension", "voucher.extensions",
                       "it has been extended before");
    }
    TQ_TRY(extension_days(a, tx, c, row, use_by, &claim_by, err));
    event e = work_event(c, EV_VOUCHER_EXTEND);
    event_change(&e, T_VOUCHER, id);
    event_int(&e, C_VOUCHER_USE_BY_DAY, use_by.n);
    int_change(&e, row, C_VOUCHER_CLAIM_BY_DAY, claim_by.n);
    event_int(&e, C_VOUCHER_EXTENSIONS, row_num(row, C_VOUCHER_EXTENSIONS) + 1);
    event_note(&e, "cause", cause);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Frozen ones expire too: a freeze is no extension. */
tq_code voucher_expire(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R_SYSTEM, &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(voucher_load_after_fund(tx, c, id, row, err));
    TQ_TRY(voucher_need(row, "active", "frozen", err));
    if (row_num(row, C_VOUCHER_USE_BY_DAY) >= c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "not_due", "voucher.use_by",
                       "its last day has not passed");
    }
    event e = work_event(c, EV_VOUCHER_EXPIRE);
    event_change(&e, T_VOUCHER, id);
    event_text(&e, C_VOUCHER_STATE, STR("expired"));
    TQ_TRY(voucher_empty(a, tx, c, &e, id, row, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code voucher_expire_due(app *a, const call *c, int64_t *done, tq_err *err)
{
    int64_t count = 0;
    TQ_TRY(due_rows_run(a, c, STMT_VOUCHER_DUE, voucher_expire, "voucher", &count, err));
    *done = count;
    return TQ_OK;
}

static tq_code cancel_need(const call *c, const voucher_cancel_request *rq, tq_err *err)
{
    TQ_TRY(line_need(rq->cause, "voucher.cause", err));
    TQ_TRY(line_may(rq->paper.number, "voucher.paper", err));
    if (c->who.role == ROLE_OFFICE && rq->paper.number.len == 0) {
        return tq_fail(err, TQ_FORBIDDEN, "no_paper", "voucher.paper",
                       "the group decides a cancellation; the office enters it with its paper");
    }
    return TQ_OK;
}

tq_code voucher_cancel(app *a, const call *c, const voucher_cancel_request *rq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    TQ_TRY(cancel_need(c, rq, err));
    TQ_TRY(work_begin(a, c, R_KEEPS, &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(voucher_load_after_fund(tx, c, rq->voucher_id, row, err));
    TQ_TRY(voucher_need(row, "active", "frozen", err));
    event e = work_event(c, EV_VOUCHER_CANCEL);
    TQ_TRY(voucher_empty(a, tx, c, &e, rq->voucher_id, row, err));
    TQ_TRY(decision_add(tx, c, &e, T_VOUCHER, rq->voucher_id, "cancelled",
                        arena_copy(c->a, rq->cause).data, row_num(row, C_VOUCHER_POLICY_ID),
                        STR(""), STR(""), &rq->paper, &decision, err));
    event_change(&e, T_VOUCHER, rq->voucher_id);
    event_text(&e, C_VOUCHER_STATE, STR("cancelled"));
    text_change(&e, row, C_VOUCHER_CAUSE, rq->cause);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
