/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secrets.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

/* RFC 4226 §5.3: HMAC-SHA-1 of the counter, then four bytes from where the last nibble points. */
uint32_t totp_code(const uint8_t *secret, size_t len, int64_t step, int digits)
{
    uint8_t counter[8];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned int mac_len = 0;
    TQ_ASSERT(secret != NULL);
    TQ_ASSERT(len > 0 && len <= 64);
    TQ_ASSERT(digits >= 6 && digits <= 8);
    for (int i = 0; i < 8; i++) {
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    }
    TQ_ASSERT(HMAC(EVP_sha1(), secret, (int)len, counter, sizeof counter, mac, &mac_len) != NULL);
    TQ_ASSERT(mac_len == 20);
    const unsigned at = mac[19] & 0x0FU;
    const uint32_t word = ((uint32_t)mac[at] & 0x7FU) << 24 | (uint32_t)mac[at + 1] << 16 |
                          (uint32_t)mac[at + 2] << 8 | (uint32_t)mac[at + 3];
    uint32_t modulus = 1;
    for (int i = 0; i < digits; i++) {
        modulus *= 10;
    }
    return word % modulus;
}

/* RFC 4648 §6: five bits a letter; 160 bits need no padding. */
void totp_base32(const uint8_t secret[TOTP_SECRET_BYTES], char out[33])
{
    static const char letters[33] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    _Static_assert(TOTP_SECRET_BYTES * 8 == 32 * 5, "no letter is left half full");
    for (unsigned i = 0; i < 32; i++) {
        const unsigned bit = i * 5;
        const unsigned next = bit / 8 + 1 < TOTP_SECRET_BYTES ? secret[bit / 8 + 1] : 0;
        const unsigned two = (unsigned)secret[bit / 8] << 8 | next;
        out[i] = letters[two >> (11 - bit % 8) & 31U];
    }
    out[32] = '\0';
}
