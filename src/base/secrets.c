/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secrets.h"

#include <sodium.h>

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SEAL_EXTRA == NONCE_BYTES + TAG_BYTES, "what sealing adds");
_Static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "length of a key");

/* 32 letters and digits that are read back right from paper. */
static const char code_letters[33] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

bearer bearer_of(const uint8_t raw[32])
{
    bearer out = {""};
    (void)sodium_bin2base64(out.text, sizeof out.text, raw, 32,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    TQ_ASSERT(strlen(out.text) == BEARER_CHARS);
    return out;
}

bearer bearer_new(void)
{
    uint8_t raw[32];
    random_bytes(raw, sizeof raw);
    const bearer out = bearer_of(raw);
    secret_wipe(raw, sizeof raw);
    return out;
}

printed_code printed_code_new(void)
{
    uint8_t raw[PRINTED_CODE_CHARS];
    printed_code out = {""};
    size_t n = 0;
    random_bytes(raw, sizeof raw);
    for (size_t i = 0; i < PRINTED_CODE_CHARS; i++) {
        if (i > 0 && i % 4 == 0) {
            out.text[n++] = '-';
        }
        out.text[n++] = code_letters[raw[i] % 32]; /* 32 divides 256: no letter is likelier */
    }
    TQ_ASSERT(n == sizeof out.text - 1);
    secret_wipe(raw, sizeof raw);
    return out;
}

bool printed_code_fold(str typed, char out[PRINTED_CODE_CHARS + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char ch = typed.data[i];
        if (ch == ' ' || ch == '-') {
            continue;
        }
        if (ch >= 'a' && ch <= 'z') {
            ch = (char)(ch - 'a' + 'A');
        }
        if (n == PRINTED_CODE_CHARS || ch == '\0' || strchr(code_letters, ch) == NULL) {
            return false;
        }
        out[n++] = ch;
    }
    out[n] = '\0';
    return n == PRINTED_CODE_CHARS;
}

void seal(const uint8_t key[SEAL_KEY_BYTES], str context, str plain, uint8_t *out)
{
    unsigned long long len = 0;
    TQ_ASSERT(sodium_init() >= 0);
    random_bytes(out, NONCE_BYTES); /* 192 bits: drawn at random they never repeat */
    TQ_ASSERT(crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, &len,
                                                         (const uint8_t *)plain.data, plain.len,
                                                         (const uint8_t *)context.data, context.len,
                                                         NULL, out, key) == 0);
    TQ_ASSERT(len == plain.len + TAG_BYTES);
}

bool unseal(const uint8_t key[SEAL_KEY_BYTES], str context, str sealed, uint8_t *out)
{
    const uint8_t *bytes = (const uint8_t *)sealed.data;
    unsigned long long len = 0;
    TQ_ASSERT(sodium_init() >= 0);
    if (sealed.len < SEAL_EXTRA) {
        return false;
    }
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, &len, NULL, bytes + NONCE_BYTES,
                                                      sealed.len - NONCE_BYTES,
                                                      (const uint8_t *)context.data, context.len,
                                                      bytes, key) == 0;
}

bool secret_eq(str a, str b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.data, b.data, a.len) == 0);
}

void secret_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}
