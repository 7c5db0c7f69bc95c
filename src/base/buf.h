/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BUF_H
#define TQ_BUF_H

/* A growing byte buffer with a mandatory maximum.
 *
 * Life: `buf b = buf_max(n)`, add, look at buf_str, buf_free (or BUF_AUTO). Adding never fails at
 * the call: going over the maximum or out of memory sets `broken`, later additions do nothing, and
 * the one who uses the content asks buf_ok first. Content is always terminated by NUL. */

#include "base/attrs.h"
#include "base/str.h"
#include <stdint.h>

typedef struct buf {
    char *data;
    size_t len;
    size_t room;
    size_t max;
    bool broken;
} buf;

static inline buf buf_max(size_t bytes_max)
{
    return (buf){.max = bytes_max};
}

/* Over room of the caller's, terminator included: it never grows and is not freed. */
static inline buf buf_over(char *room, size_t bytes)
{
    room[0] = '\0';
    return (buf){.data = room, .room = bytes, .max = bytes - 1};
}

void buf_free(buf *b); /* takes an empty one; leaves it empty */
void buf_clear(buf *b);
void buf_add(buf *b, const void *bytes, size_t len);
void buf_str_add(buf *b, str s);
void buf_text(buf *b, const char *text);
void buf_char(buf *b, char c);
void buf_int(buf *b, int64_t n);
void buf_hex(buf *b, const uint8_t *bytes, size_t len); /* lower case */
void buf_printf(buf *b, const char *fmt, ...) TQ_PRINTF(2, 3);

static inline bool buf_ok(const buf *b)
{
    return !b->broken;
}
static inline str buf_view(const buf *b)
{
    return (str){b->data == NULL ? "" : b->data, b->len};
}

#define BUF_AUTO TQ_CLEANUP(buf_free)

#endif
