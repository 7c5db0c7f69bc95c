/* SPDX-License-Identifier: Apache-2.0 */

/* A multipart body means the same however it is cut on its way: whole, byte by byte, in pieces
 * of a size that the first byte says. What is accepted can be written from its parts and means
 * the same again. No file outlives its parser. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 32768
#define FILE_MAX 4096
#define ARENA_BYTES ((size_t)8 << 20)

static char folder[64];

static void remove_folder(void)
{
    (void)rmdir(folder); /* stays where a file was left, which the property has reported */
}

static spool *the_spool(void)
{
    static spool *s;
    if (s == NULL) {
        tq_err err;
        (void)snprintf(folder, sizeof folder, "/tmp/tq-fuzz-spool.%ld", (long)getpid());
        TQ_ASSERT(spool_open(folder, &s, &err) == TQ_OK);
        TQ_ASSERT(atexit(remove_folder) == 0);
    }
    return s;
}

static guard_reason parse(str body, size_t piece, arena *a, multipart **out)
{
    multipart *m = multipart_new(STR("b"), FILE_MAX, the_spool(), a);
    guard_reason r = GUARD_OK;
    *out = m;
    while (body.len > 0 && r == GUARD_OK) {
        const size_t n = piece < body.len ? piece : body.len;
        r = multipart_add(m, (str){body.data, n});
        body = (str){body.data + n, body.len - n};
    }
    return r == GUARD_OK ? multipart_end(m) : r;
}

static void same(const multipart *x, const multipart *y, bool files)
{
    size_t n = 0;
    size_t k = 0;
    const http_pair *p = multipart_fields(x, &n);
    const http_pair *q = multipart_fields(y, &k);
    TQ_ASSERT(n == k);
    for (size_t i = 0; i < n; i++) {
        TQ_ASSERT(str_eq(p[i].name, q[i].name) && str_eq(p[i].value, q[i].value));
    }
    if (files) {
        const http_file *f = multipart_files(x, &n);
        const http_file *g = multipart_files(y, &k);
        TQ_ASSERT(n == k);
        for (size_t i = 0; i < n; i++) {
            TQ_ASSERT(str_eq(f[i].field, g[i].field) && str_eq(f[i].name, g[i].name));
            TQ_ASSERT(f[i].bytes == g[i].bytes && strcmp(f[i].sha256, g[i].sha256) == 0);
        }
    }
}

static void quoted(buf *out, str s)
{
    buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '"' || s.data[i] == '\\') {
            buf_char(out, '\\');
        }
        buf_char(out, s.data[i]);
    }
    buf_char(out, '"');
}

static void written_fields_mean_the_same(const multipart *m, arena *a)
{
    BUF_AUTO buf out = buf_max(8 * INPUT_MAX);
    multipart *again;
    size_t n = 0;
    const http_pair *p = multipart_fields(m, &n);
    for (size_t i = 0; i < n; i++) {
        buf_text(&out, "--b\r\nContent-Disposition: form-data; name=");
        quoted(&out, p[i].name);
        buf_text(&out, "\r\n\r\n");
        buf_str_add(&out, p[i].value);
        buf_text(&out, "\r\n");
    }
    buf_text(&out, "--b--\r\n");
    TQ_ASSERT(buf_ok(&out));
    const guard_reason r = parse(buf_view(&out), SIZE_MAX, a, &again);
    TQ_ASSERT(r == GUARD_OK);
    same(m, again, false);
    multipart_free(again);
}

static void nothing_is_left(void)
{
    DIR *d = opendir(folder);
    TQ_ASSERT(d != NULL);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        TQ_ASSERT(e->d_name[0] == '.');
    }
    (void)closedir(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_MAX) {
        return 0;
    }
    ARENA_AUTO arena *a = arena_new("fuzz", 4 * ARENA_BYTES);
    const str body = {(const char *)data + 1, size - 1};
    const size_t pieces[] = {SIZE_MAX, 1, (size_t)data[0] % 63 + 2};
    multipart *m[3];
    guard_reason r[3];
    for (size_t i = 0; i < 3; i++) {
        r[i] = parse(body, pieces[i], a, &m[i]);
        TQ_ASSERT(r[i] == r[0]);
    }
    if (r[0] == GUARD_OK) {
        same(m[0], m[1], true);
        same(m[0], m[2], true);
        written_fields_mean_the_same(m[0], a);
    }
    for (size_t i = 0; i < 3; i++) {
        multipart_free(m[i]);
    }
    nothing_is_left();
    return 0;
}
