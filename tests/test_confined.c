/* SPDX-License-Identifier: Apache-2.0 */

/* A program that was taken over tries what it should not. Each act is first done by the same
 * program running free, where it must succeed: a thing that never works would prove nothing of
 * the filter. */

#include <errno.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/confined.h"
#include "confined_run.h"

static const char *child;
static char top[] = "/tmp/tq-confined-XXXXXX";
static char folder[64];

static void folder_fresh(void)
{
    char command[256];
    (void)snprintf(command, sizeof command, "rm -rf '%s'/* && mkdir '%s' && echo x > '%s/secret'",
                   top, folder, top);
    assert_int_equal(system(command), 0);
}

static int folder_open(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(top));
    (void)snprintf(folder, sizeof folder, "%s/in", top);
    return 0;
}

static int folder_close(void **state)
{
    char command[64];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", top);
    return system(command);
}

static confined_job job_of(const char *const *args)
{
    return (confined_job){.program = child,
                          .args = args,
                          .folder = folder,
                          .cpu_seconds = 1,
                          .wall_ms_max = 20000,
                          .memory_bytes_max = (size_t)1 << 30,
                          .file_bytes_max = (size_t)1 << 20};
}

static confined_result run(const confined_job *job)
{
    confined_result r = {0};
    tq_err err = {0};
    if (confined_run(job, &r, &err) != TQ_OK) {
        fail_msg("%s: %s", err.reason, err.detail);
    }
    return r;
}

/* Exit status of the act without confinement, in the same folder. */
static int run_free(const char *act)
{
    char here[PATH_MAX];
    char *const args[] = {(char *)(uintptr_t)child, (char *)(uintptr_t)act, NULL};
    char *const environment[] = {(char *)(uintptr_t) "A=b", NULL};
    pid_t pid = 0;
    int status = -1;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(posix_spawn(&pid, child, NULL, NULL, args, environment), 0);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void acts(void **state)
{
    static const struct row {
        const char *act;
        confined_end end;
        int status; /* where it exits: 1 = it was told no */
    } rows[] = {
        {"socket", CONFINED_FORBIDDEN, 0},   {"unix_socket", CONFINED_FORBIDDEN, 0},
        {"fork", CONFINED_FORBIDDEN, 0},     {"exec", CONFINED_FORBIDDEN, 0},
        {"execveat", CONFINED_FORBIDDEN, 0}, {"ptrace", CONFINED_FORBIDDEN, 0},
        {"kill", CONFINED_FORBIDDEN, 0},     {"limit", CONFINED_EXITED, 1},
        {"link", CONFINED_EXITED, 1},        {"mkdir", CONFINED_EXITED, 1},
        {"memory", CONFINED_EXITED, 1},      {"leftovers", CONFINED_EXITED, 1},
        {"files", CONFINED_EXITED, 1},       {"write_inside", CONFINED_EXITED, 0},
        {"nothing", CONFINED_EXITED, 0},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const char *const args[] = {"child", rows[i].act, NULL};
        folder_fresh();
        if (run_free(rows[i].act) != 0) {
            fail_msg("%s does not work even when free", rows[i].act);
        }
        folder_fresh();
        const confined_job job = job_of(args);
        const confined_result r = run(&job);
        if (r.end != rows[i].end || (r.end == CONFINED_EXITED && r.status != rows[i].status)) {
            fail_msg("%s: end %d, status %d", rows[i].act, (int)r.end, r.status);
        }
    }
}

/* Files outside its folder, where the kernel can forbid them. */
static void files_outside(void **state)
{
    static const char *const rows[] = {"write_outside", "read_outside", "read_sibling"};
    char outside[64];
    (void)state;
    (void)snprintf(outside, sizeof outside, "%s/outside", top);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const char *const args[] = {"child", rows[i], NULL};
        folder_fresh();
        assert_int_equal(run_free(rows[i]), 0);
        folder_fresh();
        const confined_job job = job_of(args);
        const confined_result r = run(&job);
        assert_int_equal(r.end, CONFINED_EXITED);
        assert_int_equal(r.status, r.landlock ? 1 : 0);
        assert_int_equal(access(outside, F_OK) == 0, i == 0 && !r.landlock);
    }
}

static long clock_ms(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void limits(void **state)
{
    static const struct row {
        const char *act;
        confined_end end;
        int wall_ms;
        long at_most_ms;
    } rows[] = {
        {"loop", CONFINED_OUT_OF_LIMITS, 60000, 20000}, /* a second of processor time */
        {"sleep", CONFINED_TIMED_OUT, 300, 3000},
        {"fill", CONFINED_OUT_OF_LIMITS, 20000, 20000}, /* a MiB of file */
        {"crash", CONFINED_CRASHED, 20000, 20000},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const char *const args[] = {"child", rows[i].act, NULL};
        folder_fresh();
        confined_job job = job_of(args);
        job.wall_ms_max = rows[i].wall_ms;
        const long start = clock_ms();
        const confined_result r = run(&job);
        const long took = clock_ms() - start;
        if (r.end != rows[i].end || took > rows[i].at_most_ms) {
            fail_msg("%s: end %d, status %d, %ld ms", rows[i].act, (int)r.end, r.status, took);
        }
    }
    char path[128];
    struct stat st;
    folder_fresh();
    const char *const args[] = {"child", "fill", NULL};
    const confined_job job = job_of(args);
    assert_int_equal(run(&job).end, CONFINED_OUT_OF_LIMITS);
    (void)snprintf(path, sizeof path, "%s/fill", folder);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size <= 1 << 20);
}

/* Whatever happened above, nobody is left behind. */
static void no_child_left(void **state)
{
    (void)state;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void failures(void **state)
{
    const char *const args[] = {"child", "nothing", NULL};
    confined_result r = {.end = CONFINED_CRASHED, .status = 77};
    tq_err err = {0};
    (void)state;
    folder_fresh();
    confined_job job = job_of(args);
    job.program = "/usr/bin/no-such-program";
    assert_int_equal(confined_run(&job, &r, &err), TQ_NOT_FOUND);
    assert_string_equal(err.reason, "no_program");
    job.program = "/etc/passwd"; /* no program at all: the start itself fails, and says so */
    assert_int_equal(confined_run(&job, &r, &err), TQ_IO);
    assert_string_equal(err.reason, "confinement");
    assert_non_null(strstr(err.detail, "'x'"));
    job = job_of(args);
    job.folder = "/no/such/folder";
    assert_int_equal(confined_run(&job, &r, &err), TQ_IO);
    assert_int_equal(r.status, 77); /* untouched */
}

/* The real reader: a page, and a page that costs a minute. */
static void pdftocairo(void **state)
{
    static const char *const args[] = {"pdftocairo", "-png", "-r", "110", "in.pdf", "p", NULL};
    char path[128];
    (void)state;
    BUF_AUTO buf content = buf_max((size_t)8 << 20);
    for (int i = 0; i < 200000; i++) {
        buf_text(&content, "0 0 595 842 re f\n");
    }
    for (int costly = 0; costly < 2; costly++) {
        BUF_AUTO buf pdf = buf_max((size_t)16 << 20);
        pdf_make(&pdf, 1, costly ? content.data : PDF_TEXT, 600);
        folder_fresh();
        (void)snprintf(path, sizeof path, "%s/in.pdf", folder);
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(pdf.data, 1, pdf.len, out), pdf.len);
        assert_int_equal(fclose(out), 0);
        confined_job job = job_of(args);
        job.program = "/usr/bin/pdftocairo";
        job.cpu_seconds = 3;
        const confined_result r = run(&job);
        assert_int_equal(r.end, costly ? CONFINED_OUT_OF_LIMITS : CONFINED_EXITED);
        (void)snprintf(path, sizeof path, "%s/p-1.png", folder);
        if (!costly) {
            assert_int_equal(r.status, 0);
            assert_int_equal(access(path, F_OK), 0);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts),       cmocka_unit_test(files_outside),
        cmocka_unit_test(limits),     cmocka_unit_test(failures),
        cmocka_unit_test(pdftocairo), cmocka_unit_test(no_child_left),
    };
    (void)argc;
    child = child_path(argv[0]);
    return child == NULL ? 1 : cmocka_run_group_tests(tests, folder_open, folder_close);
}
