/* SPDX-License-Identifier: Apache-2.0 */
/* F2 over HTTP: the power goes while eight clients post to a server whose disk forgets what was not
 * synced. What was answered is there once, with its files; what was not is there once after it is sent
 * again. SQLite only: PostgreSQL keeps its own disk. */
#include "store_site.h"

#include "served.h"
#include "web_writers.h"

#include "draw.h"
#include "outage.h"

#include <pthread.h>
#include <sys/wait.h>

#include "http/server.h"

#define FINISH_MS 30000

typedef struct town {
    web_county *w;
    web_writers *writers;
    served beside; /* to verify with; serves nothing */
    char platter[80], synced[100];
} town;

static void town_make(town *t)
{
    t->w = web_county_open();
    t->writers = writers_new(t->w);
    served_at(&t->beside, t->w->f->dir, "");
    (void)snprintf(t->platter, sizeof t->platter, "%.60s-disk", t->w->f->dir);
    (void)snprintf(t->synced, sizeof t->synced, "%s.synced", t->platter);
}

static void town_drop(town *t)
{
    writers_free(t->writers);
    served_forget(&t->beside);
    web_county_close(t->w);
}

/* In another process: serves the site from the forgetting disk and tells where; the outage ends it. */
TQ_NORETURN static void live(const town *t, outage *o, int tell)
{
    app *opened = NULL;
    web_site *web = NULL;
    server *pages = NULL;
    pthread_t cutter;
    char spool[120];
    const store_options folder = {.dir = t->w->f->dir};
    const web_options how = {0};
    powercut_lying_sync = o->lying_sync;
    powercut_lying_files = o->lying_files;
    powercut_begin(t->w->f->dir, t->platter);
    NEED(app_open(&folder, &opened, err));
    NEED(web_site_new(opened, &how, &web, err));
    (void)snprintf(spool, sizeof spool, "%s/spool", t->w->f->dir);
    /* 127.0.0.1 is a proxy, so that each client has an address of its own and none is throttled. */
    const server_options at = {
        .address = "127.0.0.1:0", .spool = spool, .trusted_proxies = "127.0.0.1"};
    const http_app handlers = web_site_app(web);
    NEED(server_start(&at, &handlers, &pages, err));
    const unsigned port = server_port(pages);
    if (write(tell, &port, sizeof port) != (ssize_t)sizeof port ||
        pthread_create(&cutter, NULL, outage_comes, o) != 0) {
        _exit(2);
    }
    for (;;) {
        (void)pause();
    }
}

/* One life of the disk under all clients; afterwards the data folder is what the platter holds. */
static void live_and_lose_power(town *t, outage *o)
{
    int ends[2];
    int status = 0;
    unsigned port = 0;
    outage_shell("cp -a", t->w->f->dir, t->platter);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        live(t, o, ends[1]);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &port, sizeof port), sizeof port);
    (void)close(ends[0]);
    writers_port(t->writers, 0, port);
    writers_begin(t->writers);
    assert_int_equal(waitpid(child, &status, 0), child);
    writers_end(t->writers);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    outage_shell("rm -rf", t->w->f->dir, t->synced);
    outage_shell("mv", t->platter, t->w->f->dir);
}

/* NULL, or what is wrong with the site after the outage. */
static const char *judge(town *t)
{
    int64_t rows = 0;
    if (served_verb(&t->beside, "verify") != 0) {
        return "verify found differences";
    }
    return writers_wrong(t->writers, &rows);
}

/* After the last outage, on a disk that forgets nothing: what is open is sent again and is there once. */
static void finish(town *t)
{
    int64_t rows = 0;
    int64_t took = 0;
    (void)served_start(&t->beside, NULL, NULL);
    writers_port(t->writers, 0, t->beside.port);
    writers_finish(t->writers, FINISH_MS);
    assert_int_equal(served_stop(&t->beside, FINISH_MS, &took), 0);
    assert_null(writers_wrong(t->writers, &rows));
    assert_int_equal(rows, writers_count(t->writers).answered);
    assert_null(judge(t));
}

static int rounds(void)
{
    return getenv("TQ_FULL") == NULL ? 3 : 100; /* of each of the two ways to lose */
}

static void nothing_answered_is_lost(powercut_keep keep, uint64_t seed)
{
    town t;
    uint64_t draws = seed;
    town_make(&t);
    for (int round = 1; round <= rounds(); round++) {
        outage o = {.after_ms = 150 + draw_below(&draws, 400), .seed = draw(&draws), .keep = keep};
        live_and_lose_power(&t, &o);
        const char *why = judge(&t);
        if (why != NULL) {
            fail_msg("round %d, seed %llu: %s", round, (unsigned long long)seed, why);
        }
    }
    finish(&t);
    const writers_tally n = writers_count(t.writers);
    print_message("%d outages: %lld answered, %lld sent again, %lld repeats, %lld conflicts\n",
                  rounds(), (long long)n.answered, (long long)n.resent, (long long)n.repeats,
                  (long long)n.conflicts);
    assert_true(n.answered > rounds() && n.resent > 0);
    town_drop(&t);
}

static void all_that_was_not_synced_is_gone(void **state)
{
    (void)state;
    nothing_answered_is_lost(KEEP_NONE, 20261);
}

static void some_sectors_were_written(void **state)
{
    (void)state;
    nothing_answered_is_lost(KEEP_SECTORS, 20262);
}

/* The planted defects: a test that does not see them proves nothing. */
static void found_within_a_few(bool lying_sync, bool lying_files)
{
    const char *why = NULL;
    for (int round = 1; round <= 4 && why == NULL; round++) {
        town t;
        town_make(&t);
        outage o = {.after_ms = 400 << round, /* a busy machine does little in a short life */
                    .seed = (uint64_t)round,
                    .keep = KEEP_NONE,
                    .lying_sync = lying_sync,
                    .lying_files = lying_files};
        live_and_lose_power(&t, &o);
        why = judge(&t);
        town_drop(&t);
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
