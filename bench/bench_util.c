/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_util.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/day.h"
#include "base/err.h"

#define SYNCS 300
#define SYNC_BYTES 8192
#define LOAD_DISTURBED 3 /* two cores and a little */

int64_t bench_now_us(void)
{
    return instant_now().us;
}

int bench_rounds(void)
{
    const char *full = getenv("TQ_FULL");
    return full != NULL && full[0] == '1' ? 5 : 2;
}

int64_t bench_per_second(int64_t n, int64_t us)
{
    return n * INT64_C(1000000) / (us > 0 ? us : 1);
}

static int64_t syncs_per_second(const char *dir)
{
    char path[256];
    char bytes[SYNC_BYTES];
    memset(bytes, 'x', sizeof bytes);
    (void)snprintf(path, sizeof path, "%s/sync-probe", dir);
    const int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    TQ_ASSERT(fd >= 0);
    TQ_ASSERT(pwrite(fd, bytes, sizeof bytes, 0) == SYNC_BYTES && fsync(fd) == 0);
    const int64_t from = bench_now_us();
    for (int i = 0; i < SYNCS; i++) {
        TQ_ASSERT(pwrite(fd, bytes, sizeof bytes, 0) == SYNC_BYTES);
        TQ_ASSERT(fdatasync(fd) == 0);
    }
    const int64_t us = bench_now_us() - from;
    (void)close(fd);
    (void)unlink(path);
    return bench_per_second(SYNCS, us);
}

void bench_conditions(const char *dir, int round)
{
    double load[3] = {0, 0, 0};
    (void)getloadavg(load, 3);
    printf("round %d: load %.1f %.1f %.1f%s, fdatasync of 8 KiB %" PRId64 "/s\n", round, load[0],
           load[1], load[2], load[0] > LOAD_DISTURBED ? " (disturbed)" : "", syncs_per_second(dir));
    (void)fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t bench_percentile(int64_t *us, int n, int p)
{
    TQ_ASSERT(n > 0);
    qsort(us, (size_t)n, sizeof us[0], by_value);
    const int64_t at = (int64_t)n * p / 1000;
    return us[at < n ? at : n - 1];
}

void bench_add(bench_series *s, int64_t rate, int64_t p50, int64_t p99)
{
    TQ_ASSERT(s->n < BENCH_ROUNDS_MAX);
    s->rate[s->n] = rate;
    s->p50[s->n] = p50;
    s->p99[s->n] = p99;
    s->n++;
    printf("  %-34s %8" PRId64 "  p50 %7" PRId64 " us  p99 %7" PRId64 " us\n", s->name, rate, p50,
           p99);
    (void)fflush(stdout);
}

static void spread(const int64_t *values, int n, int64_t out[3])
{
    int64_t sorted[BENCH_ROUNDS_MAX];
    memcpy(sorted, values, (size_t)n * sizeof sorted[0]);
    qsort(sorted, (size_t)n, sizeof sorted[0], by_value);
    out[0] = sorted[0];
    out[1] = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    out[2] = sorted[n - 1];
}

void bench_print(const bench_series *s, const char *unit)
{
    int64_t rate[3];
    int64_t p50[3];
    int64_t p99[3];
    if (s->n == 0) {
        return;
    }
    spread(s->rate, s->n, rate);
    spread(s->p50, s->n, p50);
    spread(s->p99, s->n, p99);
    printf("%-36s n=%d median %" PRId64 " (%" PRId64 "..%" PRId64 ") %s, p50 %" PRId64
           " us, p99 %" PRId64 " (%" PRId64 "..%" PRId64 ") us\n",
           s->name, s->n, rate[1], rate[0], rate[2], unit, p50[1], p99[1], p99[0], p99[2]);
}

void bench_print_ratio(const bench_series *a, const bench_series *b)
{
    int64_t ratio[BENCH_ROUNDS_MAX];
    int64_t r[3];
    if (a->n == 0 || a->n != b->n) {
        return;
    }
    for (int i = 0; i < a->n; i++) {
        ratio[i] = a->rate[i] * 100 / (b->rate[i] > 0 ? b->rate[i] : 1);
    }
    spread(ratio, a->n, r);
    printf("%s : %s  n=%d median %" PRId64 ".%02" PRId64 " (%" PRId64 ".%02" PRId64 "..%" PRId64
           ".%02" PRId64 ")\n",
           a->name, b->name, a->n, r[1] / 100, r[1] % 100, r[0] / 100, r[0] % 100, r[2] / 100,
           r[2] % 100);
}

int64_t bench_peak_kib(void)
{
    struct rusage u;
    TQ_ASSERT(getrusage(RUSAGE_SELF, &u) == 0);
    return u.ru_maxrss;
}

int64_t bench_cpu_us(void)
{
    struct rusage u;
    TQ_ASSERT(getrusage(RUSAGE_SELF, &u) == 0);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000) + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

void bench_shell(const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    const int n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof text);
    TQ_ASSERT(system(text) == 0);
}
