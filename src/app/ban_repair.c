/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ban_repair.h"

#include "app/row_change.h"
#include "app/sanction_inner.h"
#include "app/voucher_inner.h"

static tq_code ban_load(store_tx *tx, const call *c, int64_t ban_id, event_value *row, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TQ_TRY(row_load(tx, T_BAN, ban_id, c->a, row, err));
    return own_programme(c, row_num(row, C_BAN_PROGRAMME_ID), "ban", err);
}

/* Also where the clock has not come to it yet. */
static tq_code ban_runs(const call *c, const event_value *ban, tq_err *err)
{
    if (!row_is(ban, C_BAN_STATE, "active") || row_num(ban, C_BAN_TO_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "ban_over", "ban", "it is %.*s, until day %lld",
                       STR_ARG(row_str(ban, C_BAN_STATE)), (long long)row_num(ban, C_BAN_TO_DAY));
    }
    return TQ_OK;
}

static tq_code term_over(app *a, store_tx *tx, const call *c, const event_value *ban, tq_err *err)
{
    int64_t policy_id = 0;
    const policy *p = NULL;
    policy_sanction rule;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_sanction_get(p, &rule, err));
    if (rule.repair_months == 0) {
        return tq_fail(err, TQ_CONFLICT, "repair_none", "ban",
                       "the policy knows no end of a ban before its term");
    }
    const day from = {(int32_t)row_num(ban, C_BAN_FROM_DAY)};
    if (c->today.n < day_add_months(from, (int)rule.repair_months).n) {
        return tq_fail(err, TQ_CONFLICT, "repair_early", "ban",
                       "it may be asked for once the ban has lasted %lld months",
                       (long long)rule.repair_months);
    }
    return TQ_OK;
}

static tq_code owes_nothing(store_tx *tx, int64_t org_id, tq_err *err)
{
    int64_t owed = 0;
    TQ_TRY(store_int(tx, STMT_BAN_REPAIR_OWED, ARGS(arg_int(org_id)), 0, &owed, err));
    TQ_ASSERT(owed >= 0);
    return owed == 0 ? TQ_OK
                     : tq_fail(err, TQ_CONFLICT, "still_owed", "ban",
                               "%lld recoveries are not settled", (long long)owed);
}

/* The ban is locked: two requests at once come one after the other. */
static tq_code none_open(store_tx *tx, int64_t ban_id, tq_err *err)
{
    int64_t open = 0;
    TQ_TRY(store_int(tx, STMT_BAN_REPAIR_OPEN, ARGS(arg_int(ban_id)), 0, &open, err));
    return open == 0 ? TQ_OK
                     : tq_fail(err, TQ_CONFLICT, "repair_open", "ban",
                               "request %lld waits for its decision", (long long)open);
}

/* R-BAN-070 */
tq_code ban_repair_ask(app *a, const call *c, int64_t ban_id, str content, int64_t *id, tq_err *err)
{
    event_value ban[AUDITED_COLS_MAX];
    int64_t made = 0;
    TX_AUTO store_tx *tx = NULL;
    if (str_trim(content).len == 0 || content.len > BAN_REPAIR_TEXT_MAX || !str_utf8(content)) {
        return tq_fail(err, TQ_INVALID, "repair_text", "ban_repair.repair_text",
                       "write 1 to %d bytes", BAN_REPAIR_TEXT_MAX);
    }
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_INST_AGENT), &tx, err));
    TQ_TRY(ban_load(tx, c, ban_id, ban, err));
    const int64_t org_id = row_num(ban, C_BAN_ORG_ID);
    TQ_TRY(own_org(c, org_id, err));
    TQ_TRY(ban_runs(c, ban, err));
    TQ_TRY(none_open(tx, ban_id, err));
    TQ_TRY(term_over(a, tx, c, ban, err));
    TQ_TRY(owes_nothing(tx, org_id, err));
    event e = work_event(c, EV_BAN_REPAIR_ASK);
    TQ_TRY(event_new_row(tx, &e, T_BAN_REPAIR, &made, err));
    event_int(&e, C_BAN_REPAIR_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_BAN_REPAIR_BAN_ID, ban_id);
    event_int(&e, C_BAN_REPAIR_ORG_ID, org_id);
    event_int(&e, C_BAN_REPAIR_ASKED_DAY, c->today.n);
    event_text(&e, C_BAN_REPAIR_STATE, STR("asked"));
    event_create(&e, T_BAN_REPAIR_PRIVATE, made);
    event_text(&e, C_BAN_REPAIR_PRIVATE_CONTENT, content);
    TQ_TRY(act_once(tx, c, &e, T_BAN_REPAIR, made, "ask", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id = made;
    return TQ_OK;
}

/* Ban, then request: the order in which whoever ends the ban locks them. */
static tq_code both_lock(store_tx *tx, const call *c, int64_t id, int64_t *ban_id, tq_err *err)
{
    event_value ban[AUDITED_COLS_MAX];
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(store_int(tx, STMT_BAN_REPAIR_BAN, ARGS(arg_int(id), arg_int(c->who.programme_id)), 0,
                     ban_id, err));
    if (*ban_id == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "ban_repair", "there is no such request");
    }
    TQ_TRY(ban_load(tx, c, *ban_id, ban, err));
    TQ_TRY(row_load(tx, T_BAN_REPAIR, id, c->a, row, err));
    if (!row_is(row, C_BAN_REPAIR_STATE, "asked")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "ban_repair", "it is %.*s",
                       STR_ARG(row_str(row, C_BAN_REPAIR_STATE)));
    }
    return ban_runs(c, ban, err);
}

/* R-BAN-070 */
tq_code ban_repair_decide(app *a, const call *c, const ban_repair_verdict *rq, int64_t *decision_id,
                          tq_err *err)
{
    int64_t policy_id = 0;
    int64_t ban_id = 0;
    int64_t decision = 0;
    const policy *p = NULL;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(paper_need(c, &rq->paper, err));
    TQ_TRY(rq->granted ? line_may(rq->reason, "ban_repair.reason", err)
                       : line_need(rq->reason, "ban_repair.reason", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(both_lock(tx, c, rq->id, &ban_id, err));
    event e = work_event(c, EV_BAN_REPAIR_DECIDE);
    TQ_TRY(act_once(tx, c, &e, T_BAN_REPAIR, rq->id, "decide", err));
    if (rq->granted) {
        event_value ban[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_BAN, ban_id, c->a, ban, err));
        TQ_TRY(owes_nothing(tx, row_num(ban, C_BAN_ORG_ID), err));
        event_change(&e, T_BAN, ban_id);
        event_text(&e, C_BAN_STATE, STR("lifted"));
    }
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(decision_add(tx, c, &e, T_BAN_REPAIR, rq->id, rq->granted ? "repaired" : "not_repaired",
                        arena_copy(c->a, rq->reason).data, policy_id, STR("{}"), STR("[]"),
                        &rq->paper, &decision, err));
    event_change(&e, T_BAN_REPAIR, rq->id);
    event_text(&e, C_BAN_REPAIR_STATE, rq->granted ? STR("granted") : STR("refused"));
    event_int(&e, C_BAN_REPAIR_DECIDED_DAY, c->today.n);
    event_int(&e, C_BAN_REPAIR_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *decision_id = decision;
    return TQ_OK;
}

tq_code ban_repair_lapse(store_tx *tx, event *e, int64_t ban_id, tq_err *err)
{
    int64_t open = 0;
    TQ_TRY(store_int(tx, STMT_BAN_REPAIR_OPEN, ARGS(arg_int(ban_id)), 0, &open, err));
    if (open != 0) {
        event_change(e, T_BAN_REPAIR, open);
        event_text(e, C_BAN_REPAIR_STATE, STR("lapsed"));
    }
    return TQ_OK;
}
