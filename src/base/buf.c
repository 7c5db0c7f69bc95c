/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/err.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_ROOM_MIN 64

void buf_free(buf *b)
{
    free(b->data);
    *b = (buf){.max = b->max};
}

void buf_clear(buf *b)
{
    b->len = 0;
    b->broken = false;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

/* Room for `more` bytes and the terminator. */
static bool buf_room(buf *b, size_t more)
{
    TQ_ASSERT(b->len <= b->max);
    if (b->broken) {
        return false;
    }
    if (more > b->max - b->len || b->max == SIZE_MAX) {
        b->broken = true;
        return false;
    }
    const size_t need = b->len + more + 1;
    if (need <= b->room) {
        return true;
    }
    size_t room = b->room < BUF_ROOM_MIN ? BUF_ROOM_MIN : b->room;
    while (room < need) {
        room = room > SIZE_MAX / 2 ? need : room * 2;
    }
    if (room > b->max + 1) {
        room = b->max + 1;
    }
    char *data = realloc(b->data, room);
    if (data == NULL) {
        b->broken = true;
        return false;
    }
    b->data = data;
    b->room = room;
    return true;
}

void buf_add(buf *b, const void *bytes, size_t len)
{
    TQ_ASSERT(bytes != NULL || len == 0);
    if (!buf_room(b, len)) {
        return;
    }
    if (len > 0) {
        memcpy(b->data + b->len, bytes, len);
    }
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_str_add(buf *b, str s)
{
    buf_add(b, s.data, s.len);
}

void buf_text(buf *b, const char *text)
{
    TQ_ASSERT(text != NULL);
    buf_add(b, text, strlen(text));
}

void buf_char(buf *b, char c)
{
    if (buf_room(b, 1)) {
        b->data[b->len++] = c;
        b->data[b->len] = '\0';
    }
}

void buf_int(buf *b, int64_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0) {
        digits[--at] = '-';
    }
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_hex(buf *b, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    TQ_ASSERT(len <= SIZE_MAX / 2);
    if (!buf_room(b, len * 2)) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        b->data[b->len++] = digits[bytes[i] >> 4];
        b->data[b->len++] = digits[bytes[i] & 15];
    }
    b->data[b->len] = '\0';
}

void buf_printf(buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    /* Most texts fit into the room that is there: then formatting once is enough. Room is never above max. */
    const size_t room = b->broken || b->data == NULL ? 0 : b->room - b->len;
    const int len = vsnprintf(room == 0 ? NULL : b->data + b->len, room, fmt, args);
    va_end(args);
    TQ_ASSERT(len >= 0);
    if ((size_t)len < room) {
        b->len += (size_t)len;
    } else if (buf_room(b, (size_t)len)) {
        (void)vsnprintf(b->data + b->len, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    } else if (room > 0) {
        b->data[b->len] = '\0'; /* what was cut off is no part of it */
    }
    va_end(again);
}
