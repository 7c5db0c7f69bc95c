/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of all kinds at once for long: none is left without its answer, and neither memory
 * nor descriptors grow. It was written for suspended connections, which some versions of
 * libmicrohttpd forget: TQ_SOAK_S says how many seconds (15; 600 with TQ_FULL=1). */
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/ticks.h"
#include "http_site.h"

#define CLIENTS 24
#define STUCK_MS 10000
#define GROWTH_KIB 512
#define HOST "Host: a\r\n"

typedef enum deed {
    DEED_AT_ONCE,
    DEED_WORKER,
    DEED_POST,
    DEED_COUNT,
    DEED_UPLOAD,
    DEED_PIPELINE,
    DEED_FILE,
    DEED_REFUSED,
    DEED_CHUNKED,
    DEED_WATCH,
    DEED_LEAVE,
    DEEDS
} deed;

static const char *const requests[DEEDS] = {
    [DEED_AT_ONCE] = "GET /at-once HTTP/1.1\r\n" HOST "\r\n",
    [DEED_WORKER] = "GET / HTTP/1.1\r\n" HOST "\r\n",
    [DEED_POST] = "POST /echo HTTP/1.1\r\n" HOST
                  "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    [DEED_COUNT] = "POST /count HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
    [DEED_UPLOAD] =
        "POST /multi HTTP/1.1\r\n" HOST "Content-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 79\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; "
        "filename=\"n\"\r\n\r\ncontent\r\n--x--\r\n",
    [DEED_PIPELINE] = "GET / HTTP/1.1\r\n" HOST "\r\nGET /at-once HTTP/1.1\r\n" HOST "\r\n"
                      "POST /bare HTTP/1.1\r\n" HOST "\r\n",
    [DEED_FILE] = "GET /file HTTP/1.1\r\n" HOST "\r\n",
    [DEED_REFUSED] = "GET /a/../b HTTP/1.1\r\n" HOST "\r\n",
    [DEED_CHUNKED] =
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    [DEED_WATCH] = "GET /ticks HTTP/1.1\r\n" HOST "\r\n",
    [DEED_LEAVE] = "POST /count HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", /* and not wait */
};

static http_site site;
static unsigned port;
static atomic_bool over;
static atomic_int stuck, answered, reached[DEEDS];

static uint32_t next_of(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Answers a deed must get; 0: it does not wait for one. */
static int answers_of(deed d)
{
    return d == DEED_LEAVE || d == DEED_WATCH ? 0 : d == DEED_PIPELINE ? 3 : 1;
}

/* False: the connection is over, rightly or not. */
static bool do_one(int fd, deed d)
{
    BUF_AUTO buf out = buf_max((size_t)8 << 20);
    unsigned status[4];
    const int want = answers_of(d);
    int n = 0;
    if (!http_send(fd, requests[d], strlen(requests[d]))) {
        return false;
    }
    atomic_fetch_add(&reached[d], 1);
    const int64_t until = ticks_us() + INT64_C(1000) * STUCK_MS;
    while (n < want && ticks_us() < until) {
        char some[4096];
        if (http_read_one(fd, &out, STUCK_MS) == 0) {
            break;
        }
        n = http_statuses(buf_view(&out), false, status, 4);
        if (n >= 0 && n < want) { /* the next one may have begun to arrive or not */
            const ssize_t got = recv(fd, some, sizeof some, 0);
            buf_add(&out, some, got > 0 ? (size_t)got : 0);
            n = http_statuses(buf_view(&out), false, status, 4);
        }
    }
    if (want > 0 && n < want) {
        atomic_fetch_add(&stuck, 1);
        print_error("no answer: %.40s (%d of %d)\n", requests[d], n, want);
        return false;
    }
    atomic_fetch_add(&answered, want);
    return want > 0 && d != DEED_CHUNKED;
}

static void *behave(void *ctx)
{
    uint32_t seed = (uint32_t)(uintptr_t)ctx * 2654435761U + 1;
    while (!atomic_load(&over)) {
        const int fd = http_dial(port);
        TQ_ASSERT(fd >= 0);
        bool on = true;
        for (int i = 0; i < 40 && on && !atomic_load(&over); i++) {
            on = do_one(fd, (deed)(next_of(&seed) % DEEDS));
        }
        (void)close(fd);
    }
    return NULL;
}

/* What is allocated and not given back, over all arenas. The resident size would tell of the allocator and of
 * how many threads it met at once, by tens of MiB, and not of us. */
static int64_t in_use_kib(void)
{
    const struct mallinfo2 m = mallinfo2();
    return (int64_t)((m.uordblks + m.hblkhd) / 1024);
}

static int descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d) != NULL) {
        n++;
    }
    assert_int_equal(closedir(d), 0);
    return n;
}

static int seconds(void)
{
    const char *said = getenv("TQ_SOAK_S");
    const char *full = getenv("TQ_FULL");
    if (said != NULL) {
        return (int)strtol(said, NULL, 10);
    }
    return full != NULL && strcmp(full, "1") == 0 ? 600 : 15;
}

static void rest(int s)
{
    const struct timespec t = {s, 0};
    (void)nanosleep(&t, NULL);
}

/* Clients come, behave for `s` seconds and go; then all is quiet. */
static void let_them_behave(const server *s, int length, int fds)
{
    pthread_t clients[CLIENTS];
    server_counts c;
    atomic_store(&over, false);
    for (uintptr_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_create(&clients[i], NULL, behave, (void *)(i + 1)), 0);
    }
    rest(length);
    atomic_store(&over, true);
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(clients[i], NULL), 0);
    }
    for (int i = 0; i < 20 && descriptors() > fds; i++) {
        rest(1); /* watchers who went are seen at their next event */
    }
    server_read(s, &c);
    assert_int_equal(atomic_load(&stuck), 0);
    assert_int_equal(c.in_flight, 0);
    assert_int_equal(c.streams, 0);
    assert_int_equal(c.connections, 0);
    assert_true(descriptors() <= fds);
}

static void nothing_is_forgotten_and_nothing_grows(void **state)
{
    char spool[128];
    (void)state;
    http_site_make(&site);
    server_options o = http_site_options(&site, spool, sizeof spool);
    o.queue_max = 64;
    server *s = http_site_serve(&site, &o);
    port = server_port(s);
    const int fds = descriptors();
    const int length = seconds();
    let_them_behave(s, length / 5 + 1, fds); /* buffers that are kept have reached their sizes */
    const int64_t before = in_use_kib();
    let_them_behave(s, length - length / 5, fds);
    const int64_t after = in_use_kib();
    print_message("%d s, %d answers, in use %lld -> %lld KiB\n", length, atomic_load(&answered),
                  (long long)before, (long long)after);
    for (int d = 0; d < DEEDS; d++) {
        assert_true(atomic_load(&reached[d]) > 0);
    }
    assert_true(after - before < GROWTH_KIB);
    server_stop(s);
    http_site_remove(&site);
    assert_int_not_equal(access(site.folder, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_forgotten_and_nothing_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
