/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BENCH_UTIL_H
#define TQ_BENCH_UTIL_H

/* What the programs that print figures share: rates, medians, and the state of the machine beside each
 * round. A figure is printed with its count; a round with a load above 3 is marked, not dropped. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS_MAX 9

int64_t bench_now_us(void);
/* 2 rounds, or 5 with TQ_FULL=1. */
int bench_rounds(void);
/* Prints load average and durable overwrites of 8 KiB a second in `dir`. */
void bench_conditions(const char *dir, int round);
int64_t bench_per_second(int64_t n, int64_t us);

/* Sorts `us` in place. p in thousandths: 500 is the median. */
int64_t bench_percentile(int64_t *us, int n, int p);

/* One figure over the rounds. */
typedef struct bench_series {
    const char *name;
    int n;
    int64_t rate[BENCH_ROUNDS_MAX];
    int64_t p50[BENCH_ROUNDS_MAX], p99[BENCH_ROUNDS_MAX]; /* us; 0 where not measured */
} bench_series;
void bench_add(bench_series *s, int64_t rate, int64_t p50, int64_t p99);
void bench_print(const bench_series *s, const char *unit);
/* Ratio a : b round by round, its median and range, in hundredths. */
void bench_print_ratio(const bench_series *a, const bench_series *b);

int64_t bench_peak_kib(void);
/* Processor time that this process has used, in user and kernel: what a shared machine disturbs least. */
int64_t bench_cpu_us(void);
/* Runs a command of the shell that must succeed. */
void bench_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
