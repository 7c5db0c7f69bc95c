/* SPDX-License-Identifier: Apache-2.0 */
#include "app/inquiry.h"

#include "app/app_inner.h"
#include "web/acts.h"
#include "web/site_inner.h"

/* People are picked by their log-ins. */
static tq_code person_of(web_rq *w, int64_t user_id, int64_t *person_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    *person_id = 0;
    if (user_id == 0) {
        return TQ_OK;
    }
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, user_id, w->call.a, row, err));
    *person_id = row_num(row, C_USER_ACCOUNT_PERSON_ID);
    return TQ_OK;
}

tq_code act_inquiry_ask(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inquiry_ask *f = (const in_inquiry_ask *)in;
    inquiry_request rq = {.case_no = f->case_no.s,
                          .scope = f->inquiry_scope.s,
                          .org_id = f->org_id.n,
                          .from = web_day(&f->from_day),
                          .until = web_day(&f->until_day),
                          .reason = f->reason.s,
                          .urgent = f->urgent.n != 0};
    TQ_TRY(person_of(w, f->user_id.n, &rq.person_id, err));
    done->view = VIEW_INQUIRY;
    return inquiry_ask(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_inquiry_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inquiry_open *f = (const in_inquiry_open *)in;
    (void)done;
    return inquiry_answer(w->app, &w->call, w->match.id, true, f->inquiry_answer.s, err);
}

tq_code act_inquiry_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inquiry_refuse *f = (const in_inquiry_refuse *)in;
    (void)done;
    return inquiry_answer(w->app, &w->call, w->match.id, false, f->inquiry_answer.s, err);
}

tq_code act_inquiry_hold(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return inquiry_hold(w->app, &w->call, w->match.id, err);
}

tq_code act_inquiry_release(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return inquiry_release(w->app, &w->call, w->match.id, err);
}

tq_code act_inquiry_papers(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inquiry_papers *f = (const in_inquiry_papers *)in;
    (void)done;
    return inquiry_papers(w->app, &w->call, w->match.id, f->papers.s, err);
}

tq_code act_inquiry_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inquiry_end *f = (const in_inquiry_end *)in;
    (void)done;
    return inquiry_end(w->app, &w->call, w->match.id, f->inquiry_answer.s, err);
}
