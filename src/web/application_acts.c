/* SPDX-License-Identifier: Apache-2.0 */
#include "app/application.h"
#include "web/acts.h"

tq_code act_application_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_application_file *f = (const in_application_file *)in;
    const bool own = w->scope.reach == REACH_ORG;
    const application_request rq = {
        .holder_id = own ? w->call.who.org_id : f->holder_id.n,
        .kind_id = f->kind_id.n,
        .voucher_id = f->voucher_id.n,
        .way = arena_copy(w->call.a, f->way.s).data,
        .asked_fen = f->asked.n,
        .purpose = f->purpose.s,
    };
    done->view = VIEW_APPLICATION;
    return application_file(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_application_approve(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    application_result r = {0};
    (void)in;
    TQ_TRY(application_approve(w->app, &w->call, w->match.id, &r, err));
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
    return application_refuse(w->app, &w->call, w->match.id, f->reason.s, &done->decision_id, err);
}
