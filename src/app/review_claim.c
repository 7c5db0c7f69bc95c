/* SPDX-License-Identifier: Apache-2.0 */
#include "app/review_claim.h"

#include "app/app_inner.h"
#include "app/inspection.h"
#include "app/person.h"
#include "app/register_filing.h"
#include "app/row_change.h"
#include "app/signal_inner.h"
#include "app/succeed_inner.h"
#include "app/voucher.h"
#include "base/canon.h"

static const char *const submitted[] = {"submitted", NULL};
static const char *const checked[] = {"checked", NULL};

/* Intake files and returns in the stage of the claimant: it neither checks nor approves. */
static const char *stage_of(role r)
{
    if (r == ROLE_INTAKE) {
        return "claim";
    }
    return r == ROLE_REVIEWER1 ? "review1" : "review2";
}

static tq_code token_check(const char *reason, tq_err *err)
{
    bool ok = reason != NULL && reason[0] != '\0' && strlen(reason) < 48;
    for (size_t i = 0; ok && reason[i] != '\0'; i++) {
        ok = (reason[i] >= 'a' && reason[i] <= 'z') || reason[i] == '_';
    }
    if (!ok) {
        return tq_fail(err, TQ_INVALID, "reason", "reason", "give the token of a reason");
    }
    return TQ_OK;
}

/* A decision without a judgement of the policy: facts are what the clerk wrote. */
static tq_code plain_decision(store_tx *tx, const call *c, const claim_case *k, event *e,
                              const char *outcome, const char *reason, str words,
                              const decision_paper *paper, int64_t *decision_id, tq_err *err)
{
    BUF_AUTO buf b = buf_max(8 * 1024);
    canon w = canon_to(&b);
    canon_open(&w);
    canon_kstr(&w, "words", words);
    canon_kint(&w, "asked", row_num(k->row, C_CLAIM_ASKED_FEN));
    canon_close(&w);
    TQ_ASSERT(buf_ok(&b));
    return decision_add(tx, c, e, T_CLAIM, k->id, outcome, reason, k->policy_id,
                        arena_copy(c->a, buf_view(&b)), STR("[]"), paper, decision_id, err);
}

/* The term is that of the voucher's policy, counted from today with the programme's calendar. */
tq_code claim_return(app *a, const call *c, const claim_returning *rq, tq_err *err)
{
    static const char *const states[] = {"submitted", "checked", NULL};
    if (!str_line_ok(rq->missing, REVIEW_TEXT_MAX)) {
        return tq_fail(err, TQ_INVALID, "missing", "claim.missing",
                       "say in one line what is to be supplied");
    }
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    policy_clock clock;
    day by;
    int64_t decision_id = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_INTAKE) | ROLES(ROLE_REVIEWER1) | ROLES(ROLE_REVIEWER2), &tx,
                      err));
    TQ_TRY(claim_case_open(a, tx, c, rq->claim_id, false, &k, err));
    TQ_TRY(claim_need_state(k, states, err));
    TQ_TRY(policy_clock_get(k->p, k->kind.data, "supplement", &clock, err));
    TQ_TRY(clock_end(tx, k->programme_id, c->today, &clock, &by, err));

    event e = work_event(c, EV_CLAIM_RETURN);
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, k->id, stage_of(c->who.role), err));
    TQ_TRY(plain_decision(tx, c, k, &e, "returned", "supplement", rq->missing, NULL, &decision_id,
                          err));
    event_change(&e, T_CLAIM, k->id);
    event_text(&e, C_CLAIM_STATE, STR("returned"));
    event_int(&e, C_CLAIM_RETURN_BY_DAY, by.n);
    event_text(&e, C_CLAIM_RETURNED_FOR, rq->missing);
    event_int(&e, C_CLAIM_DECISION_ID, decision_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* I11: what was refused for fraud is never free again, here or in any programme. */
static tq_code bar_invoices(store_tx *tx, const call *c, const claim_case *k, event *e, tq_err *err)
{
    for (size_t i = 0; i < k->n_lines; i++) {
        event_value row[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_INVOICE, k->lines[i].invoice_id, c->a, row, err));
        if (row_is(row, C_INVOICE_STATE, "normal")) {
            event_change(e, T_INVOICE, k->lines[i].invoice_id);
            event_text(e, C_INVOICE_STATE, STR("barred"));
        }
    }
    return TQ_OK;
}

tq_code claim_refuse(app *a, const call *c, const claim_refusal *rq, int64_t *decision_id,
                     tq_err *err)
{
    static const char *const states[] = {"submitted", "returned", "checked", NULL};
    TQ_TRY(token_check(rq->reason, err));
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    int64_t decision = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER1) | ROLES(ROLE_REVIEWER2) | ROLES(ROLE_GROUP), &tx,
                      err));
    TQ_TRY(claim_case_open(a, tx, c, rq->claim_id, false, &k, err));
    TQ_TRY(claim_need_state(k, states, err));

    event e = work_event(c, EV_CLAIM_REFUSE);
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, k->id, stage_of(c->who.role), err));
    if (strcmp(rq->reason, "fraud") == 0) {
        TQ_TRY(bar_invoices(tx, c, k, &e, err));
    } else {
        claim_free_lines(k, &e);
    }
    TQ_TRY(plain_decision(tx, c, k, &e, "refused", rq->reason, STR(""), &rq->paper, &decision,
                          err));
    event_change(&e, T_CLAIM, k->id);
    event_text(&e, C_CLAIM_STATE, STR("refused"));
    event_int(&e, C_CLAIM_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}

/* R-CLAIM-060, I16: the claim is what was submitted, and what the reviewer saw. */
static tq_code content_bind(store_tx *tx, const claim_case *k, str seen, tq_err *err)
{
    const claim_terms t = claim_terms_stored(k->row);
    char now[65];
    TQ_TRY(claim_content_of(tx, k, &t, now, err));
    if (!str_eq(row_str(k->row, C_CLAIM_CONTENT), str_of(now)) || !str_eq(seen, str_of(now))) {
        return tq_fail(err, TQ_CONFLICT, "content_changed", "claim.content",
                       "the claim is not what the reviewer saw; read it again");
    }
    return TQ_OK;
}

/* All that must hold of a claim before money may follow; says why it does (facts, steps). */
static tq_code hold_good(store_tx *tx, const call *c, claim_case *k, str seen, int64_t amount,
                         policy_facts *f, policy_decision *d, tq_err *err)
{
    const day filed = {(int32_t)row_num(k->row, C_CLAIM_FILED_DAY)};
    TQ_TRY(claim_case_gate(tx, c, k, err));
    TQ_TRY(claim_case_count(tx, c, k, err));
    TQ_TRY(content_bind(tx, k, seen, err));
    TQ_TRY(claim_case_judge(tx, c, k, filed, f, d, err));
    if (!d->granted) {
        return tq_fail(err, TQ_REFUSED, d->reason, "claim", "%s",
                       policy_reason_text(d->reason, false));
    }
    if (amount > d->amount) { /* I10 */
        str most;
        TQ_TRY(claim_amount_text(tx, c, d->amount, &most, err));
        return tq_fail(err, TQ_REFUSED, "asked_above_allowed", "claim.amount",
                       "at most %.*s is payable now", STR_ARG(most));
    }
    return TQ_OK;
}

static tq_code judged_decision(store_tx *tx, const call *c, const claim_case *k, event *e,
                               const char *outcome, const char *reason, const policy_facts *f,
                               const policy_decision *d, const decision_paper *paper, int64_t *id,
                               tq_err *err)
{
    str facts;
    str steps;
    claim_case_texts(k, f, d, &facts, &steps);
    return decision_add(tx, c, e, T_CLAIM, k->id, outcome, reason, k->policy_id, facts, steps,
                        paper, id, err);
}

tq_code claim_check(app *a, const call *c, const claim_checking *rq, int64_t *decision_id,
                    tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    policy_facts f;
    policy_decision d;
    int64_t decision = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER1), &tx, err));
    TQ_TRY(claim_case_open(a, tx, c, rq->claim_id, false, &k, err));
    TQ_TRY(claim_need_state(k, submitted, err));
    const int64_t asked = row_num(k->row, C_CLAIM_ASKED_FEN);
    if (rq->reduce_fen < 0 || rq->reduce_fen >= asked) {
        return tq_fail(err, TQ_INVALID, "reduce", "claim.reduce",
                       "take off less than what is asked, or refuse the claim");
    }
    if (rq->reduce_fen > 0 && !str_line_ok(rq->reason, REVIEW_TEXT_MAX)) {
        return tq_fail(err, TQ_INVALID, "reason", "claim.reason", "say why something is taken off");
    }
    event e = work_event(c, EV_CLAIM_CHECK);
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, k->id, "review1", err));
    TQ_TRY(hold_good(tx, c, k, rq->content, asked - rq->reduce_fen, &f, &d, err));
    const char *why = rq->reduce_fen == 0 ? "granted" : arena_copy(c->a, rq->reason).data;
    TQ_TRY(judged_decision(tx, c, k, &e, "checked", why, &f, &d, &rq->paper, &decision, err));
    event_change(&e, T_CLAIM, k->id);
    event_text(&e, C_CLAIM_STATE, STR("checked"));
    if (rq->reduce_fen > 0) {
        TQ_ASSERT(row_num(k->row, C_CLAIM_ADJUSTED_FEN) == 0);
        event_int(&e, C_CLAIM_ADJUSTED_FEN, rq->reduce_fen);
    }
    event_int(&e, C_CLAIM_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}

/* Shares of the amount by what each order brought in, none beyond what it holds. */
static void order_shares(const claim_case *k, int64_t amount, int64_t *shares)
{
    int64_t weights[CLAIM_ORDERS_MAX];
    money split[CLAIM_ORDERS_MAX];
    for (size_t i = 0; i < k->n_orders; i++) {
        weights[i] = k->orders[i].base_fen;
    }
    money_split((money){amount}, weights, k->n_orders, split);
    int64_t over = 0;
    for (size_t i = 0; i < k->n_orders; i++) {
        const int64_t held = k->orders[i].hold_fen;
        shares[i] = split[i].minor < held ? split[i].minor : held;
        over += split[i].minor - shares[i];
    }
    for (size_t i = 0; i < k->n_orders && over > 0; i++) {
        const int64_t room = k->orders[i].hold_fen - shares[i];
        const int64_t more = room < over ? room : over;
        shares[i] += more;
        over -= more;
    }
    TQ_ASSERT(over == 0); /* amount <= hold_left, which is at most the sum of the holds */
}

/* Money becomes payable order by order, so that each paid yuan can be traced to its service. */
static tq_code pay_from_holds(app *a, store_tx *tx, const claim_case *k, event *e, int64_t amount,
                              tq_err *err)
{
    const bool final = row_num(k->row, C_CLAIM_FINAL) != 0;
    int64_t shares[CLAIM_ORDERS_MAX];
    order_shares(k, amount, shares);
    for (size_t i = 0; i < k->n_orders; i++) {
        const claim_order_fact *o = &k->orders[i];
        const ledger_cell hold = {
            .account = ACC_HOLD, .voucher_id = k->voucher_id, .order_id = o->id};
        const ledger_cell with = {.claim_id = k->id};
        if (shares[i] > 0) {
            TQ_TRY(ledger_move(tx, e, &hold, ACC_PAYABLE, &with, shares[i], err));
        }
        if (final && o->hold_fen > shares[i]) {
            TQ_TRY(voucher_give_back(a, tx, e, k->voucher_id, k->voucher, &hold,
                                     o->hold_fen - shares[i], err));
        }
        if (final && !o->closed) {
            event_change(e, T_SERVICE_ORDER, o->id);
            event_int(e, C_SERVICE_ORDER_CLOSED, 1);
        }
    }
    return TQ_OK;
}

/* R-CLAIM-070: above the amount that the policy names, the second reviewer enters what the group has
 * decided, and cites its paper. */
static tq_code group_paper_need(const claim_case *k, const decision_paper *paper, int64_t amount,
                                tq_err *err)
{
    int64_t limit = 0;
    TQ_ASSERT(amount > 0);
    TQ_TRY(policy_approval_get(k->p, k->kind.data, STAGE_CLAIM, &limit, err));
    if (amount > limit && (paper == NULL || paper->number.len == 0 || paper->day.n <= 0)) {
        return tq_fail(
            err, TQ_FORBIDDEN, "group_decides", "paper.number",
            "above the limit of the policy the group decides; name its paper with its day");
    }
    return TQ_OK;
}

static tq_code approve_ready(store_tx *tx, const call *c, const claim_case *k,
                             const claim_approval *rq, const decision_paper *paper, int64_t *amount,
                             tq_err *err)
{
    programme_brief brief;
    int64_t n = 0;
    int64_t fen = 0;
    TQ_TRY(claim_need_state(k, checked, err));
    TQ_TRY(programme_read(tx, k->programme_id, &brief, err));
    if (c->today.n <= brief.closed_until.n) { /* I8 */
        return tq_fail(err, TQ_CONFLICT, "year_closed", "claim",
                       "the books of this day are closed");
    }
    *amount = row_num(k->row, C_CLAIM_ASKED_FEN) - row_num(k->row, C_CLAIM_ADJUSTED_FEN);
    TQ_ASSERT(*amount > 0);
    if (rq->amount_fen != *amount) {
        return tq_fail(err, TQ_CONFLICT, "amount_changed", "claim.amount",
                       "the claim is not for this amount; read it again");
    }
    TQ_TRY(group_paper_need(k, paper, *amount, err));
    if (row_num(k->row, C_CLAIM_FINAL) != 0) {
        TQ_TRY(claim_case_pending(k, &n, &fen, err));
    }
    if (n > 0) {
        return tq_fail(err, TQ_CONFLICT, "other_claim_open", "claim.final",
                       "%lld other claims on these orders are undecided", (long long)n);
    }
    return delegation_allows(tx, c, *amount, err);
}

/* Whether it is final is read before the locks, since only then the fund must be locked first. */
static tq_code approve_in(app *a, store_tx *tx, const call *c, const claim_approval *rq,
                          const decision_paper *paper, int64_t *decision_id, tq_err *err)
{
    claim_case *k = NULL;
    policy_facts f;
    policy_decision d;
    int64_t final = 0;
    int64_t amount = 0;
    TQ_TRY(store_int(tx, STMT_CLAIM_IS_FINAL, ARGS(arg_int(rq->claim_id)), 0, &final, err));
    TQ_TRY(claim_case_open(a, tx, c, rq->claim_id, final != 0, &k, err));
    if (row_num(k->row, C_CLAIM_FINAL) != final) {
        return tq_fail(err, TQ_BUSY, "claim_moved", "claim",
                       "the claim changed meanwhile; try again");
    }
    event e = work_event(c, EV_CLAIM_APPROVE);
    TQ_TRY(act_once(tx, c, &e, T_CLAIM, k->id, "review2", err));
    TQ_TRY(approve_ready(tx, c, k, rq, paper, &amount, err));
    TQ_TRY(signal_gate(tx, c, k->id, err));
    TQ_TRY(credit_path_need(a, tx, c, row_num(k->row, C_CLAIM_HOLDER_ID),
                            (day){(int32_t)row_num(k->row, C_CLAIM_FILED_DAY)}, err));
    TQ_TRY(hold_good(tx, c, k, rq->content, amount, &f, &d, err));
    TQ_TRY(pay_from_holds(a, tx, k, &e, amount, err));
    TQ_TRY(judged_decision(tx, c, k, &e, "approved", "granted", &f, &d, paper, decision_id, err));
    event_change(&e, T_CLAIM, k->id);
    event_text(&e, C_CLAIM_STATE, STR("approved"));
    event_int(&e, C_CLAIM_APPROVED_FEN, amount);
    event_int(&e, C_CLAIM_DECISION_ID, *decision_id);
    return event_append(tx, &e, NULL, err);
}

tq_code claim_approve(app *a, const call *c, const claim_approval *rq, const decision_paper *paper,
                      int64_t *decision_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t decision = 0;
    int64_t fresh = 0;
    TQ_TRY(claim_signals_again(a, c, rq->claim_id, &fresh,
                               err)); /* what is new waits for an answer */
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER2), &tx, err));
    TQ_TRY(approve_in(a, tx, c, rq, paper, &decision, err));
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}

tq_code claim_approve_list(app *a, const call *c, const claim_approval_list *rq, tq_err *err)
{
    int64_t total = 0;
    if (rq->n == 0 || rq->n > REVIEW_LIST_MAX) {
        return tq_fail(err, TQ_LIMIT, "list_size", "list", "a list has 1 to %d claims",
                       REVIEW_LIST_MAX);
    }
    if (!str_line_ok(rq->paper.number, 80) || rq->paper.day.n <= 0 ||
        rq->paper.day.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "paper", "paper.number",
                       "name the paper that decides the list, with its day");
    }
    for (size_t i = 0; i < rq->n; i++) {
        if (rq->claims[i].amount_fen <= 0 || rq->claims[i].amount_fen > MONEY_MAX) {
            return tq_fail(err, TQ_INVALID, "amount", "list", "claim %zu has no amount", i + 1);
        }
        total += rq->claims[i].amount_fen;
    }
    if (rq->count != (int64_t)rq->n || rq->total_fen != total) {
        return tq_fail(err, TQ_CONFLICT, "list_differs", "paper",
                       "the paper's count or total is not that of the list");
    }
    TX_AUTO store_tx *tx = NULL;
    int64_t fresh = 0;
    for (size_t i = 0; i < rq->n; i++) {
        if (claim_signals_again(a, c, rq->claims[i].claim_id, &fresh, err) != TQ_OK) {
            return tq_err_at(err, "claim %lld", (long long)rq->claims[i].claim_id);
        }
    }
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER2), &tx, err));
    for (size_t i = 0; i < rq->n; i++) {
        int64_t decision = 0;
        const tq_code code = approve_in(a, tx, c, &rq->claims[i], &rq->paper, &decision, err);
        if (code != TQ_OK) {
            (void)tq_err_at(err, "claim %lld", (long long)rq->claims[i].claim_id);
            return code;
        }
    }
    return store_commit(&tx, err);
}

/* A final claim closed its orders, or their firm did; what comes back to their holds must be claimable or given
 * back. */
static tq_code reopen_orders(store_tx *tx, event *e, int64_t claim_id, tq_err *err)
{
    claim_case *k = ARENA_NEW(e->a, claim_case, 1);
    k->a = e->a;
    k->id = claim_id;
    TQ_TRY(claim_case_stored(tx, k, err));
    for (size_t i = 0; i < k->n_lines; i++) {
        event_value row[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_SERVICE_ORDER, k->lines[i].order_id, e->a, row, err));
        if (row_num(row, C_SERVICE_ORDER_CLOSED) != 0) {
            event_change(e, T_SERVICE_ORDER, k->lines[i].order_id);
            event_int(e, C_SERVICE_ORDER_CLOSED, 0);
        }
    }
    return TQ_OK;
}

tq_code claim_undo_in(store_tx *tx, event *e, int64_t claim_id, const char *state, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t back = 0;
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, e->a, row, err));
    const ledger_cell payable = {.account = ACC_PAYABLE,
                                 .voucher_id = row_num(row, C_CLAIM_VOUCHER_ID),
                                 .claim_id = claim_id};
    TQ_TRY(ledger_sum(tx, e->programme_id, &payable, &back, err));
    if (back > 0) {
        TQ_TRY(ledger_move(tx, e, &payable, ACC_HOLD, &payable, back, err));
    }
    if (back > 0 || row_num(row, C_CLAIM_FINAL) != 0) {
        TQ_TRY(reopen_orders(tx, e, claim_id, err));
    }
    event_change(e, T_CLAIM, claim_id);
    event_text(e, C_CLAIM_STATE, str_of(state));
    int_change(e, row, C_CLAIM_APPROVED_FEN, row_num(row, C_CLAIM_PAID_FEN)); /* I9 */
    if (row_num(row, C_CLAIM_PUBLISH_TO_DAY) != 0) {
        event_int(e, C_CLAIM_PUBLISH_TO_DAY, 0);
    }
    return TQ_OK;
}

tq_code claim_undo(app *a, const call *c, const claim_undoing *rq, int64_t *decision_id,
                   tq_err *err)
{
    static const char *const states[] = {"approved", "registered", "published", "objected", NULL};
    TQ_TRY(token_check(rq->reason, err));
    TX_AUTO store_tx *tx = NULL;
    claim_case *k = NULL;
    int64_t decision = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER2) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx,
                      err));
    TQ_TRY(register_lock(tx, c, err));
    TQ_TRY(claim_case_open(a, tx, c, rq->claim_id, false, &k, err));
    TQ_TRY(claim_need_state(k, states, err));
    TQ_TRY(act_apart(tx, c, T_CLAIM, k->id, c->who.role == ROLE_REVIEWER2 ? "review2" : "register",
                     err));
    TQ_TRY(register_follow(tx, c, k->id, row_num(k->row, C_CLAIM_PAID_FEN), REGISTER_UNDONE, err));
    event e = work_event(c, EV_CLAIM_UNDO);
    TQ_TRY(claim_undo_in(tx, &e, k->id, "checked", err));
    TQ_TRY(plain_decision(tx, c, k, &e, "undone", rq->reason, STR(""), &rq->paper, &decision, err));
    event_change(&e, T_CLAIM, k->id);
    event_int(&e, C_CLAIM_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(claim_follow(a, tx, c, k->id, err)); /* its firm may have been succeeded meanwhile */
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}
