/* SPDX-License-Identifier: Apache-2.0 */
/* F2: the power goes while eight writers write. Killing a process cannot show a missing sync, for the
 * kernel keeps what was written; here the disk itself forgets. SQLite only: on PostgreSQL the disk is
 * the server's. */
#include "draw.h"
#include "store_site.h"

#include "acked.h"
#include "outage.h"
#include "store/verify.h"

#include <pthread.h>
#include <sys/wait.h>

static int rounds(void)
{
    return getenv("TQ_FULL") == NULL ? 20 : 200;
}

/* The platter of a site's disk. */
static site platter_of(const site *at)
{
    site p = {.pg = false};
    (void)snprintf(p.dir, sizeof p.dir, "%.50s-disk", at->dir);
    return p;
}

TQ_NORETURN static void life(const site *at, const site *platter, const world *w, int round,
                             outage *o, int fd)
{
    pthread_t cutter;
    const store_options options = site_options(at);
    powercut_lying_sync = o->lying_sync;
    powercut_lying_files = o->lying_files;
    powercut_begin(at->dir, platter->dir);
    if (pthread_create(&cutter, NULL, outage_comes, o) != 0) {
        _exit(2);
    }
    acked_write(&options, w, round, fd);
}

/* One life of the disk: writers, outage; the data folder is what the platter holds afterwards. */
static void live_and_lose_power(const site *at, const world *w, int round, outage *o,
                                acked_list *told)
{
    int ends[2];
    int status = 0;
    const site platter = platter_of(at);
    outage_shell("cp -a", at->dir, platter.dir);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        life(at, &platter, w, round, o, ends[1]);
    }
    (void)close(ends[1]);
    acked_read(told, ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    outage_shell("rm -rf", at->dir, "");
    outage_shell("mv", platter.dir, at->dir);
    char synced[80];
    (void)snprintf(synced, sizeof synced, "%s.synced", platter.dir);
    outage_shell("rm -rf", synced, "");
}

static const char *verify_first(const site *at)
{
    static verify_report report;
    const verify_options o = {0};
    tq_err err = {0};
    store *s = NULL;
    store_options options = site_options(at);
    if (store_open(&options, &s, &err) != TQ_OK) {
        return "the store does not open";
    }
    const tq_code code = verify_run(s, &o, &report, &err);
    store_close(s);
    return code != TQ_OK ? "verify cannot look" : report.ok ? NULL : report.first[0].what;
}

/* NULL, or what is wrong with the site after the outage. */
static const char *judge(const site *at, const acked_list *told)
{
    char *stored = malloc(ACKED_ROOM);
    assert_non_null(stored);
    const char *why = verify_first(at); /* opens it first, as a server that starts again does */
    if (why == NULL && !raw(at, ACKED_SQL_SQLITE, stored, ACKED_ROOM)) {
        why = "the tables cannot be read";
    }
    why = why != NULL ? why : acked_missing(told, stored);
    free(stored);
    return why;
}

static site site_with_world(world *w)
{
    site at = site_make();
    store *s = site_open(&at);
    world_begin(w, s);
    store_close(s);
    return at;
}

static void nothing_told_is_lost(powercut_keep keep, unsigned seed)
{
    world w;
    acked_list told = {0};
    site at = site_with_world(&w);
    uint64_t state = seed;
    for (int round = 1; round <= rounds() / 2; round++) {
        outage o = {.after_ms = 20 + draw_below(&state, 150), .seed = draw(&state), .keep = keep};
        live_and_lose_power(&at, &w, round, &o, &told);
        const char *why = judge(&at, &told);
        if (why != NULL) {
            fail_msg("round %d, seed %u: %s", round, seed, why);
        }
    }
    print_message("%d outages, %zu writes were told\n", rounds() / 2, told.n);
    assert_true(told.n > (size_t)rounds());
    acked_free(&told);
    site_drop(&at);
}

static void all_that_was_not_synced_is_gone(void **state)
{
    (void)state;
    nothing_told_is_lost(KEEP_NONE, 20132);
}

static void some_sectors_were_written(void **state)
{
    (void)state;
    nothing_told_is_lost(KEEP_SECTORS, 20133);
}

/* The planted defects: a test that does not see a sync that does nothing would prove nothing. */
static void found_within_a_few(bool lying_sync, bool lying_files, powercut_keep keep)
{
    const char *why = NULL;
    for (int round = 1; round <= 5 && why == NULL; round++) {
        world w;
        acked_list told = {0};
        site at = site_with_world(&w);
        outage o = {.after_ms = 75 << round, /* a busy machine writes little in a short life */
                    .seed = (uint64_t)round,
                    .keep = keep,
                    .lying_sync = lying_sync,
                    .lying_files = lying_files};
        live_and_lose_power(&at, &w, round, &o, &told);
        why = judge(&at, &told);
        acked_free(&told);
        site_drop(&at);
    }
    if (why == NULL) {
        fail_msg("a disk that does not sync was not found out");
    }
    print_message("found: %s\n", why);
}

static void a_database_that_is_not_synced_is_found(void **state)
{
    (void)state;
    found_within_a_few(true, false, KEEP_NONE);
    found_within_a_few(true, false, KEEP_SECTORS);
}

static void evidence_that_is_not_synced_is_found(void **state)
{
    (void)state;
    found_within_a_few(false, true, KEEP_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_is_not_synced_is_found),
        cmocka_unit_test(evidence_that_is_not_synced_is_found),
        cmocka_unit_test(all_that_was_not_synced_is_gone),
        cmocka_unit_test(some_sectors_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
