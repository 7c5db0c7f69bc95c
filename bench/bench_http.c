/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP tier costs by itself: handlers that do nothing, 64 connections kept open, and a
 * client of our own (one thread, epoll) in the same process on the same cores, so that the
 * figures are low. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_util.h"
#include "http/server.h"
#include "web_load.h"

#define ROUNDS 3
#define REQUESTS 50000

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

static void text_write(void *ctx, int i, buf *request)
{
    (void)i;
    buf_text(request, ctx);
}

static void add_round(bench_series *s, unsigned port, char *request)
{
    static int64_t us[REQUESTS];
    const load l = {.port = port, .status = 200, .write = text_write, .ctx = request};
    const int64_t took = load_run(&l, REQUESTS, us);
    bench_add(s, bench_per_second(REQUESTS, took), bench_percentile(us, REQUESTS, 500),
              bench_percentile(us, REQUESTS, 990));
}

int main(void)
{
    char body[201] = "{\"note\":\"";
    char post[512];
    static char get[] = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    static const http_app app = {plan, handle, failure, NULL};
    const server_options options = {.address = "127.0.0.1:0", .rate_per_minute = 60000000};
    bench_series gets = {.name = "GET answered at once"};
    bench_series posts = {.name = "POST 200 B of JSON through workers"};
    server *s = NULL;
    tq_err err;
    memset(body + strlen(body), 'x', 200 - strlen(body) - 2);
    memcpy(body + 198, "\"}", 3);
    (void)snprintf(post, sizeof post,
                   "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                   "Content-Length: 200\r\n\r\n%s",
                   body);
    TQ_ASSERT(server_start(&options, &app, &s, &err) == TQ_OK);
    for (int round = 0; round < ROUNDS; round++) {
        bench_conditions(".", round + 1);
        add_round(&gets, server_port(s), get);
        add_round(&posts, server_port(s), post);
    }
    bench_print(&gets, "requests/s");
    bench_print(&posts, "requests/s");
    (void)printf("peak memory %" PRId64 " KiB, client included\n", bench_peak_kib());
    server_drain(s, 5);
    server_stop(s);
    return 0;
}
