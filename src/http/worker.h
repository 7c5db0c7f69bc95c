/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_WORKER_H
#define TQ_WORKER_H

/* Threads that run jobs which may wait, and a queue with a bound before them. */

#include <stdbool.h>
#include <stdint.h>

typedef struct workers workers;

/* `run` is called on one of the threads for each job. NULL where threads cannot be had. */
workers *workers_start(int threads, int queue_max, void (*run)(void *job));
/* False: the queue is full, or workers_stop has begun; the job stays the caller's. */
bool workers_give(workers *w, void *job);
int64_t workers_queued(workers *w);
/* What was taken is run; then the threads end. Takes NULL. */
void workers_stop(workers *w);
void workers_free(workers *w); /* after workers_stop; takes NULL */

#endif
