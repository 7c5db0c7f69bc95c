/* SPDX-License-Identifier: Apache-2.0 */

/* A reader of files that was taken over: does one thing that no such program should, and exits 0
 * if the kernel let it, 1 where it was told no. tests/test_page_image.c runs it confined, and
 * free, so that a thing that never works proves nothing. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int do_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int do_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}

static int do_fork(void)
{
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    return pid < 0 || waitpid(pid, NULL, 0) != pid;
}

static int do_exec(void)
{
    char *const args[] = {(char *)(size_t) "/bin/true", NULL};
    (void)execve(args[0], args, args + 1);
    return 1;
}

/* The door by which the program itself came in: another file under its number, the empty path. */
static int do_execveat(void)
{
    char *const args[] = {(char *)(size_t) "true", NULL};
    const int fd = open("/bin/true", O_RDONLY);
    const int at = fcntl(fd, F_DUPFD, 500);
    (void)syscall(SYS_execveat, at < 0 ? 500 : at, "", args, args + 1, AT_EMPTY_PATH);
    return 1;
}

static int do_ptrace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0;
}

static int do_kill(void)
{
    return kill(getppid(), 0) != 0;
}

static int do_limit(void)
{
    const struct rlimit r = {4096, 4096};
    return setrlimit(RLIMIT_NOFILE, &r) != 0;
}

static int do_write_outside(void)
{
    const int fd = open("../outside", O_WRONLY | O_CREAT, 0600);
    return fd < 0;
}

static int do_read_outside(void)
{
    return open("/etc/passwd", O_RDONLY) < 0;
}

static int do_read_sibling(void)
{
    return open("../secret", O_RDONLY) < 0;
}

static int do_write_inside(void)
{
    const int fd = open("made", O_WRONLY | O_CREAT, 0600);
    return fd < 0 || write(fd, "x", 1) != 1;
}

static int do_link(void)
{
    return symlink("/etc/passwd", "link") != 0;
}

static int do_mkdir(void)
{
    return mkdirat(AT_FDCWD, "dir", 0700) != 0;
}

static int do_memory(void)
{
    const size_t bytes = (size_t)2 << 30;
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
           MAP_FAILED;
}

/* Server's files, its environment, its terminal. */
static int do_leftovers(void)
{
    extern char **environ;
    for (int fd = 3; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            return 0;
        }
    }
    char c = 0;
    return environ[0] == NULL && read(0, &c, 1) == 0;
}

static int do_files(void)
{
    int n = 0;
    while (n < 1000 && open("/usr", O_PATH) >= 0) {
        n++;
    }
    return n < 64;
}

static int do_loop(void)
{
    volatile unsigned long i = 1;
    while (i != 0) {
        i += 2;
    }
    return 0;
}

static int do_sleep(void)
{
    return sleep(1000) != 0;
}

static int do_fill(void)
{
    static char block[65536];
    const int fd = open("fill", O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 2048; i++) { /* 128 MiB */
        if (write(fd, block, sizeof block) < 0) {
            return 1;
        }
    }
    return 0;
}

static int argc_of_main;

static int do_crash(void)
{
    volatile int *nowhere =
        (volatile int *)(size_t)argc_of_main; /* no compiler knows that it is 2 */
    return *nowhere;
}

static int do_nothing(void)
{
    return 0;
}

/* --- in the place of pdftocairo: in.pdf says what it shall do -------------------------------- */

static int put(const char *name, const char *head, size_t head_len, size_t bytes)
{
    static char block[4096];
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || write(fd, head, head_len) < 0) {
        return 1;
    }
    for (size_t done = head_len; done < bytes; done += sizeof block) {
        if (write(fd, block, sizeof block) < 0) {
            return 1;
        }
    }
    return close(fd);
}

#define PNG "\x89PNG\r\n\x1a\n"

static int draw_as_told(void)
{
    char told[64] = "";
    char name[32];
    const int fd = open("in.pdf", O_RDONLY);
    if (fd < 0 || read(fd, told, sizeof told - 1) < 0) {
        return 2;
    }
    if (strstr(told, "socket") != NULL) {
        return do_socket();
    }
    if (strstr(told, "sleep") != NULL) {
        return (int)sleep(2);
    }
    if (strstr(told, "text") != NULL) {
        return put("p-1.png", "<script>", 8, 8);
    }
    if (strstr(told, "large") != NULL) {
        return put("p-1.png", PNG, 8, (size_t)9 << 20);
    }
    if (strstr(told, "gap") != NULL) { /* page 1 is missing */
        return put("p-2.png", PNG, 8, 8);
    }
    if (strstr(told, "flood") != NULL) {
        for (int i = 0; i < 200; i++) {
            (void)snprintf(name, sizeof name, "x%d", i);
            (void)put(name, PNG, 8, 8);
        }
        return 0;
    }
    if (strstr(told, "link") != NULL) {
        return symlink("/etc/passwd", "p-1.png") != 0 ? 3 : 0;
    }
    return strstr(told, "nothing") != NULL ? 0 : 4;
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        return draw_as_told();
    }
    static const struct act {
        const char *name;
        int (*run)(void);
    } acts[] = {
        {"socket", do_socket},
        {"unix_socket", do_unix_socket},
        {"fork", do_fork},
        {"exec", do_exec},
        {"execveat", do_execveat},
        {"ptrace", do_ptrace},
        {"kill", do_kill},
        {"limit", do_limit},
        {"write_outside", do_write_outside},
        {"read_outside", do_read_outside},
        {"read_sibling", do_read_sibling},
        {"write_inside", do_write_inside},
        {"link", do_link},
        {"mkdir", do_mkdir},
        {"memory", do_memory},
        {"leftovers", do_leftovers},
        {"files", do_files},
        {"loop", do_loop},
        {"sleep", do_sleep},
        {"fill", do_fill},
        {"crash", do_crash},
        {"nothing", do_nothing},
    };
    argc_of_main = argc;
    for (size_t i = 0; argc == 2 && i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].name, argv[1]) == 0) {
            return acts[i].run();
        }
    }
    return 99;
}
