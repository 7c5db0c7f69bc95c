/* SPDX-License-Identifier: Apache-2.0 */
#include "store/checkpoint_inner.h"

#include "base/canon.h"
#include "base/file.h"

tq_code checkpoint_bad(tq_err *err, const char *what)
{
    return tq_fail(err, TQ_CORRUPT, "checkpoint_form", CHECKPOINT_LOG, "%s", what);
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
    if (c->has_sm2) {
        hex_add(&to, "sm2key", c->sm2_pub, sizeof c->sm2_pub);
    }
    if (with_sig) {
        hex_add(&to, "sig", c->sig, sizeof c->sig);
    }
    if (with_sig && c->has_sm2) {
        hex_add(&to, "sm2sig", c->sm2_sig, sizeof c->sm2_sig);
    }
    canon_close(&to);
}

void checkpoint_print(const checkpoint *c, buf *out)
{
    print(c, true, out);
}

void checkpoint_print_signed(const checkpoint *c, buf *out)
{
    print(c, false, out);
}

bool checkpoint_hex_read(const canon_node *object, const char *key, uint8_t *out, size_t n)
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

/* Both SM2 members or neither. */
static bool sm2_read(const canon_node *object, checkpoint *c)
{
    c->has_sm2 = canon_get(object, "sm2key") != NULL;
    return !c->has_sm2 || (checkpoint_hex_read(object, "sm2key", c->sm2_pub, sizeof c->sm2_pub) &&
                           checkpoint_hex_read(object, "sm2sig", c->sm2_sig, sizeof c->sm2_sig));
}

tq_code checkpoint_parse(str line, checkpoint *out, tq_err *err)
{
    if (line.len > CHECKPOINT_TEXT_MAX) {
        return checkpoint_bad(err, "the line is longer than a checkpoint");
    }
    ARENA_AUTO arena *a = arena_new("checkpoint", 64 * 1024);
    const canon_node *object = NULL;
    checkpoint c = {0};
    if (canon_read(line, a, &object, NULL) != TQ_OK || object->type != CANON_OBJECT ||
        canon_need_int(object, "count", &c.count, NULL) != TQ_OK ||
        canon_need_int(object, "at", &c.at.us, NULL) != TQ_OK ||
        !checkpoint_hex_read(object, "sha256", c.sha256.b, sizeof c.sha256.b) ||
        !checkpoint_hex_read(object, "sm3", c.sm3.b, sizeof c.sm3.b) ||
        !checkpoint_hex_read(object, "key", c.pub, sizeof c.pub) ||
        !checkpoint_hex_read(object, "sig", c.sig, sizeof c.sig) || c.count < 0 ||
        !sm2_read(object, &c)) {
        return checkpoint_bad(err, "the line is no checkpoint");
    }
    BUF_AUTO buf again = buf_max(CHECKPOINT_TEXT_MAX);
    print(&c, true, &again);
    if (!str_eq(buf_view(&again), line)) {
        return checkpoint_bad(err, "the line is not written as a checkpoint is");
    }
    buf_clear(&again);
    print(&c, false, &again);
    if (!sign_check(c.pub, buf_view(&again), c.sig)) {
        return checkpoint_bad(err, "the signature does not fit");
    }
    if (c.has_sm2 && !sm2_check(c.sm2_pub, buf_view(&again), c.sm2_sig)) {
        return checkpoint_bad(err, "the SM2 signature does not fit");
    }
    *out = c;
    return TQ_OK;
}

/* --- the files of the folder ------------------------------------------------------------------------ */

const char *checkpoint_path(arena *a, const char *dir, const char *name)
{
    TQ_ASSERT(dir != NULL);
    return arena_printf(a, "%s/%s", dir, name).data;
}

tq_code checkpoint_file(arena *a, const char *dir, const char *name, size_t max, str *out,
                        tq_err *err)
{
    const char *path = checkpoint_path(a, dir, name);
    *out = (str){0};
    return file_exists(path) ? file_read(path, max, a, out, err) : TQ_OK;
}

bool checkpoint_next(str *rest, str *line)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    if (end == NULL) {
        return false;
    }
    *line = (str){rest->data, (size_t)(end - rest->data)};
    *rest = (str){end + 1, rest->len - line->len - 1};
    return true;
}

tq_code checkpoint_pubs(const char *dir, arena *a, str *out, tq_err *err)
{
    return checkpoint_file(a, dir, CHECKPOINT_PUB, CHECKPOINT_PUB_MAX, out, err);
}

static bool pub_listed(str pubs, str wanted)
{
    for (str line; checkpoint_next(&pubs, &line);) {
        if (str_eq(line, wanted)) {
            return true;
        }
    }
    return false;
}

void checkpoint_pub_line(const uint8_t *pub, size_t n, buf *out)
{
    if (n == SM2_PUB_BYTES) {
        buf_text(out, "sm2 ");
    }
    buf_hex(out, pub, n);
}

bool checkpoint_pub_form(str line)
{
    digest d;
    const str mark = STR("sm2 ");
    const size_t hex = 2 * sizeof d.b;
    if (line.len == hex) {
        return digest_from_hex(line, &d);
    }
    return line.len == mark.len + 2 * hex && str_eq((str){line.data, mark.len}, mark) &&
           digest_from_hex((str){line.data + mark.len, hex}, &d) &&
           digest_from_hex((str){line.data + mark.len + hex, hex}, &d);
}

tq_code checkpoint_known(str pubs, const checkpoint *c, tq_err *err)
{
    BUF_AUTO buf line = buf_max(256);
    checkpoint_pub_line(c->pub, sizeof c->pub, &line);
    if (!pub_listed(pubs, buf_view(&line))) {
        return checkpoint_bad(err, "the key is not one of checkpoint.pub");
    }
    buf_clear(&line);
    checkpoint_pub_line(c->sm2_pub, sizeof c->sm2_pub, &line);
    if (c->has_sm2 && !pub_listed(pubs, buf_view(&line))) {
        return checkpoint_bad(err, "the SM2 key is not one of checkpoint.pub");
    }
    return TQ_OK;
}
