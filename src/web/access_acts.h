/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ACCESS_ACTS_H
#define TQ_ACCESS_ACTS_H

/* What the pages about log-ins, registrations, tokens and invitations share. */

#include "app/login.h"
#include "base/secrets.h"
#include "web/acts.h"
#include "web/site_inner.h"

/* The client for counts of failures: the address, of version 6 its /64. */
str web_client(const web_rq *w);
TQ_MUST_CHECK tq_code web_signed_in(const web_rq *w, tq_err *err);
/* To change what is one's own: FORBIDDEN/not_signed_in (401), and FORBIDDEN/not_by_token (404) for programs.
 * No role is asked for: these are open to a user who must set a password or second factor first. */
TQ_MUST_CHECK tq_code web_self(const web_rq *w, tq_err *err);
/* The call of a person whom nobody knows. Without idempotency: what is shown once cannot be shown again. */
call web_public(const web_rq *w);
/* The actor's own call, without idempotency for the same reason. */
call web_again(const web_rq *w);
/* An answer that is shown once; lines of it have the text field.<key> on the page and <key> in JSON. */
doc *web_once(web_rq *w, web_done *done, const char *next);
void web_once_line(const web_rq *w, doc *once, const char *key, str value);
/* A way on within the site: "/claims/5". What a browser could read as another host is no such way. */
bool web_own_path(str path);
/* Puts the session into the reply's cookie, ends the one that it replaces, and says where to go on. */
TQ_MUST_CHECK tq_code web_signed(web_rq *w, const login_done *in, str next, const char **cookie,
                                 const char **path, tq_err *err);
/* "https://vouchers.example/invite?token=…"; without base_url the path alone */
str web_link(const web_rq *w, const char *path, const bearer *secret);

#endif
