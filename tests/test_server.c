/* SPDX-License-Identifier: Apache-2.0 */
/* The server under its clients: slow ones, idle ones, many, large ones, watching ones, and when
 * it stops. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/day.h"
#include "base/file.h"
#include "base/hash.h"
#include "http/ticks.h"
#include "http_site.h"

#define HOST "Host: a\r\n"
#define CLOSE HOST "Connection: close\r\n\r\n"
#define PATIENCE_MS 20000
#define IDLE_CONNECTIONS 2000
#define UPLOAD_BYTES ((size_t)96 * 1024 * 1024)
#define UPLOAD_GROWTH_KIB 24576

static http_site site;
static server_options options;
static char spool[128];
static server *running;
static unsigned port;

static int make(void **state)
{
    (void)state;
    http_site_make(&site);
    options = http_site_options(&site, spool, sizeof spool);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    server_stop(running);
    running = NULL;
    http_site_remove(&site);
    return access(site.folder, F_OK) == 0; /* whatever is left in the spool is a fault */
}

static void serve(void)
{
    running = http_site_serve(&site, &options);
    port = server_port(running);
}

static void nap_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

static int dial(void)
{
    const int fd = http_dial(port);
    assert_true(fd >= 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_true(http_send(fd, text, strlen(text)));
}

/* Asks on a connection of its own; the answer stays in `out`. */
static unsigned ask(const char *request, buf *out)
{
    const int fd = dial();
    say(fd, request);
    const unsigned status = http_read_one(fd, out, PATIENCE_MS);
    assert_int_equal(close(fd), 0);
    return status;
}

static server_counts counts(void)
{
    server_counts c;
    server_read(running, &c);
    return c;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answers_carry_what_every_answer_carries(void **state)
{
    static const char *const always[] = {
        "\r\nX-Content-Type-Options: nosniff\r\n",
        "\r\nReferrer-Policy: same-origin\r\n",
        "\r\nX-Frame-Options: DENY\r\n",
        "\r\nCross-Origin-Opener-Policy: same-origin\r\n",
        "\r\nCache-Control: no-store\r\n",
        "\r\nX-Request-Id: ",
        "\r\nContent-Security-Policy: ",
    };
    static const struct {
        const char *request;
        unsigned status;
        const char *has;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" CLOSE, 200, "frame-ancestors 'none'\r\n"},
        {"GET /none HTTP/1.1\r\n" CLOSE, 404, "\"reason\":\"not_found\""},
        {"DELETE / HTTP/1.1\r\n" CLOSE, 405, "\r\nAllow: GET, HEAD\r\n"},
        {"GET / HTTP/1.1\r\n\r\n", 400, "\"reason\":\"host\""},
        {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: x\r\n\r\n", 400,
         "\"reason\":\"content_length\""},
        {"GET /file HTTP/1.1\r\n" CLOSE, 200,
         "\r\nContent-Security-Policy: sandbox; default-src 'none'\r\n"},
        {"GET /file HTTP/1.1\r\n" CLOSE, 200,
         "\r\nContent-Disposition: attachment; filename=\"a.bin\"\r\n"},
    };
    (void)state;
    serve();
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf out = buf_max((size_t)8 << 20);
        assert_int_equal(ask(rows[i].request, &out), rows[i].status);
        for (size_t k = 0; k < TQ_COUNT(always); k++) {
            if (!http_contains(buf_view(&out), always[k]) ||
                !http_contains(buf_view(&out), rows[i].has)) {
                fail_msg("%s lacks %s or %s: %.600s", rows[i].request, always[k], rows[i].has,
                         out.data);
            }
        }
    }
}

static void a_file_comes_whole_and_goes_from_the_disk(void **state)
{
    (void)state;
    serve();
    BUF_AUTO buf out = buf_max((size_t)8 << 20);
    assert_int_equal(ask("GET /file HTTP/1.1\r\n" CLOSE, &out), 200);
    const str body = http_body_of(buf_view(&out), 0);
    assert_int_equal(body.len, (size_t)3 << 20);
    for (size_t i = 0; i < body.len; i += 4099) {
        assert_int_equal(body.data[i], 'a' + (int)(i % 26));
    }
}

static void head_is_get_without_its_body(void **state)
{
    BUF_AUTO buf get = buf_max((size_t)16 << 20);
    BUF_AUTO buf head = buf_max(65536);
    (void)state;
    serve();
    assert_int_equal(ask("GET /big HTTP/1.1\r\n" CLOSE, &get), 200);
    const int fd = dial();
    say(fd, "HEAD /big HTTP/1.1\r\n" CLOSE);
    assert_true(http_read_all(fd, &head, PATIENCE_MS));
    (void)close(fd);
    assert_true(http_contains(buf_view(&head), "\r\nContent-Length: 8388608\r\n"));
    assert_memory_equal(head.data + head.len - 4, "\r\n\r\n", 4);
    assert_int_equal(http_body_of(buf_view(&get), 0).len, 8388608);
}

static void the_client_is_who_a_trusted_proxy_says(void **state)
{
    static const struct {
        const char *trusted, *forwarded, *is;
    } rows[] = {
        {NULL, "10.1.2.3", "127.0.0.1"},
        {"10.9.9.9", "10.1.2.3", "127.0.0.1"},
        {"127.0.0.1", "10.1.2.3", "10.1.2.3"},
        {"127.0.0.1", "6.6.6.6, 10.1.2.3", "10.1.2.3"},
        {"127.0.0.1, 10.1.2.3", "10.7.7.7, 10.1.2.3", "10.7.7.7"},
        {"127.0.0.1", "2001:db8::1", "2001:db8::1"},
        {"127.0.0.1", "not an address", "127.0.0.1"},
        {"127.0.0.1", "", "127.0.0.1"},
        {"127.0.0.1", ",,", "127.0.0.1"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf out = buf_max(65536);
        char request[256];
        options.trusted_proxies = rows[i].trusted;
        serve();
        (void)snprintf(request, sizeof request,
                       "GET /who HTTP/1.1\r\nX-Forwarded-For: %s\r\nCookie: c=%zu\r\n" CLOSE,
                       rows[i].forwarded, i);
        assert_int_equal(ask(request, &out), 200);
        const str body = http_body_of(buf_view(&out), 0);
        if (!str_starts(body, str_of(rows[i].is)) || body.data[strlen(rows[i].is)] != ' ') {
            fail_msg("row %zu: %.*s", i, STR_ARG(body));
        }
        assert_true(http_contains(body, "cookie="));
        server_stop(running);
        running = NULL;
    }
}

static void many_requests_on_one_connection(void **state)
{
    BUF_AUTO buf out = buf_max((size_t)4 << 20);
    unsigned status[400];
    (void)state;
    serve();
    const int fd = dial();
    for (int i = 0; i < 100; i++) {
        say(fd, "GET /at-once HTTP/1.1\r\n" HOST "\r\nPOST /echo HTTP/1.1\r\n" HOST
                "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    }
    say(fd, "GET / HTTP/1.1\r\n" CLOSE);
    assert_true(http_read_all(fd, &out, PATIENCE_MS));
    (void)close(fd);
    assert_int_equal(http_statuses(buf_view(&out), false, status, 400), 201);
    for (int i = 0; i < 201; i++) {
        assert_int_equal(status[i], 200);
    }
    const server_counts c = counts();
    assert_int_equal(c.requests, 201);
    assert_int_equal(c.by_status[2], 201);
    assert_int_equal(c.latency_us_bucket[11], 201);
    assert_int_equal(c.bytes_in, 200);
}

/* The guard looks at a head where libmicrohttpd has left it, however many reads that took. */
static void heads_and_bodies_may_come_byte_by_byte(void **state)
{
    static const char request[] =
        "POST /multi?a=1&b HTTP/1.1\r\n" HOST "Cookie: c=1; d=2\r\nX-Empty:\r\nX-A:  b \t\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 65\r\n\r\n"
        "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\r--x-\r\n\r\n--x--\r\n";
    static const size_t pieces[] = {1, 2, 3, 7, 64, sizeof request - 1};
    const int on = 1;
    (void)state;
    serve();
    const int fd = dial();
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    for (size_t k = 0; k < TQ_COUNT(pieces); k++) {
        BUF_AUTO buf out = buf_max(65536);
        for (size_t at = 0; at < sizeof request - 1; at += pieces[k]) {
            const size_t left = sizeof request - 1 - at;
            assert_true(http_send(fd, request + at, left < pieces[k] ? left : pieces[k]));
            if (pieces[k] < 4) {
                const struct timespec t = {0, 200000};
                (void)nanosleep(&t, NULL);
            }
        }
        assert_int_equal(http_read_one(fd, &out, PATIENCE_MS), 200);
        assert_true(http_contains(http_body_of(buf_view(&out), 0), "arg:a=1 arg:b= f=\r--x-\r\n"));
    }
    (void)close(fd);
}

/* --- limits ----------------------------------------------------------------------------------- */

static void who_changes_too_much_is_told_to_wait(void **state)
{
    BUF_AUTO buf out = buf_max((size_t)4 << 20);
    unsigned status[20];
    (void)state;
    options.rate_per_minute = 3;
    serve();
    const int fd = dial();
    for (int i = 0; i < 5; i++) {
        say(fd, "POST /bare HTTP/1.1\r\n" HOST "\r\n");
    }
    say(fd, "GET / HTTP/1.1\r\n" CLOSE);
    assert_true(http_read_all(fd, &out, PATIENCE_MS));
    (void)close(fd);
    assert_int_equal(http_statuses(buf_view(&out), false, status, 20), 6);
    assert_int_equal(status[2], 200);
    assert_int_equal(status[3], 429);
    assert_int_equal(status[4], 429);
    assert_int_equal(status[5], 200); /* reading is not changing */
    assert_true(http_contains(buf_view(&out), "\r\nRetry-After: 20\r\n"));
}

static void a_full_queue_is_503_and_says_when_again(void **state)
{
    int fds[16];
    int busy = 0;
    int served = 0;
    (void)state;
    options.workers = 1;
    options.queue_max = 2;
    serve();
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        fds[i] = dial();
        say(fds[i], "GET /slow HTTP/1.1\r\n" HOST "\r\n");
    }
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        BUF_AUTO buf out = buf_max(65536);
        const unsigned status = http_read_one(fds[i], &out, PATIENCE_MS);
        busy += status == 503 && http_contains(buf_view(&out), "\r\nRetry-After: 1\r\n");
        served += status == 200;
        (void)close(fds[i]);
    }
    assert_true(
        served >=
        2); /* those that the queue holds; a third where the worker has woken up in between */
    assert_int_equal(served + busy, TQ_COUNT(fds));
    assert_true(busy > 0);
}

static void one_address_has_only_so_many_connections(void **state)
{
    int fds[8];
    int open = 0;
    (void)state;
    options.per_address_max = 5;
    serve();
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        fds[i] = dial();
    }
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        BUF_AUTO buf out = buf_max(65536);
        (void)http_send(fds[i], "GET / HTTP/1.1\r\n" HOST "\r\n", 27);
        open += http_read_one(fds[i], &out, PATIENCE_MS) == 200;
    }
    assert_int_equal(open, 5);
    assert_int_equal(counts().rejected, 3);
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        (void)close(fds[i]);
    }
}

/* Sends `piece` every `pause_ms` until the peer closes; the time that took, in ms. */
static int64_t drip(const char *first, const char *piece, long pause)
{
    char got[4096];
    const int fd = dial();
    const int64_t begun = ticks_us();
    say(fd, first);
    while (http_send(fd, piece, strlen(piece)) && ticks_us() - begun < INT64_C(60000000)) {
        nap_ms(pause);
        const ssize_t n = recv(fd, got, sizeof got, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            break;
        }
    }
    (void)close(fd);
    return (ticks_us() - begun) / 1000;
}

static void slow_clients_are_cut_and_others_are_served(void **state)
{
    (void)state;
    options.header_s = 1;
    options.body_s = 1;
    options.idle_s = 3;
    serve();
    const int64_t head = drip("GET / HTTP/1.1\r\nHost: a\r\n", "X", 100);
    assert_in_range(head, 700, 3000);
    const int64_t line = drip("GE", "T", 100);
    assert_in_range(line, 700, 3000);
    const int64_t second = drip("GET / HTTP/1.1\r\n" HOST "\r\n", "G", 100);
    assert_in_range(second, 700, 4500);
    const int64_t silent =
        drip("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 999\r\n\r\n", "", 50);
    assert_in_range(silent, 700, 3500);
    /* A byte each tenth of a second never pauses long enough, but does not keep the rate. */
    const int64_t body =
        drip("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 999\r\n\r\n", "x", 100);
    assert_in_range(body, 4000, 9000);
    BUF_AUTO buf out = buf_max(65536);
    assert_int_equal(ask("GET / HTTP/1.1\r\n" CLOSE, &out), 200);
    assert_int_equal(counts().timeouts, 5);
}

static void who_does_not_read_is_cut(void **state)
{
    const int small = 4096;
    char some[1];
    (void)state;
    options.body_s = 1;
    serve();
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    say(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < 100 && counts().timeouts == 0; i++) {
        nap_ms(50);
    }
    assert_int_equal(counts().timeouts, 1);
    assert_int_equal(recv(fd, some, 1, 0), 1);
    (void)close(fd);
}

static void idle_ones_are_let_go(void **state)
{
    BUF_AUTO buf out = buf_max(65536);
    (void)state;
    options.idle_s = 1;
    serve();
    const int fd = dial();
    say(fd, "GET / HTTP/1.1\r\n" HOST "\r\n");
    assert_true(http_read_all(fd, &out, 5000));
    (void)close(fd);
    assert_true(http_contains(buf_view(&out), "home"));
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void two_thousand_idle_connections_harm_nobody(void **state)
{
    static int fds[IDLE_CONNECTIONS];
    static int64_t took[400];
    const struct rlimit files = {8192, 8192};
    (void)state;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
        fail_msg("8192 descriptors are needed");
    }
    options.per_address_max = 3000;
    options.header_s = 60;
    serve();
    for (int i = 0; i < IDLE_CONNECTIONS; i++) {
        fds[i] = dial();
        if (i % 2 == 0) { /* half of them with half a head */
            say(fds[i], "GET / HTTP/1.1\r\nHo");
        }
    }
    for (size_t i = 0; i < TQ_COUNT(took); i++) {
        BUF_AUTO buf out = buf_max(65536);
        const int64_t begun = ticks_us();
        assert_int_equal(ask("GET / HTTP/1.1\r\n" CLOSE, &out), 200);
        took[i] = ticks_us() - begun;
    }
    qsort(took, TQ_COUNT(took), sizeof took[0], by_size);
    print_message("beside %d idle connections: p50 %lld us, p95 %lld us\n", IDLE_CONNECTIONS,
                  (long long)took[TQ_COUNT(took) / 2], (long long)took[TQ_COUNT(took) * 95 / 100]);
    assert_true(took[TQ_COUNT(took) * 95 / 100] < 1000000);
    assert_in_range(counts().connections, IDLE_CONNECTIONS, IDLE_CONNECTIONS + 2);
    for (int i = 0; i < IDLE_CONNECTIONS; i++) {
        (void)close(fds[i]);
    }
}

/* --- uploads ---------------------------------------------------------------------------------- */

static int64_t peak_kib(void)
{
    struct rusage u = {0};
    (void)getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void a_large_upload_streams_to_the_disk(void **state)
{
    static char piece[1 << 20];
    static const char begin[] =
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n"
        "Content-Type: application/pdf\r\n\r\n";
    static const char end[] = "\r\n--b--\r\n";
    char head[256];
    char sum[65];
    BUF_AUTO buf out = buf_max(65536);
    (void)state;
    serve();
    for (size_t i = 0; i < sizeof piece; i++) {
        piece[i] = (char)(i * 7 + i / 251); /* with CR and boundary-like bytes in it */
    }
    (void)snprintf(head, sizeof head,
                   "POST /upload HTTP/1.1\r\n" HOST
                   "Content-Type: multipart/form-data; boundary=b\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   sizeof begin - 1 + UPLOAD_BYTES + sizeof end - 1);
    hasher *h = hasher_new(HASH_SHA256);
    const int fd = dial();
    const int64_t before = peak_kib();
    say(fd, head);
    say(fd, begin);
    for (size_t sent = 0; sent < UPLOAD_BYTES; sent += sizeof piece) {
        assert_true(http_send(fd, piece, sizeof piece));
        hasher_add(h, (str){piece, sizeof piece});
    }
    say(fd, end);
    assert_int_equal(http_read_one(fd, &out, PATIENCE_MS), 200);
    (void)close(fd);
    digest_hex(hasher_end(h), sum);
    hasher_free(h);
    const str body = http_body_of(buf_view(&out), 0);
    assert_true(http_contains(body, sum));
    assert_true(http_contains(body, "file:f=x.bin type=application/pdf bytes=100663296"));
    assert_true(http_contains(body, "there=1"));
    assert_true(peak_kib() - before < UPLOAD_GROWTH_KIB);
}

static void an_upload_broken_off_leaves_nothing(void **state)
{
    (void)state;
    serve();
    const int fd = dial();
    say(fd, "POST /upload HTTP/1.1\r\n" HOST "Content-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; "
            "filename=\"x\"\r\n\r\nhalf");
    nap_ms(100);
    (void)close(fd);
    for (int i = 0; i < 100 && counts().in_flight > 0; i++) {
        nap_ms(20);
    }
    assert_int_equal(counts().in_flight, 0);
    assert_int_equal(rmdir(spool), 0); /* empty */
    tq_err err;
    assert_int_equal(dir_make(spool, 0700, &err), TQ_OK);
}

/* --- event streams ---------------------------------------------------------------------------- */

static void events_come_one_by_one_and_end(void **state)
{
    BUF_AUTO buf out = buf_max(65536);
    (void)state;
    serve();
    const int fd = dial();
    say(fd, "GET /events HTTP/1.1\r\n" CLOSE);
    const int64_t begun = ticks_us();
    assert_true(http_read_all(fd, &out, PATIENCE_MS));
    (void)close(fd);
    assert_true(ticks_us() - begun > 700000); /* two pauses of half a second */
    assert_true(http_contains(buf_view(&out), "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    assert_true(http_contains(buf_view(&out), "event: tick\ndata: 3\n\n"));
    assert_true(http_contains(buf_view(&out), "\r\n0\r\n\r\n")); /* a proper end, not a cut */
    for (int i = 0; i < 100 && atomic_load(&site.streams_ended) == 0; i++) {
        nap_ms(20);
    }
    assert_int_equal(atomic_load(&site.streams_ended), 1);
    assert_int_equal(counts().streams, 0);
}

static void a_hundred_watchers_need_no_worker(void **state)
{
    int fds[100];
    (void)state;
    options.workers = 1;
    serve();
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        fds[i] = dial();
        say(fds[i], "GET /ticks HTTP/1.1\r\n" HOST "\r\n");
    }
    nap_ms(700);
    BUF_AUTO buf out = buf_max(65536);
    assert_int_equal(ask("GET / HTTP/1.1\r\n" CLOSE, &out), 200);
    assert_int_equal(counts().streams, TQ_COUNT(fds));
    for (size_t i = 0; i < TQ_COUNT(fds); i++) {
        (void)close(fds[i]); /* without a word: seen at the next event */
    }
    for (int i = 0; i < 200 && atomic_load(&site.streams_ended) < (int)TQ_COUNT(fds); i++) {
        nap_ms(20);
    }
    assert_int_equal(atomic_load(&site.streams_ended), TQ_COUNT(fds));
}

static void streams_end_when_the_server_does(void **state)
{
    BUF_AUTO buf out = buf_max(1 << 20);
    (void)state;
    serve();
    const int fd = dial();
    say(fd, "GET /ticks HTTP/1.1\r\n" HOST "\r\n");
    nap_ms(200);
    server_drain(running, 5);
    assert_int_equal(counts().in_flight, 0);
    server_stop(running);
    running = NULL;
    assert_true(http_read_all(fd, &out, PATIENCE_MS));
    assert_true(http_contains(buf_view(&out), "\r\n0\r\n\r\n"));
    (void)close(fd);
    assert_int_equal(atomic_load(&site.streams_ended), 1);
}

/* --- the end ---------------------------------------------------------------------------------- */

static atomic_int acknowledged, stopping;

static void *keep_counting(void *ctx)
{
    static const char request[] = "POST /count HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n";
    (void)ctx;
    while (!atomic_load(&stopping)) {
        const int fd = http_dial(port);
        if (fd < 0) {
            break;
        }
        for (;;) {
            BUF_AUTO buf out = buf_max(65536);
            if (!http_send(fd, request, sizeof request - 1) ||
                http_read_one(fd, &out, PATIENCE_MS) != 200) {
                break;
            }
            atomic_fetch_add(&acknowledged, 1);
        }
        (void)close(fd);
    }
    return NULL;
}

/* What was begun before the end is answered: nothing is done without the client being told, and
 * after the drain nothing is done at all. */
static void stopping_loses_no_answer(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        pthread_t threads[16];
        atomic_store(&acknowledged, 0);
        atomic_store(&stopping, 0);
        atomic_store(&site.counted, 0);
        serve();
        for (size_t i = 0; i < TQ_COUNT(threads); i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, keep_counting, NULL), 0);
        }
        while (atomic_load(&acknowledged) <= 100) { /* all are at work, however slow the machine */
            nap_ms(5);
        }
        const int64_t begun = ticks_us();
        atomic_store(&stopping, 1);
        server_drain(running, 10);
        server_stop(running);
        running = NULL;
        assert_true(ticks_us() - begun < 5000000);
        for (size_t i = 0; i < TQ_COUNT(threads); i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        }
        assert_int_equal(atomic_load(&acknowledged), atomic_load(&site.counted));
    }
}

static void a_stop_without_drain_waits_for_its_handlers(void **state)
{
    BUF_AUTO buf out = buf_max(65536);
    (void)state;
    serve();
    const int fd = dial();
    say(fd, "POST /slow HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    nap_ms(50);
    server_stop(running);
    running = NULL;
    assert_int_equal(http_read_one(fd, &out, PATIENCE_MS), 200);
    (void)close(fd);
}

static void only_a_free_address_of_loopback_is_listened_on(void **state)
{
    static const struct {
        const char *address, *reason;
        tq_code code;
    } rows[] = {
        {"0.0.0.0:0", "listen", TQ_INVALID},    {"10.0.0.1:80", "listen", TQ_INVALID},
        {"127.0.0.1", "listen", TQ_INVALID},    {"127.0.0.1:70000", "listen", TQ_INVALID},
        {"localhost:80", "listen", TQ_INVALID}, {"127.0.0.1:x", "listen", TQ_INVALID},
        {":80", "listen", TQ_INVALID},
    };
    const http_app app = http_site_app(&site);
    server *s = NULL;
    tq_err err;
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        options.address = rows[i].address;
        assert_int_equal(server_start(&options, &app, &s, &err), rows[i].code);
        assert_string_equal(err.reason, rows[i].reason);
    }
    char taken[32];
    options.address = "127.0.0.1:0";
    serve();
    (void)snprintf(taken, sizeof taken, "127.0.0.1:%u", port);
    options.address = taken;
    assert_int_equal(server_start(&options, &app, &s, &err), TQ_IO);
    assert_null(s);
}

/* --- the log ---------------------------------------------------------------------------------- */

static void the_log_names_routes_and_nobody(void **state)
{
    char path[128];
    BUF_AUTO buf out = buf_max(65536);
    ARENA_AUTO arena *a = arena_new("log", 1 << 20);
    str text;
    tq_err err;
    (void)state;
    (void)snprintf(path, sizeof path, "%s.log", site.folder);
    FILE *log = fopen(path, "w");
    assert_non_null(log);
    options.log = log;
    serve();
    assert_int_equal(
        ask("GET /any/wang-xiaoming?id=110101199003070000 HTTP/1.1\r\nX-A: geheim\r\n" CLOSE, &out),
        200);
    buf_clear(&out);
    assert_int_equal(ask("GET /nowhere/%1b%5b2J HTTP/1.1\r\n" CLOSE, &out), 400);
    server_stop(running);
    running = NULL;
    assert_int_equal(fclose(log), 0);
    assert_int_equal(file_read(path, 1 << 20, a, &text, &err), TQ_OK);
    assert_int_equal(unlink(path), 0);
    static const char *const says[] = {
        "{\"ts\":\"20",        "\"level\":\"info\"", "\"msg\":\"request\"",
        "\"route\":\"/any/\"", "\"user_id\":7",      "\"status\":200",
        "\"dur_ms\":",         "\"bytes\":",         "\"reason\":\"target_text\"",
        "\"level\":\"warn\""};
    for (size_t i = 0; i < TQ_COUNT(says); i++) {
        assert_true(http_contains(text, says[i]));
    }
    static const char *const never[] = {"wang", "1101", "geheim", "127.0.0.1", "\x1b", "nowhere"};
    for (size_t i = 0; i < TQ_COUNT(never); i++) {
        assert_false(http_contains(text, never[i]));
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    const struct CMUnitTest tests[] = {
        T(answers_carry_what_every_answer_carries),
        T(a_file_comes_whole_and_goes_from_the_disk),
        T(head_is_get_without_its_body),
        T(the_client_is_who_a_trusted_proxy_says),
        T(many_requests_on_one_connection),
        T(heads_and_bodies_may_come_byte_by_byte),
        T(who_changes_too_much_is_told_to_wait),
        T(a_full_queue_is_503_and_says_when_again),
        T(one_address_has_only_so_many_connections),
        T(slow_clients_are_cut_and_others_are_served),
        T(who_does_not_read_is_cut),
        T(idle_ones_are_let_go),
        T(two_thousand_idle_connections_harm_nobody),
        T(a_large_upload_streams_to_the_disk),
        T(an_upload_broken_off_leaves_nothing),
        T(events_come_one_by_one_and_end),
        T(a_hundred_watchers_need_no_worker),
        T(streams_end_when_the_server_does),
        T(stopping_loses_no_answer),
        T(a_stop_without_drain_waits_for_its_handlers),
        T(only_a_free_address_of_loopback_is_listened_on),
        T(the_log_names_routes_and_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
