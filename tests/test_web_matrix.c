/* SPDX-License-Identifier: Apache-2.0 */
/* Every route for every role, from the list that makes the site: who is not in a route's set finds nothing
 * there, and nothing has changed; who is in it never meets an error of ours. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "domain/roles.h"
#include "web_county.h"

static web_county *w;

static int make_county(void **state)
{
    (void)state;
    w = web_county_open();
    return 0;
}

static int drop_county(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

static bool asks_as(int r)
{
    return r == ROLE_PUBLIC || w->token[r][0] != '\0' || w->cookie[r][0] != '\0';
}

static bool open_to(const route *r, int who)
{
    return role_in((role)who, r->roles) || role_in(ROLE_PUBLIC, r->roles);
}

static void address_of(const route *r, const char *tail, char out[200])
{
    const char *hole = strstr(r->path, "{id}");
    if (hole == NULL) {
        (void)snprintf(out, 200, "%s%s", r->path, tail);
    } else {
        (void)snprintf(out, 200, "%.*s987654321%s%s", (int)(hole - r->path), r->path, hole + 4,
                       tail);
    }
}

static void check(const route *r, int who, const char *path, web_answer a)
{
    /* nobody in particular is sent to the log-in: 401 for programs, 303 for people */
    const bool blind = who == ROLE_PUBLIC ? a.status == 401 || a.status == 303 : a.status == 404;
    if (!open_to(r, who) && !blind) {
        fail_msg("%s may not open %s, got %u", role_name((role)who), path, a.status);
    }
    const bool item = strstr(r->path, "{id}") != NULL;
    if (open_to(r, who) && !item && blind && who != ROLE_PUBLIC) {
        fail_msg("%s may open %s, got %u", role_name((role)who), path, a.status);
    }
    if (a.status >= 500 || a.status == 0) {
        fail_msg("%s asking %s: %u %.*s", role_name((role)who), path, a.status, STR_ARG(a.body));
    }
}

static void every_role_meets_its_routes_only(void **state)
{
    (void)state;
    int denied = 0;
    for (int who = ROLE_NONE + 1; who < ROLE_COUNT; who++) {
        if (!asks_as(who)) {
            continue;
        }
        for (int i = 0; i < route_count; i++) {
            const route *r = &routes[i];
            char path[200];
            address_of(r, "", path);
            const int64_t before = fixture_events(w->f);
            if (r->kind == ROUTE_LIST || r->kind == ROUTE_ITEM || r->kind == ROUTE_PAGE) {
                check(r, who, path, web_get(w, (role)who, path));
                check(r, who, path, web_page_of(w, (role)who, path));
            } else {
                check(r, who, path, web_post(w, (role)who, path, "{\"no_such_field\":1}"));
                address_of(r, r->kind == ROUTE_MAKE ? "/new" : "", path);
                const web_answer form = web_page_of(w, (role)who, path);
                if (!open_to(r, who)) {
                    /* a page sends those without a log-in to it */
                    assert_true(form.status == 404 || (who == ROLE_PUBLIC && form.status == 303));
                }
                assert_true(form.status < 500);
            }
            denied += open_to(r, who) ? 0 : 1;
            assert_int_equal(fixture_events(w->f), before);
        }
    }
    print_message("routes %d, denied cells %d\n", route_count, denied);
    assert_true(denied > route_count);
}

static void absent_and_forbidden_look_alike(void **state)
{
    (void)state;
    char absent[4096];
    char forbidden[4096];
    /* a firm asks for a batch (not its business) and for an address that is not there */
    web_answer a = web_get(w, ROLE_FIRM_AGENT, "/batches/1");
    assert_int_equal(a.status, 404);
    (void)snprintf(forbidden, sizeof forbidden, "%.*s", STR_ARG(a.body));
    a = web_get(w, ROLE_FIRM_AGENT, "/batchez/1");
    assert_int_equal(a.status, 404);
    (void)snprintf(absent, sizeof absent, "%.*s", STR_ARG(a.body));
    *strstr(absent, "\"request\"") = '\0';
    *strstr(forbidden, "\"request\"") = '\0';
    assert_string_equal(absent, forbidden);
}

static void lists_answer_in_both_forms(void **state)
{
    (void)state;
    for (int i = 0; i < route_count; i++) {
        if (routes[i].kind != ROUTE_LIST) {
            continue;
        }
        for (int who = ROLE_NONE + 1; who < ROLE_COUNT; who++) {
            if (asks_as(who) && open_to(&routes[i], who)) {
                char path[200];
                (void)snprintf(path, sizeof path, "%s.csv", routes[i].path);
                const unsigned json = web_get(w, (role)who, routes[i].path).status;
                const unsigned page = web_page_of(w, (role)who, routes[i].path).status;
                const unsigned csv = web_get(w, (role)who, path).status;
                if (json != 200 || page != 200 || csv != 200) {
                    fail_msg("%s as %s: %u %u %u", path, role_name((role)who), json, page, csv);
                }
                (void)snprintf(path, sizeof path, "%s?no_such_filter=1", routes[i].path);
                assert_int_equal(web_get(w, (role)who, path).status, 422);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_meets_its_routes_only),
        cmocka_unit_test(absent_and_forbidden_look_alike),
        cmocka_unit_test(lists_answer_in_both_forms),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
