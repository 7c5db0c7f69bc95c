/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_READING_H
#define TQ_READING_H

/* Who of the staff read a case (R-FILE-040): a row of access_log for each time its page, its place on the
 * reviewer's desk or its dossier was given out. Opening a file is another matter: that is written before a
 * byte is shown (evidence.h). Here the answer does not wait: readings go into a queue that a thread of its
 * own writes, all that wait in one transaction. A crash can lose those of the last moments; nothing else
 * can: where the queue is full, because nothing can be written, the page is not shown. */

#include "app/app.h"

#define READINGS_MAX 1024

/* One reading. Under an open inquiry (inquiry.h) it goes into the sealed log, which neither the bureau nor
 * the firm is shown; any other into the access log. */
typedef struct reading {
    actor who;
    instant at;
    day today;
    int table; /* T_EVIDENCE, or a case */
    int64_t id;
    const char *what; /* view, dossier, page or download */
    int page;         /* of a file; else 0 */
} reading;

TQ_MUST_CHECK tq_code reading_write(store_tx *tx, const reading *r, arena *a, tq_err *err);

typedef struct readings readings;

/* Starts the thread; writes what is left and ends it. `site` outlives it. Takes NULL. */
readings *readings_new(app *site);
void readings_free(readings *r);

/* `what` is view or dossier. Agents who read what is their own, and the public, leave no record.
 * BUSY/readings_full. */
TQ_MUST_CHECK tq_code reading_note(readings *r, const call *c, int table, int64_t id,
                                   const char *what, tq_err *err);

#endif
