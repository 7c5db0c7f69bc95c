/* SPDX-License-Identifier: Apache-2.0 */
/* The published bundle of a draw, and its replay: what was fixed when, and which lot fell where (P-30). */
#include "app/draw.h"
#include "web/acts.h"
#include "web/site_inner.h"

#define LOTS_A_PAGE 100
#define REPLAY_UNITS_MAX 200000 /* of more the bundle tells: a page recomputes all of them */

/* The row in the visitor's scope: absent and not theirs alike. */
static tq_code draw_seen(web_rq *w, view_row *row, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    return view_one(tx, view_of(VIEW_DRAW), &w->scope, w->match.id, w->call.a, row, err);
}

tq_code page_draw_bundle(web_rq *w, http_reply *out, tq_err *err)
{
    view_row row;
    TQ_TRY(draw_seen(w, &row, err));
    TQ_TRY(draw_bundle(w->app, w->match.id, true, &out->body, err));
    out->status = 200;
    out->type = "application/json";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"draw-%lld.json\"",
                                   (long long)w->match.id));
    return TQ_OK;
}

/* --- steps --------------------------------------------------------------------------------------- */

static const view_value *value_of(const view_row *row, const char *name)
{
    const int at = view_field_at(view_of(VIEW_DRAW), name);
    TQ_ASSERT(at >= 0);
    return &row->values[at];
}

static void fact(doc *list, const char *name, str value)
{
    if (value.len > 0) {
        doc *o = doc_object(list, NULL);
        doc_token(o, "name", "field", str_of(name));
        doc_text(o, "value", value);
    }
}

/* One step with what it fixed; a step that is still to come has no day. */
static void step_put(doc *steps, const view_row *row, const char *name, const char *day_field,
                     const char *const *fields)
{
    const int64_t when = value_of(row, day_field)->n;
    doc *o = doc_object(steps, NULL);
    doc_token(o, "step", "draw_step", str_of(name));
    doc_day(o, "day", when);
    doc *facts = doc_list(o, "facts");
    for (; when != 0 && *fields != NULL; fields++) {
        fact(facts, *fields, value_of(row, *fields)->s);
    }
}

static void steps_put(doc *body, const view_row *row)
{
    static const char *const plan[] = {"number", "public_source", NULL};
    static const char *const freeze[] = {"population_sha256", "pool_sha256", "commitment", NULL};
    static const char *const run[] = {"seed", "public_value", "final_seed", NULL};
    static const char *const publish[] = {"result_sha256", NULL};
    doc *steps = doc_list(body, "steps");
    step_put(steps, row, "plan", "planned_day", plan);
    step_put(steps, row, "freeze", "frozen_day", freeze);
    step_put(steps, row, "run", "drawn_day", run);
    step_put(steps, row, "publish", "published_day", publish);
}

/* --- lots ---------------------------------------------------------------------------------------- */

typedef struct replay {
    lots_plan plan;
    lots_input in;
    lots_outcome out;
} replay;

/* All of it computed again, from the bundle's givens and nothing else. */
static tq_code replay_run(const web_rq *w, arena *room, replay *r, tq_err *err)
{
    draw_given g;
    lots_unit *units = NULL;
    lots_person *people = NULL;
    TQ_TRY(draw_givens(w->app, w->match.id, true, room, &g, err));
    TQ_TRY(lots_plan_read(g.texts.plan, room, &r->plan, err));
    TQ_TRY(lots_population_read(g.texts.population, room, &units, &r->in.n_units, err));
    TQ_TRY(lots_pool_read(g.texts.pool, room, &people, &r->in.n_pool, err));
    r->in.plan = &r->plan;
    r->in.units = units;
    r->in.pool = people;
    r->in.final_seed = g.final_seed;
    return lots_draw(&r->in, room, &r->out, err);
}

static void strata_put(const web_rq *w, doc *body, const replay *r, size_t chosen)
{
    doc *list = doc_list(body, "strata");
    for (size_t i = 0; i < r->out.n_strata; i++) {
        const lots_stratum *s = &r->out.strata[i];
        doc *o = doc_object(list, NULL);
        doc_text(o, "stratum", arena_copy(w->call.a, s->name));
        doc_int(o, "units", s->units);
        doc_int(o, "must", s->must);
        if (str_eq(r->plan.unit, STR("amount"))) {
            doc_money(o, "goal", s->goal);
        } else {
            doc_int(o, "goal", s->goal);
        }
        doc_int(o, "drawn", s->drawn);
        doc_for_page(doc_bool(o, "chosen", i == chosen));
        doc_for_page(doc_text(o, "href",
                              site_link(w, arena_printf(w->call.a, "/draws/%lld/replay?stratum=%zu",
                                                        (long long)w->match.id, i + 1))));
    }
}

static void lot_put(const web_rq *w, doc *list, const lots_unit *u, int64_t rank, const lots_lot *l)
{
    char hex[65];
    const char *how = l == NULL ? "must" : l->place > 0 ? "drawn" : "not_drawn";
    doc *o = doc_object(list, NULL);
    doc_int(o, "rank", rank);
    doc_text(o, "key", arena_copy(w->call.a, u->key));
    doc_money(o, "amount", u->amount);
    doc_token(o, "how", "draw_how", str_of(how));
    doc_for_page(doc_bool(o, "in", l == NULL || l->place > 0));
    hex[0] = '\0';
    if (l != NULL) {
        digest_hex(l->score, hex);
    }
    doc_text(o, "score", arena_copy(w->call.a, str_of(hex)));
}

/* Lots of one stratum in order of their scores, must-visit ones before them: `skip` are left out, at most a
 * page is put. *more: there are others. */
static void lots_put(const web_rq *w, doc *body, const replay *r, str stratum, size_t skip,
                     bool *more)
{
    doc *list = doc_list(body, "lots");
    size_t seen = 0;
    int64_t rank = 0;
    *more = false;
    for (size_t i = 0; i < r->in.n_units; i++) {
        const lots_unit *u = &r->in.units[i];
        if (u->must && str_eq(u->stratum, stratum) && seen++ >= skip &&
            seen <= skip + LOTS_A_PAGE) {
            lot_put(w, list, u, 0, NULL);
        }
    }
    for (size_t i = 0; i < r->out.n_lots; i++) {
        const lots_unit *u = &r->in.units[r->out.lots[i].item];
        if (!str_eq(u->stratum, stratum)) {
            continue;
        }
        rank++;
        if (seen++ >= skip && seen <= skip + LOTS_A_PAGE) {
            lot_put(w, list, u, rank, &r->out.lots[i]);
        }
    }
    *more = seen > skip + LOTS_A_PAGE;
}

static void visitors_put(const web_rq *w, doc *body, const replay *r)
{
    doc *list = doc_list(body, "inspectors");
    for (size_t i = 0; i < r->out.n_visitors; i++) {
        char hex[65];
        doc *o = doc_object(list, NULL);
        digest_hex(r->out.visitors[i].score, hex);
        doc_text(o, "code", arena_copy(w->call.a, r->in.pool[r->out.visitors[i].person].code));
        doc_text(o, "score", arena_copy(w->call.a, str_of(hex)));
    }
    doc *out = doc_list(body, "conflicts");
    for (size_t i = 0; i < r->in.n_pool; i++) {
        if (!str_eq(r->in.pool[i].conflict, STR("-"))) {
            doc *o = doc_object(out, NULL);
            doc_text(o, "code", arena_copy(w->call.a, r->in.pool[i].code));
            doc_token(o, "conflict", "draw_conflict",
                      arena_copy(w->call.a, r->in.pool[i].conflict));
        }
    }
}

/* A place of the query, from 1; anything else is the first. */
static size_t place_of(const web_rq *w, const char *name, size_t most)
{
    long long n = 0;
    return str_int64(http_arg(w->http, name), &n) && n >= 1 && (size_t)n <= most ? (size_t)n - 1
                                                                                 : 0;
}

static tq_code lots_page(const web_rq *w, doc *body, tq_err *err)
{
    replay r = {0};
    bool more = false;
    ARENA_AUTO arena *room = arena_new("draw", DRAW_ROOM);
    TQ_TRY(replay_run(w, room, &r, err));
    const size_t chosen = place_of(w, "stratum", r.out.n_strata);
    const size_t page = place_of(w, "page", REPLAY_UNITS_MAX);
    strata_put(w, body, &r, chosen);
    doc_text(body, "stratum", arena_copy(w->call.a, r.out.strata[chosen].name));
    doc_int(body, "page_number", (int64_t)page + 1);
    lots_put(w, body, &r, r.out.strata[chosen].name, page * LOTS_A_PAGE, &more);
    doc_bool(body, "more", more);
    doc_for_page(doc_text(body, "next_href",
                          !more
                              ? STR("")
                              : site_link(w, arena_printf(w->call.a,
                                                          "/draws/%lld/replay?stratum=%zu&page=%zu",
                                                          (long long)w->match.id, chosen + 1,
                                                          page + 2))));
    visitors_put(w, body, &r);
    return TQ_OK;
}

tq_code page_draw_replay(web_rq *w, http_reply *out, tq_err *err)
{
    view_row row;
    TQ_TRY(draw_seen(w, &row, err));
    const bool published = str_eq(value_of(&row, "state")->s, STR("published"));
    const bool shown = published && value_of(&row, "draw_units")->n <= REPLAY_UNITS_MAX;
    doc *body = doc_new(w->call.a);
    doc_int(body, "id", w->match.id);
    doc_text(body, "number", value_of(&row, "number")->s);
    doc_token(body, "state", "state.draw", value_of(&row, "state")->s);
    steps_put(body, &row);
    doc_bool(body, "published", published);
    doc_bool(body, "shown", shown);
    if (shown) {
        TQ_TRY(lots_page(w, body, err));
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    doc_text(body, "item_href",
             site_link(w, arena_printf(w->call.a, "/draws/%lld", (long long)w->match.id)));
    doc_text(body, "bundle_href",
             site_link(w,
                       arena_printf(w->call.a, "/draws/%lld/bundle.json", (long long)w->match.id)));
    page_title(body, text_token(w->lang, "route", STR("draw_replay")));
    return web_page(w, 200, "draw_replay", body, out, err);
}
