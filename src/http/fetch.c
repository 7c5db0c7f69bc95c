/* SPDX-License-Identifier: Apache-2.0 */
#include "http/fetch.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static atomic_int under_way;

/* Not thread-safe in libcurl before 7.84 with some TLS libraries, so never left to the first handle. */
static void library_begin(void)
{
    TQ_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

static size_t take(char *bytes, size_t size, size_t n, void *ctx)
{
    buf *b = ctx;
    TQ_ASSERT(size == 1);
    buf_add(b, bytes, n);
    return buf_ok(b) ? n : 0; /* less than came ends the transfer */
}

static void set(CURLcode code)
{
    TQ_ASSERT(code == CURLE_OK); /* an option that this libcurl does not know: our own mistake */
}

static void limits(CURL *h, const fetch_rq *rq)
{
    const char *schemes = rq->plain_too ? "https,http" : "https";
    TQ_ASSERT(rq->total_ms >= 0);
    set(curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, schemes));
    set(curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L));
    set(curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)FETCH_CONNECT_MS));
    set(curl_easy_setopt(h, CURLOPT_TIMEOUT_MS,
                         (long)(rq->total_ms == 0 ? FETCH_TOTAL_MS : rq->total_ms)));
    set(curl_easy_setopt(h, CURLOPT_MAXFILESIZE, (long)FETCH_BODY_MAX));
    set(curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L)); /* signals are the main thread's */
    /* A proxy of the environment is for the outside, never for this machine. */
    set(curl_easy_setopt(h, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1"));
    set(curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
    if (rq->ca_file != NULL) {
        set(curl_easy_setopt(h, CURLOPT_CAINFO, rq->ca_file));
    }
}

static void question(CURL *h, const fetch_rq *rq, buf *body)
{
    set(curl_easy_setopt(h, CURLOPT_URL, rq->url));
    set(curl_easy_setopt(h, CURLOPT_USERAGENT, "tongquan"));
    set(curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take));
    set(curl_easy_setopt(h, CURLOPT_WRITEDATA, body));
    if (rq->user != NULL) {
        set(curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC));
        set(curl_easy_setopt(h, CURLOPT_USERNAME, rq->user));
        set(curl_easy_setopt(h, CURLOPT_PASSWORD, rq->password));
    }
    if (rq->form != NULL) {
        set(curl_easy_setopt(h, CURLOPT_COPYPOSTFIELDS, rq->form));
    }
}

/* The peer's address is configuration and may be told; what it answered is not. */
static tq_code failed(CURLcode code, const fetch_rq *rq, const buf *body, tq_err *err)
{
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return tq_fail(err, TQ_BUSY, "fetch_slow", NULL, "%s does not answer in time", rq->url);
    }
    if (code == CURLE_FILESIZE_EXCEEDED || !buf_ok(body)) {
        return tq_fail(err, TQ_BUSY, "fetch_large", NULL, "%s answers with more than %d bytes",
                       rq->url, FETCH_BODY_MAX);
    }
    return tq_fail(err, TQ_BUSY, "fetch_unreachable", NULL, "%s cannot be asked: %s", rq->url,
                   curl_easy_strerror(code));
}

static tq_code run(CURL *h, const fetch_rq *rq, buf *body, int *status, tq_err *err)
{
    struct curl_slist accept = {.data = (char[]){"Accept: application/json"}};
    long answered = 0;
    limits(h, rq);
    question(h, rq, body);
    set(curl_easy_setopt(h, CURLOPT_HTTPHEADER, &accept));
    const CURLcode code = curl_easy_perform(h);
    if (code != CURLE_OK || !buf_ok(body)) {
        return failed(code, rq, body, err);
    }
    set(curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &answered));
    if (answered >= 300 && answered < 400) {
        return tq_fail(err, TQ_BUSY, "fetch_redirect", NULL, "%s sends us elsewhere; we do not go",
                       rq->url);
    }
    *status = (int)answered;
    return TQ_OK;
}

static tq_code fetch_in_turn(const fetch_rq *rq, arena *a, fetch_answer *out, tq_err *err)
{
    buf body = buf_max(FETCH_BODY_MAX);
    int status = 0;
    CURL *h = curl_easy_init();
    TQ_ASSERT(h != NULL);
    const tq_code code = run(h, rq, &body, &status, err);
    if (code == TQ_OK) {
        out->status = status;
        out->body = arena_copy(a, buf_view(&body));
    }
    curl_easy_cleanup(h);
    buf_free(&body);
    return code;
}

tq_code fetch(const fetch_rq *rq, arena *a, fetch_answer *out, tq_err *err)
{
    TQ_ASSERT(rq->url != NULL);
    TQ_ASSERT((rq->user == NULL) == (rq->password == NULL));
    TQ_ASSERT(pthread_once(&library_once, library_begin) == 0);
    if (atomic_fetch_add(&under_way, 1) >= FETCH_AT_ONCE) {
        (void)atomic_fetch_sub(&under_way, 1);
        return tq_fail(err, TQ_BUSY, "fetch_queue", NULL,
                       "too many requests to other servers are under way");
    }
    const tq_code code = fetch_in_turn(rq, a, out, err);
    (void)atomic_fetch_sub(&under_way, 1);
    return code;
}
