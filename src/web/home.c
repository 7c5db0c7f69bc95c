/* SPDX-License-Identifier: Apache-2.0 */
#include "web/home.h"

#include "web/html.h"
#include "web/site_inner.h"

#define FEN_PER_WAN INT64_C(1000000) /* 万元 */
#define FEN_PER_THOUSAND INT64_C(100000)
#define FEN_PER_YI INT64_C(10000000000) /* 亿元 */
#define FEN_PER_MILLION INT64_C(100000000)
#define NOTICES 6

/* In the order of the paper's table, the largest first. */
static const char *const services[] = {"testing", "novelty_search", "certification", "patent",
                                       "iur",     "standard",       "talent"};

static str amount(arena *a, money m, int64_t per)
{
    buf b = buf_max(64);
    html_amount(&b, m.minor, per);
    const str s = arena_copy(a, buf_view(&b));
    buf_free(&b);
    return s;
}

static str count(arena *a, int64_t n)
{
    buf b = buf_max(64);
    html_count(&b, n);
    const str s = arena_copy(a, buf_view(&b));
    buf_free(&b);
    return s;
}

static str say(const web_rq *w, const char *name)
{
    return text_token(w->lang, "text", str_of(name));
}

/* The name of a division, else of the province or county it lies in. */
static str region_name(const web_rq *w, str code)
{
    for (size_t n = code.len; n >= 2; n--) {
        const str part = {code.data, n};
        const char *found =
            text_find(w->lang, arena_printf(w->call.a, "region.%.*s", STR_ARG(part)));
        if (found != NULL) {
            return str_of(found);
        }
    }
    return arena_copy(w->call.a, code);
}

/* In what a table of this language counts. */
static int64_t scale(const web_rq *w)
{
    return w->lang == LANG_EN ? FEN_PER_THOUSAND : FEN_PER_WAN;
}

static doc *card(const web_rq *w, doc *list, const char *tone, const char *name)
{
    doc *k = doc_object(list, NULL);
    doc_text(k, "tone", str_of(tone));
    doc_text(k, "label", say(w, arena_printf(w->call.a, "kpi_%s", name).data));
    doc_text(k, "note", say(w, arena_printf(w->call.a, "kpi_%s_note", name).data));
    return k;
}

static void money_card(const web_rq *w, doc *list, const char *tone, const char *name, money m)
{
    const bool en = w->lang == LANG_EN;
    const bool large = m.minor >= FEN_PER_YI;
    doc *k = card(w, list, tone, name);
    doc_text(k, "v", amount(w->call.a, m, en ? FEN_PER_MILLION : large ? FEN_PER_YI : FEN_PER_WAN));
    doc_text(k, "u", say(w, en || large ? "unit_large" : "unit_scaled"));
}

static void cards(const web_rq *w, const report_headline *h, doc *body)
{
    doc *list = doc_list(body, "kpis");
    money_card(w, list, "b", "issued", h->issued);
    money_card(w, list, "g", "redeemed", h->redeemed);
    doc *rate = card(w, list, "y", "rate");
    doc_text(rate, "v", arena_printf(w->call.a, "%d.%02d", h->rate.n / 100, h->rate.n % 100));
    doc_text(rate, "u", STR("%"));
    money_card(w, list, "n", "induced", h->induced);
}

static int64_t service_count(const report_headline *h, const char *kind)
{
    for (int i = 0; i < h->n_services; i++) {
        if (str_eq(h->services[i].kind, str_of(kind))) {
            return h->services[i].count;
        }
    }
    return 0;
}

/* Table and picture at once: a bar is a <progress> against the largest count. */
static void bars(const web_rq *w, const report_headline *h, doc *body)
{
    doc *list = doc_list(body, "services");
    int64_t most = 1;
    for (size_t i = 0; i < TQ_COUNT(services); i++) {
        const int64_t n = service_count(h, services[i]);
        most = n > most ? n : most;
    }
    for (size_t i = 0; i < TQ_COUNT(services); i++) {
        const int64_t n = service_count(h, services[i]);
        doc *s = doc_object(list, NULL);
        doc_token(s, "kind", "outcome", str_of(services[i]));
        doc_int(s, "count", n);
        doc_int(s, "most", most);
        doc_text(s, "shown", count(w->call.a, n));
        doc_text(s, "unit", text_token(w->lang, "unit", str_of(services[i])));
    }
}

static void flow(const web_rq *w, const report_flow *f, doc *body)
{
    doc *list = doc_list(body, "flow");
    TQ_ASSERT(f->n >= 0 && f->n <= REPORT_CELLS_MAX);
    for (int i = 0; i < f->n; i++) {
        const report_flow_cell *c = &f->cells[i];
        doc *row = doc_object(list, NULL);
        doc_int(row, "year", c->year);
        doc_text(row, "region", region_name(w, c->region));
        doc_text(row, "orders", count(w->call.a, c->orders));
        doc_text(row, "contract", amount(w->call.a, c->contract, scale(w)));
        doc_text(row, "voucher", amount(w->call.a, c->voucher, scale(w)));
        doc_text(row, "own", amount(w->call.a, c->own, scale(w)));
    }
}

void home_figures(const web_rq *w, const home_view *v, doc *body)
{
    doc_bool(body, "empty", v->empty);
    cards(w, &v->headline, body);
    doc_day(body, "until", v->headline.until.n);
    bars(w, &v->headline, body);
    doc_text(body, "enterprises", count(w->call.a, v->headline.enterprises));
    flow(w, &v->flow, body);
}

void home_programme(const web_rq *w, const home_view *v, doc *line)
{
    arena *a = w->call.a;
    const programme_face *p = &v->programme;
    doc_text(line, "code", arena_copy(a, p->code));
    doc_text(line, "name", arena_copy(a, w->lang == LANG_EN ? p->name_en : p->name_zh));
    doc_text(line, "href", arena_printf(a, "/?programme=%.*s", STR_ARG(p->code)));
    doc_bool(line, "here", p->id == w->programme.id);
    doc_text(line, "issued", amount(a, v->headline.issued, scale(w)));
    doc_text(line, "redeemed", amount(a, v->headline.redeemed, scale(w)));
    doc_text(line, "rate",
             arena_printf(a, "%d.%02d%%", v->headline.rate.n / 100, v->headline.rate.n % 100));
    doc_text(line, "firms", count(a, v->headline.enterprises));
    doc_day(line, "until", v->headline.until.n);
}

/* Ways in, of those that this program has and the visitor may go. */
static void quick(const web_rq *w, doc *body)
{
    static const struct {
        const char *path, *route, *icon;
    } ways[] = {
        {"/register", "register", ICON("user-plus")},
        {"/applications/new", "application_file", ICON("ticket")},
        {"/organisations", "organisations", ICON("building")},
        {"/publications", "publications", ICON("speakerphone")},
        {"/bans", "bans", ICON("gavel")},
        {"/policy", "policy_now", ICON("file-text")},
        {"/calls", "calls", ICON("flag")},
        {"/agreements", "agreements", ICON("file-certificate")},
        {"/work", "work", ICON("home")},
    };
    doc *list = doc_list(body, "quick");
    for (size_t i = 0; i < TQ_COUNT(ways); i++) {
        if (route_find(HTTP_GET, str_of(ways[i].path)).route != NULL) {
            doc *q = doc_object(list, NULL);
            doc_text(q, "href", site_link(w, str_of(ways[i].path)));
            doc_text(q, "label", text_token(w->lang, "route", str_of(ways[i].route)));
            doc_text(q, "icon", str_of(ways[i].icon));
        }
    }
}

/* "G000005 · 12 claims · 1,234,500.00 yuan": a bare number tells a visitor nothing. */
static str notice_title(const web_rq *w, const view *v, const view_row *row)
{
    const str title = view_title(v, row, &w->style, w->call.a);
    const int count_at = view_field_at(v, "count");
    const int total_at = view_field_at(v, "total");
    if (count_at < 0 || total_at < 0) {
        return title;
    }
    buf total = buf_max(64);
    money_print_grouped((money){row->values[total_at].n}, &w->style.money, &total);
    const str amount_text = buf_view(&total);
    const str said =
        arena_printf(w->call.a, "%.*s · %lld %s · %.*s %s", STR_ARG(title),
                     (long long)row->values[count_at].n, text_of(w->lang, "unit.claims"),
                     STR_ARG(amount_text), text_of(w->lang, "unit.yuan"));
    buf_free(&total);
    return said;
}

static tq_code newest(const web_rq *w, store_tx *tx, view_id of, const char *tone,
                      const char *day_field, doc *list, tq_err *err)
{
    const view *v = view_of(of);
    const route *item = route_of_view(of, ROUTE_ITEM, ROLE_PUBLIC);
    const view_scope all = {.reach = REACH_PUBLIC, .programme_id = w->programme.id};
    const view_query q = {.limit = NOTICES / 2, .state = STR(""), .q = STR("")};
    const int day_at = view_field_at(v, day_field);
    view_rows rows;
    TQ_ASSERT(day_at > 0);
    TQ_TRY(view_list(tx, v, &all, &q, w->call.a, &rows, err));
    for (size_t i = 0; i < rows.n; i++) {
        doc *n = doc_object(list, NULL);
        doc_text(n, "kind", text_token(w->lang, "view", str_of(v->name)));
        doc_text(n, "tone", str_of(tone));
        doc_text(n, "title", notice_title(w, v, &rows.rows[i]));
        doc_text(n, "href",
                 item == NULL
                     ? STR("")
                     : site_link(w, route_path(item, rows.rows[i].values[0].n, w->call.a)));
        doc_day(n, "day", rows.rows[i].values[day_at].n);
    }
    return TQ_OK;
}

/* Whom to ask, as the programme has said it of itself. */
static tq_code contact(const web_rq *w, store_tx *tx, doc *body, tq_err *err)
{
    static const char *const names[] = {"office", "phone", "address"};
    const view *v = view_of(VIEW_PROGRAMME);
    const view_scope all = {.reach = REACH_PUBLIC};
    view_row row;
    doc *list = doc_list(body, "contact");
    if (w->programme.id == 0) {
        return TQ_OK;
    }
    TQ_TRY(view_one(tx, v, &all, w->programme.id, w->call.a, &row, err));
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        const str value = row.values[view_field_at(v, names[i])].s;
        if (value.len > 0) {
            doc *line = doc_object(list, NULL);
            doc_text(line, "label", text_token(w->lang, "field", str_of(names[i])));
            doc_text(line, "value", value);
        }
    }
    return TQ_OK;
}

/* Calls that take applications today, the newest first. */
static tq_code calls(const web_rq *w, store_tx *tx, doc *body, tq_err *err)
{
    const view *v = view_of(VIEW_OPEN_CALL);
    const route *item = route_of_view(VIEW_OPEN_CALL, ROUTE_ITEM, ROLE_PUBLIC);
    const view_scope all = {.reach = REACH_PUBLIC, .programme_id = w->programme.id};
    const view_query q = {.limit = VIEW_PAGE_MAX, .state = STR(""), .q = STR("")};
    const int from = view_field_at(v, "from_day");
    const int to = view_field_at(v, "to_day");
    const int closed = view_field_at(v, "closed_day");
    view_rows rows;
    doc *list = doc_list(body, "calls");
    TQ_ASSERT(item != NULL && from > 0 && to > 0 && closed > 0);
    TQ_TRY(view_list(tx, v, &all, &q, w->call.a, &rows, err));
    for (size_t i = 0; i < rows.n; i++) {
        const view_value *c = rows.rows[i].values;
        if (c[closed].n == 0 && c[from].n <= w->call.today.n && w->call.today.n <= c[to].n) {
            doc *one = doc_object(list, NULL);
            doc_text(one, "title", c[view_field_at(v, "title")].s);
            doc_text(one, "href", site_link(w, route_path(item, c[0].n, w->call.a)));
            doc_day(one, "from", c[from].n);
            doc_day(one, "to", c[to].n);
        }
    }
    return TQ_OK;
}

tq_code home_rest(web_rq *w, doc *body, tq_err *err)
{
    const route *publications = route_of_view(VIEW_PUBLICATION, ROUTE_LIST, ROLE_PUBLIC);
    doc *list = doc_list(body, "notices");
    TX_AUTO store_tx *tx = NULL;
    quick(w, body);
    doc_text(body, "notices_all",
             publications == NULL ? STR("") : site_link(w, str_of(publications->path)));
    doc_text(body, "object", site_link(w, STR("/objections/new")));
    doc_text(body, "tip", site_link(w, STR("/tips/new")));
    const route *enter = route_named("tip_enter"); /* calls and letters: for the staff */
    doc_text(body, "tip_enter",
             role_in(w->call.who.role, enter->roles) ? site_link(w, str_of(enter->path)) : STR(""));
    doc_text(body, "tip_progress", site_link(w, STR("/tips/progress")));
    doc_text(body, "headline", site_link(w, STR("/open/headline.json")));
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(contact(w, tx, body, err));
    TQ_TRY(calls(w, tx, body, err));
    TQ_TRY(newest(w, tx, VIEW_PUBLICATION, "y", "from_day", list, err));
    return newest(w, tx, VIEW_POLICY, "b", "from_day", list, err);
}
