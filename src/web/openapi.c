/* SPDX-License-Identifier: Apache-2.0 */
#include "web/openapi.h"

#include <stdio.h>

#include "web/locale.h"
#include "web/openapi_inner.h"

#define BASE_ARENA_MAX (4 * 1024 * 1024)

typedef struct embedded_file {
    const char *name;
    const unsigned char *bytes;
    size_t len;
} embedded_file;

#include "web/openapi_base.inc" /* embedded_files[] */

const char *route_method(const route *r)
{
    return route_reads(r) ? "GET" : "POST";
}

/* A member as openapi_base.json has it. */
static void member(canon *c, const canon_node *n, arena *a)
{
    canon_key(c, arena_copy(a, n->key).data);
    canon_raw(c, n->raw);
}

static const canon_node *base_read(arena *a)
{
    const canon_node *base = NULL;
    tq_err err;
    const str text = {(const char *)embedded_files[0].bytes, embedded_files[0].len};
    TQ_ASSERT(json_read(text, a, &base, &err) == TQ_OK);
    return base;
}

/* The first part of an address names the resource; its first route says what that is. */
static void tags(canon *c)
{
    canon_key(c, "tags");
    canon_list(c);
    for (int i = 0; i < route_count; i++) {
        if (route_first_of_tag(i)) {
            canon_open(c);
            canon_kstr(c, "name", route_tag(&routes[i]));
            canon_kstr(c, "description", text_token(LANG_EN, "route", str_of(routes[i].name)));
            canon_close(c);
        }
    }
    canon_list_end(c);
}

/* A view is described where a route shows its rows, or rows of a parent of them. */
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

static bool has_page(view_id of)
{
    for (int i = 0; i < route_count; i++) {
        if (routes[i].kind == ROUTE_ITEM && routes[i].view == of) {
            return true;
        }
    }
    return false;
}

static void schemas(canon *c, const canon_node *base, arena *a)
{
    canon_key(c, "schemas");
    canon_open(c);
    for (const canon_node *k = canon_get(base, "schemas")->kids; k != NULL; k = k->next) {
        member(c, k, a);
    }
    for (int i = VIEW_NONE + 1; i < VIEW_COUNT; i++) {
        const view *v = view_of((view_id)i);
        if (view_used((view_id)i)) {
            canon_key(c, v->name);
            view_schema(c, v);
        }
        if (has_page((view_id)i)) {
            char name[OPENAPI_NAME_MAX];
            (void)snprintf(name, sizeof name, "%s_item", v->name);
            canon_key(c, name);
            view_item_schema(c, v);
        }
    }
    canon_close(c);
}

static void components(canon *c, const canon_node *base, arena *a)
{
    canon_key(c, "components");
    canon_open(c);
    for (const canon_node *k = canon_get(base, "components")->kids; k != NULL; k = k->next) {
        member(c, k, a);
    }
    schemas(c, base, a);
    canon_close(c);
}

void openapi_write(buf *out)
{
    ARENA_AUTO arena *a = arena_new("interface description", BASE_ARENA_MAX);
    const canon_node *base = base_read(a);
    canon c = canon_to(out);
    canon_open(&c);
    kv(&c, "openapi", "3.1.0");
    canon_key(&c, "info");
    canon_raw(&c, canon_get(base, "info")->raw);
    canon_key(&c, "servers");
    canon_raw(&c, STR("[{\"url\":\"/\"}]"));
    tags(&c);
    canon_key(&c, "paths");
    canon_open(&c);
    for (int i = 0; i < route_count; i++) {
        route_paths(&c, i, base);
    }
    canon_close(&c);
    components(&c, base, a);
    canon_close(&c);
}
