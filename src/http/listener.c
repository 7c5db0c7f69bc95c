/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listener.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>

#include "base/canon.h"

#define REQUEST_ARENA_MAX (8 * 1024 * 1024)

struct listener {
    struct MHD_Daemon *daemon;
    http_handler handle;
    void *ctx;
};

/* Scripts, frames and foreign resources are out of the question on pages that move public money. */
static const struct {
    const char *name, *value;
} headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

void http_problem(http_reply *out, unsigned status, const char *title)
{
    out->status = status;
    out->type = "application/problem+json";
    buf_clear(&out->body);
    canon c = canon_to(&out->body);
    canon_open(&c);
    canon_kstr(&c, "type", STR("about:blank"));
    canon_kstr(&c, "title", str_of(title));
    canon_kint(&c, "status", status);
    canon_close(&c);
}

static enum MHD_Result answer(struct MHD_Connection *connection, http_reply *reply, bool close_after)
{
    if (!buf_ok(&reply->body)) {
        http_problem(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "the answer is too large");
    }
    const str body = buf_view(&reply->body);
    char *copy = malloc(body.len + 1);
    TQ_ASSERT(copy != NULL);
    memcpy(copy, body.data, body.len);
    buf_free(&reply->body);
    struct MHD_Response *r = MHD_create_response_from_buffer(body.len, copy, MHD_RESPMEM_MUST_FREE);
    TQ_ASSERT(r != NULL);
    for (size_t i = 0; i < TQ_COUNT(headers); i++) {
        (void)MHD_add_response_header(r, headers[i].name, headers[i].value);
    }
    (void)MHD_add_response_header(r, "Content-Type", reply->type);
    (void)MHD_add_response_header(
        r, "Cache-Control", reply->immutable ? "public, max-age=86400" : "no-store");
    if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(r, "Allow", "GET, HEAD");
    }
    if (close_after) {
        (void)MHD_add_response_header(r, "Connection", "close");
    }
    const enum MHD_Result queued = MHD_queue_response(connection, reply->status, r);
    MHD_destroy_response(r);
    return queued;
}

typedef struct framing {
    int host, length, transfer;
} framing;

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    framing *f = ctx;
    (void)kind;
    (void)value;
    f->host += strcasecmp(name, "Host") == 0;
    f->length += strcasecmp(name, "Content-Length") == 0;
    f->transfer += strcasecmp(name, "Transfer-Encoding") == 0;
    return MHD_YES;
}

/* libmicrohttpd 0.9.75 takes doubled Content-Length and Content-Length beside Transfer-Encoding. */
static bool framed_well(struct MHD_Connection *connection)
{
    framing f = {0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &f);
    return f.host == 1 && f.length <= 1 && f.transfer == 0;
}

static const char *value_of(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, kind, name);
    return value == NULL ? "" : value;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    static int seen;
    listener *l = ctx;
    (void)version;
    (void)upload;
    http_reply reply = {.status = MHD_HTTP_OK, .type = "text/plain", .body = buf_max(HTTP_REPLY_MAX)};
    if (*state == NULL) {
        if (!framed_well(connection)) {
            http_problem(&reply, MHD_HTTP_BAD_REQUEST, "the request is not framed as it should be");
            return answer(connection, &reply, true);
        }
        *state = &seen; /* the head is read; answer when the body, if any, has been dropped */
        return MHD_YES;
    }
    if (*upload_size > 0) {
        http_problem(&reply, MHD_HTTP_CONTENT_TOO_LARGE, "this resource takes no body");
        return answer(connection, &reply, true);
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        http_problem(&reply, MHD_HTTP_METHOD_NOT_ALLOWED, "this resource can only be read");
        return answer(connection, &reply, true);
    }
    ARENA_AUTO arena *a = arena_new("request", REQUEST_ARENA_MAX);
    const http_request rq = {
        .path = str_of(url),
        .language = value_of(connection, MHD_HEADER_KIND, "Accept-Language"),
        .lang = value_of(connection, MHD_GET_ARGUMENT_KIND, "lang"),
        .a = a,
    };
    l->handle(l->ctx, &rq, &reply);
    return answer(connection, &reply, false);
}

static tq_code address_of(const char *text, struct sockaddr_in *out, tq_err *err)
{
    const char *colon = strrchr(text, ':');
    long long port = -1;
    char host[64] = "";
    if (colon != NULL && (size_t)(colon - text) < sizeof host) {
        memcpy(host, text, (size_t)(colon - text));
    }
    *out = (struct sockaddr_in){.sin_family = AF_INET};
    if (colon == NULL || !str_int64(str_of(colon + 1), &port) || port > UINT16_MAX ||
        inet_pton(AF_INET, host, &out->sin_addr) != 1) {
        return tq_fail(err, TQ_INVALID, "listen", "listen", "write the address as 127.0.0.1:8080");
    }
    /* TLS belongs to the reverse proxy in front, which reaches us by loopback. */
    if ((ntohl(out->sin_addr.s_addr) >> 24) != 127) {
        return tq_fail(err, TQ_INVALID, "listen", "listen",
                       "plain HTTP is served on loopback only; put a reverse proxy before it");
    }
    out->sin_port = htons((uint16_t)port);
    return TQ_OK;
}

tq_code listener_start(const char *address, http_handler handle, void *ctx, listener **out, tq_err *err)
{
    struct sockaddr_in at;
    TQ_ASSERT(handle != NULL);
    TQ_TRY(address_of(address, &at, err));
    listener *l = calloc(1, sizeof *l);
    TQ_ASSERT(l != NULL);
    l->handle = handle;
    l->ctx = ctx;
    l->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, l,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)HTTP_PER_ADDRESS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HTTP_MEMORY_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (l->daemon == NULL) {
        free(l);
        return tq_fail(err, TQ_IO, "listen", "listen", "the address cannot be listened on; is it taken?");
    }
    *out = l;
    return TQ_OK;
}

unsigned listener_port(const listener *l)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void listener_stop(listener *l)
{
    if (l == NULL) {
        return;
    }
    MHD_stop_daemon(l->daemon);
    free(l);
}
