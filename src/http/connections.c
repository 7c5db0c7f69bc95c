/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, who may, and who is too slow.
 *
 * We accept ourselves instead of letting libmicrohttpd do it: MHD_quiesce_daemon of 0.9.75 can
 * abort the process when a worker leaves the listening socket at the same moment, and a limit
 * for each address with an exception for our own proxies is not among its options. Time-outs are
 * ours as well: its own is one of inactivity, which a byte every few seconds defeats for ever. */
#include "http/server_inner.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096

static void lock(server *s)
{
    TQ_ASSERT(pthread_mutex_lock(&s->lock) == 0);
}

static void unlock(server *s)
{
    TQ_ASSERT(pthread_mutex_unlock(&s->lock) == 0);
}

/* The moment first, then the phase: the reaper reads them the other way round, and would at
 * worst give a connection the time of its new phase twice. */
void conn_phase_set(conn *c, conn_phase phase)
{
    atomic_store(&c->since_us, ticks_us());
    atomic_store(&c->phase, (int)phase);
}

/* --- the lists -------------------------------------------------------------------------------- */

/* Keyed, so that a client cannot choose addresses that share a bucket and make each new comer
 * search it. */
static conn **bucket_of(server *s, const char *peer)
{
    uint64_t sum[2];
    sip128(&s->id_key, str_of(peer), sum);
    return &s->bucket[sum[0] % CONN_BUCKETS];
}

/* Under the lock. The number of the descriptor is free for the next comer from here on. */
static void unlink_conn(server *s, conn *c)
{
    if (c->prev != NULL) {
        c->prev->next = c->next;
    } else {
        *bucket_of(s, c->peer) = c->next;
    }
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
    s->by_fd[c->fd] = NULL;
    s->n_conns--;
}

/* The kernel gives the lowest free number, so the table stays about as long as there are
 * connections. */
static bool room_for_fd(server *s, size_t fd)
{
    if (fd < s->by_fd_room) {
        return true;
    }
    const size_t room = (fd + 1) * 2;
    conn **more = realloc(s->by_fd, room * sizeof(conn *));
    if (more == NULL) {
        return false;
    }
    memset(more + s->by_fd_room, 0, (room - s->by_fd_room) * sizeof(conn *));
    s->by_fd = more;
    s->by_fd_room = room;
    return true;
}

/* May one more come from there? Under the lock. */
static bool welcome(server *s, const char *peer)
{
    int same = 0;
    if (s->n_conns >= s->connections_max) {
        return false;
    }
    if (exchange_listed(s->site.trusted_proxies, str_of(peer))) {
        return true;
    }
    for (const conn *c = *bucket_of(s, peer); c != NULL; c = c->next) {
        same += strcmp(c->peer, peer) == 0;
    }
    return same < s->per_address_max;
}

/* NULL where it is not welcome. */
static conn *enter(server *s, int fd, const char *peer)
{
    conn *c = NULL;
    lock(s);
    if (welcome(s, peer) && room_for_fd(s, (size_t)fd)) {
        conn *stale = s->by_fd[fd];
        if (stale != NULL) { /* libmicrohttpd closed it before telling us that it had begun */
            TQ_ASSERT(stale->mhd == NULL);
            unlink_conn(s, stale);
            free(stale);
        }
        c = calloc(1, sizeof *c);
    }
    if (c != NULL) {
        c->s = s;
        c->fd = fd;
        (void)snprintf(c->peer, sizeof c->peer, "%s", peer);
        conn_phase_set(c, CONN_FRESH);
        conn **bucket = bucket_of(s, peer);
        c->next = *bucket;
        if (c->next != NULL) {
            c->next->prev = c;
        }
        *bucket = c;
        s->by_fd[fd] = c;
        s->n_conns++;
    }
    unlock(s);
    return c;
}

/* libmicrohttpd hands us its own handle only; the descriptor is the one thing both sides know. */
conn *connections_taken(server *s, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    TQ_ASSERT(info != NULL);
    const int fd = info->connect_fd;
    lock(s);
    TQ_ASSERT(fd >= 0 && (size_t)fd < s->by_fd_room);
    conn *c = s->by_fd[fd];
    TQ_ASSERT(c != NULL);
    c->mhd = mhd;
    c->thread = pthread_self();
    unlock(s);
    return c;
}

conn *connections_unshown(server *s)
{
    conn *found = NULL;
    lock(s);
    for (size_t i = 0; i < CONN_BUCKETS && found == NULL; i++) {
        for (conn *c = s->bucket[i]; c != NULL && found == NULL; c = c->next) {
            if (c->mhd != NULL && pthread_equal(c->thread, pthread_self()) &&
                atomic_load(&c->stage) == STAGE_NONE && atomic_load(&c->phase) == CONN_HEAD &&
                MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE) != NULL) {
                found = c;
            }
        }
    }
    unlock(s);
    return found;
}

/* Called before libmicrohttpd closes the descriptor, so its number is still ours here. */
void connections_gone(conn *c)
{
    server *s = c->s;
    lock(s);
    unlink_conn(s, c);
    unlock(s);
    arena_free(c->a);
    free(c);
}

int connections_count(const server *s)
{
    return atomic_load(&s->n_conns);
}

/* --- accepting -------------------------------------------------------------------------------- */

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* A stranger too many is hung up on without a word: an answer would cost what the limit is to
 * save. */
static void take(server *s, int fd, const struct sockaddr_in *from)
{
    char peer[INET6_ADDRSTRLEN];
    TQ_ASSERT(inet_ntop(AF_INET, &from->sin_addr, peer, sizeof peer) != NULL);
    if (enter(s, fd, peer) == NULL) {
        atomic_fetch_add(&s->rejected, 1);
        (void)close(fd); /* nothing was said on it */
        return;
    }
    /* On failure the descriptor is closed; the entry is found stale when its number comes again. */
    (void)MHD_add_connection(s->daemon, fd, (const struct sockaddr *)from, sizeof *from);
}

/* accept4 waits here while the event threads work, so a flood of connections cannot starve the
 * requests of those who are in. */
static void *accept_all(void *ctx)
{
    server *s = ctx;
    while (!atomic_load(&s->draining)) {
        struct sockaddr_in from = {0};
        socklen_t len = sizeof from;
        const int fd =
            accept4(s->listen_fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take(s, fd, &from);
        } else if (errno == EINVAL) {
            break; /* the door was closed */
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_ms(50); /* until somebody leaves; the backlog waits */
        }
    }
    return NULL;
}

/* Numbers only: a name could be resolved to an address that others reach. */
static bool address_of(const char *text, struct sockaddr_in *out)
{
    const char *colon = strrchr(text, ':');
    long long port = -1;
    char host[64] = "";
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) {
        return false;
    }
    memcpy(host, text, (size_t)(colon - text));
    *out = (struct sockaddr_in){.sin_family = AF_INET};
    if (!str_int64(str_of(colon + 1), &port) || port > UINT16_MAX ||
        inet_pton(AF_INET, host, &out->sin_addr) != 1) {
        return false;
    }
    out->sin_port = htons((uint16_t)port);
    return true;
}

tq_code connections_listen(server *s, const char *address, tq_err *err)
{
    struct sockaddr_in at;
    const int on = 1;
    if (address == NULL || !address_of(address, &at)) {
        return tq_fail(err, TQ_INVALID, "listen", "listen", "write the address as 127.0.0.1:8080");
    }
    /* TLS belongs to the reverse proxy in front, which reaches us by loopback. */
    if ((ntohl(at.sin_addr.s_addr) >> 24) != 127) {
        return tq_fail(err, TQ_INVALID, "listen", "listen",
                       "plain HTTP is served on loopback only; put a reverse proxy before it");
    }
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof at;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        if (fd >= 0) {
            (void)close(fd); /* it never listened */
        }
        return tq_fail(err, TQ_IO, "listen", "listen",
                       "the address cannot be listened on; is it taken?");
    }
    s->listen_fd = fd;
    s->port = ntohs(at.sin_port);
    return TQ_OK;
}

/* --- the reaper ------------------------------------------------------------------------------- */

/* Bytes the kernel has had from the peer, or the peer from us: progress that nobody can fake. */
static int64_t wire_bytes(const conn *c, bool received)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0) {
        return 0;
    }
    return (int64_t)(received ? info.tcpi_bytes_received : info.tcpi_bytes_acked);
}

/* Does a body or an answer keep the least rate? Measured from the first look in this phase. */
static bool keeps_rate(conn *c, int64_t since, int64_t moved, int64_t now)
{
    const server *s = c->s;
    if (c->look_since_us != since) {
        c->look_since_us = since;
        c->look_base = moved;
        c->look_moved = moved;
        c->look_grown_us = now;
    }
    if (moved > c->look_moved) {
        c->look_moved = moved;
        c->look_grown_us = now;
    }
    const int64_t late = now - since - RATE_AFTER_US;
    return now - c->look_grown_us <= s->body_us &&
           (late <= 0 || moved - c->look_base >= late / 1000000 * s->rate_min);
}

/* A connection kept open is idle until the first byte of the next head; libmicrohttpd does not
 * tell when that comes, the kernel does. */
static bool keeps_idle(conn *c, int64_t since, int64_t now)
{
    const int64_t had = wire_bytes(c, true);
    if (c->look_since_us != since) {
        c->look_since_us = since;
        c->look_base = had;
        c->look_grown_us = 0;
    }
    if (had > c->look_base && c->look_grown_us == 0) {
        c->look_grown_us = now;
    }
    return c->look_grown_us == 0 ? now - since <= c->s->idle_us
                                 : now - c->look_grown_us <= c->s->header_us;
}

/* One table of time-outs. What waits for us (CONN_WORK) is never late: the fault would be ours. */
static bool in_time(conn *c, int64_t now)
{
    const int64_t since = atomic_load(&c->since_us);
    switch ((conn_phase)atomic_load(&c->phase)) {
    case CONN_FRESH:
    case CONN_HEAD:
        return now - since <= c->s->header_us;
    case CONN_IDLE:
        return keeps_idle(c, since, now);
    case CONN_BODY:
        return keeps_rate(c, since, atomic_load(&c->moved), now);
    case CONN_SENDING:
        return keeps_rate(c, since, wire_bytes(c, false), now);
    case CONN_WORK:
    case CONN_STREAM:
        return true;
    }
    return true;
}

/* Shutting down is all that is done to a connection from here: closing it would free its number
 * while an event thread still uses it. */
static void look(server *s)
{
    const int64_t now = ticks_us();
    lock(s);
    for (size_t i = 0; i < CONN_BUCKETS; i++) {
        for (conn *c = s->bucket[i]; c != NULL; c = c->next) {
            if (c->mhd != NULL && !in_time(c, now)) {
                atomic_fetch_add(&s->timeouts, 1);
                conn_phase_set(c, CONN_STREAM); /* once is enough */
                (void)shutdown(c->fd, SHUT_RDWR);
            }
        }
    }
    unlock(s);
}

/* A quarter of a second is fine enough for limits of seconds, and costs one call per sender or
 * idler. */
static void *reap(void *ctx)
{
    server *s = ctx;
    TQ_ASSERT(pthread_mutex_lock(&s->reaper_lock) == 0);
    while (!s->reaper_ends) {
        ticks_cond_wait(&s->reaper_wake, &s->reaper_lock, INT64_C(1000) * REAPER_MS);
        TQ_ASSERT(pthread_mutex_unlock(&s->reaper_lock) == 0);
        look(s);
        TQ_ASSERT(pthread_mutex_lock(&s->reaper_lock) == 0);
    }
    TQ_ASSERT(pthread_mutex_unlock(&s->reaper_lock) == 0);
    return NULL;
}

/* --- begin and end ---------------------------------------------------------------------------- */

/* The reaper first: no connection may live a moment without it. */
bool connections_begin(server *s)
{
    s->reaping = pthread_create(&s->reaper, NULL, reap, s) == 0;
    s->accepting = s->reaping && pthread_create(&s->acceptor, NULL, accept_all, s) == 0;
    return s->accepting;
}

/* A listening socket that is only closed keeps accept4 waiting; shut down, it returns. */
void connections_close_door(server *s)
{
    if (s->listen_fd < 0) {
        return;
    }
    (void)shutdown(s->listen_fd, SHUT_RDWR); /* wakes accept4 with EINVAL */
    if (s->accepting) {
        TQ_ASSERT(pthread_join(s->acceptor, NULL) == 0);
        s->accepting = false;
    }
    (void)close(s->listen_fd); /* it only listened */
    s->listen_fd = -1;
}

/* After libmicrohttpd has stopped: it has told us of the end of every connection it took. */
void connections_end(server *s)
{
    if (s->reaping) {
        TQ_ASSERT(pthread_mutex_lock(&s->reaper_lock) == 0);
        s->reaper_ends = true;
        (void)pthread_cond_signal(&s->reaper_wake);
        TQ_ASSERT(pthread_mutex_unlock(&s->reaper_lock) == 0);
        TQ_ASSERT(pthread_join(s->reaper, NULL) == 0);
        s->reaping = false;
    }
    for (size_t i = 0; i < s->by_fd_room; i++) {
        if (s->by_fd[i] != NULL) { /* only those that libmicrohttpd never took */
            free(s->by_fd[i]);
        }
    }
    free(s->by_fd);
    s->by_fd = NULL;
}
