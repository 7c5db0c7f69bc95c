/* SPDX-License-Identifier: Apache-2.0 */
#include "app/inspection.h"

#include "app/inspection_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R(r) ROLES(ROLE_##r)
#define MONTHS_MAX 600
#define POINTS_MAX 1000

static tq_code entry_load(store_tx *tx, const call *c, int64_t id, event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_CREDIT_ENTRY, id, c->a, row, err));
    return own_programme(c, row_num(row, C_CREDIT_ENTRY_PROGRAMME_ID), "credit_entry", err);
}

tq_code credit_propose(app *a, const call *c, const credit_rq *rq, int64_t *id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value org[AUDITED_COLS_MAX];
    int64_t made = 0;
    TQ_TRY(line_need(rq->cause, "credit.cause", err));
    if (rq->points < 1 || rq->points > POINTS_MAX || rq->months < 1 || rq->months > MONTHS_MAX) {
        return tq_fail(err, TQ_INVALID, "amount_range", "credit.points",
                       "1 to %d points for 1 to %d months", POINTS_MAX, MONTHS_MAX);
    }
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err));
    event e = work_event(c, EV_CREDIT_PROPOSE);
    TQ_TRY(event_new_row(tx, &e, T_CREDIT_ENTRY, &made, err));
    event_int(&e, C_CREDIT_ENTRY_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_CREDIT_ENTRY_ORG_ID, rq->org_id);
    event_text(&e, C_CREDIT_ENTRY_CAUSE, rq->cause);
    event_int(&e, C_CREDIT_ENTRY_POINTS, rq->points);
    event_int(&e, C_CREDIT_ENTRY_DAY, c->today.n);
    event_int(&e, C_CREDIT_ENTRY_EXPIRES_DAY, day_add_months(c->today, (int)rq->months).n);
    event_int(&e, C_CREDIT_ENTRY_MAKER_ID, c->who.person_id);
    event_text(&e, C_CREDIT_ENTRY_STATE, STR("proposed"));
    TQ_TRY(act_once(tx, c, &e, T_CREDIT_ENTRY, made, "propose", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id = made;
    return TQ_OK;
}

/* A step of the group on an entry: "give" takes the points off, "answer" hears what came after. */
typedef struct step {
    const char *from, *to, *stage;
} step;

/* R-CREDIT-030: who found the fault (visited, closed) or gave the points does not hear the appeal or see the
 * fault mended. Publishing the result takes no side. */
static tq_code hearer_need(store_tx *tx, const call *c, const event_value *row, tq_err *err)
{
    const int64_t inspection = row_num(row, C_CREDIT_ENTRY_INSPECTION_ID);
    return inspection == 0
               ? TQ_OK
               : act_apart(tx, c, T_INSPECTION, inspection, INSPECTION_STAGE_PUBLISH, err);
}

static tq_code decided(app *a, const call *c, int64_t id, const step *s, str reason,
                       const decision_paper *paper, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    const policy *p = NULL;
    int64_t policy_id = 0;
    int64_t decision = 0;
    TQ_TRY(line_need(reason, "credit.reason", err));
    TQ_TRY(work_begin(a, c, R(GROUP), &tx, err));
    TQ_TRY(entry_load(tx, c, id, row, err));
    if (!row_is(row, C_CREDIT_ENTRY_STATE, s->from)) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "credit_entry", "it is %.*s, not %s",
                       STR_ARG(row_str(row, C_CREDIT_ENTRY_STATE)), s->from);
    }
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    event e = work_event(c, EV_CREDIT_DECIDE);
    TQ_TRY(hearer_need(tx, c, row, err));
    TQ_TRY(act_once(tx, c, &e, T_CREDIT_ENTRY, id, s->stage, err));
    TQ_TRY(decision_add(tx, c, &e, T_CREDIT_ENTRY, id, s->to, arena_copy(c->a, reason).data,
                        policy_id, STR(""), STR(""), paper, &decision, err));
    event_change(&e, T_CREDIT_ENTRY, id);
    event_text(&e, C_CREDIT_ENTRY_STATE, str_of(s->to));
    int_change(&e, row, C_CREDIT_ENTRY_CHECKER_ID, c->who.person_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code credit_decide(app *a, const call *c, int64_t id, bool given, str reason, tq_err *err)
{
    const step s = {"proposed", given ? "active" : "refused", "give"};
    return decided(a, c, id, &s, reason, NULL, err);
}

tq_code credit_answer(app *a, const call *c, int64_t id, bool upheld, str reason, tq_err *err)
{
    const step s = {"contested", upheld ? "annulled" : "active", "answer"};
    return decided(a, c, id, &s, reason, NULL, err);
}

tq_code credit_repair(app *a, const call *c, int64_t id, const decision_paper *paper, str reason,
                      tq_err *err)
{
    const step s = {"active", "repaired", "answer"};
    TQ_TRY(paper_need(c, paper, err));
    return decided(a, c, id, &s, reason, paper, err);
}

tq_code credit_contest(app *a, const call *c, int64_t id, str reason, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(line_need(reason, "credit.reason", err));
    TQ_TRY(work_begin(a, c, R(FIRM_AGENT) | R(FIRM_FINANCE), &tx, err));
    TQ_TRY(entry_load(tx, c, id, row, err));
    TQ_TRY(own_org(c, row_num(row, C_CREDIT_ENTRY_ORG_ID), err));
    event e = work_event(c, EV_CREDIT_CONTEST);
    event_change(&e, T_CREDIT_ENTRY, id);
    event_text(&e, C_CREDIT_ENTRY_STATE, STR("contested"));
    event_text(&e, C_CREDIT_ENTRY_NOTE, reason);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

#define ENTRIES_MAX 1000

tq_code credit_sheet_of(app *a, store_tx *tx, int64_t programme_id, int64_t org_id, day on,
                        arena *mem, bool *given, credit_sheet *out, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    credit_terms terms = {0};
    size_t n = 0;
    TQ_TRY(app_policy(a, tx, programme_id, &policy_id, &p, err));
    TQ_TRY(policy_credit_get(p, on, given, &terms, err));
    if (!*given) {
        return TQ_OK;
    }
    credit_points *entries = ARENA_NEW(mem, credit_points, ENTRIES_MAX);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CREDIT_ENTRIES, ARGS(arg_int(programme_id), arg_int(org_id)), &r,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        if (n == ENTRIES_MAX) {
            return tq_fail(err, TQ_LIMIT, "credit_entries", "credit",
                           "a firm has more than %d entries", ENTRIES_MAX);
        }
        credit_points *e = &entries[n++];
        e->points = row_int(&r);
        e->from.n = (int32_t)row_int(&r);
        e->to.n = (int32_t)row_int(&r);
        const str state = row_text(&r);
        e->counts = str_eq(state, STR("active")) || str_eq(state, STR("contested"));
    }
    *out = credit_of(&terms, entries, n, on);
    return TQ_OK;
}

tq_code credit_finding(store_tx *tx, int64_t programme_id, int64_t org_id, day on,
                       finding_class *out, tq_err *err)
{
    *out = FINDING_NONE;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CREDIT_FINDINGS,
                       ARGS(arg_int(programme_id), arg_int(org_id), arg_int(on.n)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const finding_class found = finding_named(row_text(&r));
        *out = found > *out ? found : *out;
    }
}

/* R-CREDIT-020 */
tq_code credit_path_need(app *a, store_tx *tx, const call *c, int64_t org_id, day filed,
                         tq_err *err)
{
    bool given = false;
    credit_sheet sheet;
    int64_t clean = 0;
    TQ_TRY(credit_sheet_of(a, tx, c->who.programme_id, org_id, c->today, c->a, &given, &sheet,
                           err));
    if (!given || sheet.level != CREDIT_VISIT) {
        return TQ_OK;
    }
    TQ_TRY(store_int(tx, STMT_INSPECTION_CLEAN_SINCE,
                     ARGS(arg_int(c->who.programme_id), arg_int(org_id), arg_int(filed.n)), 0,
                     &clean, err));
    return clean > 0
               ? TQ_OK
               : tq_fail(
                     err, TQ_CONFLICT, "visit_first", "claim",
                     "the firm's credit is so low that it is inspected before a claim is approved");
}
