/* SPDX-License-Identifier: Apache-2.0 */
#include "app/person.h"

#include "app/access_inner.h"
#include "app/erasure.h"
#include "app/inquiry.h"
#include "app/person_inner.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define AGENTS (R(FIRM_AGENT) | R(FIRM_FINANCE) | R(INST_AGENT) | R(PLATFORM_AGENT))
#define KEEPERS                                                                                    \
    (R(SECADMIN) | R(FIRM_AGENT) | R(FIRM_FINANCE) | R(INST_AGENT) | R(INTAKE) | R(REVIEWER1) |    \
     R(REVIEWER2) | R(OFFICE) | R(FINANCE_MAKER) | R(FINANCE_CHECKER) | R(GROUP))

static tq_code person_need(const person_rq *rq, tq_err *err)
{
    TQ_TRY(line_need(rq->name, "person.name", err));
    TQ_TRY(line_may(rq->phone, "person.phone", err));
    return line_may(rq->id_no, "person.id_no", err);
}

tq_code person_add(store_tx *tx, const call *c, const person_rq *rq, int64_t *person_id,
                   tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(person_need(rq, err));
    /* One person, one event: a private body must be erasable for one person alone. */
    event e = work_event(c, EV_PERSON_REGISTER);
    TQ_TRY(event_new_row(tx, &e, T_PERSON, &id, err));
    event_text(&e, C_PERSON_STATE, STR("known"));
    event_create(&e, T_PERSON_PRIVATE, id);
    event_text(&e, C_PERSON_PRIVATE_NAME, rq->name);
    event_text(&e, C_PERSON_PRIVATE_PHONE, rq->phone);
    event_text(&e, C_PERSON_PRIVATE_ID_NO, rq->id_no);
    TQ_TRY(event_append(tx, &e, NULL, err));
    *person_id = id;
    return TQ_OK;
}

tq_code person_register(app *a, const call *c, const person_rq *rq, int64_t *person_id, tq_err *err)
{
    int64_t id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, KEEPERS, &tx, err));
    TQ_TRY(person_add(tx, c, rq, &id, err));
    TQ_TRY(store_commit(&tx, err));
    *person_id = id;
    return TQ_OK;
}

tq_code login_form_need(str login, tq_err *err)
{
    bool ok = login.len >= 2 && login.len <= 64;
    for (size_t i = 0; i < login.len && ok; i++) {
        const char ch = login.data[i];
        ok = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '.' || ch == '_' ||
             ch == '-' || ch == '@';
    }
    if (!ok) {
        return tq_fail(err, TQ_INVALID, "login", "user.login",
                       "give 2 to 64 small letters, digits or . _ - @");
    }
    return TQ_OK;
}

/* A log-in: 2 to 64 of a-z 0-9 . _ - @, so that no two look alike. `cli:1000` binds a uid of this
 * machine to the person; that is given by the system and by security administrators alone. */
static tq_code login_need(const call *c, str login, tq_err *err)
{
    long long uid = 0;
    if (login.len > 4 && memcmp(login.data, "cli:", 4) == 0) {
        const str digits = {login.data + 4, login.len - 4};
        if (c->who.role != ROLE_SECADMIN && c->who.role != ROLE_SYSTEM) {
            return tq_fail(err, TQ_FORBIDDEN, "cli_login", "user.login",
                           "a security administrator binds a uid to a person");
        }
        if (!str_int64(digits, &uid) || uid < 0) {
            return tq_fail(err, TQ_INVALID, "login", "user.login", "write the uid as cli:1000");
        }
        return TQ_OK;
    }
    return login_form_need(login, err);
}

tq_code user_add(store_tx *tx, const call *c, int64_t person_id, str login, int64_t org_id,
                 int64_t *user_id, tq_err *err)
{
    int64_t id = 0;
    int64_t taken = 0;
    event_value person[AUDITED_COLS_MAX];
    TQ_TRY(login_need(c, login, err));
    TQ_TRY(row_load(tx, T_PERSON, person_id, c->a, person, err));
    if (!row_is(person, C_PERSON_STATE, "known")) {
        return tq_fail(err, TQ_CONFLICT, "erased", "person", "the person has been erased");
    }
    TQ_TRY(store_int(tx, STMT_USER_LOGIN_TAKEN, ARGS(arg_str(login)), 0, &taken, err));
    if (taken != 0) {
        return tq_fail(err, TQ_CONFLICT, "login_taken", "user.login",
                       "another user has this log-in");
    }
    event e = work_event(c, EV_USER_OPEN);
    TQ_TRY(event_new_row(tx, &e, T_USER_ACCOUNT, &id, err));
    event_text(&e, C_USER_ACCOUNT_LOGIN, login);
    event_int(&e, C_USER_ACCOUNT_PERSON_ID, person_id);
    event_int(&e, C_USER_ACCOUNT_ORG_ID, org_id);
    event_text(&e, C_USER_ACCOUNT_STATE, STR("open"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    *user_id = id;
    return TQ_OK;
}

tq_code user_open(app *a, const call *c, int64_t person_id, str login, int64_t org_id,
                  int64_t *user_id, tq_err *err)
{
    int64_t id = 0;
    if (role_in(c->who.role, AGENTS) && org_id != c->who.org_id) {
        return tq_fail(err, TQ_FORBIDDEN, "other_org", "user.org",
                       "an agent opens log-ins of their own organisation");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, KEEPERS, &tx, err));
    if (org_id != 0) {
        event_value org[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_ORGANISATION, org_id, c->a, org, err));
    }
    TQ_TRY(user_add(tx, c, person_id, login, org_id, &id, err));
    TQ_TRY(store_commit(&tx, err));
    *user_id = id;
    return TQ_OK;
}

/* Ends each row of a query that begins with ids. */
static tq_code rows_close(store_tx *tx, event *e, store_stmt stmt, int64_t user_id, int table,
                          int state_col, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, stmt, ARGS(arg_int(user_id)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(e->n_rows < EVENT_ROWS_MAX);
        event_change(e, table, row_int(&r));
        event_text(e, state_col, STR("ended"));
    }
}

/* Closes the log-in and all that hangs on it, in one event. */
static tq_code user_end(store_tx *tx, const call *c, int64_t user_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, user_id, c->a, row, err));
    if (!row_is(row, C_USER_ACCOUNT_STATE, "open")) {
        return tq_fail(err, TQ_CONFLICT, "user_closed", "user", "the log-in is closed already");
    }
    event e = work_event(c, EV_USER_CLOSE);
    event_change(&e, T_USER_ACCOUNT, user_id);
    event_text(&e, C_USER_ACCOUNT_STATE, STR("closed"));
    TQ_TRY(rows_close(tx, &e, STMT_GRANTS_OPEN_OF_USER, user_id, T_ROLE_GRANT, C_ROLE_GRANT_STATE,
                      err));
    TQ_TRY(rows_close(tx, &e, STMT_DELEGATIONS_OPEN_OF_USER, user_id, T_DELEGATION,
                      C_DELEGATION_STATE, err));
    TQ_TRY(access_close(tx, user_id, err));
    return event_append(tx, &e, NULL, err);
}

tq_code user_close(app *a, const call *c, int64_t user_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(SECADMIN), &tx, err));
    TQ_TRY(user_end(tx, c, user_id, err));
    return store_commit(&tx, err);
}

typedef struct held_role {
    grant_rq rq;
    bool active;
} held_role;

static tq_code roles_held(store_tx *tx, const call *c, int64_t from, int64_t to, held_role *out,
                          size_t room, size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_GRANTS_OPEN_OF_USER, ARGS(arg_int(from)), &r, err));
    size_t count = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        (void)row_int(&r);
        held_role h = {.rq = {.user_id = to, .from = c->today}};
        h.rq.role = role_of(row_text(&r));
        h.rq.programme_id = row_int(&r);
        h.rq.org_id = row_int(&r);
        h.rq.to.n = (int32_t)row_int(&r);
        h.active = str_eq(row_text(&r), STR("active"));
        if (!h.active || (h.rq.to.n != 0 && h.rq.to.n < c->today.n)) {
            continue;
        }
        if (count == room) {
            return tq_fail(err, TQ_LIMIT, "grants", "user", "the user holds more than %zu roles",
                           room);
        }
        out[count++] = h;
    }
    *n = count;
    return TQ_OK;
}

/* One act: between the end of the old log-in and the proposals nobody holds the roles twice. */
tq_code user_hand_over(app *a, const call *c, int64_t from_user_id, int64_t to_user_id,
                       int64_t *grant_ids, size_t room, size_t *n, tq_err *err)
{
    TQ_ASSERT(grant_ids != NULL || room == 0);
    if (from_user_id == to_user_id) {
        return tq_fail(err, TQ_INVALID, "same_user", "user", "name the successor");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(SECADMIN), &tx, err));
    held_role *held = ARENA_NEW(c->a, held_role, room + 1);
    int64_t *ids = ARENA_NEW(c->a, int64_t, room + 1);
    size_t count = 0;
    TQ_TRY(roles_held(tx, c, from_user_id, to_user_id, held, room, &count, err));
    TQ_TRY(user_end(tx, c, from_user_id, err));
    for (size_t i = 0; i < count; i++) {
        event e = work_event(c, EV_GRANT_PROPOSE);
        TQ_TRY(grant_add(tx, c, &e, &held[i].rq, "proposed", &ids[i], err));
        TQ_TRY(act_once(tx, c, &e, T_ROLE_GRANT, ids[i], "grant_make", err));
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    TQ_TRY(store_commit(&tx, err));
    if (count > 0) {
        memcpy(grant_ids, ids, sizeof *ids * count);
    }
    *n = count;
    return TQ_OK;
}

/* Only once nobody can log in: a session would go on under a name that nobody knows any more. */
tq_code person_erase(app *a, const call *c, int64_t person_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(SECADMIN), &tx, err));
    event_value person[AUDITED_COLS_MAX];
    int64_t open = 0;
    TQ_TRY(row_load(tx, T_PERSON, person_id, c->a, person, err));
    TQ_TRY(store_int(tx, STMT_PERSON_OPEN_USERS, ARGS(arg_int(person_id)), 0, &open, err));
    if (open > 0) {
        return tq_fail(err, TQ_CONFLICT, "user_is_open", "person",
                       "close the person's log-ins first");
    }
    TQ_TRY(person_hold_check(tx, person_id, err));
    event e = work_event(c, EV_PERSON_ERASE);
    event_change(&e, T_PERSON, person_id);
    event_text(&e, C_PERSON_STATE, STR("erased"));
    TQ_TRY(erase_rows(tx, c, &e, &(erased_row){T_PERSON_PRIVATE, person_id}, 1, err));
    return store_commit(&tx, err);
}
