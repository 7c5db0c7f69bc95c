/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SSE_H
#define TQ_SSE_H

/* Server-sent events: one thread asks all open streams twice a second, so that a thousand
 * watchers cost one thread and no worker. */

#include <sys/types.h>

#include "http/http.h"

#define SSE_ASK_MS 500
#define SSE_PING_S 15
#define SSE_PENDING_MAX (256 * 1024) /* of one stream; over it the stream ends */

typedef struct sse sse;
typedef struct sse_stream sse_stream;

/* What a stream does to its connection; called under the stream's lock, never after sse_close. */
typedef struct sse_wire {
    void (*sleep)(void *ctx); /* nothing to send: do not ask until woken */
    void (*wake)(void *ctx);
    void (*cut)(void *ctx); /* the client has not read for `stall_s` */
    void *ctx;
} sse_wire;

sse *sse_start(int stall_s);
void sse_finish(sse *e); /* all streams end after what is pending; new ones at once */
void sse_stop(sse *e);   /* that, and the thread ends: no wire sleeps any more; takes NULL */
void sse_free(sse *e);   /* after sse_stop and the last sse_close; takes NULL */

/* `from.end` is called some time after sse_close, on the thread of the streams. */
sse_stream *sse_open(sse *e, http_stream from, sse_wire wire);
/* Bytes copied; 0: none now (the wire was put to sleep); -1: the stream is over. */
ssize_t sse_read(sse_stream *s, char *out, size_t room);
void sse_close(sse_stream *s); /* the connection is gone or has had everything */
int64_t sse_open_count(const sse *e);

#endif
