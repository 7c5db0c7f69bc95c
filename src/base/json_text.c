/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include <stdint.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits at `at`, or -1. */
static int32_t hex4(str in, size_t at)
{
    if (in.len - at < 4) {
        return -1;
    }
    int32_t n = 0;
    for (size_t i = at; i < at + 4; i++) {
        const int v = hex_value(in.data[i]);
        if (v < 0) {
            return -1;
        }
        n = n * 16 + v;
    }
    return n;
}

static size_t utf8_put(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    const uint32_t head = n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0;
    for (size_t i = n; i-- > 1;) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)(head | c);
    return n;
}

/* in.data[*at] follows "\u". Appends the character; moves *at behind the digits. */
static const char *unicode_escape(str in, json_form form, size_t *at, char *out, size_t *len)
{
    const int32_t first = hex4(in, *at);
    if (first < 0) {
        return "\\u takes four hexadecimal digits";
    }
    uint32_t c = (uint32_t)first;
    if (form == JSON_CANONICAL) {
        const bool short_one = c == '\b' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
        const char last = in.data[*at + 3];
        if (c >= 0x20 || short_one || (last >= 'A' && last <= 'F')) {
            return "this character has another canonical form";
        }
    } else if (c == 0) {
        return "a string may not contain NUL";
    }
    *at += 4;
    if (c >= 0xd800 && c <= 0xdfff) {
        const bool pair =
            c < 0xdc00 && in.len - *at >= 6 && in.data[*at] == '\\' && in.data[*at + 1] == 'u';
        const int32_t second = pair ? hex4(in, *at + 2) : -1;
        if (second < 0xdc00 || second > 0xdfff) {
            return "half a surrogate pair is no character";
        }
        c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)second - 0xdc00);
        *at += 6;
    }
    *len += utf8_put(c, out + *len);
    return NULL;
}

/* in.data[*at] follows the backslash. */
static const char *escape(str in, json_form form, size_t *at, char *out, size_t *len)
{
    static const char letters[] = "\"\\btnfr/";
    static const char meant[] = "\"\\\b\t\n\f\r/";
    const char c = *at < in.len ? in.data[*at] : '\0';
    if (c == 'u') {
        (*at)++;
        return unicode_escape(in, form, at, out, len);
    }
    const char *p = c == '\0' ? NULL : strchr(letters, c);
    if (p == NULL || (c == '/' && form == JSON_CANONICAL)) {
        return "no such escape";
    }
    (*at)++;
    out[(*len)++] = meant[p - letters];
    return NULL;
}

/* Offset of the closing quote, or of the fault. */
static const char *closing_quote(str in, size_t *end, bool *escaped)
{
    for (size_t i = 0; i < in.len; i++) {
        const unsigned char b = (unsigned char)in.data[i];
        *end = i;
        if (b == '"') {
            return NULL;
        }
        if (b < 0x20) {
            return "a control character must be escaped";
        }
        if (b == '\\') {
            *escaped = true;
            i++;
        }
    }
    *end = in.len;
    return "the string does not end";
}

const char *json_text(str in, json_form form, arena *a, str *text, size_t *used)
{
    TQ_ASSERT(text != NULL);
    TQ_ASSERT(used != NULL);
    size_t end = 0;
    bool escaped = false;
    const char *fault = closing_quote(in, &end, &escaped);
    if (fault != NULL) {
        *used = end;
        return fault;
    }
    if (!escaped) {
        *text = (str){in.data, end};
        *used = end + 1;
        return NULL;
    }
    if (arena_left(a) <= end) {
        *used = 0;
        return "the string is too long";
    }
    /* No escape is shorter than what it stands for, so `end` bytes are enough. */
    char *out = arena_take(a, end + 1);
    const str inside = {in.data, end};
    size_t len = 0;
    for (size_t i = 0; i < end;) {
        if (in.data[i] != '\\') {
            out[len++] = in.data[i++];
            continue;
        }
        *used = i++;
        fault = escape(inside, form, &i, out, &len);
        if (fault != NULL) {
            return fault;
        }
    }
    TQ_ASSERT(len <= end);
    *text = (str){out, len};
    *used = end + 1;
    return NULL;
}
