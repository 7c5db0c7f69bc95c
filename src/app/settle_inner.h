/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SETTLE_INNER_H
#define TQ_SETTLE_INNER_H

/* What the files of the settle story share. */

#include "app/sanction.h"
#include "app/settle.h"

#define DEBTS_MAX 200 /* open recoveries of one organisation that one payment looks at */
#define SETTLE_SCRATCH_MAX (1024 * 1024)

/* A line of a batch under work, with the facts of its claim. */
typedef struct run_line {
    int64_t id, n, claim_id, account_id, amount_fen, set_off_fen;
    int64_t voucher_id, payee_id, paid_fen;
    str payment_no, state, claim_number;
    const char *out; /* why it leaves, else NULL */
} run_line;

/* Count, sums and hashes of what is to be paid; `skip` is a line that is about to leave, or 0. */
typedef struct run_list {
    int64_t count, total_fen, set_off_fen;
    char sha256[65], sm3[65];
} run_list;

/* Locks the batch and checks that it is of the caller's programme; `row` has room for a row. */
TQ_MUST_CHECK tq_code run_load(store_tx *tx, const call *c, int64_t batch_id, event_value *row,
                               tq_err *err);
/* CONFLICT/batch_state where the batch is in neither state (`other` may be NULL). */
TQ_MUST_CHECK tq_code run_need(const event_value *row, const char *state, const char *other, tq_err *err);
/* All lines of a batch in one state, or all where `state` is NULL. */
TQ_MUST_CHECK tq_code run_lines(store_tx *tx, int64_t batch_id, const char *state, arena *a,
                                run_line **out, size_t *n, tq_err *err);
TQ_MUST_CHECK tq_code run_list_read(store_tx *tx, int64_t batch_id, int64_t skip, run_list *out,
                                    tq_err *err);
/* Puts count, total and (where the list has been locked) hashes into the event's batch row. */
void run_list_put(event *e, int64_t batch_id, const event_value *row, const run_list *list, bool hashes);
void run_report(const event_value *row, int64_t batch_id, const run_list *list, batch_report *out);
void left_add(batch_report *out, size_t room, int64_t claim_id, str number, const char *reason);

/* The line leaves: waiting -> pulled, released -> recalled with the money back in payable; the claim goes
 * back to published. Adds to `e`. */
TQ_MUST_CHECK tq_code line_leave(store_tx *tx, event *e, const run_line *line, const char *reason,
                                 tq_err *err);
/* line_leave in an event of its own, which also brings the batch up to date. */
TQ_MUST_CHECK tq_code line_leave_event(store_tx *tx, const call *c, int64_t batch_id,
                                       const run_line *line, str reason, tq_err *err);

/* True where claims of the voucher's scheme stay payable to an institution that had agreed and delivered
 * by `effect` (P-31, good faith). */
TQ_MUST_CHECK tq_code good_faith(app *a, store_tx *tx, int64_t claim_id, int64_t voucher_id,
                                 int64_t holder_id, int64_t payee_id, day effect, arena *scratch,
                                 bool *kept, tq_err *err);

/* What the organisation owes and may be set off now: without what an appeal suspends by the scheme.
 * `out` has room for DEBTS_MAX. */
TQ_MUST_CHECK tq_code debts_due(app *a, store_tx *tx, const call *c, int64_t org_id, open_recovery *out,
                                size_t *n, tq_err *err);

#endif
