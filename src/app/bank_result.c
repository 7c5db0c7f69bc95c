/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bank_result.h"

#include "app/register_filing.h"
#include "app/row_change.h"
#include "app/sanction.h"
#include "app/settle_inner.h"
#include "app/voucher_inner.h"
#include "base/csv.h"

/* One row of the file as typed. */
typedef struct bank_row {
    int line; /* in the file */
    str payment_no, status, reason;
    int64_t amount;
    day day;
} bank_row;

/* The line it speaks of, as it stands now. */
typedef struct payment {
    int64_t line_id, batch_id, claim_id, amount, result_day, voucher_id;
    str state, batch_state;
} payment;

typedef struct bank_work {
    app *a;
    store_tx *tx;
    const call *c;
    const bank_result_request *rq;
    currency unit; /* of the programme */
    bank_row *rows;
    size_t n;
    event e;
    int in_event;
    int64_t file_id;
    int64_t matched, unmatched; /* rows of the file, earlier slices and calls included */
    bank_result_report report;
} bank_work;

static const char *const bank_columns[] = {"payment_no", "amount", "status",
                                           "reason",     "date",   NULL};
static const char *const bank_statuses[] = {"paid", "returned", "unknown", NULL};

static tq_code row_parse(const bank_work *w, int line, const str *cells, bank_row *out, tq_err *err)
{
    money amount;
    out->line = line;
    out->payment_no = cells[0];
    out->status = cells[2];
    out->reason = cells[3];
    TQ_TRY(line_need(cells[0], "payment_no", err));
    TQ_TRY(money_parse(cells[1], &w->unit, &amount, err));
    TQ_TRY(word_need(cells[2], bank_statuses, "status", err));
    TQ_TRY(line_may(cells[3], "reason", err));
    TQ_TRY(day_parse(cells[4], &out->day, err));
    out->amount = amount.minor;
    if (out->day.n > w->c->today.n) {
        return tq_fail(err, TQ_INVALID, "date", "date", "the bank's day lies in the future");
    }
    if (str_eq(out->status, STR("returned")) && out->reason.len == 0) {
        return tq_fail(err, TQ_INVALID, "reason", "reason",
                       "a returned payment needs the bank's reason");
    }
    return TQ_OK;
}

static tq_code file_parse(bank_work *w, tq_err *err)
{
    str text = {0};
    csv file;
    if (w->rq->bytes.len > BANK_FILE_MAX) {
        return tq_fail(err, TQ_LIMIT, "file_size", "file", "the file is larger than %d bytes",
                       BANK_FILE_MAX);
    }
    TQ_TRY(csv_decode(w->rq->bytes, w->c->a, &text, err));
    TQ_TRY(csv_open(text, bank_columns, w->c->a, &file, err));
    size_t room = 0;
    for (;;) {
        str cells[TQ_COUNT(bank_columns)];
        bool more = false;
        TQ_TRY(csv_row(&file, cells, &more, err));
        if (!more) {
            break;
        }
        if (w->n == BANK_ROWS_MAX) {
            return tq_fail(err, TQ_LIMIT, "file_rows", "file", "more than %d rows", BANK_ROWS_MAX);
        }
        if (w->n == room) {
            bank_row *bigger = ARENA_NEW(w->c->a, bank_row, room == 0 ? 256 : room * 2);
            if (w->n > 0) {
                memcpy(bigger, w->rows, sizeof *bigger * w->n);
            }
            room = room == 0 ? 256 : room * 2;
            w->rows = bigger;
        }
        if (row_parse(w, file.line, cells, &w->rows[w->n], err) != TQ_OK) {
            return tq_err_at(err, "line %d", file.line);
        }
        w->n++;
    }
    if (w->n == 0) {
        return tq_fail(err, TQ_INVALID, "file_empty", "file", "the file has no rows");
    }
    return TQ_OK;
}

static tq_code payment_find(const bank_work *w, str payment_no, payment *out, bool *found,
                            tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(w->tx, STMT_BANK_PAYMENT,
                       ARGS(arg_int(w->c->who.programme_id), arg_str(payment_no)), &r, err));
    TQ_TRY(rows_next(&r, found, err));
    if (*found) {
        out->line_id = row_int(&r);
        out->batch_id = row_int(&r);
        out->claim_id = row_int(&r);
        out->amount = row_int(&r);
        out->state = row_copy(&r, w->c->a);
        out->result_day = row_int(&r);
        out->batch_state = row_copy(&r, w->c->a);
        out->voucher_id = row_int(&r);
    }
    return TQ_OK;
}

/* Why the row cannot be applied, NULL where it can; "repeated" where the line says so already. */
static const char *row_verdict(const bank_work *w, const bank_row *r, const payment *p)
{
    const bool with_bank = str_eq(p->batch_state, STR("sent")) ||
                           str_eq(p->batch_state, STR("reconciled")) ||
                           str_eq(p->batch_state, STR("closed"));
    if (w->rq->batch_id != 0 && p->batch_id != w->rq->batch_id) {
        return "other_batch";
    }
    if (!with_bank || str_eq(p->state, STR("pulled")) || str_eq(p->state, STR("recalled"))) {
        return "not_sent";
    }
    if (p->amount != r->amount) {
        return "amount_differs";
    }
    if (str_eq(p->state, r->status)) {
        return "repeated";
    }
    if (str_eq(p->state, STR("released")) || str_eq(p->state, STR("unknown"))) {
        return NULL;
    }
    if (r->day.n < p->result_day) {
        return "stale"; /* an older file never re-opens what is settled (I14) */
    }
    const bool late = str_eq(p->state, STR("paid")) && str_eq(r->status, STR("returned"));
    return late ? NULL : "settled_otherwise";
}

static tq_code bank_line_add(bank_work *w, size_t i, int64_t line_id, const char *why, tq_err *err)
{
    const bank_row *r = &w->rows[i];
    const bool applied = why == NULL || strcmp(why, "repeated") == 0;
    int64_t id = 0;
    TQ_TRY(event_new_row(w->tx, &w->e, T_BANK_LINE, &id, err));
    event_int(&w->e, C_BANK_LINE_FILE_ID, w->file_id);
    event_int(&w->e, C_BANK_LINE_N, (int64_t)i + 1);
    event_text(&w->e, C_BANK_LINE_REFERENCE, r->payment_no);
    event_int(&w->e, C_BANK_LINE_AMOUNT_FEN, r->amount);
    event_text(&w->e, C_BANK_LINE_STATUS, r->status);
    event_text(&w->e, C_BANK_LINE_REASON, why == NULL ? r->reason : str_of(why));
    event_int(&w->e, C_BANK_LINE_LINE_ID, line_id);
    event_text(&w->e, C_BANK_LINE_STATE, applied ? STR("applied") : STR("unmatched"));
    w->report.repeated += why != NULL && applied ? 1 : 0;
    w->report.unmatched += applied ? 0 : 1;
    w->matched += applied ? 1 : 0;
    w->unmatched += applied ? 0 : 1;
    return TQ_OK;
}

static tq_code money_apply(bank_work *w, const bank_row *r, const payment *p, int64_t paid_fen,
                           tq_err *err)
{
    const bool paid = str_eq(r->status, STR("paid"));
    const bool late = str_eq(p->state, STR("paid"));
    const ledger_cell like = {.account = late ? ACC_PAID : ACC_TRANSIT,
                              .voucher_id = p->voucher_id,
                              .claim_id = p->claim_id,
                              .line_id = p->line_id};
    event_entry(&w->e);
    TQ_TRY(ledger_move(w->tx, &w->e, &like, paid ? ACC_PAID : ACC_PAYABLE, NULL, p->amount, err));
    event_change(&w->e, T_CLAIM, p->claim_id);
    event_text(&w->e, C_CLAIM_STATE, paid ? STR("paid") : STR("returned_by_bank"));
    if (paid) {
        event_int(&w->e, C_CLAIM_PAID_FEN, paid_fen + p->amount);
        w->report.paid++;
        w->report.paid_fen += p->amount;
        return TQ_OK;
    }
    if (late) {
        TQ_ASSERT(paid_fen >= p->amount);
        event_int(&w->e, C_CLAIM_PAID_FEN, paid_fen - p->amount);
    }
    w->report.returned += late ? 0 : 1;
    w->report.returned_late += late ? 1 : 0;
    w->report.returned_fen += p->amount;
    return TQ_OK;
}

static tq_code row_settle(bank_work *w, const bank_row *r, const payment *p, tq_err *err)
{
    event_value claim[AUDITED_COLS_MAX];
    /* Applying is the maker's hand: who reviewed the claim or released it may not (I15). */
    TQ_TRY(act_apart(w->tx, w->c, T_CLAIM, p->claim_id, "batch_make", err));
    TQ_TRY(row_load(w->tx, T_CLAIM, p->claim_id, w->c->a, claim, err));
    if (str_eq(r->status,
               STR("unknown"))) { /* never resend blind: the bank is asked, a person decides */
        event_change(&w->e, T_CLAIM, p->claim_id);
        event_text(&w->e, C_CLAIM_STATE, STR("unknown"));
        w->report.unknown++;
    } else {
        TQ_TRY(money_apply(w, r, p, row_num(claim, C_CLAIM_PAID_FEN), err));
    }
    event_change(&w->e, T_BATCH_LINE, p->line_id);
    event_text(&w->e, C_BATCH_LINE_STATE, r->status);
    if (r->reason.len > 0) {
        event_text(&w->e, C_BATCH_LINE_RESULT, r->reason);
    }
    if (r->day.n != p->result_day) {
        event_int(&w->e, C_BATCH_LINE_RESULT_DAY, r->day.n);
    }
    return TQ_OK;
}

static tq_code slice_end(bank_work *w, tq_err *err)
{
    if (w->in_event > 0) {
        TQ_TRY(event_append(w->tx, &w->e, NULL, err));
        w->e = work_event(w->c, EV_BANK_RESULT);
        w->in_event = 0;
    }
    return TQ_OK;
}

static bool touched(const event *e, int64_t line_id)
{
    for (int i = 0; i < e->n_rows; i++) {
        if (e->rows[i].table == T_BATCH_LINE && e->rows[i].id == line_id) {
            return true;
        }
    }
    return false;
}

/* Money that was paid and is now owed or recovered cannot come back from the bank as if it were not. */
static tq_code late_in_recovery(const bank_work *w, const payment *p, bool *in_recovery,
                                tq_err *err)
{
    const ledger_cell like = {.account = ACC_PAID,
                              .voucher_id = p->voucher_id,
                              .claim_id = p->claim_id,
                              .line_id = p->line_id};
    int64_t held = 0;
    TQ_TRY(ledger_sum(w->tx, w->c->who.programme_id, &like, &held, err));
    *in_recovery = held < p->amount;
    return TQ_OK;
}

/* R-BAN-080: what comes back while its firm is banned is not paid by a later run; else it would wait for the ban to
 * end. Good faith keeps what it kept when the ban was decided. */
static tq_code returned_judge(bank_work *w, const payment *p, tq_err *err)
{
    ARENA_AUTO arena *scratch = arena_new("pay check", SETTLE_SCRATCH_MAX);
    const tq_code code = pay_check(w->a, w->tx, p->claim_id, w->c->today, scratch, err);
    if (code != TQ_REFUSED) {
        return code;
    }
    TQ_TRY(slice_end(w, err)); /* that it came back */
    bool stopped = false;
    TQ_TRY(claim_returned_stop(w->a, w->tx, w->c, p->claim_id, &stopped, err));
    w->report.refused += stopped ? 1 : 0;
    return TQ_OK;
}

static tq_code row_apply(bank_work *w, size_t i, tq_err *err)
{
    const bank_row *r = &w->rows[i];
    payment p = {0};
    bool found = false;
    TQ_TRY(payment_find(w, r->payment_no, &p, &found, err));
    if (found && touched(&w->e, p.line_id)) {
        TQ_TRY(slice_end(w, err)); /* a second row about a line sees what the first did */
        TQ_TRY(payment_find(w, r->payment_no, &p, &found, err));
    }
    w->in_event++;
    if (!found) {
        return bank_line_add(w, i, 0, "no_payment", err);
    }
    const char *why = row_verdict(w, r, &p);
    if (why == NULL && str_eq(p.state, STR("paid"))) {
        bool in_recovery = false;
        TQ_TRY(late_in_recovery(w, &p, &in_recovery, err));
        why = in_recovery ? "in_recovery" : NULL;
    }
    TQ_TRY(bank_line_add(w, i, p.line_id, why, err));
    if (why != NULL) {
        return TQ_OK;
    }
    TQ_TRY(row_settle(w, r, &p, err));
    return str_eq(r->status, STR("returned")) ? returned_judge(w, &p, err) : TQ_OK;
}

static tq_code file_open(bank_work *w, str sha256, tq_err *err)
{
    w->e = work_event(w->c, EV_BANK_RESULT);
    TQ_TRY(event_new_row(w->tx, &w->e, T_BANK_FILE, &w->file_id, err));
    event_int(&w->e, C_BANK_FILE_PROGRAMME_ID, w->c->who.programme_id);
    event_int(&w->e, C_BANK_FILE_BATCH_ID, w->rq->batch_id);
    event_text(&w->e, C_BANK_FILE_SHA256, sha256);
    event_int(&w->e, C_BANK_FILE_LINES, (int64_t)w->n);
    event_int(&w->e, C_BANK_FILE_DAY, w->c->today.n);
    return event_append(w->tx, &w->e, NULL, err);
}

static tq_code file_close(bank_work *w, tq_err *err)
{
    event e = work_event(w->c, EV_BANK_RESULT);
    event_change(&e, T_BANK_FILE, w->file_id);
    if (w->matched > 0) {
        event_int(&e, C_BANK_FILE_MATCHED, w->matched);
    }
    if (w->unmatched > 0) {
        event_int(&e, C_BANK_FILE_UNMATCHED, w->unmatched);
    }
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(w->tx, STMT_BATCH_RECONCILABLE, ARGS(arg_int(w->c->who.programme_id)), &r,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        event_change(&e, T_BATCH, row_int(&r));
        event_text(&e, C_BATCH_STATE, STR("reconciled"));
    }
    rows_end(&r);
    return event_append(w->tx, &e, NULL, err);
}

/* How far the file has come: its rows, each applied or left unmatched, are written in their order. */
static tq_code file_progress(bank_work *w, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(w->tx, STMT_BANK_FILE_PROGRESS, ARGS(arg_int(w->file_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    w->matched = row_int(&r);
    w->unmatched = row_int(&r);
    return TQ_OK;
}

/* One slice of rows; the last one closes the file. */
static tq_code file_slice(bank_work *w, bool *more, tq_err *err)
{
    const size_t from = (size_t)(w->matched + w->unmatched);
    const size_t left = w->n - from;
    const size_t to = from + (left < SETTLE_SLICE ? left : SETTLE_SLICE);
    TQ_ASSERT(from < w->n);
    w->e = work_event(w->c, EV_BANK_RESULT);
    w->in_event = 0;
    for (size_t i = from; i < to; i++) {
        if (row_apply(w, i, err) != TQ_OK) {
            return tq_err_at(err, "line %d", w->rows[i].line);
        }
    }
    TQ_TRY(slice_end(w, err));
    *more = to < w->n;
    return *more ? TQ_OK : file_close(w, err);
}

/* The file is read before the writer's turn is taken. */
static tq_code unit_read(app *a, bank_work *w, tq_err *err)
{
    event_value programme[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, w->c->who.programme_id, w->c->a, programme, err));
    return currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &w->unit, err);
}

/* A transaction of its own. What was written is read again each time, so that an interrupted file is taken
 * up where it stopped and two callers with the same file do not both apply a row. */
static tq_code apply_slice(app *a, bank_work *w, str sha256, bool *more, tq_err *err)
{
    const call *c = w->c;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    w->tx = tx;
    TQ_TRY(row_lock(tx, T_PROGRAMME, c->who.programme_id, c->a, err)); /* one file at a time */
    const bool first = w->file_id == 0;
    TQ_TRY(store_int(tx, STMT_BANK_FILE_FIND, ARGS(arg_int(c->who.programme_id), arg_str(sha256)),
                     0, &w->file_id, err));
    if (w->file_id == 0) {
        TQ_TRY(file_open(w, sha256, err));
    }
    TQ_TRY(file_progress(w, err));
    if (w->matched + w->unmatched == (int64_t)w->n) {
        w->report.seen_before = first;
        *more = false;
        return TQ_OK;
    }
    TQ_TRY(file_slice(w, more, err));
    return store_commit(&tx, err);
}

tq_code bank_result_apply(app *a, const call *c, const bank_result_request *rq,
                          bank_result_report *out, tq_err *err)
{
    char sha256[65];
    bank_work w = {.a = a, .c = c, .rq = rq};
    TQ_TRY(programme_need(c, err));
    TQ_TRY(unit_read(a, &w, err));
    TQ_TRY(file_parse(&w, err));
    digest_hex(hash_of(HASH_SHA256, rq->bytes), sha256);
    for (bool more = true; more;) {
        TQ_TRY(apply_slice(a, &w, str_of(sha256), &more, err));
    }
    w.report.file_id = w.file_id;
    w.report.lines = (int64_t)w.n;
    *out = w.report;
    return TQ_OK;
}

tq_code bank_line_settle(app *a, const call *c, const bank_line_settle_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value file[AUDITED_COLS_MAX];
    TQ_TRY(line_need(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(register_lock(tx, c, err)); /* what comes back to a banned firm is undone */
    TQ_TRY(row_load(tx, T_BANK_LINE, rq->bank_line_id, c->a, row, err));
    TQ_TRY(row_load(tx, T_BANK_FILE, row_num(row, C_BANK_LINE_FILE_ID), c->a, file, err));
    if (row_num(file, C_BANK_FILE_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "bank_line", "there is no such record");
    }
    const str why = arena_printf(c->a, "%.*s: %.*s", STR_ARG(row_str(row, C_BANK_LINE_REASON)),
                                 STR_ARG(rq->reason));
    event e = work_event(c, EV_BANK_LINE_SETTLE);
    event_change(&e, T_BANK_LINE, rq->bank_line_id);
    event_text(&e, C_BANK_LINE_REASON, why);
    event_text(&e, C_BANK_LINE_STATE, STR("settled"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code bank_line_work(store_tx *tx, int64_t programme_id, int64_t after, arena *a,
                       bank_line_view *out, size_t max, size_t *n, tq_err *err)
{
    TQ_ASSERT(max > 0);
    size_t count = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BANK_WORK,
                       ARGS(arg_int(programme_id), arg_int(after), arg_int((int64_t)max)), &r,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < max);
        bank_line_view *v = &out[count++];
        v->id = row_int(&r);
        v->file_id = row_int(&r);
        v->n = row_int(&r);
        v->amount_fen = row_int(&r);
        v->line_id = row_int(&r);
        v->reference = row_copy(&r, a);
        v->status = row_copy(&r, a);
        v->reason = row_copy(&r, a);
    }
    *n = count;
    return TQ_OK;
}
