/* SPDX-License-Identifier: Apache-2.0 */
#include "app/application.h"
#include "web/acts.h"
#include "web/evidence_acts.h"

tq_code act_application_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_file *f = (const in_application_file *)in;
    /* A firm files for itself; the hall and the service centre name the holder. */
    const bool own = w->scope.reach == REACH_ORG;
    const application_request rq = {
        .holder_id = own ? w->call.who.org_id : f->holder_id.n,
        .kind_id = f->kind_id.n,
        .voucher_id = f->voucher_id.n,
        .way = web_cstr(w, &f->way),
        .asked_fen = f->asked.n,
        .purpose = f->purpose.s,
    };
    done->view = VIEW_APPLICATION;
    return application_file(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_application_submit(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return application_submit(w->app, &w->call, w->match.id, err);
}

tq_code act_application_withdraw(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return application_withdraw(w->app, &w->call, w->match.id, err);
}

tq_code act_application_approve(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_approve *f = (const in_application_approve *)in;
    application_result r = {0};
    decision_paper paper;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    TQ_TRY(application_approve(w->app, &w->call, w->match.id, &paper, &r, err));
    done->refused = !r.granted;
    done->refusal = r.reason;
    done->decision_id = r.decision_id;
    return TQ_OK;
}

tq_code act_application_return(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_return *f = (const in_application_return *)in;
    (void)done;
    return application_return(w->app, &w->call, w->match.id, f->reason.s, err);
}

tq_code act_application_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_refuse *f = (const in_application_refuse *)in;
    decision_paper paper;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    return application_refuse(w->app, &w->call, w->match.id, f->reason.s, &paper,
                              &done->decision_id, err);
}

tq_code act_application_award(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_award *f = (const in_application_award *)in;
    const in_award_case *rows = (const in_award_case *)f->cases.rows;
    application_award_case *cases = ARENA_NEW(w->call.a, application_award_case, f->cases.n_rows);
    application_award_request rq = {
        .count = f->count.n, .total_fen = f->total.n, .cases = cases, .n = f->cases.n_rows};
    application_result *results = ARENA_NEW(w->call.a, application_result, f->cases.n_rows);
    for (size_t i = 0; i < f->cases.n_rows; i++) {
        cases[i] = (application_award_case){rows[i].application_id.n, rows[i].decided.n};
    }
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    done->path = "/applications?state=approved";
    return application_award(w->app, &w->call, &rq, results, err);
}

tq_code act_application_evidence(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_evidence *f = (const in_application_evidence *)in;
    (void)done;
    return web_evidence(w, T_APPLICATION, &f->kind, &f->file, &f->label, err);
}
