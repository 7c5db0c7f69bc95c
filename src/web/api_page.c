/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "domain/roles.h"
#include "web/acts.h"
#include "web/openapi.h"

#define CURL_MAX 8192
#define CURL_KEY_MAX 120

tq_code page_openapi(web_rq *w, http_reply *out, tq_err *err)
{
    buf all = buf_max(OPENAPI_MAX);
    (void)w;
    openapi_write(&all);
    if (!buf_ok(&all)) {
        buf_free(&all);
        return tq_fail(err, TQ_LIMIT, "openapi_size", NULL,
                       "the description is larger than it may be");
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
            doc_text(doc_object(list, NULL), "role",
                     text_token(w->lang, "role", str_of(role_name((role)i))));
        }
    }
}

/* A field may be called otherwise in one route than elsewhere: field.<route>.<name>. */
static str field_label(const web_rq *w, const route *r, const field *f)
{
    const str own = arena_printf(w->call.a, "field.%s.%s", r->name, f->name);
    const char *text = text_find(w->lang, own);
    return text != NULL ? str_of(text) : text_token(w->lang, "field", str_of(f->name));
}

static void fields_text(const web_rq *w, doc *one, const route *r)
{
    doc *list = doc_list(one, "fields");
    for (int i = 0; i < r->n_fields; i++) {
        const field *f = &r->fields[i];
        doc *d = doc_object(list, NULL);
        doc_text(d, "name", str_of(f->name));
        doc_text(d, "label", field_label(w, r, f));
        doc_bool(d, "required", (f->flags & REQ) != 0);
        doc_text(d, "words", f->words == NULL ? STR("") : str_of(f->words));
    }
}

/* What the reader asked to see: all where neither is named. */
typedef struct chosen {
    str tag, role;
} chosen;

static bool wanted(const chosen *c, const route *r)
{
    const role named = c->role.len == 0 ? ROLE_NONE : role_of(c->role);
    return (c->tag.len == 0 || str_eq(c->tag, route_tag(r))) &&
           (c->role.len == 0 || (named != ROLE_NONE && role_in(named, r->roles)));
}

static void choice(doc *list, str value, str label, str now)
{
    doc *one = doc_object(list, NULL);
    doc_text(one, "value", value);
    doc_text(one, "label", label);
    doc_bool(one, "now", str_eq(value, now));
}

static void choices(const web_rq *w, const chosen *c, doc *body)
{
    doc *tags = doc_for_page(doc_list(body, "tags"));
    for (int i = 0; i < route_count; i++) {
        if (route_first_of_tag(i)) {
            choice(tags, route_tag(&routes[i]),
                   text_token(w->lang, "route", str_of(routes[i].name)), c->tag);
        }
    }
    doc *roles = doc_for_page(doc_list(body, "roles"));
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        const str name = str_of(role_name((role)i));
        choice(roles, name, text_token(w->lang, "role", name), c->role);
    }
    doc_for_page(doc_bool(body, "filtered", c->tag.len > 0 || c->role.len > 0));
}

static void describe(const web_rq *w, const route *r, doc *one)
{
    BUF_AUTO buf curl = buf_max(CURL_MAX);
    char hint[CURL_KEY_MAX];
    (void)snprintf(hint, sizeof hint, "hint.%s", r->name);
    const char *why = text_find(w->lang, str_of(hint));
    route_curl(r, &curl);
    doc_text(one, "name", str_of(r->name));
    doc_text(one, "method", str_of(route_method(r)));
    doc_text(one, "path", str_of(r->path));
    doc_text(one, "label", text_token(w->lang, "route", str_of(r->name)));
    doc_text(one, "when", str_of(r->when));
    doc_text(one, "curl", buf_ok(&curl) ? arena_copy(w->call.a, buf_view(&curl)) : STR(""));
    doc_for_page(doc_bool(one, "post", str_eq(str_of(route_method(r)), STR("POST"))));
    doc_for_page(doc_text(one, "hint", why == NULL ? STR("") : str_of(why)));
    roles_text(w, one, r);
    fields_text(w, one, r);
}

tq_code page_api_docs(web_rq *w, http_reply *out, tq_err *err)
{
    const chosen c = {http_arg(w->http, "tag"), http_arg(w->http, "role")};
    doc *body = doc_new(w->call.a);
    doc *list = doc_list(body, "routes");
    int64_t shown = 0;
    for (int i = 0; i < route_count; i++) {
        if (wanted(&c, &routes[i])) {
            describe(w, &routes[i], doc_object(list, NULL));
            shown++;
        }
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    choices(w, &c, body);
    doc_int(body, "shown", shown);
    return web_page(w, 200, "api_docs", body, out, err);
}
