/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_INVITATION_H
#define TQ_INVITATION_H

/* An agent invites a colleague of the organisation, a secadmin invites staff: a link with a secret,
 * good for one use within seven days. Accepting it opens a log-in with the person's own password; the
 * role is then proposed in the inviter's name and confirmed as every grant. The inviter must still
 * hold the role in which they invited. */

#include "app/app.h"
#include "base/secrets.h"

#define INVITATION_LIFE_US (INT64_C(7) * 86400 * 1000000)
#define INVITATIONS_OPEN_MAX 50 /* of one inviter */

typedef struct invitation_rq {
    role role;
    int64_t programme_id; /* 0: every programme; agents: 0 */
    int64_t org_id;       /* agents: their own */
    day to;               /* last day of the role; {0}: open */
} invitation_rq;

/* The rules of grant_propose (role_grant.c) decide who may ask for what. Not under delegation. */
TQ_MUST_CHECK tq_code invitation_send(app *a, const call *c, const invitation_rq *rq, int64_t *id,
                                      bearer *link, tq_err *err);

typedef struct invitation_view {
    int64_t id;
    role role;
    int64_t programme_id, org_id;
    str programme_code, org_name; /* "" where there is none */
    str state;                    /* open accepted ended */
    instant ends;
} invitation_view;

/* The public, for the page behind the link. NOT_FOUND/no_invitation: unknown, used, ended, too old. */
TQ_MUST_CHECK tq_code invitation_find(app *a, const call *c, str link, invitation_view *out,
                                      tq_err *err);

typedef struct invitation_answer {
    str name;
    str phone; /* may be empty */
    str login;
    str password;
} invitation_answer;
/* The public. CONFLICT/login_taken leaves the link good. */
TQ_MUST_CHECK tq_code invitation_accept(app *a, const call *c, str link,
                                        const invitation_answer *rq, int64_t *user_id,
                                        int64_t *grant_id, tq_err *err);
/* The inviter, or a secadmin. CONFLICT/invitation_over. */
TQ_MUST_CHECK tq_code invitation_end(app *a, const call *c, int64_t id, tq_err *err);
/* Of c->who.user_id, newest first; secadmin in that role: all. In c->a. */
TQ_MUST_CHECK tq_code invitation_list(app *a, const call *c, invitation_view *out, size_t room,
                                      size_t *n, tq_err *err);

#endif
