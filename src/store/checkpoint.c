/* SPDX-License-Identifier: Apache-2.0 */
#include "store/checkpoint.h"

#include "base/canon.h"
#include "base/file.h"
#include "store/event_store.h"

#define LOG_NAME "checkpoints.log"
#define PUB_NAME "checkpoint.pub"
#define PEAKS_NAME "checkpoint.peaks"
#define PUB_MAX (64 * 1024)
#define LINE_MAX 1024
#define LEAVES_PAGE 4096
#define SEED_LEN 32

static tq_code bad_line(tq_err *err, const char *what)
{
    return tq_fail(err, TQ_CORRUPT, "checkpoint_form", LOG_NAME, "%s", what);
}

static void hex_add(canon *c, const char *key, const uint8_t *bytes, size_t n)
{
    BUF_AUTO buf hex = buf_max(256);
    buf_hex(&hex, bytes, n);
    canon_kstr(c, key, buf_view(&hex));
}

static void print(const checkpoint *c, bool with_sig, buf *out)
{
    canon to = canon_to(out);
    canon_open(&to);
    canon_kint(&to, "count", c->count);
    hex_add(&to, "sha256", c->sha256.b, sizeof c->sha256.b);
    hex_add(&to, "sm3", c->sm3.b, sizeof c->sm3.b);
    canon_kint(&to, "at", c->at.us);
    hex_add(&to, "key", c->pub, sizeof c->pub);
    if (with_sig) {
        hex_add(&to, "sig", c->sig, sizeof c->sig);
    }
    canon_close(&to);
}

void checkpoint_print(const checkpoint *c, buf *out)
{
    print(c, true, out);
}

static bool hex_read(const canon_node *object, const char *key, uint8_t *out, size_t n)
{
    const canon_node *node = canon_get(object, key);
    if (node == NULL || node->type != CANON_STR || node->text.len != 2 * n || n % 32 != 0) {
        return false;
    }
    for (size_t at = 0; at < n; at += sizeof(digest)) {
        digest d;
        if (!digest_from_hex((str){node->text.data + 2 * at, 2 * sizeof d.b}, &d)) {
            return false;
        }
        memcpy(out + at, d.b, sizeof d.b);
    }
    return true;
}

tq_code checkpoint_parse(str line, checkpoint *out, tq_err *err)
{
    if (line.len > LINE_MAX) {
        return bad_line(err, "the line is longer than a checkpoint");
    }
    ARENA_AUTO arena *a = arena_new("checkpoint", 64 * 1024);
    const canon_node *object = NULL;
    checkpoint c = {0};
    if (canon_read(line, a, &object, NULL) != TQ_OK || object->type != CANON_OBJECT ||
        canon_need_int(object, "count", &c.count, NULL) != TQ_OK ||
        canon_need_int(object, "at", &c.at.us, NULL) != TQ_OK ||
        !hex_read(object, "sha256", c.sha256.b, sizeof c.sha256.b) ||
        !hex_read(object, "sm3", c.sm3.b, sizeof c.sm3.b) ||
        !hex_read(object, "key", c.pub, sizeof c.pub) ||
        !hex_read(object, "sig", c.sig, sizeof c.sig) || c.count < 0) {
        return bad_line(err, "the line is no checkpoint");
    }
    BUF_AUTO buf again = buf_max(LINE_MAX);
    print(&c, true, &again);
    if (!str_eq(buf_view(&again), line)) {
        return bad_line(err, "the line is not written as a checkpoint is");
    }
    buf_clear(&again);
    print(&c, false, &again);
    if (!sign_check(c.pub, buf_view(&again), c.sig)) {
        return bad_line(err, "the signature does not fit");
    }
    *out = c;
    return TQ_OK;
}

static tq_code path_of(arena *a, const char *dir, const char *name, const char **out)
{
    TQ_ASSERT(dir != NULL);
    *out = arena_printf(a, "%s/%s", dir, name).data;
    return TQ_OK;
}

/* The content of a file of the folder, empty where there is none. */
static tq_code read_there(arena *a, const char *dir, const char *name, size_t max, str *out, tq_err *err)
{
    const char *path = NULL;
    TQ_TRY(path_of(a, dir, name, &path));
    *out = (str){0};
    return file_exists(path) ? file_read(path, max, a, out, err) : TQ_OK;
}

static bool next_line(str *rest, str *line)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    if (end == NULL) {
        return false;
    }
    *line = (str){rest->data, (size_t)(end - rest->data)};
    *rest = (str){end + 1, rest->len - line->len - 1};
    return true;
}

static bool pub_listed(str pubs, const uint8_t pub[32])
{
    digest known;
    for (str line; next_line(&pubs, &line);) {
        if (digest_from_hex(line, &known) && memcmp(known.b, pub, sizeof known.b) == 0) {
            return true;
        }
    }
    return false;
}

static tq_code each_of(str log, str pubs, tq_code (*each)(void *ctx, const checkpoint *c, tq_err *err),
                       void *ctx, tq_err *err)
{
    int64_t last = -1;
    long long n = 0;
    for (str line; next_line(&log, &line);) {
        checkpoint c = {0};
        n++;
        tq_code code = checkpoint_parse(line, &c, err);
        if (code == TQ_OK && !pub_listed(pubs, c.pub)) {
            code = bad_line(err, "the key is not one of checkpoint.pub");
        }
        if (code == TQ_OK && c.count < last) {
            code = bad_line(err, "the count is below that of an earlier checkpoint");
        }
        if (code != TQ_OK) {
            (void)tq_err_at(err, "line %lld", n);
            return code;
        }
        last = c.count;
        TQ_TRY(each(ctx, &c, err));
    }
    return TQ_OK;
}

tq_code checkpoint_each(const char *dir, tq_code (*each)(void *ctx, const checkpoint *c, tq_err *err),
                        void *ctx, tq_err *err)
{
    TQ_ASSERT(each != NULL);
    ARENA_AUTO arena *a = arena_new("checkpoints", 2 * CHECKPOINT_LOG_MAX);
    str log = {0};
    str pubs = {0};
    TQ_TRY(read_there(a, dir, LOG_NAME, CHECKPOINT_LOG_MAX, &log, err));
    TQ_TRY(read_there(a, dir, PUB_NAME, PUB_MAX, &pubs, err));
    return each_of(log, pubs, each, ctx, err);
}

static tq_code keep_last(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    checkpoint *last = ctx;
    *last = *c;
    return TQ_OK;
}

/* --- the key ------------------------------------------------------------------------------------- */

static tq_code key_get(store_tx *tx, sign_key *out, bool *found, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(STR("checkpoint_key"))), &r, err));
    TQ_TRY(rows_next(&r, found, err));
    if (!*found) {
        return TQ_OK;
    }
    const str seed = row_blob(&r);
    if (seed.len != SEED_LEN) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_key", "secret.checkpoint_key",
                       "the signing key does not have %d bytes", SEED_LEN);
    }
    sign_key_of_seed((const uint8_t *)seed.data, out);
    return TQ_OK;
}

/* The public key is listed before the secret is kept: a crash between leaves a line nobody signs with. */
static tq_code key_make(store *s, const char *pub_path, sign_key *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    bool found = false;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(key_get(tx, out, &found, err));
    if (!found) {
        sign_key_new(out);
        BUF_AUTO buf line = buf_max(128);
        buf_hex(&line, out->pub, sizeof out->pub);
        buf_char(&line, '\n');
        TQ_TRY(file_append_durable(pub_path, buf_view(&line), 0644, err));
        TQ_TRY(store_run(tx, STMT_SECRET_PUT,
                         ARGS(arg_str(STR("checkpoint_key")), arg_blob(out->seed, SEED_LEN)), NULL,
                         err));
    }
    TQ_TRY(store_commit(&tx, err));
    return store_flush(s, err);
}

static tq_code key_of_site(store *s, arena *a, sign_key *out, tq_err *err)
{
    const char *pub_path = NULL;
    bool found = false;
    TQ_TRY(path_of(a, store_dir(s), PUB_NAME, &pub_path));
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(store_begin(s, STORE_READ, &tx, err));
        TQ_TRY(key_get(tx, out, &found, err));
    }
    if (!found) {
        TQ_TRY(key_make(s, pub_path, out, err));
    }
    str pubs = {0};
    TQ_TRY(read_there(a, store_dir(s), PUB_NAME, PUB_MAX, &pubs, err));
    if (!pub_listed(pubs, out->pub)) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_key", PUB_NAME,
                       "the signing key in the database is not one this folder knows; the folder of a further "
                       "server begins with a copy of the first one's file");
    }
    return TQ_OK;
}

/* --- the frontier kept between checkpoints --------------------------------------------------------- */

typedef struct frontier {
    tree sha256;
    tree sm3;
} frontier;

static void frontier_save(arena *a, const char *dir, const frontier *f)
{
    const char *path = NULL;
    tq_err ignored;
    if (path_of(a, dir, PEAKS_NAME, &path) == TQ_OK) {
        /* Only a saving: without it the next checkpoint hashes from the beginning. */
        (void)!file_write_durable(path, (str){(const char *)f, sizeof *f}, 0644, &ignored);
    }
}

static void frontier_load(arena *a, const char *dir, const checkpoint *last, frontier *out)
{
    tq_err ignored;
    str bytes = {0};
    frontier f;
    *out = (frontier){tree_begin(HASH_SHA256), tree_begin(HASH_SM3)};
    if (last->count == 0 ||
        read_there(a, dir, PEAKS_NAME, sizeof f, &bytes, &ignored) != TQ_OK ||
        bytes.len != sizeof f) {
        return;
    }
    memcpy(&f, bytes.data, sizeof f);
    if (f.sha256.kind == HASH_SHA256 && f.sm3.kind == HASH_SM3 && f.sha256.count == last->count &&
        f.sm3.count == last->count && digest_eq(tree_root(&f.sha256), last->sha256) &&
        digest_eq(tree_root(&f.sm3), last->sm3)) {
        *out = f;
    }
}

static bool digest_of_blob(str b, digest *out)
{
    if (b.len != sizeof out->b) {
        return false;
    }
    memcpy(out->b, b.data, sizeof out->b);
    return true;
}

/* What was signed once is signed again only if it is still there. */
static tq_code signed_still(const frontier *f, const checkpoint *last, tq_err *err)
{
    if (f->sha256.count == last->count && last->count > 0 &&
        (!digest_eq(tree_root(&f->sha256), last->sha256) || !digest_eq(tree_root(&f->sm3), last->sm3))) {
        return tq_fail(err, TQ_CORRUPT, "log_changed", "event",
                       "the first %lld events are not those of the last checkpoint",
                       (long long)last->count);
    }
    return TQ_OK;
}

static tq_code frontier_page(store_tx *tx, const checkpoint *last, frontier *f, bool *more_pages,
                             tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_EVENT_LEAVES, ARGS(arg_int(f->sha256.count), arg_int(LEAVES_PAGE)),
                       &r, err));
    int n = 0;
    for (;; n++) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        const int64_t seq = row_int(&r);
        digest sha256 = {0};
        digest sm3 = {0};
        const bool sane = digest_of_blob(row_blob(&r), &sha256) && digest_of_blob(row_blob(&r), &sm3);
        if (!sane || seq != f->sha256.count + 1) {
            return tq_fail(err, TQ_CORRUPT, "event_gap", "event", "the log is not whole at number %lld",
                           (long long)f->sha256.count + 1);
        }
        tree_add(&f->sha256, sha256);
        tree_add(&f->sm3, sm3);
        TQ_TRY(signed_still(f, last, err));
    }
    *more_pages = n == LEAVES_PAGE;
    return TQ_OK;
}

static tq_code frontier_now(store *s, const checkpoint *last, frontier *f, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t seq = 0;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &seq, err));
    if (seq < last->count) {
        return tq_fail(err, TQ_CORRUPT, "log_cut", "event",
                       "the log has %lld events, the last checkpoint %lld", (long long)seq,
                       (long long)last->count);
    }
    for (bool more = true; more;) {
        TQ_TRY(frontier_page(tx, last, f, &more, err));
    }
    return TQ_OK;
}

static tq_code line_append(arena *a, const char *dir, str log, const checkpoint *c, tq_err *err)
{
    const char *path = NULL;
    TQ_TRY(path_of(a, dir, LOG_NAME, &path));
    BUF_AUTO buf out = buf_max(CHECKPOINT_LOG_MAX);
    const char *end = log.len == 0 ? NULL : memrchr(log.data, '\n', log.len);
    const size_t whole = end == NULL ? 0 : (size_t)(end - log.data) + 1;
    const bool torn = whole < log.len;
    if (torn) {
        buf_add(&out, log.data, whole);
    }
    print(c, true, &out);
    buf_char(&out, '\n');
    if (!buf_ok(&out) || log.len + out.len > CHECKPOINT_LOG_MAX) {
        return tq_fail(err, TQ_LIMIT, "checkpoints_full", LOG_NAME, "the file is at its largest size");
    }
    return torn ? file_write_durable(path, buf_view(&out), 0644, err)
                : file_append_durable(path, buf_view(&out), 0644, err);
}

tq_code checkpoint_write(store *s, instant at, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    ARENA_AUTO arena *a = arena_new("checkpoint_write", 2 * CHECKPOINT_LOG_MAX);
    const char *dir = store_dir(s);
    sign_key key = {0};
    TQ_TRY(store_flush(s, err));
    TQ_TRY(event_sequence(s, err));
    TQ_TRY(key_of_site(s, a, &key, err));
    str log = {0};
    str pubs = {0};
    checkpoint last = {0};
    TQ_TRY(read_there(a, dir, LOG_NAME, CHECKPOINT_LOG_MAX, &log, err));
    TQ_TRY(read_there(a, dir, PUB_NAME, PUB_MAX, &pubs, err));
    TQ_TRY(each_of(log, pubs, keep_last, &last, err));
    frontier f;
    frontier_load(a, dir, &last, &f);
    TQ_TRY(frontier_now(s, &last, &f, err));
    if (f.sha256.count == last.count) {
        return TQ_OK;
    }
    checkpoint c = {.count = f.sha256.count, .sha256 = tree_root(&f.sha256), .sm3 = tree_root(&f.sm3), .at = at};
    memcpy(c.pub, key.pub, sizeof c.pub);
    BUF_AUTO buf text = buf_max(LINE_MAX);
    print(&c, false, &text);
    TQ_ASSERT(buf_ok(&text));
    sign_bytes(&key, buf_view(&text), c.sig);
    TQ_TRY(line_append(a, dir, log, &c, err));
    frontier_save(a, dir, &f);
    return TQ_OK;
}
