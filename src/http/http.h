/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_HTTP_H
#define TQ_HTTP_H

/* Requests and replies as the tier above sees them. Knows nothing of vouchers.
 *
 * Life of a request: the head is read and held to the framing rules (RFC 9112, stricter: see
 * guard.h); `plan` is asked on the event thread what the address takes (no waiting there); the
 * body is read under that plan; `handle` runs on a worker thread, may block, and fills the
 * reply; the connection is suspended meanwhile. Everything of the request lives in `a` until the
 * reply has been sent. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define HTTP_URI_MAX 8192         /* 414 beyond */
#define HTTP_HEAD_MAX (32 * 1024) /* 431 beyond, like more than HTTP_HEADERS_MAX lines */
#define HTTP_HEADERS_MAX 100
#define HTTP_PAIRS_MAX 2000 /* fields of a query or form; 400 beyond */
#define HTTP_FILES_MAX 20
#define HTTP_REPLY_MAX (32 * 1024 * 1024)
#define HTTP_REPLY_HEADERS_MAX 12

typedef enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OTHER
} http_method;

typedef struct http_pair {
    str name, value; /* decoded once, UTF-8 without NUL (400 otherwise) */
} http_pair;

/* A file of a multipart form, already written to the spool folder and removed with the request. */
typedef struct http_file {
    str field;
    str name; /* as the client calls it: a label to be cleaned, never a path */
    str type; /* as the client claims it */
    const char *path;
    int64_t bytes;
    char sha256[65];
} http_file;

typedef enum http_body { HTTP_NO_BODY, HTTP_JSON, HTTP_FORM, HTTP_MULTIPART, HTTP_BYTES } http_body;

typedef struct http_request {
    http_method method;
    const char *method_text;
    /* Decoded once, begins with '/', no NUL, no empty, "." or ".." segments, no escaped slash (400
     * otherwise); "" in a failure before it was read. */
    str path;
    str query;             /* raw, without '?' */
    const http_pair *args; /* of the query, in order */
    size_t n_args;
    const http_pair *headers;
    size_t n_headers;
    http_body body_kind;
    str body;              /* HTTP_JSON, HTTP_BYTES */
    const http_pair *form; /* HTTP_FORM, HTTP_MULTIPART: in order, files not among them */
    size_t n_form;
    const http_file *files;
    size_t n_files;
    char address[46]; /* of the client: the peer, or what a trusted proxy says */
    char id[17];      /* of the request, for the log and the problem reply */
    int64_t at_us;    /* when the head was complete (UTC) */
    arena *a;
} http_request;

/* "" where absent. Names of headers without regard to case. A header that came twice is 400 before
 * anybody asks, except those that RFC 9110 calls lists. */
str http_header(const http_request *rq, const char *name);
str http_cookie(const http_request *rq, const char *name);
str http_arg(const http_request *rq, const char *name); /* first of the query */

/* Server-sent events: asked at once, then twice a second until `done`; appends complete events
 * to `out` (nothing: a comment line is sent each 15 s). All streams share one thread: `next`
 * must not wait long. `end` frees ctx, also when the client has gone; it runs on that thread. */
typedef struct http_stream {
    void (*next)(void *ctx, buf *out, bool *done);
    void (*end)(void *ctx);
    void *ctx;
} http_stream;

/* no-store; 60 s; a year */
typedef enum http_caching { HTTP_CACHE_NONE, HTTP_CACHE_SHORT, HTTP_CACHE_IMMUTABLE } http_caching;

typedef struct http_reply {
    unsigned status;
    const char *type;
    http_pair headers[HTTP_REPLY_HEADERS_MAX]; /* by http_reply_header */
    size_t n_headers;
    http_caching cache;
    bool gzip; /* body is gzip already (embedded asset); the client's Accept-Encoding was asked */
    /* A file of somebody: nosniff and `CSP: sandbox` in place of the pages' policy. */
    bool sandboxed;
    bool close;            /* end the connection after it */
    buf body;              /* freed by the server */
    const char *file;      /* or a file to stream; NULL; 500 where it cannot be opened */
    bool file_remove;      /* unlink it after opening */
    http_stream stream;    /* or events, where next is not NULL */
    const char *log_route; /* the pattern, never the address; NULL before routing */
    int64_t log_user;
    char log_reason[48];
} http_reply;

/* `value` lives as long as the request; control characters in it are a broken caller. One of
 * HTTP_URI_MAX bytes or more makes the answer a 500. */
void http_reply_header(http_reply *r, const char *name, str value);

/* What an address takes, asked when the head is complete. status 0: go on; else answer at once with
 * that status (404, 405 with `allow`, 415 ...) and read no body. */
typedef struct http_plan {
    unsigned status;
    const char *allow;
    int64_t body_max; /* 0: no body (413 with one) */
    int64_t file_max; /* of one file of a multipart form; 0: no files */
    unsigned kinds;   /* 1u << http_body of those that are taken; others are 415 */
    bool at_once;     /* handled on the event thread: assets, liveness; must not wait */
} http_plan;

typedef struct http_app {
    void (*plan)(void *ctx, const http_request *head, http_plan *out);
    void (*handle)(void *ctx, const http_request *rq, http_reply *out);
    /* A failure before or beside handle (400, 413, 415, 429, 431, 503 ...) and what a plan refuses:
     * fill type and body in the manner of the site, leave the status; `reason` is a token of the
     * list in guard.h. `head` may be incomplete: path, headers and query are empty where they could
     * not be read. May be called on an event thread: no waiting. */
    void (*failure)(void *ctx, const http_request *head, unsigned status, const char *reason,
                    http_reply *out);
    void *ctx;
} http_app;

#endif
