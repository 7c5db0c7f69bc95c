/* SPDX-License-Identifier: Apache-2.0 */
/* Heads, addresses, cookies and rates by tables; then every request of
 * tests/data/http/requests.txt over the loopback and over real sockets, with another request
 * behind it that must or must not be answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "http/cookie.h"
#include "http/guard.h"
#include "http/throttle.h"
#include "http/url.h"
#include "http_site.h"

#define SENTINEL "GET /sentinel HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n"
#define CASES_MIN 340
#define ANSWERS_MAX 8
#define PATIENCE_MS 10000

static void paths_are_decoded_once(void **state)
{
    static const struct {
        const char *raw, *path; /* NULL: refused */
    } rows[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/a/", "/a/"},
        {"/%61", "/a"},
        {"/%2561", "/%61"},
        {"/a+b", "/a+b"},
        {"/%E5%88%B8", "\xe5\x88\xb8"},
        {"/...", "/..."},
        {"/a%20b", "/a b"},
        {"", NULL},
        {"a", NULL},
        {"//", NULL},
        {"/a//b", NULL},
        {"/.", NULL},
        {"/..", NULL},
        {"/%2e", NULL},
        {"/a/%2E%2e/b", NULL},
        {"/%2f", NULL},
        {"/%5C", NULL},
        {"/\\", NULL},
        {"/%00", NULL},
        {"/%", NULL},
        {"/%4", NULL},
        {"/%4g", NULL},
        {"/%c3", NULL},
        {"/%0a", NULL},
    };
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", 65536);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        str path = STR("untouched");
        const bool ok = url_path(str_of(rows[i].raw), a, &path);
        const char *want = rows[i].path == NULL     ? "untouched"
                           : rows[i].path[0] == '/' ? rows[i].path
                                                    : arena_printf(a, "/%s", rows[i].path).data;
        if (ok != (rows[i].path != NULL) || !str_eq(path, str_of(want))) {
            fail_msg("%s: %d %.*s", rows[i].raw, ok, STR_ARG(path));
        }
    }
}

static void cookies_are_found_or_not_at_all(void **state)
{
    static const struct {
        const char *header, *value;
    } rows[] = {
        {"c=1", "1"},
        {"a=0; c=1; d=2", "1"},
        {"a=0;c=1", "1"},
        {" c=1 ", "1"},
        {"c=a=b", "a=b"},
        {"", ""},
        {"c", ""},
        {"c=", ""},
        {"cc=1", ""},
        {"xc=1", ""},
        {"C=1", ""},
        {"c=1; c=2", ""},
        {"c=1; c=1", ""},
        {"c=\"1\"", ""},
        {"c=a b", ""},
        {"c=a,b", ""},
        {"c=\xe5\x88\xb8", ""},
        {"broken; ;;=; c=1", "1"},
        {"c=1\x01", ""},
        {"c =1", ""},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const str found = cookie_find(str_of(rows[i].header), "c");
        if (!str_eq(found, str_of(rows[i].value))) {
            fail_msg("%s: %.*s", rows[i].header, STR_ARG(found));
        }
    }
}

static void framing_says_length_chunks_and_keeping(void **state)
{
    static const struct {
        const char *head;
        int64_t length;
        bool chunked, keep;
    } rows[] = {
        {"GET / HTTP/1.1|Host: a||", 0, false, true},
        {"GET / HTTP/1.0|Host: a||", 0, false, false},
        {"GET / HTTP/1.0|Host: a|Connection: Keep-Alive||", 0, false, true},
        {"GET / HTTP/1.1|Host: a|Connection: x,close||", 0, false, false},
        {"POST / HTTP/1.1|Host: a|Content-Length: 9223372036854775807||", INT64_MAX, false, true},
        {"POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked||", 0, true, false},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf raw = buf_max(4096);
        http_head head;
        http_framing f = {0};
        http_unescape(str_of(rows[i].head), &raw);
        assert_int_equal(guard_head_end(buf_view(&raw)), raw.len);
        assert_int_equal(guard_split(buf_view(&raw), &head), GUARD_OK);
        assert_int_equal(guard_check(&head, &f), GUARD_OK);
        assert_int_equal(f.length, rows[i].length);
        assert_int_equal(f.chunked, rows[i].chunked);
        assert_int_equal(f.keep, rows[i].keep);
    }
}

static void a_rate_is_kept_and_recovers(void **state)
{
    (void)state;
    throttle *t = throttle_new(60, 3); /* one a second, three saved up */
    int wait = 0;
    const int64_t s = 1000000;
    for (int i = 0; i < 3; i++) {
        assert_true(throttle_take(t, "10.0.0.1", 100 * s, &wait));
    }
    assert_false(throttle_take(t, "10.0.0.1", 100 * s, &wait));
    assert_int_equal(wait, 1);
    assert_true(throttle_take(t, "10.0.0.2", 100 * s, &wait)); /* others have their own */
    assert_true(throttle_take(t, "10.0.0.1", 101 * s, &wait));
    assert_false(throttle_take(t, "10.0.0.1", 101 * s, &wait));
    for (int i = 0; i < 3; i++) { /* a long rest saves up no more than three */
        assert_true(throttle_take(t, "10.0.0.1", 1000 * s, &wait));
    }
    assert_false(throttle_take(t, "10.0.0.1", 1000 * s, &wait));
    /* A flood of addresses, each asking once, does not set the impatient one free. */
    for (int i = 0; i < 100000; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "flood %d", i);
        assert_true(throttle_take(t, key, 1000 * s, &wait));
    }
    assert_false(throttle_take(t, "10.0.0.1", 1000 * s, &wait));
    throttle_free(t);
}

static void a_header_too_long_spoils_the_answer_only(void **state)
{
    char value[HTTP_URI_MAX];
    http_reply r = {.body = buf_max(100)};
    (void)state;
    memset(value, 'a', sizeof value);
    http_reply_header(&r, "Location", (str){value, sizeof value - 1});
    assert_true(buf_ok(&r.body) && r.n_headers == 1);
    http_reply_header(&r, "Location", (str){value, sizeof value});
    assert_true(!buf_ok(&r.body) && r.n_headers == 1);
}

/* --- the corpus ------------------------------------------------------------------------------- */

typedef struct wanted {
    str name, statuses, mode;
    buf raw;
    bool keep, cut, wire, head_only;
} wanted;

static str cut_off(str *line, const char *mark)
{
    const char *end = memmem(line->data, line->len, mark, strlen(mark));
    assert_non_null(end);
    const str head = {line->data, (size_t)(end - line->data)};
    *line = (str){end + strlen(mark), line->len - head.len - strlen(mark)};
    return head;
}

static bool next_case(str *rest, wanted *w)
{
    while (rest->len > 0) {
        const char *end = memchr(rest->data, '\n', rest->len);
        str line = {rest->data, end == NULL ? rest->len : (size_t)(end - rest->data)};
        const size_t used = line.len + (end != NULL);
        *rest = (str){rest->data + used, rest->len - used};
        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }
        *w = (wanted){.raw = buf_max(1 << 20)};
        w->name = cut_off(&line, ": ");
        w->statuses = cut_off(&line, ": ");
        w->mode = cut_off(&line, ": ");
        w->keep = str_starts(w->mode, STR("keep"));
        w->cut = str_starts(w->mode, STR("cut"));
        w->wire = w->cut || http_contains(w->mode, "wire");
        w->head_only = str_starts(line, STR("HEAD "));
        http_unescape(line, &w->raw);
        return true;
    }
    return false;
}

/* Are the statuses those of the list? "4xx" is any of them, "0" is none at all. */
static bool as_wanted(str list, const unsigned *status, int n)
{
    int i = 0;
    if (str_eq(list, STR("0"))) {
        return n == 0;
    }
    while (list.len > 0) {
        char text[4] = "";
        memcpy(text, list.data, list.len < 3 ? list.len : 3);
        list = list.len > 4 ? (str){list.data + 4, list.len - 4} : (str){0};
        if (i == n || (strcmp(text, "4xx") == 0 ? status[i] / 100 != 4
                                                : status[i] != strtoul(text, NULL, 10))) {
            return false;
        }
        i++;
    }
    return i == n;
}

static str corpus(arena *a)
{
    const char *root = getenv("TQ_SOURCE_DIR");
    tq_err err;
    str text;
    assert_non_null(root);
    const char *path = arena_printf(a, "%s/tests/data/http/requests.txt", root).data;
    assert_int_equal(file_read(path, 1 << 20, a, &text, &err), TQ_OK);
    return text;
}

static int wrong; /* cases of a run that came out otherwise */

static void over_the_wire(unsigned port, const wanted *w)
{
    unsigned status[ANSWERS_MAX];
    BUF_AUTO buf all = buf_max(1 << 20);
    const str raw = buf_view(&w->raw);
    const int fd = http_dial(port);
    assert_true(fd >= 0);
    (void)http_send(fd, raw.data, raw.len); /* it may be cut before all is sent */
    if (!w->cut) {
        (void)http_send(fd, SENTINEL, strlen(SENTINEL));
    }
    const bool closed = http_read_all(fd, &all, PATIENCE_MS);
    (void)close(fd);
    int n = http_statuses(buf_view(&all), w->head_only, status, ANSWERS_MAX);
    const bool sentinel = http_contains(buf_view(&all), "\r\n\r\nsentinel");
    n -= sentinel; /* its answer is the last */
    if (!closed || n < 0 || sentinel != w->keep || !as_wanted(w->statuses, status, n)) {
        wrong++;
        print_error("%.*s: wanted %.*s %.*s, closed %d, answers %d, first %u, sentinel %d:\n%.*s\n",
                    STR_ARG(w->name), STR_ARG(w->statuses), STR_ARG(w->mode), closed, n,
                    n > 0 ? status[0] : 0, sentinel, (int)(all.len < 1000 ? all.len : 1000),
                    all.data == NULL ? "" : all.data);
    }
}

static void every_request_of_the_corpus_over_sockets(void **state)
{
    ARENA_AUTO arena *a = arena_new("corpus", 4 << 20);
    char spool[128];
    http_site site;
    wanted w;
    int cases = 0;
    (void)state;
    wrong = 0;
    http_site_make(&site);
    server_options o = http_site_options(&site, spool, sizeof spool);
    o.header_s = o.body_s = 1;
    server *s = http_site_serve(&site, &o);
    for (str rest = corpus(a); next_case(&rest, &w); cases++) {
        over_the_wire(server_port(s), &w);
        buf_free(&w.raw);
    }
    assert_true(cases >= CASES_MIN);
    assert_int_equal(wrong, 0);
    server_stop(s);
    http_site_remove(&site);
    assert_int_not_equal(access(site.folder, F_OK), 0); /* no file of any request is left */
}

static void every_request_of_the_corpus_over_the_loopback(void **state)
{
    ARENA_AUTO arena *a = arena_new("corpus", 4 << 20);
    char spool[128];
    http_site site;
    loopback *l = NULL;
    tq_err err;
    wanted w;
    (void)state;
    wrong = 0;
    http_site_make(&site);
    (void)http_site_options(&site, spool, sizeof spool);
    const http_app app = http_site_app(&site);
    assert_int_equal(loopback_new(&app, spool, &l, &err), TQ_OK);
    for (str rest = corpus(a); next_case(&rest, &w); buf_free(&w.raw)) {
        unsigned status[ANSWERS_MAX];
        BUF_AUTO buf out = buf_max(1 << 20);
        str raw = buf_view(&w.raw);
        while (str_starts(raw, STR("\r\n"))) { /* empty lines before a request are nobody's */
            raw = (str){raw.data + 2, raw.len - 2};
        }
        if (w.wire) {
            continue;
        }
        loopback_ask(l, raw, &out);
        const int n = http_statuses(buf_view(&out), w.head_only, status, ANSWERS_MAX);
        str first = w.statuses;
        const bool interim = str_starts(first, STR("100,"));
        first = interim ? (str){first.data + 4, 3} : (str){first.data, 3};
        const bool closes = http_contains(buf_view(&out), "\r\nConnection: close\r\n");
        if (n != 1 || !as_wanted(first, status, 1) || closes == w.keep) {
            wrong++;
            print_error("%.*s: wanted %.*s %.*s, got %d, %u, closes %d\n", STR_ARG(w.name),
                        STR_ARG(w.statuses), STR_ARG(w.mode), n, n > 0 ? status[0] : 0, closes);
        }
    }
    assert_int_equal(wrong, 0);
    loopback_free(l);
    http_site_remove(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_decoded_once),
        cmocka_unit_test(cookies_are_found_or_not_at_all),
        cmocka_unit_test(framing_says_length_chunks_and_keeping),
        cmocka_unit_test(a_rate_is_kept_and_recovers),
        cmocka_unit_test(a_header_too_long_spoils_the_answer_only),
        cmocka_unit_test(every_request_of_the_corpus_over_the_loopback),
        cmocka_unit_test(every_request_of_the_corpus_over_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
