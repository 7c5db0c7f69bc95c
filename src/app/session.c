/* SPDX-License-Identifier: Apache-2.0 */
#include "app/session.h"

#include "app/access_inner.h"
#include "app/login.h"

#define ROLES_OF_USER_MAX 512
#define ROLES_AT_FIRST 8 /* hardly anybody has more, and each request makes room for them */

_Static_assert(CSRF_CHARS == BEARER_CHARS, "a CSRF secret is as long as a token");

/* R-ACCESS-010, I21: read at each request, so that a role which has ended is gone with the next one. */
tq_code roles_read(store_tx *tx, const call *c, int64_t user_id, caller_role **roles, size_t *n,
                   bool *staff, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    size_t room = ROLES_AT_FIRST;
    caller_role *found = ARENA_NEW(c->a, caller_role, room);
    size_t count = 0;
    bool needs_factor = false;
    TQ_TRY(store_query(tx, STMT_ROLES_OF_USER, ARGS(arg_int(user_id), arg_int(c->today.n)), &r,
                       err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        if (count == ROLES_OF_USER_MAX) {
            return tq_fail(err, TQ_LIMIT, "grants", "user", "the user holds more than %d roles",
                           ROLES_OF_USER_MAX);
        }
        if (count == room) {
            caller_role *wider = ARENA_NEW(c->a, caller_role, room * 2);
            memcpy(wider, found, count * sizeof *found);
            found = wider;
            room *= 2;
        }
        caller_role *one = &found[count++];
        one->role = role_of(row_text(&r));
        one->programme_id = row_int(&r);
        one->org_id = row_int(&r);
        one->for_user_id = row_int(&r);
        one->to.n = (int32_t)row_int(&r);
        one->programme_code = row_copy(&r, c->a);
        one->org_name = row_copy(&r, c->a);
        TQ_ASSERT(one->role != ROLE_NONE);
        needs_factor = needs_factor || role_in(one->role, FACTOR_ROLES);
    }
    *roles = found;
    *n = count;
    *staff = needs_factor;
    return TQ_OK;
}

/* The row of the session and its user; the time it was last seen beside it. */
static tq_code session_row(store_tx *tx, const call *c, str token, caller *out, bool *has_factor,
                           instant *seen, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    const digest d = bearer_digest(token);
    TQ_TRY(store_query(tx, STMT_SESSION_GET,
                       ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us),
                            arg_int(c->at.us - SESSION_IDLE_US)),
                       &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_session", "session", "log in again");
    }
    out->user_id = row_int(&r);
    out->person_id = row_int(&r);
    out->org_id = row_int(&r);
    out->login = row_copy(&r, c->a);
    out->name = row_copy(&r, c->a);
    const str csrf = row_text(&r);
    TQ_ASSERT(csrf.len == CSRF_CHARS);
    memcpy(out->csrf, csrf.data, csrf.len);
    out->csrf[CSRF_CHARS] = '\0';
    out->began.us = row_int(&r);
    seen->us = row_int(&r);
    out->ends.us = row_int(&r);
    const bool must_change = row_int(&r) != 0;
    const bool factor_free = row_int(&r) != 0;
    *has_factor = row_int(&r) != 0 || factor_free;
    out->must = must_change ? MUST_PASSWORD : MUST_NOTHING;
    return TQ_OK;
}

static tq_code session_look(store_tx *tx, const call *c, str token, caller *out, instant *seen,
                            tq_err *err)
{
    caller who = {0};
    bool has_factor = false;
    bool staff = false;
    TQ_ASSERT(c->a != NULL);
    TQ_ASSERT(c->at.us != 0);
    if (token.len != BEARER_CHARS) {
        return tq_fail(err, TQ_NOT_FOUND, "no_session", "session", "log in again");
    }
    TQ_TRY(session_row(tx, c, token, &who, &has_factor, seen, err));
    TQ_TRY(roles_read(tx, c, who.user_id, &who.roles, &who.n_roles, &staff, err));
    if (who.must == MUST_NOTHING && staff && !has_factor) {
        who.must = MUST_FACTOR; /* R-ACCESS-030 */
    }
    if (who.must != MUST_NOTHING) {
        who.n_roles = 0;
    }
    *out = who;
    return TQ_OK;
}

tq_code session_read(store_tx *tx, const call *c, str token, caller *out, tq_err *err)
{
    instant seen = {0};
    return session_look(tx, c, token, out, &seen, err);
}

tq_code session_find(app *a, const call *c, str token, caller *out, tq_err *err)
{
    caller who = {0};
    instant seen = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(session_look(tx, c, token, &who, &seen, err));
    TQ_TRY(store_commit(&tx, err));
    /* Once a minute is enough to know who is idle, and keeps reading from being writing. */
    if (c->at.us - seen.us >= SESSION_TOUCH_US) {
        const digest d = bearer_digest(token);
        TX_AUTO store_tx *touch = NULL;
        TQ_TRY(store_begin(app_store(a), STORE_WRITE, &touch, err));
        TQ_TRY(store_run(touch, STMT_SESSION_TOUCH,
                         ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us),
                              arg_int(c->at.us - SESSION_TOUCH_US)),
                         NULL, err));
        TQ_TRY(store_commit(&touch, err));
    }
    *out = who;
    return TQ_OK;
}

actor caller_actor(const caller *who, const caller_role *as, int64_t programme_id)
{
    TQ_ASSERT(as->programme_id == 0 || programme_id == 0 || as->programme_id == programme_id);
    return (actor){
        .user_id = who->user_id,
        .person_id = who->person_id,
        .role = as->role,
        .programme_id = as->programme_id == 0 ? programme_id : as->programme_id,
        .org_id = as->org_id,
        .for_user_id = as->for_user_id,
    };
}

/* R-ACCESS-020: a new token at each log-in, so that none that was known before it is worth anything. */
tq_code session_start(store_tx *tx, const call *c, int64_t user_id, bool factor_shown, bearer *out,
                      tq_err *err)
{
    const bearer token = bearer_new();
    const bearer csrf = bearer_new();
    const digest d = bearer_digest(str_of(token.text));
    TQ_ASSERT(user_id != 0);
    TQ_TRY(store_run(tx, STMT_SESSION_PUT,
                     ARGS(arg_blob(d.b, sizeof d.b), arg_int(user_id), arg_str(str_of(csrf.text)),
                          arg_int(c->at.us), arg_int(c->at.us + SESSION_LIFE_US),
                          arg_int(factor_shown)),
                     NULL, err));
    TQ_TRY(store_run(tx, STMT_SESSION_TRIM, ARGS(arg_int(user_id), arg_int(SESSIONS_OF_USER_MAX)),
                     NULL, err));
    *out = token;
    return TQ_OK;
}

tq_code sessions_drop(store_tx *tx, int64_t user_id, int64_t *n, tq_err *err)
{
    return store_run(tx, STMT_SESSION_END_OF_USER, ARGS(arg_int(user_id)), n, err);
}

tq_code session_end(app *a, const call *c, str token, tq_err *err)
{
    const digest d = bearer_digest(token);
    TX_AUTO store_tx *tx = NULL;
    (void)c; /* whoever has the token may give it up */
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_SESSION_DROP, ARGS(arg_blob(d.b, sizeof d.b)), NULL, err));
    return store_commit(&tx, err);
}

tq_code sessions_end_of(app *a, const call *c, int64_t user_id, int64_t *n, tq_err *err)
{
    int64_t gone = 0;
    TX_AUTO store_tx *tx = NULL;
    if (user_id == c->who.user_id) {
        TQ_TRY(self_begin(a, c, &tx, err));
    } else {
        TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN), &tx, err));
    }
    TQ_TRY(sessions_drop(tx, user_id, &gone, err));
    TQ_TRY(store_commit(&tx, err));
    if (n != NULL) {
        *n = gone;
    }
    return TQ_OK;
}
