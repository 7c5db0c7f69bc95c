/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EXCHANGE_H
#define TQ_EXCHANGE_H

/* One request from its head to its reply, over whatever brings the bytes: libmicrohttpd
 * (server.c) or a test (loopback.c). Both ways run the same guard, plan, parsing, handling and
 * failures.
 *
 * Life: exchange_head; if it says true, exchange_body any number of times and exchange_ready; if
 * that says true, exchange_handle (may block, may run on another thread). Whichever says false
 * has filled `reply`. Then the reply is sent, and exchange_end frees everything but the arena. */

#include "http/guard.h"
#include "http/multipart.h"
#include "http/throttle.h"

#define EXCHANGE_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* What all requests of a server share. */
typedef struct exchange_site {
    const http_app *app;
    spool *spool;
    throttle *rate; /* NULL: none */
    const char
        *_Atomic trusted_proxies; /* replaced while requests run; an old list stays readable */
} exchange_site;

typedef struct exchange {
    const exchange_site *site;
    http_request rq;
    http_plan plan;
    http_framing framing;
    http_reply reply;
    guard_reason failed; /* the first; what still comes of the body is dropped */
    bool closing;        /* the connection ends after the reply */
    buf body;
    int64_t body_bytes; /* that came */
    multipart *parts;
} exchange;

/* `a` is empty; `peer` is the address the connection came from. */
bool exchange_head(exchange *x, const exchange_site *site, const http_head *h, const char *peer,
                   const char *id, arena *a);
/* Takes body bytes as they come. False: cut the connection, so much has been dropped that an
 * answer is no longer worth it. */
bool exchange_body(exchange *x, str bytes);
bool exchange_ready(exchange *x);
void exchange_handle(exchange *x);
/* Puts a failure in place of whatever the reply was. */
void exchange_fail(exchange *x, guard_reason r);
/* The same where the plan has a status for it: 404, 405 with its Allow ... */
void exchange_fail_plan(exchange *x);
void exchange_reply_clear(http_reply *r); /* frees what it holds, ends its stream */
/* All headers of the reply but those of framing (Content-Length, Transfer-Encoding, Connection,
 * Date). */
void exchange_headers(const exchange *x,
                      void (*emit)(void *ctx, const char *name, const char *value), void *ctx);
/* The reply as bytes, where its body is in memory. */
void exchange_write(const exchange *x, buf *out);
/* Is the address one of a comma-separated list, which may be NULL? */
bool exchange_listed(const char *list, str address);
bool exchange_has_body(const exchange *x); /* does the request announce one? */
void exchange_end(exchange *x);

#endif
