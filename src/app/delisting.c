/* SPDX-License-Identifier: Apache-2.0 */
#include "app/delisting.h"

#include "app/organisation.h"
#include "app/row_change.h"
#include "app/sanction_inner.h"
#include "app/voucher_inner.h"

static tq_code decided(app *a, store_tx *tx, const call *c, event *e, int64_t id,
                       const char *outcome, const decision_paper *paper, int64_t *decision_id,
                       tq_err *err)
{
    int64_t policy_id = 0;
    const policy *p = NULL;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    return decision_add(tx, c, e, T_DELISTING, id, outcome, outcome, policy_id, STR("{}"),
                        STR("[]"), paper, decision_id, err);
}

tq_code delist(app *a, const call *c, int64_t org_id, str reason, const decision_paper *paper,
               int64_t *id, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    int64_t decision_id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(reason, "delisting.reason", err));
    TQ_TRY(paper_need(c, paper, err));
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(org_need_active(tx, org_id, c->a, org, err));
    if (!row_is(org, C_ORGANISATION_KIND, "institution") &&
        !row_is(org, C_ORGANISATION_KIND, "platform")) {
        return tq_fail(err, TQ_INVALID, "org_kind", "delisting.org",
                       "only institutions and platforms stand on the list");
    }
    TQ_TRY(delisting_check(tx, c->who.programme_id, org_id, err));
    event e = work_event(c, EV_DELIST);
    TQ_TRY(event_new_row(tx, &e, T_DELISTING, id, err));
    event_int(&e, C_DELISTING_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_DELISTING_ORG_ID, org_id);
    event_text(&e, C_DELISTING_REASON, reason);
    event_int(&e, C_DELISTING_FROM_DAY, c->today.n);
    event_text(&e, C_DELISTING_STATE, STR("active"));
    TQ_TRY(decided(a, tx, c, &e, *id, "delisted", paper, &decision_id, err));
    event_change(&e, T_DELISTING, *id);
    event_int(&e, C_DELISTING_DECISION_ID, decision_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code delist_lift(app *a, const call *c, int64_t id, const decision_paper *paper, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t decision_id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(paper_need(c, paper, err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(row_load(tx, T_DELISTING, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_DELISTING_PROGRAMME_ID), "delisting", err));
    if (!row_is(row, C_DELISTING_STATE, "active")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "delisting", "it was lifted already");
    }
    event e = work_event(c, EV_DELIST_LIFT);
    TQ_TRY(decided(a, tx, c, &e, id, "relisted", paper, &decision_id, err));
    event_change(&e, T_DELISTING, id);
    event_text(&e, C_DELISTING_STATE, STR("lifted"));
    event_int(&e, C_DELISTING_LIFTED_DAY, c->today.n);
    event_int(&e, C_DELISTING_LIFT_DECISION_ID, decision_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-SANC-110 */
tq_code delisting_check(store_tx *tx, int64_t programme_id, int64_t org_id, tq_err *err)
{
    int64_t n = 0;
    TQ_TRY(store_int(tx, STMT_DELISTING_HOLDS, ARGS(arg_int(programme_id), arg_int(org_id)), 0, &n,
                     err));
    return n == 0 ? TQ_OK
                  : tq_fail(err, TQ_CONFLICT, "delisted", "institution",
                            "the institution is off the list and takes no new orders");
}
