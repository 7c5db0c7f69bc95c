/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/cli_actor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "app/job.h"
#include "app/tick.h"
#include "http/server.h"
#include "store/checkpoint.h"
#include "web/site.h"

#define ROUND_S 60
#define DRAIN_S 30
#define RATE_MAX 1000000 /* changes a minute of one address: as good as none */
#define CHECKPOINT_ROUNDS 60 /* one an hour (architecture §6) */
#define SWEEP_ROUNDS 1440    /* one a day */
#define JOB_THREADS 2
#define DAY_US (INT64_C(86400) * 1000000)

/* What nobody asks for but time: the server must not end because a clock could not run, so an error is
 * told and tried again in the next round. */
static void one_round(app *site, int64_t round)
{
    tq_err err = {0};
    tick_report ran = {0};
    tq_code code = tick_run(site, DAY_NONE, &ran, &err);
    if (code == TQ_NOT_FOUND) {
        return; /* no programme yet */
    }
    if (code == TQ_OK && round % CHECKPOINT_ROUNDS == 0) {
        code = checkpoint_write(app_store(site), instant_now(), &err);
    }
    if (code == TQ_OK && round % SWEEP_ROUNDS == 0) {
        int64_t forgotten = 0;
        code = idem_sweep(site, (instant){instant_now().us - IDEM_KEEP_DAYS * DAY_US}, &forgotten, &err);
    }
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

static void until_told_to_stop(app *site, const sigset_t *stop)
{
    const struct timespec wait = {.tv_sec = ROUND_S};
    for (int64_t round = 0;; round++) {
        one_round(site, round);
        int got = -1;
        do {
            got = sigtimedwait(stop, NULL, &wait);
        } while (got < 0 && errno == EINTR);
        if (got > 0) {
            return;
        }
    }
}

/* Serves until SIGTERM or SIGINT, with the writer's lock held: one server to a folder. */
tq_code verb_serve(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    server *l = NULL;
    web_site *w = NULL;
    const char *address = cli_value(c, "listen");
    int64_t rate = 0;
    sigset_t stop;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigaddset(&stop, SIGINT);
    TQ_ASSERT(pthread_sigmask(SIG_BLOCK, &stop, NULL) == 0);
    if (cli_value(c, "rate") != NULL) {
        TQ_TRY(cli_id(c, "rate", true, &rate, err));
    }
    TQ_TRY(cli_open(c, CLI_WRITE, &site, err));
    const web_options how = {.base_url = cli_value(c, "base-url")};
    TQ_TRY(web_site_new(site, &how, &w, err));
    const http_app handlers = web_site_app(w);
    const server_options o = {
        .address = address == NULL ? "127.0.0.1:8080" : address,
        .spool = arena_printf(c->a, "%s/spool", store_dir(app_store(site))).data,
        .trusted_proxies = cli_value(c, "trusted-proxies"),
        .rate_per_minute = (int)(rate > RATE_MAX ? RATE_MAX : rate),
        .log = stderr,
    };
    job_runner *jobs = NULL;
    const job_runner_options work = {.threads = JOB_THREADS, .told = job_told};
    tq_code code = job_runner_start(site, &work, &jobs, err);
    if (code == TQ_OK) {
        code = server_start(&o, &handlers, &l, err);
    }
    if (code == TQ_OK) {
        (void)fprintf(stderr, "tongquan: serving http://127.0.0.1:%u/\n", server_port(l));
        until_told_to_stop(site, &stop);
        (void)fprintf(stderr, "tongquan: stopping\n");
        web_site_drain(w);
        server_drain(l, DRAIN_S);
    }
    job_runner_stop(jobs); /* what runs is handed back and goes on at the next start */
    server_stop(l);
    web_site_free(w);
    return code == TQ_OK ? checkpoint_write(app_store(site), instant_now(), err) : code;
}
