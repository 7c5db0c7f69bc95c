/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/bank_result.h"
#include "app/organisation.h"
#include "app/sanction.h"
#include "app/settle.h"
#include "app/view.h"
#include "given_claim.h"

#define YUAN INT64_C(100)
#define DAY_RUN fixture_day(2013, 11, 20)
#define APPEAL_OVER fixture_day(2013, 12, 31) /* the scheme gives fifteen working days */

static int64_t source_of(fixture *f)
{
    return fixture_fund(f, "apply", 1000000 * YUAN, FIXTURE_DAY);
}

static decision_paper paper_of(const char *number)
{
    return (decision_paper){.number = str_of(number), .day = DAY_RUN};
}

/* A case against the organisation, heard. */
static int64_t case_heard(fixture *f, int64_t org_id)
{
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const case_open_request rq = {org_id, STR("false_use")};
    case_result made;
    NEED(case_open(f->app, &office, &rq, &made, err));
    assert_true(str_starts(str_of(made.number.text), STR("S330522-2013-")));
    const case_step_request hear = {.case_id = made.case_id, .paper = paper_of("听证〔2013〕1号")};
    NEED(case_hear(f->app, &office, &hear, err));
    return made.case_id;
}

static case_decide_report decide(fixture *f, int64_t case_id, const improper_part *parts, size_t n,
                                 bool no_ban)
{
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const case_decide_request rq = {.case_id = case_id,
                                    .paper = paper_of("协调小组纪要〔2013〕2号"),
                                    .reason = STR("虚假使用"),
                                    .no_ban = no_ban,
                                    .parts = parts,
                                    .n_parts = n,
                                    .due = day_add(DAY_RUN, 30)};
    case_decide_report r;
    NEED(case_decide(f->app, &group, &rq, &r, err));
    return r;
}

static batch_report run_released(fixture *f)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const batch_collect_request rq = {.period = STR("2013Q3")};
    batch_report r;
    NEED(batch_collect(f->app, &maker, &rq, &r, err));
    assert_true(r.batch_id != 0);
    NEED(batch_lock(f->app, &maker, r.batch_id, &r, err));
    const batch_release_request go = {r.batch_id, arena_copy(f->a, str_of(r.list_sha256))};
    NEED(batch_release(f->app, &checker, &go, &r, err));
    return r;
}

/* Sends the batch and lets the bank pay every line of it. */
static void run_paid(fixture *f, int64_t batch_id)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_report r;
    batch_line_view lines[16];
    size_t n = 0;
    NEED(batch_send(f->app, &maker, batch_id, &r, err));
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(batch_lines(tx, batch_id, 0, f->a, lines, TQ_COUNT(lines), &n, err));
    }
    BUF_AUTO buf b = buf_max(65536);
    buf_text(&b, "payment_no,amount,status,reason,date\n");
    for (size_t i = 0; i < n; i++) {
        if (str_eq(lines[i].state, STR("released"))) {
            buf_printf(&b, "%.*s,%lld.%02lld,paid,,2013-11-20\n", STR_ARG(lines[i].payment_no),
                       (long long)lines[i].amount_fen / 100, (long long)lines[i].amount_fen % 100);
        }
    }
    const bank_result_request rq = {.bytes = buf_view(&b)};
    bank_result_report result;
    NEED(bank_result_apply(f->app, &maker, &rq, &result, err));
    assert_int_equal(result.unmatched, 0);
}

/* issued = voucher + hold + payable + transit + paid + owed + recovered + written_off + back (I4) */
static void identity_holds(fixture *f, const given *g, int64_t issued, int64_t back)
{
    static const ledger_account inside[] = {ACC_VOUCHER, ACC_HOLD, ACC_PAYABLE,   ACC_TRANSIT,
                                            ACC_PAID,    ACC_OWED, ACC_RECOVERED, ACC_WRITTEN_OFF};
    int64_t sum = back;
    for (size_t i = 0; i < TQ_COUNT(inside); i++) {
        sum += given_money(f, inside[i], g->voucher_id, 0);
    }
    assert_int_equal(sum, issued);
}

/* R-BAN-010, P-55 */
static void test_decision_stops_everything(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t bad = fixture_org(f, "enterprise", "长兴虚用有限公司");
    (void)fixture_account(f, f->firm, DAY_RUN);
    (void)fixture_account(f, bad, DAY_RUN);
    (void)fixture_account(f, f->institution, DAY_RUN);
    const given own = given_claim(f, src, bad, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    const given lab = given_claim(f, src, bad, f->institution, 1000 * YUAN, 700 * YUAN, 400 * YUAN);
    (void)given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 300 * YUAN);
    const batch_report run = run_released(f);
    assert_int_equal(run.total_fen, 1200 * YUAN);

    const int64_t pool = fixture_balance(f, ACC_POOL, 0) + fixture_balance(f, ACC_LAPSED, 0);
    const case_decide_report r = decide(f, case_heard(f, bad), NULL, 0, false);
    assert_int_equal(r.vouchers, 2);
    assert_int_equal(r.claims, 1);
    assert_int_equal(r.lines, 1);
    assert_int_equal(r.kept, 1); /* the institution delivered before: good faith */
    assert_int_equal(r.with_bank, 0);
    assert_int_equal(r.ban_to.n, fixture_day(2016, 11, 19).n); /* three years from effect */
    assert_int_equal(given_money(f, ACC_TRANSIT, own.voucher_id, own.claim_id), 0);
    assert_int_equal(given_money(f, ACC_TRANSIT, lab.voucher_id, lab.claim_id), 400 * YUAN);
    assert_true(str_eq(given_text(f, T_CLAIM, own.claim_id, C_CLAIM_STATE), STR("refused")));
    assert_true(str_eq(given_text(f, T_VOUCHER, own.voucher_id, C_VOUCHER_STATE),
                       STR("cancelled")));
    const int64_t back = fixture_balance(f, ACC_POOL, 0) + fixture_balance(f, ACC_LAPSED, 0) - pool;
    assert_int_equal(back, r.lapsed_fen);
    identity_holds(f, &own, 1000 * YUAN, 1000 * YUAN); /* all of it went back */

    run_paid(f, run.batch_id);
    assert_int_equal(fixture_balance(f, ACC_PAID, 0),
                     700 * YUAN); /* the firm's 300 and the lab's 400 */
    assert_int_equal(fixture_balance(f, ACC_TRANSIT, 0), 0);
    fixture_close(f);
}

static int64_t recovery_of(fixture *f, int64_t org_id, int64_t *open)
{
    TX_AUTO store_tx *tx = NULL;
    open_recovery o;
    size_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(recovery_open(tx, f->programme_id, org_id, f->a, &o, 1, &n, err));
    *open = n == 0 ? 0 : o.open_fen;
    return n == 0 ? 0 : o.id;
}

static void test_recovery_collect_set_off(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given old = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    run_paid(f, run_released(f).batch_id);
    const int64_t kase = case_heard(f, f->firm);

    tq_err why = {0};
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const improper_part much = {old.claim_id, 501 * YUAN};
    const case_decide_request over = {.case_id = kase,
                                      .paper = paper_of("纪要"),
                                      .reason = STR("多报"),
                                      .parts = &much,
                                      .n_parts = 1,
                                      .due = DAY_RUN};
    case_decide_report r;
    assert_int_equal(case_decide(f->app, &group, &over, &r, &why), TQ_INVALID);
    assert_string_equal(why.reason, "recovery_amount");

    const improper_part part = {old.claim_id, 200 * YUAN};
    r = decide(f, kase, &part, 1, true); /* only the improper part, and no ban: debts are set off */
    assert_int_equal(r.recovery_fen, 200 * YUAN);
    assert_int_equal(given_money(f, ACC_OWED, old.voucher_id, old.claim_id), 200 * YUAN);
    assert_int_equal(given_money(f, ACC_PAID, old.voucher_id, old.claim_id), 300 * YUAN);

    int64_t open = 0;
    int64_t budget = 0;
    const int64_t id = recovery_of(f, f->firm, &open);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const recovery_request in = {id, 50 * YUAN, STR("回单 20131120001")};
    NEED(recovery_collect(f->app, &maker, &in, err));
    const recovery_request out = {id, 50 * YUAN, STR("缴款书 1")};
    NEED(recovery_hand_back(f->app, &checker, &out, &budget, err));
    assert_int_equal(budget, 50 * YUAN); /* money of this year reinstates the budget */
    assert_int_equal(recovery_hand_back(f->app, &checker, &out, &budget, &why), TQ_CONFLICT);

    /* 150 are still owed: the next claim of 100 is set off whole, that of 120 in part. */
    const given whole = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 100 * YUAN);
    const given half = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 120 * YUAN);
    const batch_report run = run_released(f);
    assert_int_equal(run.set_off_fen, 150 * YUAN);
    assert_int_equal(run.total_fen, 70 * YUAN);
    assert_int_equal(run.count, 1);
    assert_true(str_eq(given_text(f, T_CLAIM, whole.claim_id, C_CLAIM_STATE), STR("paid")));
    run_paid(f, run.batch_id);
    assert_int_equal(given_num(f, T_CLAIM, half.claim_id, C_CLAIM_PAID_FEN), 120 * YUAN);
    assert_int_equal(recovery_of(f, f->firm, &open), 0);
    assert_true(str_eq(given_text(f, T_RECOVERY, id, C_RECOVERY_STATE), STR("settled")));
    identity_holds(f, &old, 1000 * YUAN, 50 * YUAN);

    /* R-SANC-140: while an appeal may come nothing is closed. */
    const call early = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, APPEAL_OVER);
    const call late = fixture_as(f, ROLE_FIRM_AGENT, APPEAL_OVER);
    const case_step_request step = {.case_id = kase, .reason = STR("结案")};
    ASSERT_FAILS(case_enforce(f->app, &early, &step, err), TQ_CONFLICT, "appeal_open");
    ASSERT_FAILS(case_appeal(f->app, &late, &step, err), TQ_CONFLICT, "appeal_late");
    ASSERT_FAILS(case_accept(f->app, &late, kase, err), TQ_CONFLICT, "appeal_late");
    NEED(case_enforce(f->app, &office, &step, err));
    NEED(case_close(f->app, &office, &step, err));
    fixture_close(f);
}

static view_rows children_of(fixture *f, view_id parent, view_id child, int64_t id)
{
    const view *v = view_of(parent);
    view_rows rows = {0};
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    for (int i = 0; i < v->n_children; i++) {
        if (v->children[i].view == child) {
            NEED(view_children(tx, &v->children[i], id, f->a, &rows, err));
        }
    }
    assert_non_null(rows.of); /* it is a child */
    return rows;
}

static tq_code plan(fixture *f, role r, int64_t recovery_id, const instalment *parts, size_t n,
                    tq_err *err)
{
    const call c = fixture_as(f, r, DAY_RUN);
    const recovery_plan_request rq = {recovery_id, paper_of("纪要〔2013〕21号"), parts, n};
    return recovery_plan(f->app, &c, &rq, err);
}

/* R-SANC-100 */
static void test_instalments(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given old = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    run_paid(f, run_released(f).batch_id);
    const improper_part part = {old.claim_id, 200 * YUAN};
    (void)decide(f, case_heard(f, f->firm), &part, 1, true);
    int64_t open = 0;
    const int64_t id = recovery_of(f, f->firm, &open);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const recovery_request first = {id, 50 * YUAN, STR("回单 1")};
    NEED(recovery_collect(f->app, &maker, &first, err));

    const day next = day_add_months(DAY_RUN, 1);
    const instalment wrong[][3] = {
        {{DAY_RUN, 50 * YUAN}, {next, 50 * YUAN}, {day_add(next, 1), 51 * YUAN}},
        {{next, 50 * YUAN}, {next, 50 * YUAN}, {day_add(next, 1), 50 * YUAN}},
        {{day_add(DAY_RUN, -1), 50 * YUAN}, {next, 50 * YUAN}, {day_add(next, 1), 50 * YUAN}},
        {{DAY_RUN, 0}, {next, 50 * YUAN}, {day_add(next, 1), 100 * YUAN}},
    };
    const int64_t before = fixture_events(f);
    for (size_t i = 0; i < TQ_COUNT(wrong); i++) {
        ASSERT_FAILS(plan(f, ROLE_GROUP, id, wrong[i], 3, err), TQ_INVALID, "instalments");
    }
    const instalment parts[] = {
        {DAY_RUN, 30 * YUAN}, {next, 70 * YUAN}, {day_add(next, 30), 50 * YUAN}};
    ASSERT_FAILS(plan(f, ROLE_GROUP, id, parts, 1, err), TQ_INVALID, "instalments");
    ASSERT_FAILS(plan(f, ROLE_FINANCE_MAKER, id, parts, 3, err), TQ_FORBIDDEN, "no_role");
    assert_int_equal(fixture_events(f), before);
    NEED(plan(f, ROLE_GROUP, id, parts, 3, err));
    assert_int_equal(given_num(f, T_RECOVERY, id, C_RECOVERY_DUE_DAY), parts[2].due.n);

    /* the first is paid up by what comes in afterwards, not by what came before */
    const int at = view_field_at(view_of(VIEW_RECOVERY_INSTALMENT), "in_full");
    view_rows rows = children_of(f, VIEW_RECOVERY, VIEW_RECOVERY_INSTALMENT, id);
    assert_int_equal(rows.n, 3);
    assert_int_equal(rows.rows[0].values[at].n, 0);
    const recovery_request in = {id, 30 * YUAN, STR("回单 2")};
    NEED(recovery_collect(f->app, &maker, &in, err));
    rows = children_of(f, VIEW_RECOVERY, VIEW_RECOVERY_INSTALMENT, id);
    assert_int_equal(rows.rows[0].values[at].n, 1);
    assert_int_equal(rows.rows[1].values[at].n, 0);

    /* a new plan takes its place */
    const instalment again[] = {{next, 100 * YUAN}, {day_add(next, 60), 20 * YUAN}};
    NEED(plan(f, ROLE_GROUP, id, again, 2, err));
    assert_int_equal(children_of(f, VIEW_RECOVERY, VIEW_RECOVERY_INSTALMENT, id).n, 2);
    fixture_close(f);
}

static void owner_is(fixture *f, int64_t org_id, const char *kind, const char *who)
{
    int64_t id = 0;
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const org_fact_rq rq = {
        .org_id = org_id, .kind = str_of(kind), .value = str_of(who), .from = FIXTURE_DAY};
    NEED(org_fact_record(f->app, &office, &rq, &id, err));
}

/* P-31: a ban follows the people behind a firm as a warning, and stops nobody by itself. */
static void test_ban_follows_as_a_warning(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t near = fixture_org(f, "enterprise", "长兴新壳有限公司");
    const int64_t far = fixture_org(f, "enterprise", "长兴无关有限公司");
    owner_is(f, f->firm, "owner", "张三");
    owner_is(f, near, "representative", "张三");
    owner_is(f, far, "owner", "李四");
    assert_int_equal(children_of(f, VIEW_ORGANISATION, VIEW_BAN_NEAR_ORG, near).n, 0);
    (void)decide(f, case_heard(f, f->firm), NULL, 0, false);
    assert_int_equal(children_of(f, VIEW_ORGANISATION, VIEW_BAN_NEAR_ORG, near).n, 1);
    assert_int_equal(children_of(f, VIEW_ORGANISATION, VIEW_BAN_NEAR_ORG, far).n, 0);
    assert_int_equal(children_of(f, VIEW_ORGANISATION, VIEW_BAN_NEAR_ORG, f->firm).n, 0);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(ban_check(tx, f->programme_id, near, DAY_RUN, err));
    }
    fixture_close(f);
}

/* R-SANC-120 */
static void test_whom_it_is_about_states_its_case(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t kase = case_heard(f, f->firm);
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    const call lab = fixture_as(f, ROLE_INST_AGENT, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    ASSERT_FAILS(case_state(f->app, &firm, kase, STR(" \n"), err), TQ_INVALID, "statement");
    ASSERT_FAILS(case_state(f->app, &lab, kase, STR("不实"), err), TQ_FORBIDDEN, "not_yours");
    ASSERT_FAILS(case_state(f->app, &office, kase, STR("不实"), err), TQ_FORBIDDEN, "no_role");
    NEED(case_state(f->app, &firm, kase, STR("检测报告原件可供核对。\n请到现场。"), err));
    NEED(case_state(f->app, &firm, kase, STR("补充：付款回单"), err));
    const view_rows said = children_of(f, VIEW_VIOLATION_CASE, VIEW_CASE_STATEMENT, kase);
    assert_int_equal(said.n, 2);
    assert_true(str_eq(said.rows[1].values[view_field_at(said.of, "statement")].s,
                       STR("补充：付款回单")));
    (void)decide(f, kase, NULL, 0, false);
    ASSERT_FAILS(case_state(f->app, &firm, kase, STR("晚了"), err), TQ_CONFLICT, "state_arrow");
    fixture_close(f);
}

/* R-SANC-060 */
static void test_appeal_won(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    run_paid(f, run_released(f).batch_id);
    const int64_t kase = case_heard(f, f->firm);
    const improper_part part = {g.claim_id, 200 * YUAN};
    const case_decide_report r = decide(f, kase, &part, 1, false);
    assert_true(r.ban_id != 0);
    int64_t open = 0;
    int64_t budget = 0;
    const int64_t id = recovery_of(f, f->firm, &open);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const recovery_request in = {id, 120 * YUAN, STR("回单 1")};
    const recovery_request back = {id, 30 * YUAN, STR("缴款书 1")};
    NEED(recovery_collect(f->app, &maker, &in, err));
    NEED(recovery_hand_back(f->app, &checker, &back, &budget, err));
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const case_step_request appeal = {.case_id = kase, .reason = STR("不服")};
    const case_step_request won = {
        .case_id = kase, .paper = paper_of("复议〔2013〕1号"), .reason = STR("证据不足")};
    NEED(case_appeal(f->app, &firm, &appeal, err));
    NEED(case_dismiss(f->app, &group, &won, err));
    assert_int_equal(given_money(f, ACC_PAID, g.voucher_id, g.claim_id), 380 * YUAN);
    assert_int_equal(given_money(f, ACC_PAYABLE, g.voucher_id, g.claim_id), 120 * YUAN);
    assert_int_equal(given_money(f, ACC_OWED, g.voucher_id, g.claim_id), 0);
    assert_int_equal(given_money(f, ACC_RECOVERED, g.voucher_id, g.claim_id), 0);
    assert_true(str_eq(given_text(f, T_BAN, r.ban_id, C_BAN_STATE), STR("lifted")));
    run_paid(f, run_released(f).batch_id);
    assert_int_equal(given_money(f, ACC_PAID, g.voucher_id, g.claim_id), 500 * YUAN);
    assert_int_equal(given_num(f, T_CLAIM, g.claim_id, C_CLAIM_PAID_FEN), 500 * YUAN);
    fixture_close(f);
}

/* A paid claim of which 200 are owed, and the firm's appeal. */
static given appealed(fixture *f, int64_t *kase, int64_t *debt)
{
    int64_t open = 0;
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, source_of(f), f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    run_paid(f, run_released(f).batch_id);
    *kase = case_heard(f, f->firm);
    const improper_part part = {g.claim_id, 200 * YUAN};
    (void)decide(f, *kase, &part, 1, false);
    *debt = recovery_of(f, f->firm, &open);
    assert_int_equal(open, 200 * YUAN);
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    const case_step_request appeal = {.case_id = *kase, .reason = STR("不服")};
    NEED(case_appeal(f->app, &firm, &appeal, err));
    return g;
}

/* R-SANC-070: the demonstration scheme lets an appeal suspend; the ban holds all the same. */
static void test_appeal_suspends(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t kase = 0;
    int64_t debt = 0;
    const given g = appealed(f, &kase, &debt);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const recovery_request in = {debt, 200 * YUAN, STR("回单 7")};
    const case_step_request step = {.case_id = kase};
    assert_int_equal(recovery_collect(f->app, &maker, &in, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "appeal_suspends");
    assert_int_equal(case_enforce(f->app, &office, &step, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "appeal_suspends");
    assert_int_equal(given_money(f, ACC_OWED, g.voucher_id, g.claim_id), 200 * YUAN);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    assert_int_equal(ban_check(tx, f->programme_id, f->firm, DAY_RUN, &why), TQ_REFUSED);
    store_rollback(&tx);
    fixture_close(f);
}

/* R-SANC-080: where an appeal does not suspend, money comes in and the case is enforced with the last of it. */
static void test_appeal_proceeds(void **state)
{
    (void)state;
    fixture *f = fixture_open_changed("appeal: suspends", "appeal: proceeds");
    tq_err why = {0};
    int64_t kase = 0;
    int64_t debt = 0;
    (void)appealed(f, &kase, &debt);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const recovery_request in = {debt, 199 * YUAN, STR("回单 8")};
    const recovery_request last = {debt, 1 * YUAN, STR("回单 9")};
    const case_step_request step = {.case_id = kase};
    NEED(recovery_collect(f->app, &maker, &in, err));
    assert_int_equal(case_enforce(f->app, &office, &step, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "still_owed");
    NEED(recovery_collect(f->app, &maker, &last, err));
    NEED(case_enforce(f->app, &office, &step, err));
    assert_true(str_eq(given_text(f, T_VIOLATION_CASE, kase, C_VIOLATION_CASE_STATE),
                       STR("enforced")));
    fixture_close(f);
}

/* R-SANC-090: won in part. What the firm may keep is paid as before, the rest is collected and enforced; the
 * ban stays and nobody appeals again. */
static void test_appeal_won_in_part(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t kase = 0;
    int64_t debt = 0;
    int64_t decision = 0;
    const given g = appealed(f, &kase, &debt);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    improper_part less[2] = {{g.claim_id, 201 * YUAN}, {g.claim_id, 1}};
    case_uphold_request rq = {.case_id = kase,
                              .paper = paper_of("复议〔2013〕2号"),
                              .reason = STR("部分用于研发"),
                              .parts = less,
                              .n_parts = 2};
    assert_int_equal(case_uphold(f->app, &group, &rq, &decision, &why), TQ_INVALID);
    assert_string_equal(why.reason, "claim_twice");
    rq.n_parts = 1;
    assert_int_equal(case_uphold(f->app, &group, &rq, &decision, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "insufficient");
    less[0].amount_fen = 150 * YUAN;
    assert_int_equal(case_uphold(f->app, &office, &rq, &decision, &why), TQ_FORBIDDEN);
    NEED(case_uphold(f->app, &group, &rq, &decision, err));
    assert_int_equal(given_money(f, ACC_OWED, g.voucher_id, g.claim_id), 50 * YUAN);
    assert_int_equal(given_money(f, ACC_PAID, g.voucher_id, g.claim_id), 450 * YUAN);
    assert_int_equal(given_num(f, T_CLAIM, g.claim_id, C_CLAIM_PAID_FEN), 500 * YUAN);

    const call firm = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    const case_step_request step = {.case_id = kase, .reason = STR("仍不服")};
    assert_int_equal(case_appeal(f->app, &firm, &step, &why), TQ_CONFLICT);
    assert_int_equal(case_enforce(f->app, &office, &step, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "still_owed");
    const recovery_request in = {debt, 50 * YUAN, STR("回单 7")};
    NEED(recovery_collect(f->app, &maker, &in, err));
    NEED(case_enforce(f->app, &office, &step, err));
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    assert_int_equal(ban_check(tx, f->programme_id, f->firm, DAY_RUN, &why), TQ_REFUSED);
    store_rollback(&tx);
    fixture_close(f);
}

static void part_is(const view_rows *rows, int i, int64_t fen, bool in_full)
{
    const view_row *r = &rows->rows[i];
    assert_int_equal(r->values[view_field_at(rows->of, "amount")].n, fen);
    assert_int_equal(r->values[view_field_at(rows->of, "in_full")].n, in_full ? 1 : 0);
}

/* R-SANC-160: 40 of 200 came in, the rest in three parts; the appeal lowers the debt by 90, later the rest comes in
 * and every part that is left is in full. */
static void test_a_lowered_debt_lowers_its_plan(void **state)
{
    (void)state;
    fixture *f = fixture_open_changed("appeal: suspends", "appeal: proceeds");
    int64_t kase = 0;
    int64_t debt = 0;
    int64_t decision = 0;
    const given g = appealed(f, &kase, &debt);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const recovery_request first = {debt, 40 * YUAN, STR("回单 1")};
    NEED(recovery_collect(f->app, &maker, &first, err));
    const day next = day_add_months(DAY_RUN, 1);
    const instalment parts[] = {
        {DAY_RUN, 30 * YUAN}, {next, 60 * YUAN}, {day_add(next, 30), 70 * YUAN}};
    NEED(plan(f, ROLE_GROUP, debt, parts, 3, err));
    const recovery_request second = {debt, 30 * YUAN, STR("回单 2")};
    NEED(recovery_collect(f->app, &maker, &second, err));
    const improper_part less = {g.claim_id, 90 * YUAN};
    const case_uphold_request rq = {.case_id = kase,
                                    .paper = paper_of("复议〔2013〕4号"),
                                    .reason = STR("部分用于研发"),
                                    .parts = &less,
                                    .n_parts = 1};
    NEED(case_uphold(f->app, &group, &rq, &decision, err));
    view_rows rows = children_of(f, VIEW_RECOVERY, VIEW_RECOVERY_INSTALMENT, debt);
    assert_int_equal(rows.n, 2);
    part_is(&rows, 0, 30 * YUAN, true);
    part_is(&rows, 1, 40 * YUAN, false);
    assert_int_equal(given_num(f, T_RECOVERY, debt, C_RECOVERY_DUE_DAY), next.n);
    const recovery_request last = {debt, 40 * YUAN, STR("回单 3")};
    NEED(recovery_collect(f->app, &maker, &last, err));
    rows = children_of(f, VIEW_RECOVERY, VIEW_RECOVERY_INSTALMENT, debt);
    part_is(&rows, 1, 40 * YUAN, true);
    assert_true(str_eq(given_text(f, T_RECOVERY, debt, C_RECOVERY_STATE), STR("settled")));
    fixture_close(f);
}

/* R-SANC-060: what was written off is the firm's by right when it wins. */
static void test_an_appeal_won_after_a_write_off(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t kase = 0;
    int64_t debt = 0;
    const given g = appealed(f, &kase, &debt);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const decision_paper minutes = paper_of("纪要〔2013〕5号");
    NEED(recovery_write_off(f->app, &group, debt, 70 * YUAN, &minutes, err));
    const case_step_request won = {
        .case_id = kase, .paper = paper_of("复议〔2013〕5号"), .reason = STR("证据不足")};
    NEED(case_dismiss(f->app, &group, &won, err));
    assert_int_equal(given_money(f, ACC_WRITTEN_OFF, g.voucher_id, g.claim_id), 0);
    assert_int_equal(given_money(f, ACC_OWED, g.voucher_id, g.claim_id), 0);
    assert_int_equal(given_money(f, ACC_PAID, g.voucher_id, g.claim_id), 500 * YUAN);
    assert_int_equal(given_num(f, T_CLAIM, g.claim_id, C_CLAIM_PAID_FEN), 500 * YUAN);
    fixture_close(f);
}

/* The whole recovery falls away, the ban does not: the case is enforced with nothing to collect. */
static void test_appeal_against_the_money_won(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t kase = 0;
    int64_t debt = 0;
    int64_t decision = 0;
    const given g = appealed(f, &kase, &debt);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const improper_part all = {g.claim_id, 200 * YUAN};
    case_uphold_request rq = {.case_id = kase,
                              .paper = paper_of("复议〔2013〕3号"),
                              .reason = STR("金额全部属实"),
                              .parts = &all,
                              .n_parts = 1};
    NEED(case_uphold(f->app, &group, &rq, &decision, err));
    assert_true(str_eq(given_text(f, T_RECOVERY, debt, C_RECOVERY_STATE), STR("annulled")));
    assert_int_equal(given_money(f, ACC_OWED, g.voucher_id, g.claim_id), 0);
    assert_int_equal(given_money(f, ACC_PAID, g.voucher_id, g.claim_id), 500 * YUAN);
    assert_int_equal(case_uphold(f->app, &group, &rq, &decision, &why), TQ_INVALID);
    assert_string_equal(why.reason, "claim_number");
    const case_step_request step = {.case_id = kase};
    NEED(case_enforce(f->app, &office, &step, err));
    fixture_close(f);
}

static void test_ban_ends(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const case_decide_report r = decide(f, case_heard(f, f->firm), NULL, 0, false);
    int64_t n = -1;
    assert_true(given_text(f, T_BAN, r.ban_id, C_BAN_ARTICLE).len > 0); /* what it is founded on */
    const call last = fixture_as(f, ROLE_SYSTEM, r.ban_to);
    NEED(ban_end_due(f->app, &last, &n, err));
    assert_int_equal(n, 0);
    const call next = fixture_as(f, ROLE_SYSTEM, day_add(r.ban_to, 1));
    NEED(ban_end_due(f->app, &next, &n, err));
    assert_int_equal(n, 1);
    assert_true(str_eq(given_text(f, T_BAN, r.ban_id, C_BAN_STATE), STR("ended")));
    NEED(ban_end_due(f->app, &next, &n, err));
    assert_int_equal(n, 0);
    fixture_close(f);
}

static void test_authority(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    case_decide_report r;
    const int64_t kase = case_heard(f, f->firm);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const case_decide_request rq = {
        .case_id = kase, .paper = paper_of("纪要"), .reason = STR("转让")};
    const case_decide_request no_paper = {.case_id = kase, .reason = STR("转让")};
    assert_int_equal(case_decide(f->app, &office, &rq, &r, &why),
                     TQ_FORBIDDEN); /* the group decides */
    assert_int_equal(case_decide(f->app, &group, &no_paper, &r, &why), TQ_INVALID);
    assert_string_equal(why.reason, "paper");
    NEED(case_decide(f->app, &group, &rq, &r, err));
    assert_int_equal(case_decide(f->app, &group, &rq, &r, &why), TQ_CONFLICT);

    /* R-SANC-130: who heard does not decide, whatever role both were done in. */
    case_result own;
    const case_open_request open = {f->institution, STR("other")};
    NEED(case_open(f->app, &group, &open, &own, err));
    const case_step_request hear = {.case_id = own.case_id, .paper = paper_of("听证〔2013〕2号")};
    NEED(case_hear(f->app, &group, &hear, err));
    const case_decide_request alone = {
        .case_id = own.case_id, .paper = paper_of("纪要"), .reason = STR("转让")};
    ASSERT_FAILS(case_decide(f->app, &group, &alone, &r, err), TQ_FORBIDDEN, "same_person");
    /* Orders of others are nobody's bad faith here. */
    const int64_t strange = 1;
    case_decide_request wrong = alone;
    wrong.no_ban = true;
    wrong.denied = &strange;
    wrong.n_denied = 1;
    ASSERT_FAILS(case_decide(f->app, &group, &wrong, &r, err), TQ_INVALID, "denied_orders");
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decision_stops_everything),
        cmocka_unit_test(test_recovery_collect_set_off),
        cmocka_unit_test(test_instalments),
        cmocka_unit_test(test_whom_it_is_about_states_its_case),
        cmocka_unit_test(test_ban_follows_as_a_warning),
        cmocka_unit_test(test_appeal_won),
        cmocka_unit_test(test_ban_ends),
        cmocka_unit_test(test_authority),
        cmocka_unit_test(test_appeal_suspends),
        cmocka_unit_test(test_appeal_proceeds),
        cmocka_unit_test(test_appeal_won_in_part),
        cmocka_unit_test(test_a_lowered_debt_lowers_its_plan),
        cmocka_unit_test(test_an_appeal_won_after_a_write_off),
        cmocka_unit_test(test_appeal_against_the_money_won),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
