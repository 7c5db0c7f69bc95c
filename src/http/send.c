/* SPDX-License-Identifier: Apache-2.0 */
/* A filled reply becomes a response of libmicrohttpd. */
#include "http/server_inner.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- event streams ---------------------------------------------------------------------------- */

/* Called inside stream_read only, so on the event thread that owns the connection. */
static void stream_sleep(void *ctx)
{
    const conn *c = ctx;
    MHD_suspend_connection(c->mhd);
}

static void stream_wake(void *ctx)
{
    const conn *c = ctx;
    MHD_resume_connection(c->mhd);
}

static void stream_cut(void *ctx)
{
    const conn *c = ctx;
    (void)shutdown(c->fd, SHUT_RDWR);
}

/* Zero is returned only together with a suspension: otherwise libmicrohttpd would ask again at
 * once. */
static ssize_t stream_read(void *ctx, uint64_t pos, char *out, size_t room)
{
    conn *c = ctx;
    (void)pos;
    const ssize_t n = sse_read(c->stream, out, room);
    if (n < 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    c->reply_bytes += n;
    return n;
}

/* The size is unknown, so chunks are sent; libmicrohttpd asks stream_read for them. */
static struct MHD_Response *of_stream(conn *c)
{
    const sse_wire wire = {stream_sleep, stream_wake, stream_cut, c};
    c->stream = sse_open(c->s->events, c->x.reply.stream, wire);
    c->x.reply.stream = (http_stream){0}; /* ended by sse from now on */
    if (c->x.reply.type == NULL) {
        c->x.reply.type = "text/event-stream";
    }
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, stream_read, c, NULL);
}

/* --- files and bytes -------------------------------------------------------------------------- */

/* NULL where the file cannot be opened; it is sent by the kernel, never through our memory. */
static struct MHD_Response *of_file(conn *c)
{
    const http_reply *r = &c->x.reply;
    struct stat st;
    const int fd = open(r->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (r->file_remove) {
        (void)unlink(r->file); /* the open descriptor keeps its bytes */
    }
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0) {
            (void)close(fd); /* only read */
        }
        return NULL;
    }
    c->reply_bytes = st.st_size;
    return MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
}

/* The bytes change hands without a copy: libmicrohttpd frees what buf allocated. */
static struct MHD_Response *of_bytes(conn *c)
{
    buf *body = &c->x.reply.body;
    c->reply_bytes = (int64_t)body->len;
    if (body->data == NULL) {
        static char nothing[1];
        return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    }
    struct MHD_Response *r =
        MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_FREE);
    *body = buf_max(HTTP_REPLY_MAX);
    return r;
}

/* It refuses only what http_reply_header has refused already. */
static void add_header(void *ctx, const char *name, const char *value)
{
    TQ_ASSERT(MHD_add_response_header(ctx, name, value) == MHD_YES);
}

/* On the event thread. The phase changes before the response is queued, since libmicrohttpd may
 * send all of it, and end the request, within that call. */
enum MHD_Result send_reply(conn *c)
{
    struct MHD_Response *r = NULL;
    const bool streams = c->x.reply.stream.next != NULL;
    if (c->x.reply.file != NULL) {
        r = of_file(c);
        if (r == NULL) {
            exchange_fail(&c->x, GUARD_REPLY_FILE);
        }
    }
    if (r == NULL) {
        r = streams ? of_stream(c) : of_bytes(c);
    }
    TQ_ASSERT(r != NULL);
    exchange_headers(&c->x, add_header, r);
    if (c->x.closing || atomic_load(&c->s->draining)) {
        add_header(r, "Connection", "close");
    }
    c->status = c->x.reply.status;
    atomic_store(&c->stage, STAGE_SENT);
    conn_phase_set(c, streams ? CONN_STREAM : CONN_SENDING);
    const enum MHD_Result queued = MHD_queue_response(c->mhd, c->status, r);
    MHD_destroy_response(r);
    return queued;
}
