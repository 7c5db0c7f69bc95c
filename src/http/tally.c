/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tally.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define ROWS_ROOM 4096 /* powers of two; some hundred routes with a handful of answers each */
#define TIMES_ROOM 1024
#define FULL_OF 8 /* of eight places seven may be taken, so that a search ends soon */

struct tally {
    pthread_mutex_t lock; /* guards all below */
    size_t n_rows, n_times;
    tally_row rows[ROWS_ROOM];
    tally_time times[TIMES_ROOM];
};

tally *tally_new(void)
{
    tally *t = calloc(1, sizeof *t);
    TQ_ASSERT(t != NULL);
    TQ_ASSERT(pthread_mutex_init(&t->lock, NULL) == 0);
    return t;
}

void tally_free(tally *t)
{
    if (t != NULL) {
        (void)pthread_mutex_destroy(&t->lock);
        free(t);
    }
}

/* Methods that are none of these are a client's own words: they must not become labels. */
static const char *known_method(const char *method)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        if (strcmp(method, names[i]) == 0) {
            return names[i];
        }
    }
    return "other";
}

/* FNV-1a: the texts are our own patterns, nobody chooses them. */
static size_t mix(size_t h, const char *text)
{
    for (; *text != '\0'; text++) {
        h = (h ^ (unsigned char)*text) * 16777619U;
    }
    return h;
}

static bool room_left(size_t n, size_t room)
{
    return n < room / FULL_OF * (FULL_OF - 1);
}

/* The row, made where there is room, else the one of "other", which always finds a place. */
static tally_row *row_of(tally *t, const char *route, const char *method, unsigned status)
{
    for (size_t at = mix(mix(2166136261U, route), method) + status * 31U;; at++) {
        tally_row *r = &t->rows[at & (ROWS_ROOM - 1)];
        if (r->route != NULL && r->status == status && strcmp(r->route, route) == 0 &&
            strcmp(r->method, method) == 0) {
            return r;
        }
        if (r->route == NULL) {
            const bool other = strcmp(route, "other") == 0;
            if (!other && !room_left(t->n_rows, ROWS_ROOM)) {
                return row_of(t, "other", method, status);
            }
            t->n_rows++;
            *r = (tally_row){.route = route, .method = method, .status = status};
            return r;
        }
    }
}

static tally_time *time_of(tally *t, const char *route)
{
    for (size_t at = mix(2166136261U, route);; at++) {
        tally_time *r = &t->times[at & (TIMES_ROOM - 1)];
        if (r->route != NULL && strcmp(r->route, route) == 0) {
            return r;
        }
        if (r->route == NULL) {
            const bool other = strcmp(route, "other") == 0;
            if (!other && !room_left(t->n_times, TIMES_ROOM)) {
                return time_of(t, "other");
            }
            t->n_times++;
            *r = (tally_time){.route = route};
            return r;
        }
    }
}

void tally_add(tally *t, const char *route, const char *method, unsigned status, int64_t took_us,
               size_t bucket)
{
    const char *of = route == NULL ? "none" : route;
    TQ_ASSERT(bucket < TALLY_BOUNDS);
    TQ_ASSERT(took_us >= 0);
    TQ_ASSERT(pthread_mutex_lock(&t->lock) == 0);
    row_of(t, of, known_method(method), status)->n++;
    tally_time *sum = time_of(t, of);
    sum->n++;
    sum->sum_us += took_us;
    sum->bucket[bucket]++;
    TQ_ASSERT(pthread_mutex_unlock(&t->lock) == 0);
}

void tally_each(tally *t, void (*row)(void *ctx, const tally_row *),
                void (*took)(void *ctx, const tally_time *), void *ctx)
{
    TQ_ASSERT(pthread_mutex_lock(&t->lock) == 0);
    for (size_t i = 0; row != NULL && i < ROWS_ROOM; i++) {
        if (t->rows[i].route != NULL) {
            row(ctx, &t->rows[i]);
        }
    }
    for (size_t i = 0; took != NULL && i < TIMES_ROOM; i++) {
        if (t->times[i].route != NULL) {
            took(ctx, &t->times[i]);
        }
    }
    TQ_ASSERT(pthread_mutex_unlock(&t->lock) == 0);
}
