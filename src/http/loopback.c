/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over no socket. What libmicrohttpd does on the wire — finding the end of the head,
 * undoing chunks — is done here in the strictest way; all else is exchange.c, as on the wire. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "http/exchange.h"
#include "http/server.h"

#define FILE_REPLY_MAX ((size_t)64 * 1024 * 1024)

struct loopback {
    http_app app;
    exchange_site site;
    arena *a;
    int64_t n;
};

tq_code loopback_new(const http_app *app, const char *folder, loopback **out, tq_err *err)
{
    loopback *l = calloc(1, sizeof *l);
    TQ_ASSERT(l != NULL);
    l->app = *app;
    l->site.app = &l->app;
    const tq_code code = folder == NULL ? TQ_OK : spool_open(folder, &l->site.spool, err);
    if (code != TQ_OK) {
        free(l);
        return code;
    }
    l->a = arena_new("loopback", EXCHANGE_ARENA_MAX);
    *out = l;
    return TQ_OK;
}

void loopback_free(loopback *l)
{
    if (l != NULL) {
        spool_free(l->site.spool);
        arena_free(l->a);
        free(l);
    }
}

/* --- chunks ----------------------------------------------------------------------------------- */

/* A size in hex digits, 1 to 8 of them, and CRLF; nothing else. */
static bool chunk_size(str *rest, size_t *size)
{
    size_t n = 0;
    size_t i = 0;
    for (; i < rest->len && i < 9; i++) {
        const char c = rest->data[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            break;
        }
        n = n * 16 + (size_t)digit;
    }
    if (i == 0 || i > 8 || rest->len - i < 2 || memcmp(rest->data + i, "\r\n", 2) != 0) {
        return false;
    }
    *rest = (str){rest->data + i + 2, rest->len - i - 2};
    *size = n;
    return true;
}

/* Extensions and trailers are refused here: no client of ours sends them, and nothing reads
 * them. */
static void give_chunks(exchange *x, str rest)
{
    size_t size = 0;
    while (chunk_size(&rest, &size)) {
        if (size == 0 && rest.len >= 2 && memcmp(rest.data, "\r\n", 2) == 0) {
            return; /* the end; there are no trailers */
        }
        if (size == 0 || rest.len < size + 2 || memcmp(rest.data + size, "\r\n", 2) != 0 ||
            !exchange_body(x, (str){rest.data, size})) {
            break;
        }
        rest = (str){rest.data + size + 2, rest.len - size - 2};
    }
    x->failed = x->failed == GUARD_OK ? GUARD_BODY_FRAMING : x->failed;
}

/* False where bytes of the stated length are missing: a socket would go on waiting. */
static bool give_body(exchange *x, str rest)
{
    const size_t length = (size_t)x->framing.length;
    if (x->framing.chunked) {
        give_chunks(x, rest);
        return true;
    }
    if (rest.len < length) {
        return false;
    }
    return length == 0 || exchange_body(x, (str){rest.data, length});
}

/* --- the answer ------------------------------------------------------------------------------- */

/* Without pauses: a test has no half seconds to give away. */
static void take_events(http_reply *r)
{
    bool done = false;
    for (int i = 0; i < LOOPBACK_EVENTS_MAX && !done; i++) {
        r->stream.next(r->stream.ctx, &r->body, &done);
    }
    if (r->stream.end != NULL) {
        r->stream.end(r->stream.ctx);
    }
    r->stream = (http_stream){0};
    r->type = r->type == NULL ? "text/event-stream" : r->type;
}

static void take_file(exchange *x)
{
    http_reply *r = &x->reply;
    str content;
    tq_err err;
    const bool there = file_read(r->file, FILE_REPLY_MAX, x->rq.a, &content, &err) == TQ_OK;
    if (r->file_remove) {
        spool_remove(r->file);
    }
    if (there) {
        buf_str_add(&r->body, content);
    } else {
        exchange_fail(x, GUARD_REPLY_FILE);
    }
}

/* Files and streams are drawn into memory here, so that a test sees one text. */
static void write_reply(exchange *x, buf *out)
{
    if (x->reply.file != NULL) {
        take_file(x);
    } else if (x->reply.stream.next != NULL) {
        take_events(&x->reply);
    }
    exchange_write(x, out);
}

void loopback_ask(loopback *l, str raw, buf *reply_raw)
{
    exchange x;
    http_head head;
    char id[17];
    const size_t end = guard_head_end(raw);
    if (end == 0) {
        return;
    }
    arena_reset(l->a);
    (void)snprintf(id, sizeof id, "%016llx", (unsigned long long)++l->n);
    /* What cannot be split is judged by the same rules, which find the same fault. */
    const guard_reason split = guard_split((str){raw.data, end}, &head);
    head.bent = split != GUARD_OK;
    bool whole = true;
    if (exchange_head(&x, &l->site, &head, "127.0.0.1", id, l->a)) {
        whole = give_body(&x, (str){raw.data + end, raw.len - end});
        if (whole && exchange_ready(&x)) {
            exchange_handle(&x);
        }
    }
    if (whole) {
        write_reply(&x, reply_raw);
    }
    exchange_end(&x);
}
