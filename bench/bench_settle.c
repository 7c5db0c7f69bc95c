/* SPDX-License-Identifier: Apache-2.0 */
/* A payment run, from collecting to the bank's results, beside set-based SQL that puts the same rows into
 * the same tables (batch lines, legs, balances, bank lines, events without hashing them, and the three
 * states of the claims), a COMMIT each. Published claims are made by events.
 *
 *   bench_settle [claims]     10,000 by default, at most BATCH_LINES_MAX in one run */

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/bank_result.h"
#include "app/settle.h"
#include "bench_util.h"
#include "given_claim.h"
#include "store/verify.h"

#define CLAIMS_DEFAULT 10000
#define PAYEES 100
#define FEN 100000
#define ARENA_MAX ((size_t)256 * 1024 * 1024)
#define ROW_MAX 64

static void open_in(fixture *f, const char *dir, bool bulk)
{
    const store_options o = {.dir = dir, .bulk = bulk};
    NEED(app_open(&o, &f->app, err));
    f->store = app_store(f->app);
}

static void published(fixture *f, int claims)
{
    int64_t payee[PAYEES];
    const int64_t from = bench_now_us();
    const int64_t source = fixture_fund(f, "apply", (int64_t)claims * FEN * 4, FIXTURE_DAY);
    for (int i = 0; i < PAYEES; i++) {
        payee[i] = fixture_org(f, "enterprise", "长兴小试电源有限公司");
        (void)fixture_account(f, payee[i], FIXTURE_DAY);
    }
    app_close(f->app);
    open_in(f, f->dir, true);
    for (int i = 0; i < claims; i++) {
        (void)given_claim(f, source, payee[i % PAYEES], 0, FEN * 3, FEN * 2, FEN);
        arena_reset(f->a);
    }
    app_close(f->app);
    printf("%d published claims made in %" PRId64 " ms\n", claims, (bench_now_us() - from) / 1000);
    (void)fflush(stdout);
}

/* The bank pays every line. */
static str bank_file(fixture *f, arena *a, int64_t batch_id, int claims)
{
    const size_t room = (size_t)(claims + 1) * ROW_MAX;
    char *text = arena_take(a, room);
    size_t at = (size_t)snprintf(text, room, "payment_no,amount,status,reason,date\r\n");
    batch_line_view *v = ARENA_NEW(a, batch_line_view, claims);
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(batch_lines(tx, batch_id, 0, a, v, (size_t)claims, &n, err));
    TQ_ASSERT(n == (size_t)claims);
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, room - at, "%.*s,%" PRId64 ".%02d,paid,,2013-11-20\r\n",
                               STR_ARG(v[i].payment_no), v[i].amount_fen / 100,
                               (int)(v[i].amount_fen % 100));
    }
    return (str){text, at};
}

static int64_t lap(int64_t *from, const char *what)
{
    static int64_t cpu_before;
    const int64_t now = bench_now_us();
    const int64_t cpu = bench_cpu_us();
    const int64_t us = now - *from;
    *from = now;
    printf("  %-10s %7" PRId64 " ms, processor %7" PRId64 " ms\n", what, us / 1000,
           (cpu - cpu_before) / 1000);
    cpu_before = cpu;
    return us;
}

static int64_t run_ours(fixture *f, int claims)
{
    ARENA_AUTO arena *a = arena_new("run", ARENA_MAX);
    const day on = fixture_day(2013, 11, 20);
    const call maker = fixture_as_in(f, ROLE_FINANCE_MAKER, on, a);
    const call checker = fixture_as_in(f, ROLE_FINANCE_CHECKER, on, a);
    const batch_collect_request collect = {.period = STR("2013Q3")};
    batch_report r;
    bank_result_report b;
    int64_t from = bench_now_us();
    (void)lap(&from, "begin");
    NEED(batch_collect(f->app, &maker, &collect, &r, err));
    int64_t sum = lap(&from, "collect");
    TQ_ASSERT(r.count == claims);
    const int64_t id = r.batch_id;
    NEED(batch_lock(f->app, &maker, id, &r, err));
    sum += lap(&from, "lock");
    const batch_release_request release = {id, str_of(r.list_sha256)};
    batch_report released;
    NEED(batch_release(f->app, &checker, &release, &released, err));
    sum += lap(&from, "release");
    NEED(batch_send(f->app, &maker, id, &r, err));
    sum += lap(&from, "send");
    const bank_result_request result = {.bytes = bank_file(f, a, id, claims)};
    (void)lap(&from, "file");
    NEED(bank_result_apply(f->app, &maker, &result, &b, err));
    sum += lap(&from, "results");
    TQ_ASSERT(b.paid == claims);
    return sum;
}

static void need_clean(fixture *f)
{
    verify_report *r = calloc(1, sizeof *r);
    const verify_options o = {.skip_blobs = true};
    TQ_ASSERT(r != NULL);
    NEED(verify_run(f->store, &o, r, err));
    TQ_ASSERT(r->ok);
    free(r);
}

/* Rows of the finished run are the source, so that the results are the same to the byte. */
static const char *const set_based[] = {
    "BEGIN; INSERT OR REPLACE INTO batch SELECT * FROM done.batch;"
    "INSERT INTO batch_line SELECT * FROM done.batch_line;"
    "UPDATE claim SET state = 'batched' WHERE state = 'published'; COMMIT",
    "BEGIN; INSERT INTO event SELECT * FROM done.event WHERE id > (SELECT max(id) FROM event);"
    "UPDATE claim SET state = 'sent' WHERE state = 'batched'; COMMIT",
    "BEGIN; INSERT INTO leg SELECT * FROM done.leg WHERE event_id > (SELECT max(event_id) FROM "
    "leg);"
    "INSERT OR REPLACE INTO balance SELECT * FROM done.balance; COMMIT",
    "BEGIN; INSERT INTO bank_file SELECT * FROM done.bank_file; INSERT INTO bank_line SELECT * "
    "FROM done.bank_line;"
    "UPDATE batch_line SET state = 'paid'; UPDATE claim SET state = 'paid', paid_fen = approved_fen"
    " WHERE state = 'sent'; COMMIT",
};

static int64_t run_sql(const char *dir, const char *done)
{
    char text[256];
    sqlite3 *db = NULL;
    (void)snprintf(text, sizeof text, "%s/tongquan.db", dir);
    TQ_ASSERT(sqlite3_open(text, &db) == SQLITE_OK);
    (void)
        snprintf(text, sizeof text,
                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                 "PRAGMA cache_size = -65536; ATTACH '%s/tongquan.db' AS done",
                 done);
    TQ_ASSERT(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK);
    const int64_t from = bench_now_us();
    const int64_t cpu = bench_cpu_us();
    for (size_t i = 0; i < TQ_COUNT(set_based); i++) {
        if (sqlite3_exec(db, set_based[i], NULL, NULL, NULL) != SQLITE_OK) {
            fprintf(stderr, "set-based: %s\n", sqlite3_errmsg(db));
            abort();
        }
    }
    const int64_t us = bench_now_us() - from;
    printf("  set-based SQL: processor %" PRId64 " ms\n", (bench_cpu_us() - cpu) / 1000);
    TQ_ASSERT(sqlite3_close(db) == SQLITE_OK);
    return us;
}

int main(int argc, char **argv)
{
    static bench_series ours = {.name = "settle by use cases"};
    static bench_series sql = {.name = "settle by set-based SQL"};
    char model[80];
    char dir[96];
    char bare[96];
    const int claims = argc > 1 ? (int)strtol(argv[1], NULL, 10) : CLAIMS_DEFAULT;
    TQ_ASSERT(claims > 0 && claims <= BATCH_LINES_MAX);
    TQ_ASSERT(setenv("TQ_ENGINE", "sqlite", 1) == 0);
    fixture *f = fixture_open();
    (void)snprintf(model, sizeof model, "%s", f->dir);
    (void)snprintf(dir, sizeof dir, "%s-run", model);
    (void)snprintf(bare, sizeof bare, "%s-sql", model);
    published(f, claims);
    for (int round = 0; round < bench_rounds(); round++) {
        bench_conditions(model, round + 1);
        bench_shell("cp -r '%s' '%s'; cp -r '%s' '%s'", model, dir, model, bare);
        open_in(f, dir, false);
        const int64_t us = run_ours(f, claims);
        need_clean(f);
        app_close(f->app);
        f->app = NULL;
        bench_add(&ours, bench_per_second(claims, us), 0, 0);
        bench_add(&sql, bench_per_second(claims, run_sql(bare, dir)), 0, 0);
        bench_shell("rm -rf -- '%s' '%s'", dir, bare);
    }
    printf("\n%d claims\n", claims);
    bench_print(&ours, "claims/s");
    bench_print(&sql, "claims/s");
    bench_print_ratio(&sql, &ours);
    fixture_close(f);
    return 0;
}
