/* SPDX-License-Identifier: Apache-2.0 */
/* The largest draw: 3,000,000 units from their text to the result, hashes included. */
#include "bench_util.h"

#include "base/buf.h"
#include "domain/lots.h"
#include <stdio.h>
#include <stdlib.h>

#define UNITS 3000000
#define TEXT_ROOM ((size_t)256 * 1024 * 1024)
#define ARENA_ROOM ((size_t)2048 * 1024 * 1024)

static str population_text(buf *out)
{
    lots_population_begin(out);
    for (int64_t i = 0; i < UNITS; i++) {
        char key[24];
        (void)snprintf(key, sizeof key, "9133%014lld", (long long)i);
        const lots_unit u = {(i & 3) == 0 ? STR("north") : STR("south"), str_of(key), i % 100000,
                             i % 1000 == 0};
        lots_population_add(out, &u);
    }
    return buf_view(out);
}

int main(void)
{
    const lots_person pool[] = {{STR("a"), STR("-")}, {STR("b"), STR("-")}, {STR("c"), STR("-")}};
    BUF_AUTO buf text = buf_max(TEXT_ROOM);
    BUF_AUTO buf result = buf_max(TEXT_ROOM);
    ARENA_AUTO arena *a = arena_new("draw", ARENA_ROOM);
    const str population = population_text(&text);
    const lots_plan plan = {.number = STR("L1"),
                            .policy = STR("p"),
                            .unit = STR("firm"),
                            .counted = STR("holders"),
                            .strata = STR("place"),
                            .from = {0},
                            .to = {1},
                            .rate_bp = 1000,
                            .visitors = 2,
                            .public_source = STR(""),
                            .public_day = DAY_NONE};
    static const uint8_t seed[LOTS_SEED_BYTES] = {7};
    lots_unit *units = NULL;
    size_t n = 0;
    lots_outcome out;
    tq_err err;
    const int64_t from = bench_now_us();
    const digest sum = hash_of(HASH_SHA256, population);
    if (lots_population_read(population, a, &units, &n, &err) != TQ_OK) {
        return EXIT_FAILURE;
    }
    const lots_input in = {
        &plan, units, n, pool, TQ_COUNT(pool), lots_final_seed(seed, STR("{}"), sum, sum, STR(""))};
    if (lots_draw(&in, a, &out, &err) != TQ_OK) {
        return EXIT_FAILURE;
    }
    lots_result_write(&in, &out, &result);
    const digest end = hash_of(HASH_SHA256, buf_view(&result));
    printf("draw of %zu units: %zu picks in %lld ms, %zu MiB, result %02x%02x\n", n, out.n_picks,
           (long long)((bench_now_us() - from) / 1000), arena_used(a) >> 20, end.b[0], end.b[1]);
    return EXIT_SUCCESS;
}
