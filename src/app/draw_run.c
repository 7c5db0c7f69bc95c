/* SPDX-License-Identifier: Apache-2.0 */
#include "app/draw_inner.h"

#include "app/row_change.h"
#include "base/secrets.h"
#include "store/blob.h"

#define PICK_SLICE 1000
#define SLICE_ROOM ((size_t)16 * 1024 * 1024)
#define POOL_TEXT_MAX (8 * 1024 * 1024)
#define RESULT_TEXT_MAX ((size_t)512 * 1024 * 1024)
#define ORG_KEY "ORG-"

/* --- what a draw is computed from ---------------------------------------------------------------- */

typedef struct pool {
    buf text;
    int64_t *person; /* in the order of the text */
    size_t n;
} pool;

static tq_code pool_load(store_tx *tx, int64_t draw_id, int64_t *person, size_t max, pool *out,
                         tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    out->person = person;
    lots_pool_begin(&out->text);
    TQ_TRY(store_query(tx, STMT_DRAW_POOL, ARGS(arg_int(draw_id)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(out->n < max);
        out->person[out->n++] = row_int(&r);
        lots_person p = {.code = row_text(&r)};
        p.conflict = row_text(&r);
        p.conflict = p.conflict.len == 0 ? STR("-") : p.conflict;
        lots_pool_add(&out->text, &p);
    }
}

#define POOL_MAX 1000 /* as the freeze takes at most */

/* A draw read from its rows, ready to be computed. */
typedef struct stored {
    event_value row[AUDITED_COLS_MAX];
    int64_t draw_id;
    int64_t person[POOL_MAX];
    str pool_text;
    uint8_t seed[LOTS_SEED_BYTES];
} stored;

tq_code draw_seed(store_tx *tx, int64_t draw_id, arena *a, digest *out, tq_err *err)
{
    event_value secret[AUDITED_COLS_MAX];
    int64_t id = 0;
    TQ_TRY(store_int(tx, STMT_DRAW_SECRET_OF, ARGS(arg_int(draw_id)), 0, &id, err));
    if (id == 0) {
        return tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.seed", "the draw has no seed");
    }
    TQ_TRY(row_load(tx, T_DRAW_SECRET, id, a, secret, err));
    if (!digest_from_hex(row_str(secret, C_DRAW_SECRET_SEED), out)) {
        return tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.seed",
                       "the seed was erased or is no seed");
    }
    return TQ_OK;
}

/* Rows of the draw in one snapshot; the seed from where it lies: revealed in the draw, else the secret. */
static tq_code stored_read(store_tx *tx, stored *s, arena *a, tq_err *err)
{
    digest d;
    pool p = {.text = buf_max(POOL_TEXT_MAX)};
    if (!digest_from_hex(row_str(s->row, C_DRAW_SEED), &d)) {
        TQ_TRY(draw_seed(tx, s->draw_id, a, &d, err));
    }
    memcpy(s->seed, d.b, sizeof s->seed);
    const tq_code code = pool_load(tx, s->draw_id, s->person, POOL_MAX, &p, err);
    s->pool_text = code == TQ_OK ? arena_copy(a, buf_view(&p.text)) : (str){0};
    buf_free(&p.text);
    return code;
}

/* What is stored must be what was frozen: anything else is tampering, told before a result is made of it. */
static tq_code stored_check(const stored *s, tq_err *err)
{
    if (!digest_eq(lots_commitment(s->seed), draw_digest(s->row, C_DRAW_COMMITMENT))) {
        return tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.seed",
                       "the seed is not the one that was committed to");
    }
    if (!digest_eq(hash_of(HASH_SHA256, s->pool_text), draw_digest(s->row, C_DRAW_POOL_SHA256))) {
        return tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.pool",
                       "the inspectors are not those that were frozen");
    }
    return TQ_OK;
}

/* --- result -------------------------------------------------------------------------------------- */

typedef struct running {
    app *a;
    const call *c;
    const draw_run_request *rq;
    stored s;
    draw_again d;
} running;

/* The draw of the rows in `s`, with the value that was or will be joined. */
static tq_code compute(app *a, const stored *s, str public_value, arena *room, draw_again *r,
                       tq_err *err)
{
    str population = {0};
    lots_unit *units = NULL;
    lots_person *people = NULL;
    const digest sum = draw_digest(s->row, C_DRAW_POPULATION_SHA256);
    const str plan = row_str(s->row, C_DRAW_PLAN);
    TQ_TRY(stored_check(s, err));
    TQ_TRY(blob_get(app_store(a), sum, room, &population, err));
    TQ_TRY(lots_plan_read(plan, room, &r->plan, err));
    TQ_TRY(lots_population_read(population, room, &units, &r->in.n_units, err));
    TQ_TRY(lots_pool_read(s->pool_text, room, &people, &r->in.n_pool, err));
    r->final_seed =
        lots_final_seed(s->seed, plan, sum, draw_digest(s->row, C_DRAW_POOL_SHA256), public_value);
    r->person = s->person;
    r->in.plan = &r->plan;
    r->in.units = units;
    r->in.pool = people;
    r->in.final_seed = r->final_seed;
    TQ_TRY(lots_draw(&r->in, room, &r->out, err));
    BUF_AUTO buf text = buf_max(RESULT_TEXT_MAX);
    lots_result_write(&r->in, &r->out, &text);
    TQ_ASSERT(buf_ok(&text));
    r->result = hash_of(HASH_SHA256, buf_view(&text));
    return TQ_OK;
}

static tq_code run_write(running *r, store_tx *tx, tq_err *err)
{
    digest seed;
    event e = work_event(r->c, EV_DRAW_RUN);
    event_change(&e, T_DRAW, r->rq->draw_id);
    event_text(&e, C_DRAW_STATE, STR("drawn"));
    event_int(&e, C_DRAW_DRAWN_DAY, r->c->today.n);
    memcpy(seed.b, r->s.seed, sizeof seed.b);
    draw_hex(&e, C_DRAW_SEED, seed);
    if (r->rq->public_value.len > 0) {
        event_text(&e, C_DRAW_PUBLIC_VALUE, r->rq->public_value);
    }
    draw_hex(&e, C_DRAW_FINAL_SEED, r->d.final_seed);
    draw_hex(&e, C_DRAW_RESULT_SHA256, r->d.result);
    for (size_t i = 0; i < r->d.out.n_visitors; i++) {
        int64_t id = 0;
        const lots_visitor *v = &r->d.out.visitors[i];
        TQ_TRY(event_new_row(tx, &e, T_DRAW_INSPECTOR, &id, err));
        event_int(&e, C_DRAW_INSPECTOR_DRAW_ID, r->rq->draw_id);
        event_int(&e, C_DRAW_INSPECTOR_PERSON_ID, r->s.person[v->person]);
        event_text(&e, C_DRAW_INSPECTOR_CODE, r->d.in.pool[v->person].code);
        draw_hex(&e, C_DRAW_INSPECTOR_SCORE, v->score);
        event_text(&e, C_DRAW_INSPECTOR_STATE, STR("drawn"));
    }
    return event_append(tx, &e, NULL, err);
}

/* Whose visit a key is: the firm itself, or who holds the claim or voucher today. */
static tq_code pick_org(const running *r, store_tx *tx, str key, int64_t *org, tq_err *err)
{
    long long id = 0;
    if (str_starts(key, STR(ORG_KEY)) &&
        str_int64((str){key.data + sizeof ORG_KEY - 1, key.len - (sizeof ORG_KEY - 1)}, &id)) {
        *org = id;
        return TQ_OK;
    }
    const store_stmt stmt = str_eq(r->d.plan.unit, STR("claim"))     ? STMT_DRAW_ORG_OF_CLAIM
                            : str_eq(r->d.plan.unit, STR("voucher")) ? STMT_DRAW_ORG_OF_VOUCHER
                                                                     : STMT_DRAW_ORG_OF_FIRM;
    TQ_TRY(store_int(tx, stmt, ARGS(arg_int(r->c->who.programme_id), arg_str(key)), 0, org, err));
    return *org != 0 ? TQ_OK
                     : tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.population",
                               "a unit of the population is gone");
}

static tq_code pick_put(const running *r, store_tx *tx, event *e, const lots_pick *k, tq_err *err)
{
    const lots_unit *u = &r->d.in.units[k->unit];
    int64_t id = 0;
    int64_t org = 0;
    TQ_TRY(pick_org(r, tx, u->key, &org, err));
    TQ_TRY(event_new_row(tx, e, T_DRAW_PICK, &id, err));
    event_int(e, C_DRAW_PICK_PROGRAMME_ID, r->c->who.programme_id);
    event_int(e, C_DRAW_PICK_DRAW_ID, r->rq->draw_id);
    event_int(e, C_DRAW_PICK_ORG_ID, org);
    event_text(e, C_DRAW_PICK_UNIT_KEY, u->key);
    event_text(e, C_DRAW_PICK_HOW, k->place == 0 ? STR("must") : STR("drawn"));
    event_text(e, C_DRAW_PICK_STRATUM, u->stratum);
    if (u->amount > 0) {
        event_int(e, C_DRAW_PICK_AMOUNT_FEN, u->amount);
    }
    if (k->place > 0) {
        event_int(e, C_DRAW_PICK_PLACE, k->place);
        draw_hex(e, C_DRAW_PICK_SCORE, k->score);
    }
    event_text(e, C_DRAW_PICK_STATE, STR("open"));
    return TQ_OK;
}

/* All slices in the transaction of the draw: a result is there as a whole or not at all. */
static tq_code picks_write(const running *r, store_tx *tx, tq_err *err)
{
    ARENA_AUTO arena *slice = arena_new("draw slice", SLICE_ROOM);
    call own = *r->c;
    own.a = slice;
    for (size_t i = 0; i < r->d.out.n_picks;) {
        event e = work_event(&own, EV_DRAW_PICKS);
        for (size_t k = 0; k < PICK_SLICE && i < r->d.out.n_picks; k++, i++) {
            TQ_TRY(pick_put(r, tx, &e, &r->d.out.picks[i], err));
        }
        TQ_TRY(event_append(tx, &e, NULL, err));
        arena_reset(slice);
    }
    return TQ_OK;
}

static tq_code run_need(const running *r, tq_err *err)
{
    const bool joined = row_str(r->s.row, C_DRAW_PUBLIC_SOURCE).len > 0;
    TQ_TRY(draw_need(r->s.row, "frozen", err));
    if (joined ? !str_line_ok(r->rq->public_value, LOTS_PUBLIC_MAX) : r->rq->public_value.len > 0) {
        return tq_fail(err, TQ_INVALID, "public_value", "public_value",
                       "a line where the plan names a source, else nothing");
    }
    /* R-DRAW-030: whoever froze the population must not have known what would be joined */
    if (joined && row_num(r->s.row, C_DRAW_PUBLIC_DAY) <= row_num(r->s.row, C_DRAW_FROZEN_DAY)) {
        return tq_fail(err, TQ_CONFLICT, "public_known", "draw.public_day",
                       "the value became known before the population was frozen");
    }
    if (joined && row_num(r->s.row, C_DRAW_PUBLIC_DAY) > r->c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "draw_early", "draw.public_day",
                       "the value that is to be joined is not known before its day");
    }
    return TQ_OK;
}

/* Computed first, for files are read outside of transactions; then written where the draw is still as it was. */
static tq_code run_all(running *r, arena *room, tq_err *err)
{
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(r->a, &tx, err));
        TQ_TRY(draw_load(tx, r->c, r->rq->draw_id, r->s.row, err));
        TQ_TRY(run_need(r, err));
        TQ_TRY(stored_read(tx, &r->s, r->c->a, err));
    }
    TQ_TRY(compute(r->a, &r->s, r->rq->public_value, room, &r->d, err));
    event_value now[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(r->a, r->c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(draw_load(tx, r->c, r->rq->draw_id, now, err));
    TQ_TRY(draw_need(now, "frozen", err));
    TQ_TRY(run_write(r, tx, err));
    TQ_TRY(picks_write(r, tx, err));
    return store_commit(&tx, err);
}

tq_code draw_run(app *a, const call *c, const draw_run_request *rq, tq_err *err)
{
    ARENA_AUTO arena *room = arena_new("draw", DRAW_ROOM);
    running *r = ARENA_NEW(c->a, running, 1);
    *r = (running){.a = a, .c = c, .rq = rq, .s = {.draw_id = rq->draw_id}};
    const tq_code code = run_all(r, room, err);
    secret_wipe(r->s.seed, sizeof r->s.seed);
    return code;
}

tq_code draw_compute(app *a, const call *c, int64_t draw_id, arena *room, draw_again *out,
                     tq_err *err)
{
    stored *s = ARENA_NEW(room, stored, 1);
    *s = (stored){.draw_id = draw_id};
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(a, &tx, err));
        TQ_TRY(draw_load(tx, c, draw_id, s->row, err));
        TQ_TRY(draw_need(s->row, "drawn", err));
        TQ_TRY(stored_read(tx, s, room, err));
    }
    TQ_TRY(compute(a, s, row_str(s->row, C_DRAW_PUBLIC_VALUE), room, out, err));
    if (!digest_eq(out->result, draw_digest(s->row, C_DRAW_RESULT_SHA256))) {
        return tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.result",
                       "computed again it is another result");
    }
    return TQ_OK;
}

/* --- bundle -------------------------------------------------------------------------------------- */

/* `open`: what everybody may have. */
static tq_code stored_load(app *a, int64_t draw_id, bool open, arena *room, stored *s, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(row_load(tx, T_DRAW, draw_id, room, s->row, err));
    if (!row_is(s->row, C_DRAW_STATE, "published") &&
        (open || !row_is(s->row, C_DRAW_STATE, "drawn"))) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "draw", "there is no such record");
    }
    s->draw_id = draw_id;
    TQ_TRY(stored_read(tx, s, room, err));
    return stored_check(s, err);
}

tq_code draw_givens(app *a, int64_t draw_id, bool open, arena *room, draw_given *out, tq_err *err)
{
    stored *s = ARENA_NEW(room, stored, 1);
    TQ_TRY(stored_load(a, draw_id, open, room, s, err));
    draw_given g = {.texts = {.plan = row_str(s->row, C_DRAW_PLAN),
                              .pool = s->pool_text,
                              .public_value = row_str(s->row, C_DRAW_PUBLIC_VALUE)},
                    .final_seed = draw_digest(s->row, C_DRAW_FINAL_SEED),
                    .result = draw_digest(s->row, C_DRAW_RESULT_SHA256)};
    memcpy(g.texts.seed, s->seed, sizeof g.texts.seed);
    TQ_TRY(blob_get(app_store(a), draw_digest(s->row, C_DRAW_POPULATION_SHA256), room,
                    &g.texts.population, err));
    *out = g;
    return TQ_OK;
}

tq_code draw_bundle(app *a, int64_t draw_id, bool open, buf *out, tq_err *err)
{
    draw_given g;
    lots_summary s;
    ARENA_AUTO arena *room = arena_new("draw", DRAW_ROOM);
    TQ_TRY(draw_givens(a, draw_id, open, room, &g, err));
    TQ_TRY(lots_bundle_write(&g.texts, room, out, &s, err));
    if (!buf_ok(out)) {
        return tq_fail(err, TQ_LIMIT, "result", "draw",
                       "the bundle is longer than one answer may be");
    }
    if (!digest_eq(s.result, g.result) || !digest_eq(s.final_seed, g.final_seed)) {
        return tq_fail(err, TQ_CORRUPT, "draw_stored", "draw.result",
                       "computed again it is another result");
    }
    return TQ_OK;
}
