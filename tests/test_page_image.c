/* SPDX-License-Identifier: Apache-2.0 */

/* Pages of a PDF are drawn once, whatever the PDF tries; what a child leaves is believed only as
 * far as it is a PNG of bounded size. In place of pdftocairo, tests/confined_child.c does as
 * in.pdf tells it. */

#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/page_image.h"
#include "confined_run.h"
#include "store/blob.h"
#include "store/verify.h"

static fixture *f;
static const char *child;

static int county_open(void **state)
{
    (void)state;
    f = fixture_open_without_policy();
    return 0;
}

static int county_close(void **state)
{
    (void)state;
    page_image_program(NULL);
    fixture_close(f);
    return 0;
}

static instant now(void)
{
    return fixture_as(f, ROLE_OFFICE, FIXTURE_DAY).at;
}

static str stored(str bytes, char hex[65])
{
    digest sha256;
    NEED(blob_put(f->store, bytes, &sha256, err));
    digest_hex(sha256, hex);
    return str_of(hex);
}

/* Every folder of a child is gone again. */
static void spool_is_empty(void)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/spool", f->dir);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    int entries = 0;
    while (readdir(dir) != NULL) {
        entries++;
    }
    (void)closedir(dir);
    assert_int_equal(entries, 2); /* itself and its parent */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void refused(str bytes, tq_code code, const char *reason)
{
    char hex[65];
    page_images p = {77, true};
    tq_err err = {0};
    const str file = stored(bytes, hex);
    assert_int_equal(page_images_make(f->app, file, now(), &p, &err), code);
    assert_string_equal(err.reason, reason);
    assert_int_equal(p.pages, 77);
}

static void pages_once(void **state)
{
    (void)state;
    char hex[65];
    page_images p = {0};
    BUF_AUTO buf pdf = buf_max(1 << 20);
    pdf_make(&pdf, 3, PDF_TEXT, 300);
    const str file = stored(buf_view(&pdf), hex);
    page_image_program(NULL);
    NEED(page_images_make(f->app, file, now(), &p, err));
    assert_int_equal(p.pages, 3);
    assert_false(p.more);
    spool_is_empty();
    for (int page = 1; page <= 3; page++) {
        ARENA_AUTO arena *a = arena_new("page", PAGE_IMAGE_BYTES_MAX + 65536);
        str png = {0};
        NEED(page_image_read(f->app, file, page, a, &png, err));
        assert_true(str_starts(png, STR("\x89PNG\r\n\x1a\n")));
        assert_true(png.len > 500);
    }
    /* A second time nothing is drawn: there is nobody who could. */
    page_image_program("/usr/bin/no-such-program");
    p = (page_images){0};
    NEED(page_images_make(f->app, file, now(), &p, err));
    assert_int_equal(p.pages, 3);
    str png = {0};
    tq_err err = {0};
    assert_int_equal(page_image_read(f->app, file, 4, f->a, &png, &err), TQ_NOT_FOUND);
    assert_string_equal(err.reason, "no_page");
    assert_int_equal(page_image_read(f->app, file, 0, f->a, &png, &err), TQ_NOT_FOUND);
    assert_int_equal(page_image_read(f->app, file, -1, f->a, &png, &err), TQ_NOT_FOUND);
}

static void many_pages(void **state)
{
    (void)state;
    for (int pages = 20; pages <= 25; pages += 5) {
        char hex[65];
        page_images p = {0};
        BUF_AUTO buf pdf = buf_max(1 << 20);
        pdf_make(&pdf, pages, PDF_TEXT, 100);
        page_image_program(NULL);
        NEED(page_images_make(f->app, stored(buf_view(&pdf), hex), now(), &p, err));
        assert_int_equal(p.pages, PAGE_IMAGE_PAGES_MAX);
        assert_int_equal(p.more, pages > 20);
    }
    spool_is_empty();
}

static void bad_files(void **state)
{
    (void)state;
    page_image_program(NULL);
    refused(STR("%PDF-1.4\nnot a word of truth"), TQ_INVALID, "unreadable_pdf");
    BUF_AUTO buf huge = buf_max(1 << 20);
    pdf_make(&huge, 1, PDF_TEXT, 14400); /* 22000 by 22000 points of colour */
    refused(buf_view(&huge), TQ_INVALID, "unreadable_pdf");
    refused(STR("<a/>"), TQ_INVALID, "no_pdf");
    refused(STR("plain text"), TQ_INVALID, "no_pdf");
    spool_is_empty();
    page_image_program("/usr/bin/no-such-program"); /* remembered: nobody is asked */
    refused(STR("%PDF-1.4\nnot a word of truth"), TQ_INVALID, "unreadable_pdf");
    refused(STR("%PDF-1.4\nanother"), TQ_NOT_FOUND, "no_program");
    page_images p;
    tq_err err = {0};
    assert_int_equal(page_images_make(f->app, STR("xyz"), now(), &p, &err), TQ_INVALID);
    const str absent = STR("00000000000000000000000000000000000000000000000000000000000000ab");
    assert_int_equal(page_images_make(f->app, absent, now(), &p, &err), TQ_NOT_FOUND);
}

static void planted_children(void **state)
{
    static const struct row {
        str pdf;
        tq_code code;
        const char *reason;
    } rows[] = {
        {{"%PDF- socket", 12}, TQ_INVALID, "pdf_attack"},
        {{"%PDF- text", 10}, TQ_INVALID, "pdf_too_costly"},
        {{"%PDF- large", 11}, TQ_INVALID, "pdf_too_costly"},
        {{"%PDF- gap", 9}, TQ_INVALID, "unreadable_pdf"},
        {{"%PDF- nothing", 13}, TQ_INVALID, "unreadable_pdf"},
        {{"%PDF- link", 10}, TQ_INVALID, "unreadable_pdf"},
        {{"%PDF- flood", 11}, TQ_IO, "confinement"},
        {{"%PDF- else", 10}, TQ_INVALID, "unreadable_pdf"},
    };
    (void)state;
    page_image_program(child);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        refused(rows[i].pdf, rows[i].code, rows[i].reason);
        spool_is_empty();
    }
}

/* The folder of a process that was killed goes an hour later; a fresh one, perhaps at work, stays. */
static void stale_folder(void **state)
{
    (void)state;
    char command[512];
    char path[128];
    char hex[65];
    page_images p;
    tq_err err = {0};
    (void)snprintf(path, sizeof path, "%s/spool/page-killed", f->dir);
    (void)snprintf(command, sizeof command, "mkdir -p '%s' && echo x > '%s/in.pdf'", path, path);
    assert_int_equal(system(command), 0);
    page_image_program(child);
    const instant soon = instant_now();
    const str one = stored(STR("%PDF- nothing 1"), hex);
    assert_int_equal(page_images_make(f->app, one, soon, &p, &err), TQ_INVALID);
    assert_int_equal(access(path, F_OK), 0);
    const instant later = {soon.us + (int64_t)7200 * 1000000};
    const str two = stored(STR("%PDF- nothing 2"), hex);
    assert_int_equal(page_images_make(f->app, two, later, &p, &err), TQ_INVALID);
    assert_int_not_equal(access(path, F_OK), 0);
    spool_is_empty();
}

/* Images are named by rows of their own: verify counts none of them as left over. */
static void no_orphans(void **state)
{
    (void)state;
    char hex[65];
    page_images p = {0};
    verify_report before = {0};
    verify_report after = {0};
    BUF_AUTO buf pdf = buf_max(1 << 20);
    const verify_options options = {0};
    pdf_make(&pdf, 4, PDF_TEXT, 123);
    const str file = stored(buf_view(&pdf), hex); /* which no row names */
    NEED(verify_run(f->store, &options, &before, err));
    page_image_program(NULL);
    NEED(page_images_make(f->app, file, now(), &p, err));
    NEED(verify_run(f->store, &options, &after, err));
    assert_true(after.blobs > before.blobs);
    assert_true(after.orphans == before.orphans);
    assert_true(after.ok);
}

/* More than are drawn at once are told to come back, and are served when they do. */
#define CROWD (PAGE_IMAGE_AT_ONCE + 2)

typedef struct visitor {
    pthread_t thread;
    char hex[65];
    tq_code code;
    tq_err err;
} visitor;

static void *visit(void *arg)
{
    visitor *v = arg;
    page_images p;
    v->code = page_images_make(f->app, str_of(v->hex), (instant){1}, &p, &v->err);
    return NULL;
}

static void crowd(void **state)
{
    visitor v[CROWD] = {0};
    int busy = 0;
    (void)state;
    page_image_program(child);
    for (int i = 0; i < CROWD; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%%PDF- sleep %d", i);
        (void)stored(str_of(text), v[i].hex);
    }
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(v[i].thread, NULL), 0);
        busy += v[i].code == TQ_BUSY && strcmp(v[i].err.reason, "page_images") == 0;
    }
    assert_int_equal(busy, CROWD - PAGE_IMAGE_AT_ONCE);
    for (int i = 0; i < CROWD; i++) { /* busy was not remembered */
        if (v[i].code == TQ_BUSY) {
            (void)visit(&v[i]);
        }
        assert_int_equal(v[i].code, TQ_INVALID);
        assert_string_equal(v[i].err.reason, "unreadable_pdf");
    }
    spool_is_empty();
}

/* Four ask for the same file: one set of rows, the same answer or a wish to wait. */
static void same_file(void **state)
{
    visitor v[CROWD] = {0};
    BUF_AUTO buf pdf = buf_max(1 << 20);
    (void)state;
    pdf_make(&pdf, 2, PDF_TEXT, 200);
    page_image_program(NULL);
    for (int i = 0; i < CROWD; i++) {
        (void)stored(buf_view(&pdf), v[i].hex);
        assert_int_equal(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(v[i].thread, NULL), 0);
        assert_true(v[i].code == TQ_OK || v[i].code == TQ_BUSY);
    }
    page_images p = {0};
    NEED(page_images_make(f->app, str_of(v[0].hex), now(), &p, err));
    assert_int_equal(p.pages, 2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_once), cmocka_unit_test(many_pages),
        cmocka_unit_test(bad_files),  cmocka_unit_test(planted_children),
        cmocka_unit_test(crowd),      cmocka_unit_test(same_file),
        cmocka_unit_test(no_orphans), cmocka_unit_test(stale_folder),
    };
    (void)argc;
    child = child_path(argv[0]);
    return child == NULL ? 1 : cmocka_run_group_tests(tests, county_open, county_close);
}
