/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FETCH_H
#define TQ_FETCH_H

/* One request of ours to another server, over libcurl. Whom to ask is the caller's configuration, never
 * something that came with a request. No redirect is followed, no cookie kept; answers are bounded in
 * time and size, so that a slow or talkative peer costs one thread FETCH_TOTAL_MS at most, and
 * FETCH_AT_ONCE threads at a time: the others go on serving. Blocks: worker threads only. */

#include "base/arena.h"
#include "base/err.h"

#define FETCH_CONNECT_MS 3000
#define FETCH_TOTAL_MS 8000
#define FETCH_BODY_MAX (256 * 1024)
#define FETCH_AT_ONCE 8

typedef struct fetch_rq {
    const char *url;
    const char *form;            /* POST of an urlencoded form; NULL: GET */
    const char *user, *password; /* Basic; NULL: none */
    const char *ca_file;         /* PEM; NULL: the system's */
    bool plain_too;              /* http:// is taken beside https:// */
    int total_ms;                /* 0: FETCH_TOTAL_MS */
} fetch_rq;

typedef struct fetch_answer {
    int status; /* 200..299, 400..599 */
    str body;   /* in the arena */
} fetch_answer;

/* All failures are BUSY, because they are the peer's and may be over soon: fetch_unreachable (no
 * connection, no proof of its name), fetch_slow, fetch_large, fetch_redirect, fetch_queue (too many of our
 * own wait). `field` is not set. */
TQ_MUST_CHECK tq_code fetch(const fetch_rq *rq, arena *a, fetch_answer *out, tq_err *err);

#endif
