/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STORE_SQLITE_CONN_H
#define TQ_STORE_SQLITE_CONN_H

/* One connection to the file with its prepared statements, and what SQLite's failures mean to us. A
 * connection has one user at a time (the writer's turn or a slot), so SQLite's own mutexes are off. */

#include "store/store_inner.h"
#include <sqlite3.h>

typedef enum sq_control {
    SQ_BEGIN_WRITE,
    SQ_BEGIN_READ,
    SQ_PIN, /* takes the snapshot that BEGIN only promises */
    SQ_SAVE,
    SQ_RELEASE,
    SQ_UNDO,
    SQ_COMMIT,
    SQ_CONTROLS
} sq_control;

typedef struct sq_conn {
    sqlite3 *db;
    sqlite3_stmt *controls[SQ_CONTROLS];
    sqlite3_stmt *stmts[STMT_COUNT];
} sq_conn;

TQ_MUST_CHECK tq_code sq_conn_open(const char *path, bool writer, bool create, sq_conn **out,
                                   tq_err *err);
void sq_conn_close(sq_conn *c); /* takes NULL */

/* SQLITE_OK or SQLite's code. */
int sq_control_run(sq_conn *c, sq_control which);

/* Translates the failure `rc` of this connection; a failed sync does not return but ends the process. */
tq_code sq_fail(sqlite3 *db, int rc, tq_err *err);

#endif
