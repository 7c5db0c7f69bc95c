/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_GUARD_H
#define TQ_GUARD_H

/* The framing rules: what a head must be before anybody looks at its meaning. Stricter than RFC
 * 9112, so that no proxy in front can see other requests in the same bytes than we do.
 *
 * libmicrohttpd 0.9.75 takes two Content-Length, Content-Length beside Transfer-Encoding, bare
 * line feeds, folded lines, NUL in a value and blanks before the colon; everything here is
 * refused, and the connection with it. */

#include "http/http.h"

/* Why a request was answered by us and not by the application. The token is public and stable.
 *    name              status token                */
#define GUARD_REASONS(X)                                                                           \
    X(REQUEST_LINE, 400, "request_line")                                                           \
    X(VERSION, 505, "http_version")                                                                \
    X(TARGET_LENGTH, 414, "target_length")                                                         \
    X(TARGET_FORM, 400, "target_form")                                                             \
    X(TARGET_TEXT, 400, "target_text")                                                             \
    X(QUERY_TEXT, 400, "query_text")                                                               \
    X(HEAD_SIZE, 431, "head_size")                                                                 \
    X(HEADER_LINE, 400, "header_line")                                                             \
    X(HEADER_VALUE, 400, "header_value")                                                           \
    X(HEADER_REPEATED, 400, "header_repeated")                                                     \
    X(HOST, 400, "host")                                                                           \
    X(LENGTH, 400, "content_length")                                                               \
    X(LENGTH_TWICE, 400, "length_and_transfer")                                                    \
    X(TRANSFER, 400, "transfer_encoding")                                                          \
    X(TRANSFER_UNKNOWN, 501, "transfer_unknown")                                                   \
    X(EXPECTATION, 417, "expectation")                                                             \
    X(NOT_FOUND, 404, "not_found")                                                                 \
    X(METHOD, 405, "method_not_allowed")                                                           \
    X(PLAN, 400, "not_taken")                                                                      \
    X(MEDIA_TYPE, 415, "media_type")                                                               \
    X(CHARSET, 415, "charset")                                                                     \
    X(CONTENT_ENCODING, 415, "content_encoding")                                                   \
    X(BODY_UNWANTED, 413, "body_unwanted")                                                         \
    X(BODY_SIZE, 413, "body_size")                                                                 \
    X(BODY_FRAMING, 400, "body_framing")                                                           \
    X(FILE_SIZE, 413, "file_size")                                                                 \
    X(FILES, 400, "files")                                                                         \
    X(FORM, 400, "form")                                                                           \
    X(MULTIPART, 400, "multipart")                                                                 \
    X(SPOOL, 507, "spool")                                                                         \
    X(RATE, 429, "rate")                                                                           \
    X(BUSY, 503, "busy")                                                                           \
    X(DRAINING, 503, "draining")                                                                   \
    X(REPLY_SIZE, 500, "reply_size")                                                               \
    X(REPLY_FILE, 500, "reply_file")

typedef enum guard_reason {
    GUARD_OK,
#define X(name, status, token) GUARD_##name,
    GUARD_REASONS(X)
#undef X
        GUARD_REASON_END
} guard_reason;

unsigned guard_status(guard_reason r); /* 200 for GUARD_OK */
const char *guard_token(guard_reason r);

/* A head as it came. Slices belong to whoever read it; values stand without blanks around them. */
typedef struct http_head {
    str method, target, version;
    http_pair headers[HTTP_HEADERS_MAX];
    size_t n_headers; /* beyond HTTP_HEADERS_MAX: that many came, the array is full */
    size_t bytes;     /* of the whole head with its line ends */
    bool bent;        /* its bytes were not lines as guard_split takes them */
} http_head;

typedef struct http_framing {
    bool chunked;
    bool keep;      /* the connection may go on after the answer, as far as the client goes */
    int64_t length; /* of the body; 0 where chunked */
} http_framing;

/* Splits raw bytes that begin with a request line and end after the empty line; CRLF only, nothing
 * folded, nothing before the colon but a name. */
TQ_MUST_CHECK guard_reason guard_split(str raw, http_head *out);
/* Length of the head with its empty line at the beginning of `raw`, 0 where it is not complete. */
size_t guard_head_end(str raw);
/* All other rules. Says the first that is broken; `out` is untouched then. */
TQ_MUST_CHECK guard_reason guard_check(const http_head *h, http_framing *out);

bool guard_token_text(str s); /* RFC 9110 token: 1 or more of the letters of names and methods */
bool guard_same(str a, const char *b); /* without regard to ASCII case */
/* May a header of this name come more than once (RFC 9110 list)? */
bool guard_is_list(str name);

#endif
