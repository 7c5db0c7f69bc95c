/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STORE_H
#define TQ_STORE_H

/* The statement-level seam over SQLite and PostgreSQL: the only tier that knows either.
 *
 * Life of a use case: store_begin(WRITE), statements by name, store_commit. A transaction that goes
 * out of scope uncommitted is rolled back (TX_AUTO). `store` is shared by all threads; a store_tx
 * belongs to the thread that began it. One store_tx at a time per thread.
 *
 * SQLite: store_begin(WRITE) takes the writer's turn (first come, first served) and opens a savepoint
 * inside the group's transaction; store_commit releases the savepoint, passes the turn on and waits
 * for the group's COMMIT, which comes when no writer waits, after STORE_GROUP_MAX commands or after
 * STORE_GROUP_US, and which acknowledges all of them. If it fails, every command of the group fails
 * with TQ_STORE; a failed fsync stops the process. store_begin(READ) opens a snapshot on one of
 * `readers` connections. PostgreSQL: both are plain transactions (READ COMMITTED; READ is REPEATABLE
 * READ READ ONLY); serialisation failures and deadlocks come back as TQ_BUSY for the caller's retry.
 *
 * Bulk mode (one thread, replays and imports): store_commit does not wait, the COMMIT comes every
 * STORE_BULK_GROUP commands and at store_flush/store_close. On PostgreSQL likewise (savepoints inside
 * one transaction).
 *
 * Reasons: BUSY/busy (lock, deadlock, serialisation), BUSY/connection_lost (nothing was stored),
 * BUSY/commit_unknown (it may have been: ask again with the same idempotency key), STORE/commit_failed
 * and STORE/group_lost (nothing was stored), STORE/tx_failed (the caller went on after a failure). */

#include "base/arena.h"
#include "base/day.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "domain/audited.h"
#include "store/statements_gen.h" /* enum store_stmt: STMT_<NAME>, made from the files of sql/ */
#include <stdint.h>

#define STORE_GROUP_MAX 64
#define STORE_GROUP_US 10000
#define STORE_BULK_GROUP 64
#define STORE_ARGS_MAX 48
#define STORE_TEXT_MAX (4 * 1024 * 1024)

typedef struct store store;
typedef struct store_tx store_tx;

typedef enum store_engine { STORE_SQLITE, STORE_PG } store_engine;
typedef enum store_mode { STORE_READ, STORE_WRITE } store_mode;

typedef struct store_options {
    const char *dir;    /* data folder: tongquan.db (SQLite), lock, blob/, checkpoints; required */
    const char *pg_uri; /* NULL: SQLite in dir */
    bool create;        /* make the folder and the schema where absent; else NOT_FOUND */
    bool migrate; /* bring an older schema up; without it an older one is CONFLICT/schema_old */
    bool bulk;
    bool read_only; /* takes no writer's lock; store_begin(WRITE) is a broken caller */
    int readers;    /* read connections, 1..64; 0 = 4 (SQLite), also the pool size on PostgreSQL */
} store_options;

/* Takes the writer's lock (dir/lock) unless read_only: TQ_LOCKED names the holder's pid. A schema newer
 * than the program is CONFLICT/schema_new. */
TQ_MUST_CHECK tq_code store_open(const store_options *o, store **out, tq_err *err);
/* Rolls back what is open, flushes a bulk group, closes. Takes NULL. */
void store_close(store *s);
store_engine store_engine_of(const store *s);
const char *store_dir(const store *s);

TQ_MUST_CHECK tq_code store_begin(store *s, store_mode mode, store_tx **out, tq_err *err);
/* *tx is NULL afterwards, whatever the result. TQ_OK means durable (except in bulk mode). */
TQ_MUST_CHECK tq_code store_commit(store_tx **tx, tq_err *err);
void store_rollback(store_tx **tx);                       /* takes a pointer to NULL */
TQ_MUST_CHECK tq_code store_flush(store *s, tq_err *err); /* bulk mode: COMMIT now */
#define TX_AUTO TQ_CLEANUP(store_rollback)

/* Runs `fn` in the transaction as its last act, when store_commit is called and before the COMMIT; where
 * it fails, so does store_commit, and nothing is stored. One a transaction. */
typedef tq_code store_last_act(store_tx *tx, void *ctx, tq_err *err);
void store_at_commit(store_tx *tx, store_last_act *fn, void *ctx);

/* What the transaction has done so far by events: the last one, and of each audited table the row that
 * was made first, or changed first where none was made. */
typedef struct store_did {
    int64_t event_id; /* 0: none */
    const char *kind; /* of the first event; "" */
    struct {
        int64_t id;
        bool made;
    } row[T_COUNT];
} store_did;
const store_did *store_tx_did(const store_tx *tx);

store *store_of(store_tx *tx);
store_mode store_tx_mode(const store_tx *tx);

/* Since it was opened. A group is one COMMIT, hence one sync: on SQLite it acknowledges several commands,
 * on PostgreSQL one. Bulk mode counts nothing. */
typedef struct store_counts {
    int64_t commits, failed; /* commands, by what store_commit said */
    int64_t commit_us;       /* that they waited for it, in all */
    int64_t groups, group_us;
} store_counts;
store_counts store_read_counts(const store *s);

typedef enum store_type { STORE_ARG_INT, STORE_ARG_TEXT, STORE_ARG_BLOB } store_type;
typedef struct store_arg {
    store_type type;
    int64_t num;
    str text; /* TEXT (UTF-8 without NUL) or BLOB; must live until the call returns */
} store_arg;

static inline store_arg arg_int(int64_t n)
{
    return (store_arg){.type = STORE_ARG_INT, .num = n};
}
static inline store_arg arg_str(str s)
{
    return (store_arg){.type = STORE_ARG_TEXT, .text = s};
}
static inline store_arg arg_blob(const void *bytes, size_t len)
{
    return (store_arg){.type = STORE_ARG_BLOB, .text = {bytes, len}};
}
#define ARGS(...) ((const store_arg[]){__VA_ARGS__}), TQ_COUNT(((const store_arg[]){__VA_ARGS__}))
#define NO_ARGS NULL, 0

/* Runs a statement that returns no rows. *changed (may be NULL) counts rows. A UNIQUE, CHECK, foreign
 * key or trigger refusal is TQ_CONFLICT with the constraint's name as field and reason "constraint";
 * the transaction can go on only by rolling back. Statements declared `mode: write` assert a WRITE tx. */
TQ_MUST_CHECK tq_code store_run(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                                int64_t *changed, tq_err *err);

/* Rows of a query, read forward. Open it, call rows_next until it gives *more = false or rows_end. The
 * same statement cannot be opened twice at a time. Columns are read in the order of the SELECT, each
 * once; no column is ever NULL (schema: NOT NULL everywhere, use COALESCE for aggregates). Text and
 * blobs live until the next rows_next: copy into an arena what must stay. */
typedef struct store_rows {
    store_tx *tx;
    store_stmt stmt;
    int column; /* next to read */
    int row;
    void *inner;
} store_rows;

TQ_MUST_CHECK tq_code store_query(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                                  store_rows *out, tq_err *err);
TQ_MUST_CHECK tq_code rows_next(store_rows *r, bool *more, tq_err *err);
void rows_end(store_rows *r); /* may be called at any time, and twice */
#define ROWS_AUTO TQ_CLEANUP(rows_end)
int64_t row_int(store_rows *r);
str row_text(store_rows *r);
str row_blob(store_rows *r);
str row_copy(store_rows *r, arena *a); /* row_text into an arena */

/* For queries of one integer: its value, or `otherwise` where there is no row. */
TQ_MUST_CHECK tq_code store_int(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                                int64_t otherwise, int64_t *out, tq_err *err);

/* A fresh id for a row of `table` (index of the audited table). SQLite: next after the greatest, held
 * in memory. PostgreSQL: blocks leased from id_lease, so gaps are possible. Never 0, never reused. */
TQ_MUST_CHECK tq_code store_new_id(store_tx *tx, int table, int64_t *out, tq_err *err);

#endif
