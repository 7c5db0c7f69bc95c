/* SPDX-License-Identifier: Apache-2.0 */
/* Forms, queries and multipart bodies by tables: what is read from them, and what is refused. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "http/form.h"
#include "http/multipart.h"
#include "http_site.h"

#define REFUSED NULL
#define ARENA_BYTES ((size_t)8 << 20)

/* "name=value|..." with what was decoded. */
static void print_pairs(const http_pair *p, size_t n, buf *out)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%s%.*s=%.*s", i == 0 ? "" : "|", STR_ARG(p[i].name), STR_ARG(p[i].value));
    }
}

static void forms_are_read_in_order(void **state)
{
    static const struct {
        const char *raw, *pairs;
    } rows[] = {
        {"", ""},
        {"a=1", "a=1"},
        {"a=1&b=2&a=3", "a=1|b=2|a=3"},
        {"a", "a="},
        {"a=", "a="},
        {"=a", "=a"},
        {"=", "="},
        {"a==b=", "a==b="},
        {"&&a=1&&", "a=1"},
        {"a+b=c+d", "a b=c d"},
        {"a%2Bb=c%2bd", "a+b=c+d"},
        {"a=%26%3D%25", "a=&=%"},
        {"%E5%88%B8=%E9%A2%9D", "\xe5\x88\xb8=\xe9\xa2\x9d"},
        {"a=%2541", "a=%41"},
        {"a;b=1", "a;b=1"},
        {"a=%0D%0A", "a=\r\n"},
        {"a=%", REFUSED},
        {"a=%1", REFUSED},
        {"a=%zz", REFUSED},
        {"a=%+1", REFUSED},
        {"%=a", REFUSED},
        {"a=%00", REFUSED},
        {"%00=a", REFUSED},
        {"a=%ff", REFUSED},
        {"a=%c0%af", REFUSED},
        {"a=%ed%a0%80", REFUSED},
        {"a=\xff", REFUSED},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
        BUF_AUTO buf out = buf_max(4096);
        const http_pair *p = NULL;
        size_t n = 0;
        const bool ok = form_read(str_of(rows[i].raw), a, &p, &n);
        print_pairs(p, n, &out);
        if (ok != (rows[i].pairs != REFUSED) ||
            (ok && !str_eq(buf_view(&out), str_of(rows[i].pairs)))) {
            fail_msg("%s: %d %.*s", rows[i].raw, ok, STR_ARG(buf_view(&out)));
        }
    }
}

static void a_form_has_only_so_many_fields(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    BUF_AUTO buf raw = buf_max(1 << 20);
    const http_pair *p = NULL;
    size_t n = 0;
    (void)state;
    for (int i = 0; i < HTTP_PAIRS_MAX; i++) {
        buf_text(&raw, "a=1&");
    }
    assert_true(form_read(buf_view(&raw), a, &p, &n));
    assert_int_equal(n, HTTP_PAIRS_MAX);
    buf_text(&raw, "b");
    assert_false(form_read(buf_view(&raw), a, &p, &n));
    assert_int_equal(n, HTTP_PAIRS_MAX); /* untouched */
}

static void boundaries_are_found_or_refused(void **state)
{
    static const struct {
        const char *type, *boundary;
    } rows[] = {
        {"multipart/form-data; boundary=x", "x"},
        {"multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
         "----WebKitFormBoundary7MA4YWxkTrZu0gW"},
        {"multipart/form-data; BOUNDARY=x", "x"},
        {"multipart/form-data; charset=utf-8; boundary=x", "x"},
        {"multipart/form-data; boundary=\"a b:c\"", "a b:c"},
        {"multipart/form-data; boundary=x ; charset=utf-8", "x"},
        {"multipart/form-data", REFUSED},
        {"multipart/form-data;", REFUSED},
        {"multipart/form-data; boundary", REFUSED},
        {"multipart/form-data; boundary=", REFUSED},
        {"multipart/form-data; boundary=\"\"", REFUSED},
        {"multipart/form-data; boundary=\"x", REFUSED},
        {"multipart/form-data; boundary=\"x \"", REFUSED},
        {"multipart/form-data; boundary=x y", REFUSED},
        {"multipart/form-data; boundary=x; boundary=x", REFUSED},
        {"multipart/form-data; boundary=<x>", REFUSED},
        {"multipart/form-data; boundary=\"x\r\ny\"", REFUSED},
        {"multipart/form-data; xboundary=x", REFUSED},
        {"", REFUSED},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        str found = {0};
        const bool ok = multipart_boundary(str_of(rows[i].type), &found);
        if (ok != (rows[i].boundary != REFUSED) ||
            (ok && !str_eq(found, str_of(rows[i].boundary)))) {
            fail_msg("%s: %d %.*s", rows[i].type, ok, STR_ARG(found));
        }
    }
}

/* --- multipart, through everything that stands around it -------------------------------------- */

static http_site site;
static loopback *wire;

static int make(void **state)
{
    char folder[128];
    tq_err err;
    (void)state;
    http_site_make(&site);
    (void)http_site_options(&site, folder, sizeof folder);
    const http_app app = http_site_app(&site);
    return loopback_new(&app, folder, &wire, &err) != TQ_OK;
}

static int unmake(void **state)
{
    (void)state;
    loopback_free(wire);
    http_site_remove(&site);
    return access(site.folder, F_OK) == 0; /* a file of a request is left */
}

#define PART(name) "--x|Content-Disposition: form-data; name=" name "||"
#define FILE_PART(name)                                                                            \
    "--x|Content-Disposition: form-data; name=\"f\"; filename=" name "|Content-Type: a/b||"
#define END "|--x--|"

static void parts_are_what_was_sent(void **state)
{
    static const struct {
        const char *body, *says; /* of the application, behind "kind=3 body=" */
    } rows[] = {
        {PART("\"a\"") "1" END, " a=1"},
        {PART("a") "1" END, " a=1"},
        {PART("\"a\"") END, " a="},
        {PART("\"a\\\\\\\"b\"") "1" END, " a\"b=1"},
        {PART("\"a\\\\\\\\b\"") "1" END, " a\\b=1"},
        {PART("\"a\"") "||" END, " a=\r\n\r\n"},
        {PART("\"a\"") "|--|--y-|-x" END, " a=\r\n--\r\n--y-\r\n-x"},
        {PART("\"a\"") "\\r\\r|\\r" END, " a=\r\r\r\n\r"},
        {PART("\"a\"") "1|" PART("\"b\"") "2|" PART("\"a\"") "3" END, " a=1 b=2 a=3"},
        {FILE_PART("\"n.pdf\"") "abc" END,
         " file:f=n.pdf type=a/b bytes=3 "
         "sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad there=1"},
        {FILE_PART("\"n.pdf\"") END,
         " file:f=n.pdf type=a/b bytes=0 "
         "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 there=1"},
        {FILE_PART("\"C:\\\\dir\\\\n.pdf\"") "abc" END,
         " file:f=C:\\dir\\n.pdf type=a/b bytes=3 "
         "sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad there=1"},
        {FILE_PART("\"\"") END, ""},
        {PART("\"a\"") "1|" FILE_PART("\"\"") END, " a=1"},
        {FILE_PART("\"../../etc/passwd\"") "|\\0|" END,
         " file:f=../../etc/passwd type=a/b bytes=5 "
         "sha256=ec7ed22c8183853e72d9edf32ad5388e43918394f6861ceecd72d81366849fd0 there=1"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf body = buf_max(65536);
        BUF_AUTO buf raw = buf_max(65536);
        BUF_AUTO buf out = buf_max(65536);
        http_unescape(str_of(rows[i].body), &body);
        buf_printf(
            &raw,
            "POST /multi HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            "Content-Length: %zu\r\n\r\n",
            body.len);
        buf_str_add(&raw, buf_view(&body));
        loopback_ask(wire, buf_view(&raw), &out);
        const str said = http_body_of(buf_view(&out), 0);
        BUF_AUTO buf want = buf_max(65536);
        buf_printf(&want, "POST /multi kind=3 body=%s", rows[i].says);
        if (!str_eq(said, buf_view(&want))) {
            fail_msg("row %zu: %.*s", i, STR_ARG(said));
        }
    }
}

static void no_file_is_named_by_a_client(void **state)
{
    char path[128];
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    spool *s = NULL;
    tq_err err;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/names", site.folder);
    assert_int_equal(spool_open(path, &s, &err), TQ_OK);
    multipart *m = multipart_new(STR("x"), 100, s, a);
    static const char body[] =
        "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../evil.sh\"\r\n"
        "\r\nabc\r\n--x--\r\n";
    assert_int_equal(multipart_add(m, str_of(body)), GUARD_OK);
    assert_int_equal(multipart_end(m), GUARD_OK);
    size_t n = 0;
    const http_file *f = multipart_files(m, &n);
    assert_int_equal(n, 1);
    assert_true(str_eq(f->name, STR("../../evil.sh"))); /* a label */
    assert_true(str_starts(str_of(f->path), str_of(path)));
    assert_null(strstr(f->path, "evil"));
    str content;
    assert_int_equal(file_read(f->path, 100, a, &content, &err), TQ_OK);
    assert_true(str_eq(content, STR("abc")));
    multipart_free(m);
    assert_false(file_exists(f->path));
    spool_free(s);
    assert_int_equal(rmdir(path), 0);
}

/* Files of an earlier process go at the start; others' files stay. */
static void the_spool_is_swept_of_its_own(void **state)
{
    char folder[128];
    char ours[160];
    char theirs[160];
    spool *s = NULL;
    tq_err err;
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/swept", site.folder);
    (void)snprintf(ours, sizeof ours, "%s/77-1.part", folder);
    (void)snprintf(theirs, sizeof theirs, "%s/letter.pdf", folder);
    assert_int_equal(dir_make(folder, 0700, &err), TQ_OK);
    assert_int_equal(file_write_durable(ours, STR("x"), 0600, &err), TQ_OK);
    assert_int_equal(file_write_durable(theirs, STR("x"), 0600, &err), TQ_OK);
    assert_int_equal(spool_open(folder, &s, &err), TQ_OK);
    assert_false(file_exists(ours));
    assert_true(file_exists(theirs));
    spool_free(s);
    assert_int_equal(unlink(theirs), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* A disk that takes no more is 507, and said before the application is asked. */
static void a_full_disk_is_said(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    char folder[128];
    spool *s = NULL;
    tq_err err;
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/gone", site.folder);
    assert_int_equal(spool_open(folder, &s, &err), TQ_OK);
    assert_int_equal(rmdir(folder), 0);
    multipart *m = multipart_new(STR("x"), 100, s, a);
    static const char body[] =
        "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\nabc";
    const guard_reason r = multipart_add(m, str_of(body));
    assert_int_equal(r, GUARD_SPOOL);
    assert_int_equal(guard_status(r), 507);
    multipart_free(m);
    spool_free(s);
}

/* Many parts that cost little on the wire may not cost much in memory. */
static void a_million_small_parts_end(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    static const char part[] =
        "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n";
    multipart *m = multipart_new(STR("x"), 0, NULL, a);
    guard_reason r = GUARD_OK;
    int n = 0;
    (void)state;
    while (r == GUARD_OK && n < 1000000) {
        r = multipart_add(m, str_of(part));
        n++;
    }
    assert_int_equal(r, GUARD_BODY_SIZE);
    assert_in_range(n, 1000, 30000);
    multipart_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_read_in_order),
        cmocka_unit_test(a_form_has_only_so_many_fields),
        cmocka_unit_test(boundaries_are_found_or_refused),
        cmocka_unit_test(parts_are_what_was_sent),
        cmocka_unit_test(no_file_is_named_by_a_client),
        cmocka_unit_test(the_spool_is_swept_of_its_own),
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(a_million_small_parts_end),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
