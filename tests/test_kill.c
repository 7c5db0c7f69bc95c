/* SPDX-License-Identifier: Apache-2.0 */
/* F1: a process with eight writers is killed at any moment, again and again on the same history. */
#include "draw.h"
#include "store_site.h"

#include "acked.h"
#include "store/event_store.h"
#include "store/verify.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define RESTART_MS_MAX 2000
#define FIRST_MS_MAX 60000

static int rounds(void)
{
    return getenv("TQ_FULL") == NULL ? 20 : 200;
}

static int64_t now_ms(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Starts the writers, kills them after that many milliseconds, reads what they told. */
static void writers_killed(const site *at, const world *w, int round, int after_ms,
                           acked_list *told)
{
    int ends[2];
    int status = 0;
    const store_options o = site_options(at);
    const struct timespec wait = {.tv_sec = after_ms / 1000, .tv_nsec = after_ms % 1000 * 1000000L};
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        acked_write(&o, w, round, ends[1]);
    }
    (void)close(ends[1]);
    /* The pipe holds more than a round says, so nobody waits for us meanwhile. */
    (void)fcntl(ends[0], F_SETPIPE_SZ, 1024 * 1024);
    /* From the first that was told on: on a busy machine it takes a while until they write at all. */
    struct pollfd first = {.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&first, 1, FIRST_MS_MAX), 1);
    (void)nanosleep(&wait, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    acked_read(told, ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status)) {
        fail_msg("the writers ended by themselves: %d", WEXITSTATUS(status));
    }
}

static void verify_clean(store *s)
{
    static verify_report report;
    const verify_options o = {0};
    CHECK_OK(event_sequence(s, &err));
    CHECK_OK(verify_run(s, &o, &report, &err));
    if (!report.ok) {
        fail_msg("verify: %s %s %lld: %s", report.first[0].what, report.first[0].table,
                 (long long)report.first[0].row, report.first[0].detail);
    }
}

/* A server finishes what it was at when its client died. */
static void server_is_quiet(const site *at)
{
    for (int i = 0; at->pg && i < 500; i++) {
        const struct timespec wait = {.tv_nsec = 10000000};
        if (raw_int(at, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
                        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'") == 0) {
            return;
        }
        (void)nanosleep(&wait, NULL);
    }
}

static void reopened_in_time(const site *at)
{
    const int64_t before = now_ms();
    store *s = site_open(at);
    TX_AUTO store_tx *tx = NULL;
    int64_t n = 0;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    CHECK_OK(store_int(tx, STMT_EVENT_COUNT, NO_ARGS, 0, &n, &err));
    store_rollback(&tx);
    const int64_t took = now_ms() - before;
    if (took >= RESTART_MS_MAX) {
        fail_msg("the restart took %lld ms", (long long)took);
    }
    assert_true(n > 2);
    verify_clean(s);
    store_close(s);
}

static void kept_is_what_was_told(void **state)
{
    (void)state;
    site at = site_make();
    world w;
    acked_list told = {0};
    char *stored = malloc(ACKED_ROOM);
    assert_non_null(stored);
    store *s = site_open(&at);
    world_begin(&w, s);
    store_close(s);
    uint64_t seed = 20131;
    for (int round = 1; round <= rounds(); round++) {
        writers_killed(&at, &w, round, 20 + draw_below(&seed, 150), &told);
        server_is_quiet(&at);
        assert_true(raw(&at, at.pg ? ACKED_SQL_PG : ACKED_SQL_SQLITE, stored, ACKED_ROOM));
        const char *why = acked_missing(&told, stored);
        if (why != NULL) {
            fail_msg("round %d: %s", round, why);
        }
        reopened_in_time(&at);
    }
    print_message("%d kills, %zu writes were told\n", rounds(), told.n);
    assert_true(told.n > (size_t)rounds()); /* else nothing was tried */
    acked_free(&told);
    free(stored);
    site_drop(&at);
}

/* The question itself: what it must find, found on made-up answers. */
static void the_question_finds_its_defects(void **state)
{
    static const struct {
        const char *stored;
        const char *want;
    } cases[] = {
        {"vt1 ot1 vt2 ot2", NULL},
        {"vt1 ot1 vt2 ot2 vt3 ot3", NULL}, /* stored, and the answer was lost on the way */
        {"vt1 ot1", "an acknowledged write is lost"},
        {"", "an acknowledged write is lost"},
        {"vt1 ot1 vt2", "a write is there in part"},
        {"vt1 ot1 vt2 ot3", "a write is there in part"},
        {"vt1 ot1 vt2 ot2 vt2 ot2", "a write is there twice"},
    };
    int64_t tokens[] = {2, 1};
    const acked_list told = {.tokens = tokens, .n = 2, .room = 2};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        const char *why = acked_missing(&told, cases[i].stored);
        if (cases[i].want == NULL) {
            assert_null(why);
        } else {
            assert_string_equal(why, cases[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_question_finds_its_defects),
        cmocka_unit_test(kept_is_what_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
