/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#define LOCKED_EXIT 42

static char folder[] = "/tmp/tq-test-file-XXXXXX";
static char synced[8][128];
static size_t syncs;

static const char *in(const char *name)
{
    static char paths[4][320];
    static size_t next;
    char *p = paths[next++ % 4];
    (void)snprintf(p, sizeof paths[0], "%s/%s", folder, name);
    return p;
}

static int note_sync(const char *path)
{
    assert_true(syncs < TQ_COUNT(synced));
    (void)snprintf(synced[syncs++], sizeof synced[0], "%s", path);
    return 0;
}

static int fail_sync(const char *path)
{
    (void)path;
    return EIO;
}

static int fail_folder_sync(const char *path)
{
    return strcmp(path, folder) == 0 ? EIO : 0;
}

static void content_is(const char *path, str wanted)
{
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    str got = {0};
    assert_int_equal(file_read(path, 1 << 16, a, &got, NULL), TQ_OK);
    assert_true(str_eq(got, wanted));
}

static size_t entries(void)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        n += e->d_name[0] != '.';
    }
    assert_int_equal(closedir(d), 0);
    return n;
}

static int in_child(void (*act)(void))
{
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        act();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_write_and_read(void **state)
{
    (void)state;
    const char *path = in("one");
    syncs = 0;
    file_sync_hook = note_sync;
    assert_int_equal(file_write_durable(path, STR("first"), 0640, NULL), TQ_OK);
    file_sync_hook = NULL;
    assert_int_equal(syncs, 2); /* the file, then its folder */
    assert_string_equal(synced[0], path);
    assert_string_equal(synced[1], folder);
    content_is(path, STR("first"));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(file_write_durable(path, STR(""), 0640, NULL), TQ_OK);
    content_is(path, STR(""));
    assert_int_equal(entries(), 1);

    tq_err err = {0};
    ARENA_AUTO arena *a = arena_new("test", 1 << 16);
    str out;
    assert_int_equal(file_read(in("none"), 10, a, &out, &err), TQ_NOT_FOUND);
    assert_string_equal(err.reason, "file_absent");
    assert_int_equal(file_write_durable(path, STR("0123456789"), 0640, NULL), TQ_OK);
    assert_int_equal(file_read(path, 10, a, &out, &err), TQ_OK);
    assert_int_equal(file_read(path, 9, a, &out, &err), TQ_LIMIT);
    assert_string_equal(err.reason, "file_size");
    assert_int_equal(file_read(folder, 9, a, &out, &err), TQ_IO);
    assert_int_equal(file_read("/dev/zero", 1000, a, &out, &err), TQ_LIMIT);
    assert_int_equal(file_write_durable(in("no/such"), STR("x"), 0600, &err), TQ_NOT_FOUND);
    assert_int_equal(file_remove(path, &err), TQ_OK);
    assert_int_equal(file_remove(path, &err), TQ_OK);
    assert_false(file_exists(path));
}

static void write_new(void)
{
    file_sync_hook = fail_sync;
    (void)!file_write_durable(in("kept"), STR("new"), 0600, NULL);
}

static void write_new_folder_fails(void)
{
    file_sync_hook = fail_folder_sync;
    (void)!file_write_durable(in("kept"), STR("new"), 0600, NULL);
}

/* A failed sync stops the process, and before the rename the old content stands. */
static void test_failed_sync_stops(void **state)
{
    (void)state;
    assert_int_equal(file_write_durable(in("kept"), STR("old"), 0600, NULL), TQ_OK);
    assert_int_equal(in_child(write_new), 1);
    content_is(in("kept"), STR("old"));
    assert_int_equal(in_child(write_new_folder_fails), 1);
    content_is(in("kept"), STR("new"));
    assert_int_equal(file_remove(in("kept"), NULL), TQ_OK);
}

static void limit_file_size(void)
{
    const struct rlimit limit = {10, 10};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        _exit(9);
    }
}

static void write_too_much(void)
{
    limit_file_size();
    tq_err err = {0};
    const tq_code code = file_write_durable(in("full"), STR("0123456789abc"), 0600, &err);
    _exit(code == TQ_IO ? 5 : 6);
}

static void append_too_much(void)
{
    limit_file_size();
    const tq_code code = file_append_durable(in("full"), STR("0123456789abc"), 0600, NULL);
    _exit(code == TQ_IO ? 5 : 6);
}

/* A write that breaks off half-way leaves the old content, without litter. */
static void test_short_write(void **state)
{
    (void)state;
    assert_int_equal(file_write_durable(in("full"), STR("old"), 0600, NULL), TQ_OK);
    const size_t before = entries();
    assert_int_equal(in_child(write_too_much), 5);
    content_is(in("full"), STR("old"));
    assert_int_equal(in_child(append_too_much), 5);
    content_is(in("full"), STR("old"));
    assert_int_equal(entries(), before);
    assert_int_equal(file_remove(in("full"), NULL), TQ_OK);
}

static void test_append(void **state)
{
    (void)state;
    const char *path = in("log");
    syncs = 0;
    file_sync_hook = note_sync;
    assert_int_equal(file_append_durable(path, STR("a\n"), 0600, NULL), TQ_OK);
    assert_int_equal(syncs, 2); /* new: the folder too */
    assert_int_equal(file_append_durable(path, STR("b\n"), 0600, NULL), TQ_OK);
    assert_int_equal(syncs, 3);
    file_sync_hook = NULL;
    content_is(path, STR("a\nb\n"));
    assert_int_equal(file_remove(path, NULL), TQ_OK);
}

static void test_folders(void **state)
{
    (void)state;
    syncs = 0;
    file_sync_hook = note_sync;
    assert_int_equal(dir_make(in("a/b//c/"), 0700, NULL), TQ_OK);
    assert_int_equal(syncs, 3);
    assert_int_equal(dir_make(in("a/b/c"), 0700, NULL), TQ_OK);
    assert_int_equal(syncs, 3);
    file_sync_hook = NULL;
    assert_true(file_exists(in("a/b/c")));
    assert_int_equal(dir_sync(in("a"), NULL), TQ_OK);
    assert_int_equal(dir_sync(in("none"), NULL), TQ_NOT_FOUND);
    assert_int_equal(file_write_durable(in("a/file"), STR("x"), 0600, NULL), TQ_OK);
    assert_int_equal(dir_make(in("a/file"), 0700, NULL), TQ_IO);
    assert_int_equal(dir_make(in("a/file/x"), 0700, NULL), TQ_IO);
    assert_int_equal(dir_make("", 0700, NULL), TQ_INVALID);
    assert_int_equal(file_remove(in("a/file"), NULL), TQ_OK);
    assert_int_equal(rmdir(in("a/b/c")), 0);
    assert_int_equal(rmdir(in("a/b")), 0);
    assert_int_equal(rmdir(in("a")), 0);
}

static void lock_again(void)
{
    int fd = -1;
    tq_err err = {0};
    char holder[64];
    (void)snprintf(holder, sizeof holder, "process %ld holds", (long)getppid());
    const tq_code code = file_lock(in("lock"), &fd, &err);
    const bool told = strstr(err.detail, holder) != NULL;
    _exit(code == TQ_LOCKED && told ? LOCKED_EXIT : code == TQ_OK ? 0 : 9);
}

static void test_lock(void **state)
{
    (void)state;
    int fd = -1;
    assert_int_equal(file_lock(in("lock"), &fd, NULL), TQ_OK);
    assert_int_equal(in_child(lock_again), LOCKED_EXIT);
    int second = -1;
    assert_int_equal(file_lock(in("lock"), &second, NULL), TQ_LOCKED); /* same process as well */
    assert_int_equal(second, -1);
    file_unlock(fd);
    assert_int_equal(in_child(lock_again), 0);
    assert_int_equal(file_lock(in("lock"), &fd, NULL), TQ_OK); /* the child's went with it */
    file_unlock(fd);
    assert_int_equal(file_remove(in("lock"), NULL), TQ_OK);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int drop_folder(void **state)
{
    (void)state;
    DIR *d = opendir(folder); /* a stopped child leaves its temporary file, as a crash would */
    for (const struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            (void)unlink(in(e->d_name));
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read), cmocka_unit_test(test_failed_sync_stops),
        cmocka_unit_test(test_short_write),    cmocka_unit_test(test_append),
        cmocka_unit_test(test_folders),        cmocka_unit_test(test_lock),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
