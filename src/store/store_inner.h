/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STORE_INNER_H
#define TQ_STORE_INNER_H

/* What the files of the store know of each other; nobody else includes this but the store's own test.
 *
 * store.c checks arguments, modes and owners and keeps the books of a transaction; store_ops does the
 * work on one engine and may rely on what store.c asserted. */

#include "domain/audited.h"
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct store_statement {
    const char *name;
    bool is_write;
    int args;
    const char *sqlite; /* NULL: the statement exists on the other engine only */
    const char *pg;
    const char *pg_suffix; /* row locks; left out in READ transactions, which may not lock */
} store_statement;

const store_statement *store_statement_of(store_stmt id);

/* On PostgreSQL leases and blobs commit by themselves while their caller may hold a transaction, so
 * they have connections of their own; SQLite knows MAIN only. */
typedef enum store_channel { CHANNEL_MAIN, CHANNEL_LEASE, CHANNEL_BLOB } store_channel;

/* Numbers of rows, by table, and of events (SQLite only; on PostgreSQL a sequence gives them). */
#define IDS_EVENT T_COUNT
#define IDS_COUNT (T_COUNT + 1)

#define STMT_WORDS ((size_t)STMT_COUNT / 64 + 1)

struct store_tx {
    store *store;
    store_mode mode;
    store_channel channel;
    pthread_t owner;
    void *conn;
    int slot;    /* of the connection in its pool; -1 = none */
    bool failed; /* a statement failed: only a rollback is left */
    int open_rows;
    uint64_t open_stmts[STMT_WORDS];
    struct {
        int64_t first;
        int64_t count;
    } ids[IDS_COUNT]; /* taken by this transaction, given back if it rolls back */
    store_did did;
    store_last_act *last_act; /* NULL = none */
    void *last_ctx;
};

typedef struct store_ops {
    tq_code (*open)(store *s, const store_options *o, tq_err *err);
    void (*close)(store *s);
    tq_code (*begin)(store_tx *tx, tq_err *err);
    tq_code (*commit)(store_tx *tx, tq_err *err); /* failing has rolled back */
    void (*rollback)(store_tx *tx);
    tq_code (*flush)(store *s, tq_err *err);
    tq_code (*run)(store_tx *tx, store_stmt id, const store_arg *args, size_t n, int64_t *changed,
                   tq_err *err);
    tq_code (*query)(store_tx *tx, store_stmt id, const store_arg *args, size_t n, store_rows *out,
                     tq_err *err);
    tq_code (*next)(store_rows *r, bool *more, tq_err *err);
    void (*end)(store_rows *r);
    int64_t (*column_int)(store_rows *r, int column);
    str (*column_bytes)(store_rows *r, int column, store_type type);
    /* One statement of a migration. */
    tq_code (*script)(store_tx *tx, const char *sql, tq_err *err);
    tq_code (*has_schema)(store_tx *tx, bool *out, tq_err *err);
    /* Keeps other servers from migrating until the transaction ends. */
    tq_code (*lock_schema)(store_tx *tx, tq_err *err);
    /* Compiles a statement without running it and checks that its columns can be read. */
    tq_code (*prepare)(store_tx *tx, store_stmt id, tq_err *err);
} store_ops;

extern const store_ops store_sqlite_ops;
extern const store_ops store_pg_ops;

struct store {
    const store_ops *ops;
    store_engine engine;
    void *inner; /* the engine's */
    char *dir;
    int lock_fd; /* -1 = none */
    bool bulk;
    bool read_only;
    int readers;
    atomic_int open_txs;
    struct {
        atomic_llong commits, failed, commit_us, groups, group_us;
    } counts;
    pthread_mutex_t ids_mutex;
    struct {
        int64_t next; /* 0 = not known */
        int64_t end;  /* first beyond the lease */
    } ids[IDS_COUNT];
};

/* One COMMIT that began at `from` is over. */
void store_count_group(store *s, instant from);
tq_code store_begin_on(store *s, store_mode mode, store_channel channel, store_tx **out,
                       tq_err *err);
/* SQLite: the number of the event that is about to be written. Dense: given back by a rollback. */
tq_code store_event_id(store_tx *tx, int64_t *out, tq_err *err);
/* Forgets the ids held in memory: what the next transaction finds in the tables decides. */
void store_ids_forget(store *s);

/* migrate.c: makes, checks or brings up the schema as the options allow. */
tq_code migrate_open(store *s, const store_options *o, tq_err *err);

/* A fixed set of connections handed out to threads; the one given back last goes out first. */
#define SLOTS_MAX 64
typedef struct slots {
    pthread_mutex_t mutex;
    pthread_cond_t given;
    int free_count;
    int free_list[SLOTS_MAX];
} slots;
void slots_init(slots *p, int n);
void slots_end(slots *p);
int slots_take(slots *p); /* waits for a free one */
void slots_give(slots *p, int slot);

#endif
