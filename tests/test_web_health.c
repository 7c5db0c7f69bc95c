/* SPDX-License-Identifier: Apache-2.0 */
/* The system administrator's page of the installation: what is checked, in both languages, and nobody
 * else's business. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "app/doctor.h"
#include "app/job.h"
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

static bool has(const web_answer *a, const char *text)
{
    return memmem(a->body.data, a->body.len, text, strlen(text)) != NULL;
}

static void only_the_system_administrator_sees_it(void **state)
{
    (void)state;
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (r != ROLE_PUBLIC && w->token[r][0] == '\0') {
            continue;
        }
        const web_answer a = web_get(w, (role)r, "/health");
        const unsigned wanted = r == ROLE_SYSADMIN ? 200 : r == ROLE_PUBLIC ? 401 : 404;
        if (a.status != wanted) {
            fail_msg("%s: %u", role_name((role)r), a.status);
        }
    }
}

static void every_check_is_told_with_its_state(void **state)
{
    static const char *const names[] = {
        "folder", "disk",   "pdftocairo", "poppler_data", "fonts", "backup", "schema",
        "clock",  "writes", "balances",   "checkpoint",   "jobs",  "roles"};
    (void)state;
    const web_answer a = web_get(w, ROLE_SYSADMIN, "/health");
    assert_int_equal(a.status, 200);
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        char wanted[80];
        (void)snprintf(wanted, sizeof wanted, "{\"name\":\"%s\",\"state\":\"", names[i]);
        if (!has(&a, wanted)) {
            fail_msg("no %s in %.*s", names[i], STR_ARG(a.body));
        }
    }
    assert_true(has(&a, "{\"name\":\"balances\",\"state\":\"ok\""));
    assert_true(has(&a, "{\"name\":\"backup\",\"state\":\"warn\""));
    assert_true(has(&a, "\"ok\":true"));
    assert_true(web_int(w, &a, "events") > 0);
    assert_true(web_int(w, &a, "db_bytes") > 0);
}

static void the_page_says_what_to_do_in_both_languages(void **state)
{
    (void)state;
    const web_answer zh = web_page_of(w, ROLE_SYSADMIN, "/health?lang=zh");
    assert_int_equal(zh.status, 200);
    assert_true(has(&zh, "请运行 backup 命令"));
    assert_true(has(&zh, "可以对外服务"));
    assert_true(has(&zh, "href=\"/health\"")); /* in the menu */
    const web_answer en = web_page_of(w, ROLE_SYSADMIN, "/health?lang=en");
    assert_true(has(&en, "Run backup, and have it run daily."));
    assert_true(has(&en, "Fit to serve"));
    const web_answer other = web_page_of(w, ROLE_OFFICE, "/work");
    assert_false(has(&other, "href=\"/health\""));
}

/* R-DUTY-020: what came past the use cases is told, with the person. */
static void roles_that_nobody_may_hold_together_are_told(void **state)
{
    (void)state;
    int64_t id = 0;
    call c = w->now[ROLE_SYSADMIN];
    c.who = (actor){.role = ROLE_SYSTEM, .programme_id = c.who.programme_id};
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(store_begin(app_store(w->f->app), STORE_WRITE, &tx, err));
        event e = work_event(&c, EV_GRANT_CONFIRM);
        NEED(event_new_row(tx, &e, T_ROLE_GRANT, &id, err));
        event_int(&e, C_ROLE_GRANT_USER_ID, w->f->user[ROLE_AUDITOR]);
        event_text(&e, C_ROLE_GRANT_ROLE, STR("finance_maker"));
        event_text(&e, C_ROLE_GRANT_STATE, STR("active"));
        NEED(event_append(tx, &e, NULL, err));
        NEED(store_commit(&tx, err));
    }
    const web_answer a = web_get(w, ROLE_SYSADMIN, "/health");
    char person[64];
    (void)snprintf(person, sizeof person, "the first is person %lld",
                   (long long)w->f->person[ROLE_AUDITOR]);
    assert_true(has(&a, "{\"name\":\"roles\",\"state\":\"bad\""));
    assert_true(has(&a, person));
}

/* A job that was asked for the installation as a whole has a page like any other, for the roles that see
 * jobs at all. */
static void a_job_of_the_installation_has_its_page(void **state)
{
    (void)state;
    tq_err err = {0};
    int64_t id = 0;
    char path[64];
    call c = w->now[ROLE_SYSADMIN];
    c.who.programme_id = 0;
    if (job_start(w->f->app, &c, job_kind_find(STR("tick")), STR("{}"), &id, &err) != TQ_OK) {
        fail_msg("%s: %s", err.reason, err.detail);
    }
    (void)snprintf(path, sizeof path, "/jobs/%lld", (long long)id);
    const web_answer one = web_get(w, ROLE_SYSADMIN, path);
    assert_int_equal(one.status, 200);
    assert_int_equal(web_int(w, &one, "id"), id);
    const web_answer all = web_get(w, ROLE_SYSADMIN, "/jobs?state=waiting");
    assert_true(has(&all, "\"kind\":\"tick\""));
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, path).status, 404);
    const web_answer health = web_get(w, ROLE_SYSADMIN, "/health");
    assert_true(has(&health, "\"jobs\":[{\"state\":\"waiting\",\"count\":1}]"));
    (void)snprintf(path, sizeof path, "/jobs/%lld/cancel", (long long)id);
    assert_int_equal(web_post(w, ROLE_SYSADMIN, path, "{}").status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_system_administrator_sees_it),
        cmocka_unit_test(every_check_is_told_with_its_state),
        cmocka_unit_test(the_page_says_what_to_do_in_both_languages),
        cmocka_unit_test(a_job_of_the_installation_has_its_page),
        cmocka_unit_test(roles_that_nobody_may_hold_together_are_told),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
