/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TICKS_H
#define TQ_TICKS_H

/* Time-outs and durations. Never a date: it stands still for nobody's clock being set. */

#include <pthread.h>
#include <stdint.h>

int64_t ticks_us(void);

/* A condition that is waited for by that clock, and the wait: until a signal or for `us`. */
void ticks_cond_init(pthread_cond_t *c);
void ticks_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t us);

#endif
