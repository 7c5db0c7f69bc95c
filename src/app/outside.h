/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_OUTSIDE_H
#define TQ_OUTSIDE_H

/* Sign-in at an outside provider, once the edge has proven who came (day-one §2.6.2): which account there
 * opens which log-in here, made only by the person with the password of the log-in, ended by the person or
 * a security administrator. No outside claim makes an account. What is proven counts as the password; the
 * second factor stays the installation's own unless the provider shows one that the configuration takes.
 *
 * A visit is the way of one browser to the provider and back, known by a secret that the browser keeps.
 * Its proof is good once; where more is needed (a code, or the password to link) it waits for
 * OUTSIDE_WAIT_US. The edge takes no visit that began longer ago than that, so a used one need not be known
 * for longer either. */

#include "app/login.h"

#define OUTSIDE_WAIT_US (INT64_C(10) * 60 * 1000000)
#define OUTSIDE_LINKS_MAX 8 /* of one log-in; one a provider */

/* Whom a provider speaks for: the staff of the administration, or those who act for organisations. */
typedef enum outside_people { OUTSIDE_STAFF, OUTSIDE_ORGANISATION } outside_people;

typedef struct outside_proof {
    str provider; /* of the configuration */
    outside_people people;
    str issuer, subject; /* together one account */
    bool factor_shown;   /* a second factor that the configuration takes */
} outside_proof;

typedef enum outside_next {
    OUTSIDE_IN,      /* a session has begun */
    OUTSIDE_CODE,    /* the second factor is waited for: outside_code */
    OUTSIDE_UNLINKED /* no log-in is linked: outside_link, after logging in */
} outside_next;

typedef struct outside_done {
    outside_next next;
    login_done in; /* OUTSIDE_IN */
} outside_done;

/* Before anybody is asked: BUSY/login_wait where the address has failed too often. */
TQ_MUST_CHECK tq_code outside_may(app *a, const call *c, str address, tq_err *err);
/* Counts a failure of the address: a proof that did not hold. */
TQ_MUST_CHECK tq_code outside_failed(app *a, const call *c, str address, tq_err *err);

/* `c` is the public. CONFLICT/outside_used: the visit has done its work. FORBIDDEN/outside_people: the
 * linked log-in is not one of those the provider speaks for. */
TQ_MUST_CHECK tq_code outside_sign_in(app *a, const call *c, str visit, const outside_proof *proof,
                                      outside_done *out, tq_err *err);
/* The public. INVALID/login_refused counts as a failed log-in; INVALID/no_visit: begin again. */
TQ_MUST_CHECK tq_code outside_code(app *a, const call *c, str visit, str code, str address,
                                   login_done *out, tq_err *err);

/* What waits under the visit: the provider, "" where nothing can be linked. In c->a. */
TQ_MUST_CHECK tq_code outside_waiting(app *a, const call *c, str visit, str *provider, tq_err *err);

/* Oneself, with the password again. INVALID/no_visit, INVALID/password_wrong, FORBIDDEN/outside_people,
 * CONFLICT/outside_taken: the account opens another log-in; CONFLICT/outside_linked: the log-in has another
 * account at this provider. */
TQ_MUST_CHECK tq_code outside_link(app *a, const call *c, str visit, str password, int64_t *id,
                                   tq_err *err);

typedef struct outside_row {
    int64_t id;
    str provider;
    instant made, used; /* used 0: never */
} outside_row;
/* Of c->who.user_id, in c->a. */
TQ_MUST_CHECK tq_code outside_list(app *a, const call *c, outside_row out[OUTSIDE_LINKS_MAX],
                                   size_t *n, tq_err *err);
/* Oneself. NOT_FOUND/not_found. */
TQ_MUST_CHECK tq_code outside_end(app *a, const call *c, int64_t id, tq_err *err);
/* secadmin: all links and sessions of the user. CONFLICT/outside_none. */
TQ_MUST_CHECK tq_code outside_end_of(app *a, const call *c, int64_t user_id, tq_err *err);

#endif
