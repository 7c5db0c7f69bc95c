/* SPDX-License-Identifier: Apache-2.0 */
#include "store/seal.h"

#include "store/checkpoint_inner.h"

#define SIGNED_MAX 1024

static void hex_add(canon *c, const char *key, const uint8_t *bytes, size_t n)
{
    BUF_AUTO buf hex = buf_max(256);
    buf_hex(&hex, bytes, n);
    canon_kstr(c, key, buf_view(&hex));
}

static void keys_add(canon *c, const checkpoint *by)
{
    hex_add(c, "key", by->pub, sizeof by->pub);
    hex_add(c, "sm2key", by->sm2_pub, sizeof by->sm2_pub);
}

/* Of a checkpoint only keys and signatures are used here. */
static void print_signed(const char *of, const checkpoint *by, const str *parts, size_t n, buf *out)
{
    const digest sha256 = hash_parts(HASH_SHA256, parts, n);
    const digest sm3 = hash_parts(HASH_SM3, parts, n);
    canon c = canon_to(out);
    canon_open(&c);
    canon_kstr(&c, "tongquan", STR("seal"));
    canon_kstr(&c, "of", str_of(of));
    hex_add(&c, "sha256", sha256.b, sizeof sha256.b);
    hex_add(&c, "sm3", sm3.b, sizeof sm3.b);
    keys_add(&c, by);
    canon_close(&c);
    TQ_ASSERT(buf_ok(out));
}

tq_code seal_make(store *s, const char *of, const str *parts, size_t n, buf *out, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("seal", (size_t)1024 * 1024);
    BUF_AUTO buf text = buf_max(SIGNED_MAX);
    checkpoint_keys keys;
    checkpoint by = {.has_sm2 = true};
    TQ_TRY(checkpoint_keys_of_site(s, a, &keys, err));
    memcpy(by.pub, keys.ed.pub, sizeof by.pub);
    memcpy(by.sm2_pub, keys.sm2.pub, sizeof by.sm2_pub);
    print_signed(of, &by, parts, n, &text);
    sign_bytes(&keys.ed, buf_view(&text), by.sig);
    sm2_sign(&keys.sm2, buf_view(&text), by.sm2_sig);
    canon c = canon_to(out);
    canon_open(&c);
    keys_add(&c, &by);
    hex_add(&c, "sig", by.sig, sizeof by.sig);
    hex_add(&c, "sm2sig", by.sm2_sig, sizeof by.sm2_sig);
    canon_close(&c);
    return TQ_OK;
}

tq_code seal_check(const canon_node *o, const char *of, str pubs, const str *parts, size_t n,
                   tq_err *err)
{
    checkpoint by = {.has_sm2 = true};
    BUF_AUTO buf text = buf_max(SIGNED_MAX);
    if (o == NULL || o->type != CANON_OBJECT ||
        !checkpoint_hex_read(o, "key", by.pub, sizeof by.pub) ||
        !checkpoint_hex_read(o, "sm2key", by.sm2_pub, sizeof by.sm2_pub) ||
        !checkpoint_hex_read(o, "sig", by.sig, sizeof by.sig) ||
        !checkpoint_hex_read(o, "sm2sig", by.sm2_sig, sizeof by.sm2_sig)) {
        return tq_fail(err, TQ_CORRUPT, "seal", of, "the seal is missing or malformed");
    }
    print_signed(of, &by, parts, n, &text);
    if (!sign_check(by.pub, buf_view(&text), by.sig) ||
        !sm2_check(by.sm2_pub, buf_view(&text), by.sm2_sig)) {
        return tq_fail(err, TQ_CORRUPT, "seal", of, "it is not what was sealed");
    }
    return pubs.len == 0 ? TQ_OK : checkpoint_known(pubs, &by, err);
}
