/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_REVIEW_CLAIM_H
#define TQ_APP_REVIEW_CLAIM_H

/* A claim under review: returned, refused, checked (first reviewer), approved (second), undone.
 *
 * Reviewers bind themselves to `content`, the hash they saw: a claim that is not that any more is
 * CONFLICT/content_changed. Each step leaves a decision with facts and steps; it may cite a paper
 * that was signed off-line. One person acts in one stage only (act_once, also under delegation).
 *
 * Money: approval moves hold to payable, order by order; a final claim sends the rest of its orders'
 * holds back to the voucher, or to pool or lapsed where the voucher has expired or is cancelled. */

#include "app/app.h"

#define REVIEW_TEXT_MAX 500 /* bytes of a reason in words */
#define REVIEW_LIST_MAX 500 /* claims that one paper covers */

typedef struct claim_returning {
    int64_t claim_id;
    str missing; /* what is to be supplied */
} claim_returning;

/* Returns for supplement: the clock `supplement` starts. Intake, first or second reviewer. */
TQ_MUST_CHECK tq_code claim_return(app *a, const call *c, const claim_returning *rq, tq_err *err);

typedef struct claim_refusal {
    int64_t claim_id;
    const char
        *reason; /* token of policy_reasons.def, or "fraud": its invoices are barred for ever */
    decision_paper paper;
} claim_refusal;

/* Refuses. The invoices are free again, except for fraud. Reviewer or group. */
TQ_MUST_CHECK tq_code claim_refuse(app *a, const call *c, const claim_refusal *rq,
                                   int64_t *decision_id, tq_err *err);

typedef struct claim_checking {
    int64_t claim_id;
    str content;        /* hash that the reviewer saw */
    int64_t reduce_fen; /* taken off what was asked; less than asked */
    str reason;         /* why, where something is taken off */
    decision_paper paper;
} claim_checking;

TQ_MUST_CHECK tq_code claim_check(app *a, const call *c, const claim_checking *rq,
                                  int64_t *decision_id, tq_err *err);

/* The light path (R-CREDIT-040): every submitted claim of a firm on it, up to the policy's amount and without a
 * signal that waits, is checked by rule, each in a transaction of its own and by the same gates as claim_check; the
 * second reviewer sees each as ever. What a gate stops, or a person may not check, is `left` for the desk. First
 * reviewer; at most REVIEW_LIST_MAX claims a call. REFUSED/no_light_path where the policy has none. */
typedef struct light_report {
    int64_t checked, left;
} light_report;
TQ_MUST_CHECK tq_code claims_check_light(app *a, const call *c, light_report *out, tq_err *err);

typedef struct claim_approval {
    int64_t claim_id;
    str content;
    int64_t amount_fen; /* asked less reduced: CONFLICT/amount_changed where it is another */
} claim_approval;

/* Approves one claim. REFUSED by a rule that does not hold any more, REFUSED/banned;
 * FORBIDDEN/group_decides above the policy's `approval` limit without the group's paper. */
TQ_MUST_CHECK tq_code claim_approve(app *a, const call *c, const claim_approval *rq,
                                    const decision_paper *paper, int64_t *decision_id, tq_err *err);

/* One off-line decision that covers a list, in one transaction: all or none. `count` and `total_fen`
 * are those of the paper (CONFLICT/list_differs). */
typedef struct claim_approval_list {
    const claim_approval *claims;
    size_t n; /* 1..REVIEW_LIST_MAX */
    decision_paper paper;
    int64_t count;
    int64_t total_fen;
} claim_approval_list;
TQ_MUST_CHECK tq_code claim_approve_list(app *a, const call *c, const claim_approval_list *rq,
                                         tq_err *err);

typedef struct claim_undoing {
    int64_t claim_id;
    const char *reason; /* objection | edit | ban | error */
    decision_paper paper;
} claim_undoing;

/* Undoes an approval that is not in a batch: payable goes back to hold, the claim to `checked`, and the register
 * follows. */
TQ_MUST_CHECK tq_code claim_undo(app *a, const call *c, const claim_undoing *rq,
                                 int64_t *decision_id, tq_err *err);
/* The same inside another use case's event (an objection upheld, a sanction); the caller appends, and has called
 * register_lock and register_follow. The claim is then `state`: checked, or refused where nobody reviews it again. */
TQ_MUST_CHECK tq_code claim_undo_in(store_tx *tx, event *e, int64_t claim_id, const char *state,
                                    tq_err *err);

#endif
