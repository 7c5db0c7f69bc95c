/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bank_account.h"

#include "app/organisation.h"
#include "web/acts.h"

tq_code act_account_propose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_account_propose *f = (const in_account_propose *)in;
    /* An agent's account is the own organisation's without saying so. */
    const bool own = w->scope.reach == REACH_ORG && !f->org_id.given;
    const account_rq rq = {
        .org_id = own ? w->call.who.org_id : f->org_id.n,
        .holder = f->holder.s,
        .number = f->number.s,
        .bank = f->bank.s,
        .bank_code = f->bank_code.s,
        .letter = f->letter.s,
    };
    done->view = VIEW_BANK_ACCOUNT;
    return account_propose(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_account_confirm(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return account_confirm(w->app, &w->call, w->match.id, err);
}

tq_code act_account_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return account_refuse(w->app, &w->call, w->match.id, err);
}

tq_code act_account_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return account_close(w->app, &w->call, w->match.id, err);
}

tq_code act_agreement_sign(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_agreement_sign *f = (const in_agreement_sign *)in;
    const agreement_rq rq = {
        .partner = f->partner.s,
        .region = f->region.s,
        .platform_id = f->platform_id.n,
        .from = {(int32_t)f->from.n},
        .to = {(int32_t)f->to.n},
        .doc_no = f->doc_no.s,
    };
    done->view = VIEW_AGREEMENT;
    return agreement_sign(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_recognition_grant(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_recognition_grant *f = (const in_recognition_grant *)in;
    const day from = {(int32_t)f->from.n};
    const day to = {(int32_t)f->to.n};
    decision_paper paper;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    done->view = VIEW_RECOGNITION;
    return recognition_grant(w->app, &w->call, f->org_id.n, from, to, &paper, &done->id, err);
}
