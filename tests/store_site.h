/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_STORE_SITE_H
#define TQ_TESTS_STORE_SITE_H

/* An empty place for a store: a data folder, and on PostgreSQL (TQ_ENGINE=pg) a schema of its own in
 * the database of TQ_TEST_PG. Raw SQL goes past the store, as a person with a database client would. */

#include "store/store.h"
#include <libpq-fe.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct site {
    bool pg;
    char dir[64];
    char schema[64];
    char uri[600]; /* of the schema; empty on SQLite */
} site;

static inline bool engine_is_pg(void)
{
    const char *engine = getenv("TQ_ENGINE");
    return engine != NULL && strcmp(engine, "pg") == 0;
}

static inline const char *server_uri(void)
{
    const char *uri = getenv("TQ_TEST_PG");
    if (uri == NULL) {
        fail_msg("set TQ_TEST_PG to the URI of a PostgreSQL server");
    }
    return uri;
}

static inline bool raw_pg(const char *uri, const char *sql, char *answer, size_t room)
{
    PGconn *pg = PQconnectdb(uri);
    if (PQstatus(pg) != CONNECTION_OK) {
        fail_msg("%s", PQerrorMessage(pg));
    }
    PQclear(PQexec(pg, "SET client_min_messages = warning"));
    PGresult *res = PQexec(pg, sql);
    const bool rows = PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) > 0;
    const bool fine =
        rows || PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK;
    (void)snprintf(answer, room, "%s",
                   fine ? (rows ? PQgetvalue(res, 0, 0) : "") : PQerrorMessage(pg));
    PQclear(res);
    PQfinish(pg);
    return fine;
}

static inline bool raw_sqlite(const char *dir, const char *sql, char *answer, size_t room)
{
    char path[128];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof path, "%s/tongquan.db", dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(db, 10000), SQLITE_OK);
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
    }
    const bool fine = rc == SQLITE_ROW || rc == SQLITE_DONE;
    const char *text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : "";
    (void)snprintf(answer, room, "%s", fine ? (text == NULL ? "" : text) : sqlite3_errmsg(db));
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    return fine;
}

/* Runs one statement; `answer` is the first column of the first row, or the engine's complaint. */
static inline bool raw(const site *at, const char *sql, char *answer, size_t room)
{
    return at->pg ? raw_pg(at->uri, sql, answer, room) : raw_sqlite(at->dir, sql, answer, room);
}

static inline void raw_ok(const site *at, const char *sql)
{
    char answer[512];
    if (!raw(at, sql, answer, sizeof answer)) {
        fail_msg("%s: %s", sql, answer);
    }
}

static inline long long raw_int(const site *at, const char *sql)
{
    char answer[512];
    if (!raw(at, sql, answer, sizeof answer)) {
        fail_msg("%s: %s", sql, answer);
    }
    return strtoll(answer, NULL, 10);
}

static inline site site_make(void)
{
    static int count;
    site at = {.pg = engine_is_pg()};
    (void)snprintf(at.dir, sizeof at.dir, "/tmp/tq-store-XXXXXX");
    assert_non_null(mkdtemp(at.dir));
    if (at.pg) {
        const char *server = server_uri();
        char sql[128];
        char answer[512];
        (void)snprintf(at.schema, sizeof at.schema, "t_%ld_%d", (long)getpid(), ++count);
        (void)snprintf(sql, sizeof sql, "CREATE SCHEMA %s", at.schema);
        assert_true(raw_pg(server, sql, answer, sizeof answer));
        (void)snprintf(at.uri, sizeof at.uri, "%s%coptions=-csearch_path%%3D%s", server,
                       strchr(server, '?') == NULL ? '?' : '&', at.schema);
    }
    return at;
}

static inline void site_drop(site *at)
{
    char text[128];
    char answer[512];
    if (at->pg) {
        (void)snprintf(text, sizeof text, "DROP SCHEMA %s CASCADE", at->schema);
        assert_true(raw_pg(server_uri(), text, answer, sizeof answer));
    }
    (void)snprintf(text, sizeof text, "rm -rf '%s'", at->dir);
    assert_int_equal(system(text), 0);
}

static inline store_options site_options(const site *at)
{
    return (store_options){.dir = at->dir, .pg_uri = at->pg ? at->uri : NULL};
}

static inline store *site_open_with(const store_options *o)
{
    tq_err err = {0};
    store *s = NULL;
    if (store_open(o, &s, &err) != TQ_OK) {
        fail_msg("%s %s: %s", err.reason, err.field, err.detail);
    }
    return s;
}

/* Makes the schema where it is missing. */
static inline store *site_open(const site *at)
{
    store_options o = site_options(at);
    o.create = true;
    return site_open_with(&o);
}

#define CHECK_OK(call)                                                                             \
    do {                                                                                           \
        tq_err err = {0};                                                                          \
        if ((call) != TQ_OK) {                                                                     \
            fail_msg("%s: %s %s: %s", #call, err.reason, err.field, err.detail);                   \
        }                                                                                          \
    } while (0)

/* The call fails with this code and reason. `err` is visible in `call`. */
#define CHECK_FAILS(call, want_code, want_reason)                                                  \
    do {                                                                                           \
        tq_err err = {0};                                                                          \
        const tq_code got_ = (call);                                                               \
        if (got_ != (want_code) || strcmp(err.reason, (want_reason)) != 0) {                       \
            fail_msg("%s: %s %s %s: %s", #call, tq_code_name(got_), err.reason, err.field,         \
                     err.detail);                                                                  \
        }                                                                                          \
    } while (0)

#endif
