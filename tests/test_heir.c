/* SPDX-License-Identifier: Apache-2.0 */
/* A firm whose claims were decided goes into another: the money would go to that other, so its ban stops
 * them wherever they are, its debts are set off against them, and nobody else's are touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/bank_result.h"
#include "app/organisation.h"
#include "app/sanction.h"
#include "app/settle.h"
#include "given_claim.h"
#include "store/verify.h"

#define YUAN INT64_C(100)
#define DAY_RUN fixture_day(2013, 11, 20)
#define ISSUED (1000 * YUAN)
#define HELD (700 * YUAN)

static int64_t source_of(fixture *f)
{
    return fixture_fund(f, "apply", 1000000 * YUAN, FIXTURE_DAY);
}

static int64_t firm_of(fixture *f, const char *name)
{
    const int64_t id = fixture_org(f, "enterprise", name);
    (void)fixture_account(f, id, DAY_RUN);
    return id;
}

static void merges(fixture *f, int64_t from, int64_t to)
{
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    NEED(org_succeed(f->app, &office, from, to, err));
}

static case_decide_report decided(fixture *f, int64_t org_id, const improper_part *part)
{
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const case_open_request open = {org_id, STR("false_use")};
    const decision_paper paper = {.number = STR("纪要〔2013〕7号"), .day = DAY_RUN};
    case_result made;
    case_decide_report r;
    NEED(case_open(f->app, &office, &open, &made, err));
    const case_step_request hear = {.case_id = made.case_id, .paper = paper};
    NEED(case_hear(f->app, &office, &hear, err));
    const case_decide_request rq = {.case_id = made.case_id,
                                    .paper = paper,
                                    .reason = STR("虚假使用"),
                                    .no_ban = part != NULL,
                                    .parts = part,
                                    .n_parts = part == NULL ? 0 : 1,
                                    .due = day_add(DAY_RUN, 30)};
    NEED(case_decide(f->app, &group, &rq, &r, err));
    return r;
}

static batch_report collected(fixture *f)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const batch_collect_request rq = {.period = STR("2013Q3")};
    batch_report r;
    NEED(batch_collect(f->app, &maker, &rq, &r, err));
    return r;
}

static batch_report locked(fixture *f, int64_t batch_id)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_report r;
    NEED(batch_lock(f->app, &maker, batch_id, &r, err));
    return r;
}

static batch_report released(fixture *f, int64_t batch_id)
{
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    batch_report r;
    const batch_release_request rq = {batch_id,
                                      given_text(f, T_BATCH, batch_id, C_BATCH_LIST_SHA256)};
    NEED(batch_release(f->app, &checker, &rq, &r, err));
    return r;
}

static batch_report sent(fixture *f, int64_t batch_id)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_report r;
    NEED(batch_send(f->app, &maker, batch_id, &r, err));
    return r;
}

static void verified(fixture *f)
{
    static verify_report report;
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    if (!report.ok) {
        fail_msg("%s %s %s", report.first[0].what, report.first[0].table, report.first[0].column);
    }
}

/* Nothing of the voucher is under way any more; all that was issued went back. */
static void stopped(fixture *f, const given *g)
{
    static const ledger_account ways[] = {ACC_VOUCHER, ACC_HOLD, ACC_PAYABLE, ACC_TRANSIT,
                                          ACC_PAID};
    assert_true(str_eq(given_text(f, T_CLAIM, g->claim_id, C_CLAIM_STATE), STR("refused")));
    assert_int_equal(given_num(f, T_CLAIM, g->claim_id, C_CLAIM_APPROVED_FEN), 0);
    for (size_t i = 0; i < TQ_COUNT(ways); i++) {
        assert_int_equal(given_money(f, ways[i], g->voucher_id, 0), 0);
    }
}

#define STAGES 6

/* R-BAN-090: approved, registered, published; in a batch that is open, locked, released. */
static void test_a_banned_heir_is_not_paid(void **state)
{
    static const char *const states[STAGES] = {"approved",  "registered", "published",
                                               "published", "published",  "published"};
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    int64_t heirs[STAGES];
    given g[STAGES];
    int64_t batch = 0;
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given good = given_claim(f, src, f->firm, 0, ISSUED, HELD, 300 * YUAN);
    for (int i = STAGES - 1; i >= 0; i--) {
        const int64_t old = firm_of(f, "长兴旧名有限公司");
        heirs[i] = firm_of(f, "长兴新名有限公司");
        g[i] = given_claim_in(f, src, old, 0, ISSUED, HELD, 400 * YUAN, states[i]);
        merges(f, old, heirs[i]);
        batch = i == 3 ? collected(f).batch_id : batch; /* of the claims so far */
    }
    assert_int_equal(given_num(f, T_BATCH, batch, C_BATCH_COUNT), 4);
    assert_int_equal(decided(f, heirs[3], NULL).lines, 1);
    (void)locked(f, batch);
    assert_int_equal(decided(f, heirs[4], NULL).lines, 1);
    assert_int_equal(released(f, batch).count, 2);
    assert_int_equal(decided(f, heirs[5], NULL).lines, 1);
    const batch_report out = sent(f, batch);
    assert_int_equal(out.total_fen, 300 * YUAN);
    for (int i = 0; i < 3; i++) {
        const case_decide_report r = decided(f, heirs[i], NULL);
        assert_int_equal(r.claims, 1);
        assert_int_equal(r.vouchers, 1);
    }
    for (int i = 0; i < STAGES; i++) {
        stopped(f, &g[i]);
    }
    assert_int_equal(given_money(f, ACC_TRANSIT, good.voucher_id, good.claim_id), 300 * YUAN);
    assert_int_equal(collected(f).batch_id, 0);
    verified(f);
    fixture_close(f);
}

static bool left_so(const batch_report *r, int64_t claim_id, const char *reason)
{
    for (size_t i = 0; i < r->n_left; i++) {
        if (r->left[i].claim_id == claim_id && strcmp(r->left[i].reason, reason) == 0) {
            return true;
        }
    }
    return false;
}

/* A firm goes into one that is banned already: nothing was decided on its claims, and each gate holds. */
static void test_every_gate_asks_who_goes_on(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t bad = firm_of(f, "长兴受罚有限公司");
    const int64_t between = firm_of(f, "长兴中间有限公司");
    int64_t old[3];
    given g[3];
    (void)fixture_account(f, f->firm, DAY_RUN);
    (void)given_claim(f, src, f->firm, 0, ISSUED, HELD, 300 * YUAN);
    for (int i = 0; i < 3; i++) {
        old[i] = firm_of(f, "长兴旧名有限公司");
        g[i] = given_claim(f, src, old[i], 0, ISSUED, HELD, 400 * YUAN);
    }
    (void)decided(f, bad, NULL);
    merges(f, old[0], between);
    merges(f, between, bad); /* by way of a third */
    const batch_report run = collected(f);
    assert_true(left_so(&run, g[0].claim_id, "banned"));
    assert_int_equal(run.count, 3);
    (void)locked(f, run.batch_id);
    merges(f, old[1], bad);
    const batch_report paid = released(f, run.batch_id);
    assert_true(left_so(&paid, g[1].claim_id, "banned"));
    merges(f, old[2], bad);
    const batch_report out = sent(f, run.batch_id);
    assert_true(left_so(&out, g[2].claim_id, "banned"));
    assert_int_equal(out.total_fen, 300 * YUAN);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(given_money(f, ACC_PAYABLE, g[i].voucher_id, g[i].claim_id), 400 * YUAN);
    }
    verified(f);
    fixture_close(f);
}

/* What an institution delivered to the old name before the ban is paid to it; an institution that went into a
 * banned one is not. */
static void test_good_faith_goes_with_the_institution(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t old = firm_of(f, "长兴旧名有限公司");
    const int64_t heir = firm_of(f, "长兴新名有限公司");
    const int64_t lab = fixture_org(f, "institution", "湖州旧院");
    const int64_t lab_heir = fixture_org(f, "institution", "湖州新院");
    (void)fixture_account(f, f->institution, DAY_RUN);
    (void)fixture_account(f, lab, DAY_RUN);
    const given kept = given_claim(f, src, old, f->institution, ISSUED, HELD, 400 * YUAN);
    const given lost = given_claim(f, src, f->firm, lab, ISSUED, HELD, 500 * YUAN);
    merges(f, old, heir);
    merges(f, lab, lab_heir);
    assert_int_equal(decided(f, heir, NULL).kept, 1);
    assert_int_equal(decided(f, lab_heir, NULL).claims, 1);
    const batch_report run = collected(f);
    assert_int_equal(run.total_fen, 400 * YUAN);
    (void)locked(f, run.batch_id);
    assert_int_equal(released(f, run.batch_id).total_fen, 400 * YUAN);
    assert_int_equal(sent(f, run.batch_id).total_fen, 400 * YUAN);
    assert_int_equal(given_money(f, ACC_TRANSIT, kept.voucher_id, kept.claim_id), 400 * YUAN);
    assert_int_equal(given_money(f, ACC_PAYABLE, lost.voucher_id, lost.claim_id), 0);
    verified(f);
    fixture_close(f);
}

/* The bank's word on every line that it has or has paid. */
static bank_result_report bank_says(fixture *f, int64_t batch_id, const char *word)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_line_view lines[16];
    bank_result_report result;
    size_t n = 0;
    BUF_AUTO buf b = buf_max(65536);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(batch_lines(tx, batch_id, 0, f->a, lines, TQ_COUNT(lines), &n, err));
    }
    buf_text(&b, "payment_no,amount,status,reason,date\n");
    for (size_t i = 0; i < n; i++) {
        if (str_eq(lines[i].state, STR("released")) || str_eq(lines[i].state, STR("paid"))) {
            buf_printf(&b, "%.*s,%lld.%02lld,%s,2013-11-20\n", STR_ARG(lines[i].payment_no),
                       (long long)lines[i].amount_fen / 100, (long long)lines[i].amount_fen % 100,
                       word);
        }
    }
    const bank_result_request rq = {.bytes = buf_view(&b)};
    NEED(bank_result_apply(f->app, &maker, &rq, &result, err));
    return result;
}

static void all_paid(fixture *f, int64_t batch_id)
{
    (void)bank_says(f, batch_id, "paid,");
}

static int64_t with_bank(fixture *f)
{
    const int64_t batch = collected(f).batch_id;
    (void)locked(f, batch);
    (void)released(f, batch);
    (void)sent(f, batch);
    return batch;
}

/* The order of a claim is closed, as a final claim closes it. */
static void order_closed(fixture *f, const given *g)
{
    TX_AUTO store_tx *tx = NULL;
    const call c = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    event e = work_event(&c, EV_ORDER_CLOSE);
    event_change(&e, T_SERVICE_ORDER, g->order_id);
    event_int(&e, C_SERVICE_ORDER_CLOSED, 1);
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
}

static batch_report again(fixture *f, int64_t batch_id, day d)
{
    batch_report r;
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, d);
    const batch_repeat_request rq = {.batch_id = batch_id, .same_account = true};
    NEED(batch_repeat(f->app, &maker, &rq, &r, err));
    return r;
}

/* R-BAN-080: money that was with the bank when the ban was decided, and came back. A firm's own, one under an old
 * name and an order that is closed are refused; what good faith keeps is paid again; a firm that is not banned
 * waits for its next payment. */
static void test_what_comes_back_of_a_banned_firm_is_refused(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t bad = firm_of(f, "长兴受罚有限公司");
    const int64_t old = firm_of(f, "长兴旧名有限公司");
    (void)fixture_account(f, f->firm, DAY_RUN);
    (void)fixture_account(f, f->institution, DAY_RUN);
    const given own = given_claim(f, src, bad, 0, ISSUED, HELD, 400 * YUAN);
    const given closed = given_claim(f, src, bad, 0, ISSUED, HELD, HELD);
    const given older = given_claim(f, src, old, 0, ISSUED, HELD, 300 * YUAN);
    const given kept = given_claim(f, src, bad, f->institution, ISSUED, HELD, 200 * YUAN);
    const given good = given_claim(f, src, f->firm, 0, ISSUED, HELD, 100 * YUAN);
    order_closed(f, &closed);
    merges(f, old, bad);
    const int64_t batch = with_bank(f);
    const case_decide_report r = decided(f, bad, NULL);
    assert_int_equal(r.with_bank, 3);
    assert_int_equal(r.kept, 1);
    const bank_result_report back = bank_says(f, batch, "returned,户名不符");
    assert_int_equal(back.returned, 5);
    assert_int_equal(back.refused, 3);
    stopped(f, &own);
    stopped(f, &closed);
    stopped(f, &older);
    assert_int_equal(given_num(f, T_CLAIM, own.claim_id, C_CLAIM_DECISION_ID), r.decision_id);
    assert_int_equal(given_num(f, T_SERVICE_ORDER, closed.order_id, C_SERVICE_ORDER_CLOSED), 1);
    assert_int_equal(given_money(f, ACC_PAYABLE, kept.voucher_id, kept.claim_id), 200 * YUAN);
    assert_int_equal(given_money(f, ACC_PAYABLE, good.voucher_id, good.claim_id), 100 * YUAN);
    const batch_report next = again(f, batch, DAY_RUN);
    assert_int_equal(next.total_fen, 300 * YUAN);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    NEED(batch_cancel(f->app, &maker, next.batch_id, err));
    verified(f);
    fixture_close(f);
}

/* Paid, then banned, then sent back late; and an institution that is banned while its customer is not: the order is
 * the customer's again. */
static void test_what_comes_back_late_is_refused(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t bad = firm_of(f, "长兴受罚有限公司");
    const int64_t lab = fixture_org(f, "institution", "湖州旧院");
    (void)fixture_account(f, lab, DAY_RUN);
    const given own = given_claim(f, src, bad, 0, ISSUED, HELD, 400 * YUAN);
    const given work = given_claim(f, src, f->firm, lab, ISSUED, HELD, 500 * YUAN);
    const int64_t batch = with_bank(f);
    all_paid(f, batch);
    (void)decided(f, bad, NULL);
    (void)decided(f, lab, NULL);
    const bank_result_report back = bank_says(f, batch, "returned,退票");
    assert_int_equal(back.returned_late, 2);
    assert_int_equal(back.refused, 2);
    stopped(f, &own);
    assert_int_equal(given_num(f, T_CLAIM, own.claim_id, C_CLAIM_PAID_FEN), 0);
    assert_true(str_eq(given_text(f, T_CLAIM, work.claim_id, C_CLAIM_STATE), STR("refused")));
    assert_int_equal(given_money(f, ACC_PAYABLE, work.voucher_id, work.claim_id), 0);
    assert_int_equal(given_money(f, ACC_HOLD, work.voucher_id, 0), HELD);
    const day later = day_add_months(DAY_RUN, 48); /* the term is over */
    assert_int_equal(again(f, batch, later).batch_id, 0);
    verified(f);
    fixture_close(f);
}

/* R-BAN-090: 200 are owed by who goes on; two old names and its own have claims in one run. */
static void test_debts_are_set_off_under_every_name(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t one = firm_of(f, "长兴甲有限公司");
    const int64_t two = firm_of(f, "长兴乙有限公司");
    const int64_t heir = firm_of(f, "长兴新名有限公司");
    const given old = given_claim(f, src, heir, 0, ISSUED, HELD, 500 * YUAN);
    int64_t batch = collected(f).batch_id;
    (void)locked(f, batch);
    (void)released(f, batch);
    (void)sent(f, batch);
    all_paid(f, batch);
    const improper_part part = {old.claim_id, 200 * YUAN};
    (void)decided(f, heir, &part);
    const given first = given_claim(f, src, one, 0, ISSUED, HELD, 120 * YUAN);
    const given second = given_claim(f, src, two, 0, ISSUED, HELD, 100 * YUAN);
    (void)given_claim(f, src, heir, 0, ISSUED, HELD, 50 * YUAN);
    merges(f, one, heir);
    merges(f, two, heir);
    batch = collected(f).batch_id;
    (void)locked(f, batch);
    const batch_report run = released(f, batch);
    assert_int_equal(run.set_off_fen, 200 * YUAN);
    assert_int_equal(run.total_fen, 70 * YUAN);
    assert_int_equal(run.n_left, 0);
    assert_int_equal(given_money(f, ACC_PAID, first.voucher_id, first.claim_id), 120 * YUAN);
    assert_int_equal(given_money(f, ACC_PAID, second.voucher_id, second.claim_id), 80 * YUAN);
    assert_int_equal(given_money(f, ACC_OWED, old.voucher_id, old.claim_id), 0);
    (void)sent(f, batch);
    all_paid(f, batch);
    verified(f);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_banned_heir_is_not_paid),
        cmocka_unit_test(test_every_gate_asks_who_goes_on),
        cmocka_unit_test(test_good_faith_goes_with_the_institution),
        cmocka_unit_test(test_debts_are_set_off_under_every_name),
        cmocka_unit_test(test_what_comes_back_of_a_banned_firm_is_refused),
        cmocka_unit_test(test_what_comes_back_late_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
