/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PERSON_INNER_H
#define TQ_PERSON_INNER_H

/* Events of people inside a transaction that has checked who acts: for person.c and site_init. */

#include "app/person.h"

TQ_MUST_CHECK tq_code person_add(store_tx *tx, const call *c, const person_rq *rq,
                                 int64_t *person_id, tq_err *err);
TQ_MUST_CHECK tq_code user_add(store_tx *tx, const call *c, int64_t person_id, str login,
                               int64_t org_id, int64_t *user_id, tq_err *err);
/* Adds a grant row in `state` to the event, by the acting person. */
TQ_MUST_CHECK tq_code grant_add(store_tx *tx, const call *c, event *e, const grant_rq *rq,
                                const char *state, int64_t *grant_id, tq_err *err);

/* Who may ask for a role, for which one, and the scope it must name (role_grant.c). */
#define GRANT_PROPOSERS                                                                            \
    (ROLES(ROLE_SECADMIN) | ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE) |                    \
     ROLES(ROLE_INST_AGENT) | ROLES(ROLE_REVIEWER1) | ROLES(ROLE_REVIEWER2) | ROLES(ROLE_OFFICE) | \
     ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER) | ROLES(ROLE_GROUP))
TQ_MUST_CHECK tq_code grant_may_propose(const call *c, const grant_rq *rq, tq_err *err);
TQ_MUST_CHECK tq_code grant_scope_need(store_tx *tx, const call *c, const grant_rq *rq,
                                       tq_err *err);

/* 2 to 64 of a-z 0-9 . _ - @; INVALID/login. Nobody chooses a log-in that is bound to a uid. */
TQ_MUST_CHECK tq_code login_form_need(str login, tq_err *err);

#endif
