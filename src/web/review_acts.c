/* SPDX-License-Identifier: Apache-2.0 */
#include "app/review_claim.h"
#include "web/acts.h"

/* Reviewers bind themselves to the content that the row had when the request came; the form's `_version`
 * says that it is the one they saw. */
static str content_of(const web_rq *w)
{
    const int at = view_field_at(view_of(VIEW_CLAIM), "content");
    TQ_ASSERT(at >= 0);
    return w->row.values[at].s;
}

tq_code act_claim_check(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_check *f = (const in_claim_check *)in;
    claim_checking rq = {.claim_id = w->match.id,
                         .content = content_of(w),
                         .reduce_fen = f->reduce.n,
                         .reason = f->reason.s};
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return claim_check(w->app, &w->call, &rq, &done->decision_id, err);
}

tq_code act_claim_return(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_return *f = (const in_claim_return *)in;
    const claim_returning rq = {.claim_id = w->match.id, .missing = f->missing.s};
    (void)done;
    return claim_return(w->app, &w->call, &rq, err);
}

tq_code act_claim_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_refuse *f = (const in_claim_refuse *)in;
    claim_refusal rq = {.claim_id = w->match.id, .reason = web_cstr(w, &f->reason)};
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return claim_refuse(w->app, &w->call, &rq, &done->decision_id, err);
}

tq_code act_claim_approve(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_approve *f = (const in_claim_approve *)in;
    const claim_approval rq = {
        .claim_id = w->match.id, .content = content_of(w), .amount_fen = f->amount.n};
    decision_paper paper;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    return claim_approve(w->app, &w->call, &rq, &paper, &done->decision_id, err);
}

tq_code act_claim_approve_list(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_approve_list *f = (const in_claim_approve_list *)in;
    const in_approval *rows = (const in_approval *)f->claims.rows;
    const view *v = view_of(VIEW_CLAIM);
    claim_approval *claims = ARENA_NEW(w->call.a, claim_approval, f->claims.n_rows);
    claim_approval_list rq = {
        .claims = claims, .n = f->claims.n_rows, .count = f->count.n, .total_fen = f->total.n};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    for (size_t i = 0; i < f->claims.n_rows; i++) {
        view_row row;
        TQ_TRY(view_one(tx, v, &w->scope, rows[i].claim_id.n, w->call.a, &row, err));
        claims[i] = (claim_approval){
            .claim_id = rows[i].claim_id.n,
            .content = row.values[view_field_at(v, "content")].s,
            .amount_fen = rows[i].amount.n,
        };
    }
    store_rollback(&tx);
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    done->path = "/claims?state=approved";
    return claim_approve_list(w->app, &w->call, &rq, err);
}

static void told(const web_rq *w, doc *lines, const char *key, int64_t n)
{
    doc *line = doc_object(lines, NULL);
    doc_text(line, "label", text_token(w->lang, "field", str_of(key)));
    doc_text(line, "value", arena_printf(w->call.a, "%lld", (long long)n));
}

/* How many were checked, and how many are left for the desk. */
tq_code act_claims_check_light(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    light_report r = {0};
    (void)in;
    TQ_TRY(claims_check_light(w->app, &w->call, &r, err));
    done->once = doc_new(w->call.a);
    done->once_page = "told";
    doc_int(done->once, "checked", r.checked);
    doc_int(done->once, "left", r.left);
    doc *lines = doc_for_page(doc_list(done->once, "lines"));
    told(w, lines, "light_checked", r.checked);
    told(w, lines, "light_left", r.left);
    doc_for_page(doc_text(done->once, "next", STR("/review")));
    return TQ_OK;
}

tq_code act_claim_undo(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_claim_undo *f = (const in_claim_undo *)in;
    claim_undoing rq = {.claim_id = w->match.id, .reason = web_cstr(w, &f->reason)};
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return claim_undo(w->app, &w->call, &rq, &done->decision_id, err);
}
