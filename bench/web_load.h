/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BENCH_WEB_LOAD_H
#define TQ_BENCH_WEB_LOAD_H

/* A client that asks over many connections kept open, all from one thread: cheap beside what it measures,
 * and the same for us and for a peer. An answer that is not the expected one ends the program. */

#include <stdint.h>

#include "base/buf.h"

#define LOAD_CONNECTIONS 64

typedef struct load {
    unsigned port;                                 /* of 127.0.0.1 */
    unsigned status;                               /* of each answer */
    void (*write)(void *ctx, int i, buf *request); /* the request number i, whole */
    void *ctx;
} load;

/* Asks n times; us[i]: how long the answer to request i took. Microseconds in all. */
int64_t load_run(const load *l, int n, int64_t *us);
/* One request; its whole answer. */
void load_one(const load *l, buf *answer);
/* Of the answer: what follows its head. */
str load_body(const buf *answer);

#endif
