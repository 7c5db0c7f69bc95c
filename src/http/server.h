/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SERVER_H
#define TQ_SERVER_H

/* libmicrohttpd wrapped: connections, worker threads, limits and time-outs, logs. Plain HTTP on
 * loopback only; TLS belongs to the reverse proxy in front.
 *
 * Threads: one accepts, SERVER_EVENT_THREADS read and write, `workers` handle requests that may
 * wait, one asks the event streams, one cuts who is too slow. */

#include <stdio.h>

#include "http/http.h"
#include "http/log.h"
#include "http/tally.h"

#define SERVER_EVENT_THREADS 2

typedef struct server_options {
    const char *address; /* HOST:PORT, numeric loopback host; port 0: any free one */
    const char *spool;   /* for uploads, made where absent, emptied at start; NULL: no files */
    int workers;         /* 1..256; 0 = 64 */
    int connections_max; /* 0 = 4096 */
    int per_address_max; /* open connections; 0 = 512; trusted proxies have no limit */
    int rate_per_minute; /* of one address, what is not GET or HEAD; 0 = 600; 429 beyond */
    int header_s, body_s,
        idle_s; /* 0 = 10, 30, 60: time-outs; body and answer must also keep body_rate_min */
    int64_t body_rate_min; /* bytes a second after the first 5 s; 0 = 1024 */
    int queue_max;         /* requests that wait for a worker; 0 = 512: 503 with Retry-After */
    const char
        *trusted_proxies; /* comma-separated addresses whose X-Forwarded-For counts; NULL: none */
    FILE *log;            /* request log; NULL: none */
    request_log_style log_style;
} server_options;

typedef struct server server;

/* INVALID/listen, IO/listen where the address is taken. `app` is copied, its ctx is not. */
TQ_MUST_CHECK tq_code server_start(const server_options *o, const http_app *app, server **out,
                                   tq_err *err);
unsigned server_port(const server *s);
/* Brings into force what of `o` can change while it runs: rate_per_minute, per_address_max, header_s,
 * body_s, idle_s, body_rate_min, trusted_proxies, log_style. Connections that are open keep what they
 * were let in under. One caller at a time. */
void server_reload(server *s, const server_options *o);
/* No new connections, event streams end, requests under way are answered (at most `seconds`). */
void server_drain(server *s, int seconds);
void server_stop(server *s); /* waits for handlers that still run; takes NULL */

/* For /metrics. */
typedef struct server_counts {
    int64_t requests, in_flight, queued, connections, rejected, timeouts, bytes_in, bytes_out,
        streams;
    int64_t by_status[6];                    /* 1xx..5xx; [0]: none sent */
    int64_t latency_us_bucket[TALLY_BOUNDS]; /* cumulative; bounds in server_latency_bounds_us */
    int64_t latency_us_sum;
    int64_t workers, queue_max, connections_max;
} server_counts;
extern const int64_t server_latency_bounds_us[TALLY_BOUNDS];
void server_read(const server *s, server_counts *out);
/* What was refused before a handler saw it, by the token of the limit or rule (guard.h). */
void server_refusals(const server *s, void (*each)(void *ctx, const char *token, int64_t n),
                     void *ctx);
tally *server_tally(const server *s);

/* A request over no socket, for tests and fuzzing: the same guard, parsing, plan, handle and
 * failure as over the wire. `raw` is head and body as a client would send them; `reply_raw` gets
 * status line, headers and body; nothing where `raw` ends before the head or the body of stated
 * length does. Event streams are asked until they are done, at most LOOPBACK_EVENTS_MAX times.
 * `folder` is the spool; NULL where no plan takes files. */
#define LOOPBACK_EVENTS_MAX 100
typedef struct loopback loopback;
TQ_MUST_CHECK tq_code loopback_new(const http_app *app, const char *folder, loopback **out,
                                   tq_err *err);
void loopback_ask(loopback *l, str raw, buf *reply_raw);
void loopback_free(loopback *l); /* takes NULL */

#endif
