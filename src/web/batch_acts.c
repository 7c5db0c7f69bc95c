/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bank_result.h"
#include "app/payment_list.h"
#include "app/settle.h"
#include "base/file.h"
#include "web/acts.h"

/* What was collected, and what was left out and why: shown once, with the way to the batch. */
static void report(web_rq *w, web_done *done, const batch_report *r)
{
    doc *d = doc_new(w->call.a);
    doc_int(d, "batch_id", r->batch_id);
    doc_int(d, "count", r->count);
    doc_money(d, "total", r->total_fen);
    doc *left = doc_list(d, "left");
    doc *lines = doc_for_page(doc_list(d, "lines"));
    for (size_t i = 0; i < r->n_left; i++) {
        doc *o = doc_object(left, NULL);
        doc_int(o, "claim_id", r->left[i].claim_id);
        doc_text(o, "number", r->left[i].number);
        doc_text(o, "reason", str_of(r->left[i].reason));
        doc *line = doc_object(lines, NULL);
        doc_text(line, "label", r->left[i].number);
        doc_text(line, "value", text_token(w->lang, "left", str_of(r->left[i].reason)));
    }
    const str path = r->batch_id == 0
                         ? STR("/batches")
                         : arena_printf(w->call.a, "/batches/%lld", (long long)r->batch_id);
    doc_for_page(doc_text(d, "next", path));
    done->once = d;
}

/* Nothing left out: straight to the batch. */
static void batch_done(web_rq *w, web_done *done, const batch_report *r)
{
    if (r->n_left > 0 || r->batch_id == 0) {
        report(w, done, r);
    } else {
        done->view = VIEW_BATCH;
        done->id = r->batch_id;
    }
}

tq_code act_batch_collect(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_batch_collect *f = (const in_batch_collect *)in;
    const batch_collect_request rq = {.period = f->period.s};
    batch_report r = {0};
    TQ_TRY(batch_collect(w->app, &w->call, &rq, &r, err));
    batch_done(w, done, &r);
    return TQ_OK;
}

tq_code act_batch_repeat(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_batch_repeat *f = (const in_batch_repeat *)in;
    const batch_repeat_request rq = {.batch_id = w->match.id,
                                     .same_account = f->same_account.n != 0};
    batch_report r = {0};
    TQ_TRY(batch_repeat(w->app, &w->call, &rq, &r, err));
    batch_done(w, done, &r);
    return TQ_OK;
}

tq_code act_batch_lock(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    batch_report r = {0};
    (void)in;
    TQ_TRY(batch_lock(w->app, &w->call, w->match.id, &r, err));
    batch_done(w, done, &r);
    return TQ_OK;
}

tq_code act_batch_release(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_batch_release *f = (const in_batch_release *)in;
    const batch_release_request rq = {.batch_id = w->match.id, .list_sha256 = f->list_sha256.s};
    batch_report r = {0};
    TQ_TRY(batch_release(w->app, &w->call, &rq, &r, err));
    batch_done(w, done, &r);
    return TQ_OK;
}

tq_code act_batch_send(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    batch_report r = {0};
    (void)in;
    TQ_TRY(batch_send(w->app, &w->call, w->match.id, &r, err));
    batch_done(w, done, &r);
    return TQ_OK;
}

tq_code act_batch_cancel(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return batch_cancel(w->app, &w->call, w->match.id, err);
}

tq_code act_batch_recall(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return batch_recall(w->app, &w->call, w->match.id, err);
}

tq_code act_batch_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return batch_close(w->app, &w->call, w->match.id, err);
}

/* A POST because it counts the export (I12); the reply is the file itself. */
tq_code act_batch_list(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_batch_list *f = (const in_batch_list *)in;
    payment_list_file list;
    const csv_charset charset = str_eq(f->charset.s, STR("gb18030")) ? CSV_GB18030 : CSV_UTF8_BOM;
    TQ_TRY(payment_list_export(w->app, &w->call, w->match.id, charset, &list, err));
    done->download.name = arena_copy(w->call.a, str_of(list.name)).data;
    done->download.type =
        charset == CSV_GB18030 ? "text/csv; charset=gb18030" : "text/csv; charset=utf-8";
    done->download.bytes = list.bytes;
    return TQ_OK;
}

tq_code act_line_pull(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_line_pull *f = (const in_line_pull *)in;
    const line_pull_request rq = {.line_id = w->match.id, .reason = f->reason.s};
    (void)done;
    return line_pull(w->app, &w->call, &rq, err);
}

tq_code act_bank_result_apply(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_bank_result_apply *f = (const in_bank_result_apply *)in;
    bank_result_request rq = {.batch_id = f->batch_id.n};
    bank_result_report r = {0};
    TQ_TRY(file_read(f->file.file->path, BANK_FILE_MAX, w->call.a, &rq.bytes, err));
    TQ_TRY(bank_result_apply(w->app, &w->call, &rq, &r, err));
    done->view = VIEW_BANK_FILE;
    done->id = r.file_id;
    return TQ_OK;
}

tq_code act_bank_line_settle(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_bank_line_settle *f = (const in_bank_line_settle *)in;
    const bank_line_settle_request rq = {.bank_line_id = w->match.id, .reason = f->reason.s};
    (void)done;
    return bank_line_settle(w->app, &w->call, &rq, err);
}
