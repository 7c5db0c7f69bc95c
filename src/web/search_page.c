/* SPDX-License-Identifier: Apache-2.0 */
#include "http/url.h"
#include "web/acts.h"
#include "web/site_inner.h"

#define FOUND_ROWS 5 /* of each list; the list itself has the rest */
#define WORDS_MAX 200

static str list_with(const route *r, str words, arena *a)
{
    buf b = buf_max(1024);
    buf_printf(&b, "%s?q=", r->path);
    url_encode(words, &b);
    const str path = arena_copy(a, buf_view(&b));
    buf_free(&b);
    return path;
}

/* One field over every list that the actor may open, within the actor's scope. */
static tq_code look_through(web_rq *w, store_tx *tx, const route *r, str words, doc *found,
                            tq_err *err)
{
    const view *v = view_of(r->view);
    const view_query q = {.limit = FOUND_ROWS, .state = STR(""), .q = words};
    view_rows rows;
    int64_t n = 0;
    TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
    if (rows.n == 0) {
        return TQ_OK;
    }
    TQ_TRY(view_count(tx, v, &w->scope, &q, &n, err));
    doc *f = doc_object(found, NULL);
    view_table(w, f, "table", &rows);
    doc_text(f, "view", str_of(v->name));
    doc_int(f, "count", n);
    doc_text(f, "all", list_with(r, words, w->call.a));
    return TQ_OK;
}

tq_code page_search(web_rq *w, http_reply *out, tq_err *err)
{
    const str words = str_trim(http_arg(w->http, "q"));
    doc *body = doc_new(w->call.a);
    doc *found = doc_list(body, "found");
    TX_AUTO store_tx *tx = NULL;
    if (words.len > 0 && !str_line_ok(words, WORDS_MAX)) {
        return tq_fail(err, TQ_INVALID, "text_form", "q", "search for a line of at most %d bytes",
                       WORDS_MAX);
    }
    TQ_TRY(work_read(w->app, &tx, err));
    for (int i = 0; i < route_count && words.len > 0; i++) {
        const route *r = &routes[i];
        if (r->kind == ROUTE_LIST && web_may(w, r) && view_of(r->view)->by_search &&
            view_within(view_of(r->view), w->scope.reach)) {
            TQ_TRY(look_through(w, tx, r, words, found, err));
        }
    }
    store_rollback(&tx);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    doc_text(body, "q", words);
    return web_page(w, 200, "search", body, out, err);
}
