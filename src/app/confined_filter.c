/* SPDX-License-Identifier: Apache-2.0 */
#include "app/confined_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ACT_KILL SCMP_ACT_KILL_PROCESS

/* What reading fonts and a file, computing, and writing a file take. What is in neither list is
 * answered by EPERM: libraries try things that they can do without, another release tries
 * others. */
static const char *const allowed[] = {
    "read",
    "pread64",
    "readv",
    "write",
    "writev",
    "pwrite64",
    "lseek",
    "open",
    "openat",
    "close",
    "fstat",
    "newfstatat",
    "stat",
    "lstat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "fstatfs",
    "statfs",
    "getdents64",
    "fcntl",
    "fadvise64",
    "ftruncate",
    "getcwd",
    "mmap",
    "munmap",
    "mprotect",
    "mremap",
    "madvise",
    "brk",
    "futex",
    "set_tid_address",
    "set_robust_list",
    "rseq",
    "arch_prctl",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigaltstack",
    "restart_syscall",
    "exit",
    "exit_group",
    "getrandom",
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "clock_nanosleep",
    "nanosleep",
    "getpid",
    "gettid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "uname",
    "sysinfo",
    "getrusage",
    "sched_getaffinity",
    "sched_yield",
};

/* What only a program that was taken over would ask for: it ends there and then, and we can
 * tell. */
static const char *const deadly[] = {
    "socket",
    "socketpair",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "recvfrom",
    "recvmsg",
    "recvmmsg",
    "execve",
    "fork",
    "vfork",
    "clone",
    "clone3",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "kill",
    "tkill",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "keyctl",
    "add_key",
    "request_key",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "open_by_handle_at",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "reboot",
    "setuid",
    "setgid",
    "setresuid",
    "setresgid",
    "setreuid",
    "setregid",
    "setgroups",
    "capset",
    "seccomp",
    "memfd_create",
};

/* A name that this architecture does not have needs no rule. */
static bool rule_each(scmp_filter_ctx ctx, uint32_t action, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int number = seccomp_syscall_resolve_name(names[i]);
        if (number != __NR_SCMP_ERROR && seccomp_rule_add(ctx, action, number, 0) != 0) {
            return false;
        }
    }
    return true;
}

/* The one start. libseccomp takes no argument rule beside a plain one, so each wrong argument
 * has its own deadly rule. */
static bool rule_start(scmp_filter_ctx ctx, const char *empty)
{
    const int number = SCMP_SYS(execveat);
    struct scmp_arg_cmp right[] = {
        {0, SCMP_CMP_EQ, CONFINED_PROGRAM_FD, 0},
        {1, SCMP_CMP_EQ, (scmp_datum_t)(uintptr_t)empty, 0},
        {4, SCMP_CMP_EQ, AT_EMPTY_PATH, 0},
    };
    const unsigned n = TQ_COUNT(right);
    bool fine = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, number, n, right) == 0;
    for (size_t i = 0; i < n; i++) {
        right[i].op = SCMP_CMP_NE;
        fine = fine && seccomp_rule_add_array(ctx, ACT_KILL, number, 1, &right[i]) == 0;
    }
    return fine;
}

/* Limits may be read, not set: CONFINED_PROGRAM_FD stays out of reach. */
static bool rule_limits(scmp_filter_ctx ctx)
{
    const struct scmp_arg_cmp no_new = {2, SCMP_CMP_EQ, 0, 0};
    return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, &no_new) == 0;
}

/* Another architecture's calls have other numbers: whoever uses them wants around the filter. */
static bool rules(scmp_filter_ctx ctx, const char *empty)
{
    return seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, ACT_KILL) == 0 &&
           rule_each(ctx, SCMP_ACT_ALLOW, allowed, TQ_COUNT(allowed)) &&
           rule_each(ctx, ACT_KILL, deadly, TQ_COUNT(deadly)) && rule_start(ctx, empty) &&
           rule_limits(ctx);
}

/* libseccomp of Debian 12 gives the code through a file alone. */
static bool code_read(scmp_filter_ctx ctx, confined_filter *out)
{
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool fine = seccomp_export_bpf(ctx, fd) == 0;
    const off_t end = fine ? lseek(fd, 0, SEEK_CUR) : -1;
    const size_t one = sizeof out->code[0];
    fine = end > 0 && (size_t)end <= sizeof out->code && (size_t)end % one == 0 &&
           pread(fd, out->code, (size_t)end, 0) == end;
    (void)close(fd);
    if (fine) {
        out->n = (unsigned short)((size_t)end / one);
    }
    return fine;
}

tq_code confined_filter_make(const char *empty, confined_filter *out, tq_err *err)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    const bool fine = ctx != NULL && rules(ctx, empty) && code_read(ctx, out);
    seccomp_release(ctx);
    return fine ? TQ_OK
                : tq_fail(err, TQ_IO, "confinement", NULL, "the system call filter cannot be made");
}

/* --- files ----------------------------------------------------------------------------------- */

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define STARTS LANDLOCK_ACCESS_FS_EXECUTE
#define WRITES (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | ACCESS_TRUNCATE)
#define OF_FILES (STARTS | LANDLOCK_ACCESS_FS_READ_FILE)
#define ACCESS_REFER (UINT64_C(1) << 13)    /* from version 2 */
#define ACCESS_TRUNCATE (UINT64_C(1) << 14) /* from version 3 */
#define ACCESS_FIRST ((UINT64_C(1) << 13) - 1)

/* The loader, which the kernel starts, stands among the libraries. */
static const struct place {
    const char *path;
    uint64_t access;
} places[] = {
    {"/usr", READS},
    {"/lib", READS | STARTS},
    {"/lib64", READS | STARTS},
    {"/usr/lib", READS | STARTS},
    {"/usr/lib64", READS | STARTS},
    {"/etc/fonts", READS},
    {"/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE},
    {"/var/cache/fontconfig", READS},
};

int confined_landlock_abi(void)
{
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

/* Asking for more than the kernel knows is refused as a whole. */
static uint64_t known(int abi)
{
    return ACCESS_FIRST | (abi >= 2 ? ACCESS_REFER : 0) | (abi >= 3 ? ACCESS_TRUNCATE : 0);
}

static bool place_add(int ruleset, int fd, uint64_t access)
{
    const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/* A place that this machine does not have is no gap. */
static bool path_add(int ruleset, const char *path, uint64_t access, bool required)
{
    const int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return !required && errno == ENOENT;
    }
    const bool fine = place_add(ruleset, fd, access);
    (void)close(fd);
    return fine;
}

bool confined_landlock(const char *folder, int program_fd)
{
    const int abi = confined_landlock_abi();
    if (abi == 0) {
        return true;
    }
    /* Everything is forbidden that this version knows, then places are opened. */
    const uint64_t all = known(abi);
    const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (ruleset < 0) {
        return false;
    }
    bool fine = place_add(ruleset, program_fd, OF_FILES) &&
                path_add(ruleset, folder, (READS | WRITES) & all, true);
    for (size_t i = 0; i < TQ_COUNT(places); i++) {
        fine = fine && path_add(ruleset, places[i].path, places[i].access, false);
    }
    fine = fine && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    (void)close(ruleset);
    return fine;
}
