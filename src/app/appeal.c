/* SPDX-License-Identifier: Apache-2.0 */
#include "app/row_change.h"
#include "app/sanction.h"
#include "app/sanction_inner.h"

/* The recovery of one claim is lowered; what the firm may keep stays paid. */
static tq_code part_lower(store_tx *tx, event *e, int64_t case_id, const improper_part *less,
                          tq_err *err)
{
    int64_t recovery_id = 0;
    TQ_TRY(store_int(tx, STMT_SANCTION_RECOVERY_OF, ARGS(arg_int(case_id), arg_int(less->claim_id)),
                     0, &recovery_id, err));
    if (recovery_id == 0) {
        return tq_fail(err, TQ_INVALID, "claim_number", "parts",
                       "nothing is owed of that claim by this case");
    }
    return recovery_lower(tx, e, recovery_id, less->amount_fen, err);
}

static tq_code parts_need(const case_uphold_request *rq, tq_err *err)
{
    if (rq->n_parts > IMPROPER_PARTS_MAX) {
        return tq_fail(err, TQ_LIMIT, "parts", "parts", "more than %d claims", IMPROPER_PARTS_MAX);
    }
    /* A row is changed once in an event: a second line would reckon from what the first has changed. */
    for (size_t i = 0; i < rq->n_parts; i++) {
        for (size_t k = 0; k < i; k++) {
            if (rq->parts[k].claim_id == rq->parts[i].claim_id) {
                return tq_fail(err, TQ_INVALID, "claim_twice", "parts",
                               "a claim stands there twice: write it once");
            }
        }
    }
    return TQ_OK;
}

/* R-SANC-090: after the answer nothing waits any more, and nobody appeals again. */
tq_code case_uphold(app *a, const call *c, const case_uphold_request *rq, int64_t *decision_id,
                    tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(paper_need(c, &rq->paper, err));
    TQ_TRY(line_need(rq->reason, "reason", err));
    TQ_TRY(parts_need(rq, err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    TQ_TRY(case_load(tx, c, rq->case_id, row, err));
    event e = work_event(c, EV_CASE_UPHOLD);
    event_change(&e, T_VIOLATION_CASE, rq->case_id);
    event_text(&e, C_VIOLATION_CASE_STATE, STR("upheld"));
    for (size_t i = 0; i < rq->n_parts; i++) {
        TQ_TRY(part_lower(tx, &e, rq->case_id, &rq->parts[i], err));
    }
    /* Its number is locked last. */
    TQ_TRY(case_decision(a, tx, c, &e, rq->case_id, rq->n_parts > 0 ? "lowered" : "stands",
                         rq->reason, &rq->paper, decision_id, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
