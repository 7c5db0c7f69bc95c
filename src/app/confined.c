/* SPDX-License-Identifier: Apache-2.0 */
#include "app/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/confined_filter.h"

#define FILES_MAX 64
#define STATUS_FD (CONFINED_PROGRAM_FD + 1) /* closed by the start of the program */
#define CPU_GRACE 1                         /* seconds from SIGXCPU to SIGKILL */
#define PAGE_BYTES 4096

_Static_assert(CONFINED_PROGRAM_FD > FILES_MAX, "no file of the child can have that number");

/* Everything the child needs, made before the fork: between fork and exec a process with several
 * threads may only call what is safe in a signal handler, so no malloc. */
typedef struct launch {
    const confined_job *job;
    confined_filter filter;
    const char *empty; /* "": a page whose address only we and the filter know */
    int program;
    int null;
    int status[2]; /* pipe: what step failed */
    pid_t parent;
} launch;

/* Says which step failed and ends: the parent reads it where an exec would have closed the pipe. */
static _Noreturn void child_fails(char step)
{
    (void)!write(STATUS_FD, &step, 1); /* nobody to tell if this fails too */
    _exit(127);
}

/* Hard and soft: what is given up cannot be taken back. */
static void limit(int what, rlim_t soft, rlim_t hard)
{
    const struct rlimit r = {soft, hard};
    if (setrlimit((__rlimit_resource_t)what, &r) != 0) {
        child_fails('l');
    }
}

static void child_limits(const confined_job *job)
{
    const rlim_t cpu = (rlim_t)job->cpu_seconds;
    limit(RLIMIT_CPU, cpu, cpu + CPU_GRACE);
    limit(RLIMIT_AS, job->memory_bytes_max, job->memory_bytes_max);
    limit(RLIMIT_FSIZE, job->file_bytes_max, job->file_bytes_max);
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_NPROC, 1, 1);
    limit(RLIMIT_NOFILE, FILES_MAX, FILES_MAX);
}

/* Null on 0, 1 and 2; the program and the pipe on two high numbers; nothing else of the server. */
static void child_files(const launch *l)
{
    if (dup3(l->program, CONFINED_PROGRAM_FD, O_CLOEXEC) < 0 ||
        dup3(l->status[1], STATUS_FD, O_CLOEXEC) < 0) {
        _exit(127);
    }
    if (dup2(l->null, 0) < 0 || dup2(l->null, 1) < 0 || dup2(l->null, 2) < 0 ||
        close_range(3, CONFINED_PROGRAM_FD - 1, 0) != 0 ||
        close_range(STATUS_FD + 1, ~0U, 0) != 0) {
        child_fails('f');
    }
}

static void child_signals(void)
{
    static const int defaults[] = {SIGPIPE, SIGXCPU, SIGXFSZ, SIGTERM, SIGINT, SIGHUP};
    sigset_t none;
    for (size_t i = 0; i < TQ_COUNT(defaults); i++) {
        (void)signal(defaults[i], SIG_DFL); /* what the server ignores would be inherited */
    }
    (void)sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) {
        child_fails('s');
    }
}

static _Noreturn void child_run(const launch *l)
{
    char *const no_environment[] = {NULL};
    child_files(l);
    child_signals();
    /* Who has renounced more rights may set a filter without being root; and a parent that died
     * before its end was asked for would never be noticed. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        getppid() != l->parent || chdir(l->job->folder) != 0) {
        child_fails('p');
    }
    (void)setpriority(PRIO_PROCESS, 0, 10); /* claims go first; a refusal changes nothing */
    (void)umask(077);
    if (!confined_landlock(l->job->folder, CONFINED_PROGRAM_FD)) {
        child_fails('a');
    }
    child_limits(l->job);
    const struct sock_fprog program = {l->filter.n,
                                       (struct sock_filter *)(uintptr_t)l->filter.code};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        child_fails('c');
    }
    (void)syscall(SYS_execveat, CONFINED_PROGRAM_FD, l->empty, l->job->args, no_environment,
                  AT_EMPTY_PATH);
    child_fails('x');
}

/* --- the parent's side ----------------------------------------------------------------------- */

static void launch_close(launch *l)
{
    const int fds[] = {l->program, l->null, l->status[0], l->status[1]};
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]); /* only read, or of a pipe */
        }
    }
    if (l->empty != NULL) {
        (void)munmap((void *)(uintptr_t)l->empty, PAGE_BYTES);
    }
}

static tq_code no_room(tq_err *err)
{
    return tq_fail(err, TQ_BUSY, "no_process", NULL, "the machine has no process to spare");
}

/* Whatever may allocate or fail for want of room, before the fork. */
static tq_code launch_make(const confined_job *job, launch *l, tq_err *err)
{
    l->program = open(job->program, O_PATH | O_CLOEXEC);
    if (l->program < 0) {
        return tq_fail(err, TQ_NOT_FOUND, "no_program", job->program,
                       "the program is not installed");
    }
    l->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    void *empty = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    l->empty = empty == MAP_FAILED ? NULL : empty;
    if (l->null < 0 || l->empty == NULL || pipe2(l->status, O_CLOEXEC) != 0) {
        return no_room(err);
    }
    return confined_filter_make(l->empty, &l->filter, err);
}

/* Waits for the end of the child, and makes an end at the time limit. */
static tq_code child_wait(pid_t pid, int wall_ms, bool *timed_out, int *status, tq_err *err)
{
    const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    int ready = -1;
    if (pidfd >= 0) {
        do { /* a signal starts the wait anew: at worst the child has its time twice */
            ready = poll(&p, 1, wall_ms);
        } while (ready < 0 && errno == EINTR);
        (void)close(pidfd);
    }
    *timed_out = ready == 0;
    if (ready <= 0) {
        (void)kill(pid, SIGKILL); /* ours until we have waited, so the number is not another's */
    }
    pid_t got = 0;
    do {
        got = waitpid(pid, status, 0);
    } while (got < 0 && errno == EINTR);
    if (got != pid || ready < 0) {
        return tq_fail(err, TQ_IO, "confinement", NULL, "the child process cannot be waited for");
    }
    return TQ_OK;
}

/* By signal, since a child that was taken over may exit with any status it likes. */
static confined_result result_of(int status, bool timed_out)
{
    const bool signalled = WIFSIGNALED(status);
    const int sig = signalled ? WTERMSIG(status) : 0;
    confined_result r = {CONFINED_EXITED, WIFEXITED(status) ? WEXITSTATUS(status) : sig,
                         confined_landlock_abi() > 0};
    if (timed_out) {
        r.end = CONFINED_TIMED_OUT;
    } else if (sig == SIGSYS) {
        r.end = CONFINED_FORBIDDEN;
    } else if (sig == SIGXCPU || sig == SIGXFSZ || sig == SIGKILL) {
        r.end =
            CONFINED_OUT_OF_LIMITS; /* SIGKILL: the hard limit, or the kernel was out of memory */
    } else if (signalled) {
        r.end = CONFINED_CRASHED;
    }
    return r;
}

static tq_code launch_run(launch *l, confined_result *out, tq_err *err)
{
    const pid_t pid = fork();
    if (pid < 0) {
        return no_room(err);
    }
    if (pid == 0) {
        child_run(l);
    }
    (void)close(l->status[1]); /* now only the child holds it */
    l->status[1] = -1;
    bool timed_out = false;
    int status = 0;
    TQ_TRY(child_wait(pid, l->job->wall_ms_max, &timed_out, &status, err));
    char step = '\0';
    if (read(l->status[0], &step, 1) == 1) {
        return tq_fail(err, TQ_IO, "confinement", NULL,
                       "the program was not started: step '%c' of its confinement failed", step);
    }
    *out = result_of(status, timed_out);
    return TQ_OK;
}

tq_code confined_run(const confined_job *job, confined_result *out, tq_err *err)
{
    launch l = {.job = job, .program = -1, .null = -1, .status = {-1, -1}, .parent = getpid()};
    TQ_ASSERT(job->program[0] == '/');
    TQ_ASSERT(job->args[0] != NULL);
    TQ_ASSERT(job->cpu_seconds > 0);
    TQ_ASSERT(job->wall_ms_max > 0);
    tq_code code = launch_make(job, &l, err);
    if (code == TQ_OK) {
        code = launch_run(&l, out, err);
    }
    launch_close(&l);
    return code;
}
