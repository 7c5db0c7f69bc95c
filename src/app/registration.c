/* SPDX-License-Identifier: Apache-2.0 */
#include "app/registration.h"

#include "app/access_inner.h"
#include "app/login.h"
#include "app/organisation_inner.h"
#include "app/person_inner.h"
#include "app/registration_inner.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define CLERKS (R(INTAKE) | R(CENTRE) | R(SECADMIN))
#define AGENTS (R(FIRM_AGENT) | R(INST_AGENT))
#define DAY_US (INT64_C(24) * 3600 * 1000000)

static const char *const kinds[] = {"enterprise", "institution", "team", NULL};

/* As for log-ins, an address that files too much waits; here each filing counts. */
static int64_t filing_wait_us(int64_t filings)
{
    return filings < REGISTRATIONS_PER_ADDRESS ? 0 : DAY_US;
}

static tq_code filing_count(store_tx *tx, const call *c, str address, tq_err *err)
{
    subject from;
    instant until = {0};
    int64_t wait = 0;
    if (address.len == 0) {
        return TQ_OK; /* at the counter of the bureau: no network is counted */
    }
    TQ_TRY(subject_of(tx, "filing", address, &from, err));
    TQ_TRY(failure_until(tx, &from, &until, err));
    if (until.us > c->at.us) {
        return tq_fail(err, TQ_BUSY, "registration_wait", "address",
                       "too many registrations came from here; try again tomorrow");
    }
    return failure_add(tx, &from, c->at, DAY_US, filing_wait_us, &wait, err);
}

/* All that can be said without the store, before the password costs anything. */
static tq_code form_need(const call *c, const registration_rq *rq, credit_code *code, tq_err *err)
{
    const org_rq org = {
        .kind = rq->kind, .credit_code = rq->credit_code, .name = rq->name, .region = rq->region};
    TQ_TRY(word_need(rq->kind, kinds, "registration.kind", err));
    TQ_TRY(org_rq_check(c, &org, code, err));
    TQ_TRY(line_need(rq->contact, "registration.contact", err));
    TQ_TRY(line_may(rq->phone, "registration.phone", err));
    TQ_TRY(login_form_need(rq->login, err));
    return password_need(rq->password, rq->login, err);
}

static tq_code login_free(store_tx *tx, str login, tq_err *err)
{
    int64_t taken = 0;
    int64_t waits = 0;
    TQ_TRY(store_int(tx, STMT_USER_LOGIN_TAKEN, ARGS(arg_str(login)), 0, &taken, err));
    TQ_TRY(store_int(tx, STMT_REGISTRATION_LOGIN_WAITS, ARGS(arg_str(login)), 0, &waits, err));
    if (taken != 0 || waits != 0) {
        return tq_fail(err, TQ_CONFLICT, "login_taken", "user.login",
                       "another user has this log-in");
    }
    return TQ_OK;
}

static tq_code filing_add(store_tx *tx, const call *c, const registration_rq *rq,
                          const credit_code *code, int64_t person_id, int64_t *id, tq_err *err)
{
    event e = work_event(c, EV_REGISTRATION_FILE);
    TQ_TRY(event_new_row(tx, &e, T_REGISTRATION, id, err));
    event_text(&e, C_REGISTRATION_KIND, rq->kind);
    event_text(&e, C_REGISTRATION_CREDIT_CODE, str_of(code->text));
    event_text(&e, C_REGISTRATION_NAME, str_trim(rq->name));
    event_text(&e, C_REGISTRATION_REGION, rq->region);
    event_text(&e, C_REGISTRATION_LOGIN, rq->login);
    event_int(&e, C_REGISTRATION_PERSON_ID, person_id);
    event_text(&e, C_REGISTRATION_STATE, STR("filed"));
    event_int(&e, C_REGISTRATION_FILED_DAY, c->today.n);
    return event_append(tx, &e, NULL, err);
}

tq_code registration_file(app *a, const call *c, const registration_rq *rq, registration_filed *out,
                          tq_err *err)
{
    registration_filed filed = {.secret = bearer_new()};
    const digest d = bearer_digest(str_of(filed.secret.text));
    const person_rq person = {.name = rq->contact, .phone = rq->phone};
    credit_code code;
    password_hash hash;
    int64_t person_id = 0;
    TQ_TRY(form_need(c, rq, &code, err));
    TQ_TRY(password_hash_make(rq->password, &hash, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(PUBLIC), &tx, err));
    TQ_TRY(filing_count(tx, c, rq->address, err));
    const tq_code free = login_free(tx, rq->login, err);
    if (free ==
        TQ_CONFLICT) { /* the question is counted too: whoever goes through log-ins soon waits */
        tq_err lost;
        TQ_TRY(store_commit(&tx, &lost));
    }
    TQ_TRY(free);
    /* The contact is a person from the first: what names them is a private row, erasable as any other. */
    TQ_TRY(person_add(tx, c, &person, &person_id, err));
    TQ_TRY(filing_add(tx, c, rq, &code, person_id, &filed.id, err));
    TQ_TRY(store_run(tx, STMT_REGISTRATION_SECRET_PUT,
                     ARGS(arg_int(filed.id), arg_blob(d.b, sizeof d.b), arg_str(str_of(hash.text))),
                     NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = filed;
    return TQ_OK;
}

tq_code registration_route_of(store_tx *tx, const call *c, const event_value *row,
                              registration_route *out, tq_err *err)
{
    const str code = row_str(row, C_REGISTRATION_CREDIT_CODE);
    int64_t agents = 0;
    registration_route route = {row_num(row, C_REGISTRATION_ORG_ID), false};
    if (route.org_id == 0 && code.len > 0) {
        TQ_TRY(org_by_code(tx, code, &route.org_id, err));
    }
    if (route.org_id != 0) {
        TQ_TRY(store_int(tx, STMT_ORG_AGENTS, ARGS(arg_int(route.org_id), arg_int(c->today.n)), 0,
                         &agents, err));
    }
    route.own_agent = agents > 0 && row_is(row, C_REGISTRATION_STATE, "filed");
    *out = route;
    return TQ_OK;
}

/* An agent sees what names their organisation's credit code; "" sees nothing. */
static tq_code agent_code(store_tx *tx, const call *c, str *code, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ORGANISATION, c->who.org_id, c->a, org, err));
    *code = row_str(org, C_ORGANISATION_CREDIT_CODE);
    return TQ_OK;
}

tq_code registration_load(store_tx *tx, const call *c, int64_t id, event_value *row, tq_err *err)
{
    bool seen = role_in(c->who.role, CLERKS);
    TQ_TRY(row_load(tx, T_REGISTRATION, id, c->a, row, err));
    if (role_in(c->who.role, AGENTS) && c->who.org_id != 0) {
        str code = {0};
        TQ_TRY(agent_code(tx, c, &code, err));
        seen = code.len > 0 && str_eq(code, row_str(row, C_REGISTRATION_CREDIT_CODE));
    }
    if (!seen) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "registration", "there is no such record");
    }
    return TQ_OK;
}

static tq_code view_fill(store_tx *tx, const call *c, int64_t id, const event_value *row,
                         bool names, registration_view *out, tq_err *err)
{
    registration_route route = {0};
    registration_view v = {.id = id};
    TQ_TRY(registration_route_of(tx, c, row, &route, err));
    v.state = row_str(row, C_REGISTRATION_STATE);
    v.kind = row_str(row, C_REGISTRATION_KIND);
    v.credit_code = row_str(row, C_REGISTRATION_CREDIT_CODE);
    v.name = row_str(row, C_REGISTRATION_NAME);
    v.region = row_str(row, C_REGISTRATION_REGION);
    v.login = row_str(row, C_REGISTRATION_LOGIN);
    v.reason = row_str(row, C_REGISTRATION_REASON);
    v.filed.n = (int32_t)row_num(row, C_REGISTRATION_FILED_DAY);
    v.decided.n = (int32_t)row_num(row, C_REGISTRATION_DECIDED_DAY);
    v.org_id = route.org_id;
    v.own_agent = route.own_agent;
    if (names) {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_PERSON_PRIVATE_GET,
                           ARGS(arg_int(row_num(row, C_REGISTRATION_PERSON_ID))), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (more) {
            v.contact = row_copy(&r, c->a);
            v.phone = row_copy(&r, c->a);
        }
    }
    *out = v;
    return TQ_OK;
}

tq_code registration_status(app *a, const call *c, int64_t id, str secret, registration_view *out,
                            tq_err *err)
{
    const digest d = bearer_digest(secret);
    event_value row[AUDITED_COLS_MAX];
    bool right = false;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_REGISTRATION_SECRET_GET, ARGS(arg_int(id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        right = more && secret_eq(row_blob(&r), (str){(const char *)d.b, sizeof d.b});
    }
    if (!right) {
        return tq_fail(err, TQ_NOT_FOUND, "no_registration", "registration",
                       "no registration has this number and this secret");
    }
    TQ_TRY(row_load(tx, T_REGISTRATION, id, c->a, row, err));
    return view_fill(tx, c, id, row, false, out, err);
}

tq_code registration_look(app *a, const call *c, int64_t id, registration_view *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(registration_load(tx, c, id, row, err));
    return view_fill(tx, c, id, row, true, out, err);
}

static tq_code page_ids(store_tx *tx, str state, int64_t before_id, str code, size_t room,
                        int64_t *ids, size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    size_t count = 0;
    TQ_TRY(store_query(tx, STMT_REGISTRATION_PAGE,
                       ARGS(arg_int(before_id == 0 ? INT64_MAX : before_id), arg_str(state),
                            arg_str(code), arg_int((int64_t)room)),
                       &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < room);
        ids[count++] = row_int(&r);
    }
    *n = count;
    return TQ_OK;
}

tq_code registration_list(app *a, const call *c, str state, int64_t before_id,
                          registration_view *out, size_t room, size_t *n, tq_err *err)
{
    int64_t *ids = ARENA_NEW(c->a, int64_t, room + 1);
    size_t count = 0;
    str code = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    if (role_in(c->who.role, AGENTS) && c->who.org_id != 0) {
        TQ_TRY(agent_code(tx, c, &code, err));
    }
    if (role_in(c->who.role, CLERKS) || code.len > 0) {
        TQ_TRY(page_ids(tx, state, before_id, code, room, ids, &count, err));
    }
    for (size_t i = 0; i < count; i++) {
        event_value row[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_REGISTRATION, ids[i], c->a, row, err));
        TQ_TRY(view_fill(tx, c, ids[i], row, true, &out[i], err));
    }
    *n = count;
    return TQ_OK;
}
