/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "app/app_inner.h"
#include "app/idempotency.h"
#include "store/blob.h"

#define POLICY_CACHE_MAX 64
#define POLICY_ARENA_MAX (16 * 1024 * 1024)
#define POLICY_FILE_MAX (1024 * 1024)

/* Policies are immutable, so a loaded one is kept for the life of the app. */
typedef struct cached_policy {
    int64_t id;
    policy *p;
} cached_policy;

struct app {
    store *s;
    atomic_int owners;
    pthread_mutex_t lock; /* guards the policy cache */
    arena *policy_arena;
    cached_policy policies[POLICY_CACHE_MAX];
    int n_policies;
};

tq_code app_open(const store_options *o, app **out, tq_err *err)
{
    store *s = NULL;
    TQ_TRY(store_open(o, &s, err));
    app *a = calloc(1, sizeof *a);
    if (a == NULL) {
        store_close(s);
        return tq_fail(err, TQ_IO, "out_of_memory", NULL, "no memory to open the installation");
    }
    a->s = s;
    TQ_ASSERT(pthread_mutex_init(&a->lock, NULL) == 0);
    a->policy_arena = arena_new("policies", POLICY_ARENA_MAX);
    atomic_init(&a->owners, 1);
    *out = a;
    return TQ_OK;
}

app *app_share(app *a)
{
    TQ_ASSERT(atomic_load(&a->owners) > 0);
    atomic_fetch_add(&a->owners, 1);
    return a;
}

void app_close(app *a)
{
    if (a == NULL || atomic_fetch_sub(&a->owners, 1) > 1) {
        return;
    }
    store_close(a->s);
    arena_free(a->policy_arena);
    (void)pthread_mutex_destroy(&a->lock);
    free(a);
}

store *app_store(app *a)
{
    return a->s;
}

static tq_code need_grant(store_tx *tx, const call *c, tq_err *err)
{
    const actor *who = &c->who;
    int64_t held = 0;
    if (who->for_user_id == 0) {
        TQ_TRY(store_int(tx, STMT_GRANT_HELD,
                         ARGS(arg_int(who->user_id), arg_int(who->person_id),
                              arg_str(str_of(role_name(who->role))), arg_int(who->programme_id),
                              arg_int(who->org_id), arg_int(c->today.n)),
                         0, &held, err));
    } else {
        int64_t principal = 0;
        int64_t delegated = 0;
        TQ_TRY(store_int(tx, STMT_USER_PERSON, ARGS(arg_int(who->for_user_id)), 0, &principal,
                         err));
        TQ_TRY(store_int(tx, STMT_DELEGATION_HELD,
                         ARGS(arg_int(who->for_user_id), arg_int(who->user_id),
                              arg_int(who->person_id), arg_str(str_of(role_name(who->role))),
                              arg_int(who->programme_id), arg_int(c->today.n)),
                         0, &delegated, err));
        TQ_TRY(store_int(tx, STMT_GRANT_HELD,
                         ARGS(arg_int(who->for_user_id), arg_int(principal),
                              arg_str(str_of(role_name(who->role))), arg_int(who->programme_id),
                              arg_int(who->org_id), arg_int(c->today.n)),
                         0, &held, err));
        held = delegated > 0 ? held : 0;
    }
    if (held == 0) {
        return tq_fail(err, TQ_FORBIDDEN, "no_role", role_name(who->role),
                       "the user does not hold this role here on this day");
    }
    return TQ_OK;
}

static tq_code need_writes_on(store_tx *tx, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool off = false;
    TQ_TRY(store_query(tx, STMT_WRITES_OFF_REASON, NO_ARGS, &r, err));
    TQ_TRY(rows_next(&r, &off, err));
    if (off) {
        return tq_fail(err, TQ_CONFLICT, "writes_off", "store",
                       "a check has failed and writing is off until a person clears it");
    }
    return TQ_OK;
}

tq_code work_begin(app *a, const call *c, role_set allowed, store_tx **out, tq_err *err)
{
    TQ_ASSERT(c->a != NULL);
    TQ_ASSERT(c->at.us != 0);
    if (!role_in(c->who.role, allowed)) {
        return tq_fail(err, TQ_FORBIDDEN, "no_role", role_name(c->who.role),
                       "this role may not do this");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(a->s, STORE_WRITE, &tx, err));
    TQ_TRY(need_writes_on(tx, err));
    if (c->who.role != ROLE_SYSTEM && c->who.role != ROLE_PUBLIC) {
        TQ_TRY(need_grant(tx, c, err));
    }
    if (c->idem != NULL) {
        TQ_TRY(idem_begin(&tx, c, err));
    }
    *out = tx;
    tx = NULL;
    return TQ_OK;
}

tq_code work_read(app *a, store_tx **out, tq_err *err)
{
    return store_begin(a->s, STORE_READ, out, err);
}

event work_event(const call *c, event_kind kind)
{
    event e = event_begin(c->a, kind);
    e.programme_id = c->who.programme_id;
    e.at = c->at;
    e.today = c->today;
    e.user_id = c->who.user_id;
    e.person_id = c->who.person_id;
    e.for_user_id = c->who.for_user_id;
    e.role = c->who.role;
    return e;
}

static const policy *cached(app *a, int64_t id)
{
    for (int i = 0; i < a->n_policies; i++) {
        if (a->policies[i].id == id) {
            return a->policies[i].p;
        }
    }
    return NULL;
}

/* A stored policy is its canonical print, which extends nothing. */
static tq_code no_base(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    (void)ctx;
    (void)a;
    (void)out;
    return tq_fail(err, TQ_CORRUPT, "policy_extends", "extends",
                   "a stored policy extends %.*s; it must stand alone", STR_ARG(name));
}

static tq_code policy_fetch(app *a, store_tx *tx, int64_t policy_id, policy **out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_POLICY_BRIEF, ARGS(arg_int(policy_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_CONFLICT, "no_policy", "policy", "no policy is in force");
    }
    digest sha256;
    if (!digest_from_hex(row_text(&r), &sha256)) {
        return tq_fail(err, TQ_CORRUPT, "policy_hash", "policy.sha256", "the hash is malformed");
    }
    str text = {0};
    TQ_TRY(blob_get(a->s, sha256, a->policy_arena, &text, err));
    TQ_ASSERT(text.len <= POLICY_FILE_MAX);
    return policy_load(text, "policy", no_base, NULL, a->policy_arena, out, err);
}

tq_code app_policy_by_id(app *a, store_tx *tx, int64_t policy_id, const policy **out, tq_err *err)
{
    TQ_ASSERT(pthread_mutex_lock(&a->lock) == 0);
    const policy *found = cached(a, policy_id);
    tq_code code = TQ_OK;
    if (found == NULL) {
        policy *p = NULL;
        code = a->n_policies == POLICY_CACHE_MAX
                   ? tq_fail(err, TQ_LIMIT, "policy_versions", "policy",
                             "more than %d policy versions are in use", POLICY_CACHE_MAX)
                   : policy_fetch(a, tx, policy_id, &p, err);
        if (code == TQ_OK) {
            a->policies[a->n_policies++] = (cached_policy){policy_id, p};
            found = p;
        }
    }
    TQ_ASSERT(pthread_mutex_unlock(&a->lock) == 0);
    if (code == TQ_OK) {
        *out = found;
    }
    return code;
}

tq_code app_policy(app *a, store_tx *tx, int64_t programme_id, int64_t *policy_id,
                   const policy **out, tq_err *err)
{
    programme_brief brief;
    TQ_TRY(programme_read(tx, programme_id, &brief, err));
    if (brief.policy_id == 0) {
        return tq_fail(err, TQ_CONFLICT, "no_policy", "programme.policy",
                       "no policy version is in force for the programme");
    }
    TQ_TRY(app_policy_by_id(a, tx, brief.policy_id, out, err));
    *policy_id = brief.policy_id;
    return TQ_OK;
}

tq_code demo_need(app *a, const char *field, tq_err *err)
{
    int64_t real = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(store_int(tx, STMT_PROGRAMMES_NOT_DEMO, NO_ARGS, 0, &real, err));
    return real == 0 ? TQ_OK
                     : tq_fail(err, TQ_REFUSED, "no_demo", field,
                               "this is no demonstration: secrets are drawn at random");
}

tq_code policy_if_any(app *a, store_tx *tx, int64_t programme_id, const policy **out, tq_err *err)
{
    programme_brief brief;
    *out = NULL;
    TQ_TRY(programme_read(tx, programme_id, &brief, err));
    return brief.policy_id == 0 ? TQ_OK : app_policy_by_id(a, tx, brief.policy_id, out, err);
}
