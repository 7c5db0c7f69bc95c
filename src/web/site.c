/* SPDX-License-Identifier: Apache-2.0 */
#include "web/site.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/home.h"

typedef struct embedded_file {
    const char *name;
    const unsigned char *bytes;
    size_t len;
} embedded_file;

#include "web/assets_gen.inc"

#define FIGURES_ARENA_MAX (4 * 1024 * 1024)

/* Figures are computed again only when the log has grown: a report reads every leg. */
struct web_site {
    app *site;
    pthread_mutex_t lock; /* guards what follows */
    arena *a;
    int64_t seq;
    home_view view;
};

web_site *web_site_new(app *site)
{
    web_site *w = calloc(1, sizeof *w);
    TQ_ASSERT(w != NULL);
    w->site = site;
    w->seq = -1;
    w->a = arena_new("home figures", FIGURES_ARENA_MAX);
    TQ_ASSERT(pthread_mutex_init(&w->lock, NULL) == 0);
    return w;
}

void web_site_free(web_site *w)
{
    if (w == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&w->lock);
    arena_free(w->a);
    free(w);
}

static tq_code last_seq(app *site, int64_t *seq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    return store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, seq, err);
}

static tq_code figures(web_site *w, tq_err *err)
{
    static const day far = {84000}; /* 2199: everything there is */
    int64_t seq = 0;
    TQ_TRY(last_seq(w->site, &seq, err));
    if (seq == w->seq) {
        return TQ_OK;
    }
    arena_reset(w->a);
    w->seq = -1;
    w->view = (home_view){0};
    const tq_code found = report_programme(w->site, w->a, &w->view.programme, err);
    if (found == TQ_NOT_FOUND) {
        w->view.empty = true;
        w->seq = seq;
        return TQ_OK;
    }
    TQ_TRY(found);
    TQ_TRY(report_headline_of(w->site, &w->view.programme, far, w->a, &w->view.headline, err));
    TQ_TRY(report_flow_of(w->site, &w->view.programme, far, w->a, &w->view.flow, err));
    w->seq = seq;
    return TQ_OK;
}

static bool wants_english(const http_request *rq)
{
    if (rq->lang[0] != '\0') {
        return strcmp(rq->lang, "en") == 0;
    }
    return strncmp(rq->language, "en", 2) == 0;
}

static void unavailable(http_reply *out, const tq_err *err)
{
    http_problem(out, (unsigned)tq_code_http(err->code), err->detail);
}

static void home(web_site *w, const http_request *rq, http_reply *out)
{
    tq_err err;
    TQ_ASSERT(pthread_mutex_lock(&w->lock) == 0);
    if (figures(w, &err) == TQ_OK) {
        w->view.english = wants_english(rq);
        out->type = "text/html; charset=utf-8";
        home_write(&w->view, &out->body);
    } else {
        unavailable(out, &err);
    }
    TQ_ASSERT(pthread_mutex_unlock(&w->lock) == 0);
}

static void headline(web_site *w, http_reply *out)
{
    tq_err err;
    TQ_ASSERT(pthread_mutex_lock(&w->lock) == 0);
    if (figures(w, &err) != TQ_OK) {
        unavailable(out, &err);
    } else if (w->view.empty) {
        http_problem(out, 404, "no programme has been set up yet");
    } else {
        out->type = "application/json";
        report_headline_write(&w->view.headline, &out->body);
    }
    TQ_ASSERT(pthread_mutex_unlock(&w->lock) == 0);
}

static tq_code ready(app *site, bool *writes_off, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(work_read(site, &tx, err));
    TQ_TRY(store_query(tx, STMT_WRITES_OFF_REASON, NO_ARGS, &r, err));
    return rows_next(&r, writes_off, err);
}

static void health(web_site *w, http_reply *out)
{
    tq_err err;
    bool writes_off = false;
    if (ready(w->site, &writes_off, &err) != TQ_OK) {
        http_problem(out, 503, "the store does not answer");
    } else if (writes_off) {
        http_problem(out, 503, "a check has failed and writing is off");
    } else {
        out->type = "application/json";
        buf_text(&out->body, "{\"status\":\"ok\"}");
    }
}

static bool asset(str name, http_reply *out)
{
    for (size_t i = 0; i < TQ_COUNT(embedded_files); i++) {
        if (str_eq(name, str_of(embedded_files[i].name))) {
            const bool css = name.len > 4 && memcmp(name.data + name.len - 4, ".css", 4) == 0;
            out->type = css ? "text/css; charset=utf-8" : "image/svg+xml";
            out->immutable = true;
            buf_add(&out->body, embedded_files[i].bytes, embedded_files[i].len);
            return true;
        }
    }
    return false;
}

void web_site_handle(void *ctx, const http_request *rq, http_reply *out)
{
    web_site *w = ctx;
    static const str assets = {"/assets/", 8};
    if (str_eq(rq->path, STR("/"))) {
        home(w, rq, out);
    } else if (str_eq(rq->path, STR("/open/headline.json"))) {
        headline(w, out);
    } else if (str_eq(rq->path, STR("/healthz")) || str_eq(rq->path, STR("/readyz"))) {
        health(w, out);
    } else if (str_eq(rq->path, STR("/livez"))) {
        out->type = "application/json";
        buf_text(&out->body, "{\"status\":\"ok\"}");
    } else if (!str_starts(rq->path, assets) ||
               !asset((str){rq->path.data + assets.len, rq->path.len - assets.len}, out)) {
        http_problem(out, 404, "there is nothing at this address");
    }
}
