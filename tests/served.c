/* SPDX-License-Identifier: Apache-2.0 */
#include "served.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "http/ticks.h"

#define ARGS_MAX 32
#define START_US INT64_C(60000000)
#define PAUSE_MS 2
#define LOG_MAX (64 * 1024)

void served_pause(int ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    (void)nanosleep(&t, NULL);
}

void served_at(served *s, const char *dir, const char *pg_uri)
{
    *s = (served){0};
    (void)snprintf(s->dir, sizeof s->dir, "%s", dir);
    (void)snprintf(s->db, sizeof s->db, "%s", pg_uri);
    (void)snprintf(s->log, sizeof s->log, "%s.log", dir);
}

static int add_words(const char **argv, int n, const char *const *words)
{
    for (int i = 0; words != NULL && words[i] != NULL; i++) {
        assert_true(n < ARGS_MAX);
        argv[n++] = words[i];
    }
    return n;
}

/* A child with its output in the log, in a group of its own: a tracer dies with what it traces. */
static pid_t start(const served *s, const char *const *argv)
{
    (void)unlink(s->log); /* else the last one's port would be read */
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const int out = open(s->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no server behind */
        if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) {
            _exit(120);
        }
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(121);
    }
    (void)setpgid(pid, pid);
    return pid;
}

static void read_log(const served *s, char *text, size_t room)
{
    const int fd = open(s->log, O_RDONLY);
    const ssize_t n = fd < 0 ? 0 : read(fd, text, room - 1);
    text[n < 0 ? 0 : n] = '\0';
    if (fd >= 0) {
        (void)close(fd);
    }
}

static int ended(pid_t pid, int64_t within_us)
{
    const int64_t from = ticks_us();
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (ticks_us() - from > within_us) {
            return -2;
        }
        served_pause(PAUSE_MS);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int64_t served_start(served *s, const char *const *before, const char *const *program)
{
    static char text[LOG_MAX];
    const char *const own[] = {
        getenv("TQ_BINARY"), "serve",     "--data", s->dir, "--listen", "127.0.0.1:0",
        "--trusted-proxies", "127.0.0.1", NULL};
    const char *const db[] = {"--db", s->db, NULL};
    const char *argv[ARGS_MAX + 1] = {0};
    int n = add_words(argv, 0, before);
    n = add_words(argv, n, program == NULL ? own : program);
    n = add_words(argv, n, program == NULL && s->db[0] != '\0' ? db : NULL);
    argv[n] = NULL;
    assert_non_null(own[0]);
    const int64_t from = ticks_us();
    s->pid = start(s, argv);
    while (ticks_us() - from < START_US) {
        read_log(s, text, sizeof text);
        const char *at = strstr(text, "http://127.0.0.1:");
        if (at != NULL && strchr(at, '\n') != NULL) {
            assert_int_equal(sscanf(at, "http://127.0.0.1:%u/", &s->port), 1);
            return ticks_us() - from;
        }
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
            break;
        }
        served_pause(PAUSE_MS);
    }
    fail_msg("the server did not begin: %s", text);
    return 0;
}

void served_kill(served *s)
{
    if (s->pid > 0) {
        (void)kill(-s->pid, SIGKILL);
        (void)waitpid(s->pid, NULL, 0);
        s->pid = 0;
    }
}

static void print_log(const served *s, const char *what, int status)
{
    static char text[LOG_MAX];
    read_log(s, text, sizeof text);
    print_error("%s: exit %d: %s\n", what, status, text);
}

int served_stop(served *s, int ms, int64_t *took_us)
{
    const int64_t from = ticks_us();
    assert_int_equal(kill(-s->pid, SIGTERM), 0);
    const int status = ended(s->pid, INT64_C(1000) * ms);
    *took_us = ticks_us() - from;
    if (status == -2) {
        served_kill(s);
    }
    s->pid = 0;
    if (status != 0) {
        print_log(s, "serve", status);
    }
    return status < 0 ? -1 : status;
}

int served_verb(const served *s, const char *verb)
{
    served beside = *s;
    const char *const own[] = {getenv("TQ_BINARY"), verb, "--data", s->dir, NULL};
    const char *const listen[] = {"--listen", "127.0.0.1:0", NULL};
    const char *const db[] = {"--db", s->db, NULL};
    const char *argv[ARGS_MAX + 1] = {0};
    int n = add_words(argv, 0, own);
    n = add_words(argv, n, strcmp(verb, "serve") == 0 ? listen : NULL);
    n = add_words(argv, n, s->db[0] == '\0' ? NULL : db);
    argv[n] = NULL;
    (void)snprintf(beside.log, sizeof beside.log, "%s.verb", s->dir);
    const int status = ended(start(&beside, argv), START_US);
    if (status != 0 && strcmp(verb, "serve") != 0) {
        print_log(&beside, verb, status);
    }
    (void)unlink(beside.log);
    return status;
}

void served_forget(served *s)
{
    served_kill(s);
    (void)unlink(s->log);
}
