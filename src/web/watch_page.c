/* SPDX-License-Identifier: Apache-2.0 */
#include "app/watch_report.h"
#include "web/acts.h"
#include "web/site_inner.h"

/* Where the rows that a figure counts can be looked at. */
static const struct source {
    const char *token, *list, *state, *on; /* state and period of the list; "": none */
} sources[] = {
    {"draws", "draws", "published", "published"},
    {"drawn", "draws", "published", "published"},
    {"sample_due", "draws", "", ""},
    {"sampled", "draws", "published", ""},
    {"visits", "inspections", "", "visited"},
    {"findings", "inspections", "", "visited"},
    {"credit", "credit_entries", "", "counted"},
    {"signals", "signals", "", "raised"},
    {"confirmed", "signals", "confirmed", "decided"},
    {"opened", "cases", "", "opened"},
    {"decided", "cases", "", "decided"},
    {"dismissed", "cases", "dismissed", "decided"},
    {"bans", "bans", "", "banned"},
    {"delisted", "delistings", "", "delisted"},
    {"objections", "objections", "", "filed"},
    {"claimed_back", "recoveries", "", ""},
    {"recovered", "recoveries", "", ""},
    {"written_off", "recoveries", "", ""},
    {"tips", "tips", "", "received"},
    {"staff", "staff_signals", "", ""},
};

static str rows_href(const web_rq *w, const char *token, day from, day to)
{
    for (size_t i = 0; i < TQ_COUNT(sources); i++) {
        if (strcmp(sources[i].token, token) == 0) {
            return web_rows_href(w, sources[i].list, sources[i].state, sources[i].on, from, to);
        }
    }
    tq_assert_failed("a figure of app/watch_report.h has its list", __FILE__, __LINE__);
}

static void figure_put(const web_rq *w, const watch_figure *f, day from, day to, doc *list)
{
    doc *o = doc_object(list, NULL);
    doc_token(o, "figure", "watch_figure", str_of(f->token));
    doc_int(o, "count", f->count);
    doc_money(o, "amount", f->amount_fen);
    doc_for_page(doc_bool(o, "money", f->amount_fen != 0));
    doc_for_page(doc_text(o, "href", rows_href(w, f->token, from, to)));
}

static void inquiry_put(const web_rq *w, const watch_inquiry *i, doc *list)
{
    const route *item = route_named("inquiry");
    doc *o = doc_object(list, NULL);
    TQ_ASSERT(item != NULL);
    doc_int(o, "id", i->id);
    doc_text(o, "case_no", i->case_no);
    doc_day(o, "from_day", i->from.n);
    doc_day(o, "until_day", i->until.n);
    doc_bool(o, "urgent", i->urgent);
    doc_day(o, "papers_by", i->papers_by.n);
    doc_day(o, "papers_day", i->papers.n);
    doc_bool(o, "papers_late", i->papers_late);
    doc_bool(o, "hold_set", i->hold);
    doc_int(o, "readings", i->readings);
    doc_token(o, "state", "state.inquiry", i->state);
    doc_for_page(doc_text(o, "href", route_path(item, i->id, w->call.a)));
}

static void csv_reply(const watch_figure *rows, size_t n, http_reply *out)
{
    buf_text(&out->body, "figure,count,amount_fen\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&out->body, "%s,%lld,%lld\n", rows[i].token, (long long)rows[i].count,
                   (long long)rows[i].amount_fen);
    }
    out->status = 200;
    out->type = "text/csv; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition", STR("attachment; filename=\"supervision.csv\""));
}

/* Unasked it is the quarter that runs. */
static tq_code quarter(const web_rq *w, day *from, day *to, tq_err *err)
{
    TQ_TRY(web_period(w, from, to, err));
    if (http_arg(w->http, "from").len == 0) {
        const ymd now = day_ymd(w->call.today);
        *from = day_of_ymd((ymd){now.year, (now.month - 1) / 3 * 3 + 1, 1});
    }
    return TQ_OK;
}

static tq_code inquiries_put(const web_rq *w, day from, day to, doc *body, tq_err *err)
{
    doc *list = doc_list(body, "inquiries");
    const bool shown = web_may(w, route_named("inquiries"));
    doc_for_page(doc_bool(body, "supervisors", shown));
    if (!shown) {
        return TQ_OK;
    }
    watch_inquiry *rows = ARENA_NEW(w->call.a, watch_inquiry, WATCH_INQUIRIES_MAX);
    size_t n = 0;
    TQ_TRY(watch_inquiries(w->app, &w->call, from, to, rows, WATCH_INQUIRIES_MAX, &n, err));
    for (size_t i = 0; i < n; i++) {
        inquiry_put(w, &rows[i], list);
    }
    return TQ_OK;
}

tq_code page_watch_report(web_rq *w, http_reply *out, tq_err *err)
{
    watch_figure rows[WATCH_FIGURES_MAX];
    size_t n = 0;
    day from, to;
    TQ_TRY(quarter(w, &from, &to, err));
    TQ_TRY(watch_figures(w->app, &w->call, from, to, rows, &n, err));
    if (str_eq(http_arg(w->http, "format"), STR("csv"))) {
        csv_reply(rows, n, out);
        return TQ_OK;
    }
    doc *body = doc_new(w->call.a);
    doc_day(body, "from", from.n);
    doc_day(body, "to", to.n);
    doc *list = doc_list(body, "items");
    for (size_t i = 0; i < n; i++) {
        figure_put(w, &rows[i], from, to, list);
    }
    TQ_TRY(inquiries_put(w, from, to, body, err));
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "watch_report", body, out, err);
}
