/* SPDX-License-Identifier: Apache-2.0 */
/* Claims over HTTP, as the wire has them: 64 connections kept open, a token, an idempotency key and JSON, each
 * answer after its sync; beside them, in the same rounds, a raw SQLite loop and a PL/pgSQL function that write
 * the same rows (claim_peers.h). Then an item as JSON and a list as a page. The clients are threads of this
 * process on the same cores, so that the figures are low.
 *
 *   bench_web [claims a run]
 *   TQ_TEST_PG: server of the peer (absent: left out); TQ_FULL=1: five rounds */

#include "web_steps.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/token.h"
#include "bench_util.h"
#include "claim_peers.h"
#include "http_site.h"

#define FIRMS          CLAIM_PEERS_TEMPLATES
#define CONNECTIONS    64
#define CLAIMS_DEFAULT 2048
#define GETS           4096
#define ANSWER_MAX     ((size_t)1024 * 1024)

typedef struct bench_firm {
    path p;
    char token[64];
} bench_firm;

static bench_firm firms[FIRMS];
static unsigned port;
static int serial; /* of runs, for keys */

/* --- requests --------------------------------------------------------------------------------------- */

typedef enum what { CLAIM, VOUCHER, PAGE } what;

typedef struct client {
    pthread_t thread;
    what kind;
    const web_county *w;
    int first, n;
    int64_t *us;
} client;

static void claim_request(int i, buf *rq)
{
    const bench_firm *b = &firms[i % FIRMS];
    char body[300];
    (void)snprintf(body, sizeof body,
                   "{\"voucher_id\":%lld,\"asked\":\"1.00\",\"lines\":[{\"order_id\":%lld,\"invoice_id\":%lld,"
                   "\"proof_id\":%lld,\"amount\":\"10.00\"}]}",
                   (long long)b->p.voucher, (long long)b->p.order, (long long)b->p.invoice, (long long)b->p.proof);
    buf_printf(rq,
               "POST /claims HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
               "Idempotency-Key: B%d-%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
               b->token, serial, i, strlen(body), body);
}

static void write_request(const client *c, int i, buf *rq)
{
    const bench_firm *b = &firms[i % FIRMS];
    switch (c->kind) {
    case CLAIM:
        claim_request(i, rq);
        break;
    case VOUCHER:
        buf_printf(rq, "GET /vouchers/%lld HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
                   (long long)b->p.voucher, b->token);
        break;
    case PAGE: /* a page is for a session: its cookie, not a token */
        buf_printf(rq, "GET /organisations?limit=50 HTTP/1.1\r\nHost: localhost\r\nCookie: tq=%s\r\n\r\n",
                   c->w->cookie[ROLE_SECADMIN]);
        break;
    }
}

static void *ask_all(void *arg)
{
    client *c = arg;
    const int fd = http_dial(port);
    BUF_AUTO buf rq = buf_max(4096);
    BUF_AUTO buf answer = buf_max(ANSWER_MAX);
    for (int i = c->first; i < c->n; i += CONNECTIONS) {
        buf_clear(&rq);
        buf_clear(&answer);
        write_request(c, i, &rq);
        const int64_t from = bench_now_us();
        TQ_ASSERT(http_send(fd, rq.data, rq.len));
        const unsigned status = http_read_one(fd, &answer, 60000);
        c->us[i] = bench_now_us() - from;
        if (status != (c->kind == CLAIM ? 201U : 200U)) {
            (void)fprintf(stderr, "bench_web: %u %.*s\n", status, (int)answer.len, answer.len == 0 ? "" : answer.data);
            abort();
        }
    }
    (void)close(fd);
    return NULL;
}

static void run(const web_county *w, what kind, int n, bench_series *s)
{
    client c[CONNECTIONS];
    int64_t *us = calloc((size_t)n, sizeof *us);
    TQ_ASSERT(us != NULL);
    serial++;
    const int64_t cpu = bench_cpu_us();
    const int64_t from = bench_now_us();
    for (int i = 0; i < CONNECTIONS; i++) {
        c[i] = (client){.kind = kind, .w = w, .first = i, .n = n, .us = us};
        TQ_ASSERT(pthread_create(&c[i].thread, NULL, ask_all, &c[i]) == 0);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        TQ_ASSERT(pthread_join(c[i].thread, NULL) == 0);
    }
    const int64_t took = bench_now_us() - from;
    printf("  %s: processor %" PRId64 " us each, clients included\n", s->name, (bench_cpu_us() - cpu) / n);
    bench_add(s, bench_per_second(n, took), bench_percentile(us, n, 500), bench_percentile(us, n, 990));
    free(us);
}

/* --- the county ----------------------------------------------------------------------------------------- */

/* Every firm has filed one claim, which the peers take as their template, and has a token. */
static web_county *county(void)
{
    const int64_t from = bench_now_us();
    web_county *w = web_county_open();
    web_county_ready(w);
    for (int i = 0; i < FIRMS; i++) {
        bench_firm *b = &firms[i];
        token_made made;
        b->p = path_make(w->f, true, web_today(w));
        (void)path_filed(&b->p, 1000, 100, false);
        call c = fixture_user(w->f, b->p.user, b->p.person, ROLE_NONE, b->p.firm, b->p.d);
        c.at = instant_now();
        const token_rq rq = {.name = STR("b"), .roles = ROLES(ROLE_FIRM_AGENT), .to = day_add(c.today, 30)};
        NEED(token_make(w->f->app, &c, &rq, &made, err));
        (void)snprintf(b->token, sizeof b->token, "%s", made.text);
    }
    printf("county with %d firms: %" PRId64 " ms\n", FIRMS, (bench_now_us() - from) / 1000);
    (void)fflush(stdout);
    return w;
}

/* As a server opens it: a reader for each worker. */
static server *serve(web_county *w)
{
    server *s = NULL;
    char spool[128];
    const web_options how = {0};
    loopback_free(w->line);
    web_site_free(w->site);
    app_close(w->f->app);
    w->line = NULL;
    w->site = NULL;
    const store_options at = {.dir = w->f->dir, .readers = 64};
    NEED(app_open(&at, &w->f->app, err));
    w->f->store = app_store(w->f->app);
    NEED(web_site_new(w->f->app, &how, &w->site, err));
    const http_app handlers = web_site_app(w->site);
    (void)snprintf(spool, sizeof spool, "%s/spool", w->f->dir);
    const server_options o = {.address = "127.0.0.1:0", .spool = spool, .rate_per_minute = 60000000};
    NEED(server_start(&o, &handlers, &s, err));
    port = server_port(s);
    return s;
}

static void run_raw(const char *model, int claims, bench_series *s)
{
    char db[160];
    bench_shell("rm -rf -- '%s-run' && cp -r '%s' '%s-run'", model, model, model);
    (void)snprintf(db, sizeof db, "%s-run/tongquan.db", model);
    const int64_t took = claim_peer_sqlite(db, claims);
    bench_shell("rm -rf -- '%s-run'", model);
    bench_add(s, bench_per_second(claims, took), 0, 0);
}

static void run_pg(const char *uri, int claims, bench_series *s)
{
    int64_t *us = calloc((size_t)claims, sizeof *us);
    TQ_ASSERT(us != NULL);
    const int64_t took = claim_peer_pg(uri, true, CONNECTIONS, claims, us);
    bench_add(s, bench_per_second(claims, took), bench_percentile(us, claims, 500),
              bench_percentile(us, claims, 990));
    free(us);
}

static web_county *peer_of(const char *uri)
{
    if (uri == NULL) {
        printf("TQ_TEST_PG is not set: PostgreSQL left out\n");
        return NULL;
    }
    TQ_ASSERT(setenv("TQ_ENGINE", "pg", 1) == 0);
    web_county *pg = county();
    app_close(pg->f->app);
    pg->f->app = NULL;
    claim_peer_pg_prepare(pg->f->pg_uri);
    return pg;
}

int main(int argc, char **argv)
{
    static bench_series claim = {.name = "POST /claims, 64 connections"};
    static bench_series voucher = {.name = "GET of a voucher as JSON"};
    static bench_series page = {.name = "GET of a list of 50 as a page"};
    static bench_series raw = {.name = "raw SQLite loop, 64 a COMMIT"};
    static bench_series peer = {.name = "PostgreSQL, gap-free, 64 connections"};
    char model[96];
    const int claims = argc > 1 ? (int)strtol(argv[1], NULL, 10) : CLAIMS_DEFAULT;
    web_county *pg = peer_of(getenv("TQ_TEST_PG"));
    TQ_ASSERT(setenv("TQ_ENGINE", "sqlite", 1) == 0);
    web_county *w = county(); /* last: `firms` is its */
    (void)snprintf(model, sizeof model, "%s-model", w->f->dir);
    server *s = serve(w);
    bench_shell("cp -r '%s' '%s'", w->f->dir, model);
    for (int round = 0; round < bench_rounds(); round++) {
        bench_conditions(w->f->dir, round + 1);
        run(w, CLAIM, claims, &claim);
        run_raw(model, claims, &raw);
        if (pg != NULL) {
            run_pg(pg->f->pg_uri, claims, &peer);
        }
        run(w, VOUCHER, GETS, &voucher);
        run(w, PAGE, GETS / 4, &page);
    }
    printf("\n%d claims a run, %d GETs of JSON, %d of pages\n", claims, GETS, GETS / 4);
    bench_print(&claim, "claims/s");
    bench_print(&raw, "claims/s");
    bench_print_ratio(&claim, &raw);
    if (pg != NULL) {
        bench_print(&peer, "claims/s");
        bench_print_ratio(&claim, &peer);
    }
    bench_print(&voucher, "requests/s");
    bench_print(&page, "requests/s");
    bench_print_ratio(&page, &voucher);
    (void)printf("peak memory %" PRId64 " KiB, clients included\n", bench_peak_kib());
    server_drain(s, 5);
    server_stop(s);
    bench_shell("rm -rf -- '%s'", model);
    web_county_close(w);
    if (pg != NULL) {
        web_county_close(pg);
    }
    return 0;
}
