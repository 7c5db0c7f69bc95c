/* SPDX-License-Identifier: Apache-2.0 */
#include "web/site.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "http/url.h"
#include "web/acts.h"
#include "web/assets.h"
#include "web/gate.h"
#include "web/home.h"
#include "web/metrics.h"
#include "web/site_inner.h"
#include "web/template.h"

#define FIGURES_ARENA_MAX (4 * 1024 * 1024)
#define BODY_MAX (1024 * 1024)       /* of a form or JSON */
#define FILE_MAX (16 * 1024 * 1024)  /* of one file; a route may say less */
#define PROGRAMMES_MAX 64

typedef struct zone_of {
    int64_t programme_id;
    zone *z;
} zone_of;

/* Figures of one programme: computed again only when the log has grown or a day has begun. */
typedef struct figures {
    int64_t programme_id;
    arena *a;
    int64_t seq;
    home_view view;
} figures;

struct web_site {
    app *site;
    const char *base_url;
    metrics *metrics;
    oidc *sign_in;
    atomic_bool draining;
    pthread_mutex_t lock; /* guards what follows */
    zone_of zones[PROGRAMMES_MAX];
    size_t n_zones;
    figures shown[PROGRAMMES_MAX];
    size_t n_shown;
};

bool site_https(const web_site *s)
{
    return s->base_url != NULL && strncmp(s->base_url, "https://", 8) == 0;
}

const char *site_base(const web_site *s)
{
    return s->base_url == NULL ? "" : s->base_url;
}

oidc *site_sign_in(const web_site *s)
{
    return s->sign_in;
}

bool site_own_origin(const web_site *s, str origin, str host)
{
    if (s->base_url != NULL) {
        return str_eq(origin, str_of(s->base_url));
    }
    static const str scheme = {"http://", 7};
    return str_starts(origin, scheme) &&
           str_eq((str){origin.data + scheme.len, origin.len - scheme.len}, host);
}

tq_code web_site_new(app *site, const web_options *o, web_site **out, tq_err *err)
{
    oidc *sign_in = NULL;
    TQ_TRY(templates_check(err));
    TQ_TRY(oidc_new(&o->sign_in, o->base_url, &sign_in, err));
    web_site *w = calloc(1, sizeof *w);
    TQ_ASSERT(w != NULL);
    w->site = site;
    w->metrics = o->metrics;
    w->base_url = o->base_url;
    w->sign_in = sign_in;
    TQ_ASSERT(pthread_mutex_init(&w->lock, NULL) == 0);
    *out = w;
    return TQ_OK;
}

void web_site_free(web_site *w)
{
    if (w == NULL) {
        return;
    }
    for (size_t i = 0; i < w->n_zones; i++) {
        zone_free(w->zones[i].z);
    }
    for (size_t i = 0; i < w->n_shown; i++) {
        arena_free(w->shown[i].a);
    }
    (void)pthread_mutex_destroy(&w->lock);
    oidc_free(w->sign_in);
    free(w);
}

void web_site_drain(web_site *w)
{
    atomic_store(&w->draining, true);
}

/* --- the programme of a request --------------------------------------------------------------------- */

/* Zones are kept as long as the site: a page borrows them without a lock. */
static tq_code zone_for(web_site *s, int64_t programme_id, str name, arena *a, const zone **out, tq_err *err)
{
    tq_code code = TQ_OK;
    TQ_ASSERT(pthread_mutex_lock(&s->lock) == 0);
    size_t i = 0;
    while (i < s->n_zones && s->zones[i].programme_id != programme_id) {
        i++;
    }
    if (i == s->n_zones && i < PROGRAMMES_MAX) {
        code = zone_open(arena_copy(a, name).data, &s->zones[i].z, err);
        s->zones[i].programme_id = programme_id;
        s->n_zones += code == TQ_OK ? 1 : 0;
    } else if (i == PROGRAMMES_MAX) {
        code = tq_fail(err, TQ_LIMIT, "programmes", NULL, "more programmes than one server can show");
    }
    if (code == TQ_OK) {
        *out = s->zones[i].z;
    }
    TQ_ASSERT(pthread_mutex_unlock(&s->lock) == 0);
    return code;
}

static str text_at(const view *v, const view_row *row, const char *name)
{
    const int at = view_field_at(v, name);
    TQ_ASSERT(at >= 0);
    return row->values[at].s;
}

static tq_code take_programme(web_rq *w, const view *v, const view_row *row, tq_err *err)
{
    web_programme p = {.id = row->values[0].n};
    p.code = text_at(v, row, "code");
    p.name_zh = text_at(v, row, "name_zh");
    p.name_en = text_at(v, row, "name_en");
    TQ_TRY(currency_of(text_at(v, row, "currency"), &p.money, err));
    p.zone_name = text_at(v, row, "zone");
    TQ_TRY(zone_for(w->site, p.id, p.zone_name, w->call.a, &p.zone, err));
    w->programme = p;
    w->style.money = p.money;
    w->style.zone = p.zone;
    w->call.today = zone_day(p.zone, w->call.at);
    return TQ_OK;
}

tq_code site_programmes(web_rq *w, view_rows *rows, tq_err *err)
{
    const view_scope all = {.reach = REACH_PROGRAMME};
    const view_query q = {.limit = PROGRAMMES_MAX, .state = STR(""), .q = STR("")};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    return view_list(tx, view_of(VIEW_PROGRAMME), &all, &q, w->call.a, rows, err);
}

/* ?programme=CODE, so that each programme's public pages have an address that can be handed on. The first
 * programme is the site's face, and needs none; newest come first in the list. */
static tq_code asked_for(const web_rq *w, const view *v, const view_rows *rows, size_t *at, tq_err *err)
{
    const str code = http_arg(w->http, "programme");
    *at = rows->n - 1;
    if (code.len == 0) {
        return TQ_OK;
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (str_eq(text_at(v, &rows->rows[i], "code"), code)) {
            *at = i;
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_NOT_FOUND, "no_such_address", "programme", "there is no programme of this code");
}

str site_link(const web_rq *w, str path)
{
    if (!w->programme.other || w->signed_in || path.len == 0) {
        return path;
    }
    const char *mark = memchr(path.data, '?', path.len) == NULL ? "?" : "&";
    return arena_printf(w->call.a, "%.*s%sprogramme=%.*s", STR_ARG(path), mark, STR_ARG(w->programme.code));
}

tq_code site_programme(web_rq *w, tq_err *err)
{
    const view *v = view_of(VIEW_PROGRAMME);
    view_rows rows;
    size_t at = 0;
    w->programme = (web_programme){.code = STR(""), .name_zh = STR("通券"), .name_en = STR("Tongquan")};
    w->call.today = (day){(int32_t)(w->call.at.us / (INT64_C(86400) * 1000000))};
    TQ_TRY(currency_of(STR("CNY"), &w->style.money, err));
    TQ_TRY(site_programmes(w, &rows, err));
    if (rows.n == 0) {
        return TQ_OK;
    }
    TQ_TRY(asked_for(w, v, &rows, &at, err));
    TQ_TRY(take_programme(w, v, &rows.rows[at], err));
    w->programme.other = at + 1 != rows.n;
    return TQ_OK;
}

tq_code site_programme_of(web_rq *w, int64_t programme_id, tq_err *err)
{
    const view *v = view_of(VIEW_PROGRAMME);
    const view_scope all = {.reach = REACH_PROGRAMME};
    view_row row;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &all, programme_id, w->call.a, &row, err));
    return take_programme(w, v, &row, err);
}

/* --- home page ------------------------------------------------------------------------------------- */

static tq_code last_seq(app *site, int64_t *seq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    return store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, seq, err);
}

/* Under the lock. More programmes than the site has room for share the last place. */
static figures *figures_slot(web_site *s, int64_t programme_id)
{
    size_t i = 0;
    while (i < s->n_shown && s->shown[i].programme_id != programme_id) {
        i++;
    }
    if (i == PROGRAMMES_MAX) {
        i = PROGRAMMES_MAX - 1;
        s->shown[i].seq = -1;
    } else if (i == s->n_shown) {
        s->n_shown++;
        s->shown[i] = (figures){.seq = -1, .a = arena_new("home figures", FIGURES_ARENA_MAX)};
    }
    s->shown[i].programme_id = programme_id;
    return &s->shown[i];
}

static tq_code compute(web_site *s, figures *f, const programme_face *p, day today, tq_err *err)
{
    const programme_face face = {
        .id = p->id,
        .code = arena_copy(f->a, p->code),
        .name_zh = arena_copy(f->a, p->name_zh),
        .name_en = arena_copy(f->a, p->name_en),
        .zone = arena_copy(f->a, p->zone),
    };
    f->view.programme = face;
    TQ_TRY(report_headline_of(s->site, &f->view.programme, today, f->a, &f->view.headline, err));
    return report_flow_of(s->site, &f->view.programme, today, f->a, &f->view.flow, err);
}

/* Under the lock; *out is good until it is given up. */
static tq_code figures_of(web_site *s, const programme_face *p, day today, const home_view **out, tq_err *err)
{
    int64_t seq = 0;
    figures *f = figures_slot(s, p->id);
    TQ_TRY(last_seq(s->site, &seq, err));
    *out = &f->view;
    if (seq == f->seq && f->view.headline.until.n == today.n) {
        return TQ_OK;
    }
    arena_reset(f->a);
    f->seq = -1;
    f->view = (home_view){0};
    if (p->id == 0) { /* no programme yet */
        f->view.empty = true;
        f->view.headline.until = today;
    } else {
        TQ_TRY(compute(s, f, p, today, err));
    }
    f->seq = seq;
    return TQ_OK;
}

static programme_face face_of(const web_rq *w)
{
    const web_programme *p = &w->programme;
    return (programme_face){p->id, p->code, p->name_zh, p->name_en, p->zone_name};
}

/* All programmes of the installation, each with its figures of today; nothing where there is only one. */
static tq_code all_programmes(web_rq *w, doc *list, tq_err *err)
{
    const view *v = view_of(VIEW_PROGRAMME);
    const home_view *shown = NULL;
    view_rows rows;
    TQ_TRY(site_programmes(w, &rows, err));
    for (size_t i = 0; i < rows.n && rows.n > 1; i++) {
        const view_row *row = &rows.rows[i];
        const zone *z = NULL;
        const programme_face face = {row->values[0].n, text_at(v, row, "code"), text_at(v, row, "name_zh"),
                                     text_at(v, row, "name_en"), text_at(v, row, "zone")};
        TQ_TRY(zone_for(w->site, face.id, face.zone, w->call.a, &z, err));
        TQ_ASSERT(pthread_mutex_lock(&w->site->lock) == 0);
        const tq_code code = figures_of(w->site, &face, zone_day(z, w->call.at), &shown, err);
        if (code == TQ_OK) {
            home_programme(w, shown, doc_object(list, NULL));
        }
        TQ_ASSERT(pthread_mutex_unlock(&w->site->lock) == 0);
        TQ_TRY(code);
    }
    return TQ_OK;
}

tq_code page_home(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    const programme_face face = face_of(w);
    const home_view *shown = NULL;
    TQ_ASSERT(pthread_mutex_lock(&w->site->lock) == 0);
    const tq_code code = figures_of(w->site, &face, w->call.today, &shown, err);
    if (code == TQ_OK) {
        home_figures(w, shown, body);
    }
    TQ_ASSERT(pthread_mutex_unlock(&w->site->lock) == 0);
    TQ_TRY(code);
    TQ_TRY(all_programmes(w, doc_list(body, "programmes"), err));
    TQ_TRY(home_rest(w, body, err));
    return web_page(w, 200, "home", body, out, err);
}

tq_code page_headline(web_rq *w, http_reply *out, tq_err *err)
{
    const programme_face face = face_of(w);
    const home_view *shown = NULL;
    TQ_ASSERT(pthread_mutex_lock(&w->site->lock) == 0);
    tq_code code = figures_of(w->site, &face, w->call.today, &shown, err);
    if (code == TQ_OK && shown->empty) {
        code = tq_fail(err, TQ_NOT_FOUND, "no_programme", NULL, "no programme has been set up yet");
    } else if (code == TQ_OK) {
        out->status = 200;
        out->type = "application/json";
        report_headline_write(&shown->headline, &out->body);
    }
    TQ_ASSERT(pthread_mutex_unlock(&w->site->lock) == 0);
    return code;
}

/* --- health ------------------------------------------------------------------------------------------ */

static tq_code ready(app *site, bool *writes_off, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(work_read(site, &tx, err));
    TQ_TRY(store_query(tx, STMT_WRITES_OFF_REASON, NO_ARGS, &r, err));
    return rows_next(&r, writes_off, err);
}

static void health(const web_site *s, bool alive_only, http_reply *out)
{
    tq_err err;
    bool writes_off = false;
    const char *why = NULL;
    if (alive_only) {
        why = NULL;
    } else if (atomic_load(&s->draining)) {
        why = "draining";
    } else if (ready(s->site, &writes_off, &err) != TQ_OK) {
        why = "store";
    } else if (writes_off) {
        why = "writes_off"; /* a check of the ledger has failed: reading goes on (I36) */
    }
    out->status = why == NULL ? 200 : 503;
    out->type = "application/json";
    buf_printf(&out->body, "{\"status\":\"%s\"}", why == NULL ? "ok" : why);
}

/* --- one request --------------------------------------------------------------------------------------- */

static bool is_health(str path, bool *alive_only)
{
    *alive_only = str_eq(path, STR("/livez"));
    return *alive_only || str_eq(path, STR("/healthz")) || str_eq(path, STR("/readyz"));
}

static int64_t file_max(const route *r)
{
    int64_t most = 0;
    for (int i = 0; i < r->n_fields; i++) {
        if (r->fields[i].type == FIELD_FILE && r->fields[i].max > most) {
            most = r->fields[i].max < FILE_MAX ? r->fields[i].max : FILE_MAX;
        }
    }
    return most;
}

static void plan(void *ctx, const http_request *head, http_plan *out)
{
    bool alive_only = false;
    (void)ctx;
    *out = (http_plan){0};
    if (str_starts(head->path, STR("/assets/"))) {
        out->at_once = true;
        out->allow = "GET, HEAD";
        out->status = head->method == HTTP_GET || head->method == HTTP_HEAD ? 0 : 405;
        return;
    }
    if (is_health(head->path, &alive_only)) {
        out->at_once = alive_only;
        return;
    }
    const route_match m = route_find(head->method, head->path);
    if (m.route == NULL && m.allow != NULL) {
        out->status = 405;
        out->allow = m.allow;
    } else if (m.route != NULL && head->method == HTTP_POST) {
        out->body_max = BODY_MAX;
        out->file_max = file_max(m.route);
        out->kinds = 1U << HTTP_FORM | 1U << HTTP_JSON | (out->file_max > 0 ? 1U << HTTP_MULTIPART : 0U) |
                     (m.route->n_fields == 0 ? 1U << HTTP_NO_BODY : 0U);
    }
}

static bool in_state(const web_rq *w)
{
    const view *v = view_of(w->match.route->view);
    return v->state < 0 || route_when(w->match.route, w->row.values[v->state].s);
}

/* The row as the form or the program saw it, where it says so: nobody decides on what has changed. */
static tq_code same_version(const web_rq *w, tq_err *err)
{
    const route *r = w->match.route;
    str seen = http_header(w->http, "If-Match");
    if (r->kind == ROUTE_ACT && !in_state(w)) {
        return tq_fail(err, TQ_CONFLICT, "not_in_this_state", NULL, "this cannot be done in the state it is in");
    }
    if (seen.len > 1 && seen.data[0] == '"') {
        seen = (str){seen.data + 1, seen.len - 2};
    }
    if (seen.len == 0) {
        seen = input_raw(w->http, STR("_version"));
    }
    if (r->kind != ROUTE_ACT || seen.len == 0 ||
        str_eq(seen, view_version(view_of(r->view), &w->row, w->call.a))) {
        return TQ_OK;
    }
    return tq_fail(err, TQ_CONFLICT, "changed_meanwhile", NULL,
                   "this has changed since you opened it; look at it again");
}

static tq_code answer_get(web_rq *w, http_reply *out, tq_err *err)
{
    const route *r = w->match.route;
    if (w->match.form) {
        TQ_TRY(same_version(w, err));
        return form_page(w, 200, NULL, NULL, out, err);
    }
    switch (r->kind) {
    case ROUTE_LIST:
        return w->match.csv ? list_csv(w, out, err) : list_page(w, out, err);
    case ROUTE_ITEM:
        return item_page(w, out, err);
    case ROUTE_PAGE:
        return r->page(w, out, err);
    case ROUTE_MAKE:
    case ROUTE_ACT:
    case ROUTE_DO:
        break;
    }
    return tq_fail(err, TQ_INTERNAL, "route", NULL, "a route without an answer");
}

static tq_code load_row(web_rq *w, tq_err *err)
{
    const route *r = w->match.route;
    if (r->kind != ROUTE_ITEM && r->kind != ROUTE_ACT) {
        return TQ_OK;
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    return view_one(tx, view_of(r->view), &w->scope, w->match.id, w->call.a, &w->row, err);
}

typedef struct act_run {
    web_rq *w;
    const field_slot *slots;
    web_done *done;
} act_run;

static tq_code run_act(void *ctx, tq_err *err)
{
    act_run *run = ctx;
    run->w->refused_by = 0; /* of a try that was not committed */
    *run->done = (web_done){.view = run->w->match.route->made};
    return run->w->match.route->act(run->w, run->slots, run->done, err);
}

static tq_code show_done(web_rq *w, web_done *done, http_reply *out, tq_err *err)
{
    const route *r = w->match.route;
    if (done->cookie != NULL) {
        http_reply_header(out, "Set-Cookie", str_of(done->cookie));
    }
    if (done->refused) {
        w->refused_by = done->decision_id;
        return tq_fail(err, TQ_REFUSED, done->refusal, NULL, "a rule of the scheme refuses this: %s",
                       done->refusal);
    }
    if (done->download.name != NULL) {
        out->status = 200;
        out->type = done->download.type;
        out->sandboxed = true;
        http_reply_header(out, "Content-Disposition",
                          arena_printf(w->call.a, "attachment; filename=\"%s\"", done->download.name));
        buf_str_add(&out->body, done->download.bytes);
        return TQ_OK;
    }
    if (done->once != NULL) {
        if (w->json) {
            web_json(w, 200, done->once, out);
            return TQ_OK;
        }
        return web_page(w, 200, done->once_page == NULL ? "once" : done->once_page, done->once, out, err);
    }
    const view_id of = done->view != VIEW_NONE ? done->view : r->kind == ROUTE_ACT ? r->view : VIEW_NONE;
    const int64_t id = done->view != VIEW_NONE ? done->id : w->match.id;
    const route *item = of == VIEW_NONE ? NULL : route_of_view(of, ROUTE_ITEM, w->call.who.role);
    const str path = item != NULL        ? route_path(item, id, w->call.a)
                     : done->path != NULL ? str_of(done->path)
                                          : STR("/work");
    if (!w->json) {
        if (done->cookie == NULL) { /* not for coming, going and changing the role */
            http_reply_header(out, "Set-Cookie", str_of(gate_cookie(w, COOKIE_DID, str_of(r->name), true)));
        }
        web_go(out, path);
        return TQ_OK;
    }
    http_reply_header(out, "Location", path);
    const unsigned status = r->kind == ROUTE_MAKE ? 201 : 200;
    if (item == NULL) {
        doc *body = doc_new(w->call.a);
        doc_text(body, "location", path);
        web_json(w, status, body, out);
        return TQ_OK;
    }
    w->match.route = item;
    w->match.id = id;
    TQ_TRY(load_row(w, err));
    TQ_TRY(item_page(w, out, err));
    out->status = status;
    return TQ_OK;
}

/* A rule had said no: the same no, from the decision that was recorded. */
static tq_code refused_again(web_rq *w, int64_t decision_id, web_done *done, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    const view *v = view_of(VIEW_DECISION);
    view_row row;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &w->scope, decision_id, w->call.a, &row, err));
    const int reason = view_field_at(v, "reason");
    TQ_ASSERT(reason >= 0);
    done->refused = true;
    done->refusal = arena_copy(w->call.a, row.values[reason].s).data;
    done->decision_id = decision_id;
    return TQ_OK;
}

/* The first try had been done and its answer was lost: the row it made is the answer again. */
static tq_code show_repeated(web_rq *w, http_reply *out, tq_err *err)
{
    const route *r = w->match.route;
    const view_id of = r->made != VIEW_NONE ? r->made : r->view;
    web_done done = {0};
    int64_t id = 0;
    if (idem_row(&w->once, w->call.a, "refusal", &id)) {
        TQ_TRY(refused_again(w, id, &done, err));
    } else if (of != VIEW_NONE && idem_row(&w->once, w->call.a, view_of(of)->name, &id)) {
        done.view = of;
        done.id = id;
    }
    http_reply_header(out, "Idempotency-Replayed", STR("true"));
    return show_done(w, &done, out, err);
}

/* Has the key been used, for this command or another? Asked without doing anything. */
static tq_code key_used(const web_rq *w, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    if (w->call.idem == NULL) {
        return TQ_OK;
    }
    const tq_code code = work_begin(w->app, &w->call, ROLES_ANY, &tx, err);
    return code == TQ_CONFLICT ? code : TQ_OK;
}

static tq_code answer_post(web_rq *w, http_reply *out, input_faults *faults, tq_err *err)
{
    const route *r = w->match.route;
    field_slot *slots = ARENA_NEW(w->call.a, field_slot, r->n_fields + 1);
    web_done done = {0};
    act_run run = {w, slots, &done};
    if (!w->json && input_asks_again(w->http)) {
        return form_page(w, 200, NULL, NULL, out, err); /* nothing is done: the form is looked at */
    }
    TQ_TRY(gate_change(w, err));
    TQ_TRY(input_read(r, w->http, &w->programme.money, slots, faults, err));
    tq_code code = same_version(w, err);
    if (code == TQ_OK) {
        code = app_retry(&w->call, run_act, &run, err);
    }
    if (code != TQ_OK && !idem_repeated(w->call.idem)) {
        tq_err used; /* it may fail now just because the first try changed what it stands on */
        if (key_used(w, &used) != TQ_OK) {
            code = TQ_CONFLICT;
            *err = used;
        }
    }
    if (code == TQ_CONFLICT && idem_repeated(w->call.idem)) {
        return show_repeated(w, out, err);
    }
    TQ_TRY(code);
    return show_done(w, &done, out, err);
}

static void failed(web_rq *w, const tq_err *why, const input_faults *faults, http_reply *out)
{
    const route *r = w->match.route;
    tq_err err;
    const bool form_again = r != NULL && w->http->method == HTTP_POST && !w->json &&
                            (why->code == TQ_INVALID || why->code == TQ_REFUSED || why->code == TQ_CONFLICT ||
                             why->code == TQ_LIMIT) &&
                            w->http->body_kind != HTTP_JSON;
    buf_clear(&out->body);
    if (form_again) {
        (void)memcpy(out->log_reason, why->reason, sizeof out->log_reason);
        if (form_page(w, why->code == TQ_CONFLICT ? 409 : 422, faults, why, out, &err) == TQ_OK) {
            return;
        }
    }
    if (why->code == TQ_FORBIDDEN && strcmp(why->reason, "not_signed_in") == 0 && !w->json &&
        w->http->method != HTTP_POST) {
        BUF_AUTO buf next = buf_max(3 * HTTP_URI_MAX);
        url_encode(w->http->path, &next);
        web_go(out, arena_printf(w->call.a, "/login?next=%.*s", STR_ARG(buf_view(&next))));
        return;
    }
    web_problem(w, why, faults, out);
}

/* Before anything else is open, a user sets a password of their own, and staff a second factor. */
static bool must_first(const web_rq *w)
{
    const route *r = w->match.route;
    return w->signed_in && w->caller.must != MUST_NOTHING && r != NULL && role_in(ROLE_PUBLIC, r->roles) == false;
}

static void handle(void *ctx, const http_request *rq, http_reply *out)
{
    web_site *s = ctx;
    tq_err err = {0};
    bool alive_only = false;
    out->status = 200;
    if (asset_answer(rq, out)) {
        return;
    }
    if (is_health(rq->path, &alive_only)) {
        health(s, alive_only, out);
        return;
    }
    if (metrics_answer(s->metrics, rq, out)) {
        return;
    }
    web_rq *w = ARENA_NEW(rq->a, web_rq, 1);
    input_faults *faults = ARENA_NEW(rq->a, input_faults, 1);
    w->site = s;
    w->app = s->site;
    w->http = rq;
    w->call = (call){.at = {rq->at_us}, .a = rq->a, .refused_by = &w->refused_by};
    w->match = route_find(rq->method, rq->path);
    tq_code code = gate_enter(w, &err);
    if (w->match.route != NULL) {
        out->log_route = w->match.route->path;
    }
    out->log_user = w->signed_in ? w->caller.user_id : 0;
    if (code != TQ_OK && must_first(w) && !w->json) {
        web_go(out, w->caller.must == MUST_PASSWORD ? STR("/me/password") : STR("/me/factor"));
        return;
    }
    if (code == TQ_OK) {
        code = load_row(w, &err);
    }
    if (code == TQ_OK) {
        code = rq->method == HTTP_POST ? answer_post(w, out, faults, &err) : answer_get(w, out, &err);
    }
    if (code != TQ_OK) {
        failed(w, &err, faults, out);
    }
}

/* A failure before or beside handle: no session has been looked at. */
static void failure(void *ctx, const http_request *head, unsigned status, const char *reason, http_reply *out)
{
    (void)ctx;
    doc *p = doc_new(head->a);
    static const doc_style plain = {.lang = LANG_EN};
    doc_text(p, "type", arena_printf(head->a, "/problems/%s", reason));
    doc_text(p, "title", text_token(LANG_EN, "reason", str_of(reason)));
    doc_int(p, "status", status);
    doc_text(p, "reason", str_of(reason));
    doc_text(p, "request", str_of(head->id));
    out->status = status;
    out->type = "application/problem+json";
    doc_write_json(p, &plain, &out->body);
}

http_app web_site_app(web_site *w)
{
    return (http_app){.plan = plan, .handle = handle, .failure = failure, .ctx = w};
}
