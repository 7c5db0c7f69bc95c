/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_MEASURES_H
#define TQ_MEASURES_H

/* What an installation can be watched by: sizes, how far the log is, what waits, when the last checkpoint
 * and backup were made. Cheap enough to be asked each few seconds. */

#include "app/app.h"

#define MEASURE_JOB_STATES 8

typedef struct measures {
    int64_t last_event; /* its number; on PostgreSQL numbers have gaps */
    bool writes_off;    /* a failed check has stopped writing (I36) */
    struct {
        str state;
        int64_t n;
    } jobs[MEASURE_JOB_STATES];
    size_t n_jobs;
    int64_t evidence_files, evidence_bytes; /* as the rows name them */
    int64_t db_bytes;
    int64_t checkpoint_events;        /* that the last checkpoint covers; 0: none yet */
    instant checkpoint_at, backup_at; /* {0}: never */
    store_counts store;
} measures;

/* Texts live in `a`. */
TQ_MUST_CHECK tq_code measures_read(app *site, arena *a, measures *out, tq_err *err);

#endif
