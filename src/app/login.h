/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOGIN_H
#define TQ_LOGIN_H

/* Passwords, the second factor, log-in and lock-out.
 *
 * Acts on one's own account need c->who.user_id and person_id (of session_find) and no role: they are
 * open to a user who must set a password or a second factor first. Hashing is done outside of
 * transactions. BUSY/password_queue where too many log in at once: try again. */

#include "app/session.h"

#define PASSWORD_CHARS_MIN 10

typedef struct login_rq {
    str login;
    str password;
    str code;    /* six digits of the app or a printed code; "" where none was typed */
    str address; /* of the client, as the edge believes it; the /64 of an IPv6 address */
} login_rq;

typedef struct login_done {
    bearer session; /* fresh at each log-in: for the cookie */
    int64_t user_id;
    caller_must must;
    instant ends;
    instant last; /* log-in before this one; 0 = the first */
} login_done;

/* `c` is the public (ROLE_PUBLIC). INVALID/login_refused is the one answer for an unknown, closed or
 * locked log-in, a wrong password, and a wrong, used or missing code, after the same work.
 * BUSY/login_wait where the address has failed too often, before any work. */
TQ_MUST_CHECK tq_code login_try(app *a, const call *c, const login_rq *rq, login_done *out,
                                tq_err *err);

/* Lock-out: failures in a row, and for how long the next attempts are refused. A day without a failure
 * starts again from 0; for a user a success does too. */
int64_t login_user_wait_us(int64_t failures);
int64_t login_address_wait_us(int64_t failures);
/* secadmin. CONFLICT/not_locked. */
TQ_MUST_CHECK tq_code login_unlock(app *a, const call *c, int64_t user_id, tq_err *err);

/* INVALID/password_weak: shorter than PASSWORD_CHARS_MIN characters, one character or a run over and
 * over, among the commonest, or with the log-in in it. INVALID/password_length above the maximum. */
TQ_MUST_CHECK tq_code password_need(str password, str login, tq_err *err);

/* A link for a first or forgotten password, given to its user by a secadmin: one use, 24 hours; the
 * earlier link of the user ends. Not for oneself (FORBIDDEN/same_person). */
TQ_MUST_CHECK tq_code password_link(app *a, const call *c, int64_t user_id, bearer *link,
                                    tq_err *err);
/* `c` is the public. NOT_FOUND/no_link. All sessions of the user end. */
TQ_MUST_CHECK tq_code password_by_link(app *a, const call *c, str link, str password, tq_err *err);
/* Oneself. INVALID/password_wrong counts as a failure of log-in. All sessions of the user end. */
TQ_MUST_CHECK tq_code password_change(app *a, const call *c, str old, str password, tq_err *err);
/* secadmin at the terminal: another user's must be changed at the next log-in. ROLE_SYSTEM, the owner of
 * the data folder, sets the first password of an installation: FORBIDDEN/no_role once there is one. */
TQ_MUST_CHECK tq_code password_put(app *a, const call *c, int64_t user_id, str password,
                                   tq_err *err);

/* Oneself, with the password again: a new secret for an authenticator app, which counts once
 * factor_confirm has seen a code of it. `uri` (otpauth://) lives in c->a. */
typedef struct factor_new {
    char base32[33];
    str uri;
} factor_new;
TQ_MUST_CHECK tq_code factor_begin(app *a, const call *c, str password, factor_new *out,
                                   tq_err *err);
/* CONFLICT/no_factor, INVALID/code_wrong. */
TQ_MUST_CHECK tq_code factor_confirm(app *a, const call *c, str code, tq_err *err);
/* Oneself, with the password again: ten printed codes, each good for one log-in; earlier ones end. They
 * stand beside the app, or alone for a user without a phone. */
#define PRINTED_CODES 10
TQ_MUST_CHECK tq_code factor_codes(app *a, const call *c, str password,
                                   printed_code out[PRINTED_CODES], tq_err *err);
/* secadmin, for another: app and codes are gone, sessions end, staff enrol again. */
TQ_MUST_CHECK tq_code factor_reset(app *a, const call *c, int64_t user_id, tq_err *err);
typedef struct factor_state {
    bool app;
    int64_t codes_left;
    bool required;            /* holds or is lent a role of the staff */
    instant password_changed; /* 0: no password */
} factor_state;
TQ_MUST_CHECK tq_code factor_look(app *a, const call *c, factor_state *out, tq_err *err);

/* Roles that need a second factor: all but those of firms, institutions and platforms. */
#define FACTOR_ROLES                                                                               \
    (ROLES_ANY & ~(ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE) | ROLES(ROLE_INST_AGENT) |    \
                   ROLES(ROLE_PLATFORM_AGENT)))

/* Demonstration only (REFUSED/no_demo unless every programme's name says 演示): one hash, made once, for
 * all open users without a password, and no second factor asked of them. Writes no event. */
TQ_MUST_CHECK tq_code login_demo(app *a, const call *c, str password, int64_t *n, tq_err *err);

#endif
