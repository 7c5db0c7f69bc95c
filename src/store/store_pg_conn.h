/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STORE_PG_CONN_H
#define TQ_STORE_PG_CONN_H

/* One connection to PostgreSQL with its prepared statements. Parameters and results travel in binary;
 * the type of a parameter is that of its argument (bigint, text, bytea), so PostgreSQL never guesses.
 *
 * Failures: integrity is CONFLICT/constraint; serialisation, deadlock and lock timeout are BUSY; a lost
 * connection or a server that went read-only (a failover) is BUSY/connection_lost. After the latter the
 * connection is made anew by the next pg_conn_ready. */

#include "store/store_inner.h"
#include <libpq-fe.h>

typedef struct pg_conn pg_conn;

TQ_MUST_CHECK tq_code pg_conn_open(const char *uri, pg_conn **out, tq_err *err);
void pg_conn_close(pg_conn *c); /* takes NULL */
/* Connects again where the connection is lost. */
TQ_MUST_CHECK tq_code pg_conn_ready(pg_conn *c, tq_err *err);

/* One or more statements without parameters, the rows of the last one thrown away. */
tq_code pg_simple(pg_conn *c, const char *sql, tq_err *err);
/* COMMIT, whose loss in flight is BUSY/commit_unknown: it may have happened. */
TQ_MUST_CHECK tq_code pg_commit(pg_conn *c, tq_err *err);
/* One boolean. */
TQ_MUST_CHECK tq_code pg_bool(pg_conn *c, const char *sql, bool *out, tq_err *err);

TQ_MUST_CHECK tq_code pg_execute(pg_conn *c, store_mode mode, store_stmt id, const store_arg *args,
                                 size_t n, PGresult **out, tq_err *err);
/* Compiles in both modes, with the types PostgreSQL infers. */
TQ_MUST_CHECK tq_code pg_check(pg_conn *c, store_mode mode, store_stmt id, tq_err *err);

int64_t pg_column_int(const PGresult *res, int row, int column);
str pg_column_bytes(const PGresult *res, int row, int column, store_type type);

#endif
