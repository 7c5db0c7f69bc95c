/* SPDX-License-Identifier: Apache-2.0 */
#include "app/register_filing.h"

#include <stdio.h>

#include "app/app_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"
#include "base/csv.h"
#include "base/hash.h"

/* Read by the clerks of the authority, as the headings are. */
static const char *const causes[] = {
    [REGISTER_UNDONE] = "核定已撤销",
    [REGISTER_OBJECTED] = "异议成立，核定撤销",
    [REGISTER_SANCTIONED] = "违规处理，核定撤销",
    [REGISTER_AGAIN] = "重新核定",
};

#define FILE_BYTES_MAX (8 * 1024 * 1024) /* five thousand lines at their longest */
#define SLICE 100 /* lines an event: a filing of thousands stays within the size of one */

static tq_code filing_load(store_tx *tx, const call *c, int64_t id, event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_REGISTER_FILING, id, c->a, row, err));
    return own_programme(c, row_num(row, C_REGISTER_FILING_PROGRAMME_ID), "register_filing", err);
}

/* Filings and lines alike are acted on while they are filed. */
static tq_code filed_need(str state, const char *what, tq_err *err)
{
    return str_eq(state, STR("filed")) ? TQ_OK
                                       : tq_fail(err, TQ_CONFLICT, "state_arrow", what,
                                                 "it is %.*s, not filed", STR_ARG(state));
}

tq_code register_lock(store_tx *tx, const call *c, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    return row_lock(tx, T_PROGRAMME, c->who.programme_id, c->a, err);
}

/* --- the file ------------------------------------------------------------------------------------ */

/* Its readers are the clerks of the authority: the heading is Chinese, as in the payment list. */
static const char *const headings[] = {"序号",     "备案号",           "更正原备案号", "兑现编号",
                                       "主体全称", "统一社会信用代码", "服务机构",     "券号",
                                       "合同额",   "核定额",           "事由"};

static void amount_cell(buf *out, const currency *unit, int64_t fen)
{
    BUF_AUTO buf t = buf_max(64);
    money_print((money){fen}, unit, &t);
    TQ_ASSERT(buf_ok(&t));
    csv_cell(out, buf_view(&t), false);
}

/* number, corrects, claim, holder, code, institution, voucher, contract, amount, ground */
static void line_cells(store_rows *q, int64_t n, const currency *unit, buf *out)
{
    char seq[24];
    (void)snprintf(seq, sizeof seq, "%lld", (long long)n);
    csv_cell(out, str_of(seq), true);
    for (int i = 0; i < 7; i++) {
        csv_cell(out, row_text(q), false);
    }
    amount_cell(out, unit, row_int(q));
    amount_cell(out, unit, row_int(q));
    csv_cell(out, row_text(q), false);
    csv_end_row(out);
}

static tq_code filing_print(store_tx *tx, int64_t filing_id, const currency *unit, buf *out,
                            tq_err *err)
{
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(tx, STMT_REGISTER_LINES_OF, ARGS(arg_int(filing_id)), &q, err));
    buf_str_add(out, STR("\xEF\xBB\xBF"));
    for (size_t i = 0; i < TQ_COUNT(headings); i++) {
        csv_cell(out, str_of(headings[i]), i == 0);
    }
    csv_end_row(out);
    bool more = false;
    TQ_TRY(rows_next(&q, &more, err));
    for (int64_t n = 1; more; n++) {
        line_cells(&q, n, unit, out);
        TQ_TRY(rows_next(&q, &more, err));
    }
    TQ_ASSERT(buf_ok(out));
    return TQ_OK;
}

tq_code register_filing_text(app *a, const call *c, int64_t filing_id, buf *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value programme[AUDITED_COLS_MAX];
    currency unit;
    char hex[65];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(filing_load(tx, c, filing_id, row, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &unit, err));
    if (row_is(row, C_REGISTER_FILING_STATE, "returned")) {
        return tq_fail(err, TQ_CONFLICT, "register_returned", "register_filing",
                       "it came back and its lines wait for the next filing");
    }
    TQ_TRY(filing_print(tx, filing_id, &unit, out, err));
    digest_hex(hash_of(HASH_SHA256, buf_view(out)), hex);
    if (!str_eq(str_of(hex), row_str(row, C_REGISTER_FILING_SHA256))) {
        return tq_fail(err, TQ_CORRUPT, "register_file", "register_filing",
                       "the lines no longer give the hash that was filed");
    }
    return TQ_OK;
}

/* --- filing --------------------------------------------------------------------------------------- */

typedef struct filing {
    store_tx *tx;
    const call *c;
    int64_t id;
    int64_t count, total_fen;
} filing;

static tq_code entry_put(filing *f, event *e, store_rows *q, tq_err *err)
{
    int64_t line = 0;
    TQ_TRY(event_new_row(f->tx, e, T_REGISTER_LINE, &line, err));
    event_int(e, C_REGISTER_LINE_PROGRAMME_ID, f->c->who.programme_id);
    event_int(e, C_REGISTER_LINE_FILING_ID, f->id);
    event_int(e, C_REGISTER_LINE_CLAIM_ID, row_int(q));
    static const int texts[] = {C_REGISTER_LINE_REGISTER_NO, C_REGISTER_LINE_CLAIM_NO,
                                C_REGISTER_LINE_HOLDER,      C_REGISTER_LINE_CREDIT_CODE,
                                C_REGISTER_LINE_INSTITUTION, C_REGISTER_LINE_VOUCHER_NO};
    for (size_t i = 0; i < TQ_COUNT(texts); i++) {
        event_text(e, texts[i], row_copy(q, f->c->a));
    }
    event_int(e, C_REGISTER_LINE_CONTRACT_FEN, row_int(q));
    const int64_t amount = row_int(q);
    TQ_ASSERT(amount >= 0);
    event_int(e, C_REGISTER_LINE_AMOUNT_FEN, amount);
    if (row_int(q) != 0) {
        event_text(e, C_REGISTER_LINE_GROUND, str_of(causes[REGISTER_UNDONE]));
    }
    event_text(e, C_REGISTER_LINE_STATE, STR("filed"));
    f->count++;
    f->total_fen += amount;
    return TQ_OK;
}

/* Claims that have a number of the register and no line yet, in the order of their numbers. */
static tq_code entries_take(filing *f, tq_err *err)
{
    for (int64_t n = SLICE; n == SLICE && f->count < REGISTER_LINES_MAX;) {
        ROWS_AUTO store_rows q = {0};
        bool more = false;
        n = 0;
        TQ_TRY(store_query(f->tx, STMT_REGISTER_UNFILED,
                           ARGS(arg_int(f->c->who.programme_id), arg_int(SLICE)), &q, err));
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        event e = work_event(f->c, EV_REGISTER_FILE);
        for (; more; n++) {
            TQ_TRY(entry_put(f, &e, &q, err));
            TQ_TRY(rows_next(&q, &more, err));
        }
        TQ_TRY(event_append(f->tx, &e, NULL, err));
    }
    return TQ_OK;
}

/* Corrections, and lines of a filing that came back. */
static tq_code waiting_take(filing *f, tq_err *err)
{
    for (int64_t n = SLICE; n == SLICE && f->count < REGISTER_LINES_MAX;) {
        ROWS_AUTO store_rows q = {0};
        bool more = false;
        n = 0;
        TQ_TRY(store_query(f->tx, STMT_REGISTER_WAITING,
                           ARGS(arg_int(f->c->who.programme_id), arg_int(SLICE)), &q, err));
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        event e = work_event(f->c, EV_REGISTER_FILE);
        for (; more; n++) {
            event_change(&e, T_REGISTER_LINE, row_int(&q));
            event_int(&e, C_REGISTER_LINE_FILING_ID, f->id);
            f->total_fen += row_int(&q);
            if (str_eq(row_text(&q), STR("waiting"))) {
                event_text(&e, C_REGISTER_LINE_STATE, STR("filed"));
            }
            f->count++;
            TQ_TRY(rows_next(&q, &more, err));
        }
        TQ_TRY(event_append(f->tx, &e, NULL, err));
    }
    return TQ_OK;
}

static tq_code filing_new(filing *f, str authority, tq_err *err)
{
    event e = work_event(f->c, EV_REGISTER_FILE);
    TQ_TRY(event_new_row(f->tx, &e, T_REGISTER_FILING, &f->id, err));
    event_int(&e, C_REGISTER_FILING_PROGRAMME_ID, f->c->who.programme_id);
    event_text(&e, C_REGISTER_FILING_AUTHORITY, authority);
    event_text(&e, C_REGISTER_FILING_STATE, STR("filed"));
    event_int(&e, C_REGISTER_FILING_FILED_DAY, f->c->today.n);
    TQ_TRY(act_once(f->tx, f->c, &e, T_REGISTER_FILING, f->id, "file", err));
    return event_append(f->tx, &e, NULL, err);
}

static tq_code filing_seal(filing *f, const currency *unit, tq_err *err)
{
    BUF_AUTO buf text = buf_max(FILE_BYTES_MAX);
    char hex[65];
    TQ_TRY(filing_print(f->tx, f->id, unit, &text, err));
    digest_hex(hash_of(HASH_SHA256, buf_view(&text)), hex);
    event e = work_event(f->c, EV_REGISTER_FILE);
    event_change(&e, T_REGISTER_FILING, f->id);
    event_int(&e, C_REGISTER_FILING_COUNT, f->count);
    if (f->total_fen != 0) {
        event_int(&e, C_REGISTER_FILING_TOTAL_FEN, f->total_fen);
    }
    event_text(&e, C_REGISTER_FILING_SHA256, str_of(hex));
    return event_append(f->tx, &e, NULL, err);
}

tq_code register_file(app *a, const call *c, int64_t *filing_id, tq_err *err)
{
    event_value programme[AUDITED_COLS_MAX];
    int64_t policy_id = 0;
    const policy *p = NULL;
    str authority;
    currency unit;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &unit, err));
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_register_get(p, &authority, err));
    filing f = {.tx = tx, .c = c};
    TQ_TRY(filing_new(&f, authority, err));
    TQ_TRY(waiting_take(&f, err));
    TQ_TRY(entries_take(&f, err));
    if (f.count == 0) {
        return tq_fail(err, TQ_CONFLICT, "register_empty", "register_filing",
                       "every entry of the register has been filed");
    }
    TQ_TRY(filing_seal(&f, &unit, err));
    TQ_TRY(store_commit(&tx, err));
    *filing_id = f.id;
    return TQ_OK;
}

/* --- what the authority answers ------------------------------------------------------------------- */

tq_code register_receive(app *a, const call *c, int64_t filing_id, str receipt_no, day receipt_day,
                         tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(receipt_no, "register_filing.receipt_no", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(filing_load(tx, c, filing_id, row, err));
    TQ_TRY(filed_need(row_str(row, C_REGISTER_FILING_STATE), "register_filing", err));
    if (receipt_day.n > c->today.n || receipt_day.n < row_num(row, C_REGISTER_FILING_FILED_DAY)) {
        return tq_fail(err, TQ_INVALID, "days", "register_filing.receipt_day",
                       "name a day from the filing until today");
    }
    event e = work_event(c, EV_REGISTER_RECEIVE);
    event_change(&e, T_REGISTER_FILING, filing_id);
    event_text(&e, C_REGISTER_FILING_STATE, STR("received"));
    event_text(&e, C_REGISTER_FILING_RECEIPT_NO, receipt_no);
    event_int(&e, C_REGISTER_FILING_RECEIPT_DAY, receipt_day.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* The filing keeps its count, sum and hash; the lines go on into another, also those that were corrected
 * meanwhile: the authority has never seen what the correction speaks of. */
static tq_code lines_free(store_tx *tx, const call *c, int64_t filing_id, tq_err *err)
{
    for (int64_t n = SLICE; n == SLICE;) {
        ROWS_AUTO store_rows q = {0};
        bool more = false;
        n = 0;
        TQ_TRY(store_query(tx, STMT_REGISTER_FILED_IN, ARGS(arg_int(filing_id), arg_int(SLICE)), &q,
                           err));
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        event e = work_event(c, EV_REGISTER_RETURN);
        for (; more; n++) {
            event_change(&e, T_REGISTER_LINE, row_int(&q));
            event_int(&e, C_REGISTER_LINE_FILING_ID, 0);
            if (str_eq(row_text(&q), STR("filed"))) {
                event_text(&e, C_REGISTER_LINE_STATE, STR("waiting"));
            }
            TQ_TRY(rows_next(&q, &more, err));
        }
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    return TQ_OK;
}

tq_code register_return(app *a, const call *c, int64_t filing_id, str answer, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(answer, "register_filing.answer", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(filing_load(tx, c, filing_id, row, err));
    TQ_TRY(filed_need(row_str(row, C_REGISTER_FILING_STATE), "register_filing", err));
    event e = work_event(c, EV_REGISTER_RETURN);
    event_change(&e, T_REGISTER_FILING, filing_id);
    event_text(&e, C_REGISTER_FILING_STATE, STR("returned"));
    event_text(&e, C_REGISTER_FILING_ANSWER, answer);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(lines_free(tx, c, filing_id, err));
    return store_commit(&tx, err);
}

/* --- corrections ----------------------------------------------------------------------------------- */

/* `old` is corrected by a new line; what the authority was told, or will be, stands. */
static tq_code correction_put(store_tx *tx, const call *c, event *e, const event_value *old,
                              const register_correction *rq, int64_t *id, tq_err *err)
{
    public_number number;
    static const int kept[] = {C_REGISTER_LINE_CLAIM_NO, C_REGISTER_LINE_HOLDER,
                               C_REGISTER_LINE_CREDIT_CODE, C_REGISTER_LINE_INSTITUTION,
                               C_REGISTER_LINE_VOUCHER_NO};
    event_change(e, T_REGISTER_LINE, rq->line_id);
    event_text(e, C_REGISTER_LINE_STATE, STR("corrected"));
    TQ_TRY(number_next(tx, c, e, NUMBER_REGISTER, &number, err));
    TQ_TRY(event_new_row(tx, e, T_REGISTER_LINE, id, err));
    event_text(e, C_REGISTER_LINE_REGISTER_NO, str_of(number.text));
    event_int(e, C_REGISTER_LINE_PROGRAMME_ID, c->who.programme_id);
    event_int(e, C_REGISTER_LINE_CLAIM_ID, row_num(old, C_REGISTER_LINE_CLAIM_ID));
    event_int(e, C_REGISTER_LINE_CORRECTS_ID, rq->line_id);
    for (size_t i = 0; i < TQ_COUNT(kept); i++) {
        event_text(e, kept[i], row_str(old, kept[i]));
    }
    event_int(e, C_REGISTER_LINE_CONTRACT_FEN, row_num(old, C_REGISTER_LINE_CONTRACT_FEN));
    event_int(e, C_REGISTER_LINE_AMOUNT_FEN, rq->amount_fen);
    event_text(e, C_REGISTER_LINE_GROUND, rq->ground);
    event_text(e, C_REGISTER_LINE_STATE, STR("waiting"));
    return TQ_OK;
}

/* R-REGISTER-020: the filed line keeps its words and its amount. */
tq_code register_correct(app *a, const call *c, const register_correction *rq, int64_t *line_id,
                         tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    TQ_TRY(line_need(rq->ground, "register_line.ground", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(row_load(tx, T_REGISTER_LINE, rq->line_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_REGISTER_LINE_PROGRAMME_ID), "register_line", err));
    TQ_TRY(filed_need(row_str(row, C_REGISTER_LINE_STATE), "register_line", err));
    if (rq->amount_fen < 0 || rq->amount_fen > row_num(row, C_REGISTER_LINE_CONTRACT_FEN)) {
        return tq_fail(err, TQ_INVALID, "amount", "register_line.amount",
                       "name an amount from 0 up to the contract's");
    }
    if (rq->amount_fen == row_num(row, C_REGISTER_LINE_AMOUNT_FEN)) {
        return tq_fail(err, TQ_CONFLICT, "nothing_changed", "register_line.amount",
                       "that amount was filed already");
    }
    event e = work_event(c, EV_REGISTER_CORRECT);
    TQ_TRY(correction_put(tx, c, &e, row, rq, &id, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *line_id = id;
    return TQ_OK;
}

/* R-REGISTER-030 */
tq_code register_follow(store_tx *tx, const call *c, int64_t claim_id, int64_t amount_fen,
                        register_cause cause, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    register_correction rq = {.amount_fen = amount_fen, .ground = str_of(causes[cause])};
    int64_t id = 0;
    TQ_ASSERT(amount_fen >= 0);
    TQ_TRY(store_int(tx, STMT_REGISTER_LAST_OF, ARGS(arg_int(claim_id)), 0, &rq.line_id, err));
    if (rq.line_id == 0) {
        return TQ_OK; /* its entry is made by the next filing, with what is approved then */
    }
    TQ_TRY(row_load(tx, T_REGISTER_LINE, rq.line_id, c->a, row, err));
    if (row_num(row, C_REGISTER_LINE_AMOUNT_FEN) == amount_fen) {
        return TQ_OK;
    }
    event e = work_event(c, EV_REGISTER_CORRECT);
    TQ_TRY(correction_put(tx, c, &e, row, &rq, &id, err));
    return event_append(tx, &e, NULL, err);
}
