/* SPDX-License-Identifier: Apache-2.0 */
/* Durable claims a second: the use case claim_submit by 1, 16 and 64 threads in one process, beside a
 * raw SQLite loop and a PL/pgSQL function that write the same rows (claim_peers.h). There is no HTTP and
 * no idempotency key on any side. Each run begins with a fresh copy of the same county.
 *
 *   bench_claim [claims a run]
 *   TQ_TEST_PG, TQ_BENCH_PG_TUNED: servers of the peers (absent: left out); TQ_FULL=1: five rounds */

#include "claim_path.h" /* of the tests: the way to a claim by use cases */

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench_util.h"
#include "claim_peers.h"
#include "store/verify.h"

#define FIRMS CLAIM_PEERS_TEMPLATES
#define CLAIMS_DEFAULT 4096
#define THREADS_MAX 64
#define LINE_FEN 1000
#define ASKED_FEN 100
#define FUND_FEN INT64_C(5000000000)
#define ARENA_MAX ((size_t)64 * 1024 * 1024)

static path firms[FIRMS];

typedef struct worker {
    pthread_t thread;
    fixture *f;
    int first, step, n;
    int64_t *us; /* of all claims of the run */
} worker;

static void claim_once(fixture *f, const path *p, arena *a)
{
    call c = fixture_as_in(f, ROLE_FIRM_AGENT, p->d, a);
    c.who.user_id = p->user;
    c.who.person_id = p->person;
    c.who.org_id = p->firm;
    const claim_line_new line = path_line(p, LINE_FEN);
    const claim_form form = {
        .voucher_id = p->voucher, .asked_fen = ASKED_FEN, .lines = &line, .n_lines = 1};
    const claim_submission rq = {.form = &form};
    claim_filed filed;
    NEED(claim_submit(f->app, &c, &rq, &filed, err));
}

static void *work(void *arg)
{
    worker *w = arg;
    ARENA_AUTO arena *a = arena_new("claims", ARENA_MAX);
    for (int i = w->first; i < w->n; i += w->step) {
        const int64_t from = bench_now_us();
        arena_reset(a);
        claim_once(w->f, &firms[i % FIRMS], a);
        w->us[i] = bench_now_us() - from;
    }
    return NULL;
}

static int64_t run_threads(fixture *f, int threads, int claims, int64_t *us)
{
    worker w[THREADS_MAX];
    const int64_t from = bench_now_us();
    for (int i = 0; i < threads; i++) {
        w[i] = (worker){.f = f, .first = i, .step = threads, .n = claims, .us = us};
        TQ_ASSERT(pthread_create(&w[i].thread, NULL, work, &w[i]) == 0);
    }
    for (int i = 0; i < threads; i++) {
        TQ_ASSERT(pthread_join(w[i].thread, NULL) == 0);
    }
    return bench_now_us() - from;
}

static void need_clean(fixture *f)
{
    verify_report *r = calloc(1, sizeof *r);
    TQ_ASSERT(r != NULL);
    const verify_options o = {.skip_blobs = true};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, r, err));
    if (!r->ok) {
        fprintf(stderr, "verify: %s %s\n", r->first[0].what, r->first[0].detail);
        abort();
    }
    free(r);
}

static void open_in(fixture *f, const char *dir)
{
    const store_options o = {.dir = dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri};
    NEED(app_open(&o, &f->app, err));
    f->store = app_store(f->app);
}

static void close_site(fixture *f)
{
    app_close(f->app);
    f->app = NULL;
    f->store = NULL;
}

/* A county in which every firm has filed one claim, which the peers take as their template. */
static fixture *county(void)
{
    fixture *f = fixture_open();
    const int64_t from = bench_now_us();
    static const char *const files[] = {"minutes", "invoice",
                                        "proof"}; /* that claim_path.h cites by hash */
    for (size_t i = 0; i < TQ_COUNT(files); i++) {
        char hex[65];
        NEED(evidence_put(f->app, str_of(files[i]), hex, err));
    }
    county_ready(f);
    (void)fixture_fund(f, "apply", FUND_FEN, FIXTURE_DAY);
    ARENA_AUTO arena *a = arena_new("first claims", ARENA_MAX);
    for (int i = 0; i < FIRMS; i++) {
        firms[i] = path_make(f, true, FIXTURE_DAY);
        claim_once(f, &firms[i], a);
        arena_reset(a);
    }
    printf("county with %d firms: %" PRId64 " ms\n", FIRMS, (bench_now_us() - from) / 1000);
    (void)fflush(stdout);
    return f;
}

/* On a copy of the county's folder. */
static void run_ours(fixture *f, const char *model, int threads, int claims, bench_series *s)
{
    char dir[96];
    int64_t *us = calloc((size_t)claims, sizeof *us);
    TQ_ASSERT(us != NULL);
    (void)snprintf(dir, sizeof dir, "%s-run", model);
    bench_shell("cp -r '%s' '%s'", model, dir);
    open_in(f, dir);
    const int64_t before = fixture_events(f);
    const int64_t cpu = bench_cpu_us();
    const int64_t took = run_threads(f, threads, claims, us);
    printf("  processor %" PRId64 " us a claim\n", (bench_cpu_us() - cpu) / claims);
    TQ_ASSERT(fixture_events(f) - before == claims);
    need_clean(f);
    close_site(f);
    bench_shell("rm -rf -- '%s'", dir);
    bench_add(s, bench_per_second(claims, took), bench_percentile(us, claims, 500),
              bench_percentile(us, claims, 990));
    free(us);
}

static void run_raw(const char *model, int claims, bench_series *s)
{
    char dir[96];
    char db[128];
    (void)snprintf(dir, sizeof dir, "%s-run", model);
    (void)snprintf(db, sizeof db, "%s/tongquan.db", dir);
    bench_shell("cp -r '%s' '%s'", model, dir);
    const int64_t cpu = bench_cpu_us();
    const int64_t took = claim_peer_sqlite(db, claims);
    printf("  processor %" PRId64 " us a claim\n", (bench_cpu_us() - cpu) / claims);
    bench_shell("rm -rf -- '%s'", dir);
    bench_add(s, bench_per_second(claims, took), 0, 0);
}

/* The server's county stays; its rows grow by a run's claims each time, as do the peer's alone. */
typedef struct pg_peer {
    fixture *f;
    bench_series gap_free, sequence;
} pg_peer;

static void pg_open(pg_peer *p, const char *variable, const char *gap_free, const char *sequence)
{
    const char *uri = getenv(variable);
    p->gap_free.name = gap_free;
    p->sequence.name = sequence;
    if (uri == NULL) {
        printf("%s is not set: %s left out\n", variable, gap_free);
        return;
    }
    char kept[256];
    (void)snprintf(kept, sizeof kept, "%s", uri);
    TQ_ASSERT(setenv("TQ_ENGINE", "pg", 1) == 0 && setenv("TQ_TEST_PG", kept, 1) == 0);
    p->f = county();
    close_site(p->f);
    claim_peer_pg_prepare(p->f->pg_uri);
}

static void run_pg(pg_peer *p, int claims)
{
    if (p->f == NULL) {
        return;
    }
    for (int way = 0; way < 2; way++) {
        int64_t *us = calloc((size_t)claims, sizeof *us);
        TQ_ASSERT(us != NULL);
        const int64_t took = claim_peer_pg(p->f->pg_uri, way == 0, THREADS_MAX, claims, us);
        bench_add(way == 0 ? &p->gap_free : &p->sequence, bench_per_second(claims, took),
                  bench_percentile(us, claims, 500), bench_percentile(us, claims, 990));
        free(us);
    }
}

static void pg_end(pg_peer *p, const char *uri)
{
    if (p->f != NULL) {
        TQ_ASSERT(setenv("TQ_TEST_PG", uri, 1) == 0);
        fixture_close(p->f);
    }
}

int main(int argc, char **argv)
{
    static bench_series ours[3] = {{.name = "claim_submit, 1 thread"},
                                   {.name = "claim_submit, 16 threads"},
                                   {.name = "claim_submit, 64 threads"}};
    static const int threads[3] = {1, 16, 64};
    static bench_series raw = {.name = "raw SQLite loop, 64 a COMMIT"};
    static pg_peer plain;
    static pg_peer tuned;
    char model[80];
    const int claims = argc > 1 ? (int)strtol(argv[1], NULL, 10) : CLAIMS_DEFAULT;
    TQ_ASSERT(claims >= FIRMS);
    char *uri = strdup(getenv("TQ_TEST_PG") == NULL ? "" : getenv("TQ_TEST_PG"));
    char *uri_tuned =
        strdup(getenv("TQ_BENCH_PG_TUNED") == NULL ? "" : getenv("TQ_BENCH_PG_TUNED"));
    TQ_ASSERT(uri != NULL && uri_tuned != NULL && setenv("TQ_ENGINE", "sqlite", 1) == 0);

    pg_open(&plain, "TQ_TEST_PG", "PostgreSQL default, gap-free", "PostgreSQL default, sequence");
    pg_open(&tuned, "TQ_BENCH_PG_TUNED", "PostgreSQL tuned, gap-free",
            "PostgreSQL tuned, sequence");
    TQ_ASSERT(setenv("TQ_ENGINE", "sqlite", 1) == 0);
    fixture *f = county(); /* last: `firms` is its */
    (void)snprintf(model, sizeof model, "%s", f->dir);
    close_site(f);
    for (int round = 0; round < bench_rounds(); round++) {
        bench_conditions(model, round + 1);
        for (int i = 0; i < 3; i++) {
            run_ours(f, model, threads[i], claims, &ours[i]);
        }
        run_raw(model, claims, &raw);
        run_pg(&plain, claims);
        run_pg(&tuned, claims);
    }
    printf("\n%d claims a run\n", claims);
    for (int i = 0; i < 3; i++) {
        bench_print(&ours[i], "claims/s");
    }
    const bench_series *peers[] = {&raw, &plain.gap_free, &plain.sequence, &tuned.gap_free,
                                   &tuned.sequence};
    for (size_t i = 0; i < TQ_COUNT(peers); i++) {
        bench_print(peers[i], "claims/s");
    }
    for (size_t i = 0; i < TQ_COUNT(peers); i++) {
        bench_print_ratio(&ours[2], peers[i]);
    }
    fixture_close(f);
    pg_end(&plain, uri);
    pg_end(&tuned, uri_tuned);
    free(uri);
    free(uri_tuned);
    return 0;
}
