/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_HTTP_SITE_H
#define TQ_HTTP_SITE_H

/* A small application behind src/http, and clients that speak raw bytes to it.
 *
 *   /            GET, HEAD: "home"               /at-once   the same on the event thread
 *   /echo        POST PUT PATCH DELETE, body up to 1000 bytes of any kind but files; says what came
 *   /form /json  POST of that kind alone          /multi     POST, multipart, files up to 2000 bytes
 *   /bare        POST without a body              /upload    POST, multipart, a file up to 1 GiB
 *   /any/...     GET of whatever follows          /sentinel  GET: "sentinel"
 *   /slow        POST, takes 300 ms               /events    GET: three events, then the end
 *   /ticks       GET: events for ever             /big       GET: 8 MiB
 *   /count       POST: counts up (http_site_count)  /file    GET: a file of 3 MiB, sandboxed
 *   /who         GET: address, id, method, cookie c; everything else is 404 */

#include <stdatomic.h>

#include "http/server.h"

typedef struct http_site {
    char folder[64];
    atomic_int counted, streams_ended;
    int64_t peak_files; /* names in the spool at the last upload */
} http_site;

void http_site_make(http_site *site);
void http_site_remove(http_site *site);
http_app http_site_app(http_site *site);
/* Options with the spool of the site and a free port; fails the test where it cannot start. */
server_options http_site_options(const http_site *site, char *spool, size_t room);
server *http_site_serve(http_site *site, const server_options *o);

int http_dial(unsigned port);
/* All bytes; false where the peer has closed. */
bool http_send(int fd, const void *bytes, size_t len);
/* Reads until the peer closes, `ms` have gone or `out` is full. True: it closed. */
bool http_read_all(int fd, buf *out, int ms);
/* Reads one answer with Content-Length; its status, 0 where none came. Leaves it in `out`. */
unsigned http_read_one(int fd, buf *out, int ms);
/* Statuses of the answers in `all`, in order; -1 where the bytes are not answers one after the
 * other. `head_only`: the first has no body. */
int http_statuses(str all, bool head_only, unsigned *status, int max);
/* The body of the nth answer. */
str http_body_of(str all, int n);
bool http_contains(str where, const char *what);

/* "|" and the escapes of tests/data/http/requests.txt. */
void http_unescape(str text, buf *out);

#endif
