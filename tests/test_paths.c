/* SPDX-License-Identifier: Apache-2.0 */
/* Ways of money that are seldom gone, each asserted to the fen: a debt written off, a payment that the
 * bank does not know of and then does, a run of more than a slice, a violation of an institution, what
 * lapses, a top-up that came back. */
#include "path_county.h"

#include <string.h>

#include "app/bank_result.h"
#include "app/payment_list.h"
#include "app/settle.h"
#include "app/watch_report.h"

#define YUAN INT64_C(100)
#define DAY_RUN fixture_day(2013, 11, 20)

/* --- payment ------------------------------------------------------------------------------------ */

static batch_report run_sent(void)
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
    NEED(batch_send(f->app, &maker, r.batch_id, &r, err));
    return r;
}

/* The bank says this word of every line of the batch that has been sent. */
static bank_result_report all_lines(int64_t batch, const char *word, size_t lines)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_line_view *v = ARENA_NEW(f->a, batch_line_view, lines);
    size_t n = 0;
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(batch_lines(tx, batch, 0, f->a, v, lines, &n, err));
    }
    assert_int_equal(n, lines);
    BUF_AUTO buf b = buf_max(1024 * 1024);
    buf_text(&b, "payment_no,amount,status,reason,date\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%.*s,%lld.%02lld,%s,%s,2013-11-20\n", STR_ARG(v[i].payment_no),
                   (long long)v[i].amount_fen / 100, (long long)v[i].amount_fen % 100, word,
                   strcmp(word, "returned") == 0 ? "account closed" : "");
    }
    const bank_result_request rq = {.bytes = buf_view(&b)};
    bank_result_report r;
    NEED(bank_result_apply(f->app, &maker, &rq, &r, err));
    assert_int_equal(r.unmatched, 0);
    return r;
}

static str claim_state(const given *g)
{
    return given_text(f, T_CLAIM, g->claim_id, C_CLAIM_STATE);
}

/* The bank does not know: the money stays on its way, until it does. */
static void unknown_and_then(const char *word, const char *state, ledger_account account)
{
    const int64_t source = fixture_fund(f, "apply", 100000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, source, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    const batch_report run = run_sent();
    assert_int_equal(all_lines(run.batch_id, "unknown", 1).unknown, 1);
    assert_true(str_eq(claim_state(&g), STR("unknown")));
    assert_true(given_money(f, ACC_TRANSIT, g.voucher_id, g.claim_id) == 500 * YUAN);
    assert_true(str_eq(given_text(f, T_BATCH, run.batch_id, C_BATCH_STATE), STR("sent")));
    (void)all_lines(run.batch_id, word, 1);
    assert_true(str_eq(claim_state(&g), str_of(state)));
    assert_true(given_money(f, account, g.voucher_id, g.claim_id) == 500 * YUAN);
    assert_true(given_money(f, ACC_TRANSIT, g.voucher_id, 0) == 0);
    assert_true(str_eq(given_text(f, T_BATCH, run.batch_id, C_BATCH_STATE), STR("reconciled")));
    identity_holds(g.voucher_id, 1000 * YUAN, 0);
    /* The older word, told again, opens nothing. */
    const int64_t events = fixture_events(f);
    assert_true(all_lines(run.batch_id, "unknown", 1).seen_before);
    assert_true(fixture_events(f) == events);
}

static void unknown_then_paid(void **state)
{
    (void)state;
    unknown_and_then("paid", "paid", ACC_PAID);
}

static void unknown_then_returned(void **state)
{
    (void)state;
    unknown_and_then("returned", "returned_by_bank", ACC_PAYABLE);
}

#define MANY (SETTLE_SLICE + 3)

/* One run whose events come in slices: count, sum and list are those of the whole. */
static void a_run_of_more_than_a_slice(void **state)
{
    (void)state;
    int64_t total = 0;
    payment_list_file one = {0};
    payment_list_file again = {0};
    const int64_t source = fixture_fund(f, "apply", 10000000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, DAY_RUN);
    for (int i = 0; i < MANY; i++) {
        (void)given_claim(f, source, f->firm, 0, 1000 * YUAN, 700 * YUAN, 100 * YUAN + i);
        total += 100 * YUAN + i;
    }
    const int64_t before = fixture_events(f);
    const batch_report run = run_sent();
    assert_int_equal(run.count, MANY);
    assert_true(run.total_fen == total);
    assert_true(fixture_events(f) >=
                before + 6); /* collect and release in two slices each, lock, send */
    assert_true(fixture_balance(f, ACC_TRANSIT, 0) == total);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    NEED(payment_list_export(f->app, &maker, run.batch_id, CSV_GB18030, &one, err));
    NEED(payment_list_export(f->app, &maker, run.batch_id, CSV_GB18030, &again, err));
    assert_int_equal(one.count, MANY);
    assert_true(str_eq(one.bytes, again.bytes)); /* I12 */
    assert_true(again.duplicate);
    assert_int_equal(all_lines(run.batch_id, "paid", MANY).paid, MANY);
    assert_true(fixture_balance(f, ACC_PAID, 0) == total);
    assert_true(fixture_balance(f, ACC_TRANSIT, 0) == 0);
    assert_true(str_eq(given_text(f, T_BATCH, run.batch_id, C_BATCH_STATE), STR("reconciled")));
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    NEED(batch_close(f->app, &checker, run.batch_id, err));
}

/* --- violations --------------------------------------------------------------------------------- */

static case_decide_report decided(int64_t id, const improper_part *parts, size_t n, bool no_ban,
                                  day d)
{
    case_decide_report r;
    const call group = fixture_as(f, ROLE_GROUP, d);
    const case_decide_request rq = {.case_id = id,
                                    .paper = paper_of(d),
                                    .reason = STR("false use"),
                                    .no_ban = no_ban,
                                    .parts = parts,
                                    .n_parts = n,
                                    .due = n == 0 ? DAY_NONE : day_add(d, 30)};
    NEED(case_decide(f->app, &group, &rq, &r, err));
    return r;
}

static int64_t debt_of(int64_t org)
{
    TX_AUTO store_tx *tx = NULL;
    open_recovery o = {0};
    size_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(recovery_open(tx, f->programme_id, org, f->a, &o, 1, &n, err));
    return n == 0 ? 0 : o.id;
}

/* The report of supervision over the day of the run; no row of tips for who is no supervisor. */
static void figure_is(const call *c, const char *token, int64_t count, int64_t amount_fen)
{
    watch_figure rows[WATCH_FIGURES_MAX];
    size_t n = 0;
    bool found = false;
    NEED(watch_figures(f->app, c, DAY_RUN, DAY_RUN, rows, &n, err));
    for (size_t i = 0; i < n; i++) {
        assert_string_not_equal(rows[i].token, "tips");
        if (strcmp(rows[i].token, token) == 0) {
            found = true;
            assert_int_equal(rows[i].count, count);
            assert_int_equal(rows[i].amount_fen, amount_fen);
        }
    }
    assert_true(found);
}

/* R-SANC-130 */
static void a_debt_is_written_off(void **state)
{
    (void)state;
    const int64_t source = fixture_fund(f, "apply", 100000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, source, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    (void)all_lines(run_sent().batch_id, "paid", 1);
    const int64_t id = case_heard(f->firm, DAY_RUN);
    const improper_part part = {g.claim_id, 200 * YUAN};
    assert_true(decided(id, &part, 1, true, DAY_RUN).recovery_fen == 200 * YUAN);
    const int64_t debt = debt_of(f->firm);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const recovery_request more = {debt, 1, STR("回单5号")};
    const decision_paper minutes = {STR("纪要〔2013〕3号"), DAY_RUN, STR("")};
    const decision_paper undated = {STR("纪要〔2013〕3号"), DAY_NONE, STR("")};
    const decision_paper to_come = {STR("纪要〔2013〕3号"), day_add(DAY_RUN, 1), STR("")};
    ASSERT_FAILS(recovery_write_off(f->app, &group, debt, 80 * YUAN, &undated, err), TQ_INVALID,
                 "paper_day");
    ASSERT_FAILS(recovery_write_off(f->app, &group, debt, 80 * YUAN, &to_come, err), TQ_INVALID,
                 "paper_day");
    ASSERT_FAILS(recovery_write_off(f->app, &maker, debt, 80 * YUAN, &minutes, err), TQ_FORBIDDEN,
                 "no_role");
    NEED(recovery_write_off(f->app, &group, debt, 80 * YUAN, &minutes, err));
    assert_true(given_money(f, ACC_WRITTEN_OFF, g.voucher_id, g.claim_id) == 80 * YUAN);
    assert_true(given_money(f, ACC_OWED, g.voucher_id, g.claim_id) == 120 * YUAN);
    const case_step_request step = {.case_id = id};
    const call agent = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    ASSERT_FAILS(case_enforce(f->app, &office, &step, err), TQ_CONFLICT, "appeal_open");
    NEED(case_accept(f->app, &agent, id, err));
    ASSERT_FAILS(case_enforce(f->app, &office, &step, err), TQ_CONFLICT, "still_owed");
    NEED(recovery_write_off(f->app, &group, debt, 120 * YUAN, &minutes, err));
    NEED(case_enforce(f->app, &office, &step, err));
    assert_true(str_eq(given_text(f, T_RECOVERY, debt, C_RECOVERY_STATE), STR("settled")));
    ASSERT_FAILS(recovery_write_off(f->app, &group, debt, 1, &minutes, err), TQ_CONFLICT,
                 "insufficient");
    ASSERT_FAILS(recovery_collect(f->app, &maker, &more, err), TQ_CONFLICT, "insufficient");
    figure_is(&maker, "decided", 1, 0);
    figure_is(&maker, "claimed_back", 1, 200 * YUAN);
    figure_is(&maker, "recovered", 0, 0);
    figure_is(&maker, "written_off", 2, 200 * YUAN);
    NEED(case_close(f->app, &office, &step, err));
    assert_true(given_money(f, ACC_PAID, g.voucher_id, g.claim_id) == 300 * YUAN);
    assert_true(given_money(f, ACC_WRITTEN_OFF, g.voucher_id, g.claim_id) == 200 * YUAN);
    identity_holds(g.voucher_id, 1000 * YUAN, 0);
}

/* The guilty one is the institution: what it has not been paid stops, what it was paid wrongly is owed
 * by it, and the firm keeps its voucher. */
static void a_case_against_an_institution(void **state)
{
    (void)state;
    const int64_t source = fixture_fund(f, "apply", 100000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->institution, DAY_RUN);
    const given paid =
        given_claim(f, source, f->firm, f->institution, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    (void)all_lines(run_sent().batch_id, "paid", 1);
    const given open =
        given_claim(f, source, f->firm, f->institution, 1000 * YUAN, 700 * YUAN, 400 * YUAN);
    const int64_t id = case_heard(f->institution, DAY_RUN);
    const improper_part part = {paid.claim_id, 150 * YUAN};
    const case_decide_report r = decided(id, &part, 1, false, DAY_RUN);
    assert_true(r.ban_id != 0);
    assert_int_equal(r.vouchers, 0);
    assert_int_equal(r.claims, 1);
    assert_int_equal(r.kept, 0); /* good faith is for the other side */
    assert_true(str_eq(claim_state(&open), STR("refused")));
    assert_true(str_eq(given_text(f, T_VOUCHER, open.voucher_id, C_VOUCHER_STATE), STR("active")));
    assert_true(given_money(f, ACC_PAYABLE, open.voucher_id, 0) == 0);
    assert_true(given_money(f, ACC_OWED, paid.voucher_id, paid.claim_id) == 150 * YUAN);
    assert_true(given_money(f, ACC_PAID, paid.voucher_id, paid.claim_id) == 350 * YUAN);
    assert_true(debt_of(f->institution) != 0);
    assert_true(debt_of(f->firm) == 0); /* the firm got nothing and owes nothing */
    identity_holds(paid.voucher_id, 1000 * YUAN, 0);
    identity_holds(open.voucher_id, 1000 * YUAN, 0);
    const call lab = fixture_as(f, ROLE_INST_AGENT, DAY_RUN);
    tq_err why = {0};
    int64_t delivery = 0;
    const order_delivery more = {.order_id = open.order_id, .outcome_count = 1, .last = true};
    assert_int_not_equal(order_deliver(f->app, &lab, &more, &delivery, &why), TQ_OK);
}

/* --- the end of a voucher ------------------------------------------------------------------------ */

/* Under a scheme that lets the rest lapse, nothing of an ended voucher comes back to the pool. */
static void what_is_left_lapses(void **state)
{
    (void)state;
    model_lapse_in_force(f, START);
    county_ready(f);
    path spent = path_make(f, false, START);
    path idle = path_firm(f, true, START);
    const int64_t pool = fixture_balance(f, ACC_POOL, spent.kind);
    const int64_t hold = balance_of(&spent, ACC_HOLD);
    const day after = day_add(day_add_months(START, 12), 1);
    int64_t n = 0;
    const call clock = fixture_as(f, ROLE_SYSTEM, after);
    NEED(voucher_expire_due(f->app, &clock, &n, err));
    assert_int_equal(n, 2);
    assert_true(fixture_balance(f, ACC_LAPSED, spent.kind) == 2 * VOUCHER_FEN - hold);
    spent.d = after;
    const claim_filed filed = path_approved(&spent, CONTRACT_FEN, ALLOWED_FEN - 1000, true);
    assert_true(balance_of(&spent, ACC_PAYABLE) == ALLOWED_FEN - 1000);
    assert_true(balance_of(&spent, ACC_HOLD) == 0);
    assert_true(fixture_balance(f, ACC_LAPSED, spent.kind) ==
                2 * VOUCHER_FEN - (ALLOWED_FEN - 1000));
    assert_true(fixture_balance(f, ACC_POOL, spent.kind) == pool);
    ASSERT_STATE(f, filed.claim_id, "approved");
    identity_holds(idle.voucher, VOUCHER_FEN, VOUCHER_FEN);
    identity_holds(spent.voucher, VOUCHER_FEN, VOUCHER_FEN - (ALLOWED_FEN - 1000));
}

static tq_code asked(path *p, int64_t voucher, int64_t fen, int64_t *id, tq_err *err)
{
    application_result decided_as = {0};
    const call intake = as(p, ROLE_INTAKE);
    const call reviewer = as(p, ROLE_REVIEWER1);
    const application_request rq = {.holder_id = p->firm,
                                    .kind_id = p->kind,
                                    .voucher_id = voucher,
                                    .way = "immediate",
                                    .asked_fen = fen};
    TQ_TRY(application_file(f->app, &intake, &rq, id, err));
    TQ_TRY(application_approve(f->app, &reviewer, *id, NULL, &decided_as, err));
    return decided_as.granted
               ? TQ_OK
               : tq_fail(err, TQ_REFUSED, decided_as.reason, "application", "refused");
}

/* A voucher of one year topped up in the next, which then ends with most of both amounts unused: what
 * came back counts against the cap of neither year, and of the life no less than of a year. */
static void a_cap_after_a_top_up_came_back(void **state)
{
    (void)state;
    int64_t id = 0;
    int64_t n = 0;
    voucher_issued more;
    county_ready(f);
    (void)fixture_fund(f, "apply", INT64_C(20000000), fixture_day(2014, 2, 10));
    path p = path_firm(f, true, START);
    p.d = fixture_day(2014, 3, 3);
    NEED(asked(&p, p.voucher, 2000000, &id, err));
    const call office = as(&p, ROLE_OFFICE);
    NEED(voucher_top_up(f->app, &office, id, &more, err));
    p.d = fixture_day(2014, 10, 10);
    const call clock = as(&p, ROLE_SYSTEM);
    NEED(voucher_expire_due(f->app, &clock, &n, err));
    assert_int_equal(n, 1);
    NEED(asked(&p, 0, VOUCHER_FEN, &id, err)); /* the whole cap of the year is free again */
    const call later = as(&p, ROLE_OFFICE);
    const voucher_issue_request issue = {.application_id = id, .code_seed = STR("again")};
    NEED(voucher_issue(f->app, &later, &issue, &more, err));
    ASSERT_FAILS(asked(&p, more.voucher_id, 1, &id, err), TQ_REFUSED, "cap_reached");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_COUNTY(unknown_then_paid),
        IN_COUNTY(unknown_then_returned),
        IN_COUNTY(a_run_of_more_than_a_slice),
        IN_COUNTY(a_debt_is_written_off),
        IN_COUNTY(a_case_against_an_institution),
        IN_COUNTY(what_is_left_lapses),
        IN_COUNTY(a_cap_after_a_top_up_came_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
