/* SPDX-License-Identifier: Apache-2.0 */
/* Running the programme: settings, reload, drain, measures, the admin socket; by the real program. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
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

/* A body is half way when the server is told to stop: the rest of it is still taken, and answered. */
static void sigterm_waits_for_the_request_under_way(void **state)
{
    (void)state;
    const pid_t pid = serve("--drain-time 20");
    const int fd =
        begin_at(port, "POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                       "Content-Length: 18\r\n" END "login=a&");
    pause_ms(300); /* so that its head has been read */
    assert_int_equal(kill(pid, SIGTERM), 0);
    server_says("tongquan: stopping\n");
    pause_ms(300);
    send_more(fd, "password=b");
    take_answer(fd, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 4", 10), 0);
    assert_int_equal(server_stop(SIGTERM), 0); /* a second one changes nothing */
    assert_int_equal(run("verify --data @"), 0);
    assert_int_equal(run("status --data @ --json"), 0);
    assert_null(strstr(out_text,
                       "\"checkpointed\":0")); /* the end of the log is signed when it ends */
}

/* --- measures ------------------------------------------------------------------------------------ */

#define TOKEN "0123456789abcdef"
#define WITH_TOKEN "Authorization: Bearer " TOKEN "\r\n"

/* Held to the format by the parser of Prometheus' own library for Python; prints what the sample is. */
static void parses_and_has(const char *body, const char *const *samples)
{
    write_text("metrics.txt", body);
    char path[128];
    char command[1024];
    place(path, sizeof path, "metrics.txt");
    (void)snprintf(command, sizeof command, "/usr/bin/python3 '%s/tests/parse_metrics.py' '%s'",
                   getenv("TQ_SOURCE_DIR"), path);
    for (; *samples != NULL; samples++) {
        const size_t used = strlen(command);
        (void)snprintf(command + used, sizeof command - used, " '%s'", *samples);
    }
    assert_int_equal(system(command), 0);
}

static unsigned metrics_port(void)
{
    unsigned at = 0;
    server_says("metrics on http://127.0.0.1:");
    assert_int_equal(sscanf(strstr(err_text, "metrics on "), "metrics on http://127.0.0.1:%u/",
                            &at),
                     1);
    return at;
}

static void measures_have_a_listener_of_their_own(void **state)
{
    static const char *const samples[] = {
        "tongquan_http_requests_total route=/ method=GET status=200 >=2",
        "tongquan_http_requests_total route=none method=POST status=405 >=1",
        "tongquan_http_request_duration_seconds_count route=/ >=2",
        "tongquan_http_refused_total limit=method_not_allowed >=1",
        "tongquan_http_workers ==7",
        "tongquan_store_up ==1",
        "tongquan_events_total >=1",
        "tongquan_store_groups_total >=1",
        "tongquan_database_bytes >=4096",
        "tongquan_checkpoint_events >=1",
        "tongquan_backup_timestamp_seconds ==0",
        "tongquan_clock_rounds_total ==1",
        "tongquan_build_info engine=sqlite ==1",
        "process_resident_memory_bytes >=1000000",
        NULL,
    };
    (void)state;
    (void)serve("--metrics-listen 127.0.0.1:0 --workers 7");
    const unsigned at = metrics_port();
    answers("GET / HTTP/1.1\r\n" END, "HTTP/1.1 200", "html");
    answers("GET / HTTP/1.1\r\n" END, "HTTP/1.1 200", "html");
    answers("POST / HTTP/1.1\r\nContent-Length: 0\r\n" END, "HTTP/1.1 405", "");
    ask_at(at, "GET /metrics HTTP/1.1\r\n" END, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    parses_and_has(strstr(answer, "\r\n\r\n") + 4, samples);
    ask_at(at, "GET / HTTP/1.1\r\n" END, answer);
    assert_int_equal(strncmp(answer, "HTTP/1.1 404", 12), 0);     /* no pages there */
    answers("GET /metrics HTTP/1.1\r\n" END, "HTTP/1.1 404", ""); /* and no measures here */
    answers("GET /metrics HTTP/1.1\r\n" WITH_TOKEN END, "HTTP/1.1 401", ""); /* no token is set */
    assert_int_equal(server_stop(SIGTERM), 0);
}

static void measures_on_the_pages_need_the_token(void **state)
{
    (void)state;
    settings_are("metrics_token: " TOKEN "\n");
    const pid_t pid = serve("");
    answers("GET /metrics HTTP/1.1\r\n" END, "HTTP/1.1 404", "");
    answers("GET /metrics HTTP/1.1\r\nAuthorization: Bearer " TOKEN "0\r\n" END, "HTTP/1.1 401",
            "");
    answers("GET /metrics HTTP/1.1\r\nAuthorization: Basic " TOKEN "\r\n" END, "HTTP/1.1 401", "");
    answers("GET /metrics HTTP/1.1\r\n" WITH_TOKEN END, "HTTP/1.1 200", "tongquan_store_up 1\n");
    settings_are("metrics_token: another-0123456789\n");
    assert_int_equal(kill(pid, SIGHUP), 0);
    server_says("reload: metrics_token: *** -> ***");
    answers("GET /metrics HTTP/1.1\r\n" WITH_TOKEN END, "HTTP/1.1 401", "");
    assert_int_equal(server_stop(SIGTERM), 0);
    assert_null(strstr(err_text, TOKEN));
    settings_are("");
}

/* --- the admin socket ----------------------------------------------------------------------------- */

static void says(const char *line, int status, const char *out, const char *err)
{
    const int got = run(line);
    if (got != status || strstr(out_text, out) == NULL || strstr(err_text, err) == NULL) {
        fail_msg("`%s`: exit %d, stdout `%s`, stderr `%s`", line, got, out_text, err_text);
    }
}

/* What a terminal can do without a server it can do beside one, with the same answers. */
static void writing_verbs_go_through_the_server(void **state)
{
    (void)state;
    (void)serve("");
    says("user open --data @ --role secadmin --login clerk --name 丁", 0, "user ", "");
    says("user open --data @ --role secadmin --login second --name 戊 --json", 0, "{\"id\":", "");
    server_says("admin: uid ");
    says("user open --data @ --role secadmin --login clerk --name 己", 4, "", "login"); /* taken */
    says("user open --data @ --role office --login third --name 己", 1, "", "no_role");
    says("user open --data @ --role secadmin --login third", 2, "", "give --name");
    says("grant propose --data @ --role secadmin --user 4 --gives intake", 0, "grant ", "");
    says("tick --data @", 0, "orders lapsed 0", "");
    says("tick --data @ --json", 0, "{\"", "");
    says("job start --data @ --role secadmin --kind nonsense", 2, "", "job_kind");
    assert_int_equal(server_stop(SIGTERM), 0);
    assert_null(strstr(err_text, "丁")); /* the log names no person */
    says("verify --data @", 0, "", "");
}

static void files_and_passwords_come_along(void **state)
{
    (void)state;
    (void)serve("");
    write_text("totals.yaml",
               "vouchers: 0\nclaims: 0\ninvoices: 0\nbans: 1\naccounts: 0\nappropriated: 0.00\n"
               "issued: 0.00\npaid: 0.00\nleft: 0.00\n");
    write_text("bans.csv", "nonsense\n1\n");
    char line[512];
    char bans[128];
    char totals[128];
    place(bans, sizeof bans, "bans.csv");
    place(totals, sizeof totals, "totals.yaml");
    (void)snprintf(line, sizeof line, "opening propose %s --control %s --data @ --role secadmin",
                   bans, totals);
    says(line, 1, "", "no_role"); /* asked behind the reading of both files */
    write_text("totals.yaml", "vouchers: none\n");
    says(line, 1, "", "control:1");
    says("user passwd clerk --data @ --role secadmin", 2, "",
         "no_password"); /* nobody types here */
    assert_int_equal(server_stop(SIGTERM), 0);
}

static void the_socket_is_private_and_goes_with_the_server(void **state)
{
    (void)state;
    char path[160];
    struct stat st;
    const pid_t pid = serve("");
    place(path, sizeof path, "data/admin.sock");
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(kill(pid, SIGKILL), 0);
    pause_ms(300);
    (void)end_server(state);
    assert_int_equal(access(path, F_OK), 0); /* left by the dead: in nobody's way */
    says("tick --data @", 0, "orders", "");
    (void)serve("");
    says("tick --data @", 0, "orders", "");
    assert_int_equal(server_stop(SIGTERM), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* Bytes straight into the socket; the answer's bytes, 0 where there was none. */
static size_t tell_socket(const char *bytes, size_t len, char *got, size_t room)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const struct timeval patience = {5, 0};
    place(at.sun_path, sizeof at.sun_path, "data/admin.sock");
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    size_t n = 0;
    for (ssize_t more = 1; more > 0 && n<room; n += more> 0 ? (size_t)more : 0) {
        more = recv(fd, got + n, room - n, 0);
    }
    assert_int_equal(close(fd), 0);
    return n;
}

#define MARK "TQADMIN1"

/* A well-formed request of words alone. */
static size_t tell_words(const char *const *words, char *got, size_t room)
{
    char message[1024] = MARK "\0\0\0";
    size_t n = 12;
    for (; *words != NULL; words++) {
        const size_t len = strlen(*words);
        assert_true(len < 256 && n + 5 + len < sizeof message);
        message[n] = 1;
        message[n + 4] = (char)len;
        memcpy(message + n + 5, *words, len);
        n += 5 + len;
    }
    message[10] = (char)((n - 12) >> 8);
    message[11] = (char)((n - 12) & 255);
    return tell_socket(message, n, got, room);
}

/* The server opens nothing that a client names: not even the file of its own secrets. */
static void a_file_that_was_not_sent_is_not_opened(void **state)
{
    static const char *const words[] = {"opening",     "propose", "/etc/bans.csv", "--control",
                                        "/etc/passwd", "--role",  "office",        "--data",
                                        "elsewhere",   NULL};
    char got[4096];
    (void)state;
    (void)serve("");
    const size_t n = tell_words(words, got, sizeof got);
    assert_non_null(memmem(got, n, "file_not_sent", 13));
    assert_int_equal(server_stop(SIGTERM), 0);
}

static void what_is_no_request_changes_nothing(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *says; /* NULL: no answer at all */
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18, NULL},
        {MARK "\0\0\0\377", 12, NULL},       /* cut off */
        {MARK "\377\377\377\377", 12, NULL}, /* 4 GB */
        {MARK "\0\0\0\0", 12, "without words"},
        {MARK "\0\0\0\5\11\0\0\0\0", 17, "no known kind"}, /* tag 9 */
        {MARK "\0\0\0\5\0\0\0\0\0", 17, "no known kind"},
        {MARK "\0\0\0\6\1\0\0\0\2t", 18, "longer than the message"},
        {MARK "\0\0\0\3\1\0\0", 15, "cut off"},
        {MARK "\0\0\0\7\1\0\0\0\2t\0", 19, "NUL"},
        {MARK "\0\0\0\6\3\0\0\0\1x", 18, "file without a name"},
        {MARK "\0\0\0\6\5\0\0\0\1x", 18, "field of an answer"},
        {MARK "\0\0\0\11\1\0\0\0\4demo", 21, "not done by a server"},
        {MARK "\0\0\0\14\1\0\0\0\7migrate", 24, "not done by a server"},
        {MARK "\0\0\0\12\1\0\0\0\5serve", 22, "not done by a server"},
    };
    char got[4096];
    (void)state;
    (void)serve("");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t n = tell_socket(rows[i].bytes, rows[i].len, got, sizeof got);
        const bool told =
            rows[i].says != NULL && memmem(got, n, rows[i].says, strlen(rows[i].says)) != NULL;
        if ((rows[i].says == NULL && n != 0) || (rows[i].says != NULL && !told)) {
            fail_msg("row %zu: %zu bytes came", i, n);
        }
    }
    says("tick --data @", 0, "orders", ""); /* it still serves */
    assert_int_equal(server_stop(SIGTERM), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_checked_and_shown),
        cmocka_unit_test_teardown(a_reload_brings_into_force_what_it_can, end_server),
        cmocka_unit_test_teardown(a_trusted_proxy_can_be_named_while_it_runs, end_server),
        cmocka_unit_test_teardown(the_request_log_obeys_its_settings, end_server),
        cmocka_unit_test_teardown(sigterm_waits_for_the_request_under_way, end_server),
        cmocka_unit_test_teardown(measures_have_a_listener_of_their_own, end_server),
        cmocka_unit_test_teardown(measures_on_the_pages_need_the_token, end_server),
        cmocka_unit_test_teardown(writing_verbs_go_through_the_server, end_server),
        cmocka_unit_test_teardown(files_and_passwords_come_along, end_server),
        cmocka_unit_test_teardown(the_socket_is_private_and_goes_with_the_server, end_server),
        cmocka_unit_test_teardown(what_is_no_request_changes_nothing, end_server),
        cmocka_unit_test_teardown(a_file_that_was_not_sent_is_not_opened, end_server),
    };
    return cmocka_run_group_tests(tests, begin, remove_home);
}
