/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access_inner.h"

#include <stdio.h>

#include "app/login.h"
#include "base/canon.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US (INT64_C(24) * HOUR_US)

digest bearer_digest(str token)
{
    return hash_of(HASH_SHA256, token);
}

tq_code self_begin(app *a, const call *c, store_tx **out, tq_err *err)
{
    int64_t person_id = 0;
    call self = *c;
    self.who.role = ROLE_PUBLIC; /* no role is needed for what is one's own */
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, &self, ROLES(ROLE_PUBLIC), &tx, err));
    TQ_TRY(store_int(tx, STMT_USER_OPEN_PERSON, ARGS(arg_int(c->who.user_id)), 0, &person_id, err));
    if (person_id == 0 || person_id != c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "no_user", "user",
                       "the log-in is closed or another person's");
    }
    *out = tx;
    tx = NULL;
    return TQ_OK;
}

event self_event(const call *c, event_kind kind)
{
    event e = work_event(c, kind);
    e.role = ROLE_PUBLIC;
    e.for_user_id = 0;
    return e;
}

void user_note(event *e, int64_t user_id, const char *key, str text)
{
    BUF_AUTO buf b = buf_max(4096);
    canon w = canon_to(&b);
    canon_open(&w);
    canon_kint(&w, "user", user_id);
    if (key != NULL) {
        canon_kstr(&w, key, text);
    }
    canon_close(&w);
    TQ_ASSERT(buf_ok(&b));
    e->note = arena_copy(e->a, buf_view(&b));
}

tq_code credential_read(store_tx *tx, const call *c, int64_t user_id, credential *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_CREDENTIAL_OF_USER, ARGS(arg_int(user_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "user", "there is no such open log-in");
    }
    credential found = {.user_id = user_id};
    found.login = row_copy(&r, c->a);
    found.person_id = row_int(&r);
    found.hash = row_copy(&r, c->a);
    found.changed_us = row_int(&r);
    found.must_change = row_int(&r) != 0;
    found.factor_free = row_int(&r) != 0;
    found.last.us = row_int(&r);
    *out = found;
    return TQ_OK;
}

tq_code credential_write(store_tx *tx, const call *c, int64_t user_id, const password_hash *hash,
                         bool must_change, tq_err *err)
{
    TQ_ASSERT(hash->text[0] == '$'); /* a hash, never a password */
    TQ_TRY(store_run(tx, STMT_PASSWORD_LINK_END_OF_USER, ARGS(arg_int(user_id)), NULL, err));
    return store_run(tx, STMT_CREDENTIAL_PUT,
                     ARGS(arg_int(user_id), arg_str(str_of(hash->text)), arg_int(c->at.us),
                          arg_int(must_change)),
                     NULL, err);
}

tq_code subject_of(store_tx *tx, const char *kind, str what, subject *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    char hex[65];
    TQ_TRY(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(STR("private_salt"))), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_CORRUPT, "no_site_secret", "secret.private_salt",
                       "the installation has no salt secret; was it made by init?");
    }
    const str parts[4] = {row_blob(&r), str_of(kind), STR(":"), what};
    digest_hex(hash_parts(HASH_SHA256, parts, TQ_COUNT(parts)), hex);
    const int n = snprintf(out->text, sizeof out->text, "%s:%s", kind, hex);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof out->text);
    return TQ_OK;
}

tq_code failure_until(store_tx *tx, const subject *s, instant *until, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_LOGIN_FAILURE_GET, ARGS(arg_str(str_of(s->text))), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    *until = (instant){0};
    if (more) {
        (void)row_int(&r);
        until->us = row_int(&r);
    }
    return TQ_OK;
}

tq_code failure_add(store_tx *tx, const subject *s, instant at, int64_t window_us,
                    int64_t (*wait_us)(int64_t failures), int64_t *wait, tq_err *err)
{
    int64_t failures = 0;
    TQ_ASSERT(window_us > 0);
    TQ_TRY(store_int(tx, STMT_LOGIN_FAILURE_ADD,
                     ARGS(arg_str(str_of(s->text)), arg_int(at.us), arg_int(at.us - window_us)), 0,
                     &failures, err));
    TQ_ASSERT(failures > 0);
    *wait = wait_us(failures);
    return store_run(tx, STMT_LOGIN_FAILURE_UNTIL,
                     ARGS(arg_str(str_of(s->text)), arg_int(*wait == 0 ? 0 : at.us + *wait)), NULL,
                     err);
}

tq_code failure_clear(store_tx *tx, const subject *s, tq_err *err)
{
    return store_run(tx, STMT_LOGIN_FAILURE_CLEAR, ARGS(arg_str(str_of(s->text))), NULL, err);
}

tq_code address_need(store_tx *tx, const call *c, str address, tq_err *err)
{
    subject from;
    instant until = {0};
    TQ_TRY(subject_of(tx, "address", address, &from, err));
    TQ_TRY(failure_until(tx, &from, &until, err));
    if (address.len > 0 && until.us > c->at.us) {
        return tq_fail(err, TQ_BUSY, "login_wait", "address",
                       "too many failed attempts came from here; try again later");
    }
    return TQ_OK;
}

tq_code address_failed(store_tx *tx, const call *c, str address, tq_err *err)
{
    subject from;
    int64_t wait = 0;
    if (address.len == 0) {
        return TQ_OK; /* the terminal has none */
    }
    TQ_TRY(subject_of(tx, "address", address, &from, err));
    return failure_add(tx, &from, c->at, HOUR_US, login_address_wait_us, &wait, err);
}

tq_code login_failed(store_tx *tx, const call *c, int64_t user_id, str login, str address,
                     tq_err *err)
{
    subject who;
    int64_t wait = 0;
    TQ_TRY(subject_of(tx, "login", login, &who, err));
    TQ_TRY(failure_add(tx, &who, c->at, DAY_US, login_user_wait_us, &wait, err));
    TQ_TRY(address_failed(tx, c, address, err));
    if (wait == 0 || user_id == 0) {
        return TQ_OK;
    }
    /* Each attempt that locks is one that had to wait for the last lock to run out: few events. */
    event e = work_event(c, EV_LOGIN_LOCK);
    e.user_id = 0;
    e.person_id = 0;
    e.for_user_id = 0;
    e.role = ROLE_SYSTEM;
    user_note(&e, user_id, "minutes", arena_printf(c->a, "%lld", (long long)(wait / 60000000)));
    return event_append(tx, &e, NULL, err);
}

tq_code access_close(store_tx *tx, int64_t user_id, tq_err *err)
{
    static const store_stmt ends[] = {
        STMT_SESSION_END_OF_USER,      STMT_TOKEN_END_OF_USER, STMT_PASSWORD_LINK_END_OF_USER,
        STMT_CREDENTIAL_DROP,          STMT_PRINTED_CODE_DROP, STMT_INVITATION_END_OF_USER,
        STMT_OUTSIDE_LINK_END_OF_USER,
    };
    for (size_t i = 0; i < TQ_COUNT(ends); i++) {
        TQ_TRY(store_run(tx, ends[i], ARGS(arg_int(user_id)), NULL, err));
    }
    for (int active = 0; active <= 1; active++) {
        TQ_TRY(store_run(tx, STMT_FACTOR_DROP, ARGS(arg_int(user_id), arg_int(active)), NULL, err));
    }
    return TQ_OK;
}

tq_code access_sweep(app *a, const call *c, int64_t *n, tq_err *err)
{
    int64_t gone = 0;
    int64_t sum = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_SESSION_SWEEP,
                     ARGS(arg_int(c->at.us), arg_int(c->at.us - SESSION_IDLE_US)), &gone, err));
    sum += gone;
    TQ_TRY(store_run(tx, STMT_PASSWORD_LINK_SWEEP, ARGS(arg_int(c->at.us)), &gone, err));
    sum += gone;
    TQ_TRY(store_run(tx, STMT_OUTSIDE_VISIT_SWEEP, ARGS(arg_int(c->at.us)), &gone, err));
    sum += gone;
    TQ_TRY(store_run(tx, STMT_LOGIN_FAILURE_SWEEP, ARGS(arg_int(c->at.us - DAY_US)), &gone, err));
    sum += gone;
    TQ_TRY(store_commit(&tx, err));
    if (n != NULL) {
        *n = sum;
    }
    return TQ_OK;
}
