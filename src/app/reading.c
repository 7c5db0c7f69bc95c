/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reading.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/voucher_inner.h"

#define R_OWN (R_FIRM | ROLES(ROLE_INST_AGENT) | ROLES(ROLE_PLATFORM_AGENT))
#define R_SUPERVISION (ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))

struct readings {
    app *site;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t news;
    reading queue[READINGS_MAX];
    int n;
    bool stop;
};

tq_code reading_seal(store_tx *tx, reading *r, arena *a, tq_err *err)
{
    str subject = str_of(audited_table_of(r->table)->name);
    int64_t id = r->id;
    r->inquiry_id = 0;
    if (!role_in(r->who.role, R_SUPERVISION)) {
        return TQ_OK;
    }
    if (r->table == T_EVIDENCE) { /* papers are of whom their case is */
        event_value row[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_EVIDENCE, r->id, a, row, err));
        subject = row_str(row, C_EVIDENCE_SUBJECT);
        id = row_num(row, C_EVIDENCE_SUBJECT_ID);
    }
    return store_int(tx, STMT_INQUIRY_COVERING,
                     ARGS(arg_int(r->who.programme_id), arg_int(r->today.n), arg_str(subject),
                          arg_int(id)),
                     0, &r->inquiry_id, err);
}

tq_code reading_write(store_tx *tx, const reading *r, tq_err *err)
{
    const str subject = str_of(audited_table_of(r->table)->name);
    const str as = str_of(role_name(r->who.role));
    const int64_t inquiry_id = r->inquiry_id;
    TQ_ASSERT(r->who.person_id != 0); /* no reader is anonymous */
    if (inquiry_id != 0) {
        return store_run(tx, STMT_INQUIRY_SEALED_ADD,
                         ARGS(arg_int(inquiry_id), arg_int(r->at.us), arg_int(r->who.programme_id),
                              arg_int(r->who.user_id), arg_int(r->who.person_id),
                              arg_int(r->who.for_user_id), arg_str(as), arg_str(subject),
                              arg_int(r->id), arg_str(str_of(r->what)), arg_int(r->page)),
                         NULL, err);
    }
    return store_run(tx, STMT_FILE_ACCESS_ADD,
                     ARGS(arg_int(r->at.us), arg_int(r->who.programme_id), arg_int(r->who.user_id),
                          arg_int(r->who.person_id), arg_int(r->who.for_user_id), arg_str(as),
                          arg_str(subject), arg_int(r->id), arg_str(str_of(r->what)),
                          arg_int(r->page)),
                     NULL, err);
}

static tq_code write_all(app *site, const reading *list, int n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(site), STORE_WRITE, &tx, err));
    for (int i = 0; i < n; i++) {
        TQ_TRY(reading_write(tx, &list[i], err));
    }
    return store_commit(&tx, err);
}

/* The lock is held on entry and exit. What could not be written stays, and is tried with the next one. */
static void write_queue(readings *r, reading *room)
{
    tq_err why = {0};
    const int n = r->n;
    memcpy(room, r->queue, sizeof *room * (size_t)n);
    TQ_ASSERT(pthread_mutex_unlock(&r->lock) == 0);
    const tq_code code = write_all(r->site, room, n, &why);
    if (code != TQ_OK) {
        (void)fprintf(stderr, "tongquan: readings wait: %s: %s\n", why.reason, why.detail);
    }
    TQ_ASSERT(pthread_mutex_lock(&r->lock) == 0);
    if (code == TQ_OK) {
        memmove(r->queue, r->queue + n, sizeof *r->queue * (size_t)(r->n - n));
        r->n -= n;
    }
}

static void *run(void *of)
{
    readings *r = of;
    reading *room = calloc(READINGS_MAX, sizeof *room);
    TQ_ASSERT(room != NULL);
    TQ_ASSERT(pthread_mutex_lock(&r->lock) == 0);
    for (int failed_at = -1; !r->stop || (r->n > 0 && r->n != failed_at);) {
        if (r->n == 0 || r->n == failed_at) {
            TQ_ASSERT(pthread_cond_wait(&r->news, &r->lock) == 0);
            failed_at = -1;
            continue;
        }
        const int before = r->n;
        write_queue(r, room);
        failed_at = r->n >= before ? r->n : -1; /* no turning round on a disk that is full */
    }
    TQ_ASSERT(pthread_mutex_unlock(&r->lock) == 0);
    free(room);
    return NULL;
}

readings *readings_new(app *site)
{
    readings *r = calloc(1, sizeof *r);
    TQ_ASSERT(r != NULL);
    r->site = site;
    TQ_ASSERT(pthread_mutex_init(&r->lock, NULL) == 0);
    TQ_ASSERT(pthread_cond_init(&r->news, NULL) == 0);
    TQ_ASSERT(pthread_create(&r->thread, NULL, run, r) == 0);
    return r;
}

void readings_free(readings *r)
{
    if (r == NULL) {
        return;
    }
    TQ_ASSERT(pthread_mutex_lock(&r->lock) == 0);
    r->stop = true;
    TQ_ASSERT(pthread_cond_signal(&r->news) == 0);
    TQ_ASSERT(pthread_mutex_unlock(&r->lock) == 0);
    TQ_ASSERT(pthread_join(r->thread, NULL) == 0);
    (void)pthread_cond_destroy(&r->news);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

tq_code reading_note(readings *r, const call *c, int table, int64_t id, const char *what,
                     tq_err *err)
{
    TQ_ASSERT(r != NULL);
    if (c->who.person_id == 0 || role_in(c->who.role, R_OWN) || c->who.role == ROLE_PUBLIC) {
        return TQ_OK;
    }
    reading one = {c->who, c->at, c->today, table, id, what, 0, 0};
    if (role_in(c->who.role, R_SUPERVISION)) {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(r->site, &tx, err));
        TQ_TRY(reading_seal(tx, &one, c->a, err));
    }
    TQ_ASSERT(pthread_mutex_lock(&r->lock) == 0);
    const bool room = r->n < READINGS_MAX;
    if (room) {
        r->queue[r->n++] = one;
    }
    TQ_ASSERT(pthread_cond_signal(&r->news) == 0);
    TQ_ASSERT(pthread_mutex_unlock(&r->lock) == 0);
    return room ? TQ_OK
                : tq_fail(err, TQ_BUSY, "readings_full", NULL,
                          "who reads this cannot be recorded just now");
}
