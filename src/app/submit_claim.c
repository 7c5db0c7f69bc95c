/* SPDX-License-Identifier: Apache-2.0 */
#include "app/submit_claim.h"

#include "app/signal_inner.h"

#define CLAIMANTS (ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE) | ROLES(ROLE_INST_AGENT))

static const char *const editable[] = {"draft", "returned", NULL};

static tq_code form_check(const claim_form *f, tq_err *err)
{
    if (f->n_lines == 0 || f->n_lines > CLAIM_LINES_MAX) {
        return tq_fail(err, TQ_INVALID, "line_form", "claim.lines", "give 1 to %d lines",
                       CLAIM_LINES_MAX);
    }
    if (f->asked_fen <= 0 || f->asked_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "asked", "claim.asked", "give the amount that is asked");
    }
    for (size_t i = 0; i < f->n_lines; i++) {
        const claim_line_new *l = &f->lines[i];
        if (l->order_id <= 0 || l->order_line_id < 0 || l->invoice_id <= 0 || l->proof_id < 0 ||
            l->amount_fen <= 0 || l->amount_fen > MONEY_MAX) {
            return tq_fail(err, TQ_INVALID, "line_form", "claim.lines",
                           "line %zu: name order and invoice and give an amount", i + 1);
        }
    }
    return TQ_OK;
}

/* The claim as filed: parties by the kind of voucher, the account one that may be paid to. */
static tq_code terms_of(store_tx *tx, const call *c, const claim_case *k, const claim_form *f,
                        claim_terms *out, tq_err *err)
{
    const bool redeem = k->payee == PAYEE_INSTITUTION;
    const int64_t institution = claim_case_institution(k);
    if (redeem && institution == 0) {
        return tq_fail(err, TQ_INVALID, "one_institution", "claim.lines",
                       "an institution claims its own orders only; file one claim for each");
    }
    const int64_t party = redeem ? institution : k->holder_id;
    TQ_TRY(claim_need_party(c, redeem ? 0 : party, redeem ? party : 0, err));
    if (f->account_id != 0) {
        int64_t fits = 0;
        TQ_TRY(store_int(tx, STMT_CLAIM_ACCOUNT_FITS,
                         ARGS(arg_int(f->account_id), arg_int(party), arg_int(c->today.n)), 0,
                         &fits, err));
        if (fits == 0) {
            return tq_fail(err, TQ_INVALID, "payee_account", "claim.account",
                           "the account is not an active one of the payee");
        }
    }
    *out = (claim_terms){
        .claimant_id = party,
        .payee_id = party,
        .asked_fen = f->asked_fen,
        .account_id = f->account_id,
        .form = redeem ? STR("redeem") : STR("reimburse"),
        .final = f->final,
    };
    return TQ_OK;
}

/* Puts the form's lines in place of the case's; those stored are freed by the event first. */
static tq_code take_form(store_tx *tx, claim_case *k, const claim_form *f, event *e, tq_err *err)
{
    int64_t last = 0;
    claim_free_lines(k, e);
    if (k->id != 0) {
        TQ_TRY(store_int(tx, STMT_CLAIM_LINE_LAST, ARGS(arg_int(k->id)), 0, &last, err));
    }
    k->n_lines = f->n_lines;
    for (size_t i = 0; i < f->n_lines; i++) {
        k->lines[i] = (claim_line_fact){
            .n = last + (int64_t)i + 1,
            .order_id = f->lines[i].order_id,
            .order_line_id = f->lines[i].order_line_id,
            .invoice_id = f->lines[i].invoice_id,
            .proof_id = f->lines[i].proof_id,
            .stored_fen = f->lines[i].amount_fen,
            .amount_fen = f->lines[i].amount_fen,
        };
    }
    return claim_case_orders(tx, k, err);
}

/* As saved: the form that the stored claim and its lines say. */
static claim_form form_of(const claim_case *k)
{
    return (claim_form){
        .voucher_id = k->voucher_id,
        .asked_fen = row_num(k->row, C_CLAIM_ASKED_FEN),
        .final = row_num(k->row, C_CLAIM_FINAL) != 0,
        .account_id = row_num(k->row, C_CLAIM_ACCOUNT_ID),
        .n_lines = k->n_lines,
    };
}

static void set_int(event *e, const event_value *row, int col, int64_t value)
{
    if (row_num(row, col) != value) {
        event_int(e, col, value);
    }
}

static void set_text(event *e, const event_value *row, int col, str value)
{
    if (!str_eq(row_str(row, col), value)) {
        event_text(e, col, value);
    }
}

static void lines_write(const claim_case *k, const int64_t *ids, event *e)
{
    for (size_t i = 0; i < k->n_lines; i++) {
        const claim_line_fact *l = &k->lines[i];
        if (l->id != 0) {
            if (l->amount_fen != l->stored_fen) {
                event_change(e, T_CLAIM_LINE, l->id);
                event_int(e, C_CLAIM_LINE_AMOUNT_FEN, l->amount_fen);
            }
            continue;
        }
        event_create(e, T_CLAIM_LINE, ids[i]);
        event_int(e, C_CLAIM_LINE_CLAIM_ID, k->id);
        event_int(e, C_CLAIM_LINE_N, l->n);
        event_int(e, C_CLAIM_LINE_ORDER_ID, l->order_id);
        event_int(e, C_CLAIM_LINE_ORDER_LINE_ID, l->order_line_id);
        event_int(e, C_CLAIM_LINE_INVOICE_ID, l->invoice_id);
        event_int(e, C_CLAIM_LINE_PROOF_ID, l->proof_id);
        event_int(e, C_CLAIM_LINE_AMOUNT_FEN, l->amount_fen);
    }
}

/* The claim's row and lines; a new claim gets its id here. Leaves the claim as the event's last row. */
static tq_code case_write(store_tx *tx, claim_case *k, const claim_terms *t, event *e, tq_err *err)
{
    const bool fresh = k->id == 0;
    int64_t ids[CLAIM_LINES_MAX] = {0};
    if (fresh) {
        TQ_TRY(store_new_id(tx, T_CLAIM, &k->id, err));
    }
    for (size_t i = 0; i < k->n_lines; i++) {
        if (k->lines[i].id == 0) {
            TQ_TRY(store_new_id(tx, T_CLAIM_LINE, &ids[i], err));
        }
    }
    lines_write(k, ids, e);
    if (fresh) {
        event_create(e, T_CLAIM, k->id);
        event_int(e, C_CLAIM_PROGRAMME_ID, k->programme_id);
        event_int(e, C_CLAIM_VOUCHER_ID, k->voucher_id);
        event_int(e, C_CLAIM_HOLDER_ID, k->holder_id);
        for (int i = 0; i < audited_table_of(T_CLAIM)->cols; i++) {
            k->row[i] = (event_value){0};
        }
    } else {
        event_change(e, T_CLAIM, k->id);
    }
    set_int(e, k->row, C_CLAIM_CLAIMANT_ID, t->claimant_id);
    set_int(e, k->row, C_CLAIM_PAYEE_ID, t->payee_id);
    set_text(e, k->row, C_CLAIM_FORM, t->form);
    set_int(e, k->row, C_CLAIM_FINAL, t->final ? 1 : 0);
    set_int(e, k->row, C_CLAIM_BASE_FEN, t->base_fen);
    set_int(e, k->row, C_CLAIM_ASKED_FEN, t->asked_fen);
    set_int(e, k->row, C_CLAIM_ACCOUNT_ID, t->account_id);
    set_int(e, k->row, C_CLAIM_ADJUSTED_FEN, 0);
    return TQ_OK;
}

/* Loads the case of a stored claim, or begins one for the form's voucher. */
static tq_code case_for(app *a, store_tx *tx, const call *c, int64_t claim_id, const claim_form *f,
                        claim_case **out, tq_err *err)
{
    if (claim_id == 0) {
        return claim_case_of_voucher(a, tx, c, f->voucher_id, false, out, err);
    }
    claim_case *k = NULL;
    TQ_TRY(claim_case_open(a, tx, c, claim_id, false, &k, err));
    TQ_TRY(claim_need_party(c, row_num(k->row, C_CLAIM_CLAIMANT_ID),
                            row_num(k->row, C_CLAIM_CLAIMANT_ID), err));
    TQ_TRY(claim_need_state(k, editable, err));
    if (f != NULL && f->voucher_id != k->voucher_id) {
        return tq_fail(err, TQ_INVALID, "voucher_changed", "claim.voucher",
                       "a claim stays with its voucher; file another");
    }
    *out = k;
    return TQ_OK;
}

static tq_code save(app *a, const call *c, int64_t claim_id, const claim_form *form,
                    int64_t *id_out, tq_err *err)
{
    TQ_TRY(form_check(form, err));
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    claim_terms t;
    TQ_TRY(work_begin(a, c, CLAIMANTS, &tx, err));
    TQ_TRY(case_for(a, tx, c, claim_id, form, &k, err));

    const bool fresh = claim_id == 0;
    event e = work_event(c, EV_CLAIM_DRAFT);
    TQ_TRY(take_form(tx, k, form, &e, err));
    TQ_TRY(terms_of(tx, c, k, form, &t, err));
    t.base_fen = 0; /* nothing is counted before it is submitted */
    TQ_TRY(case_write(tx, k, &t, &e, err));
    if (fresh) {
        event_text(&e, C_CLAIM_STATE, STR("draft"));
    }
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, k->id, "claim", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id_out = k->id;
    return TQ_OK;
}

tq_code claim_draft(app *a, const call *c, const claim_form *form, int64_t *claim_id, tq_err *err)
{
    return save(a, c, 0, form, claim_id, err);
}

tq_code claim_save(app *a, const call *c, int64_t claim_id, const claim_form *form, tq_err *err)
{
    int64_t same = 0;
    if (claim_id <= 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "claim", "there is no such claim");
    }
    return save(a, c, claim_id, form, &same, err);
}

/* The refusal is a decision of its own (a claim that is not yet filed is decided on its voucher). */
static tq_code record_refusal(store_tx **tx, const call *c, const claim_case *k,
                              const policy_facts *f, const policy_decision *d, const char *reason,
                              event *e, tq_err *err)
{
    str facts;
    str steps;
    int64_t decision_id = 0;
    claim_case_texts(k, f, d, &facts, &steps);
    TQ_TRY(decision_add(*tx, c, e, k->id == 0 ? T_VOUCHER : T_CLAIM,
                        k->id == 0 ? k->voucher_id : k->id, "refused", reason, k->policy_id, facts,
                        steps, NULL, &decision_id, err));
    TQ_TRY(event_append(*tx, e, NULL, err));
    decision_refuses(c, decision_id);
    return store_commit(tx, err);
}

static tq_code judge(app *a, store_tx **tx, const call *c, const claim_case *k, int64_t asked,
                     day on, int64_t *allowed, claim_signals *signals, tq_err *err)
{
    policy_facts f;
    policy_decision d;
    str most;
    event e = work_event(c, EV_DECISION);
    TQ_TRY(claim_case_judge(*tx, c, k, on, &f, &d, err));
    if (!d.granted) {
        TQ_TRY(record_refusal(tx, c, k, &f, &d, d.reason, &e, err));
        return tq_fail(err, TQ_REFUSED, d.reason, "claim", "%s",
                       policy_reason_text(d.reason, false));
    }
    if (asked > d.amount) { /* R-CLAIM-040 */
        TQ_TRY(claim_amount_text(*tx, c, d.amount, &most, err));
        TQ_TRY(record_refusal(tx, c, k, &f, &d, "asked_above_allowed", &e, err));
        return tq_fail(err, TQ_REFUSED, "asked_above_allowed", "claim.asked",
                       "at most %.*s can be asked for what is delivered, invoiced and paid",
                       STR_ARG(most));
    }
    TQ_TRY(claim_signals_look(a, *tx, c, k, asked, signals, err));
    if (signals->refuse) { /* R-SIGNAL-020 */
        claim_signals_steps(signals, &d);
        TQ_TRY(claim_signals_write(*tx, c, k, asked, signals, err));
        TQ_TRY(record_refusal(tx, c, k, &f, &d, d.reason, &e, err));
        return tq_fail(err, TQ_REFUSED, "signal_refused", "claim",
                       "the claim shows what the policy does not take; the decision names it");
    }
    *allowed = d.amount;
    return TQ_OK;
}

static day quarter_end(day d)
{
    const ymd y = day_ymd(d);
    const int last = ((y.month - 1) / 3 + 1) * 3;
    return day_add(day_add_months(day_of_ymd((ymd){y.year, last, 1}), 1), -1);
}

/* R-CLAIM-050: a supplement in time keeps the first filing; a late one falls to its own quarter. */
static void filing_days(const call *c, const claim_case *k, bool stored, claim_filed *out,
                        day *asked_on)
{
    const bool returned = stored && row_is(k->row, C_CLAIM_STATE, "returned");
    const bool in_time = returned && c->today.n <= row_num(k->row, C_CLAIM_RETURN_BY_DAY);
    out->filed = c->today;
    out->cutoff = quarter_end(c->today);
    *asked_on = c->today;
    if (returned) {
        out->filed.n = (int32_t)row_num(k->row, C_CLAIM_FILED_DAY);
    }
    if (in_time) {
        out->cutoff.n = (int32_t)row_num(k->row, C_CLAIM_CUTOFF_DAY);
        *asked_on = out->filed;
    }
    TQ_ASSERT(out->filed.n <= out->cutoff.n);
    TQ_ASSERT(asked_on->n <= c->today.n);
}

static tq_code final_check(const claim_case *k, bool final, tq_err *err)
{
    int64_t n = 0;
    int64_t fen = 0;
    if (!final) {
        return TQ_OK;
    }
    TQ_TRY(claim_case_pending(k, &n, &fen, err));
    if (n > 0) {
        return tq_fail(err, TQ_CONFLICT, "other_claim_open", "claim.final",
                       "%lld other claims on these orders are undecided; the last one is final",
                       (long long)n);
    }
    return TQ_OK;
}

static tq_code submit_write(store_tx *tx, const call *c, claim_case *k, const claim_terms *t,
                            event *e, claim_filed *out, tq_err *err)
{
    TQ_TRY(case_write(tx, k, t, e, err));
    TQ_TRY(claim_content_of(tx, k, t, out->content, err));
    event_text(e, C_CLAIM_STATE, STR("submitted"));
    set_int(e, k->row, C_CLAIM_FILED_DAY, out->filed.n);
    set_int(e, k->row, C_CLAIM_CUTOFF_DAY, out->cutoff.n);
    set_int(e, k->row, C_CLAIM_RETURN_BY_DAY, 0);
    set_text(e, k->row, C_CLAIM_RETURNED_FOR, STR(""));
    set_text(e, k->row, C_CLAIM_CONTENT, str_of(out->content));
    TQ_TRY(act_once(tx, c, e, T_CLAIM, k->id, "claim", err));
    const str number = row_str(k->row, C_CLAIM_NUMBER);
    if (number.len > 0) {
        TQ_ASSERT(number.len < sizeof out->number.text);
        memcpy(out->number.text, number.data, number.len);
        out->number.text[number.len] = '\0';
        return TQ_OK;
    }
    TQ_TRY(number_next(tx, c, e, NUMBER_CLAIM, &out->number, err));
    event_change(e, T_CLAIM, k->id);
    event_text(e, C_CLAIM_NUMBER, str_of(out->number.text));
    return TQ_OK;
}

tq_code claim_submit(app *a, const call *c, const claim_submission *rq, claim_filed *out,
                     tq_err *err)
{
    TQ_ASSERT(rq->claim_id != 0 || rq->form != NULL);
    if (rq->form != NULL) {
        TQ_TRY(form_check(rq->form, err));
    }
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    claim_terms t;
    claim_filed filed = {0};
    claim_signals signals;
    day asked_on;
    TQ_TRY(work_begin(a, c, CLAIMANTS | ROLES(ROLE_INTAKE), &tx, err));
    TQ_TRY(case_for(a, tx, c, rq->claim_id, rq->form, &k, err));

    event e = work_event(c, EV_CLAIM_SUBMIT);
    claim_form saved = {0};
    const claim_form *form = rq->form;
    if (form != NULL) {
        TQ_TRY(take_form(tx, k, form, &e, err));
    } else {
        saved = form_of(k);
        form = &saved;
    }
    filing_days(c, k, rq->claim_id != 0, &filed, &asked_on);
    TQ_TRY(terms_of(tx, c, k, form, &t, err));
    TQ_TRY(claim_case_gate(tx, c, k, err));
    TQ_TRY(claim_case_count(tx, c, k, err));
    TQ_TRY(final_check(k, t.final, err));
    TQ_TRY(judge(a, &tx, c, k, t.asked_fen, asked_on, &filed.allowed_fen, &signals, err));
    t.base_fen = k->base_gross;
    TQ_TRY(submit_write(tx, c, k, &t, &e, &filed, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(claim_signals_write(tx, c, k, t.asked_fen, &signals, err));
    TQ_TRY(store_commit(&tx, err));
    filed.claim_id = k->id;
    filed.base_fen = t.base_fen;
    *out = filed;
    return TQ_OK;
}

tq_code claim_withdraw(app *a, const call *c, int64_t claim_id, tq_err *err)
{
    static const char *const open[] = {"draft", "submitted", "returned", NULL};
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    TQ_TRY(work_begin(a, c, CLAIMANTS, &tx, err));
    TQ_TRY(claim_case_open(a, tx, c, claim_id, false, &k, err));
    TQ_TRY(claim_need_party(c, row_num(k->row, C_CLAIM_CLAIMANT_ID),
                            row_num(k->row, C_CLAIM_CLAIMANT_ID), err));
    TQ_TRY(claim_need_state(k, open, err));
    event e = work_event(c, EV_CLAIM_WITHDRAW);
    event_change(&e, T_CLAIM, claim_id);
    event_text(&e, C_CLAIM_STATE, STR("withdrawn"));
    claim_free_lines(k, &e);
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, claim_id, "claim", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
