/* SPDX-License-Identifier: Apache-2.0 */
#include "app/measures.h"

#include "app/doctor.h"
#include "store/checkpoint.h"

static tq_code jobs_by_state(store_tx *tx, arena *a, measures *m, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_MEASURE_JOBS, NO_ARGS, &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    while (more && m->n_jobs < MEASURE_JOB_STATES) {
        m->jobs[m->n_jobs].state = row_copy(&r, a);
        m->jobs[m->n_jobs].n = row_int(&r);
        m->n_jobs++;
        TQ_TRY(rows_next(&r, &more, err));
    }
    TQ_ASSERT(!more); /* the states of a job are fewer */
    return TQ_OK;
}

/* Sums of the rows, not of the folder: to look at each file would cost more than it tells. */
static tq_code evidence(store_tx *tx, measures *m, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_MEASURE_EVIDENCE, NO_ARGS, &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    m->evidence_files = row_int(&r);
    m->evidence_bytes = row_int(&r);
    return TQ_OK;
}

static tq_code writes_off(store_tx *tx, measures *m, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_WRITES_OFF_REASON, NO_ARGS, &r, err));
    return rows_next(&r, &m->writes_off, err);
}

static tq_code last_of(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    *(checkpoint *)ctx = *c;
    return TQ_OK;
}

tq_code measures_read(app *site, arena *a, measures *out, tq_err *err)
{
    store *s = app_store(site);
    checkpoint last = {0};
    measures m = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    /* Not the place in the log: on PostgreSQL that is given at the next checkpoint only. */
    TQ_TRY(store_int(tx, STMT_MEASURE_LAST_EVENT, NO_ARGS, 0, &m.last_event, err));
    TQ_TRY(writes_off(tx, &m, err));
    TQ_TRY(jobs_by_state(tx, a, &m, err));
    TQ_TRY(evidence(tx, &m, err));
    TQ_TRY(store_int(tx, STMT_MEASURE_DB_BYTES, NO_ARGS, 0, &m.db_bytes, err));
    TQ_TRY(checkpoint_each(store_dir(s), last_of, &last, err));
    m.checkpoint_events = last.count;
    m.checkpoint_at = last.count == 0 ? (instant){0} : last.at;
    if (!doctor_backup_last(store_dir(s), a, &m.backup_at)) {
        m.backup_at = (instant){0};
    }
    m.store = store_read_counts(s);
    *out = m;
    return TQ_OK;
}
