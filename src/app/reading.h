/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_READING_H
#define TQ_READING_H

/* Who of the staff read a case (R-FILE-040): a row of access_log for each time its page, its place on the
 * reviewer's desk, its dossier, or a list or table of such cases was given out. Which views are recorded is
 * said in them (`reads`, tools/gen_views.py; R-FILE-050). Opening a file is another matter: that is written before a
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
    int table;          /* T_EVIDENCE, or that of a view with `reads` */
    int64_t id;         /* 0: of a list */
    const char *what;   /* view, dossier, list, csv, page or download */
    int page;           /* of a file; else 0 */
    int64_t inquiry_id; /* 0: none */
} reading;

/* Under which open inquiry the reading falls at this moment, into `r`: asked when somebody reads and not when
 * it is written, since inquiries are opened and end in between (R-INQUIRY-020). */
TQ_MUST_CHECK tq_code reading_seal(store_tx *tx, reading *r, arena *a, tq_err *err);
TQ_MUST_CHECK tq_code reading_write(store_tx *tx, const reading *r, tq_err *err);

typedef struct readings readings;

/* Starts the thread; writes what is left and ends it. `site` outlives it. Takes NULL. */
readings *readings_new(app *site);
void readings_free(readings *r);

/* `what` is view, dossier, list or csv. Agents who read what is their own, and the public, leave no record.
 * BUSY/readings_full. */
TQ_MUST_CHECK tq_code reading_note(readings *r, const call *c, int table, int64_t id,
                                   const char *what, tq_err *err);

#endif
