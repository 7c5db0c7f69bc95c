/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include "app/bank_account.h"
#include "app/row_change.h"
#include "app/settle_inner.h"

/* A claim that might go into the run, with what decides it read in the same pass. */
typedef struct candidate {
    int64_t id, voucher_id, payee_id, account_id, cutoff_day, publish_to_day;
    str number, state, voucher_state;
    int64_t objections; /* open ones */
    int64_t signals;    /* undecided or confirmed ones */
    int64_t bans;       /* of payee and holder, or that one of them has a successor: ask */
    int64_t payee_successor_id;
    int64_t usable_day;          /* of the account it names, -1 where that is not active */
    int64_t returned_account_id; /* to which the bank last returned a payment */
    int64_t payable, set_off;
    const char *left; /* reason, NULL = collected */
} candidate;

/* What whoever is paid still owes and this run has not yet planned to set off; 0 for most. */
typedef struct debtor {
    int64_t org_id;
    int64_t open;
} debtor;

/* One collection, slice by slice: each a transaction of its own, so that no other writer waits long.
 * A batch without its number is still being collected. */
typedef struct run {
    app *a;
    store_tx *tx;
    const call *c;
    str period;
    int64_t repeat_of; /* batch whose returned claims are collected, else 0 */
    day cutoff;
    bool same_account;
    int64_t batch_id; /* 0: not made yet */
    bool acted;       /* this call has put its act into the batch */
    int64_t after;    /* last candidate that was judged */
    event_value row[AUDITED_COLS_MAX];
    candidate slice[SETTLE_SLICE];
    size_t n;
    debtor debtors[SETTLE_SLICE]; /* of the payees of this slice, or who goes on for them */
    size_t n_debtors;
    batch_report report;
} run;

static void candidate_read(store_rows *q, arena *a, candidate *k)
{
    *k = (candidate){.id = row_int(q)};
    k->number = row_copy(q, a);
    k->state = row_copy(q, a);
    k->voucher_id = row_int(q);
    k->payee_id = row_int(q);
    k->account_id = row_int(q);
    k->cutoff_day = row_int(q);
    k->publish_to_day = row_int(q);
    k->voucher_state = row_copy(q, a);
    k->objections = row_int(q);
    k->signals = row_int(q);
    k->bans = row_int(q);
    k->payee_successor_id = row_int(q);
    k->usable_day = row_int(q);
    k->returned_account_id = row_int(q);
    k->payable = row_int(q);
}

static tq_code candidates_read(run *r, tq_err *err)
{
    const int64_t programme = r->c->who.programme_id;
    ROWS_AUTO store_rows q = {0};
    r->n = 0;
    if (r->repeat_of == 0) {
        TQ_TRY(store_query(r->tx, STMT_SETTLE_CANDIDATES,
                           ARGS(arg_int(programme), arg_int(r->after), arg_int(SETTLE_SLICE),
                                arg_int(r->c->today.n)),
                           &q, err));
    } else {
        TQ_TRY(store_query(r->tx, STMT_SETTLE_RETURNED,
                           ARGS(arg_int(programme), arg_int(r->after), arg_int(SETTLE_SLICE),
                                arg_int(r->c->today.n), arg_int(r->repeat_of)),
                           &q, err));
    }
    for (bool more = true;;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(r->n < SETTLE_SLICE);
        candidate *k = &r->slice[r->n++];
        candidate_read(&q, r->c->a, k);
        r->after = k->id;
    }
}

/* Chooses the account version that the money goes to, or says why there is none. */
static tq_code account_choose(const run *r, candidate *k, tq_err *err)
{
    int64_t usable = k->usable_day;
    int64_t id = k->account_id;
    if (id == 0 || usable == -1) { /* not named, or closed since: the payee's own */
        tq_err why = {0};
        const tq_code code = bank_account_usable(r->tx, k->payee_id, r->c->today, &id, &why);
        if (code == TQ_CONFLICT) {
            k->left = strcmp(why.reason, "account_cooling") == 0 ? "account_cooling" : "no_account";
            return TQ_OK;
        }
        if (code != TQ_OK) {
            *err = why;
            return code;
        }
        usable = 0;
    }
    if (usable > r->c->today.n) { /* R-ACC-030, I17 */
        k->left = "account_cooling";
        return TQ_OK;
    }
    if (k->returned_account_id == id && !r->same_account) {
        k->left = "same_account";
    }
    k->account_id = id;
    return TQ_OK;
}

static const char *left_by_state(const run *r, const candidate *k)
{
    if (str_eq(k->state, STR("returned_by_bank")) && r->repeat_of == 0) {
        return "needs_repeat";
    }
    if (str_eq(k->state, STR("objected"))) {
        return "objection_open";
    }
    if (str_eq(k->voucher_state, STR("frozen"))) {
        return "voucher_frozen";
    }
    if (r->repeat_of == 0 && k->cutoff_day > r->cutoff.n) {
        return "after_cutoff";
    }
    if (r->repeat_of == 0 && k->publish_to_day >= r->c->today.n) {
        return "publication_open";
    }
    if (k->signals > 0) { /* R-SIGNAL-070 */
        return "signal_open";
    }
    return k->objections > 0 ? "objection_open" : NULL;
}

/* What it owes and no earlier line of this run will set off. */
static tq_code debt_of(run *r, int64_t org_id, debtor **out, tq_err *err)
{
    for (size_t i = 0; i < r->n_debtors; i++) {
        if (r->debtors[i].org_id == org_id) {
            *out = &r->debtors[i];
            return TQ_OK;
        }
    }
    TQ_ASSERT(r->n_debtors < SETTLE_SLICE);
    debtor *d = &r->debtors[r->n_debtors++];
    open_recovery debts[DEBTS_MAX];
    size_t n = 0;
    int64_t planned = 0;
    *d = (debtor){.org_id = org_id};
    TQ_TRY(debts_due(r->a, r->tx, r->c, org_id, debts, &n, err));
    for (size_t i = 0; i < n; i++) {
        d->open += debts[i].open_fen;
    }
    if (n > 0 && r->batch_id != 0) { /* by slices before this one */
        TQ_TRY(store_int(r->tx, STMT_SETTLE_PLANNED, ARGS(arg_int(r->batch_id), arg_int(org_id)), 0,
                         &planned, err));
        d->open = d->open > planned ? d->open - planned : 0;
    }
    *out = d;
    return TQ_OK;
}

/* Only where a ban was found the long question is asked, which knows good faith. */
static tq_code ban_judge(const run *r, candidate *k, tq_err *err)
{
    if (k->bans == 0) {
        return TQ_OK;
    }
    ARENA_AUTO arena *scratch = arena_new("pay check", SETTLE_SCRATCH_MAX);
    const tq_code code = pay_check(r->a, r->tx, k->id, r->c->today, scratch, err);
    k->left = code == TQ_REFUSED ? "banned" : NULL;
    return code == TQ_REFUSED ? TQ_OK : code;
}

static tq_code candidate_judge(run *r, candidate *k, tq_err *err)
{
    k->left = left_by_state(r, k);
    if (k->left == NULL) {
        TQ_TRY(ban_judge(r, k, err));
    }
    if (k->left != NULL) {
        return TQ_OK;
    }
    const tq_code apart = act_apart(r->tx, r->c, T_CLAIM, k->id, "batch_make", err);
    if (apart == TQ_FORBIDDEN) {
        k->left = "same_person";
        return TQ_OK;
    }
    TQ_TRY(apart);
    TQ_TRY(account_choose(r, k, err));
    if (k->left == NULL && k->payable == 0) {
        k->left = "nothing_payable";
    }
    if (k->left != NULL) {
        return TQ_OK;
    }
    debtor *d = NULL;
    int64_t debtor_id = k->payee_id;
    if (k->payee_successor_id != 0) { /* the old name's claim pays the debts of who goes on */
        TQ_TRY(org_heir(r->tx, k->payee_id, &debtor_id, err));
    }
    TQ_TRY(debt_of(r, debtor_id, &d, err));
    k->set_off = d->open < k->payable ? d->open : k->payable;
    d->open -= k->set_off;
    return TQ_OK;
}

static tq_code line_add(run *r, event *e, const candidate *k, int64_t n, tq_err *err)
{
    int64_t line_id = 0;
    TQ_TRY(act_once(r->tx, r->c, e, T_CLAIM, k->id, "batch_make", err));
    TQ_TRY(event_new_row(r->tx, e, T_BATCH_LINE, &line_id, err));
    event_int(e, C_BATCH_LINE_BATCH_ID, r->batch_id);
    event_int(e, C_BATCH_LINE_N, n);
    event_int(e, C_BATCH_LINE_CLAIM_ID, k->id);
    event_int(e, C_BATCH_LINE_ACCOUNT_ID, k->account_id);
    event_int(e, C_BATCH_LINE_AMOUNT_FEN, k->payable - k->set_off);
    event_int(e, C_BATCH_LINE_SET_OFF_FEN, k->set_off);
    event_text(e, C_BATCH_LINE_STATE, STR("waiting"));
    event_change(e, T_CLAIM, k->id);
    event_text(e, C_CLAIM_STATE, STR("batched"));
    return TQ_OK;
}

/* Judges the slice: who goes in, and into the report why the others do not. */
static tq_code slice_judge(run *r, size_t *collected, tq_err *err)
{
    *collected = 0;
    r->n_debtors = 0;
    for (size_t i = 0; i < r->n; i++) {
        candidate *k = &r->slice[i];
        TQ_TRY(candidate_judge(r, k, err));
        if (k->left != NULL) {
            left_add(r->c->a, &r->report, k->id, k->number, k->left);
            continue;
        }
        (*collected)++;
        r->report.count += k->payable > k->set_off ? 1 : 0;
        r->report.total_fen += k->payable - k->set_off;
        r->report.set_off_fen += k->set_off;
    }
    return TQ_OK;
}

static tq_code batch_add(run *r, event *e, tq_err *err)
{
    for (int i = 0; i < audited_table_of(T_BATCH)->cols; i++) {
        r->row[i] = (event_value){0};
    }
    TQ_TRY(event_new_row(r->tx, e, T_BATCH, &r->batch_id, err));
    event_int(e, C_BATCH_PROGRAMME_ID, r->c->who.programme_id);
    event_text(e, C_BATCH_PERIOD, r->period);
    event_text(e, C_BATCH_STATE, STR("open"));
    event_int(e, C_BATCH_REPEAT_OF_ID, r->repeat_of);
    event_int(e, C_BATCH_MAKER_ID, r->c->who.person_id);
    return TQ_OK;
}

/* Count and total follow each slice; the number comes with the last one (`done`). */
static tq_code batch_follow(run *r, event *e, bool done, tq_err *err)
{
    const bool moved = row_num(r->row, C_BATCH_COUNT) != r->report.count ||
                       row_num(r->row, C_BATCH_TOTAL_FEN) != r->report.total_fen;
    if (!r->acted) {
        TQ_TRY(act_once(r->tx, r->c, e, T_BATCH, r->batch_id, "batch_make", err));
        r->acted = true;
    }
    if (moved) {
        event_change(e, T_BATCH, r->batch_id);
        int_change(e, r->row, C_BATCH_COUNT, r->report.count);
        int_change(e, r->row, C_BATCH_TOTAL_FEN, r->report.total_fen);
    }
    if (done) {
        TQ_TRY(number_next(r->tx, r->c, e, NUMBER_BATCH, &r->report.number, err));
        event_change(e, T_BATCH, r->batch_id);
        event_text(e, C_BATCH_NUMBER, str_of(r->report.number.text));
    }
    return TQ_OK;
}

static tq_code slice_write(run *r, size_t collected, bool done, tq_err *err)
{
    event e = work_event(r->c, EV_BATCH_OPEN);
    slice_sum sum = slice_begin();
    int64_t n = 0;
    if (r->batch_id == 0 && collected == 0) {
        slice_drop(&sum);
        return TQ_OK;
    }
    tq_code code = r->batch_id == 0 ? batch_add(r, &e, err) : TQ_OK;
    if (code == TQ_OK) {
        code = store_int(r->tx, STMT_BATCH_LINE_LAST, ARGS(arg_int(r->batch_id)), 0, &n, err);
    }
    for (size_t i = 0; i < r->n && code == TQ_OK; i++) {
        const candidate *k = &r->slice[i];
        if (k->left == NULL) {
            slice_add(&sum, ++n, k->id, k->payable - k->set_off);
            code = line_add(r, &e, k, n, err);
        }
    }
    e.note = slice_note(&sum, r->c->a);
    TQ_TRY(code);
    TQ_TRY(batch_follow(r, &e, done, err));
    return e.n_rows == 0 ? TQ_OK : event_append(r->tx, &e, NULL, err);
}

static tq_code run_busy(tq_err *err)
{
    return tq_fail(err, TQ_CONFLICT, "run_open", "batch",
                   "another batch of the programme has not been sent, recalled or cancelled");
}

/* One run at a time: the programme's row is the lock, the database's own key the guard. A collection of
 * the same kind that was interrupted is taken up where it stopped. */
static tq_code run_enter(run *r, tq_err *err)
{
    const int64_t programme = r->c->who.programme_id;
    int64_t running = 0;
    int64_t waiting = 0;
    TQ_TRY(row_lock(r->tx, T_PROGRAMME, programme, r->c->a, err));
    TQ_TRY(store_int(r->tx, STMT_BATCH_RUNNING, ARGS(arg_int(programme)), 0, &running, err));
    if (running == 0) {
        TQ_TRY(store_int(r->tx, STMT_SETTLE_WAITING, ARGS(arg_int(programme)), 0, &waiting, err));
        return waiting <= BATCH_LINES_MAX ? TQ_OK
                                          : tq_fail(err, TQ_LIMIT, "batch_lines", "batch",
                                                    "more than %d claims wait", BATCH_LINES_MAX);
    }
    TQ_TRY(run_load(r->tx, r->c, running, r->row, err));
    if (!run_collecting(r->row) || row_num(r->row, C_BATCH_REPEAT_OF_ID) != r->repeat_of ||
        !str_eq(row_str(r->row, C_BATCH_PERIOD), r->period)) {
        return run_busy(err);
    }
    r->batch_id = running;
    r->report.count = row_num(r->row, C_BATCH_COUNT);
    r->report.total_fen = row_num(r->row, C_BATCH_TOTAL_FEN);
    return store_int(r->tx, STMT_BATCH_SET_OFF, ARGS(arg_int(running)), 0, &r->report.set_off_fen,
                     err);
}

/* Between two slices the batch may have been cancelled, or finished by another caller. */
static tq_code run_again(run *r, tq_err *err)
{
    if (r->batch_id == 0) {
        return run_enter(r, err);
    }
    TQ_TRY(run_load(r->tx, r->c, r->batch_id, r->row, err));
    r->report.count = row_num(r->row, C_BATCH_COUNT);
    r->report.total_fen = row_num(r->row, C_BATCH_TOTAL_FEN);
    return run_collecting(r->row) ? TQ_OK : run_busy(err);
}

static tq_code run_slice(run *r, bool *more, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    size_t collected = 0;
    TQ_TRY(work_begin(r->a, r->c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    r->tx = tx;
    TQ_TRY(run_again(r, err));
    TQ_TRY(candidates_read(r, err));
    TQ_TRY(slice_judge(r, &collected, err));
    *more = r->n == SETTLE_SLICE;
    TQ_TRY(slice_write(r, collected, !*more, err));
    return store_commit(&tx, err);
}

/* Slice by slice; a batch that a failure left without its number is completed by the next call. */
static tq_code run_all(run *r, batch_report *out, tq_err *err)
{
    r->report.left = ARENA_NEW(r->c->a, left_out, 1);
    for (bool more = true; more;) {
        TQ_TRY(run_slice(r, &more, err));
    }
    r->report.batch_id = r->batch_id;
    *out = r->report;
    return TQ_OK;
}

tq_code batch_collect(app *a, const call *c, const batch_collect_request *rq, batch_report *out,
                      tq_err *err)
{
    day first;
    run *r = ARENA_NEW(c->a, run, 1);
    *r = (run){.a = a, .c = c, .period = rq->period};
    TQ_TRY(period_parse(rq->period, &first, &r->cutoff, err));
    return run_all(r, out, err);
}

tq_code batch_repeat(app *a, const call *c, const batch_repeat_request *rq, batch_report *out,
                     tq_err *err)
{
    run *r = ARENA_NEW(c->a, run, 1);
    *r = (run){.a = a, .c = c, .repeat_of = rq->batch_id, .same_account = rq->same_account};
    {
        event_value row[AUDITED_COLS_MAX];
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
        TQ_TRY(run_load(tx, c, rq->batch_id, row, err));
        r->period = row_str(row, C_BATCH_PERIOD); /* never changes */
        TQ_TRY(store_commit(&tx, err));
    }
    return run_all(r, out, err);
}
