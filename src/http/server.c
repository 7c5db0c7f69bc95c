/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "http/server_inner.h"

/* Of one connection: its head and what libmicrohttpd notes about it. It is zeroed between
 * requests, so more costs time; a head of HTTP_HEAD_MAX fits. */
#define CONN_MEMORY ((size_t)48 * 1024)
#define STACK_BYTES ((size_t)1024 * 1024) /* handlers that answer at once run on it */
#define LAST_ANSWERS_MS 2000

const int64_t server_latency_bounds_us[TALLY_BOUNDS] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, INT64_MAX};

/* --- a request's way through the callbacks ---------------------------------------------------- */

/* The raw target, before libmicrohttpd cuts and decodes it. Its query is taken away, so that no
 * memory of the connection goes into a list of arguments that nobody asks for: some hundred of
 * them would end the connection without a word. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *mhd)
{
    (void)ctx;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    TQ_ASSERT(info != NULL && info->socket_context != NULL);
    conn *c = info->socket_context;
    if (c->a == NULL) {
        c->a = arena_new("request", EXCHANGE_ARENA_MAX);
    }
    c->target_at = target == NULL ? "" : target;
    c->target = arena_copy(c->a, str_of(c->target_at));
    const char *query = strchr(c->target_at, '?');
    if (query != NULL) {
        *(char *)(uintptr_t)(query + 1) = '\0';
    }
    conn_phase_set(c, CONN_HEAD);
    return c;
}

/* libmicrohttpd would decode again what we decode. */
static size_t leave_alone(void *ctx, struct MHD_Connection *mhd, char *text)
{
    (void)ctx;
    (void)mhd;
    return strlen(text);
}

typedef struct head_walk {
    http_head *head;
    const char *at; /* where the next line must stand */
    bool bent;
} head_walk;

/* libmicrohttpd leaves a head in its buffer as it came, with NUL in place of the colon and of
 * each byte of a line end. So names and values must stand there one after the other: a bare line
 * feed leaves one NUL, a NUL of the client's cuts a value short, a folded line stands elsewhere.
 * All of them make the way bent. */
static enum MHD_Result take_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   size_t name_len, const char *value, size_t value_len)
{
    head_walk *w = ctx;
    http_head *h = w->head;
    (void)kind;
    if (value == NULL || name != w->at || value < name + name_len + 1 || name[name_len] != '\0' ||
        value[value_len] != '\0' || value[value_len + 1] != '\0') {
        w->bent = true;
        value = value == NULL ? "" : value;
    }
    if (h->n_headers < HTTP_HEADERS_MAX) {
        str v = {value, value_len};
        while (v.len > 0 && (v.data[v.len - 1] == ' ' || v.data[v.len - 1] == '\t')) {
            v.len--;
        }
        h->headers[h->n_headers] = (http_pair){{name, name_len}, v};
    }
    h->n_headers++;
    w->at = value + value_len + 2;
    return MHD_YES;
}

/* The raw head, as far as the library still has it: method, target, version and all headers must
 * follow each other with exactly one blank or line end between them. */
static void take_head(conn *c, const char *method, const char *version, http_head *h)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    TQ_ASSERT(info != NULL);
    h->method = str_of(method); /* one by one: the array of headers need not be cleared each time */
    h->target = c->target;
    h->version = str_of(version);
    h->n_headers = 0;
    h->bytes = info->header_size;
    head_walk walk = {.head = h, .at = version + h->version.len + 2};
    walk.bent = version[h->version.len + 1] != '\0' || c->target_at != method + h->method.len + 1 ||
                version != c->target_at + c->target.len + 1;
    (void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, take_header, &walk);
    /* The empty line ends the head, and is itself CRLF. */
    h->bent =
        walk.bent || walk.at + 2 != method + h->bytes || walk.at[0] != '\0' || walk.at[1] != '\0';
}

/* Unique within the process, and not to be guessed from another: it appears in answers to
 * everybody. */
static void name_request(conn *c)
{
    uint64_t sum[2];
    const uint64_t n = atomic_fetch_add(&c->s->next_id, 1);
    sip128(&c->s->id_key, (str){(const char *)&n, sizeof n}, sum);
    (void)snprintf(c->id, sizeof c->id, "%016llx", (unsigned long long)sum[0]);
}

static void count_begun(conn *c)
{
    c->begun_us = ticks_us();
    c->counted = true;
    atomic_fetch_add(&c->s->requests, 1);
    atomic_fetch_add(&c->s->in_flight, 1);
    name_request(c);
}

/* The head is complete, the body is not read yet. */
static enum MHD_Result begin(conn *c, const char *method, const char *version)
{
    server *s = c->s;
    http_head head;
    count_begun(c);
    take_head(c, method, version, &head);
    bool goes_on = exchange_head(&c->x, &s->site, &head, c->peer, c->id, c->a);
    if (goes_on && atomic_load(&s->closing)) {
        c->x.closing = true;
        exchange_fail(&c->x, GUARD_DRAINING);
        goes_on = false;
    }
    atomic_store(&c->moved, 0);
    atomic_store(&c->stage, goes_on ? STAGE_BODY : STAGE_READY);
    conn_phase_set(c, goes_on && exchange_has_body(&c->x) ? CONN_BODY : CONN_WORK);
    /* An answer given here ends the connection; those that need not wait for the last call. */
    return !goes_on && c->x.closing ? send_reply(c) : MHD_YES;
}

/* The whole request is there. */
static enum MHD_Result finish(conn *c)
{
    conn_phase_set(c, CONN_WORK);
    if (!exchange_ready(&c->x)) {
        atomic_store(&c->stage, STAGE_READY);
    } else if (c->x.plan.at_once) {
        exchange_handle(&c->x);
        atomic_store(&c->stage, STAGE_READY);
    } else {
        /* Suspended before it is given away: the worker may be done before this returns. */
        atomic_store(&c->stage, STAGE_RUNNING);
        MHD_suspend_connection(c->mhd);
        if (!workers_give(c->s->pool, c)) {
            exchange_fail(&c->x, atomic_load(&c->s->closing) ? GUARD_DRAINING : GUARD_BUSY);
            atomic_store(&c->stage, STAGE_READY);
            MHD_resume_connection(c->mhd);
        }
        return MHD_YES;
    }
    return send_reply(c);
}

/* On a worker thread; may take as long as the database takes. */
static void work(void *job)
{
    conn *c = job;
    exchange_handle(&c->x);
    atomic_store(&c->stage, STAGE_READY);
    MHD_resume_connection(c->mhd); /* the last touch: the event thread has it from here */
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    conn *c = *state;
    (void)ctx;
    (void)url;
    TQ_ASSERT(c != NULL && c->mhd == mhd);
    switch ((conn_stage)atomic_load(&c->stage)) {
    case STAGE_NONE:
        return begin(c, method, version);
    case STAGE_BODY:
        break;
    case STAGE_RUNNING:
        return MHD_YES;
    case STAGE_READY:
        return *upload_size > 0 ? MHD_NO : send_reply(c);
    case STAGE_SENT:
        return MHD_NO;
    }
    if (*upload_size == 0) {
        return finish(c);
    }
    const str bytes = {upload, *upload_size};
    *upload_size = 0;
    atomic_fetch_add(&c->moved, (long long)bytes.len);
    return exchange_body(&c->x, bytes) ? MHD_YES : MHD_NO;
}

/* What libmicrohttpd would refuse by its length is refused in our own words. */
static void refuse(conn *c)
{
    BUF_AUTO buf out = buf_max(HTTP_HEAD_MAX);
    http_head head = {.method = STR("GET"), .target = STR("/"), .version = STR("HTTP/1.1")};
    head_walk walk = {.head = &head};
    count_begun(c);
    (void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, take_header, &walk);
    head.bytes = 1;
    if (exchange_head(&c->x, &c->s->site, &head, c->peer, c->id, c->a) || c->x.failed == GUARD_OK) {
        exchange_fail(&c->x, GUARD_HEAD_SIZE); /* its memory did not hold the head */
    }
    c->x.closing = true;
    c->status = c->x.reply.status;
    exchange_write(&c->x, &out);
    const str answer = buf_view(&out);
    (void)send(c->fd, answer.data, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT); /* or it gets none */
    (void)shutdown(c->fd, SHUT_RDWR);
}

/* --- when it is over -------------------------------------------------------------------------- */

static void count_done(server *s, const conn *c, int64_t took_us)
{
    size_t i = 0;
    while (took_us > server_latency_bounds_us[i]) {
        i++;
    }
    TQ_ASSERT(i < TQ_COUNT(server_latency_bounds_us));
    atomic_fetch_add(&s->latency[i], 1);
    atomic_fetch_add(&s->latency_sum, took_us);
    atomic_fetch_add(&s->by_status[c->status / 100 % 6], 1);
    if (c->x.failed != GUARD_OK) {
        atomic_fetch_add(&s->refused[c->x.failed], 1);
    }
    tally_add(s->counted, c->x.reply.log_route, c->x.rq.method_text, c->status, took_us, i);
    atomic_fetch_add(&s->bytes_in, atomic_load(&c->moved));
    atomic_fetch_add(&s->bytes_out, c->reply_bytes);
    atomic_fetch_sub(&s->in_flight, 1);
}

/* One line a request, behind its last byte: only then are status, size and time known. */
static void note(const conn *c, enum MHD_RequestTerminationCode why, int64_t took_us)
{
    const http_reply *r = &c->x.reply;
    const bool gone = why != MHD_REQUEST_TERMINATED_COMPLETED_OK;
    const request_line line = {
        .at_us = c->x.rq.at_us,
        .request_id = c->id,
        .method = c->x.rq.method_text,
        .route = r->log_route,
        .reason = r->log_reason[0] == '\0' && gone ? "client_gone" : r->log_reason,
        .status = c->status,
        .user = r->log_user,
        .dur_us = took_us,
        .bytes = c->reply_bytes,
    };
    request_log_add(c->s->log, &line);
}

static void on_done(void *ctx, struct MHD_Connection *mhd, void **state,
                    enum MHD_RequestTerminationCode why)
{
    conn *c = *state;
    server *s = ctx;
    (void)mhd;
    if (c == NULL) {
        return;
    }
    if (c->stream != NULL) {
        sse_close(c->stream);
        c->stream = NULL;
    }
    if (c->counted) {
        const int64_t took_us = ticks_us() - c->begun_us;
        note(c, why, took_us);
        count_done(s, c, took_us);
        exchange_end(&c->x);
    } else {
        atomic_fetch_add(&s->rejected, 1); /* libmicrohttpd could not read the head, and said so */
    }
    arena_reset(c->a);
    c->counted = false;
    c->target = (str){0};
    c->status = 0;
    c->reply_bytes = 0;
    atomic_store(&c->stage, STAGE_NONE);
    conn_phase_set(c, CONN_IDLE);
    *state = NULL;
}

static void on_connection(void *ctx, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = connections_taken(ctx, mhd);
    } else {
        connections_gone(*socket_context);
        *socket_context = NULL;
    }
}

/* --- start and stop --------------------------------------------------------------------------- */

/* libmicrohttpd says here that it is about to answer by itself. Where it does so because of the
 * length, it sends the head of that answer twice (0.9.75, MHD_connection_handle_idle goes on
 * from HEADERS_RECEIVED as if nothing had happened). Such a request is the only one of this
 * thread whose head is complete and which we have not been shown: we answer it ourselves and
 * shut the socket before the library gets to it. */
__attribute__((format(printf, 2, 0))) static void on_message(void *ctx, const char *format,
                                                             va_list args)
{
    static const char refusal[] = "Error processing request";
    (void)args;
    if (strncmp(format, refusal, sizeof refusal - 1) != 0) {
        return;
    }
    conn *c = connections_unshown(ctx);
    if (c != NULL) {
        refuse(c);
    }
}

static struct MHD_Daemon *daemon_of(server *s)
{
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                                MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
                            0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_message, s,
                            MHD_OPTION_THREAD_POOL_SIZE, (unsigned)SERVER_EVENT_THREADS,
                            MHD_OPTION_CONNECTION_LIMIT,
                            /* Ours is the one that counts: this one is split among the threads. */
                            (unsigned)(s->connections_max * SERVER_EVENT_THREADS + 16),
                            MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            CONN_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0,
                            MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_URI_LOG_CALLBACK,
                            on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, leave_alone, s,
                            MHD_OPTION_NOTIFY_COMPLETED, on_done, s, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, s, MHD_OPTION_END);
}

static server *server_new(const server_options *o, const http_app *app)
{
    server *s = calloc(1, sizeof *s);
    TQ_ASSERT(s != NULL);
    s->app = *app;
    s->listen_fd = -1;
    random_bytes(s->id_key.b, sizeof s->id_key.b);
    TQ_ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
    TQ_ASSERT(pthread_mutex_init(&s->reaper_lock, NULL) == 0);
    ticks_cond_init(&s->reaper_wake);
    s->counted = tally_new();
    server_limits_begin(s, o);
    return s;
}

tq_code server_start(const server_options *o, const http_app *app, server **out, tq_err *err)
{
    TQ_ASSERT(o != NULL && app->plan != NULL && app->handle != NULL && app->failure != NULL);
    server *s = server_new(o, app);
    const int threads = server_or_else(o->workers, 64);
    s->workers = threads;
    s->queue_max = server_or_else(o->queue_max, 512);
    tq_code code = TQ_OK;
    TQ_ASSERT(threads <= 256);
    if (o->spool != NULL) {
        code = spool_open(o->spool, &s->site.spool, err);
    }
    if (code == TQ_OK) {
        code = connections_listen(s, o->address, err);
    }
    if (code == TQ_OK) {
        s->pool = workers_start(threads, s->queue_max, work);
        s->events = sse_start((int)(s->body_us / 1000000));
        s->daemon = daemon_of(s);
        if (s->pool == NULL || s->events == NULL || s->daemon == NULL || !connections_begin(s)) {
            code = tq_fail(err, TQ_IO, "threads", "workers",
                           "no more threads can be had; ask for fewer");
        }
    }
    if (code != TQ_OK) {
        server_stop(s);
        return code;
    }
    *out = s;
    return TQ_OK;
}

unsigned server_port(const server *s)
{
    return s->port;
}

/* Polled: the end of a program does not deserve a condition variable on the path of each
 * request. */
static void wait_for_answers(server *s, int64_t ms)
{
    const int64_t until = ticks_us() + ms * 1000;
    const struct timespec nap = {0, 2000000};
    while (atomic_load(&s->in_flight) > 0 && ticks_us() < until) {
        (void)nanosleep(&nap, NULL);
    }
}

/* The door first: what comes after it would wait for an answer that may not come. */
void server_drain(server *s, int seconds)
{
    atomic_store(&s->draining, true);
    connections_close_door(s);
    if (s->events != NULL) {
        sse_finish(s->events);
    }
    wait_for_answers(s, (int64_t)seconds * 1000);
}

/* libmicrohttpd aborts if a connection is suspended when it is stopped: so first nothing new is
 * taken, then workers and streams give back what they hold, and what they gave back gets out. */
void server_stop(server *s)
{
    if (s == NULL) {
        return;
    }
    atomic_store(&s->closing, true);
    server_drain(s, 0);
    workers_stop(s->pool);
    sse_stop(s->events);
    if (s->daemon != NULL) {
        wait_for_answers(s, LAST_ANSWERS_MS);
        MHD_stop_daemon(s->daemon);
    }
    sse_free(s->events);
    connections_end(s);
    workers_free(s->pool);
    spool_free(s->site.spool);
    server_limits_end(s);
    tally_free(s->counted);
    (void)pthread_cond_destroy(&s->reaper_wake);
    (void)pthread_mutex_destroy(&s->reaper_lock);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

void server_read(const server *s, server_counts *out)
{
    int64_t sum = 0;
    *out = (server_counts){
        .requests = atomic_load(&s->requests),
        .in_flight = atomic_load(&s->in_flight),
        .queued = workers_queued(s->pool),
        .connections = connections_count(s),
        .rejected = atomic_load(&s->rejected),
        .timeouts = atomic_load(&s->timeouts),
        .bytes_in = atomic_load(&s->bytes_in),
        .bytes_out = atomic_load(&s->bytes_out),
        .streams = sse_open_count(s->events),
        .latency_us_sum = atomic_load(&s->latency_sum),
        .workers = s->workers,
        .queue_max = s->queue_max,
        .connections_max = s->connections_max,
    };
    for (size_t i = 0; i < TQ_COUNT(out->by_status); i++) {
        out->by_status[i] = atomic_load(&s->by_status[i]);
    }
    for (size_t i = 0; i < TQ_COUNT(out->latency_us_bucket); i++) {
        sum += atomic_load(&s->latency[i]);
        out->latency_us_bucket[i] = sum;
    }
}

void server_refusals(const server *s, void (*each)(void *ctx, const char *token, int64_t n),
                     void *ctx)
{
    for (size_t i = 1; i < TQ_COUNT(s->refused); i++) {
        const int64_t n = atomic_load(&s->refused[i]);
        if (n > 0) {
            each(ctx, guard_token((guard_reason)i), n);
        }
    }
}

tally *server_tally(const server *s)
{
    return s->counted;
}
