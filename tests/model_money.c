/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include "app/bank_result.h"
#include "app/fund.h"
#include "app/organisation.h"
#include "app/sanction.h"
#include "app/settle.h"

/* --- fund --------------------------------------------------------------------------------------- */

static tq_code move(model *m, const char *kind, int64_t source, int64_t year, int64_t fen,
                    tq_err *err)
{
    int64_t line = 0;
    int64_t id = 0;
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    const call checker = model_by(m, ROLE_FINANCE_CHECKER);
    if (strncmp(kind, "carry", 5) == 0) {
        const budget_line_rq rq = {.year = year + 1,
                                   .doc_no = STR("长财教2号"),
                                   .project_code = STR("001"),
                                   .function_code = STR("2060499"),
                                   .nature = STR("一般公共预算"),
                                   .pay_mode = STR("授权支付")};
        TQ_TRY(budget_line_open(m->f->app, &maker, &rq, &line, err));
    }
    const fund_rq rq = {.kind = str_of(kind),
                        .source_id = source,
                        .year = year,
                        .budget_line_id = line,
                        .amount_fen = fen,
                        .doc_no = STR("长财教2号")};
    TQ_TRY(fund_propose(m->f->app, &maker, &rq, &id, err));
    return model_draw(m, 12) == 0 ? fund_refuse(m->f->app, &checker, id, err)
                                  : fund_book(m->f->app, &checker, id, err);
}

static int64_t year_of(const model *m)
{
    return day_ymd(m->d).year;
}

static int64_t any_source(model *m)
{
    model_sources(m);
    const int64_t of[] = {m->growth, m->growth, m->stock, m->award_growth};
    return of[model_draw(m, 4)];
}

/* Little at a time, so that the pool is often short and issue goes into the over-commitment. */
static tq_code appropriate(model *m, tq_err *err)
{
    model_sources(m);
    switch (model_draw(m, 5)) {
    case 0:
        return move(m, "extract", m->stock, year_of(m), 1 + model_draw(m, 400000), err);
    case 1:
        return move(m, "match", m->award_growth, year_of(m), 0, err);
    default:
        return move(m, "appropriate", any_source(m), year_of(m), 150000 + model_draw(m, 700000),
                    err);
    }
}

static tq_code commit_more(model *m, tq_err *err)
{
    const int64_t source = any_source(m);
    switch (model_draw(m, 8)) {
    case 0:
        return move(m, "over_commit", source, year_of(m), 1 + model_draw(m, 30000), err);
    case 1:
    case 2:
        return move(m, "surrender", source, year_of(m), 1 + model_draw(m, 200000), err);
    default:
        return move(m, "cover", source, year_of(m), 0, err);
    }
}

/* What the last year left: free money, vouchers, holds and payables each by a line of their own. */
static tq_code carry(model *m, tq_err *err)
{
    static const char *const kinds[] = {"carry_pool", "carry_voucher", "carry_hold",
                                        "carry_payable"};
    const int recent = m->sources.n < 6 ? m->sources.n : 6;
    const int64_t id = m->sources.id[m->sources.n - 1 - (int)model_draw(m, recent)];
    return move(m, kinds[model_draw(m, 4)], id, year_of(m) - 1, 0, err);
}

static tq_code close_year(model *m, tq_err *err)
{
    const call checker = model_by(m, ROLE_FINANCE_CHECKER);
    const int year = day_ymd(m->d).year - 1;
    return year_close(m->f->app, &checker, fixture_day(year, 12, 31), err);
}

/* --- batches ------------------------------------------------------------------------------------ */

static tq_code collect(model *m, tq_err *err)
{
    batch_report r = {0};
    const ymd on = day_ymd(m->d);
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    const batch_collect_request rq = {
        .period = arena_printf(m->f->a, "%dQ%d", on.year, (on.month + 2) / 3)};
    const tq_code code = batch_collect(m->f->app, &maker, &rq, &r, err);
    model_keep(&m->batches, r.batch_id);
    return code;
}

static tq_code repeat(model *m, tq_err *err)
{
    batch_report r = {0};
    const batch_repeat_request rq = {
        .batch_id = model_some(m, &m->batches, T_BATCH, C_BATCH_STATE, "sent|reconciled|closed"),
        .same_account = true};
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    if (m->idle) {
        return TQ_OK;
    }
    const tq_code code = batch_repeat(m->f->app, &maker, &rq, &r, err);
    model_keep(&m->batches, r.batch_id);
    return code;
}

#define LINES 16

static size_t lines_of(model *m, int64_t batch, batch_line_view *out)
{
    TX_AUTO store_tx *tx = NULL;
    size_t n = 0;
    NEED(work_read(m->f->app, &tx, err));
    NEED(batch_lines(tx, batch, 0, m->f->a, out, LINES, &n, err));
    return n;
}

static tq_code pull(model *m, int64_t batch, tq_err *err)
{
    batch_line_view lines[LINES];
    const size_t n = lines_of(m, batch, lines);
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    if (n == 0) {
        m->idle = true;
        return TQ_OK;
    }
    const line_pull_request rq = {lines[model_draw(m, (int64_t)n)].id, STR("asked by the firm")};
    return line_pull(m->f->app, &maker, &rq, err);
}

static tq_code release(model *m, int64_t batch, const event_value *row, tq_err *err)
{
    batch_report r = {0};
    const call checker = model_by(m, ROLE_FINANCE_CHECKER);
    const batch_release_request rq = {batch, row_str(row, C_BATCH_LIST_SHA256)};
    return batch_release(m->f->app, &checker, &rq, &r, err);
}

/* The run that is under way goes on, or is stopped. */
static tq_code run_on(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    batch_report r = {0};
    const int64_t id = model_some(m, &m->batches, T_BATCH, C_BATCH_STATE, "open|locked|released");
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    const call checker = model_by(m, ROLE_FINANCE_CHECKER);
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_BATCH, id, row);
    const int64_t chance = model_draw(m, 12);
    if (row_is(row, C_BATCH_STATE, "released")) {
        return chance < 2 ? batch_recall(m->f->app, &checker, id, err)
                          : batch_send(m->f->app, &maker, id, &r, err);
    }
    if (chance == 0) {
        return batch_cancel(m->f->app, &maker, id, err);
    }
    if (chance == 1) {
        return pull(m, id, err);
    }
    return row_is(row, C_BATCH_STATE, "locked") ? release(m, id, row, err)
                                                : batch_lock(m->f->app, &maker, id, &r, err);
}

static tq_code close_run(model *m, tq_err *err)
{
    const int64_t id = model_some(m, &m->batches, T_BATCH, C_BATCH_STATE, "reconciled");
    const call checker = model_by(m, ROLE_FINANCE_CHECKER);
    return m->idle ? TQ_OK : batch_close(m->f->app, &checker, id, err);
}

/* What a bank may say of such a line. */
static const char *word_for(model *m, const batch_line_view *l)
{
    static const char *const words[] = {"paid,",   "paid,", "paid,", "paid,", "returned,户名不符",
                                        "unknown,"};
    if (str_eq(l->state, STR("paid"))) {
        return "returned,退票";
    }
    return words[model_draw(m, (int64_t)TQ_COUNT(words))];
}

static tq_code results(model *m, tq_err *err)
{
    batch_line_view lines[LINES];
    bank_result_report r;
    const int64_t id =
        model_some(m, &m->batches, T_BATCH, C_BATCH_STATE, "sent|sent|reconciled|closed");
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    if (m->idle) {
        return TQ_OK;
    }
    const size_t n = lines_of(m, id, lines);
    const ymd on = day_ymd(m->d);
    BUF_AUTO buf b = buf_max(65536);
    int rows = 0;
    buf_text(&b, "payment_no,amount,status,reason,date\r\n");
    for (size_t i = 0; i < n; i++) {
        const bool late = str_eq(lines[i].state, STR("paid"));
        if (lines[i].amount_fen == 0 || model_draw(m, late ? 15 : 2) != 0) {
            continue;
        }
        rows++;
        /* Now and then another amount than was sent: it waits for a person. */
        const int64_t fen = lines[i].amount_fen + (model_draw(m, 15) == 0 ? 1 : 0);
        buf_printf(&b, "%.*s,%lld.%02lld,%s,%04d-%02d-%02d\r\n", STR_ARG(lines[i].payment_no),
                   (long long)(fen / 100), (long long)(fen % 100), word_for(m, &lines[i]), on.year,
                   on.month, on.mday);
    }
    m->idle = rows == 0;
    if (m->idle) {
        return TQ_OK;
    }
    const bank_result_request rq = {.bytes = buf_view(&b)};
    return bank_result_apply(m->f->app, &maker, &rq, &r, err);
}

static tq_code settle_by_hand(model *m, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    bank_line_view v;
    size_t n = 0;
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    TQ_TRY(work_read(m->f->app, &tx, err));
    TQ_TRY(bank_line_work(tx, m->f->programme_id, 0, m->f->a, &v, 1, &n, err));
    store_rollback(&tx);
    if (n == 0) {
        m->idle = true;
        return TQ_OK;
    }
    const bank_line_settle_request rq = {v.id, STR("the bank was called")};
    return bank_line_settle(m->f->app, &maker, &rq, err);
}

/* --- violations --------------------------------------------------------------------------------- */

static tq_code open_case(model *m, tq_err *err)
{
    case_result r = {0};
    event_value row[AUDITED_COLS_MAX];
    int64_t org = m->firms[model_draw(m, m->n_firms)].id;
    if (model_draw(m, 4) != 0) { /* mostly one that was paid or soon will be, firm or institution */
        const int64_t claim = model_some(m, &m->claims, T_CLAIM, C_CLAIM_STATE, "paid|sent");
        if (m->idle) {
            return TQ_OK;
        }
        model_row(m, T_CLAIM, claim, row);
        org = row_num(row, model_draw(m, 2) == 0 ? C_CLAIM_PAYEE_ID : C_CLAIM_HOLDER_ID);
    }
    const case_open_request rq = {org, STR("false_use")};
    const call office = model_by(m, ROLE_OFFICE);
    const tq_code code = case_open(m->f->app, &office, &rq, &r, err);
    model_keep(&m->cases, r.case_id);
    return code;
}

/* Paid claims of the organisation, each with a part of what is paid. */
static size_t parts_of(model *m, int64_t org, improper_part *out, size_t max)
{
    size_t n = 0;
    for (int i = m->claims.n - 1; i >= 0 && n < max; i--) {
        TX_AUTO store_tx *tx = NULL;
        event_value row[AUDITED_COLS_MAX];
        int64_t paid = 0;
        const int64_t id = m->claims.id[i];
        NEED(work_read(m->f->app, &tx, err));
        NEED(row_load(tx, T_CLAIM, id, m->f->a, row, err));
        if (row_num(row, C_CLAIM_HOLDER_ID) != org && row_num(row, C_CLAIM_PAYEE_ID) != org) {
            continue;
        }
        const ledger_cell like = {
            .account = ACC_PAID, .voucher_id = row_num(row, C_CLAIM_VOUCHER_ID), .claim_id = id};
        NEED(ledger_sum(tx, m->f->programme_id, &like, &paid, err));
        if (paid > 0) {
            out[n++] = (improper_part){id, 1 + model_draw(m, paid)};
        }
    }
    return n;
}

static size_t debts_of(model *m, int64_t org, open_recovery open[LINES])
{
    TX_AUTO store_tx *tx = NULL;
    size_t n = 0;
    NEED(work_read(m->f->app, &tx, err));
    NEED(recovery_open(tx, m->f->programme_id, org, m->f->a, open, LINES, &n, err));
    return n;
}

static void recoveries_found(model *m, int64_t org)
{
    open_recovery open[LINES];
    const size_t n = debts_of(m, org, open);
    for (size_t i = 0; i < n; i++) {
        model_keep(&m->recoveries, open[i].id);
    }
}

static bool is_lab(const model *m, int64_t org)
{
    for (int i = 0; i < m->n_labs; i++) {
        if (m->labs[i].id == org) {
            return true;
        }
    }
    return false;
}

/* A firm or an institution more, as that one is. */
static void another(model *m, int64_t org)
{
    if (is_lab(m, org)) {
        model_lab_add(m);
    } else {
        model_firm_add(m);
    }
}

static tq_code decide(model *m, int64_t id, int64_t org, tq_err *err)
{
    improper_part parts[2];
    case_decide_report r;
    const call group = model_by(m, ROLE_GROUP);
    const size_t n = parts_of(m, org, parts, TQ_COUNT(parts));
    const bool no_ban = model_draw(m, 5) != 0;
    const case_decide_request rq = {.case_id = id,
                                    .paper = model_paper(m),
                                    .reason = STR("false use"),
                                    .no_ban = no_ban,
                                    .parts = parts,
                                    .n_parts = n,
                                    .due = n == 0 ? DAY_NONE : day_add(m->d, 30)};
    if (no_ban && n == 0) {
        const case_step_request drop = {
            .case_id = id, .paper = model_paper(m), .reason = STR("no proof")};
        return case_dismiss(m->f->app, &group, &drop, err);
    }
    TQ_TRY(case_decide(m->f->app, &group, &rq, &r, err));
    recoveries_found(m, org);
    if (!no_ban) {
        model_keep(&m->barred, org);
        another(m, org); /* beside it: the banned one goes on acting */
    }
    return TQ_OK;
}

/* The appeal is lost, or won for a part of what is still owed. */
static tq_code uphold(model *m, int64_t id, int64_t org, tq_err *err)
{
    open_recovery open[LINES];
    improper_part parts[LINES];
    const size_t n = debts_of(m, org, open);
    size_t lower = 0;
    int64_t decision = 0;
    const call group = model_by(m, ROLE_GROUP);
    for (size_t i = 0; i < n; i++) {
        if (open[i].case_id == id && model_draw(m, 2) == 0) {
            parts[lower++] = (improper_part){open[i].claim_id, 1 + model_draw(m, open[i].open_fen)};
        }
    }
    const case_uphold_request rq = {.case_id = id,
                                    .paper = model_paper(m),
                                    .reason = STR("heard again"),
                                    .parts = parts,
                                    .n_parts = lower};
    return case_uphold(m->f->app, &group, &rq, &decision, err);
}

/* One goes into another, whatever is under way and whoever of them is banned: mostly one that waits for money, and
 * into one that may have none. */
static tq_code merge(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const call group = model_by(m, ROLE_GROUP);
    int64_t from = model_one_of(m, m->firms, m->n_firms)->id;
    int64_t to = 0;
    if (model_draw(m, 8) != 0) {
        const int64_t claim =
            model_some(m, &m->claims, T_CLAIM, C_CLAIM_STATE, "published|batched|sent");
        if (m->idle) {
            return TQ_OK;
        }
        model_row(m, T_CLAIM, claim, row);
        from = row_num(row, model_draw(m, 2) == 0 ? C_CLAIM_PAYEE_ID : C_CLAIM_HOLDER_ID);
    }
    const bool lab = is_lab(m, from);
    to = lab ? m->labs[model_draw(m, m->n_labs)].id : m->firms[model_draw(m, m->n_firms)].id;
    for (int i = 0; i < m->barred.n && model_draw(m, 6) != 0; i++) {
        const int64_t bad = m->barred.id[model_draw(m, m->barred.n)];
        to = is_lab(m, bad) == lab ? bad : to;
    }
    m->idle = from == to;
    if (m->idle) {
        return TQ_OK;
    }
    TQ_TRY(org_succeed(m->f->app, &group, from, to, err));
    another(m, from);
    return TQ_OK;
}

static tq_code case_on(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = model_some(m, &m->cases, T_VIOLATION_CASE, C_VIOLATION_CASE_STATE,
                                  "opened|heard|decided|appealed|upheld|enforced");
    const call office = model_by(m, ROLE_OFFICE);
    const call group = model_by(m, ROLE_GROUP);
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_VIOLATION_CASE, id, row);
    const case_step_request rq = {
        .case_id = id, .paper = model_paper(m), .reason = STR("on record")};
    const int64_t chance = model_draw(m, 6);
    if (row_is(row, C_VIOLATION_CASE_STATE, "opened")) {
        return case_hear(m->f->app, &office, &rq, err);
    }
    if (row_is(row, C_VIOLATION_CASE_STATE, "heard")) {
        return chance == 0 ? case_dismiss(m->f->app, &group, &rq, err)
                           : decide(m, id, row_num(row, C_VIOLATION_CASE_ORG_ID), err);
    }
    if (row_is(row, C_VIOLATION_CASE_STATE, "decided")) {
        return chance < 2   ? case_appeal(m->f->app, &office, &rq, err)
               : chance < 5 ? TQ_OK
                            : case_enforce(m->f->app, &office, &rq, err);
    }
    if (row_is(row, C_VIOLATION_CASE_STATE, "appealed")) {
        return chance < 3   ? case_dismiss(m->f->app, &group, &rq, err)
               : chance < 5 ? uphold(m, id, row_num(row, C_VIOLATION_CASE_ORG_ID), err)
                            : case_enforce(m->f->app, &office, &rq, err);
    }
    if (row_is(row, C_VIOLATION_CASE_STATE, "upheld")) {
        return case_enforce(m->f->app, &office, &rq, err);
    }
    return case_close(m->f->app, &office, &rq, err);
}

/* Money of a debt comes in, goes to the treasury, or is given up. */
static tq_code debt(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t budget = 0;
    const int64_t id =
        model_some(m, &m->recoveries, T_RECOVERY, C_RECOVERY_STATE, "owed|owed|settled");
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    const call checker = model_by(m, ROLE_FINANCE_CHECKER);
    const call group = model_by(m, ROLE_GROUP);
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_RECOVERY, id, row);
    const int64_t collected =
        row_num(row, C_RECOVERY_COLLECTED_FEN) + row_num(row, C_RECOVERY_SET_OFF_FEN);
    const int64_t open =
        row_num(row, C_RECOVERY_AMOUNT_FEN) - collected - row_num(row, C_RECOVERY_WRITTEN_OFF_FEN);
    const int64_t in = collected - row_num(row, C_RECOVERY_HANDED_FEN);
    const bool whole =
        open > 0 && model_draw(m, 2) == 0; /* only a settled debt lets a case be enforced */
    recovery_request rq = {id,
                           whole      ? open
                           : open > 0 ? 1 + model_draw(m, open)
                                      : 1,
                           STR("receipt 1")};
    if (in > 0 && model_draw(m, 2) == 0) {
        rq.amount_fen = 1 + model_draw(m, in);
        return recovery_hand_back(m->f->app, &checker, &rq, &budget, err);
    }
    return model_draw(m, 3) == 0 ? recovery_write_off(m->f->app, &group, &rq, err)
                                 : recovery_collect(m->f->app, &maker, &rq, err);
}

static tq_code bans_end(model *m, tq_err *err)
{
    int64_t n = 0;
    const call clock = model_by(m, ROLE_SYSTEM);
    return ban_end_due(m->f->app, &clock, &n, err);
}

const model_act model_money_acts[] = {
    {"fund_appropriate", 5, appropriate},
    {"fund_commit", 3, commit_more},
    {"fund_carry", 4, carry},
    {"year_close", 1, close_year},
    {"batch_collect", 6, collect},
    {"batch_repeat", 3, repeat},
    {"batch_run", 14, run_on},
    {"batch_close", 2, close_run},
    {"bank_result", 9, results},
    {"bank_line_settle", 1, settle_by_hand},
    {"case_open", 2, open_case},
    {"case_on", 9, case_on},
    {"debt", 4, debt},
    {"ban_end", 1, bans_end},
    {"org_succeed", 3, merge},
    {0},
};
