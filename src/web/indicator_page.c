/* SPDX-License-Identifier: Apache-2.0 */
#include "app/indicator.h"
#include "web/acts.h"
#include "web/site_inner.h"

/* Where the rows that a figure counts can be looked at. */
static const struct source {
    const char *figure, *list, *query;
    const char *on; /* the period of the list (app/view.h); "": the list is not kept to the days */
    bool money;     /* part and whole are amounts, else rows or days */
} sources[] = {
    {"redemption", "claims", "", "paid", true},
    {"own_money", "orders", "confirmed", "confirmed", true},
    {"active_institutions", "orders", "confirmed", "confirmed", false},
    {"cross_region", "orders", "confirmed", "confirmed", false},
    {"on_time", "orders", "", "delivered", false},
    {"disputes", "orders", "disputed", "", false},
    {"repeat_use", "orders", "confirmed", "confirmed", false},
    {"answer_days", "orders", "", "agreed", false},
    {"payment_days", "claims", "", "paid", false},
};

static const struct source *source_of(str figure)
{
    for (size_t i = 0; i < TQ_COUNT(sources); i++) {
        if (str_eq(figure, str_of(sources[i].figure))) {
            return &sources[i];
        }
    }
    TQ_ASSERT(false); /* a figure of app/indicator.h without a row here */
    return NULL;
}

static str rows_href(const web_rq *w, const struct source *from, day first, day last)
{
    return web_rows_href(w, from->list, from->query, from->on, first, last);
}

static void counted(doc *o, const char *key, bool amount, int64_t n)
{
    (void)(amount ? doc_money(o, key, n) : doc_int(o, key, n));
}

/* A share is said in percent, days in whole ones and hundredths. */
static str said(const web_rq *w, const indicator *i, int64_t value)
{
    return arena_printf(w->call.a, "%lld.%02lld%s", (long long)(value / 100),
                        (long long)(value % 100), i->rule.in_days ? "" : "%");
}

/* The JSON leaves out what there is not; the page asks for it all the same. */
static void maybe(doc *value, bool there)
{
    if (!there) {
        doc_for_page(value);
    }
}

static void row_put(const web_rq *w, const indicator *i, day first, day last, doc *list)
{
    const bool en = w->lang == LANG_EN;
    const struct source *from = source_of(i->rule.figure);
    const bool judged = i->rule.has_target && i->value >= 0;
    doc *o = doc_object(list, NULL);
    doc_text(o, "id", i->rule.id);
    doc_token(o, "group", "indicator_group", i->rule.group);
    doc_text(o, "label", en ? i->rule.label_en : i->rule.label_zh);
    doc_text(o, "figure", i->rule.figure);
    doc_text(o, "owner", en ? i->rule.owner_en : i->rule.owner_zh);
    counted(o, "part", from->money, i->part);
    counted(o, "whole", from->money, i->whole);
    doc_text(o, "unit", i->rule.in_days ? STR("days") : STR("percent"));
    maybe(doc_text(o, "value", i->value >= 0 ? said(w, i, i->value) : STR("")), i->value >= 0);
    maybe(doc_text(o, "target", i->rule.has_target ? said(w, i, i->rule.target) : STR("")),
          i->rule.has_target);
    maybe(doc_bool(o, "met", i->met), judged);
    doc_for_page(doc_bool(o, "missed", judged && !i->met));
    doc_for_page(doc_bool(o, "days", i->rule.in_days));
    doc_for_page(doc_text(o, "meaning", text_token(w->lang, "policy_word", i->rule.figure)));
    doc_for_page(doc_text(o, "href", rows_href(w, from, first, last)));
}

/* Of a machine's table: basis points, or hundredths of a day. */
static void row_csv(const indicator *i, buf *out)
{
    buf_printf(out, "%.*s,%.*s,%.*s,%lld,%lld,", STR_ARG(i->rule.id), STR_ARG(i->rule.group),
               STR_ARG(i->rule.figure), (long long)i->part, (long long)i->whole);
    if (i->value >= 0) {
        buf_printf(out, "%lld", (long long)i->value);
    }
    buf_char(out, ',');
    if (i->rule.has_target) {
        buf_printf(out, "%lld", (long long)i->rule.target);
    }
    buf_text(out, !i->rule.has_target || i->value < 0 ? ",\n" : i->met ? ",yes\n" : ",no\n");
}

static void csv_reply(const indicator *rows, size_t n, http_reply *out)
{
    buf_text(&out->body, "id,group,figure,part,whole,value,target,met\n");
    for (size_t i = 0; i < n; i++) {
        row_csv(&rows[i], &out->body);
    }
    out->status = 200;
    out->type = "text/csv; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition", STR("attachment; filename=\"indicators.csv\""));
}

tq_code page_indicators(web_rq *w, http_reply *out, tq_err *err)
{
    indicator rows[INDICATORS_MAX];
    size_t n = 0;
    day from, to;
    TQ_TRY(web_period(w, &from, &to, err));
    TQ_TRY(indicators_read(w->app, &w->call, from, to, rows, &n, err));
    if (str_eq(http_arg(w->http, "format"), STR("csv"))) {
        csv_reply(rows, n, out);
        return TQ_OK;
    }
    doc *body = doc_new(w->call.a);
    doc_day(body, "from", from.n);
    doc_day(body, "to", to.n);
    doc *list = doc_list(body, "items");
    for (size_t i = 0; i < n; i++) {
        row_put(w, &rows[i], from, to, list);
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "indicators", body, out, err);
}
