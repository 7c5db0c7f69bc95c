/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_WRITER_TURN_H
#define TQ_WRITER_TURN_H

/* One writer at a time, first come, first served, and one COMMIT for many of them.
 *
 * The holder of the turn runs one command between turn_take and turn_end. The first one of a group
 * opens its transaction; the group is closed (COMMIT) by the holder who ends while nobody waits, who
 * fills it (STORE_GROUP_MAX), or who finds its first command older than STORE_GROUP_US. All commands
 * that joined get the group's result; nobody is told before COMMIT has returned. While one group
 * commits, the next one queues: that is where its size comes from.
 *
 * In bulk mode turn_end does not wait and the group is closed every STORE_BULK_GROUP commands. */

#include "base/err.h"

typedef struct writer_turn writer_turn;

typedef struct turn_ops {
    void *ctx;
    tq_code (*open)(void *ctx, tq_err *err);
    /* COMMIT; on failure everything of the group is rolled back before it returns. */
    tq_code (*close)(void *ctx, tq_err *err);
} turn_ops;

writer_turn *turn_new(turn_ops ops, bool bulk);
void turn_free(writer_turn *t); /* nobody holds or waits; takes NULL */

/* Waits for the turn. On failure (the group could not be opened) it has been passed on. */
TQ_MUST_CHECK tq_code turn_take(writer_turn *t, tq_err *err);
/* Ends the turn. `joined`: the command stands in the group's transaction and wants its result;
 * otherwise it has been undone, and the result speaks of others. `broken`: the transaction is gone and
 * the group must end now. */
tq_code turn_end(writer_turn *t, bool joined, bool broken, tq_err *err);
/* Bulk mode: closes the open group, if there is one. */
TQ_MUST_CHECK tq_code turn_flush(writer_turn *t, tq_err *err);

#endif
