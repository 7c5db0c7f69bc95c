/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/lots.h"

#include "base/canon.h"

#define BUNDLE_FORMAT "tongquan-draw-1"
#define BUNDLE_TEXT_MAX ((size_t)1 << 31)
#define BUNDLE_MEMBERS 13

/* A draw done again from its texts. */
typedef struct redrawn {
    digest plan, population, pool, commitment, final_seed, result;
    buf text; /* of the result */
    lots_plan of;
    lots_outcome outcome;
    size_t n_units;
} redrawn;

static tq_code redraw(const lots_bundle *b, arena *a, redrawn *r, tq_err *err)
{
    lots_unit *units = NULL;
    lots_person *people = NULL;
    lots_input in = {.plan = &r->of};
    TQ_TRY(lots_plan_read(b->plan, a, &r->of, err));
    TQ_TRY(lots_population_read(b->population, a, &units, &in.n_units, err));
    TQ_TRY(lots_pool_read(b->pool, a, &people, &in.n_pool, err));
    const bool joined = r->of.public_source.len > 0;
    if (joined ? !str_line_ok(b->public_value, LOTS_PUBLIC_MAX) : b->public_value.len > 0) {
        return tq_fail(err, TQ_INVALID, "public_value", "public_value",
                       "a line where the plan names a source, else nothing");
    }
    r->n_units = in.n_units;
    r->plan = hash_of(HASH_SHA256, b->plan);
    r->population = hash_of(HASH_SHA256, b->population);
    r->pool = hash_of(HASH_SHA256, b->pool);
    r->commitment = lots_commitment(b->seed);
    r->final_seed = lots_final_seed(b->seed, b->plan, r->population, r->pool, b->public_value);
    in.units = units;
    in.pool = people;
    in.final_seed = r->final_seed;
    TQ_TRY(lots_draw(&in, a, &r->outcome, err));
    lots_result_write(&in, &r->outcome, &r->text);
    if (!buf_ok(&r->text)) {
        return tq_fail(err, TQ_LIMIT, "result", "result", "the result is too long");
    }
    r->result = hash_of(HASH_SHA256, buf_view(&r->text));
    return TQ_OK;
}

static void hex_put(canon *c, const char *key, const uint8_t *bytes)
{
    char hex[65];
    digest d;
    memcpy(d.b, bytes, sizeof d.b);
    digest_hex(d, hex);
    canon_kstr(c, key, str_of(hex));
}

static void summary_of(const redrawn *r, lots_summary *out)
{
    *out = (lots_summary){.number = r->of.number,
                          .units = (int64_t)r->n_units,
                          .visitors = (int64_t)r->outcome.n_visitors,
                          .population = r->population,
                          .final_seed = r->final_seed,
                          .result = r->result};
    for (size_t i = 0; i < r->outcome.n_strata; i++) {
        out->must += r->outcome.strata[i].must;
        out->drawn += r->outcome.strata[i].drawn;
    }
    TQ_ASSERT(out->must + out->drawn == (int64_t)r->outcome.n_picks);
}

tq_code lots_bundle_write(const lots_bundle *b, arena *a, buf *out, lots_summary *s, tq_err *err)
{
    redrawn r = {.text = buf_max(BUNDLE_TEXT_MAX)};
    const tq_code code = redraw(b, a, &r, err);
    if (code == TQ_OK) {
        canon c = canon_to(out);
        canon_open(&c);
        canon_kstr(&c, "format", STR(BUNDLE_FORMAT));
        canon_key(&c, "plan");
        canon_raw(&c, b->plan);
        hex_put(&c, "plan_sha256", r.plan.b);
        canon_kstr(&c, "population", b->population);
        hex_put(&c, "population_sha256", r.population.b);
        canon_kstr(&c, "pool", b->pool);
        hex_put(&c, "pool_sha256", r.pool.b);
        hex_put(&c, "commitment", r.commitment.b);
        hex_put(&c, "seed", b->seed);
        canon_kstr(&c, "public_value", b->public_value);
        hex_put(&c, "final_seed", r.final_seed.b);
        canon_kstr(&c, "result", buf_view(&r.text));
        hex_put(&c, "result_sha256", r.result.b);
        canon_close(&c);
        buf_char(out, '\n');
        summary_of(&r, s);
    }
    buf_free(&r.text);
    return code;
}

/* --- verify -------------------------------------------------------------------------------------- */

static tq_code differs(tq_err *err, const char *field, const char *what)
{
    return tq_fail(err, TQ_CORRUPT, "draw_differs", field, "%s", what);
}

/* R-DRAW-020: whatever is wrong inside a bundle is a difference: `member` goes before the place that was found. */
static tq_code as_difference(tq_code code, const char *member, tq_err *err)
{
    if (code == TQ_OK || code == TQ_CORRUPT || err == NULL) {
        return code == TQ_OK ? TQ_OK : TQ_CORRUPT;
    }
    const tq_err inner = *err;
    (void)differs(err, inner.field, inner.detail);
    if (member != NULL && strcmp(member, inner.field) != 0) {
        tq_err_at(err, "%s", member);
    }
    return TQ_CORRUPT;
}

static tq_code hex_same(const canon_node *o, const char *key, digest want, tq_err *err)
{
    str text = {0};
    digest found;
    TQ_TRY(as_difference(canon_need_str(o, key, &text, err), key, err));
    if (!digest_from_hex(text, &found) || !digest_eq(found, want)) {
        char hex[65];
        digest_hex(want, hex);
        return tq_fail(err, TQ_CORRUPT, "draw_differs", key, "recomputed it is %s", hex);
    }
    return TQ_OK;
}

/* Names the first line that is not as recomputed. */
static tq_code result_same(str found, str want, tq_err *err)
{
    size_t line = 1;
    for (size_t i = 0; i < found.len || i < want.len; i++) {
        if (i >= found.len || i >= want.len || found.data[i] != want.data[i]) {
            char place[32];
            buf text = buf_over(place, sizeof place);
            buf_text(&text, "result line ");
            buf_int(&text, (int64_t)line);
            return differs(err, place, "recomputed it is another");
        }
        line += found.data[i] == '\n' ? 1 : 0;
    }
    return TQ_OK;
}

static const char *const member_names[BUNDLE_MEMBERS] = {
    "format",     "plan",        "plan_sha256",   "population", "population_sha256",
    "pool",       "pool_sha256", "commitment",    "seed",       "public_value",
    "final_seed", "result",      "result_sha256",
};

/* The members, all of them, in their order and nothing else; the file ends in LF. */
static tq_code bundle_open(str text, arena *a, const canon_node **out, tq_err *err)
{
    const canon_node *o = NULL;
    if (text.len == 0 || text.data[text.len - 1] != '\n') {
        return differs(err, "file", "it does not end in a line feed");
    }
    TQ_TRY(as_difference(canon_read((str){text.data, text.len - 1}, a, &o, err), "file", err));
    const canon_node *k = o->type == CANON_OBJECT ? o->kids : NULL;
    for (size_t i = 0; i < TQ_COUNT(member_names); i++) {
        if (k == NULL || !str_eq(k->key, str_of(member_names[i]))) {
            return differs(err, member_names[i], "the member is not at its place");
        }
        k = k->next;
    }
    if (k != NULL) {
        return differs(err, "file", "it has a member more than a bundle has");
    }
    *out = o;
    return TQ_OK;
}

static tq_code bundle_read(const canon_node *o, lots_bundle *b, str *result, tq_err *err)
{
    str format = {0};
    str seed = {0};
    digest d;
    TQ_TRY(as_difference(canon_need_str(o, "format", &format, err), NULL, err));
    if (!str_eq(format, STR(BUNDLE_FORMAT))) {
        return differs(err, "format", "it is not " BUNDLE_FORMAT);
    }
    b->plan = canon_get(o, "plan")->raw;
    TQ_TRY(as_difference(canon_need_str(o, "population", &b->population, err), NULL, err));
    TQ_TRY(as_difference(canon_need_str(o, "pool", &b->pool, err), NULL, err));
    TQ_TRY(as_difference(canon_need_str(o, "seed", &seed, err), NULL, err));
    TQ_TRY(as_difference(canon_need_str(o, "public_value", &b->public_value, err), NULL, err));
    TQ_TRY(as_difference(canon_need_str(o, "result", result, err), NULL, err));
    if (!digest_from_hex(seed, &d)) {
        return differs(err, "seed", "it is not 64 lower-case hex digits");
    }
    memcpy(b->seed, d.b, sizeof b->seed);
    return TQ_OK;
}

/* Hashes before the texts they are of, so that the first member named is the one that was changed. */
static tq_code texts_same(const canon_node *o, const lots_bundle *b, tq_err *err)
{
    TQ_TRY(hex_same(o, "plan_sha256", hash_of(HASH_SHA256, b->plan), err));
    TQ_TRY(hex_same(o, "population_sha256", hash_of(HASH_SHA256, b->population), err));
    TQ_TRY(hex_same(o, "pool_sha256", hash_of(HASH_SHA256, b->pool), err));
    return hex_same(o, "commitment", lots_commitment(b->seed), err);
}

tq_code lots_bundle_verify(str text, arena *a, lots_summary *out, tq_err *err)
{
    const canon_node *o = NULL;
    lots_bundle b = {0};
    str result = {0};
    TQ_TRY(bundle_open(text, a, &o, err));
    TQ_TRY(bundle_read(o, &b, &result, err));
    TQ_TRY(texts_same(o, &b, err));
    redrawn r = {.text = buf_max(BUNDLE_TEXT_MAX)};
    tq_code code = as_difference(redraw(&b, a, &r, err), NULL, err);
    if (code == TQ_OK) {
        code = hex_same(o, "final_seed", r.final_seed, err);
    }
    if (code == TQ_OK) {
        code = result_same(result, buf_view(&r.text), err);
    }
    if (code == TQ_OK) {
        code = hex_same(o, "result_sha256", r.result, err);
    }
    if (code == TQ_OK) {
        summary_of(&r, out);
    }
    buf_free(&r.text);
    return code;
}
