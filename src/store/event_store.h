/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVENT_STORE_H
#define TQ_EVENT_STORE_H

/* Events into the database: the only writer of audited tables, legs and balances.
 *
 * event_append fills in the old values of changed rows (under lock), checks the event
 * (domain/event.h), writes body, leaves, private body, rows, legs and balances, all in the caller's
 * transaction. CONFLICT/period_closed refuses money on a day that finance has closed;
 * CONFLICT/insufficient names the account that would fall below zero; CONFLICT/constraint
 * comes from the database's own guards. After a failure the transaction can only be rolled back. */

#include "domain/event.h"
#include "store/store.h"

/* *id_out (may be NULL) is the event's id, by which decisions and receipts refer to it. */
TQ_MUST_CHECK tq_code event_append(store_tx *tx, event *e, int64_t *id_out, tq_err *err);

/* Applies an event that was read from a log as it stands: old values are compared, not filled in
 * (CORRUPT/replay names table and row). For import; `private_body` and `salt` are empty where erased. */
TQ_MUST_CHECK tq_code event_replay(store_tx *tx, event *e, str body, str private_body, str salt,
                                   tq_err *err);

/* PostgreSQL: gives sequence numbers to committed events in commit order (the elected sequencer; takes
 * an advisory lock, does nothing where another holds it). SQLite: nothing to do. */
TQ_MUST_CHECK tq_code event_sequence(store *s, tq_err *err);

/* All columns of one row in the order of audited.def; NOT_FOUND. Locks it in a WRITE transaction on
 * PostgreSQL. Texts live in `a`. `out` has room for AUDITED_COLS_MAX. */
TQ_MUST_CHECK tq_code row_load(store_tx *tx, int table, int64_t id, arena *a, event_value *out,
                               tq_err *err);
/* Locks the row until the end of a WRITE transaction and reads nothing: on SQLite the writer's turn is
 * that lock already. NOT_FOUND (PostgreSQL only). */
TQ_MUST_CHECK tq_code row_lock(store_tx *tx, int table, int64_t id, arena *a, tq_err *err);
/* One column of a loaded row. */
static inline int64_t row_num(const event_value *row, int col)
{
    return row[col - audited_table_of(audited_col_of(col)->table)->first_col].num;
}
static inline str row_str(const event_value *row, int col)
{
    return row[col - audited_table_of(audited_col_of(col)->table)->first_col].text;
}
static inline bool row_is(const event_value *row, int col, const char *token)
{
    return str_eq(row_str(row, col), str_of(token));
}

/* Cells with money in them. A 0 in `like` means any, except the account, which is always given.
 * Ordered by year, source, order, claim, line. At most `max`; LIMIT where there are more. */
typedef struct ledger_amount {
    ledger_cell cell;
    int64_t amount;
} ledger_amount;
TQ_MUST_CHECK tq_code ledger_cells(store_tx *tx, int64_t programme_id, const ledger_cell *like,
                                   ledger_amount *out, int max, int *n, tq_err *err);
TQ_MUST_CHECK tq_code ledger_sum(store_tx *tx, int64_t programme_id, const ledger_cell *like,
                                 int64_t *out, tq_err *err);

/* Moves `amount` out of the cells that match `like` into `account`, split over them by largest
 * remainder in proportion to what each holds; `with` gives the dimensions the target needs beyond the
 * source's. CONFLICT/insufficient where the cells hold less. */
TQ_MUST_CHECK tq_code ledger_move(store_tx *tx, event *e, const ledger_cell *like,
                                  ledger_account account, const ledger_cell *with, int64_t amount,
                                  tq_err *err);

/* A fresh row id, and the next number of a gap-free series (the counter row is part of the event). */
TQ_MUST_CHECK tq_code event_new_row(store_tx *tx, event *e, int table, int64_t *id, tq_err *err);
TQ_MUST_CHECK tq_code event_serial(store_tx *tx, event *e, const char *series, int64_t year,
                                   int64_t *out, tq_err *err);

#endif
