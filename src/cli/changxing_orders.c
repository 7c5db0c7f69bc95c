/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_orders.h"

#include <stdio.h>

#include "app/application.h"
#include "app/evidence.h"
#include "app/invoice.h"
#include "app/order.h"
#include "app/publication.h"
#include "app/review_claim.h"
#include "app/submit_claim.h"
#include "app/voucher.h"
#include "cli/changxing_papers.h"

#define VAT_PERCENT 6 /* modern services, 财税〔2013〕37号 */

static const str code_seed = {"changxing", 9};

static const plan_firm *firm_of(const world *w, int order)
{
    return &w->p->firms[w->p->vouchers[w->p->orders[order].voucher].firm];
}

static const seat *firm_seat(const world *w, int order)
{
    return &w->firms[w->p->vouchers[w->p->orders[order].voucher].firm].agent;
}

static const seat *inst_seat(const world *w, int order)
{
    return &w->institutions[w->p->orders[order].institution].agent;
}

static bool is_award(const world *w, int order)
{
    return w->p->vouchers[w->p->orders[order].voucher].award;
}

static application_request application_for(const world *w, int voucher, int64_t amount)
{
    const plan_voucher *v = &w->p->vouchers[voucher];
    return (application_request){
        .holder_id = w->firms[v->firm].org_id,
        .kind_id = v->award ? w->kind_award : w->kind_apply,
        .way = v->award || day_ymd((day){v->day}).month < 3 ? "round" : "immediate",
        .asked_fen = amount,
        .purpose = v->award ? STR("iur") : STR(""),
    };
}

static tq_code refused(const char *what, const char *reason, tq_err *err)
{
    return tq_fail(err, TQ_REFUSED, reason, what, "the demonstration's %s was refused by a rule",
                   what);
}

tq_code act_issue(world *w, int voucher, tq_err *err)
{
    const call c = world_as(w, ROLE_OFFICE);
    voucher_issued out;
    const voucher_issue_request rq = {w->vouchers[voucher].application_id, code_seed};
    TQ_TRY(voucher_issue(w->site, &c, &rq, &out, err));
    w->vouchers[voucher].voucher_id = out.voucher_id;
    return TQ_OK;
}

static tq_code file(world *w, int voucher, const application_request *rq, tq_err *err)
{
    const call c = world_agent(w, ROLE_FIRM_AGENT, &w->firms[w->p->vouchers[voucher].firm].agent);
    return application_file(w->site, &c, rq, &w->vouchers[voucher].application_id, err);
}

tq_code act_file(world *w, int voucher, tq_err *err)
{
    const application_request rq = application_for(w, voucher, w->p->vouchers[voucher].amount_fen);
    return file(w, voucher, &rq, err);
}

tq_code act_grant(world *w, int voucher, tq_err *err)
{
    application_result result;
    const call reviewer = world_as(w, ROLE_REVIEWER1);
    TQ_TRY(application_approve(w->site, &reviewer, w->vouchers[voucher].application_id, NULL,
                               &result, err));
    return result.granted ? TQ_OK : refused("application", result.reason, err);
}

tq_code act_apply(world *w, int voucher, tq_err *err)
{
    const application_request rq = application_for(w, voucher, w->p->vouchers[voucher].amount_fen);
    TQ_TRY(file(w, voucher, &rq, err));
    TQ_TRY(act_grant(w, voucher, err));
    return act_issue(w, voucher, err);
}

tq_code act_top_up(world *w, int voucher, tq_err *err)
{
    application_request rq = application_for(w, voucher, w->p->vouchers[voucher].top_up_fen);
    rq.voucher_id = w->vouchers[voucher].voucher_id;
    TQ_TRY(file(w, voucher, &rq, err));
    TQ_TRY(act_grant(w, voucher, err));
    const call c = world_as(w, ROLE_OFFICE);
    voucher_issued out;
    return voucher_top_up(w->site, &c, w->vouchers[voucher].application_id, &out, err);
}

tq_code act_award_round(world *w, int year, tq_err *err)
{
    application_award_case *cases =
        ARENA_NEW(w->life, application_award_case, APPLICATION_AWARD_MAX);
    application_award_request rq = {.cases = cases};
    for (int v = 0; v < w->p->n_vouchers; v++) {
        const plan_voucher *pv = &w->p->vouchers[v];
        if (!pv->award || day_ymd((day){pv->day}).year != year) {
            continue;
        }
        const application_request filed = application_for(w, v, pv->amount_fen);
        const call c = world_agent(w, ROLE_FIRM_AGENT, &w->firms[pv->firm].agent);
        TQ_TRY(application_file(w->site, &c, &filed, &w->vouchers[v].application_id, err));
        cases[rq.n++] = (application_award_case){w->vouchers[v].application_id, pv->amount_fen};
        rq.count++;
        rq.total_fen += pv->amount_fen;
    }
    TQ_ASSERT(rq.n > 0);
    char scan[65];
    TQ_TRY(evidence_put(w->site, STR("演示数据：协调小组会议纪要扫描件"), scan, err));
    const call c = world_as(w, ROLE_GROUP);
    rq.paper.number = arena_printf(c.a, "长创券纪要〔%d〕1号", year);
    rq.paper.day = w->today;
    rq.paper.blob = str_of(scan);
    application_result *results = ARENA_NEW(w->life, application_result, rq.n);
    TQ_TRY(application_award(w->site, &c, &rq, results, err));
    for (size_t i = 0; i < rq.n; i++) {
        if (!results[i].granted) {
            return refused("award", results[i].reason, err);
        }
    }
    return TQ_OK;
}

static order_proposal proposal_for(const world *w, int order, arena *a)
{
    const plan_order *o = &w->p->orders[order];
    return (order_proposal){
        .voucher_id = w->vouchers[o->voucher].voucher_id,
        .institution_id = w->institutions[o->institution].org_id,
        .outcome_kind = str_of(plan_outcome_tokens[o->outcome]),
        .title = arena_printf(a, "演示服务 %04d", w->serial + order),
        .purpose = is_award(w, order) ? STR("iur") : STR(""),
        .contract_fen = o->contract_fen,
        .voucher_fen = o->hold_fen,
        .end = {o->confirmed + 20},
    };
}

tq_code act_propose(world *w, int order, tq_err *err)
{
    order_result out;
    const call c = world_agent(w, ROLE_FIRM_AGENT, firm_seat(w, order));
    const order_proposal rq = proposal_for(w, order, c.a);
    TQ_TRY(order_propose(w->site, &c, &rq, &out, err));
    if (!out.accepted) {
        return refused("order", out.reason, err);
    }
    w->orders[order].order_id = out.order_id;
    return TQ_OK;
}

tq_code act_order(world *w, int order, tq_err *err)
{
    /* Declined once: the same order is proposed anew, for a county's orders are not all taken at once. */
    if (w->p->orders[order].fate == FATE_DECLINED) {
        TQ_TRY(act_propose(w, order, err));
        const call other = world_agent(w, ROLE_INST_AGENT, inst_seat(w, order));
        TQ_TRY(order_decline(w->site, &other, w->orders[order].order_id, STR("档期已满"), err));
    }
    TQ_TRY(act_propose(w, order, err));
    const call inst = world_agent(w, ROLE_INST_AGENT, inst_seat(w, order));
    return order_accept(w->site, &inst, w->orders[order].order_id, err);
}

tq_code act_deliver(world *w, int order, tq_err *err)
{
    const call c = world_agent(w, ROLE_INST_AGENT, inst_seat(w, order));
    const order_delivery rq = {
        .order_id = w->orders[order].order_id,
        .outcome_count = w->p->orders[order].count,
        .report = arena_printf(c.a, "YS-%06d", w->serial + order),
        .last = true,
    };
    int64_t delivery_id = 0;
    return order_deliver(w->site, &c, &rq, &delivery_id, err);
}

tq_code act_confirm(world *w, int order, tq_err *err)
{
    const call c = world_agent(w, ROLE_FIRM_AGENT, firm_seat(w, order));
    return order_confirm(w->site, &c, w->orders[order].order_id, err);
}

/* Who files: the firm that paid (P-04), or the institution that redeems (P-03). */
static call claimant(world *w, int order)
{
    return is_award(w, order) ? world_agent(w, ROLE_INST_AGENT, inst_seat(w, order))
                              : world_agent(w, ROLE_FIRM_AGENT, firm_seat(w, order));
}

static tq_code add_papers(world *w, int order, tq_err *err)
{
    const plan_order *o = &w->p->orders[order];
    order_state *s = &w->orders[order];
    const call c = claimant(w, order);
    /* Legacy form, 12 digits and 8; the years that go on have the fully digital one of 20. */
    const bool digital = w->serial > 0;
    const invoice_new invoice = {
        .code = digital ? STR("") : STR("033001300111"),
        .number = digital ? arena_printf(c.a, "%02d33%016d", day_ymd(w->today).year % 100,
                                         w->serial + order)
                          : arena_printf(c.a, "%08d", 10000000 + order),
        .seller_id = w->institutions[o->institution].org_id,
        .institution_id = w->institutions[o->institution].org_id,
        .buyer_id = w->firms[w->p->vouchers[o->voucher].firm].org_id,
        .buyer_name = firm_of(w, order)->name,
        .issued = {o->confirmed},
        .gross_fen = o->contract_fen,
        .net_fen = o->contract_fen * 100 / (100 + VAT_PERCENT),
    };
    TQ_TRY(invoice_add(w->site, &c, &invoice, &s->invoice_id, err));
    const call payer = world_agent(w, ROLE_FIRM_AGENT, firm_seat(w, order));
    const proof_new proof = {
        .org_id = w->firms[w->p->vouchers[o->voucher].firm].org_id,
        .means = STR("transfer"),
        .payer = firm_of(w, order)->name,
        .paid = {o->confirmed},
        .amount_fen = o->contract_fen,
        .reference = arena_printf(payer.a, "YH%08d", w->serial + order),
    };
    return proof_add(w->site, &payer, &proof, &s->proof_id, err);
}

/* What the paper of this kind would say of the order. */
static str paper_of(const world *w, int order, const char *kind, arena *a)
{
    const plan_order *o = &w->p->orders[order];
    demo_paper p = {.title = arena_printf(a, "%s", kind).data};
    if (w->own_papers) {
        p.lines[p.n++] = arena_printf(a, "Buyer: %s", firm_of(w, order)->credit_code).data;
        p.lines[p.n++] =
            arena_printf(a, "Seller: %s", w->p->institutions[o->institution].credit_code).data;
        p.lines[p.n++] = arena_printf(a, "Service: %s", plan_outcome_tokens[o->outcome]).data;
        p.lines[p.n++] =
            arena_printf(a, "Amount: CNY %lld.%02lld", (long long)(o->contract_fen / 100),
                         (long long)(o->contract_fen % 100))
                .data;
        p.lines[p.n++] = arena_printf(a, "Number: %08d", w->serial + order).data;
    } else {
        p.lines[p.n++] = "Sample of the kind";
    }
    return paper_pdf(&p, a);
}

static tq_code add_evidence(world *w, int order, tq_err *err)
{
    static const char *const common[] = {"contract", "invoice", "payment_proof", "result"};
    static const char *const patent[] = {"transfer"};
    static const char *const talent[] = {"employment", "social_insurance"};
    static const char *const certificate[] = {"certificate"};
    const struct {
        const char *const *kinds;
        size_t n;
    } sets[] = {{common, TQ_COUNT(common)},
                {patent, w->p->orders[order].outcome == PLAN_PATENT ? TQ_COUNT(patent) : 0},
                {talent, w->p->orders[order].outcome == PLAN_TALENT ? TQ_COUNT(talent) : 0},
                {certificate, w->p->orders[order].outcome == PLAN_CERTIFICATION ? 1 : 0}};
    for (size_t s = 0; s < TQ_COUNT(sets); s++) {
        for (size_t i = 0; i < sets[s].n; i++) {
            const call c = claimant(w, order);
            const evidence_request rq = {
                .table = T_CLAIM,
                .id = w->orders[order].claim_id,
                .kind = str_of(sets[s].kinds[i]),
                .name = arena_printf(c.a, "%s.pdf", sets[s].kinds[i]),
                .bytes = paper_of(w, order, sets[s].kinds[i], c.a),
            };
            int64_t id = 0;
            TQ_TRY(evidence_add(w->site, &c, &rq, &id, err));
        }
    }
    return TQ_OK;
}

static tq_code draft(world *w, int order, tq_err *err)
{
    const plan_order *o = &w->p->orders[order];
    order_state *s = &w->orders[order];
    const claim_line_new line = {
        .order_id = s->order_id,
        .invoice_id = s->invoice_id,
        .proof_id = is_award(w, order) ? 0 : s->proof_id,
        .amount_fen = o->contract_fen,
    };
    const claim_form form = {
        .voucher_id = w->vouchers[o->voucher].voucher_id,
        .asked_fen = o->hold_fen,
        .final = true,
        .lines = &line,
        .n_lines = 1,
    };
    const call c = claimant(w, order);
    TQ_TRY(claim_draft(w->site, &c, &form, &s->claim_id, err));
    return add_evidence(w, order, err);
}

tq_code act_submit(world *w, int order, tq_err *err)
{
    const call c = claimant(w, order);
    claim_filed filed;
    const claim_submission rq = {.claim_id = w->orders[order].claim_id};
    TQ_TRY(claim_submit(w->site, &c, &rq, &filed, err));
    memcpy(w->orders[order].content, filed.content, sizeof filed.content);
    return TQ_OK;
}

tq_code act_draft(world *w, int order, tq_err *err)
{
    TQ_TRY(add_papers(w, order, err));
    return draft(w, order, err);
}

tq_code act_claim(world *w, int order, tq_err *err)
{
    TQ_TRY(act_draft(w, order, err));
    return act_submit(w, order, err);
}

tq_code act_setback(world *w, int order, tq_err *err)
{
    const call c = world_as(w, ROLE_REVIEWER1);
    if (w->p->orders[order].fate == FATE_RETURNED_ONCE) {
        const claim_returning rq = {w->orders[order].claim_id, STR("检测报告缺少骑缝章")};
        return claim_return(w->site, &c, &rq, err);
    }
    int64_t decision_id = 0;
    const claim_refusal rq = {.claim_id = w->orders[order].claim_id, .reason = "evidence_missing"};
    return claim_refuse(w->site, &c, &rq, &decision_id, err);
}

tq_code act_mend(world *w, int order, tq_err *err)
{
    /* A refused claim is over: what follows is a new one on the same papers. */
    if (w->p->orders[order].fate == FATE_REFUSED) {
        TQ_TRY(draft(w, order, err));
    }
    return act_submit(w, order, err);
}

tq_code act_check(world *w, int order, tq_err *err)
{
    const call c = world_as(w, ROLE_REVIEWER1);
    int64_t decision_id = 0;
    const claim_checking rq = {.claim_id = w->orders[order].claim_id,
                               .content = str_of(w->orders[order].content)};
    return claim_check(w->site, &c, &rq, &decision_id, err);
}

tq_code act_consent(world *w, int order, tq_err *err)
{
    const call c = world_as(w, ROLE_REVIEWER2);
    int64_t decision_id = 0;
    const claim_approval rq = {.claim_id = w->orders[order].claim_id,
                               .content = str_of(w->orders[order].content),
                               .amount_fen = w->p->orders[order].hold_fen};
    return claim_approve(w->site, &c, &rq, NULL, &decision_id, err);
}

tq_code act_register(world *w, int order, tq_err *err)
{
    public_number number;
    const call office = world_as(w, ROLE_OFFICE);
    return claim_register(w->site, &office, w->orders[order].claim_id, &number, err);
}

tq_code act_approve(world *w, int order, tq_err *err)
{
    TQ_TRY(act_consent(w, order, err));
    return act_register(w, order, err);
}
