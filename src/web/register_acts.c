/* SPDX-License-Identifier: Apache-2.0 */
#include "app/register_filing.h"
#include "web/acts.h"

#define FILE_BYTES_MAX (8 * 1024 * 1024)

tq_code act_register_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    done->view = VIEW_REGISTER_FILING;
    return register_file(w->app, &w->call, &done->id, err);
}

tq_code act_register_receive(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_register_receive *f = (const in_register_receive *)in;
    (void)done;
    return register_receive(w->app, &w->call, w->match.id, f->receipt_no.s,
                            web_day(&f->receipt_day), err);
}

tq_code act_register_return(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_register_return *f = (const in_register_return *)in;
    (void)done;
    return register_return(w->app, &w->call, w->match.id, f->answer.s, err);
}

tq_code act_register_correct(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_register_correct *f = (const in_register_correct *)in;
    const register_correction rq = {
        .line_id = w->match.id, .amount_fen = f->amount.n, .ground = f->ground.s};
    done->view = VIEW_REGISTER_LINE;
    return register_correct(w->app, &w->call, &rq, &done->id, err);
}

tq_code page_register_filing_file(web_rq *w, http_reply *out, tq_err *err)
{
    BUF_AUTO buf text = buf_max(FILE_BYTES_MAX);
    TQ_TRY(register_filing_text(w->app, &w->call, w->match.id, &text, err));
    out->status = 200;
    out->type = "text/csv; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"register-%.*s-%lld.csv\"",
                                   STR_ARG(w->programme.code), (long long)w->match.id));
    buf_str_add(&out->body, buf_view(&text));
    return TQ_OK;
}
