/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BANK_RESULT_H
#define TQ_BANK_RESULT_H

/* What the bank says of the lines of a payment list. The file is CSV (UTF-8 or GB18030) with the columns
 * payment_no, amount, status, reason, date; status is paid, returned or unknown; the date is the bank's.
 *
 *   released, unknown  paid      transit -> paid      line paid, claim paid
 *   released, unknown  returned  transit -> payable   line returned, claim returned_by_bank
 *   released           unknown   stays in transit     line unknown, claim unknown: ask the bank
 *   paid               returned  paid -> payable      returned late (a date before the payment is stale)
 *
 * What comes back while payee or holder is banned, and good faith does not keep it, is refused in the same
 * transaction: payable -> hold, and on to pool or lapsed with a cancelled voucher.
 *
 * A row that the program cannot apply is kept as an unmatched bank line with the reason why (no_payment,
 * amount_differs, not_sent, stale, settled_otherwise, in_recovery) and waits for a person; nothing is
 * dropped, nothing is paid again (I13, I14). A row that says again what a line already says is applied
 * without effect ("repeated"). A file whose bytes were seen before changes nothing at all. A fault of
 * form names line and column, and nothing of the file is applied. Rows are applied SETTLE_SLICE at a time, each
 * slice a transaction; a file that was interrupted has fewer rows than lines, and giving it again completes it
 * (the report then counts what was left). When the last line of a sent batch has
 * its result, the batch is reconciled. Applying is the maker's hand: nobody who reviewed or released. */

#include "app/app.h"

#define BANK_FILE_MAX (16 * 1024 * 1024)
#define BANK_ROWS_MAX 50000

typedef struct bank_result_report {
    int64_t file_id;
    bool seen_before; /* the same bytes were applied by file_id: nothing was done */
    int64_t lines;
    int64_t paid, returned, returned_late, unknown, repeated, unmatched;
    int64_t refused; /* of those that came back: of somebody who is banned */
    int64_t paid_fen, returned_fen;
} bank_result_report;

typedef struct bank_result_request {
    str bytes;
    int64_t
        batch_id; /* 0: rows may belong to any batch of the programme; else others are unmatched */
} bank_result_request;

TQ_MUST_CHECK tq_code bank_result_apply(app *a, const call *c, const bank_result_request *rq,
                                        bank_result_report *out, tq_err *err);

typedef struct bank_line_settle_request {
    int64_t bank_line_id;
    str reason; /* what was done about it */
} bank_line_settle_request;
TQ_MUST_CHECK tq_code bank_line_settle(app *a, const call *c, const bank_line_settle_request *rq,
                                       tq_err *err);

/* The work list: unmatched bank lines of a programme with id > after. */
typedef struct bank_line_view {
    int64_t id, file_id, n, amount_fen, line_id;
    str reference, status, reason;
} bank_line_view;
TQ_MUST_CHECK tq_code bank_line_work(store_tx *tx, int64_t programme_id, int64_t after, arena *a,
                                     bank_line_view *out, size_t max, size_t *n, tq_err *err);

#endif
