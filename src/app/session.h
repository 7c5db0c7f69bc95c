/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SESSION_H
#define TQ_SESSION_H

/* Who is at the other end: a session (cookie) or an API token (token.h), read in one snapshot with what
 * the user may do on that day, so that a role that ends is gone at the next request (I21).
 *
 * Of the token only its SHA-256 is stored. Sessions are no audited rows: they are in no event, export
 * or bundle, and a restored backup holds none. */

#include "app/app.h"
#include "base/secrets.h"

#define SESSION_IDLE_US (INT64_C(30) * 60 * 1000000)
#define SESSION_LIFE_US (INT64_C(12) * 3600 * 1000000)
#define SESSION_TOUCH_US (INT64_C(60) * 1000000) /* "last seen" is written once a minute at most */
#define SESSIONS_OF_USER_MAX 10                  /* a further log-in ends the oldest */
#define CSRF_CHARS 43

/* What the user has to do before any role is open to them: until then n_roles is 0. */
typedef enum caller_must {
    MUST_NOTHING,
    MUST_PASSWORD, /* set one's own password: the present one came from somebody else */
    MUST_FACTOR    /* staff: enrol an authenticator app or take printed codes */
} caller_must;

/* One role that the user may act in today: by grant, or lent (for_user_id <> 0). An actor made of it is
 * {user_id, person_id, role, programme_id or that of the route where it is 0, org_id, for_user_id}. */
typedef struct caller_role {
    role role;
    int64_t programme_id; /* 0: every programme of the installation, and the installation itself */
    int64_t org_id;       /* of an agent; 0 for staff */
    int64_t for_user_id;  /* the principal of a delegation, else 0 */
    day to;               /* last day; {0}: open */
    str programme_code;   /* "" where programme_id is 0 */
    str org_name;         /* "" where org_id is 0 */
} caller_role;

typedef struct caller {
    int64_t user_id;
    int64_t person_id;
    int64_t org_id; /* of the log-in; 0 for staff */
    str login;
    str name; /* of the person, for the head of the page; never logged */
    caller_must must;
    bool by_token;             /* bearer: needs no CSRF secret, takes no cookie */
    bool read_only;            /* scope of a token */
    int64_t token_id;          /* of an API token, else 0 */
    char csrf[CSRF_CHARS + 1]; /* of this session alone; "" for a token */
    instant began;
    instant ends;       /* whatever is done; idle sessions end earlier */
    caller_role *roles; /* in c->a, by role, programme, org */
    size_t n_roles;
} caller;

/* Who is in the call is not asked: `at`, `today` and the arena are. NOT_FOUND/no_session, with one
 * answer for unknown, ended, idle and over-age ones and for closed users. Texts live in c->a. */
TQ_MUST_CHECK tq_code session_find(app *a, const call *c, str token, caller *out, tq_err *err);
/* The same in a snapshot that the caller holds already; does not write "last seen". */
TQ_MUST_CHECK tq_code session_read(store_tx *tx, const call *c, str token, caller *out,
                                   tq_err *err);

/* The actor for one of the roles; programme_id is that of the route where the role covers all. */
actor caller_actor(const caller *who, const caller_role *as, int64_t programme_id);

/* Log out. An unknown token is no error: the session is over either way. */
TQ_MUST_CHECK tq_code session_end(app *a, const call *c, str token, tq_err *err);
/* Ends all sessions of a user: of oneself (c->who.user_id), or of anybody by a secadmin. *n may be NULL. */
TQ_MUST_CHECK tq_code sessions_end_of(app *a, const call *c, int64_t user_id, int64_t *n,
                                      tq_err *err);
/* Deletes what has run out: sessions, links, invitations, counts of failures. For the hourly clock. */
TQ_MUST_CHECK tq_code access_sweep(app *a, const call *c, int64_t *n, tq_err *err);

#endif
