/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PERSON_INNER_H
#define TQ_PERSON_INNER_H

/* Events of people inside a transaction that has checked who acts: for person.c and site_init. */

#include "app/person.h"

TQ_MUST_CHECK tq_code person_add(store_tx *tx, const call *c, const person_rq *rq, int64_t *person_id,
                                 tq_err *err);
TQ_MUST_CHECK tq_code user_add(store_tx *tx, const call *c, int64_t person_id, str login, int64_t org_id,
                               int64_t *user_id, tq_err *err);
/* Adds a grant row in `state` to the event, by the acting person. */
TQ_MUST_CHECK tq_code grant_add(store_tx *tx, const call *c, event *e, const grant_rq *rq,
                                const char *state, int64_t *grant_id, tq_err *err);

#endif
