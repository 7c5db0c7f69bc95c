/* SPDX-License-Identifier: Apache-2.0 */
/* Two servers on one PostgreSQL with a synchronous standby, under eight clients who go on to the other
 * server when theirs is gone, with their keys. Servers are killed in turn; then the primary is killed and
 * its standby promoted, and the servers find it by themselves. Nothing that was answered is lost, nothing
 * is there twice, verify finds nothing. Starts database servers of its own. */
#include "store_site.h"

#include "served.h"
#include "web_writers.h"

#include "draw.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "http/ticks.h"

#define STOP_MS 10000
#define FINISH_MS 60000
#define SHELL_MAX 512
#define SILENCE_US INT64_C(30000000) /* 5 s, and a busy machine */

static web_county *w;
static web_writers *writers;
static served servers[WEB_SERVERS];
static char primary[64], standby[64], second_dir[64];

static void shell(const char *form, const char *a, const char *b)
{
    char text[SHELL_MAX];
    const int n = snprintf(text, sizeof text, "%s '%s' '%s'", form, a, b);
    assert_true(n > 0 && (size_t)n < sizeof text);
    assert_int_equal(system(text), 0);
}

/* tools/pg_server.sh; its first line of output, if it wrote one. */
static void pg_server(const char *verb, const char *dir, const char *more, char *out, size_t room)
{
    char text[SHELL_MAX];
    const char *source = getenv("TQ_SOURCE_DIR");
    assert_non_null(source);
    const int n =
        snprintf(text, sizeof text, "'%s/tools/pg_server.sh' %s '%s' %s", source, verb, dir, more);
    assert_true(n > 0 && (size_t)n < sizeof text);
    FILE *from = popen(text, "r");
    assert_non_null(from);
    out[0] = '\0';
    if (fgets(out, (int)room, from) != NULL) {
        out[strcspn(out, "\n")] = '\0';
    }
    assert_int_equal(pclose(from), 0);
}

static void pg_do(const char *verb, const char *dir)
{
    char ignored[SHELL_MAX];
    pg_server(verb, dir, "", ignored, sizeof ignored);
}

/* What docs/operations.md tells the operator to do: the first server has signed when it ends; the folder
 * of the second begins with the key that it signs by. */
static void make_second_folder(void)
{
    int64_t took = 0;
    char pub[128];
    (void)snprintf(second_dir, sizeof second_dir, "/tmp/tq-second-XXXXXX");
    assert_non_null(mkdtemp(second_dir));
    (void)served_start(&servers[0], NULL, NULL);
    assert_int_equal(served_stop(&servers[0], STOP_MS, &took), 0);
    (void)snprintf(pub, sizeof pub, "%s/checkpoint.pub", w->f->dir);
    shell("cp", pub, second_dir);
}

static int make_site(void **state)
{
    char uri[SHELL_MAX];
    (void)state;
    (void)snprintf(primary, sizeof primary, "/tmp/tq-nodes-%ld-a", (long)getpid());
    (void)snprintf(standby, sizeof standby, "/tmp/tq-nodes-%ld-b", (long)getpid());
    pg_server("start", primary, "", uri, sizeof uri);
    pg_server("standby", standby, primary, uri, sizeof uri);
    assert_int_equal(setenv("TQ_ENGINE", "pg", 1), 0);
    assert_int_equal(setenv("TQ_TEST_PG", uri, 1), 0);
    w = web_county_open();
    writers = writers_new(w);
    served_at(&servers[0], w->f->dir, w->f->pg_uri);
    make_second_folder();
    served_at(&servers[1], second_dir, w->f->pg_uri);
    return 0;
}

static int drop_site(void **state)
{
    (void)state;
    for (int i = 0; i < WEB_SERVERS; i++) {
        served_forget(&servers[i]);
    }
    writers_free(writers);
    web_county_close(w);
    shell("rm -rf", second_dir, "");
    pg_do("stop", primary);
    pg_do("stop", standby);
    return 0;
}

static void start(int n)
{
    (void)served_start(&servers[n], NULL, NULL);
    writers_port(writers, n, servers[n].port);
}

static void start_both(void)
{
    for (int i = 0; i < WEB_SERVERS; i++) {
        start(i);
    }
}

/* Everything that was ever begun is there once, and the books hold for either server's folder. */
static void finish_and_judge(void)
{
    int64_t rows = 0;
    writers_finish(writers, FINISH_MS);
    for (int i = 0; i < WEB_SERVERS; i++) {
        int64_t took = 0;
        assert_int_equal(served_stop(&servers[i], STOP_MS, &took), 0);
        writers_port(writers, i, 0);
    }
    for (int i = 0; i < WEB_SERVERS; i++) {
        assert_int_equal(served_verb(&servers[i], "verify"), 0);
    }
    const char *why = writers_wrong(writers, &rows);
    if (why != NULL) {
        fail_msg("%s", why);
    }
    assert_int_equal(rows, writers_count(writers).answered);
}

static void tell(const char *what, const writers_tally *t)
{
    print_message(
        "%s: %lld answered, %lld sent again, %lld moves to the other server, %lld repeats, "
        "%lld conflicts\n",
        what, (long long)t->answered, (long long)t->resent, (long long)t->moves,
        (long long)t->repeats, (long long)t->conflicts);
}

static void one_server_is_killed_and_the_other_goes_on(void **state)
{
    (void)state;
    const int rounds = getenv("TQ_FULL") == NULL ? 4 : 50;
    uint64_t seed = 20261123;
    start_both();
    writers_begin(writers);
    for (int round = 0; round < rounds; round++) {
        const int n = round % WEB_SERVERS;
        served_pause(300 + draw_below(&seed, 500));
        writers_port(writers, n, 0);
        served_kill(&servers[n]);
        served_pause(100 + draw_below(&seed, 300));
        start(n);
    }
    writers_end(writers);
    finish_and_judge();
    const writers_tally t = writers_count(writers);
    tell("servers killed in turn", &t);
    assert_true(t.least > 0 && t.moves > rounds && t.repeats > 0 && t.conflicts > 0);
}

static void the_primary_is_killed_and_its_standby_promoted(void **state)
{
    (void)state;
    start_both();
    writers_begin(writers);
    served_pause(1500);
    const int64_t from = ticks_us();
    pg_do("kill", primary);
    served_pause(300); /* nobody answers for the money now, and nobody says that it moved */
    pg_do("promote", standby);
    print_message("promoted after %lld ms\n", (long long)((ticks_us() - from) / 1000));
    served_pause(3000);
    writers_end(writers);
    const writers_tally then = writers_count(writers);

    /* Without a restart both servers write to the new primary. */
    writers_begin(writers);
    served_pause(2000);
    writers_end(writers);
    const writers_tally now = writers_count(writers);
    assert_true(now.answered > then.answered);
    finish_and_judge();
    tell("standby promoted", &now);
}

/* The new primary is the only one from now on; servers that start find it by the same address. */
static void servers_that_start_later_find_it(void **state)
{
    (void)state;
    start_both();
    writers_begin(writers);
    served_pause(1000);
    writers_end(writers);
    finish_and_judge();
}

/* A machine that takes the connection and never says a word must not hold a verb, or a worker. */
static void a_database_that_is_silent_is_not_waited_for(void **state)
{
    (void)state;
    served asked;
    char uri[SHELL_MAX];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    const int silent = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(silent >= 0 && bind(silent, (struct sockaddr *)&at, sizeof at) == 0);
    assert_int_equal(listen(silent, 8), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(uri, sizeof uri, "postgresql://nobody@127.0.0.1:%u/none", ntohs(at.sin_port));
    served_at(&asked, second_dir, uri);
    const int64_t from = ticks_us();
    assert_int_equal(served_verb(&asked, "verify"), 75); /* temporary: try again */
    assert_in_range(ticks_us() - from, 0, SILENCE_US);
    (void)close(silent);
}

static void sql_at(const char *dir, const char *sql, char *answer, size_t room)
{
    char uri[SHELL_MAX];
    (void)snprintf(uri, sizeof uri, "postgresql://postgres@/postgres?host=%s", dir);
    if (!raw_pg(uri, sql, answer, room)) {
        fail_msg("%s: %s", sql, answer);
    }
}

/* The primary waits for nobody any more, and its standby has stopped to listen. */
static void part(void)
{
    char answer[64] = "";
    sql_at(primary, "ALTER SYSTEM SET synchronous_standby_names = ''", answer, sizeof answer);
    sql_at(primary, "SELECT pg_reload_conf()", answer, sizeof answer);
    sql_at(standby, "ALTER SYSTEM SET primary_conninfo = ''", answer, sizeof answer);
    sql_at(standby, "SELECT pg_reload_conf()", answer, sizeof answer);
    for (int i = 0; i < 500 && strcmp(answer, "0") != 0; i++) {
        served_pause(20);
        sql_at(standby, "SELECT count(*) FROM pg_stat_wal_receiver", answer, sizeof answer);
    }
    assert_string_equal(answer, "0");
}

/* The planted defect: what this program is there to find. */
static void a_standby_that_nobody_waited_for_is_found_out(void **state)
{
    (void)state;
    int64_t rows = 0;
    start(0);
    part();
    writers_begin(writers);
    served_pause(1500);
    writers_end(writers);
    served_kill(&servers[0]);
    assert_true(writers_count(writers).answered > 0);
    pg_do("kill", primary);
    pg_do("promote", standby);
    const char *why = writers_wrong(writers, &rows);
    if (why == NULL) {
        fail_msg("a standby that lacks what was answered was not found out");
    }
    print_message("found: %s\n", why);
}

int main(void)
{
    const struct CMUnitTest defect[] = {
        cmocka_unit_test(a_standby_that_nobody_waited_for_is_found_out),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_is_killed_and_the_other_goes_on),
        cmocka_unit_test(the_primary_is_killed_and_its_standby_promoted),
        cmocka_unit_test(servers_that_start_later_find_it),
        cmocka_unit_test(a_database_that_is_silent_is_not_waited_for),
    };
    const int first = cmocka_run_group_tests(defect, make_site, drop_site);
    return first + cmocka_run_group_tests(tests, make_site, drop_site);
}
