/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SECRETS_H
#define TQ_SECRETS_H

/* What people know and carry: passwords (argon2id over libsodium), bearer tokens, one-time codes
 * (RFC 6238 over libcrypto), and the sealing of secrets that must be read back. */

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include <stdint.h>

#define PASSWORD_BYTES_MAX 256 /* longer ones are refused before any work is done */
#define PASSWORD_HASH_ROOM 128

typedef struct password_hash {
    char text[PASSWORD_HASH_ROOM]; /* "$argon2id$…", with its own salt and parameters */
} password_hash;

/* argon2id with 32 MiB and three passes: about 60 ms. At most PASSWORD_SLOTS run at a time in the
 * process and PASSWORD_QUEUE wait; beyond that BUSY/password_queue. Never call it inside a
 * transaction. LIMIT/password_length above PASSWORD_BYTES_MAX. */
#define PASSWORD_SLOTS 2
#define PASSWORD_QUEUE 16
TQ_MUST_CHECK tq_code password_hash_make(str password, password_hash *out, tq_err *err);
/* `hash` may be "": the same work is done on a hash of nobody's, and *right is false. */
TQ_MUST_CHECK tq_code password_hash_check(str hash, str password, bool *right, tq_err *err);
/* Runs of argon2 since the process began: that work is equal is tested by counting it. */
int64_t password_hash_runs(void);

/* A bearer secret of 256 bits in 43 characters of base64url. What is stored is its SHA-256. */
#define BEARER_CHARS 43
typedef struct bearer {
    char text[BEARER_CHARS + 1];
} bearer;
bearer bearer_new(void);
bearer bearer_of(const uint8_t raw[32]); /* the same letters for bytes that are known */

/* 80 bits in four groups of four letters and digits that are not mistaken for each other (no 0 1 I O):
 * "K7QP-4M2X-…". printed_code_fold takes blanks and dashes out, raises to capitals and says whether
 * it could be such a code. */
#define PRINTED_CODE_CHARS 16
typedef struct printed_code {
    char text[PRINTED_CODE_CHARS + 4];
} printed_code;
printed_code printed_code_new(void);
bool printed_code_fold(str typed, char out[PRINTED_CODE_CHARS + 1]);

/* Authenticator apps: RFC 6238 over RFC 4226, HMAC-SHA-1, steps of 30 seconds. */
#define TOTP_SECRET_BYTES 20
#define TOTP_STEP_SECONDS 30
#define TOTP_DIGITS 6
uint32_t totp_code(const uint8_t *secret, size_t len, int64_t step, int digits);
/* Secret in base32 (RFC 4648 without padding), as apps take it by hand. */
void totp_base32(const uint8_t secret[TOTP_SECRET_BYTES], char out[33]);

/* XChaCha20-Poly1305: nonce, tag and bytes. `context` (whose secret, which purpose) must be the same
 * to open it. `out` has room for plain.len + SEAL_EXTRA. */
#define SEAL_EXTRA 40
#define SEAL_KEY_BYTES 32
void seal(const uint8_t key[SEAL_KEY_BYTES], str context, str plain, uint8_t *out);
/* False where key, context or bytes differ. `out` has room for sealed.len - SEAL_EXTRA. */
bool unseal(const uint8_t key[SEAL_KEY_BYTES], str context, str sealed, uint8_t *out);

/* Equal, in a time that does not depend on where they differ. */
bool secret_eq(str a, str b);
/* Overwrites in a way the compiler keeps. */
void secret_wipe(void *bytes, size_t len);

#endif
