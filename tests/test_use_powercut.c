/* SPDX-License-Identifier: Apache-2.0 */
/* F2: the power goes while eight clerks work through use cases and a ninth signs checkpoints: what was
 * told, evidence and checkpoints are there, although the disk forgot what was not synced. SQLite only. */
#include "use_writers.h"

#include "store_site.h"

#include "draw.h"
#include "outage.h"
#include "store/checkpoint.h"

#include <pthread.h>
#include <sys/wait.h>

static int rounds(void)
{
    return getenv("TQ_FULL") == NULL ? 10 : 100;
}

TQ_NORETURN static void life(use_town *t, const char *platter, outage *o, int fd)
{
    pthread_t cutter;
    powercut_lying_sync = o->lying_sync;
    powercut_lying_files = o->lying_files;
    powercut_begin(t->f->dir, platter);
    if (pthread_create(&cutter, NULL, outage_comes, o) != 0) {
        _exit(2);
    }
    use_write(t, true, fd);
}

/* One life of the disk; afterwards the data folder is what the platter holds. */
static void live_and_lose_power(use_town *t, outage *o, use_told *told)
{
    int ends[2];
    int status = 0;
    char platter[80];
    char synced[100];
    (void)snprintf(platter, sizeof platter, "%.60s-disk", t->f->dir);
    (void)snprintf(synced, sizeof synced, "%s.synced", platter);
    outage_shell("cp -a", t->f->dir, platter);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        life(t, platter, o, ends[1]);
    }
    (void)close(ends[1]);
    use_read(told, ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    outage_shell("rm -rf", t->f->dir, synced);
    outage_shell("mv", platter, t->f->dir);
}

static tq_code take_count(void *ctx, const checkpoint *c, tq_err *err)
{
    int64_t *last = ctx;
    if (c->count < *last) {
        return tq_fail(err, TQ_CORRUPT, "count_down", "checkpoint", "counts went down");
    }
    *last = c->count;
    return TQ_OK;
}

/* NULL, or what is wrong with the site after the outage: told acts, ledger, log under its checkpoints. */
static const char *judge(use_town *t, const use_told *told)
{
    static char text[300];
    tq_err err = {0};
    int64_t last = 0;
    const store_options o = {.dir = t->f->dir};
    if (app_open(&o, &t->f->app, &err) != TQ_OK) {
        (void)snprintf(text, sizeof text, "it does not open: %s: %.200s", err.reason, err.detail);
        return text;
    }
    t->f->store = app_store(t->f->app);
    const char *why = use_verify(t);
    use_close(t);
    if (why == NULL && checkpoint_each(t->f->dir, take_count, &last, &err) != TQ_OK) {
        (void)snprintf(text, sizeof text, "checkpoints: %s: %.200s", err.reason, err.detail);
        why = text;
    }
    size_t signs = 0;
    for (size_t i = 0; i < told->n; i++) {
        signs += told->acts[i].letter == 'K';
    }
    if (why == NULL && signs > 0 && last == 0) {
        why = "a checkpoint that was told is gone";
    }
    return why != NULL ? why : use_missing(told, t->f->dir, "");
}

static void nothing_told_is_lost(powercut_keep keep, uint64_t seed)
{
    use_town t;
    use_told told = {0};
    uint64_t draws = seed;
    fixture *f = fixture_open();
    use_begin(&t, f);
    for (int round = 1; round <= rounds(); round++) {
        outage o = {.after_ms = 60 + draw_below(&draws, 250), .seed = draw(&draws), .keep = keep};
        live_and_lose_power(&t, &o, &told);
        const char *why = judge(&t, &told);
        if (why != NULL) {
            fail_msg("round %d, seed %llu: %s", round, (unsigned long long)seed, why);
        }
    }
    print_message("%d outages, %zu acts were told\n", rounds(), told.n);
    assert_true(told.n > (size_t)rounds());
    use_free(&told);
    use_reopen(&t);
    fixture_close(f);
}

static void all_that_was_not_synced_is_gone(void **state)
{
    (void)state;
    nothing_told_is_lost(KEEP_NONE, 20135);
}

static void some_sectors_were_written(void **state)
{
    (void)state;
    nothing_told_is_lost(KEEP_SECTORS, 20136);
}

/* The planted defects, with use cases as the writers. */
static void found_within_a_few(bool lying_sync, bool lying_files)
{
    const char *why = NULL;
    for (int round = 1; round <= 5 && why == NULL; round++) {
        use_town t;
        use_told told = {0};
        fixture *f = fixture_open();
        use_begin(&t, f);
        outage o = {.after_ms = 200 << round, /* a busy machine does little in a short life */
                    .seed = (uint64_t)round,
                    .keep = KEEP_NONE,
                    .lying_sync = lying_sync,
                    .lying_files = lying_files};
        live_and_lose_power(&t, &o, &told);
        why = judge(&t, &told);
        use_free(&told);
        outage_shell("rm -rf", f->dir, "");
        arena_free(f->a);
        free(f);
    }
    if (why == NULL) {
        fail_msg("a disk that does not sync was not found out");
    }
    print_message("found: %s\n", why);
}

static void a_database_that_is_not_synced_is_found(void **state)
{
    (void)state;
    found_within_a_few(true, false);
}

static void files_that_are_not_synced_are_found(void **state)
{
    (void)state;
    found_within_a_few(false, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_is_not_synced_is_found),
        cmocka_unit_test(files_that_are_not_synced_are_found),
        cmocka_unit_test(all_that_was_not_synced_is_gone),
        cmocka_unit_test(some_sectors_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
