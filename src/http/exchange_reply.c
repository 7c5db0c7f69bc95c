/* SPDX-License-Identifier: Apache-2.0 */
/* What an exchange answers: failures in the words of the site, and the headers every answer
 * carries. */
#include <microhttpd.h>
#include <stdio.h>

#include "http/exchange.h"

#define HEADER_VALUE_MAX HTTP_URI_MAX
#define FIELD_ROOM 64

/* Scripts, frames and foreign resources are out of the question on pages that move public money. */
#define PAGES_POLICY                                                                               \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "     \
    "'self'; "                                                                                     \
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors " \
    "'none'"
#define FILES_POLICY "sandbox; default-src 'none'"

/* Control characters would let a value begin a header or an answer of its own; where they come
 * from is a handler that passed on what a client wrote, and no user may find that hole by
 * trying. */
void http_reply_header(http_reply *r, const char *name, str value)
{
    TQ_ASSERT(r->n_headers < HTTP_REPLY_HEADERS_MAX);
    TQ_ASSERT(guard_token_text(str_of(name)));
    if (value.len >=
        HEADER_VALUE_MAX) { /* an address that a client made too long to be sent back */
        r->body.broken = true;
        return;
    }
    for (size_t i = 0; i < value.len; i++) {
        TQ_ASSERT((unsigned char)value.data[i] >= ' ' && value.data[i] != 0x7f);
    }
    r->headers[r->n_headers++] = (http_pair){str_of(name), value};
}

void exchange_reply_clear(http_reply *r)
{
    buf_free(&r->body);
    if (r->stream.next != NULL && r->stream.end != NULL) {
        r->stream.end(r->stream.ctx);
    }
    *r = (http_reply){.status = 200, .body = buf_max(HTTP_REPLY_MAX)};
}

/* A plan names a status only; the token for it is ours. */
static guard_reason reason_of_plan(unsigned status)
{
    switch (status) {
    case 404:
        return GUARD_NOT_FOUND;
    case 405:
        return GUARD_METHOD;
    case 413:
        return GUARD_BODY_SIZE;
    case 415:
        return GUARD_MEDIA_TYPE;
    case 429:
        return GUARD_RATE;
    case 503:
        return GUARD_BUSY;
    default:
        return GUARD_PLAN;
    }
}

/* The site words the failure. What was filled before goes, but the log still learns whose
 * request and which route it was. */
static void fail_with(exchange *x, guard_reason r, unsigned status)
{
    const char *route = x->reply.log_route;
    const int64_t user = x->reply.log_user;
    exchange_reply_clear(&x->reply);
    x->failed = r;
    x->reply.status = status;
    x->site->app->failure(x->site->app->ctx, &x->rq, status, guard_token(r), &x->reply);
    TQ_ASSERT(x->reply.status == status);
    TQ_ASSERT(x->reply.file == NULL && x->reply.stream.next == NULL);
    if (x->reply.log_route == NULL) {
        x->reply.log_route = route;
        x->reply.log_user = user;
    }
    if (x->reply.log_reason[0] == '\0') {
        (void)snprintf(x->reply.log_reason, sizeof x->reply.log_reason, "%s", guard_token(r));
    }
}

/* Being full passes within moments; so the client is told when to come again. */
void exchange_fail(exchange *x, guard_reason r)
{
    TQ_ASSERT(r != GUARD_OK);
    fail_with(x, r, guard_status(r));
    if (r == GUARD_BUSY || r == GUARD_DRAINING) {
        http_reply_header(&x->reply, "Retry-After", STR("1"));
    }
}

void exchange_fail_plan(exchange *x)
{
    TQ_ASSERT(x->plan.status >= 300);
    fail_with(x, reason_of_plan(x->plan.status), x->plan.status);
    if (x->plan.allow != NULL) {
        http_reply_header(&x->reply, "Allow", str_of(x->plan.allow));
    }
}

/* Slices get their NUL here, on the stack, instead of a copy in the arena for each header. */
static void emit_pair(void (*emit)(void *, const char *, const char *), void *ctx,
                      const http_pair *p)
{
    char name[FIELD_ROOM];
    char value[HEADER_VALUE_MAX];
    TQ_ASSERT(p->name.len < sizeof name);
    TQ_ASSERT(p->value.len < sizeof value);
    memcpy(name, p->name.data, p->name.len);
    name[p->name.len] = '\0';
    if (p->value.len > 0) {
        memcpy(value, p->value.data, p->value.len);
    }
    value[p->value.len] = '\0';
    emit(ctx, name, value);
}

void exchange_headers(const exchange *x,
                      void (*emit)(void *ctx, const char *name, const char *value), void *ctx)
{
    static const char *const caching[] = {
        [HTTP_CACHE_NONE] = "no-store",
        [HTTP_CACHE_SHORT] = "public, max-age=60",
        [HTTP_CACHE_IMMUTABLE] = "public, max-age=31536000, immutable",
    };
    const http_reply *r = &x->reply;
    emit(ctx, "Content-Security-Policy", r->sandboxed ? FILES_POLICY : PAGES_POLICY);
    emit(ctx, "X-Content-Type-Options", "nosniff");
    emit(ctx, "Referrer-Policy", "same-origin");
    emit(ctx, "X-Frame-Options", "DENY");
    emit(ctx, "Cross-Origin-Opener-Policy", "same-origin");
    emit(ctx, "Cache-Control", caching[r->cache]);
    if (x->rq.id[0] != '\0') {
        emit(ctx, "X-Request-Id", x->rq.id);
    }
    if (r->type != NULL && r->status != 204 && r->status != 304) {
        emit(ctx, "Content-Type", r->type);
    }
    if (r->gzip) {
        emit(ctx, "Content-Encoding", "gzip");
    }
    if (r->cache != HTTP_CACHE_NONE) {
        emit(ctx, "Vary", "Accept-Encoding");
    }
    for (size_t i = 0; i < r->n_headers; i++) {
        emit_pair(emit, ctx, &r->headers[i]);
    }
}

static void emit_line(void *ctx, const char *name, const char *value)
{
    buf_printf(ctx, "%s: %s\r\n", name, value);
}

void exchange_write(const exchange *x, buf *out)
{
    const str body = buf_view(&x->reply.body);
    buf_printf(out, "HTTP/1.1 %u %s\r\n", x->reply.status,
               MHD_get_reason_phrase_for(x->reply.status));
    exchange_headers(x, emit_line, out);
    if (x->closing) {
        emit_line(out, "Connection", "close");
    }
    buf_printf(out, "Content-Length: %zu\r\n\r\n", body.len);
    if (x->rq.method != HTTP_HEAD) {
        buf_str_add(out, body);
    }
}
