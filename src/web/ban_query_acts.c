/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ban_query.h"
#include "web/acts.h"

tq_code act_ban_ask(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_ban_ask *f = (const in_ban_ask *)in;
    const ban_ask_request rq = {
        .codes = f->codes.s, .purpose = f->purpose.s, .paper_no = f->paper_no.s};
    ban_ask_result r = {0};
    TQ_TRY(ban_ask(w->app, &w->call, &rq, &r, err));
    done->view = VIEW_BAN_QUERY;
    done->id = r.query_id;
    return TQ_OK;
}

tq_code page_ban_receipt(web_rq *w, http_reply *out, tq_err *err)
{
    BUF_AUTO buf text = buf_max(BAN_RECEIPT_BYTES_MAX);
    view_row row;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    /* Another bureau's receipt is not there. */
    TQ_TRY(view_one(tx, view_of(VIEW_BAN_QUERY), &w->scope, w->match.id, w->call.a, &row, err));
    store_rollback(&tx);
    TQ_TRY(ban_receipt(w->app, &w->call, w->match.id, &text, err));
    out->status = 200;
    out->type = "application/json";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"ban-query-%lld.json\"",
                                   (long long)w->match.id));
    buf_str_add(&out->body, buf_view(&text));
    return TQ_OK;
}
