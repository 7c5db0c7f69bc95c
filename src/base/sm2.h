/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SM2_H
#define TQ_SM2_H

/* SM2 signatures over SM3 (GB/T 32918.2-2016, curve of GB/T 32918.5-2017) by libcrypto, with the user id
 * "1234567812345678" that GM/T 0009 gives to keys without one. */

#include "base/str.h"
#include <stdbool.h>
#include <stdint.h>

#define SM2_PUB_BYTES 64 /* x || y */
#define SM2_SIG_BYTES 64 /* r || s */

typedef struct sm2_key {
    uint8_t secret[32];
    uint8_t pub[SM2_PUB_BYTES];
} sm2_key;

void sm2_key_new(sm2_key *out);
/* False where the bytes are no secret of the curve (0, or not below its order less one). */
bool sm2_key_of_secret(const uint8_t secret[32], sm2_key *out);
void sm2_sign(const sm2_key *key, str bytes, uint8_t out[SM2_SIG_BYTES]);
/* Takes anything: a point that is not on the curve is a wrong signature. */
bool sm2_check(const uint8_t pub[SM2_PUB_BYTES], str bytes, const uint8_t sig[SM2_SIG_BYTES]);

#endif
