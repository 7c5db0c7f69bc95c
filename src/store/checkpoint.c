/* SPDX-License-Identifier: Apache-2.0 */
#include "store/checkpoint.h"

#include "base/file.h"
#include "store/checkpoint_inner.h"
#include "store/event_store.h"
#include "store/log_index.h"
#include "store/log_node.h"
#include "store/reading_mark.h"

#define PEAKS_NAME "checkpoint.peaks"
#define LEAVES_PAGE 4096

static tq_code each_of(str log, str pubs,
                       tq_code (*each)(void *ctx, const checkpoint *c, tq_err *err), void *ctx,
                       tq_err *err)
{
    int64_t last = -1;
    long long n = 0;
    bool both = false; /* R-LOG-020: a site that signs twice never goes back to once */
    for (str line; checkpoint_next(&log, &line);) {
        checkpoint c = {0};
        n++;
        tq_code code = checkpoint_parse(line, &c, err);
        if (code == TQ_OK) {
            code = checkpoint_known(pubs, &c, err);
        }
        if (code == TQ_OK && c.count < last) {
            code = checkpoint_bad(err, "the count is below that of an earlier checkpoint");
        }
        if (code == TQ_OK && both && !c.has_sm2) {
            code = checkpoint_bad(err,
                                  "the SM2 signature is missing, which an earlier checkpoint has");
        }
        if (code != TQ_OK) {
            (void)tq_err_at(err, "line %lld", n);
            return code;
        }
        last = c.count;
        both = c.has_sm2;
        TQ_TRY(each(ctx, &c, err));
    }
    return TQ_OK;
}

tq_code checkpoint_each(const char *dir,
                        tq_code (*each)(void *ctx, const checkpoint *c, tq_err *err), void *ctx,
                        tq_err *err)
{
    TQ_ASSERT(each != NULL);
    ARENA_AUTO arena *a = arena_new("checkpoints", 2 * CHECKPOINT_LOG_MAX);
    str log = {0};
    str pubs = {0};
    TQ_TRY(checkpoint_file(a, dir, CHECKPOINT_LOG, CHECKPOINT_LOG_MAX, &log, err));
    TQ_TRY(checkpoint_pubs(dir, a, &pubs, err));
    return each_of(log, pubs, each, ctx, err);
}

static tq_code keep_last(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    checkpoint *last = ctx;
    *last = *c;
    return TQ_OK;
}

/* --- the frontier kept between checkpoints --------------------------------------------------------- */

typedef struct frontier {
    tree sha256;
    tree sm3;
} frontier;

static void frontier_save(arena *a, const char *dir, const frontier *f)
{
    tq_err ignored;
    /* Only a saving: without it the next checkpoint hashes from the beginning. */
    (void)!file_write_durable(checkpoint_path(a, dir, PEAKS_NAME),
                              (str){(const char *)f, sizeof *f}, 0644, &ignored);
}

static void frontier_load(arena *a, const char *dir, const checkpoint *last, frontier *out)
{
    tq_err ignored;
    str bytes = {0};
    frontier f;
    *out = (frontier){tree_begin(HASH_SHA256), tree_begin(HASH_SM3)};
    if (last->count == 0 ||
        checkpoint_file(a, dir, PEAKS_NAME, sizeof f, &bytes, &ignored) != TQ_OK ||
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
        (!digest_eq(tree_root(&f->sha256), last->sha256) ||
         !digest_eq(tree_root(&f->sm3), last->sm3))) {
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
        const bool sane =
            digest_of_blob(row_blob(&r), &sha256) && digest_of_blob(row_blob(&r), &sm3);
        if (!sane || seq != f->sha256.count + 1) {
            return tq_fail(err, TQ_CORRUPT, "event_gap", "event",
                           "the log is not whole at number %lld", (long long)f->sha256.count + 1);
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
    const char *path = checkpoint_path(a, dir, CHECKPOINT_LOG);
    BUF_AUTO buf out = buf_max(CHECKPOINT_LOG_MAX);
    const char *end = log.len == 0 ? NULL : memrchr(log.data, '\n', log.len);
    const size_t whole = end == NULL ? 0 : (size_t)(end - log.data) + 1;
    const bool torn = whole < log.len;
    if (torn) {
        buf_add(&out, log.data, whole);
    }
    checkpoint_print(c, &out);
    buf_char(&out, '\n');
    if (!buf_ok(&out) || log.len + out.len > CHECKPOINT_LOG_MAX) {
        return tq_fail(err, TQ_LIMIT, "checkpoints_full", CHECKPOINT_LOG,
                       "the file is at its largest size");
    }
    return torn ? file_write_durable(path, buf_view(&out), 0644, err)
                : file_append_durable(path, buf_view(&out), 0644, err);
}

/* --- the copy in the database ------------------------------------------------------------------------ */

static tq_code point_put(void *ctx, const checkpoint *c, tq_err *err)
{
    store_tx *tx = ctx;
    char hex[2][65];
    BUF_AUTO buf line = buf_max(CHECKPOINT_TEXT_MAX);
    digest_hex(c->sha256, hex[HASH_SHA256]);
    digest_hex(c->sm3, hex[HASH_SM3]);
    checkpoint_print(c, &line);
    TQ_ASSERT(buf_ok(&line));
    return store_run(tx, STMT_LOG_POINT_PUT,
                     ARGS(arg_int(c->count), arg_int(c->at.us), arg_str(str_of(hex[HASH_SHA256])),
                          arg_str(str_of(hex[HASH_SM3])), arg_str(buf_view(&line))),
                     NULL, err);
}

static tq_code points_had(store *s, int64_t *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    return store_int(tx, STMT_LOG_POINT_COUNT, NO_ARGS, 0, out, err);
}

/* The new line, or NULL, and whatever lines of the file the table does not have yet: after an upgrade or
 * an import all of them. */
static tq_code points_copy(store *s, str log, str pubs, const checkpoint *c, tq_err *err)
{
    int64_t have = 0;
    int64_t lines = 0;
    for (str rest = log, line; checkpoint_next(&rest, &line);) {
        lines++;
    }
    TQ_TRY(points_had(s, &have, err));
    if (c == NULL && have >= lines) {
        return TQ_OK;
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    if (have < lines) {
        TQ_TRY(each_of(log, pubs, point_put, tx, err));
    }
    if (c != NULL) {
        TQ_TRY(point_put(tx, c, err));
    }
    TQ_TRY(store_commit(&tx, err));
    return store_flush(s, err);
}

static void point_sign(const checkpoint_keys *keys, const frontier *f, instant at, checkpoint *out)
{
    *out = (checkpoint){.count = f->sha256.count,
                        .sha256 = tree_root(&f->sha256),
                        .sm3 = tree_root(&f->sm3),
                        .at = at,
                        .has_sm2 = true};
    memcpy(out->pub, keys->ed.pub, sizeof out->pub);
    memcpy(out->sm2_pub, keys->sm2.pub, sizeof out->sm2_pub);
    BUF_AUTO buf text = buf_max(CHECKPOINT_TEXT_MAX);
    checkpoint_print_signed(out, &text);
    TQ_ASSERT(buf_ok(&text));
    sign_bytes(&keys->ed, buf_view(&text), out->sig);
    sm2_sign(&keys->sm2, buf_view(&text), out->sm2_sig);
}

tq_code checkpoint_write(store *s, instant at, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    ARENA_AUTO arena *a = arena_new("checkpoint_write", 2 * CHECKPOINT_LOG_MAX);
    const char *dir = store_dir(s);
    checkpoint_keys keys = {0};
    TQ_TRY(reading_mark_write(s, at, err));
    TQ_TRY(store_flush(s, err));
    TQ_TRY(event_sequence(s, err));
    TQ_TRY(checkpoint_keys_of_site(s, a, &keys, err));
    str log = {0};
    str pubs = {0};
    checkpoint last = {0};
    TQ_TRY(checkpoint_file(a, dir, CHECKPOINT_LOG, CHECKPOINT_LOG_MAX, &log, err));
    TQ_TRY(checkpoint_pubs(dir, a, &pubs, err));
    TQ_TRY(each_of(log, pubs, keep_last, &last, err));
    frontier f;
    frontier_load(a, dir, &last, &f);
    TQ_TRY(frontier_now(s, &last, &f, err));
    const bool grown = f.sha256.count > last.count;
    checkpoint c = {0};
    point_sign(&keys, &f, at, &c);
    /* Also where nothing is new: an older version, or a bundle, left what was signed without them. */
    TQ_TRY(log_node_grow(s, c.count, err));
    TQ_TRY(points_copy(s, log, pubs, grown ? &c : NULL, err));
    TQ_TRY(log_index_grow(s, c.count, err));
    if (!grown) {
        return TQ_OK;
    }
    TQ_TRY(line_append(a, dir, log, &c, err));
    frontier_save(a, dir, &f);
    return TQ_OK;
}
