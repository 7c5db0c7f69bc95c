/* SPDX-License-Identifier: Apache-2.0 */
#include "web/openapi.h"

#include <stdio.h>

#include "base/canon.h"
#include "domain/roles.h"
#include "web/locale.h"

#define NAME_MAX_ 120
#define MONEY_PATTERN "^-?[0-9]+(\\.[0-9]+)?$"

static bool reads(const route *r)
{
    return r->kind == ROUTE_LIST || r->kind == ROUTE_ITEM || r->kind == ROUTE_PAGE;
}

const char *route_method(const route *r)
{
    return reads(r) ? "GET" : "POST";
}

static void kv(canon *c, const char *key, const char *text)
{
    canon_kstr(c, key, str_of(text));
}

static void kbool(canon *c, const char *key, bool b)
{
    canon_key(c, key);
    canon_bool(c, b);
}

static void ref(canon *c, const char *kind, const char *name)
{
    char path[NAME_MAX_];
    (void)snprintf(path, sizeof path, "#/components/%s/%s", kind, name);
    canon_open(c);
    kv(c, "$ref", path);
    canon_close(c);
}

/* --- schemas of what is read ------------------------------------------------------------------------ */

static void nullable(canon *c, const char *format)
{
    canon_key(c, "type");
    canon_list(c);
    canon_str(c, STR("string"));
    canon_str(c, STR("null"));
    canon_list_end(c);
    kv(c, "format", format);
}

static void view_field_schema(canon *c, const view_field *f)
{
    canon_open(c);
    switch (f->type) {
    case VIEW_TYPE_ID:
    case VIEW_TYPE_INT:
    case VIEW_TYPE_BPS:
        kv(c, "type", "integer");
        kv(c, "format", "int64");
        break;
    case VIEW_TYPE_MONEY:
        kv(c, "type", "string");
        kv(c, "pattern", MONEY_PATTERN);
        break;
    case VIEW_TYPE_DAY:
        nullable(c, "date");
        break;
    case VIEW_TYPE_INSTANT:
        nullable(c, "date-time");
        break;
    case VIEW_TYPE_BOOL:
        kv(c, "type", "boolean");
        break;
    case VIEW_TYPE_LINE:
        kv(c, "description", "facts or steps as they were stored; null where there are none");
        break;
    case VIEW_TYPE_TEXT:
    case VIEW_TYPE_CODE:
    case VIEW_TYPE_TOKEN:
    case VIEW_TYPE_STATE:
        kv(c, "type", "string");
        break;
    }
    canon_close(c);
}

static void view_schema(canon *c, const view *v)
{
    canon_key(c, v->name);
    canon_open(c);
    kv(c, "type", "object");
    canon_key(c, "properties");
    canon_open(c);
    for (int i = 0; i < v->n_fields; i++) {
        canon_key(c, v->fields[i].name);
        view_field_schema(c, &v->fields[i]);
    }
    canon_close(c);
    canon_key(c, "required");
    canon_list(c);
    for (int i = 0; i < v->n_fields; i++) {
        canon_str(c, str_of(v->fields[i].name));
    }
    canon_list_end(c);
    canon_close(c);
}

/* A list's answer, and a row's: the fields with children and what can be done. */
static void list_schema(canon *c, const view *v)
{
    canon_open(c);
    kv(c, "type", "object");
    canon_key(c, "properties");
    canon_open(c);
    canon_key(c, "items");
    canon_open(c);
    kv(c, "type", "array");
    canon_key(c, "items");
    ref(c, "schemas", v->name);
    canon_close(c);
    canon_key(c, "count");
    canon_raw(c, STR("{\"type\":\"integer\",\"description\":\"rows of all pages\"}"));
    canon_key(c, "next");
    canon_raw(c, STR("{\"type\":\"string\",\"description\":\"address of the next page; empty on the last\"}"));
    canon_close(c);
    canon_close(c);
}

static void item_schema(canon *c, const view *v)
{
    canon_open(c);
    canon_key(c, "allOf");
    canon_list(c);
    ref(c, "schemas", v->name);
    canon_open(c);
    kv(c, "type", "object");
    canon_key(c, "properties");
    canon_open(c);
    canon_key(c, "children");
    canon_open(c);
    kv(c, "type", "object");
    canon_key(c, "properties");
    canon_open(c);
    for (int i = 0; i < v->n_children; i++) {
        const view *child = view_of(v->children[i].view);
        canon_key(c, child->name);
        canon_open(c);
        kv(c, "type", "array");
        canon_key(c, "items");
        ref(c, "schemas", child->name);
        canon_close(c);
    }
    canon_close(c);
    canon_close(c);
    canon_key(c, "said");
    canon_raw(c, STR("{\"type\":\"object\",\"description\":\"stored lines as sentences, in the language asked for\"}"));
    canon_key(c, "actions");
    canon_raw(c, STR("{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
                     "\"href\":{\"type\":\"string\"}}}}"));
    canon_close(c);
    canon_close(c);
    canon_list_end(c);
    canon_close(c);
}

/* --- schemas of what is sent ------------------------------------------------------------------------- */

static void choice_enum(canon *c, const char *list)
{
    canon_key(c, "enum");
    canon_list(c);
    for (const char *at = list; *at != '\0';) {
        const size_t n = strcspn(at, " ");
        canon_str(c, (str){at, n});
        at += n + (at[n] == ' ' ? 1 : 0);
    }
    canon_list_end(c);
}

static void fields_schema(canon *c, const field *fields, int n, bool form);

static void field_schema(canon *c, const field *f, bool form)
{
    canon_open(c);
    switch (f->type) {
    case FIELD_ID:
    case FIELD_PICK:
        kv(c, "type", "integer");
        canon_kint(c, "minimum", 1);
        break;
    case FIELD_INT:
        kv(c, "type", "integer");
        canon_kint(c, "minimum", f->min);
        canon_kint(c, "maximum", f->max);
        break;
    case FIELD_MONEY:
        kv(c, "type", "string");
        kv(c, "pattern", MONEY_PATTERN);
        break;
    case FIELD_DAY:
        kv(c, "type", "string");
        kv(c, "format", "date");
        break;
    case FIELD_SECRET:
        kv(c, "format", "password");
        kv(c, "type", "string");
        canon_kint(c, "maxLength", f->max);
        break;
    case FIELD_TEXT:
    case FIELD_LONG:
        kv(c, "type", "string");
        canon_kint(c, "maxLength", f->max);
        break;
    case FIELD_CHOICE:
        kv(c, "type", "string");
        choice_enum(c, f->words);
        break;
    case FIELD_BOOL:
        kv(c, "type", "boolean");
        break;
    case FIELD_FILE:
        kv(c, "type", "string");
        kv(c, "contentMediaType", "application/octet-stream");
        canon_kint(c, "maxLength", f->max);
        break;
    case FIELD_ROWS:
        kv(c, "type", "array");
        canon_kint(c, "maxItems", f->max);
        canon_key(c, "items");
        fields_schema(c, f->rows, f->n_rows_fields, form);
        break;
    }
    canon_close(c);
}

/* Files travel in forms only, so JSON knows nothing of them. */
static bool sent(const field *f, bool form)
{
    return form || f->type != FIELD_FILE;
}

static void fields_schema(canon *c, const field *fields, int n, bool form)
{
    bool required = false;
    canon_open(c);
    kv(c, "type", "object");
    kbool(c, "additionalProperties", false);
    canon_key(c, "properties");
    canon_open(c);
    for (int i = 0; i < n; i++) {
        if (sent(&fields[i], form)) {
            canon_key(c, fields[i].name);
            field_schema(c, &fields[i], form);
            required = required || (fields[i].flags & REQ) != 0;
        }
    }
    canon_close(c);
    if (required) {
        canon_key(c, "required");
        canon_list(c);
        for (int i = 0; i < n; i++) {
            if (sent(&fields[i], form) && (fields[i].flags & REQ) != 0) {
                canon_str(c, str_of(fields[i].name));
            }
        }
        canon_list_end(c);
    }
    canon_close(c);
}

static bool takes_file(const route *r, bool must)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (r->fields[i].type == FIELD_FILE && (!must || (r->fields[i].flags & REQ) != 0)) {
            return true;
        }
    }
    return false;
}

static void media(canon *c, const route *r, const char *type, bool form)
{
    canon_key(c, type);
    canon_open(c);
    canon_key(c, "schema");
    fields_schema(c, r->fields, r->n_fields, form);
    canon_close(c);
}

static void request_body(canon *c, const route *r)
{
    if (r->n_fields == 0) {
        return;
    }
    canon_key(c, "requestBody");
    canon_open(c);
    kbool(c, "required", true);
    canon_key(c, "content");
    canon_open(c);
    if (!takes_file(r, true)) {
        media(c, r, "application/json", false);
    }
    media(c, r, takes_file(r, false) ? "multipart/form-data" : "application/x-www-form-urlencoded", true);
    canon_close(c);
    canon_close(c);
}

/* --- operations ---------------------------------------------------------------------------------------- */

static void parameters(canon *c, const route *r)
{
    const view *v = r->view == VIEW_NONE ? NULL : view_of(r->view);
    canon_key(c, "parameters");
    canon_list(c);
    if (strstr(r->path, "{id}") != NULL) {
        ref(c, "parameters", "id");
    }
    if (r->kind == ROUTE_LIST) {
        ref(c, "parameters", "after");
        ref(c, "parameters", "limit");
        if (v->by_state) {
            ref(c, "parameters", "state");
        }
        if (v->by_search) {
            ref(c, "parameters", "q");
        }
    }
    if (!reads(r)) {
        ref(c, "parameters", "IdempotencyKey");
        ref(c, "parameters", "Csrf");
        if (r->kind == ROUTE_ACT) {
            ref(c, "parameters", "IfMatch");
        }
    }
    canon_list_end(c);
}

static void found(canon *c, const route *r)
{
    const view *v = r->view == VIEW_NONE ? NULL : view_of(r->view);
    canon_key(c, r->kind == ROUTE_MAKE ? "201" : "200");
    canon_open(c);
    kv(c, "description", reads(r) ? "what was asked for" : "done; the row as it is now");
    canon_key(c, "content");
    canon_open(c);
    canon_key(c, "application/json");
    canon_open(c);
    canon_key(c, "schema");
    if (v == NULL) {
        canon_raw(c, STR("{\"type\":\"object\"}"));
    } else if (r->kind == ROUTE_LIST) {
        list_schema(c, v);
    } else {
        item_schema(c, v);
    }
    canon_close(c);
    canon_key(c, "text/html");
    canon_raw(c, STR("{\"schema\":{\"type\":\"string\"}}"));
    canon_close(c);
    canon_close(c);
}

static void responses(canon *c, const route *r)
{
    static const char *const faults[] = {"400", "401", "403", "404", "409", "413", "422", "429", "503"};
    canon_key(c, "responses");
    canon_open(c);
    found(c, r);
    if (!reads(r)) {
        canon_key(c, "303");
        canon_raw(c, STR("{\"description\":\"done, for pages: go on there\"}"));
    }
    for (size_t i = 0; i < TQ_COUNT(faults); i++) {
        const bool of_posts = strcmp(faults[i], "403") == 0 || strcmp(faults[i], "409") == 0 ||
                              strcmp(faults[i], "413") == 0;
        if (!of_posts || !reads(r)) {
            canon_key(c, faults[i]);
            ref(c, "responses", "Problem");
        }
    }
    canon_close(c);
}

static void security(canon *c, const route *r)
{
    canon_key(c, "security");
    canon_raw(c, role_in(ROLE_PUBLIC, r->roles) ? STR("[{},{\"cookie\":[]},{\"bearer\":[]}]")
                                                : STR("[{\"cookie\":[]},{\"bearer\":[]}]"));
    canon_key(c, "x-roles");
    canon_list(c);
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        if (role_in((role)i, r->roles)) {
            canon_str(c, str_of(role_name((role)i)));
        }
    }
    canon_list_end(c);
}

/* The first part of the path names the resource. */
static str tag_of(const route *r)
{
    const char *at = r->path + 1;
    return *at == '\0' ? STR("home") : (str){at, strcspn(at, "/")};
}

static void operation(canon *c, const route *r)
{
    canon_key(c, reads(r) ? "get" : "post");
    canon_open(c);
    kv(c, "operationId", r->name);
    canon_kstr(c, "summary", text_token(LANG_EN, "route", str_of(r->name)));
    canon_key(c, "tags");
    canon_list(c);
    canon_str(c, tag_of(r));
    canon_list_end(c);
    if (r->when[0] != '\0') {
        kv(c, "x-when", r->when);
    }
    if (r->trace[0] != '\0') {
        kv(c, "x-trace", r->trace);
    }
    parameters(c, r);
    request_body(c, r);
    responses(c, r);
    security(c, r);
    canon_close(c);
}

/* Each address once, with all that can be done there. */
static void paths(canon *c)
{
    canon_key(c, "paths");
    canon_open(c);
    for (int i = 0; i < route_count; i++) {
        int first = 0;
        while (strcmp(routes[first].path, routes[i].path) != 0) {
            first++;
        }
        if (first != i) {
            continue;
        }
        canon_key(c, routes[i].path);
        canon_open(c);
        for (int k = i; k < route_count; k++) {
            if (strcmp(routes[k].path, routes[i].path) == 0) {
                operation(c, &routes[k]);
            }
        }
        canon_close(c);
    }
    canon_close(c);
}

/* --- what operations refer to ---------------------------------------------------------------------------- */

static bool view_used(view_id of)
{
    for (int i = 0; i < route_count; i++) {
        if (routes[i].view == VIEW_NONE) {
            continue;
        }
        const view *v = view_of(routes[i].view);
        bool used = routes[i].view == of;
        for (int k = 0; k < v->n_children && !used; k++) {
            used = v->children[k].view == of;
        }
        if (used) {
            return true;
        }
    }
    return false;
}

static const char shared[] =
    "\"parameters\":{"
    "\"id\":{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"integer\",\"minimum\":1}},"
    "\"after\":{\"name\":\"after\",\"in\":\"query\",\"description\":\"id of the last row of the page before; the Link "
    "header and next carry it\",\"schema\":{\"type\":\"integer\",\"minimum\":0}},"
    "\"limit\":{\"name\":\"limit\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200,"
    "\"default\":50}},"
    "\"state\":{\"name\":\"state\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"maxLength\":40}},"
    "\"q\":{\"name\":\"q\",\"in\":\"query\",\"description\":\"part of a name or number\",\"schema\":"
    "{\"type\":\"string\",\"maxLength\":200}},"
    "\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":\"the same key and body again "
    "get the first answer; another body 409\",\"schema\":{\"type\":\"string\",\"maxLength\":200}},"
    "\"Csrf\":{\"name\":\"X-CSRF\",\"in\":\"header\",\"description\":\"needed with the cookie, not with a token\","
    "\"schema\":{\"type\":\"string\"}},"
    "\"IfMatch\":{\"name\":\"If-Match\",\"in\":\"header\",\"description\":\"ETag of the row as it was read; 409 where "
    "it has changed\",\"schema\":{\"type\":\"string\"}}},"
    "\"responses\":{\"Problem\":{\"description\":\"why not (RFC 9457)\",\"content\":{\"application/problem+json\":"
    "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},"
    "\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"tq\"}},";

static const char problem[] =
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"reason\"],\"properties\":{"
    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
    "\"reason\":{\"type\":\"string\",\"description\":\"stable token\"},\"detail\":{\"type\":\"string\"},"
    "\"field\":{\"type\":\"string\"},\"request\":{\"type\":\"string\"},"
    "\"decision\":{\"type\":\"string\",\"description\":\"address of the decision that refuses\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},"
    "\"reason\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}}";

static const char head[] =
    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Tongquan\",\"version\":\"1\",\"description\":\"Innovation vouchers of "
    "a county. Amounts are decimal strings, days are ISO dates, absent and forbidden look alike (404).\","
    "\"license\":{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}},\"servers\":[{\"url\":\"/\"}],";

void openapi_write(buf *out)
{
    canon c = canon_to(out);
    buf_text(out, head);
    /* The members before and after are whole texts: the writer stands inside an object that it opened
     * itself, so each part is written by its own. */
    BUF_AUTO buf part = buf_max(OPENAPI_MAX);
    c = canon_to(&part);
    canon_open(&c);
    paths(&c);
    canon_close(&c);
    buf_add(out, part.data + 1, part.len - 2);
    buf_printf(out, ",\"components\":{%s\"schemas\":", shared);
    buf_clear(&part);
    c = canon_to(&part);
    canon_open(&c);
    canon_key(&c, "Problem");
    canon_raw(&c, str_of(problem));
    for (int i = VIEW_NONE + 1; i < VIEW_COUNT; i++) {
        if (view_used((view_id)i)) {
            view_schema(&c, view_of((view_id)i));
        }
    }
    canon_close(&c);
    buf_str_add(out, buf_view(&part));
    buf_text(out, "}}");
}

/* --- for people -------------------------------------------------------------------------------------------- */

static void sample(const field *f, buf *out)
{
    buf_printf(out, "\"%s\":", f->name);
    if (f->type == FIELD_MONEY) {
        buf_text(out, "\"30000.00\"");
    } else if (f->type == FIELD_DAY) {
        buf_text(out, "\"2026-09-01\"");
    } else if (f->type == FIELD_ID || f->type == FIELD_PICK) {
        buf_text(out, "1");
    } else if (f->type == FIELD_INT) {
        buf_int(out, f->min);
    } else if (f->type == FIELD_BOOL) {
        buf_text(out, "true");
    } else if (f->type == FIELD_CHOICE) {
        buf_printf(out, "\"%.*s\"", (int)strcspn(f->words, " "), f->words);
    } else if (f->type == FIELD_ROWS) {
        buf_text(out, "[{");
        for (int i = 0; i < f->n_rows_fields; i++) {
            buf_text(out, i == 0 ? "" : ",");
            sample(&f->rows[i], out);
        }
        buf_text(out, "}]");
    } else {
        buf_text(out, "\"…\"");
    }
}

void route_curl(const route *r, buf *out)
{
    const bool upload = takes_file(r, true);
    bool more = false;
    buf_text(out, "curl -H \"Authorization: Bearer $TOKEN\"");
    if (!reads(r)) {
        buf_text(out, " -H \"Idempotency-Key: $KEY\"");
        buf_text(out, upload ? "" : " -H 'Content-Type: application/json' -d '{");
        for (int i = 0; i < r->n_fields; i++) {
            const field *f = &r->fields[i];
            if ((f->flags & REQ) == 0) {
                continue;
            }
            if (upload) {
                buf_printf(out, " -F %s=%s", f->name, f->type == FIELD_FILE ? "@FILE" : "…");
            } else {
                buf_text(out, more ? "," : "");
                sample(f, out);
                more = true;
            }
        }
        buf_text(out, upload ? "" : "}'");
    } else if (r->kind != ROUTE_PAGE) {
        buf_text(out, " -H 'Accept: application/json'");
    }
    buf_printf(out, " \"$BASE%s\"", r->path);
}
