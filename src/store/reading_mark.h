/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_READING_MARK_H
#define TQ_READING_MARK_H

/* Marks hold the logs of readings, access_log and sealed_log, to the event log (R-LOG-070). A mark is an event
 * that says how far each log went, how many rows it had and the hash of them all; verify computes them anew.
 * What was read after the last mark, of an hour at most, is held by the triggers alone.
 *
 * The numbers stand in a private body: from a public one the bureau would learn when supervisors read under
 * seal. For the same reason nothing that is sealed makes a mark come: that does a reading in the open log, or a
 * day that has passed. */

#include "base/hash.h"
#include "store/store.h"

enum { READINGS_OPEN, READINGS_SEALED, READINGS_LOGS };

typedef struct readings_held {
    int64_t last;  /* id of the last row */
    int64_t count; /* rows up to it */
    digest
        hash; /* SHA-256 over the hash before the row and the row (reading_row.h); zeros before the first */
} readings_held;

/* Goes on from `h` over the rows up to `last`. */
TQ_MUST_CHECK tq_code readings_go(store_tx *tx, int log, int64_t last, readings_held *h,
                                  tq_err *err);

/* A mark where one is due. No transaction of this thread is open. */
TQ_MUST_CHECK tq_code reading_mark_write(store *s, instant at, tq_err *err);

#endif
