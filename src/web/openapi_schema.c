/* SPDX-License-Identifier: Apache-2.0 */
#include "web/openapi_inner.h"

#include <stdio.h>

#include "domain/states.h"

void openapi_ref(canon *c, const char *kind, const char *name)
{
    char path[OPENAPI_NAME_MAX];
    (void)snprintf(path, sizeof path, "#/components/%s/%s", kind, name);
    canon_open(c);
    kv(c, "$ref", path);
    canon_close(c);
}

void openapi_words(canon *c, const char *key, const char *words)
{
    canon_key(c, key);
    canon_list(c);
    for (const char *at = words; *at != '\0';) {
        const size_t n = strcspn(at, " ");
        canon_str(c, (str){at, n});
        at += n + (at[n] == ' ' ? 1 : 0);
    }
    canon_list_end(c);
}

/* --- what is read ------------------------------------------------------------------------------------ */

/* Is this arrow the first of its table that leads there? */
static bool first_arrow_to(const state_arrow *arrows, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(arrows[i].table, arrows[at].table) == 0 &&
            strcmp(arrows[i].to, arrows[at].to) == 0) {
            return false;
        }
    }
    return true;
}

void states_enum(canon *c, const char *table)
{
    size_t n = 0;
    const state_arrow *arrows = state_arrows(&n);
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(arrows[i].table, table) != 0 || !first_arrow_to(arrows, i)) {
            continue;
        }
        if (!begun) {
            canon_key(c, "enum");
            canon_list(c);
            begun = true;
        }
        canon_str(c, str_of(arrows[i].to));
    }
    if (begun) {
        canon_list_end(c);
    }
}

static void typed(canon *c, const char *type)
{
    canon_open(c);
    kv(c, "type", type);
    canon_close(c);
}

/* The same types as web/doc.c writes them. */
static void view_field_schema(canon *c, const view_field *f)
{
    switch (f->type) {
    case VIEW_TYPE_ID:
    case VIEW_TYPE_INT:
        typed(c, "integer");
        break;
    case VIEW_TYPE_BPS:
        canon_open(c);
        kv(c, "type", "integer");
        kv(c, "description", "basis points: 8142 is 81.42 %");
        canon_close(c);
        break;
    case VIEW_TYPE_MONEY:
        openapi_ref(c, "schemas", "Money");
        break;
    case VIEW_TYPE_DAY:
        openapi_ref(c, "schemas", "DayOrNone");
        break;
    case VIEW_TYPE_INSTANT:
        openapi_ref(c, "schemas", "InstantOrNone");
        break;
    case VIEW_TYPE_BOOL:
        typed(c, "boolean");
        break;
    case VIEW_TYPE_LINE:
        openapi_ref(c, "schemas", "Stored");
        break;
    case VIEW_TYPE_STATE:
        canon_open(c);
        kv(c, "type", "string");
        states_enum(c, f->of);
        canon_close(c);
        break;
    case VIEW_TYPE_TEXT:
    case VIEW_TYPE_CODE:
    case VIEW_TYPE_TOKEN:
        typed(c, "string");
        break;
    }
}

void view_schema(canon *c, const view *v)
{
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

static void rows_of(canon *c, const char *name)
{
    canon_open(c);
    kv(c, "type", "array");
    canon_key(c, "items");
    openapi_ref(c, "schemas", name);
    canon_close(c);
}

void view_list_schema(canon *c, const view *v)
{
    canon_open(c);
    kv(c, "type", "object");
    openapi_words(c, "required", "items count next");
    canon_key(c, "properties");
    canon_open(c);
    canon_key(c, "items");
    rows_of(c, v->name);
    canon_key(c, "count");
    canon_raw(c, STR("{\"type\":\"integer\",\"description\":\"rows of all pages; beyond 10000 it "
                     "says 10001\"}"));
    canon_key(c, "next");
    canon_raw(c, STR("{\"type\":\"string\",\"description\":\"address of the next page; empty on "
                     "the last\"}"));
    canon_close(c);
    canon_close(c);
}

/* Children that only the programme's own people see are absent for others: none is required. */
static void children_schema(canon *c, const view *v)
{
    canon_open(c);
    kv(c, "type", "object");
    canon_key(c, "properties");
    canon_open(c);
    for (int i = 0; i < v->n_children; i++) {
        const view *child = view_of(v->children[i].view);
        canon_key(c, child->name);
        rows_of(c, child->name);
    }
    canon_close(c);
    canon_close(c);
}

void view_item_schema(canon *c, const view *v)
{
    canon_open(c);
    canon_key(c, "allOf");
    canon_list(c);
    openapi_ref(c, "schemas", v->name);
    canon_open(c);
    kv(c, "type", "object");
    openapi_words(c, "required", "children said actions");
    canon_key(c, "properties");
    canon_open(c);
    canon_key(c, "children");
    children_schema(c, v);
    canon_key(c, "said");
    canon_raw(
        c, STR("{\"type\":\"object\",\"description\":\"stored lines as sentences, in the language "
               "asked for\","
               "\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}"));
    canon_key(c, "actions");
    rows_of(c, "Action");
    canon_close(c);
    canon_close(c);
    canon_list_end(c);
    canon_close(c);
}

/* --- what is sent -------------------------------------------------------------------------------------- */

static void text_schema(canon *c, const field *f)
{
    canon_open(c);
    kv(c, "type", "string");
    if (f->type == FIELD_SECRET) {
        kv(c, "format", "password");
    }
    if (f->type == FIELD_CHOICE) {
        openapi_words(c, "enum", f->words);
    } else {
        kv(c, "description", "at most so many bytes of UTF-8");
        canon_kint(c, "maxLength", f->max);
    }
    canon_close(c);
}

static void whole_schema(canon *c, const field *f)
{
    const bool id = f->type != FIELD_INT;
    canon_open(c);
    kv(c, "type", "integer");
    canon_kint(c, "minimum", id ? 1 : f->min);
    if (!id) {
        canon_kint(c, "maximum", f->max);
    }
    if (f->type == FIELD_PICK) {
        char text[OPENAPI_NAME_MAX];
        const bool any = f->words[0] == '\0';
        (void)snprintf(text, sizeof text, "id of %s%s%s", view_of(f->pick)->name,
                       any ? "" : ", in the state ", f->words);
        kv(c, "description", text);
    }
    canon_close(c);
}

static void fields_schema(canon *c, const field *fields, int n, bool form);

static void field_schema(canon *c, const field *f, bool form)
{
    switch (f->type) {
    case FIELD_ID:
    case FIELD_PICK:
    case FIELD_INT:
        whole_schema(c, f);
        break;
    case FIELD_MONEY:
        openapi_ref(c, "schemas", "Money");
        break;
    case FIELD_RATE:
        openapi_ref(c, "schemas", "Percent");
        break;
    case FIELD_DAY:
        openapi_ref(c, "schemas", "Day");
        break;
    case FIELD_SECRET:
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_CHOICE:
        text_schema(c, f);
        break;
    case FIELD_BOOL:
        typed(c, "boolean");
        break;
    case FIELD_FILE:
        canon_open(c);
        kv(c, "type", "string");
        kv(c, "contentMediaType", "application/octet-stream");
        canon_kint(c, "maxLength", f->max);
        canon_close(c);
        break;
    case FIELD_ROWS:
        canon_open(c);
        kv(c, "type", "array");
        canon_kint(c, "maxItems", f->max);
        canon_key(c, "items");
        fields_schema(c, f->rows, f->n_rows_fields, form);
        canon_close(c);
        break;
    }
}

/* Files travel in forms only, so JSON knows nothing of them. Rows of a form have names of their own. */
static bool plain_field(const field *f, bool form)
{
    return form ? f->type != FIELD_ROWS : f->type != FIELD_FILE;
}

/* lines.0.amount, lines.1.amount … */
static void form_rows(canon *c, const field *fields, int n)
{
    canon_key(c, "patternProperties");
    canon_open(c);
    for (int i = 0; i < n; i++) {
        for (int k = 0; fields[i].type == FIELD_ROWS && k < fields[i].n_rows_fields; k++) {
            char name[OPENAPI_NAME_MAX];
            (void)snprintf(name, sizeof name, "^%s\\.[0-9]{1,3}\\.%s$", fields[i].name,
                           fields[i].rows[k].name);
            canon_key(c, name);
            field_schema(c, &fields[i].rows[k], true);
        }
    }
    canon_close(c);
}

static bool must(const field *f, bool form)
{
    /* A browser sends nothing for a box that is not ticked. */
    return plain_field(f, form) && (f->flags & REQ) != 0 && !(form && f->type == FIELD_BOOL);
}

static void required(canon *c, const field *fields, int n, bool form)
{
    bool begun = false;
    for (int i = 0; i < n; i++) {
        if (!must(&fields[i], form)) {
            continue;
        }
        if (!begun) {
            canon_key(c, "required");
            canon_list(c);
            begun = true;
        }
        canon_str(c, str_of(fields[i].name));
    }
    if (begun) {
        canon_list_end(c);
    }
}

/* What each form draws anew, beside the fields of the route. */
static void form_own(canon *c)
{
    static const char *const own[] = {"_csrf", "_idem", "_version"};
    for (size_t i = 0; i < TQ_COUNT(own); i++) {
        canon_key(c, own[i]);
        typed(c, "string");
    }
}

static void fields_schema(canon *c, const field *fields, int n, bool form)
{
    canon_open(c);
    kv(c, "type", "object");
    kbool(c, "additionalProperties", false);
    canon_key(c, "properties");
    canon_open(c);
    for (int i = 0; i < n; i++) {
        if (plain_field(&fields[i], form)) {
            canon_key(c, fields[i].name);
            field_schema(c, &fields[i], form);
        }
    }
    if (form) {
        form_own(c);
    }
    canon_close(c);
    if (form) {
        form_rows(c, fields, n);
    }
    required(c, fields, n, form);
    canon_close(c);
}

void route_schema(canon *c, const route *r, bool form)
{
    fields_schema(c, r->fields, r->n_fields, form);
}

bool takes_file(const route *r, bool needed)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (r->fields[i].type == FIELD_FILE && (!needed || (r->fields[i].flags & REQ) != 0)) {
            return true;
        }
    }
    return false;
}
