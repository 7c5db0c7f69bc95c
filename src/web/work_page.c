/* SPDX-License-Identifier: Apache-2.0 */
#include "web/acts.h"
#include "web/site_inner.h"

/* What waits for whom: rows of a view in a state that only this role takes further. */
static const struct {
    role role;
    view_id view;
    const char *state;
} duties[] = {
    {ROLE_FIRM_AGENT, VIEW_CLAIM, "returned"},
    {ROLE_FIRM_AGENT, VIEW_SERVICE_ORDER, "delivered"},
    {ROLE_FIRM_AGENT, VIEW_CLAIM, "draft"},
    {ROLE_FIRM_AGENT, VIEW_APPLICATION, "returned"},
    {ROLE_INST_AGENT, VIEW_SERVICE_ORDER, "proposed"},
    {ROLE_INST_AGENT, VIEW_SERVICE_ORDER, "accepted"},
    {ROLE_INST_AGENT, VIEW_CLAIM, "returned"},
    {ROLE_INTAKE, VIEW_APPLICATION, "submitted"},
    {ROLE_REVIEWER1, VIEW_APPLICATION, "submitted"},
    {ROLE_REVIEWER1, VIEW_CLAIM, "submitted"},
    {ROLE_REVIEWER2, VIEW_CLAIM, "checked"},
    {ROLE_OFFICE, VIEW_APPLICATION, "approved"},
    {ROLE_OFFICE, VIEW_CLAIM, "approved"},
    {ROLE_OFFICE, VIEW_CLAIM, "registered"},
    {ROLE_OFFICE, VIEW_CLAIM, "objected"},
    {ROLE_OFFICE, VIEW_VIOLATION_CASE, "opened"},
    {ROLE_GROUP, VIEW_APPLICATION, "submitted"},
    {ROLE_GROUP, VIEW_VIOLATION_CASE, "heard"},
    {ROLE_GROUP, VIEW_CLAIM, "objected"},
    {ROLE_FINANCE_MAKER, VIEW_CLAIM, "published"},
    {ROLE_FINANCE_MAKER, VIEW_BATCH, "open"},
    {ROLE_FINANCE_MAKER, VIEW_BATCH, "released"},
    {ROLE_FINANCE_MAKER, VIEW_BATCH, "sent"},
    {ROLE_FINANCE_MAKER, VIEW_BANK_LINE, "unmatched"},
    {ROLE_FINANCE_CHECKER, VIEW_BATCH, "locked"},
    {ROLE_FINANCE_CHECKER, VIEW_FUND_MOVE, "proposed"},
    {ROLE_FINANCE_CHECKER, VIEW_BANK_ACCOUNT, "proposed"},
    {ROLE_SECADMIN, VIEW_ROLE_GRANT, "proposed"},
    {ROLE_POLICY_APPROVER, VIEW_POLICY, "draft"},
};

static tq_code duties_of(web_rq *w, store_tx *tx, doc *list, tq_err *err)
{
    for (size_t i = 0; i < TQ_COUNT(duties); i++) {
        const view *v = view_of(duties[i].view);
        const route *r = route_of_view(duties[i].view, ROUTE_LIST, w->call.who.role);
        const view_query q = {.limit = 1, .state = str_of(duties[i].state), .q = STR("")};
        int64_t n = 0;
        if (duties[i].role != w->call.who.role || r == NULL) {
            continue;
        }
        TQ_TRY(view_count(tx, v, &w->scope, &q, &n, err));
        if (n == 0) {
            continue;
        }
        doc *d = doc_object(list, NULL);
        doc_token(d, "view", "view", str_of(v->name));
        doc_token(d, "state", arena_printf(w->call.a, "state.%s", v->fields[v->state].of).data,
                  str_of(duties[i].state));
        doc_int(d, "count", n);
        doc_text(d, "href", arena_printf(w->call.a, "%s?state=%s", r->path, duties[i].state));
    }
    return TQ_OK;
}

/* The first rows of what the role works with most. */
static tq_code recent(web_rq *w, store_tx *tx, doc *tables, tq_err *err)
{
    static const view_id of[] = {VIEW_VOUCHER, VIEW_SERVICE_ORDER, VIEW_CLAIM, VIEW_BATCH, VIEW_FUND_MOVE};
    int n = 0;
    for (size_t i = 0; i < TQ_COUNT(of) && n < 2; i++) {
        const route *r = route_of_view(of[i], ROUTE_LIST, w->call.who.role);
        const view_query q = {.limit = 8, .state = STR(""), .q = STR("")};
        view_rows rows;
        if (r == NULL || !view_within(view_of(of[i]), w->scope.reach)) {
            continue;
        }
        TQ_TRY(view_list(tx, view_of(of[i]), &w->scope, &q, w->call.a, &rows, err));
        if (rows.n > 0) {
            doc *t = doc_object(tables, NULL);
            view_table(w, t, "table", &rows);
            doc_text(t, "all", str_of(r->path));
            n++;
        }
    }
    return TQ_OK;
}

tq_code page_work(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(duties_of(w, tx, doc_list(body, "duties"), err));
    TQ_TRY(recent(w, tx, doc_for_page(doc_list(body, "tables")), err));
    store_rollback(&tx);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    doc *quick = doc_for_page(doc_list(body, "make"));
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        if (r->kind == ROUTE_MAKE && role_in(w->call.who.role, r->roles)) {
            doc *m = doc_object(quick, NULL);
            doc_text(m, "label", text_token(w->lang, "route", str_of(r->name)));
            const char *hint = text_find(w->lang, arena_printf(w->call.a, "hint.%s", r->name));
            doc_text(m, "hint", hint == NULL ? STR("") : str_of(hint));
            const str path = route_path(r, 0, w->call.a);
            doc_text(m, "href", arena_printf(w->call.a, "%.*s/new", STR_ARG(path)));
        }
    }
    return web_page(w, 200, "work", body, out, err);
}
