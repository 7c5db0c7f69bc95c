/* SPDX-License-Identifier: Apache-2.0 */
#include "app/draw_inner.h"

#include "app/app_inner.h"
#include "base/secrets.h"
#include "store/blob.h"
#include <stdlib.h>

#define ORGS_FIRST 1024
#define POOL_TEXT_MAX (8 * 1024 * 1024)
#define CANDIDATES_MAX 1000
#define CODE_HEX 32
#define PERSON_TAG "tongquan-draw-person-1\n"

digest draw_digest(const event_value *row, int col)
{
    digest d;
    const bool ok = digest_from_hex(row_str(row, col), &d);
    TQ_ASSERT(ok);
    return d;
}

/* Organisations, to be looked up. */
typedef struct draw_ids {
    int64_t *ids;
    size_t n, room;
} draw_ids;

/* The population of a plan as it is now. */
typedef struct draw_population {
    buf text;
    int64_t units, amount_fen;
    draw_ids orgs;
} draw_population;

/* --- population ---------------------------------------------------------------------------------- */

static store_stmt population_stmt(const lots_plan *p)
{
    const bool paid = str_eq(p->counted, STR("paid_holders"));
    if (str_eq(p->unit, STR("claim"))) {
        return paid ? STMT_DRAW_CLAIMS_PAID : STMT_DRAW_CLAIMS_FILED;
    }
    if (str_eq(p->unit, STR("voucher"))) {
        return paid ? STMT_DRAW_VOUCHERS_PAID : STMT_DRAW_VOUCHERS_HELD;
    }
    return paid ? STMT_DRAW_FIRMS_PAID : STMT_DRAW_FIRMS_HOLDING;
}

static int by_number(const void *x, const void *y)
{
    const int64_t *a = x;
    const int64_t *b = y;
    return *a < *b ? -1 : *a > *b;
}

static void id_add(draw_ids *l, int64_t id, arena *a)
{
    if (l->n == l->room) {
        l->room = l->room == 0 ? ORGS_FIRST : l->room * 2;
        int64_t *grown = ARENA_NEW(a, int64_t, l->room);
        if (l->n > 0) {
            memcpy(grown, l->ids, l->n * sizeof *grown);
        }
        l->ids = grown;
    }
    l->ids[l->n++] = id;
}

static void ids_sort(draw_ids *l)
{
    if (l->n > 1) {
        qsort(l->ids, l->n, sizeof *l->ids, by_number);
    }
}

static bool id_among(const draw_ids *l, int64_t id)
{
    return l->n > 0 && bsearch(&id, l->ids, l->n, sizeof id, by_number) != NULL;
}

/* Findings and decisions that make a visit due whatever is drawn (P-37). */
static tq_code must_read(store_tx *tx, const call *c, arena *a, draw_ids *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_DRAW_MUST, ARGS(arg_int(c->who.programme_id), arg_int(c->today.n)),
                       &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            ids_sort(out);
            return TQ_OK;
        }
        id_add(out, row_int(&r), a);
    }
}

/* An unnamed township is a stratum too: its firms are neither left out nor mixed with others. */
static tq_code units_read(store_tx *tx, const call *c, const lots_plan *plan, const draw_ids *must,
                          arena *a, draw_population *out, tq_err *err)
{
    const int64_t strata = str_eq(plan->strata, STR("place"))  ? 1
                           : str_eq(plan->strata, STR("kind")) ? 2
                                                               : 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, population_stmt(plan),
                       ARGS(arg_int(c->who.programme_id), arg_int(plan->from.n),
                            arg_int(plan->to.n), arg_int(strata)),
                       &r, err));
    lots_population_begin(&out->text);
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        lots_unit u = {.key = row_text(&r)};
        const int64_t org = row_int(&r);
        u.stratum = row_text(&r);
        u.stratum = u.stratum.len == 0 ? STR("-") : u.stratum;
        u.amount = row_int(&r);
        u.must = id_among(must, org);
        id_add(&out->orgs, org, a);
        out->amount_fen += u.amount;
        lots_population_add(&out->text, &u);
    }
}

static tq_code population_read(store_tx *tx, const call *c, const lots_plan *plan, arena *a,
                               draw_population *out, tq_err *err)
{
    draw_ids must = {0};
    TQ_TRY(must_read(tx, c, a, &must, err));
    TQ_TRY(units_read(tx, c, plan, &must, a, out, err));
    if (!buf_ok(&out->text)) {
        return tq_fail(
            err, TQ_LIMIT, "units", "draw.population",
            "the population is longer than %d MiB; plan a shorter period or another unit",
            BLOB_MAX / (1024 * 1024));
    }
    out->units = (int64_t)out->orgs.n;
    ids_sort(&out->orgs);
    return TQ_OK;
}

/* --- who may inspect ----------------------------------------------------------------------------- */

typedef struct candidate {
    int64_t person_id;
    char code[CODE_HEX + 1];
    const char *conflict;
} candidate;

typedef struct freeze {
    store_tx *tx;
    const call *c;
    const draw_freeze_request *rq;
    const event_value *row;
    const draw_population *population;
    int64_t approver;
    int64_t declared[DRAW_DECLARED_MAX];
    uint8_t seed[LOTS_SEED_BYTES], salt[LOTS_SEED_BYTES];
    candidate *list;
    size_t n;
    buf pool;
} freeze;

/* A code says nothing of the person to whom the salt is unknown. */
static void code_of(const freeze *f, int64_t person_id, char out[CODE_HEX + 1])
{
    char room[24];
    char hex[65];
    buf number = buf_over(room, sizeof room);
    buf_int(&number, person_id);
    const str parts[] = {
        STR(PERSON_TAG), {(const char *)f->salt, sizeof f->salt}, buf_view(&number)};
    digest_hex(hash_parts(HASH_SHA256, parts, TQ_COUNT(parts)), hex);
    memcpy(out, hex, CODE_HEX);
    out[CODE_HEX] = '\0';
}

static tq_code declared_read(freeze *f, tq_err *err)
{
    if (f->rq->n_declared > DRAW_DECLARED_MAX) {
        return tq_fail(err, TQ_LIMIT, "too_many_inspectors", "declared", "more than %d persons",
                       DRAW_DECLARED_MAX);
    }
    for (size_t i = 0; i < f->rq->n_declared; i++) {
        TQ_TRY(store_int(f->tx, STMT_DRAW_PERSON_OF_USER, ARGS(arg_int(f->rq->declared[i])), 0,
                         &f->declared[i], err));
        if (f->declared[i] == 0) {
            return tq_fail(err, TQ_INVALID, "inspector", "declared.user_id",
                           "no inspector has this log-in");
        }
    }
    return TQ_OK;
}

/* R-DRAW-040: whoever had a hand in the draw, or acted for one of its firms, inspects none of them. */
static tq_code conflict_of(const freeze *f, int64_t person, const char **out, tq_err *err)
{
    *out = "-";
    for (size_t i = 0; i < f->rq->n_declared; i++) {
        if (f->declared[i] == person) {
            *out = "declared";
        }
    }
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(f->tx, STMT_DRAW_PERSON_ORGS, ARGS(arg_int(person)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        const int64_t org = row_int(&r);
        if (id_among(&f->population->orgs, org)) {
            *out = "agent";
        }
    }
    if (person == row_num(f->row, C_DRAW_MAKER_ID) || person == f->approver ||
        person == f->c->who.person_id) {
        *out = "maker";
    }
    return TQ_OK;
}

static int by_code(const void *x, const void *y)
{
    const candidate *a = x;
    const candidate *b = y;
    return strcmp(a->code, b->code);
}

/* All who hold the role on this day, with a conflict or without: the list shows who was left out and why. */
static tq_code pool_read(freeze *f, tq_err *err)
{
    f->list = ARENA_NEW(f->c->a, candidate, CANDIDATES_MAX);
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(f->tx, STMT_DRAW_INSPECTORS,
                           ARGS(arg_int(f->c->who.programme_id), arg_int(f->c->today.n)), &r, err));
        for (bool more = true;;) {
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            if (f->n == CANDIDATES_MAX) {
                return tq_fail(err, TQ_LIMIT, "too_many_inspectors", "draw.pool",
                               "more than %d inspectors", CANDIDATES_MAX);
            }
            f->list[f->n++].person_id = row_int(&r);
        }
    }
    size_t fit = 0;
    for (size_t i = 0; i < f->n; i++) {
        TQ_TRY(conflict_of(f, f->list[i].person_id, &f->list[i].conflict, err));
        code_of(f, f->list[i].person_id, f->list[i].code);
        fit += strcmp(f->list[i].conflict, "-") == 0 ? 1 : 0;
    }
    if ((int64_t)fit < row_num(f->row, C_DRAW_VISITORS)) {
        return tq_fail(err, TQ_INVALID, "too_few_inspectors", "draw.visitors",
                       "%zu inspectors are without a conflict, %lld are to be drawn", fit,
                       (long long)row_num(f->row, C_DRAW_VISITORS));
    }
    qsort(f->list, f->n, sizeof *f->list, by_code);
    lots_pool_begin(&f->pool);
    for (size_t i = 0; i < f->n; i++) {
        const lots_person p = {str_of(f->list[i].code), str_of(f->list[i].conflict)};
        lots_pool_add(&f->pool, &p);
    }
    TQ_ASSERT(buf_ok(&f->pool));
    return TQ_OK;
}

/* --- freeze -------------------------------------------------------------------------------------- */

void draw_hex(event *e, int col, digest d)
{
    char hex[65];
    digest_hex(d, hex);
    event_text(e, col, str_of(hex));
}

static tq_code secret_put(const freeze *f, event *e, tq_err *err)
{
    int64_t id = 0;
    digest d;
    TQ_TRY(event_new_row(f->tx, e, T_DRAW_SECRET, &id, err));
    event_int(e, C_DRAW_SECRET_DRAW_ID, f->rq->draw_id);
    memcpy(d.b, f->seed, sizeof d.b);
    draw_hex(e, C_DRAW_SECRET_SEED, d);
    memcpy(d.b, f->salt, sizeof d.b);
    draw_hex(e, C_DRAW_SECRET_SALT, d);
    return TQ_OK;
}

/* R-DRAW-030: the hashes of everything and the commitment are one event, before the seed is revealed. */
static tq_code freeze_write(freeze *f, digest population, tq_err *err)
{
    event e = work_event(f->c, EV_DRAW_FREEZE);
    event_change(&e, T_DRAW, f->rq->draw_id);
    event_text(&e, C_DRAW_STATE, STR("frozen"));
    event_int(&e, C_DRAW_FROZEN_DAY, f->c->today.n);
    event_int(&e, C_DRAW_UNITS, f->population->units);
    if (f->population->amount_fen > 0) {
        event_int(&e, C_DRAW_AMOUNT_FEN, f->population->amount_fen);
    }
    draw_hex(&e, C_DRAW_POPULATION_SHA256, population);
    draw_hex(&e, C_DRAW_POOL_SHA256, hash_of(HASH_SHA256, buf_view(&f->pool)));
    draw_hex(&e, C_DRAW_COMMITMENT, lots_commitment(f->seed));
    for (size_t i = 0; i < f->n; i++) {
        int64_t id = 0;
        TQ_TRY(event_new_row(f->tx, &e, T_DRAW_CANDIDATE, &id, err));
        event_int(&e, C_DRAW_CANDIDATE_DRAW_ID, f->rq->draw_id);
        event_int(&e, C_DRAW_CANDIDATE_PERSON_ID, f->list[i].person_id);
        event_text(&e, C_DRAW_CANDIDATE_CODE, str_of(f->list[i].code));
        if (strcmp(f->list[i].conflict, "-") != 0) {
            event_text(&e, C_DRAW_CANDIDATE_CONFLICT, str_of(f->list[i].conflict));
        }
    }
    TQ_TRY(secret_put(f, &e, err));
    return event_append(f->tx, &e, NULL, err);
}

static tq_code freeze_need(const call *c, const event_value *row, tq_err *err)
{
    const int64_t public_day = row_num(row, C_DRAW_PUBLIC_DAY);
    TQ_TRY(draw_need(row, "approved", err));
    if (row_num(row, C_DRAW_TO_DAY) >=
        c->today.n) { /* the last day is over when nothing can be paid on it */
        return tq_fail(err, TQ_CONFLICT, "draw_early", "draw.to",
                       "the period of the plan has not ended");
    }
    if (row_str(row, C_DRAW_PUBLIC_SOURCE).len > 0 && public_day <= c->today.n) {
        return tq_fail(
            err, TQ_CONFLICT, "public_known", "draw.public_day",
            "the value that is to be joined may be known today: plan the draw with a later one");
    }
    return TQ_OK;
}

/* The population as a file, before the transaction that names it. */
static tq_code population_put(app *a, const call *c, int64_t draw_id, arena *room, digest *sum,
                              tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    lots_plan plan;
    lots_unit *units = NULL;
    size_t n = 0;
    BUF_AUTO buf text = buf_max(BLOB_MAX);
    draw_population p = {.text = text};
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(a, &tx, err));
        TQ_TRY(draw_load(tx, c, draw_id, row, err));
        TQ_TRY(freeze_need(c, row, err));
        TQ_TRY(lots_plan_read(row_str(row, C_DRAW_PLAN), room, &plan, err));
        const tq_code code = population_read(tx, c, &plan, room, &p, err);
        text = p.text;
        TQ_TRY(code);
    }
    TQ_TRY(lots_population_read(buf_view(&text), room, &units, &n, err));
    return blob_put(app_store(a), buf_view(&text), sum, err);
}

static tq_code freeze_in(freeze *f, app *a, digest put, arena *room, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value decision[AUDITED_COLS_MAX];
    lots_plan plan;
    draw_population p = {.text = buf_max(BLOB_MAX)};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, f->c, ROLES(ROLE_OFFICE), &tx, err));
    TQ_TRY(draw_load(tx, f->c, f->rq->draw_id, row, err));
    TQ_TRY(freeze_need(f->c, row, err));
    TQ_TRY(row_load(tx, T_DECISION, row_num(row, C_DRAW_DECISION_ID), f->c->a, decision, err));
    TQ_TRY(lots_plan_read(row_str(row, C_DRAW_PLAN), room, &plan, err));
    const tq_code code = population_read(tx, f->c, &plan, room, &p, err);
    const digest now = hash_of(HASH_SHA256, buf_view(&p.text));
    buf_free(&p.text);
    TQ_TRY(code);
    if (!digest_eq(now, put)) {
        return tq_fail(err, TQ_CONFLICT, "draw_moved", "draw.population",
                       "the population changed meanwhile: try again");
    }
    f->tx = tx;
    f->row = row;
    f->population = &p;
    f->approver = row_num(decision, C_DECISION_PERSON_ID);
    TQ_TRY(declared_read(f, err));
    TQ_TRY(pool_read(f, err));
    TQ_TRY(freeze_write(f, put, err));
    return store_commit(&tx, err);
}

static void digest_bytes(str part, str of, uint8_t out[LOTS_SEED_BYTES])
{
    const str parts[] = {part, of};
    const digest d = hash_parts(HASH_SHA256, parts, TQ_COUNT(parts));
    _Static_assert(sizeof d.b == LOTS_SEED_BYTES, "a seed is as long as a digest");
    memcpy(out, d.b, LOTS_SEED_BYTES);
}

/* A seed that somebody chose draws what somebody wants: only where every programme is a demonstration. */
static tq_code seed_take(app *a, freeze *f, tq_err *err)
{
    if (f->rq->demo_seed == NULL) {
        random_bytes(f->seed, sizeof f->seed);
        random_bytes(f->salt, sizeof f->salt);
        return TQ_OK;
    }
    TQ_TRY(demo_need(a, "draw.seed", err));
    digest_bytes(STR("seed"), str_of(f->rq->demo_seed), f->seed);
    digest_bytes(STR("salt"), str_of(f->rq->demo_seed), f->salt);
    return TQ_OK;
}

tq_code draw_freeze(app *a, const call *c, const draw_freeze_request *rq, tq_err *err)
{
    digest put;
    ARENA_AUTO arena *room = arena_new("draw", DRAW_ROOM);
    TQ_TRY(population_put(a, c, rq->draw_id, room, &put, err));
    arena_reset(room);
    freeze f = {.c = c, .rq = rq, .pool = buf_max(POOL_TEXT_MAX)};
    tq_code code = seed_take(a, &f, err);
    if (code == TQ_OK) {
        code = freeze_in(&f, a, put, room, err);
    }
    buf_free(&f.pool);
    secret_wipe(f.seed, sizeof f.seed);
    secret_wipe(f.salt, sizeof f.salt);
    return code;
}
