/* SPDX-License-Identifier: Apache-2.0 */
#include "app/organisation.h"
#include "web/acts.h"

tq_code act_org_register(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_register *f = (const in_org_register *)in;
    const org_rq rq = {
        .kind = f->kind.s,
        .credit_code = f->credit_code.s,
        .name = f->name.s,
        .region = f->region.s,
        .place_id = f->place_id.n,
        .parent_id = f->parent_id.n,
        .platform_id = f->platform_id.n,
        .since = {(int32_t)f->since.n},
    };
    done->view = VIEW_ORGANISATION;
    return org_register(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_org_rename(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_rename *f = (const in_org_rename *)in;
    (void)done;
    return org_rename(w->app, &w->call, w->match.id, f->name.s, (day){(int32_t)f->from.n}, err);
}

tq_code act_org_fact_record(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_fact_record *f = (const in_org_fact_record *)in;
    const org_fact_rq rq = {
        .org_id = w->match.id,
        .kind = f->kind.s,
        .value = f->value.s,
        .number = f->number.s,
        .from = {(int32_t)f->from.n},
        .to = {(int32_t)f->to.n},
    };
    int64_t id = 0;
    (void)done;
    return org_fact_record(w->app, &w->call, &rq, &id, err);
}

/* A fact or link is ended at its own organisation: another's number is no such record here. */
static tq_code own_row(web_rq *w, view_id of, int64_t id, const char *field_name, tq_err *err)
{
    const view *v = view_of(VIEW_ORGANISATION);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    for (int i = 0; i < v->n_children; i++) {
        view_rows rows = {0};
        if (v->children[i].view != of) {
            continue;
        }
        TQ_TRY(view_children(tx, &v->children[i], w->match.id, w->call.a, &rows, err));
        for (size_t k = 0; k < rows.n; k++) {
            if (rows.rows[k].values[0].n == id) {
                return TQ_OK;
            }
        }
    }
    return tq_fail(err, TQ_INVALID, "no_such_row", field_name,
                   "the organisation has no such record");
}

tq_code act_org_fact_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_fact_end *f = (const in_org_fact_end *)in;
    (void)done;
    TQ_TRY(own_row(w, VIEW_ORG_FACT, f->fact_id.n, "fact_id", err));
    return org_fact_end(w->app, &w->call, f->fact_id.n, (day){(int32_t)f->to.n}, err);
}

tq_code act_org_link_set(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_link_set *f = (const in_org_link_set *)in;
    const org_link_rq rq = {
        .org_id = w->match.id,
        .kind = f->kind.s,
        .other_id = f->other_id.n,
        .from = {(int32_t)f->from.n},
        .to = {(int32_t)f->to.n},
        .letter = f->letter.s,
    };
    int64_t id = 0;
    (void)done;
    return org_link_set(w->app, &w->call, &rq, &id, err);
}

tq_code act_org_link_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_link_end *f = (const in_org_link_end *)in;
    (void)done;
    TQ_TRY(own_row(w, VIEW_ORG_LINK, f->link_id.n, "link_id", err));
    return org_link_end(w->app, &w->call, f->link_id.n, (day){(int32_t)f->to.n}, err);
}

tq_code act_org_parent_set(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_parent_set *f = (const in_org_parent_set *)in;
    (void)done;
    return org_parent_set(w->app, &w->call, w->match.id, f->parent_id.n, err);
}

tq_code act_org_succeed(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_succeed *f = (const in_org_succeed *)in;
    done->view = VIEW_ORGANISATION;
    done->id = f->successor_id.n;
    return org_succeed(w->app, &w->call, w->match.id, f->successor_id.n, err);
}

tq_code act_org_dissolve(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return org_dissolve(w->app, &w->call, w->match.id, err);
}
