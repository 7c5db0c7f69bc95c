/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"

#define ARGS_MAX 32
#define STOP_S 10
#define START_S 30
#define SAID_MS 10000

char out_text[TEXT_MAX];
char err_text[TEXT_MAX];
unsigned port;
static char home[64];
static pid_t server_pid;

void place(char *path, size_t room, const char *name)
{
    (void)snprintf(path, room, "%s/%s", home, name);
}

static void read_text(const char *name, char *text)
{
    char path[128];
    place(path, sizeof path, name);
    text[0] = '\0';
    FILE *f = fopen(path, "r");
    if (f != NULL) { /* else a program that has just been started has not come so far */
        text[fread(text, 1, TEXT_MAX - 1, f)] = '\0';
        assert_int_equal(fclose(f), 0);
    }
}

void write_text(const char *name, const char *text)
{
    char path[128];
    place(path, sizeof path, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Files of its own for each process: the server's words must outlive the verbs beside it. */
static pid_t start(const char *line, const char *out_name, const char *err_name)
{
    char words[2048];
    char data[128];
    char out[128];
    char err[128];
    char program[512];
    char *argv[ARGS_MAX + 1] = {program};
    int n = 1;
    const char *binary = getenv("TQ_BINARY");
    assert_non_null(binary);
    (void)snprintf(program, sizeof program, "%s", binary);
    (void)snprintf(words, sizeof words, "%s", line);
    place(data, sizeof data, "data");
    place(out, sizeof out, out_name);
    place(err, sizeof err, err_name);
    char *rest = NULL;
    for (char *w = strtok_r(words, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest)) {
        assert_true(n < ARGS_MAX);
        argv[n++] = strcmp(w, "@") == 0 ? data : w;
    }
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const int i = open("/dev/null", O_RDONLY);
        const int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const int e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        (void)prctl(PR_SET_PDEATHSIG,
                    SIGKILL); /* a test that ends by a signal leaves no server behind */
        if (i < 0 || o < 0 || e < 0 || dup2(i, STDIN_FILENO) < 0 || dup2(o, STDOUT_FILENO) < 0 ||
            dup2(e, STDERR_FILENO) < 0) {
            _exit(120);
        }
        (void)execv(binary, argv);
        _exit(121);
    }
    return pid;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int run(const char *line)
{
    const int status = wait_for(start(line, "out", "err"));
    read_text("out", out_text);
    read_text("err", err_text);
    return status;
}

void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}

int make_home(void **state)
{
    (void)state;
    (void)snprintf(home, sizeof home, "/tmp/tq-serve.XXXXXX");
    return mkdtemp(home) == NULL;
}

int remove_home(void **state)
{
    (void)state;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", "--", home, (char *)NULL);
        _exit(1);
    }
    return wait_for(pid);
}

/* --- a server ---------------------------------------------------------------------------------- */

pid_t serve(const char *more)
{
    char line[1024];
    (void)snprintf(line, sizeof line, "serve --data @ --listen 127.0.0.1:0 %s", more);
    write_text("served.err", ""); /* not what an earlier one said */
    server_pid = start(line, "served.out", "served.err");
    for (int i = 0; i < START_S * 20; i++) {
        read_text("served.err", err_text);
        const char *at = strstr(err_text, "serving http://127.0.0.1:");
        if (at != NULL && strchr(at, '\n') != NULL) {
            assert_int_equal(sscanf(at, "serving http://127.0.0.1:%u/", &port), 1);
            return server_pid;
        }
        pause_ms(50);
    }
    fail_msg("the server did not begin: %s", err_text);
    return server_pid;
}

void server_says(const char *text)
{
    for (int i = 0; i < SAID_MS / 50; i++) {
        read_text("served.err", err_text);
        if (strstr(err_text, text) != NULL) {
            return;
        }
        pause_ms(50);
    }
    fail_msg("the server did not say `%s`: %s", text, err_text);
}

int server_stop(int signal_no)
{
    int status = 0;
    assert_int_equal(kill(server_pid, signal_no), 0);
    for (int i = 0; waitpid(server_pid, &status, WNOHANG) == 0; i++) {
        if (i == STOP_S * 20) {
            fail_msg("the server did not stop within %d s", STOP_S);
        }
        pause_ms(50);
    }
    server_pid = 0;
    read_text("served.err", err_text);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int end_server(void **state)
{
    (void)state;
    if (server_pid > 0) {
        (void)kill(server_pid, SIGKILL);
        (void)waitpid(server_pid, NULL, 0);
        server_pid = 0;
    }
    return 0;
}

int begin_at(unsigned at, const char *request)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct timeval patience = {10, 0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)at)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    send_more(fd, request);
    return fd;
}

void send_more(int fd, const char *bytes)
{
    assert_int_equal(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

void take_answer(int fd, char *answer)
{
    size_t n = 0;
    for (;;) {
        const ssize_t got = read(fd, answer + n, TEXT_MAX - 1 - n);
        assert_true(got >= 0);
        if (got == 0) {
            break;
        }
        n += (size_t)got;
    }
    answer[n] = '\0';
    assert_int_equal(close(fd), 0);
}

void ask_at(unsigned at, const char *request, char *answer)
{
    take_answer(begin_at(at, request), answer);
}

void ask(const char *request, char *answer)
{
    ask_at(port, request, answer);
}
