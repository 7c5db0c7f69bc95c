/* SPDX-License-Identifier: Apache-2.0 */
#include "web_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "bench_util.h"

#define REQUEST_MAX 8192
#define ANSWER_MAX ((size_t)1024 * 1024)
#define READ_BYTES 65536
#define WAIT_MS 60000

typedef struct client {
    int fd;
    int asked; /* number of the request under way */
    int64_t asked_us;
    buf request, answer;
} client;

static void need(bool ok, const char *what, const client *c)
{
    if (!ok) {
        const str got = c == NULL ? STR("") : buf_view(&c->answer);
        (void)fprintf(stderr, "web_load: %s (%s): %.*s\n", what, strerror(errno), STR_ARG(got));
        exit(1);
    }
}

static int dial(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect", NULL);
    return fd;
}

static void open_client(client *c, unsigned port)
{
    *c = (client){.fd = dial(port), .request = buf_max(REQUEST_MAX), .answer = buf_max(ANSWER_MAX)};
}

static void close_client(client *c)
{
    (void)close(c->fd);
    buf_free(&c->request);
    buf_free(&c->answer);
}

static void ask(client *c, const load *l, int i)
{
    buf_clear(&c->request);
    buf_clear(&c->answer);
    l->write(l->ctx, i, &c->request);
    c->asked = i;
    c->asked_us = bench_now_us();
    const str rq = buf_view(&c->request);
    need(send(c->fd, rq.data, rq.len, MSG_NOSIGNAL) == (ssize_t)rq.len, "send", c);
}

/* Length of the whole answer; 0 where its head is not complete. */
static size_t whole(const client *c, unsigned status)
{
    static const char length_is[] = "Content-Length: ";
    const str all = buf_view(&c->answer);
    const char *end = memmem(all.data, all.len, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }
    const char *length =
        memmem(all.data, (size_t)(end - all.data), length_is, sizeof length_is - 1);
    need(all.len > 12 && strtoul(all.data + 9, NULL, 10) == status && length != NULL,
         "not the answer expected", c);
    return (size_t)(end - all.data) + 4 + strtoul(length + sizeof length_is - 1, NULL, 10);
}

/* Reads what is there; true once the answer is complete. */
static bool hear(client *c, const load *l, int flags)
{
    char bytes[READ_BYTES];
    const ssize_t n = recv(c->fd, bytes, sizeof bytes, flags);
    if (n < 0 && errno == EAGAIN) {
        return false;
    }
    need(n > 0, "a connection was closed", c);
    buf_add(&c->answer, bytes, (size_t)n);
    need(buf_ok(&c->answer), "an answer too large", c);
    const size_t length = whole(c, l->status);
    need(length == 0 || c->answer.len <= length, "more bytes than the answer has", c);
    return length != 0 && c->answer.len == length;
}

int64_t load_run(const load *l, int n, int64_t *us)
{
    static client clients[LOAD_CONNECTIONS];
    struct epoll_event events[LOAD_CONNECTIONS];
    const int poll = epoll_create1(EPOLL_CLOEXEC);
    int asked = 0;
    int heard = 0;
    need(poll >= 0, "epoll", NULL);
    for (size_t i = 0; i < LOAD_CONNECTIONS; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data = {.u64 = i}};
        open_client(&clients[i], l->port);
        need(epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &e) == 0, "epoll_ctl", NULL);
    }
    const int64_t from = bench_now_us();
    while (asked < n && asked < LOAD_CONNECTIONS) {
        ask(&clients[asked], l, asked);
        asked++;
    }
    while (heard < n) {
        const int ready = epoll_wait(poll, events, LOAD_CONNECTIONS, WAIT_MS);
        need(ready > 0, "no answer came", NULL);
        for (int k = 0; k < ready; k++) {
            client *c = &clients[events[k].data.u64];
            if (!hear(c, l, MSG_DONTWAIT)) {
                continue;
            }
            us[c->asked] = bench_now_us() - c->asked_us;
            heard++;
            if (asked < n) {
                ask(c, l, asked++);
            }
        }
    }
    const int64_t took = bench_now_us() - from;
    for (size_t i = 0; i < LOAD_CONNECTIONS; i++) {
        close_client(&clients[i]);
    }
    (void)close(poll);
    return took;
}

void load_one(const load *l, buf *answer)
{
    client c;
    open_client(&c, l->port);
    ask(&c, l, 0);
    while (!hear(&c, l, 0)) {
    }
    buf_str_add(answer, buf_view(&c.answer));
    close_client(&c);
}

str load_body(const buf *answer)
{
    const str all = buf_view(answer);
    const char *end = memmem(all.data, all.len, "\r\n\r\n", 4);
    TQ_ASSERT(end != NULL);
    return (str){end + 4, all.len - (size_t)(end + 4 - all.data)};
}
