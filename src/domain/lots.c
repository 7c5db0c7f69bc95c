/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/lots.h"

#define CASE_TAG "tongquan-draw-case-1\n"
#define VISITOR_TAG "tongquan-draw-inspector-1\n"
#define COMMIT_TAG "tongquan-draw-commitment-1\n"
#define FINAL_TAG "tongquan-draw-final-1\n"

#define BUCKET_BITS 16
#define BUCKETS ((size_t)1 << BUCKET_BITS)
#define RATE_ONE 10000

typedef lots_lot lot;

static str raw(const void *bytes, size_t n)
{
    return (str){bytes, n};
}

static str raw_digest(const digest *d)
{
    return raw(d->b, sizeof d->b);
}

digest lots_commitment(const uint8_t seed[LOTS_SEED_BYTES])
{
    const str parts[] = {STR(COMMIT_TAG), raw(seed, LOTS_SEED_BYTES)};
    return hash_parts(HASH_SHA256, parts, TQ_COUNT(parts));
}

/* All before the public value is of fixed length, so no two inputs run together. */
digest lots_final_seed(const uint8_t seed[LOTS_SEED_BYTES], str plan, digest population,
                       digest pool, str public_value)
{
    TQ_ASSERT(plan.len > 0);
    const digest plan_sum = hash_of(HASH_SHA256, plan);
    const str parts[] = {STR(FINAL_TAG),          raw(seed, LOTS_SEED_BYTES), raw_digest(&plan_sum),
                         raw_digest(&population), raw_digest(&pool),          public_value};
    return hash_parts(HASH_SHA256, parts, TQ_COUNT(parts));
}

static digest score_of(str tag, digest final_seed, str key)
{
    const str parts[] = {tag, raw_digest(&final_seed), key};
    return hash_parts(HASH_SHA256, parts, TQ_COUNT(parts));
}

digest lots_case_score(digest final_seed, str key)
{
    return score_of(STR(CASE_TAG), final_seed, key);
}

static bool lot_before(const lot *x, const lot *y)
{
    const int order = memcmp(x->score.b, y->score.b, sizeof x->score.b);
    return order != 0 ? order < 0 : x->item < y->item;
}

static size_t bucket_of(const lot *l)
{
    return (size_t)l->score.b[0] << 8 | l->score.b[1];
}

/* Scores are even over 256 bits: one pass by their first two bytes leaves some dozens in each bucket of the
 * largest draw, which insertion puts in order. Nobody chooses scores, so nobody makes it slow. */
static void lots_sort(lot *lots, size_t n, arena *a)
{
    size_t *end = ARENA_NEW(a, size_t, BUCKETS);
    lot *sorted = ARENA_NEW(a, lot, n + 1);
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        end[bucket_of(&lots[i])]++;
    }
    for (size_t b = 0; b < BUCKETS; b++) {
        const size_t count = end[b];
        end[b] = sum; /* its beginning, until it is filled */
        sum += count;
    }
    TQ_ASSERT(sum == n);
    for (size_t i = 0; i < n; i++) {
        const size_t b = bucket_of(&lots[i]);
        sorted[end[b]++] = lots[i];
    }
    for (size_t i = 1; i < n; i++) {
        const lot moved = sorted[i];
        size_t at = i;
        for (; at > 0 && lot_before(&moved, &sorted[at - 1]); at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = moved;
    }
    memcpy(lots, sorted, n * sizeof *lots);
}

/* ceil(weight * rate / 10000) without passing 64 bits: rate is at most 10000. */
static int64_t goal_of(int64_t weight, int64_t rate_bp)
{
    TQ_ASSERT(weight >= 0);
    TQ_ASSERT(rate_bp >= 1 && rate_bp <= RATE_ONE);
    const int64_t rest = weight % RATE_ONE * rate_bp;
    return weight / RATE_ONE * rate_bp + (rest + RATE_ONE - 1) / RATE_ONE;
}

/* --- strata -------------------------------------------------------------------------------------- */

typedef struct work {
    const lots_input *in;
    lots_outcome *out;
    bool by_amount;
    uint32_t *stratum; /* of each unit: place in out->strata */
} work;

/* Place of a name among the sorted strata; *found says whether it is there already. */
static size_t stratum_at(const lots_outcome *o, str name, bool *found)
{
    size_t low = 0;
    size_t high = o->n_strata;
    *found = false;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int order = str_cmp(o->strata[mid].name, name);
        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static tq_code strata_name(const lots_input *in, lots_outcome *o, tq_err *err)
{
    for (size_t i = 0; i < in->n_units; i++) {
        bool found = false;
        const size_t at = stratum_at(o, in->units[i].stratum, &found);
        if (found) {
            continue;
        }
        if (o->n_strata == LOTS_STRATA_MAX) {
            return tq_fail(err, TQ_LIMIT, "strata", "draw.strata", "more than %d strata",
                           LOTS_STRATA_MAX);
        }
        memmove(&o->strata[at + 1], &o->strata[at], (o->n_strata - at) * sizeof *o->strata);
        o->strata[at] = (lots_stratum){.name = in->units[i].stratum};
        o->n_strata++;
    }
    return TQ_OK;
}

static int64_t weight_of(const work *w, size_t unit)
{
    return w->by_amount ? w->in->units[unit].amount : 1;
}

/* R-DRAW-010: N counts all units, the must-visit ones too: they do not make the draw smaller. */
static tq_code strata_count(work *w, tq_err *err)
{
    for (size_t i = 0; i < w->in->n_units; i++) {
        bool found = false;
        const lots_unit *u = &w->in->units[i];
        const size_t at = stratum_at(w->out, u->stratum, &found);
        TQ_ASSERT(found);
        lots_stratum *s = &w->out->strata[at];
        w->stratum[i] = (uint32_t)at;
        s->units++;
        s->must += u->must ? 1 : 0;
        if (__builtin_add_overflow(s->weight, weight_of(w, i), &s->weight)) {
            return tq_fail(err, TQ_LIMIT, "amount", "draw.amount",
                           "the amounts of a stratum pass 2^63");
        }
    }
    for (size_t s = 0; s < w->out->n_strata; s++) {
        w->out->strata[s].goal = goal_of(w->out->strata[s].weight, w->in->plan->rate_bp);
    }
    return TQ_OK;
}

/* --- cases --------------------------------------------------------------------------------------- */

/* Lots of all that is not must-visit, lowest score first. */
static size_t case_lots(const work *w, lot *lots, arena *a)
{
    size_t n = 0;
    for (size_t i = 0; i < w->in->n_units; i++) {
        if (!w->in->units[i].must) {
            lots[n++] =
                (lot){lots_case_score(w->in->final_seed, w->in->units[i].key), (uint32_t)i, 0};
        }
    }
    lots_sort(lots, n, a);
    return n;
}

/* Walks the order once for all strata: a lot is drawn while its stratum is short of its goal. */
static void lots_take(const work *w, lot *lots, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        lots_stratum *s = &w->out->strata[w->stratum[lots[i].item]];
        if (s->drawn_weight < s->goal) {
            lots[i].place = (uint32_t)++s->drawn;
            s->drawn_weight += weight_of(w, lots[i].item);
        }
    }
}

/* Must-visit ones come by key and drawn ones as drawn: each stratum has its run of the list. */
static void picks_write(const work *w, const lot *lots, size_t n, arena *a)
{
    lots_outcome *o = w->out;
    size_t *next = ARENA_NEW(a, size_t, o->n_strata);
    for (size_t s = 0; s < o->n_strata; s++) {
        next[s] = o->n_picks;
        o->n_picks += (size_t)(o->strata[s].must + o->strata[s].drawn);
    }
    o->picks = ARENA_NEW(a, lots_pick, o->n_picks + 1);
    for (size_t i = 0; i < w->in->n_units; i++) {
        if (w->in->units[i].must) {
            o->picks[next[w->stratum[i]]++] =
                (lots_pick){.unit = (uint32_t)i, .stratum = w->stratum[i]};
        }
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t s = w->stratum[lots[i].item];
        if (lots[i].place > 0) {
            o->picks[next[s]++] = (lots_pick){lots[i].item, s, lots[i].place, lots[i].score};
        }
    }
}

/* --- inspectors ---------------------------------------------------------------------------------- */

static tq_code visitors_draw(const lots_input *in, arena *a, lots_outcome *o, tq_err *err)
{
    lot *lots = ARENA_NEW(a, lot, in->n_pool + 1);
    const size_t want = (size_t)in->plan->visitors;
    size_t n = 0;
    for (size_t i = 0; i < in->n_pool; i++) {
        if (str_eq(in->pool[i].conflict, STR("-"))) {
            lots[n++] =
                (lot){score_of(STR(VISITOR_TAG), in->final_seed, in->pool[i].code), (uint32_t)i, 0};
        }
    }
    if (n < want) {
        return tq_fail(err, TQ_INVALID, "too_few_inspectors", "draw.visitors",
                       "%zu inspectors are without a conflict, %zu are to be drawn", n, want);
    }
    lots_sort(lots, n, a);
    o->visitors = ARENA_NEW(a, lots_visitor, want);
    for (size_t i = 0; i < want; i++) {
        o->visitors[i] = (lots_visitor){lots[i].item, lots[i].score};
    }
    o->n_visitors = want;
    return TQ_OK;
}

tq_code lots_draw(const lots_input *in, arena *a, lots_outcome *out, tq_err *err)
{
    lots_outcome made = {0};
    TQ_TRY(lots_plan_check(in->plan, err));
    if (in->n_units == 0) {
        return tq_fail(err, TQ_INVALID, "empty_population", "draw.population",
                       "nothing is in the population: look at period and unit of the plan");
    }
    TQ_ASSERT(in->n_units <= LOTS_UNITS_MAX);
    work w = {.in = in, .out = &made, .by_amount = str_eq(in->plan->unit, STR("amount"))};
    made.strata = ARENA_NEW(a, lots_stratum, LOTS_STRATA_MAX + 1);
    w.stratum = ARENA_NEW(a, uint32_t, in->n_units);
    TQ_TRY(strata_name(in, &made, err));
    TQ_TRY(strata_count(&w, err));
    lot *lots = ARENA_NEW(a, lot, in->n_units);
    made.lots = lots;
    made.n_lots = case_lots(&w, lots, a);
    lots_take(&w, lots, made.n_lots);
    picks_write(&w, lots, made.n_lots, a);
    TQ_TRY(visitors_draw(in, a, &made, err));
    *out = made;
    return TQ_OK;
}
