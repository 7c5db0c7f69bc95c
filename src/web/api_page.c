/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/roles.h"
#include "web/acts.h"
#include "web/openapi.h"

#define CURL_MAX 8192

tq_code page_openapi(web_rq *w, http_reply *out, tq_err *err)
{
    buf all = buf_max(OPENAPI_MAX);
    (void)w;
    openapi_write(&all);
    if (!buf_ok(&all)) {
        buf_free(&all);
        return tq_fail(err, TQ_LIMIT, "openapi_size", NULL, "the description is larger than it may be");
    }
    buf_free(&out->body);
    out->body = all;
    out->status = 200;
    out->type = "application/json";
    out->cache = HTTP_CACHE_SHORT;
    return TQ_OK;
}

static void roles_text(const web_rq *w, doc *one, const route *r)
{
    doc *list = doc_list(one, "roles");
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        if (role_in((role)i, r->roles)) {
            doc_text(doc_object(list, NULL), "role", text_token(w->lang, "role", str_of(role_name((role)i))));
        }
    }
}

static void fields_text(const web_rq *w, doc *one, const route *r)
{
    doc *list = doc_list(one, "fields");
    for (int i = 0; i < r->n_fields; i++) {
        const field *f = &r->fields[i];
        doc *d = doc_object(list, NULL);
        doc_text(d, "name", str_of(f->name));
        doc_text(d, "label", text_token(w->lang, "field", str_of(f->name)));
        doc_bool(d, "required", (f->flags & REQ) != 0);
        doc_text(d, "words", f->words == NULL ? STR("") : str_of(f->words));
    }
}

tq_code page_api_docs(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    doc *list = doc_list(body, "routes");
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        BUF_AUTO buf curl = buf_max(CURL_MAX);
        doc *one = doc_object(list, NULL);
        route_curl(r, &curl);
        doc_text(one, "name", str_of(r->name));
        doc_text(one, "method", str_of(route_method(r)));
        doc_text(one, "path", str_of(r->path));
        doc_text(one, "label", text_token(w->lang, "route", str_of(r->name)));
        doc_text(one, "when", str_of(r->when));
        doc_text(one, "curl", buf_ok(&curl) ? arena_copy(w->call.a, buf_view(&curl)) : STR(""));
        roles_text(w, one, r);
        fields_text(w, one, r);
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "api_docs", body, out, err);
}
