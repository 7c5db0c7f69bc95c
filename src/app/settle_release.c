/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include "app/row_change.h"
#include "app/settle_inner.h"
#include "app/voucher_inner.h"

typedef struct release {
    app *a;
    store_tx *tx;
    const call *c;
    run_line *lines;
    size_t n;
    size_t paying; /* lines that stay */
} release;

static int64_t debts_sum(const open_recovery *debts, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += debts[i].open_fen;
    }
    return sum;
}

/* Asks again, at the moment of payment, what was asked when the claim was collected. */
static tq_code line_judge(const release *r, run_line *l, tq_err *err)
{
    ARENA_AUTO arena *scratch = arena_new("pay check", SETTLE_SCRATCH_MAX);
    event_value voucher[AUDITED_COLS_MAX];
    int64_t usable = 0;
    const tq_code ban = pay_check(r->a, r->tx, l->claim_id, r->c->today, scratch, err);
    if (ban == TQ_REFUSED) { /* R-BAN-040, I18 */
        l->out = "banned";
        return TQ_OK;
    }
    TQ_TRY(ban);
    TQ_TRY(row_load(r->tx, T_VOUCHER, l->voucher_id, scratch, voucher, err));
    if (row_is(voucher, C_VOUCHER_STATE, "frozen")) {
        l->out = "voucher_frozen";
        return TQ_OK;
    }
    TQ_TRY(store_int(r->tx, STMT_SETTLE_ACCOUNT_STATE, ARGS(arg_int(l->account_id)), -1, &usable, err));
    if (usable == -1 || usable > r->c->today.n) {
        l->out = "account_changed";
        return TQ_OK;
    }
    if (l->set_off_fen > 0) {
        open_recovery debts[DEBTS_MAX];
        size_t n = 0;
        TQ_TRY(debts_due(r->a, r->tx, r->c, l->payee_id, debts, &n, err));
        l->out = debts_sum(debts, n) < l->set_off_fen ? "set_off_changed" : NULL;
    }
    return TQ_OK;
}

/* The debts of the payee, oldest first, are paid out of the claim before the bank sees it. */
static tq_code set_off(const release *r, const run_line *l, tq_err *err)
{
    open_recovery debts[DEBTS_MAX];
    size_t n = 0;
    int64_t left = l->set_off_fen;
    event e = work_event(r->c, EV_RECOVERY_SET_OFF);
    TQ_TRY(debts_due(r->a, r->tx, r->c, l->payee_id, debts, &n, err));
    for (size_t i = 0; i < n && left > 0; i++) {
        const int64_t part = debts[i].open_fen < left ? debts[i].open_fen : left;
        TQ_TRY(recovery_set_off(r->tx, &e, debts[i].id, l->claim_id, l->id, part, err));
        left -= part;
    }
    TQ_ASSERT(left == 0);
    const bool whole = l->amount_fen == 0;
    if (whole) {
        TQ_TRY(act_once(r->tx, r->c, &e, T_CLAIM, l->claim_id, "batch_check", err));
        event_change(&e, T_BATCH_LINE, l->id);
        event_text(&e, C_BATCH_LINE_STATE, STR("paid"));
        event_text(&e, C_BATCH_LINE_RESULT, STR("set_off"));
        event_int(&e, C_BATCH_LINE_RESULT_DAY, r->c->today.n);
    }
    event_change(&e, T_CLAIM, l->claim_id);
    event_int(&e, C_CLAIM_PAID_FEN, l->paid_fen + l->set_off_fen);
    if (whole) {
        event_text(&e, C_CLAIM_STATE, STR("paid"));
    }
    return event_append(r->tx, &e, NULL, err);
}

static tq_code lines_judge(release *r, batch_report *out, tq_err *err)
{
    out->left = ARENA_NEW(r->c->a, left_out, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        run_line *l = &r->lines[i];
        TQ_TRY(line_judge(r, l, err));
        if (l->out != NULL) {
            event e = work_event(r->c, EV_LINE_PULL);
            TQ_TRY(line_leave(r->tx, &e, l, l->out, err));
            TQ_TRY(event_append(r->tx, &e, NULL, err));
            left_add(out, r->n, l->claim_id, l->claim_number, l->out);
            continue;
        }
        r->paying++;
        if (l->set_off_fen > 0) {
            TQ_TRY(set_off(r, l, err));
        }
    }
    if (r->paying == 0) {
        return tq_fail(err, TQ_CONFLICT, "batch_empty", "batch",
                       "no line of it may be paid any more; cancel it");
    }
    return TQ_OK;
}

static tq_code line_release(const release *r, event *e, const run_line *l, tq_err *err)
{
    const ledger_cell like = {.account = ACC_PAYABLE, .voucher_id = l->voucher_id,
                              .claim_id = l->claim_id};
    const ledger_cell with = {.line_id = l->id};
    TQ_TRY(act_once(r->tx, r->c, e, T_CLAIM, l->claim_id, "batch_check", err));
    event_entry(e);
    TQ_TRY(ledger_move(r->tx, e, &like, ACC_TRANSIT, &with, l->amount_fen, err));
    event_change(e, T_BATCH_LINE, l->id);
    event_text(e, C_BATCH_LINE_STATE, STR("released"));
    event_change(e, T_CLAIM, l->claim_id);
    event_text(e, C_CLAIM_STATE, STR("sent"));
    return TQ_OK;
}

static tq_code lines_release(const release *r, tq_err *err)
{
    event e = work_event(r->c, EV_BATCH_RELEASE);
    int in_event = 0;
    for (size_t i = 0; i < r->n; i++) {
        const run_line *l = &r->lines[i];
        if (l->out != NULL || l->amount_fen == 0) {
            continue;
        }
        if (in_event == SETTLE_SLICE) {
            TQ_TRY(event_append(r->tx, &e, NULL, err));
            e = work_event(r->c, EV_BATCH_RELEASE);
            in_event = 0;
        }
        TQ_TRY(line_release(r, &e, l, err));
        in_event++;
    }
    return in_event == 0 ? TQ_OK : event_append(r->tx, &e, NULL, err);
}

tq_code batch_release(app *a, const call *c, const batch_release_request *rq, batch_report *out,
                      tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    batch_report report = {0};
    run_list list;
    release r = {.a = a, .c = c};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    r.tx = tx;
    TQ_TRY(run_load(tx, c, rq->batch_id, row, err));
    TQ_TRY(run_need(row, "locked", NULL, err));
    if (!str_eq(rq->list_sha256, row_str(row, C_BATCH_LIST_SHA256))) {
        return tq_fail(err, TQ_CONFLICT, "list_changed", "batch.list_sha256",
                       "the list is not the one that was checked; look at it again");
    }
    TQ_TRY(act_apart(tx, c, T_BATCH, rq->batch_id, "batch_check", err));
    TQ_TRY(run_lines(tx, rq->batch_id, "waiting", c->a, &r.lines, &r.n, err));
    TQ_TRY(lines_judge(&r, &report, err));
    TQ_TRY(lines_release(&r, err));
    TQ_TRY(run_list_read(tx, rq->batch_id, 0, &list, err));
    event e = work_event(c, EV_BATCH_RELEASE);
    run_list_put(&e, rq->batch_id, row, &list, true);
    event_change(&e, T_BATCH, rq->batch_id);
    event_text(&e, C_BATCH_STATE, STR("released"));
    event_int(&e, C_BATCH_CHECKER_ID, c->who.person_id);
    event_int(&e, C_BATCH_RELEASED_DAY, c->today.n);
    TQ_TRY(act_once(tx, c, &e, T_BATCH, rq->batch_id, "batch_check", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    run_report(row, rq->batch_id, &list, &report);
    *out = report;
    return TQ_OK;
}

/* A ban that came between release and sending stops its lines here. */
static tq_code recall_banned(app *a, store_tx *tx, const call *c, int64_t batch_id, batch_report *out,
                             tq_err *err)
{
    run_line *lines = NULL;
    size_t n = 0;
    TQ_TRY(run_lines(tx, batch_id, "released", c->a, &lines, &n, err));
    out->left = ARENA_NEW(c->a, left_out, n + 1);
    for (size_t i = 0; i < n; i++) {
        ARENA_AUTO arena *scratch = arena_new("pay check", SETTLE_SCRATCH_MAX);
        const tq_code code = pay_check(a, tx, lines[i].claim_id, c->today, scratch, err);
        if (code == TQ_REFUSED) {
            TQ_TRY(line_leave_event(tx, c, batch_id, &lines[i], STR("banned"), err));
            left_add(out, n, lines[i].claim_id, lines[i].claim_number, "banned");
            continue;
        }
        TQ_TRY(code);
    }
    return TQ_OK;
}

tq_code batch_send(app *a, const call *c, int64_t batch_id, batch_report *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    batch_report report = {0};
    run_list list;
    int64_t open = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_need(row, "released", NULL, err));
    TQ_TRY(recall_banned(a, tx, c, batch_id, &report, err));
    event e = work_event(c, EV_BATCH_SEND);
    event_change(&e, T_BATCH, batch_id);
    event_text(&e, C_BATCH_STATE, STR("sent"));
    TQ_TRY(act_once(tx, c, &e, T_BATCH, batch_id, "batch_make", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_int(tx, STMT_BATCH_LINES_OPEN, ARGS(arg_int(batch_id)), 0, &open, err));
    if (open == 0) { /* all of it was set off or recalled: no result will come */
        event done = work_event(c, EV_BATCH_SEND);
        event_change(&done, T_BATCH, batch_id);
        event_text(&done, C_BATCH_STATE, STR("reconciled"));
        TQ_TRY(event_append(tx, &done, NULL, err));
    }
    TQ_TRY(run_list_read(tx, batch_id, 0, &list, err));
    TQ_TRY(store_commit(&tx, err));
    run_report(row, batch_id, &list, &report);
    *out = report;
    return TQ_OK;
}

tq_code line_pull(app *a, const call *c, const line_pull_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value batch[AUDITED_COLS_MAX];
    event_value claim[AUDITED_COLS_MAX];
    TQ_TRY(line_need(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(row_load(tx, T_BATCH_LINE, rq->line_id, c->a, row, err));
    const int64_t batch_id = row_num(row, C_BATCH_LINE_BATCH_ID);
    TQ_TRY(run_load(tx, c, batch_id, batch, err));
    TQ_TRY(run_need(batch, "open", "locked", err));
    TQ_TRY(row_load(tx, T_BATCH_LINE, rq->line_id, c->a, row, err)); /* again, the batch is locked now */
    if (!row_is(row, C_BATCH_LINE_STATE, "waiting")) {
        return tq_fail(err, TQ_CONFLICT, "line_state", "line", "the line has left the batch already");
    }
    const int64_t claim_id = row_num(row, C_BATCH_LINE_CLAIM_ID);
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, claim, err));
    const run_line line = {.id = rq->line_id,
                           .claim_id = claim_id,
                           .voucher_id = row_num(claim, C_CLAIM_VOUCHER_ID),
                           .amount_fen = row_num(row, C_BATCH_LINE_AMOUNT_FEN),
                           .state = row_str(row, C_BATCH_LINE_STATE)};
    TQ_TRY(line_leave_event(tx, c, batch_id, &line, rq->reason, err));
    return store_commit(&tx, err);
}

/* Every line that is still inside leaves, then the batch ends in `state`. */
static tq_code batch_empty(store_tx *tx, const call *c, int64_t batch_id, const event_value *row,
                           event_kind kind, const char *line_state, const char *state, tq_err *err)
{
    run_line *lines = NULL;
    size_t n = 0;
    run_list list;
    TQ_TRY(run_lines(tx, batch_id, line_state, c->a, &lines, &n, err));
    for (size_t from = 0; from < n; from += SETTLE_SLICE) {
        event e = work_event(c, kind);
        for (size_t i = from; i < n && i < from + SETTLE_SLICE; i++) {
            TQ_TRY(line_leave(tx, &e, &lines[i], state, err));
        }
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    TQ_TRY(run_list_read(tx, batch_id, 0, &list, err));
    event e = work_event(c, kind);
    run_list_put(&e, batch_id, row, &list, false);
    event_change(&e, T_BATCH, batch_id);
    event_text(&e, C_BATCH_STATE, str_of(state));
    return event_append(tx, &e, NULL, err);
}

tq_code batch_cancel(app *a, const call *c, int64_t batch_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_need(row, "open", "locked", err));
    TQ_TRY(batch_empty(tx, c, batch_id, row, EV_BATCH_CANCEL, "waiting", "cancelled", err));
    return store_commit(&tx, err);
}

tq_code batch_recall(app *a, const call *c, int64_t batch_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_need(row, "released", NULL, err));
    TQ_TRY(batch_empty(tx, c, batch_id, row, EV_BATCH_RECALL, "released", "recalled", err));
    return store_commit(&tx, err);
}

tq_code batch_close(app *a, const call *c, int64_t batch_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_need(row, "reconciled", NULL, err));
    event e = work_event(c, EV_BATCH_CLOSE);
    event_change(&e, T_BATCH, batch_id);
    event_text(&e, C_BATCH_STATE, STR("closed"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
