/* SPDX-License-Identifier: Apache-2.0 */
/* What server_options say: at the start, and what of it can change while requests run. */
#include "http/server_inner.h"

#include <stdlib.h>

#define CONNECTIONS_USUAL 4096
#define PER_ADDRESS_USUAL 512
#define RATE_USUAL 600
#define HEADER_S_USUAL 10
#define BODY_S_USUAL 30
#define IDLE_S_USUAL 60
#define BODY_RATE_USUAL 1024

/* A list that was in force. Kept to the end of the server: a reload is an act of a person, and each
 * costs the bytes of one line. */
typedef struct proxy_list {
    struct proxy_list *before;
    char text[];
} proxy_list;

/* 0 means "as usual", so that options can be left out of an initialiser. */
int server_or_else(int value, int otherwise)
{
    TQ_ASSERT(value >= 0);
    return value == 0 ? otherwise : value;
}

/* The pointer is swapped in one step; who has read the old one goes on with it. */
static void take_proxies(server *s, const char *list)
{
    const char *now = s->site.trusted_proxies;
    if (list == NULL || (now != NULL && strcmp(now, list) == 0)) {
        s->site.trusted_proxies = list == NULL ? NULL : now;
        return;
    }
    const size_t len = strlen(list) + 1;
    proxy_list *p = calloc(1, sizeof *p + len);
    TQ_ASSERT(p != NULL);
    memcpy(p->text, list, len);
    p->before = s->proxies;
    s->proxies = p;
    s->site.trusted_proxies = p->text;
}

static int rate_of(const server_options *o)
{
    return server_or_else(o->rate_per_minute, RATE_USUAL);
}

static void take_limits(server *s, const server_options *o)
{
    atomic_store(&s->per_address_max, server_or_else(o->per_address_max, PER_ADDRESS_USUAL));
    atomic_store(&s->header_us, (int64_t)server_or_else(o->header_s, HEADER_S_USUAL) * 1000000);
    atomic_store(&s->body_us, (int64_t)server_or_else(o->body_s, BODY_S_USUAL) * 1000000);
    atomic_store(&s->idle_us, (int64_t)server_or_else(o->idle_s, IDLE_S_USUAL) * 1000000);
    atomic_store(&s->rate_min, o->body_rate_min == 0 ? BODY_RATE_USUAL : o->body_rate_min);
    take_proxies(s, o->trusted_proxies);
}

void server_limits_begin(server *s, const server_options *o)
{
    s->connections_max = server_or_else(o->connections_max, CONNECTIONS_USUAL);
    s->site.app = &s->app;
    s->site.rate = throttle_new(rate_of(o), rate_of(o));
    take_limits(s, o);
    if (o->log != NULL) {
        s->log = request_log_new(o->log);
        request_log_set(s->log, o->log_style);
    }
}

void server_reload(server *s, const server_options *o)
{
    TQ_ASSERT(s->site.rate != NULL);
    take_limits(s, o);
    throttle_set(s->site.rate, rate_of(o), rate_of(o));
    request_log_set(s->log, o->log_style);
}

void server_limits_end(server *s)
{
    throttle_free(s->site.rate);
    request_log_free(s->log);
    while (s->proxies != NULL) {
        proxy_list *p = s->proxies;
        s->proxies = p->before;
        free(p);
    }
}
