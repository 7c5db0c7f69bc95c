/* SPDX-License-Identifier: Apache-2.0 */
/* Invoices and claims: what counts, what is refused, who may, and what money does. */
#include "claim_path.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/inspection.h"
#include "app/sanction.h"

static const day START = {15952}; /* 2013-09-04 */

#define RACERS_MAX 64

static fixture *county(void)
{
    fixture *f = fixture_open();
    county_ready(f);
    return f;
}

static int racers(void)
{
    return getenv("TQ_FULL") == NULL ? 8 : RACERS_MAX;
}

/* --- the whole way ----------------------------------------------------------------------------- */

static void test_whole_path(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    assert_int_equal(balance_of(&p, ACC_HOLD), CONTRACT_FEN / 2);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    assert_int_equal(filed.base_fen, CONTRACT_FEN);
    assert_int_equal(filed.allowed_fen, ALLOWED_FEN);
    assert_int_equal(filed.cutoff.n, fixture_day(2013, 9, 30).n);
    assert_true(str_starts(str_of(filed.number.text), STR("C330522-2013-000001-")));
    path_check(&p, &filed, 1000);
    ASSERT_FAILS(path_approve(&p, &filed, ALLOWED_FEN, err), TQ_CONFLICT, "amount_changed");
    NEED(path_approve(&p, &filed, ALLOWED_FEN - 1000, err));

    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_CLAIM, filed.claim_id, row);
    assert_int_equal(row_num(row, C_CLAIM_ADJUSTED_FEN), 1000);
    assert_int_equal(row_num(row, C_CLAIM_APPROVED_FEN), ALLOWED_FEN - 1000);
    assert_int_equal(row_num(row, C_CLAIM_CLAIMANT_ID), p.firm);
    assert_int_equal(row_num(row, C_CLAIM_PAYEE_ID), p.firm);
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN - 1000);
    assert_int_equal(balance_of(&p, ACC_HOLD), 0);
    assert_int_equal(balance_of(&p, ACC_VOUCHER), VOUCHER_FEN - ALLOWED_FEN + 1000);
    row_of(f, T_SERVICE_ORDER, p.order, row);
    assert_int_equal(row_num(row, C_SERVICE_ORDER_CLOSED), 1);
    fixture_close(f);
}

static void test_undo_gives_hold_back(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    int64_t decision = 0;
    const claim_filed filed = path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    const call firm = as_firm(&p);
    const call reviewer = as(&p, ROLE_REVIEWER2);
    const claim_undoing rq = {.claim_id = filed.claim_id, .reason = "error"};
    ASSERT_FAILS(claim_undo(f->app, &firm, &rq, &decision, err), TQ_FORBIDDEN, "no_role");
    NEED(claim_undo(f->app, &reviewer, &rq, &decision, err));
    ASSERT_STATE(f, filed.claim_id, "checked");
    assert_int_equal(balance_of(&p, ACC_HOLD), ALLOWED_FEN);
    assert_int_equal(balance_of(&p, ACC_PAYABLE), 0);
    ASSERT_FAILS(claim_undo(f->app, &reviewer, &rq, &decision, err), TQ_CONFLICT, "claim_state");
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
    fixture_close(f);
}

/* --- drafts, returns, quarters ----------------------------------------------------------------- */

static void test_draft_takes_nothing(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    int64_t draft = 0;
    claim_filed out = {0};
    const call firm = as_firm(&p);
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    claim_form form = {
        .voucher_id = p.voucher, .asked_fen = ALLOWED_FEN, .lines = &line, .n_lines = 1};
    NEED(claim_draft(f->app, &firm, &form, &draft, err));
    form.asked_fen = ALLOWED_FEN - 1;
    NEED(claim_save(f->app, &firm, draft, &form, err));
    const claim_filed direct = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    const claim_submission saved = {.claim_id = draft};
    ASSERT_FAILS(claim_submit(f->app, &firm, &saved, &out, err), TQ_CONFLICT, "invoice_used");
    NEED(claim_withdraw(f->app, &firm, direct.claim_id, err));
    NEED(claim_submit(f->app, &firm, &saved, &out, err));
    assert_int_equal(out.claim_id, draft);
    ASSERT_FAILS(claim_save(f->app, &firm, draft, &form, err), TQ_CONFLICT, "claim_state");
    NEED(claim_withdraw(f->app, &firm, draft, err));
    ASSERT_FAILS(claim_withdraw(f->app, &firm, draft, err), TQ_CONFLICT, "claim_state");
    fixture_close(f);
}

static void returned_on(path *p, int64_t claim)
{
    const call reviewer = as(p, ROLE_REVIEWER1);
    const claim_returning rq = {.claim_id = claim, .missing = STR("缺检测报告封面")};
    NEED(claim_return(p->f->app, &reviewer, &rq, err));
}

/* R-CLAIM-050 */
static void test_supplement_and_quarter(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed again = {0};
    p.d = fixture_day(2013, 9, 27);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    assert_int_equal(filed.cutoff.n, fixture_day(2013, 9, 30).n);
    returned_on(&p, filed.claim_id);

    p.d =
        fixture_day(2013, 10, 16); /* within ten working days: the first week of October is free */
    const claim_submission rq = {.claim_id = filed.claim_id};
    call firm = as_firm(&p);
    NEED(claim_submit(f->app, &firm, &rq, &again, err));
    assert_int_equal(again.filed.n, filed.filed.n);
    assert_int_equal(again.cutoff.n, filed.cutoff.n);
    assert_string_equal(again.number.text, filed.number.text);

    returned_on(&p, filed.claim_id);
    p.d = fixture_day(2013, 11, 29); /* late: not refused, but of the quarter in which it came */
    firm = as_firm(&p);
    NEED(claim_submit(f->app, &firm, &rq, &again, err));
    assert_int_equal(again.filed.n, filed.filed.n);
    assert_int_equal(again.cutoff.n, fixture_day(2013, 12, 31).n);
    fixture_close(f);
}

/* --- what is refused --------------------------------------------------------------------------- */

/* R-CLAIM-040 */
static void test_asked_above_allowed(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed out = {0};
    tq_err why = {0};
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    const int64_t before = fixture_events(f);
    assert_int_equal(path_submit(&p, &line, 1, ALLOWED_FEN + 1, false, &out, &why), TQ_REFUSED);
    assert_string_equal(why.reason, "asked_above_allowed");
    assert_non_null(strstr(why.detail, "23584.90"));
    assert_int_equal(fixture_events(f), before + 1); /* the decision, and no claim */
    NEED(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err));
    fixture_close(f);
}

static void test_evidence_and_terms(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_firm(f, false, START);
    claim_filed out = {0};
    p.order = order_make(&p, CONTRACT_FEN, 0);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, p.d);
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err), TQ_CONFLICT,
                 "order_state");

    int64_t delivery = 0;
    const call firm = as_firm(&p);
    const call lab = as(&p, ROLE_INST_AGENT);
    const order_delivery part = {.order_id = p.order, .outcome_count = 1, .last = true};
    NEED(order_deliver(f->app, &lab, &part, &delivery, err));
    NEED(order_confirm(f->app, &firm, p.order, err));
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err), TQ_REFUSED,
                 "evidence_missing");
    paper_add(&p, T_SERVICE_ORDER, p.order, "contract");
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err), TQ_REFUSED,
                 "evidence_missing");
    paper_add(&p, T_SERVICE_ORDER, p.order, "result");
    const day today = p.d;
    p.d = fixture_day(2015, 6, 1);
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err), TQ_REFUSED,
                 "claim_late");
    p.d = today;
    NEED(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err));
    fixture_close(f);
}

static void test_lines_are_checked(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    path other = path_make(f, true, START);
    claim_filed out = {0};
    const claim_line_new good = path_line(&p, CONTRACT_FEN);
    const struct line_row {
        const char *what;
        claim_line_new line;
        tq_code code;
        const char *reason;
    } rows[] = {
        {"no amount", {p.order, 0, p.invoice, p.proof, 0}, TQ_INVALID, "line_form"},
        {"no invoice", {p.order, 0, 0, p.proof, 5}, TQ_INVALID, "line_form"},
        {"no proof", {p.order, 0, p.invoice, 0, 5}, TQ_INVALID, "line_form"},
        {"another's order", {other.order, 0, p.invoice, p.proof, 5}, TQ_INVALID, "line_form"},
        {"another's line", {p.order, 999999, p.invoice, p.proof, 5}, TQ_INVALID, "line_form"},
        {"another's invoice", {p.order, 0, other.invoice, p.proof, 5}, TQ_INVALID, "invoice_buyer"},
        {"another's payment", {p.order, 0, p.invoice, other.proof, 5}, TQ_INVALID, "proof_owner"},
        {"no such order", {999999, 0, p.invoice, p.proof, 5}, TQ_NOT_FOUND, "not_found"},
        {"more than the invoice",
         {p.order, 0, p.invoice, p.proof, CONTRACT_FEN + 1},
         TQ_CONFLICT,
         "invoice_used"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        tq_err why = {0};
        const tq_code code = path_submit(&p, &rows[i].line, 1, 1, false, &out, &why);
        if (code != rows[i].code || strcmp(why.reason, rows[i].reason) != 0) {
            fail_msg("%s: %s/%s (%s)", rows[i].what, tq_code_name(code), why.reason, why.detail);
        }
    }
    const claim_line_new twice[] = {good, good};
    ASSERT_FAILS(path_submit(&p, twice, 2, ALLOWED_FEN, false, &out, err), TQ_CONFLICT,
                 "invoice_used");
    ASSERT_FAILS(path_submit(&p, &good, 0, ALLOWED_FEN, false, &out, err), TQ_INVALID, "line_form");
    ASSERT_FAILS(path_submit(&p, &good, 1, 0, false, &out, err), TQ_INVALID, "asked");

    /* Another firm's agent sees neither voucher nor claim. */
    const int64_t own = p.voucher;
    other.voucher = own;
    ASSERT_FAILS(path_submit(&other, &good, 1, ALLOWED_FEN, false, &out, err), TQ_FORBIDDEN,
                 "other_org");
    fixture_close(f);
}

/* R-INVOICE-020, R-INVOICE-030 */
static void test_invoices_are_checked(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_firm(f, false, START);
    int64_t id = 0;
    const call firm = as_firm(&p);
    const int64_t stranger = fixture_org(f, "institution", "某检测有限公司");
    invoice_new rq = invoice_form_of(&p);
    rq.buyer_name = STR("长兴绿能电池公司");
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "buyer_name");
    rq = invoice_form_of(&p);
    rq.seller_id = stranger;
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "seller_link");
    const call intake = as(&p, ROLE_INTAKE);
    const org_link_rq link = {.org_id = f->institution,
                              .kind = STR("invoice_issuer"),
                              .other_id = stranger,
                              .from = FIXTURE_DAY,
                              .letter = hex_of(f, "letter")};
    NEED(org_link_set(f->app, &intake, &link, &id, err));
    NEED(invoice_add(f->app, &firm, &rq, &id, err));
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_CONFLICT, "invoice_used");
    rq = invoice_form_of(&p);
    rq.net_fen = rq.gross_fen + 1;
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "invoice_amount");
    rq = invoice_form_of(&p);
    rq.issued = day_add(p.d, 1);
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "invoice_day");
    rq = invoice_form_of(&p);
    rq.buyer_id = stranger;
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_FORBIDDEN, "other_org");
    rq = invoice_form_of(&p);
    rq.blob = STR("abc");
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "blob");
    /* R-FILE-010: well formed, but nobody has stored such a file */
    rq.blob = STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "blob");
    fixture_close(f);
}

static void test_proofs_are_checked(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_firm(f, false, START);
    int64_t id = 0;
    const call firm = as_firm(&p);
    const proof_new good = {.org_id = p.firm,
                            .means = STR("transfer"),
                            .payer = STR("长兴绿能电池有限公司"),
                            .paid = p.d,
                            .amount_fen = 100,
                            .reference = STR("R1")};
    proof_new rq = good;
    rq.means = STR("barter");
    ASSERT_FAILS(proof_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "means");
    rq = good;
    rq.payer = STR("母公司");
    ASSERT_FAILS(proof_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "payer_name");
    rq.means = STR("third_party");
    NEED(proof_add(f->app, &firm, &rq, &id, err));
    rq = good;
    rq.paid.n = 0;
    ASSERT_FAILS(proof_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "proof_day");
    rq = good;
    rq.amount_fen = 0;
    ASSERT_FAILS(proof_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "proof_amount");
    rq = good;
    rq.reference = STR("");
    ASSERT_FAILS(proof_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "reference");
    NEED(proof_add(f->app, &firm, &good, &id, err));
    ASSERT_FAILS(proof_add(f->app, &firm, &good, &id, err), TQ_CONFLICT, "proof_used");
    const proof_honoured honour = {id, p.d};
    ASSERT_FAILS(proof_honour(f->app, &firm, &honour, err), TQ_CONFLICT, "not_a_bill");
    fixture_close(f);
}

/* --- what counts ------------------------------------------------------------------------------- */

static void test_only_what_is_paid_counts(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    p.proof = proof_make(&p, "transfer", 2000000, p.d);
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    claim_filed out = {0};
    const int64_t allowed = INT64_C(2000000) * NET_FEN / CONTRACT_FEN / 2;
    ASSERT_FAILS(path_submit(&p, &line, 1, allowed + 1, false, &out, err), TQ_REFUSED,
                 "asked_above_allowed");
    NEED(path_submit(&p, &line, 1, allowed, false, &out, err));
    assert_int_equal(out.base_fen, 2000000);
    p.proof = proof_make(&p, "cash", 2000000, p.d);
    const claim_line_new cash = path_line(&p, 2000000);
    ASSERT_FAILS(path_submit(&p, &cash, 1, 1, false, &out, err), TQ_REFUSED, "nothing_payable");
    fixture_close(f);
}

/* R-CLAIM-030 */
static void test_bill_counts_at_honour(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed out = {0};
    p.proof = proof_make(&p, "bill", CONTRACT_FEN, (day){0});
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err), TQ_REFUSED,
                 "nothing_payable");
    call firm = as_firm(&p);
    const proof_honoured early = {p.proof, day_add(p.d, 5)};
    ASSERT_FAILS(proof_honour(f->app, &firm, &early, err), TQ_INVALID, "proof_day");
    p.d = day_add(p.d, 5);
    firm = as_firm(&p);
    NEED(proof_honour(f->app, &firm, &early, err));
    ASSERT_FAILS(proof_honour(f->app, &firm, &early, err), TQ_CONFLICT, "honoured");
    NEED(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err));
    fixture_close(f);
}

static void test_partial_then_final(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed out = {0};
    const int64_t part = 2000000;
    const int64_t first = part * NET_FEN / CONTRACT_FEN / 2;
    const int64_t rest = (CONTRACT_FEN - part) * NET_FEN / CONTRACT_FEN / 2;
    const claim_filed one = path_filed(&p, part, first, false);
    const claim_line_new line = path_line(&p, CONTRACT_FEN - part);
    ASSERT_FAILS(path_submit(&p, &line, 1, rest, true, &out, err), TQ_CONFLICT, "other_claim_open");
    path_check(&p, &one, 0);
    NEED(path_approve(&p, &one, first, err));
    assert_int_equal(balance_of(&p, ACC_HOLD), CONTRACT_FEN / 2 - first);
    const claim_line_new over = path_line(&p, CONTRACT_FEN - part + 1);
    ASSERT_FAILS(path_submit(&p, &over, 1, rest, true, &out, err), TQ_CONFLICT, "invoice_used");
    (void)path_approved(&p, CONTRACT_FEN - part, rest, true);
    assert_int_equal(balance_of(&p, ACC_HOLD), 0);
    assert_int_equal(balance_of(&p, ACC_PAYABLE), first + rest);
    assert_int_equal(balance_of(&p, ACC_VOUCHER), VOUCHER_FEN - first - rest);
    fixture_close(f);
}

static void test_several_orders(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_firm(f, false, START);
    const int64_t a = order_make(&p, 2000000, 1000000);
    const int64_t b = order_make(&p, 3000000, 1500000);
    order_finish(&p, a);
    order_finish(&p, b);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, p.d);
    const claim_line_new lines[] = {{a, 0, p.invoice, p.proof, 2000000},
                                    {b, 0, p.invoice, p.proof, 3000000}};
    claim_filed filed = {0};
    const int64_t each =
        INT64_C(2000000) * NET_FEN / CONTRACT_FEN + INT64_C(3000000) * NET_FEN / CONTRACT_FEN;
    NEED(path_submit(&p, lines, 2, each / 2, true, &filed, err));
    path_check(&p, &filed, 0);
    NEED(path_approve(&p, &filed, each / 2, err));
    assert_int_equal(balance_of(&p, ACC_PAYABLE), each / 2);
    assert_int_equal(balance_of(&p, ACC_HOLD), 0);
    fixture_close(f);
}

/* --- invoices used, freed, barred, replaced ---------------------------------------------------- */

static void test_refused_frees_fraud_bars(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed out = {0};
    int64_t decision = 0;
    const call reviewer = as(&p, ROLE_REVIEWER1);
    const claim_filed one = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    claim_refusal rq = {.claim_id = one.claim_id, .reason = "excluded"};
    NEED(claim_refuse(f->app, &reviewer, &rq, &decision, err));
    ASSERT_FAILS(claim_refuse(f->app, &reviewer, &rq, &decision, err), TQ_CONFLICT, "claim_state");
    const claim_filed two = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    rq = (claim_refusal){.claim_id = two.claim_id, .reason = "fraud"};
    NEED(claim_refuse(f->app, &reviewer, &rq, &decision, err));
    const claim_line_new line = path_line(&p, 1);
    ASSERT_FAILS(path_submit(&p, &line, 1, 1, false, &out, err), TQ_CONFLICT, "invoice_state");
    rq.reason = "Not a token";
    ASSERT_FAILS(claim_refuse(f->app, &reviewer, &rq, &decision, err), TQ_INVALID, "reason");
    fixture_close(f);
}

/* R-CLAIM-020 */
static void test_red_flush_and_replacement(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed out = {0};
    int64_t fresh = 0;
    const int64_t part = 2000000;
    const int64_t first = part * NET_FEN / CONTRACT_FEN / 2;
    const call firm = as_firm(&p);
    (void)path_approved(&p, part, first, false);
    invoice_new rq = invoice_form_of(&p);
    rq.replaces_id = p.invoice;
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &fresh, err), TQ_CONFLICT, "not_red");
    const invoice_red_flush flush = {.invoice_id = p.invoice};
    NEED(invoice_red(f->app, &firm, &flush, err));
    ASSERT_FAILS(invoice_red(f->app, &firm, &flush, err), TQ_CONFLICT, "invoice_state");
    NEED(invoice_add(f->app, &firm, &rq, &fresh, err));
    rq.number = STR("24339999999999999999");
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &fresh, err), TQ_CONFLICT, "invoice_replaced");
    claim_line_new line = path_line(&p, 1);
    ASSERT_FAILS(path_submit(&p, &line, 1, 1, false, &out, err), TQ_CONFLICT, "invoice_state");

    /* The replacement goes on with what the first had left: it cannot be paid twice. */
    line.invoice_id = fresh;
    line.amount_fen = CONTRACT_FEN;
    ASSERT_FAILS(path_submit(&p, &line, 1, 1, false, &out, err), TQ_CONFLICT, "invoice_used");
    line.amount_fen = CONTRACT_FEN - part;
    NEED(path_submit(&p, &line, 1, ALLOWED_FEN - first, false, &out, err));
    fixture_close(f);
}

/* --- who may, and what a review binds ---------------------------------------------------------- */

/* R-CLAIM-060 */
static void test_approval_binds_content(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    claim_filed again = {0};
    claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    const claim_filed first = filed;
    returned_on(&p, filed.claim_id);
    paper_add(&p, T_CLAIM, filed.claim_id, "accounting_entry");
    const claim_submission rq = {.claim_id = filed.claim_id};
    const call firm = as_firm(&p);
    const call one = as(&p, ROLE_REVIEWER1);
    NEED(claim_submit(f->app, &firm, &rq, &again, err));
    assert_string_not_equal(first.content, again.content);
    int64_t decision = 0;
    const claim_checking old = {.claim_id = filed.claim_id, .content = str_of(first.content)};
    ASSERT_FAILS(claim_check(f->app, &one, &old, &decision, err), TQ_CONFLICT, "content_changed");
    path_check(&p, &again, 0);
    ASSERT_FAILS(path_approve(&p, &first, ALLOWED_FEN, err), TQ_CONFLICT, "content_changed");

    /* A red flush after the first review is seen by the second. */
    const invoice_red_flush flush = {.invoice_id = p.invoice};
    NEED(invoice_red(f->app, &firm, &flush, err));
    ASSERT_FAILS(path_approve(&p, &again, ALLOWED_FEN, err), TQ_CONFLICT, "invoice_state");
    assert_int_equal(balance_of(&p, ACC_PAYABLE), 0);
    fixture_close(f);
}

static void test_one_person_one_stage(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    int64_t decision = 0;

    /* The claimant's agent holds a reviewer's role too. */
    fixture_grant(f, p.user, ROLE_REVIEWER1, 0);
    const call both = fixture_user(f, p.user, p.person, ROLE_REVIEWER1, 0, p.d);
    const claim_checking check = {.claim_id = filed.claim_id, .content = str_of(filed.content)};
    ASSERT_FAILS(claim_check(f->app, &both, &check, &decision, err), TQ_FORBIDDEN, "same_person");

    /* So does the first reviewer, of the second's. */
    path_check(&p, &filed, 0);
    fixture_grant(f, f->user[ROLE_REVIEWER1], ROLE_REVIEWER2, 0);
    const call twice =
        fixture_user(f, f->user[ROLE_REVIEWER1], f->person[ROLE_REVIEWER1], ROLE_REVIEWER2, 0, p.d);
    const claim_approval approve = {filed.claim_id, str_of(filed.content), ALLOWED_FEN};
    ASSERT_FAILS(claim_approve(f->app, &twice, &approve, NULL, &decision, err), TQ_FORBIDDEN,
                 "same_person");

    /* And under delegation: the second reviewer lends the role to the first. */
    int64_t delegation = 0;
    const call second = fixture_as(f, ROLE_REVIEWER2, p.d);
    const delegation_rq lend = {.to_user_id = f->user[ROLE_REVIEWER1],
                                .programme_id = f->programme_id,
                                .from = p.d,
                                .to = day_add(p.d, 7)};
    NEED(delegation_set(f->app, &second, &lend, &delegation, err));
    call lent = twice;
    lent.who.for_user_id = f->user[ROLE_REVIEWER2];
    ASSERT_FAILS(claim_approve(f->app, &lent, &approve, NULL, &decision, err), TQ_FORBIDDEN,
                 "same_person");
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    fixture_close(f);
}

static void test_list_on_paper(void **state)
{
    (void)state;
    fixture *f = county();
    path one = path_make(f, false, START);
    path two = path_make(f, true, START);
    const claim_filed a = path_filed(&one, CONTRACT_FEN, ALLOWED_FEN, false);
    const claim_filed b = path_filed(&two, CONTRACT_FEN, ALLOWED_FEN, false);
    path_check(&one, &a, 0);
    path_check(&two, &b, 0);
    const call reviewer = as(&one, ROLE_REVIEWER2);
    claim_approval list[] = {{a.claim_id, str_of(a.content), ALLOWED_FEN},
                             {b.claim_id, str_of(a.content), ALLOWED_FEN}};
    claim_approval_list rq = {.claims = list,
                              .n = 2,
                              .count = 3,
                              .total_fen = 2 * ALLOWED_FEN,
                              .paper = {STR("签报〔2013〕7号"), START, STR("")}};
    ASSERT_FAILS(claim_approve_list(f->app, &reviewer, &rq, err), TQ_CONFLICT, "list_differs");
    rq.count = 2;
    ASSERT_FAILS(claim_approve_list(f->app, &reviewer, &rq, err), TQ_CONFLICT, "content_changed");
    ASSERT_STATE(f, a.claim_id, "checked"); /* all or none */
    list[1].content = str_of(b.content);
    NEED(claim_approve_list(f->app, &reviewer, &rq, err));
    ASSERT_STATE(f, a.claim_id, "approved");
    ASSERT_STATE(f, b.claim_id, "approved");
    fixture_close(f);
}

/* --- the other form of payment, bans, vouchers that ended -------------------------------------- */

/* An award voucher of 40,000 yuan, which the institution redeems; its order delivered and confirmed. */
static path award_path_from(fixture *f, day d, int serial)
{
    int64_t application = 0;
    application_result decided = {0};
    voucher_issued issued = {0};
    path p = {.f = f,
              .d = d,
              .firm = f->firm,
              .user = f->user[ROLE_FIRM_AGENT],
              .person = f->person[ROLE_FIRM_AGENT],
              .kind = fixture_kind(f, "award"),
              .serial = serial,
              .purpose = "testing"};
    (void)fixture_fund(f, "award", 10000000, FIXTURE_DAY);
    const call intake = as(&p, ROLE_INTAKE);
    const call group = as(&p, ROLE_GROUP);
    const call office = as(&p, ROLE_OFFICE);
    const application_request ask = {
        .holder_id = p.firm, .kind_id = p.kind, .way = "immediate", .asked_fen = 4000000};
    NEED(application_file(f->app, &intake, &ask, &application, err));
    const application_award_case one = {application, 4000000};
    const application_award_request rq = {.paper = {STR("纪要〔2013〕2号"), d, hex_of(f, "award")},
                                          .count = 1,
                                          .total_fen = 4000000,
                                          .cases = &one,
                                          .n = 1};
    NEED(application_award(f->app, &group, &rq, &decided, err));
    assert_true(decided.granted);
    const voucher_issue_request issue = {.application_id = application, .code_seed = STR("test")};
    NEED(voucher_issue(f->app, &office, &issue, &issued, err));
    p.voucher = issued.voucher_id;
    p.order = order_make(&p, CONTRACT_FEN, 0);
    order_finish(&p, p.order);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN / 2, d);
    return p;
}

static path award_path(fixture *f, day d)
{
    return award_path_from(f, d, 0);
}

static tq_code redeem(path *p, const claim_line_new *line, claim_filed *out, tq_err *err)
{
    const call lab = as(p, ROLE_INST_AGENT);
    const claim_form form = {.voucher_id = p->voucher,
                             .asked_fen = ALLOWED_FEN,
                             .final = true,
                             .lines = line,
                             .n_lines = 1};
    const claim_submission rq = {.form = &form};
    return claim_submit(p->f->app, &lab, &rq, out, err);
}

static void test_institution_redeems(void **state)
{
    (void)state;
    fixture *f = county();
    path p = award_path(f, START);
    claim_filed filed = {0};
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, true, &filed, err), TQ_FORBIDDEN,
                 "other_org");
    NEED(redeem(&p, &line, &filed, err));
    assert_int_equal(filed.base_fen,
                     CONTRACT_FEN); /* the firm paid its half, the voucher is the rest */
    path_check(&p, &filed, 0);
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_CLAIM, filed.claim_id, row);
    assert_int_equal(row_num(row, C_CLAIM_CLAIMANT_ID), f->institution);
    assert_int_equal(row_num(row, C_CLAIM_PAYEE_ID), f->institution);
    assert_int_equal(row_num(row, C_CLAIM_HOLDER_ID), f->firm);
    assert_true(row_is(row, C_CLAIM_FORM, "redeem"));
    fixture_close(f);
}

/* `denied` 0: the institution was in good faith. */
static case_decide_report ban_but(fixture *f, int64_t org, day d, int64_t denied)
{
    case_result opened = {0};
    case_decide_report done;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const case_open_request open = {org, STR("false_use")};
    NEED(case_open(f->app, &office, &open, &opened, err));
    const decision_paper paper = {STR("纪要〔2013〕9号"), d, hex_of(f, "case")};
    const case_step_request hear = {
        .case_id = opened.case_id, .paper = paper, .reason = STR("听取陈述")};
    NEED(case_hear(f->app, &office, &hear, err));
    const case_decide_request rq = {.case_id = opened.case_id,
                                    .paper = paper,
                                    .reason = STR("虚假使用"),
                                    .due = DAY_NONE,
                                    .denied = &denied,
                                    .n_denied = denied != 0};
    NEED(case_decide(f->app, &group, &rq, &done, err));
    return done;
}

static void ban(fixture *f, int64_t org, day d)
{
    (void)ban_but(f, org, d, 0);
}

static void test_banned_firm_claims_nothing(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    path other = path_make(f, true, START);
    claim_filed out = {0};
    const claim_filed filed = path_filed(&other, CONTRACT_FEN, ALLOWED_FEN, false);
    path_check(&other, &filed, 0);
    ban(f, p.firm, START);
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    ASSERT_FAILS(path_submit(&p, &line, 1, ALLOWED_FEN, false, &out, err), TQ_CONFLICT,
                 "voucher_state"); /* the decision cancelled it */

    /* An institution's ban reaches claims that are checked already. */
    ban(f, f->institution, START);
    ASSERT_FAILS(path_approve(&other, &filed, ALLOWED_FEN, err), TQ_REFUSED, "banned");
    assert_int_equal(balance_of(&other, ACC_PAYABLE), 0);
    fixture_close(f);
}

/* R-BAN-020 */
static void test_good_faith(void **state)
{
    (void)state;
    fixture *f = county();
    path p = award_path(f, START);
    claim_filed filed = {0};
    p.d = day_add(START, 2);
    ban(f, p.firm, p.d);
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    NEED(redeem(&p, &line, &filed, err)); /* delivered before the ban */
    path_check(&p, &filed, 0);
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
    fixture_close(f);
}

static void test_rest_of_an_expired_voucher(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    p.d = day_add(day_add_months(START, 12), 3);
    const call clock = as(&p, ROLE_SYSTEM);
    NEED(voucher_expire(f->app, &clock, p.voucher, err));
    const int64_t pool = fixture_balance(f, ACC_POOL, p.kind);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    path_check(&p, &filed, 0);
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    assert_int_equal(balance_of(&p, ACC_VOUCHER), 0);
    assert_int_equal(balance_of(&p, ACC_HOLD), 0);
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
    assert_int_equal(fixture_balance(f, ACC_POOL, p.kind), pool + CONTRACT_FEN / 2 - ALLOWED_FEN);
    fixture_close(f);
}

static void test_delegation_has_a_limit(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    path_check(&p, &filed, 0);
    int64_t delegation = 0;
    int64_t decision = 0;
    const call second = as(&p, ROLE_REVIEWER2);
    const delegation_rq lend = {.to_user_id = f->user[ROLE_OFFICE],
                                .programme_id = f->programme_id,
                                .from = p.d,
                                .to = day_add(p.d, 7),
                                .limit_fen = ALLOWED_FEN - 1};
    NEED(delegation_set(f->app, &second, &lend, &delegation, err));
    call lent =
        fixture_user(f, f->user[ROLE_OFFICE], f->person[ROLE_OFFICE], ROLE_REVIEWER2, 0, p.d);
    lent.who.for_user_id = f->user[ROLE_REVIEWER2];
    const claim_approval rq = {filed.claim_id, str_of(filed.content), ALLOWED_FEN};
    ASSERT_FAILS(claim_approve(f->app, &lent, &rq, NULL, &decision, err), TQ_REFUSED,
                 "over_delegation");
    fixture_close(f);
}

/* --- races ------------------------------------------------------------------------------------- */

typedef struct racer {
    pthread_t thread;
    fixture *f;
    path p;
    arena *a;
    claim_filed filed;
    invoice_new invoice;
    int64_t user, person;
    tq_code code;
    tq_err err;
} racer;

/* A caller's bounded retry: the store may ask for it. */
#define TRIES 50

static void *race_invoice(void *ctx)
{
    racer *r = ctx;
    for (int i = 0; i < TRIES; i++) {
        int64_t id = 0;
        call c = fixture_as_in(r->f, ROLE_FIRM_AGENT, r->p.d, r->a);
        c.who.user_id = r->p.user;
        c.who.person_id = r->p.person;
        c.who.org_id = r->p.firm;
        r->code = invoice_add(r->f->app, &c, &r->invoice, &id, &r->err);
        if (r->code != TQ_BUSY) {
            break;
        }
    }
    return NULL;
}

static void *race_approve(void *ctx)
{
    racer *r = ctx;
    for (int i = 0; i < TRIES; i++) {
        int64_t decision = 0;
        call c = fixture_as_in(r->f, ROLE_REVIEWER2, r->p.d, r->a);
        c.who.user_id = r->user;
        c.who.person_id = r->person;
        const claim_approval rq = {r->filed.claim_id, str_of(r->filed.content), ALLOWED_FEN};
        r->code = claim_approve(r->f->app, &c, &rq, NULL, &decision, &r->err);
        if (r->code != TQ_BUSY) {
            break;
        }
    }
    return NULL;
}

/* Runs all and returns how many won; every loser must have this reason. */
static int race(racer *all, int n, void *(*run)(void *), const char *reason)
{
    int won = 0;
    for (int i = 0; i < n; i++) {
        all[i].a = arena_new("racer", (size_t)16 * 1024 * 1024);
        assert_int_equal(pthread_create(&all[i].thread, NULL, run, &all[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(all[i].thread, NULL), 0);
        won += all[i].code == TQ_OK ? 1 : 0;
        if (all[i].code != TQ_OK && strcmp(all[i].err.reason, reason) != 0) {
            fail_msg("racer %d: %s/%s (%s)", i, tq_code_name(all[i].code), all[i].err.reason,
                     all[i].err.detail);
        }
        arena_free(all[i].a);
    }
    return won;
}

/* R-INVOICE-010 */
static void test_same_invoice_by_many_firms(void **state)
{
    (void)state;
    fixture *f = county();
    const int n = racers();
    racer *all = calloc((size_t)n, sizeof *all);
    assert_non_null(all);
    for (int i = 0; i < n; i++) {
        path p = {.f = f, .d = START};
        p.firm = fixture_org(f, "enterprise", "长兴小试电源有限公司");
        fixture_person(f, ROLE_FIRM_AGENT, p.firm, &p.user, &p.person);
        all[i] = (racer){.f = f, .p = p, .invoice = invoice_form_of(&p)};
        all[i].invoice.number = STR("24330000000000000077");
    }
    assert_int_equal(race(all, n, race_invoice, "invoice_used"), 1);
    free(all);
    fixture_close(f);
}

static void test_double_approval_race(void **state)
{
    (void)state;
    fixture *f = county();
    path p = path_make(f, false, START);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    path_check(&p, &filed, 0);
    racer all[4] = {{0}};
    for (size_t i = 0; i < TQ_COUNT(all); i++) {
        all[i] = (racer){.f = f, .p = p, .filed = filed};
        fixture_person(f, ROLE_REVIEWER2, 0, &all[i].user, &all[i].person);
    }
    assert_int_equal(race(all, (int)TQ_COUNT(all), race_approve, "claim_state"), 1);
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
    fixture_close(f);
}

/* R-SANC-150: what the group finds to be a sham is stopped with the firm, approved or not; all else is kept. */
static void test_good_faith_denied(void **state)
{
    (void)state;
    fixture *f = county();
    path sham = award_path(f, START);
    path true_work = award_path_from(f, START, 10);
    claim_filed filed = {0};
    claim_filed kept = {0};
    const claim_line_new line = path_line(&sham, CONTRACT_FEN);
    const claim_line_new good = path_line(&true_work, CONTRACT_FEN);
    NEED(redeem(&sham, &line, &filed, err));
    NEED(redeem(&true_work, &good, &kept, err));
    path_check(&sham, &filed, 0);
    NEED(path_approve(&sham, &filed, ALLOWED_FEN, err));
    assert_int_equal(balance_of(&sham, ACC_PAYABLE), ALLOWED_FEN);
    const case_decide_report done = ban_but(f, sham.firm, day_add(START, 2), sham.order);
    assert_int_equal(done.claims, 1);
    assert_int_equal(done.kept, 1);
    assert_int_equal(balance_of(&sham, ACC_PAYABLE), 0);
    path_check(&true_work, &kept, 0);
    NEED(path_approve(&true_work, &kept, ALLOWED_FEN, err));
    assert_int_equal(balance_of(&true_work, ACC_PAYABLE), ALLOWED_FEN);
    fixture_close(f);
}

static str claim_state(fixture *f, const claim_filed *filed)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_CLAIM, filed->claim_id, row);
    return arena_copy(f->a, row_str(row, C_CLAIM_STATE));
}

/* R-CREDIT-040: the first review by rule, for firms in good credit, and never beyond the gates of the desk. */
static void test_light_path(void **state)
{
    (void)state;
    fixture *f = fixture_open_changed("light_upto: 6000.00 CNY", "light_upto: 23584.90 CNY");
    county_ready(f);
    light_report r;
    path p = path_make(f, false, START);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    const call first = fixture_as(f, ROLE_REVIEWER1, START);
    const call second = fixture_as(f, ROLE_REVIEWER2, START);
    const call office = fixture_as(f, ROLE_OFFICE, START);
    const call group = fixture_as(f, ROLE_GROUP, START);
    int64_t points = 0;
    const credit_rq rq = {.org_id = p.firm, .cause = STR("逾期"), .points = 1, .months = 1};
    NEED(credit_propose(f->app, &office, &rq, &points, err));
    NEED(credit_decide(f->app, &group, points, true, STR("属实"), err));
    ASSERT_FAILS(claims_check_light(f->app, &second, &r, err), TQ_FORBIDDEN, "no_role");
    NEED(claims_check_light(f->app, &first, &r, err));
    assert_int_equal(r.checked, 0);
    assert_int_equal(r.left, 1);
    assert_true(str_eq(claim_state(f, &filed), STR("submitted")));

    p.d = day_add(START, 40); /* the points have run out */
    const call later = fixture_as(f, ROLE_REVIEWER1, p.d);
    NEED(claims_check_light(f->app, &later, &r, err));
    assert_int_equal(r.checked, 1);
    assert_true(str_eq(claim_state(f, &filed), STR("checked")));
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err)); /* the second reviewer, as ever */

    /* An invoice that looks like the first is a signal, and that waits for somebody. */
    path twin = path_make(f, true, START);
    const claim_filed other = path_filed(&twin, CONTRACT_FEN, ALLOWED_FEN, false);
    NEED(claims_check_light(f->app, &later, &r, err));
    assert_int_equal(r.checked + r.left, 0);
    assert_true(str_eq(claim_state(f, &other), STR("submitted")));
    fixture_close(f);
}

/* A fen above the limit, or a policy without one: nothing is spared. */
static void test_light_path_ends(void **state)
{
    (void)state;
    light_report r;
    fixture *f = fixture_open_changed("light_upto: 6000.00 CNY", "light_upto: 23584.89 CNY");
    county_ready(f);
    path p = path_make(f, false, START);
    (void)path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    const call first = fixture_as(f, ROLE_REVIEWER1, START);
    NEED(claims_check_light(f->app, &first, &r, err));
    assert_int_equal(r.checked + r.left, 0);
    fixture_close(f);
    f = fixture_open_changed("light_upto: 6000.00 CNY, ", "");
    county_ready(f);
    const call again = fixture_as(f, ROLE_REVIEWER1, START);
    ASSERT_FAILS(claims_check_light(f->app, &again, &r, err), TQ_REFUSED, "no_light_path");
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_path),
        cmocka_unit_test(test_undo_gives_hold_back),
        cmocka_unit_test(test_draft_takes_nothing),
        cmocka_unit_test(test_supplement_and_quarter),
        cmocka_unit_test(test_asked_above_allowed),
        cmocka_unit_test(test_evidence_and_terms),
        cmocka_unit_test(test_lines_are_checked),
        cmocka_unit_test(test_invoices_are_checked),
        cmocka_unit_test(test_proofs_are_checked),
        cmocka_unit_test(test_only_what_is_paid_counts),
        cmocka_unit_test(test_bill_counts_at_honour),
        cmocka_unit_test(test_partial_then_final),
        cmocka_unit_test(test_several_orders),
        cmocka_unit_test(test_refused_frees_fraud_bars),
        cmocka_unit_test(test_red_flush_and_replacement),
        cmocka_unit_test(test_approval_binds_content),
        cmocka_unit_test(test_one_person_one_stage),
        cmocka_unit_test(test_list_on_paper),
        cmocka_unit_test(test_institution_redeems),
        cmocka_unit_test(test_banned_firm_claims_nothing),
        cmocka_unit_test(test_good_faith),
        cmocka_unit_test(test_good_faith_denied),
        cmocka_unit_test(test_light_path),
        cmocka_unit_test(test_light_path_ends),
        cmocka_unit_test(test_rest_of_an_expired_voucher),
        cmocka_unit_test(test_delegation_has_a_limit),
        cmocka_unit_test(test_same_invoice_by_many_firms),
        cmocka_unit_test(test_double_approval_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
