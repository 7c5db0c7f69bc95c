/* SPDX-License-Identifier: Apache-2.0 */
#include "web/openapi_inner.h"

#include <stdio.h>

#include "domain/roles.h"
#include "web/locale.h"

#define PATH_MAX_ 160
#define SAID_MAX 2048

bool route_reads(const route *r)
{
    return r->kind == ROUTE_LIST || r->kind == ROUTE_ITEM || r->kind == ROUTE_PAGE;
}

str route_tag(const route *r)
{
    const char *at = r->path + 1;
    return *at == '\0' ? STR("home") : (str){at, strcspn(at, "/.")};
}

bool route_first_of_tag(int at)
{
    const str tag = route_tag(&routes[at]);
    for (int i = 0; i < at; i++) {
        if (str_eq(route_tag(&routes[i]), tag)) {
            return false;
        }
    }
    return true;
}

/* --- who and what for ---------------------------------------------------------------------------------- */

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

static void roles_said(const route *r, buf *out)
{
    bool first = true;
    buf_text(out, " Roles: ");
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        if (role_in((role)i, r->roles)) {
            const str name = text_token(LANG_EN, "role", str_of(role_name((role)i)));
            buf_printf(out, "%s%.*s", first ? "" : ", ", STR_ARG(name));
            first = false;
        }
    }
    buf_char(out, '.');
}

/* What a page's hint says, else what the kind of route means; then when, by whom and by which rule. */
static void description(canon *c, const route *r, const char *lead)
{
    BUF_AUTO buf said = buf_max(SAID_MAX);
    char key[OPENAPI_NAME_MAX];
    const str thing = r->view == VIEW_NONE
                          ? STR("")
                          : text_token(LANG_EN, "view", str_of(view_of(r->view)->name));
    (void)snprintf(key, sizeof key, "hint.%s", r->name);
    const char *hint = text_find(LANG_EN, str_of(key));
    if (lead != NULL) {
        buf_text(&said, lead);
    } else if (hint != NULL) {
        buf_text(&said, hint);
    } else if (r->kind == ROUTE_LIST) {
        buf_printf(&said, "Rows that the role may see, newest first: %.*s.", STR_ARG(thing));
    } else if (r->kind == ROUTE_ITEM) {
        buf_printf(&said, "One row with its parts and what can be done with it: %.*s.",
                   STR_ARG(thing));
    } else {
        const str name = text_token(LANG_EN, "route", str_of(r->name));
        buf_printf(&said, "%.*s.", STR_ARG(name));
    }
    if (r->when[0] != '\0') {
        buf_printf(&said, " In the state: %s.", r->when);
    }
    roles_said(r, &said);
    if (r->trace[0] != '\0') {
        buf_printf(&said, " Rules: %s.", r->trace);
    }
    TQ_ASSERT(buf_ok(&said));
    canon_kstr(c, "description", buf_view(&said));
}

static void heading(canon *c, const route *r, const char *tail, const char *lead)
{
    char name[OPENAPI_NAME_MAX];
    char summary[2 * OPENAPI_NAME_MAX];
    const str text = text_token(LANG_EN, "route", str_of(r->name));
    (void)snprintf(name, sizeof name, "%s%s", r->name, tail);
    (void)snprintf(summary, sizeof summary, "%.*s%s", STR_ARG(text),
                   strcmp(tail, "_csv") == 0    ? " (sheet)"
                   : strcmp(tail, "_form") == 0 ? " (form)"
                                                : "");
    kv(c, "operationId", name);
    kv(c, "summary", summary);
    description(c, r, lead);
    canon_key(c, "tags");
    canon_list(c);
    canon_str(c, route_tag(r));
    canon_list_end(c);
}

/* --- what is given --------------------------------------------------------------------------------------- */

static void state_parameter(canon *c, const view *v)
{
    canon_open(c);
    kv(c, "name", "state");
    kv(c, "in", "query");
    kv(c, "description", "rows in this state alone");
    canon_key(c, "schema");
    canon_open(c);
    kv(c, "type", "string");
    states_enum(c, v->fields[v->state].of);
    canon_close(c);
    canon_close(c);
}

/* `on` names the day of a row that is to lie from `from` to `to`. */
static void period_parameters(canon *c, const view *v)
{
    static const char *const days[] = {"from", "to"};
    canon_open(c);
    kv(c, "name", "on");
    kv(c, "in", "query");
    kv(c, "description", "which day of a row lies from `from` to `to`; the three go together");
    canon_key(c, "schema");
    canon_open(c);
    kv(c, "type", "string");
    canon_key(c, "enum");
    canon_list(c);
    for (int i = 0; i < v->n_periods; i++) {
        canon_str(c, str_of(v->periods[i]));
    }
    canon_list_end(c);
    canon_close(c);
    canon_close(c);
    for (size_t i = 0; i < TQ_COUNT(days); i++) {
        canon_open(c);
        kv(c, "name", days[i]);
        kv(c, "in", "query");
        kv(c, "description", i == 0 ? "first day of the period" : "last day of the period");
        canon_key(c, "schema");
        canon_open(c);
        kv(c, "type", "string");
        kv(c, "format", "date");
        canon_close(c);
        canon_close(c);
    }
}

static void filters(canon *c, const route *r)
{
    const view *v = view_of(r->view);
    if (v->by_state && v->state >= 0) {
        state_parameter(c, v);
    }
    if (v->by_search) {
        openapi_ref(c, "parameters", "q");
    }
    if (v->n_periods > 0) {
        period_parameters(c, v);
    }
}

static void own_parameters(canon *c, const route *r, const canon_node *base)
{
    const canon_node *own = canon_get(canon_get(base, "parameters_of"), r->name);
    for (const canon_node *p = own == NULL ? NULL : own->kids; p != NULL; p = p->next) {
        canon_raw(c, p->raw);
    }
}

static void common_parameters(canon *c, const route *r)
{
    if (strstr(r->path, "{id}") != NULL) {
        openapi_ref(c, "parameters", "id");
    }
    openapi_ref(c, "parameters", "lang");
    openapi_ref(c, "parameters", "Role");
    if (role_in(ROLE_PUBLIC, r->roles)) {
        openapi_ref(c, "parameters", "programme");
    }
}

static void parameters(canon *c, const route *r, const canon_node *base)
{
    canon_key(c, "parameters");
    canon_list(c);
    common_parameters(c, r);
    own_parameters(c, r, base);
    if (r->kind == ROUTE_LIST) {
        openapi_ref(c, "parameters", "after");
        openapi_ref(c, "parameters", "limit");
        filters(c, r);
    } else if (!route_reads(r)) {
        openapi_ref(c, "parameters", "IdempotencyKey");
        openapi_ref(c, "parameters", "Csrf");
        if (r->kind == ROUTE_ACT) {
            openapi_ref(c, "parameters", "IfMatch");
        }
    }
    canon_list_end(c);
}

static void media(canon *c, const route *r, const char *type, bool form)
{
    canon_key(c, type);
    canon_open(c);
    canon_key(c, "schema");
    route_schema(c, r, form);
    if (!form) {
        canon_key(c, "example");
        route_sample(c, r);
    }
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
    media(c, r, takes_file(r, false) ? "multipart/form-data" : "application/x-www-form-urlencoded",
          true);
    canon_close(c);
    canon_close(c);
}

/* --- what is answered ------------------------------------------------------------------------------------ */

static void headers(canon *c, const char *const *names, size_t n)
{
    canon_key(c, "headers");
    canon_open(c);
    for (size_t i = 0; i < n; i += 2) {
        canon_key(c, names[i]);
        openapi_ref(c, "headers", names[i + 1]);
    }
    canon_close(c);
}

/* Does every role that may ask the route open the row's page too? Else the answer is its address. */
static bool row_shown(const route *r)
{
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        if (role_in((role)i, r->roles) && route_of_view(r->view, ROUTE_ITEM, (role)i) == NULL) {
            return false;
        }
    }
    return true;
}

static void item_ref(canon *c, const route *r)
{
    char name[OPENAPI_NAME_MAX];
    (void)snprintf(name, sizeof name, "%s_item", view_of(r->view)->name);
    openapi_ref(c, "schemas", name);
}

static void row_answer(canon *c, const route *r)
{
    if (r->view == VIEW_NONE) {
        openapi_ref(c, "schemas", "Location");
    } else if (r->kind == ROUTE_LIST) {
        view_list_schema(c, view_of(r->view));
    } else if (row_shown(r)) {
        item_ref(c, r);
    } else {
        canon_open(c);
        canon_key(c, "anyOf");
        canon_list(c);
        item_ref(c, r);
        openapi_ref(c, "schemas", "Location");
        canon_list_end(c);
        canon_close(c);
    }
}

static void answer_headers(canon *c, const route *r)
{
    static const char *const of_list[] = {"Link", "Link"};
    static const char *const of_item[] = {"ETag", "ETag"};
    static const char *const of_post[] = {
        "Location", "Location", "ETag", "ETag", "Idempotency-Replayed", "Replayed"};
    if (r->kind == ROUTE_LIST) {
        headers(c, of_list, TQ_COUNT(of_list));
    } else if (r->kind == ROUTE_ITEM) {
        headers(c, of_item, TQ_COUNT(of_item));
    } else if (r->kind != ROUTE_PAGE) {
        headers(c, of_post, TQ_COUNT(of_post));
    }
}

/* The answer of a row or list of the route's view. */
static void plain_answer(canon *c, const route *r)
{
    canon_key(c, r->kind == ROUTE_MAKE ? "201" : "200");
    canon_open(c);
    kv(c, "description", route_reads(r) ? "what was asked for" : "done; the row as it is now");
    answer_headers(c, r);
    canon_key(c, "content");
    canon_open(c);
    canon_key(c, "application/json");
    canon_open(c);
    canon_key(c, "schema");
    row_answer(c, r);
    canon_close(c);
    if (route_reads(r)) {
        canon_key(c, "text/html");
        canon_raw(c, STR("{\"schema\":{\"type\":\"string\"}}"));
    }
    canon_close(c);
    canon_close(c);
}

/* An answer that openapi_base.json tells; a MAKE may give it instead of its row. */
static void told_answer(canon *c, const route *r, const canon_node *answer)
{
    canon_key(c, "200");
    canon_open(c);
    kv(c, "description", route_reads(r) ? "what was asked for" : "done");
    answer_headers(c, r);
    canon_key(c, "content");
    canon_raw(c, answer->raw);
    canon_close(c);
}

typedef enum asked { ASKED_READ = 1, ASKED_FILTERED = 2, ASKED_WRITE = 4 } asked;

static void problems(canon *c, unsigned how)
{
    static const struct {
        const char *status, *name;
        unsigned of;
    } all[] = {
        {"400", "Malformed", ASKED_READ | ASKED_WRITE},
        {"401", "Unauthorized", ASKED_READ | ASKED_WRITE},
        {"403", "Forbidden", ASKED_WRITE},
        {"404", "NotFound", ASKED_READ | ASKED_WRITE},
        {"409", "Conflict", ASKED_WRITE},
        {"413", "TooLarge", ASKED_WRITE},
        {"415", "UnsupportedMedia", ASKED_WRITE},
        {"422", "Invalid", ASKED_FILTERED | ASKED_WRITE},
        {"429", "TooMany", ASKED_READ | ASKED_WRITE},
        {"503", "Unavailable", ASKED_READ | ASKED_WRITE},
        {"default", "Problem", ASKED_READ | ASKED_WRITE},
    };
    for (size_t i = 0; i < TQ_COUNT(all); i++) {
        if ((all[i].of & how) != 0) {
            canon_key(c, all[i].status);
            openapi_ref(c, "responses", all[i].name);
        }
    }
}

/* Browsers are sent on: to the log-in, or from what was done to what comes next. */
static void goes_on(canon *c)
{
    canon_key(c, "303");
    canon_raw(c, STR("{\"description\":\"for browsers: go on there\",\"headers\":{\"Location\":"
                     "{\"$ref\":\"#/components/headers/Location\"}}}"));
}

static void responses(canon *c, const route *r, const canon_node *base)
{
    const canon_node *told = canon_get(canon_get(base, "answers"), r->name);
    canon_key(c, "responses");
    canon_open(c);
    if (told == NULL || r->kind == ROUTE_MAKE) {
        plain_answer(c, r);
    }
    if (told != NULL) {
        told_answer(c, r, told);
    }
    goes_on(c);
    problems(c, route_reads(r) ? r->kind == ROUTE_LIST ? ASKED_READ | ASKED_FILTERED : ASKED_READ
                               : ASKED_WRITE);
    canon_close(c);
}

/* --- operations --------------------------------------------------------------------------------------------- */

static void operation(canon *c, const route *r, const canon_node *base)
{
    canon_key(c, route_reads(r) ? "get" : "post");
    canon_open(c);
    heading(c, r, "", NULL);
    if (r->when[0] != '\0') {
        openapi_words(c, "x-when", r->when);
    }
    if (r->trace[0] != '\0') {
        openapi_words(c, "x-trace", r->trace);
    }
    parameters(c, r, base);
    request_body(c, r);
    responses(c, r, base);
    security(c, r);
    canon_close(c);
}

/* A form or a sheet of a route: read, and no JSON. */
static void read_beside(canon *c, const route *r, const char *tail, const char *lead,
                        const char *type)
{
    const bool sheet = r->kind == ROUTE_LIST;
    static const char *const of_sheet[] = {"Content-Disposition", "Disposition"};
    canon_key(c, "get");
    canon_open(c);
    heading(c, r, tail, lead);
    canon_key(c, "parameters");
    canon_list(c);
    common_parameters(c, r);
    if (sheet) {
        filters(c, r);
    }
    canon_list_end(c);
    canon_key(c, "responses");
    canon_open(c);
    canon_key(c, "200");
    canon_open(c);
    kv(c, "description", "what was asked for");
    if (sheet) {
        headers(c, of_sheet, TQ_COUNT(of_sheet));
    }
    canon_key(c, "content");
    canon_open(c);
    canon_key(c, type);
    canon_raw(c, STR("{\"schema\":{\"type\":\"string\"}}"));
    canon_close(c);
    canon_close(c);
    goes_on(c);
    problems(c, sheet ? ASKED_READ | ASKED_FILTERED : ASKED_READ);
    canon_close(c);
    security(c, r);
    canon_close(c);
}

static void sheet(canon *c, const route *r)
{
    read_beside(c, r, "_csv",
                "All rows of the list as a sheet: UTF-8 with a byte order mark, headings in the "
                "language asked for.",
                "text/csv");
}

static void form(canon *c, const route *r)
{
    read_beside(c, r, "_form", "The form for people.", "text/html");
}

static bool is_read_at(const char *path)
{
    for (int i = 0; i < route_count; i++) {
        if (route_reads(&routes[i]) && strcmp(routes[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_route_before(const char *path, int before)
{
    for (int i = 0; i < before; i++) {
        if (strcmp(routes[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static void own_path(canon *c, int at, const canon_node *base)
{
    const char *path = routes[at].path;
    canon_key(c, path);
    canon_open(c);
    for (int k = at; k < route_count; k++) {
        const route *r = &routes[k];
        if (strcmp(r->path, path) != 0) {
            continue;
        }
        if ((r->kind == ROUTE_ACT || r->kind == ROUTE_DO) && !is_read_at(path)) {
            form(c, r);
        }
        operation(c, r, base);
    }
    canon_close(c);
}

void route_paths(canon *c, int at, const canon_node *base)
{
    const route *r = &routes[at];
    char path[PATH_MAX_];
    if (!has_route_before(r->path, at)) {
        own_path(c, at, base);
    }
    if (r->kind != ROUTE_LIST && r->kind != ROUTE_MAKE) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s%s", r->path, r->kind == ROUTE_LIST ? ".csv" : "/new");
    TQ_ASSERT(!has_route_before(path, route_count));
    canon_key(c, path);
    canon_open(c);
    r->kind == ROUTE_LIST ? sheet(c, r) : form(c, r);
    canon_close(c);
}
