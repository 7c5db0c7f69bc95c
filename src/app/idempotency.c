/* SPDX-License-Identifier: Apache-2.0 */
#include "app/idempotency.h"

#include <stdio.h>
#include <time.h>

#include "base/canon.h"

#define ANSWER_MAX 4096
#define SWEEP_SLICE 1000 /* keys forgotten in one transaction, so that no writer waits long */

tq_code idem_key_check(str key, tq_err *err)
{
    bool ok = key.len > 0 && key.len <= IDEM_KEY_MAX;
    for (size_t i = 0; ok && i < key.len; i++) {
        ok = key.data[i] > ' ' && key.data[i] <= '~';
    }
    return ok ? TQ_OK
              : tq_fail(err, TQ_INVALID, "idempotency_key", "Idempotency-Key",
                        "the key is 1 to %d printable ASCII characters without blanks",
                        IDEM_KEY_MAX);
}

/* What the transaction did, as the hook finds it just before COMMIT. */
static void answer_write(store_tx *tx, const idem *i, buf *out)
{
    const store_did *did = store_tx_did(tx);
    canon w = canon_to(out);
    canon_open(&w);
    canon_kint(&w, "event", did->event_id);
    canon_kstr(&w, "kind", str_of(did->kind));
    canon_key(&w, "rows");
    canon_open(&w);
    for (int t = 0; t < T_COUNT; t++) {
        if (did->row[t].id != 0) {
            canon_kint(&w, audited_table_of(t)->name, did->row[t].id);
        }
    }
    if (i->noted_id != 0) {
        canon_kint(&w, i->noted_table, i->noted_id);
    }
    canon_close(&w);
    canon_close(&w);
}

/* Runs inside the use case's transaction: were the record written after COMMIT, a crash between the two
 * would let the retry act a second time. */
static tq_code store_answer(store_tx *tx, void *ctx, tq_err *err)
{
    idem *i = ctx;
    int64_t changed = 0;
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    answer_write(tx, i, &out);
    TQ_ASSERT(buf_ok(&out));
    TQ_TRY(store_run(tx, STMT_IDEMPOTENCY_ANSWER,
                     ARGS(arg_str(i->actor), arg_str(i->route), arg_str(i->key),
                          arg_str(buf_view(&out))),
                     &changed, err));
    TQ_ASSERT(changed == 1);
    return TQ_OK;
}

static tq_code found_before(store_tx **tx, const call *c, tq_err *err)
{
    idem *i = c->idem;
    digest body = {0};
    str answer = {0};
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(*tx, STMT_IDEMPOTENCY_GET,
                           ARGS(arg_str(i->actor), arg_str(i->route), arg_str(i->key)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) { /* swept between the two statements: as good as a first try, so let it come again */
            return tq_fail(err, TQ_BUSY, "busy", "Idempotency-Key",
                           "the key has just been forgotten");
        }
        const str hash = row_blob(&r);
        TQ_ASSERT(hash.len == sizeof body.b);
        memcpy(body.b, hash.data, sizeof body.b);
        answer = row_copy(&r, c->a);
    }
    if (!digest_eq(body, i->body)) {
        return tq_fail(err, TQ_CONFLICT, "idempotency_key_reused", "Idempotency-Key",
                       "this key was used for another request; take a new one");
    }
    /* The first try may stand in a group whose COMMIT is still to come: ours comes with it or after it. */
    TQ_TRY(store_commit(tx, err));
    i->repeated = true;
    i->answer = answer;
    return tq_fail(err, TQ_CONFLICT, "done_before", NULL, "this request was carried out before");
}

tq_code idem_begin(store_tx **tx, const call *c, tq_err *err)
{
    idem *i = c->idem;
    TQ_ASSERT(i != NULL);
    TQ_ASSERT(i->actor.len > 0 && i->route.len > 0 && i->route.len <= IDEM_ROUTE_MAX);
    if (i->taken) {
        return TQ_OK; /* a later transaction of the same use case */
    }
    TQ_TRY(idem_key_check(i->key, err));
    int64_t changed = 0;
    TQ_TRY(store_run(*tx, STMT_IDEMPOTENCY_TAKE,
                     ARGS(arg_str(i->actor), arg_str(i->route), arg_str(i->key),
                          arg_blob(i->body.b, sizeof i->body.b), arg_int(c->at.us)),
                     &changed, err));
    if (changed == 0) {
        return found_before(tx, c, err);
    }
    i->taken = true;
    i->repeated = false;
    i->noted_id = 0;
    store_at_commit(*tx, store_answer, i);
    return TQ_OK;
}

void idem_note(const call *c, const char *table, int64_t id)
{
    TQ_ASSERT(id > 0);
    if (c->idem == NULL) {
        return;
    }
    const int n = snprintf(c->idem->noted_table, sizeof c->idem->noted_table, "%s", table);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof c->idem->noted_table);
    c->idem->noted_id = id;
}

bool idem_repeated(const idem *i)
{
    return i != NULL && i->repeated;
}

bool idem_row(const idem *i, arena *a, const char *table, int64_t *id)
{
    const canon_node *root = NULL;
    if (!idem_repeated(i) || canon_read(i->answer, a, &root, NULL) != TQ_OK) {
        return false;
    }
    const canon_node *rows = canon_get(root, "rows");
    const canon_node *row = rows == NULL ? NULL : canon_get(rows, table);
    if (row == NULL || row->type != CANON_INT) {
        return false;
    }
    *id = row->num;
    return true;
}

tq_code idem_sweep(app *a, instant before, int64_t *n, tq_err *err)
{
    int64_t total = 0;
    for (int64_t slice = SWEEP_SLICE; slice == SWEEP_SLICE;) {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
        TQ_TRY(store_run(tx, STMT_IDEMPOTENCY_FORGET,
                         ARGS(arg_int(before.us), arg_int(SWEEP_SLICE)), &slice, err));
        TQ_TRY(store_commit(&tx, err));
        total += slice;
    }
    *n = total;
    return TQ_OK;
}

/* --- again ------------------------------------------------------------------------------------- */

/* Doubles with each try; up to half is taken off by a hash of who asks and when, so that callers who met
 * once do not meet again. */
static void pause_before(const call *c, int tries)
{
    const struct {
        int64_t at, user, tries;
    } seed = {c->at.us, c->who.user_id, tries};
    static const sip_key key = {{0}};
    uint64_t out[2];
    sip128(&key, (str){(const char *)&seed, sizeof seed}, out);
    const int64_t whole = (int64_t)APP_PAUSE_US << tries;
    const int64_t us = whole / 2 + (int64_t)(out[0] % (uint64_t)(whole / 2));
    const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = (us % 1000000) * 1000};
    (void)nanosleep(&t, NULL); /* cut short by a signal it is only a shorter pause */
}

tq_code app_retry(const call *c, use_case_fn *use_case, void *ctx, tq_err *err)
{
    tq_err own = {0};
    tq_err *why = err == NULL ? &own : err;
    for (int tries = 0;; tries++) {
        const tq_code code = use_case(ctx, why);
        const bool unsure = code == TQ_BUSY && strcmp(why->reason, "commit_unknown") == 0;
        if (code != TQ_BUSY || tries + 1 == APP_TRIES || (unsure && c->idem == NULL)) {
            return code;
        }
        if (c->idem != NULL) {
            c->idem->taken = false; /* rolled back, or to be found by the next try */
        }
        pause_before(c, tries);
    }
}
