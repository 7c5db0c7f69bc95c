/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ACKED_H
#define TQ_ACKED_H

/* Writers whose every write is told to another process once, and only once, the store has called it
 * durable; and the question that follows after the writers were stopped by force: is each told write
 * there exactly once, and every other one there as a whole or not at all? */

#include "world.h"

#define ACKED_WRITERS 8
#define ACKED_ROOM ((size_t)16 * 1024 * 1024)

/* Never returns: opens the store and writes with eight threads; each write is three rows, four legs and
 * two events, every eighth one also a file. Tokens go to `fd`. `round` makes them unique. */
TQ_NORETURN void acked_write(const store_options *o, const world *w, int round, int fd);
/* One write by this thread; what the store says. */
tq_code acked_one(const world *w, int64_t token, bool with_file, tq_err *err);

typedef struct acked_list {
    int64_t *tokens;
    size_t n, room;
} acked_list;
/* Everything the writers told, until they are gone. A half line is no acknowledgement. */
void acked_read(acked_list *l, int fd);
void acked_free(acked_list *l);
/* `stored` is the answer of ACKED_SQL. NULL, or what is wrong. */
const char *acked_missing(const acked_list *l, const char *stored);

#define ACKED_SQL_SQLITE                                                                           \
    "SELECT COALESCE(group_concat(x, ' '), '') FROM (SELECT 'v' || purpose AS x FROM voucher "     \
    "WHERE purpose LIKE 't%' UNION ALL SELECT 'o' || title FROM service_order "                    \
    "WHERE title LIKE 't%') AS y"
#define ACKED_SQL_PG                                                                               \
    "SELECT COALESCE(string_agg(x, ' '), '') FROM (SELECT 'v' || purpose AS x FROM voucher "       \
    "WHERE purpose LIKE 't%' UNION ALL SELECT 'o' || title FROM service_order "                    \
    "WHERE title LIKE 't%') AS y"

#endif
