/* SPDX-License-Identifier: Apache-2.0 */
/* Menus and tabs: every role comes to each of its lists from the menu, or by a tab of an entry of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "web/locale.h"
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

static bool leads_to(const web_answer *page, const char *path)
{
    char link[120];
    const int n = snprintf(link, sizeof link, "href=\"%s\"", path);
    return memmem(page->body.data, page->body.len, link, (size_t)n) != NULL;
}

/* The menu shows the list, or a page of the menu has it as a tab. */
static bool reached(role r, const web_answer *work, const route *list)
{
    const route *head = list->menu == NULL ? NULL : route_named(list->menu);
    if (leads_to(work, list->path)) {
        return true;
    }
    if (head == NULL || !leads_to(work, head->path)) {
        return false;
    }
    const web_answer page = web_page_of(w, r, head->path);
    return page.status == 200 && leads_to(&page, list->path);
}

static void every_list_is_reached(void **state)
{
    (void)state;
    int seen = 0;
    /* Who sees the whole programme: lists of which the others see no row are not in their menus. */
    static const role all_of_it[] = {
        ROLE_INTAKE, ROLE_REVIEWER1, ROLE_REVIEWER2, ROLE_FINANCE_MAKER, ROLE_CENTRE,
        ROLE_OFFICE, ROLE_GROUP,     ROLE_AUDITOR,   ROLE_SUPERVISOR,    ROLE_SUPERVISOR_HEAD};
    for (size_t k = 0; k < TQ_COUNT(all_of_it); k++) {
        const role r = all_of_it[k];
        web_answer work = web_page_of(w, r, "/work");
        assert_int_equal(work.status, 200);
        work.body = arena_copy(w->f->a, work.body); /* an answer lasts until the next */
        for (int i = 0; i < route_count; i++) {
            const route *list = &routes[i];
            if (list->kind != ROUTE_LIST || list->menu == NULL || !role_in(r, list->roles) ||
                web_page_of(w, r, list->path).status != 200) {
                continue;
            }
            seen++;
            if (!reached(r, &work, list)) {
                fail_msg("%s does not come to %s", role_name(r), list->path);
            }
        }
    }
    assert_true(seen > 100);
}

static void a_tab_stands_in_the_menu_of_whom_its_head_is_closed_to(void **state)
{
    (void)state;
    const web_answer office = web_page_of(w, ROLE_OFFICE, "/work");
    assert_true(leads_to(&office, "/inspections"));
    assert_false(leads_to(&office, "/inspection-results"));
    const web_answer tabs = web_page_of(w, ROLE_OFFICE, "/inspection-results");
    assert_non_null(strstr(tabs.body.data, "<nav class=\"tabs\""));
    const web_answer platform = web_page_of(w, ROLE_LINKED_BUREAU, "/work");
    assert_false(leads_to(&platform, "/inspections"));
    assert_true(leads_to(&platform, "/inspection-results"));
}

/* A token that has no text is shown as it is: nobody is to read `draw` in a Chinese sentence. */
static void every_list_and_view_has_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < route_count; i++) {
        const char *names[] = {routes[i].name,
                               routes[i].view == VIEW_NONE ? NULL : view_of(routes[i].view)->name};
        static const char *const sets[] = {"route", "view"};
        for (size_t k = 0; k < TQ_COUNT(names); k++) {
            if (names[k] != NULL &&
                (str_eq(text_token(LANG_ZH, sets[k], str_of(names[k])), str_of(names[k])) ||
                 str_eq(text_token(LANG_EN, sets[k], str_of(names[k])), str_of(names[k])))) {
                fail_msg("%s.%s has no text", sets[k], names[k]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_list_and_view_has_its_name),
        cmocka_unit_test(every_list_is_reached),
        cmocka_unit_test(a_tab_stands_in_the_menu_of_whom_its_head_is_closed_to),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
