/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SETTLE_INNER_H
#define TQ_SETTLE_INNER_H

/* What the files of the settle story share. */

#include "app/sanction.h"
#include "app/settle.h"
#include "base/buf.h"

#define DEBTS_MAX 200 /* open recoveries of one organisation that one payment looks at */
#define SETTLE_SCRATCH_MAX (1024 * 1024)

/* A line of a batch under work, with the facts of its claim. */
typedef struct run_line {
    int64_t id, n, claim_id, account_id, amount_fen, set_off_fen;
    int64_t voucher_id, payee_id, paid_fen;
    str payment_no, state, claim_number;
    int64_t suspect; /* banned, frozen or without an account it may go to: look again */
    const char *out; /* why it leaves, else NULL */
} run_line;

/* What an event says of its slice, beside the rows: from and to which line, count, total, and the hashes
 * of "number TAB claim TAB amount LF" for each. */
typedef struct slice_sum {
    buf text;
    int64_t first, last, count, total_fen;
} slice_sum;
slice_sum slice_begin(void);
void slice_add(slice_sum *s, int64_t n, int64_t claim_id, int64_t amount_fen);
/* The note of the event, in `a`; empty where the slice is. Ends the sum. */
str slice_note(slice_sum *s, arena *a);
void slice_drop(slice_sum *s);

/* Count, sums and hashes of what is to be paid; `skip` is a line that is about to leave, or 0. */
typedef struct run_list {
    int64_t count, total_fen, set_off_fen;
    char sha256[65], sm3[65];
} run_list;

/* Locks the batch and checks that it is of the caller's programme; `row` has room for a row. */
TQ_MUST_CHECK tq_code run_load(store_tx *tx, const call *c, int64_t batch_id, event_value *row,
                               tq_err *err);
/* CONFLICT/batch_state where the batch is in neither state (`other` may be NULL). */
TQ_MUST_CHECK tq_code run_need(const event_value *row, const char *state, const char *other,
                               tq_err *err);
/* An open batch whose collection was interrupted: it has no number yet. */
bool run_collecting(const event_value *row);
/* Lines of a batch in one state with n > after, in order, at most SETTLE_SLICE. */
TQ_MUST_CHECK tq_code run_slice_lines(store_tx *tx, const call *c, int64_t batch_id,
                                      const char *state, int64_t after, run_line *out, size_t *n,
                                      tq_err *err);
run_line run_line_read(store_rows *r, arena *a);
TQ_MUST_CHECK tq_code run_list_read(store_tx *tx, int64_t batch_id, int64_t skip, run_list *out,
                                    tq_err *err);
/* Puts count, total and (where the list has been locked) hashes into the event's batch row. */
void run_list_put(event *e, int64_t batch_id, const event_value *row, const run_list *list,
                  bool hashes);
void run_report(const event_value *row, int64_t batch_id, const run_list *list, batch_report *out);
/* Grows the list in `a`; it must have begun with room for one. */
void left_add(arena *a, batch_report *out, int64_t claim_id, str number, const char *reason);

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

/* What the organisation, or who goes on for it, owes and may be set off now: without what an appeal suspends by the scheme.
 * `out` has room for DEBTS_MAX. */
TQ_MUST_CHECK tq_code debts_due(app *a, store_tx *tx, const call *c, int64_t org_id,
                                open_recovery *out, size_t *n, tq_err *err);

#endif
