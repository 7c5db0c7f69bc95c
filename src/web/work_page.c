/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "web/acts.h"
#include "web/duties.h"
#include "web/site_inner.h"

/* How much it presses: what came back, what waits for a word of ours, and the rest. */
static const char *duty_tone(const char *state)
{
    static const char back[] = " returned objected disputed unmatched ";
    static const char waits[] = " delivered proposed approved heard released locked ";
    char word[40];
    const int n = snprintf(word, sizeof word, " %s ", state);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof word);
    return strstr(back, word) != NULL ? "r" : strstr(waits, word) != NULL ? "o" : "b";
}

static const char *icon_of_view(const web_rq *w, view_id of)
{
    const route *list = route_of_view(of, ROUTE_LIST, w->call.who.role);
    return list == NULL || list->icon == NULL ? ICON("file-text") : list->icon;
}

static void one_duty(const web_rq *w, doc *list, const duty *now, int64_t n)
{
    const view *v = view_of(now->view);
    doc *d = doc_object(list, NULL);
    doc_token(d, "view", "view", str_of(v->name));
    doc_token(d, "state", arena_printf(w->call.a, "state.%s", v->fields[v->state].of).data,
              str_of(now->state));
    doc_int(d, "count", n);
    doc_text(d, "href", duty_path(w, now));
    const char *tone = duty_tone(now->state);
    doc_for_page(doc_text(d, "tone", str_of(tone)));
    doc_for_page(doc_text(d, "icon",
                          str_of(tone[0] == 'r' ? ICON("alert-triangle")
                                                : icon_of_view(w, now->view))));
}

static tq_code duties_of(web_rq *w, store_tx *tx, doc *list, tq_err *err)
{
    for (size_t i = 0; i < duty_count; i++) {
        int64_t n = 0;
        if (duties[i].role != w->call.who.role || duty_path(w, &duties[i]).len == 0) {
            continue;
        }
        TQ_TRY(duty_waiting(w, tx, &duties[i], &n, err));
        if (n > 0) {
            one_duty(w, list, &duties[i], n);
        }
    }
    return TQ_OK;
}

/* --- what a firm has in hand ----------------------------------------------------------------------- */

static int64_t number_at(const view *v, const view_row *row, const char *name)
{
    const int at = view_field_at(v, name);
    TQ_ASSERT(at >= 0);
    return row->values[at].n;
}

static str text_at(const view *v, const view_row *row, const char *name)
{
    const int at = view_field_at(v, name);
    TQ_ASSERT(at >= 0);
    return row->values[at].s;
}

str currency_sign(const web_rq *w)
{
    const str code = str_of(w->programme.money.code);
    return str_eq(code, STR("CNY")) || str_eq(code, STR("JPY")) ? STR("¥")
           : str_eq(code, STR("EUR"))                           ? STR("€")
                                                                : code;
}

static void maker(const web_rq *w, doc *list, const route *r)
{
    doc *m = doc_object(list, NULL);
    const char *hint = text_find(w->lang, arena_printf(w->call.a, "hint.%s", r->name));
    const str path = route_path(r, 0, w->call.a);
    doc_text(m, "label", text_token(w->lang, "route", str_of(r->name)));
    doc_text(m, "hint", hint == NULL ? STR("") : str_of(hint));
    doc_text(m, "href", arena_printf(w->call.a, "%.*s/new", STR_ARG(path)));
    doc_text(m, "icon", str_of(icon_of_view(w, r->view)));
}

/* Whoever does not run the site makes users and grants from their lists, not from the workbench. */
static bool is_daily(const web_rq *w, const route *r)
{
    const route *list = route_of_view(r->view, ROUTE_LIST, w->call.who.role);
    const role acting = w->call.who.role;
    return acting == ROLE_SYSADMIN || acting == ROLE_SECADMIN || list == NULL ||
           list->menu == NULL || strcmp(list->menu, "admin") != 0;
}

static void makers(const web_rq *w, doc *list, view_id only)
{
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        if (r->kind == ROUTE_MAKE && role_in(w->call.who.role, r->roles) && web_may(w, r) &&
            (only == VIEW_NONE ? is_daily(w, r) : r->view == only)) {
            maker(w, list, r);
        }
    }
}

/* Sums over the vouchers that can be used today: at most VIEW_PAGE_MAX, which no policy allows a firm. */
static void purse_sums(const web_rq *w, const view *v, const view_rows *rows, doc *purse)
{
    int64_t issued = 0, balance = 0, held = 0, paid = 0, soonest = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const view_row *row = &rows->rows[i];
        const int64_t use_by = number_at(v, row, "use_by");
        issued += number_at(v, row, "issued");
        balance += number_at(v, row, "balance");
        held += number_at(v, row, "held") + number_at(v, row, "payable");
        paid += number_at(v, row, "paid");
        soonest = soonest == 0 || use_by < soonest ? use_by : soonest;
    }
    doc_int(purse, "count", (int64_t)rows->n);
    doc_text(purse, "sign", currency_sign(w));
    doc_money(purse, "issued", issued);
    doc_money(purse, "balance", balance);
    doc_money(purse, "held", held);
    doc_money(purse, "paid", paid);
    doc_day(purse, "use_by", soonest);
}

static bool is_firm(const web_rq *w)
{
    return w->call.who.role == ROLE_FIRM_AGENT || w->call.who.role == ROLE_FIRM_FINANCE;
}

static tq_code purse_of(web_rq *w, store_tx *tx, doc *body, tq_err *err)
{
    const view *v = view_of(VIEW_VOUCHER);
    const view_query q = {.limit = VIEW_PAGE_MAX, .state = STR("active"), .q = STR("")};
    view_rows rows;
    if (!is_firm(w)) {
        (void)doc_list(body, "purse"); /* an empty list: no card */
        return TQ_OK;
    }
    TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
    doc *purse = doc_object(body, "purse");
    purse_sums(w, v, &rows, purse);
    doc *acts = doc_list(purse, "acts");
    makers(w, acts, VIEW_SERVICE_ORDER);
    makers(w, acts, VIEW_APPLICATION);
    makers(w, acts, VIEW_CLAIM);
    return TQ_OK;
}

/* --- orders under way, each with its five steps ------------------------------------------------------- */

/* How many of the five steps are done in a state; negative: not under way. */
static int steps_done(str state, bool closed)
{
    static const struct {
        const char *state;
        int done;
    } of[] = {
        {"proposed", 1}, {"accepted", 2}, {"delivered", 3}, {"disputed", 3}, {"confirmed", 4}};
    for (size_t i = 0; i < TQ_COUNT(of); i++) {
        if (str_eq(state, str_of(of[i].state))) {
            return closed ? -1 : of[i].done;
        }
    }
    return -1;
}

static void steps(const web_rq *w, doc *order, int done)
{
    static const char *const names[] = {"ordered", "accepted", "delivered", "confirmed",
                                        "redeemed"};
    doc *list = doc_list(order, "steps");
    TQ_ASSERT(done >= 0 && done <= (int)TQ_COUNT(names));
    for (int i = 0; i < (int)TQ_COUNT(names); i++) {
        doc *s = doc_object(list, NULL);
        doc_text(s, "label", text_token(w->lang, "step", str_of(names[i])));
        doc_bool(s, "done", i < done);
        doc_bool(s, "now", i == done);
    }
}

static tq_code orders_of(web_rq *w, store_tx *tx, doc *list, tq_err *err)
{
    const view *v = view_of(VIEW_SERVICE_ORDER);
    const route *item = route_of_view(VIEW_SERVICE_ORDER, ROUTE_ITEM, w->call.who.role);
    const view_query q = {.limit = 50, .state = STR(""), .q = STR("")};
    view_rows rows;
    int shown = 0;
    if (item == NULL || w->scope.reach != REACH_ORG) {
        return TQ_OK;
    }
    TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
    for (size_t i = 0; i < rows.n && shown < 6; i++) {
        const view_row *row = &rows.rows[i];
        const int done = steps_done(text_at(v, row, "state"), number_at(v, row, "closed") != 0);
        if (done < 0) {
            continue;
        }
        doc *o = doc_object(list, NULL);
        doc_text(o, "href", route_path(item, row->values[0].n, w->call.a));
        doc_text(o, "title", text_at(v, row, "title"));
        doc_text(o, "partner", text_at(v, row, is_firm(w) ? "institution" : "holder"));
        doc_money(o, "contract", number_at(v, row, "contract"));
        doc_money(o, "voucher_part", number_at(v, row, "voucher_part"));
        steps(w, o, done);
        shown++;
    }
    return TQ_OK;
}

/* The first rows of what the role works with most. */
static tq_code recent(web_rq *w, store_tx *tx, doc *tables, tq_err *err)
{
    static const view_id of[] = {VIEW_SERVICE_ORDER, VIEW_CLAIM, VIEW_APPLICATION, VIEW_BATCH,
                                 VIEW_FUND_MOVE};
    int n = 0;
    for (size_t i = 0; i < TQ_COUNT(of) && n < 2; i++) {
        const route *r = route_of_view(of[i], ROUTE_LIST, w->call.who.role);
        const view_query q = {.limit = 8, .state = STR(""), .q = STR("")};
        view_rows rows;
        /* A firm's and an institution's orders stand above with their steps. */
        if (r == NULL || !view_within(view_of(of[i]), w->scope.reach) ||
            (of[i] == VIEW_SERVICE_ORDER && w->scope.reach == REACH_ORG)) {
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

/* By which policy the programme works today. */
static tq_code policy_line(web_rq *w, store_tx *tx, doc *list, tq_err *err)
{
    const view *v = view_of(VIEW_POLICY);
    const view_query q = {.limit = 1, .state = STR("in_force"), .q = STR("")};
    view_rows rows;
    TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
    if (rows.n > 0) {
        doc *p = doc_object(list, NULL);
        doc_text(p, "doc_no", text_at(v, &rows.rows[0], "doc_no"));
        doc_int(p, "version", number_at(v, &rows.rows[0], "version"));
        doc_day(p, "from_day", number_at(v, &rows.rows[0], "from_day"));
    }
    return TQ_OK;
}

/* From November on, whoever keeps the calendar is told that next year's is missing: without it no clock
 * that reaches into that year can be computed. */
static tq_code calendar_missing(web_rq *w, store_tx *tx, bool *out, tq_err *err)
{
    const ymd now = day_ymd(w->call.today);
    const bool keeps = w->call.who.role == ROLE_OFFICE || w->call.who.role == ROLE_SYSADMIN;
    int64_t id = 0;
    *out = false;
    if (!keeps || now.month < 11 || w->programme.id == 0) {
        return TQ_OK;
    }
    TQ_TRY(store_int(tx, STMT_CALENDAR_FIND, ARGS(arg_int(w->programme.id), arg_int(now.year + 1)),
                     0, &id, err));
    *out = id == 0;
    return TQ_OK;
}

tq_code page_work(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(duties_of(w, tx, doc_list(body, "duties"), err));
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    TQ_TRY(purse_of(w, tx, body, err));
    TQ_TRY(orders_of(w, tx, doc_list(body, "orders"), err));
    TQ_TRY(recent(w, tx, doc_list(body, "tables"), err));
    TQ_TRY(policy_line(w, tx, doc_list(body, "policy"), err));
    bool missing = false;
    TQ_TRY(calendar_missing(w, tx, &missing, err));
    doc_bool(body, "calendar_missing", missing);
    store_rollback(&tx);
    makers(w, doc_list(body, "make"), VIEW_NONE);
    return web_page(w, 200, "work", body, out, err);
}
