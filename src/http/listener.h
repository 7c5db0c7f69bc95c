/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LISTENER_H
#define TQ_LISTENER_H

/* libmicrohttpd wrapped: bytes in, bytes out. Knows nothing of vouchers, and takes GET and HEAD only as
 * long as no form stands behind it (405 otherwise). Every answer carries the security headers of the
 * pages; a request with more than one Host, Content-Length or any Transfer-Encoding is 400 and its
 * connection is closed. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define HTTP_CONNECTIONS_MAX 1024
#define HTTP_PER_ADDRESS_MAX 256
#define HTTP_IDLE_S 30
#define HTTP_THREADS 2
#define HTTP_MEMORY_MAX (64 * 1024) /* of one connection: head included */
#define HTTP_REPLY_MAX (4 * 1024 * 1024)

typedef struct http_request {
    str path;            /* decoded by libmicrohttpd, begins with '/' */
    const char *language; /* Accept-Language, "" where absent */
    const char *lang;     /* ?lang=, "" where absent */
    arena *a;            /* as long as the request */
} http_request;

typedef struct http_reply {
    unsigned status;
    const char *type;
    bool immutable; /* content under this name never changes: caches may keep it */
    buf body;       /* freed by the listener */
} http_reply;

typedef void (*http_handler)(void *ctx, const http_request *rq, http_reply *out);

typedef struct listener listener;

/* `address` is HOST:PORT with a numeric loopback host. INVALID/listen, IO/listen where it is taken. */
TQ_MUST_CHECK tq_code listener_start(const char *address, http_handler handle, void *ctx, listener **out,
                                     tq_err *err);
unsigned listener_port(const listener *l); /* the real one where 0 was asked */
void listener_stop(listener *l);           /* ends what is under way first; takes NULL */

/* {"type":"about:blank","title":…,"status":…} */
void http_problem(http_reply *out, unsigned status, const char *title);

#endif
