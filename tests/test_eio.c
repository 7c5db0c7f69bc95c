/* SPDX-License-Identifier: Apache-2.0 */
/* F3, F4, F5: a sync that fails stops the process before it tells anybody; a full disk and a write that
 * stops half-way are refused clearly, and the store goes on when there is room again. SQLite only. */
#include "store_site.h"

#include "acked.h"
#include "base/file.h"
#include "powercut_vfs.h"
#include "store/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int rounds(void)
{
    return getenv("TQ_FULL") == NULL ? 8 : 80;
}

static void quiet_child(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nothing, STDERR_FILENO);
}

static int eio_on_evidence(const char *path)
{
    return strstr(path, "/blob/") != NULL ? EIO : 0;
}

/* Two writes that succeed, then one that meets the fault; each told only when the store said so. */
TQ_NORETURN static void life(const site *at, const world *w, bool on_file, int fd)
{
    world mine = *w;
    tq_err err = {0};
    char platter[80];
    const store_options o = site_options(at);
    (void)snprintf(platter, sizeof platter, "%s-disk", at->dir);
    quiet_child();
    powercut_begin(at->dir, platter);
    file_sync_hook = NULL;
    if (store_open(&o, &mine.s, &err) != TQ_OK) {
        _exit(20);
    }
    for (int64_t token = 1; token <= 3; token++) {
        if (token == 3 && on_file) {
            file_sync_hook = eio_on_evidence;
        } else if (token == 3) {
            powercut_fail_syncs = 1;
        }
        if (acked_one(&mine, token, on_file && token == 3, &err) == TQ_OK &&
            dprintf(fd, "%lld\n", (long long)token) < 0) {
            _exit(21);
        }
    }
    _exit(0); /* it went on after a failed sync */
}

static void verify_clean(const site *at)
{
    static verify_report report;
    const verify_options o = {0};
    store *s = site_open(at);
    CHECK_OK(verify_run(s, &o, &report, &err));
    if (!report.ok) {
        fail_msg("verify: %s %s: %s", report.first[0].what, report.first[0].table,
                 report.first[0].detail);
    }
    store_close(s);
}

static site site_with_world(world *w)
{
    char text[160];
    site at = site_make();
    store *s = site_open(&at);
    world_begin(w, s);
    store_close(s);
    (void)snprintf(text, sizeof text, "mkdir '%s-disk'", at.dir);
    assert_int_equal(system(text), 0);
    return at;
}

static void site_gone(site *at)
{
    char text[256];
    (void)snprintf(text, sizeof text, "rm -rf '%s-disk' '%s-disk.synced'", at->dir, at->dir);
    assert_int_equal(system(text), 0);
    site_drop(at);
}

static void check_stored(const site *at, const acked_list *told)
{
    char *stored = malloc(ACKED_ROOM);
    assert_non_null(stored);
    verify_clean(at);
    assert_true(raw(at, ACKED_SQL_SQLITE, stored, ACKED_ROOM));
    const char *why = acked_missing(told, stored);
    if (why != NULL) {
        fail_msg("%s", why);
    }
    free(stored);
}

static void a_failed_sync_stops(bool on_file)
{
    int ends[2];
    int status = 0;
    world w;
    acked_list told = {0};
    site at = site_with_world(&w);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        life(&at, &w, on_file, ends[1]);
    }
    (void)close(ends[1]);
    acked_read(&told, ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 1);
    assert_int_equal(told.n, 2);
    check_stored(&at, &told);
    acked_free(&told);
    site_gone(&at);
}

static void a_sync_of_the_database_that_fails_stops_the_process(void **state)
{
    (void)state;
    a_failed_sync_stops(false);
}

static void a_sync_of_evidence_that_fails_stops_the_process(void **state)
{
    (void)state;
    a_failed_sync_stops(true);
}

/* In a process of its own, for the VFS stays. */
TQ_NORETURN static void short_of_room(const site *at, const world *w, int fd)
{
    world mine = *w;
    char platter[80];
    const store_options o = site_options(at);
    tq_err err = {0};
    (void)snprintf(platter, sizeof platter, "%s-disk", at->dir);
    powercut_begin(at->dir, platter);
    if (store_open(&o, &mine.s, &err) != TQ_OK) {
        _exit(20);
    }
    int64_t token = 0;
    for (int i = 0; i < rounds(); i++) {
        tq_err full = {0};
        tq_err half = {0};
        powercut_full = true;
        const tq_code code = acked_one(&mine, ++token, false, &full);
        powercut_full = false;
        if (code != TQ_STORE ||
            (strcmp(full.reason, "disk_full") != 0 && strcmp(full.reason, "commit_failed") != 0)) {
            (void)fprintf(stderr, "full: %s %s: %s\n", tq_code_name(code), full.reason,
                          full.detail);
            _exit(30);
        }
        powercut_short = 1;
        if (acked_one(&mine, ++token, false, &half) == TQ_OK) {
            _exit(31);
        }
        powercut_short = 0;
        if (acked_one(&mine, ++token, false, &err) != TQ_OK) {
            (void)fprintf(stderr, "after: %s: %s\n", err.reason, err.detail);
            _exit(32);
        }
        if (dprintf(fd, "%lld\n", (long long)token) < 0) {
            _exit(21);
        }
    }
    store_close(mine.s);
    _exit(0);
}

static void a_full_disk_is_refused_and_got_over(void **state)
{
    int ends[2];
    int status = 0;
    world w;
    acked_list told = {0};
    char *stored = malloc(ACKED_ROOM);
    (void)state;
    assert_non_null(stored);
    site at = site_with_world(&w);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        short_of_room(&at, &w, ends[1]);
    }
    (void)close(ends[1]);
    acked_read(&told, ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(told.n, rounds());
    check_stored(&at, &told);
    /* What was refused is not there at all. */
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM voucher"), rounds());
    acked_free(&told);
    free(stored);
    site_gone(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sync_of_the_database_that_fails_stops_the_process),
        cmocka_unit_test(a_sync_of_evidence_that_fails_stops_the_process),
        cmocka_unit_test(a_full_disk_is_refused_and_got_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
