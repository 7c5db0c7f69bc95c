/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_GATE_H
#define TQ_GATE_H

/* Who asks, as whom, and whether this may be asked at all, before anything is read or done.
 *
 * Cookie callers need the CSRF secret of their session with everything that changes something; bearer
 * callers never use cookies. A session, its roles and their days are read anew at each request (I21).
 * What a role may not open is 404, like what is not there (I20). */

#include "web/web.h"

#define COOKIE_DID "tq_did" /* the route that was just done: the next page says so, once */
#define COOKIE_ROLE                                                                                \
    "tq_as" /* the role acted in: "reviewer1.1.0.0"; worth nothing without the grant */
#define COOKIE_LANG "tq_lang"
#define COOKIE_LARGE "tq_large" /* "1": large text */

/* Fills everything of w but row, once and input. Errors: NOT_FOUND (nothing here for this role),
 * FORBIDDEN/not_signed_in (the caller answers 401 or sends a person to /login). */
TQ_MUST_CHECK tq_code gate_enter(web_rq *w, tq_err *err);
/* For what changes something: origin, CSRF, media type, idempotency key. FORBIDDEN/csrf. */
TQ_MUST_CHECK tq_code gate_change(web_rq *w, tq_err *err);

/* Names of the cookies follow base_url (https: __Host-, Secure). */
str gate_session_cookie(const web_rq *w);
/* "name=value; attributes" in the request's arena; value "" ends the cookie. */
const char *gate_cookie(const web_rq *w, const char *name, str value, bool secret);
/* The role as COOKIE_ROLE and the form of /me/role write it. */
str gate_role_text(const caller_role *r, arena *a);

#endif
