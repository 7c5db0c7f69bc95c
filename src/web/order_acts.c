/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_pool.h"
#include "web/acts.h"
#include "web/evidence_acts.h"

tq_code act_order_propose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_propose *f = (const in_order_propose *)in;
    const in_order_line *rows = (const in_order_line *)f->lines.rows;
    order_line_request *lines = ARENA_NEW(w->call.a, order_line_request, f->lines.n_rows + 1);
    for (size_t i = 0; i < f->lines.n_rows; i++) {
        lines[i] = (order_line_request){.item = rows[i].item.s, .amount_fen = rows[i].amount.n};
    }
    const order_proposal rq = {
        .voucher_id = f->voucher_id.n,
        .institution_id = f->institution_id.n,
        .outcome_kind = f->outcome_kind.s,
        .title = f->title.s,
        .purpose = f->purpose.s,
        .compulsory = f->compulsory.n != 0,
        .contract_fen = f->contract.n,
        .voucher_fen = f->voucher_part.n,
        .end = web_day(&f->end_day),
        .lines = lines,
        .n_lines = f->lines.n_rows,
    };
    order_result r = {0};
    TQ_TRY(order_propose(w->app, &w->call, &rq, &r, err));
    done->view = VIEW_SERVICE_ORDER;
    done->id = r.order_id;
    done->refused = !r.accepted;
    done->refusal = r.reason;
    done->decision_id = r.decision_id;
    return TQ_OK;
}

tq_code act_order_accept(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return order_accept(w->app, &w->call, w->match.id, err);
}

tq_code act_order_decline(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_decline *f = (const in_order_decline *)in;
    (void)done;
    return order_decline(w->app, &w->call, w->match.id, f->cause.s, err);
}

tq_code act_order_cancel(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_cancel *f = (const in_order_cancel *)in;
    (void)done;
    return order_cancel(w->app, &w->call, w->match.id, f->cause.s, err);
}

tq_code act_order_deliver(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_deliver *f = (const in_order_deliver *)in;
    const order_delivery rq = {
        .order_id = w->match.id,
        .outcome_kind = STR(""),
        .outcome_count = f->outcome_count.n,
        .amount_fen = f->amount.n,
        .report = f->report.s,
        .last = f->last.n != 0,
    };
    int64_t delivery_id = 0;
    (void)done;
    return order_deliver(w->app, &w->call, &rq, &delivery_id, err);
}

tq_code act_order_confirm(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return order_confirm(w->app, &w->call, w->match.id, err);
}

tq_code act_order_dispute(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_dispute *f = (const in_order_dispute *)in;
    (void)done;
    return order_dispute(w->app, &w->call, w->match.id, f->cause.s, err);
}

tq_code act_order_resolve(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_resolve *f = (const in_order_resolve *)in;
    (void)done;
    return order_resolve(w->app, &w->call, w->match.id, f->confirmed.n != 0, f->reason.s, err);
}

tq_code act_order_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return order_close(w->app, &w->call, w->match.id, err);
}

tq_code act_order_change_propose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_change_propose *f = (const in_order_change_propose *)in;
    const order_change_request rq = {
        .order_id = w->match.id,
        .contract_fen = f->contract.n,
        .voucher_fen = f->voucher_part.n,
        .end = web_day(&f->end_day),
    };
    return order_change_propose(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_order_change_agree(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return order_change_agree(w->app, &w->call, w->match.id, err);
}

tq_code act_order_change_decline(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return order_change_decline(w->app, &w->call, w->match.id, err);
}

tq_code act_order_evidence(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_evidence *f = (const in_order_evidence *)in;
    (void)done;
    return web_evidence(w, T_SERVICE_ORDER, &f->kind, &f->file, &f->label, err);
}

/* --- bought together ------------------------------------------------------------------------------- */

tq_code act_order_member_invite(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_member_invite *f = (const in_order_member_invite *)in;
    const order_invitation rq = {
        .order_id = w->match.id, .holder_code = f->holder_code.s, .contract_fen = f->contract.n};
    return order_member_invite(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_order_member_join(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_member_join *f = (const in_order_member_join *)in;
    const order_joining rq = {.member_id = w->match.id,
                              .voucher_id = f->voucher_id.n,
                              .voucher_fen = f->voucher_part.n,
                              .purpose = f->purpose.s};
    order_result r = {0};
    TQ_TRY(order_member_join(w->app, &w->call, &rq, &r, err));
    done->refused = !r.accepted;
    done->refusal = r.reason;
    done->decision_id = r.decision_id;
    return TQ_OK;
}

tq_code act_order_member_leave(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_order_member_leave *f = (const in_order_member_leave *)in;
    (void)done;
    return order_member_leave(w->app, &w->call, w->match.id, f->cause.s, err);
}
