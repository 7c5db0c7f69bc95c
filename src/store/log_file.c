/* SPDX-License-Identifier: Apache-2.0 */
#include "store/log_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canon.h"
#include "base/file.h"
#include "store/checkpoint_inner.h"
#include "store/event_store.h"
#include "store/verify_inner.h"

#define PAGE 256
#define LINE_ARENA_MAX ((size_t)128 * 1024 * 1024)

/* --- writing --------------------------------------------------------------------------------------- */

typedef struct writer {
    FILE *out;
    hasher *h;
    int64_t count; /* events of the file */
} writer;

static void put(writer *w, const buf *line)
{
    hasher_add(w->h, buf_view(line));
    hasher_add(w->h, STR("\n"));
    (void)fwrite(line->data, 1, line->len, w->out);
    (void)fputc('\n', w->out);
}

static void put_head(writer *w, int64_t events)
{
    BUF_AUTO buf line = buf_max(256);
    canon c = canon_to(&line);
    canon_open(&c);
    canon_kstr(&c, "tongquan", STR("log"));
    canon_kint(&c, "v", 1);
    canon_kint(&c, "events", events);
    canon_close(&c);
    put(w, &line);
}

static void put_event(writer *w, const event_record *e)
{
    BUF_AUTO buf line = buf_max(LOG_FILE_LINE_MAX);
    char hex[2][65];
    digest_hex(tree_leaf(HASH_SHA256, e->body), hex[HASH_SHA256]);
    digest_hex(tree_leaf(HASH_SM3, e->body), hex[HASH_SM3]);
    canon c = canon_to(&line);
    canon_open(&c);
    canon_kint(&c, "seq", e->seq);
    canon_kstr(&c, "sha256", str_of(hex[HASH_SHA256]));
    canon_kstr(&c, "sm3", str_of(hex[HASH_SM3]));
    canon_key(&c, "body");
    canon_raw(&c, e->body);
    canon_close(&c);
    put(w, &line);
}

static tq_code put_events(writer *w, store_tx *tx, int64_t count, tq_err *err)
{
    for (int64_t seq = 0; seq < count;) {
        ROWS_AUTO store_rows r = {0};
        int64_t before = seq;
        TQ_TRY(store_query(tx, STMT_EVENT_PAGE, ARGS(arg_int(seq), arg_int(PAGE)), &r, err));
        for (bool more = true; seq < count;) {
            event_record e = {0};
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            event_record_read(&r, &e);
            if (e.seq != ++seq) {
                return tq_fail(err, TQ_CORRUPT, "event_gap", "event",
                               "the log is not whole at number %lld", (long long)seq);
            }
            put_event(w, &e);
        }
        if (seq == before) {
            return tq_fail(err, TQ_CORRUPT, "event_gap", "event", "the log ends before number %lld",
                           (long long)count);
        }
    }
    return TQ_OK;
}

/* Only checkpoints over what the file has: one may have been signed since the snapshot. */
static tq_code put_point(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    writer *w = ctx;
    BUF_AUTO buf point = buf_max(CHECKPOINT_TEXT_MAX);
    BUF_AUTO buf line = buf_max(2 * CHECKPOINT_TEXT_MAX);
    if (c->count > w->count) {
        return TQ_OK;
    }
    checkpoint_print(c, &point);
    canon to = canon_to(&line);
    canon_open(&to);
    canon_key(&to, "checkpoint");
    canon_raw(&to, buf_view(&point));
    canon_close(&to);
    put(w, &line);
    return TQ_OK;
}

static void put_pair(writer *w, const char *key, str value)
{
    BUF_AUTO buf line = buf_max(1024);
    canon c = canon_to(&line);
    canon_open(&c);
    canon_kstr(&c, key, value);
    canon_close(&c);
    put(w, &line);
}

static tq_code put_all(writer *w, store *s, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("log export", 2 * CHECKPOINT_LOG_MAX);
    str pubs = {0};
    TX_AUTO store_tx *tx = NULL;
    int64_t count = 0;
    TQ_TRY(checkpoint_pubs(store_dir(s), a, &pubs, err));
    TQ_TRY(event_sequence(s, err));
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &count, err));
    put_head(w, count);
    TQ_TRY(put_events(w, tx, count, err));
    for (str line; checkpoint_next(&pubs, &line);) {
        put_pair(w, "key", line);
    }
    w->count = count;
    return checkpoint_each(store_dir(s), put_point, w, err);
}

static void file_close(FILE **f)
{
    if (*f != NULL) {
        (void)fclose(*f);
    }
}

static void hasher_drop(hasher **h)
{
    hasher_free(*h);
}

tq_code log_export(store *s, const char *path, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_CLEANUP(hasher_drop) hasher *h = hasher_new(HASH_SHA256);
    TQ_CLEANUP(file_close) FILE *out = fopen(path, "wbe");
    if (out == NULL) {
        return tq_fail(err, TQ_IO, "log_write", path, "the file could not be made: %s",
                       strerror(errno));
    }
    writer w = {.out = out, .h = h};
    TQ_TRY(put_all(&w, s, err));
    char hex[65];
    digest_hex(hasher_end(h), hex);
    put_pair(&w, "end", str_of(hex));
    if (fflush(out) != 0 || ferror(out) != 0) {
        return tq_fail(err, TQ_IO, "log_write", path, "the file could not be written: %s",
                       strerror(errno));
    }
    return TQ_OK;
}

/* --- checking -------------------------------------------------------------------------------------- */

typedef struct reader {
    str pubs; /* trusted; "": those of the file itself */
    buf own;  /* keys that the file names */
    tree trees[2];
    int64_t events; /* that the head says */
    checkpoint *points;
    int64_t n_points;
    int64_t line;
    bool ended, both;
    hasher *h;
    arena *a;
    log_said *said;
} reader;

static tq_code bad(const reader *r, tq_err *err, const char *what)
{
    return tq_fail(err, TQ_CORRUPT, "log_file", "log", "line %lld: %s", (long long)r->line, what);
}

static bool hex_is(const canon_node *object, const char *key, digest d)
{
    str text = {0};
    digest said;
    return canon_need_str(object, key, &text, NULL) == TQ_OK && digest_from_hex(text, &said) &&
           digest_eq(said, d);
}

static tq_code event_line(reader *r, const canon_node *o, tq_err *err)
{
    int64_t seq = 0;
    const canon_node *body = canon_get(o, "body");
    if (o->count != 4 || body == NULL || canon_need_int(o, "seq", &seq, NULL) != TQ_OK ||
        r->own.len > 0) {
        return bad(r, err, "the line is no event, or out of order");
    }
    if (seq != r->trees[HASH_SHA256].count + 1) {
        return tq_fail(err, TQ_CORRUPT, "event_gap", "event",
                       "line %lld: event %lld stands where %lld should", (long long)r->line,
                       (long long)seq, (long long)r->trees[HASH_SHA256].count + 1);
    }
    for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
        const digest leaf = tree_leaf((hash_kind)k, body->raw);
        if (!hex_is(o, k == HASH_SM3 ? "sm3" : "sha256", leaf)) {
            return tq_fail(err, TQ_CORRUPT, "event_leaf", "event",
                           "line %lld: event %lld is not what was hashed", (long long)r->line,
                           (long long)seq);
        }
        tree_add(&r->trees[k], leaf);
    }
    return TQ_OK;
}

static tq_code point_line(reader *r, const canon_node *o, tq_err *err)
{
    checkpoint c;
    tq_code code = checkpoint_parse(canon_get(o, "checkpoint")->raw, &c, err);
    if (code == TQ_OK) {
        code = checkpoint_known(r->pubs.len > 0 ? r->pubs : buf_view(&r->own), &c, err);
    }
    if (code != TQ_OK) {
        (void)tq_err_at(err, "line %lld", (long long)r->line);
        return code;
    }
    if (o->count != 1 || c.count < r->said->last.count || (r->both && !c.has_sm2)) {
        return bad(r, err, "the checkpoint does not follow the one before");
    }
    r->both = c.has_sm2;
    r->said->last = c;
    r->said->checkpoints++;
    if (r->n_points % 256 == 0) {
        checkpoint *more = realloc(r->points, sizeof *more * (size_t)(r->n_points + 256));
        if (more == NULL) {
            return tq_fail(err, TQ_IO, "memory", NULL, "no memory left for checkpoints");
        }
        r->points = more;
    }
    r->points[r->n_points++] = c;
    return TQ_OK;
}

static tq_code end_line(reader *r, const canon_node *o, tq_err *err)
{
    if (o->count != 1 || !hex_is(o, "end", hasher_end(r->h))) {
        return bad(r, err, "the file is not the one that was written");
    }
    if (r->trees[HASH_SHA256].count != r->events) {
        return bad(r, err, "there are not as many events as the head says");
    }
    r->ended = true;
    return TQ_OK;
}

static tq_code log_line(reader *r, str text, tq_err *err)
{
    const canon_node *o = NULL;
    arena_reset(r->a);
    if (canon_read(text, r->a, &o, NULL) != TQ_OK || o->type != CANON_OBJECT || o->count == 0 ||
        r->ended) {
        return bad(r, err, "the line is not canonical text, or something follows the end");
    }
    str word = {0};
    if (canon_get(o, "end") != NULL) {
        return end_line(r, o, err);
    }
    hasher_add(r->h, text);
    hasher_add(r->h, STR("\n"));
    if (r->line == 1) {
        return o->count == 3 && canon_need_int(o, "events", &r->events, NULL) == TQ_OK
                   ? TQ_OK
                   : bad(r, err, "the head is malformed");
    }
    if (canon_get(o, "checkpoint") != NULL) {
        return point_line(r, o, err);
    }
    if (canon_get(o, "key") != NULL) {
        if (o->count != 1 || canon_need_str(o, "key", &word, NULL) != TQ_OK ||
            !checkpoint_pub_form(word)) {
            return bad(r, err, "the key is malformed");
        }
        buf_str_add(&r->own, word);
        buf_char(&r->own, '\n');
        return TQ_OK;
    }
    return event_line(r, o, err);
}

/* A line of a checkpoint chain stands alone, without an exported log around it. */
static tq_code chain_line(reader *r, str text, tq_err *err)
{
    checkpoint c;
    tq_code code = checkpoint_parse(text, &c, err);
    if (code == TQ_OK && r->pubs.len > 0) {
        code = checkpoint_known(r->pubs, &c, err);
    }
    if (code != TQ_OK) {
        (void)tq_err_at(err, "line %lld", (long long)r->line);
        return code;
    }
    if (c.count < r->said->last.count || (r->both && !c.has_sm2)) {
        return bad(r, err, "the checkpoint does not follow the one before");
    }
    r->both = c.has_sm2;
    r->said->last = c;
    r->said->checkpoints++;
    return TQ_OK;
}

static tq_code receipt_line(reader *r, str text, tq_err *err)
{
    log_proof p;
    arena_reset(r->a);
    if (r->line != 1) {
        return bad(r, err, "a receipt has one line");
    }
    TQ_TRY(receipt_read(text, r->a, &p, err));
    if (r->pubs.len > 0) {
        TQ_TRY(checkpoint_known(r->pubs, &p.point, err));
    }
    r->said->events = 1;
    r->said->checkpoints = 1;
    r->said->last = p.point;
    return TQ_OK;
}

static const struct {
    const char *begin, *name;
    tq_code (*line)(reader *r, str text, tq_err *err);
} kinds[] = {
    {"{\"tongquan\":\"receipt\"", "receipt", receipt_line},
    {"{\"tongquan\":\"log\"", "log", log_line},
    {"{\"count\":", "checkpoints", chain_line},
};

static tq_code lines(reader *r, FILE *in, tq_err *err)
{
    char *line = NULL;
    size_t room = 0;
    tq_code code = TQ_OK;
    size_t kind = TQ_COUNT(kinds);
    for (ssize_t n; code == TQ_OK && (n = getline(&line, &room, in)) > 0;) {
        r->line++;
        const str text = {line, (size_t)n - (line[n - 1] == '\n')};
        for (size_t i = 0; r->line == 1 && i < TQ_COUNT(kinds); i++) {
            kind = str_starts(text, str_of(kinds[i].begin)) ? i : kind;
        }
        if (kind == TQ_COUNT(kinds) || line[n - 1] != '\n' || text.len > LOG_FILE_LINE_MAX) {
            code = bad(r, err,
                       "this is neither a receipt nor a log nor a chain of checkpoints, or its end "
                       "is missing");
            break;
        }
        r->said->kind = kinds[kind].name;
        code = kinds[kind].line(r, text, err);
    }
    free(line);
    if (code == TQ_OK &&
        (kind == TQ_COUNT(kinds) || (strcmp(kinds[kind].name, "log") == 0 && !r->ended))) {
        code = bad(r, err, "the end of the file is missing");
    }
    return code;
}

/* Checkpoints stand behind the events: the log is walked once more, over its leaves alone. */
static tq_code point_roots(reader *r, FILE *in, tq_err *err)
{
    char *line = NULL;
    size_t room = 0;
    tree t[2] = {tree_begin(HASH_SHA256), tree_begin(HASH_SM3)};
    int64_t next = 0;
    tq_code code = TQ_OK;
    rewind(in);
    for (ssize_t n = getline(&line, &room, in); code == TQ_OK && next < r->n_points;) {
        const checkpoint *c = &r->points[next];
        if (t[0].count == c->count) {
            const int64_t before = next == 0 ? 0 : r->points[next - 1].count;
            if (!digest_eq(tree_root(&t[HASH_SHA256]), c->sha256) ||
                !digest_eq(tree_root(&t[HASH_SM3]), c->sm3)) {
                code = tq_fail(err, TQ_CORRUPT, "checkpoint_root", "checkpoint",
                               "line %lld: events %lld..%lld are not those that were signed",
                               (long long)before + 2, (long long)before + 1, (long long)c->count);
            }
            next++;
            continue;
        }
        const canon_node *o = NULL;
        n = getline(&line, &room, in);
        arena_reset(r->a);
        const canon_node *body =
            n <= 0 || canon_read((str){line, (size_t)n - 1}, r->a, &o, NULL) != TQ_OK
                ? NULL
                : canon_get(o, "body");
        if (body == NULL) {
            code = tq_fail(err, TQ_CORRUPT, "log_cut", "event",
                           "a checkpoint is over %lld events, the file has %lld",
                           (long long)c->count, (long long)t[0].count);
            continue;
        }
        tree_add(&t[HASH_SHA256], tree_leaf(HASH_SHA256, body->raw));
        tree_add(&t[HASH_SM3], tree_leaf(HASH_SM3, body->raw));
    }
    free(line);
    return code;
}

tq_code log_file_check(const char *path, str pubs, log_said *out, tq_err *err)
{
    TQ_ASSERT(path != NULL);
    ARENA_AUTO arena *a = arena_new("log line", LINE_ARENA_MAX);
    TQ_CLEANUP(hasher_drop) hasher *h = hasher_new(HASH_SHA256);
    TQ_CLEANUP(file_close) FILE *in = fopen(path, "rbe");
    *out = (log_said){.kind = ""};
    if (in == NULL) {
        return tq_fail(err, TQ_NOT_FOUND, "no_file", path, "the file cannot be opened");
    }
    reader r = {.pubs = pubs,
                .own = buf_max(64 * 1024),
                .h = h,
                .a = a,
                .said = out,
                .trees = {tree_begin(HASH_SHA256), tree_begin(HASH_SM3)}};
    tq_code code = lines(&r, in, err);
    if (code == TQ_OK && strcmp(out->kind, "log") == 0) {
        code = point_roots(&r, in, err);
        out->events = out->last.count;
        out->unsigned_ = r.events - out->last.count;
    }
    buf_free(&r.own);
    free(r.points);
    return code;
}
