/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include "app/row_change.h"
#include "app/settle_inner.h"
#include "app/voucher_inner.h"

/* One release, slice by slice. The decision comes first: the batch is `released` from the first slice on, and
 * the lines follow. A released batch with waiting lines is half released: it cannot be sent, and releasing it
 * again completes it. */
typedef struct release {
    app *a;
    store_tx *tx;
    const call *c;
    const batch_release_request *rq;
    event_value row[AUDITED_COLS_MAX];
    bool acted; /* this call has put its act into the batch */
    int64_t after;
    run_line lines[SETTLE_SLICE];
    size_t n;
    size_t pulled; /* of this slice */
    batch_report report;
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
    int64_t signals = 0;
    TQ_TRY(store_int(r->tx, STMT_SETTLE_SIGNALS, ARGS(arg_int(l->claim_id)), 0, &signals, err));
    if (signals > 0) { /* R-SIGNAL-070 */
        l->out = "signal_open";
        return TQ_OK;
    }
    TQ_TRY(row_load(r->tx, T_VOUCHER, l->voucher_id, scratch, voucher, err));
    if (row_is(voucher, C_VOUCHER_STATE, "frozen")) {
        l->out = "voucher_frozen";
        return TQ_OK;
    }
    TQ_TRY(store_int(r->tx, STMT_SETTLE_ACCOUNT_STATE, ARGS(arg_int(l->account_id)), -1, &usable,
                     err));
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

/* On PostgreSQL a decision on the organisation takes these locks too (pay_check says why), and so does a merger:
 * a line whose party went into another after the slice was read is looked at again. */
static tq_code orgs_lock(const release *r, run_line *l, tq_err *err)
{
    event_value claim[AUDITED_COLS_MAX];
    int64_t holder_next = 0;
    int64_t payee_next = 0;
    if (store_engine_of(store_of(r->tx)) == STORE_SQLITE) {
        return TQ_OK;
    }
    TQ_TRY(row_load(r->tx, T_CLAIM, l->claim_id, r->c->a, claim, err));
    TQ_TRY(org_next(r->tx, row_num(claim, C_CLAIM_HOLDER_ID), &holder_next, err));
    TQ_TRY(org_next(r->tx, l->payee_id, &payee_next, err));
    l->suspect += holder_next != 0 || payee_next != 0 ? 1 : 0;
    return TQ_OK;
}

/* Lines that may not be paid leave, in events of their own; debts are set off, likewise. */
static tq_code slice_judge(release *r, tq_err *err)
{
    r->pulled = 0;
    for (size_t i = 0; i < r->n; i++) {
        run_line *l = &r->lines[i];
        TQ_TRY(orgs_lock(r, l, err));
        if (l->suspect > 0 || l->set_off_fen > 0) {
            TQ_TRY(line_judge(r, l, err));
        }
        if (l->out != NULL) {
            event e = work_event(r->c, EV_LINE_PULL);
            TQ_TRY(line_leave(r->tx, &e, l, l->out, err));
            TQ_TRY(event_append(r->tx, &e, NULL, err));
            left_add(r->c->a, &r->report, l->claim_id, l->claim_number, l->out);
            r->pulled++;
        } else if (l->set_off_fen > 0) {
            TQ_TRY(set_off(r, l, err));
        }
    }
    return TQ_OK;
}

static tq_code line_release(const release *r, event *e, const run_line *l, tq_err *err)
{
    const ledger_cell like = {
        .account = ACC_PAYABLE, .voucher_id = l->voucher_id, .claim_id = l->claim_id};
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

/* The slice's event: its lines, and the list where lines have left it. */
static tq_code slice_release(release *r, tq_err *err)
{
    event e = work_event(r->c, EV_BATCH_RELEASE);
    slice_sum sum = slice_begin();
    tq_code code = TQ_OK;
    for (size_t i = 0; i < r->n && code == TQ_OK; i++) {
        const run_line *l = &r->lines[i];
        if (l->out == NULL && l->amount_fen > 0) {
            slice_add(&sum, l->n, l->claim_id, l->amount_fen);
            code = line_release(r, &e, l, err);
        }
    }
    e.note = slice_note(&sum, r->c->a);
    TQ_TRY(code);
    if (r->pulled > 0) {
        run_list list;
        TQ_TRY(run_list_read(r->tx, r->rq->batch_id, 0, &list, err));
        run_list_put(&e, r->rq->batch_id, r->row, &list, true);
    }
    return e.n_rows == 0 ? TQ_OK : event_append(r->tx, &e, NULL, err);
}

/* Is there a line that may be paid? Nearly always the first one is. */
static tq_code any_payable(const release *r, tq_err *err)
{
    int64_t after = 0;
    run_line *lines = ARENA_NEW(r->c->a, run_line, SETTLE_SLICE);
    for (size_t n = SETTLE_SLICE; n == SETTLE_SLICE;) {
        TQ_TRY(run_slice_lines(r->tx, r->c, r->rq->batch_id, "waiting", after, lines, &n, err));
        for (size_t i = 0; i < n; i++) {
            after = lines[i].n;
            if (lines[i].suspect > 0 || lines[i].set_off_fen > 0) {
                TQ_TRY(line_judge(r, &lines[i], err));
            }
            if (lines[i].out == NULL) {
                return TQ_OK;
            }
        }
    }
    return tq_fail(err, TQ_CONFLICT, "batch_empty", "batch",
                   "no line of it may be paid any more; cancel it");
}

/* What the checker signs: the list that they have seen. */
static tq_code release_decide(release *r, tq_err *err)
{
    if (!str_eq(r->rq->list_sha256, row_str(r->row, C_BATCH_LIST_SHA256))) {
        return tq_fail(err, TQ_CONFLICT, "list_changed", "batch.list_sha256",
                       "the list is not the one that was checked; look at it again");
    }
    TQ_TRY(act_apart(r->tx, r->c, T_BATCH, r->rq->batch_id, "batch_check", err));
    TQ_TRY(any_payable(r, err));
    event e = work_event(r->c, EV_BATCH_RELEASE);
    event_change(&e, T_BATCH, r->rq->batch_id);
    event_text(&e, C_BATCH_STATE, STR("released"));
    event_int(&e, C_BATCH_CHECKER_ID, r->c->who.person_id);
    event_int(&e, C_BATCH_RELEASED_DAY, r->c->today.n);
    TQ_TRY(act_once(r->tx, r->c, &e, T_BATCH, r->rq->batch_id, "batch_check", err));
    TQ_TRY(event_append(r->tx, &e, NULL, err));
    return run_load(r->tx, r->c, r->rq->batch_id, r->row, err);
}

/* The first slice of this call: decides, or takes up a release that was interrupted. Whoever completes it
 * is its checker too, and signs so. */
static tq_code release_enter(release *r, tq_err *err)
{
    int64_t waiting = 0;
    if (row_is(r->row, C_BATCH_STATE, "locked")) {
        return release_decide(r, err);
    }
    TQ_TRY(run_need(r->row, "released", NULL, err));
    TQ_TRY(store_int(r->tx, STMT_BATCH_LINES_WAITING, ARGS(arg_int(r->rq->batch_id)), 0, &waiting,
                     err));
    if (waiting == 0) {
        return run_need(r->row, "locked", NULL, err);
    }
    event e = work_event(r->c, EV_BATCH_RELEASE);
    TQ_TRY(act_once(r->tx, r->c, &e, T_BATCH, r->rq->batch_id, "batch_check", err));
    return event_append(r->tx, &e, NULL, err);
}

static tq_code release_slice(release *r, bool *more, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(r->a, r->c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(period_open(tx, r->c, err));
    r->tx = tx;
    TQ_TRY(run_load(tx, r->c, r->rq->batch_id, r->row, err));
    if (!r->acted) {
        TQ_TRY(release_enter(r, err));
    } else {
        TQ_TRY(run_need(r->row, "released", NULL, err)); /* it may have been recalled meanwhile */
    }
    TQ_TRY(run_slice_lines(tx, r->c, r->rq->batch_id, "waiting", r->after, r->lines, &r->n, err));
    if (r->n > 0) {
        r->after = r->lines[r->n - 1].n;
        TQ_TRY(slice_judge(r, err));
        TQ_TRY(slice_release(r, err));
    }
    *more = r->n == SETTLE_SLICE;
    TQ_TRY(store_commit(&tx, err));
    r->acted = true;
    return TQ_OK;
}

/* Count, sums and hashes for the report, read in a snapshot: nobody waits for that. */
static tq_code report_read(app *a, const call *c, int64_t batch_id, batch_report *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    run_list list;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_list_read(tx, batch_id, 0, &list, err));
    run_report(row, batch_id, &list, out);
    return TQ_OK;
}

tq_code batch_release(app *a, const call *c, const batch_release_request *rq, batch_report *out,
                      tq_err *err)
{
    release *r = ARENA_NEW(c->a, release, 1);
    *r = (release){.a = a, .c = c, .rq = rq};
    r->report.left = ARENA_NEW(c->a, left_out, 1);
    for (bool more = true; more;) {
        TQ_TRY(release_slice(r, &more, err));
    }
    TQ_TRY(report_read(a, c, rq->batch_id, &r->report, err));
    *out = r->report;
    return TQ_OK;
}

#define BANNED_MAX 1000 /* lines that one sending recalls; more come with the next call */

/* Released lines of organisations that are banned now; one pass over the batch finds them. */
static tq_code banned_read(store_tx *tx, const call *c, int64_t batch_id, run_line *lines,
                           size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    *n = 0;
    TQ_TRY(store_query(tx, STMT_BATCH_LINES_BANNED,
                       ARGS(arg_int(batch_id), arg_int(c->today.n), arg_int(BANNED_MAX)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        lines[(*n)++] = run_line_read(&r, c->a);
    }
}

/* A ban that came between release and sending stops its lines here, unless good faith keeps them. */
static tq_code recall_banned(app *a, store_tx *tx, const call *c, int64_t batch_id,
                             batch_report *out, tq_err *err)
{
    run_line *lines = ARENA_NEW(c->a, run_line, BANNED_MAX);
    size_t n = 0;
    TQ_TRY(banned_read(tx, c, batch_id, lines, &n, err));
    out->left = ARENA_NEW(c->a, left_out, 1);
    for (size_t i = 0; i < n; i++) {
        ARENA_AUTO arena *scratch = arena_new("pay check", SETTLE_SCRATCH_MAX);
        const tq_code code = pay_check(a, tx, lines[i].claim_id, c->today, scratch, err);
        if (code == TQ_REFUSED) {
            TQ_TRY(line_leave_event(tx, c, batch_id, &lines[i], STR("banned"), err));
            left_add(c->a, out, lines[i].claim_id, lines[i].claim_number, "banned");
            continue;
        }
        TQ_TRY(code);
    }
    return n < BANNED_MAX
               ? TQ_OK
               : tq_fail(err, TQ_LIMIT, "lines_banned", "batch",
                         "more than %d lines are of banned organisations; recall the batch",
                         BANNED_MAX - 1);
}

static tq_code need_released(store_tx *tx, int64_t batch_id, const event_value *row, tq_err *err)
{
    int64_t waiting = 0;
    TQ_TRY(run_need(row, "released", NULL, err));
    TQ_TRY(store_int(tx, STMT_BATCH_LINES_WAITING, ARGS(arg_int(batch_id)), 0, &waiting, err));
    if (waiting > 0) {
        return tq_fail(err, TQ_CONFLICT, "batch_releasing", "batch",
                       "%lld lines were not released yet; release it again, that completes it",
                       (long long)waiting);
    }
    return TQ_OK;
}

tq_code batch_send(app *a, const call *c, int64_t batch_id, batch_report *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    batch_report report = {0};
    int64_t open = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(need_released(tx, batch_id, row, err));
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
    TQ_TRY(store_commit(&tx, err));
    TQ_TRY(report_read(a, c, batch_id, &report, err));
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
    TQ_TRY(row_load(tx, T_BATCH_LINE, rq->line_id, c->a, row,
                    err)); /* again, the batch is locked now */
    if (!row_is(row, C_BATCH_LINE_STATE, "waiting")) {
        return tq_fail(err, TQ_CONFLICT, "line_state", "line",
                       "the line has left the batch already");
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

/* An end that takes its lines out of the batch: which lines, from which states, into which. */
typedef struct batch_end {
    event_kind kind;
    role role;
    bool money; /* may move some: the period must be open */
    const char *from, *or_from;
    const char *state;
} batch_end;

/* Decides in the first slice; a batch that has ended with lines inside is taken up again. */
static tq_code end_enter(store_tx *tx, const batch_end *end, int64_t batch_id,
                         const event_value *row, event *e, tq_err *err)
{
    int64_t inside = 0;
    TQ_TRY(store_int(tx, STMT_BATCH_LINES_OPEN, ARGS(arg_int(batch_id)), 0, &inside, err));
    if (row_is(row, C_BATCH_STATE, end->state) && inside > 0) {
        return TQ_OK;
    }
    TQ_TRY(run_need(row, end->from, end->or_from, err));
    event_change(e, T_BATCH, batch_id);
    event_text(e, C_BATCH_STATE, str_of(end->state));
    return TQ_OK;
}

/* The lines of one state leave; count and total go with them. */
static tq_code lines_leave(store_tx *tx, const call *c, const batch_end *end, int64_t batch_id,
                           const event_value *row, const char *state, event *e, size_t *n,
                           tq_err *err)
{
    run_line *lines = ARENA_NEW(c->a, run_line, SETTLE_SLICE);
    int64_t count = row_num(row, C_BATCH_COUNT);
    int64_t total = row_num(row, C_BATCH_TOTAL_FEN);
    TQ_TRY(run_slice_lines(tx, c, batch_id, state, 0, lines, n, err));
    for (size_t i = 0; i < *n; i++) {
        TQ_TRY(line_leave(tx, e, &lines[i], end->state, err));
        count -= lines[i].amount_fen > 0 ? 1 : 0;
        total -= lines[i].amount_fen;
    }
    TQ_ASSERT(count >= 0 && total >= 0);
    if (count != row_num(row, C_BATCH_COUNT) || total != row_num(row, C_BATCH_TOTAL_FEN)) {
        event_change(e, T_BATCH, batch_id);
        int_change(e, row, C_BATCH_COUNT, count);
        int_change(e, row, C_BATCH_TOTAL_FEN, total);
    }
    return TQ_OK;
}

static tq_code end_slice(app *a, const call *c, const batch_end *end, int64_t batch_id, bool first,
                         bool *more, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(end->role), &tx, err));
    if (end->money) {
        TQ_TRY(period_open(tx, c, err));
    }
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    event e = work_event(c, end->kind);
    if (first) {
        TQ_TRY(end_enter(tx, end, batch_id, row, &e, err));
    }
    TQ_TRY(lines_leave(tx, c, end, batch_id, row, "released", &e, &n, err));
    if (n == 0) { /* what was still waiting in a half-released batch leaves after the others */
        TQ_TRY(lines_leave(tx, c, end, batch_id, row, "waiting", &e, &n, err));
    }
    *more = n > 0;
    if (e.n_rows > 0) {
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    return store_commit(&tx, err);
}

/* The end is decided with the first slice; an interruption is completed by the same call again. */
static tq_code batch_empty(app *a, const call *c, const batch_end *end, int64_t batch_id,
                           tq_err *err)
{
    bool more = true;
    TQ_TRY(end_slice(a, c, end, batch_id, true, &more, err));
    while (more) {
        TQ_TRY(end_slice(a, c, end, batch_id, false, &more, err));
    }
    return TQ_OK;
}

tq_code batch_cancel(app *a, const call *c, int64_t batch_id, tq_err *err)
{
    static const batch_end end = {.kind = EV_BATCH_CANCEL,
                                  .role = ROLE_FINANCE_MAKER,
                                  .from = "open",
                                  .or_from = "locked",
                                  .state = "cancelled"};
    return batch_empty(a, c, &end, batch_id, err);
}

tq_code batch_recall(app *a, const call *c, int64_t batch_id, tq_err *err)
{
    static const batch_end end = {.kind = EV_BATCH_RECALL,
                                  .role = ROLE_FINANCE_CHECKER,
                                  .money = true,
                                  .from = "released",
                                  .state = "recalled"};
    return batch_empty(a, c, &end, batch_id, err);
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
