/* SPDX-License-Identifier: Apache-2.0 */
#include "app/evidence.h"
#include "app/invoice.h"
#include "web/acts.h"

/* The file first, so that its hash stands in the row (I27); "" where none was given. */
static tq_code stored(web_rq *w, const field_slot *file, str *hex_out, tq_err *err)
{
    char hex[65];
    str bytes;
    *hex_out = STR("");
    if (file->file == NULL) {
        return TQ_OK;
    }
    TQ_TRY(web_file_bytes(w, file, &bytes, err));
    TQ_TRY(evidence_put(w->app, bytes, hex, err));
    *hex_out = arena_copy(w->call.a, str_of(hex));
    return TQ_OK;
}

tq_code act_invoice_add(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_invoice_add *f = (const in_invoice_add *)in;
    const role acting = w->call.who.role;
    const bool firm = acting == ROLE_FIRM_AGENT || acting == ROLE_FIRM_FINANCE;
    invoice_new rq = {
        .code = f->code.s,
        .number = f->number.s,
        .country = f->country.s,
        .seller_tax_id = f->seller_tax_id.s,
        .seller_id = f->seller_id.n,
        .institution_id = f->institution_id.given ? f->institution_id.n : f->seller_id.n,
        .buyer_id = firm ? w->call.who.org_id : f->buyer_id.n,
        .buyer_name = f->buyer_name.given ? f->buyer_name.s
                      : firm              ? w->as->org_name
                                          : STR(""),
        .issued = {(int32_t)f->issued_day.n},
        .gross_fen = f->gross.n,
        .net_fen = f->net.given ? f->net.n : f->gross.n,
        .replaces_id = f->replaces_id.n,
    };
    done->view = VIEW_INVOICE;
    TQ_TRY(stored(w, &f->file, &rq.blob, err));
    return invoice_add(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_invoice_red(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_invoice_red *f = (const in_invoice_red *)in;
    const invoice_red_flush rq = {.invoice_id = w->match.id, .replacement_id = f->replacement_id.n};
    (void)done;
    return invoice_red(w->app, &w->call, &rq, err);
}

tq_code act_proof_add(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_proof_add *f = (const in_proof_add *)in;
    proof_new rq = {
        .org_id = w->scope.reach == REACH_ORG ? w->call.who.org_id : f->holder_id.n,
        .means = f->means.s,
        .payer = f->payer.s,
        .paid = {(int32_t)f->paid_day.n},
        .amount_fen = f->amount.n,
        .reference = f->reference.s,
    };
    done->view = VIEW_PAYMENT_PROOF;
    TQ_TRY(stored(w, &f->file, &rq.blob, err));
    return proof_add(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_proof_honour(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_proof_honour *f = (const in_proof_honour *)in;
    const proof_honoured rq = {.proof_id = w->match.id, .honoured = web_day(&f->honoured)};
    (void)done;
    return proof_honour(w->app, &w->call, &rq, err);
}
