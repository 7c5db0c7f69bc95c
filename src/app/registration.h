/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_REGISTRATION_H
#define TQ_REGISTRATION_H

/* A firm, an institution or a team registers itself; a second person looks it up in the register and
 * confirms: organisation, log-in and agent's role come into being in one transaction, for every
 * programme of the installation.
 *
 * Where the organisation exists and has an agent of its own, the registration is that agent's to
 * decide: a confirmed one becomes a colleague whose role is proposed, as every role that an agent asks
 * for. Where it exists without an agent, the bureau's clerk decides, and no second organisation is
 * made. The contact person is a person like others; the password is kept hashed beside the record. */

#include "app/app.h"
#include "base/secrets.h"

#define REGISTRATIONS_PER_ADDRESS 20 /* filed in a day */
#define REGISTRATION_REASON_MAX 300

typedef struct registration_rq {
    str kind;        /* enterprise institution team */
    str credit_code; /* none for a team */
    str name;
    str region;  /* six digits, GB/T 2260 */
    str contact; /* name of the person who registers */
    str phone;   /* may be empty */
    str login;
    str password;
    str address; /* of the client, as in login_rq */
} registration_rq;

typedef struct registration_filed {
    int64_t id;
    bearer secret; /* shown once: with the id it answers for the status */
} registration_filed;

/* The public. CONFLICT/login_taken; BUSY/registration_wait above the limit of the address. */
TQ_MUST_CHECK tq_code registration_file(app *a, const call *c, const registration_rq *rq,
                                        registration_filed *out, tq_err *err);

typedef struct registration_view {
    int64_t id;
    str state; /* filed confirmed refused */
    str kind, credit_code, name, region, login;
    str contact, phone; /* empty in registration_status */
    str reason;         /* of a refusal */
    day filed, decided;
    int64_t org_id; /* the organisation it became or joins; 0: there is none yet */
    bool own_agent; /* filed: the organisation's own agent decides */
} registration_view;

/* The public, with the secret. NOT_FOUND/no_registration for a wrong number and a wrong secret alike. */
TQ_MUST_CHECK tq_code registration_status(app *a, const call *c, int64_t id, str secret,
                                          registration_view *out, tq_err *err);
/* What is open to c->who: intake, centre and secadmin all, agents those that ask to join their
 * organisation; `state` "" = any. Ids descending from before_id (0 = newest); at most `room` in c->a. */
TQ_MUST_CHECK tq_code registration_list(app *a, const call *c, str state, int64_t before_id,
                                        registration_view *out, size_t room, size_t *n,
                                        tq_err *err);
/* NOT_FOUND where it is not in c->who's list. */
TQ_MUST_CHECK tq_code registration_look(app *a, const call *c, int64_t id, registration_view *out,
                                        tq_err *err);

typedef struct registration_done {
    int64_t org_id;
    int64_t user_id;
    int64_t grant_id;
    bool active; /* else the role is proposed, for a secadmin to confirm */
} registration_done;

/* intake, centre; agents of the organisation. `place_id`: township or park, 0 = not known.
 * CONFLICT/own_agent where it is the agent's to decide, login_taken, state_arrow. */
TQ_MUST_CHECK tq_code registration_confirm(app *a, const call *c, int64_t id, int64_t place_id,
                                           registration_done *out, tq_err *err);
/* The same roles; the reason is shown to whoever asks with the secret. */
TQ_MUST_CHECK tq_code registration_refuse(app *a, const call *c, int64_t id, str reason,
                                          tq_err *err);

#endif
