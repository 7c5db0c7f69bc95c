/* SPDX-License-Identifier: Apache-2.0 */
/* What a route answers, once the gate has let the request in: a page of a view, or what came of an act. */
#include "web/acts.h"
#include "web/gate.h"
#include "web/site_inner.h"

static bool in_state(const web_rq *w)
{
    const view *v = view_of(w->match.route->view);
    return v->state < 0 || route_when(w->match.route, w->row.values[v->state].s);
}

/* The row as the form or the program saw it, where it says so: nobody decides on what has changed. */
static tq_code same_version(const web_rq *w, tq_err *err)
{
    const route *r = w->match.route;
    str seen = http_header(w->http, "If-Match");
    if (r->kind == ROUTE_ACT && !in_state(w)) {
        return tq_fail(err, TQ_CONFLICT, "not_in_this_state", NULL,
                       "this cannot be done in the state it is in");
    }
    if (seen.len > 1 && seen.data[0] == '"') {
        seen = (str){seen.data + 1, seen.len - 2};
    }
    if (seen.len == 0) {
        seen = input_raw(w->http, STR("_version"));
    }
    if (r->kind != ROUTE_ACT || seen.len == 0 ||
        str_eq(seen, view_version(view_of(r->view), &w->row, w->call.a))) {
        return TQ_OK;
    }
    return tq_fail(err, TQ_CONFLICT, "changed_meanwhile", NULL,
                   "this has changed since you opened it; look at it again");
}

tq_code answer_get(web_rq *w, http_reply *out, tq_err *err)
{
    const route *r = w->match.route;
    if (w->match.form) {
        TQ_TRY(same_version(w, err));
        return form_page(w, 200, NULL, NULL, out, err);
    }
    switch (r->kind) {
    case ROUTE_LIST:
        /* R-FILE-050 */
        TQ_TRY(site_note_reading(w, r->view, 0, w->match.csv ? "csv" : "list", err));
        return w->match.csv ? list_csv(w, out, err) : list_page(w, out, err);
    case ROUTE_ITEM:
        TQ_TRY(site_note_reading(w, r->view, w->match.id, "view", err));
        return item_page(w, out, err);
    case ROUTE_PAGE:
        return r->page(w, out, err);
    case ROUTE_MAKE:
    case ROUTE_ACT:
    case ROUTE_DO:
        break;
    }
    return tq_fail(err, TQ_INTERNAL, "route", NULL, "a route without an answer");
}

tq_code load_row(web_rq *w, tq_err *err)
{
    const route *r = w->match.route;
    if (r->kind != ROUTE_ITEM && r->kind != ROUTE_ACT) {
        return TQ_OK;
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    return view_one(tx, view_of(r->view), &w->scope, w->match.id, w->call.a, &w->row, err);
}

typedef struct act_run {
    web_rq *w;
    const field_slot *slots;
    web_done *done;
} act_run;

static tq_code run_act(void *ctx, tq_err *err)
{
    act_run *run = ctx;
    run->w->refused_by = 0; /* of a try that was not committed */
    *run->done = (web_done){.view = run->w->match.route->made};
    return run->w->match.route->act(run->w, run->slots, run->done, err);
}

static tq_code show_done(web_rq *w, web_done *done, http_reply *out, tq_err *err)
{
    const route *r = w->match.route;
    if (done->cookie != NULL) {
        http_reply_header(out, "Set-Cookie", str_of(done->cookie));
    }
    if (done->refused) {
        w->refused_by = done->decision_id;
        return tq_fail(err, TQ_REFUSED, done->refusal, NULL,
                       "a rule of the scheme refuses this: %s", done->refusal);
    }
    if (done->download.name != NULL) {
        out->status = 200;
        out->type = done->download.type;
        out->sandboxed = true;
        http_reply_header(out, "Content-Disposition",
                          arena_printf(w->call.a, "attachment; filename=\"%s\"",
                                       done->download.name));
        buf_str_add(&out->body, done->download.bytes);
        return TQ_OK;
    }
    if (done->once != NULL) {
        if (w->json) {
            web_json(w, 200, done->once, out);
            return TQ_OK;
        }
        return web_page(w, 200, done->once_page == NULL ? "once" : done->once_page, done->once, out,
                        err);
    }
    const view_id of = done->view != VIEW_NONE ? done->view
                       : r->kind == ROUTE_ACT  ? r->view
                                               : VIEW_NONE;
    const int64_t id = done->view != VIEW_NONE ? done->id : w->match.id;
    const route *item = of == VIEW_NONE ? NULL : route_of_view(of, ROUTE_ITEM, w->call.who.role);
    const str path = item != NULL         ? route_path(item, id, w->call.a)
                     : done->path != NULL ? str_of(done->path)
                                          : STR("/work");
    if (!w->json) {
        if (done->cookie == NULL) { /* not for coming, going and changing the role */
            http_reply_header(out, "Set-Cookie",
                              str_of(gate_cookie(w, COOKIE_DID, str_of(r->name), true)));
        }
        const str then = form_then(w);
        web_go(out, then.len > 0 ? then : path);
        return TQ_OK;
    }
    http_reply_header(out, "Location", path);
    const unsigned status = r->kind == ROUTE_MAKE ? 201 : 200;
    if (item == NULL) {
        doc *body = doc_new(w->call.a);
        doc_text(body, "location", path);
        web_json(w, status, body, out);
        return TQ_OK;
    }
    w->match.route = item;
    w->match.id = id;
    TQ_TRY(load_row(w, err));
    TQ_TRY(item_page(w, out, err));
    out->status = status;
    return TQ_OK;
}

/* A rule had said no: the same no, from the decision that was recorded. */
static tq_code refused_again(web_rq *w, int64_t decision_id, web_done *done, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    const view *v = view_of(VIEW_DECISION);
    view_row row;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &w->scope, decision_id, w->call.a, &row, err));
    const int reason = view_field_at(v, "reason");
    TQ_ASSERT(reason >= 0);
    done->refused = true;
    done->refusal = arena_copy(w->call.a, row.values[reason].s).data;
    done->decision_id = decision_id;
    return TQ_OK;
}

/* The first try had been done and its answer was lost: the row it made is the answer again. */
static tq_code show_repeated(web_rq *w, http_reply *out, tq_err *err)
{
    const route *r = w->match.route;
    const view_id of = r->made != VIEW_NONE ? r->made : r->view;
    web_done done = {0};
    int64_t id = 0;
    if (idem_row(&w->once, w->call.a, "refusal", &id)) {
        TQ_TRY(refused_again(w, id, &done, err));
    } else if (of != VIEW_NONE && idem_row(&w->once, w->call.a, view_of(of)->name, &id)) {
        done.view = of;
        done.id = id;
    }
    http_reply_header(out, "Idempotency-Replayed", STR("true"));
    return show_done(w, &done, out, err);
}

/* Has the key been used, for this command or another? Asked without doing anything. */
static tq_code key_used(const web_rq *w, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    if (w->call.idem == NULL) {
        return TQ_OK;
    }
    const tq_code code = work_begin(w->app, &w->call, ROLES_ANY, &tx, err);
    return code == TQ_CONFLICT ? code : TQ_OK;
}

tq_code answer_post(web_rq *w, http_reply *out, input_faults *faults, tq_err *err)
{
    const route *r = w->match.route;
    field_slot *slots = ARENA_NEW(w->call.a, field_slot, r->n_fields + 1);
    web_done done = {0};
    act_run run = {w, slots, &done};
    if (!w->json && input_asks_again(w->http)) {
        return form_page(w, 200, NULL, NULL, out, err); /* nothing is done: the form is looked at */
    }
    TQ_TRY(gate_change(w, err));
    TQ_TRY(input_read(r, w->http, &w->programme.money, slots, faults, err));
    tq_code code = same_version(w, err);
    if (code == TQ_OK) {
        code = app_retry(&w->call, run_act, &run, err);
    }
    if (code != TQ_OK && !idem_repeated(w->call.idem)) {
        tq_err used; /* it may fail now just because the first try changed what it stands on */
        if (key_used(w, &used) != TQ_OK) {
            code = TQ_CONFLICT;
            *err = used;
        }
    }
    if (code == TQ_CONFLICT && idem_repeated(w->call.idem)) {
        return show_repeated(w, out, err);
    }
    TQ_TRY(code);
    return show_done(w, &done, out, err);
}
