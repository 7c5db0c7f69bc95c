/* SPDX-License-Identifier: Apache-2.0 */
#include "app/fund.h"

#include "app/fund_inner.h"
#include "app/person.h"
#include "app/programme.h"
#include "app/row_change.h"

#define CARRY_SLICE 500 /* cells of one event; more go in further events of the same transaction */

tq_code budget_line_open(app *a, const call *c, const budget_line_rq *rq, int64_t *line_id,
                         tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(rq->doc_no, "budget_line.doc_no", err));
    TQ_TRY(line_need(rq->project_code, "budget_line.project_code", err));
    TQ_TRY(line_need(rq->function_code, "budget_line.function_code", err));
    TQ_TRY(line_may(rq->gov_econ_code, "budget_line.gov_econ_code", err));
    TQ_TRY(line_may(rq->dept_econ_code, "budget_line.dept_econ_code", err));
    TQ_TRY(line_need(rq->nature, "budget_line.nature", err));
    TQ_TRY(line_need(rq->pay_mode, "budget_line.pay_mode", err));
    if (rq->year < 1990 || rq->year > 2199) {
        return tq_fail(err, TQ_INVALID, "year", "budget_line.year",
                       "give a year from 1990 to 2199");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(fund_year_open(tx, c->who.programme_id, rq->year, err));
    event e = work_event(c, EV_BUDGET_LINE_OPEN);
    TQ_TRY(event_new_row(tx, &e, T_BUDGET_LINE, &id, err));
    event_int(&e, C_BUDGET_LINE_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_BUDGET_LINE_YEAR, rq->year);
    event_text(&e, C_BUDGET_LINE_DOC_NO, rq->doc_no);
    event_text(&e, C_BUDGET_LINE_PROJECT_CODE, rq->project_code);
    event_text(&e, C_BUDGET_LINE_FUNCTION_CODE, rq->function_code);
    event_text(&e, C_BUDGET_LINE_GOV_ECON_CODE, rq->gov_econ_code);
    event_text(&e, C_BUDGET_LINE_DEPT_ECON_CODE, rq->dept_econ_code);
    event_text(&e, C_BUDGET_LINE_NATURE, rq->nature);
    event_text(&e, C_BUDGET_LINE_PAY_MODE, rq->pay_mode);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *line_id = id;
    return TQ_OK;
}

/* The line must be of this programme and, where asked, of this year. */
static tq_code line_of_year(store_tx *tx, const call *c, int64_t line_id, int64_t year, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_BUDGET_LINE, line_id, c->a, row, err));
    if (row_num(row, C_BUDGET_LINE_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "budget_line", "there is no such record");
    }
    if (year != 0 && row_num(row, C_BUDGET_LINE_YEAR) != year) {
        return tq_fail(err, TQ_INVALID, "line_year", "fund.budget_line",
                       "the budget line is not one of %lld", (long long)year);
    }
    return TQ_OK;
}

static tq_code source_need(const source_rq *rq, tq_err *err)
{
    static const char *const classes[] = {"stock", "growth", NULL};
    TQ_TRY(line_need(rq->code, "source.code", err));
    TQ_TRY(line_need(rq->name, "source.name", err));
    TQ_TRY(line_need(rq->origin, "source.origin", err));
    TQ_TRY(line_may(rq->replaces, "source.replaces", err));
    TQ_TRY(word_need(rq->stock_class, classes, "source.class", err));
    const bool stock = str_eq(rq->stock_class, STR("stock"));
    if (rq->base_fen < 0 || rq->base_fen > MONEY_MAX || (!stock && rq->base_fen != 0)) {
        return tq_fail(
            err, TQ_INVALID, "base", "source.base",
            "the base is the size of the fund a stock source is taken from, else nothing");
    }
    return TQ_OK;
}

tq_code source_open(app *a, const call *c, const source_rq *rq, int64_t *source_id, tq_err *err)
{
    int64_t id = 0;
    int64_t kind_id = 0;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(source_need(rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(voucher_kind_find(tx, c->who.programme_id, rq->kind_code, &kind_id, err));
    TQ_TRY(line_of_year(tx, c, rq->budget_line_id, 0, err));
    event e = work_event(c, EV_SOURCE_OPEN);
    TQ_TRY(event_new_row(tx, &e, T_FUND_SOURCE, &id, err));
    event_int(&e, C_FUND_SOURCE_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_FUND_SOURCE_KIND_ID, kind_id);
    event_int(&e, C_FUND_SOURCE_BUDGET_LINE_ID, rq->budget_line_id);
    event_text(&e, C_FUND_SOURCE_CODE, rq->code);
    event_text(&e, C_FUND_SOURCE_NAME, rq->name);
    event_text(&e, C_FUND_SOURCE_CLASS, rq->stock_class);
    event_text(&e, C_FUND_SOURCE_ORIGIN, rq->origin);
    event_int(&e, C_FUND_SOURCE_BASE_FEN, rq->base_fen);
    event_text(&e, C_FUND_SOURCE_REPLACES, rq->replaces);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *source_id = id;
    return TQ_OK;
}

static tq_code fund_rq_need(const fund_rq *rq, fund_kind *kind, tq_err *err)
{
    TQ_TRY(line_need(rq->doc_no, "fund.doc_no", err));
    if (!fund_kind_of(rq->kind, kind)) {
        return tq_fail(err, TQ_INVALID, "word", "fund.kind", "there is no such movement");
    }
    if (rq->amount_fen < 0 || rq->amount_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "amount_range", "fund.amount", "this is no amount");
    }
    const bool whole = fund_is_carry(*kind) && *kind != FUND_CARRY_POOL;
    if (whole && rq->amount_fen != 0) {
        return tq_fail(err, TQ_INVALID, "carry_all", "fund.amount",
                       "what holders have is carried over as a whole; give no amount");
    }
    if ((*kind == FUND_APPROPRIATE || *kind == FUND_SURRENDER || *kind == FUND_OVER_COMMIT) &&
        rq->amount_fen == 0) {
        return tq_fail(err, TQ_INVALID, "amount_range", "fund.amount", "give the amount");
    }
    if (fund_is_carry(*kind) != (rq->budget_line_id != 0)) {
        return tq_fail(err, TQ_INVALID, "line_year", "fund.budget_line",
                       "a carry-over, and nothing else, names the budget line of the next year");
    }
    return TQ_OK;
}

/* A source begins in the year of its line; later years reach it only by carry-over. */
static tq_code year_of_source(store_tx *tx, const fund_facts *f, tq_err *err)
{
    int64_t line_id = 0;
    if (f->kind == FUND_SURRENDER || f->kind == FUND_COVER || fund_is_carry(f->kind)) {
        return TQ_OK; /* the accounts say whether money is there */
    }
    TQ_TRY(fund_line_of(tx, f->source_id, f->year, &line_id, err));
    TQ_ASSERT(line_id != 0);
    return TQ_OK;
}

static void move_row(event *e, const call *c, const fund_rq *rq, int64_t amount)
{
    fund_kind kind;
    TQ_ASSERT(fund_kind_of(rq->kind, &kind));
    event_int(e, C_FUND_MOVE_PROGRAMME_ID, c->who.programme_id);
    event_int(e, C_FUND_MOVE_SOURCE_ID, rq->source_id);
    event_int(e, C_FUND_MOVE_BUDGET_LINE_ID, rq->budget_line_id);
    event_text(e, C_FUND_MOVE_KIND, rq->kind);
    event_int(e, C_FUND_MOVE_YEAR, rq->year);
    event_int(e, C_FUND_MOVE_TO_YEAR, fund_is_carry(kind) ? rq->year + 1 : 0);
    event_int(e, C_FUND_MOVE_AMOUNT_FEN, amount);
    event_text(e, C_FUND_MOVE_DOC_NO, rq->doc_no);
    event_int(e, C_FUND_MOVE_MAKER_ID, c->who.person_id);
    event_text(e, C_FUND_MOVE_STATE, STR("proposed"));
}

tq_code fund_propose(app *a, const call *c, const fund_rq *rq, int64_t *move_id, tq_err *err)
{
    fund_kind kind;
    fund_facts f;
    int64_t amount = 0;
    int64_t id = 0;
    TQ_TRY(fund_rq_need(rq, &kind, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    event_value programme[AUDITED_COLS_MAX];
    TQ_TRY(fund_lock(tx, c, programme, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(fund_year_open(tx, c->who.programme_id, rq->year, err));
    TQ_TRY(fund_facts_read(tx, c, kind, rq->source_id, rq->year, &f, err));
    TQ_TRY(year_of_source(tx, &f, err));
    if (rq->budget_line_id != 0) {
        TQ_TRY(line_of_year(tx, c, rq->budget_line_id, rq->year + 1, err));
    }
    TQ_TRY(fund_amount(a, tx, c->who.programme_id, &f, rq->amount_fen, &amount, err));
    TQ_TRY(delegation_allows(tx, c, amount, err));
    event e = work_event(c, EV_FUND_PROPOSE);
    TQ_TRY(event_new_row(tx, &e, T_FUND_MOVE, &id, err));
    move_row(&e, c, rq, amount);
    TQ_TRY(act_once(tx, c, &e, T_FUND_MOVE, id, "propose", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *move_id = id;
    return TQ_OK;
}

static ledger_account carried_account(fund_kind k)
{
    TQ_ASSERT(k == FUND_CARRY_VOUCHER || k == FUND_CARRY_HOLD || k == FUND_CARRY_PAYABLE);
    if (k == FUND_CARRY_VOUCHER) {
        return ACC_VOUCHER;
    }
    return k == FUND_CARRY_HOLD ? ACC_HOLD : ACC_PAYABLE;
}

/* Moves one slice of cells of the account into the next year; *n cells, *sum of money. */
static tq_code carry_slice(store_tx *tx, const call *c, event *e, const fund_facts *f, int *n,
                           int64_t *sum, tq_err *err)
{
    const ledger_account account = carried_account(f->kind);
    ROWS_AUTO store_rows r = {0};
    *n = 0;
    TQ_TRY(store_query(tx, STMT_FUND_CELLS,
                       ARGS(arg_int(c->who.programme_id),
                            arg_str(str_of(ledger_account_name(account))), arg_int(f->source_id),
                            arg_int(f->year), arg_int(CARRY_SLICE)),
                       &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        ledger_cell from = {
            .account = account, .source_id = f->source_id, .year = f->year, .kind_id = f->kind_id};
        from.voucher_id = row_int(&r);
        from.order_id = row_int(&r);
        from.claim_id = row_int(&r);
        const int64_t amount = row_int(&r);
        ledger_cell to = from;
        to.year = f->year + 1;
        TQ_ASSERT(amount > 0);
        event_move(e, &from, &to, amount);
        *sum += amount;
        *n += 1;
    }
}

/* All slices but the last become events of their own; the last stays in `e`. */
static tq_code carry_cells(store_tx *tx, const call *c, event *e, const fund_facts *f, int64_t *sum,
                           tq_err *err)
{
    int64_t total = 0;
    for (;;) {
        int n = 0;
        event slice = work_event(c, EV_FUND_BOOK);
        TQ_TRY(carry_slice(tx, c, &slice, f, &n, &total, err));
        if (n == CARRY_SLICE) {
            TQ_TRY(event_append(tx, &slice, NULL, err));
            continue;
        }
        for (int i = 0; i + 1 < slice.n_legs; i += 2) {
            TQ_ASSERT(slice.legs[i].amount < 0);
            event_move(e, &slice.legs[i].cell, &slice.legs[i + 1].cell, slice.legs[i + 1].amount);
        }
        break;
    }
    if (total == 0) {
        return tq_fail(err, TQ_CONFLICT, "nothing_there", fund_kind_name(f->kind),
                       "no money of this source and year lies there");
    }
    *sum = total;
    return TQ_OK;
}

/* Movements between accounts without voucher: one pair of legs. */
static void book_legs(event *e, const fund_facts *f, int64_t amount)
{
    static const struct {
        ledger_account from, to;
    } ways[FUND_KINDS] = {
        [FUND_APPROPRIATE] = {ACC_FUND, ACC_POOL},
        [FUND_EXTRACT] = {ACC_FUND, ACC_POOL},
        [FUND_MATCH] = {ACC_FUND, ACC_POOL},
        [FUND_SURRENDER] = {ACC_POOL, ACC_FUND},
        [FUND_OVER_COMMIT] = {ACC_OVERCOMMIT, ACC_POOL},
        [FUND_COVER] = {ACC_FUND, ACC_OVERCOMMIT},
        [FUND_CARRY_POOL] = {ACC_POOL, ACC_POOL},
    };
    ledger_cell from = {.account = ways[f->kind].from,
                        .source_id = f->source_id,
                        .year = f->year,
                        .kind_id = f->kind_id};
    ledger_cell to = from;
    to.account = ways[f->kind].to;
    to.year = f->kind == FUND_CARRY_POOL ? f->year + 1 : f->year;
    TQ_ASSERT(amount > 0);
    TQ_ASSERT(from.account != to.account || from.year != to.year);
    event_move(e, &from, &to, amount);
}

/* The movement under lock, proposed and of this programme. */
static tq_code move_load(store_tx *tx, const call *c, int64_t move_id, event_value *row,
                         tq_err *err)
{
    TQ_TRY(row_load(tx, T_FUND_MOVE, move_id, c->a, row, err));
    if (row_num(row, C_FUND_MOVE_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "fund_move", "there is no such record");
    }
    if (!row_is(row, C_FUND_MOVE_STATE, "proposed")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "fund_move",
                       "the movement is booked or refused already");
    }
    return TQ_OK;
}

tq_code fund_book(app *a, const call *c, int64_t move_id, tq_err *err)
{
    fund_facts f;
    fund_kind kind;
    int64_t amount = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    event_value programme[AUDITED_COLS_MAX];
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(fund_lock(tx, c, programme, err));
    TQ_TRY(move_load(tx, c, move_id, row, err));
    TQ_ASSERT(fund_kind_of(row_str(row, C_FUND_MOVE_KIND), &kind));
    TQ_TRY(fund_facts_read(tx, c, kind, row_num(row, C_FUND_MOVE_SOURCE_ID),
                           row_num(row, C_FUND_MOVE_YEAR), &f, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(fund_year_open(tx, c->who.programme_id, f.year, err));
    TQ_TRY(fund_amount(a, tx, c->who.programme_id, &f, row_num(row, C_FUND_MOVE_AMOUNT_FEN),
                       &amount, err));
    event e = work_event(c, EV_FUND_BOOK);
    if (fund_is_carry(kind) && kind != FUND_CARRY_POOL) {
        TQ_TRY(carry_cells(tx, c, &e, &f, &amount, err));
    } else {
        book_legs(&e, &f, amount);
    }
    TQ_TRY(delegation_allows(tx, c, amount, err));
    event_change(&e, T_FUND_MOVE, move_id);
    int_change(&e, row, C_FUND_MOVE_AMOUNT_FEN, amount);
    event_int(&e, C_FUND_MOVE_CHECKER_ID, c->who.person_id);
    event_text(&e, C_FUND_MOVE_STATE, STR("booked"));
    TQ_TRY(act_once(tx, c, &e, T_FUND_MOVE, move_id, "book", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code fund_refuse(app *a, const call *c, int64_t move_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(move_load(tx, c, move_id, row, err));
    event e = work_event(c, EV_FUND_REFUSE);
    event_change(&e, T_FUND_MOVE, move_id);
    event_int(&e, C_FUND_MOVE_CHECKER_ID, c->who.person_id);
    event_text(&e, C_FUND_MOVE_STATE, STR("refused"));
    TQ_TRY(act_once(tx, c, &e, T_FUND_MOVE, move_id, "book", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
