/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "app/job.h"
#include "base/canon.h"
#include "web/acts.h"
#include "web/site_inner.h"

#define EVENT_MAX 4096

tq_code act_job_start(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_job_start *f = (const in_job_start *)in;
    const job_kind *kind = job_kind_find(f->kind.s);
    BUF_AUTO buf args = buf_max(256);
    canon c = canon_to(&args);
    TQ_ASSERT(kind != NULL); /* the choice holds names of kinds only */
    if (!role_in(w->call.who.role, kind->roles)) {
        return tq_fail(err, TQ_INVALID, "job_role", "kind", "this role does not start such jobs");
    }
    canon_open(&c);
    if (f->period.given && f->period.s.len > 0) {
        canon_kstr(&c, "period", f->period.s);
    }
    if (f->until.n != 0) {
        BUF_AUTO buf day_text = buf_max(16);
        day_print((day){(int32_t)f->until.n}, &day_text);
        canon_kstr(&c, "until", buf_view(&day_text));
    }
    canon_close(&c);
    done->view = VIEW_JOB;
    return job_start(w->app, &w->call, kind, buf_view(&args), &done->id, err);
}

tq_code act_job_cancel(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return job_cancel(w->app, &w->call, w->match.id, err);
}

/* --- events ---------------------------------------------------------------------------------------- */

/* Outlives the request, so it has nothing of its arena. The right to look was asked when it opened. */
typedef struct watcher {
    app *app;
    int64_t id, sent, done, total;
    bool begun;
} watcher;

static bool ended(const job *j)
{
    return j->ended.us != 0;
}

static void write_event(const watcher *t, const job *j, buf *out)
{
    const char *name = !ended(j) ? "progress" : str_eq(j->state, STR("done")) ? "done" : "failed";
    BUF_AUTO buf data = buf_max(EVENT_MAX);
    canon c = canon_to(&data);
    canon_open(&c);
    canon_kstr(&c, "state", j->state);
    canon_kint(&c, "done", j->done);
    canon_kint(&c, "total", j->total);
    canon_kstr(&c, "error", j->error);
    BUF_AUTO buf url = buf_max(64);
    buf_printf(&url, "/jobs/%lld", (long long)j->id);
    canon_kstr(&c, "url", buf_view(&url));
    canon_close(&c);
    buf_printf(out, "event: %s\nid: %lld\ndata: %.*s\n\n", name, (long long)t->sent,
               STR_ARG(buf_view(&data)));
}

static void next_event(void *ctx, buf *out, bool *done)
{
    watcher *t = ctx;
    tq_err err;
    job j;
    ARENA_AUTO arena *mem =
        arena_new("job event", JOB_RESULT_MAX + JOB_ARGS_MAX + JOB_CHECKPOINT_MAX + EVENT_MAX);
    TX_AUTO store_tx *tx = NULL;
    /* A busy store is asked again at the next turn; the page has its own way on if it stays so. */
    if (work_read(t->app, &tx, &err) != TQ_OK || job_read(tx, t->id, mem, &j, &err) != TQ_OK) {
        return;
    }
    *done = ended(&j);
    if (t->begun && !*done && t->done == j.done && t->total == j.total) {
        return;
    }
    t->begun = true;
    t->done = j.done;
    t->total = j.total;
    t->sent++;
    write_event(t, &j, out);
}

tq_code page_job_events(web_rq *w, http_reply *out, tq_err *err)
{
    view_row row;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, view_of(VIEW_JOB), &w->scope, w->match.id, w->call.a, &row, err));
    watcher *t = calloc(1, sizeof *t);
    TQ_ASSERT(t != NULL);
    *t = (watcher){.app = w->app, .id = w->match.id};
    out->status = 200;
    out->type = "text/event-stream";
    out->stream = (http_stream){.next = next_event, .end = free, .ctx = t};
    return TQ_OK;
}
