/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_HASH_H
#define TQ_HASH_H

/* SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016) over libcrypto, Ed25519 (RFC 8032), randomness. */

#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

typedef enum hash_kind { HASH_SHA256, HASH_SM3 } hash_kind;

typedef struct digest {
    uint8_t b[32];
} digest;

/* One-shot over the concatenation of n slices. libcrypto failing here is a broken machine: aborts. */
digest hash_parts(hash_kind kind, const str *parts, size_t n);
digest hash_of(hash_kind kind, str bytes);

typedef struct hasher hasher;
hasher *hasher_new(hash_kind kind);
void hasher_add(hasher *h, str bytes);
digest hasher_end(hasher *h); /* and resets, ready for the next content */
void hasher_free(hasher *h);

digest hmac_sha256(str key, str bytes); /* RFC 2104 */

bool digest_eq(digest a, digest b);
void digest_hex(digest d, char out[65]);
bool digest_from_hex(str hex, digest *out); /* 64 lower-case digits */

/* Keyed 128-bit digest (SipHash-2-4-128) for in-memory tables whose keys an attacker may choose. */
typedef struct sip_key {
    uint8_t b[16];
} sip_key;
void sip128(const sip_key *key, str bytes, uint64_t out[2]);

void random_bytes(uint8_t *out, size_t n); /* from the kernel; aborts if it cannot */

typedef struct sign_key {
    uint8_t seed[32];
    uint8_t pub[32];
} sign_key;
void sign_key_new(sign_key *out);
void sign_key_of_seed(const uint8_t seed[32], sign_key *out);
void sign_bytes(const sign_key *key, str bytes, uint8_t out[64]);
bool sign_check(const uint8_t pub[32], str bytes, const uint8_t sig[64]);

#endif
