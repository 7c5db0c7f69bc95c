/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PERSON_H
#define TQ_PERSON_H

/* Persons, log-ins, roles. A person is natural and may have several users; a role is held by a user
 * through a grant that one person proposed and a security administrator confirmed, who is neither
 * the proposer nor the one who gets it. Names, phones and id numbers are private rows. */

#include "app/app.h"

typedef struct person_rq {
    str name;
    str phone; /* may be empty, like id_no */
    str id_no;
} person_rq;

/* secadmin, office, intake, group, finance, reviewers; agents for people of their organisation. */
TQ_MUST_CHECK tq_code person_register(app *a, const call *c, const person_rq *rq,
                                      int64_t *person_id, tq_err *err);
/* The same roles. org_id 0: no organisation's agent. CONFLICT/login_taken. */
TQ_MUST_CHECK tq_code user_open(app *a, const call *c, int64_t person_id, str login, int64_t org_id,
                                int64_t *user_id, tq_err *err);
/* Both at once, for somebody who is not known yet: the person and the log-in, or neither. */
TQ_MUST_CHECK tq_code user_open_new(app *a, const call *c, const person_rq *rq, str login,
                                    int64_t org_id, int64_t *user_id, tq_err *err);
/* secadmin: the log-in, its grants and delegations from and to it end in this minute. */
TQ_MUST_CHECK tq_code user_close(app *a, const call *c, int64_t user_id, tq_err *err);

typedef struct grant_rq {
    int64_t user_id;
    role role;
    int64_t programme_id; /* 0: every programme of the installation */
    int64_t org_id; /* the organisation whose agent it is; of a township's role the township or park
                           * that it sees; required for those roles, 0 for all others */
    day from;       /* {0}: today */
    day to;         /* {0}: open */
} grant_rq;

/* secadmin any role; bureau and finance roles within their programme, but no administrator's or
 * supervision's role; agents only agents' roles of their own organisation. REFUSED/roles_apart where
 * the person holds, or was lent, a role that goes with this one in nobody's hands (domain/roles.h). */
TQ_MUST_CHECK tq_code grant_propose(app *a, const call *c, const grant_rq *rq, int64_t *grant_id,
                                    tq_err *err);
/* secadmin; FORBIDDEN/same_person for the proposer and for the person who would hold it. */
TQ_MUST_CHECK tq_code grant_confirm(app *a, const call *c, int64_t grant_id, tq_err *err);
/* secadmin; agents for users of their organisation. Ends a proposed or active grant today. */
TQ_MUST_CHECK tq_code grant_end(app *a, const call *c, int64_t grant_id, tq_err *err);

/* Hand-over of a leaving clerk (secadmin): the old log-in ends as by user_close, and each role it held
 * in that minute is proposed for the successor, to be confirmed by another secadmin. *n counts them. */
TQ_MUST_CHECK tq_code user_hand_over(app *a, const call *c, int64_t from_user_id,
                                     int64_t to_user_id, int64_t *grant_ids, size_t room, size_t *n,
                                     tq_err *err);

/* The actor lends the role in which they act to another person, for at most DELEGATION_DAYS_MAX days.
 * No administrator's role and none held by delegation itself can be lent. It ends by itself; whoever
 * acted earlier on a case is refused when they use it there (act_once). */
#define DELEGATION_DAYS_MAX 366
typedef struct delegation_rq {
    int64_t to_user_id;
    int64_t programme_id; /* 0: wherever the principal holds the role */
    day from;
    day to;
    int64_t limit_fen; /* of one act; 0: none */
} delegation_rq;
TQ_MUST_CHECK tq_code delegation_set(app *a, const call *c, const delegation_rq *rq,
                                     int64_t *delegation_id, tq_err *err);
/* The principal, the delegate, secadmin. */
TQ_MUST_CHECK tq_code delegation_end(app *a, const call *c, int64_t delegation_id, tq_err *err);
/* For acts with an amount: REFUSED/over_delegation where the actor acts for another beyond the limit. */
TQ_MUST_CHECK tq_code delegation_allows(store_tx *tx, const call *c, int64_t amount_fen,
                                        tq_err *err);

/* secadmin: blanks the private row and deletes every private body that names the person, that of this
 * event too. CONFLICT/user_is_open while the person has a log-in. What they did stays, by number. */
TQ_MUST_CHECK tq_code person_erase(app *a, const call *c, int64_t person_id, tq_err *err);

#endif
