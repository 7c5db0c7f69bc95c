/* SPDX-License-Identifier: Apache-2.0 */
#include "web/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/measures.h"
#include "base/file.h"
#include "base/version.h"

#define TYPE_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define STATM_MAX 256

struct metrics {
    app *site;
    instant begun;
    pthread_mutex_t lock; /* guards `pages` and `token` */
    const server *pages;
    bool has_token;
    digest token; /* of the token: comparing digests tells nothing by its time */
    atomic_llong round_us, rounds, rounds_failed;
};

metrics *metrics_new(app *site)
{
    metrics *m = calloc(1, sizeof *m);
    TQ_ASSERT(m != NULL);
    TQ_ASSERT(pthread_mutex_init(&m->lock, NULL) == 0);
    m->site = site;
    m->begun = instant_now();
    return m;
}

void metrics_free(metrics *m)
{
    if (m != NULL) {
        (void)pthread_mutex_destroy(&m->lock);
        free(m);
    }
}

void metrics_watch(metrics *m, const server *pages)
{
    TQ_ASSERT(pthread_mutex_lock(&m->lock) == 0);
    m->pages = pages;
    TQ_ASSERT(pthread_mutex_unlock(&m->lock) == 0);
}

void metrics_round(metrics *m, instant at, bool fine)
{
    atomic_store(&m->round_us, at.us);
    atomic_fetch_add(&m->rounds, 1);
    atomic_fetch_add(&m->rounds_failed, fine ? 0 : 1);
}

void metrics_token(metrics *m, const char *token)
{
    TQ_ASSERT(pthread_mutex_lock(&m->lock) == 0);
    m->has_token = token != NULL;
    if (token != NULL) {
        m->token = hash_of(HASH_SHA256, str_of(token));
    }
    TQ_ASSERT(pthread_mutex_unlock(&m->lock) == 0);
}

/* --- the text format ------------------------------------------------------------------------------ */

static void head(buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void number(buf *out, const char *name, int64_t n)
{
    buf_printf(out, "%s %lld\n", name, (long long)n);
}

static void gauge(buf *out, const char *name, const char *help, int64_t n)
{
    head(out, name, "gauge", help);
    number(out, name, n);
}

static void counter(buf *out, const char *name, const char *help, int64_t n)
{
    head(out, name, "counter", help);
    number(out, name, n);
}

static void seconds(buf *out, int64_t us)
{
    buf_printf(out, "%lld.%06lld", (long long)(us / 1000000), (long long)(us % 1000000));
}

static void in_seconds(buf *out, const char *name, const char *type, const char *help, int64_t us)
{
    head(out, name, type, help);
    buf_printf(out, "%s ", name);
    seconds(out, us);
    buf_char(out, '\n');
}

/* --- the server -------------------------------------------------------------------------------------- */

static void one_count(void *ctx, const tally_row *r)
{
    buf_printf(ctx, "tongquan_http_requests_total{route=\"%s\",method=\"%s\",status=\"%u\"} %lld\n",
               r->route, r->method, r->status, (long long)r->n);
}

#define DURATION "tongquan_http_request_duration_seconds"

/* Buckets are cumulative and the last is +Inf, as the format wants them. */
static void one_time(void *ctx, const tally_time *t)
{
    buf *out = ctx;
    int64_t sum = 0;
    for (size_t i = 0; i < TALLY_BOUNDS; i++) {
        sum += t->bucket[i];
        buf_printf(out, DURATION "_bucket{route=\"%s\",le=\"", t->route);
        if (i + 1 < TALLY_BOUNDS) {
            seconds(out, server_latency_bounds_us[i]);
        } else {
            buf_text(out, "+Inf");
        }
        buf_printf(out, "\"} %lld\n", (long long)sum);
    }
    TQ_ASSERT(sum == t->n);
    buf_printf(out, DURATION "_sum{route=\"%s\"} ", t->route);
    seconds(out, t->sum_us);
    buf_printf(out, "\n" DURATION "_count{route=\"%s\"} %lld\n", t->route, (long long)t->n);
}

static void one_refusal(void *ctx, const char *token, int64_t n)
{
    buf_printf(ctx, "tongquan_http_refused_total{limit=\"%s\"} %lld\n", token, (long long)n);
}

static void write_requests(const server *pages, buf *out)
{
    head(out, "tongquan_http_requests_total", "counter",
         "Requests answered, by pattern of the address.");
    tally_each(server_tally(pages), one_count, NULL, out);
    head(out, DURATION, "histogram", "From the head of a request to the last byte of its answer.");
    tally_each(server_tally(pages), NULL, one_time, out);
    head(out, "tongquan_http_refused_total", "counter",
         "Refused before a page saw it, by rule or limit.");
    server_refusals(pages, one_refusal, out);
}

static void write_server(const server *pages, buf *out)
{
    server_counts c;
    server_read(pages, &c);
    gauge(out, "tongquan_http_in_flight", "Requests that are not answered yet.", c.in_flight);
    gauge(out, "tongquan_http_queued", "Requests that wait for a worker.", c.queued);
    gauge(out, "tongquan_http_queue_limit", "Setting queue.", c.queue_max);
    gauge(out, "tongquan_http_workers", "Setting workers.", c.workers);
    gauge(out, "tongquan_http_connections", "Open connections.", c.connections);
    gauge(out, "tongquan_http_connections_limit", "Setting connections.", c.connections_max);
    gauge(out, "tongquan_http_streams", "Open event streams.", c.streams);
    counter(out, "tongquan_http_rejected_total", "Connections hung up on at the door.", c.rejected);
    counter(out, "tongquan_http_timeouts_total", "Connections cut because they were too slow.",
            c.timeouts);
    counter(out, "tongquan_http_received_bytes_total", "Bytes of bodies.", c.bytes_in);
    counter(out, "tongquan_http_sent_bytes_total", "Bytes of answers.", c.bytes_out);
    write_requests(pages, out);
}

/* --- the store ------------------------------------------------------------------------------------------ */

static void write_store(const measures *m, buf *out)
{
    const store_counts *c = &m->store;
    head(out, "tongquan_store_commits_total", "counter", "Commands, by what became of them.");
    buf_printf(out, "tongquan_store_commits_total{result=\"stored\"} %lld\n",
               (long long)c->commits);
    buf_printf(out, "tongquan_store_commits_total{result=\"failed\"} %lld\n", (long long)c->failed);
    in_seconds(out, "tongquan_store_commit_wait_seconds_total", "counter",
               "How long commands waited to be durable.", c->commit_us);
    counter(out, "tongquan_store_groups_total",
            "Syncs; commands divided by them is the size of a group.", c->groups);
    in_seconds(out, "tongquan_store_sync_seconds_total", "counter", "How long the syncs took.",
               c->group_us);
    counter(out, "tongquan_events_total", "Number of the last event of the log.", m->last_event);
    gauge(out, "tongquan_writes_off", "1 while a failed check keeps writing off.",
          m->writes_off ? 1 : 0);
    gauge(out, "tongquan_database_bytes", "Size of the database.", m->db_bytes);
    gauge(out, "tongquan_evidence_files", "Evidence that rows name.", m->evidence_files);
    gauge(out, "tongquan_evidence_bytes", "Size of it.", m->evidence_bytes);
    gauge(out, "tongquan_checkpoint_events", "Events that the last checkpoint covers.",
          m->checkpoint_events);
    in_seconds(out, "tongquan_checkpoint_timestamp_seconds", "gauge",
               "When it was signed; 0: never.", m->checkpoint_at.us);
    in_seconds(out, "tongquan_backup_timestamp_seconds", "gauge",
               "When the last backup ended well; 0: never.", m->backup_at.us);
    head(out, "tongquan_jobs", "gauge", "Jobs by state.");
    for (size_t i = 0; i < m->n_jobs; i++) {
        buf_printf(out, "tongquan_jobs{state=\"%.*s\"} %lld\n", STR_ARG(m->jobs[i].state),
                   (long long)m->jobs[i].n);
    }
}

/* --- clocks and process ------------------------------------------------------------------------------------ */

static void write_clocks(const metrics *m, buf *out)
{
    counter(out, "tongquan_clock_rounds_total", "Rounds of the clocks.", atomic_load(&m->rounds));
    counter(out, "tongquan_clock_rounds_failed_total", "Rounds that ended with an error.",
            atomic_load(&m->rounds_failed));
    in_seconds(out, "tongquan_clock_round_timestamp_seconds", "gauge",
               "When the last round ended; 0: none yet.", atomic_load(&m->round_us));
}

static int64_t resident_bytes(arena *a)
{
    str text = {0};
    if (file_read("/proc/self/statm", STATM_MAX, a, &text, NULL) != TQ_OK) {
        return 0;
    }
    const char *second = memchr(text.data, ' ', text.len);
    return second == NULL ? 0 : (int64_t)strtoll(second + 1, NULL, 10) * sysconf(_SC_PAGESIZE);
}

static int64_t us_of(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

/* The names that every program gives them, so that ready dashboards find them. */
static void write_process(const metrics *m, arena *a, buf *out)
{
    struct rusage used = {0};
    (void)getrusage(RUSAGE_SELF, &used);
    gauge(out, "process_resident_memory_bytes", "Resident memory.", resident_bytes(a));
    in_seconds(out, "process_cpu_seconds_total", "counter", "User and system time.",
               us_of(used.ru_utime) + us_of(used.ru_stime));
    in_seconds(out, "process_start_time_seconds", "gauge", "When the server began.", m->begun.us);
    head(out, "tongquan_build_info", "gauge", "1; what runs.");
    buf_printf(out, "tongquan_build_info{version=\"" TQ_VERSION "\",engine=\"%s\"} 1\n",
               store_engine_of(app_store(m->site)) == STORE_PG ? "postgresql" : "sqlite");
}

/* A store that does not answer is a measure too, and the one that matters most then. */
static void write_all(metrics *m, arena *a, buf *out)
{
    tq_err err = {0};
    measures now = {0};
    const bool up = measures_read(m->site, a, &now, &err) == TQ_OK;
    write_process(m, a, out);
    write_clocks(m, out);
    gauge(out, "tongquan_store_up", "1 while the store answers.", up ? 1 : 0);
    if (up) {
        write_store(&now, out);
    }
    TQ_ASSERT(pthread_mutex_lock(&m->lock) == 0);
    if (m->pages != NULL) {
        write_server(m->pages, out);
    }
    TQ_ASSERT(pthread_mutex_unlock(&m->lock) == 0);
}

static void answer(metrics *m, const http_request *rq, http_reply *out)
{
    write_all(m, rq->a, &out->body);
    out->status = 200;
    out->type = TYPE_TEXT;
    out->log_route = "/metrics";
}

/* --- who may ask ---------------------------------------------------------------------------------------------- */

static bool is_ours(const http_request *rq)
{
    return str_eq(rq->path, STR("/metrics")) && (rq->method == HTTP_GET || rq->method == HTTP_HEAD);
}

static bool brings_token(metrics *m, const http_request *rq)
{
    static const str scheme = {"Bearer ", 7};
    const str header = http_header(rq, "Authorization");
    if (!str_starts(header, scheme)) {
        return false;
    }
    const digest got =
        hash_of(HASH_SHA256, (str){header.data + scheme.len, header.len - scheme.len});
    TQ_ASSERT(pthread_mutex_lock(&m->lock) == 0);
    const bool same = m->has_token && digest_eq(got, m->token);
    TQ_ASSERT(pthread_mutex_unlock(&m->lock) == 0);
    return same;
}

bool metrics_answer(metrics *m, const http_request *rq, http_reply *out)
{
    if (m == NULL || !is_ours(rq) || !brings_token(m, rq)) {
        return false; /* the address is nothing then, like any other that is not there */
    }
    answer(m, rq, out);
    return true;
}

static void plan(void *ctx, const http_request *rq, http_plan *out)
{
    (void)ctx;
    *out = (http_plan){.status = is_ours(rq) ? 0 : 404};
}

static void handle(void *ctx, const http_request *rq, http_reply *out)
{
    answer(ctx, rq, out);
}

static void failure(void *ctx, const http_request *rq, unsigned status, const char *reason,
                    http_reply *out)
{
    (void)ctx;
    (void)rq;
    (void)status;
    out->type = "text/plain; charset=utf-8";
    buf_printf(&out->body, "%s\n", reason);
}

http_app metrics_app(metrics *m)
{
    return (http_app){.plan = plan, .handle = handle, .failure = failure, .ctx = m};
}
