/* SPDX-License-Identifier: Apache-2.0 */
#include "store/bundle_inner.h"

#include <stdlib.h>

#include "base/canon.h"
#include "store/blob.h"
#include "store/bundle.h"
#include "store/checkpoint.h"

typedef struct reader {
    FILE *in;
    hasher *h;
    char *line; /* malloc, BUNDLE_LINE_MAX + 1 */
    long long n;
    arena *a;
    const bundle_visitor *v;
    int64_t events;
    digest last_blob;
    bool any_blob;
    int stage; /* of the order of sections */
} reader;

static tq_code bad(const reader *r, tq_err *err, const char *what)
{
    tq_code code = tq_fail(err, TQ_MALFORMED, "bundle_form", "", "%s", what);
    (void)tq_err_at(err, "line %lld", r->n);
    return code;
}

/* A line without its newline, not yet hashed: the last line is not part of what it hashes. */
static tq_code line_read(reader *r, str *out, tq_err *err)
{
    size_t len = 0;
    int c = EOF;
    r->n++;
    while (len <= BUNDLE_LINE_MAX && (c = getc_unlocked(r->in)) != EOF && c != '\n') {
        r->line[len++] = (char)c;
    }
    if (c == EOF) {
        return bad(r, err,
                   ferror(r->in) ? "the file cannot be read" : "the file ends before its end line");
    }
    if (len > BUNDLE_LINE_MAX) {
        return bad(r, err, "the line is longer than any event");
    }
    *out = (str){r->line, len};
    return TQ_OK;
}

static void line_hash(reader *r, str line)
{
    hasher_add(r->h, line);
    hasher_add(r->h, STR("\n"));
}

static bool after(str line, str word, str *rest)
{
    if (!str_starts(line, word)) {
        return false;
    }
    *rest = (str){line.data + word.len, line.len - word.len};
    return true;
}

static tq_code head_read(reader *r, tq_err *err)
{
    str line = {0};
    const canon_node *head = NULL;
    str what = {0};
    int64_t version = 0;
    TQ_TRY(line_read(r, &line, err));
    if (line.len > 256 || canon_read(line, r->a, &head, NULL) != TQ_OK ||
        head->type != CANON_OBJECT || head->count != 3 ||
        canon_need_str(head, "tongquan", &what, NULL) != TQ_OK ||
        canon_need_int(head, "v", &version, NULL) != TQ_OK ||
        canon_need_int(head, "events", &r->events, NULL) != TQ_OK || !str_eq(what, STR("bundle")) ||
        version != 1 || r->events < 0) {
        return bad(r, err, "this is no bundle of a version that the program knows");
    }
    line_hash(r, line);
    return r->v->head == NULL ? TQ_OK : r->v->head(r->v->ctx, r->events, err);
}

static tq_code blob_read(reader *r, str rest, tq_err *err)
{
    digest sha256 = {0};
    long long size = -1;
    if (rest.len < 66 || !digest_from_hex((str){rest.data, 64}, &sha256) || rest.data[64] != ' ' ||
        !str_int64((str){rest.data + 65, rest.len - 65}, &size) || size > BLOB_MAX) {
        return bad(r, err, "a blob line is `blob SHA256 BYTES`");
    }
    if (r->any_blob && memcmp(r->last_blob.b, sha256.b, sizeof sha256.b) >= 0) {
        return bad(r, err, "blobs are out of order");
    }
    r->last_blob = sha256;
    r->any_blob = true;
    char *bytes = malloc((size_t)size + 1);
    if (bytes == NULL) {
        return tq_fail(err, TQ_IO, "memory", NULL, "no memory left for a file of %lld bytes", size);
    }
    tq_code code = TQ_OK;
    const str content = {bytes, (size_t)size};
    if (fread(bytes, 1, (size_t)size + 1, r->in) != (size_t)size + 1 || bytes[size] != '\n') {
        code = bad(r, err, "a blob does not have its length");
    } else if (!digest_eq(hash_of(HASH_SHA256, content), sha256)) {
        code = bad(r, err, "a blob does not have its hash");
    } else {
        line_hash(r, content);
        code = r->v->blob == NULL ? TQ_OK : r->v->blob(r->v->ctx, sha256, content, err);
    }
    free(bytes);
    return code;
}

static tq_code event_lines_read(reader *r, tq_err *err)
{
    str line = {0};
    TQ_TRY(line_read(r, &line, err));
    line_hash(r, line);
    const str body = arena_copy(r->a, line);
    TQ_TRY(line_read(r, &line, err));
    line_hash(r, line);
    digest salt = {0};
    str hidden = {0};
    if (line.len > 0) {
        if (line.len < 66 || !digest_from_hex((str){line.data, 64}, &salt) ||
            line.data[64] != ' ') {
            return bad(r, err, "a private line is `SALT BODY` or empty");
        }
        hidden = (str){line.data + 65, line.len - 65};
    }
    r->events--;
    if (r->events < 0) {
        return bad(r, err, "there are more events than the head says");
    }
    const str salt_bytes = {(const char *)salt.b, line.len > 0 ? sizeof salt.b : 0};
    return r->v->event == NULL ? TQ_OK : r->v->event(r->v->ctx, body, salt_bytes, hidden, err);
}

static tq_code reading_read(reader *r, str rest, tq_err *err)
{
    reading_row row;
    const tq_code code = reading_row_parse(rest, r->a, &row, err);
    if (code != TQ_OK) {
        (void)tq_err_at(err, "line %lld", r->n);
        return code;
    }
    return r->v->reading == NULL ? TQ_OK : r->v->reading(r->v->ctx, &row, err);
}

static tq_code file_line_read(reader *r, bool is_key, str rest, tq_err *err)
{
    checkpoint point;
    if (is_key && !checkpoint_pub_form(rest)) {
        return bad(r, err, "a key is not written as in checkpoint.pub");
    }
    if (!is_key) {
        const tq_code code = checkpoint_parse(rest, &point, err);
        if (code != TQ_OK) {
            (void)tq_err_at(err, "line %lld", r->n);
            return code;
        }
    }
    return r->v->file_line == NULL ? TQ_OK : r->v->file_line(r->v->ctx, is_key, rest, err);
}

static tq_code end_read(reader *r, str rest, tq_err *err)
{
    digest said;
    if (!digest_from_hex(rest, &said) || getc_unlocked(r->in) != EOF) {
        return bad(r, err, "the end line is malformed, or something follows it");
    }
    if (r->events != 0) {
        return bad(r, err, "there are fewer events than the head says");
    }
    if (!digest_eq(hasher_end(r->h), said)) {
        return tq_fail(err, TQ_CORRUPT, "bundle_hash", "end",
                       "the file is not the one that was written");
    }
    return TQ_OK;
}

/* One section; *done at the end line. Sections stand in order: blobs, events, readings, keys, checkpoints. */
static tq_code section_read(reader *r, bool *done, tq_err *err)
{
    static const struct {
        const char *word;
        int stage;
    } words[] = {{"blob ", 1}, {"event", 2},       {"read ", 3},
                 {"key ", 4},  {"checkpoint ", 5}, {"end ", 6}};
    str line = {0};
    str rest = {0};
    arena_reset(r->a);
    TQ_TRY(line_read(r, &line, err));
    int stage = 0;
    for (size_t i = 0; i < TQ_COUNT(words) && stage == 0; i++) {
        stage = after(line, str_of(words[i].word), &rest) ? words[i].stage : 0;
    }
    if (stage == 0 || stage < r->stage || (stage == 2 && rest.len > 0)) {
        return bad(r, err,
                   "a line is none of blob, event, read, key, checkpoint, end, or out of order");
    }
    r->stage = stage;
    *done = stage == 6;
    if (*done) {
        return end_read(r, rest, err);
    }
    line_hash(r, line);
    switch (stage) {
    case 1:
        return blob_read(r, rest, err);
    case 2:
        return event_lines_read(r, err);
    case 3:
        return reading_read(r, rest, err);
    default:
        return file_line_read(r, stage == 4, rest, err);
    }
}

tq_code bundle_read(FILE *in, const bundle_visitor *v, tq_err *err)
{
    TQ_ASSERT(in != NULL);
    TQ_ASSERT(v != NULL);
    TQ_CLEANUP(bundle_hasher_free) hasher *h = hasher_new(HASH_SHA256);
    ARENA_AUTO arena *a = arena_new("bundle", 2 * BUNDLE_LINE_MAX);
    reader r = {.in = in, .h = h, .a = a, .v = v, .line = malloc(BUNDLE_LINE_MAX + 1)};
    if (r.line == NULL) {
        return tq_fail(err, TQ_IO, "memory", NULL, "no memory left for a bundle");
    }
    tq_code code = head_read(&r, err);
    for (bool done = false; code == TQ_OK && !done;) {
        code = section_read(&r, &done, err);
    }
    free(r.line);
    return code;
}

tq_code bundle_check(const char *path, tq_err *err)
{
    static const bundle_visitor nothing;
    TQ_CLEANUP(bundle_file_close) FILE *in = fopen(path, "rbe");
    if (in == NULL) {
        return tq_fail(err, TQ_NOT_FOUND, "no_file", path, "the bundle cannot be opened");
    }
    return bundle_read(in, &nothing, err);
}
