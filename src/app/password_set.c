/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access_inner.h"
#include "app/login.h"

#define LINK_LIFE_US (INT64_C(24) * 3600 * 1000000)

static size_t characters(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        n += ((unsigned char)s.data[i] & 0xC0U) != 0x80U; /* all but the later bytes of UTF-8 */
    }
    return n;
}

/* "aaaaaaaaaa", "1234567890", "abcdefghij": each byte follows the last by the same step of 0, 1 or -1. */
static bool is_run(str s)
{
    if (s.len < 3) {
        return true;
    }
    const int step = s.data[1] - s.data[0];
    for (size_t i = 1; i < s.len; i++) {
        if (s.data[i] - s.data[i - 1] != step) {
            return false;
        }
    }
    return step >= -1 && step <= 1;
}

static bool holds(str text, str part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++) {
        if (strncasecmp(text.data + i, part.data, part.len) == 0) {
            return true;
        }
    }
    return false;
}

/* What people choose who are told "ten characters": no list is long enough, so it stays short. */
static const char *const commonest[] = {"1234567890", "0123456789", "password", "qwertyuiop",
                                        "1q2w3e4r5t", "woaini",     "5201314",  "tongquan",
                                        "admin123",   "changxing"};

tq_code password_need(str password, str login, tq_err *err)
{
    if (password.len > PASSWORD_BYTES_MAX) {
        return tq_fail(err, TQ_INVALID, "password_length", "password",
                       "a password has at most %d bytes", PASSWORD_BYTES_MAX);
    }
    bool weak = !str_utf8(password) || characters(password) < PASSWORD_CHARS_MIN ||
                is_run(password) || (login.len >= 4 && holds(password, login));
    for (size_t i = 0; i < TQ_COUNT(commonest) && !weak; i++) {
        /* One of them with a little beside it is no better. */
        const str common = str_of(commonest[i]);
        weak = holds(password, common) && password.len < common.len + 5;
    }
    if (weak) {
        return tq_fail(err, TQ_INVALID, "password_weak", "password",
                       "give at least %d characters, no run, not the log-in, none of the commonest",
                       PASSWORD_CHARS_MIN);
    }
    return TQ_OK;
}

/* A user bound to a uid of the machine has no password: who has the uid is who acts. */
static tq_code by_person_need(str login, tq_err *err)
{
    if (str_starts(login, STR("cli:"))) {
        return tq_fail(err, TQ_INVALID, "cli_login", "user",
                       "this log-in is a uid and has no password");
    }
    return TQ_OK;
}

static tq_code link_add(store_tx *tx, const call *c, int64_t user_id, const bearer *link,
                        tq_err *err)
{
    const digest d = bearer_digest(str_of(link->text));
    TQ_TRY(store_run(tx, STMT_PASSWORD_LINK_END_OF_USER, ARGS(arg_int(user_id)), NULL, err));
    return store_run(tx, STMT_PASSWORD_LINK_PUT,
                     ARGS(arg_blob(d.b, sizeof d.b), arg_int(user_id), arg_int(c->who.user_id),
                          arg_int(c->at.us + LINK_LIFE_US)),
                     NULL, err);
}

tq_code password_link(app *a, const call *c, int64_t user_id, bearer *link, tq_err *err)
{
    const bearer made = bearer_new();
    credential user = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN), &tx, err));
    TQ_TRY(credential_read(tx, c, user_id, &user, err));
    TQ_TRY(by_person_need(user.login, err));
    if (user.person_id == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "user",
                       "one's own password is changed with the old one");
    }
    TQ_TRY(link_add(tx, c, user_id, &made, err));
    event e = work_event(c, EV_PASSWORD_LINK);
    user_note(&e, user_id, NULL, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *link = made;
    return TQ_OK;
}

/* Whose link it is; NOT_FOUND/no_link. */
static tq_code link_owner(store_tx *tx, const call *c, digest d, credential *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_PASSWORD_LINK_GET,
                       ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_link", "link",
                       "the link was used or is too old; ask for another");
    }
    out->user_id = row_int(&r);
    out->person_id = row_int(&r);
    out->login = row_copy(&r, c->a);
    return TQ_OK;
}

/* The new password stands, whoever is logged in is out, and the log says so without it. */
static tq_code password_store(store_tx *tx, const call *c, int64_t user_id,
                              const password_hash *hash, bool must_change, event *e,
                              const char *how, tq_err *err)
{
    TQ_TRY(credential_write(tx, c, user_id, hash, must_change, err));
    TQ_TRY(sessions_drop(tx, user_id, NULL, err));
    user_note(e, user_id, "by", str_of(how));
    return event_append(tx, e, NULL, err);
}

tq_code password_by_link(app *a, const call *c, str link, str password, tq_err *err)
{
    const digest d = bearer_digest(link);
    credential user = {0};
    password_hash hash;
    int64_t taken = 0;
    TX_AUTO store_tx *look = NULL;
    TQ_TRY(work_read(a, &look, err));
    TQ_TRY(link_owner(look, c, d, &user, err));
    TQ_TRY(store_commit(&look, err));
    TQ_TRY(password_need(password, user.login, err));
    TQ_TRY(password_hash_make(password, &hash, err));
    call self = *c;
    self.who = (actor){.user_id = user.user_id, .person_id = user.person_id, .role = ROLE_PUBLIC};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, &self, &tx, err));
    TQ_TRY(store_run(tx, STMT_PASSWORD_LINK_TAKE,
                     ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->at.us)), &taken, err));
    if (taken != 1) {
        return tq_fail(err, TQ_NOT_FOUND, "no_link", "link",
                       "the link was used or is too old; ask for another");
    }
    subject who;
    TQ_TRY(subject_of(tx, "login", user.login, &who, err));
    TQ_TRY(failure_clear(tx, &who, err));
    event e = self_event(&self, EV_PASSWORD_SET);
    TQ_TRY(password_store(tx, &self, user.user_id, &hash, false, &e, "link", err));
    return store_commit(&tx, err);
}

/* R-ACCESS-050: a stolen session alone cannot change what protects the account. */
tq_code password_again(app *a, const call *c, str password, tq_err *err)
{
    credential user = {0};
    subject who;
    instant until = {0};
    bool right = false;
    TX_AUTO store_tx *look = NULL;
    TQ_TRY(work_read(a, &look, err));
    TQ_TRY(credential_read(look, c, c->who.user_id, &user, err));
    TQ_TRY(subject_of(look, "login", user.login, &who, err));
    TQ_TRY(failure_until(look, &who, &until, err));
    TQ_TRY(store_commit(&look, err));
    const bool locked = until.us > c->at.us;
    if (password.len <= PASSWORD_BYTES_MAX) {
        TQ_TRY(password_hash_check(locked ? STR("") : user.hash, password, &right, err));
    }
    if (right) {
        return TQ_OK;
    }
    if (!locked) {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
        TQ_TRY(login_failed(tx, c, user.user_id, user.login, STR(""), err));
        TQ_TRY(store_commit(&tx, err));
    }
    return tq_fail(err, TQ_INVALID, "password_wrong", "password_old",
                   "this is not the present password");
}

tq_code password_change(app *a, const call *c, str old, str password, tq_err *err)
{
    credential user = {0};
    password_hash hash;
    TX_AUTO store_tx *look = NULL;
    TQ_TRY(work_read(a, &look, err));
    TQ_TRY(credential_read(look, c, c->who.user_id, &user, err));
    TQ_TRY(store_commit(&look, err));
    TQ_TRY(password_need(password, user.login, err));
    if (str_eq(old, password)) {
        return tq_fail(err, TQ_INVALID, "password_same", "password",
                       "this is the present password; give another");
    }
    TQ_TRY(password_again(a, c, old, err));
    TQ_TRY(password_hash_make(password, &hash, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    event e = self_event(c, EV_PASSWORD_SET);
    TQ_TRY(password_store(tx, c, c->who.user_id, &hash, false, &e, "change", err));
    return store_commit(&tx, err);
}

/* Somebody must be the first to log in, before any administrator can act; after that, nobody's role
 * sets no password. */
static tq_code first_need(store_tx *tx, const call *c, tq_err *err)
{
    int64_t known = 0;
    if (c->who.role != ROLE_SYSTEM) {
        return TQ_OK;
    }
    TQ_TRY(store_int(tx, STMT_CREDENTIAL_COUNT, NO_ARGS, 0, &known, err));
    return known == 0
               ? TQ_OK
               : tq_fail(err, TQ_FORBIDDEN, "no_role", "system",
                         "this installation has passwords; a security administrator sets others");
}

tq_code password_put(app *a, const call *c, int64_t user_id, str password, tq_err *err)
{
    credential user = {0};
    password_hash hash;
    TX_AUTO store_tx *look = NULL;
    TQ_TRY(work_read(a, &look, err));
    TQ_TRY(credential_read(look, c, user_id, &user, err));
    TQ_TRY(store_commit(&look, err));
    TQ_TRY(by_person_need(user.login, err));
    TQ_TRY(password_need(password, user.login, err));
    TQ_TRY(password_hash_make(password, &hash, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN) | ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(first_need(tx, c, err));
    event e = work_event(c, EV_PASSWORD_SET);
    TQ_TRY(password_store(tx, c, user_id, &hash, user.person_id != c->who.person_id, &e,
                          "administrator", err));
    return store_commit(&tx, err);
}

tq_code login_demo(app *a, const call *c, str password, int64_t *n, tq_err *err)
{
    password_hash hash;
    int64_t real = 0;
    int64_t set = 0;
    /* One hash for all: the demonstration has hundreds of users and one password, which is printed. */
    TQ_TRY(password_hash_make(password, &hash, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_int(tx, STMT_PROGRAMMES_NOT_DEMO, NO_ARGS, 0, &real, err));
    if (real > 0) {
        return tq_fail(err, TQ_REFUSED, "no_demo", "programme",
                       "this is no demonstration: a programme's name does not say so");
    }
    TQ_TRY(store_run(tx, STMT_CREDENTIAL_DEMO, ARGS(arg_str(str_of(hash.text)), arg_int(c->at.us)),
                     &set, err));
    TQ_TRY(store_commit(&tx, err));
    *n = set;
    return TQ_OK;
}
