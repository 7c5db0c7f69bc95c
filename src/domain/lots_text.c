/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/lots.h"

#include "base/canon.h"

#define POPULATION_HEAD "tongquan-draw-population-1\n"
#define POOL_HEAD "tongquan-draw-pool-1\n"
#define RESULT_HEAD "tongquan-draw-result-1\n"
#define COLUMNS_MAX 4
#define POOL_MAX 100000
#define TEXT_MAX 300

/* --- plan ---------------------------------------------------------------------------------------- */

static bool word_in(str s, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_eq(s, str_of(*words))) {
            return true;
        }
    }
    return false;
}

static tq_code plan_fail(tq_err *err, const char *field, const char *what)
{
    return tq_fail(err, TQ_INVALID, "draw_plan", field, "%s", what);
}

tq_code lots_plan_check(const lots_plan *p, tq_err *err)
{
    static const char *const units[] = {"firm", "amount", "claim", "voucher", NULL};
    static const char *const counted[] = {"paid_holders", "holders", NULL};
    static const char *const strata[] = {"none", "place", "kind", NULL};
    if (!str_line_ok(p->number, LOTS_KEY_MAX) || !str_line_ok(p->policy, LOTS_KEY_MAX)) {
        return plan_fail(err, "number", "number and policy of a draw are short lines");
    }
    if (!word_in(p->unit, units) || !word_in(p->counted, counted) || !word_in(p->strata, strata)) {
        return plan_fail(err, "unit", "unit, counted and strata are words of the list");
    }
    /* A firm may hold vouchers of several kinds: it would stand in several strata at once. */
    if (str_eq(p->strata, STR("kind")) && !str_eq(p->unit, STR("claim")) &&
        !str_eq(p->unit, STR("voucher"))) {
        return plan_fail(err, "strata", "kinds of voucher are strata of claims and vouchers only");
    }
    if (p->to.n < p->from.n) {
        return plan_fail(err, "to", "the period ends before it begins");
    }
    if (p->rate_bp < 1 || p->rate_bp > 10000) {
        return plan_fail(err, "rate_bp", "the rate lies between 1 and 10000 basis points");
    }
    if (p->visitors < 2 || p->visitors > 100) {
        return plan_fail(err, "visitors", "two inspectors at least, 100 at most");
    }
    const bool joined = p->public_source.len > 0;
    if ((joined && !str_line_ok(p->public_source, LOTS_PUBLIC_MAX)) ||
        joined != (p->public_day.n != DAY_NONE.n)) {
        return plan_fail(err, "public_day",
                         "a public value has a source and the day on which it becomes known");
    }
    return TQ_OK;
}

static void day_put(canon *c, const char *key, day d)
{
    char room[16];
    buf text = buf_over(room, sizeof room);
    if (d.n != DAY_NONE.n) {
        day_print(d, &text);
    }
    canon_kstr(c, key, buf_view(&text));
}

void lots_plan_write(const lots_plan *p, buf *out)
{
    canon c = canon_to(out);
    TQ_ASSERT(p->visitors >= 2);
    canon_open(&c);
    canon_kstr(&c, "number", p->number);
    canon_kstr(&c, "policy", p->policy);
    canon_kstr(&c, "unit", p->unit);
    canon_kstr(&c, "counted", p->counted);
    canon_kstr(&c, "strata", p->strata);
    day_put(&c, "from", p->from);
    day_put(&c, "to", p->to);
    canon_kint(&c, "rate_bp", p->rate_bp);
    canon_kint(&c, "visitors", p->visitors);
    canon_kstr(&c, "public_source", p->public_source);
    day_put(&c, "public_day", p->public_day);
    canon_close(&c);
}

static tq_code day_need(const canon_node *o, const char *key, bool may, day *out, tq_err *err)
{
    str text = {0};
    TQ_TRY(canon_need_str(o, key, &text, err));
    *out = DAY_NONE;
    return may && text.len == 0 ? TQ_OK : day_parse(text, out, err);
}

tq_code lots_plan_read(str text, arena *a, lots_plan *out, tq_err *err)
{
    const canon_node *o = NULL;
    lots_plan p = {0};
    TQ_TRY(canon_read(text, a, &o, err));
    if (o->type != CANON_OBJECT) {
        return plan_fail(err, "plan", "the plan is not an object");
    }
    TQ_TRY(canon_need_str(o, "number", &p.number, err));
    TQ_TRY(canon_need_str(o, "policy", &p.policy, err));
    TQ_TRY(canon_need_str(o, "unit", &p.unit, err));
    TQ_TRY(canon_need_str(o, "counted", &p.counted, err));
    TQ_TRY(canon_need_str(o, "strata", &p.strata, err));
    TQ_TRY(day_need(o, "from", false, &p.from, err));
    TQ_TRY(day_need(o, "to", false, &p.to, err));
    TQ_TRY(canon_need_int(o, "rate_bp", &p.rate_bp, err));
    TQ_TRY(canon_need_int(o, "visitors", &p.visitors, err));
    TQ_TRY(canon_need_str(o, "public_source", &p.public_source, err));
    TQ_TRY(day_need(o, "public_day", true, &p.public_day, err));
    TQ_TRY(lots_plan_check(&p, err));
    BUF_AUTO buf again = buf_max(text.len + TEXT_MAX);
    lots_plan_write(&p, &again);
    if (!str_eq(buf_view(&again), text)) { /* members beyond ours would bind nobody */
        return plan_fail(err, "plan", "the plan has other members than a plan has");
    }
    *out = p;
    return TQ_OK;
}

/* --- lists --------------------------------------------------------------------------------------- */

static bool key_ok(str s, size_t max)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '!' || s.data[i] > '~') {
            return false;
        }
    }
    return s.len > 0 && s.len <= max;
}

void lots_population_begin(buf *out)
{
    buf_text(out, POPULATION_HEAD);
}

void lots_population_add(buf *out, const lots_unit *u)
{
    TQ_ASSERT(key_ok(u->key, LOTS_KEY_MAX));
    TQ_ASSERT(u->amount >= 0);
    buf_str_add(out, u->stratum);
    buf_char(out, '\t');
    buf_str_add(out, u->key);
    buf_char(out, '\t');
    buf_int(out, u->amount);
    buf_text(out, u->must ? "\t1\n" : "\t0\n");
}

void lots_pool_begin(buf *out)
{
    buf_text(out, POOL_HEAD);
}

void lots_pool_add(buf *out, const lots_person *p)
{
    TQ_ASSERT(key_ok(p->code, LOTS_KEY_MAX));
    TQ_ASSERT(key_ok(p->conflict, LOTS_KEY_MAX));
    buf_str_add(out, p->code);
    buf_char(out, '\t');
    buf_str_add(out, p->conflict);
    buf_char(out, '\n');
}

/* Lines of a text below its head, split at tabs. */
typedef struct reader {
    str rest;
    size_t line; /* the last one read, the head is 1 */
    str last;    /* key of the line before */
    str cols[COLUMNS_MAX];
} reader;

static tq_code reader_fail(const reader *r, tq_err *err, const char *reason, const char *what)
{
    char place[32];
    buf text = buf_over(place, sizeof place);
    buf_text(&text, "line ");
    buf_int(&text, (int64_t)r->line);
    return tq_fail(err, TQ_INVALID, reason, place, "%s", what);
}

static tq_code reader_begin(reader *r, str text, str head, tq_err *err)
{
    *r = (reader){.rest = text, .line = 1};
    if (!str_starts(text, head) || text.data[text.len - 1] != '\n') {
        return reader_fail(r, err, "unit", "the text does not begin and end as it should");
    }
    r->rest = (str){text.data + head.len, text.len - head.len};
    return TQ_OK;
}

/* One line into exactly `n` columns; the text ends in LF. */
static tq_code reader_next(reader *r, size_t n, tq_err *err)
{
    TQ_ASSERT(n <= COLUMNS_MAX);
    const char *end = memchr(r->rest.data, '\n', r->rest.len);
    TQ_ASSERT(end != NULL);
    str left = {r->rest.data, (size_t)(end - r->rest.data)};
    r->rest = (str){end + 1, r->rest.len - left.len - 1};
    r->line++;
    for (size_t i = 0; i < n; i++) {
        const char *tab = left.len == 0 ? NULL : memchr(left.data, '\t', left.len);
        const size_t len = tab == NULL ? left.len : (size_t)(tab - left.data);
        r->cols[i] = (str){left.data, len};
        if ((tab == NULL) != (i + 1 == n)) {
            return reader_fail(r, err, "unit", "the line has not the columns it should have");
        }
        left = tab == NULL ? (str){0} : (str){tab + 1, left.len - len - 1};
    }
    return TQ_OK;
}

/* Ascending keys make the text one for one set of units, and twins neighbours. */
static tq_code reader_key(reader *r, str key, tq_err *err)
{
    if (!key_ok(key, LOTS_KEY_MAX)) {
        return reader_fail(r, err, "unit", "a key is of 1 to 64 visible ASCII characters");
    }
    const int order = r->last.data == NULL ? -1 : str_cmp(r->last, key);
    if (order == 0) {
        return reader_fail(r, err, "duplicate_key", "the key stands in the line before too");
    }
    if (order > 0) {
        return reader_fail(r, err, "key_order", "keys ascend by their bytes");
    }
    r->last = key;
    return TQ_OK;
}

static size_t lines_of(str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        n += text.data[i] == '\n' ? 1 : 0;
    }
    return n;
}

static tq_code unit_read(reader *r, lots_unit *out, tq_err *err)
{
    long long amount = 0;
    TQ_TRY(reader_next(r, 4, err));
    TQ_TRY(reader_key(r, r->cols[1], err));
    const str must = r->cols[3];
    if (!str_line_ok(r->cols[0], LOTS_STRATUM_MAX) || !str_int64(r->cols[2], &amount) ||
        (!str_eq(must, STR("0")) && !str_eq(must, STR("1")))) {
        return reader_fail(r, err, "unit", "stratum, amount or must-visit flag is malformed");
    }
    *out = (lots_unit){r->cols[0], r->cols[1], amount, must.data[0] == '1'};
    return TQ_OK;
}

tq_code lots_population_read(str text, arena *a, lots_unit **units, size_t *n, tq_err *err)
{
    reader r;
    TQ_TRY(reader_begin(&r, text, STR(POPULATION_HEAD), err));
    const size_t count = lines_of(r.rest);
    if (count == 0) {
        return tq_fail(err, TQ_INVALID, "empty_population", "draw.population",
                       "nothing is in the population: look at period and unit of the plan");
    }
    if (count > LOTS_UNITS_MAX) {
        return tq_fail(err, TQ_LIMIT, "units", "draw.population", "more than %d units",
                       LOTS_UNITS_MAX);
    }
    lots_unit *list = ARENA_NEW(a, lots_unit, count);
    for (size_t i = 0; i < count; i++) {
        TQ_TRY(unit_read(&r, &list[i], err));
    }
    TQ_ASSERT(r.rest.len == 0);
    *units = list;
    *n = count;
    return TQ_OK;
}

tq_code lots_pool_read(str text, arena *a, lots_person **people, size_t *n, tq_err *err)
{
    reader r;
    TQ_TRY(reader_begin(&r, text, STR(POOL_HEAD), err));
    const size_t count = lines_of(r.rest);
    if (count > POOL_MAX) {
        return tq_fail(err, TQ_LIMIT, "too_many_inspectors", "draw.pool", "more than %d inspectors",
                       POOL_MAX);
    }
    lots_person *list = ARENA_NEW(a, lots_person, count + 1);
    for (size_t i = 0; i < count; i++) {
        TQ_TRY(reader_next(&r, 2, err));
        TQ_TRY(reader_key(&r, r.cols[0], err));
        if (!key_ok(r.cols[1], LOTS_KEY_MAX)) {
            return reader_fail(&r, err, "unit", "a conflict is a token, or - for none");
        }
        list[i] = (lots_person){r.cols[0], r.cols[1]};
    }
    TQ_ASSERT(r.rest.len == 0);
    *people = list;
    *n = count;
    return TQ_OK;
}

/* --- result -------------------------------------------------------------------------------------- */

static void column(buf *out, int64_t n)
{
    buf_char(out, '\t');
    buf_int(out, n);
}

static void score_end(buf *out, const digest *score)
{
    buf_char(out, '\t');
    buf_hex(out, score->b, sizeof score->b);
    buf_char(out, '\n');
}

static void stratum_write(const lots_stratum *s, buf *out)
{
    TQ_ASSERT(s->must + s->drawn <= s->units);
    buf_text(out, "stratum\t");
    buf_str_add(out, s->name);
    column(out, s->units);
    column(out, s->weight);
    column(out, s->goal);
    column(out, s->must);
    column(out, s->drawn);
    column(out, s->drawn_weight);
    buf_char(out, '\n');
}

static void pick_write(const lots_input *in, const lots_outcome *o, const lots_pick *k, buf *out)
{
    TQ_ASSERT(k->unit < in->n_units);
    TQ_ASSERT(k->stratum < o->n_strata);
    buf_text(out, "case\t");
    buf_str_add(out, o->strata[k->stratum].name);
    buf_char(out, '\t');
    buf_str_add(out, in->units[k->unit].key);
    if (k->place == 0) { /* must-visit: no lot decided it */
        buf_text(out, "\tmust\t0\t-\n");
        return;
    }
    buf_text(out, "\tdrawn");
    column(out, k->place);
    score_end(out, &k->score);
}

void lots_result_write(const lots_input *in, const lots_outcome *o, buf *out)
{
    buf_text(out, RESULT_HEAD);
    for (size_t i = 0; i < o->n_strata; i++) {
        stratum_write(&o->strata[i], out);
    }
    for (size_t i = 0; i < o->n_picks; i++) {
        pick_write(in, o, &o->picks[i], out);
    }
    for (size_t i = 0; i < o->n_visitors; i++) {
        TQ_ASSERT(o->visitors[i].person < in->n_pool);
        buf_text(out, "inspector\t");
        buf_str_add(out, in->pool[o->visitors[i].person].code);
        column(out, (int64_t)i + 1);
        score_end(out, &o->visitors[i].score);
    }
}
