/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP tier costs by itself: handlers that do nothing, 64 connections kept open, and a
 * client of our own (one thread, epoll) in the same process on the same cores, so that the
 * figures are low. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_util.h"
#include "http/server.h"
#include "http/ticks.h"

#define CONNECTIONS 64
#define ROUNDS      3
#define ROUND_US    INT64_C(3000000)
#define TIMES_MAX   1000000
#define ANSWER_MAX  2048

/* --- the application -------------------------------------------------------------------------- */

static void plan(void *ctx, const http_request *head, http_plan *out)
{
    (void)ctx;
    out->at_once = head->method == HTTP_GET;
    out->body_max = 65536;
    out->kinds = 1U << HTTP_JSON;
}

static void handle(void *ctx, const http_request *rq, http_reply *out)
{
    (void)ctx;
    out->type = "application/json";
    buf_printf(&out->body, "{\"method\":\"%s\",\"bytes\":%zu}", rq->method_text, rq->body.len);
}

static void failure(void *ctx, const http_request *head, unsigned status, const char *reason,
                    http_reply *out)
{
    (void)ctx;
    (void)head;
    (void)status;
    buf_text(&out->body, reason);
}

/* --- the client ------------------------------------------------------------------------------- */

typedef struct client {
    int fd;
    int64_t asked_us;
    char answer[ANSWER_MAX];
    size_t had;
} client;

typedef struct load {
    const char *request;
    size_t request_len;
    int64_t *times;
    int n;
} load;

static void need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench_http: %s\n", what);
        exit(1);
    }
}

static void ask(client *c, const load *l)
{
    c->had = 0;
    c->asked_us = ticks_us();
    need(send(c->fd, l->request, l->request_len, MSG_NOSIGNAL) == (ssize_t)l->request_len, "send");
}

/* Length of the whole answer; 0 where its head is not complete. Anything but a 200 ends the
 * bench. */
static size_t whole(const client *c)
{
    const char *end = memmem(c->answer, c->had, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }
    const char *length = memmem(c->answer, c->had, "Content-Length: ", 16);
    need(memcmp(c->answer, "HTTP/1.1 200", 12) == 0 && length != NULL, "an answer that is not 200");
    return (size_t)(end - c->answer) + 4 + strtoul(length + 16, NULL, 10);
}

static void hear(client *c, load *l, bool again)
{
    const ssize_t n = recv(c->fd, c->answer + c->had, sizeof c->answer - c->had, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
        return;
    }
    need(n > 0, "a connection was closed");
    c->had += (size_t)n;
    const size_t length = whole(c);
    if (length == 0 || c->had < length) {
        return;
    }
    need(c->had == length, "more bytes than the answer has");
    if (l->n < TIMES_MAX) {
        l->times[l->n++] = ticks_us() - c->asked_us;
    }
    if (again) {
        ask(c, l);
    }
}

/* Answers a second; the times stay in the load. */
static int64_t run(unsigned port, load *l)
{
    static client clients[CONNECTIONS];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event events[CONNECTIONS];
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    need(poll >= 0, "epoll");
    l->n = 0;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data = {.u64 = i}};
        clients[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        need(connect(clients[i].fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
        need(epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &e) == 0, "epoll_ctl");
        ask(&clients[i], l);
    }
    const int64_t begun = ticks_us();
    while (ticks_us() - begun < ROUND_US) {
        const int n = epoll_wait(poll, events, CONNECTIONS, 100);
        for (int i = 0; i < n; i++) {
            hear(&clients[events[i].data.u64], l, true);
        }
    }
    const int64_t took = ticks_us() - begun;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        (void)close(clients[i].fd);
    }
    (void)close(poll);
    return bench_per_second(l->n, took);
}

static void add_round(bench_series *s, unsigned port, load *l)
{
    const int64_t rate = run(port, l);
    bench_add(s, rate, bench_percentile(l->times, l->n, 500),
              bench_percentile(l->times, l->n, 990));
}

int main(void)
{
    char body[201] = "{\"note\":\"";
    char post[512];
    static const char get[] = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    static const http_app app = {plan, handle, failure, NULL};
    const server_options options = {.address = "127.0.0.1:0", .rate_per_minute = 60000000};
    bench_series gets = {.name = "GET answered at once"};
    bench_series posts = {.name = "POST 200 B of JSON through workers"};
    server *s = NULL;
    tq_err err;
    memset(body + strlen(body), 'x', 200 - strlen(body) - 2);
    memcpy(body + 198, "\"}", 3);
    const int n = snprintf(post, sizeof post,
                           "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                           "Content-Length: 200\r\n\r\n%s",
                           body);
    load l = {.times = calloc(TIMES_MAX, sizeof *l.times)};
    need(l.times != NULL, "memory");
    need(server_start(&options, &app, &s, &err) == TQ_OK, err.detail);
    for (int round = 0; round < ROUNDS; round++) {
        bench_conditions(".", round + 1);
        l.request = get;
        l.request_len = sizeof get - 1;
        add_round(&gets, server_port(s), &l);
        l.request = post;
        l.request_len = (size_t)n;
        add_round(&posts, server_port(s), &l);
    }
    bench_print(&gets, "requests/s");
    bench_print(&posts, "requests/s");
    (void)printf("peak memory %" PRId64 " KiB, client included\n", bench_peak_kib());
    server_drain(s, 5);
    server_stop(s);
    free(l.times);
    return 0;
}
