/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ban_repair.h"
#include "app/delisting.h"
#include "app/sanction.h"
#include "web/acts.h"

tq_code act_case_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_open *f = (const in_case_open *)in;
    const case_open_request rq = {.org_id = f->org_id.n, .cause = f->cause.s};
    case_result r = {0};
    TQ_TRY(case_open(w->app, &w->call, &rq, &r, err));
    done->view = VIEW_VIOLATION_CASE;
    done->id = r.case_id;
    return TQ_OK;
}

typedef tq_code step_fn(app *a, const call *c, const case_step_request *rq, tq_err *err);

static tq_code step(web_rq *w, step_fn *use_case, const field_slot *no, const field_slot *paper_day,
                    const field_slot *scan, const field_slot *reason, tq_err *err)
{
    case_step_request rq = {.case_id = w->match.id, .reason = reason->s};
    TQ_TRY(web_paper(w, no, paper_day, scan, &rq.paper, err));
    return use_case(w->app, &w->call, &rq, err);
}

tq_code act_case_hear(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_hear *f = (const in_case_hear *)in;
    (void)done;
    return step(w, case_hear, &f->paper_no, &f->paper_day, &f->paper, &f->reason, err);
}

tq_code act_case_state(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_state *f = (const in_case_state *)in;
    (void)done;
    return case_state(w->app, &w->call, w->match.id, f->statement.s, err);
}

tq_code act_case_accept(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return case_accept(w->app, &w->call, w->match.id, err);
}

tq_code act_case_appeal(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_appeal *f = (const in_case_appeal *)in;
    (void)done;
    return step(w, case_appeal, &f->paper_no, &f->paper_day, &f->paper, &f->reason, err);
}

tq_code act_case_dismiss(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_dismiss *f = (const in_case_dismiss *)in;
    (void)done;
    return step(w, case_dismiss, &f->paper_no, &f->paper_day, &f->paper, &f->reason, err);
}

tq_code act_case_enforce(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_enforce *f = (const in_case_enforce *)in;
    (void)done;
    return step(w, case_enforce, &f->paper_no, &f->paper_day, &f->paper, &f->reason, err);
}

tq_code act_case_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_close *f = (const in_case_close *)in;
    (void)done;
    return step(w, case_close, &f->paper_no, &f->paper_day, &f->paper, &f->reason, err);
}

/* The row of a number in the actor's scope; `reason` and place of the fault where there is none. */
static tq_code id_of_number(web_rq *w, store_tx *tx, const view *v, str number, const char *reason,
                            const char *at, int64_t *id, tq_err *err)
{
    const view_query q = {.limit = 2, .state = STR(""), .q = number};
    view_rows rows;
    TQ_TRY(view_list(tx, v, &w->scope, &q, w->call.a, &rows, err));
    if (rows.n != 1 || !str_eq(rows.rows[0].values[view_field_at(v, "number")].s, number)) {
        return tq_fail(err, TQ_INVALID, reason, at, "nothing has the number %.*s", STR_ARG(number));
    }
    *id = rows.rows[0].values[0].n;
    return TQ_OK;
}

/* Orders that a form names by number. */
static tq_code orders_of(web_rq *w, const field_slot *lines, const int64_t **out, tq_err *err)
{
    const in_denied_order *rows = (const in_denied_order *)lines->rows;
    const view *v = view_of(VIEW_SERVICE_ORDER);
    int64_t *ids = ARENA_NEW(w->call.a, int64_t, lines->n_rows + 1);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    for (size_t i = 0; i < lines->n_rows; i++) {
        TQ_TRY(id_of_number(w, tx, v, rows[i].order_number.s, "order_number", "denied", &ids[i],
                            err));
    }
    *out = ids;
    return TQ_OK;
}

/* Lines of a form name claims by number. */
static tq_code parts_of(web_rq *w, const field_slot *lines, const improper_part **out, tq_err *err)
{
    const in_improper_part *rows = (const in_improper_part *)lines->rows;
    improper_part *parts = ARENA_NEW(w->call.a, improper_part, lines->n_rows + 1);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    for (size_t i = 0; i < lines->n_rows; i++) {
        TQ_TRY(id_of_number(w, tx, view_of(VIEW_CLAIM), rows[i].claim_number.s, "claim_number",
                            "parts", &parts[i].claim_id, err));
        parts[i].amount_fen = rows[i].amount.n;
    }
    *out = parts;
    return TQ_OK;
}

tq_code act_case_decide(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_decide *f = (const in_case_decide *)in;
    case_decide_request rq = {
        .case_id = w->match.id,
        .reason = f->reason.s,
        .no_ban = f->no_ban.n != 0,
        .n_parts = f->parts.n_rows,
        .due = web_day(&f->due_day),
        .n_denied = f->denied.n_rows,
    };
    case_decide_report r = {0};
    TQ_TRY(orders_of(w, &f->denied, &rq.denied, err));
    TQ_TRY(parts_of(w, &f->parts, &rq.parts, err));
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    TQ_TRY(case_decide(w->app, &w->call, &rq, &r, err));
    done->decision_id = r.decision_id;
    return TQ_OK;
}

tq_code act_case_uphold(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_case_uphold *f = (const in_case_uphold *)in;
    case_uphold_request rq = {
        .case_id = w->match.id, .reason = f->reason.s, .n_parts = f->parts.n_rows};
    TQ_TRY(parts_of(w, &f->parts, &rq.parts, err));
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return case_uphold(w->app, &w->call, &rq, &done->decision_id, err);
}

static recovery_request money_of(const web_rq *w, const field_slot *amount,
                                 const field_slot *reference)
{
    return (recovery_request){
        .recovery_id = w->match.id, .amount_fen = amount->n, .reference = reference->s};
}

tq_code act_recovery_collect(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_recovery_collect *f = (const in_recovery_collect *)in;
    const recovery_request rq = money_of(w, &f->amount, &f->reference);
    (void)done;
    return recovery_collect(w->app, &w->call, &rq, err);
}

tq_code act_recovery_hand_back(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_recovery_hand_back *f = (const in_recovery_hand_back *)in;
    const recovery_request rq = money_of(w, &f->amount, &f->reference);
    int64_t to_budget = 0;
    (void)done;
    return recovery_hand_back(w->app, &w->call, &rq, &to_budget, err);
}

tq_code act_recovery_write_off(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_recovery_write_off *f = (const in_recovery_write_off *)in;
    decision_paper paper;
    (void)done;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    return recovery_write_off(w->app, &w->call, w->match.id, f->amount.n, &paper, err);
}

tq_code act_recovery_plan(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_recovery_plan *f = (const in_recovery_plan *)in;
    const in_recovery_part *rows = (const in_recovery_part *)f->parts.rows;
    instalment *parts = ARENA_NEW(w->call.a, instalment, f->parts.n_rows);
    recovery_plan_request rq = {
        .recovery_id = w->match.id, .parts = parts, .n_parts = f->parts.n_rows};
    (void)done;
    for (size_t i = 0; i < f->parts.n_rows; i++) {
        parts[i] = (instalment){web_day(&rows[i].due_day), rows[i].amount.n};
    }
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &rq.paper, err));
    return recovery_plan(w->app, &w->call, &rq, err);
}

tq_code act_delist(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_delist *f = (const in_delist *)in;
    decision_paper paper;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    done->view = VIEW_DELISTING;
    return delist(w->app, &w->call, f->org_id.n, f->reason.s, &paper, &done->id, err);
}

tq_code act_delist_lift(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_delist_lift *f = (const in_delist_lift *)in;
    decision_paper paper;
    (void)done;
    TQ_TRY(web_paper(w, &f->paper_no, &f->paper_day, &f->paper, &paper, err));
    return delist_lift(w->app, &w->call, w->match.id, &paper, err);
}

tq_code act_ban_repair_ask(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_ban_repair_ask *f = (const in_ban_repair_ask *)in;
    done->view = VIEW_BAN_REPAIR;
    return ban_repair_ask(w->app, &w->call, w->match.id, f->repair_text.s, &done->id, err);
}

static tq_code repair_decide(web_rq *w, ban_repair_verdict *rq, const field_slot *no,
                             const field_slot *paper_day, const field_slot *scan, web_done *done,
                             tq_err *err)
{
    rq->id = w->match.id;
    TQ_TRY(web_paper(w, no, paper_day, scan, &rq->paper, err));
    return ban_repair_decide(w->app, &w->call, rq, &done->decision_id, err);
}

tq_code act_ban_repair_grant(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_ban_repair_grant *f = (const in_ban_repair_grant *)in;
    ban_repair_verdict rq = {.granted = true, .reason = f->reason.s};
    return repair_decide(w, &rq, &f->paper_no, &f->paper_day, &f->paper, done, err);
}

tq_code act_ban_repair_refuse(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_ban_repair_refuse *f = (const in_ban_repair_refuse *)in;
    ban_repair_verdict rq = {.reason = f->reason.s};
    return repair_decide(w, &rq, &f->paper_no, &f->paper_day, &f->paper, done, err);
}
