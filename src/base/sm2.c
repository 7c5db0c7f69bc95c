/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sm2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "base/attrs.h"
#include "base/err.h"
#include "base/hash.h"

#define USER_ID "1234567812345678"
#define POINT_BYTES (1 + SM2_PUB_BYTES) /* 0x04 || x || y */
#define DER_MAX 80

/* Like a hash that fails: a machine on which nothing can be trusted. */
_Noreturn static void broken(const char *what)
{
    (void)fprintf(stderr, "tongquan: libcrypto cannot %s with SM2\n", what);
    abort();
}

static void point_of(const uint8_t pub[SM2_PUB_BYTES], uint8_t out[POINT_BYTES])
{
    out[0] = 4;
    memcpy(out + 1, pub, SM2_PUB_BYTES);
}

/* NULL where the public key is no point of the curve. `secret` may be NULL. */
static EVP_PKEY *pkey_of(const uint8_t *secret, const uint8_t pub[SM2_PUB_BYTES])
{
    uint8_t point[POINT_BYTES];
    EVP_PKEY *key = NULL;
    point_of(pub, point);
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    BIGNUM *d = secret == NULL ? NULL : BN_secure_new();
    bool fine =
        bld != NULL && ctx != NULL && (secret == NULL || BN_bin2bn(secret, 32, d) != NULL) &&
        OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1 &&
        (secret == NULL || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1);
    OSSL_PARAM *params = fine ? OSSL_PARAM_BLD_to_param(bld) : NULL;
    fine = params != NULL && EVP_PKEY_fromdata_init(ctx) == 1;
    if (!fine) {
        broken("make a key");
    }
    if (EVP_PKEY_fromdata(ctx, &key, secret == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                          params) != 1) {
        key = NULL;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    EVP_PKEY_CTX_free(ctx);
    BN_clear_free(d);
    return key;
}

/* 1 <= d < n - 1 (GB/T 32918.1 §6.1), and the point d·G. */
static bool point_from_secret(const uint8_t secret[32], uint8_t pub[SM2_PUB_BYTES])
{
    uint8_t point[POINT_BYTES];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BIGNUM *d = BN_bin2bn(secret, 32, NULL);
    BIGNUM *top = BN_new();
    EC_POINT *p = group == NULL ? NULL : EC_POINT_new(group);
    if (p == NULL || d == NULL || top == NULL || BN_copy(top, EC_GROUP_get0_order(group)) == NULL ||
        BN_sub_word(top, 1) != 1) {
        broken("compute");
    }
    const bool good = !BN_is_zero(d) && BN_cmp(d, top) < 0;
    if (good && (EC_POINT_mul(group, p, d, NULL, NULL, NULL) != 1 ||
                 EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, sizeof point,
                                    NULL) != sizeof point)) {
        broken("compute");
    }
    if (good) {
        memcpy(pub, point + 1, SM2_PUB_BYTES);
    }
    EC_POINT_free(p);
    EC_GROUP_free(group);
    BN_clear_free(d);
    BN_free(top);
    return good;
}

bool sm2_key_of_secret(const uint8_t secret[32], sm2_key *out)
{
    memcpy(out->secret, secret, sizeof out->secret);
    return point_from_secret(secret, out->pub);
}

void sm2_key_new(sm2_key *out)
{
    uint8_t secret[32];
    do {
        random_bytes(secret, sizeof secret);
    } while (!sm2_key_of_secret(secret, out)); /* once in 2^32 */
    OPENSSL_cleanse(secret, sizeof secret);
}

static EVP_MD_CTX *md_begin(EVP_PKEY *key, bool sign)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx = NULL; /* belongs to md */
    if (md == NULL ||
        (sign ? EVP_DigestSignInit(md, &ctx, EVP_sm3(), NULL, key)
              : EVP_DigestVerifyInit(md, &ctx, EVP_sm3(), NULL, key)) != 1 ||
        EVP_PKEY_CTX_set1_id(ctx, USER_ID, sizeof USER_ID - 1) <= 0) {
        broken("begin");
    }
    return md;
}

static const unsigned char *data_of(str bytes)
{
    return (const unsigned char *)(bytes.data == NULL ? "" : bytes.data);
}

void sm2_sign(const sm2_key *key, str bytes, uint8_t out[SM2_SIG_BYTES])
{
    uint8_t der[DER_MAX];
    size_t len = sizeof der;
    EVP_PKEY *pkey = pkey_of(key->secret, key->pub);
    if (pkey == NULL) {
        broken("sign");
    }
    EVP_MD_CTX *md = md_begin(pkey, true);
    if (EVP_DigestSign(md, der, &len, data_of(bytes), bytes.len) != 1) {
        broken("sign");
    }
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    if (sig == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) != 32 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) != 32) {
        broken("sign");
    }
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);
}

/* DER as libcrypto takes it; 0 where it cannot be made. */
static size_t der_of(const uint8_t sig[SM2_SIG_BYTES], uint8_t out[DER_MAX])
{
    ECDSA_SIG *s = ECDSA_SIG_new();
    BIGNUM *r_part = BN_bin2bn(sig, 32, NULL);
    BIGNUM *s_part = BN_bin2bn(sig + 32, 32, NULL);
    unsigned char *at = out;
    if (s == NULL || r_part == NULL || s_part == NULL || ECDSA_SIG_set0(s, r_part, s_part) != 1) {
        broken("check");
    }
    const int len = i2d_ECDSA_SIG(s, NULL);
    const bool fits = len > 0 && len <= DER_MAX && i2d_ECDSA_SIG(s, &at) == len;
    ECDSA_SIG_free(s); /* and both numbers */
    return fits ? (size_t)len : 0;
}

bool sm2_check(const uint8_t pub[SM2_PUB_BYTES], str bytes, const uint8_t sig[SM2_SIG_BYTES])
{
    uint8_t der[DER_MAX];
    const size_t len = der_of(sig, der);
    EVP_PKEY *pkey = len == 0 ? NULL : pkey_of(NULL, pub);
    if (pkey == NULL) {
        return false;
    }
    EVP_MD_CTX *md = md_begin(pkey, false);
    const bool good = EVP_DigestVerify(md, der, len, data_of(bytes), bytes.len) == 1;
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);
    return good;
}
