/* SPDX-License-Identifier: Apache-2.0 */
/* F1: eight clerks at work through use cases are killed at any moment, again and again on the same site:
 * every act that was told is there once, money adds up, numbers have no gap, verify is clean, and the
 * site opens again in time. */
#include "use_writers.h"

#include "store_site.h"

#include "draw.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define RESTART_MS_MAX 2000

static int rounds(void)
{
    /* A site on PostgreSQL takes longer to open and to fall quiet. */
    return getenv("TQ_FULL") == NULL ? 20 : engine_is_pg() ? 100 : 200;
}

static int64_t now_ms(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void clerks_killed(use_town *t, int after_ms, use_told *told)
{
    int ends[2];
    int status = 0;
    const struct timespec wait = {.tv_sec = after_ms / 1000, .tv_nsec = after_ms % 1000 * 1000000L};
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        use_write(t, true, ends[1]);
    }
    (void)close(ends[1]);
    (void)fcntl(ends[0], F_SETPIPE_SZ, 1024 * 1024); /* so that nobody waits for us */
    (void)nanosleep(&wait, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    use_read(told, ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status)) {
        fail_msg("the clerks ended by themselves: %d", WEXITSTATUS(status));
    }
}

/* A server finishes what it was at when its client died. */
static void server_is_quiet(const fixture *f)
{
    for (int i = 0; f->pg_uri[0] != '\0' && i < 500; i++) {
        char answer[512];
        const struct timespec wait = {.tv_nsec = 10000000};
        assert_true(
            raw_pg(f->pg_uri,
                   "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
                   "AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
                   answer, sizeof answer));
        if (strcmp(answer, "0") == 0) {
            return;
        }
        (void)nanosleep(&wait, NULL);
    }
}

static void kept_is_what_was_told(void **state)
{
    (void)state;
    use_town t;
    use_told told = {0};
    uint64_t seed = 20134;
    fixture *f = fixture_open();
    use_begin(&t, f);
    for (int round = 1; round <= rounds(); round++) {
        /* A site on PostgreSQL takes a while to open all its connections. */
        clerks_killed(&t, (f->pg_uri[0] == '\0' ? 30 : 400) + draw_below(&seed, 300), &told);
        server_is_quiet(f);
        const int64_t before = now_ms();
        use_reopen(&t);
        const int64_t took = now_ms() - before;
        const char *why = use_verify(&t);
        use_close(&t);
        why = why != NULL ? why : use_missing(&told, f->dir, f->pg_uri);
        if (why != NULL) {
            fail_msg("round %d: %s", round, why);
        }
        if (took >= RESTART_MS_MAX) {
            fail_msg("the restart took %lld ms", (long long)took);
        }
    }
    print_message("%d kills, %zu acts were told\n", rounds(), told.n);
    assert_true(told.n > (size_t)rounds()); /* else nothing was tried */
    use_free(&told);
    use_reopen(&t);
    fixture_close(f);
}

/* The question itself: an act that was never done, a row that was lost. */
static void the_question_finds_its_defects(void **state)
{
    (void)state;
    use_town t;
    use_told told = {0};
    char answer[256];
    fixture *f = fixture_open();
    use_begin(&t, f);
    for (int after_ms = 1500; told.n == 0 && after_ms < 60000; after_ms *= 2) {
        clerks_killed(&t, after_ms, &told);
        server_is_quiet(f);
    }
    assert_null(use_missing(&told, f->dir, f->pg_uri));
    assert_true(told.n > 0);
    const struct use_act last = told.acts[told.n - 1];
    static const char letters[] = "AGVOHEDFICRPQ";
    for (const char *l = letters; *l != '\0'; l++) {
        told.acts[told.n - 1] = (struct use_act){*l, 999999};
        assert_non_null(use_missing(&told, f->dir, f->pg_uri));
    }
    told.acts[told.n - 1] = last;
    const char *unbalance = "UPDATE balance SET amount = amount + 1 WHERE account = 'pool'";
    const bool done = f->pg_uri[0] == '\0' ? raw_sqlite(f->dir, unbalance, answer, sizeof answer)
                                           : raw_pg(f->pg_uri, unbalance, answer, sizeof answer);
    assert_true(done);
    assert_non_null(use_missing(&told, f->dir, f->pg_uri));
    use_free(&told);
    use_reopen(&t);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_question_finds_its_defects),
        cmocka_unit_test(kept_is_what_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
