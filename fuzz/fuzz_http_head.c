/* SPDX-License-Identifier: Apache-2.0 */

/* A head that the guard takes says in one way only who is asked and how long the body is, and
 * means the same when it is written again from its parts. Over the loopback every request gets
 * one answer or none; a head that is refused gets no success, and its connection ends. */

#include <stdint.h>
#include <stdio.h>
#include <strings.h>

#include "http/guard.h"
#include "http/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

static void plan(void *ctx, const http_request *head, http_plan *out)
{
    (void)ctx;
    TQ_ASSERT(head->path.len > 0 && head->path.data[0] == '/');
    TQ_ASSERT(str_utf8(head->path));
    for (size_t i = 0; i < head->n_args; i++) {
        TQ_ASSERT(str_utf8(head->args[i].name) && str_utf8(head->args[i].value));
    }
    out->body_max = 4096;
    out->kinds = 1U << HTTP_JSON | 1U << HTTP_FORM | 1U << HTTP_BYTES;
    out->at_once = true;
}

static void handle(void *ctx, const http_request *rq, http_reply *out)
{
    (void)ctx;
    (void)http_cookie(rq, "tq");
    buf_int(&out->body, (int64_t)(rq->body.len + rq->n_form));
}

static void failure(void *ctx, const http_request *head, unsigned status, const char *reason,
                    http_reply *out)
{
    (void)ctx;
    (void)head;
    TQ_ASSERT(status >= 400);
    buf_text(&out->body, reason);
}

static int count_of(const http_head *h, const char *name)
{
    int n = 0;
    for (size_t i = 0; i < h->n_headers; i++) {
        n += guard_same(h->headers[i].name, name);
    }
    return n;
}

static void means_the_same_again(const http_head *h, const http_framing *f)
{
    BUF_AUTO buf out = buf_max(2 * INPUT_MAX);
    http_head again;
    http_framing g = {0};
    buf_printf(&out, "%.*s %.*s %.*s\r\n", STR_ARG(h->method), STR_ARG(h->target),
               STR_ARG(h->version));
    for (size_t i = 0; i < h->n_headers; i++) {
        buf_printf(&out, "%.*s: %.*s\r\n", STR_ARG(h->headers[i].name),
                   STR_ARG(h->headers[i].value));
    }
    buf_text(&out, "\r\n");
    const guard_reason split = guard_split(buf_view(&out), &again);
    TQ_ASSERT(split == GUARD_OK);
    const guard_reason checked = guard_check(&again, &g);
    /* "X:y" grows by its blank, which may carry it over the limit. */
    TQ_ASSERT(checked == GUARD_OK || (checked == GUARD_HEAD_SIZE && again.bytes > HTTP_HEAD_MAX));
    if (checked == GUARD_OK) {
        TQ_ASSERT(g.length == f->length && g.chunked == f->chunked && g.keep == f->keep);
        TQ_ASSERT(again.n_headers == h->n_headers);
    }
}

/* True where the guard takes the head. */
static bool head_is_plain(str raw)
{
    http_head h;
    http_framing f = {0};
    const size_t end = guard_head_end(raw);
    if (end == 0 || guard_split((str){raw.data, end}, &h) != GUARD_OK ||
        guard_check(&h, &f) != GUARD_OK) {
        return false;
    }
    TQ_ASSERT(count_of(&h, "Host") == 1);
    TQ_ASSERT(count_of(&h, "Content-Length") + count_of(&h, "Transfer-Encoding") <= 1);
    TQ_ASSERT(f.length >= 0 && (!f.chunked || (f.length == 0 && !f.keep)));
    means_the_same_again(&h, &f);
    return true;
}

static void gets_one_answer(str raw, bool taken)
{
    static loopback *l;
    static const http_app app = {plan, handle, failure, NULL};
    BUF_AUTO buf out = buf_max(1 << 20);
    if (l == NULL) {
        tq_err err;
        TQ_ASSERT(loopback_new(&app, NULL, &l, &err) == TQ_OK);
    }
    loopback_ask(l, raw, &out);
    const str answer = buf_view(&out);
    TQ_ASSERT(buf_ok(&out));
    if (answer.len == 0) {
        return;
    }
    unsigned status = 0;
    const char *end = memmem(answer.data, answer.len, "\r\n\r\n", 4);
    TQ_ASSERT(end != NULL && sscanf(answer.data, "HTTP/1.1 %3u ", &status) == 1);
    TQ_ASSERT(status >= 200 && status < 600);
    TQ_ASSERT(memmem(end, answer.len - (size_t)(end - answer.data), "HTTP/1.", 7) == NULL);
    if (!taken) {
        TQ_ASSERT(status >= 400);
        TQ_ASSERT(memmem(answer.data, answer.len, "\r\nConnection: close\r\n", 21) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    const str raw = {(const char *)data, size};
    gets_one_answer(raw, head_is_plain(raw));
    return 0;
}
