/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sanction.h"

#include "app/ban_repair.h"
#include "app/row_change.h"
#include "app/sanction_inner.h"
#include "app/voucher_inner.h"

#define CASE_IDS_MAX 1000
#define HANDED_CELLS_MAX 64

tq_code case_load(store_tx *tx, const call *c, int64_t case_id, event_value *row, tq_err *err)
{
    TQ_ASSERT(c->who.programme_id != 0);
    TQ_TRY(row_load(tx, T_VIOLATION_CASE, case_id, c->a, row, err));
    if (row_num(row, C_VIOLATION_CASE_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "case", "there is no such record");
    }
    return TQ_OK;
}

tq_code paper_need(const call *c, const decision_paper *paper, tq_err *err)
{
    if (paper->number.len == 0) {
        return tq_fail(err, TQ_INVALID, "paper", "paper.number",
                       "name the paper that this stands on: number and date");
    }
    if (paper->day.n == 0 || paper->day.n == DAY_NONE.n || paper->day.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "paper_day", "paper.day",
                       "the paper's day is today or earlier");
    }
    return line_need(paper->number, "paper.number", err);
}

tq_code case_decision(app *a, store_tx *tx, const call *c, event *e, int64_t case_id,
                      const char *outcome, str reason, const decision_paper *paper,
                      int64_t *decision_id, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    return decision_add(tx, c, e, T_VIOLATION_CASE, case_id, outcome, arena_copy(c->a, reason).data,
                        policy_id, STR("{}"), STR("[]"), paper, decision_id, err);
}

tq_code ids_read(store_tx *tx, store_stmt stmt, const store_arg *args, size_t n_args, int64_t *out,
                 size_t max, size_t *n, tq_err *err)
{
    size_t count = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, stmt, args, n_args, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        if (count == max) {
            return tq_fail(err, TQ_LIMIT, "ids", "case", "more than %zu records are touched", max);
        }
        out[count++] = row_int(&r);
    }
    *n = count;
    return TQ_OK;
}

tq_code case_add(store_tx *tx, const call *c, event *e, const case_open_request *rq,
                 int64_t inspection_id, case_result *out, tq_err *err)
{
    TQ_ASSERT(rq->org_id != 0);
    TQ_ASSERT(rq->cause.len > 0);
    TQ_TRY(number_next(tx, c, e, NUMBER_CASE, &out->number, err));
    TQ_TRY(event_new_row(tx, e, T_VIOLATION_CASE, &out->case_id, err));
    event_int(e, C_VIOLATION_CASE_PROGRAMME_ID, c->who.programme_id);
    event_text(e, C_VIOLATION_CASE_NUMBER, str_of(out->number.text));
    event_int(e, C_VIOLATION_CASE_ORG_ID, rq->org_id);
    event_text(e, C_VIOLATION_CASE_CAUSE, rq->cause);
    event_int(e, C_VIOLATION_CASE_INSPECTION_ID, inspection_id);
    event_text(e, C_VIOLATION_CASE_STATE, STR("opened"));
    event_int(e, C_VIOLATION_CASE_OPENED_DAY, c->today.n);
    return TQ_OK;
}

/* Against the one who answers today: what was taken over is its successor's (R-ORG-020), and a ban of the
 * old name would bind nobody. */
tq_code case_open(app *a, const call *c, const case_open_request *rq, case_result *out, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    case_result made = {0};
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(rq->cause, "cause", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_INSPECTOR) | ROLES(ROLE_GROUP), &tx,
                      err));
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err));
    if (row_num(org, C_ORGANISATION_SUCCESSOR_ID) != 0) {
        return tq_fail(err, TQ_CONFLICT, "org_gone", "case.org",
                       "it goes on as organisation %lld; open the case against that one",
                       (long long)row_num(org, C_ORGANISATION_SUCCESSOR_ID));
    }
    event e = work_event(c, EV_CASE_OPEN);
    TQ_TRY(case_add(tx, c, &e, rq, 0, &made, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = made;
    return TQ_OK;
}

/* An agent speaks of the own case only. */
static tq_code case_own(const call *c, const event_value *kase, tq_err *err)
{
    const bool agent = role_in(c->who.role, R_FIRM | ROLES(ROLE_INST_AGENT));
    return !agent || row_num(kase, C_VIOLATION_CASE_ORG_ID) == c->who.org_id
               ? TQ_OK
               : tq_fail(err, TQ_FORBIDDEN, "not_yours", "case", "the case is about another firm");
}

/* Nobody is judged unheard: without the record of the hearing no arrow leads to a decision. */
tq_code case_hear(app *a, const call *c, const case_step_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t decision_id = 0;
    TQ_TRY(paper_need(c, &rq->paper, err));
    TQ_TRY(line_may(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(case_load(tx, c, rq->case_id, row, err));
    event e = work_event(c, EV_CASE_HEAR);
    TQ_TRY(act_once(tx, c, &e, T_VIOLATION_CASE, rq->case_id, CASE_HEARING, err));
    TQ_TRY(case_decision(a, tx, c, &e, rq->case_id, "heard", rq->reason, &rq->paper, &decision_id,
                         err));
    event_change(&e, T_VIOLATION_CASE, rq->case_id);
    event_text(&e, C_VIOLATION_CASE_STATE, STR("heard"));
    event_int(&e, C_VIOLATION_CASE_HEARD_DAY, c->today.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

bool appeal_holds(const policy_sanction *rule, str case_state)
{
    TQ_ASSERT(case_state.len > 0);
    return rule->appeal_suspends && str_eq(case_state, STR("appealed"));
}

tq_code appeal_free(app *a, store_tx *tx, const call *c, const event_value *kase, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    policy_sanction rule;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_sanction_get(p, &rule, err));
    if (appeal_holds(&rule, row_str(kase, C_VIOLATION_CASE_STATE))) { /* R-SANC-070 */
        return tq_fail(err, TQ_CONFLICT, "appeal_suspends", "case",
                       "the scheme holds the decision up until the group has ruled on the appeal");
    }
    return TQ_OK;
}

/* R-SANC-080: enforced means recovered or written off; a closed case would hide a debt from set-off. */
static tq_code owed_nothing(store_tx *tx, int64_t case_id, tq_err *err)
{
    int64_t owed = 0;
    TQ_TRY(store_int(tx, STMT_SANCTION_CASE_OWED, ARGS(arg_int(case_id)), 0, &owed, err));
    TQ_ASSERT(owed >= 0);
    if (owed > 0) {
        return tq_fail(err, TQ_CONFLICT, "still_owed", "case",
                       "%lld recoveries of it are not settled", (long long)owed);
    }
    return TQ_OK;
}

/* R-SANC-140: a decision is carried out once nobody may appeal any more, and nobody appeals after that. */
static tq_code appeal_term_need(const call *c, const event_value *kase, event_kind kind,
                                tq_err *err)
{
    const int64_t last = row_num(kase, C_VIOLATION_CASE_APPEAL_BY_DAY);
    if (last == 0 || !row_is(kase, C_VIOLATION_CASE_STATE, "decided")) {
        return TQ_OK;
    }
    if (kind == EV_CASE_ENFORCE && c->today.n <= last) {
        return tq_fail(err, TQ_CONFLICT, "appeal_open", "case",
                       "the decision may be appealed against for some days yet");
    }
    if (kind == EV_CASE_APPEAL && c->today.n > last) {
        return tq_fail(err, TQ_CONFLICT, "appeal_late", "case", "the days of an appeal are over");
    }
    return TQ_OK;
}

/* The steps that only move the case; a paper or a reason makes a decision of it. */
static tq_code case_step(app *a, const call *c, const case_step_request *rq, role_set roles,
                         event_kind kind, const char *state, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(line_may(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, roles, &tx, err));
    TQ_TRY(case_load(tx, c, rq->case_id, row, err));
    TQ_TRY(case_own(c, row, err));
    TQ_TRY(appeal_term_need(c, row, kind, err));
    if (kind == EV_CASE_ENFORCE) {
        TQ_TRY(appeal_free(a, tx, c, row, err));
    }
    if (kind == EV_CASE_ENFORCE || kind == EV_CASE_CLOSE) {
        TQ_TRY(owed_nothing(tx, rq->case_id, err));
    }
    event e = work_event(c, kind);
    if (rq->paper.number.len > 0 || rq->reason.len > 0) {
        int64_t decision_id = 0;
        TQ_TRY(case_decision(a, tx, c, &e, rq->case_id, state, rq->reason, &rq->paper, &decision_id,
                             err));
    }
    event_change(&e, T_VIOLATION_CASE, rq->case_id);
    event_text(&e, C_VIOLATION_CASE_STATE, str_of(state));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-SANC-120 */
tq_code case_state(app *a, const call *c, int64_t case_id, str content, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t id = 0;
    TX_AUTO store_tx *tx = NULL;
    if (str_trim(content).len == 0 || content.len > CASE_STATEMENT_MAX || !str_utf8(content)) {
        return tq_fail(err, TQ_INVALID, "statement", "case.statement", "write 1 to %d bytes",
                       CASE_STATEMENT_MAX);
    }
    TQ_TRY(work_begin(a, c, R_FIRM | ROLES(ROLE_INST_AGENT), &tx, err));
    TQ_TRY(case_load(tx, c, case_id, row, err));
    TQ_TRY(case_own(c, row, err));
    if (!row_is(row, C_VIOLATION_CASE_STATE, "opened") &&
        !row_is(row, C_VIOLATION_CASE_STATE, "heard")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "case", "the case is decided: appeal");
    }
    event e = work_event(c, EV_CASE_STATE);
    /* The words are private; that somebody was heard is not. */
    TQ_TRY(act_once(tx, c, &e, T_VIOLATION_CASE, case_id, CASE_STATING, err));
    TQ_TRY(event_new_row(tx, &e, T_CASE_STATEMENT, &id, err));
    event_int(&e, C_CASE_STATEMENT_CASE_ID, case_id);
    event_int(&e, C_CASE_STATEMENT_PERSON_ID, c->who.person_id);
    event_int(&e, C_CASE_STATEMENT_DAY, c->today.n);
    event_text(&e, C_CASE_STATEMENT_CONTENT, content);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code case_accept(app *a, const call *c, int64_t case_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R_FIRM | ROLES(ROLE_INST_AGENT), &tx, err));
    TQ_TRY(case_load(tx, c, case_id, row, err));
    TQ_TRY(case_own(c, row, err));
    if (!row_is(row, C_VIOLATION_CASE_STATE, "decided") ||
        row_num(row, C_VIOLATION_CASE_APPEAL_BY_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "appeal_late", "case", "no appeal is open");
    }
    event e = work_event(c, EV_CASE_ACCEPT);
    event_change(&e, T_VIOLATION_CASE, case_id);
    event_int(&e, C_VIOLATION_CASE_APPEAL_BY_DAY, c->today.n - 1);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code case_appeal(app *a, const call *c, const case_step_request *rq, tq_err *err)
{
    return case_step(a, c, rq, ROLES(ROLE_OFFICE) | R_FIRM | ROLES(ROLE_INST_AGENT), EV_CASE_APPEAL,
                     "appealed", err);
}

tq_code case_enforce(app *a, const call *c, const case_step_request *rq, tq_err *err)
{
    return case_step(a, c, rq,
                     ROLES(ROLE_OFFICE) | ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER),
                     EV_CASE_ENFORCE, "enforced", err);
}

tq_code case_close(app *a, const call *c, const case_step_request *rq, tq_err *err)
{
    return case_step(a, c, rq, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), EV_CASE_CLOSE, "closed",
                     err);
}

/* Money that was handed back comes from the fund again, into the cells it had come from. */
static tq_code handed_return(store_tx *tx, event *e, int64_t voucher_id, int64_t claim_id,
                             int64_t amount, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_RECOVERY_HANDED_CELLS, ARGS(arg_int(voucher_id), arg_int(claim_id)),
                       &r, err));
    for (bool more = true; amount > 0;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return tq_fail(err, TQ_CORRUPT, "handed_back", "recovery",
                           "less was handed back than the recovery says");
        }
        ledger_cell to = {.account = ACC_PAYABLE, .voucher_id = voucher_id, .claim_id = claim_id};
        to.source_id = row_int(&r);
        to.year = row_int(&r);
        to.kind_id = row_int(&r);
        to.order_id = row_int(&r);
        (void)row_int(&r);
        const int64_t held = row_int(&r);
        const int64_t part = held < amount ? held : amount;
        const ledger_cell fund = ledger_to(&to, ACC_FUND, NULL);
        event_move(e, &fund, &to, part);
        amount -= part;
    }
    return TQ_OK;
}

/* Gives back what a decision had taken: what is open or was written off is paid again as it was, the rest is
 * payable. */
static tq_code recovery_annul(store_tx *tx, const call *c, event *e, int64_t recovery_id,
                              tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value claim[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_RECOVERY, recovery_id, c->a, row, err));
    const int64_t claim_id = row_num(row, C_RECOVERY_CLAIM_ID);
    const int64_t voucher_id = row_num(row, C_RECOVERY_VOUCHER_ID);
    const int64_t handed = row_num(row, C_RECOVERY_HANDED_FEN);
    const int64_t in =
        row_num(row, C_RECOVERY_COLLECTED_FEN) + row_num(row, C_RECOVERY_SET_OFF_FEN);
    const int64_t open = recovery_left(row);
    TQ_ASSERT(handed <= in);
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, claim, err));
    const ledger_cell owed = {.account = ACC_OWED, .voucher_id = voucher_id, .claim_id = claim_id};
    const ledger_cell held = {
        .account = ACC_RECOVERED, .voucher_id = voucher_id, .claim_id = claim_id};
    const ledger_cell forgiven = {
        .account = ACC_WRITTEN_OFF, .voucher_id = voucher_id, .claim_id = claim_id};
    const int64_t off = row_num(row, C_RECOVERY_WRITTEN_OFF_FEN);
    event_entry(e);
    if (open > 0) {
        TQ_TRY(ledger_move(tx, e, &owed, ACC_PAID, NULL, open, err));
    }
    /* it never came in: the firm has that money, and now it is known to be right (R-SANC-060) */
    if (off > 0) {
        TQ_TRY(ledger_move(tx, e, &forgiven, ACC_PAID, NULL, off, err));
    }
    if (in > handed) {
        TQ_TRY(ledger_move(tx, e, &held, ACC_PAYABLE, NULL, in - handed, err));
    }
    TQ_TRY(handed_return(tx, e, voucher_id, claim_id, handed, err));
    event_change(e, T_RECOVERY, recovery_id);
    event_text(e, C_RECOVERY_STATE, STR("annulled"));
    if (in > 0) { /* paid again in the next run (R-SANC-060) */
        event_change(e, T_CLAIM, claim_id);
        event_int(e, C_CLAIM_PAID_FEN, row_num(claim, C_CLAIM_PAID_FEN) - in);
        if (row_is(claim, C_CLAIM_STATE, "paid")) {
            event_text(e, C_CLAIM_STATE, STR("published"));
        }
    }
    return TQ_OK;
}

tq_code case_dismiss(app *a, const call *c, const case_step_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t ids[CASE_IDS_MAX];
    size_t n = 0;
    int64_t decision_id = 0;
    TQ_TRY(paper_need(c, &rq->paper, err));
    TQ_TRY(line_need(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP) | ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(case_load(tx, c, rq->case_id, row, err));
    event e = work_event(c, EV_CASE_DISMISS);
    TQ_TRY(case_decision(a, tx, c, &e, rq->case_id, "dismissed", rq->reason, &rq->paper,
                         &decision_id, err));
    event_change(&e, T_VIOLATION_CASE, rq->case_id);
    event_text(&e, C_VIOLATION_CASE_STATE, STR("dismissed"));
    event_int(&e, C_VIOLATION_CASE_DECISION_ID, decision_id);
    TQ_TRY(ids_read(tx, STMT_SANCTION_CASE_BANS, ARGS(arg_int(rq->case_id)), ids, CASE_IDS_MAX, &n,
                    err));
    for (size_t i = 0; i < n; i++) {
        event_change(&e, T_BAN, ids[i]);
        event_text(&e, C_BAN_STATE, STR("lifted"));
        TQ_TRY(ban_repair_lapse(tx, &e, ids[i], err));
    }
    TQ_TRY(ids_read(tx, STMT_SANCTION_CASE_RECOVERIES, ARGS(arg_int(rq->case_id)), ids,
                    CASE_IDS_MAX, &n, err));
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(recovery_annul(tx, c, &e, ids[i], err));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code ban_end_due(app *a, const call *c, int64_t *n, tq_err *err)
{
    int64_t ids[CASE_IDS_MAX];
    size_t count = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(ids_read(tx, STMT_SANCTION_BANS_DUE,
                    ARGS(arg_int(c->today.n), arg_int(c->who.programme_id)), ids, CASE_IDS_MAX,
                    &count, err));
    if (count > 0) {
        event e = work_event(c, EV_BAN_END);
        for (size_t i = 0; i < count; i++) {
            event_change(&e, T_BAN, ids[i]);
            event_text(&e, C_BAN_STATE, STR("ended"));
            TQ_TRY(ban_repair_lapse(tx, &e, ids[i], err));
        }
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    TQ_TRY(store_commit(&tx, err));
    *n = (int64_t)count;
    return TQ_OK;
}
