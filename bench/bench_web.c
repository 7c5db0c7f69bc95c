/* SPDX-License-Identifier: Apache-2.0 */
/* Claims over HTTP, as the wire has them: 64 connections kept open, a token, an idempotency key and JSON, each
 * answer after its sync; beside them, in the same rounds, a raw SQLite loop and a PL/pgSQL function that write
 * the same rows (claim_peers.h). Then an item as JSON and a list as a page. The client is a thread of this
 * process on the same cores, so that the figures are low.
 *
 *   bench_web [claims a run]
 *   TQ_TEST_PG: server of the peer (absent: left out); TQ_FULL=1: five rounds */

#include <inttypes.h>
#include <stdlib.h>

#include "bench_util.h"
#include "claim_peers.h"
#include "http/server.h"
#include "web_firms.h"
#include "web_load.h"

#define CLAIMS_DEFAULT 2048
#define GETS 4096

static web_firms firms;
static unsigned port;

static void run(void (*write)(void *, int, buf *), unsigned status, int n, bench_series *s)
{
    const load l = {.port = port, .status = status, .write = write, .ctx = &firms};
    int64_t *us = calloc((size_t)n, sizeof *us);
    TQ_ASSERT(us != NULL);
    firms.serial++;
    const int64_t cpu = bench_cpu_us();
    const int64_t took = load_run(&l, n, us);
    printf("  %s: processor %" PRId64 " us each, client included\n", s->name,
           (bench_cpu_us() - cpu) / n);
    bench_add(s, bench_per_second(n, took), bench_percentile(us, n, 500),
              bench_percentile(us, n, 990));
    free(us);
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
    const server_options o = {
        .address = "127.0.0.1:0", .spool = spool, .rate_per_minute = 60000000};
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
    const int64_t took = claim_peer_pg(uri, true, LOAD_CONNECTIONS, claims, us);
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
    web_firms_open(&firms, CLAIM_PEERS_TEMPLATES); /* its claims are the templates of the peer's */
    web_county *pg = firms.w;
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
    web_firms_open(&firms, CLAIM_PEERS_TEMPLATES);
    web_county *w = firms.w;
    (void)snprintf(model, sizeof model, "%s-model", w->f->dir);
    server *s = serve(w);
    bench_shell("cp -r '%s' '%s'", w->f->dir, model);
    for (int round = 0; round < bench_rounds(); round++) {
        bench_conditions(w->f->dir, round + 1);
        run(web_claim_write, 201, claims, &claim);
        run_raw(model, claims, &raw);
        if (pg != NULL) {
            run_pg(pg->f->pg_uri, claims, &peer);
        }
        run(web_voucher_write, 200, GETS, &voucher);
        run(web_list_write, 200, GETS / 4, &page);
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
    (void)printf("peak memory %" PRId64 " KiB, client included\n", bench_peak_kib());
    server_drain(s, 5);
    server_stop(s);
    bench_shell("rm -rf -- '%s'", model);
    web_county_close(w);
    if (pg != NULL) {
        web_county_close(pg);
    }
    return 0;
}
