/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "store/store_sqlite_conn.h"
#include "store/writer_turn.h"

#include <stdio.h>
#include <stdlib.h>

/* One writer connection, handed round by the writer's turn, and a few readers. */

typedef struct sq_store {
    char path[4096];
    sq_conn *writer; /* NULL where read only */
    writer_turn *turn;
    slots slots;
    sq_conn *readers[SLOTS_MAX]; /* opened at first use */
} sq_store;

enum {
    ROW_PENDING = 1,
    ROW_STEPPED,
    ROW_NONE
}; /* store_rows.row: the first step is made at once */

/* --- groups and transactions ------------------------------------------------------------------- */

static tq_code group_open(void *ctx, tq_err *err)
{
    sq_conn *c = ((sq_store *)((store *)ctx)->inner)->writer;
    const int rc = sq_control_run(c, SQ_BEGIN_WRITE);
    return rc == SQLITE_OK ? TQ_OK : sq_fail(c->db, rc, err);
}

static tq_code group_close(void *ctx, tq_err *err)
{
    store *s = ctx;
    sq_conn *c = ((sq_store *)s->inner)->writer;
    if (sqlite3_get_autocommit(c->db)) {
        /* A full disk or a failed read in one command has ended the transaction of all. */
        store_ids_forget(s);
        return tq_fail(err, TQ_STORE, "group_lost", NULL,
                       "the database ended the transaction this command was part of");
    }
    const instant from = instant_now();
    const int rc = sq_control_run(c, SQ_COMMIT);
    store_count_group(s, from);
    if (rc == SQLITE_OK) {
        return TQ_OK;
    }
    tq_err why = {0};
    (void)sq_fail(c->db, rc, &why);
    if (!sqlite3_get_autocommit(c->db)) {
        (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    }
    store_ids_forget(s);
    return tq_fail(err, TQ_STORE, "commit_failed", why.field, "nothing was stored: %s", why.detail);
}

static tq_code sq_open(store *s, const store_options *o, tq_err *err)
{
    sq_store *q = calloc(1, sizeof *q);
    TQ_ASSERT(q != NULL);
    slots_init(&q->slots, s->readers);
    s->inner = q;
    const int n = snprintf(q->path, sizeof q->path, "%s/tongquan.db", s->dir);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof q->path);
    if (!o->create && !file_exists(q->path)) {
        return tq_fail(err, TQ_NOT_FOUND, "no_database", "data",
                       "the data folder holds no tongquan.db; make one with init");
    }
    if (s->read_only) {
        return TQ_OK;
    }
    q->turn = turn_new((turn_ops){s, group_open, group_close}, s->bulk);
    return sq_conn_open(q->path, true, o->create, &q->writer, err);
}

static tq_code begin_write(store_tx *tx, sq_store *q, tq_err *err)
{
    TQ_ASSERT(q->writer != NULL);
    TQ_TRY(turn_take(q->turn, err));
    const int rc = sq_control_run(q->writer, SQ_SAVE);
    if (rc != SQLITE_OK) {
        const tq_code code = sq_fail(q->writer->db, rc, err);
        (void)turn_end(q->turn, false, true, NULL); /* the group's members hear of it themselves */
        return code;
    }
    tx->conn = q->writer;
    return TQ_OK;
}

static tq_code begin_read(store_tx *tx, sq_store *q, tq_err *err)
{
    tx->slot = slots_take(&q->slots);
    sq_conn **c = &q->readers[tx->slot];
    tq_code code = *c == NULL ? sq_conn_open(q->path, false, false, c, err) : TQ_OK;
    if (code == TQ_OK) {
        int rc = sq_control_run(*c, SQ_BEGIN_READ);
        if (rc == SQLITE_OK) {
            rc = sq_control_run(*c, SQ_PIN);
            if (rc != SQLITE_OK) {
                code = sq_fail((*c)->db, rc, err);
                (void)sq_control_run(*c, SQ_COMMIT);
            }
        } else {
            code = sq_fail((*c)->db, rc, err);
        }
    }
    if (code != TQ_OK) {
        slots_give(&q->slots, tx->slot);
        return code;
    }
    tx->conn = *c;
    return TQ_OK;
}

/* In bulk mode readers would not see what is not yet committed, so they ride on the writer. */
static bool on_writer(const store_tx *tx)
{
    return tx->mode == STORE_WRITE || tx->store->bulk;
}

static tq_code sq_begin(store_tx *tx, tq_err *err)
{
    sq_store *q = tx->store->inner;
    if (!on_writer(tx)) {
        return begin_read(tx, q, err);
    }
    return begin_write(tx, q, err);
}

static void end_read(store_tx *tx)
{
    sq_store *q = tx->store->inner;
    (void)sq_control_run(tx->conn, SQ_COMMIT);
    slots_give(&q->slots, tx->slot);
}

static void sq_rollback(store_tx *tx)
{
    if (!on_writer(tx)) {
        end_read(tx);
        return;
    }
    sq_store *q = tx->store->inner;
    sq_conn *c = tx->conn;
    bool broken = sqlite3_get_autocommit(c->db) != 0;
    if (!broken) {
        broken =
            sq_control_run(c, SQ_UNDO) != SQLITE_OK || sq_control_run(c, SQ_RELEASE) != SQLITE_OK;
        if (broken && !sqlite3_get_autocommit(c->db)) {
            /* What cannot be undone alone must not be committed with the others. */
            (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
        }
    }
    (void)turn_end(q->turn, false, broken, NULL);
}

static tq_code sq_commit(store_tx *tx, tq_err *err)
{
    if (!on_writer(tx)) {
        end_read(tx);
        return TQ_OK;
    }
    sq_store *q = tx->store->inner;
    sq_conn *c = tx->conn;
    const int rc = sq_control_run(c, SQ_RELEASE);
    if (rc != SQLITE_OK) {
        const tq_code code = sq_fail(c->db, rc, err);
        sq_rollback(tx);
        return code;
    }
    return turn_end(q->turn, tx->mode == STORE_WRITE, false, err);
}

static tq_code sq_flush(store *s, tq_err *err)
{
    sq_store *q = s->inner;
    return q->turn == NULL ? TQ_OK : turn_flush(q->turn, err);
}

static void sq_close(store *s)
{
    sq_store *q = s->inner;
    tq_err err = {0};
    if (q->turn != NULL && turn_flush(q->turn, &err) != TQ_OK) {
        (void)fprintf(stderr, "tongquan: the last group could not be committed: %s\n", err.detail);
    }
    turn_free(q->turn);
    for (int i = 0; i < SLOTS_MAX; i++) {
        sq_conn_close(q->readers[i]);
    }
    sq_conn_close(q->writer); /* last, so that it can take the WAL back into the file */
    slots_end(&q->slots);
    free(q);
    s->inner = NULL;
}

/* --- statements -------------------------------------------------------------------------------- */

static tq_code stmt_of(sq_conn *c, store_stmt id, sqlite3_stmt **out, tq_err *err)
{
    sqlite3_stmt **st = &c->stmts[id];
    if (*st == NULL) {
        const store_statement *info = store_statement_of(id);
        TQ_ASSERT(info->sqlite != NULL);
        const int rc =
            sqlite3_prepare_v3(c->db, info->sqlite, -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
        if (rc != SQLITE_OK) {
            const tq_code code = sq_fail(c->db, rc, err);
            return err == NULL ? code : tq_err_at(err, "%s", info->name);
        }
        TQ_ASSERT(sqlite3_bind_parameter_count(*st) == info->args);
        TQ_ASSERT(info->is_write || sqlite3_stmt_readonly(*st));
    }
    *out = *st;
    return TQ_OK;
}

static tq_code sq_prepare(store_tx *tx, store_stmt id, tq_err *err)
{
    sqlite3_stmt *st = NULL;
    return stmt_of(tx->conn, id, &st, err);
}

/* `keep`: SQLite copies texts, since the rows are read after the caller's arguments may be gone. */
static void bind_all(sqlite3_stmt *st, const store_arg *args, size_t n, bool keep)
{
    const sqlite3_destructor_type life = keep ? SQLITE_TRANSIENT : SQLITE_STATIC;
    for (size_t i = 0; i < n; i++) {
        const int at = (int)i + 1;
        const char *data = args[i].text.data == NULL ? "" : args[i].text.data;
        const int len = (int)args[i].text.len; /* at most STORE_TEXT_MAX */
        int rc = SQLITE_ERROR;
        switch (args[i].type) {
        case STORE_ARG_INT:
            rc = sqlite3_bind_int64(st, at, args[i].num);
            break;
        case STORE_ARG_TEXT:
            rc = sqlite3_bind_text(st, at, data, len, life);
            break;
        case STORE_ARG_BLOB:
            rc = sqlite3_bind_blob(st, at, data, len, life);
            break;
        }
        TQ_ASSERT(rc == SQLITE_OK);
    }
}

static void stmt_idle(sqlite3_stmt *st)
{
    (void)sqlite3_reset(st); /* repeats the failure of the last step, which has been reported */
    (void)sqlite3_clear_bindings(st);
}

/* A statement after the transaction was lost would commit by itself. */
static tq_code still_open(const sq_conn *c, tq_err *err)
{
    if (sqlite3_get_autocommit(c->db)) {
        return tq_fail(err, TQ_STORE, "group_lost", NULL, "the database ended the transaction");
    }
    return TQ_OK;
}

static tq_code sq_run(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                      int64_t *changed, tq_err *err)
{
    sq_conn *c = tx->conn;
    sqlite3_stmt *st = NULL;
    TQ_TRY(still_open(c, err));
    TQ_TRY(stmt_of(c, id, &st, err));
    bind_all(st, args, n, false);
    const int rc = sqlite3_step(st);
    TQ_ASSERT(rc != SQLITE_ROW); /* store_run is for statements without rows */
    tq_code code = TQ_OK;
    if (rc == SQLITE_DONE) {
        *changed = sqlite3_changes64(c->db);
    } else {
        code = sq_fail(c->db, rc, err);
    }
    stmt_idle(st);
    return code;
}

static tq_code sq_query(store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                        store_rows *out, tq_err *err)
{
    sq_conn *c = tx->conn;
    sqlite3_stmt *st = NULL;
    TQ_TRY(still_open(c, err));
    TQ_TRY(stmt_of(c, id, &st, err));
    bind_all(st, args, n, true);
    /* At once, so that INSERT ... RETURNING has happened when this returns, as on PostgreSQL. */
    const int rc = sqlite3_step(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        const tq_code code = sq_fail(c->db, rc, err);
        stmt_idle(st);
        return code;
    }
    out->inner = st;
    out->row = rc == SQLITE_ROW ? ROW_PENDING : ROW_NONE;
    return TQ_OK;
}

static tq_code sq_next(store_rows *r, bool *more, tq_err *err)
{
    sq_conn *c = r->tx->conn;
    if (r->row == ROW_STEPPED) {
        const int rc = sqlite3_step(r->inner);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
            return sq_fail(c->db, rc, err);
        }
        r->row = rc == SQLITE_ROW ? ROW_STEPPED : ROW_NONE;
    } else if (r->row == ROW_PENDING) {
        r->row = ROW_STEPPED;
    }
    *more = r->row == ROW_STEPPED;
    return TQ_OK;
}

static void sq_end(store_rows *r)
{
    stmt_idle(r->inner);
}

static void assert_column(const store_rows *r, int column, int type)
{
    TQ_ASSERT(r->row == ROW_STEPPED);
    TQ_ASSERT(column < sqlite3_column_count(r->inner));
    TQ_ASSERT(sqlite3_column_type(r->inner, column) == type); /* never NULL, never converted */
}

static int64_t sq_column_int(store_rows *r, int column)
{
    assert_column(r, column, SQLITE_INTEGER);
    return sqlite3_column_int64(r->inner, column);
}

static str sq_column_bytes(store_rows *r, int column, store_type type)
{
    assert_column(r, column, type == STORE_ARG_TEXT ? SQLITE_TEXT : SQLITE_BLOB);
    const char *data = type == STORE_ARG_TEXT ? (const char *)sqlite3_column_text(r->inner, column)
                                              : sqlite3_column_blob(r->inner, column);
    const size_t len = (size_t)sqlite3_column_bytes(r->inner, column);
    return (str){len == 0 ? "" : data, len};
}

/* --- schema ------------------------------------------------------------------------------------ */

static tq_code sq_script(store_tx *tx, const char *sql, tq_err *err)
{
    sq_conn *c = tx->conn;
    const int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? TQ_OK : sq_fail(c->db, rc, err);
}

static tq_code sq_has_schema(store_tx *tx, bool *out, tq_err *err)
{
    sq_conn *c = tx->conn;
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->db, "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'",
                                -1, &st, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
    }
    (void)sqlite3_finalize(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return sq_fail(c->db, rc, err);
    }
    *out = rc == SQLITE_ROW;
    return TQ_OK;
}

static tq_code sq_lock_schema(store_tx *tx, tq_err *err)
{
    (void)tx;
    (void)err;
    return TQ_OK; /* the folder's lock is ours */
}

const store_ops store_sqlite_ops = {
    .open = sq_open,
    .close = sq_close,
    .begin = sq_begin,
    .commit = sq_commit,
    .rollback = sq_rollback,
    .flush = sq_flush,
    .run = sq_run,
    .query = sq_query,
    .next = sq_next,
    .end = sq_end,
    .column_int = sq_column_int,
    .column_bytes = sq_column_bytes,
    .script = sq_script,
    .has_schema = sq_has_schema,
    .lock_schema = sq_lock_schema,
    .prepare = sq_prepare,
};
