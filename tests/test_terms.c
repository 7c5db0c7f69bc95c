/* SPDX-License-Identifier: Apache-2.0 */
/* Terms that a scheme may or may not state: who decides above an amount, how long papers may bear a
 * former name, what becomes of a supplement that does not come. */
#include "claim_path.h"

#include "app/supplement.h"
#include "policy_steps.h"

static const day START = {15952}; /* 2013-09-04 */

#define LIMITS                                                                                     \
    "  - {kind: approval, id: big.voucher, cites: {document: demo, article: demonstration}, "      \
    "stage: apply, above: 20000.00 CNY}\n"                                                         \
    "  - {kind: approval, id: big.claim, cites: {document: demo, article: demonstration}, "        \
    "stage: claim, above: 23584.89 CNY}\n"
#define GRACE                                                                                      \
    "  - {kind: clock, id: clock.name, cites: {document: demo, article: demonstration}, "          \
    "clock: name_grace, n: 10, unit: days}\n"

/* R-APPLY-010: what comes to the limit is for the desk, a fen more for the group. */
static void test_the_group_decides_above(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    policy_step_in_force(f, "", LIMITS, FIXTURE_DAY);
    application_result r;
    const call intake = fixture_as(f, ROLE_INTAKE, START);
    const call desk = fixture_as(f, ROLE_REVIEWER1, START);
    const call office = fixture_as(f, ROLE_OFFICE, START);
    const call group = fixture_as(f, ROLE_GROUP, START);
    application_request rq = {.holder_id = f->firm,
                              .kind_id = fixture_kind(f, "apply"),
                              .way = "immediate",
                              .asked_fen = 2000001};
    int64_t id = 0;
    NEED(application_file(f->app, &intake, &rq, &id, err));
    const int64_t before = fixture_events(f);
    ASSERT_FAILS(application_approve(f->app, &desk, id, NULL, &r, err), TQ_FORBIDDEN,
                 "group_decides");
    ASSERT_FAILS(application_approve(f->app, &office, id, NULL, &r, err), TQ_FORBIDDEN,
                 "group_decides");
    assert_int_equal(fixture_events(f), before);
    NEED(application_approve(f->app, &group, id, NULL, &r, err));
    assert_true(r.granted);
    assert_int_equal(r.amount_fen, 2000001);

    const int64_t other = fixture_org(f, "enterprise", "长兴二号有限公司");
    recognise(f, other);
    rq.holder_id = other;
    rq.asked_fen = 2000000;
    NEED(application_file(f->app, &intake, &rq, &id, err));
    NEED(application_approve(f->app, &desk, id, NULL, &r, err));
    assert_true(r.granted);
    rq.asked_fen =
        9000000; /* above the limit, but a rule refuses it: nothing is left to the group */
    rq.holder_id = fixture_org(f, "enterprise", "长兴三号有限公司");
    NEED(application_file(f->app, &intake, &rq, &id, err));
    NEED(application_approve(f->app, &desk, id, NULL, &r, err));
    assert_false(r.granted);
    fixture_close(f);
}

/* R-CLAIM-070 */
static void test_a_large_claim_cites_the_group(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_firm(f, false, START);
    policy_step_in_force(f, "", LIMITS, START);
    /* the voucher keeps the policy of its day: no limit */
    p.order = order_make(&p, CONTRACT_FEN, 0);
    order_finish(&p, p.order);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, p.d);
    const claim_filed old = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    path_check(&p, &old, 0);
    NEED(path_approve(&p, &old, ALLOWED_FEN, err));

    path q = {.f = f,
              .d = START,
              .kind = p.kind,
              .firm = fixture_org(f, "enterprise", "长兴小试电源有限公司")};
    fixture_person(f, ROLE_FIRM_AGENT, q.firm, &q.user, &q.person);
    recognise(f, q.firm);
    {
        int64_t id = 0;
        application_result r;
        voucher_issued v;
        const call intake = as(&q, ROLE_INTAKE);
        const call group = as(&q, ROLE_GROUP);
        const call office = as(&q, ROLE_OFFICE);
        const application_request rq = {
            .holder_id = q.firm, .kind_id = q.kind, .way = "immediate", .asked_fen = VOUCHER_FEN};
        NEED(application_file(f->app, &intake, &rq, &id, err));
        NEED(application_approve(f->app, &group, id, NULL, &r, err));
        const voucher_issue_request issue = {.application_id = id, .code_seed = STR("q")};
        NEED(voucher_issue(f->app, &office, &issue, &v, err));
        q.voucher = v.voucher_id;
    }
    q.order = order_make(&q, CONTRACT_FEN, 0);
    order_finish(&q, q.order);
    q.invoice = invoice_make(&q, CONTRACT_FEN, NET_FEN);
    q.proof = proof_make(&q, "transfer", CONTRACT_FEN, q.d);
    const claim_filed filed = path_filed(&q, CONTRACT_FEN, ALLOWED_FEN, true);
    path_check(&q, &filed, 0);
    ASSERT_FAILS(path_approve(&q, &filed, ALLOWED_FEN, err), TQ_FORBIDDEN, "group_decides");
    ASSERT_STATE(f, filed.claim_id, "checked");
    int64_t decision = 0;
    const call second = as(&q, ROLE_REVIEWER2);
    const claim_approval rq = {filed.claim_id, str_of(filed.content), ALLOWED_FEN};
    const decision_paper paper = {STR("纪要〔2013〕7号"), START, hex_of(f, "minutes 7")};
    NEED(claim_approve(f->app, &second, &rq, &paper, &decision, err));
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_DECISION, decision, row);
    assert_true(row_is(row, C_DECISION_PAPER_NO, "纪要〔2013〕7号"));
    fixture_close(f);
}

/* R-INVOICE-040: renamed as of 10 October; the old name's last day is the 9th, so the 19th is the last
 * day on which a paper may bear it. */
static void test_old_names_for_some_days(void **state)
{
    (void)state;
    static const struct {
        int mday;
        bool grace, fine;
    } rows[] = {{9, false, true}, {10, false, false}, {9, true, true},
                {10, true, true}, {19, true, true},   {20, true, false}};
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_firm(f, false, START);
    p.d = fixture_day(2013, 10, 30);
    const call intake = as(&p, ROLE_INTAKE);
    const call firm = as_firm(&p);
    bool stated = false;
    NEED(org_rename(f->app, &intake, p.firm, STR("长兴绿能新电池有限公司"),
                    fixture_day(2013, 10, 10), err));
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        if (rows[i].grace && !stated) {
            policy_step_in_force(f, "", GRACE, p.d);
            stated = true;
        }
        int64_t id = 0;
        tq_err why = {0};
        invoice_new rq = invoice_form_of(&p); /* bears the old name */
        rq.issued = fixture_day(2013, 10, rows[i].mday);
        const tq_code code = invoice_add(f->app, &firm, &rq, &id, &why);
        if ((code == TQ_OK) != rows[i].fine ||
            (code != TQ_OK && strcmp(why.reason, "buyer_name") != 0)) {
            fail_msg("row %zu: %s %s", i, tq_code_name(code), why.reason);
        }
        const proof_new paid = {.org_id = p.firm,
                                .means = STR("transfer"),
                                .payer = rq.buyer_name,
                                .paid = rq.issued,
                                .amount_fen = 100,
                                .reference = arena_printf(f->a, "G-%zu", i)};
        assert_int_equal(proof_add(f->app, &firm, &paid, &id, &why) == TQ_OK, rows[i].fine);
    }
    /* a name that it never bore has no grace */
    int64_t id = 0;
    invoice_new rq = invoice_form_of(&p);
    rq.buyer_name = STR("长兴绿能电源有限公司");
    rq.issued = fixture_day(2013, 10, 12);
    ASSERT_FAILS(invoice_add(f->app, &firm, &rq, &id, err), TQ_INVALID, "buyer_name");
    fixture_close(f);
}

static void terms_run(fixture *f, day d, int64_t applications, int64_t claims)
{
    supplement_clocks done;
    const call clock = fixture_as(f, ROLE_SYSTEM, d);
    NEED(supplement_due(f->app, &clock, &done, err));
    assert_int_equal(done.applications, applications);
    assert_int_equal(done.claims, claims);
}

/* R-APPLY-020: ten working days in the scheme; 9 September to 26 September, three holidays off and the
 * Sunday of the 22nd worked. */
static void test_an_application_waits_for_its_supplement(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    const day returned = fixture_day(2013, 9, 9);
    const call intake = fixture_as(f, ROLE_INTAKE, returned);
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, fixture_day(2013, 9, 12));
    application_request rq = {.holder_id = f->firm,
                              .kind_id = fixture_kind(f, "apply"),
                              .way = "immediate",
                              .asked_fen = 100000};
    int64_t id = 0;
    event_value row[AUDITED_COLS_MAX];
    NEED(application_file(f->app, &intake, &rq, &id, err));
    const call desk = fixture_as(f, ROLE_REVIEWER1, returned);
    NEED(application_return(f->app, &desk, id, STR("缺认定证书"), err));
    row_of(f, T_APPLICATION, id, row);
    const day by = {(int32_t)row_num(row, C_APPLICATION_RETURN_BY_DAY)};
    assert_int_equal(by.n, fixture_day(2013, 9, 24).n);
    terms_run(f, by, 0, 0); /* the last day is a good day */

    /* supplied in time, it waits for nobody */
    path other = {.f = f, .d = returned, .firm = fixture_org(f, "enterprise", "按时补正有限公司")};
    fixture_person(f, ROLE_FIRM_AGENT, other.firm, &other.user, &other.person);
    int64_t second = 0;
    rq.holder_id = other.firm;
    NEED(application_file(f->app, &intake, &rq, &second, err));
    NEED(application_return(f->app, &desk, second, STR("缺认定证书"), err));
    other.d = by;
    const call in_time = as_firm(&other);
    NEED(application_submit(f->app, &in_time, second, err));

    terms_run(f, day_add(by, 1), 1, 0);
    terms_run(f, day_add(by, 1), 0, 0);
    row_of(f, T_APPLICATION, id, row);
    assert_true(row_is(row, C_APPLICATION_STATE, "withdrawn"));
    row_of(f, T_DECISION, row_num(row, C_APPLICATION_DECISION_ID), row);
    assert_true(row_is(row, C_DECISION_OUTCOME, "withdrawn"));
    assert_true(row_is(row, C_DECISION_REASON, "supplement_late"));
    assert_true(row_is(row, C_DECISION_FACTS,
                       "{\"return_by\":\"2013-09-24\",\"on\":\"2013-09-25\"}"));
    ASSERT_FAILS(application_submit(f->app, &firm, id, err), TQ_CONFLICT, "state_arrow");
    row_of(f, T_APPLICATION, second, row);
    assert_true(row_is(row, C_APPLICATION_STATE, "submitted"));
    rq.holder_id = f->firm; /* and it may apply anew */
    NEED(application_file(f->app, &intake, &rq, &id, err));
    fixture_close(f);
}

/* R-CLAIM-080: late is not lost while the voucher can still be claimed on. */
static void test_a_claim_waits_as_long_as_it_can_be_paid(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_make(f, false, START);
    event_value row[AUDITED_COLS_MAX];
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    const call reviewer = as(&p, ROLE_REVIEWER1);
    const claim_returning rq = {.claim_id = filed.claim_id, .missing = STR("缺检测报告封面")};
    NEED(claim_return(f->app, &reviewer, &rq, err));
    row_of(f, T_VOUCHER, p.voucher, row);
    const day claim_by = {(int32_t)row_num(row, C_VOUCHER_CLAIM_BY_DAY)};
    terms_run(f, fixture_day(2013, 11, 29), 0, 0); /* its term is over since October */
    const call early = fixture_as(f, ROLE_SYSTEM, fixture_day(2013, 11, 29));
    ASSERT_FAILS(claim_lapse(f->app, &early, filed.claim_id, err), TQ_CONFLICT, "not_due");
    terms_run(f, claim_by, 0, 0);
    terms_run(f, day_add(claim_by, 1), 0, 1);
    ASSERT_STATE(f, filed.claim_id, "withdrawn");
    row_of(f, T_CLAIM, filed.claim_id, row);
    row_of(f, T_DECISION, row_num(row, C_CLAIM_DECISION_ID), row);
    assert_true(row_is(row, C_DECISION_REASON, "supplement_late"));
    order_clocks orders; /* what it held up goes back now */
    const call clock = fixture_as(f, ROLE_SYSTEM, day_add(claim_by, 1));
    assert_true(balance_of(&p, ACC_HOLD) > 0);
    NEED(order_clocks_due(f->app, &clock, &orders, err));
    assert_int_equal(orders.closed, 1);
    assert_int_equal(balance_of(&p, ACC_HOLD), 0);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_group_decides_above),
        cmocka_unit_test(test_a_large_claim_cites_the_group),
        cmocka_unit_test(test_old_names_for_some_days),
        cmocka_unit_test(test_an_application_waits_for_its_supplement),
        cmocka_unit_test(test_a_claim_waits_as_long_as_it_can_be_paid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
