/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin_wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "http/ticks.h"

#define LENGTH_BYTES 4
#define FIELD_HEAD (1 + LENGTH_BYTES)
#define CHUNK 65536

/* --- the form ------------------------------------------------------------------------------------- */

static void put_length(char *at, size_t n)
{
    TQ_ASSERT(n <= ADMIN_MESSAGE_MAX);
    for (int i = 0; i < LENGTH_BYTES; i++) {
        at[i] = (char)(unsigned char)(n >> (8 * (LENGTH_BYTES - 1 - i)));
    }
}

static size_t length_at(const char *at)
{
    size_t n = 0;
    for (int i = 0; i < LENGTH_BYTES; i++) {
        n = n << 8 | (unsigned char)at[i];
    }
    return n;
}

void admin_begin(buf *out)
{
    TQ_ASSERT(out->len == 0);
    buf_text(out, ADMIN_MARK);
    buf_add(out, "\0\0\0\0", LENGTH_BYTES); /* admin_end fills it in */
}

/* What is too long for a message breaks the buffer, and the sender finds that in admin_send's error. */
void admin_add(buf *out, admin_tag tag, str bytes)
{
    char head[FIELD_HEAD] = {(char)tag};
    TQ_ASSERT(tag >= ADMIN_WORD && tag < ADMIN_TAG_END);
    if (bytes.len > ADMIN_MESSAGE_MAX) {
        out->broken = true;
        return;
    }
    put_length(head + 1, bytes.len);
    buf_add(out, head, sizeof head);
    buf_str_add(out, bytes);
}

void admin_end(buf *out)
{
    if (buf_ok(out)) {
        TQ_ASSERT(out->len >= ADMIN_HEAD);
        put_length(out->data + sizeof ADMIN_MARK - 1, out->len - ADMIN_HEAD);
    }
}

static tq_code broken(tq_err *err, const char *what)
{
    return tq_fail(err, TQ_MALFORMED, "admin_message", NULL, "%s", what);
}

tq_code admin_length(const char *head, size_t *out, tq_err *err)
{
    if (memcmp(head, ADMIN_MARK, sizeof ADMIN_MARK - 1) != 0) {
        return broken(err, "this is no message of this program, or of another version of it");
    }
    const size_t n = length_at(head + sizeof ADMIN_MARK - 1);
    if (n > ADMIN_MESSAGE_MAX - ADMIN_HEAD) {
        return broken(err, "the message is too long");
    }
    *out = n;
    return TQ_OK;
}

static bool is_text(admin_tag tag)
{
    return tag == ADMIN_WORD || tag == ADMIN_FILE_NAME || tag == ADMIN_SECRET;
}

tq_code admin_fields(str body, arena *a, admin_message *out, tq_err *err)
{
    size_t at = 0;
    out->n = 0;
    while (at < body.len) {
        if (body.len - at < FIELD_HEAD || out->n == ADMIN_FIELDS_MAX) {
            return broken(err, "a field is cut off, or there are too many");
        }
        const int tag = (unsigned char)body.data[at];
        const size_t len = length_at(body.data + at + 1);
        at += FIELD_HEAD;
        if (tag < ADMIN_WORD || tag >= ADMIN_TAG_END || len > body.len - at) {
            return broken(err, "a field is of no known kind, or longer than the message");
        }
        str bytes = {body.data + at, len};
        at += len;
        if (is_text((admin_tag)tag)) {
            if (len > ADMIN_TEXT_MAX || memchr(bytes.data, '\0', len) != NULL) {
                return broken(err, "a text is too long, or holds a NUL");
            }
            bytes = arena_copy(a, bytes);
        }
        out->fields[out->n++] = (admin_field){(admin_tag)tag, bytes};
    }
    return TQ_OK;
}

/* --- the socket -------------------------------------------------------------------------------------- */

/* Waits until the socket is ready for `events`; `until` 0 is for ever. */
static tq_code ready(int fd, short events, int64_t until_us, tq_err *err)
{
    for (;;) {
        const int64_t left = until_us == 0 ? -1 : until_us - ticks_us();
        struct pollfd p = {.fd = fd, .events = events};
        if (until_us != 0 && left <= 0) {
            return tq_fail(err, TQ_IO, "admin_socket", NULL, "the other end took too long");
        }
        const int n = poll(&p, 1, left < 0 ? -1 : (int)(left / 1000) + 1);
        if (n > 0) {
            return TQ_OK; /* an error shows in the call that follows */
        }
        if (n < 0 && errno != EINTR) {
            return tq_fail(err, TQ_IO, "admin_socket", NULL, "the socket cannot be waited for");
        }
    }
}

static int64_t until_of(int64_t ms)
{
    return ms == 0 ? 0 : ticks_us() + ms * 1000;
}

tq_code admin_send(int fd, str message, int64_t ms, tq_err *err)
{
    const int64_t until = until_of(ms);
    for (size_t done = 0; done < message.len;) {
        TQ_TRY(ready(fd, POLLOUT, until, err));
        const ssize_t n =
            send(fd, message.data + done, message.len - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return tq_fail(err, TQ_IO, "admin_socket", NULL, "the other end has gone: %s",
                           strerror(errno));
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return TQ_OK;
}

static tq_code receive(int fd, char *to, size_t len, int64_t until, tq_err *err)
{
    for (size_t done = 0; done < len;) {
        TQ_TRY(ready(fd, POLLIN, until, err));
        const ssize_t n = recv(fd, to + done, len - done, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return tq_fail(err, TQ_IO, "admin_socket", NULL,
                           "the other end has gone before it was done");
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return TQ_OK;
}

/* The body grows as it comes: a length alone costs the sender nothing, and must not cost us memory. */
tq_code admin_receive(int fd, int64_t ms, buf *body, tq_err *err)
{
    const int64_t until = until_of(ms);
    char head[ADMIN_HEAD];
    char chunk[CHUNK];
    size_t left = 0;
    TQ_TRY(receive(fd, head, sizeof head, until, err));
    TQ_TRY(admin_length(head, &left, err));
    while (left > 0) {
        const size_t n = left < sizeof chunk ? left : sizeof chunk;
        TQ_TRY(receive(fd, chunk, n, until, err));
        buf_add(body, chunk, n);
        left -= n;
    }
    return buf_ok(body) ? TQ_OK : broken(err, "the message is too long");
}
