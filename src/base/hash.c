/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct hasher {
    EVP_MD_CTX *ctx;
    hash_kind kind;
};

static const char *const hash_names[] = {[HASH_SHA256] = "SHA256", [HASH_SM3] = "SM3"};
#define HASH_KINDS TQ_COUNT(hash_names)

/* Fetching an algorithm costs more than hashing a leaf, so both are fetched once, and every thread
 * keeps a context per kind for one-shot digests. */
static EVP_MD *fetched[HASH_KINDS];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;
static _Thread_local EVP_MD_CTX *thread_ctx[HASH_KINDS];
static _Thread_local hasher thread_hashers[HASH_KINDS];

TQ_NORETURN static void crypto_broken(const char *what)
{
    (void)fprintf(stderr, "tongquan: libcrypto cannot do %s\n", what);
    abort();
}

static void ctx_free_all(void *contexts)
{
    EVP_MD_CTX **ctx = contexts;
    for (size_t i = 0; i < HASH_KINDS; i++) {
        EVP_MD_CTX_free(ctx[i]);
        ctx[i] = NULL;
    }
}

static void fetch_all(void)
{
    for (size_t i = 0; i < HASH_KINDS; i++) {
        fetched[i] = EVP_MD_fetch(NULL, hash_names[i], NULL);
        if (fetched[i] == NULL || EVP_MD_get_size(fetched[i]) != (int)sizeof(digest)) {
            crypto_broken(hash_names[i]);
        }
    }
    if (pthread_key_create(&thread_end, ctx_free_all) != 0) {
        crypto_broken("thread keys");
    }
}

static EVP_MD_CTX *ctx_new(hash_kind kind)
{
    TQ_ASSERT((size_t)kind < HASH_KINDS);
    if (pthread_once(&once, fetch_all) != 0) {
        crypto_broken("one-time start");
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestInit_ex2(ctx, fetched[kind], NULL) != 1) {
        crypto_broken(hash_names[kind]);
    }
    return ctx;
}

static hasher *hasher_of_thread(hash_kind kind)
{
    TQ_ASSERT((size_t)kind < HASH_KINDS);
    hasher *h = &thread_hashers[kind];
    if (h->ctx == NULL) {
        h->ctx = thread_ctx[kind] = ctx_new(kind);
        h->kind = kind;
        if (pthread_setspecific(thread_end, thread_ctx) != 0) {
            crypto_broken("thread keys");
        }
    }
    return h;
}

hasher *hasher_new(hash_kind kind)
{
    hasher *h = malloc(sizeof *h);
    if (h == NULL) {
        crypto_broken(hash_names[kind]);
    }
    *h = (hasher){.ctx = ctx_new(kind), .kind = kind};
    return h;
}

void hasher_add(hasher *h, str bytes)
{
    if (bytes.len > 0 && EVP_DigestUpdate(h->ctx, bytes.data, bytes.len) != 1) {
        crypto_broken(hash_names[h->kind]);
    }
}

digest hasher_end(hasher *h)
{
    digest d;
    if (EVP_DigestFinal_ex(h->ctx, d.b, NULL) != 1 || EVP_DigestInit_ex2(h->ctx, NULL, NULL) != 1) {
        crypto_broken(hash_names[h->kind]);
    }
    return d;
}

void hasher_free(hasher *h)
{
    if (h != NULL) {
        EVP_MD_CTX_free(h->ctx);
        free(h);
    }
}

digest hash_parts(hash_kind kind, const str *parts, size_t n)
{
    hasher *h = hasher_of_thread(kind);
    for (size_t i = 0; i < n; i++) {
        hasher_add(h, parts[i]);
    }
    return hasher_end(h);
}

digest hash_of(hash_kind kind, str bytes)
{
    return hash_parts(kind, &bytes, 1);
}

digest hmac_sha256(str key, str bytes)
{
    digest d;
    unsigned len = 0;
    TQ_ASSERT(key.len > 0 && key.len < 1024);
    TQ_ASSERT(HMAC(EVP_sha256(), key.data, (int)key.len, (const unsigned char *)bytes.data,
                   bytes.len, d.b, &len) != NULL);
    TQ_ASSERT(len == sizeof d.b);
    return d;
}

bool digest_eq(digest a, digest b)
{
    return CRYPTO_memcmp(a.b, b.b, sizeof a.b) == 0;
}

void digest_hex(digest d, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof d.b; i++) {
        out[2 * i] = digits[d.b[i] >> 4];
        out[2 * i + 1] = digits[d.b[i] & 15];
    }
    out[64] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_from_hex(str hex, digest *out)
{
    digest d = {0};
    if (hex.len != 2 * sizeof d.b) {
        return false;
    }
    for (size_t i = 0; i < sizeof d.b; i++) {
        const int high = hex_value(hex.data[2 * i]);
        const int low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        d.b[i] = (uint8_t)(high * 16 + low);
    }
    *out = d;
    return true;
}

void random_bytes(uint8_t *out, size_t n)
{
    size_t have = 0;
    while (have < n) {
        const ssize_t got = getrandom(out + have, n - have, 0);
        if (got < 0 && errno != EINTR) {
            (void)fprintf(stderr, "tongquan: the kernel gives no random bytes\n");
            abort();
        }
        have += got > 0 ? (size_t)got : 0;
    }
}

static EVP_PKEY *pkey_of_seed(const uint8_t seed[32])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
    if (key == NULL) {
        crypto_broken("ED25519");
    }
    return key;
}

void sign_key_of_seed(const uint8_t seed[32], sign_key *out)
{
    EVP_PKEY *key = pkey_of_seed(seed);
    memmove(out->seed, seed, sizeof out->seed);
    size_t len = sizeof out->pub;
    if (EVP_PKEY_get_raw_public_key(key, out->pub, &len) != 1 || len != sizeof out->pub) {
        crypto_broken("ED25519");
    }
    EVP_PKEY_free(key);
}

void sign_key_new(sign_key *out)
{
    uint8_t seed[32];
    random_bytes(seed, sizeof seed);
    sign_key_of_seed(seed, out);
    OPENSSL_cleanse(seed, sizeof seed);
}

void sign_bytes(const sign_key *key, str bytes, uint8_t out[64])
{
    EVP_PKEY *pkey = pkey_of_seed(key->seed);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = 64;
    const unsigned char *data = (const unsigned char *)(bytes.data == NULL ? "" : bytes.data);
    if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) != 1 ||
        EVP_DigestSign(ctx, out, &len, data, bytes.len) != 1 || len != 64) {
        crypto_broken("ED25519");
    }
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
}

bool sign_check(const uint8_t pub[32], str bytes, const uint8_t sig[64])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (pkey == NULL || ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1) {
        crypto_broken("ED25519");
    }
    const unsigned char *data = (const unsigned char *)(bytes.data == NULL ? "" : bytes.data);
    /* A point that is not on the curve fails here like any wrong signature. */
    const bool good = EVP_DigestVerify(ctx, sig, 64, data, bytes.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return good;
}
