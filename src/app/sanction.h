/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SANCTION_H
#define TQ_SANCTION_H

/* Violations (P-31, P-55): the group decides, only the improperly obtained part is recovered, claim by
 * claim, and the firm is out of county funds for the years of the scheme. Everything that a decision does
 * is one transaction: there is no moment at which the ban stands and a payment still goes out (I18).
 *
 *   case_open      office, inspector, group      opened
 *   case_state     whom it is about              (opened, heard) as often as they like
 *   case_hear      office, group                 heard       paper: record of the hearing
 *   case_decide    group                         decided     paper: minutes, demanded
 *   case_accept    whom it is about              (decided)   they will not appeal
 *   case_appeal    office, whom it is about      appealed    within the clock `appeal` of the policy
 *   case_uphold    group                         upheld      paper; recoveries lowered claim by claim
 *   case_dismiss   group (office before a decision)  dismissed
 *   case_enforce   office, finance               enforced    once every recovery is settled and nobody may appeal
 *   case_close     office, group                 closed      once every recovery is settled
 *
 * What a decision does, besides the ban: vouchers of the organisation are cancelled, what is left of them
 * goes to the pool or lapses as the scheme says; orders not delivered are cancelled; claims in flight are
 * taken out of their batch, undone and refused. Work that an institution had been ordered to do and had
 * delivered before the decision stays payable to it where the scheme keeps good faith, but for the orders of
 * which the group finds that the institution was not in good faith (R-SANC-150). Claims that are
 * already with the bank are named in the report: their result decides, and what comes back is refused then. What was
 * approved in the name of an organisation that went into the banned one stops likewise, for the money would be paid to
 * that one.
 *
 * An appeal ends in one of two ways. The group upholds the decision, as it is or with smaller recoveries
 * (owed -> paid for the part); the ban stays. Or it dismisses the case, which gives back: the open part owed -> paid,
 * a part that was written off written_off -> paid, what was collected or set off
 * recovered -> payable (fund -> payable where it had been handed back), to be paid in the next run. The
 * ban is lifted. Cancelled vouchers are not revived: the firm applies anew. */

#include "app/app.h"

typedef struct case_open_request {
    int64_t org_id;
    str cause; /* transfer | sale | gift | false_use | other, or a line of text */
} case_open_request;
typedef struct case_result {
    int64_t case_id;
    public_number number;
} case_result;
TQ_MUST_CHECK tq_code case_open(app *a, const call *c, const case_open_request *rq,
                                case_result *out, tq_err *err);

typedef struct case_step_request {
    int64_t case_id;
    decision_paper paper; /* hear, decide, dismiss: demanded; else may be empty */
    str reason;
} case_step_request;
#define CASE_STATEMENT_MAX 4000 /* bytes */
/* Before the decision. INVALID/statement; FORBIDDEN/not_yours; CONFLICT/state_arrow afterwards. */
TQ_MUST_CHECK tq_code case_state(app *a, const call *c, int64_t case_id, str content, tq_err *err);
TQ_MUST_CHECK tq_code case_hear(app *a, const call *c, const case_step_request *rq, tq_err *err);

typedef struct improper_part {
    int64_t claim_id;
    int64_t amount_fen; /* 1 .. what is paid of the claim */
} improper_part;

#define IMPROPER_PARTS_MAX 500

typedef struct case_decide_request {
    int64_t case_id;
    decision_paper paper;
    str reason;
    bool no_ban;                /* recovery only */
    const improper_part *parts; /* what is recovered, claim by claim */
    size_t n_parts;
    day due;               /* of the recovery; DAY_NONE without parts */
    const int64_t *denied; /* orders of which the institution was not in good faith */
    size_t n_denied;
} case_decide_request;

typedef struct case_decide_report {
    int64_t decision_id;
    int64_t ban_id; /* 0 without one */
    day ban_to;
    day appeal_by; /* last day of an appeal; DAY_NONE where the policy sets no term */
    int64_t vouchers, orders, claims, lines; /* cancelled, cancelled, refused, pulled */
    int64_t kept;                            /* claims that stay payable in good faith */
    int64_t with_bank;                       /* claims whose payment list is out */
    int64_t lapsed_fen;                      /* to the pool or lapsed */
    int64_t recovery_fen;
} case_decide_report;
TQ_MUST_CHECK tq_code case_decide(app *a, const call *c, const case_decide_request *rq,
                                  case_decide_report *out, tq_err *err);

/* Ends the days of an appeal. FORBIDDEN/not_yours; CONFLICT/appeal_late where there are none left. */
TQ_MUST_CHECK tq_code case_accept(app *a, const call *c, int64_t case_id, tq_err *err);
/* CONFLICT/appeal_late after the last day (R-SANC-140). */
TQ_MUST_CHECK tq_code case_appeal(app *a, const call *c, const case_step_request *rq, tq_err *err);
/* The answer to an appeal that is lost, or won in part: parts[].amount_fen is by how much less is recovered
 * of the claim, 1 .. what is still owed of it; instalments fall by the last of them. Money that has come in is given back by case_dismiss only.
 * CONFLICT/state_arrow unless appealed; INVALID/claim_number where the case recovers nothing of the claim,
 * INVALID/claim_twice, CONFLICT/insufficient. */
typedef struct case_uphold_request {
    int64_t case_id;
    decision_paper paper;
    str reason;
    const improper_part *parts;
    size_t n_parts;
} case_uphold_request;
TQ_MUST_CHECK tq_code case_uphold(app *a, const call *c, const case_uphold_request *rq,
                                  int64_t *decision_id, tq_err *err);
TQ_MUST_CHECK tq_code case_dismiss(app *a, const call *c, const case_step_request *rq, tq_err *err);
TQ_MUST_CHECK tq_code case_enforce(app *a, const call *c, const case_step_request *rq, tq_err *err);
TQ_MUST_CHECK tq_code case_close(app *a, const call *c, const case_step_request *rq, tq_err *err);

/* Ends bans whose last day is past, and takes those that were repaired off the public list then; the system's clock. *n = how many (at most 1000 a call). */
TQ_MUST_CHECK tq_code ban_end_due(app *a, const call *c, int64_t *n, tq_err *err);

/* Money of a recovery. The reference is the bank's receipt or the paper's number; it is demanded. */
typedef struct recovery_request {
    int64_t recovery_id;
    int64_t amount_fen;
    str reference;
} recovery_request;
/* owed -> recovered; finance_maker, finance_checker. CONFLICT/appeal_suspends: see appeal_holds. */
TQ_MUST_CHECK tq_code recovery_collect(app *a, const call *c, const recovery_request *rq,
                                       tq_err *err);
/* recovered -> fund; finance_checker, another person than collected. *to_budget: money of this fiscal
 * year that reinstates the budget; the rest of the amount goes to the treasury. */
TQ_MUST_CHECK tq_code recovery_hand_back(app *a, const call *c, const recovery_request *rq,
                                         int64_t *to_budget, tq_err *err);
/* owed -> written_off; group, by a paper, and not by who collects it (R-SANC-130). */
TQ_MUST_CHECK tq_code recovery_write_off(app *a, const call *c, int64_t recovery_id,
                                         int64_t amount_fen, const decision_paper *paper,
                                         tq_err *err);

/* A debt that is paid in parts; the group, by a paper. Days rise, the first not before today; the amounts are what
 * is still owed. A new plan takes the place of an older one. What becomes payable to the firm is still set off.
 * INVALID/instalments names the row; CONFLICT/insufficient where nothing is owed. */
#define INSTALMENTS_MAX 60
typedef struct instalment {
    day due;
    int64_t amount_fen;
} instalment;
typedef struct recovery_plan_request {
    int64_t recovery_id;
    decision_paper paper;
    const instalment *parts;
    size_t n_parts;
} recovery_plan_request;
TQ_MUST_CHECK tq_code recovery_plan(app *a, const call *c, const recovery_plan_request *rq,
                                    tq_err *err);

/* --- for other stories ------------------------------------------------------------------------- */

/* Does an appeal hold up what was decided? The ban and what it stopped stand in any case (I18); only the
 * collection of money and the enforcement wait. */
bool appeal_holds(const policy_sanction *rule, str case_state);
/* The bank has sent the claim's money back (its event is appended) and pay_check refuses it: its approval is
 * undone, it is refused by the decision that banned, and what is then held goes where that decision put the
 * rest. Appends its own events. *stopped is false where the ban was lifted meanwhile. */
TQ_MUST_CHECK tq_code claim_returned_stop(app *a, store_tx *tx, const call *c, int64_t claim_id,
                                          bool *stopped, tq_err *err);
/* Recoveries that `org_id`, or who goes on for it, still owes in the programme, oldest first. */
typedef struct open_recovery {
    int64_t id, case_id, claim_id, voucher_id;
    int64_t open_fen;
    str case_state;
} open_recovery;
TQ_MUST_CHECK tq_code recovery_open(store_tx *tx, int64_t programme_id, int64_t org_id, arena *a,
                                    open_recovery *out, size_t max, size_t *n, tq_err *err);
/* Puts one set-off in `e` (an event of kind recovery_set_off): payable of the claim -> paid by the line,
 * owed of the recovery -> recovered, in one entry. CONFLICT/insufficient where the debt is smaller. */
TQ_MUST_CHECK tq_code recovery_set_off(store_tx *tx, event *e, int64_t recovery_id,
                                       int64_t claim_id, int64_t line_id, int64_t amount,
                                       tq_err *err);

#endif
