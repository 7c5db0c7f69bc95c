/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ACCESS_INNER_H
#define TQ_ACCESS_INNER_H

/* What the use cases of log-in share: acts on one's own account, failures that are counted, and the
 * places where a user's secrets end. */

#include "app/login.h"

/* SHA-256 of a bearer secret, as it is stored. */
digest bearer_digest(str token);

/* The user acts on their own account: the log-in is open and the person's. No role is asked. */
TQ_MUST_CHECK tq_code self_begin(app *a, const call *c, store_tx **out, tq_err *err);
/* An event of one's own account (in the role of the public), or of a secadmin's act. Its note names the
 * user, and one text more where `key` is not NULL. */
event self_event(const call *c, event_kind kind);
void user_note(event *e, int64_t user_id, const char *key, str text);

/* Who has an open log-in, and its password; hash "" where there is none. */
typedef struct credential {
    int64_t user_id, person_id;
    str login, hash; /* in c->a */
    int64_t changed_us;
    bool must_change, factor_free;
    instant last;
} credential;
/* NOT_FOUND/not_found where the user is unknown or closed. */
TQ_MUST_CHECK tq_code credential_read(store_tx *tx, const call *c, int64_t user_id, credential *out,
                                      tq_err *err);
TQ_MUST_CHECK tq_code credential_write(store_tx *tx, const call *c, int64_t user_id,
                                       const password_hash *hash, bool must_change, tq_err *err);

/* Failures. A subject is a log-in, an address or the filings of an address, keyed with the site's own
 * secret so that the table names nobody. */
typedef struct subject {
    char text[80];
} subject;
TQ_MUST_CHECK tq_code subject_of(store_tx *tx, const char *kind, str what, subject *out,
                                 tq_err *err);
/* Until when attempts are refused; {0} where they are not. Locks the row in a WRITE transaction. */
TQ_MUST_CHECK tq_code failure_until(store_tx *tx, const subject *s, instant *until, tq_err *err);
/* Counts one more: those before `window_us` ago no longer count. */
TQ_MUST_CHECK tq_code failure_add(store_tx *tx, const subject *s, instant at, int64_t window_us,
                                  int64_t (*wait_us)(int64_t failures), int64_t *wait, tq_err *err);
TQ_MUST_CHECK tq_code failure_clear(store_tx *tx, const subject *s, tq_err *err);

/* BUSY/login_wait where the address has failed too often; "" never has. */
TQ_MUST_CHECK tq_code address_need(store_tx *tx, const call *c, str address, tq_err *err);
TQ_MUST_CHECK tq_code address_failed(store_tx *tx, const call *c, str address, tq_err *err);
/* The one answer to all that is wrong at a log-in: INVALID/login_refused. */
TQ_MUST_CHECK tq_code login_refused(tq_err *err);
/* Counts a failed log-in of the log-in and, where it is not "", of the address. user_id 0: there is no
 * such user, and nobody to be told that they are locked. */
TQ_MUST_CHECK tq_code login_failed(store_tx *tx, const call *c, int64_t user_id, str login,
                                   str address, tq_err *err);
/* The password once more, before a change of what protects the account. In its own transactions;
 * INVALID/password_wrong, also while the log-in is locked, and counted as a failure. */
TQ_MUST_CHECK tq_code password_again(app *a, const call *c, str password, tq_err *err);

/* Is the code one of the user's, unused? Takes it out of use. *has: the user has a second factor at all. */
TQ_MUST_CHECK tq_code factor_take(store_tx *tx, const call *c, int64_t user_id, str typed,
                                  bool *has, bool *right, tq_err *err);
/* Roles of the user today; with `staff` a role that needs a second factor is among them. */
TQ_MUST_CHECK tq_code roles_read(store_tx *tx, const call *c, int64_t user_id, caller_role **roles,
                                 size_t *n, bool *staff, tq_err *err);

/* A new session, the user's oldest beyond SESSIONS_OF_USER_MAX ended. factor_shown: a second factor was seen
 * by a provider whose word counts, so that the user need not have one here. */
TQ_MUST_CHECK tq_code session_start(store_tx *tx, const call *c, int64_t user_id, bool factor_shown,
                                    bearer *out, tq_err *err);
/* The session of a user who has proven all that is asked of them; has_factor: they have one here. */
TQ_MUST_CHECK tq_code login_enter(store_tx *tx, const call *c, const credential *user,
                                  bool has_factor, bool factor_shown, login_done *out, tq_err *err);
TQ_MUST_CHECK tq_code sessions_drop(store_tx *tx, int64_t user_id, int64_t *n, tq_err *err);
/* All that lets the user in: password, factor, codes, links, sessions, tokens, open invitations. */
TQ_MUST_CHECK tq_code access_close(store_tx *tx, int64_t user_id, tq_err *err);

#endif
