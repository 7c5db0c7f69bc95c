/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_INQUIRY_H
#define TQ_INQUIRY_H

/* Inquiries of the supervisors (P-30), asked by one and opened by another:
 *
 *   inquiry_ask, inquiry_hold          supervisor, supervisor_head           asked; held
 *   inquiry_answer, inquiry_release    supervisor_head, other persons than
 *                                      asked or held                         open or refused; lifted
 *   inquiry_end                        whoever of them, or the clock after
 *                                      its last day                          ended
 *   inquiry_papers                     whoever of them, of an urgent one     its papers have come
 *
 * What supervisors read of cases within its scope, from its first to its last day, is written to the sealed
 * log (reading.h): the head of the supervisors reads it, nobody else. There is no emergency door: without an
 * open inquiry a reading stands in the access log like any other. What cannot wait for its papers is asked as
 * `urgent`: the same two persons, and the papers within the clock `inquiry_papers` of the policy; the report of
 * the quarter (watch_report.h) names those that came late or not at all (R-INQUIRY-040).
 *
 * A hold (R-INQUIRY-030) stops erasing: person_erase of whom it is about, and retention of the whole programme,
 * because whom a tip or an objection speaks of is free text. It outlives the inquiry until it is lifted. */

#include "app/app.h"

#define INQUIRY_DAYS_MAX 366 /* a longer one is asked for again */

typedef struct inquiry_request {
    str case_no;       /* of the supervisors' own file */
    str scope;         /* organisation, person or programme */
    int64_t org_id;    /* of an organisation, else 0 */
    int64_t person_id; /* of a person, else 0 */
    day from, until;   /* both count; not before today */
    str reason;
    bool urgent; /* its papers come later */
} inquiry_request;

/* INVALID/line, word, days, inquiry_scope; NOT_FOUND for whom it names; INVALID/policy_unset for an
 * urgent one where the policy sets no clock. */
TQ_MUST_CHECK tq_code inquiry_ask(app *a, const call *c, const inquiry_request *rq, int64_t *id,
                                  tq_err *err);
/* FORBIDDEN/same_person for who asked; CONFLICT/state_arrow, here and below, where it is elsewhere. */
TQ_MUST_CHECK tq_code inquiry_answer(app *a, const call *c, int64_t id, bool open, str answer,
                                     tq_err *err);
TQ_MUST_CHECK tq_code inquiry_end(app *a, const call *c, int64_t id, str answer, tq_err *err);
/* Those whose last day has gone by, as `system`. */
TQ_MUST_CHECK tq_code inquiry_end_due(app *a, const call *c, int64_t *done, tq_err *err);

/* The number of the papers of an urgent inquiry. CONFLICT/no_papers_due where none are awaited. */
TQ_MUST_CHECK tq_code inquiry_papers(app *a, const call *c, int64_t id, str papers, tq_err *err);

/* Of an open inquiry; FORBIDDEN/same_person for who opened it. CONFLICT/held. */
TQ_MUST_CHECK tq_code inquiry_hold(app *a, const call *c, int64_t id, tq_err *err);
/* Also of one that has ended. FORBIDDEN/same_person for who asked or held. CONFLICT/not_held. */
TQ_MUST_CHECK tq_code inquiry_release(app *a, const call *c, int64_t id, tq_err *err);

/* CONFLICT/held where a hold keeps what is known of the person. */
TQ_MUST_CHECK tq_code person_hold_check(store_tx *tx, int64_t person_id, tq_err *err);

#endif
