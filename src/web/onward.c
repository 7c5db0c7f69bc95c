/* SPDX-License-Identifier: Apache-2.0 */
#include "web/onward.h"

#include "http/url.h"
#include "web/site_inner.h"

typedef struct onward {
    view_id from;
    const char *when; /* states of the row; "": any */
    const char *to;   /* a route with a form */
    const char *with; /* "field of the form=field of the row", with blanks between */
} onward;

static const onward onwards[] = {
    {VIEW_VOUCHER, "active", "order_propose", "voucher_id=id"},
    {VIEW_VOUCHER, "active frozen expired", "claim_file", "voucher_id=id"},
    {VIEW_SERVICE_ORDER, "accepted delivered confirmed", "invoice_add", "seller_id=institution_id"},
    {VIEW_SERVICE_ORDER, "accepted delivered confirmed", "proof_add", ""},
    {VIEW_SERVICE_ORDER, "confirmed", "claim_file", "voucher_id=voucher_id lines.0.order_id=id"},
    {VIEW_INVOICE, "normal", "proof_add", "amount=gross"},
    {VIEW_PUBLICATION, "open", "objection_file", ""},
    {VIEW_BATCH, "released sent", "bank_result_apply", "batch_id=id"},
    {VIEW_FUND_SOURCE, "", "fund_propose", "source_id=id budget_line_id=budget_line_id"},
    {VIEW_BUDGET_LINE, "", "source_open", "budget_line_id=id"},
    {VIEW_ORGANISATION, "active", "account_propose", "org_id=id holder=name"},
    {VIEW_ORGANISATION, "active", "case_open", "org_id=id"},
    {VIEW_DRAW, "published", "inspection_assign", "draw_id=id"},
    {VIEW_INSPECTION, "closed published", "case_open", "org_id=org_id"},
    {VIEW_SIGNAL, "confirmed", "case_open", "org_id=org_id"},
};

static void offer(const web_rq *w, doc *list, const route *r, str query)
{
    doc *o = doc_object(list, NULL);
    doc_text(o, "label", text_token(w->lang, "route", str_of(r->name)));
    const str path =
        arena_printf(w->call.a, "%s%s%s%.*s", r->path, r->kind == ROUTE_MAKE ? "/new" : "",
                     query.len > 0 ? "?" : "", STR_ARG(query));
    doc_text(o, "href", site_link(w, path));
}

/* One value of the row as a form writes it: plain digits, no thousands mark. */
static void plain(const web_rq *w, const view_field *f, const view_value *v, buf *out)
{
    if (f->type == VIEW_TYPE_MONEY) {
        money_print((money){v->n}, &w->style.money, out);
    } else if (v->s.len > 0) {
        buf_str_add(out, v->s);
    } else if (v->n > 0) {
        buf_int(out, v->n);
    }
}

/* "voucher_id=7&lines.0.order_id=3" from the row; what the row has not is left out. */
static str query_of(const web_rq *w, const view *v, const char *with)
{
    BUF_AUTO buf query = buf_max(2048);
    str left = str_of(with);
    while (left.len > 0) {
        const char *blank = memchr(left.data, ' ', left.len);
        const str pair = {left.data, blank == NULL ? left.len : (size_t)(blank - left.data)};
        const char *is = memchr(pair.data, '=', pair.len);
        TQ_ASSERT(is != NULL);
        const str name = {pair.data, (size_t)(is - pair.data)};
        const str of = {is + 1, pair.len - name.len - 1};
        const int at = view_field_at(v, arena_copy(w->call.a, of).data);
        TQ_ASSERT(at >= 0);
        BUF_AUTO buf value = buf_max(1024);
        plain(w, &v->fields[at], &w->row.values[at], &value);
        if (value.len > 0) {
            buf_printf(&query, "%s%.*s=", query.len > 0 ? "&" : "", STR_ARG(name));
            url_encode(buf_view(&value), &query);
        }
        left = blank == NULL ? (str){0} : (str){blank + 1, left.len - pair.len - 1};
    }
    return arena_copy(w->call.a, buf_view(&query));
}

void onward_of(const web_rq *w, doc *list)
{
    const view *v = view_of(w->match.route->view);
    const str state = v->state < 0 ? STR("") : w->row.values[v->state].s;
    for (size_t i = 0; i < TQ_COUNT(onwards); i++) {
        const route states = {.when = onwards[i].when};
        const route *to = route_named(onwards[i].to);
        TQ_ASSERT(to != NULL);
        if (onwards[i].from == w->match.route->view && route_when(&states, state) &&
            web_may(w, to)) {
            offer(w, list, to, query_of(w, v, onwards[i].with));
        }
    }
}

void onward_of_list(const web_rq *w, doc *list)
{
    const str head = arena_printf(w->call.a, "%s/", w->match.route->path);
    for (int i = 0; i < route_count; i++) {
        if (routes[i].kind == ROUTE_DO && str_starts(str_of(routes[i].path), head) &&
            web_may(w, &routes[i])) {
            offer(w, list, &routes[i], STR(""));
        }
    }
}

str onward_text(const web_rq *w)
{
    const view *v = view_of(w->match.route->view);
    if (v->state < 0) {
        return STR("");
    }
    const str key = arena_printf(w->call.a, "next.%s.%.*s", v->fields[v->state].of,
                                 STR_ARG(w->row.values[v->state].s));
    return text_find(w->lang, key) == NULL ? STR("") : str_of(text_of(w->lang, key.data));
}
