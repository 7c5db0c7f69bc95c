/* SPDX-License-Identifier: Apache-2.0 */
#include "web/acts.h"

#include <pthread.h>
#include <stdlib.h>

#define ID_DIGITS_MAX 18

/* First pass: a table of fields for each route that takes some. */
#define NO_FIELDS
#define F(field_name, ...) {.name = #field_name, __VA_ARGS__},
#define F_ID(name, how) F(name, .type = FIELD_ID, .flags = (how))
#define F_PICK(name, view, states, how)                                                            \
    F(name, .type = FIELD_PICK, .flags = (how), .words = (states), .pick = VIEW_##view)
#define F_INT(name, low, high, how)                                                                \
    F(name, .type = FIELD_INT, .flags = (how), .min = (low), .max = (high))
#define F_MONEY(name, how) F(name, .type = FIELD_MONEY, .flags = (how))
#define F_RATE(name, low, high, how)                                                               \
    F(name, .type = FIELD_RATE, .flags = (how), .min = (low), .max = (high))
#define F_DAY(name, how) F(name, .type = FIELD_DAY, .flags = (how))
#define F_TEXT(name, bytes, how) F(name, .type = FIELD_TEXT, .flags = (how), .max = (bytes))
#define F_NAMED(name, bytes, view, column, how)                                                    \
    F(name, .type = FIELD_TEXT, .flags = (how), .max = (bytes), .pick = VIEW_##view,               \
      .words = #column)
#define F_SUGGEST(name, bytes, texts, list, how)                                                   \
    F(name, .type = FIELD_TEXT, .flags = (how), .max = (bytes), .words = (list), .set = #texts)
#define F_LONG(name, bytes, how) F(name, .type = FIELD_LONG, .flags = (how), .max = (bytes))
#define F_SECRET(name, bytes, how) F(name, .type = FIELD_SECRET, .flags = (how), .max = (bytes))
#define F_CHOICE(name, list, texts, how)                                                           \
    F(name, .type = FIELD_CHOICE, .flags = (how), .words = (list), .set = #texts)
#define F_BOOL(name, how) F(name, .type = FIELD_BOOL, .flags = (how))
#define F_FILE(name, bytes, how) F(name, .type = FIELD_FILE, .flags = (how), .max = (bytes))
#define F_ROWS(name, row, count, how)                                                              \
    F(name, .type = FIELD_ROWS, .flags = (how), .max = (count), .rows = fields_##row,              \
      .n_rows_fields = (int)TQ_COUNT(fields_##row))
#define ROWS(name, list) static const field fields_##name[] = {list};
#define LIST(name, path, view, roles, menu, icon)
#define ITEM(name, path, view, roles)
#define MAKE(id, path, view, roles, list, trace)                                                   \
    static const field fields_##id[] = {list{.name = NULL}};
#define ACT(id, path, view, when, roles, list, trace)                                              \
    static const field fields_##id[] = {list{.name = NULL}};
#define ACT_MAKES(id, path, view, when, made, roles, list, trace)                                  \
    static const field fields_##id[] = {list{.name = NULL}};
#define DO(id, path, roles, list, trace) static const field fields_##id[] = {list{.name = NULL}};
#define PAGE(name, path, roles, menu, icon)
#define PAGE_WHEN(name, path, when, roles, icon)
#include "web/routes.def"
#undef LIST
#undef ITEM
#undef MAKE
#undef ACT
#undef ACT_MAKES
#undef DO
#undef PAGE
#undef PAGE_WHEN
#undef ROWS

/* Second pass: the routes. */
#define ROWS(name, list)
#define TAKES(id) .fields = fields_##id, .n_fields = (int)TQ_COUNT(fields_##id) - 1, .act = act_##id
#define LIST(id, at, of, who, group, picture)                                                      \
    {.name = #id,                                                                                  \
     .kind = ROUTE_LIST,                                                                           \
     .path = (at),                                                                                 \
     .view = VIEW_##of,                                                                            \
     .when = "",                                                                                   \
     .roles = (who),                                                                               \
     .menu = (group),                                                                              \
     .icon = (picture),                                                                            \
     .trace = ""},
#define ITEM(id, at, of, who)                                                                      \
    {.name = #id,                                                                                  \
     .kind = ROUTE_ITEM,                                                                           \
     .path = (at),                                                                                 \
     .view = VIEW_##of,                                                                            \
     .when = "",                                                                                   \
     .roles = (who),                                                                               \
     .trace = ""},
#define MAKE(id, at, of, who, list, why)                                                           \
    {.name = #id,                                                                                  \
     .kind = ROUTE_MAKE,                                                                           \
     .path = (at),                                                                                 \
     .view = VIEW_##of,                                                                            \
     .when = "",                                                                                   \
     .roles = (who),                                                                               \
     .trace = (why),                                                                               \
     TAKES(id)},
#define ACT(id, at, of, states, who, list, why)                                                    \
    {.name = #id,                                                                                  \
     .kind = ROUTE_ACT,                                                                            \
     .path = (at),                                                                                 \
     .view = VIEW_##of,                                                                            \
     .when = (states),                                                                             \
     .roles = (who),                                                                               \
     .trace = (why),                                                                               \
     TAKES(id)},
#define ACT_MAKES(id, at, of, states, new, who, list, why)                                         \
    {.name = #id,                                                                                  \
     .kind = ROUTE_ACT,                                                                            \
     .path = (at),                                                                                 \
     .view = VIEW_##of,                                                                            \
     .made = VIEW_##new,                                                                           \
     .when = (states),                                                                             \
     .roles = (who),                                                                               \
     .trace = (why),                                                                               \
     TAKES(id)},
#define DO(id, at, who, list, why)                                                                 \
    {.name = #id,                                                                                  \
     .kind = ROUTE_DO,                                                                             \
     .path = (at),                                                                                 \
     .when = "",                                                                                   \
     .roles = (who),                                                                               \
     .trace = (why),                                                                               \
     TAKES(id)},
#define PAGE_ANY(id, at, states, who, group, picture)                                              \
    {.name = #id,                                                                                  \
     .kind = ROUTE_PAGE,                                                                           \
     .path = (at),                                                                                 \
     .when = (states),                                                                             \
     .roles = (who),                                                                               \
     .menu = (group),                                                                              \
     .icon = (picture),                                                                            \
     .page = page_##id,                                                                            \
     .trace = ""},
#define PAGE(id, at, who, group, picture) PAGE_ANY(id, at, "", who, group, picture)
#define PAGE_WHEN(id, at, states, who, picture) PAGE_ANY(id, at, states, who, NULL, picture)

const route routes[] = {
#include "web/routes.def"
};
const int route_count = (int)TQ_COUNT(routes);

static str segment(str *path)
{
    const char *slash = path->len == 0 ? NULL : memchr(path->data, '/', path->len);
    const str s = {path->data, slash == NULL ? path->len : (size_t)(slash - path->data)};
    *path = slash == NULL ? (str){0} : (str){slash + 1, path->len - s.len - 1};
    return s;
}

/* Ids are plain digits: no sign, no leading zero, so that a row has one address. */
static bool id_of(str s, int64_t *id)
{
    long long n = 0;
    if (s.len > ID_DIGITS_MAX || !str_int64(s, &n) || n == 0) {
        return false;
    }
    *id = n;
    return true;
}

static bool fits(const char *pattern, str path, int64_t *id)
{
    *id = 0;
    /* Most patterns part from the path at their first letter, and each request asks all of them. */
    if (path.len > 1 && pattern[0] == '/' && pattern[1] != '{' && pattern[1] != path.data[1]) {
        return false;
    }
    str want = str_of(pattern);
    while (want.len > 0 && path.len > 0) {
        const bool want_more = memchr(want.data, '/', want.len) != NULL;
        const bool path_more = memchr(path.data, '/', path.len) != NULL;
        const str w = segment(&want);
        const str p = segment(&path);
        if (want_more != path_more) {
            return false;
        }
        if (str_eq(w, STR("{id}")) ? !id_of(p, id) : !str_eq(w, p)) {
            return false;
        }
    }
    return want.len == 0 && path.len == 0;
}

/* path without `tail`, where it ends so */
static bool cut_tail(str *path, str tail)
{
    if (path->len <= tail.len ||
        memcmp(path->data + path->len - tail.len, tail.data, tail.len) != 0) {
        return false;
    }
    path->len -= tail.len;
    return true;
}

static bool is_post(const route *r)
{
    return r->kind == ROUTE_MAKE || r->kind == ROUTE_ACT || r->kind == ROUTE_DO;
}

static bool get_matches(const route *r, str path, route_match *m)
{
    str shorter = path;
    if (r->kind == ROUTE_LIST && cut_tail(&shorter, STR(".csv")) &&
        fits(r->path, shorter, &m->id)) {
        m->csv = true;
        return true;
    }
    if (r->kind == ROUTE_MAKE) {
        m->form = true;
        return cut_tail(&shorter, STR("/new")) && fits(r->path, shorter, &m->id);
    }
    m->form = r->kind == ROUTE_ACT || r->kind == ROUTE_DO;
    return fits(r->path, path, &m->id);
}

route_match route_find(http_method method, str path)
{
    bool get = false;
    bool post = false;
    const bool reads = method == HTTP_GET || method == HTTP_HEAD;
    for (int i = 0; i < route_count; i++) {
        route_match m = {.route = &routes[i]};
        int64_t id = 0;
        if (get_matches(&routes[i], path, &m)) {
            if (reads) {
                return m;
            }
            get = true;
        }
        if (is_post(&routes[i]) && fits(routes[i].path, path, &id)) {
            if (method == HTTP_POST) {
                return (route_match){.route = &routes[i], .id = id};
            }
            post = true;
        }
    }
    return (route_match){.allow = get    ? post ? "GET, HEAD, POST" : "GET, HEAD"
                                  : post ? "POST"
                                         : NULL};
}

/* Made once from the table: routes in the order of their names, and those of each view one after another. A page
 * asks for hundreds of them, and there are hundreds. */
static struct {
    const route *by_name[TQ_COUNT(routes)];
    const route *first_of[VIEW_COUNT];
    const route *next_of_view[TQ_COUNT(routes)];
} found;
static pthread_once_t found_once = PTHREAD_ONCE_INIT;

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const route *const *)a)->name, (*(const route *const *)b)->name);
}

static int name_is(const void *name, const void *of)
{
    return strcmp(name, (*(const route *const *)of)->name);
}

static void find_all(void)
{
    for (int i = route_count - 1; i >= 0; i--) {
        const route *r = &routes[i];
        found.by_name[i] = r;
        if (r->view != VIEW_NONE) {
            found.next_of_view[i] = found.first_of[r->view];
            found.first_of[r->view] = r;
        }
    }
    qsort((void *)found.by_name, TQ_COUNT(routes), sizeof found.by_name[0], by_name);
}

const route *route_named(const char *name)
{
    TQ_ASSERT(pthread_once(&found_once, find_all) == 0);
    const route *const *at = bsearch(name, (const void *)found.by_name, TQ_COUNT(routes),
                                     sizeof found.by_name[0], name_is);
    return at == NULL ? NULL : *at;
}

const route *route_of_view(view_id of, route_kind kind, role r)
{
    TQ_ASSERT(pthread_once(&found_once, find_all) == 0);
    for (const route *at = found.first_of[of]; at != NULL; at = found.next_of_view[at - routes]) {
        if (at->kind == kind && role_in(r, at->roles)) {
            return at;
        }
    }
    return NULL;
}

bool route_when(const route *r, str state)
{
    str words = str_of(r->when);
    if (words.len == 0) {
        return true;
    }
    while (words.len > 0) {
        const char *blank = memchr(words.data, ' ', words.len);
        const str word = {words.data, blank == NULL ? words.len : (size_t)(blank - words.data)};
        if (str_eq(word, state)) {
            return true;
        }
        words = blank == NULL ? (str){0} : (str){blank + 1, words.len - word.len - 1};
    }
    return false;
}

str route_path(const route *r, int64_t id, arena *a)
{
    const char *hole = strstr(r->path, "{id}");
    if (hole == NULL) {
        return str_of(r->path);
    }
    return arena_printf(a, "%.*s%lld%s", (int)(hole - r->path), r->path, (long long)id, hole + 4);
}
