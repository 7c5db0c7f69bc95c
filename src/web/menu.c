/* SPDX-License-Identifier: Apache-2.0 */
#include "web/menu.h"

#include <pthread.h>
#include <string.h>

#include "web/duties.h"
#include "web/site_inner.h"

#define TABS_MAX 12
#define ROUTES_MAX 1024

static const char *const menu_groups[] = {"do", "money", "watch", "find", "admin"};

/* Who asks: the acting role, or everybody. */
typedef struct reader {
    role acting;
    view_reach reach;
} reader;

static bool open_to(const reader *who, const route *r)
{
    return r->menu != NULL && role_in(who->acting, r->roles) &&
           (r->view == VIEW_NONE || view_within(view_of(r->view), who->reach));
}

static bool is_group(const char *menu)
{
    for (size_t i = 0; i < TQ_COUNT(menu_groups); i++) {
        if (strcmp(menu_groups[i], menu) == 0) {
            return true;
        }
    }
    return false;
}

static const route *heads[ROUTES_MAX];
static pthread_once_t heads_once = PTHREAD_ONCE_INIT;

static void heads_find(void)
{
    TQ_ASSERT(route_count <= ROUTES_MAX);
    for (int i = 0; i < route_count; i++) {
        if (routes[i].menu != NULL && !is_group(routes[i].menu)) {
            heads[i] = route_named(routes[i].menu);
            TQ_ASSERT(heads[i] != NULL && heads[i]->menu != NULL && is_group(heads[i]->menu));
        }
    }
}

/* The list whose tab this one is; NULL where it is none. menu_put has made the table: each page asks it of
 * every route, time and again. */
static const route *head_of(const route *r)
{
    return heads[r - routes];
}

static bool in_menu(const reader *who, const route *r, const char *group)
{
    if (!open_to(who, r)) {
        return false;
    }
    const route *head = head_of(r);
    return head == NULL ? strcmp(r->menu, group) == 0
                        : strcmp(head->menu, group) == 0 && !open_to(who, head);
}

static bool is_here(const web_rq *w, const route *r)
{
    const route *now = w->match.route;
    return now == r || (now != NULL && r->view != VIEW_NONE && now->view == r->view);
}

/* This page, or one of its tabs. */
static bool is_under(const web_rq *w, const route *r)
{
    if (is_here(w, r)) {
        return true;
    }
    for (int i = 0; i < route_count; i++) {
        if (head_of(&routes[i]) == r && is_here(w, &routes[i])) {
            return true;
        }
    }
    return false;
}

/* --- how much waits ------------------------------------------------------------------------------- */

/* Under a list its own view's duties, under /review those with a queue. */
typedef struct waits {
    int64_t n[64]; /* of duties[i]; 0 where it is not the actor's */
} waits;

/* A count that cannot be had costs the badge, not the page. */
static void count_waits(const web_rq *w, waits *out)
{
    TX_AUTO store_tx *tx = NULL;
    tq_err err;
    TQ_ASSERT(duty_count <= TQ_COUNT(out->n));
    if (!w->signed_in || work_read(w->app, &tx, &err) != TQ_OK) {
        return;
    }
    for (size_t i = 0; i < duty_count; i++) {
        if (duties[i].role == w->call.who.role && duty_path(w, &duties[i]).len > 0 &&
            duty_waiting(w, tx, &duties[i], &out->n[i], &err) != TQ_OK) {
            out->n[i] = 0;
        }
    }
}

static int64_t waits_of(const waits *all, const route *r)
{
    const bool desk = strcmp(r->path, "/review") == 0;
    int64_t n = 0;
    for (size_t i = 0; i < duty_count; i++) {
        const bool counts = desk ? duties[i].queue != VIEW_NONE
                                 : duties[i].queue == VIEW_NONE && r->kind == ROUTE_LIST &&
                                       duties[i].view == r->view;
        n += counts ? all->n[i] : 0;
    }
    return n;
}

static int64_t waits_under(const waits *all, const reader *who, const route *r)
{
    int64_t n = waits_of(all, r);
    for (int i = 0; i < route_count; i++) {
        n += head_of(&routes[i]) == r && open_to(who, &routes[i]) ? waits_of(all, &routes[i]) : 0;
    }
    return n;
}

static str badge(const web_rq *w, int64_t n)
{
    return n == 0               ? STR("")
           : n > DUTY_SHOWN_MAX ? arena_printf(w->call.a, "%d+", DUTY_SHOWN_MAX)
                                : arena_printf(w->call.a, "%lld", (long long)n);
}

/* --- menus ---------------------------------------------------------------------------------------- */

static str label_of(const web_rq *w, const char *set, const char *name)
{
    return text_token(w->lang, set, str_of(name));
}

static void staff_menu(const web_rq *w, const reader *who, const waits *waiting, doc *page)
{
    doc *groups = doc_list(page, "menu");
    for (size_t g = 0; g < TQ_COUNT(menu_groups); g++) {
        doc *items = NULL;
        for (int i = 0; i < route_count; i++) {
            const route *r = &routes[i];
            if (!in_menu(who, r, menu_groups[g])) {
                continue;
            }
            if (items == NULL) {
                doc *group = doc_object(groups, NULL);
                doc_text(group, "label", label_of(w, "menu", menu_groups[g]));
                items = doc_list(group, "items");
            }
            doc *item = doc_object(items, NULL);
            doc_text(item, "label", label_of(w, "route", r->name));
            doc_text(item, "href", str_of(r->path));
            doc_text(item, "icon", str_of(r->icon == NULL ? ICON("file-text") : r->icon));
            doc_bool(item, "here", is_under(w, r));
            doc_text(item, "waits", badge(w, waits_under(waiting, who, r)));
        }
    }
}

/* The bar has one row: what is long elsewhere may be short there. */
static str bar_label(const web_rq *w, const route *r)
{
    const char *text = text_find(w->lang, arena_printf(w->call.a, "bar.%s", r->name));
    return text != NULL ? str_of(text) : label_of(w, "route", r->name);
}

/* Lists that everybody may read: the menu of the public pages, with or without a log-in. */
static void public_menu(const web_rq *w, doc *page)
{
    const reader everybody = {ROLE_PUBLIC, REACH_PUBLIC};
    doc *items = doc_list(page, "public");
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        const route *head = head_of(r);
        if (open_to(&everybody, r) && (head == NULL || !open_to(&everybody, head))) {
            doc *item = doc_object(items, NULL);
            doc_text(item, "label", bar_label(w, r));
            doc_text(item, "href", site_link(w, str_of(r->path)));
            doc_bool(item, "here", is_under(w, r));
        }
    }
}

static void tab(const web_rq *w, const waits *waiting, const route *r, doc *list)
{
    doc *item = doc_object(list, NULL);
    doc_text(item, "label", label_of(w, "route", r->name));
    doc_text(item, "href", site_link(w, str_of(r->path)));
    doc_bool(item, "here", w->match.route == r);
    doc_text(item, "waits", badge(w, waits_of(waiting, r)));
}

/* On a list, or a page that stands for one: its head and all that belong to it. */
static void tabs(const web_rq *w, const reader *who, const waits *waiting, doc *page)
{
    const route *now = w->match.route;
    doc *list = doc_list(page, "tabs");
    if (now == NULL || now->menu == NULL || (now->kind == ROUTE_LIST && w->match.form)) {
        return;
    }
    const route *head = head_of(now) == NULL ? now : head_of(now);
    const route *shown[TABS_MAX];
    size_t n = 0;
    if (open_to(who, head)) {
        shown[n++] = head;
    }
    for (int i = 0; i < route_count; i++) {
        if (head_of(&routes[i]) == head && open_to(who, &routes[i])) {
            TQ_ASSERT(n < TABS_MAX);
            shown[n++] = &routes[i];
        }
    }
    for (size_t i = 0; n > 1 && i < n; i++) {
        tab(w, waiting, shown[i], list);
    }
}

void menu_put(const web_rq *w, bool counts, doc *page)
{
    const reader who = {w->call.who.role, w->scope.reach};
    waits waiting = {0};
    TQ_ASSERT(pthread_once(&heads_once, heads_find) == 0);
    if (counts) {
        count_waits(w, &waiting);
    }
    staff_menu(w, &who, &waiting, page);
    public_menu(w, page);
    tabs(w, &who, &waiting, page);
}
