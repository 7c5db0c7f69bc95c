/* SPDX-License-Identifier: Apache-2.0 */
#include "app/fund.h"
#include "web/acts.h"

#define POSITION_ROWS_MAX 2000

tq_code act_budget_line_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_budget_line_open *f = (const in_budget_line_open *)in;
    const budget_line_rq rq = {
        .year = f->year.n,
        .doc_no = f->doc_no.s,
        .project_code = f->project_code.s,
        .function_code = f->function_code.s,
        .gov_econ_code = f->gov_econ_code.s,
        .dept_econ_code = f->dept_econ_code.s,
        .nature = f->nature.s,
        .pay_mode = f->pay_mode.s,
    };
    done->view = VIEW_BUDGET_LINE;
    return budget_line_open(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_source_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_source_open *f = (const in_source_open *)in;
    const source_rq rq = {
        .kind_code = f->kind_code.s,
        .budget_line_id = f->budget_line_id.n,
        .code = f->code.s,
        .name = f->name.s,
        .stock_class = f->class.s,
        .origin = f->origin.s,
        .base_fen = f->base.n,
        .replaces = f->replaces.s,
    };
    done->view = VIEW_FUND_SOURCE;
    return source_open(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_fund_propose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_fund_propose *f = (const in_fund_propose *)in;
    const fund_rq rq = {
        .kind = f->kind.s,
        .source_id = f->source_id.n,
        .year = f->year.n,
        .budget_line_id = f->budget_line_id.n,
        .amount_fen = f->amount.n,
        .doc_no = f->doc_no.s,
    };
    done->view = VIEW_FUND_MOVE;
    return fund_propose(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_fund_book(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return fund_book(w->app, &w->call, w->match.id, err);
}

tq_code act_fund_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return fund_refuse(w->app, &w->call, w->match.id, err);
}

tq_code act_year_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_year_close *f = (const in_year_close *)in;
    done->path = "/funds/position";
    return year_close(w->app, &w->call, web_day(&f->until), err);
}

/* Where the money of each source and year lies: one row each, from the ledger's balances. */
tq_code page_fund_position(web_rq *w, http_reply *out, tq_err *err)
{
    fund_row *rows = ARENA_NEW(w->call.a, fund_row, POSITION_ROWS_MAX);
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(fund_position(tx, w->programme.id, 0, rows, POSITION_ROWS_MAX, &n, err));
    store_rollback(&tx);
    doc *body = doc_new(w->call.a);
    doc *list = doc_list(body, "items");
    for (size_t i = 0; i < n; i++) {
        doc *o = doc_object(list, NULL);
        const fund_row *r = &rows[i];
        doc_text(o, "code", str_of(r->code));
        doc_int(o, "year", r->year);
        doc_token(o, "class", "fund_class", str_of(r->stock_class));
        const struct {
            const char *name;
            int64_t fen;
        } amounts[] = {
            {"appropriated", r->appropriated},
            {"carried", r->carried},
            {"overcommitted", r->overcommitted},
            {"pool", r->pool},
            {"voucher", r->voucher},
            {"held", r->held},
            {"payable", r->payable},
            {"transit", r->transit},
            {"paid", r->paid},
            {"owed", r->owed},
            {"recovered", r->recovered},
            {"written_off", r->written_off},
            {"lapsed", r->lapsed},
        };
        for (size_t k = 0; k < TQ_COUNT(amounts); k++) {
            doc_money(o, amounts[k].name, amounts[k].fen);
        }
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "fund_position", body, out, err);
}
