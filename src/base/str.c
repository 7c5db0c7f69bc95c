/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "base/attrs.h"
#include "base/err.h"
#include <limits.h>
#include <stdint.h>

int str_cmp(str a, str b)
{
    const size_t common = a.len < b.len ? a.len : b.len;
    const int c = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (c != 0) {
        return c;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

str str_trim(str s)
{
    while (s.len > 0 && is_blank(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.data[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool str_starts(str s, str head)
{
    return s.len >= head.len && (head.len == 0 || memcmp(s.data, head.data, head.len) == 0);
}

/* Length of the well-formed character at p (Unicode 15, table 3-7), 0 where it is none. */
static size_t utf8_next(const unsigned char *p, size_t left, uint32_t *out)
{
    TQ_ASSERT(left > 0);
    const unsigned char first = p[0];
    if (first < 0x80) {
        *out = first;
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    const size_t need = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (left < need) {
        return 0;
    }
    const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    uint32_t c = first & (0xffU >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3fU);
    }
    *out = c;
    return need;
}

/* Bytes of plain ASCII at the head, in steps of eight. */
static size_t ascii_run(const unsigned char *p, size_t left)
{
    size_t i = 0;
    while (left - i >= 8) {
        uint64_t word;
        memcpy(&word, p + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        i += 8;
    }
    return i;
}

bool str_utf8(str s)
{
    const unsigned char *p = (const unsigned char *)s.data;
    size_t i = 0;
    while (i < s.len) {
        i += ascii_run(p + i, s.len - i);
        if (i == s.len) {
            break;
        }
        uint32_t c;
        const size_t n = utf8_next(p + i, s.len - i, &c);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

/* Characters that a reader cannot see or that turn the order of what is seen: C0, C1, soft hyphen,
 * zero-width and bidirectional controls, line separators, interlinear and tag characters. */
static bool is_unseen(uint32_t c)
{
    static const struct range {
        uint32_t first, last;
    } unseen[] = {
        {0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad},   {0x061c, 0x061c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    for (size_t i = 0; i < TQ_COUNT(unseen); i++) {
        if (c >= unseen[i].first && c <= unseen[i].last) {
            return true;
        }
    }
    return false;
}

bool str_line_ok(str s, size_t max_bytes)
{
    if (s.len == 0 || s.len > max_bytes) {
        return false;
    }
    const unsigned char *p = (const unsigned char *)s.data;
    size_t i = 0;
    while (i < s.len) {
        uint32_t c;
        const size_t n = utf8_next(p + i, s.len - i, &c);
        if (n == 0 || is_unseen(c)) {
            return false;
        }
        i += n;
    }
    return true;
}

bool str_int64(str s, long long *out)
{
    TQ_ASSERT(out != NULL);
    if (s.len == 0 || s.len > 19 || (s.data[0] == '0' && s.len > 1)) {
        return false;
    }
    long long n = 0;
    for (size_t i = 0; i < s.len; i++) {
        const int digit = s.data[i] - '0';
        if (digit < 0 || digit > 9 || n > (LLONG_MAX - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}
