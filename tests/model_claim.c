/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

/* --- vouchers ----------------------------------------------------------------------------------- */

static tq_code app_file(model *m, tq_err *err)
{
    const model_firm *firm = model_one_of(m, m->firms, m->n_firms);
    const bool award = model_draw(m, 3) == 0;
    const bool more = model_draw(m, 4) == 0;
    const call intake = model_by(m, ROLE_INTAKE);
    application_request rq = {.holder_id = firm->id,
                              .kind_id = award ? m->award : m->apply,
                              .way = model_draw(m, 2) == 0 ? "immediate" : "round",
                              .asked_fen = 300000 + model_draw(m, 900000)};
    int64_t id = 0;
    if (more) {
        event_value row[AUDITED_COLS_MAX];
        rq.voucher_id = model_some(m, &m->vouchers, T_VOUCHER, C_VOUCHER_STATE, "active");
        if (m->idle) {
            return TQ_OK;
        }
        model_row(m, T_VOUCHER, rq.voucher_id, row);
        rq.holder_id = row_num(row, C_VOUCHER_HOLDER_ID);
        rq.kind_id = row_num(row, C_VOUCHER_KIND_ID);
    }
    const tq_code code = application_file(m->f->app, &intake, &rq, &id, err);
    model_keep(&m->apps, id);
    return code;
}

static tq_code app_decide(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    application_result decided = {0};
    const int64_t id = model_some(m, &m->apps, T_APPLICATION, C_APPLICATION_STATE, "submitted");
    const call one = model_by(m, ROLE_REVIEWER1);
    const call group = model_by(m, ROLE_GROUP);
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_APPLICATION, id, row);
    if (row_num(row, C_APPLICATION_KIND_ID) == m->apply) {
        return application_approve(m->f->app, &one, id, NULL, &decided, err);
    }
    const application_award_case list = {id, row_num(row, C_APPLICATION_ASKED_FEN)};
    const application_award_request rq = {
        .paper = model_paper(m), .count = 1, .total_fen = list.decided_fen, .cases = &list, .n = 1};
    return application_award(m->f->app, &group, &rq, &decided, err);
}

static tq_code app_issue(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    voucher_issued issued = {0};
    const int64_t id = model_some(m, &m->apps, T_APPLICATION, C_APPLICATION_STATE, "approved");
    const call office = model_by(m, ROLE_OFFICE);
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_APPLICATION, id, row);
    if (row_num(row, C_APPLICATION_VOUCHER_ID) != 0) {
        return voucher_top_up(m->f->app, &office, id, &issued, err);
    }
    const voucher_issue_request rq = {.application_id = id, .code_seed = STR("model")};
    const tq_code code = voucher_issue(m->f->app, &office, &rq, &issued, err);
    model_keep(&m->vouchers, issued.voucher_id);
    return code;
}

static tq_code freeze(model *m, tq_err *err)
{
    const int64_t id = model_some(m, &m->vouchers, T_VOUCHER, C_VOUCHER_STATE, "active");
    const call office = model_by(m, ROLE_OFFICE);
    return m->idle ? TQ_OK : voucher_freeze(m->f->app, &office, id, STR("doubt"), err);
}

static tq_code unfreeze(model *m, tq_err *err)
{
    const int64_t id = model_some(m, &m->vouchers, T_VOUCHER, C_VOUCHER_STATE, "frozen");
    const call office = model_by(m, ROLE_OFFICE);
    return m->idle ? TQ_OK : voucher_unfreeze(m->f->app, &office, id, err);
}

static tq_code extend(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = model_some(m, &m->vouchers, T_VOUCHER, C_VOUCHER_STATE, "active");
    const call office = model_by(m, ROLE_OFFICE);
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_VOUCHER, id, row);
    const day use_by = {(int32_t)row_num(row, C_VOUCHER_USE_BY_DAY)};
    return voucher_extend(m->f->app, &office, id, day_add(use_by, 1 + (int)model_draw(m, 30)),
                          STR("late delivery"), err);
}

static tq_code expire(model *m, tq_err *err)
{
    int64_t done = 0;
    const call clock = model_by(m, ROLE_SYSTEM);
    return voucher_expire_due(m->f->app, &clock, &done, err);
}

static tq_code cancel_voucher(model *m, tq_err *err)
{
    const voucher_cancel_request rq = {
        .voucher_id = model_some(m, &m->vouchers, T_VOUCHER, C_VOUCHER_STATE, "active|frozen"),
        .cause = STR("end")};
    const call group = model_by(m, ROLE_GROUP);
    return m->idle || model_draw(m, 3) != 0 ? TQ_OK : voucher_cancel(m->f->app, &group, &rq, err);
}

/* --- orders ------------------------------------------------------------------------------------- */

static tq_code propose(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    order_result made = {0};
    const int64_t id = model_some(m, &m->vouchers, T_VOUCHER, C_VOUCHER_STATE, "active");
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_VOUCHER, id, row);
    model_act_for(m, row_num(row, C_VOUCHER_HOLDER_ID));
    const day use_by = {(int32_t)row_num(row, C_VOUCHER_USE_BY_DAY)};
    const day end = day_add(m->d, 20 + (int)model_draw(m, 200));
    const bool award = row_num(row, C_VOUCHER_KIND_ID) == m->award;
    const int64_t contract = 200000 + model_draw(m, 1200000);
    const order_proposal rq = {.voucher_id = id,
                               .institution_id = model_one_of(m, m->labs, m->n_labs)->id,
                               .outcome_kind = STR("testing"),
                               .title = STR("检测"),
                               .purpose = award ? STR("testing") : STR(""),
                               .contract_fen = contract,
                               .voucher_fen = model_draw(m, 2) == 0 ? 0 : contract / 5,
                               .end = end.n > use_by.n ? use_by : end};
    const call firm = model_by(m, ROLE_FIRM_AGENT);
    const tq_code code = order_propose(m->f->app, &firm, &rq, &made, err);
    if (made.accepted) {
        model_keep(&m->orders, made.order_id);
    } else if (code == TQ_OK) {
        return tq_fail(err, TQ_REFUSED, made.reason, "order", "a rule refused it, on record");
    }
    return code;
}

/* One act on an order in such a state, by the firm or the institution. */
static int64_t order_in(model *m, const char *words, event_value *row)
{
    const int64_t id = model_some(m, &m->orders, T_SERVICE_ORDER, C_SERVICE_ORDER_STATE, words);
    if (!m->idle) {
        model_row(m, T_SERVICE_ORDER, id, row);
        model_act_for(m, row_num(row, C_SERVICE_ORDER_HOLDER_ID));
    }
    return id;
}

static tq_code accept(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = order_in(m, "proposed", row);
    if (m->idle) {
        return TQ_OK;
    }
    const call lab = model_lab(m, row_num(row, C_SERVICE_ORDER_INSTITUTION_ID));
    return model_draw(m, 10) == 0 ? order_decline(m->f->app, &lab, id, STR("no room"), err)
                                  : order_accept(m->f->app, &lab, id, err);
}

static tq_code deliver(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t delivery = 0;
    const int64_t id = order_in(m, "accepted", row);
    if (m->idle) {
        return TQ_OK;
    }
    const call lab = model_lab(m, row_num(row, C_SERVICE_ORDER_INSTITUTION_ID));
    const bool last = model_draw(m, 3) != 0;
    const order_delivery rq = {.order_id = id,
                               .outcome_count = 1,
                               .amount_fen = last ? 0 : 1 + model_draw(m, 90000),
                               .report = STR("JC-1"),
                               .last = last};
    return order_deliver(m->f->app, &lab, &rq, &delivery, err);
}

static tq_code confirm(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = order_in(m, "delivered", row);
    const call firm = model_by(m, ROLE_FIRM_AGENT);
    if (m->idle) {
        return TQ_OK;
    }
    return model_draw(m, 6) == 0 ? order_dispute(m->f->app, &firm, id, STR("too thin"), err)
                                 : order_confirm(m->f->app, &firm, id, err);
}

static tq_code resolve(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = order_in(m, "disputed", row);
    const call office = model_by(m, ROLE_OFFICE);
    return m->idle ? TQ_OK
                   : order_resolve(m->f->app, &office, id, model_draw(m, 2) == 0, STR("heard both"),
                                   err);
}

static tq_code change(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t made = 0;
    const int64_t id = order_in(m, "accepted", row);
    const call firm = model_by(m, ROLE_FIRM_AGENT);
    if (m->idle) {
        return TQ_OK;
    }
    /* Half of the contract is the most; up or down by up to a third. */
    const int64_t contract =
        row_num(row, C_SERVICE_ORDER_CONTRACT_FEN) * (4 + model_draw(m, 5)) / 6;
    const order_change_request rq = {id,
                                     contract,
                                     contract / (2 + model_draw(m, 2)),
                                     {(int32_t)row_num(row, C_SERVICE_ORDER_END_DAY)}};
    const tq_code code = order_change_propose(m->f->app, &firm, &rq, &made, err);
    model_keep(&m->changes, made);
    return code;
}

static tq_code change_answer(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = model_some(m, &m->changes, T_ORDER_CHANGE, C_ORDER_CHANGE_STATE, "proposed");
    if (m->idle) {
        return TQ_OK;
    }
    model_row(m, T_ORDER_CHANGE, id, row);
    model_row(m, T_SERVICE_ORDER, row_num(row, C_ORDER_CHANGE_ORDER_ID), row);
    const call lab = model_lab(m, row_num(row, C_SERVICE_ORDER_INSTITUTION_ID));
    return model_draw(m, 5) == 0 ? order_change_decline(m->f->app, &lab, id, err)
                                 : order_change_agree(m->f->app, &lab, id, err);
}

static tq_code cancel_order(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = order_in(m, "proposed|accepted", row);
    const call firm = model_by(m, ROLE_FIRM_AGENT);
    return m->idle ? TQ_OK : order_cancel(m->f->app, &firm, id, STR("changed"), err);
}

static tq_code close_order(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const int64_t id = order_in(m, "confirmed", row);
    const call firm = model_by(m, ROLE_FIRM_AGENT);
    return m->idle ? TQ_OK : order_close(m->f->app, &firm, id, err);
}

static tq_code order_tick(model *m, tq_err *err)
{
    order_clocks done = {0};
    const call clock = model_by(m, ROLE_SYSTEM);
    return order_clocks_due(m->f->app, &clock, &done, err);
}

/* --- claims ------------------------------------------------------------------------------------- */

static void papers(model *m, int64_t order)
{
    m->p.order = order;
    m->p.invoice = invoice_make(&m->p, CONTRACT_FEN, NET_FEN);
    m->p.proof = proof_make(&m->p, "transfer", CONTRACT_FEN, m->p.d);
    paper_add(&m->p, T_SERVICE_ORDER, order, "contract");
}

/* By the firm that paid first, or by the institution whose part the voucher is. */
static tq_code submit(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value voucher[AUDITED_COLS_MAX];
    claim_filed filed = {0};
    const int64_t id = order_in(m, "confirmed", row);
    if (m->idle) {
        return TQ_OK;
    }
    (void)model_by(m, ROLE_FIRM_AGENT); /* dates the papers */
    m->p.lab = row_num(row, C_SERVICE_ORDER_INSTITUTION_ID);
    papers(m, id);
    m->p.voucher = row_num(row, C_SERVICE_ORDER_VOUCHER_ID);
    model_row(m, T_VOUCHER, m->p.voucher, voucher);
    const bool award = row_num(voucher, C_VOUCHER_KIND_ID) == m->award;
    /* Half of a line's net is allowed; a third of its gross is less. */
    const int64_t fen = row_num(row, C_SERVICE_ORDER_VOUCHER_FEN) / (2 + model_draw(m, 4));
    const claim_line_new line = path_line(&m->p, 3 * fen);
    const claim_form form = {.voucher_id = m->p.voucher,
                             .asked_fen = fen,
                             .final = model_draw(m, 2) == 0,
                             .lines = &line,
                             .n_lines = 1};
    const claim_submission rq = {.form = &form};
    const call by = award ? model_lab(m, m->p.lab) : model_by(m, ROLE_FIRM_AGENT);
    const tq_code code = claim_submit(m->f->app, &by, &rq, &filed, err);
    model_keep(&m->claims, filed.claim_id);
    return code;
}

static int64_t claim_in(model *m, const char *words, event_value *row)
{
    const int64_t id = model_some(m, &m->claims, T_CLAIM, C_CLAIM_STATE, words);
    if (!m->idle) {
        model_row(m, T_CLAIM, id, row);
        model_act_for(m, row_num(row, C_CLAIM_HOLDER_ID));
    }
    return id;
}

static tq_code send_back(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const claim_returning rq = {.claim_id = claim_in(m, "submitted", row),
                                .missing = STR("report")};
    const call one = model_by(m, ROLE_REVIEWER1);
    return m->idle ? TQ_OK : claim_return(m->f->app, &one, &rq, err);
}

static tq_code claimant_again(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    claim_filed filed = {0};
    const claim_submission rq = {.claim_id = claim_in(m, "returned", row)};
    if (m->idle) {
        return TQ_OK;
    }
    const bool lab = row_is(row, C_CLAIM_FORM, "redeem");
    const call by =
        lab ? model_lab(m, row_num(row, C_CLAIM_CLAIMANT_ID)) : model_by(m, ROLE_FIRM_AGENT);
    return model_draw(m, 4) == 0 ? claim_withdraw(m->f->app, &by, rq.claim_id, err)
                                 : claim_submit(m->f->app, &by, &rq, &filed, err);
}

static tq_code content_of(model *m, int64_t id, char hex[65], tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(m->f->app, &tx, err));
    return claim_content_check(tx, id, m->f->a, hex, err);
}

static tq_code check(model *m, tq_err *err)
{
    char hex[65] = "";
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    const int64_t id = claim_in(m, "submitted", row);
    const call one = model_by(m, ROLE_REVIEWER1);
    if (m->idle) {
        return TQ_OK;
    }
    TQ_TRY(content_of(m, id, hex, err));
    const int64_t less = model_draw(m, 4) == 0 ? model_draw(m, row_num(row, C_CLAIM_ASKED_FEN)) : 0;
    const claim_checking rq = {.claim_id = id,
                               .content = str_of(hex),
                               .reduce_fen = less,
                               .reason = less > 0 ? STR("training is no test") : STR("")};
    return claim_check(m->f->app, &one, &rq, &decision, err);
}

static tq_code approve(model *m, tq_err *err)
{
    char hex[65] = "";
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    const int64_t id = claim_in(m, "checked", row);
    const call two = model_by(m, ROLE_REVIEWER2);
    if (m->idle) {
        return TQ_OK;
    }
    TQ_TRY(content_of(m, id, hex, err));
    const int64_t amount = row_num(row, C_CLAIM_ASKED_FEN) - row_num(row, C_CLAIM_ADJUSTED_FEN);
    const claim_approval rq = {id, str_of(hex), amount};
    return claim_approve(m->f->app, &two, &rq, NULL, &decision, err);
}

static tq_code refuse(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    const claim_refusal rq = {.claim_id = claim_in(m, "submitted", row),
                              .reason = model_draw(m, 4) == 0 ? "fraud" : "evidence_missing"};
    const call one = model_by(m, ROLE_REVIEWER1);
    return m->idle ? TQ_OK : claim_refuse(m->f->app, &one, &rq, &decision, err);
}

static tq_code undo(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    const claim_undoing rq = {.claim_id = claim_in(m, "approved|registered|published", row),
                              .reason = "error"};
    const call two = model_by(m, ROLE_REVIEWER2);
    return m->idle ? TQ_OK : claim_undo(m->f->app, &two, &rq, &decision, err);
}

static tq_code enter(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    public_number number;
    const int64_t id = claim_in(m, "approved", row);
    const call office = model_by(m, ROLE_OFFICE);
    return m->idle ? TQ_OK : claim_register(m->f->app, &office, id, &number, err);
}

static tq_code publish(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    publication_opened opened = {0};
    const int64_t ids[] = {claim_in(m, "registered", row), claim_in(m, "registered", row)};
    const call office = model_by(m, ROLE_OFFICE);
    if (m->idle) {
        return TQ_OK;
    }
    const publication_new rq = {.claims = ids, .n = ids[0] == ids[1] ? 1 : 2};
    const tq_code code = publication_open(m->f->app, &office, &rq, &opened, err);
    model_keep(&m->lists, opened.publication_id);
    return code;
}

static tq_code unpublish(model *m, tq_err *err)
{
    const int64_t id = model_some(m, &m->lists, T_PUBLICATION, C_PUBLICATION_STATE, "open");
    const call office = model_by(m, ROLE_OFFICE);
    return m->idle ? TQ_OK : publication_end(m->f->app, &office, id, err);
}

static tq_code object(model *m, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t id = 0;
    objection_new rq = {.ground = STR("never tested")};
    const call anyone = model_by(m, ROLE_PUBLIC);
    for (int tries = 0; tries < 6;
         tries++) { /* one that can still be objected to, if chance will */
        rq.claim_id = claim_in(m, "published", row);
        if (m->idle) {
            return TQ_OK;
        }
        if (row_num(row, C_CLAIM_PUBLISH_TO_DAY) >= m->d.n) {
            break;
        }
    }
    const tq_code code = objection_file(m->f->app, &anyone, &rq, &id, err);
    model_keep(&m->objections, id);
    return code;
}

static tq_code object_decide(model *m, tq_err *err)
{
    int64_t decision = 0;
    const objection_verdict rq = {
        .objection_id = model_some(m, &m->objections, T_OBJECTION, C_OBJECTION_STATE, "open"),
        .upheld = model_draw(m, 2) == 0,
        .reason = "objection"};
    const call group = model_by(m, ROLE_GROUP);
    return m->idle ? TQ_OK : objection_decide(m->f->app, &group, &rq, &decision, err);
}

const model_act model_claim_acts[] = {
    {"application_file", 6, app_file},
    {"application_decide", 5, app_decide},
    {"voucher_issue", 5, app_issue},
    {"voucher_freeze", 1, freeze},
    {"voucher_unfreeze", 2, unfreeze},
    {"voucher_extend", 1, extend},
    {"voucher_expire", 2, expire},
    {"voucher_cancel", 1, cancel_voucher},
    {"order_propose", 6, propose},
    {"order_answer", 6, accept},
    {"order_deliver", 6, deliver},
    {"order_confirm", 6, confirm},
    {"order_resolve", 2, resolve},
    {"order_change", 2, change},
    {"order_change_answer", 2, change_answer},
    {"order_cancel", 1, cancel_order},
    {"order_close", 1, close_order},
    {"order_tick", 2, order_tick},
    {"claim_submit", 8, submit},
    {"claim_return", 1, send_back},
    {"claim_again", 2, claimant_again},
    {"claim_check", 7, check},
    {"claim_approve", 7, approve},
    {"claim_refuse", 1, refuse},
    {"claim_undo", 1, undo},
    {"claim_register", 7, enter},
    {"publication_open", 7, publish},
    {"publication_end", 2, unpublish},
    {"objection_file", 5, object},
    {"objection_decide", 3, object_decide},
    {0},
};
