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

#define BODY_MAX (1024 * 1024)      /* of a form or JSON */
#define FILE_MAX (16 * 1024 * 1024) /* of one file; a route may say less */

typedef struct zone_of {
    int64_t programme_id;
    zone *z;
} zone_of;

struct web_site {
    app *site;
    const char *base_url;
    metrics *metrics;
    oidc *sign_in;
    atomic_bool draining;
    home_cache *home;
    readings *readings;
    pthread_mutex_t lock; /* guards what follows */
    zone_of zones[PROGRAMMES_MAX];
    size_t n_zones;
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

home_cache *site_home(const web_site *s)
{
    return s->home;
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
    TQ_TRY(item_names_check(err));
    TQ_TRY(oidc_new(&o->sign_in, o->base_url, &sign_in, err));
    web_site *w = calloc(1, sizeof *w);
    TQ_ASSERT(w != NULL);
    w->site = site;
    w->metrics = o->metrics;
    w->base_url = o->base_url;
    w->sign_in = sign_in;
    w->home = home_cache_new();
    w->readings = readings_new(site);
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
    readings_free(w->readings);
    home_cache_free(w->home);
    (void)pthread_mutex_destroy(&w->lock);
    oidc_free(w->sign_in);
    free(w);
}

void web_site_drain(web_site *w)
{
    atomic_store(&w->draining, true);
}

tq_code site_note_reading(web_rq *w, view_id of, int64_t id, const char *what, tq_err *err)
{
    const int table = view_of(of)->reads;
    return !w->signed_in || table < 0
               ? TQ_OK
               : reading_note(w->site->readings, &w->call, table, id, what, err);
}

/* --- the programme of a request --------------------------------------------------------------------- */

tq_code site_zone(web_site *s, int64_t programme_id, str name, arena *a, const zone **out,
                  tq_err *err)
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
        code =
            tq_fail(err, TQ_LIMIT, "programmes", NULL, "more programmes than one server can show");
    }
    if (code == TQ_OK) {
        *out = s->zones[i].z;
    }
    TQ_ASSERT(pthread_mutex_unlock(&s->lock) == 0);
    return code;
}

str view_text(const view *v, const view_row *row, const char *name)
{
    const int at = view_field_at(v, name);
    TQ_ASSERT(at >= 0);
    return row->values[at].s;
}

static tq_code take_programme(web_rq *w, const view *v, const view_row *row, tq_err *err)
{
    web_programme p = {.id = row->values[0].n};
    p.code = view_text(v, row, "code");
    p.name_zh = view_text(v, row, "name_zh");
    p.name_en = view_text(v, row, "name_en");
    TQ_TRY(currency_of(view_text(v, row, "currency"), &p.money, err));
    p.zone_name = view_text(v, row, "zone");
    TQ_TRY(site_zone(w->site, p.id, p.zone_name, w->call.a, &p.zone, err));
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
static tq_code asked_for(const web_rq *w, const view *v, const view_rows *rows, size_t *at,
                         tq_err *err)
{
    const str code = http_arg(w->http, "programme");
    *at = rows->n - 1;
    if (code.len == 0) {
        return TQ_OK;
    }
    for (size_t i = 0; i < rows->n; i++) {
        if (str_eq(view_text(v, &rows->rows[i], "code"), code)) {
            *at = i;
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_NOT_FOUND, "no_such_address", "programme",
                   "there is no programme of this code");
}

str site_link(const web_rq *w, str path)
{
    if (!w->programme.other || w->signed_in || path.len == 0) {
        return path;
    }
    const char *mark = memchr(path.data, '?', path.len) == NULL ? "?" : "&";
    return arena_printf(w->call.a, "%.*s%sprogramme=%.*s", STR_ARG(path), mark,
                        STR_ARG(w->programme.code));
}

tq_code site_programme(web_rq *w, tq_err *err)
{
    const view *v = view_of(VIEW_PROGRAMME);
    view_rows rows;
    size_t at = 0;
    w->programme =
        (web_programme){.code = STR(""), .name_zh = STR("通券"), .name_en = STR("Tongquan")};
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
        out->kinds = 1U << HTTP_FORM | 1U << HTTP_JSON |
                     (out->file_max > 0 ? 1U << HTTP_MULTIPART : 0U) |
                     (m.route->n_fields == 0 ? 1U << HTTP_NO_BODY : 0U);
    }
}

static void failed(web_rq *w, const tq_err *why, const input_faults *faults, http_reply *out)
{
    const route *r = w->match.route;
    tq_err err;
    const bool form_again = r != NULL && w->http->method == HTTP_POST && !w->json &&
                            (why->code == TQ_INVALID || why->code == TQ_REFUSED ||
                             why->code == TQ_CONFLICT || why->code == TQ_LIMIT) &&
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
    return w->signed_in && w->caller.must != MUST_NOTHING && r != NULL &&
           role_in(ROLE_PUBLIC, r->roles) == false;
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
        code =
            rq->method == HTTP_POST ? answer_post(w, out, faults, &err) : answer_get(w, out, &err);
    }
    if (code != TQ_OK) {
        failed(w, &err, faults, out);
    }
}

/* A failure before or beside handle: no session has been looked at. */
static void failure(void *ctx, const http_request *head, unsigned status, const char *reason,
                    http_reply *out)
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
