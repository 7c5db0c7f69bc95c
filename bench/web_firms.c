/* SPDX-License-Identifier: Apache-2.0 */
#include "web_firms.h"

#include "web_steps.h"

#include <inttypes.h>

#include "app/token.h"
#include "bench_util.h"

static void firm_make(web_county *w, web_firm *out)
{
    token_made made;
    path p = path_make(w->f, true, web_today(w));
    (void)path_filed(&p, 1000, 100, false);
    call c = fixture_user(w->f, p.user, p.person, ROLE_NONE, p.firm, p.d);
    c.at = instant_now();
    const token_rq rq = {
        .name = STR("b"), .roles = ROLES(ROLE_FIRM_AGENT), .to = day_add(c.today, 30)};
    NEED(token_make(w->f->app, &c, &rq, &made, err));
    *out =
        (web_firm){.voucher = p.voucher, .order = p.order, .invoice = p.invoice, .proof = p.proof};
    (void)snprintf(out->token, sizeof out->token, "%s", made.text);
}

void web_firms_open(web_firms *f, int n)
{
    const int64_t from = bench_now_us();
    TQ_ASSERT(n >= 8 && n <= WEB_FIRMS_MAX);
    *f = (web_firms){.w = web_county_open(), .n = n};
    web_county_ready(f->w);
    for (int i = 0; i < n; i++) {
        firm_make(f->w, &f->firm[i]);
    }
    printf("county with %d firms: %" PRId64 " ms\n", n, (bench_now_us() - from) / 1000);
    (void)fflush(stdout);
}

/* The others' vouchers are only read: the JSON of a voucher has all its claims, and would grow from round to round. */
static int claimants(const web_firms *f)
{
    return f->n - f->n / 8;
}

void web_claim_write(void *firms, int i, buf *request)
{
    const web_firms *f = firms;
    const web_firm *b = &f->firm[i % claimants(f)];
    char body[300];
    const int n =
        snprintf(body, sizeof body,
                 "{\"voucher_id\":%" PRId64 ",\"asked\":\"1.00\",\"lines\":[{\"order_id\":%" PRId64
                 ",\"invoice_id\":%" PRId64 ",\"proof_id\":%" PRId64 ",\"amount\":\"10.00\"}]}",
                 b->voucher, b->order, b->invoice, b->proof);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof body);
    /* From many addresses, as a proxy tells them: one alone may post ten times a second. */
    buf_printf(request,
               "POST /claims HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
               "X-Forwarded-For: 10.%d.%d.%d\r\nIdempotency-Key: B%d-%d\r\nContent-Type: "
               "application/json\r\nContent-Length: %d\r\n\r\n%s",
               b->token, i >> 16 & 255, i >> 8 & 255, i & 255, f->serial, i, n, body);
}

void web_voucher_write(void *firms, int i, buf *request)
{
    const web_firms *f = firms;
    const web_firm *b = &f->firm[claimants(f) + i % (f->n / 8)];
    buf_printf(request,
               "GET /vouchers/%" PRId64
               " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
               b->voucher, b->token);
}

void web_list_write(void *firms, int i, buf *request)
{
    const web_firms *f = firms;
    (void)i;
    buf_printf(request,
               "GET /organisations?limit=50 HTTP/1.1\r\nHost: localhost\r\nCookie: tq=%s\r\n\r\n",
               f->w->cookie[ROLE_SECADMIN]);
}

void web_queue_write(void *firms, int i, buf *request)
{
    const web_firms *f = firms;
    (void)i;
    buf_printf(
        request,
        "GET /claims?state=submitted&limit=50 HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n"
        "Authorization: Bearer %s\r\n\r\n",
        f->w->token[ROLE_REVIEWER1]);
}
