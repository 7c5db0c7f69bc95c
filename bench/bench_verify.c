/* SPDX-License-Identifier: Apache-2.0 */
/* How long verify_run takes over a made-up log, and the most memory the process held.
 *
 *   bench_verify [vouchers]     three events and ten legs each; 100,000 by default */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/app.h"
#include "bench_util.h"
#include "store/verify.h"
#include "world.h"

#define VOUCHERS_DEFAULT 100000
#define TARGET_LEGS INT64_C(10000000)
#define DIR "/tmp/tq-bench-verify"

static void need(tq_code code, const tq_err *err)
{
    if (code != TQ_OK) {
        fprintf(stderr, "%s/%s: %s\n", tq_code_name(code), err->reason, err->detail);
        abort();
    }
}

/* In a process of its own life: the memory of building is not the memory of verifying. */
static void build(const char *dir, int vouchers)
{
    tq_err err = {0};
    store *s = NULL;
    world w;
    const store_options o = {.dir = dir, .create = true, .bulk = true};
    need(store_open(&o, &s, &err), &err);
    world_begin(&w, s);
    const int64_t from = bench_now_us();
    world_money(&w, vouchers);
    need(store_flush(s, &err), &err);
    const int64_t us = bench_now_us() - from;
    printf("written: %d vouchers, %" PRId64 " events/s in bulk\n", vouchers,
           bench_per_second((int64_t)vouchers * 3, us));
    store_close(s);
}

/* Processor time: what a machine that others use disturbs least. Of two cores, the busier thread's is the
 * least a run can take. */
static int64_t cpu_ms(clockid_t clock)
{
    struct timespec t;
    TQ_ASSERT(clock_gettime(clock, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void check(const char *dir, int round, bench_series *events)
{
    tq_err err = {0};
    store *s = NULL;
    verify_report *r = calloc(1, sizeof *r);
    const verify_options vo = {.skip_blobs = true};
    const store_options o = {.dir = dir, .read_only = true};
    TQ_ASSERT(r != NULL);
    bench_conditions(dir, round);
    need(store_open(&o, &s, &err), &err);
    const int64_t from = bench_now_us();
    const int64_t all = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
    const int64_t own = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
    need(verify_run(s, &vo, r, &err), &err);
    const int64_t us = bench_now_us() - from;
    const int64_t own_ms = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - own;
    const int64_t ahead_ms = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - all - own_ms;
    printf("processor time: %" PRId64 " ms of the caller's thread, %" PRId64 " ms beside it\n",
           own_ms, ahead_ms);
    if (!r->ok) {
        fprintf(stderr, "verify: %s %s\n", r->first[0].what, r->first[0].detail);
        abort();
    }
    printf("%" PRId64 " events, %" PRId64 " legs, %" PRId64 " rows: %" PRId64 " ms, peak %" PRId64
           " MiB; as many a leg, %" PRId64 " legs would take %" PRId64 " s\n",
           r->events, r->legs, r->rows, us / 1000, bench_peak_kib() / 1024, TARGET_LEGS,
           us * (TARGET_LEGS / 1000) / (r->legs / 1000) / 1000000);
    bench_add(events, bench_per_second(r->events, us), 0, 0);
    store_close(s);
    free(r);
}

int main(int argc, char **argv)
{
    static bench_series events = {.name = "verify_run"};
    if (argc == 3) { /* the second process */
        for (int i = 0; i < bench_rounds(); i++) {
            check(argv[2], i + 1, &events);
        }
        bench_print(&events, "events/s");
        return 0;
    }
    const int vouchers = argc > 1 ? (int)strtol(argv[1], NULL, 10) : VOUCHERS_DEFAULT;
    TQ_ASSERT(vouchers >= 1000);
    bench_shell("rm -rf -- '%s'", DIR);
    build(DIR, vouchers);
    (void)fflush(stdout);
    bench_shell("'%s' check '%s'", argv[0], DIR);
    bench_shell("rm -rf -- '%s'", DIR);
    return 0;
}
