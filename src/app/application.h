/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APPLICATION_H
#define TQ_APPLICATION_H

/* Applications for vouchers and top-ups (P-20, P-22, P-51): any day, each telling which way it
 * came.
 *
 * Life: draft → submitted → (returned → submitted) → approved | refused | withdrawn; approved →
 * issued by voucher_issue or voucher_top_up (app/voucher.h). An approval asks the policy
 * (STAGE_APPLY); what a rule refuses is not an error but a recorded decision, and the
 * application is refused. Granted money is not set aside before issue: the caps and the pool
 * are asked again under lock there.
 *
 * Submitting, deciding and issuing are three stages ("apply", "approve", "issue") of one money
 * object: three persons (I15). */

#include "app/app.h"

typedef struct application_request {
    int64_t holder_id; /* firm roles: their own organisation, others any */
    int64_t kind_id;
    int64_t voucher_id; /* top-up of this active voucher; 0 = a new voucher */
    const char *way;    /* round (of the yearly list) | immediate */
    int64_t asked_fen;  /* > 0; for award kinds the wish, the group decides the amount */
    str purpose;        /* one line, may be empty */
} application_request;

/* A draft takes no place and has no number; submitting numbers it and starts the case. */
TQ_MUST_CHECK tq_code application_draft(app *a, const call *c, const application_request *rq,
                                        int64_t *id_out, tq_err *err);
/* Draft or returned → submitted. FORBIDDEN/not_yours, REFUSED/banned. */
TQ_MUST_CHECK tq_code application_submit(app *a, const call *c, int64_t id, tq_err *err);
/* Submitted → returned, with the last day for the supplement where the policy states the clock
 * `supplement`; after it the clock withdraws the application (app/supplement.h). */
TQ_MUST_CHECK tq_code application_return(app *a, const call *c, int64_t id, str reason,
                                         tq_err *err);
/* Draft and submit in one: the hall, the service centre and bulk filing use this. */
TQ_MUST_CHECK tq_code application_file(app *a, const call *c, const application_request *rq,
                                       int64_t *id_out, tq_err *err);
TQ_MUST_CHECK tq_code application_withdraw(app *a, const call *c, int64_t id, tq_err *err);

typedef struct application_result {
    bool granted;
    int64_t amount_fen; /* granted, 0 when refused */
    int64_t decision_id;
    const char *reason;     /* token, "granted" */
    policy_decision detail; /* every rule asked; n = 0 where a ban alone refused */
} application_result;

/* Reviewer 1 and office decide application vouchers, the group those above the policy's `approval`
 * limit (FORBIDDEN/group_decides for others); up to the limit of a delegation where they act under one.
 * Award kinds are decided by application_award only: FORBIDDEN/award_kind. `paper`: a decision taken in a
 * meeting or on a circulated sheet is cited by number, day and scan; NULL or empty without one. */
TQ_MUST_CHECK tq_code application_approve(app *a, const call *c, int64_t id,
                                          const decision_paper *paper, application_result *out,
                                          tq_err *err);
/* A person refuses, with a reason of one line. */
TQ_MUST_CHECK tq_code application_refuse(app *a, const call *c, int64_t id, str reason,
                                         const decision_paper *paper, int64_t *decision_id,
                                         tq_err *err);

#define APPLICATION_AWARD_MAX 500 /* cases on one paper */

typedef struct application_award_case {
    int64_t application_id;
    int64_t decided_fen; /* > 0, entered as the paper says */
} application_award_case;

/* One decision of the group on paper covers a list (P-17, P-21): number, day and scan are
 * required, and the list must be the paper's: `count` and `total_fen` are typed from it
 * (INVALID/list_differs). Each case is still asked of the policy; results stand in the order of
 * the list. All or nothing, except that a case refused by a rule is recorded as refused. */
typedef struct application_award_request {
    decision_paper paper; /* blob: put before, by evidence_put */
    int64_t count;
    int64_t total_fen;
    const application_award_case *cases;
    size_t n;
} application_award_request;
TQ_MUST_CHECK tq_code application_award(app *a, const call *c, const application_award_request *rq,
                                        application_result *out, tq_err *err);

#endif
