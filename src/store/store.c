/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/file.h"
#include "store/store_inner.h"
#include <stdio.h>
#include <stdlib.h>

#include "store/statements_gen.inc"

#define READERS_DEFAULT 4
#define LEASE_IDS 32
#define LEASE_IDS_BULK 1024

const store_statement *store_statement_of(store_stmt id)
{
    TQ_ASSERT((int)id >= 0);
    TQ_ASSERT(id < STMT_COUNT);
    return &statements[id];
}

/* --- opening and closing ----------------------------------------------------------------------- */

static tq_code take_lock(store *s, tq_err *err)
{
    if (s->read_only) {
        return TQ_OK;
    }
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/lock", s->dir);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof path);
    return file_lock(path, &s->lock_fd, err);
}

static tq_code open_parts(store *s, const store_options *o, tq_err *err)
{
    if (o->create) {
        TQ_TRY(dir_make(s->dir, 0700, err));
    } else if (!file_exists(s->dir)) {
        return tq_fail(err, TQ_NOT_FOUND, "no_data_folder", "data",
                       "there is no data folder at this place; make one with init");
    }
    TQ_TRY(take_lock(s, err));
    TQ_TRY(s->ops->open(s, o, err));
    return migrate_open(s, o, err);
}

tq_code store_open(const store_options *o, store **out, tq_err *err)
{
    TQ_ASSERT(o->dir != NULL);
    TQ_ASSERT(o->readers >= 0 && o->readers <= SLOTS_MAX);
    TQ_ASSERT(!o->read_only || (!o->create && !o->migrate && !o->bulk));
    if (o->dir[0] == '\0' || strlen(o->dir) > 3000) {
        return tq_fail(err, TQ_INVALID, "data_folder", "data",
                       "name a data folder, at most 3000 bytes");
    }
    store *s = calloc(1, sizeof *s);
    TQ_ASSERT(s != NULL);
    s->engine = o->pg_uri == NULL ? STORE_SQLITE : STORE_PG;
    s->ops = o->pg_uri == NULL ? &store_sqlite_ops : &store_pg_ops;
    s->dir = strdup(o->dir);
    TQ_ASSERT(s->dir != NULL);
    s->lock_fd = -1;
    s->bulk = o->bulk;
    s->read_only = o->read_only;
    s->readers = o->readers == 0 ? READERS_DEFAULT : o->readers;
    TQ_ASSERT(pthread_mutex_init(&s->ids_mutex, NULL) == 0);
    const tq_code code = open_parts(s, o, err);
    if (code != TQ_OK) {
        store_close(s);
        return code;
    }
    *out = s;
    return TQ_OK;
}

void store_close(store *s)
{
    if (s == NULL) {
        return;
    }
    TQ_ASSERT(atomic_load(&s->open_txs) == 0); /* a store_tx would outlive its store */
    if (s->inner != NULL) {
        s->ops->close(s);
    }
    if (s->lock_fd >= 0) {
        file_unlock(s->lock_fd);
    }
    (void)pthread_mutex_destroy(&s->ids_mutex);
    free(s->dir);
    free(s);
}

store_engine store_engine_of(const store *s)
{
    return s->engine;
}

const char *store_dir(const store *s)
{
    return s->dir;
}

/* --- transactions ------------------------------------------------------------------------------ */

static void tx_free(store_tx *tx)
{
    (void)atomic_fetch_sub(&tx->store->open_txs, 1);
    free(tx);
}

tq_code store_begin_on(store *s, store_mode mode, store_channel channel, store_tx **out,
                       tq_err *err)
{
    TQ_ASSERT(*out == NULL);
    TQ_ASSERT(mode == STORE_READ || !s->read_only);
    TQ_ASSERT(channel == CHANNEL_MAIN || s->engine == STORE_PG);
    store_tx *tx = calloc(1, sizeof *tx);
    TQ_ASSERT(tx != NULL);
    tx->store = s;
    tx->mode = mode;
    tx->channel = channel;
    tx->owner = pthread_self();
    tx->slot = -1;
    tx->did.kind = "";
    (void)atomic_fetch_add(&s->open_txs, 1);
    const tq_code code = s->ops->begin(tx, err);
    if (code != TQ_OK) {
        tx_free(tx);
        return code;
    }
    *out = tx;
    return TQ_OK;
}

tq_code store_begin(store *s, store_mode mode, store_tx **out, tq_err *err)
{
    return store_begin_on(s, mode, CHANNEL_MAIN, out, err);
}

static void assert_owner(const store_tx *tx)
{
    TQ_ASSERT(tx != NULL);
    TQ_ASSERT(pthread_equal(tx->owner, pthread_self()));
}

/* Gives back the ids of a transaction that left no trace, so that a run with refusals numbers its rows
 * as one without; where another took ids meanwhile, they stay unused. */
static void ids_give_back(store_tx *tx)
{
    store *s = tx->store;
    TQ_ASSERT(pthread_mutex_lock(&s->ids_mutex) == 0);
    for (int t = 0; t < IDS_COUNT; t++) {
        if (tx->ids[t].count > 0 && s->ids[t].next == tx->ids[t].first + tx->ids[t].count) {
            s->ids[t].next = tx->ids[t].first;
        }
    }
    TQ_ASSERT(pthread_mutex_unlock(&s->ids_mutex) == 0);
}

void store_ids_forget(store *s)
{
    TQ_ASSERT(pthread_mutex_lock(&s->ids_mutex) == 0);
    memset(s->ids, 0, sizeof s->ids);
    TQ_ASSERT(pthread_mutex_unlock(&s->ids_mutex) == 0);
}

void store_rollback(store_tx **tx)
{
    if (*tx == NULL) {
        return;
    }
    assert_owner(*tx);
    TQ_ASSERT((*tx)->open_rows == 0);
    ids_give_back(*tx);
    (*tx)->store->ops->rollback(*tx);
    tx_free(*tx);
    *tx = NULL;
}

/* A clock that was set back in between would count backwards. */
static int64_t us_since(instant from)
{
    const int64_t us = instant_now().us - from.us;
    return us < 0 ? 0 : us;
}

tq_code store_commit(store_tx **tx, tq_err *err)
{
    assert_owner(*tx);
    TQ_ASSERT((*tx)->open_rows == 0);
    if ((*tx)->failed) {
        store_rollback(tx);
        return tq_fail(err, TQ_STORE, "tx_failed", NULL,
                       "a statement of this transaction failed; it was rolled back");
    }
    if ((*tx)->last_act != NULL) {
        const tq_code last = (*tx)->last_act(*tx, (*tx)->last_ctx, err);
        if (last != TQ_OK) {
            store_rollback(tx);
            return last;
        }
    }
    store *s = (*tx)->store;
    const bool counts = (*tx)->mode == STORE_WRITE && !s->bulk;
    const instant from = counts ? instant_now() : (instant){0};
    const tq_code code = s->ops->commit(*tx, err);
    if (counts) {
        atomic_fetch_add(code == TQ_OK ? &s->counts.commits : &s->counts.failed, 1);
        atomic_fetch_add(&s->counts.commit_us, us_since(from));
    }
    tx_free(*tx);
    *tx = NULL;
    return code;
}

void store_count_group(store *s, instant from)
{
    atomic_fetch_add(&s->counts.groups, 1);
    atomic_fetch_add(&s->counts.group_us, us_since(from));
}

store_counts store_read_counts(const store *s)
{
    return (store_counts){
        .commits = atomic_load(&s->counts.commits),
        .failed = atomic_load(&s->counts.failed),
        .commit_us = atomic_load(&s->counts.commit_us),
        .groups = atomic_load(&s->counts.groups),
        .group_us = atomic_load(&s->counts.group_us),
    };
}

void store_at_commit(store_tx *tx, store_last_act *fn, void *ctx)
{
    assert_owner(tx);
    TQ_ASSERT(tx->mode == STORE_WRITE);
    TQ_ASSERT(tx->last_act == NULL);
    tx->last_act = fn;
    tx->last_ctx = ctx;
}

const store_did *store_tx_did(const store_tx *tx)
{
    return &tx->did;
}

tq_code store_flush(store *s, tq_err *err)
{
    return s->bulk ? s->ops->flush(s, err) : TQ_OK;
}

store *store_of(store_tx *tx)
{
    return tx->store;
}

store_mode store_tx_mode(const store_tx *tx)
{
    return tx->mode;
}

/* --- statements -------------------------------------------------------------------------------- */

static tq_code arg_check(const store_statement *st, size_t n, const store_arg *arg, tq_err *err)
{
    if (arg->type == STORE_ARG_INT) {
        return TQ_OK;
    }
    TQ_ASSERT(arg->text.data != NULL || arg->text.len == 0);
    char field[64];
    (void)snprintf(field, sizeof field, "%s.%zu", st->name, n + 1);
    if (arg->text.len > STORE_TEXT_MAX) {
        return tq_fail(err, TQ_LIMIT, "text_size", field, "a text of %zu bytes is larger than %d",
                       arg->text.len, STORE_TEXT_MAX);
    }
    if (arg->type == STORE_ARG_BLOB || arg->text.len == 0) {
        return TQ_OK;
    }
    if (memchr(arg->text.data, '\0', arg->text.len) != NULL) {
        return tq_fail(err, TQ_INVALID, "text_nul", field,
                       "take the NUL character out of the text");
    }
    if (!str_utf8(arg->text)) {
        return tq_fail(err, TQ_INVALID, "text_utf8", field, "the text is not UTF-8; convert it");
    }
    return TQ_OK;
}

static tq_code statement_check(const store_tx *tx, store_stmt id, const store_arg *args, size_t n,
                               tq_err *err)
{
    assert_owner(tx);
    const store_statement *st = store_statement_of(id);
    TQ_ASSERT(n == (size_t)st->args);
    TQ_ASSERT(n <= STORE_ARGS_MAX);
    TQ_ASSERT(!st->is_write || tx->mode == STORE_WRITE);
    if (tx->failed) {
        return tq_fail(err, TQ_STORE, "tx_failed", st->name,
                       "an earlier statement of this transaction failed; roll it back");
    }
    for (size_t i = 0; i < n; i++) {
        TQ_TRY(arg_check(st, i, &args[i], err));
    }
    return TQ_OK;
}

tq_code store_run(store_tx *tx, store_stmt id, const store_arg *args, size_t n, int64_t *changed,
                  tq_err *err)
{
    TQ_TRY(statement_check(tx, id, args, n, err));
    int64_t count = 0;
    const tq_code code = tx->store->ops->run(tx, id, args, n, &count, err);
    tx->failed = code != TQ_OK;
    if (code == TQ_OK && changed != NULL) {
        *changed = count;
    }
    return code;
}

static uint64_t *word_of(store_tx *tx, store_stmt id)
{
    return &tx->open_stmts[(size_t)id / 64];
}

tq_code store_query(store_tx *tx, store_stmt id, const store_arg *args, size_t n, store_rows *out,
                    tq_err *err)
{
    TQ_TRY(statement_check(tx, id, args, n, err));
    const uint64_t bit = UINT64_C(1) << ((size_t)id % 64);
    TQ_ASSERT((*word_of(tx, id) & bit) == 0);
    store_rows r = {.tx = tx, .stmt = id};
    const tq_code code = tx->store->ops->query(tx, id, args, n, &r, err);
    if (code != TQ_OK) {
        tx->failed = true;
        return code;
    }
    TQ_ASSERT(r.inner != NULL);
    *word_of(tx, id) |= bit;
    tx->open_rows++;
    *out = r;
    return TQ_OK;
}

tq_code rows_next(store_rows *r, bool *more, tq_err *err)
{
    if (r->inner == NULL) {
        *more = false;
        return TQ_OK;
    }
    assert_owner(r->tx);
    bool found = false;
    const tq_code code = r->tx->store->ops->next(r, &found, err);
    r->column = 0;
    if (code != TQ_OK || !found) {
        r->tx->failed = r->tx->failed || code != TQ_OK;
        rows_end(r);
    }
    if (code == TQ_OK) {
        *more = found;
    }
    return code;
}

void rows_end(store_rows *r)
{
    if (r->inner == NULL) {
        return;
    }
    assert_owner(r->tx);
    r->tx->store->ops->end(r);
    r->inner = NULL;
    TQ_ASSERT(r->tx->open_rows > 0);
    r->tx->open_rows--;
    *word_of(r->tx, r->stmt) &= ~(UINT64_C(1) << ((size_t)r->stmt % 64));
}

int64_t row_int(store_rows *r)
{
    TQ_ASSERT(r->inner != NULL);
    return r->tx->store->ops->column_int(r, r->column++);
}

str row_text(store_rows *r)
{
    TQ_ASSERT(r->inner != NULL);
    return r->tx->store->ops->column_bytes(r, r->column++, STORE_ARG_TEXT);
}

str row_blob(store_rows *r)
{
    TQ_ASSERT(r->inner != NULL);
    return r->tx->store->ops->column_bytes(r, r->column++, STORE_ARG_BLOB);
}

str row_copy(store_rows *r, arena *a)
{
    return arena_copy(a, row_text(r));
}

tq_code store_int(store_tx *tx, store_stmt id, const store_arg *args, size_t n, int64_t otherwise,
                  int64_t *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, id, args, n, &r, err));
    bool more = false;
    TQ_TRY(rows_next(&r, &more, err));
    *out = more ? row_int(&r) : otherwise;
    return TQ_OK;
}

/* --- ids --------------------------------------------------------------------------------------- */

/* Makes sure that ids[table] holds at least one; under the mutex. */
static tq_code ids_fill_sqlite(store_tx *tx, int table, tq_err *err)
{
    int64_t greatest = 0;
    TQ_TRY(store_int(tx, table == IDS_EVENT ? STMT_EVENT_GREATEST : STMT_ROW_MAX(table), NO_ARGS, 0,
                     &greatest, err));
    TQ_ASSERT(greatest >= 0);
    tx->store->ids[table].next = greatest + 1;
    tx->store->ids[table].end = INT64_MAX;
    return TQ_OK;
}

static tq_code ids_fill_pg(store *s, int table, tq_err *err)
{
    const int64_t size = s->bulk ? LEASE_IDS_BULK : LEASE_IDS;
    const str name = str_of(audited_table_of(table)->name);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin_on(s, STORE_WRITE, CHANNEL_LEASE, &tx, err));
    int64_t above = 1; /* a table whose lease we have had needs no second look */
    if (s->ids[table].end == 0) {
        TQ_TRY(store_int(tx, STMT_ROW_MAX(table), NO_ARGS, 0, &above, err));
        above++;
    }
    int64_t first = 0;
    TQ_TRY(store_int(tx, STMT_ID_LEASE_TAKE, ARGS(arg_str(name), arg_int(size), arg_int(above)), 0,
                     &first, err));
    TQ_ASSERT(first > 0);
    TQ_TRY(store_commit(&tx, err));
    s->ids[table].next = first;
    s->ids[table].end = first + size;
    return TQ_OK;
}

static tq_code id_take(store_tx *tx, int table, int64_t *out, tq_err *err)
{
    store *s = tx->store;
    if (s->ids[table].next == s->ids[table].end) {
        TQ_TRY(s->engine == STORE_SQLITE ? ids_fill_sqlite(tx, table, err)
                                         : ids_fill_pg(s, table, err));
    }
    const int64_t id = s->ids[table].next++;
    if (tx->ids[table].count == 0 || tx->ids[table].first + tx->ids[table].count != id) {
        tx->ids[table].first = id;
        tx->ids[table].count = 0;
    }
    tx->ids[table].count++;
    *out = id;
    return TQ_OK;
}

tq_code store_new_id(store_tx *tx, int table, int64_t *out, tq_err *err)
{
    assert_owner(tx);
    TQ_ASSERT(table >= 0 && table < T_COUNT);
    TQ_ASSERT(tx->mode == STORE_WRITE);
    TQ_ASSERT(pthread_mutex_lock(&tx->store->ids_mutex) == 0);
    const tq_code code = id_take(tx, table, out, err);
    TQ_ASSERT(pthread_mutex_unlock(&tx->store->ids_mutex) == 0);
    return code;
}

tq_code store_event_id(store_tx *tx, int64_t *out, tq_err *err)
{
    assert_owner(tx);
    TQ_ASSERT(tx->mode == STORE_WRITE);
    TQ_ASSERT(tx->store->engine == STORE_SQLITE);
    TQ_ASSERT(pthread_mutex_lock(&tx->store->ids_mutex) == 0);
    const tq_code code = id_take(tx, IDS_EVENT, out, err);
    TQ_ASSERT(pthread_mutex_unlock(&tx->store->ids_mutex) == 0);
    return code;
}

/* --- slots ------------------------------------------------------------------------------------- */

void slots_init(slots *p, int n)
{
    TQ_ASSERT(n > 0 && n <= SLOTS_MAX);
    TQ_ASSERT(pthread_mutex_init(&p->mutex, NULL) == 0);
    TQ_ASSERT(pthread_cond_init(&p->given, NULL) == 0);
    p->free_count = n;
    for (int i = 0; i < n; i++) {
        p->free_list[i] = n - 1 - i;
    }
}

void slots_end(slots *p)
{
    (void)pthread_cond_destroy(&p->given);
    (void)pthread_mutex_destroy(&p->mutex);
}

int slots_take(slots *p)
{
    TQ_ASSERT(pthread_mutex_lock(&p->mutex) == 0);
    while (p->free_count == 0) {
        (void)pthread_cond_wait(&p->given, &p->mutex);
    }
    const int slot = p->free_list[--p->free_count];
    TQ_ASSERT(pthread_mutex_unlock(&p->mutex) == 0);
    return slot;
}

void slots_give(slots *p, int slot)
{
    TQ_ASSERT(pthread_mutex_lock(&p->mutex) == 0);
    TQ_ASSERT(p->free_count < SLOTS_MAX);
    p->free_list[p->free_count++] = slot;
    (void)pthread_cond_signal(&p->given);
    TQ_ASSERT(pthread_mutex_unlock(&p->mutex) == 0);
}
