/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STR_H
#define TQ_STR_H

/* A slice of bytes that belong to somebody else; not terminated. Valid as long as its owner says
 * (an arena, a request, a row of a result). `data` is NULL only where `len` is 0. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct str {
    const char *data;
    size_t len;
} str;

#define STR(literal) ((str){"" literal, sizeof(literal) - 1})
/* For printf("%.*s", STR_ARG(s)); names its argument twice, so never a call. */
#define STR_ARG(s) (int)(s).len, ((s).data == NULL ? "" : (s).data)

static inline str str_of(const char *text)
{
    return (str){text, text == NULL ? 0 : strlen(text)};
}

static inline bool str_eq(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Byte order, as both engines sort with BINARY / "C": <0, 0, >0. */
int str_cmp(str a, str b);
str str_trim(str s); /* without ASCII blanks at both ends */
bool str_starts(str s, str head);

/* True if the bytes are well-formed UTF-8 (no overlong forms, surrogates or values above 10FFFF). */
bool str_utf8(str s);

/* True if `s` may be stored as a line a person typed: UTF-8, no control characters, no bidirectional
 * or zero-width controls, 1..max_bytes long. */
bool str_line_ok(str s, size_t max_bytes);

/* Digits only, no sign, no leading zero unless it is "0", at most INT64_MAX. False leaves *out. */
bool str_int64(str s, long long *out);

#endif
