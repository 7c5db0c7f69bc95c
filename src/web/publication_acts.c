/* SPDX-License-Identifier: Apache-2.0 */
#include "app/publication.h"
#include "web/acts.h"

tq_code act_claim_register(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    public_number number;
    (void)in;
    (void)done;
    return claim_register(w->app, &w->call, w->match.id, &number, err);
}

/* Every registered claim, as many as one publication takes. */
static tq_code all_registered(web_rq *w, int64_t *claims, size_t *n, tq_err *err)
{
    const view *v = view_of(VIEW_CLAIM);
    view_query q = {.limit = VIEW_PAGE_MAX, .state = STR("registered"), .q = STR("")};
    bool more = true;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    for (*n = 0; more && *n < PUBLICATION_CLAIMS_MAX;) {
        view_rows rows;
        TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
        for (size_t i = 0; i < rows.n && *n < PUBLICATION_CLAIMS_MAX; i++) {
            claims[(*n)++] = rows.rows[i].values[0].n;
        }
        more = rows.more;
        q.after = rows.n > 0 ? rows.rows[rows.n - 1].values[0].n : 0;
    }
    return TQ_OK;
}

tq_code act_publication_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_publication_open *f = (const in_publication_open *)in;
    const in_claim_pick *rows = (const in_claim_pick *)f->claims.rows;
    int64_t *claims = ARENA_NEW(w->call.a, int64_t, PUBLICATION_CLAIMS_MAX);
    size_t n = 0;
    if (f->all.n != 0) {
        TQ_TRY(all_registered(w, claims, &n, err));
    } else {
        for (; n < f->claims.n_rows; n++) {
            claims[n] = rows[n].claim_id.n;
        }
    }
    if (n == 0) {
        return tq_fail(err, TQ_INVALID, "publication_empty", "claims",
                       "choose registered claims, or all of them");
    }
    const publication_new rq = {.claims = claims, .n = n, .from = {(int32_t)f->from_day.n}};
    publication_opened opened;
    TQ_TRY(publication_open(w->app, &w->call, &rq, &opened, err));
    done->view = VIEW_PUBLICATION;
    done->id = opened.publication_id;
    return TQ_OK;
}

tq_code act_publication_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return publication_end(w->app, &w->call, w->match.id, err);
}

/* A published claim by its number; the public knows no other. */
static tq_code claim_of_number(web_rq *w, str number, int64_t *id, tq_err *err)
{
    const view *v = view_of(VIEW_CLAIM);
    const view_scope all = {.reach = REACH_PROGRAMME, .programme_id = w->programme.id};
    const view_query q = {.limit = 2, .state = STR("published"), .q = number};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_list(tx, v, &all, &q, w->call.a, &rows, err));
    if (rows.n != 1 || !str_eq(rows.rows[0].values[view_field_at(v, "number")].s, number)) {
        return tq_fail(err, TQ_INVALID, "claim_number", "claim_number",
                       "no published claim has this number");
    }
    *id = rows.rows[0].values[0].n;
    return TQ_OK;
}

tq_code act_objection_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_objection_file *f = (const in_objection_file *)in;
    objection_new rq = {.ground = f->ground.s, .name = f->name.s, .contact = f->contact.s};
    int64_t id = 0;
    TQ_TRY(claim_of_number(w, f->claim_number.s, &rq.claim_id, err));
    TQ_TRY(objection_file(w->app, &w->call, &rq, &id, err));
    doc *d = doc_new(w->call.a);
    doc_int(d, "objection_id", id);
    doc *line = doc_object(doc_for_page(doc_list(d, "lines")), NULL);
    doc_text(line, "label", text_token(w->lang, "view", STR("objection")));
    doc_text(line, "value", arena_printf(w->call.a, "%lld", (long long)id));
    doc_for_page(doc_text(d, "next", STR("/publications")));
    done->once = d;
    return TQ_OK;
}

tq_code act_objection_decide(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_objection_decide *f = (const in_objection_decide *)in;
    objection_verdict rq = {
        .objection_id = w->match.id, .upheld = f->upheld.n != 0, .reason = web_cstr(w, &f->reason)};
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return objection_decide(w->app, &w->call, &rq, &done->decision_id, err);
}
