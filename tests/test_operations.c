/* SPDX-License-Identifier: Apache-2.0 */
/* Running the programme: settings, reload, drain, measures, the admin socket; by the real program. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

#define END "Host: localhost\r\nConnection: close\r\n\r\n"

static char answer[TEXT_MAX];

static int begin(void **state)
{
    if (make_home(state) != 0) {
        return 1;
    }
    return run("init --data @ --code TEST --name 测试县 --english Testshire --division 330522 "
               "--secadmin 安全甲 --secadmin2 安全乙 --sysadmin 系统丙 --cli-secadmin");
}

static void settings_are(const char *text)
{
    write_text("data/tongquan.yaml", text);
}

static void answers(const char *request, const char *status, const char *says)
{
    ask(request, answer);
    if (strncmp(answer, status, strlen(status)) != 0 || strstr(answer, says) == NULL) {
        fail_msg("%s->\n%s", request, answer);
    }
}

/* --- settings ---------------------------------------------------------------------------------- */

static void settings_are_checked_and_shown(void **state)
{
    (void)state;
    settings_are("rate: 100\nmetrics_token: 0123456789abcdef\n");
    assert_int_equal(run("config check --data @"), 0);
    assert_non_null(strstr(out_text, "the configuration holds"));
    assert_int_equal(run("config show --origin --data @"), 0);
    assert_non_null(strstr(out_text, "rate: 100  # tongquan.yaml:1\n"));
    assert_non_null(strstr(out_text, "metrics_token: ***  # tongquan.yaml:2"));
    assert_non_null(strstr(out_text, "workers: 64  # default\n"));
    assert_null(strstr(out_text, "0123456789abcdef"));
    assert_int_equal(run("config show --data @ --json"), 0);
    assert_non_null(strstr(out_text, "\"rate\":{\"value\":100,\"origin\":\"tongquan.yaml:1\","
                                     "\"in_force\":\"reload\"}"));
    assert_null(strstr(out_text, "0123456789abcdef"));
    settings_are("rate: fast\nspeed: 1\n");
    assert_int_equal(run("config check --data @ --json"), 3);
    assert_non_null(strstr(out_text, "\"ok\":false"));
    assert_non_null(strstr(out_text, "\"place\":\"tongquan.yaml:1:1\""));
    assert_non_null(strstr(out_text, "\"place\":\"tongquan.yaml:2:1\""));
    assert_int_equal(run("serve --data @ --listen 127.0.0.1:0"), 1); /* never with half of a file */
    assert_non_null(strstr(err_text, "tongquan.yaml:1:1"));
    settings_are("");
}

/* --- reload and drain ---------------------------------------------------------------------------- */

#define POST_NOBODY "POST /nowhere HTTP/1.1\r\nContent-Length: 0\r\n" END

/* Tries until the limit says no, at most `most` times; how many were let through. */
static int let_through(int most)
{
    for (int i = 0; i < most; i++) {
        ask(POST_NOBODY, answer);
        if (strncmp(answer, "HTTP/1.1 429", 12) == 0) {
            return i;
        }
    }
    return most;
}

static void a_reload_brings_into_force_what_it_can(void **state)
{
    (void)state;
    const pid_t pid = serve("");
    assert_int_equal(let_through(10), 10);
    settings_are("rate: 3\nworkers: 5\nlog_level: error\n");
    assert_int_equal(kill(pid, SIGHUP), 0);
    server_says("reload: rate: 600 -> 3 (tongquan.yaml:1)\n");
    server_says("reload: workers: 64 -> 5 (tongquan.yaml:2), in force after a restart\n");
    server_says("reload: log_level: info -> error (tongquan.yaml:3)\n");
    assert_true(let_through(10) <= 3);
    assert_null(strstr(answer, "HTTP/1.1 404"));

    settings_are("rate: 3x\n");
    assert_int_equal(kill(pid, SIGHUP), 0);
    server_says("reload: tongquan.yaml:1:1: rate is a number");
    server_says("the old settings stay in force\n");
    assert_int_equal(let_through(10), 0); /* still the old measure */

    settings_are("rate: 3\nlog_level: error\n");
    assert_int_equal(kill(pid, SIGHUP), 0);
    server_says("reload: nothing has changed\n");

    settings_are("rate: 100000\n");
    assert_int_equal(kill(pid, SIGHUP), 0);
    server_says("reload: rate: 3 -> 100000");
    pause_ms(300);
    assert_int_equal(let_through(10), 10);
    assert_int_equal(server_stop(SIGTERM), 0);
    settings_are("");
}

static void a_trusted_proxy_can_be_named_while_it_runs(void **state)
{
    (void)state;
    static const char as_another[] = "POST /nowhere HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\n"
                                     "Content-Length: 0\r\n" END;
    settings_are("rate: 2\n");
    const pid_t pid = serve("");
    assert_int_equal(let_through(5), 2);
    answers(as_another, "HTTP/1.1 429", "");
    settings_are("rate: 2\ntrusted_proxies: 127.0.0.1\n");
    assert_int_equal(kill(pid, SIGHUP), 0);
    server_says("reload: trusted_proxies: \"\" -> 127.0.0.1");
    answers(as_another, "HTTP/1.1 404", "");
    assert_int_equal(server_stop(SIGTERM), 0);
    settings_are("");
}

static void the_request_log_obeys_its_settings(void **state)
{
    (void)state;
    (void)serve("--log-level warn --log-format logfmt");
    answers("GET /livez HTTP/1.1\r\n" END, "HTTP/1.1 200", "ok");
    answers("GET /nowhere HTTP/1.1\r\n" END, "HTTP/1.1 404", "");
    server_says("level=warn msg=request");
    assert_int_equal(server_stop(SIGTERM), 0);
    assert_null(strstr(err_text, "level=info"));
    assert_non_null(strstr(err_text, "tongquan: stopping\n"));
}

static void sigterm_waits_for_the_request_under_way(void **state)
{
    (void)state;
    const pid_t pid = serve("--drain-time 5");
    char slow[600];
    (void)snprintf(slow, sizeof slow, "GET /open/headline.json HTTP/1.1\r\n" END);
    answers(slow, "HTTP/1.1 200", "issued_fen");
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(server_stop(SIGTERM), 0);
    assert_int_equal(run("verify --data @"), 0);
    assert_int_equal(run("status --data @ --json"), 0);
    assert_null(strstr(out_text, "\"checkpointed\":0")); /* the end of the log is signed when it ends */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_checked_and_shown),
        cmocka_unit_test_teardown(a_reload_brings_into_force_what_it_can, end_server),
        cmocka_unit_test_teardown(a_trusted_proxy_can_be_named_while_it_runs, end_server),
        cmocka_unit_test_teardown(the_request_log_obeys_its_settings, end_server),
        cmocka_unit_test_teardown(sigterm_waits_for_the_request_under_way, end_server),
    };
    return cmocka_run_group_tests(tests, begin, remove_home);
}
