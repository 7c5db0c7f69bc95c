/* SPDX-License-Identifier: Apache-2.0 */
#include "app/log_read.h"
#include "web/lines.h"
#include "web/onward.h"
#include "web/site_inner.h"

/* What the actor can do with the row as it stands; the use case asks again, under its lock. */
static void actions(const web_rq *w, doc *body)
{
    const route *item = w->match.route;
    const view *v = view_of(item->view);
    const str state = v->state < 0 ? STR("") : w->row.values[v->state].s;
    doc *list = doc_list(body, "actions");
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        if (r->kind == ROUTE_ACT && r->view == item->view && web_may(w, r) &&
            route_when(r, state)) {
            const str path = route_path(r, w->match.id, w->call.a);
            doc *a = doc_object(list, NULL);
            doc_text(a, "name", str_of(r->name));
            doc_text(a, "href", path);
            if (!w->json) {
                doc_for_page(doc_text(a, "label", text_token(w->lang, "route", str_of(r->name))));
            }
        }
    }
}

/* Further pages of the row: those below its address that have a picture, so that they can be offered. */
static void row_pages(const web_rq *w, doc *list)
{
    const char *path = w->match.route->path;
    const view *v = view_of(w->match.route->view);
    const str state = v->state < 0 ? STR("") : w->row.values[v->state].s;
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        if (r->kind == ROUTE_PAGE && r->icon != NULL && str_starts(str_of(r->path), str_of(path)) &&
            web_may(w, r) && route_when(r, state)) {
            doc *a = doc_for_page(doc_object(list, NULL));
            doc_text(a, "name", str_of(r->name));
            doc_text(a, "href", site_link(w, route_path(r, w->match.id, w->call.a)));
            doc_text(a, "label", text_token(w->lang, "route", str_of(r->name)));
        }
    }
}

static bool named(const char *const *names, const char *name)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void facts(web_rq *w, const view *v, const char *const *skip, doc *body)
{
    doc *list = doc_for_page(doc_list(body, "facts"));
    /* One row as a table of one row gives the cells; the page shows them one below the other. */
    for (int i = 1; i < v->n_fields; i++) {
        const view_field *f = &v->fields[i];
        const view_value *value = &w->row.values[i];
        const bool none = f->type == VIEW_TYPE_DAY || f->type == VIEW_TYPE_INSTANT ? value->n == 0
                          : f->type == VIEW_TYPE_TEXT || f->type == VIEW_TYPE_CODE
                              ? value->s.len == 0
                              : false;
        if (f->show != VIEW_SHOW_HIDDEN && f->type != VIEW_TYPE_LINE && !none &&
            !named(skip, f->name)) {
            view_cell(w, list, v, &w->row, i, STR(""));
        }
    }
}

/* What the lines of the row say: for programs under `said`, for people a section each. */
static void lines(const web_rq *w, const view *v, doc *body)
{
    doc *said = doc_object(body, "said");
    doc *sections = doc_for_page(doc_list(body, "said_lines"));
    for (int i = 1; i < v->n_fields; i++) {
        const view_field *f = &v->fields[i];
        if (f->type != VIEW_TYPE_LINE || f->show == VIEW_SHOW_HIDDEN) {
            continue;
        }
        doc *list = doc_list(said, f->name);
        line_sentences(w, w->row.values[i].s, list);
        doc *section = doc_object(sections, NULL);
        doc_text(section, "label", text_token(w->lang, "field", str_of(f->name)));
        doc *all = doc_list(section, "all");
        for (const doc *one = list->first; one != NULL; one = one->next) {
            doc_text(doc_object(all, NULL), "text", one->s);
        }
    }
}

/* R-ASSESS-030: a township opens the rows of its own figures, and no other's. */
static bool child_seen(const web_rq *w, const view *parent, const view *child)
{
    if (!child->staff || view_reads_programme(w->scope.reach)) {
        return true;
    }
    const int at = child->own == NULL ? -1 : view_field_at(parent, child->own);
    return at >= 0 && w->scope.reach == REACH_PLACE && w->row.values[at].n == w->scope.id;
}

static tq_code children(web_rq *w, store_tx *tx, const view *v, const char *const *skip, doc *body,
                        tq_err *err)
{
    doc *json = w->json ? doc_object(body, "children") : NULL;
    doc *tables = w->json ? NULL : doc_for_page(doc_list(body, "tables"));
    for (int i = 0; i < v->n_children; i++) {
        const view *child = view_of(v->children[i].view);
        view_rows rows;
        if (!child_seen(w, v, child) || named(skip, child->name)) {
            continue;
        }
        TQ_TRY(view_children(tx, &v->children[i], w->match.id, w->call.a, &rows, err));
        if (w->json) {
            doc *list = doc_list(json, child->name);
            for (size_t k = 0; k < rows.n; k++) {
                view_fields(doc_object(list, NULL), child, &rows.rows[k]);
            }
        } else if (rows.n > 0) {
            view_table(w, doc_object(tables, NULL), "table", &rows);
        }
    }
    return TQ_OK;
}

static void digest_text(doc *in, const char *key, digest d)
{
    char hex[65];
    digest_hex(d, hex);
    doc_text(in, key, arena_copy(in->a, str_of(hex)));
}

/* A batch that is printed carries the signed state of the log onto paper: whoever changes the log
 * afterwards does not change what lies in the binder. */
static tq_code sealed(const web_rq *w, doc *body, tq_err *err)
{
    doc *list = doc_for_page(doc_list(body, "sealed"));
    checkpoint last;
    bool any = false;
    if (w->match.route->view != VIEW_BATCH) {
        return TQ_OK;
    }
    TQ_TRY(log_last_point(w->app, &last, &any, err));
    if (any) {
        doc *o = doc_object(list, NULL);
        doc_int(o, "n", last.count);
        doc_instant(o, "at", last.at.us);
        digest_text(o, "sha256", last.sha256);
        digest_text(o, "sm3", last.sm3);
        doc_text(o, "href",
                 site_link(w,
                           arena_printf(w->call.a, "/log/checkpoint/%lld", (long long)last.count)));
    }
    return TQ_OK;
}

tq_code item_parts(web_rq *w, store_tx *tx, const char *const *skip, doc *body, tq_err *err)
{
    const view *v = view_of(w->match.route->view);
    facts(w, v, skip, body);
    lines(w, v, body);
    return children(w, tx, v, skip, body, err);
}

tq_code item_page(web_rq *w, http_reply *out, tq_err *err)
{
    const view *v = view_of(w->match.route->view);
    TX_AUTO store_tx *tx = NULL;
    doc *body = doc_new(w->call.a);
    if (w->json) { /* the page has them as facts: names of fields and of parts of the page may meet */
        view_fields(body, v, &w->row);
    }
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(children(w, tx, v, NULL, body, err));
    store_rollback(&tx);
    lines(w, v, body);
    doc_for_page(doc_text(body, "events",
                          page_live(w)
                              ? arena_printf(w->call.a, "%.*s/events", STR_ARG(w->http->path))
                              : STR("")));
    actions(w, body);
    row_pages(w, doc_find(body, "actions"));
    http_reply_header(out, "ETag",
                      arena_printf(w->call.a, "\"%.*s\"",
                                   STR_ARG(view_version(v, &w->row, w->call.a))));
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    facts(w, v, NULL, body);
    TQ_TRY(sealed(w, body, err));
    onward_of(w, doc_for_page(doc_list(body, "onward")));
    doc_for_page(doc_text(body, "next_step", onward_text(w)));
    const str name = text_token(w->lang, "view", str_of(v->name));
    const str title = view_title(v, &w->row, &w->style, w->call.a);
    page_title(body, arena_printf(w->call.a, "%.*s %.*s", STR_ARG(name), STR_ARG(title)));
    const route *list = route_of_view(w->match.route->view, ROUTE_LIST, w->call.who.role);
    doc_for_page(doc_text(body, "list", list == NULL ? STR("") : site_link(w, str_of(list->path))));
    doc_for_page(doc_text(body, "list_name",
                          list == NULL ? STR("")
                                       : text_token(w->lang, "route", str_of(list->name))));
    return web_page(w, 200, "item", body, out, err);
}

tq_code item_names_check(tq_err *err)
{
    static const char *const own[] = {"children", "said",   "said_lines", "events",
                                      "actions",  "tables", NULL};
    for (int i = 0; i < route_count; i++) {
        const view *v = routes[i].kind == ROUTE_ITEM ? view_of(routes[i].view) : NULL;
        for (int k = 0; v != NULL && k < v->n_fields; k++) {
            if (named(own, v->fields[k].name)) {
                return tq_fail(err, TQ_INTERNAL, "field_name", v->fields[k].name,
                               "view %s names a field as its page names a part: call it otherwise",
                               v->name);
            }
        }
    }
    return TQ_OK;
}
