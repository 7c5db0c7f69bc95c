/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

/* SipHash-2-4 with 128 bits of result (Aumasson, Bernstein 2012; reference implementation 2014). */

typedef struct sip {
    uint64_t a, b, c, d;
} sip;

static uint64_t rotl(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t little64(const uint8_t *p)
{
    uint64_t x = 0;
    for (unsigned i = 0; i < 8; i++) {
        x |= (uint64_t)p[i] << (8 * i);
    }
    return x;
}

static void rounds(sip *s, int n)
{
    for (int i = 0; i < n; i++) {
        s->a += s->b;
        s->b = rotl(s->b, 13) ^ s->a;
        s->a = rotl(s->a, 32);
        s->c += s->d;
        s->d = rotl(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = rotl(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = rotl(s->b, 17) ^ s->c;
        s->c = rotl(s->c, 32);
    }
}

static void mix(sip *s, uint64_t word)
{
    s->d ^= word;
    rounds(s, 2);
    s->a ^= word;
}

void sip128(const sip_key *key, str bytes, uint64_t out[2])
{
    const uint64_t k0 = little64(key->b);
    const uint64_t k1 = little64(key->b + 8);
    sip s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
             k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    const uint8_t *p = (const uint8_t *)bytes.data;
    size_t left = bytes.len;
    for (; left >= 8; left -= 8, p += 8) {
        mix(&s, little64(p));
    }
    uint64_t last = (uint64_t)bytes.len << 56;
    for (unsigned i = 0; i < left; i++) {
        last |= (uint64_t)p[i] << (8 * i);
    }
    mix(&s, last);
    s.c ^= 0xee;
    rounds(&s, 4);
    out[0] = s.a ^ s.b ^ s.c ^ s.d;
    s.b ^= 0xdd;
    rounds(&s, 4);
    out[1] = s.a ^ s.b ^ s.c ^ s.d;
}
