/* SPDX-License-Identifier: Apache-2.0 */
#include "http/throttle.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/hash.h"

#define SLOTS 8192 /* a power of two */
#define PROBES 8
#define MINUTE_US INT64_C(60000000)

typedef struct bucket {
    uint64_t key[2]; /* keyed digest of the address; 0 0 is free */
    int64_t full_us; /* when the bucket will be full again; a past moment means it is */
} bucket;

struct throttle {
    pthread_mutex_t lock; /* guards `slots` */
    sip_key key;          /* an address cannot be chosen to fall on another's slots */
    int64_t token_us;     /* one token comes back in this time */
    int64_t depth_us;     /* `burst` of them */
    bucket slots[SLOTS];
};

throttle *throttle_new(int per_minute, int burst)
{
    throttle *t = calloc(1, sizeof *t);
    TQ_ASSERT(t != NULL);
    TQ_ASSERT(pthread_mutex_init(&t->lock, NULL) == 0);
    random_bytes(t->key.b, sizeof t->key.b);
    throttle_set(t, per_minute, burst);
    return t;
}

/* Integers of microseconds: no rounding adds up over a day. */
void throttle_set(throttle *t, int per_minute, int burst)
{
    TQ_ASSERT(per_minute > 0);
    TQ_ASSERT(burst > 0);
    TQ_ASSERT(pthread_mutex_lock(&t->lock) == 0);
    t->token_us = MINUTE_US / per_minute;
    t->depth_us = t->token_us * burst;
    TQ_ASSERT(pthread_mutex_unlock(&t->lock) == 0);
}

void throttle_free(throttle *t)
{
    if (t != NULL) {
        (void)pthread_mutex_destroy(&t->lock);
        free(t);
    }
}

/* The bucket of the key, or the one among its places that has recovered most, emptied for it. */
static bucket *bucket_of(throttle *t, const uint64_t key[2])
{
    bucket *best = NULL;
    for (uint64_t i = 0; i < PROBES; i++) {
        bucket *b = &t->slots[(key[0] + i) & (SLOTS - 1)];
        if (b->key[0] == key[0] && b->key[1] == key[1]) {
            return b;
        }
        if (best == NULL || b->full_us < best->full_us) {
            best = b;
        }
    }
    *best = (bucket){.key = {key[0], key[1]}};
    return best;
}

/* A bucket is kept as the moment when it will be full: one number says level and time of the
 * last look. */
bool throttle_take(throttle *t, const char *key, int64_t now_us, int *wait_s)
{
    uint64_t sum[2];
    bool given = false;
    sip128(&t->key, str_of(key), sum);
    TQ_ASSERT(pthread_mutex_lock(&t->lock) == 0);
    bucket *b = bucket_of(t, sum);
    if (b->full_us < now_us) {
        b->full_us = now_us;
    } else if (b->full_us > now_us + t->depth_us) {
        b->full_us = now_us + t->depth_us; /* emptied under a slower measure than today's */
    }
    const int64_t after = b->full_us + t->token_us;
    if (after - now_us <= t->depth_us) {
        b->full_us = after;
        given = true;
    } else {
        *wait_s = (int)((after - now_us - t->depth_us + 999999) / 1000000);
    }
    TQ_ASSERT(pthread_mutex_unlock(&t->lock) == 0);
    return given;
}
