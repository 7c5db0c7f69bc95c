/* SPDX-License-Identifier: Apache-2.0 */
#include "app/voucher.h"
#include "web/acts.h"
#include "web/site_inner.h"

/* The secret of a voucher is shown here and never again. */
static void show_code(web_rq *w, web_done *done, const voucher_issued *v)
{
    doc *d = doc_new(w->call.a);
    doc_int(d, "voucher_id", v->voucher_id);
    doc_text(d, "number", arena_copy(w->call.a, str_of(v->number.text)));
    doc_text(d, "code", arena_copy(w->call.a, str_of(v->code)));
    doc_money(d, "amount", v->amount_fen);
    doc_day(d, "use_by", v->use_by.n);
    doc *lines = doc_for_page(doc_list(d, "lines"));
    static const char *const names[] = {"number", "code", "amount", "use_by"};
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        doc *line = doc_object(lines, NULL);
        const doc *from = doc_get(d, str_of(names[i]));
        doc_text(line, "label", text_token(w->lang, "field", str_of(names[i])));
        buf b = buf_max(256);
        doc_write_plain(from, &w->style, &b);
        doc_text(line, "value", arena_copy(w->call.a, buf_view(&b)));
        buf_free(&b);
    }
    doc_for_page(doc_text(d, "next",
                          arena_printf(w->call.a, "/vouchers/%lld", (long long)v->voucher_id)));
    done->once = d;
}

tq_code act_voucher_issue(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    voucher_issued v = {0};
    (void)in;
    const int at = view_field_at(view_of(VIEW_APPLICATION), "voucher_id");
    if (w->row.values[at].n != 0) {
        TQ_TRY(voucher_top_up(w->app, &w->call, w->match.id, &v, err));
        done->id = v.voucher_id;
        return TQ_OK;
    }
    const voucher_issue_request rq = {.application_id = w->match.id, .code_seed = STR("")};
    TQ_TRY(voucher_issue(w->app, &w->call, &rq, &v, err));
    show_code(w, done, &v);
    return TQ_OK;
}

tq_code act_voucher_reissue(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_voucher_reissue *f = (const in_voucher_reissue *)in;
    voucher_issued v = {0};
    TQ_TRY(voucher_reissue(w->app, &w->call, w->match.id, STR(""), f->cause.s, &v, err));
    show_code(w, done, &v);
    return TQ_OK;
}

tq_code act_voucher_freeze(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_voucher_freeze *f = (const in_voucher_freeze *)in;
    (void)done;
    return voucher_freeze(w->app, &w->call, w->match.id, f->cause.s, err);
}

tq_code act_voucher_unfreeze(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return voucher_unfreeze(w->app, &w->call, w->match.id, err);
}

tq_code act_voucher_extend(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_voucher_extend *f = (const in_voucher_extend *)in;
    (void)done;
    return voucher_extend(w->app, &w->call, w->match.id, web_day(&f->use_by), f->cause.s, err);
}

tq_code act_voucher_cancel(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_voucher_cancel *f = (const in_voucher_cancel *)in;
    voucher_cancel_request rq = {.voucher_id = w->match.id, .cause = f->cause.s};
    (void)done;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return voucher_cancel(w->app, &w->call, &rq, err);
}

/* 验券: an institution is shown a code and asks what stands behind it. What it may learn: that it is a
 * voucher, whose, until when, and how much can be held; nothing of other vouchers. */
tq_code act_voucher_look(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_voucher_look *f = (const in_voucher_look *)in;
    const view *v = view_of(VIEW_VOUCHER);
    const view_scope all = {.reach = REACH_PROGRAMME, .programme_id = w->programme.id};
    static const char *const names[] = {"number", "holder", "kind", "state", "balance", "use_by"};
    view_row row;
    int64_t id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    if (voucher_by_code(tx, f->code.s, &id, err) != TQ_OK) {
        return tq_fail(err, TQ_INVALID, "voucher_code", "code",
                       "there is no voucher with this code");
    }
    TQ_TRY(view_one(tx, v, &all, id, w->call.a, &row, err));
    doc *d = doc_new(w->call.a);
    doc *all_fields = doc_new(w->call.a);
    doc *lines = doc_for_page(doc_list(d, "lines"));
    view_fields(all_fields, v, &row);
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        const doc *from = doc_get(all_fields, str_of(names[i]));
        doc *line = doc_object(lines, NULL);
        buf b = buf_max(512);
        doc_write_plain(from, &w->style, &b);
        const str text = arena_copy(w->call.a, buf_view(&b));
        buf_free(&b);
        doc_text(line, "label", text_token(w->lang, "field", str_of(names[i])));
        doc_text(line, "value", text);
        doc_text(d, names[i], text);
    }
    doc_for_page(doc_text(d, "next", STR("/orders")));
    done->once = d;
    return TQ_OK;
}
