/* SPDX-License-Identifier: Apache-2.0 */
#include "app/login.h"

#include "app/access_inner.h"

#define LOGIN_BYTES_MAX 64 /* as person.c opens them */
#define MINUTE_US (INT64_C(60) * 1000000)

/* R-ACCESS-040: delays that grow and end by themselves: guessing is slow, and nobody is locked out for good. */
int64_t login_user_wait_us(int64_t failures)
{
    static const int minutes[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 30, 60};
    const int64_t last = (int64_t)TQ_COUNT(minutes) - 1;
    TQ_ASSERT(failures >= 0);
    return minutes[failures < last ? failures : last] * MINUTE_US;
}

/* Behind one address may sit a whole office: later, and in coarser steps. */
int64_t login_address_wait_us(int64_t failures)
{
    TQ_ASSERT(failures >= 0);
    return failures < 20   ? 0
           : failures < 30 ? MINUTE_US
           : failures < 40 ? 5 * MINUTE_US
           : failures < 60 ? 15 * MINUTE_US
                           : 60 * MINUTE_US;
}

tq_code login_refused(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "login_refused", "login",
                   "log-in, password or code is wrong, or the log-in is locked for a while");
}

/* Blanks and capitals are no other log-in: what is counted is what is looked up. */
static str login_fold(const call *c, str typed)
{
    const str bare = str_trim(typed);
    if (bare.len == 0 || bare.len > LOGIN_BYTES_MAX) {
        return STR("");
    }
    char *text = arena_take(c->a, bare.len);
    for (size_t i = 0; i < bare.len; i++) {
        const char ch = bare.data[i];
        text[i] = ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
    }
    return (str){text, bare.len};
}

typedef struct attempt {
    str login;       /* folded */
    int64_t user_id; /* 0: there is none */
    str hash;        /* "" where the answer is no, whatever the password */
    int64_t changed_us;
} attempt;

/* What the password is held against. All is read before the slow work, none of it inside. */
static tq_code attempt_read(app *a, const call *c, const login_rq *rq, attempt *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    subject who;
    instant until = {0};
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(address_need(tx, c, rq->address, err));
    TQ_TRY(subject_of(tx, "login", out->login, &who, err));
    TQ_TRY(failure_until(tx, &who, &until, err));
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_CREDENTIAL_OF_LOGIN, ARGS(arg_str(out->login)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (more) {
        out->user_id = row_int(&r);
        (void)row_int(&r);
        out->hash = row_copy(&r, c->a);
        out->changed_us = row_int(&r);
    }
    if (until.us > c->at.us) {
        out->hash = STR(""); /* locked: as much work, and no */
    }
    return TQ_OK;
}

tq_code login_enter(store_tx *tx, const call *c, const credential *user, bool has_factor,
                    bool factor_shown, login_done *out, tq_err *err)
{
    caller_role *roles = NULL;
    size_t n_roles = 0;
    bool staff = false;
    TQ_TRY(roles_read(tx, c, user->user_id, &roles, &n_roles, &staff, err));
    TQ_TRY(session_start(tx, c, user->user_id, factor_shown, &out->session, err));
    TQ_TRY(store_run(tx, STMT_CREDENTIAL_SEEN, ARGS(arg_int(user->user_id), arg_int(c->at.us)),
                     NULL, err));
    out->user_id = user->user_id;
    out->last = user->last;
    out->ends.us = c->at.us + SESSION_LIFE_US;
    const bool enough = has_factor || factor_shown || user->factor_free;
    out->must = user->must_change ? MUST_PASSWORD : staff && !enough ? MUST_FACTOR : MUST_NOTHING;
    return TQ_OK;
}

/* Under the row's lock: still open, still this password, not locked by those who guessed meanwhile. */
static tq_code admit(store_tx *tx, const call *c, const attempt *at, const login_rq *rq, bool *in,
                     login_done *out, tq_err *err)
{
    subject who;
    instant until = {0};
    credential now = {0};
    bool has_factor = false;
    bool code_right = false;
    TQ_TRY(subject_of(tx, "login", at->login, &who, err));
    TQ_TRY(failure_until(tx, &who, &until, err));
    TQ_TRY(credential_read(tx, c, at->user_id, &now, err));
    *in = until.us <= c->at.us && now.changed_us == at->changed_us;
    if (*in && !now.factor_free) {
        TQ_TRY(factor_take(tx, c, at->user_id, rq->code, &has_factor, &code_right, err));
        *in = !has_factor || code_right;
    }
    if (!*in) {
        return TQ_OK;
    }
    TQ_TRY(failure_clear(tx, &who, err));
    return login_enter(tx, c, &now, has_factor, false, out, err);
}

tq_code login_try(app *a, const call *c, const login_rq *rq, login_done *out, tq_err *err)
{
    attempt at = {.login = login_fold(c, rq->login)};
    login_done done = {0};
    bool right = false;
    bool in = false;
    if (rq->password.len > PASSWORD_BYTES_MAX) {
        return login_refused(err); /* says nothing of the log-in: it was not looked at */
    }
    TQ_TRY(attempt_read(a, c, rq, &at, err));
    TQ_TRY(password_hash_check(at.hash, rq->password, &right, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    if (right) {
        const tq_code code = admit(tx, c, &at, rq, &in, &done, err);
        if (code == TQ_NOT_FOUND) { /* closed meanwhile */
            return login_refused(err);
        }
        TQ_TRY(code);
    }
    if (!in) {
        /* A locked log-in counts no further: an attacker must not keep its owner out for ever. */
        subject who;
        instant until = {0};
        TQ_TRY(subject_of(tx, "login", at.login, &who, err));
        TQ_TRY(failure_until(tx, &who, &until, err));
        if (until.us <= c->at.us) {
            TQ_TRY(login_failed(tx, c, at.user_id, at.login, rq->address, err));
        }
    }
    TQ_TRY(store_commit(&tx, err));
    if (!in) {
        return login_refused(err);
    }
    *out = done;
    return TQ_OK;
}

tq_code login_unlock(app *a, const call *c, int64_t user_id, tq_err *err)
{
    subject who;
    instant until = {0};
    credential user = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN), &tx, err));
    TQ_TRY(credential_read(tx, c, user_id, &user, err));
    TQ_TRY(subject_of(tx, "login", user.login, &who, err));
    TQ_TRY(failure_until(tx, &who, &until, err));
    if (until.us <= c->at.us) {
        return tq_fail(err, TQ_CONFLICT, "not_locked", "user", "the log-in is not locked");
    }
    TQ_TRY(failure_clear(tx, &who, err));
    event e = work_event(c, EV_LOGIN_UNLOCK);
    user_note(&e, user_id, NULL, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
