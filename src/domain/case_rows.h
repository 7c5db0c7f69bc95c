/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CASE_ROWS_H
#define TQ_CASE_ROWS_H

/* What a case is made of, from its events alone: the rows that belong to a claim or a violation case as
 * its events left them, the legs that moved its money, and their sums. Whoever builds a dossier and
 * whoever checks one come to the same text from the same events; nothing else is asked.
 *
 * R-LOG-080. A row belongs where a link (case_rows.c) leads to it from the case: a claim to its lines, voucher,
 * application, orders, invoices, proofs, signals, objections, decisions, acts and files, to its lines of the
 * register, of publications, of batches and of the bank; a case to the inspection that opened it, its bans,
 * its recoveries with their instalments, and their claims. A table that is added to the links is indexed (store/log_index.h) from then on only: a
 * step of the schema that adds one sets log_done back to 0. */

#include "base/buf.h"
#include "domain/event.h"

#define CASE_ROWS_MAX 20000

typedef struct case_row {
    int table;
    int64_t id;
    bool created; /* its first event is here */
    bool broken;  /* an old value was not the new one of the event before: one is missing between */
    bool belongs;
    event_value now[AUDITED_COLS_MAX];
} case_row;

typedef struct case_rows {
    arena *a;
    case_row *rows;
    int n, room;
    int *slots; /* where a row stands, plus one, by hash of table and id */
} case_rows;

bool case_table(int table); /* can a row of the table belong to a case? */

case_rows case_rows_new(arena *a);
/* Events in the order of the log. LIMIT/case_too_large. What the event points to must outlive `to`. */
TQ_MUST_CHECK tq_code case_rows_apply(case_rows *to, const event *e, tq_err *err);
/* Marks what belongs to the row; NOT_FOUND where no event speaks of it. Sorts the rows. */
TQ_MUST_CHECK tq_code case_rows_mark(case_rows *of, int table, int64_t id, tq_err *err);
const case_row *case_rows_find(const case_rows *of, int table, int64_t id); /* NULL */
/* The i-th row that this one brings with it; false after the last. *id 0: none is named there. */
bool case_row_names(const case_row *row, size_t i, int *table, int64_t *id);
/* Does the event speak of another firm's case too, or of a signal (R-SIGNAL-010)? Then it is shown to
 * officials only. */
bool case_rows_foreign(const case_rows *of, const event *e);
/* CORRUPT/case_gap names a row that belongs and whose history is not whole. */
TQ_MUST_CHECK tq_code case_rows_whole(const case_rows *of, tq_err *err);

/* [[table,id,{column:value,…}],…] of what belongs. */
void case_rows_print(const case_rows *of, buf *out);
/* The legs of an event that belong, each [seq,entry,account,amount,voucher,order,claim,line], without the
 * brackets around all; `first` says whether a comma comes before. Adds them to sums by account. */
void case_legs_print(const case_rows *of, const event *e, int64_t seq, bool *first,
                     int64_t sums[ACC_COUNT], buf *out);

#endif
