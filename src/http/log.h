/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOG_H
#define TQ_LOG_H

/* One line a request: logfmt on a terminal, JSON otherwise, unless told. It names the pattern of the route,
 * never the address, query, body or where the client is: none of a person's data can get into
 * it. */

#include <stdint.h>
#include <stdio.h>

typedef struct request_line {
    int64_t at_us; /* UTC */
    const char *request_id;
    const char *method;
    const char *route;  /* NULL: none was found */
    const char *reason; /* "" where all went well */
    unsigned status;    /* 0: the client went before the answer */
    int64_t user, dur_us, bytes;
} request_line;

typedef enum log_format { LOG_AUTO, LOG_LOGFMT, LOG_JSON } log_format; /* auto: by what `to` is */
typedef enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR } log_level; /* from 0, from 400, from 500 */
typedef struct request_log_style {
    log_format format;
    log_level least; /* lighter lines are left out */
} request_log_style;

typedef struct request_log request_log;
request_log *request_log_new(FILE *to); /* `to` stays the caller's */
/* From any thread, also while lines are added. Takes a NULL log. */
void request_log_set(request_log *l, request_log_style style);
void request_log_free(request_log *l); /* takes NULL */
/* One write, whole lines even from many threads. Takes a NULL log. */
void request_log_add(request_log *l, const request_line *line);

#endif
