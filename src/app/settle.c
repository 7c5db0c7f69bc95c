/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include "app/app_inner.h"
#include "app/settle_inner.h"

tq_code period_parse(str text, day *first, day *last, tq_err *err)
{
    const bool form =
        text.len == 6 && text.data[4] == 'Q' && text.data[5] >= '1' && text.data[5] <= '4';
    long long year = 0;
    if (!form || !str_int64((str){text.data, 4}, &year) || year < 1900 || year > 2199) {
        return tq_fail(err, TQ_INVALID, "period", "period", "write year and quarter, as in 2013Q3");
    }
    const int month = (text.data[5] - '1') * 3 + 1;
    *first = day_of_ymd((ymd){(int)year, month, 1});
    *last = day_add(day_add_months(*first, 3), -1);
    TQ_ASSERT(last->n > first->n);
    return TQ_OK;
}

/* Payment numbers are given at the lock, so that a run that is cancelled before uses none up. */
static tq_code numbers_give(store_tx *tx, const call *c, const run_line *lines, size_t n,
                            tq_err *err)
{
    programme_brief brief;
    int64_t year = 0;
    event e = work_event(c, EV_BATCH_LOCK);
    slice_sum sum = slice_begin();
    tq_code code = programme_read(tx, c->who.programme_id, &brief, err);
    if (code == TQ_OK) {
        code = fiscal_year(tx, c->who.programme_id, c->today, &year, err);
    }
    for (size_t i = 0; i < n && code == TQ_OK; i++) {
        int64_t serial = 0;
        code = event_serial(tx, &e, "payment", year, &serial, err);
        const public_number no = number_make(NUMBER_PAYMENT, str_of(brief.code), (int)year, serial);
        event_change(&e, T_BATCH_LINE, lines[i].id);
        event_text(&e, C_BATCH_LINE_PAYMENT_NO, str_of(no.text));
        slice_add(&sum, lines[i].n, lines[i].claim_id, lines[i].amount_fen);
    }
    e.note = slice_note(&sum, c->a);
    TQ_TRY(code);
    return event_append(tx, &e, NULL, err);
}

/* The last act of a lock: the list as it will be signed. */
static tq_code lock_end(store_tx *tx, const call *c, int64_t batch_id, const event_value *row,
                        run_list *list, tq_err *err)
{
    int64_t open = 0;
    TQ_TRY(store_int(tx, STMT_BATCH_LINES_OPEN, ARGS(arg_int(batch_id)), 0, &open, err));
    if (open == 0) {
        return tq_fail(err, TQ_CONFLICT, "batch_empty", "batch",
                       "no line is left in it; cancel it");
    }
    TQ_TRY(run_list_read(tx, batch_id, 0, list, err));
    event e = work_event(c, EV_BATCH_LOCK);
    run_list_put(&e, batch_id, row, list, true);
    event_change(&e, T_BATCH, batch_id);
    event_text(&e, C_BATCH_STATE, STR("locked"));
    event_int(&e, C_BATCH_LOCKED_BY_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_BATCH, batch_id, "batch_make", err));
    return event_append(tx, &e, NULL, err);
}

/* Numbers for one slice of lines that have none; after the last slice the batch is locked. */
static tq_code lock_slice(app *a, const call *c, int64_t batch_id, event_value *row, run_list *list,
                          int64_t *after, bool *more, tq_err *err)
{
    run_line *lines = ARENA_NEW(c->a, run_line, SETTLE_SLICE);
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_need(row, "open", NULL, err));
    if (run_collecting(row)) {
        return tq_fail(err, TQ_CONFLICT, "batch_collecting", "batch",
                       "it was not collected to the end; collect again, that completes it");
    }
    TQ_TRY(run_slice_lines(tx, c, batch_id, "waiting", *after, lines, &n, err));
    size_t bare = 0; /* those without a number, moved to the front */
    for (size_t i = 0; i < n; i++) {
        *after = lines[i].n;
        if (lines[i].payment_no.len == 0) {
            lines[bare++] = lines[i];
        }
    }
    if (bare > 0) {
        TQ_TRY(numbers_give(tx, c, lines, bare, err));
    }
    *more = n == SETTLE_SLICE;
    if (!*more) {
        TQ_TRY(lock_end(tx, c, batch_id, row, list, err));
    }
    return store_commit(&tx, err);
}

tq_code batch_lock(app *a, const call *c, int64_t batch_id, batch_report *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    run_list list = {0};
    int64_t after = 0;
    for (bool more = true; more;) {
        TQ_TRY(lock_slice(a, c, batch_id, row, &list, &after, &more, err));
    }
    *out = (batch_report){0};
    run_report(row, batch_id, &list, out);
    return TQ_OK;
}

tq_code batch_lines(store_tx *tx, int64_t batch_id, int64_t after, arena *a, batch_line_view *out,
                    size_t max, size_t *n, tq_err *err)
{
    TQ_ASSERT(max > 0);
    size_t count = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BATCH_LINE_VIEWS,
                       ARGS(arg_int(batch_id), arg_int(after), arg_int((int64_t)max)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < max);
        batch_line_view *v = &out[count++];
        v->id = row_int(&r);
        v->n = row_int(&r);
        v->claim_id = row_int(&r);
        v->account_id = row_int(&r);
        v->amount_fen = row_int(&r);
        v->set_off_fen = row_int(&r);
        v->result_day = row_int(&r);
        v->payment_no = row_copy(&r, a);
        v->claim_number = row_copy(&r, a);
        v->register_no = row_copy(&r, a);
        v->payee = row_copy(&r, a);
        v->state = row_copy(&r, a);
        v->result = row_copy(&r, a);
    }
    *n = count;
    return TQ_OK;
}
