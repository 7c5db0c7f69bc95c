/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/csv.h"
#include "base/hash.h"
#include "domain/states.h"
#include "http/url.h"
#include "web/onward.h"
#include "web/site_inner.h"

#define PAGE_ROWS 50
#define SHEET_ROWS_MAX 100000

static bool shown(const view_field *f, view_show at_most)
{
    return f->show <= at_most;
}

static bool numeric(const view_field *f)
{
    return f->type == VIEW_TYPE_MONEY || f->type == VIEW_TYPE_INT || f->type == VIEW_TYPE_BPS;
}

static doc *put_value(doc *in, const char *key, const view_field *f, const view_value *v)
{
    switch (f->type) {
    case VIEW_TYPE_ID:
    case VIEW_TYPE_INT:
        return doc_int(in, key, v->n);
    case VIEW_TYPE_MONEY:
        return doc_money(in, key, v->n);
    case VIEW_TYPE_DAY:
        return doc_day(in, key, v->n);
    case VIEW_TYPE_INSTANT:
        return doc_instant(in, key, v->n);
    case VIEW_TYPE_BPS:
        return doc_bps(in, key, v->n);
    case VIEW_TYPE_BOOL:
        return doc_bool(in, key, v->n != 0);
    case VIEW_TYPE_LINE:
        return doc_json(in, key, v->s);
    case VIEW_TYPE_TOKEN:
        return doc_token(in, key, f->of, v->s);
    case VIEW_TYPE_STATE:
        return doc_token(in, key, arena_printf(in->a, "state.%s", f->of).data, v->s);
    case VIEW_TYPE_TEXT:
    case VIEW_TYPE_CODE:
        return doc_text(in, key, v->s);
    }
    return NULL;
}

void view_fields(doc *in, const view *v, const view_row *row)
{
    for (int i = 0; i < v->n_fields; i++) {
        (void)put_value(in, v->fields[i].name, &v->fields[i], &row->values[i]);
    }
}

str view_title(const view *v, const view_row *row, const doc_style *style, arena *a)
{
    buf b = buf_max(1024);
    for (int i = 0; i < v->n_title; i++) {
        doc *one = doc_list(doc_new(a), "t");
        const int at = v->title[i];
        const doc *leaf = put_value(one, NULL, &v->fields[at], &row->values[at]);
        if (b.len > 0 && doc_true(leaf)) {
            buf_text(&b, " · ");
        }
        doc_write_plain(leaf, style, &b);
    }
    const str copy = arena_copy(a, buf_view(&b));
    buf_free(&b);
    return copy;
}

/* Over numbers and texts with their lengths: a value has one of the two, and the other is empty. */
str view_version(const view *v, const view_row *row, arena *a)
{
    buf b = buf_max(HTTP_REPLY_MAX);
    buf_text(&b, v->name);
    for (int i = 0; i < v->n_fields; i++) {
        buf_char(&b, '/');
        buf_int(&b, row->values[i].n);
        buf_char(&b, ':');
        buf_int(&b, (int64_t)row->values[i].s.len);
        buf_char(&b, ':');
        buf_str_add(&b, row->values[i].s);
    }
    TQ_ASSERT(buf_ok(&b));
    const digest d = hash_of(HASH_SHA256, buf_view(&b));
    buf_clear(&b);
    buf_hex(&b, d.b, 8);
    const str copy = arena_copy(a, buf_view(&b));
    buf_free(&b);
    return copy;
}

/* The colour of a state's tag: what waits for somebody, what is good, what has ended badly. */
static const char *tone(str state)
{
    static const struct {
        const char *words, *tone;
    } tones[] = {
        {" active paid approved confirmed in_force booked closed agreed reconciled settled issued "
         "done ",
         "g"},
        {" submitted proposed returned objected unknown disputed opened appealed waiting open "
         "filed ",
         "o"},
        {" refused cancelled expired returned_by_bank barred banned merged owed failed red "
         "declined ",
         "r"},
    };
    char word[80];
    const int n = snprintf(word, sizeof word, " %.*s ", STR_ARG(state));
    for (size_t i = 0; n > 0 && i < TQ_COUNT(tones); i++) {
        if (strstr(tones[i].words, word) != NULL) {
            return tones[i].tone;
        }
    }
    return "b";
}

static str link_of(const web_rq *w, const view_field *f, const view_row *row)
{
    if (f->link == VIEW_NONE || row->values[f->link_at].n == 0) {
        return STR("");
    }
    const route *r = route_of_view(f->link, ROUTE_ITEM, w->call.who.role);
    return r == NULL ? STR("") : site_link(w, route_path(r, row->values[f->link_at].n, w->call.a));
}

void view_cell(const web_rq *w, doc *cells, const view *of, const view_row *row, int at, str href)
{
    const view_field *f = &of->fields[at];
    const view_value *v = &row->values[at];
    doc *c = doc_object(cells, NULL);
    (void)put_value(c, "v", f, v);
    doc_text(c, "label", text_token(w->lang, "field", str_of(f->name)));
    doc_text(c, "href", href.len > 0 ? href : link_of(w, f, row));
    doc_bool(c, "num", numeric(f));
    doc_bool(c, "code", f->type == VIEW_TYPE_CODE);
    doc_bool(c, "line", f->type == VIEW_TYPE_LINE && v->s.len > 0);
    if (f->type == VIEW_TYPE_LINE) {
        decision_steps(w, c, v->s);
    }
    doc_bool(c, "whole",
             f->type == VIEW_TYPE_CODE || f->type == VIEW_TYPE_DAY || f->type == VIEW_TYPE_INSTANT);
    doc_text(c, "tone", str_of(f->type == VIEW_TYPE_STATE && v->s.len > 0 ? tone(v->s) : ""));
}

static void table_head(const web_rq *w, doc *table, const view *v)
{
    doc *head = doc_list(table, "head");
    for (int i = 0; i < v->n_fields; i++) {
        if (i > 0 && shown(&v->fields[i], VIEW_SHOW_FIELD)) {
            doc *h = doc_object(head, NULL);
            doc_text(h, "label", text_token(w->lang, "field", str_of(v->fields[i].name)));
            doc_bool(h, "num", numeric(&v->fields[i]));
        }
    }
}

/* The page of one row: the item of the view; of papers, the page that shows them. */
static const route *row_page(const web_rq *w, const view *v)
{
    const route *paper = route_named("evidence");
    if (str_starts(str_of(v->name), STR("evidence_of_"))) {
        return paper != NULL && web_may(w, paper) ? paper : NULL;
    }
    return route_of_view((view_id)(v - view_of((view_id)1) + 1), ROUTE_ITEM, w->call.who.role);
}

/* The first shown field of a row leads to its page. */
void view_table(web_rq *w, doc *in, const char *key, const view_rows *rows)
{
    const view *v = rows->of;
    doc *table = doc_for_page(doc_object(in, key));
    const route *item = row_page(w, v);
    doc_text(table, "label", text_token(w->lang, "view", str_of(v->name)));
    doc_bool(table, "cut", rows->more && rows->n == VIEW_CHILD_ROWS_MAX);
    table_head(w, table, v);
    doc *list = doc_list(table, "rows");
    for (size_t k = 0; k < rows->n; k++) {
        doc *cells = doc_list(doc_object(list, NULL), "cells");
        bool first = true;
        for (int i = 1; i < v->n_fields; i++) {
            if (shown(&v->fields[i], VIEW_SHOW_FIELD)) {
                const str href =
                    first && item != NULL
                        ? site_link(w, route_path(item, rows->rows[k].values[0].n, w->call.a))
                        : STR("");
                view_cell(w, cells, v, &rows->rows[k], i, href);
                first = false;
            }
        }
    }
}

/* `on`, `from` and `to`; false where it is none of them, or wrong. */
static bool period_part(const view *v, const http_pair *p, view_query *q)
{
    if (str_eq(p->name, STR("from"))) {
        return day_parse(p->value, &q->from, NULL) == TQ_OK;
    }
    if (str_eq(p->name, STR("to"))) {
        return day_parse(p->value, &q->to, NULL) == TQ_OK;
    }
    for (int i = 0; str_eq(p->name, STR("on")) && i < v->n_periods; i++) {
        if (str_eq(p->value, str_of(v->periods[i]))) {
            q->on = p->value;
            return true;
        }
    }
    return false;
}

static tq_code query_of(const web_rq *w, const view *v, view_query *q, tq_err *err)
{
    *q = (view_query){.limit = PAGE_ROWS, .state = STR(""), .q = STR("")};
    for (size_t i = 0; i < w->http->n_args; i++) {
        const http_pair *p = &w->http->args[i];
        long long n = 0;
        if (str_eq(p->name, STR("after")) && str_int64(p->value, &n)) {
            q->after = n;
        } else if (str_eq(p->name, STR("limit")) && str_int64(p->value, &n) && n >= 1 &&
                   n <= VIEW_PAGE_MAX) {
            q->limit = (int)n;
        } else if (str_eq(p->name, STR("state")) && v->by_state && str_line_ok(p->value, 40)) {
            q->state = p->value;
        } else if (v->n_periods > 0 && period_part(v, p, q)) {
            continue;
        } else if (str_eq(p->name, STR("q")) && v->by_search && str_line_ok(p->value, 200)) {
            q->q = p->value;
        } else if (p->value.len > 0 && !str_eq(p->name, STR("lang")) &&
                   !str_eq(p->name, STR("large")) && !str_eq(p->name, STR("programme"))) {
            return tq_fail(err, TQ_INVALID, "filter", arena_copy(w->call.a, p->name).data,
                           "this list cannot be asked so; see /api/docs");
        }
    }
    if ((q->on.len > 0) != (q->to.n != 0) || (q->on.len > 0 && q->from.n > q->to.n)) {
        return tq_fail(
            err, TQ_INVALID, "filter", "on",
            "a period is on, from and to together, and its last day is not before its first");
    }
    return TQ_OK;
}

static void url_part(buf *out, const char *name, str value)
{
    if (value.len > 0) {
        buf_printf(out, "%s%s=", out->len > 0 ? "&" : "", name);
        url_encode(value, out);
    }
}

static str day_text(const web_rq *w, day d)
{
    BUF_AUTO buf b = buf_max(32);
    day_print(d, &b);
    return arena_copy(w->call.a, buf_view(&b));
}

/* The list's address with its filters, from the row after `after` on. */
static str list_address(const web_rq *w, const view_query *q, const char *tail, int64_t after)
{
    buf b = buf_max(2048);
    url_part(&b, "state", q->state);
    url_part(&b, "q", q->q);
    if (q->on.len > 0) {
        url_part(&b, "on", q->on);
        url_part(&b, "from", day_text(w, q->from));
        url_part(&b, "to", day_text(w, q->to));
    }
    if (q->limit != PAGE_ROWS) {
        url_part(&b, "limit", arena_printf(w->call.a, "%d", q->limit));
    }
    if (after != 0) {
        url_part(&b, "after", arena_printf(w->call.a, "%lld", (long long)after));
    }
    const str path = arena_printf(w->call.a, "%s%s%s%.*s", w->match.route->path, tail,
                                  b.len > 0 ? "?" : "", STR_ARG(buf_view(&b)));
    buf_free(&b);
    return site_link(w, path);
}

static void makers(const web_rq *w, doc *body)
{
    doc *list = doc_for_page(doc_list(body, "make"));
    for (int i = 0; i < route_count; i++) {
        if (routes[i].kind == ROUTE_MAKE && routes[i].view == w->match.route->view &&
            web_may(w, &routes[i])) {
            doc *m = doc_object(list, NULL);
            doc_text(m, "label", text_token(w->lang, "route", str_of(routes[i].name)));
            doc_text(m, "href", arena_printf(w->call.a, "%s/new", routes[i].path));
        }
    }
    onward_of_list(w, list);
}

/* The states that a row of the list can be in, from the state table's texts. */
static void state_choices(const web_rq *w, const view *v, const view_query *q, doc *body)
{
    doc *list = doc_for_page(doc_list(body, "states"));
    if (!v->by_state || v->state < 0) {
        return;
    }
    const char *table = v->fields[v->state].of;
    size_t n = 0;
    const state_arrow *arrows = state_arrows(&n);
    for (size_t i = 0; i < n; i++) {
        bool again = strcmp(arrows[i].table, table) != 0;
        for (size_t k = 0; k < i && !again; k++) {
            again = strcmp(arrows[k].table, table) == 0 && strcmp(arrows[k].to, arrows[i].to) == 0;
        }
        if (!again) {
            const str token = str_of(arrows[i].to);
            doc *s = doc_object(list, NULL);
            doc_text(s, "value", token);
            doc_token(s, "label", arena_printf(w->call.a, "state.%s", table).data, token);
            doc_bool(s, "now", str_eq(token, q->state));
        }
    }
}

/* Which rows of a period are shown, as a figure counts them. */
static void period_put(const web_rq *w, const view_query *q, doc *body)
{
    const bool kept = q->on.len > 0;
    doc_for_page(doc_text(body, "on", q->on));
    doc_for_page(doc_text(body, "on_label", kept ? text_token(w->lang, "period", q->on) : STR("")));
    doc_for_page(doc_text(body, "from", kept ? day_text(w, q->from) : STR("")));
    doc_for_page(doc_text(body, "to", kept ? day_text(w, q->to) : STR("")));
}

tq_code list_page(web_rq *w, http_reply *out, tq_err *err)
{
    const view *v = view_of(w->match.route->view);
    view_query q;
    view_rows rows;
    int64_t total = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(query_of(w, v, &q, err));
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
    TQ_TRY(view_count(tx, v, &w->scope, &q, &total, err));
    store_rollback(&tx);
    doc *body = doc_new(w->call.a);
    doc *items = doc_list(body, "items");
    for (size_t i = 0; i < rows.n; i++) {
        view_fields(doc_object(items, NULL), v, &rows.rows[i]);
    }
    doc_int(body, "count", total);
    const str next =
        rows.more ? list_address(w, &q, "", rows.rows[rows.n - 1].values[0].n) : STR("");
    doc_text(body, "next", next);
    if (rows.more) {
        http_reply_header(out, "Link",
                          arena_printf(w->call.a, "<%.*s>; rel=\"next\"", STR_ARG(next)));
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    view_table(w, body, "table", &rows);
    makers(w, body);
    const char *hint = text_find(w->lang, arena_printf(w->call.a, "hint.%s", w->match.route->name));
    doc_for_page(doc_text(body, "hint", hint == NULL ? STR("") : str_of(hint)));
    state_choices(w, v, &q, body);
    doc_for_page(doc_text(body, "q", q.q));
    doc_for_page(doc_text(body, "state", q.state));
    doc_for_page(doc_bool(body, "by_search", v->by_search));
    doc_for_page(doc_bool(body, "filtered", q.q.len > 0 || q.state.len > 0 || q.on.len > 0));
    period_put(w, &q, body);
    doc_for_page(doc_bool(body, "later", q.after != 0));
    doc_for_page(doc_bool(body, "paged", q.after != 0 || rows.more));
    doc_for_page(doc_bool(body, "filters", v->by_search || doc_true(doc_get(body, STR("states")))));
    doc_for_page(doc_text(body, "first", list_address(w, &q, "", 0)));
    doc_for_page(doc_text(body, "csv", list_address(w, &q, ".csv", 0)));
    doc_for_page(doc_text(body, "here", site_link(w, str_of(w->match.route->path))));
    doc_for_page(doc_text(body, "programme",
                          w->programme.other && !w->signed_in ? w->programme.code : STR("")));
    return web_page(w, 200, "list", body, out, err);
}

static void sheet_row(const web_rq *w, const view *v, const view_row *row, buf *out)
{
    bool first = true;
    for (int i = 0; i < v->n_fields; i++) {
        if (!shown(&v->fields[i], VIEW_SHOW_DETAIL) || v->fields[i].type == VIEW_TYPE_LINE) {
            continue;
        }
        BUF_AUTO buf plain = buf_max(STORE_TEXT_MAX);
        if (row == NULL) {
            buf_str_add(&plain, text_token(w->lang, "field", str_of(v->fields[i].name)));
        } else {
            doc *one = doc_list(doc_new(w->call.a), "t");
            const doc *leaf = put_value(one, NULL, &v->fields[i], &row->values[i]);
            if (leaf->type == DOC_MONEY) { /* no thousands mark: a sheet must be able to add it */
                money_print((money){leaf->n}, &w->style.money, &plain);
            } else {
                doc_write_plain(leaf, &w->style, &plain);
            }
        }
        csv_cell(out, buf_view(&plain), first);
        first = false;
    }
    csv_end_row(out);
}

tq_code list_csv(web_rq *w, http_reply *out, tq_err *err)
{
    const view *v = view_of(w->match.route->view);
    view_query q;
    int64_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(query_of(w, v, &q, err));
    q.limit = VIEW_PAGE_MAX;
    TQ_TRY(work_read(w->app, &tx, err));
    buf_text(&out->body,
             "\xEF\xBB\xBF"); /* spreadsheets take UTF-8 for the local code page without it */
    sheet_row(w, v, NULL, &out->body);
    for (bool more = true; more && n < SHEET_ROWS_MAX;) {
        ARENA_AUTO arena *page = arena_new("csv page", 64U * 1024 * 1024);
        view_rows rows;
        web_rq part = *w;
        part.call.a = page;
        TQ_TRY(view_list(tx, v, &w->scope, &q, page, &rows, err));
        for (size_t i = 0; i < rows.n; i++) {
            sheet_row(&part, v, &rows.rows[i], &out->body);
        }
        n += (int64_t)rows.n;
        more = rows.more;
        q.after = rows.n > 0 ? rows.rows[rows.n - 1].values[0].n : 0;
    }
    out->type = "text/csv; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"%s.csv\"", v->name));
    return buf_ok(&out->body)
               ? TQ_OK
               : tq_fail(err, TQ_LIMIT, "list_size", NULL, "the list is too long; filter it");
}
