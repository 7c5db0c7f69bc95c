/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SERVER_INNER_H
#define TQ_SERVER_INNER_H

/* What the files of the server share: a connection, the server, and who may touch what.
 *
 * A connection belongs to one event thread of libmicrohttpd. While a worker handles its request
 * it is suspended, so the worker has it alone. The reaper looks only at the atomic fields, and
 * shuts the socket down where it must go; libmicrohttpd then closes it. */

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "http/exchange.h"
#include "http/log.h"
#include "http/server.h"
#include "http/sse.h"
#include "http/tally.h"
#include "http/ticks.h"
#include "http/worker.h"

#define CONN_BUCKETS 256
#define REAPER_MS 250
#define RATE_AFTER_US INT64_C(5000000)

/* What a connection is doing, for the time-outs. */
typedef enum conn_phase {
    CONN_FRESH,   /* accepted, nothing heard: the head is due */
    CONN_IDLE,    /* between requests */
    CONN_HEAD,    /* a request has begun */
    CONN_BODY,    /* its head is complete, its body is due */
    CONN_WORK,    /* with us: no time-out */
    CONN_SENDING, /* the reply is on its way */
    CONN_STREAM   /* events; the stream itself looks whether they are read */
} conn_phase;

/* How far the request has come, for the event thread and the worker. */
typedef enum conn_stage {
    STAGE_NONE,    /* no head yet */
    STAGE_BODY,    /* head fine, body coming */
    STAGE_RUNNING, /* suspended, with a worker or in the queue */
    STAGE_READY,   /* the reply is filled */
    STAGE_SENT     /* and queued */
} conn_stage;

typedef struct conn {
    server *s;
    int fd;
    char peer[INET6_ADDRSTRLEN];
    struct conn *prev, *next;   /* of its bucket */
    struct MHD_Connection *mhd; /* NULL until libmicrohttpd has taken it */
    pthread_t thread;           /* then the event thread it belongs to */
    atomic_int phase, stage;
    atomic_llong since_us; /* of the phase */
    atomic_llong moved;    /* body bytes of the request so far */
    /* Of the reaper alone: the phase it looked at, the count then and now, when it last grew. */
    int64_t look_since_us, look_base, look_moved, look_grown_us;
    /* Of the request. */
    arena *a;
    str target;            /* a copy */
    const char *target_at; /* where it stands in libmicrohttpd's buffer */
    exchange x;
    bool counted; /* as in flight */
    sse_stream *stream;
    int64_t begun_us, reply_bytes;
    unsigned status; /* sent; 0: none */
    char id[17];
} conn;

struct server {
    http_app app;
    exchange_site site;
    struct MHD_Daemon *daemon;
    workers *pool;
    sse *events;
    request_log *log;
    tally *counted;
    struct proxy_list *proxies; /* all that were in force: a request may still read an old one */
    int listen_fd;
    unsigned port;
    int connections_max, workers, queue_max;
    atomic_int per_address_max;
    atomic_llong header_us, body_us, idle_us, rate_min;
    pthread_t acceptor, reaper;
    bool accepting, reaping; /* are the threads there */
    atomic_bool draining, closing;
    sip_key id_key;
    atomic_ullong next_id;
    pthread_mutex_t lock; /* guards the connections' lists */
    conn *bucket[CONN_BUCKETS];
    conn **by_fd;
    size_t by_fd_room;
    atomic_int n_conns;
    pthread_mutex_t reaper_lock; /* with `reaper_wake`: ends the reaper's sleep */
    pthread_cond_t reaper_wake;
    bool reaper_ends;
    atomic_llong requests, in_flight, rejected, timeouts, bytes_in, bytes_out, latency_sum;
    atomic_llong by_status[6], latency[12];
    atomic_llong refused[GUARD_REASON_END]; /* what never reached a handler, by guard_reason */
};

void conn_phase_set(conn *c, conn_phase phase);

/* connections.c */
TQ_MUST_CHECK tq_code connections_listen(server *s, const char *address, tq_err *err);
bool connections_begin(server *s); /* the threads; false where there are none to be had */
void connections_close_door(server *s);
void connections_end(server *s);
conn *connections_taken(server *s, struct MHD_Connection *mhd);
void connections_gone(conn *c);
/* The one of the calling event thread whose head is complete and that no callback was told of;
 * NULL. */
conn *connections_unshown(server *s);
int connections_count(const server *s);

/* server_limits.c: what server_options say, at the start and later */
int server_or_else(int value, int otherwise);
void server_limits_begin(server *s, const server_options *o);
void server_limits_end(server *s);

/* send.c */
enum MHD_Result send_reply(conn *c);

#endif
