/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_sqlite_conn.h"

#include <stdio.h>
#include <stdlib.h>

#define BUSY_MS 10000 /* another process may hold the file for a checkpoint or a migration */
#define CHECKPOINT_PAGES 4000 /* 16 MB of WAL; fewer checkpoints were measured to pay */
#define WRITER_CACHE "PRAGMA cache_size = -65536" /* KiB */
#define READER_CACHE "PRAGMA cache_size = -8192"
#define LOOKASIDE_BYTES 1200
#define LOOKASIDE_SLOTS 500 /* a writer keeps some sixty statements with their cursors */

static const char *const control_sql[SQ_CONTROLS] = {
    [SQ_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQ_BEGIN_READ] = "BEGIN",
    [SQ_PIN] = "SELECT 1 FROM sqlite_schema LIMIT 1",
    [SQ_SAVE] = "SAVEPOINT command",
    [SQ_RELEASE] = "RELEASE command",
    [SQ_UNDO] = "ROLLBACK TO command",
    [SQ_COMMIT] = "COMMIT",
};

/* --- failures ---------------------------------------------------------------------------------- */

/* SQLite names the columns of a unique index ("claim_line.claim_id, claim_line.n"), PostgreSQL the
 * index. The catalogue knows which one they make. */
static void unique_name(sqlite3 *db, const char *columns, char *out, size_t room)
{
    static const char sql[] =
        "SELECT i.name FROM pragma_index_list(?1) i WHERE i.\"unique\" = 1 AND"
        " (SELECT group_concat(?1 || '.' || c.name, ', ') FROM pragma_index_info(i.name) c) = ?2";
    const int table = (int)strcspn(columns, ".");
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
        sqlite3_bind_text(st, 1, columns, table, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text(st, 2, columns, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW) {
        (void)snprintf(out, room, "%.63s", (const char *)sqlite3_column_text(st, 0));
    } else {
        (void)snprintf(out, room, "%.63s", columns);
    }
    (void)sqlite3_finalize(st);
}

static tq_code refused(sqlite3 *db, int rc, tq_err *err)
{
    char message[256]; /* the catalogue's statement overwrites SQLite's own */
    (void)snprintf(message, sizeof message, "%s", sqlite3_errmsg(db));
    const char *tail = strstr(message, "failed: ");
    tail = tail == NULL ? message : tail + strlen("failed: ");
    char name[64];
    if (rc == SQLITE_CONSTRAINT_UNIQUE) {
        unique_name(db, tail, name, sizeof name);
    } else if (rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_ROWID) {
        message[strcspn(message, ".")] = '\0';
        (void)snprintf(name, sizeof name, "%.50s_pkey", tail);
    } else {
        (void)snprintf(name, sizeof name, "%.63s", tail);
    }
    return tq_fail(err, TQ_CONFLICT, "constraint", name, "the database refuses this change");
}

tq_code sq_fail(sqlite3 *db, int rc, tq_err *err)
{
    if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC) {
        /* The kernel may have dropped the pages it could not write: a retry would report success. */
        (void)fprintf(stderr, "tongquan: the database could not be synced to disk (%s); stopping\n",
                      sqlite3_errmsg(db));
        abort();
    }
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return refused(db, rc, err);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return tq_fail(err, TQ_BUSY, "busy", NULL, "another process is writing to the database");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return tq_fail(err, TQ_CORRUPT, "database_corrupt", NULL, "%s", sqlite3_errmsg(db));
    case SQLITE_FULL:
        return tq_fail(err, TQ_STORE, "disk_full", NULL, "the disk is full; make room");
    default:
        return tq_fail(err, TQ_STORE, "sqlite", NULL, "%s (%d)", sqlite3_errmsg(db), rc);
    }
}

/* --- connections ------------------------------------------------------------------------------- */

/* SQLite's own automatic checkpoint drops the result, and with it a failed fsync. */
static int checkpoint(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)ctx;
    if (pages < CHECKPOINT_PAGES) {
        return SQLITE_OK;
    }
    const int rc = sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC) {
        (void)sq_fail(db, rc, NULL);
    }
    return SQLITE_OK; /* anything else leaves the WAL as it is, for the next one */
}

void sq_conn_close(sq_conn *c)
{
    if (c == NULL) {
        return;
    }
    for (int i = 0; i < SQ_CONTROLS; i++) {
        (void)sqlite3_finalize(c->controls[i]);
    }
    for (int i = 0; i < STMT_COUNT; i++) {
        (void)sqlite3_finalize(c->stmts[i]);
    }
    (void)sqlite3_close(c->db);
    free(c);
}

static int conn_configure(sqlite3 *db, bool writer)
{
    static const char *const common[] = {"PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL",
                                         "PRAGMA temp_store = MEMORY"};
    /* Erased names and account numbers are overwritten in the file, not only unlinked. */
    static const char *const writing[] = {"PRAGMA journal_mode = WAL", "PRAGMA secure_delete = ON",
                                          WRITER_CACHE};
    static const char *const reading[] = {"PRAGMA query_only = ON", READER_CACHE};
    int rc = sqlite3_busy_timeout(db, BUSY_MS);
    rc = rc != SQLITE_OK ? rc : sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc = rc != SQLITE_OK ? rc : sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    /* Plans do not hang on bound values: else every statement with a LIKE is planned anew at each use. */
    rc = rc != SQLITE_OK ? rc : sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    rc = rc != SQLITE_OK ? rc : sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < TQ_COUNT(common); i++) {
        rc = sqlite3_exec(db, common[i], NULL, NULL, NULL);
    }
    const char *const *more = writer ? writing : reading;
    const size_t n = writer ? TQ_COUNT(writing) : TQ_COUNT(reading);
    for (size_t i = 0; rc == SQLITE_OK && i < n; i++) {
        rc = sqlite3_exec(db, more[i], NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK && writer) {
        (void)sqlite3_wal_hook(db, checkpoint, NULL);
    }
    return rc;
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

/* SQLite counts its memory under one mutex of the process; nobody reads the count, and each allocation
 * of each connection paid for it. */
static void library_configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* refused where a test has begun already */
}

tq_code sq_conn_open(const char *path, bool writer, bool create, sq_conn **out, tq_err *err)
{
    TQ_ASSERT(pthread_once(&library_once, library_configure) == 0);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (create ? SQLITE_OPEN_CREATE : 0);
    sq_conn *c = calloc(1, sizeof *c);
    TQ_ASSERT(c != NULL);
    int rc = sqlite3_open_v2(path, &c->db, flags, NULL);
    TQ_ASSERT(c->db != NULL);
    if (rc == SQLITE_OK && writer) {
        rc = sqlite3_db_config(c->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES,
                               LOOKASIDE_SLOTS);
    }
    rc = rc != SQLITE_OK ? rc : conn_configure(c->db, writer);
    if (rc != SQLITE_OK) {
        const tq_code code = sq_fail(c->db, rc, err);
        sq_conn_close(c);
        return code;
    }
    *out = c;
    return TQ_OK;
}

int sq_control_run(sq_conn *c, sq_control which)
{
    sqlite3_stmt **st = &c->controls[which];
    if (*st == NULL) {
        const int rc =
            sqlite3_prepare_v3(c->db, control_sql[which], -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    const int rc = sqlite3_step(*st);
    (void)sqlite3_reset(*st);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}
