/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include "app/app_inner.h"
#include "app/bank_account.h"
#include "app/settle_inner.h"

#define DEBTORS_MAX 1000

tq_code period_parse(str text, day *first, day *last, tq_err *err)
{
    const bool form = text.len == 6 && text.data[4] == 'Q' && text.data[5] >= '1' && text.data[5] <= '4';
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

/* A claim that might go into the run. */
typedef struct candidate {
    int64_t id, voucher_id, payee_id, account_id, cutoff_day, publish_to_day;
    str number, state, voucher_state;
    int64_t payable, set_off;
    const char *left; /* reason, NULL = collected */
} candidate;

/* What a payee still owes and this run has not yet planned to set off. */
typedef struct debtor {
    int64_t org_id;
    int64_t open;
} debtor;

typedef struct run {
    app *a;
    store_tx *tx;
    const call *c;
    day cutoff;
    bool repeat;
    bool same_account;
    candidate *all;
    size_t n;
    debtor *debtors;
    int n_debtors;
} run;

static tq_code candidates_read(run *r, store_stmt stmt, int64_t key, tq_err *err)
{
    r->all = ARENA_NEW(r->c->a, candidate, BATCH_LINES_MAX);
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(r->tx, stmt, ARGS(arg_int(key), arg_int(0), arg_int(BATCH_LINES_MAX + 1)), &q,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        if (r->n == BATCH_LINES_MAX) {
            return tq_fail(err, TQ_LIMIT, "batch_lines", "batch", "more than %d claims wait",
                           BATCH_LINES_MAX);
        }
        candidate *k = &r->all[r->n++];
        k->id = row_int(&q);
        k->number = row_copy(&q, r->c->a);
        k->state = row_copy(&q, r->c->a);
        k->voucher_id = row_int(&q);
        k->payee_id = row_int(&q);
        k->account_id = row_int(&q);
        k->cutoff_day = row_int(&q);
        k->publish_to_day = row_int(&q);
        k->voucher_state = row_copy(&q, r->c->a);
    }
}

/* Chooses the account version that the money goes to, or says why there is none. */
static tq_code account_choose(run *r, candidate *k, tq_err *err)
{
    int64_t usable = 0;
    int64_t id = k->account_id;
    TQ_TRY(store_int(r->tx, STMT_SETTLE_ACCOUNT_STATE, ARGS(arg_int(id)), -1, &usable, err));
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
    int64_t returned = 0;
    TQ_TRY(store_int(r->tx, STMT_SETTLE_RETURNED_ACCOUNT, ARGS(arg_int(k->id)), 0, &returned, err));
    if (returned == id && !r->same_account) {
        k->left = "same_account";
    }
    k->account_id = id;
    return TQ_OK;
}

static const char *left_by_state(const run *r, const candidate *k)
{
    if (str_eq(k->state, STR("returned_by_bank")) && !r->repeat) {
        return "needs_repeat";
    }
    if (str_eq(k->state, STR("objected"))) {
        return "objection_open";
    }
    if (str_eq(k->voucher_state, STR("frozen"))) {
        return "voucher_frozen";
    }
    if (r->repeat) {
        return NULL;
    }
    if (k->cutoff_day > r->cutoff.n) {
        return "after_cutoff";
    }
    return k->publish_to_day >= r->c->today.n ? "publication_open" : NULL;
}

/* What the payee owes and no earlier line of this run will set off. */
static tq_code debt_of(run *r, int64_t org_id, debtor **out, tq_err *err)
{
    for (int i = 0; i < r->n_debtors; i++) {
        if (r->debtors[i].org_id == org_id) {
            *out = &r->debtors[i];
            return TQ_OK;
        }
    }
    open_recovery *debts = ARENA_NEW(r->c->a, open_recovery, DEBTS_MAX);
    size_t n = 0;
    TQ_TRY(debts_due(r->a, r->tx, r->c, org_id, debts, &n, err));
    if (n == 0 || r->n_debtors == DEBTORS_MAX) {
        *out = NULL;
        return TQ_OK;
    }
    debtor *d = &r->debtors[r->n_debtors++];
    *d = (debtor){.org_id = org_id};
    for (size_t i = 0; i < n; i++) {
        d->open += debts[i].open_fen;
    }
    *out = d;
    return TQ_OK;
}

static tq_code candidate_judge(run *r, candidate *k, tq_err *err)
{
    k->left = left_by_state(r, k);
    if (k->left != NULL) {
        return TQ_OK;
    }
    int64_t objections = 0;
    TQ_TRY(store_int(r->tx, STMT_SETTLE_OBJECTIONS, ARGS(arg_int(k->id)), 0, &objections, err));
    if (objections > 0) {
        k->left = "objection_open";
        return TQ_OK;
    }
    ARENA_AUTO arena *scratch = arena_new("pay check", SETTLE_SCRATCH_MAX);
    const tq_code ban = pay_check(r->a, r->tx, k->id, r->c->today, scratch, err);
    const tq_code apart = ban == TQ_OK ? act_apart(r->tx, r->c, T_CLAIM, k->id, "batch_make", err) : ban;
    if (ban == TQ_REFUSED || apart == TQ_FORBIDDEN) {
        k->left = ban == TQ_REFUSED ? "banned" : "same_person";
        return TQ_OK;
    }
    TQ_TRY(apart);
    TQ_TRY(account_choose(r, k, err));
    const ledger_cell like = {.account = ACC_PAYABLE, .voucher_id = k->voucher_id, .claim_id = k->id};
    TQ_TRY(ledger_sum(r->tx, r->c->who.programme_id, &like, &k->payable, err));
    if (k->left == NULL && k->payable == 0) {
        k->left = "nothing_payable";
    }
    if (k->left != NULL) {
        return TQ_OK;
    }
    debtor *d = NULL;
    TQ_TRY(debt_of(r, k->payee_id, &d, err));
    if (d != NULL) {
        k->set_off = d->open < k->payable ? d->open : k->payable;
        d->open -= k->set_off;
    }
    return TQ_OK;
}

static tq_code line_add(run *r, event *e, int64_t batch_id, const candidate *k, int64_t n, tq_err *err)
{
    int64_t line_id = 0;
    TQ_TRY(act_once(r->tx, r->c, e, T_CLAIM, k->id, "batch_make", err));
    TQ_TRY(event_new_row(r->tx, e, T_BATCH_LINE, &line_id, err));
    event_int(e, C_BATCH_LINE_BATCH_ID, batch_id);
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

static tq_code lines_add(run *r, event *e, int64_t batch_id, tq_err *err)
{
    int64_t n = 0;
    int in_event = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (r->all[i].left != NULL) {
            continue;
        }
        if (in_event == SETTLE_SLICE) {
            TQ_TRY(event_append(r->tx, e, NULL, err));
            *e = work_event(r->c, EV_BATCH_OPEN);
            in_event = 0;
        }
        TQ_TRY(line_add(r, e, batch_id, &r->all[i], ++n, err));
        in_event++;
    }
    return event_append(r->tx, e, NULL, err);
}

static tq_code batch_add(run *r, str period, int64_t repeat_of, batch_report *out, tq_err *err)
{
    event e = work_event(r->c, EV_BATCH_OPEN);
    int64_t id = 0;
    TQ_TRY(number_next(r->tx, r->c, &e, NUMBER_BATCH, &out->number, err));
    TQ_TRY(event_new_row(r->tx, &e, T_BATCH, &id, err));
    event_int(&e, C_BATCH_PROGRAMME_ID, r->c->who.programme_id);
    event_text(&e, C_BATCH_NUMBER, str_of(out->number.text));
    event_text(&e, C_BATCH_PERIOD, period);
    event_text(&e, C_BATCH_STATE, STR("open"));
    event_int(&e, C_BATCH_REPEAT_OF_ID, repeat_of);
    event_int(&e, C_BATCH_COUNT, out->count);
    event_int(&e, C_BATCH_TOTAL_FEN, out->total_fen);
    event_int(&e, C_BATCH_MAKER_ID, r->c->who.person_id);
    TQ_TRY(act_once(r->tx, r->c, &e, T_BATCH, id, "batch_make", err));
    out->batch_id = id;
    return lines_add(r, &e, id, err);
}

/* Judges every candidate, tells those left out, makes the batch of the others. */
static tq_code run_make(run *r, str period, int64_t repeat_of, batch_report *out, tq_err *err)
{
    r->debtors = ARENA_NEW(r->c->a, debtor, DEBTORS_MAX);
    out->left = ARENA_NEW(r->c->a, left_out, r->n + 1);
    int64_t collected = 0;
    for (size_t i = 0; i < r->n; i++) {
        candidate *k = &r->all[i];
        TQ_TRY(candidate_judge(r, k, err));
        if (k->left != NULL) {
            left_add(out, r->n, k->id, k->number, k->left);
            continue;
        }
        collected++;
        out->count += k->payable > k->set_off ? 1 : 0;
        out->total_fen += k->payable - k->set_off;
        out->set_off_fen += k->set_off;
    }
    return collected == 0 ? TQ_OK : batch_add(r, period, repeat_of, out, err);
}

/* One run at a time: the programme's row is the lock, the database's own key the guard. */
static tq_code run_free(store_tx *tx, const call *c, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t running = 0;
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, row, err));
    TQ_TRY(store_int(tx, STMT_BATCH_RUNNING, ARGS(arg_int(c->who.programme_id)), 0, &running, err));
    if (running != 0) {
        return tq_fail(err, TQ_CONFLICT, "run_open", "batch",
                       "another batch of the programme has not been sent, recalled or cancelled");
    }
    return TQ_OK;
}

tq_code batch_collect(app *a, const call *c, const batch_collect_request *rq, batch_report *out,
                      tq_err *err)
{
    day first;
    run r = {.a = a, .c = c};
    batch_report report = {0};
    TQ_TRY(period_parse(rq->period, &first, &r.cutoff, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_free(tx, c, err));
    r.tx = tx;
    TQ_TRY(candidates_read(&r, STMT_SETTLE_CANDIDATES, c->who.programme_id, err));
    TQ_TRY(run_make(&r, rq->period, 0, &report, err));
    TQ_TRY(store_commit(&tx, err));
    *out = report;
    return TQ_OK;
}

tq_code batch_repeat(app *a, const call *c, const batch_repeat_request *rq, batch_report *out,
                     tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    run r = {.a = a, .c = c, .repeat = true, .same_account = rq->same_account};
    batch_report report = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_free(tx, c, err));
    TQ_TRY(run_load(tx, c, rq->batch_id, row, err));
    r.tx = tx;
    TQ_TRY(candidates_read(&r, STMT_SETTLE_RETURNED, rq->batch_id, err));
    TQ_TRY(run_make(&r, row_str(row, C_BATCH_PERIOD), rq->batch_id, &report, err));
    TQ_TRY(store_commit(&tx, err));
    *out = report;
    return TQ_OK;
}

/* Payment numbers are given at the lock, so that a run that is cancelled before uses none up. */
static tq_code numbers_give(store_tx *tx, const call *c, const run_line *lines, size_t n, tq_err *err)
{
    programme_brief brief;
    int64_t year = 0;
    TQ_TRY(programme_read(tx, c->who.programme_id, &brief, err));
    TQ_TRY(fiscal_year(tx, c->who.programme_id, c->today, &year, err));
    for (size_t from = 0; from < n; from += SETTLE_SLICE) {
        event e = work_event(c, EV_BATCH_LOCK);
        for (size_t i = from; i < n && i < from + SETTLE_SLICE; i++) {
            int64_t serial = 0;
            TQ_TRY(event_serial(tx, &e, "payment", year, &serial, err));
            const public_number no = number_make(NUMBER_PAYMENT, str_of(brief.code), (int)year, serial);
            event_change(&e, T_BATCH_LINE, lines[i].id);
            event_text(&e, C_BATCH_LINE_PAYMENT_NO, str_of(no.text));
        }
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    return TQ_OK;
}

tq_code batch_lock(app *a, const call *c, int64_t batch_id, batch_report *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    run_line *lines = NULL;
    size_t n = 0;
    run_list list;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_need(row, "open", NULL, err));
    TQ_TRY(run_lines(tx, batch_id, "waiting", c->a, &lines, &n, err));
    if (n == 0) {
        return tq_fail(err, TQ_CONFLICT, "batch_empty", "batch", "no line is left in it; cancel it");
    }
    TQ_TRY(numbers_give(tx, c, lines, n, err));
    TQ_TRY(run_list_read(tx, batch_id, 0, &list, err));
    event e = work_event(c, EV_BATCH_LOCK);
    run_list_put(&e, batch_id, row, &list, true);
    event_change(&e, T_BATCH, batch_id);
    event_text(&e, C_BATCH_STATE, STR("locked"));
    event_int(&e, C_BATCH_LOCKED_BY_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_BATCH, batch_id, "batch_make", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
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
