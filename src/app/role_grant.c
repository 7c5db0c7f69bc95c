/* SPDX-License-Identifier: Apache-2.0 */
#include "app/person.h"

#include "app/access_inner.h"
#include "app/person_inner.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define FIRM_ROLES (R(FIRM_AGENT) | R(FIRM_FINANCE))
#define AGENTS (FIRM_ROLES | R(INST_AGENT) | R(PLATFORM_AGENT))
#define ADMINS (R(SYSADMIN) | R(SECADMIN) | R(AUDITOR) | R(SUPERVISOR) | R(SUPERVISOR_HEAD))

/* R-DUTY-020. Asked for who is given a role and for who is lent one. */
static tq_code roles_apart_need(store_tx *tx, const call *c, int64_t person_id, role r,
                                const char *field, tq_err *err)
{
    ROWS_AUTO store_rows held = {0};
    TQ_TRY(store_query(tx, STMT_PERSON_ROLES, ARGS(arg_int(person_id), arg_int(c->today.n)), &held,
                       err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&held, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const role other = role_of(row_text(&held));
        if (role_in(other, roles_apart(r))) {
            return tq_fail(err, TQ_REFUSED, "roles_apart", field,
                           "the person holds %s, which no one holds together with %s",
                           role_name(other), role_name(r));
        }
    }
}

/* R-ACCESS-110: a township's clerk sees what lies in the township; without one it would be every place. */
static tq_code place_org_need(const event_value *org, tq_err *err)
{
    if (!row_is(org, C_ORGANISATION_KIND, "township") &&
        !row_is(org, C_ORGANISATION_KIND, "park")) {
        return tq_fail(err, TQ_INVALID, "grant_place", "grant.org",
                       "a township's role names a township or a park");
    }
    return TQ_OK;
}

/* A role without its organisation would be an agent of all. */
tq_code grant_scope_need(store_tx *tx, const call *c, const grant_rq *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    if (rq->role == ROLE_NONE || rq->role == ROLE_PUBLIC || rq->role == ROLE_SYSTEM) {
        return tq_fail(err, TQ_INVALID, "grant_role", "grant.role", "nobody is given this role");
    }
    const bool placed = rq->role == ROLE_TOWNSHIP;
    const bool agent = role_in(rq->role, AGENTS);
    TQ_ASSERT(!(placed && agent));
    const bool lent =
        rq->role == ROLE_INSPECTOR && rq->org_id != 0; /* of an outside organisation */
    if (lent && rq->to.n == 0) {
        return tq_fail(err, TQ_INVALID, "grant_to", "grant.to",
                       "an inspector from outside has a last day");
    }
    if ((agent || placed || lent) != (rq->org_id != 0)) {
        return tq_fail(err, TQ_INVALID, "grant_org", "grant.org", "%s",
                       agent    ? "an agent's role names the organisation"
                       : placed ? "a township's role names the township or park"
                                : "only an agent's role names an organisation");
    }
    if (agent || placed || lent) {
        TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, row, err));
    }
    if (placed) {
        TQ_TRY(place_org_need(row, err));
    }
    if (rq->programme_id != 0) {
        TQ_TRY(row_load(tx, T_PROGRAMME, rq->programme_id, c->a, row, err));
    }
    return days_need(rq->from, rq->to, "grant.to", err);
}

/* Proposed ones count as held: else two could be proposed and both confirmed. */
tq_code grant_add(store_tx *tx, const call *c, event *e, const grant_rq *rq, const char *state,
                  int64_t *grant_id, tq_err *err)
{
    event_value user[AUDITED_COLS_MAX];
    int64_t twin = 0;
    int64_t id = 0;
    TQ_TRY(grant_scope_need(tx, c, rq, err));
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, rq->user_id, c->a, user, err));
    if (!row_is(user, C_USER_ACCOUNT_STATE, "open")) {
        return tq_fail(err, TQ_CONFLICT, "user_closed", "grant.user", "the log-in is closed");
    }
    TQ_TRY(roles_apart_need(tx, c, row_num(user, C_USER_ACCOUNT_PERSON_ID), rq->role, "grant.role",
                            err));
    const str role_text = str_of(role_name(rq->role));
    TQ_TRY(store_int(tx, STMT_GRANT_TWIN,
                     ARGS(arg_int(rq->user_id), arg_str(role_text), arg_int(rq->programme_id),
                          arg_int(rq->org_id), arg_int(c->today.n)),
                     0, &twin, err));
    if (twin > 0) {
        return tq_fail(err, TQ_CONFLICT, "has_role", "grant.role",
                       "the user has this role, or it is proposed");
    }
    TQ_TRY(event_new_row(tx, e, T_ROLE_GRANT, &id, err));
    event_int(e, C_ROLE_GRANT_USER_ID, rq->user_id);
    event_text(e, C_ROLE_GRANT_ROLE, role_text);
    event_int(e, C_ROLE_GRANT_PROGRAMME_ID, rq->programme_id);
    event_int(e, C_ROLE_GRANT_ORG_ID, rq->org_id);
    event_int(e, C_ROLE_GRANT_FROM_DAY, rq->from.n == 0 ? c->today.n : rq->from.n);
    event_int(e, C_ROLE_GRANT_TO_DAY, rq->to.n);
    TQ_ASSERT(id != 0);
    event_text(e, C_ROLE_GRANT_STATE, str_of(state));
    event_int(e, C_ROLE_GRANT_MAKER_ID, c->who.person_id);
    *grant_id = id;
    return TQ_OK;
}

/* Who may ask for which role; that it is given is for the security administrator to say. */
tq_code grant_may_propose(const call *c, const grant_rq *rq, tq_err *err)
{
    const role who = c->who.role;
    bool may = true;
    if (role_in(who, FIRM_ROLES)) {
        may = role_in(rq->role, FIRM_ROLES) && rq->org_id == c->who.org_id;
    } else if (who == ROLE_INST_AGENT) {
        may = rq->role == ROLE_INST_AGENT && rq->org_id == c->who.org_id;
    } else if (who != ROLE_SECADMIN) {
        may = !role_in(rq->role, ADMINS) && rq->programme_id != 0 &&
              rq->programme_id == c->who.programme_id;
    }
    if (!may) {
        return tq_fail(err, TQ_FORBIDDEN, "grant_scope", "grant.role",
                       "the actor may not ask for this role here");
    }
    return TQ_OK;
}

tq_code grant_propose(app *a, const call *c, const grant_rq *rq, int64_t *grant_id, tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(grant_may_propose(c, rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, GRANT_PROPOSERS, &tx, err));
    event e = work_event(c, EV_GRANT_PROPOSE);
    TQ_TRY(grant_add(tx, c, &e, rq, "proposed", &id, err));
    TQ_TRY(act_once(tx, c, &e, T_ROLE_GRANT, id, "grant_make", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *grant_id = id;
    return TQ_OK;
}

tq_code grant_confirm(app *a, const call *c, int64_t grant_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(SECADMIN), &tx, err));
    event_value row[AUDITED_COLS_MAX];
    event_value user[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ROLE_GRANT, grant_id, c->a, row, err));
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, row_num(row, C_ROLE_GRANT_USER_ID), c->a, user, err));
    if (row_num(user, C_USER_ACCOUNT_PERSON_ID) == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "grant_check",
                       "nobody confirms a role of their own");
    }
    event e = work_event(c, EV_GRANT_CONFIRM);
    event_change(&e, T_ROLE_GRANT, grant_id);
    event_text(&e, C_ROLE_GRANT_STATE, STR("active"));
    event_int(&e, C_ROLE_GRANT_CHECKER_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_ROLE_GRANT, grant_id, "grant_check", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    /* Whoever was logged in with other rights logs in again: staff with a second factor. */
    TQ_TRY(sessions_drop(tx, row_num(row, C_ROLE_GRANT_USER_ID), NULL, err));
    return store_commit(&tx, err);
}

tq_code grant_end(app *a, const call *c, int64_t grant_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(SECADMIN) | FIRM_ROLES | R(INST_AGENT), &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ROLE_GRANT, grant_id, c->a, row, err));
    if (c->who.role != ROLE_SECADMIN && row_num(row, C_ROLE_GRANT_ORG_ID) != c->who.org_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "role_grant", "there is no such record");
    }
    event e = work_event(c, EV_GRANT_END);
    event_change(&e, T_ROLE_GRANT, grant_id);
    event_text(&e, C_ROLE_GRANT_STATE, STR("ended"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(sessions_drop(tx, row_num(row, C_ROLE_GRANT_USER_ID), NULL, err));
    return store_commit(&tx, err);
}

static tq_code delegation_need(const call *c, const delegation_rq *rq, tq_err *err)
{
    if (role_in(c->who.role, ADMINS | R(PUBLIC) | R(SYSTEM)) || c->who.for_user_id != 0) {
        return tq_fail(err, TQ_FORBIDDEN, "not_delegable", role_name(c->who.role),
                       "this role cannot be lent");
    }
    if (rq->from.n < c->today.n || rq->to.n < rq->from.n ||
        rq->to.n - rq->from.n >= DELEGATION_DAYS_MAX) {
        return tq_fail(err, TQ_INVALID, "days", "delegation.to",
                       "give a first day from today and a last day within %d days of it",
                       DELEGATION_DAYS_MAX);
    }
    if (rq->limit_fen < 0 || rq->limit_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "amount_range", "delegation.limit",
                       "the limit is no amount");
    }
    if (rq->programme_id != 0 && rq->programme_id != c->who.programme_id) {
        return tq_fail(err, TQ_FORBIDDEN, "grant_scope", "delegation.programme",
                       "the actor acts in another programme");
    }
    return TQ_OK;
}

tq_code delegation_set(app *a, const call *c, const delegation_rq *rq, int64_t *delegation_id,
                       tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(delegation_need(c, rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES_ANY, &tx, err));
    event_value user[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, rq->to_user_id, c->a, user, err));
    if (row_num(user, C_USER_ACCOUNT_PERSON_ID) == c->who.person_id) {
        return tq_fail(err, TQ_INVALID, "same_person", "delegation.to_user",
                       "lend the role to another person");
    }
    if (!row_is(user, C_USER_ACCOUNT_STATE, "open")) {
        return tq_fail(err, TQ_CONFLICT, "user_closed", "delegation.to_user",
                       "the log-in is closed");
    }
    TQ_TRY(roles_apart_need(tx, c, row_num(user, C_USER_ACCOUNT_PERSON_ID), c->who.role,
                            "delegation.to_user", err));
    event e = work_event(c, EV_DELEGATION_SET);
    TQ_TRY(event_new_row(tx, &e, T_DELEGATION, &id, err));
    event_int(&e, C_DELEGATION_FROM_USER_ID, c->who.user_id);
    event_int(&e, C_DELEGATION_TO_USER_ID, rq->to_user_id);
    event_text(&e, C_DELEGATION_ROLE, str_of(role_name(c->who.role)));
    event_int(&e, C_DELEGATION_PROGRAMME_ID, rq->programme_id);
    event_int(&e, C_DELEGATION_FROM_DAY, rq->from.n);
    event_int(&e, C_DELEGATION_TO_DAY, rq->to.n);
    event_int(&e, C_DELEGATION_LIMIT_FEN, rq->limit_fen);
    event_text(&e, C_DELEGATION_STATE, STR("active"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *delegation_id = id;
    return TQ_OK;
}

tq_code delegation_end(app *a, const call *c, int64_t delegation_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES_ANY, &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_DELEGATION, delegation_id, c->a, row, err));
    if (c->who.role != ROLE_SECADMIN && row_num(row, C_DELEGATION_FROM_USER_ID) != c->who.user_id &&
        row_num(row, C_DELEGATION_TO_USER_ID) != c->who.user_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "delegation", "there is no such record");
    }
    event e = work_event(c, EV_DELEGATION_END);
    event_change(&e, T_DELEGATION, delegation_id);
    event_text(&e, C_DELEGATION_STATE, STR("ended"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code delegation_allows(store_tx *tx, const call *c, int64_t amount_fen, tq_err *err)
{
    if (c->who.for_user_id == 0) {
        return TQ_OK;
    }
    int64_t limit = 0;
    TQ_TRY(store_int(tx, STMT_DELEGATION_LIMIT,
                     ARGS(arg_int(c->who.for_user_id), arg_int(c->who.user_id),
                          arg_str(str_of(role_name(c->who.role))), arg_int(c->who.programme_id),
                          arg_int(c->today.n)),
                     -1, &limit, err));
    if (limit != 0 && amount_fen > limit) {
        return tq_fail(err, TQ_REFUSED, "over_delegation", "delegation.limit",
                       "the amount is above what the principal lent the role for");
    }
    return TQ_OK;
}
