/* SPDX-License-Identifier: Apache-2.0 */
/* A team of founders, which is no legal person: it applies, buys, claims, is paid to a named person or to
 * its host, and becomes a firm on the way. The founding paper recommends teams, so that only a scheme
 * that names them as holders lets them in. */
#include "claim_path.h"

#include "app/bank_account.h"
#include "app/settle.h"
#include "given_claim.h"
#include "policy_steps.h"

static const day START = {15952}; /* 2013-09-04 */

static fixture *county(bool teams)
{
    fixture *f = fixture_open();
    county_ready(f);
    if (teams) {
        policy_step_in_force(f, "  apply:\n    holders: [enterprise, team]\n", "", FIXTURE_DAY);
    }
    return f;
}

static path team_of(fixture *f)
{
    path p = {.f = f,
              .d = START,
              .kind = fixture_kind(f, "apply"),
              .firm = fixture_org(f, "team", "长兴小试电源有限公司")};
    fixture_person(f, ROLE_FIRM_AGENT, p.firm, &p.user, &p.person);
    recognise(f, p.firm);
    return p;
}

static account_rq account_of(int64_t org, const char *holder, const char *letter)
{
    return (account_rq){.org_id = org,
                        .holder = str_of(holder),
                        .number = STR("6222021001112223334"),
                        .bank = STR("长兴农村商业银行"),
                        .bank_code = STR("402336000011"),
                        .letter = str_of(letter)};
}

static void test_only_where_the_scheme_names_teams(void **state)
{
    (void)state;
    for (int teams = 0; teams < 2; teams++) {
        fixture *f = county(teams != 0);
        path p = team_of(f);
        int64_t id = 0;
        application_result r;
        const call firm = as_firm(&p);
        const call desk = as(&p, ROLE_REVIEWER1);
        const application_request rq = {
            .holder_id = p.firm, .kind_id = p.kind, .way = "immediate", .asked_fen = 100000};
        NEED(application_file(f->app, &firm, &rq, &id, err));
        NEED(application_approve(f->app, &desk, id, NULL, &r, err));
        assert_string_equal(r.reason, teams == 0 ? "holder_kind" : "granted");
        fixture_close(f);
    }
}

/* R-ACC-040: 某某 is the name of whoever the fixture registers; here the team's agent. */
static void test_whose_account_may_be_paid(void **state)
{
    (void)state;
    fixture *f = county(true);
    path p = team_of(f);
    const call agent = as_firm(&p);
    const call intake = as(&p, ROLE_INTAKE);
    const call desk = as(&p, ROLE_REVIEWER1);
    int64_t account = 0;
    int64_t link = 0;
    account_rq rq =
        account_of(p.firm, "长兴小试电源有限公司", "委托书1号"); /* its name opens no account */
    ASSERT_FAILS(account_propose(f->app, &agent, &rq, &account, err), TQ_INVALID, "holder_name");
    rq = account_of(p.firm, "旁人", "委托书1号");
    ASSERT_FAILS(account_propose(f->app, &agent, &rq, &account, err), TQ_INVALID, "holder_name");
    rq = account_of(p.firm, "某某", "");
    ASSERT_FAILS(account_propose(f->app, &agent, &rq, &account, err), TQ_INVALID, "no_letter");
    rq = account_of(f->firm, "某某", "委托书1号"); /* a firm is paid in its own name */
    ASSERT_FAILS(account_propose(f->app, &intake, &rq, &account, err), TQ_INVALID, "holder_name");
    rq = account_of(p.firm, "某某", "委托书1号");
    NEED(account_propose(f->app, &agent, &rq, &account, err));
    NEED(account_confirm(f->app, &desk, account, err));

    rq = account_of(p.firm, "绿色动力", ""); /* the host: only with a link */
    const int64_t host = fixture_org(f, "enterprise", "绿色动力");
    ASSERT_FAILS(account_propose(f->app, &agent, &rq, &account, err), TQ_INVALID, "holder_name");
    const org_link_rq ln = {
        .org_id = p.firm, .kind = STR("account"), .other_id = host, .letter = STR("入驻协议3号")};
    NEED(org_link_set(f->app, &intake, &ln, &link, err));
    NEED(account_propose(f->app, &agent, &rq, &account, err));
    NEED(account_confirm(f->app, &desk, account, err));

    /* and money goes there */
    const day run = fixture_day(2013, 11, 20);
    const int64_t src = fixture_fund(f, "apply", 10000000, FIXTURE_DAY);
    (void)given_claim(f, src, p.firm, 0, 100000, 100000, 50000);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, run);
    const batch_collect_request collect = {.period = STR("2013Q3")};
    batch_report made;
    NEED(batch_collect(f->app, &maker, &collect, &made, err));
    assert_int_equal(made.count, 1);
    TX_AUTO store_tx *tx = NULL;
    batch_line_view v;
    size_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(batch_lines(tx, made.batch_id, 0, f->a, &v, 1, &n, err));
    assert_int_equal(v.account_id, account);
    store_rollback(&tx);
    fixture_close(f);
}

/* The claim is in review when the team becomes a firm: the firm's account is paid in the end. */
static void test_it_becomes_a_firm(void **state)
{
    (void)state;
    fixture *f = county(true);
    path p = team_of(f);
    voucher_make(&p);
    p.order = order_make(&p, CONTRACT_FEN, 0);
    order_finish(&p, p.order);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, p.d);
    claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    p.d = day_add(START, 2);
    const int64_t firm = fixture_org(f, "enterprise", "小试新能源有限公司");
    const call office = as(&p, ROLE_OFFICE);
    NEED(org_succeed(f->app, &office, p.firm, firm, err));
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_ORGANISATION, p.firm, row);
    assert_true(row_is(row, C_ORGANISATION_STATE, "converted"));
    row_of(f, T_CLAIM, filed.claim_id, row);
    assert_int_equal(row_num(row, C_CLAIM_PAYEE_ID), firm);
    memcpy(filed.content, row_str(row, C_CLAIM_CONTENT).data, 64);
    path_check(&p, &filed, 0);
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_where_the_scheme_names_teams),
        cmocka_unit_test(test_whose_account_may_be_paid),
        cmocka_unit_test(test_it_becomes_a_firm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
