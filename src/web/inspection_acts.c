/* SPDX-License-Identifier: Apache-2.0 */
#include "app/evidence.h"
#include "app/inspection.h"
#include "web/acts.h"
#include "web/doc.h"
#include "web/evidence_acts.h"

tq_code act_inspection_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_open *f = (const in_inspection_open *)in;
    const inspection_rq rq = {
        .org_id = f->org_id.n,
        .first_user_id = f->first_user_id.n,
        .second_user_id = f->second_user_id.n,
        .due = web_day(&f->due_day),
        .reason = f->reason.s,
    };
    inspection_made made = {0};
    TQ_TRY(inspection_open(w->app, &w->call, &rq, &made, err));
    done->view = VIEW_INSPECTION;
    done->id = made.inspection_id;
    return TQ_OK;
}

tq_code act_inspection_assign(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_assign *f = (const in_inspection_assign *)in;
    inspection_made made = {0};
    TQ_TRY(inspection_assign(w->app, &w->call, f->draw_id.n, web_day(&f->due_day), &made, err));
    done->path = "/inspections";
    return TQ_OK;
}

tq_code act_inspection_staff(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_staff *f = (const in_inspection_staff *)in;
    (void)done;
    return inspection_staff(w->app, &w->call, w->match.id, f->first_user_id.n, f->second_user_id.n,
                            err);
}

/* The firm is out of the inspector's sight from here on, so the list is where to go. */
tq_code act_inspection_conflict(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_conflict *f = (const in_inspection_conflict *)in;
    done->path = "/inspections";
    return inspection_conflict(w->app, &w->call, w->match.id, f->cause.s, err);
}

tq_code act_inspection_exclude(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_exclude *f = (const in_inspection_exclude *)in;
    (void)done;
    return inspection_exclude(w->app, &w->call, w->match.id, f->user_id.n, f->cause.s, err);
}

tq_code act_inspection_record(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_record *f = (const in_inspection_record *)in;
    const in_check_answer *rows = (const in_check_answer *)f->answers.rows;
    inspection_answer answers[INSPECTION_LINES_MAX];
    (void)done;
    TQ_ASSERT(f->answers.n_rows <= INSPECTION_LINES_MAX);
    for (size_t i = 0; i < f->answers.n_rows; i++) {
        answers[i] = (inspection_answer){
            .n = rows[i].n.n, .answer = rows[i].answer.s, .note = rows[i].note.s};
    }
    const inspection_record_rq rq = {
        .inspection_id = w->match.id,
        .visited = web_day(&f->visited_day),
        .late = f->late.n != 0,
        .summary = f->summary.s,
        .answers = answers,
        .n_answers = f->answers.n_rows,
    };
    return inspection_record(w->app, &w->call, &rq, err);
}

tq_code act_inspection_evidence(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_evidence *f = (const in_inspection_evidence *)in;
    (void)done;
    return web_evidence(w, T_INSPECTION, &f->kind, &f->file, &f->label, err);
}

tq_code act_inspection_reply_paper(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_reply_paper *f = (const in_inspection_reply_paper *)in;
    (void)done;
    return web_evidence(w, T_INSPECTION, &f->kind, &f->file, &f->label, err);
}

tq_code act_inspection_agree(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return inspection_agree(w->app, &w->call, w->match.id, err);
}

tq_code act_inspection_return(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_return *f = (const in_inspection_return *)in;
    (void)done;
    return inspection_return(w->app, &w->call, w->match.id, f->reason.s, err);
}

tq_code act_inspection_sign(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return inspection_sign(w->app, &w->call, w->match.id, err);
}

tq_code act_inspection_reply(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_reply *f = (const in_inspection_reply *)in;
    (void)done;
    return inspection_reply(w->app, &w->call, w->match.id, f->reply.s, err);
}

tq_code act_inspection_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    finding_class result = FINDING_NONE;
    (void)in;
    (void)done;
    return inspection_close(w->app, &w->call, w->match.id, &result, err);
}

tq_code act_inspection_publish(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return inspection_publish(w->app, &w->call, w->match.id, err);
}

tq_code act_inspection_cancel(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_inspection_cancel *f = (const in_inspection_cancel *)in;
    (void)done;
    return inspection_cancel(w->app, &w->call, w->match.id, f->reason.s, err);
}

/* The checklist on paper, for places without a network. */
tq_code page_inspection_sheet(web_rq *w, http_reply *out, tq_err *err)
{
    const view *v = view_of(VIEW_INSPECTION);
    view_row row;
    view_rows lines;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &w->scope, w->match.id, w->call.a, &row, err));
    TQ_ASSERT(v->children[0].view == VIEW_INSPECTION_LINE);
    TQ_TRY(view_children(tx, &v->children[0], w->match.id, w->call.a, &lines, err));
    store_rollback(&tx);
    doc *body = doc_new(w->call.a);
    static const char *const told[] = {"number", "organisation", "first", "second", "reason"};
    for (size_t i = 0; i < TQ_COUNT(told); i++) {
        doc_text(body, told[i], row.values[view_field_at(v, told[i])].s);
    }
    doc_day(body, "visit_by", row.values[view_field_at(v, "visit_by")].n);
    doc *list = doc_list(body, "lines");
    const view *l = lines.of;
    for (size_t i = 0; i < lines.n; i++) {
        doc *o = doc_object(list, NULL);
        doc_int(o, "n", lines.rows[i].values[view_field_at(l, "n")].n);
        doc_text(o, "label",
                 lines.rows[i]
                     .values[view_field_at(l, w->lang == LANG_EN ? "item_en" : "item_zh")]
                     .s);
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "inspection_sheet", body, out, err);
}

/* --- credit ---------------------------------------------------------------------------------------- */

tq_code act_credit_propose(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_credit_propose *f = (const in_credit_propose *)in;
    const credit_rq rq = {
        .org_id = f->org_id.n, .cause = f->cause.s, .points = f->points.n, .months = f->months.n};
    done->view = VIEW_CREDIT_ENTRY;
    return credit_propose(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_credit_decide(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_credit_decide *f = (const in_credit_decide *)in;
    (void)done;
    return credit_decide(w->app, &w->call, w->match.id, f->given.n != 0, f->reason.s, err);
}

tq_code act_credit_contest(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_credit_contest *f = (const in_credit_contest *)in;
    (void)done;
    return credit_contest(w->app, &w->call, w->match.id, f->reason.s, err);
}

tq_code act_credit_answer(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_credit_answer *f = (const in_credit_answer *)in;
    (void)done;
    return credit_answer(w->app, &w->call, w->match.id, f->upheld.n != 0, f->reason.s, err);
}

tq_code act_credit_repair(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_credit_repair *f = (const in_credit_repair *)in;
    decision_paper paper;
    (void)done;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    return credit_repair(w->app, &w->call, w->match.id, &paper, f->reason.s, err);
}

tq_code page_credit_sheet(web_rq *w, http_reply *out, tq_err *err)
{
    view_row row;
    bool given = false;
    credit_sheet sheet = {0};
    const view *v = view_of(VIEW_ORGANISATION);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &w->scope, w->match.id, w->call.a, &row, err)); /* whose firm it is */
    TQ_TRY(credit_sheet_of(w->app, tx, w->programme.id, w->match.id, w->call.today, w->call.a,
                           &given, &sheet, err));
    store_rollback(&tx);
    doc *body = doc_new(w->call.a);
    doc_int(body, "org_id", w->match.id);
    doc_text(body, "organisation", row.values[view_field_at(v, "name")].s);
    doc_bool(body, "given", given);
    doc_int(body, "points", sheet.points);
    doc_token(body, "level", "credit_level", str_of(given ? credit_level_name(sheet.level) : ""));
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "credit_sheet", body, out, err);
}
