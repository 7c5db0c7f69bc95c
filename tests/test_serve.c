/* SPDX-License-Identifier: Apache-2.0 */
/* The program as its users meet it: the real binary, a real folder, a real port. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

#define INIT                                                                                       \
    "init --data @ --code TEST --name 测试县 --english Testshire --division 330522 "            \
    "--secadmin 安全甲 --secadmin2 安全乙 --sysadmin 系统丙"

static void calling_it_wrongly_is_2_and_names_the_fault(void **state)
{
    static const struct {
        const char *line, *said;
    } rows[] = {
        {"", "usage: tongquan"},
        {"frobnicate", "no verb frobnicate"},
        {"status --data @ --frob", "unknown_option"},
        {"status --data @ --json --json", "repeated_option"},
        {"status --data", "option_value"},
        {"status", "option_absent"},
        {"status --data @ --json=1", "unknown_option"},
        {"report profit --data @", "report_name"},
        {"report headline --data @ --until 2014-02-30", "day_form"},
        {"demo elsewhere --data @", "demo_name"},
        {"demo changxing --data @ --seed x", "seed_form"},
        {"export journal --data @ --format csv", "journal_format"},
        {"export books --data @", "export_name"},
        {"export bundle --data @", "option_absent"},
        {"import bundle", "import_name"},
        {"backup --data @", "option_absent"},
        {"restore --data @", "option_absent"},
        {"init --data @ --name X", "option_absent"},
        {"policy check", "policy_file"},
        {"policy mend x.yaml", "policy_verb"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int status = run(rows[i].line);
        if (status != 2 || strstr(err_text, rows[i].said) == NULL || out_text[0] != '\0') {
            fail_msg("`%s`: exit %d, stdout `%s`, stderr `%s`", rows[i].line, status, out_text,
                     err_text);
        }
    }
    assert_int_equal(run("help"), 0);
    assert_non_null(strstr(out_text, "verify"));
}

static void a_folder_without_installation_is_said_so(void **state)
{
    (void)state;
    assert_int_equal(run("status --data @"), 1);
    assert_int_equal(run("verify --data @"), 1);
    char data[128];
    place(data, sizeof data, "data");
    assert_int_not_equal(access(data, F_OK), 0); /* looking makes nothing */
}

static void an_installation_is_made_once(void **state)
{
    (void)state;
    if (run(INIT) != 0) {
        fail_msg("%s", err_text);
    }
    assert_int_not_equal(run(INIT), 0);
    assert_int_equal(run("status --data @ --json"), 0);
    assert_non_null(strstr(out_text, "\"engine\":\"sqlite\""));
    assert_int_equal(run("report headline --data @ --json"), 0);
    assert_non_null(strstr(out_text, "\"issued_fen\":0"));
    assert_int_equal(run("verify --data @"), 0);
}

/* --- a server ---------------------------------------------------------------------------------- */

#define END "Host: localhost\r\nConnection: close\r\n\r\n"
#define CSP                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "                   \
    "object-src 'none'; frame-ancestors 'none'"

static void pages_are_served(void)
{
    static const struct {
        const char *request, *status, *says;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" END, "HTTP/1.1 200", "<html lang=\"zh-CN\">"},
        {"GET / HTTP/1.1\r\n" END, "HTTP/1.1 200", "测试县"},
        {"GET /?lang=en HTTP/1.1\r\n" END, "HTTP/1.1 200", "<html lang=\"en\">"},
        {"GET / HTTP/1.1\r\nAccept-Language: en-GB\r\n" END, "HTTP/1.1 200", "Testshire"},
        {"GET /healthz HTTP/1.1\r\n" END, "HTTP/1.1 200", "{\"status\":\"ok\"}"},
        {"GET /livez HTTP/1.1\r\n" END, "HTTP/1.1 200", "{\"status\":\"ok\"}"},
        {"GET /readyz HTTP/1.1\r\n" END, "HTTP/1.1 200", "{\"status\":\"ok\"}"},
        {"GET /open/headline.json HTTP/1.1\r\n" END, "HTTP/1.1 200", "\"issued_fen\":0"},
        {"GET /assets/tq.css HTTP/1.1\r\n" END, "HTTP/1.1 200", "text/css"},
        {"GET /nowhere HTTP/1.1\r\nAccept: application/json\r\n" END, "HTTP/1.1 404",
         "application/problem+json"},
        {"GET /nowhere HTTP/1.1\r\n" END, "HTTP/1.1 404", "text/html"},
        {"GET /assets/../tq.css HTTP/1.1\r\n" END, "HTTP/1.1 400", "application/problem+json"},
        {"POST / HTTP/1.1\r\nContent-Length: 0\r\n" END, "HTTP/1.1 405",
         "application/problem+json"},
        {"DELETE / HTTP/1.1\r\n" END, "HTTP/1.1 405", "Allow: GET, HEAD"},
        {"GET / HTTP/1.1\r\nHost: other\r\n" END, "HTTP/1.1 400", "problem+json"},
    };
    static char answer[TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(rows[i].request, answer);
        if (strncmp(answer, rows[i].status, strlen(rows[i].status)) != 0 ||
            strstr(answer, rows[i].says) == NULL ||
            strstr(answer, "Content-Security-Policy: " CSP "\r\n") == NULL ||
            strstr(answer, "X-Content-Type-Options: nosniff\r\n") == NULL ||
            strstr(answer, "X-Frame-Options: DENY\r\n") == NULL ||
            strstr(answer, "Referrer-Policy: ") == NULL) {
            fail_msg("%s->\n%s", rows[i].request, answer);
        }
    }
    ask("GET / HTTP/1.1\r\n" END, answer);
    assert_null(strstr(answer, "style="));
    for (const char *at = strstr(answer, "<script"); at != NULL; at = strstr(at + 1, "<script")) {
        assert_int_equal(strncmp(at, "<script src=\"/assets/", 21),
                         0); /* none written into the page */
    }
    assert_null(strstr(answer, "<style"));
    ask("HEAD / HTTP/1.1\r\n" END, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n"); /* a head without a body */
}

static void reading_goes_on_and_a_second_server_is_4(pid_t server)
{
    static const char *const readers[] = {"status --data @", "report headline --data @",
                                          "verify --data @", "export hash --data @",
                                          "export journal --data @ --format hledger"};
    char pid[32];
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (run(readers[i]) != 0) {
            fail_msg("%s: %s", readers[i], err_text);
        }
    }
    (void)snprintf(pid, sizeof pid, "%d", (int)server);
    assert_int_equal(run("migrate --data @"), 4);
    assert_non_null(strstr(err_text, pid));
    assert_int_equal(run("serve --data @ --listen 127.0.0.1:0"), 4);
    assert_non_null(strstr(err_text, pid));
}

static void a_server_answers_beside_readers_and_stops_in_time(void **state)
{
    (void)state;
    const pid_t pid = serve("");
    pages_are_served();
    reading_goes_on_and_a_second_server_is_4(pid);
    assert_int_equal(server_stop(SIGTERM), 0);
    assert_int_equal(run("tick --data @"), 0); /* the lock went with it */
    assert_int_equal(run("verify --data @"), 0);
}

static void migrate_with_nothing_to_do_is_fine(void **state)
{
    (void)state;
    assert_int_equal(run("migrate --data @"), 0);
    assert_int_equal(run("verify --data @"), 0);
}

static void only_loopback_is_listened_on(void **state)
{
    (void)state;
    assert_int_equal(run("serve --data @ --listen 0.0.0.0:0"), 1);
    assert_non_null(strstr(err_text, "loopback"));
    assert_int_equal(run("serve --data @ --listen 127.0.0.1:70000"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calling_it_wrongly_is_2_and_names_the_fault),
        cmocka_unit_test(a_folder_without_installation_is_said_so),
        cmocka_unit_test(an_installation_is_made_once),
        cmocka_unit_test_teardown(a_server_answers_beside_readers_and_stops_in_time, end_server),
        cmocka_unit_test(migrate_with_nothing_to_do_is_fine),
        cmocka_unit_test(only_loopback_is_listened_on),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
