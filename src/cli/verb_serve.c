/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin.h"
#include "cli/serve_config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "app/job.h"
#include "app/tick.h"
#include "cli/sign_in_config.h"
#include "store/checkpoint.h"
#include "web/metrics.h"
#include "web/site.h"

#define ROUND_S 60        /* so a setting in minutes counts rounds */
#define SWEEP_ROUNDS 1440 /* one a day */
#define METRICS_WORKERS 2
#define METRICS_CONNECTIONS 32
#define DAY_US (INT64_C(86400) * 1000000)

/* What nobody asks for but time: the server must not end because a clock could not run, so an error is
 * told and tried again in the next round. */
static void one_round(app *site, metrics *m, int64_t round, int checkpoint_rounds)
{
    tq_err err = {0};
    tick_report ran = {0};
    tq_code code = tick_run(site, DAY_NONE, &ran, &err);
    if (code == TQ_NOT_FOUND) { /* no programme yet */
        metrics_round(m, instant_now(), true);
        return;
    }
    if (code == TQ_OK && round % checkpoint_rounds == 0) {
        code = checkpoint_write(app_store(site), instant_now(), &err);
    }
    if (code == TQ_OK && round % SWEEP_ROUNDS == 0) {
        int64_t forgotten = 0;
        code = idem_sweep(site, (instant){instant_now().us - IDEM_KEEP_DAYS * DAY_US}, &forgotten,
                          &err);
    }
    metrics_round(m, instant_now(), code == TQ_OK);
    if (code != TQ_OK) {
        (void)fprintf(stderr, "tongquan: clocks: %s: %s\n", err.reason, err.detail);
    }
}

/* A job's cause of failure stands in its row; the log says that there is something to look at. */
static void job_told(void *ctx, const job *j, tq_code code, const tq_err *why)
{
    (void)ctx;
    if (code != TQ_OK) {
        (void)fprintf(stderr, "tongquan: job %lld (%.*s): %s\n", (long long)j->id, STR_ARG(j->kind),
                      why->reason);
    }
}

/* What runs, from the first thread to the last. */
typedef struct serving {
    serve_config conf;
    app *site;
    web_site *web;
    metrics *metrics;
    server *pages;
    server *measured; /* the listener of /metrics alone; NULL: none */
    job_runner *jobs;
    admin *admin;
} serving;

static void signals_of(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
}

static const char *spool_of(const serving *s)
{
    return arena_printf(s->conf.c->a, "%s/spool", store_dir(app_store(s->site))).data;
}

static void reload(serving *s)
{
    if (serve_config_reload(&s->conf, stderr)) {
        const server_options o = serve_options(&s->conf.now, NULL);
        server_reload(s->pages, &o);
        metrics_token(s->metrics, config_text(&s->conf.now, SET_METRICS_TOKEN));
    }
}

/* Clocks run each ROUND_S whatever signals come in between: a reload must not put them off. */
static void until_told_to_stop(serving *s, const sigset_t *signals)
{
    const struct timespec wait = {.tv_sec = ROUND_S};
    for (int64_t round = 0;; round++) {
        one_round(s->site, s->metrics, round, config_int(&s->conf.now, SET_CHECKPOINT_TIME));
        int got = -1;
        do {
            got = sigtimedwait(signals, NULL, &wait);
            if (got == SIGHUP) {
                reload(s);
            }
        } while (got == SIGHUP || (got < 0 && errno == EINTR));
        if (got > 0) {
            return;
        }
    }
}

/* A listener of its own, that no reverse proxy hands on. */
static tq_code start_metrics(serving *s, tq_err *err)
{
    const server_options o = {.address = config_text(&s->conf.now, SET_METRICS_LISTEN),
                              .workers = METRICS_WORKERS,
                              .connections_max = METRICS_CONNECTIONS};
    const http_app handlers = metrics_app(s->metrics);
    if (o.address == NULL) {
        return TQ_OK;
    }
    TQ_TRY(server_start(&o, &handlers, &s->measured, err));
    (void)fprintf(stderr, "tongquan: metrics on http://127.0.0.1:%u/metrics\n",
                  server_port(s->measured));
    return TQ_OK;
}

static tq_code start(serving *s, const http_app *handlers, tq_err *err)
{
    const server_options o = serve_options(&s->conf.now, spool_of(s));
    const job_runner_options work = {.threads = config_int(&s->conf.now, SET_JOB_THREADS),
                                     .told = job_told};
    TQ_TRY(job_runner_start(s->site, &work, &s->jobs, err));
    TQ_TRY(server_start(&o, handlers, &s->pages, err));
    metrics_watch(s->metrics, s->pages);
    TQ_TRY(start_metrics(s, err));
    return admin_start(s->site, &s->admin, err);
}

/* A provider at fault ends the start: nobody should find out at the log-in. */
static tq_code providers(const serving *s, oidc_options *out, tq_err *err)
{
    const char *name = config_text(&s->conf.now, SET_SIGN_IN);
    arena *a = s->conf.c->a; /* the site keeps the texts, and a reload must not free them */
    if (name == NULL) {
        return TQ_OK;
    }
    const str path = name[0] == '/' ? str_of(name) : arena_printf(a, "%s/%s", s->conf.dir, name);
    return sign_in_config_load(path.data, a, out, err);
}

/* Serves until SIGTERM or SIGINT, with the writer's lock held: one server to a folder. */
static tq_code serve(serving *s, const sigset_t *signals, tq_err *err)
{
    s->metrics = metrics_new(s->site);
    metrics_token(s->metrics, config_text(&s->conf.now, SET_METRICS_TOKEN));
    web_options how = {.base_url = config_text(&s->conf.now, SET_BASE_URL), .metrics = s->metrics};
    tq_code code = providers(s, &how.sign_in, err);
    if (code == TQ_OK) {
        code = web_site_new(s->site, &how, &s->web, err);
    }
    if (code == TQ_OK) {
        const http_app handlers = web_site_app(s->web);
        code = start(s, &handlers, err);
    }
    if (code == TQ_OK) {
        (void)fprintf(stderr, "tongquan: serving http://127.0.0.1:%u/\n", server_port(s->pages));
        until_told_to_stop(s, signals);
        (void)fprintf(stderr, "tongquan: stopping\n");
        web_site_drain(s->web);
        server_drain(s->pages, config_int(&s->conf.now, SET_DRAIN_TIME));
    }
    admin_stop(s->admin);
    job_runner_stop(s->jobs);        /* what runs is handed back and goes on at the next start */
    metrics_watch(s->metrics, NULL); /* /metrics itself is answered to the end */
    server_stop(s->pages);
    server_stop(s->measured);
    web_site_free(s->web);
    metrics_free(s->metrics);
    return code == TQ_OK ? checkpoint_write(app_store(s->site), instant_now(), err) : code;
}

tq_code verb_serve(const cli *c, tq_err *err)
{
    serving s = {0};
    sigset_t signals;
    signals_of(&signals); /* before the first thread, so that none of them takes a signal */
    TQ_ASSERT(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
    tq_code code = serve_config_begin(c, &s.conf, err);
    if (code == TQ_OK) {
        code = cli_open(c, CLI_WRITE, &s.site, err);
    }
    if (code == TQ_OK) {
        code = serve(&s, &signals, err);
    }
    cli_close(&s.site);
    serve_config_end(&s.conf);
    return code;
}
