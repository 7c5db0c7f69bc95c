/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#define UTF8_BOM "\xef\xbb\xbf"

typedef enum converted { CONVERTED, CONVERT_ABSENT, CONVERT_FAULT } converted;

/* `used` tells how far the input was good. */
static converted convert(str in, const char *from, const char *to, buf *out, size_t *used)
{
    *used = 0;
    const iconv_t cd = iconv_open(to, from);
    if (cd == (iconv_t)-1) { /* NOLINT: the failure value POSIX gives */
        return CONVERT_ABSENT;
    }
    char chunk[4096];
    char piece[1024]; /* iconv takes no const: it gets a copy of each stretch */
    bool good = true;
    size_t kept = 0;
    while (good && (*used < in.len || kept > 0)) {
        const size_t room = sizeof piece - kept;
        const size_t n = in.len - *used < room ? in.len - *used : room;
        memcpy(piece + kept, in.data + *used, n);
        *used += n;
        char *from_at = piece;
        size_t from_left = kept + n;
        char *to_at = chunk;
        size_t to_left = sizeof chunk;
        const size_t rc = iconv(cd, &from_at, &from_left, &to_at, &to_left);
        buf_add(out, chunk, sizeof chunk - to_left);
        /* An incomplete character at the end of a stretch waits for the next one. */
        const bool waits = rc == (size_t)-1 && errno == EINVAL && *used < in.len;
        good = rc == 0 || waits;
        memmove(piece, from_at, from_left);
        kept = from_left;
    }
    *used -= kept;
    (void)iconv_close(cd);
    return good ? CONVERTED : CONVERT_FAULT;
}

static tq_code absent(tq_err *err)
{
    return tq_fail(err, TQ_INTERNAL, "charset", NULL,
                   "the system has no converter for GB18030; install the gconv modules of libc");
}

tq_code csv_encode(str utf8, csv_charset to, buf *out, tq_err *err)
{
    TQ_ASSERT(str_utf8(utf8));
    TQ_ASSERT(out != NULL);
    if (to == CSV_UTF8_BOM) {
        buf_text(out, UTF8_BOM);
        buf_str_add(out, utf8);
        return TQ_OK;
    }
    TQ_ASSERT(to == CSV_GB18030);
    const size_t before = out->len;
    size_t used = 0;
    const converted c = convert(utf8, "UTF-8", "GB18030", out, &used);
    if (c == CONVERTED) {
        return TQ_OK;
    }
    if (!out->broken) { /* untouched on failure */
        out->len = before;
        if (out->data != NULL) {
            out->data[before] = '\0';
        }
    }
    if (c == CONVERT_ABSENT) {
        return absent(err);
    }
    TQ_ASSERT(used < utf8.len);
    size_t n = 1;
    while (used + n < utf8.len && ((unsigned char)utf8.data[used + n] & 0xc0) == 0x80) {
        n++;
    }
    return tq_fail(err, TQ_INVALID, "charset", NULL, "GB18030 has no character %.*s", (int)n,
                   utf8.data + used);
}

tq_code csv_decode(str bytes, arena *a, str *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    if (str_utf8(bytes)) {
        const size_t bom = str_starts(bytes, STR(UTF8_BOM)) ? 3 : 0;
        *out = bytes.len == 0 ? STR("") : (str){bytes.data + bom, bytes.len - bom};
        return TQ_OK;
    }
    /* No byte of GB18030 becomes more than two of UTF-8 (three for two, or four for four). */
    BUF_AUTO buf text = buf_max(bytes.len * 2);
    size_t used = 0;
    const converted c = convert(bytes, "GB18030", "UTF-8", &text, &used);
    if (c == CONVERT_ABSENT) {
        return absent(err);
    }
    if (c == CONVERT_FAULT || !buf_ok(&text) || !str_utf8(buf_view(&text))) {
        char place[32];
        (void)snprintf(place, sizeof place, "byte %zu", used + 1);
        return tq_fail(err, TQ_MALFORMED, "charset", place,
                       "the text is neither UTF-8 nor GB18030; save the file in one of them");
    }
    if (arena_left(a) <= text.len) {
        return tq_fail(err, TQ_LIMIT, "csv_size", NULL, "the file is too large");
    }
    const str plain = buf_view(&text);
    const size_t bom = str_starts(plain, STR(UTF8_BOM)) ? 3 : 0;
    *out = arena_copy(a, (str){plain.data + bom, plain.len - bom});
    return TQ_OK;
}
