/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sanction.h"

#include "app/row_change.h"
#include "app/sanction_inner.h"
#include "app/voucher_inner.h"

int64_t recovery_left(const event_value *row)
{
    const int64_t left =
        row_num(row, C_RECOVERY_AMOUNT_FEN) - row_num(row, C_RECOVERY_COLLECTED_FEN) -
        row_num(row, C_RECOVERY_SET_OFF_FEN) - row_num(row, C_RECOVERY_WRITTEN_OFF_FEN);
    TQ_ASSERT(left >= 0);
    return left;
}

tq_code recovery_open(store_tx *tx, int64_t programme_id, int64_t org_id, arena *a,
                      open_recovery *out, size_t max, size_t *n, tq_err *err)
{
    TQ_ASSERT(max > 0);
    size_t count = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_RECOVERY_OWED,
                       ARGS(arg_int(programme_id), arg_int(org_id), arg_int((int64_t)max)), &r,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < max);
        open_recovery *o = &out[count++];
        o->id = row_int(&r);
        o->case_id = row_int(&r);
        o->claim_id = row_int(&r);
        o->voucher_id = row_int(&r);
        o->open_fen = row_int(&r);
        o->case_state = row_copy(&r, a);
        TQ_ASSERT(o->open_fen >= 0);
    }
    *n = count;
    return TQ_OK;
}

/* One more part of the debt is done; the recovery is settled with the last. */
static void part_done(event *e, int64_t recovery_id, const event_value *row, int col,
                      int64_t amount)
{
    event_change(e, T_RECOVERY, recovery_id);
    event_int(e, col, row_num(row, col) + amount);
    if (recovery_left(row) == amount) {
        event_text(e, C_RECOVERY_STATE, STR("settled"));
    }
}

static tq_code owed_need(const event_value *row, int64_t amount, tq_err *err)
{
    if (amount <= 0) {
        return tq_fail(err, TQ_INVALID, "amount", "amount", "give an amount above zero");
    }
    if (!row_is(row, C_RECOVERY_STATE, "owed") || recovery_left(row) < amount) {
        return tq_fail(err, TQ_CONFLICT, "insufficient", "recovery",
                       "less than that is still owed");
    }
    return TQ_OK;
}

/* Where the money of a recovery lies while it is in this account. */
static ledger_cell debt_in(const event_value *row, ledger_account account)
{
    TQ_ASSERT(account == ACC_OWED || account == ACC_RECOVERED);
    TQ_ASSERT(row_num(row, C_RECOVERY_VOUCHER_ID) != 0);
    return (ledger_cell){.account = account,
                         .voucher_id = row_num(row, C_RECOVERY_VOUCHER_ID),
                         .claim_id = row_num(row, C_RECOVERY_CLAIM_ID)};
}

tq_code recovery_set_off(store_tx *tx, event *e, int64_t recovery_id, int64_t claim_id,
                         int64_t line_id, int64_t amount, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value claim[AUDITED_COLS_MAX];
    TQ_ASSERT(e->kind == EV_RECOVERY_SET_OFF);
    TQ_TRY(row_load(tx, T_RECOVERY, recovery_id, e->a, row, err));
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, e->a, claim, err));
    TQ_TRY(owed_need(row, amount, err));
    const ledger_cell payable = {.account = ACC_PAYABLE,
                                 .voucher_id = row_num(claim, C_CLAIM_VOUCHER_ID),
                                 .claim_id = claim_id};
    const ledger_cell with = {.line_id = line_id};
    const ledger_cell owed = debt_in(row, ACC_OWED);
    event_entry(e); /* payment and recovery are one entry */
    TQ_TRY(ledger_move(tx, e, &payable, ACC_PAID, &with, amount, err));
    TQ_TRY(ledger_move(tx, e, &owed, ACC_RECOVERED, NULL, amount, err));
    part_done(e, recovery_id, row, C_RECOVERY_SET_OFF_FEN, amount);
    return TQ_OK;
}

/* A plan's rows; `from` had come in or was given up before its first. */
static tq_code parts_add(store_tx *tx, event *e, int64_t recovery_id, int64_t plan, int64_t from,
                         const instalment *parts, size_t n, tq_err *err)
{
    int64_t upto = from;
    if (e->n_rows + (int)n >= EVENT_ROWS_MAX / 2) { /* what comes after needs room too */
        return tq_fail(err, TQ_LIMIT, "event_rows", "parts",
                       "there are more instalments than one act can write");
    }
    for (size_t i = 0; i < n; i++) {
        int64_t id = 0;
        upto += parts[i].amount_fen;
        TQ_TRY(event_new_row(tx, e, T_RECOVERY_INSTALMENT, &id, err));
        event_int(e, C_RECOVERY_INSTALMENT_RECOVERY_ID, recovery_id);
        event_int(e, C_RECOVERY_INSTALMENT_PLAN, plan);
        event_int(e, C_RECOVERY_INSTALMENT_N, (int64_t)i + 1);
        event_int(e, C_RECOVERY_INSTALMENT_DUE_DAY, parts[i].due.n);
        event_int(e, C_RECOVERY_INSTALMENT_AMOUNT_FEN, parts[i].amount_fen);
        event_int(e, C_RECOVERY_INSTALMENT_UPTO_FEN, upto);
    }
    return TQ_OK;
}

/* R-SANC-160: the plan falls by its last parts, so that each of what is left of it can be paid in full. `upto` counts
 * from the first fen that came in, so parts that are paid stay so. The rows of a plan never change: it is written
 * again under the next number. */
static tq_code plan_lower(store_tx *tx, event *e, int64_t recovery_id, const event_value *row,
                          int64_t sum, tq_err *err)
{
    instalment parts[INSTALMENTS_MAX];
    size_t n = 0;
    int64_t upto = 0;
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(tx, STMT_RECOVERY_PLAN_PARTS,
                       ARGS(arg_int(recovery_id), arg_int(row_num(row, C_RECOVERY_PLAN))), &q,
                       err));
    for (bool more = true; n < INSTALMENTS_MAX;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            break;
        }
        const day due = {(int32_t)row_int(&q)};
        const int64_t amount = row_int(&q);
        const int64_t end = row_int(&q);
        const int64_t from = end - amount; /* a plan begins where an older one stood */
        upto = n == 0 ? from : upto;
        const int64_t left = (end < sum ? end : sum) - from;
        if (left > 0) {
            parts[n++] = (instalment){due, left};
        }
    }
    rows_end(&q);
    event_int(e, C_RECOVERY_PLAN, row_num(row, C_RECOVERY_PLAN) + 1);
    if (n > 0) {
        int_change(e, row, C_RECOVERY_DUE_DAY, parts[n - 1].due.n);
    }
    return parts_add(tx, e, recovery_id, row_num(row, C_RECOVERY_PLAN) + 1, upto, parts, n, err);
}

tq_code recovery_lower(store_tx *tx, event *e, int64_t recovery_id, int64_t amount, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_ASSERT(e->kind == EV_CASE_UPHOLD);
    TQ_TRY(row_load(tx, T_RECOVERY, recovery_id, e->a, row, err));
    TQ_TRY(owed_need(row, amount, err));
    const ledger_cell owed = debt_in(row, ACC_OWED);
    const bool planned = row_num(row, C_RECOVERY_PLAN) != 0;
    event_entry(e);
    TQ_TRY(ledger_move(tx, e, &owed, ACC_PAID, NULL, amount, err));
    event_change(e, T_RECOVERY, recovery_id);
    if (amount == row_num(row, C_RECOVERY_AMOUNT_FEN)) { /* the sum stays, as in a dismissed case */
        event_text(e, C_RECOVERY_STATE, STR("annulled"));
        return planned ? plan_lower(tx, e, recovery_id, row, 0, err) : TQ_OK;
    }
    const int64_t sum = row_num(row, C_RECOVERY_AMOUNT_FEN) - amount;
    event_int(e, C_RECOVERY_AMOUNT_FEN, sum);
    if (recovery_left(row) == amount) {
        event_text(e, C_RECOVERY_STATE, STR("settled"));
    }
    return planned ? plan_lower(tx, e, recovery_id, row, sum, err) : TQ_OK;
}

/* Loads a recovery of the caller's programme and its case. */
static tq_code recovery_load(store_tx *tx, const call *c, int64_t id, event_value *row,
                             event_value *kase, tq_err *err)
{
    TQ_TRY(row_load(tx, T_RECOVERY, id, c->a, row, err));
    return case_load(tx, c, row_num(row, C_RECOVERY_CASE_ID), kase, err);
}

/* Every movement of recovered money names the bank's receipt or a paper, and falls into an open period. */
static tq_code recovery_begin(app *a, const call *c, const recovery_request *rq, role_set roles,
                              store_tx **tx, event_value *row, event_value *kase, tq_err *err)
{
    TX_AUTO store_tx *begun = NULL;
    TQ_ASSERT(roles != 0);
    TQ_TRY(line_need(rq->reference, "reference", err));
    TQ_TRY(work_begin(a, c, roles, &begun, err));
    TQ_TRY(period_open(begun, c, err));
    TQ_TRY(recovery_load(begun, c, rq->recovery_id, row, kase, err));
    *tx = begun;
    begun = NULL;
    return TQ_OK;
}

tq_code recovery_collect(app *a, const call *c, const recovery_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value kase[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(recovery_begin(a, c, rq, ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER), &tx,
                          row, kase, err));
    TQ_TRY(appeal_free(a, tx, c, kase, err));
    TQ_TRY(owed_need(row, rq->amount_fen, err));
    const ledger_cell owed = debt_in(row, ACC_OWED);
    event e = work_event(c, EV_RECOVERY_COLLECT);
    event_note(&e, "reference", rq->reference);
    TQ_TRY(act_once(tx, c, &e, T_RECOVERY, rq->recovery_id, "collect", err));
    TQ_TRY(ledger_move(tx, &e, &owed, ACC_RECOVERED, NULL, rq->amount_fen, err));
    part_done(&e, rq->recovery_id, row, C_RECOVERY_COLLECTED_FEN, rq->amount_fen);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Money of this fiscal year reinstates the budget, older money goes to the treasury. */
static int64_t of_year(const event *e, int64_t year)
{
    int64_t sum = 0;
    for (int i = 0; i < e->n_legs; i++) {
        const ledger_leg *leg = &e->legs[i];
        sum += leg->cell.account == ACC_FUND && leg->cell.year == year ? leg->amount : 0;
    }
    return sum;
}

tq_code recovery_hand_back(app *a, const call *c, const recovery_request *rq, int64_t *to_budget,
                           tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value kase[AUDITED_COLS_MAX];
    int64_t year = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(recovery_begin(a, c, rq, ROLES(ROLE_FINANCE_CHECKER), &tx, row, kase, err));
    const int64_t in = row_num(row, C_RECOVERY_COLLECTED_FEN) +
                       row_num(row, C_RECOVERY_SET_OFF_FEN) - row_num(row, C_RECOVERY_HANDED_FEN);
    if (rq->amount_fen <= 0 || rq->amount_fen > in || row_is(row, C_RECOVERY_STATE, "annulled")) {
        return tq_fail(err, TQ_CONFLICT, "insufficient", "recovery", "less than that has come in");
    }
    TQ_TRY(fiscal_year(tx, c->who.programme_id, c->today, &year, err));
    const ledger_cell held = debt_in(row, ACC_RECOVERED);
    event e = work_event(c, EV_RECOVERY_HAND_BACK);
    event_note(&e, "reference", rq->reference);
    TQ_TRY(act_once(tx, c, &e, T_RECOVERY, rq->recovery_id, "hand_back", err));
    TQ_TRY(ledger_move(tx, &e, &held, ACC_FUND, NULL, rq->amount_fen, err));
    event_change(&e, T_RECOVERY, rq->recovery_id);
    event_int(&e, C_RECOVERY_HANDED_FEN, row_num(row, C_RECOVERY_HANDED_FEN) + rq->amount_fen);
    const int64_t budget = of_year(&e, year);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *to_budget = budget;
    return TQ_OK;
}

/* The paper is dated today: what it decided is booked when it is entered. */
tq_code recovery_write_off(app *a, const call *c, int64_t recovery_id, int64_t amount_fen,
                           const decision_paper *paper, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value kase[AUDITED_COLS_MAX];
    int64_t decision_id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(paper_need(c, paper, err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(recovery_load(tx, c, recovery_id, row, kase, err));
    TQ_TRY(owed_need(row, amount_fen, err));
    const ledger_cell owed = debt_in(row, ACC_OWED);
    event e = work_event(c, EV_RECOVERY_WRITE_OFF);
    TQ_TRY(act_once(tx, c, &e, T_RECOVERY, recovery_id, "write_off", err));
    TQ_TRY(case_decision(a, tx, c, &e, row_num(row, C_RECOVERY_CASE_ID), "written_off",
                         STR("written_off"), paper, &decision_id, err));
    TQ_TRY(ledger_move(tx, &e, &owed, ACC_WRITTEN_OFF, NULL, amount_fen, err));
    part_done(&e, recovery_id, row, C_RECOVERY_WRITTEN_OFF_FEN, amount_fen);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-SANC-100 */
static tq_code plan_need(const call *c, const event_value *row, const recovery_plan_request *rq,
                         tq_err *err)
{
    int64_t sum = 0;
    int32_t before = c->today.n - 1;
    if (!row_is(row, C_RECOVERY_STATE, "owed")) {
        return tq_fail(err, TQ_CONFLICT, "insufficient", "recovery", "nothing is owed");
    }
    for (size_t i = 0; i < rq->n_parts; i++) {
        if (rq->parts[i].amount_fen <= 0 || rq->parts[i].due.n <= before) {
            return tq_fail(err, TQ_INVALID, "instalments", "parts",
                           "row %zu: an amount above zero on a day after the one before", i + 1);
        }
        before = rq->parts[i].due.n;
        sum += rq->parts[i].amount_fen;
    }
    if (rq->n_parts < 2 || rq->n_parts > INSTALMENTS_MAX || sum != recovery_left(row)) {
        return tq_fail(err, TQ_INVALID, "instalments", "parts",
                       "2 to %d instalments that come to what is still owed", INSTALMENTS_MAX);
    }
    return TQ_OK;
}

tq_code recovery_plan(app *a, const call *c, const recovery_plan_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value kase[AUDITED_COLS_MAX];
    int64_t decision_id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(rq->paper.number, "paper_no", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(recovery_load(tx, c, rq->recovery_id, row, kase, err));
    TQ_TRY(plan_need(c, row, rq, err));
    event e = work_event(c, EV_RECOVERY_PLAN);
    TQ_TRY(case_decision(a, tx, c, &e, row_num(row, C_RECOVERY_CASE_ID), "instalments",
                         STR("instalments"), &rq->paper, &decision_id, err));
    event_change(&e, T_RECOVERY, rq->recovery_id);
    event_int(&e, C_RECOVERY_PLAN, row_num(row, C_RECOVERY_PLAN) + 1);
    int_change(&e, row, C_RECOVERY_DUE_DAY, rq->parts[rq->n_parts - 1].due.n);
    TQ_TRY(parts_add(tx, &e, rq->recovery_id, row_num(row, C_RECOVERY_PLAN) + 1,
                     row_num(row, C_RECOVERY_AMOUNT_FEN) - recovery_left(row), rq->parts,
                     rq->n_parts, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
