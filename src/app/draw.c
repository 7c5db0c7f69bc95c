/* SPDX-License-Identifier: Apache-2.0 */
#include "app/draw.h"

#include "app/draw_inner.h"
#include "app/row_change.h"
#include "app/sanction_inner.h"

#define PLAN_TEXT_MAX 4096

tq_code draw_load(store_tx *tx, const call *c, int64_t draw_id, event_value *row, tq_err *err)
{
    TQ_ASSERT(c->who.programme_id != 0);
    TQ_TRY(row_load(tx, T_DRAW, draw_id, c->a, row, err));
    if (row_num(row, C_DRAW_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "draw", "there is no such record");
    }
    return TQ_OK;
}

tq_code draw_need(const event_value *row, const char *state, tq_err *err)
{
    if (!row_is(row, C_DRAW_STATE, state)) {
        return tq_fail(err, TQ_CONFLICT, "draw_state", "draw", "the draw is %.*s, not %s",
                       STR_ARG(row_str(row, C_DRAW_STATE)), state);
    }
    return TQ_OK;
}

/* What the policy leaves to the plan, and what it does not (P-30: at least its share). */
static tq_code plan_of(const policy *p, const draw_plan_request *rq, lots_plan *out, tq_err *err)
{
    policy_sample rule;
    TQ_TRY(policy_sample_get(p, &rule, err));
    *out = (lots_plan){.number = STR("-"), /* given last, when everything else stands */
                       .unit = rq->unit,
                       .counted = rule.all_holders ? STR("holders") : STR("paid_holders"),
                       .strata = rq->strata.len > 0    ? rq->strata
                                 : rule.strata.len > 0 ? rule.strata
                                                       : STR("none"),
                       .from = rq->from,
                       .to = rq->to,
                       .rate_bp = rq->rate_bp != 0 ? rq->rate_bp : rule.share_bp,
                       .visitors = rq->visitors,
                       .public_source = rq->public_source,
                       .public_day = rq->public_day};
    if (out->rate_bp < rule.share_bp) {
        return tq_fail(err, TQ_REFUSED, "draw_rate", "rate",
                       "the policy demands %lld basis points at least", (long long)rule.share_bp);
    }
    if (rule.strata.len > 0 && !str_eq(out->strata, rule.strata)) {
        return tq_fail(err, TQ_REFUSED, "draw_strata", "strata",
                       "the policy says that it is drawn by %.*s", STR_ARG(rule.strata));
    }
    return TQ_OK;
}

static void plan_put(event *e, const call *c, const lots_plan *p, int64_t policy_id)
{
    event_int(e, C_DRAW_PROGRAMME_ID, c->who.programme_id);
    event_text(e, C_DRAW_NUMBER, p->number);
    event_int(e, C_DRAW_POLICY_ID, policy_id);
    event_text(e, C_DRAW_UNIT, p->unit);
    event_text(e, C_DRAW_COUNTED, p->counted);
    event_text(e, C_DRAW_STRATA, p->strata);
    event_int(e, C_DRAW_FROM_DAY, p->from.n);
    event_int(e, C_DRAW_TO_DAY, p->to.n);
    event_int(e, C_DRAW_RATE_BP, p->rate_bp);
    event_int(e, C_DRAW_VISITORS, p->visitors);
    event_text(e, C_DRAW_PUBLIC_SOURCE, p->public_source);
    if (p->public_day.n != DAY_NONE.n) {
        event_int(e, C_DRAW_PUBLIC_DAY, p->public_day.n);
    }
    event_text(e, C_DRAW_STATE, STR("planned"));
    event_int(e, C_DRAW_MAKER_ID, c->who.person_id);
    event_int(e, C_DRAW_PLANNED_DAY, c->today.n);
}

/* The plan's text is stored as it will be hashed: what the group approves is what binds the seed. */
tq_code draw_plan(app *a, const call *c, const draw_plan_request *rq, draw_made *out, tq_err *err)
{
    event_value of[AUDITED_COLS_MAX];
    const policy *p = NULL;
    int64_t policy_id = 0;
    draw_made made = {0};
    lots_plan plan;
    TQ_TRY(programme_need(c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(row_load(tx, T_POLICY, policy_id, c->a, of, err));
    TQ_TRY(plan_of(p, rq, &plan, err));
    plan.policy = row_str(of, C_POLICY_SHA256);
    TQ_TRY(lots_plan_check(&plan, err));
    event e = work_event(c, EV_DRAW_PLAN);
    TQ_TRY(number_next(tx, c, &e, NUMBER_DRAW, &made.number, err));
    plan.number = str_of(made.number.text);
    BUF_AUTO buf text = buf_max(PLAN_TEXT_MAX);
    lots_plan_write(&plan, &text);
    TQ_ASSERT(buf_ok(&text));
    TQ_TRY(event_new_row(tx, &e, T_DRAW, &made.draw_id, err));
    plan_put(&e, c, &plan, policy_id);
    event_text(&e, C_DRAW_PLAN, buf_view(&text));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = made;
    return TQ_OK;
}

/* R-DRAW-030: the group approves the plan while there is nothing else to approve. */
tq_code draw_approve(app *a, const call *c, const draw_step_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t decision_id = 0;
    TQ_TRY(paper_need(c, &rq->paper, err));
    TQ_TRY(line_may(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(draw_load(tx, c, rq->draw_id, row, err));
    TQ_TRY(draw_need(row, "planned", err));
    if (row_num(row, C_DRAW_MAKER_ID) == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "draw",
                       "another person approves what one has planned");
    }
    event e = work_event(c, EV_DRAW_APPROVE);
    TQ_TRY(decision_add(tx, c, &e, T_DRAW, rq->draw_id, "approved",
                        arena_copy(c->a, rq->reason).data, row_num(row, C_DRAW_POLICY_ID),
                        STR("{}"), STR("[]"), &rq->paper, &decision_id, err));
    event_change(&e, T_DRAW, rq->draw_id);
    event_text(&e, C_DRAW_STATE, STR("approved"));
    event_int(&e, C_DRAW_DECISION_ID, decision_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-DRAW-050: named by the group, one by one, and never counted among the drawn. */
tq_code draw_risk_add(app *a, const call *c, const draw_risk_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value org[AUDITED_COLS_MAX];
    int64_t before = 0;
    int64_t id = 0;
    TQ_TRY(line_need(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(draw_load(tx, c, rq->draw_id, row, err));
    if (row_is(row, C_DRAW_STATE, "planned") || row_is(row, C_DRAW_STATE, "cancelled")) {
        return tq_fail(err, TQ_CONFLICT, "draw_state", "draw",
                       "the plan of the draw is not approved");
    }
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err));
    const str code = row_str(org, C_ORGANISATION_CREDIT_CODE);
    const str key = code.len > 0 ? code : arena_printf(c->a, "ORG-%lld", (long long)rq->org_id);
    TQ_TRY(store_int(tx, STMT_DRAW_RISK_OF, ARGS(arg_int(rq->draw_id), arg_str(key)), 0, &before,
                     err));
    if (before > 0) {
        return tq_fail(err, TQ_CONFLICT, "named_before", "org_id",
                       "the firm is on the list already");
    }
    event e = work_event(c, EV_DRAW_RISK_ADD);
    TQ_TRY(event_new_row(tx, &e, T_DRAW_PICK, &id, err));
    event_int(&e, C_DRAW_PICK_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_DRAW_PICK_DRAW_ID, rq->draw_id);
    event_int(&e, C_DRAW_PICK_ORG_ID, rq->org_id);
    event_text(&e, C_DRAW_PICK_UNIT_KEY, key);
    event_text(&e, C_DRAW_PICK_HOW, STR("risk"));
    event_text(&e, C_DRAW_PICK_REASON, rq->reason);
    event_text(&e, C_DRAW_PICK_STATE, STR("open"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
