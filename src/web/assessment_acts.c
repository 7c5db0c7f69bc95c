/* SPDX-License-Identifier: Apache-2.0 */
#include "app/assessment.h"
#include "web/acts.h"

#define EXPORT_BYTES_MAX (256 * 1024 * 1024)

tq_code act_assessment_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_assessment_open *f = (const in_assessment_open *)in;
    done->view = VIEW_ASSESSMENT;
    return assessment_open(w->app, &w->call, f->year.n, web_day(&f->base_day), &done->id, err);
}

tq_code act_assessment_firm_set(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_assessment_firm_set *f = (const in_assessment_firm_set *)in;
    const assessment_firm_rq rq = {
        .assessment_id = w->match.id,
        .org_id = f->org_id.n,
        .listed = str_eq(f->state.s, STR("listed")),
        .cause = f->cause.s,
    };
    (void)done;
    return assessment_firm_set(w->app, &w->call, &rq, err);
}

tq_code act_assessment_contest(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_assessment_contest *f = (const in_assessment_contest *)in;
    done->view = VIEW_ASSESSMENT_CONTEST;
    return assessment_contest(w->app, &w->call, w->match.id, f->credit_code.s, f->ground.s,
                              &done->id, err);
}

tq_code act_assessment_answer(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_assessment_answer *f = (const in_assessment_answer *)in;
    (void)done;
    return assessment_answer(w->app, &w->call, w->match.id, f->upheld.n != 0, f->answer.s, err);
}

tq_code act_assessment_freeze(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return assessment_freeze(w->app, &w->call, w->match.id, err);
}

tq_code act_assessment_reopen(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_assessment_reopen *f = (const in_assessment_reopen *)in;
    (void)done;
    return assessment_reopen(w->app, &w->call, w->match.id, f->cause.s, err);
}

tq_code act_assessment_publish(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_assessment_publish *f = (const in_assessment_publish *)in;
    decision_paper paper;
    (void)done;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    return assessment_publish(w->app, &w->call, w->match.id, &paper, err);
}

tq_code act_assessment_withdraw(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return assessment_withdraw(w->app, &w->call, w->match.id, err);
}

/* A township is given its own rows; the rest of the county's firms are none of its business. */
tq_code page_assessment_file(web_rq *w, http_reply *out, tq_err *err)
{
    const int64_t unit = w->call.who.role == ROLE_TOWNSHIP ? w->call.who.org_id : 0;
    BUF_AUTO buf text = buf_max(EXPORT_BYTES_MAX);
    TQ_TRY(assessment_export(w->app, &w->call, w->match.id, unit, &text, err));
    if (!buf_ok(&text)) {
        return tq_fail(err, TQ_LIMIT, "assessment_rows", "assessment",
                       "the file would be too large");
    }
    out->status = 200;
    out->type = "application/json; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"assessment-%.*s-%lld.json\"",
                                   STR_ARG(w->programme.code), (long long)w->match.id));
    buf_str_add(&out->body, buf_view(&text));
    return TQ_OK;
}
