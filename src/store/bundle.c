/* SPDX-License-Identifier: Apache-2.0 */
#include "store/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/canon.h"
#include "base/file.h"
#include "store/blob.h"
#include "store/bundle_inner.h"
#include "store/checkpoint.h"
#include "store/event_store.h"
#include "store/store_inner.h"
#include "store/verify_inner.h"

#define PAGE 1000

/* A reader beside a server takes what the server has numbered. */
static tq_code number_events(store *s, tq_err *err)
{
    if (s->read_only) {
        return TQ_OK;
    }
    TQ_TRY(store_flush(s, err));
    return event_sequence(s, err);
}

/* --- writing ------------------------------------------------------------------------------------- */

typedef struct writer {
    store *s;
    FILE *out;
    hasher *h;
    store_tx *tx;
} writer;

static void put(writer *w, str bytes)
{
    hasher_add(w->h, bytes);
    (void)fwrite(bytes.data == NULL ? "" : bytes.data, 1, bytes.len,
                 w->out); /* ferror is asked at the end */
}

static void put_line(writer *w, str line)
{
    put(w, line);
    put(w, STR("\n"));
}

static tq_code put_blob(void *ctx, digest sha256, int64_t size, tq_err *err)
{
    writer *w = ctx;
    str bytes = {0};
    char hex[65];
    (void)size;
    ARENA_AUTO arena *a = arena_new("blob", BLOB_MAX + 1024 * 1024);
    TQ_TRY(blob_get(w->s, sha256, a, &bytes, err));
    digest_hex(sha256, hex);
    BUF_AUTO buf line = buf_max(256);
    buf_printf(&line, "blob %s %zu", hex, bytes.len);
    put_line(w, buf_view(&line));
    put_line(w, bytes);
    return TQ_OK;
}

static tq_code put_private(writer *w, int64_t event_id, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(w->tx, STMT_PRIVATE_GET, ARGS(arg_int(event_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    BUF_AUTO buf line = buf_max(BUNDLE_LINE_MAX);
    if (more) {
        const str salt = row_blob(&r);
        if (salt.len != sizeof(digest)) {
            return tq_fail(err, TQ_CORRUPT, "private_salt", "private_body",
                           "a salt does not have 32 bytes");
        }
        buf_hex(&line, (const uint8_t *)salt.data, salt.len);
        buf_char(&line, ' ');
        buf_str_add(&line, row_text(&r));
    }
    if (!buf_ok(&line)) {
        return tq_fail(err, TQ_CORRUPT, "private_size", "private_body",
                       "a private body is too long");
    }
    put_line(w, buf_view(&line));
    return TQ_OK;
}

static tq_code put_events(writer *w, int64_t count, tq_err *err)
{
    for (int64_t seq = 0; seq < count;) {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(w->tx, STMT_EVENT_PAGE, ARGS(arg_int(seq), arg_int(PAGE)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        for (; more && seq < count;) {
            event_record e = {0};
            event_record_read(&r, &e);
            if (e.seq != ++seq) {
                break;
            }
            put_line(w, STR("event"));
            put_line(w, e.body);
            TQ_TRY(put_private(w, e.id, err));
            TQ_TRY(rows_next(&r, &more, err));
        }
        if (!more && seq < count && seq % PAGE != 0) {
            return tq_fail(err, TQ_CORRUPT, "event_gap", "event",
                           "the log has a gap after number %lld", (long long)seq);
        }
    }
    return TQ_OK;
}

static tq_code put_readings(writer *w, store_stmt rows_of, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    BUF_AUTO buf line = buf_max(READING_ROW_MAX);
    TQ_TRY(store_query(w->tx, rows_of, ARGS(arg_int(INT64_MIN), arg_int(INT64_MAX)), &r, err));
    for (bool more = true;;) {
        reading_row row;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        reading_row_read(&r, &row);
        buf_clear(&line);
        reading_row_print(&row, &line);
        put(w, STR("read "));
        put_line(w, buf_view(&line));
    }
}

static tq_code put_file(writer *w, const char *name, const char *word, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("checkpoint file", 2 * BUNDLE_FILES_MAX);
    const char *path = arena_printf(a, "%s/%s", store_dir(w->s), name).data;
    str text = {0};
    if (!file_exists(path)) {
        return TQ_OK;
    }
    TQ_TRY(file_read(path, BUNDLE_FILES_MAX, a, &text, err));
    for (const char *end; text.len > 0 && (end = memchr(text.data, '\n', text.len)) != NULL;) {
        const size_t len = (size_t)(end - text.data);
        put(w, str_of(word));
        put_line(w, (str){text.data, len});
        text = (str){end + 1, text.len - len - 1};
    }
    return TQ_OK;
}

static void put_head(writer *w, int64_t count)
{
    BUF_AUTO buf head = buf_max(256);
    canon c = canon_to(&head);
    canon_open(&c);
    canon_kstr(&c, "tongquan", STR("bundle"));
    canon_kint(&c, "v", 1);
    canon_kint(&c, "events", count);
    canon_close(&c);
    put_line(w, buf_view(&head));
}

/* Checkpoints are copied before the log is counted, blobs after: none of them can be ahead of the log,
 * and every row of it has its file. Hence the snapshot is taken first and the head written from it. */
static tq_code put_all(writer *w, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t count = 0;
    TQ_TRY(store_begin(w->s, STORE_READ, &tx, err));
    w->tx = tx;
    TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &count, err));
    put_head(w, count);
    TQ_TRY(blob_each(w->s, put_blob, w, err));
    TQ_TRY(put_events(w, count, err));
    TQ_TRY(put_readings(w, STMT_READING_OPEN_ROWS, err));
    TQ_TRY(put_readings(w, STMT_READING_SEALED_ROWS, err));
    TQ_TRY(put_file(w, "checkpoint.pub", "key ", err));
    TQ_TRY(put_file(w, "checkpoints.log", "checkpoint ", err));
    char hex[65];
    digest_hex(hasher_end(w->h), hex);
    (void)fprintf(w->out, "end %s\n", hex);
    return TQ_OK;
}

static tq_code io_failed(tq_err *err, const char *path, const char *what)
{
    return tq_fail(err, TQ_IO, "bundle_write", path, "%s: %s", what, strerror(errno));
}

/* Syncs and gives the file its name; the folder is synced too. */
static tq_code settle(FILE **out, const char *from, const char *path, tq_err *err)
{
    if (fflush(*out) != 0 || ferror(*out) != 0 || fsync(fileno(*out)) != 0) {
        return io_failed(err, path, "the file could not be written");
    }
    FILE *f = *out;
    *out = NULL;
    if (fclose(f) != 0 || rename(from, path) != 0) {
        return io_failed(err, path, "the file could not be given its name");
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        return io_failed(err, path, "no memory left");
    }
    const tq_code code = dir_sync(dirname(copy), err);
    free(copy);
    return code;
}

tq_code bundle_export(store *s, const char *path, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(path != NULL);
    TQ_TRY(number_events(s, err));
    ARENA_AUTO arena *a = arena_new("path", 64 * 1024);
    const char *part = arena_printf(a, "%s.part", path).data;
    TQ_CLEANUP(bundle_hasher_free) hasher *h = hasher_new(HASH_SHA256);
    const int fd =
        open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* holds private bodies */
    if (fd < 0) {
        return io_failed(err, path, "the file could not be made");
    }
    TQ_CLEANUP(bundle_file_close) FILE *out = fdopen(fd, "wb");
    if (out == NULL) {
        (void)close(fd);
        return io_failed(err, path, "the file could not be made");
    }
    writer w = {.s = s, .out = out, .h = h};
    tq_code code = put_all(&w, err);
    if (code == TQ_OK) {
        code = settle(&out, part, path, err);
    }
    if (code != TQ_OK) {
        (void)unlink(part);
    }
    return code;
}

/* --- reading ------------------------------------------------------------------------------------- */

typedef struct importer {
    store *s;
    arena *a;
    tree sha256, sm3;
    int64_t points;
    buf keys, lines;
} importer;

static tq_code import_head(void *ctx, int64_t events, tq_err *err)
{
    importer *im = ctx;
    TX_AUTO store_tx *tx = NULL;
    int64_t count = 0;
    int64_t rows = 0;
    (void)events;
    TQ_TRY(store_begin(im->s, STORE_WRITE, &tx, err));
    TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &count, err));
    for (int t = 0; t < T_COUNT; t++) {
        int64_t max = 0;
        TQ_TRY(store_int(tx, STMT_ROW_MAX(t), NO_ARGS, 0, &max, err));
        rows += max != 0;
    }
    if (count != 0 || rows != 0) {
        return tq_fail(err, TQ_CONFLICT, "not_empty", store_dir(im->s),
                       "a bundle needs a store without events");
    }
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(STR("private_salt"))), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    rows_end(&r);
    if (!more) {
        uint8_t salt[32];
        random_bytes(salt, sizeof salt);
        TQ_TRY(store_run(tx, STMT_SECRET_PUT,
                         ARGS(arg_str(STR("private_salt")), arg_blob(salt, sizeof salt)), NULL,
                         err));
    }
    return store_commit(&tx, err);
}

static tq_code import_blob(void *ctx, digest sha256, str bytes, tq_err *err)
{
    const importer *im = ctx;
    digest stored;
    TQ_TRY(blob_put(im->s, bytes, &stored, err));
    TQ_ASSERT(digest_eq(stored, sha256));
    return TQ_OK;
}

static tq_code import_event(void *ctx, str body, str salt, str private_body, tq_err *err)
{
    importer *im = ctx;
    event e = {0};
    arena_reset(im->a);
    TQ_TRY(event_read(body, im->a, &e, err));
    BUF_AUTO buf again = buf_max(EVENT_BODY_MAX + 1);
    event_write(&e, &again);
    if (!str_eq(buf_view(&again), body) || !event_states_given(&e)) {
        return tq_fail(err, TQ_MALFORMED, "event_form", "event",
                       "event %lld is not in canonical form", (long long)im->sha256.count + 1);
    }
    if (private_body.len > 0) {
        TQ_TRY(event_read_private(private_body, &e, err));
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(im->s, STORE_WRITE, &tx, err));
    TQ_TRY(event_replay(tx, &e, body, private_body, salt, err));
    TQ_TRY(store_commit(&tx, err));
    tree_add(&im->sha256, tree_leaf(HASH_SHA256, body));
    tree_add(&im->sm3, tree_leaf(HASH_SM3, body));
    return TQ_OK;
}

static tq_code import_reading(void *ctx, const reading_row *row, tq_err *err)
{
    const importer *im = ctx;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(im->s, STORE_WRITE, &tx, err));
    TQ_TRY(reading_row_put(tx, row, err));
    return store_commit(&tx, err);
}

static tq_code readings_done(const importer *im, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(im->s, STORE_WRITE, &tx, err));
    TQ_TRY(reading_rows_done(tx, err));
    return store_commit(&tx, err);
}

static tq_code import_line(void *ctx, bool is_key, str line, tq_err *err)
{
    importer *im = ctx;
    buf *to = is_key ? &im->keys : &im->lines;
    buf_str_add(to, line);
    buf_char(to, '\n');
    if (is_key) {
        return TQ_OK;
    }
    checkpoint c = {0};
    TQ_TRY(checkpoint_parse(line, &c, err));
    if (c.count > im->sha256.count ||
        (c.count == im->sha256.count && (!digest_eq(c.sha256, tree_root(&im->sha256)) ||
                                         !digest_eq(c.sm3, tree_root(&im->sm3))))) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_root", "checkpoint",
                       "the events are not those that were signed");
    }
    im->points++;
    return TQ_OK;
}

/* The files of the old site go on in the new one: its keys stay valid, a new one joins them. */
static tq_code import_files(importer *im, tq_err *err)
{
    const struct {
        const char *name;
        const buf *content;
    } files[] = {{"checkpoint.pub", &im->keys}, {"checkpoints.log", &im->lines}};
    ARENA_AUTO arena *a = arena_new("path", 64 * 1024);
    for (size_t i = 0; i < TQ_COUNT(files); i++) {
        const char *path = arena_printf(a, "%s/%s", store_dir(im->s), files[i].name).data;
        if (!buf_ok(files[i].content)) {
            return tq_fail(err, TQ_LIMIT, "checkpoints_full", files[i].name,
                           "the file is too large");
        }
        if (files[i].content->len > 0) {
            TQ_TRY(file_append_durable(path, buf_view(files[i].content), 0644, err));
        }
    }
    return TQ_OK;
}

static tq_code import_all(importer *im, const char *path, tq_err *err)
{
    const bundle_visitor v = {im,           import_head,    import_blob,
                              import_event, import_reading, import_line};
    /* The whole file is read once before anything is written: a cut or changed one leaves no trace. */
    TQ_TRY(bundle_check(path, err));
    TQ_CLEANUP(bundle_file_close) FILE *in = fopen(path, "rbe");
    if (in == NULL) {
        return tq_fail(err, TQ_NOT_FOUND, "no_file", path, "the bundle cannot be opened");
    }
    TQ_TRY(bundle_read(in, &v, err));
    TQ_TRY(readings_done(im, err));
    TQ_TRY(store_flush(im->s, err));
    TQ_TRY(event_sequence(im->s, err));
    return import_files(im, err);
}

tq_code bundle_import(store *s, const char *path, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(path != NULL);
    ARENA_AUTO arena *a = arena_new("import", (size_t)512 * 1024 * 1024);
    importer im = {.s = s,
                   .a = a,
                   .sha256 = tree_begin(HASH_SHA256),
                   .sm3 = tree_begin(HASH_SM3),
                   .keys = buf_max(BUNDLE_FILES_MAX),
                   .lines = buf_max(BUNDLE_FILES_MAX)};
    const tq_code code = import_all(&im, path, err);
    buf_free(&im.keys);
    buf_free(&im.lines);
    return code;
}

/* --- equal sites ----------------------------------------------------------------------------------- */

static void hash_int(hasher *h, int64_t n)
{
    char text[24];
    const int len = snprintf(text, sizeof text, "%lld\n", (long long)n);
    TQ_ASSERT(len > 0);
    hasher_add(h, (str){text, (size_t)len});
}

static void hash_text(hasher *h, str s)
{
    hash_int(h, (int64_t)s.len);
    hasher_add(h, s);
}

/* A table without rows is as if it were not there, so that a later schema leaves the hash as it is. */
static tq_code hash_rows(store_tx *tx, int table, hasher *h, tq_err *err)
{
    const audited_table_info *t = audited_table_of(table);
    int64_t after = INT64_MIN;
    for (int n = PAGE; n == PAGE;) {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_ROW_PAGE(table), ARGS(arg_int(after), arg_int(PAGE)), &r, err));
        for (n = 0;; n++) {
            bool more = false;
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            if (after == INT64_MIN) {
                hash_text(h, str_of(t->name));
            }
            after = row_int(&r);
            hash_int(h, after);
            for (int c = t->first_col; c < t->first_col + t->cols; c++) {
                if (audited_col_of(c)->is_text) {
                    hash_text(h, row_text(&r));
                } else {
                    hash_int(h, row_int(&r));
                }
            }
        }
    }
    return TQ_OK;
}

static tq_code hash_balances(store_tx *tx, hasher *h, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("balances", 64 * 1024);
    int64_t key[9] = {INT64_MIN};
    str account = STR("");
    for (int n = PAGE; n == PAGE;) {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_VERIFY_BALANCES,
                           ARGS(arg_int(key[0]), arg_str(account), arg_int(key[2]), arg_int(key[3]),
                                arg_int(key[4]), arg_int(key[5]), arg_int(key[6]), arg_int(key[7]),
                                arg_int(key[8]), arg_int(PAGE)),
                           &r, err));
        for (n = 0;; n++) {
            bool more = false;
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            for (int k = 0; k < 9; k++) {
                if (k == 1) {
                    const str here = row_text(&r);
                    hash_text(h, here);
                    if (n + 1 == PAGE) {
                        arena_reset(a);
                        account = arena_copy(a, here);
                    }
                    continue;
                }
                key[k] = row_int(&r);
                hash_int(h, key[k]);
            }
            hash_int(h, row_int(&r));
        }
    }
    return TQ_OK;
}

static tq_code hash_bodies(store_tx *tx, hasher *h, tq_err *err)
{
    int64_t seq = 0;
    for (int n = PAGE; n == PAGE;) {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_EVENT_PAGE, ARGS(arg_int(seq), arg_int(PAGE)), &r, err));
        for (n = 0;; n++) {
            bool more = false;
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            event_record e = {0};
            event_record_read(&r, &e);
            seq = e.seq;
            hash_int(h, seq);
            hash_text(h, e.body);
        }
    }
    return TQ_OK;
}

tq_code export_hash(store *s, digest *out, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(out != NULL);
    TQ_TRY(number_events(s, err));
    TQ_CLEANUP(bundle_hasher_free) hasher *h = hasher_new(HASH_SHA256);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    for (int t = 0; t < T_COUNT; t++) {
        if (!audited_table_of(t)->is_private) {
            TQ_TRY(hash_rows(tx, t, h, err));
        }
    }
    TQ_TRY(hash_balances(tx, h, err));
    TQ_TRY(hash_bodies(tx, h, err));
    *out = hasher_end(h);
    return TQ_OK;
}
