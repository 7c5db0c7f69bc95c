/* SPDX-License-Identifier: Apache-2.0 */
#include "app/submit_claim.h"
#include "web/acts.h"
#include "web/evidence_acts.h"

static claim_line_new *lines_of(web_rq *w, const field_slot *slot)
{
    const in_claim_line *rows = (const in_claim_line *)slot->rows;
    claim_line_new *lines = ARENA_NEW(w->call.a, claim_line_new, slot->n_rows + 1);
    for (size_t i = 0; i < slot->n_rows; i++) {
        lines[i] = (claim_line_new){
            .order_id = rows[i].order_id.n,
            .invoice_id = rows[i].invoice_id.n,
            .proof_id = rows[i].proof_id.n,
            .amount_fen = rows[i].amount.n,
        };
    }
    return lines;
}

tq_code act_claim_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_file *f = (const in_claim_file *)in;
    const claim_form form = {
        .voucher_id = f->voucher_id.n,
        .asked_fen = f->asked.n,
        .final = f->final.n != 0,
        .lines = lines_of(w, &f->lines),
        .n_lines = f->lines.n_rows,
    };
    done->view = VIEW_CLAIM;
    if (f->draft.n != 0) {
        return claim_draft(w->app, &w->call, &form, &done->id, err);
    }
    const claim_submission rq = {.form = &form};
    claim_filed filed = {0};
    TQ_TRY(claim_submit(w->app, &w->call, &rq, &filed, err));
    done->id = filed.claim_id;
    return TQ_OK;
}

tq_code act_claim_save(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_save *f = (const in_claim_save *)in;
    const claim_form form = {
        .voucher_id = f->voucher_id.n,
        .asked_fen = f->asked.n,
        .final = f->final.n != 0,
        .lines = lines_of(w, &f->lines),
        .n_lines = f->lines.n_rows,
    };
    (void)done;
    return claim_save(w->app, &w->call, w->match.id, &form, err);
}

tq_code act_claim_submit(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const claim_submission rq = {.claim_id = w->match.id};
    claim_filed filed = {0};
    (void)in;
    (void)done;
    return claim_submit(w->app, &w->call, &rq, &filed, err);
}

tq_code act_claim_withdraw(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return claim_withdraw(w->app, &w->call, w->match.id, err);
}

tq_code act_claim_evidence(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_evidence *f = (const in_claim_evidence *)in;
    (void)done;
    return web_evidence(w, T_CLAIM, &f->kind, &f->file, &f->label, err);
}
