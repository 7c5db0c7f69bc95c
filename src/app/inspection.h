/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_INSPECTION_H
#define TQ_INSPECTION_H

/* Inspections of firms (P-30, P-37) and their credit (P-33).
 *
 *   inspection_assign   office           assigned   one for each pick of a draw, by the inspectors it drew
 *   inspection_open     office           proposed   a firm chosen for its risk, with the reason
 *                       group            assigned   the same: the group decides (R-DRAW-050)
 *   inspection_agree    group            assigned   what the office has proposed
 *   inspection_staff    office           -          who goes; R-INSPECT-010: never one with a declared conflict
 *   inspection_conflict inspector        -          leaves the firm at once, and sees nothing of it any more (I22)
 *   inspection_exclude  office           -          the same of an inspector who did not say so, sent or not
 *   inspection_record   inspector        visited    every line of the checklist is answered
 *   inspection_sign     inspector        signed     once both have; a new record takes the signatures back
 *   inspection_reply    firm             replied    right of reply, with papers (inspection_evidence_need)
 *   inspection_return   office, group    visited    the reply shows that the record is wrong (R-INSPECT-080)
 *   inspection_close    office           closed     result and effects; after the reply, or once its clock is out
 *   inspection_publish  office, group    published  by another person than closed it; not by who was there
 *   inspection_cancel   office, group    cancelled  before the visit
 *
 * Who signed does not close (act_once). The result is the worst class among wrong answers; what it does to the
 * firm is the policy's (rules `finding`): points, visits without a draw, smaller vouchers while the points count
 * (R-FINDING-020), a case that is opened in the same act (R-FINDING-010). Lines are those of the policy on the day
 * the inspection is opened, of them those that the firm's vouchers and orders ask for (R-INSPECT-070). */

#include "app/app.h"

typedef struct inspection_made {
    int64_t inspection_id; /* of the last where several were made */
    int64_t n;
} inspection_made;
/* CONFLICT/draw_state before the draw is run; CONFLICT/no_inspectors where conflicts leave less than two. */
TQ_MUST_CHECK tq_code inspection_assign(app *a, const call *c, int64_t draw_id, day due,
                                        inspection_made *out, tq_err *err);

typedef struct inspection_rq {
    int64_t org_id;
    int64_t first_user_id, second_user_id; /* log-ins of two persons with the role inspector */
    day due;
    str reason; /* one line */
} inspection_rq;
TQ_MUST_CHECK tq_code inspection_open(app *a, const call *c, const inspection_rq *rq,
                                      inspection_made *out, tq_err *err);
TQ_MUST_CHECK tq_code inspection_agree(app *a, const call *c, int64_t id, tq_err *err);
TQ_MUST_CHECK tq_code inspection_staff(app *a, const call *c, int64_t id, int64_t first_user_id,
                                       int64_t second_user_id, tq_err *err);
TQ_MUST_CHECK tq_code inspection_conflict(app *a, const call *c, int64_t id, str cause,
                                          tq_err *err);

/* FORBIDDEN/conflict_declared where it is declared already; INVALID/no_inspector. */
TQ_MUST_CHECK tq_code inspection_exclude(app *a, const call *c, int64_t id, int64_t user_id,
                                         str cause, tq_err *err);

typedef struct inspection_answer {
    int64_t n;  /* line, from 1 */
    str answer; /* yes | no | not_applicable */
    str note;   /* may be empty; demanded with `no` */
} inspection_answer;
#define INSPECTION_LINES_MAX 64
typedef struct inspection_record_rq {
    int64_t inspection_id;
    day visited;
    bool late; /* entered from paper after the day of the visit */
    str summary;
    const inspection_answer *answers;
    size_t n_answers;
} inspection_record_rq;
/* INVALID/lines names the line that is missing, unknown or answered twice. */
TQ_MUST_CHECK tq_code inspection_record(app *a, const call *c, const inspection_record_rq *rq,
                                        tq_err *err);
TQ_MUST_CHECK tq_code inspection_sign(app *a, const call *c, int64_t id, tq_err *err);
TQ_MUST_CHECK tq_code inspection_reply(app *a, const call *c, int64_t id, str reply, tq_err *err);
TQ_MUST_CHECK tq_code inspection_return(app *a, const call *c, int64_t id, str reason, tq_err *err);
TQ_MUST_CHECK tq_code inspection_close(app *a, const call *c, int64_t id, finding_class *result,
                                       tq_err *err);
TQ_MUST_CHECK tq_code inspection_publish(app *a, const call *c, int64_t id, tq_err *err);
/* Of a firm that was drawn by the group only (FORBIDDEN/group_decides); its visit is then to be given out again, for
 * what the lot has chosen nobody takes off (R-INSPECT-050). */
TQ_MUST_CHECK tq_code inspection_cancel(app *a, const call *c, int64_t id, str reason, tq_err *err);

/* Before evidence is added to an inspection: the actor goes there and it is not signed by both; a signature given before
 * is void, for it is of what was there then. Or it is the firm's own, and it may reply or has replied. Locks the row; puts the change into `e`. */
TQ_MUST_CHECK tq_code inspection_evidence_need(store_tx *tx, const call *c, int64_t id, event *e,
                                               tq_err *err);

/* Is the firm one of the actor's open tasks? NOT_FOUND where it is not: absent and forbidden look alike. */
TQ_MUST_CHECK tq_code inspection_task_need(store_tx *tx, const call *c, int64_t org_id,
                                           tq_err *err);

/* --- credit ---------------------------------------------------------------------------------------- */

typedef struct credit_rq {
    int64_t org_id;
    str cause;
    int64_t points; /* > 0, taken off */
    int64_t months; /* > 0 */
} credit_rq;
/* office proposes, group decides: proposed -> active or refused. */
TQ_MUST_CHECK tq_code credit_propose(app *a, const call *c, const credit_rq *rq, int64_t *id,
                                     tq_err *err);
TQ_MUST_CHECK tq_code credit_decide(app *a, const call *c, int64_t id, bool given, str reason,
                                    tq_err *err);
/* The firm contests what counts against it; the group annuls it or lets it stand. It counts until then.
 * R-CREDIT-030: answer and repair are for another person than proposed or gave the points, or inspected
 * (FORBIDDEN/same_person). */
TQ_MUST_CHECK tq_code credit_contest(app *a, const call *c, int64_t id, str reason, tq_err *err);
TQ_MUST_CHECK tq_code credit_answer(app *a, const call *c, int64_t id, bool upheld, str reason,
                                    tq_err *err);
/* The group sees the fault mended, by a paper. */
TQ_MUST_CHECK tq_code credit_repair(app *a, const call *c, int64_t id, const decision_paper *paper,
                                    str reason, tq_err *err);

/* The firm's credit on the day under the policy in force; *given is false where the policy has none. */
TQ_MUST_CHECK tq_code credit_sheet_of(app *a, store_tx *tx, int64_t programme_id, int64_t org_id,
                                      day on, arena *mem, bool *given, credit_sheet *out,
                                      tq_err *err);
/* The worst class of finding whose points count on the day; FINDING_NONE where there is none. */
TQ_MUST_CHECK tq_code credit_finding(store_tx *tx, int64_t programme_id, int64_t org_id, day on,
                                     finding_class *out, tq_err *err);
/* R-CREDIT-020: a claim of a firm on the path `visit` is approved only after an inspection since `filed` that
 * found nothing: CONFLICT/visit_first. */
TQ_MUST_CHECK tq_code credit_path_need(app *a, store_tx *tx, const call *c, int64_t org_id,
                                       day filed, tq_err *err);

#endif
