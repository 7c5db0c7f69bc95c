/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TALLY_H
#define TQ_TALLY_H

/* Requests by route, method and status, and how long the routes took. Tables of a fixed size: what no
 * longer has room is counted under the route "other". Safe from all threads. */

#include <stddef.h>
#include <stdint.h>

#define TALLY_BOUNDS 12 /* of times, in server_latency_bounds_us */

typedef struct tally tally;

typedef struct tally_row {
    const char *route; /* the pattern; "none" before routing */
    const char *method;
    unsigned status; /* 0: the client went before the answer */
    int64_t n;
} tally_row;

typedef struct tally_time {
    const char *route;
    int64_t n, sum_us;
    int64_t bucket[TALLY_BOUNDS]; /* each alone, not cumulative */
} tally_time;

tally *tally_new(void);
void tally_free(tally *t); /* takes NULL */
/* `route` is a text that outlives the tally, or NULL; `bucket` the index of the bound it fell under. */
void tally_add(tally *t, const char *route, const char *method, unsigned status, int64_t took_us,
               size_t bucket);
/* Calls for each; under the lock, so quick ones only. */
void tally_each(tally *t, void (*row)(void *ctx, const tally_row *),
                void (*took)(void *ctx, const tally_time *), void *ctx);

#endif
