/* SPDX-License-Identifier: Apache-2.0 */
#include "http/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/canon.h"
#include "base/day.h"

#define LINE_MAX_BYTES 2048
#define WORD_MAX 200

struct request_log {
    FILE *to;
    atomic_bool logfmt;
    atomic_int least;
    pthread_mutex_t lock; /* guards `to`, so that lines stay whole */
};

request_log *request_log_new(FILE *to)
{
    TQ_ASSERT(to != NULL);
    request_log *l = calloc(1, sizeof *l);
    TQ_ASSERT(l != NULL);
    l->to = to;
    TQ_ASSERT(pthread_mutex_init(&l->lock, NULL) == 0);
    request_log_set(l, (request_log_style){0});
    return l;
}

void request_log_set(request_log *l, request_log_style style)
{
    if (l != NULL) {
        const bool terminal = isatty(fileno(l->to)) == 1;
        atomic_store(&l->logfmt,
                     style.format == LOG_LOGFMT || (style.format == LOG_AUTO && terminal));
        atomic_store(&l->least, (int)style.least);
    }
}

void request_log_free(request_log *l)
{
    if (l != NULL) {
        (void)pthread_mutex_destroy(&l->lock);
        free(l);
    }
}

/* What a client did wrong warns: many of them are how an attack looks. */
static log_level weight_of(const request_line *r)
{
    return r->status >= 500 ? LOG_ERROR : r->status >= 400 || r->status == 0 ? LOG_WARN : LOG_INFO;
}

static const char *level_of(const request_line *r)
{
    static const char *const names[] = {
        [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};
    return names[weight_of(r)];
}

/* Quoted, with everything a terminal could obey written as an escape. */
static void word(buf *out, const char *key, const char *text)
{
    buf_printf(out, " %s=\"", key);
    for (size_t i = 0; text[i] != '\0' && i < WORD_MAX; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
            buf_printf(out, "\\x%02x", c);
        } else if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else {
            buf_char(out, (char)c);
        }
    }
    buf_char(out, '"');
}

static void as_logfmt(const request_line *r, buf *out)
{
    buf_text(out, "ts=");
    instant_print((instant){r->at_us}, out);
    buf_printf(out, " level=%s msg=request request_id=%s", level_of(r), r->request_id);
    word(out, "method", r->method);
    word(out, "route", r->route == NULL ? "-" : r->route);
    buf_text(out, " user_id=");
    buf_int(out, r->user);
    buf_printf(out, " status=%u dur_ms=", r->status);
    buf_int(out, r->dur_us / 1000);
    buf_text(out, " bytes=");
    buf_int(out, r->bytes);
    if (r->reason[0] != '\0') {
        word(out, "reason", r->reason);
    }
}

/* Bytes that are no UTF-8 (a method can be anything before it is refused) would not be JSON. */
static str clean(const char *text)
{
    str s = str_of(text);
    s.len = s.len > WORD_MAX ? 0 : s.len;
    return str_utf8(s) ? s : STR("?");
}

/* canon writes the strings, so a control character can only come out as an escape. */
static void as_json(const request_line *r, buf *out)
{
    canon c = canon_to(out);
    canon_open(&c);
    canon_key(&c, "ts");
    buf_char(out, '"');
    instant_print((instant){r->at_us}, out);
    buf_char(out, '"');
    canon_kstr(&c, "level", str_of(level_of(r)));
    canon_kstr(&c, "msg", STR("request"));
    canon_kstr(&c, "request_id", str_of(r->request_id));
    canon_kstr(&c, "method", clean(r->method));
    canon_kstr(&c, "route", clean(r->route == NULL ? "-" : r->route));
    canon_kint(&c, "user_id", r->user);
    canon_kint(&c, "status", r->status);
    canon_kint(&c, "dur_ms", r->dur_us / 1000);
    canon_kint(&c, "bytes", r->bytes);
    if (r->reason[0] != '\0') {
        canon_kstr(&c, "reason", clean(r->reason));
    }
    canon_close(&c);
}

void request_log_add(request_log *l, const request_line *line)
{
    if (l == NULL || (int)weight_of(line) < atomic_load(&l->least)) {
        return;
    }
    BUF_AUTO buf out = buf_max(LINE_MAX_BYTES);
    if (atomic_load(&l->logfmt)) {
        as_logfmt(line, &out);
    } else {
        as_json(line, &out);
    }
    buf_char(&out, '\n');
    if (!buf_ok(&out)) {
        return; /* every word is bounded: a line that does not fit is none of ours */
    }
    const str text = buf_view(&out);
    TQ_ASSERT(pthread_mutex_lock(&l->lock) == 0);
    (void)fwrite(text.data, 1, text.len, l->to); /* a full disk must not stop the service */
    (void)fflush(l->to);
    TQ_ASSERT(pthread_mutex_unlock(&l->lock) == 0);
}
