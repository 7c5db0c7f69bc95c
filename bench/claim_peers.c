/* SPDX-License-Identifier: Apache-2.0 */
#include "claim_peers.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "bench_util.h"

#define GROUP 64
#define COLUMNS_MAX 64
#define BODY_MAX 8192

/* --- SQLite ------------------------------------------------------------------------------------ */

static void need(sqlite3 *db, bool ok)
{
    if (!ok) {
        fprintf(stderr, "raw loop: %s\n", sqlite3_errmsg(db));
        abort();
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    need(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) == SQLITE_OK);
    return s;
}

static void step_done(sqlite3 *db, sqlite3_stmt *s)
{
    need(db, sqlite3_step(s) == SQLITE_DONE);
    need(db, sqlite3_reset(s) == SQLITE_OK);
}

static int64_t one_int(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = prepare(db, sql);
    need(db, sqlite3_step(s) == SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return n;
}

/* Rows of a table held in memory, and the statement that inserts one like them. */
typedef struct rows {
    sqlite3_stmt *insert;
    int cols, n;
    int64_t next_id;
    sqlite3_value *value[CLAIM_PEERS_TEMPLATES][COLUMNS_MAX];
} rows;

static void rows_take(sqlite3 *db, rows *r, const char *table, const char *where)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE %s ORDER BY id", table, where);
    sqlite3_stmt *s = prepare(db, sql);
    r->cols = sqlite3_column_count(s);
    TQ_ASSERT(r->cols <= COLUMNS_MAX);
    for (r->n = 0; r->n < CLAIM_PEERS_TEMPLATES && sqlite3_step(s) == SQLITE_ROW; r->n++) {
        for (int c = 0; c < r->cols; c++) {
            r->value[r->n][c] = sqlite3_value_dup(sqlite3_column_value(s, c));
        }
    }
    TQ_ASSERT(r->n == CLAIM_PEERS_TEMPLATES);
    (void)sqlite3_finalize(s);
    int at = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", table);
    for (int c = 1; c < r->cols; c++) {
        at += snprintf(sql + at, sizeof sql - (size_t)at, ",?");
    }
    (void)snprintf(sql + at, sizeof sql - (size_t)at, ")");
    r->insert = prepare(db, sql);
    (void)snprintf(sql, sizeof sql, "SELECT max(id) + 1 FROM %s", table);
    r->next_id = one_int(db, sql);
}

static void rows_bind(sqlite3 *db, rows *r, int i)
{
    for (int c = 1; c < r->cols; c++) {
        need(db, sqlite3_bind_value(r->insert, c + 1, r->value[i % r->n][c]) == SQLITE_OK);
    }
    (void)sqlite3_bind_int64(r->insert, 1, r->next_id++);
}

static void rows_free(rows *r)
{
    (void)sqlite3_finalize(r->insert);
    for (int i = 0; i < r->n; i++) {
        for (int c = 0; c < r->cols; c++) {
            sqlite3_value_free(r->value[i][c]);
        }
    }
    free(r);
}

static void two_hashes(const char *body, size_t len, digest *sha256, digest *sm3)
{
    const str parts[2] = {{"\0", 1}, {body, len}};
    *sha256 = hash_parts(HASH_SHA256, parts, 2);
    *sm3 = hash_parts(HASH_SM3, parts, 2);
}

typedef struct raw_site {
    sqlite3 *db;
    rows *claim, *line, *act, *event;
    sqlite3_stmt *counter;
} raw_site;

static void raw_claim(raw_site *s, int i)
{
    char number[48];
    char body[BODY_MAX];
    digest sha256;
    digest sm3;
    const int64_t id = s->claim->next_id;
    (void)snprintf(number, sizeof number, "C330522-2013-%06" PRId64 "-X", id);
    rows_bind(s->db, s->claim, i);
    (void)sqlite3_bind_text(s->claim->insert, 3, number, -1, SQLITE_STATIC);
    step_done(s->db, s->claim->insert);
    rows_bind(s->db, s->line, i);
    (void)sqlite3_bind_int64(s->line->insert, 2, id);
    step_done(s->db, s->line->insert);
    rows_bind(s->db, s->act, i);
    (void)sqlite3_bind_int64(s->act->insert, 4, id);
    step_done(s->db, s->act->insert);
    step_done(s->db, s->counter);
    const char *text = (const char *)sqlite3_value_text(s->event->value[i % s->event->n][7]);
    const int len = snprintf(body, sizeof body, "%-9" PRId64 "%s", id, text + 9); /* no two alike */
    TQ_ASSERT(len > 0 && (size_t)len < sizeof body);
    two_hashes(body, (size_t)len, &sha256, &sm3);
    const int64_t seq = s->event->next_id;
    rows_bind(s->db, s->event, i);
    (void)sqlite3_bind_int64(s->event->insert, 2, seq);
    (void)sqlite3_bind_text(s->event->insert, 8, body, len, SQLITE_STATIC);
    (void)sqlite3_bind_blob(s->event->insert, 9, sha256.b, sizeof sha256.b, SQLITE_STATIC);
    (void)sqlite3_bind_blob(s->event->insert, 10, sm3.b, sizeof sm3.b, SQLITE_STATIC);
    step_done(s->db, s->event->insert);
}

static rows *rows_of(sqlite3 *db, const char *table, const char *where)
{
    rows *r = calloc(1, sizeof *r);
    TQ_ASSERT(r != NULL);
    rows_take(db, r, table, where);
    return r;
}

int64_t claim_peer_sqlite(const char *path, int claims)
{
    raw_site s = {0};
    need(s.db, sqlite3_open(path, &s.db) == SQLITE_OK);
    need(s.db,
         sqlite3_exec(
             s.db,
             "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
             "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536",
             NULL, NULL, NULL) == SQLITE_OK);
    s.claim = rows_of(s.db, "claim", "state = 'submitted'");
    s.line = rows_of(s.db, "claim_line", "1 = 1");
    s.act = rows_of(s.db, "act", "subject = 'claim' AND stage = 'claim'");
    s.event = rows_of(s.db, "event", "kind = 'claim_submit'");
    s.counter =
        prepare(s.db,
                "UPDATE counter SET value = value + 1 WHERE id = (SELECT max(id) FROM counter)");
    const int64_t before = one_int(s.db, "SELECT count(*) FROM event");
    const int64_t from = bench_now_us();
    for (int i = 0; i < claims; i++) {
        need(s.db, i % GROUP != 0 ||
                       sqlite3_exec(s.db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK);
        raw_claim(&s, i);
        const bool last = i % GROUP == GROUP - 1 || i == claims - 1;
        need(s.db, !last || sqlite3_exec(s.db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
    }
    const int64_t us = bench_now_us() - from;
    TQ_ASSERT(one_int(s.db, "SELECT count(*) FROM event") - before == claims);
    rows_free(s.claim);
    rows_free(s.line);
    rows_free(s.act);
    rows_free(s.event);
    (void)sqlite3_finalize(s.counter);
    TQ_ASSERT(sqlite3_close(s.db) == SQLITE_OK);
    return us;
}

/* --- PostgreSQL -------------------------------------------------------------------------------- */

static const char *const peer_sql =
    "CREATE SEQUENCE peer_id START 1000000; CREATE SEQUENCE peer_number START 1000000;"
    "CREATE TABLE peer_template AS SELECT row_number() OVER (ORDER BY c.id) AS n, c.id AS claim_id,"
    " (SELECT l.id FROM claim_line l WHERE l.claim_id = c.id) AS line_id,"
    " (SELECT a.id FROM act a WHERE a.subject = 'claim' AND a.subject_id = c.id) AS act_id FROM "
    "claim c;"
    "ALTER TABLE peer_template ADD PRIMARY KEY (n);"
    "CREATE FUNCTION peer_claim(t bigint, gap_free boolean, body text, sm3 bytea) RETURNS bigint"
    " LANGUAGE plpgsql AS $$\n"
    "DECLARE new_id bigint := nextval('peer_id'); x peer_template; k claim; l claim_line; a act; v "
    "bigint;\n"
    "BEGIN\n"
    " SELECT * INTO x FROM peer_template WHERE n = t;\n"
    " SELECT * INTO k FROM claim WHERE id = x.claim_id;\n"
    " SELECT * INTO l FROM claim_line WHERE id = x.line_id;\n"
    " SELECT * INTO a FROM act WHERE id = x.act_id;\n"
    " l.id := new_id; l.claim_id := new_id; INSERT INTO claim_line VALUES (l.*);\n"
    " a.id := new_id; a.subject_id := new_id; INSERT INTO act VALUES (a.*);\n"
    " INSERT INTO event(id, seq, kind, programme_id, at_us, user_id, person_id, body, leaf_sha256, "
    "leaf_sm3)\n"
    " VALUES (new_id, 0, 'claim_submit', 1, 1, 1, 1, body, sha256(convert_to(body, 'UTF8')), "
    "sm3);\n"
    " IF gap_free THEN\n" /* locked last, as ours is */
    "  UPDATE counter SET value = value + 1 WHERE id = (SELECT max(id) FROM counter) RETURNING "
    "value INTO v;\n"
    " ELSE v := nextval('peer_number'); END IF;\n"
    " k.id := new_id; k.number := 'P-' || new_id || '-' || v; INSERT INTO claim VALUES (k.*);\n"
    " RETURN new_id;\n"
    "END $$;";

static PGconn *connect_to(const char *uri)
{
    PGconn *c = PQconnectdb(uri);
    if (PQstatus(c) != CONNECTION_OK) {
        fprintf(stderr, "peer: %s\n", PQerrorMessage(c));
        abort();
    }
    return c;
}

static void pg_need(PGconn *c, PGresult *r)
{
    const ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK) {
        fprintf(stderr, "peer: %s\n", PQerrorMessage(c));
        abort();
    }
    PQclear(r);
}

static int64_t pg_int(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    TQ_ASSERT(PQntuples(r) == 1);
    const int64_t n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    pg_need(c, r);
    return n;
}

void claim_peer_pg_prepare(const char *uri)
{
    PGconn *c = connect_to(uri);
    pg_need(c, PQexec(c, peer_sql));
    pg_need(c, PQexec(c, "VACUUM ANALYZE"));
    TQ_ASSERT(pg_int(c, "SELECT count(*) FROM peer_template") == CLAIM_PEERS_TEMPLATES);
    PQfinish(c);
}

typedef struct caller {
    pthread_t thread;
    PGconn *c;
    const char *body;
    bool gap_free;
    int first, step, n;
    int64_t *us;
} caller;

static void *call_all(void *arg)
{
    caller *k = arg;
    char body[BODY_MAX];
    char number[24];
    for (int i = k->first; i < k->n; i += k->step) {
        const int64_t from = bench_now_us();
        const int len = snprintf(body, sizeof body, "%-9d%s", i, k->body + 9);
        TQ_ASSERT(len > 0 && (size_t)len < sizeof body);
        const str parts[1] = {{body, (size_t)len}};
        const digest sm3 =
            hash_parts(HASH_SM3, parts, 1); /* the server has no SM3; SHA-256 it computes itself */
        (void)snprintf(number, sizeof number, "%d", i % CLAIM_PEERS_TEMPLATES + 1);
        const char *const values[4] = {number, k->gap_free ? "t" : "f", body, (const char *)sm3.b};
        const int lengths[4] = {0, 0, 0, (int)sizeof sm3.b};
        const int formats[4] = {0, 0, 0, 1};
        pg_need(k->c, PQexecPrepared(k->c, "peer", 4, values, lengths, formats, 0));
        k->us[i] = bench_now_us() - from;
    }
    return NULL;
}

int64_t claim_peer_pg(const char *uri, bool gap_free, int connections, int claims, int64_t *us)
{
    caller *k = calloc((size_t)connections, sizeof *k);
    TQ_ASSERT(k != NULL);
    PGconn *watch = connect_to(uri);
    PGresult *r =
        PQexec(watch, "SELECT body FROM event WHERE kind = 'claim_submit' ORDER BY id LIMIT 1");
    TQ_ASSERT(PQntuples(r) == 1);
    const int64_t before = pg_int(watch, "SELECT count(*) FROM event");
    for (int i = 0; i < connections; i++) {
        k[i] = (caller){.c = connect_to(uri),
                        .body = PQgetvalue(r, 0, 0),
                        .gap_free = gap_free,
                        .first = i,
                        .step = connections,
                        .n = claims,
                        .us = us};
        pg_need(k[i].c, PQprepare(k[i].c, "peer", "SELECT peer_claim($1, $2, $3, $4)", 4, NULL));
    }
    const int64_t from = bench_now_us();
    for (int i = 0; i < connections; i++) {
        TQ_ASSERT(pthread_create(&k[i].thread, NULL, call_all, &k[i]) == 0);
    }
    for (int i = 0; i < connections; i++) {
        TQ_ASSERT(pthread_join(k[i].thread, NULL) == 0);
    }
    const int64_t took = bench_now_us() - from;
    TQ_ASSERT(pg_int(watch, "SELECT count(*) FROM event") - before == claims);
    for (int i = 0; i < connections; i++) {
        PQfinish(k[i].c);
    }
    PQclear(r);
    PQfinish(watch);
    free(k);
    return took;
}
