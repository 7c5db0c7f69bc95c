/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_THROTTLE_H
#define TQ_THROTTLE_H

/* A bucket of tokens per address, refilled evenly; the table has a fixed size. When it is full,
 * the bucket that has recovered most is given away: a flood of addresses can make us forget the
 * patient, never the impatient. Safe from all threads. */

#include <stdbool.h>
#include <stdint.h>

typedef struct throttle throttle;

/* `per_minute` tokens each minute, of which at most `burst` are saved up. */
throttle *throttle_new(int per_minute, int burst);
void throttle_free(throttle *t); /* takes NULL */
/* Another measure from now on. Who has to wait waits as long as was said, at most a full bucket. */
void throttle_set(throttle *t, int per_minute, int burst);
/* Takes a token. False where there is none; `wait_s` says when there will be one, 1 at least. */
bool throttle_take(throttle *t, const char *key, int64_t now_us, int *wait_s);

#endif
