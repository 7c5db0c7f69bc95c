/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <strings.h>

#include "base/day.h"
#include "http/cookie.h"
#include "http/form.h"
#include "http/ticks.h"
#include "http/url.h"

#define DROPPED_MAX (1024 * 1024) /* of a body that is refused while it comes */

/* --- what handlers ask ------------------------------------------------------------------------ */

static str pair_value(const http_pair *pairs, size_t n, str name, bool any_case)
{
    for (size_t i = 0; i < n; i++) {
        const str at = pairs[i].name;
        if (at.len == name.len && (any_case ? strncasecmp(at.data, name.data, at.len) == 0
                                            : memcmp(at.data, name.data, at.len) == 0)) {
            return pairs[i].value;
        }
    }
    return (str){"", 0};
}

str http_header(const http_request *rq, const char *name)
{
    return pair_value(rq->headers, rq->n_headers, str_of(name), true);
}

str http_cookie(const http_request *rq, const char *name)
{
    return cookie_find(http_header(rq, "Cookie"), name);
}

str http_arg(const http_request *rq, const char *name)
{
    return pair_value(rq->args, rq->n_args, str_of(name), false);
}

/* --- the head --------------------------------------------------------------------------------- */

/* What is none of these still goes to the plan, which answers 405 with what is allowed. */
static http_method method_of(str text)
{
    static const struct {
        const char *name;
        http_method method;
    } methods[] = {
        {"GET", HTTP_GET}, {"HEAD", HTTP_HEAD},   {"POST", HTTP_POST},
        {"PUT", HTTP_PUT}, {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE},
    };
    for (size_t i = 0; i < TQ_COUNT(methods); i++) {
        if (str_eq(text, str_of(methods[i].name))) { /* methods have case */
            return methods[i].method;
        }
    }
    return HTTP_OTHER;
}

/* Lines of a list header become one, in the place of the first. */
static void take_headers(exchange *x, const http_head *h)
{
    http_pair *list = ARENA_NEW(x->rq.a, http_pair, h->n_headers);
    size_t n = 0;
    for (size_t i = 0; i < h->n_headers; i++) {
        const http_pair p = h->headers[i];
        size_t k = 0;
        while (k < n && !(list[k].name.len == p.name.len &&
                          strncasecmp(list[k].name.data, p.name.data, p.name.len) == 0)) {
            k++;
        }
        if (k == n) {
            list[n++] = p;
        } else {
            list[k].value =
                arena_printf(x->rq.a, "%.*s, %.*s", STR_ARG(list[k].value), STR_ARG(p.value));
        }
    }
    x->rq.headers = list;
    x->rq.n_headers = n;
}

/* Path and query are split before anything is decoded: an escaped "?" belongs to the path. */
static guard_reason take_target(exchange *x, str target)
{
    http_request *rq = &x->rq;
    const char *mark = memchr(target.data, '?', target.len);
    const str raw = {target.data, mark == NULL ? target.len : (size_t)(mark - target.data)};
    if (mark != NULL) {
        rq->query = (str){mark + 1, target.len - raw.len - 1};
    }
    if (!url_path(raw, rq->a, &rq->path)) {
        rq->path = (str){"", 0};
        return GUARD_TARGET_TEXT;
    }
    return form_read(rq->query, rq->a, &rq->args, &rq->n_args) ? GUARD_OK : GUARD_QUERY_TEXT;
}

bool exchange_listed(const char *list, str address)
{
    while (list != NULL && *list != '\0') {
        const char *end = strchrnul(list, ',');
        if (str_eq(str_trim((str){list, (size_t)(end - list)}), address)) {
            return true;
        }
        list = *end == ',' ? end + 1 : end;
    }
    return false;
}

/* The peer, or where it is one of our proxies, the last address of X-Forwarded-For that is not:
 * what stands further left was written by somebody we do not know. */
static void take_address(exchange *x, const char *peer)
{
    str from = str_of(peer);
    str list = http_header(&x->rq, "X-Forwarded-For");
    const char *proxies = x->site->trusted_proxies;
    while (list.len > 0 && exchange_listed(proxies, from)) {
        const char *comma = memrchr(list.data, ',', list.len);
        const size_t at = comma == NULL ? 0 : (size_t)(comma - list.data) + 1;
        const str last = str_trim((str){list.data + at, list.len - at});
        char text[INET6_ADDRSTRLEN];
        unsigned char binary[16];
        if (last.len == 0 || last.len >= sizeof text) {
            break;
        }
        memcpy(text, last.data, last.len);
        text[last.len] = '\0';
        if (inet_pton(AF_INET, text, binary) != 1 && inet_pton(AF_INET6, text, binary) != 1) {
            break;
        }
        from = last;
        list.len = comma == NULL ? 0 : at - 1;
    }
    _Static_assert(sizeof x->rq.address >= INET6_ADDRSTRLEN, "an address has room");
    TQ_ASSERT(from.len < sizeof x->rq.address);
    memcpy(x->rq.address, from.data, from.len);
    x->rq.address[from.len] = '\0'; /* the peer's may have been longer */
}

/* --- what the plan says of the body ----------------------------------------------------------- */

bool exchange_has_body(const exchange *x)
{
    return x->framing.chunked || x->framing.length > 0;
}

/* Types that are close ("text/json", "application/x-json") are bytes like any other: guessing
 * what a client meant is how a form from a foreign page gets taken for JSON. */
static http_body kind_of(str content_type)
{
    const char *semicolon =
        content_type.len == 0 ? NULL : memchr(content_type.data, ';', content_type.len);
    const str type = str_trim((str){content_type.data,
                                    semicolon == NULL ? content_type.len
                                                      : (size_t)(semicolon - content_type.data)});
    if (guard_same(type, "application/json")) {
        return HTTP_JSON;
    }
    if (guard_same(type, "application/x-www-form-urlencoded")) {
        return HTTP_FORM;
    }
    return guard_same(type, "multipart/form-data") ? HTTP_MULTIPART : HTTP_BYTES;
}

/* Text is UTF-8; a charset that says otherwise would let the same bytes mean two things (UTF-7). */
static bool charset_ok(str content_type)
{
    for (size_t i = 0; i + 7 <= content_type.len; i++) {
        if (strncasecmp(content_type.data + i, "charset", 7) != 0 || i == 0 ||
            strchr("; \t", content_type.data[i - 1]) == NULL) {
            continue;
        }
        str value = {content_type.data + i + 7, content_type.len - i - 7};
        value = str_trim(value);
        if (value.len == 0 || value.data[0] != '=') {
            return false;
        }
        value = str_trim((str){value.data + 1, value.len - 1});
        const char *end = memchr(value.data, ';', value.len);
        value = str_trim((str){value.data, end == NULL ? value.len : (size_t)(end - value.data)});
        if (!guard_same(value, "utf-8") && !guard_same(value, "\"utf-8\"")) {
            return false;
        }
    }
    return true;
}

/* Everything that can be refused from the head alone, in the order in which a client can mend
 * it; the parser of the body is made only behind all of that. */
static guard_reason check_body(exchange *x)
{
    const str type = http_header(&x->rq, "Content-Type");
    if (!exchange_has_body(x)) {
        return GUARD_OK;
    }
    if (x->plan.body_max == 0) {
        return GUARD_BODY_UNWANTED;
    }
    if (http_header(&x->rq, "Content-Encoding").len > 0) {
        return GUARD_CONTENT_ENCODING;
    }
    if ((x->plan.kinds & 1U << x->rq.body_kind) == 0) {
        return GUARD_MEDIA_TYPE;
    }
    if (!charset_ok(type)) {
        return GUARD_CHARSET;
    }
    if (x->framing.length > x->plan.body_max) {
        return GUARD_BODY_SIZE;
    }
    if (x->rq.body_kind == HTTP_MULTIPART) {
        str boundary;
        if (!multipart_boundary(type, &boundary)) {
            return GUARD_MULTIPART;
        }
        x->parts = multipart_new(boundary, x->plan.file_max, x->site->spool, x->rq.a);
    }
    x->body = buf_max((size_t)x->plan.body_max);
    return GUARD_OK;
}

static bool changes(const http_request *rq)
{
    return rq->method != HTTP_GET && rq->method != HTTP_HEAD;
}

/* Before the body is read: whoever is to wait need not upload first. */
static bool within_rate(exchange *x)
{
    int wait_s = 0;
    if (x->site->rate == NULL || !changes(&x->rq) ||
        throttle_take(x->site->rate, x->rq.address, ticks_us(), &wait_s)) {
        return true;
    }
    exchange_fail(x, GUARD_RATE);
    http_reply_header(&x->reply, "Retry-After", arena_printf(x->rq.a, "%d", wait_s));
    return false;
}

/* Asks what the address takes. False: answered. */
static bool ask_plan(exchange *x)
{
    x->site->app->plan(x->site->app->ctx, &x->rq, &x->plan);
    TQ_ASSERT(x->plan.body_max >= 0 && x->plan.file_max >= 0);
    if (x->plan.status != 0) {
        exchange_fail_plan(x);
        return false;
    }
    if (!within_rate(x)) {
        return false;
    }
    const guard_reason r = check_body(x);
    if (r != GUARD_OK) {
        exchange_fail(x, r);
        return false;
    }
    return true;
}

bool exchange_head(exchange *x, const exchange_site *site, const http_head *h, const char *peer,
                   const char *id, arena *a)
{
    *x = (exchange){.site = site, .reply = {.status = 200, .body = buf_max(HTTP_REPLY_MAX)}};
    http_request *rq = &x->rq;
    rq->a = a;
    rq->at_us = instant_now().us;
    rq->method_text = "";
    rq->path = rq->query = rq->body = (str){"", 0};
    (void)snprintf(rq->id, sizeof rq->id, "%s", id);
    (void)snprintf(rq->address, sizeof rq->address, "%s", peer);
    guard_reason r = guard_check(h, &x->framing);
    if (r != GUARD_OK) {
        x->closing = true; /* where the next request begins is as doubtful as this one */
        exchange_fail(x, r);
        return false;
    }
    x->closing = !x->framing.keep;
    rq->method = method_of(h->method);
    rq->method_text = arena_copy(a, h->method).data;
    take_headers(x, h);
    take_address(x, peer);
    rq->body_kind = exchange_has_body(x) ? kind_of(http_header(rq, "Content-Type")) : HTTP_NO_BODY;
    r = take_target(x, h->target);
    if (r != GUARD_OK) {
        exchange_fail(x, r);
    }
    const bool goes_on = r == GUARD_OK && ask_plan(x);
    /* An answer before the body leaves its bytes on the wire: never to be read as a request. */
    x->closing = x->closing || (!goes_on && exchange_has_body(x));
    return goes_on;
}

/* --- the body --------------------------------------------------------------------------------- */

/* A body of stated length was measured at the head; only a chunked one can still come out too
 * long. */
static guard_reason add_bytes(exchange *x, str bytes)
{
    if (x->body_bytes > x->plan.body_max) {
        return GUARD_BODY_SIZE; /* chunked: no length told us before */
    }
    if (x->parts != NULL) {
        return multipart_add(x->parts, bytes);
    }
    buf_str_add(&x->body, bytes);
    return buf_ok(&x->body) ? GUARD_OK : GUARD_BUSY;
}

bool exchange_body(exchange *x, str bytes)
{
    x->body_bytes += (int64_t)bytes.len;
    if (x->failed == GUARD_OK) {
        x->failed = add_bytes(x, bytes);
    }
    /* The rest is dropped, since libmicrohttpd can answer only behind it; not without end. */
    return x->failed == GUARD_OK || x->body_bytes <= x->plan.body_max + DROPPED_MAX;
}

/* The body is complete. A length that was not kept is a broken library or loopback, answered like a
 * broken client, since what it means is unknown. */
static guard_reason end_body(exchange *x)
{
    http_request *rq = &x->rq;
    if (x->failed != GUARD_OK) {
        return x->failed;
    }
    if (!x->framing.chunked && x->body_bytes != x->framing.length) {
        return GUARD_BODY_FRAMING;
    }
    if (x->parts != NULL) {
        const guard_reason r = multipart_end(x->parts);
        rq->form = multipart_fields(x->parts, &rq->n_form);
        rq->files = multipart_files(x->parts, &rq->n_files);
        return r;
    }
    if (rq->body_kind == HTTP_FORM) {
        return form_read(buf_view(&x->body), rq->a, &rq->form, &rq->n_form) ? GUARD_OK : GUARD_FORM;
    }
    rq->body = buf_view(&x->body);
    return GUARD_OK;
}

bool exchange_ready(exchange *x)
{
    const guard_reason r = end_body(x);
    if (r == GUARD_OK) {
        return true;
    }
    exchange_fail(x, r);
    x->closing = x->closing || x->framing.chunked;
    return false;
}

/* What the handler gave is looked at before a byte of it leaves. */
void exchange_handle(exchange *x)
{
    TQ_ASSERT(x->failed == GUARD_OK);
    x->site->app->handle(x->site->app->ctx, &x->rq, &x->reply);
    TQ_ASSERT(x->reply.status >= 200 && x->reply.status <= 599);
    if (!buf_ok(&x->reply.body)) {
        exchange_fail(x, GUARD_REPLY_SIZE);
    }
    x->closing = x->closing || x->reply.close;
}

/* The files of the request go with it, unless the application has moved them away. */
void exchange_end(exchange *x)
{
    exchange_reply_clear(&x->reply);
    buf_free(&x->body);
    multipart_free(x->parts);
    *x = (exchange){0};
}
