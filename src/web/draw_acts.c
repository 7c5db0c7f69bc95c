/* SPDX-License-Identifier: Apache-2.0 */
#include "app/draw.h"
#include "web/acts.h"

tq_code act_draw_plan(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_draw_plan *f = (const in_draw_plan *)in;
    const draw_plan_request rq = {.unit = f->draw_unit.s,
                                  .strata = f->strata.s,
                                  .from = web_day(&f->from_day),
                                  .to = web_day(&f->to_day),
                                  .rate_bp = f->rate.n,
                                  .visitors = f->visitors.n,
                                  .public_source = f->public_source.s,
                                  .public_day = web_day(&f->public_day)};
    draw_made made = {0};
    TQ_TRY(draw_plan(w->app, &w->call, &rq, &made, err));
    done->view = VIEW_DRAW;
    done->id = made.draw_id;
    return TQ_OK;
}

tq_code act_draw_approve(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_draw_approve *f = (const in_draw_approve *)in;
    draw_step_request rq = {.draw_id = w->match.id, .reason = f->reason.s};
    (void)done;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return draw_approve(w->app, &w->call, &rq, err);
}

tq_code act_draw_freeze(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_draw_freeze *f = (const in_draw_freeze *)in;
    const in_draw_declared *rows = (const in_draw_declared *)f->declared.rows;
    int64_t *users = ARENA_NEW(w->call.a, int64_t, f->declared.n_rows + 1);
    (void)done;
    for (size_t i = 0; i < f->declared.n_rows; i++) {
        users[i] = rows[i].user_id.n;
    }
    const draw_freeze_request rq = {
        .draw_id = w->match.id, .declared = users, .n_declared = f->declared.n_rows};
    return draw_freeze(w->app, &w->call, &rq, err);
}

tq_code act_draw_run(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_draw_run *f = (const in_draw_run *)in;
    const draw_run_request rq = {w->match.id, f->public_value.s};
    (void)done;
    return draw_run(w->app, &w->call, &rq, err);
}

tq_code act_draw_publish(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const draw_step_request rq = {.draw_id = w->match.id};
    (void)in;
    (void)done;
    return draw_publish(w->app, &w->call, &rq, err);
}

tq_code act_draw_risk_add(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_draw_risk_add *f = (const in_draw_risk_add *)in;
    const draw_risk_request rq = {w->match.id, f->org_id.n, f->reason.s};
    (void)done;
    return draw_risk_add(w->app, &w->call, &rq, err);
}

tq_code act_draw_cancel(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_draw_cancel *f = (const in_draw_cancel *)in;
    const draw_step_request rq = {.draw_id = w->match.id, .reason = f->reason.s};
    (void)done;
    return draw_cancel(w->app, &w->call, &rq, err);
}
