/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_pg_conn.h"

#include <stdio.h>
#include <stdlib.h>

/* pg_type.dat; libpq has no header for them. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };
#define BINARY 1
#define STATEMENT_NAME_MAX 16

typedef enum prepared { NOT_YET, PREPARED } prepared;

struct pg_conn {
    PGconn *pg;
    char *uri;
    bool lost;                    /* found unusable although libpq may think it well */
    uint8_t plans[2][STMT_COUNT]; /* prepared, by store_mode */
};

/* Strings are taken as written, dates never pass as text, and a lock that is never given is a failure
 * and not a hang. A server that does not wait for its disk is told to. */
static const char session_sql[] =
    "SET standard_conforming_strings = on; SET client_min_messages = warning; SET lock_timeout = "
    "'15s';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/* --- failures ---------------------------------------------------------------------------------- */

static bool state_is(const char *state, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strncmp(state, list[i], strlen(list[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The first line without libpq's "ERROR:  " and line end. */
static tq_code server_says(const PGresult *res, const PGconn *pg, tq_code code, const char *reason,
                           tq_err *err)
{
    const char *text = res == NULL ? NULL : PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    text = text == NULL ? PQerrorMessage(pg) : text;
    return tq_fail(err, code, reason, NULL, "%.*s", (int)strcspn(text, "\n"), text);
}

static tq_code pg_fail(pg_conn *c, const PGresult *res, tq_err *err)
{
    /* Classes 08 (connection) and 57P (shutting down), 25006: a primary that became a standby. */
    static const char *const lost[] = {"08", "57P", "25006"};
    static const char *const again[] = {"40001", "40P01", "55P03", "53300"};
    static const char *const corrupt[] = {"XX001", "XX002"};
    const char *state = res == NULL ? NULL : PQresultErrorField(res, PG_DIAG_SQLSTATE);
    if (state == NULL || PQstatus(c->pg) != CONNECTION_OK ||
        state_is(state, lost, TQ_COUNT(lost))) {
        c->lost = true;
        return tq_fail(err, TQ_BUSY, "connection_lost", NULL,
                       "the database server went away; try again");
    }
    if (strncmp(state, "23", 2) == 0) {
        const char *name = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
        return tq_fail(err, TQ_CONFLICT, "constraint", name, "the database refuses this change");
    }
    if (state_is(state, again, TQ_COUNT(again))) {
        return server_says(res, c->pg, TQ_BUSY, "busy", err);
    }
    if (state_is(state, corrupt, TQ_COUNT(corrupt))) {
        return server_says(res, c->pg, TQ_CORRUPT, "database_corrupt", err);
    }
    if (strcmp(state, "53100") == 0) {
        return server_says(res, c->pg, TQ_STORE, "disk_full", err);
    }
    return server_says(res, c->pg, TQ_STORE, "postgresql", err);
}

static bool result_fine(const PGresult *res)
{
    const ExecStatusType status = PQresultStatus(res);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static tq_code finish(pg_conn *c, PGresult *res, tq_err *err)
{
    const tq_code code = result_fine(res) ? TQ_OK : pg_fail(c, res, err);
    PQclear(res);
    return code;
}

/* --- connecting -------------------------------------------------------------------------------- */

static void no_notice(void *ctx, const PGresult *res)
{
    (void)ctx;
    (void)res;
}

/* A machine that vanished sends no word: without limits a worker would wait for it for hours. What the
 * URI says of these comes later and counts. Seconds; tcp_user_timeout in milliseconds. */
static PGconn *dial(const char *uri)
{
    static const char *const names[] = {"connect_timeout",
                                        "keepalives_idle",
                                        "keepalives_interval",
                                        "keepalives_count",
                                        "tcp_user_timeout",
                                        "dbname",
                                        NULL};
    const char *const values[] = {"5", "10", "5", "3", "20000", uri, NULL};
    return PQconnectdbParams(names, values, 1);
}

static tq_code connect_now(pg_conn *c, tq_err *err)
{
    c->pg = dial(c->uri);
    c->lost = false;
    memset(c->plans, 0, sizeof c->plans);
    if (PQstatus(c->pg) != CONNECTION_OK) {
        c->lost = true;
        /* The message names hosts and the user, never the password. */
        return server_says(NULL, c->pg, TQ_BUSY, "no_connection", err);
    }
    (void)PQsetNoticeReceiver(c->pg, no_notice, NULL);
    const char *encoding = PQparameterStatus(c->pg, "server_encoding");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0 ||
        PQsetClientEncoding(c->pg, "UTF8") != 0) {
        return tq_fail(err, TQ_INVALID, "server_encoding", "db",
                       "the database's encoding is not UTF8; create it with ENCODING 'UTF8'");
    }
    return pg_simple(c, session_sql, err);
}

tq_code pg_conn_open(const char *uri, pg_conn **out, tq_err *err)
{
    pg_conn *c = calloc(1, sizeof *c);
    TQ_ASSERT(c != NULL);
    c->uri = strdup(uri);
    TQ_ASSERT(c->uri != NULL);
    const tq_code code = connect_now(c, err);
    if (code != TQ_OK) {
        pg_conn_close(c);
        return code;
    }
    *out = c;
    return TQ_OK;
}

void pg_conn_close(pg_conn *c)
{
    if (c == NULL) {
        return;
    }
    PQfinish(c->pg);
    free(c->uri);
    free(c);
}

tq_code pg_conn_ready(pg_conn *c, tq_err *err)
{
    if (!c->lost && PQstatus(c->pg) == CONNECTION_OK) {
        return TQ_OK;
    }
    PQfinish(c->pg);
    return connect_now(c, err);
}

/* --- statements -------------------------------------------------------------------------------- */

tq_code pg_simple(pg_conn *c, const char *sql, tq_err *err)
{
    return finish(c, PQexec(c->pg, sql), err);
}

tq_code pg_commit(pg_conn *c, tq_err *err)
{
    PGresult *res = PQexec(c->pg, "COMMIT");
    if (result_fine(res)) {
        /* A transaction that had failed answers COMMIT with ROLLBACK. */
        const bool rolled_back = strcmp(PQcmdStatus(res), "ROLLBACK") == 0;
        PQclear(res);
        return rolled_back ? tq_fail(err, TQ_STORE, "tx_failed", NULL, "the transaction had failed")
                           : TQ_OK;
    }
    const tq_code code = finish(c, res, err);
    if (code == TQ_BUSY && c->lost) {
        return tq_fail(err, TQ_BUSY, "commit_unknown", NULL,
                       "the connection was lost while committing; ask again with the same key");
    }
    return code;
}

tq_code pg_bool(pg_conn *c, const char *sql, bool *out, tq_err *err)
{
    PGresult *res = PQexec(c->pg, sql);
    if (result_fine(res)) {
        TQ_ASSERT(PQntuples(res) == 1);
        TQ_ASSERT(PQftype(res, 0) == OID_BOOL);
        *out = PQgetvalue(res, 0, 0)[0] == 't';
    }
    return finish(c, res, err);
}

static Oid oid_of(store_type type)
{
    switch (type) {
    case STORE_ARG_INT:
        return OID_INT8;
    case STORE_ARG_TEXT:
        return OID_TEXT;
    case STORE_ARG_BLOB:
        return OID_BYTEA;
    }
    return 0;
}

static void statement_name(store_mode mode, store_stmt id, char out[STATEMENT_NAME_MAX])
{
    (void)snprintf(out, STATEMENT_NAME_MAX, "%c%u", mode == STORE_READ ? 'r' : 'w', (unsigned)id);
}

static tq_code prepare(pg_conn *c, const char *name, store_mode mode, store_stmt id,
                       const Oid *types, size_t n, tq_err *err)
{
    const store_statement *st = store_statement_of(id);
    TQ_ASSERT(st->pg != NULL);
    TQ_ASSERT(n <= STORE_ARGS_MAX);
    BUF_AUTO buf sql = buf_max(8192);
    buf_text(&sql, st->pg);
    if (mode == STORE_WRITE) {
        buf_text(&sql, st->pg_suffix);
    }
    TQ_ASSERT(buf_ok(&sql));
    const tq_code code = finish(c, PQprepare(c->pg, name, sql.data, (int)n, types), err);
    if (code != TQ_OK) {
        return err == NULL ? code : tq_err_at(err, "%s", st->name);
    }
    return TQ_OK;
}

typedef struct bound {
    const char *values[STORE_ARGS_MAX];
    int lengths[STORE_ARGS_MAX];
    int formats[STORE_ARGS_MAX];
    Oid types[STORE_ARGS_MAX];
    uint64_t numbers[STORE_ARGS_MAX]; /* network byte order */
} bound;

static uint64_t swap64(uint64_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(n);
#else
    return n;
#endif
}

static void bind_all(bound *b, const store_arg *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        b->types[i] = oid_of(args[i].type);
        b->formats[i] = BINARY;
        if (args[i].type == STORE_ARG_INT) {
            b->numbers[i] = swap64((uint64_t)args[i].num);
            b->values[i] = (const char *)&b->numbers[i];
            b->lengths[i] = (int)sizeof b->numbers[i];
        } else {
            b->values[i] =
                args[i].text.data == NULL ? "" : args[i].text.data; /* NULL would be NULL */
            b->lengths[i] = (int)args[i].text.len;                  /* at most STORE_TEXT_MAX */
        }
    }
}

tq_code pg_execute(pg_conn *c, store_mode mode, store_stmt id, const store_arg *args, size_t n,
                   PGresult **out, tq_err *err)
{
    TQ_ASSERT(n <= STORE_ARGS_MAX);
    bound b;
    bind_all(&b, args, n);
    char name[STATEMENT_NAME_MAX];
    statement_name(mode, id, name);
    if (c->plans[mode][id] == NOT_YET) {
        TQ_TRY(prepare(c, name, mode, id, b.types, n, err));
        c->plans[mode][id] = PREPARED;
    }
    PGresult *res = PQexecPrepared(c->pg, name, (int)n, b.values, b.lengths, b.formats, BINARY);
    if (!result_fine(res)) {
        return finish(c, res, err);
    }
    *out = res;
    return TQ_OK;
}

static bool readable(Oid type)
{
    return type == OID_BOOL || type == OID_BYTEA || type == OID_INT8 || type == OID_INT2 ||
           type == OID_INT4 || type == OID_TEXT;
}

/* What an argument for a parameter of this type would be sent as. */
static Oid sent_as(Oid type)
{
    return type == OID_INT4 || type == OID_INT2 ? OID_INT8 : type;
}

tq_code pg_check(pg_conn *c, store_mode mode, store_stmt id, tq_err *err)
{
    const store_statement *st = store_statement_of(id);
    TQ_TRY(prepare(c, "checked", mode, id, NULL, 0, err));
    PGresult *res = PQdescribePrepared(c->pg, "checked");
    Oid types[STORE_ARGS_MAX] = {0};
    bool fine = result_fine(res) && PQnparams(res) == st->args;
    for (int i = 0; fine && i < st->args; i++) {
        types[i] = sent_as(PQparamtype(res, i));
        fine = readable(types[i]) && types[i] != OID_BOOL;
    }
    for (int i = 0; fine && i < PQnfields(res); i++) {
        fine = readable(PQftype(res, i));
    }
    TQ_TRY(finish(c, res, err));
    if (!fine) {
        return tq_fail(err, TQ_INTERNAL, "statement_types", st->name,
                       "a parameter or column is not bigint, text or bytea; add a CAST");
    }
    TQ_TRY(pg_simple(c, "DEALLOCATE checked", err));
    TQ_TRY(prepare(c, "checked", mode, id, types, (size_t)st->args, err));
    return pg_simple(c, "DEALLOCATE checked", err);
}

static void assert_cell(const PGresult *res, int row, int column)
{
    TQ_ASSERT(row >= 0 && row < PQntuples(res));
    TQ_ASSERT(column < PQnfields(res));
    TQ_ASSERT(!PQgetisnull(res, row, column));
}

int64_t pg_column_int(const PGresult *res, int row, int column)
{
    assert_cell(res, row, column);
    const int len = PQgetlength(res, row, column);
    const Oid type = PQftype(res, column);
    TQ_ASSERT(type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL);
    const unsigned char *p = (const unsigned char *)PQgetvalue(res, row, column);
    uint64_t n = type != OID_BOOL && (p[0] & 0x80) != 0 ? UINT64_MAX : 0; /* the sign */
    for (int i = 0; i < len; i++) {
        n = (n << 8) | p[i];
    }
    return (int64_t)n;
}

str pg_column_bytes(const PGresult *res, int row, int column, store_type type)
{
    assert_cell(res, row, column);
    TQ_ASSERT(PQftype(res, column) == oid_of(type));
    return (str){PQgetvalue(res, row, column), (size_t)PQgetlength(res, row, column)};
}
