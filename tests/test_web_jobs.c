/* SPDX-License-Identifier: Apache-2.0 */
/* Long work over HTTP: started by whom its kind allows, followed by events and by a page without script,
 * cancelled, and unseen by everybody else. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include <unistd.h>

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

static const char *at(int64_t id, const char *tail)
{
    static char path[80];
    (void)snprintf(path, sizeof path, "/jobs/%lld%s", (long long)id, tail);
    return path;
}

static void roles_start_their_kinds_only(void **state)
{
    (void)state;
    static const struct {
        role who;
        const char *body;
        unsigned status;
    } rows[] = {
        {ROLE_AUDITOR, "{\"kind\":\"verify\"}", 201},
        {ROLE_FINANCE_CHECKER, "{\"kind\":\"verify\"}", 201},
        {ROLE_SYSADMIN, "{\"kind\":\"tick\"}", 201},
        {ROLE_AUDITOR, "{\"kind\":\"settle_collect\",\"period\":\"2013Q3\"}", 422},
        {ROLE_FINANCE_MAKER, "{\"kind\":\"verify\"}", 422},
        {ROLE_FINANCE_MAKER, "{\"kind\":\"settle_collect\"}", 400},
        {ROLE_AUDITOR, "{\"kind\":\"backup\"}", 422},
        {ROLE_FIRM_AGENT, "{\"kind\":\"verify\"}", 404},
        {ROLE_PUBLIC, "{\"kind\":\"verify\"}", 401},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const web_answer a = web_post(w, rows[i].who, "/jobs", rows[i].body);
        if (a.status != rows[i].status) {
            fail_msg("row %zu: %u %.*s", i, a.status, STR_ARG(a.body));
        }
    }
}

static void a_waiting_job_is_followed_and_cancelled(void **state)
{
    (void)state;
    web_answer a = web_post(w, ROLE_AUDITOR, "/jobs", "{\"kind\":\"verify\"}");
    const int64_t id = web_int(w, &a, "id");
    assert_true(str_eq(web_text(w, &a, "state"), STR("waiting")));
    a = web_page_of(w, ROLE_AUDITOR, at(id, ""));
    assert_true(has(&a, "http-equiv=\"refresh\""));
    assert_true(has(&a, "data-events=\"/jobs/"));
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at(id, "")).status, 404);
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at(id, "/events")).status, 404);
    assert_int_equal(web_get(w, ROLE_AUDITOR, at(987654, "/events")).status, 404);
    assert_int_equal(web_post(w, ROLE_FINANCE_CHECKER, at(id, "/cancel"), "{}").status, 404);
    assert_int_equal(web_post(w, ROLE_AUDITOR, at(id, "/cancel"), "{}").status, 200);
    assert_int_equal(web_post(w, ROLE_AUDITOR, at(id, "/cancel"), "{}").status, 409);
    a = web_page_of(w, ROLE_AUDITOR, at(id, ""));
    assert_false(has(&a, "http-equiv=\"refresh\""));
}

static void events_tell_the_end(void **state)
{
    (void)state;
    job_runner *runner = NULL;
    const job_runner_options o = {.threads = 1, .node = "test"};
    web_answer a = web_post(w, ROLE_AUDITOR, "/jobs", "{\"kind\":\"verify\"}");
    const int64_t id = web_int(w, &a, "id");
    NEED(job_runner_start(w->f->app, &o, &runner, err));
    for (int i = 0; i < 200 && !str_eq(web_text(w, &a, "state"), STR("done")); i++) {
        (void)usleep(50000);
        a = web_get(w, ROLE_AUDITOR, at(id, ""));
    }
    job_runner_stop(runner);
    assert_true(str_eq(web_text(w, &a, "state"), STR("done")));
    a = web_get(w, ROLE_AUDITOR, at(id, "/events"));
    assert_int_equal(a.status, 200);
    assert_true(has(&a, "event: done\nid: 1\ndata: {\"state\":\"done\""));
    a = web_page_of(w, ROLE_AUDITOR, at(id, ""));
    assert_false(has(&a, "{&quot;"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_start_their_kinds_only),
        cmocka_unit_test(a_waiting_job_is_followed_and_cancelled),
        cmocka_unit_test(events_tell_the_end),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
