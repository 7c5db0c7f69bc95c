/* SPDX-License-Identifier: Apache-2.0 */
#include "app/registration_inner.h"

#include "app/access_inner.h"
#include "app/organisation_inner.h"
#include "app/person_inner.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define AGENTS (R(FIRM_AGENT) | R(INST_AGENT))
#define DECIDERS (R(INTAKE) | R(CENTRE) | AGENTS)

/* R-ACCESS-080: the clerk decides where nobody speaks for the organisation yet, its own agent where one
 * does; never the person who registers. */
static tq_code may_decide(const call *c, const event_value *row, const registration_route *route,
                          tq_err *err)
{
    const bool agent = role_in(c->who.role, AGENTS);
    if (row_num(row, C_REGISTRATION_PERSON_ID) == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "registration",
                       "nobody decides on their own registration");
    }
    if (!row_is(row, C_REGISTRATION_STATE, "filed")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "registration.state",
                       "it has been decided already");
    }
    if (agent && (route->org_id == 0 || route->org_id != c->who.org_id)) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "registration", "there is no such record");
    }
    if (!agent && route->own_agent) {
        return tq_fail(err, TQ_CONFLICT, "own_agent", "registration.credit_code",
                       "the organisation is registered and has an agent, who decides on this");
    }
    return TQ_OK;
}

static bool is_institution(const event_value *row)
{
    return row_is(row, C_REGISTRATION_KIND, "institution");
}

/* The organisation that stands already, of the kind that was registered; or a new one. */
static tq_code org_need(store_tx *tx, const call *c, const event_value *row, int64_t place_id,
                        int64_t *org_id, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    credit_code code;
    if (*org_id != 0) {
        TQ_TRY(org_need_active(tx, *org_id, c->a, org, err));
        if (!str_eq(row_str(org, C_ORGANISATION_KIND), row_str(row, C_REGISTRATION_KIND))) {
            return tq_fail(err, TQ_CONFLICT, "org_kind", "registration.kind",
                           "the organisation with this credit code is of another kind");
        }
        return TQ_OK;
    }
    const org_rq rq = {.kind = row_str(row, C_REGISTRATION_KIND),
                       .credit_code = row_str(row, C_REGISTRATION_CREDIT_CODE),
                       .name = row_str(row, C_REGISTRATION_NAME),
                       .region = row_str(row, C_REGISTRATION_REGION),
                       .place_id = place_id};
    TQ_TRY(org_rq_check(c, &rq, &code, err));
    const tq_code made = org_add(tx, c, &rq, &code, org_id, err);
    /* Another clerk was faster, in the moment between the question and the row. */
    if (made == TQ_CONFLICT && err != NULL &&
        strcmp(err->field, "organisation_credit_code_key") == 0) {
        return tq_fail(err, TQ_CONFLICT, "credit_code_taken", "org.credit_code",
                       "an organisation with this credit code is registered");
    }
    return made;
}

/* The clerk's grant holds at once: the registrant asked for it, the clerk is the second person. An
 * agent's only asks, as grant_propose does, and a security administrator confirms it. */
static tq_code grant_rows(store_tx *tx, const call *c, const event_value *row, event *e,
                          registration_done *done, tq_err *err)
{
    const grant_rq rq = {.user_id = done->user_id,
                         .role = is_institution(row) ? ROLE_INST_AGENT : ROLE_FIRM_AGENT,
                         .org_id = done->org_id}; /* one account for all programmes */
    done->active = !role_in(c->who.role, AGENTS);
    TQ_TRY(grant_add(tx, c, e, &rq, done->active ? "active" : "proposed", &done->grant_id, err));
    if (!done->active) {
        return act_once(tx, c, e, T_ROLE_GRANT, done->grant_id, "grant_make", err);
    }
    event_int(e, C_ROLE_GRANT_MAKER_ID, row_num(row, C_REGISTRATION_PERSON_ID));
    event_int(e, C_ROLE_GRANT_CHECKER_ID, c->who.person_id);
    return TQ_OK;
}

/* The password that was given with the registration becomes the log-in's, and waits there no longer. */
static tq_code password_move(store_tx *tx, const call *c, int64_t id, int64_t user_id, tq_err *err)
{
    password_hash hash = {""};
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_REGISTRATION_SECRET_GET, ARGS(arg_int(id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (more) {
            (void)row_blob(&r);
            const str kept = row_text(&r);
            TQ_ASSERT(kept.len < sizeof hash.text);
            memcpy(hash.text, kept.data, kept.len);
        }
    }
    if (user_id != 0 && hash.text[0] != '\0') {
        TQ_TRY(credential_write(tx, c, user_id, &hash, false, err));
    } /* else it came from a bundle, without secrets: a link sets the first password */
    return store_run(tx, STMT_REGISTRATION_PASSWORD_DROP, ARGS(arg_int(id)), NULL, err);
}

static void decided(event *e, const call *c, int64_t id, const char *state)
{
    event_change(e, T_REGISTRATION, id);
    event_text(e, C_REGISTRATION_STATE, str_of(state));
    event_int(e, C_REGISTRATION_DECIDED_DAY, c->today.n);
    event_int(e, C_REGISTRATION_CHECKER_ID, c->who.person_id);
}

tq_code registration_confirm(app *a, const call *c, int64_t id, int64_t place_id,
                             registration_done *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    registration_route route = {0};
    registration_done done = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, DECIDERS, &tx, err));
    TQ_TRY(registration_load(tx, c, id, row, err));
    TQ_TRY(registration_route_of(tx, c, row, &route, err));
    TQ_TRY(may_decide(c, row, &route, err));
    done.org_id = route.org_id;
    TQ_TRY(org_need(tx, c, row, place_id, &done.org_id, err));
    TQ_TRY(user_add(tx, c, row_num(row, C_REGISTRATION_PERSON_ID),
                    row_str(row, C_REGISTRATION_LOGIN), done.org_id, &done.user_id, err));
    event e = work_event(c, EV_REGISTRATION_CONFIRM);
    TQ_TRY(grant_rows(tx, c, row, &e, &done, err));
    decided(&e, c, id, "confirmed");
    event_int(&e, C_REGISTRATION_ORG_ID, done.org_id);
    event_int(&e, C_REGISTRATION_USER_ID, done.user_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(password_move(tx, c, id, done.user_id, err));
    TQ_TRY(store_commit(&tx, err));
    *out = done;
    return TQ_OK;
}

tq_code registration_refuse(app *a, const call *c, int64_t id, str reason, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    registration_route route = {0};
    TQ_TRY(line_need(reason, "registration.reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, DECIDERS, &tx, err));
    TQ_TRY(registration_load(tx, c, id, row, err));
    TQ_TRY(registration_route_of(tx, c, row, &route, err));
    TQ_TRY(may_decide(c, row, &route, err));
    event e = work_event(c, EV_REGISTRATION_REFUSE);
    decided(&e, c, id, "refused");
    event_text(&e, C_REGISTRATION_REASON, str_trim(reason));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(password_move(tx, c, id, 0, err));
    return store_commit(&tx, err);
}
