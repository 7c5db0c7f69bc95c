/* SPDX-License-Identifier: Apache-2.0 */
#include "app/application.h"

#include "app/person.h"
#include "app/row_change.h"
#include "app/voucher.h"
#include "app/voucher_inner.h"

/* Reads the application under lock and asks the policy in force: a rule that came into force after the
 * filing is asked too, since nothing has been promised yet. */
static tq_code ask_policy(app *a, store_tx *tx, const call *c, int64_t id, int64_t decided,
                          int64_t *policy_id, int64_t *kind_id, policy_facts *f, policy_decision *d,
                          tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const policy *p = NULL;
    bool award = false;
    bool top_up = false;
    TQ_TRY(row_load(tx, T_APPLICATION, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_APPLICATION_PROGRAMME_ID), "application", err));
    if (!row_is(row, C_APPLICATION_STATE, "submitted")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "application",
                       "it is %.*s and cannot be decided",
                       STR_ARG(row_str(row, C_APPLICATION_STATE)));
    }
    apply_case k = {
        .application_id = id,
        .holder_id = row_num(row, C_APPLICATION_HOLDER_ID),
        .kind_id = row_num(row, C_APPLICATION_KIND_ID),
        .voucher_id = row_num(row, C_APPLICATION_VOUCHER_ID),
        .asked = row_num(row, C_APPLICATION_ASKED_FEN),
        .decided = decided,
    };
    TQ_TRY(app_policy(a, tx, c->who.programme_id, policy_id, &p, err));
    TQ_TRY(voucher_kind_code(tx, k.kind_id, c->a, &k.kind, err));
    TQ_TRY(policy_kind_form(p, k.kind.data, &award, &top_up, err));
    if (award != (decided > 0)) {
        return tq_fail(err, TQ_FORBIDDEN, "award_kind", "application.kind",
                       award ? "the amount of this kind is decided by the group, on paper"
                             : "this kind is no award: nobody enters its amount");
    }
    TQ_TRY(apply_facts(tx, c, p, &k, f, err));
    *kind_id = k.kind_id;
    policy_evaluate(p, STAGE_APPLY, f, d);
    /* I18: the ban holds whether or not the scheme's file speaks of it. */
    if (d->granted && f->holder_banned != 0) {
        d->granted = false;
        d->reason = "holder_banned";
        d->amount = 0;
    }
    return TQ_OK;
}

/* R-APPLY-010: above the amount that the policy names, an entitlement too is for the group. What the
 * group entered by list (award kinds) is its decision already. */
static tq_code group_need(app *a, store_tx *tx, const call *c, int64_t policy_id, int64_t kind_id,
                          int64_t amount, tq_err *err)
{
    const policy *p = NULL;
    str kind;
    int64_t limit = 0;
    TQ_ASSERT(amount >= 0);
    TQ_TRY(app_policy_by_id(a, tx, policy_id, &p, err));
    TQ_TRY(voucher_kind_code(tx, kind_id, c->a, &kind, err));
    TQ_TRY(policy_approval_get(p, kind.data, STAGE_APPLY, &limit, err));
    if (amount > limit && c->who.role != ROLE_GROUP) {
        return tq_fail(err, TQ_FORBIDDEN, "group_decides", "application",
                       "an amount above the limit of the policy is decided by the group");
    }
    return TQ_OK;
}

static tq_code decide_one(app *a, store_tx *tx, const call *c, int64_t id, int64_t decided,
                          const decision_paper *paper, application_result *out, tq_err *err)
{
    policy_facts f;
    application_result r = {0};
    int64_t policy_id = 0;
    int64_t kind_id = 0;
    str facts;
    str steps;
    TQ_TRY(ask_policy(a, tx, c, id, decided, &policy_id, &kind_id, &f, &r.detail, err));
    r.granted = r.detail.granted;
    r.reason = r.detail.reason;
    r.amount_fen = r.granted ? r.detail.amount : 0;
    TQ_ASSERT(!r.granted || r.amount_fen > 0);
    if (decided == 0) {
        TQ_TRY(group_need(a, tx, c, policy_id, kind_id, r.amount_fen, err));
    }
    TQ_TRY(delegation_allows(tx, c, r.amount_fen, err));
    event e = work_event(c, r.granted ? EV_APPLICATION_APPROVE : EV_APPLICATION_REFUSE);
    TQ_TRY(act_once(tx, c, &e, T_APPLICATION, id, "approve", err));
    decision_texts(c, &f, STAGE_APPLY, &r.detail, &facts, &steps);
    TQ_TRY(decision_add(tx, c, &e, T_APPLICATION, id, r.granted ? "granted" : "refused", r.reason,
                        policy_id, facts, steps, paper, &r.decision_id, err));
    event_change(&e, T_APPLICATION, id);
    event_text(&e, C_APPLICATION_STATE, r.granted ? STR("approved") : STR("refused"));
    event_int(&e, C_APPLICATION_DECISION_ID, r.decision_id);
    if (r.granted) {
        event_int(&e, C_APPLICATION_GRANTED_FEN, r.amount_fen);
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    *out = r;
    return TQ_OK;
}

tq_code application_approve(app *a, const call *c, int64_t id, const decision_paper *paper,
                            application_result *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    application_result r;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER1) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx,
                      err));
    TQ_TRY(decide_one(a, tx, c, id, 0, paper, &r, err));
    if (!r.granted) {
        decision_refuses(c, r.decision_id);
    }
    TQ_TRY(store_commit(&tx, err));
    *out = r;
    return TQ_OK;
}

tq_code application_refuse(app *a, const call *c, int64_t id, str reason,
                           const decision_paper *paper, int64_t *decision_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    TQ_TRY(line_need(reason, "application.reason", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_REVIEWER1) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx,
                      err));
    TQ_TRY(row_load(tx, T_APPLICATION, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_APPLICATION_PROGRAMME_ID), "application", err));
    event e = work_event(c, EV_APPLICATION_REFUSE);
    TQ_TRY(act_once(tx, c, &e, T_APPLICATION, id, "approve", err));
    TQ_TRY(decision_add(tx, c, &e, T_APPLICATION, id, "refused", arena_copy(c->a, reason).data, 0,
                        STR(""), STR(""), paper, &decision, err));
    event_change(&e, T_APPLICATION, id);
    event_text(&e, C_APPLICATION_STATE, STR("refused"));
    event_int(&e, C_APPLICATION_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}

/* The list of the program is the list of the paper: no case twice, number and sum as typed from
 * it. */
static tq_code award_need(const application_award_request *rq, tq_err *err)
{
    if (rq->n == 0 || rq->n > APPLICATION_AWARD_MAX) {
        return tq_fail(err, TQ_LIMIT, "award_list", "award.cases", "a paper covers 1 to %d cases",
                       APPLICATION_AWARD_MAX);
    }
    digest scan;
    if (rq->paper.number.len == 0 || rq->paper.day.n == 0 ||
        !digest_from_hex(rq->paper.blob, &scan)) {
        return tq_fail(err, TQ_INVALID, "no_paper", "award.paper",
                       "give number, day and scan of the group's decision");
    }
    money total = {0};
    for (size_t i = 0; i < rq->n; i++) {
        if (rq->cases[i].decided_fen <= 0) {
            return tq_fail(err, TQ_INVALID, "amount_range", "award.cases",
                           "case %zu: the decided amount must be above zero", i + 1);
        }
        TQ_TRY(money_add(total, (money){rq->cases[i].decided_fen}, &total, err));
        for (size_t j = 0; j < i; j++) {
            if (rq->cases[j].application_id == rq->cases[i].application_id) {
                return tq_fail(err, TQ_INVALID, "list_differs", "award.cases",
                               "cases %zu and %zu are the same application", j + 1, i + 1);
            }
        }
    }
    if (rq->count != (int64_t)rq->n || rq->total_fen != total.minor) {
        return tq_fail(err, TQ_INVALID, "list_differs", "award.cases",
                       "the paper has %lld cases and another list or sum was entered",
                       (long long)rq->count);
    }
    return TQ_OK;
}

/* One transaction for the whole paper: a list that is half entered would be another list. */
tq_code application_award(app *a, const call *c, const application_award_request *rq,
                          application_result *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(award_need(rq, err));
    TQ_TRY(line_need(rq->paper.number, "award.paper", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    application_result *results = ARENA_NEW(c->a, application_result, rq->n);
    for (size_t i = 0; i < rq->n; i++) {
        TQ_TRY(decide_one(a, tx, c, rq->cases[i].application_id, rq->cases[i].decided_fen,
                          &rq->paper, &results[i], err));
    }
    TQ_TRY(store_commit(&tx, err));
    TQ_ASSERT(rq->n <= APPLICATION_AWARD_MAX);
    memcpy(out, results, sizeof *results * rq->n);
    return TQ_OK;
}
