/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ADMIN_WIRE_H
#define TQ_ADMIN_WIRE_H

/* What client and server say to each other over the admin socket: one message each way. A message is the
 * mark "TQADMIN1", its length, and fields of a tag, a length and that many bytes (lengths: 4 bytes, the
 * greatest first). A tag that is not known, a length that leads over the end, a text with NUL in it: the
 * message is refused whole. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define ADMIN_MARK "TQADMIN1"
#define ADMIN_HEAD 12 /* mark and length */
#define ADMIN_MESSAGE_MAX                                                                          \
    ((size_t)128 * 1024 * 1024)            /* six opening files and what stands around them */
#define ADMIN_TEXT_MAX ((size_t)64 * 1024) /* of a word, a file's name, a secret */
#define ADMIN_FIELDS_MAX 128

typedef enum admin_tag {
    ADMIN_WORD = 1,   /* argv, in order, the verb first */
    ADMIN_FILE_NAME,  /* as a word or option calls it; */
    ADMIN_FILE_BYTES, /* its content comes next */
    ADMIN_SECRET,     /* what was typed without echo */
    ADMIN_STATUS,     /* exit status, one byte */
    ADMIN_OUT,        /* for standard output */
    ADMIN_COMPLAINT,  /* for standard error */
    ADMIN_TAG_END
} admin_tag;

typedef struct admin_field {
    admin_tag tag;
    str bytes; /* of a text: followed by NUL */
} admin_field;

typedef struct admin_message {
    admin_field fields[ADMIN_FIELDS_MAX];
    size_t n;
} admin_message;

/* Writing: begin, fields, end. */
void admin_begin(buf *out);
void admin_add(buf *out, admin_tag tag, str bytes);
void admin_end(buf *out);

/* Length of what follows the head of ADMIN_HEAD bytes. MALFORMED/admin_message. */
TQ_MUST_CHECK tq_code admin_length(const char *head, size_t *out, tq_err *err);
/* The fields of what follows the head. Texts are copied into `a`, other bytes are slices of `body`. */
TQ_MUST_CHECK tq_code admin_fields(str body, arena *a, admin_message *out, tq_err *err);

/* Whole messages over a socket, within `ms` from the call on (0: for ever). IO/admin_socket. */
TQ_MUST_CHECK tq_code admin_send(int fd, str message, int64_t ms, tq_err *err);
TQ_MUST_CHECK tq_code admin_receive(int fd, int64_t ms, buf *body, tq_err *err);

#endif
