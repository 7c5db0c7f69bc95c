/* SPDX-License-Identifier: Apache-2.0 */
/* The paper's four years, replayed by use cases into an empty installation, and verified. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_util.h"
#include "cli/changxing_run.h"
#include "store/verify.h"

#define DIR "/tmp/tq-bench-demo"
#define SEED 330522
#define TODAY (day_of_ymd((ymd){2026, 11, 20}))

static void need(tq_code code, const tq_err *err)
{
    if (code != TQ_OK) {
        fprintf(stderr, "%s/%s: %s\n", tq_code_name(code), err->reason, err->detail);
        abort();
    }
}

static void replay(int round, bench_series *events)
{
    tq_err err = {0};
    app *site = NULL;
    verify_report *r = calloc(1, sizeof *r);
    const verify_options vo = {0};
    TQ_ASSERT(r != NULL);
    bench_shell("rm -rf -- '%s'; mkdir '%s'", DIR, DIR);
    bench_conditions(DIR, round);
    const store_options o = {.dir = DIR, .create = true, .bulk = true};
    const int64_t from = bench_now_us();
    need(app_open(&o, &site, &err), &err);
    need(changxing_replay(site, SEED, TODAY, NULL, &err), &err);
    const int64_t us = bench_now_us() - from;
    need(verify_run(app_store(site), &vo, r, &err), &err);
    TQ_ASSERT(r->ok);
    const int64_t verified = bench_now_us() - from - us;
    printf("%" PRId64 " events in %" PRId64 " ms; verified with files in %" PRId64
           " ms; peak %" PRId64 " MiB\n",
           r->events, us / 1000, verified / 1000, bench_peak_kib() / 1024);
    bench_add(events, bench_per_second(r->events, us), 0, 0);
    app_close(site);
    bench_shell("rm -rf -- '%s'", DIR);
    free(r);
}

int main(void)
{
    static bench_series events = {.name = "replay of four years"};
    for (int i = 0; i < bench_rounds(); i++) {
        replay(i + 1, &events);
    }
    bench_print(&events, "events/s");
    return 0;
}
