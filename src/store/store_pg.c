/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_pg_conn.h"

#include <stdio.h>
#include <stdlib.h>

/* A connection a transaction, out of a pool whose size bounds what this server asks of the database;
 * one more each for leases and blobs, which commit while their caller holds one of the pool. */

#define MIGRATION_LOCK "SELECT pg_advisory_xact_lock(7430521)"

typedef struct side {
    pthread_mutex_t mutex;
    pg_conn *conn;
} side;

typedef struct pg_store {
    char *uri;
    slots slots;
    pg_conn *pool[SLOTS_MAX]; /* opened at first use */
    side lease;
    side blob;
    /* Bulk mode: one transaction of many commands on one connection. */
    bool bulk_open;
    bool bulk_lost; /* commands that had returned OK are gone: nothing more is taken */
    int bulk_commands;
} pg_store;

static side *side_of(pg_store *p, store_channel channel)
{
    return channel == CHANNEL_LEASE ? &p->lease : &p->blob;
}

static tq_code pg_open(store *s, const store_options *o, tq_err *err)
{
    pg_store *p = calloc(1, sizeof *p);
    TQ_ASSERT(p != NULL);
    p->uri = strdup(o->pg_uri);
    TQ_ASSERT(p->uri != NULL);
    slots_init(&p->slots, s->bulk ? 1 : s->readers);
    TQ_ASSERT(pthread_mutex_init(&p->lease.mutex, NULL) == 0);
    TQ_ASSERT(pthread_mutex_init(&p->blob.mutex, NULL) == 0);
    s->inner = p;
    return pg_conn_open(p->uri, &p->pool[0], err); /* slot 0 goes out first */
}

static tq_code conn_of(pg_store *p, pg_conn **c, tq_err *err)
{
    return *c == NULL ? pg_conn_open(p->uri, c, err) : pg_conn_ready(*c, err);
}

/* The first statement takes a snapshot, so there is one at once. */
static const char *begin_text(const store_tx *tx)
{
    return tx->mode == STORE_WRITE || tx->store->bulk
               ? "BEGIN ISOLATION LEVEL READ COMMITTED"
               : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";
}

/* A pooled connection may have died unnoticed (a failover, a restart): one new one is tried. */
static tq_code begin_on_conn(pg_store *p, pg_conn **c, const char *sql, tq_err *err)
{
    TQ_TRY(conn_of(p, c, err));
    tq_code code = pg_simple(*c, sql, err);
    if (code == TQ_BUSY) {
        TQ_TRY(pg_conn_ready(*c, err));
        code = pg_simple(*c, sql, err);
    }
    return code;
}

static tq_code begin_side(store_tx *tx, pg_store *p, tq_err *err)
{
    side *of = side_of(p, tx->channel);
    TQ_ASSERT(pthread_mutex_lock(&of->mutex) == 0);
    const tq_code code = begin_on_conn(p, &of->conn, "BEGIN ISOLATION LEVEL READ COMMITTED", err);
    if (code != TQ_OK) {
        TQ_ASSERT(pthread_mutex_unlock(&of->mutex) == 0);
        return code;
    }
    tx->conn = of->conn;
    return TQ_OK;
}

static tq_code bulk_sound(const pg_store *p, tq_err *err)
{
    return p->bulk_lost
               ? tq_fail(err, TQ_STORE, "group_lost", NULL,
                         "commands that were not yet committed are lost; start this run again")
               : TQ_OK;
}

static tq_code begin_bulk(store_tx *tx, pg_store *p, tq_err *err)
{
    TQ_TRY(bulk_sound(p, err));
    if (!p->bulk_open) {
        TQ_TRY(begin_on_conn(p, &p->pool[0], begin_text(tx), err));
        p->bulk_open = true;
        p->bulk_commands = 0;
    }
    tx->conn = p->pool[0];
    return pg_simple(tx->conn, "SAVEPOINT command", err);
}

static tq_code pg_begin(store_tx *tx, tq_err *err)
{
    pg_store *p = tx->store->inner;
    if (tx->channel != CHANNEL_MAIN) {
        return begin_side(tx, p, err);
    }
    tx->slot = slots_take(&p->slots);
    const tq_code code = tx->store->bulk
                             ? begin_bulk(tx, p, err)
                             : begin_on_conn(p, &p->pool[tx->slot], begin_text(tx), err);
    if (code != TQ_OK) {
        slots_give(&p->slots, tx->slot);
        return code;
    }
    tx->conn = p->pool[tx->slot];
    return TQ_OK;
}

static void give_back(store_tx *tx)
{
    pg_store *p = tx->store->inner;
    if (tx->channel != CHANNEL_MAIN) {
        TQ_ASSERT(pthread_mutex_unlock(&side_of(p, tx->channel)->mutex) == 0);
    } else {
        slots_give(&p->slots, tx->slot);
    }
}

static bool is_bulk(const store_tx *tx)
{
    return tx->store->bulk && tx->channel == CHANNEL_MAIN;
}

/* The whole transaction is gone: earlier commands, if any, went with it and must be told of. */
static void bulk_break(pg_store *p)
{
    (void)pg_simple(p->pool[0], "ROLLBACK", NULL);
    p->bulk_lost = p->bulk_lost || p->bulk_commands > 0;
    p->bulk_open = false;
    p->bulk_commands = 0;
}

static void pg_rollback(store_tx *tx)
{
    pg_store *p = tx->store->inner;
    if (!is_bulk(tx)) {
        (void)pg_simple(tx->conn, "ROLLBACK",
                        NULL); /* a lost connection has rolled back by itself */
    } else if (pg_simple(tx->conn, "ROLLBACK TO command; RELEASE command", NULL) != TQ_OK) {
        bulk_break(p);
    }
    give_back(tx);
}

static tq_code bulk_end(store *s, tq_err *err)
{
    pg_store *p = s->inner;
    TQ_TRY(bulk_sound(p, err));
    if (!p->bulk_open) {
        return TQ_OK;
    }
    p->bulk_open = false;
    p->bulk_commands = 0;
    return pg_commit(p->pool[0], err);
}

static tq_code commit_bulk(store_tx *tx, tq_err *err)
{
    pg_store *p = tx->store->inner;
    const tq_code code = pg_simple(tx->conn, "RELEASE command", err);
    if (code != TQ_OK) {
        bulk_break(p);
        return code;
    }
    p->bulk_commands += tx->mode == STORE_WRITE ? 1 : 0;
    return p->bulk_commands >= STORE_BULK_GROUP ? bulk_end(tx->store, err) : TQ_OK;
}

static tq_code pg_end(store_tx *tx, tq_err *err)
{
    const instant from = instant_now();
    const tq_code code = is_bulk(tx) ? commit_bulk(tx, err) : pg_commit(tx->conn, err);
    if (tx->mode == STORE_WRITE && !is_bulk(tx)) {
        store_count_group(tx->store, from);
    }
    if (code != TQ_OK && !is_bulk(tx)) {
        (void)pg_simple(tx->conn, "ROLLBACK", NULL);
    }
    give_back(tx);
    return code;
}

static void pg_close(store *s)
{
    pg_store *p = s->inner;
    tq_err err = {0};
    if (bulk_end(s, &err) != TQ_OK) {
        (void)fprintf(stderr, "tongquan: the last group could not be committed: %s\n", err.detail);
    }
    for (int i = 0; i < SLOTS_MAX; i++) {
        pg_conn_close(p->pool[i]);
    }
    pg_conn_close(p->lease.conn);
    pg_conn_close(p->blob.conn);
    (void)pthread_mutex_destroy(&p->lease.mutex);
    (void)pthread_mutex_destroy(&p->blob.mutex);
    slots_end(&p->slots);
    free(p->uri);
    free(p);
    s->inner = NULL;
}

static tq_code pg_run(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                      int64_t *changed, tq_err *err)
{
    PGresult *res = NULL;
    TQ_TRY(pg_execute(tx->conn, tx->mode, id, args, n, &res, err));
    TQ_ASSERT(PQresultStatus(res) ==
              PGRES_COMMAND_OK); /* store_run is for statements without rows */
    long long count = 0;
    const char *text = PQcmdTuples(res);
    const bool number = str_int64(str_of(text), &count);
    TQ_ASSERT(number || text[0] == '\0');
    *changed = count;
    PQclear(res);
    return TQ_OK;
}

static tq_code pg_query(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                        store_rows *out, tq_err *err)
{
    PGresult *res = NULL;
    TQ_TRY(pg_execute(tx->conn, tx->mode, id, args, n, &res, err));
    out->inner = res;
    out->row = -1;
    return TQ_OK;
}

static tq_code pg_next(store_rows *r, bool *more, tq_err *err)
{
    (void)err;
    r->row++;
    *more = r->row < PQntuples(r->inner);
    return TQ_OK;
}

static void pg_rows_end(store_rows *r)
{
    PQclear(r->inner);
}

static int64_t column_int(store_rows *r, int column)
{
    return pg_column_int(r->inner, r->row, column);
}

static str column_bytes(store_rows *r, int column, store_type type)
{
    return pg_column_bytes(r->inner, r->row, column, type);
}

static tq_code pg_script(store_tx *tx, const char *sql, tq_err *err)
{
    return pg_simple(tx->conn, sql, err);
}

static tq_code pg_has_schema(store_tx *tx, bool *out, tq_err *err)
{
    return pg_bool(tx->conn, "SELECT to_regclass('schema_version') IS NOT NULL", out, err);
}

static tq_code pg_lock_schema(store_tx *tx, tq_err *err)
{
    return pg_simple(tx->conn, MIGRATION_LOCK, err);
}

static tq_code pg_prepare(store_tx *tx, store_stmt id, tq_err *err)
{
    return pg_check(tx->conn, tx->mode, id, err);
}

const store_ops store_pg_ops = {
    .open = pg_open,
    .close = pg_close,
    .begin = pg_begin,
    .commit = pg_end,
    .rollback = pg_rollback,
    .flush = bulk_end,
    .run = pg_run,
    .query = pg_query,
    .next = pg_next,
    .end = pg_rows_end,
    .column_int = column_int,
    .column_bytes = column_bytes,
    .script = pg_script,
    .has_schema = pg_has_schema,
    .lock_schema = pg_lock_schema,
    .prepare = pg_prepare,
};
