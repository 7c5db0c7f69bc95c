/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/bank_result.h"
#include "app/organisation.h"
#include "app/payment_list.h"
#include "app/settle.h"
#include "app/signals.h"
#include "given_claim.h"

#define YUAN INT64_C(100)
#define DAY_RUN fixture_day(2013, 11, 20)

static int64_t source_of(fixture *f)
{
    return fixture_fund(f, "apply", 1000000 * YUAN, FIXTURE_DAY);
}

static batch_report collect(fixture *f, const char *period)
{
    const call c = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const batch_collect_request rq = {.period = str_of(period)};
    batch_report r;
    NEED(batch_collect(f->app, &c, &rq, &r, err));
    return r;
}

static batch_report lock(fixture *f, int64_t batch_id)
{
    const call c = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_report r;
    NEED(batch_lock(f->app, &c, batch_id, &r, err));
    return r;
}

static batch_report release(fixture *f, int64_t batch_id, const char *sha256)
{
    const call c = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const batch_release_request rq = {batch_id, str_of(sha256)};
    batch_report r;
    NEED(batch_release(f->app, &c, &rq, &r, err));
    return r;
}

static batch_report send_list(fixture *f, int64_t batch_id)
{
    const call c = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    batch_report r;
    NEED(batch_send(f->app, &c, batch_id, &r, err));
    return r;
}

/* Collected, locked, released and sent. */
static batch_report run_sent(fixture *f)
{
    const batch_report made = collect(f, "2013Q3");
    assert_true(made.batch_id != 0);
    const batch_report locked = lock(f, made.batch_id);
    (void)release(f, made.batch_id, locked.list_sha256);
    return send_list(f, made.batch_id);
}

static batch_line_view line_of(fixture *f, int64_t batch_id, int64_t n)
{
    TX_AUTO store_tx *tx = NULL;
    batch_line_view v;
    size_t count = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(batch_lines(tx, batch_id, n - 1, f->a, &v, 1, &count, err));
    assert_int_equal(count, 1);
    assert_int_equal(v.n, n);
    return v;
}

static bank_result_report result(fixture *f, const char *rows)
{
    const call c = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const bank_result_request rq = {
        .bytes = arena_printf(f->a, "payment_no,amount,status,reason,date\r\n%s", rows)};
    bank_result_report r;
    NEED(bank_result_apply(f->app, &c, &rq, &r, err));
    return r;
}

static const char *bank_row(fixture *f, const batch_line_view *l, const char *amount,
                            const char *status, const char *reason, const char *date)
{
    return arena_printf(f->a, "%.*s,%s,%s,%s,%s\r\n", STR_ARG(l->payment_no), amount, status,
                        reason, date)
        .data;
}

static void ban_add_row(fixture *f, int64_t org_id)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    const call c = fixture_as(f, ROLE_GROUP, DAY_RUN);
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    event e = work_event(&c, EV_CASE_DECIDE);
    NEED(event_new_row(tx, &e, T_BAN, &id, err));
    event_int(&e, C_BAN_ORG_ID, org_id);
    event_int(&e, C_BAN_PROGRAMME_ID, f->programme_id);
    event_text(&e, C_BAN_SCOPE, STR("all_funds"));
    event_int(&e, C_BAN_FROM_DAY, DAY_RUN.n);
    event_int(&e, C_BAN_TO_DAY, DAY_RUN.n + 1000);
    event_text(&e, C_BAN_STATE, STR("active"));
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
}

static void test_period(void **state)
{
    static const struct {
        const char *text;
        int y, m, d;
    } good[] = {{"2013Q1", 2013, 3, 31}, {"2013Q3", 2013, 9, 30}, {"2016Q4", 2016, 12, 31}};
    static const char *const bad[] = {"", "2013", "2013Q5", "2013Q0", "13Q3", "2013q3", "2013Q33"};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(good); i++) {
        day first;
        day last;
        assert_int_equal(period_parse(str_of(good[i].text), &first, &last, NULL), TQ_OK);
        assert_int_equal(last.n, fixture_day(good[i].y, good[i].m, good[i].d).n);
        assert_int_equal(day_ymd(first).mday, 1);
    }
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        day first;
        day last;
        tq_err why = {0};
        assert_int_equal(period_parse(str_of(bad[i]), &first, &last, &why), TQ_INVALID);
        assert_string_equal(why.reason, "period");
    }
}

static void test_paid_and_returned(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given one = given_claim(f, src, f->firm, 0, 50000 * YUAN, 40000 * YUAN, 30000 * YUAN);
    const given two = given_claim(f, src, f->firm, 0, 50000 * YUAN, 40000 * YUAN, 20000 * YUAN);
    const batch_report sent = run_sent(f);
    assert_int_equal(sent.count, 2);
    assert_int_equal(sent.total_fen, 50000 * YUAN);
    assert_int_equal(given_money(f, ACC_TRANSIT, one.voucher_id, one.claim_id), 30000 * YUAN);
    const batch_line_view l1 = line_of(f, sent.batch_id, 1);
    const batch_line_view l2 = line_of(f, sent.batch_id, 2);
    assert_true(str_starts(l1.payment_no, STR("P330522-2013-000001-")));
    assert_true(str_starts(l2.payment_no, STR("P330522-2013-000002-")));

    const char *rows =
        arena_printf(f->a, "%s%sP330522-2013-000099-1,5.00,paid,,2013-11-20\r\n",
                     bank_row(f, &l1, "30000.00", "paid", "", "2013-11-20"),
                     bank_row(f, &l2, "20000.00", "returned", "户名不符", "2013-11-20"))
            .data;
    const bank_result_report r = result(f, rows);
    assert_false(r.seen_before);
    assert_int_equal(r.paid, 1);
    assert_int_equal(r.returned, 1);
    assert_int_equal(r.unmatched, 1);
    assert_int_equal(given_money(f, ACC_PAID, one.voucher_id, one.claim_id), 30000 * YUAN);
    assert_int_equal(given_money(f, ACC_PAYABLE, two.voucher_id, two.claim_id), 20000 * YUAN);
    assert_true(str_eq(given_text(f, T_BATCH, sent.batch_id, C_BATCH_STATE), STR("reconciled")));

    const int64_t before = fixture_events(f);
    const bank_result_report again = result(f, rows); /* the same bytes: nothing at all */
    assert_true(again.seen_before);
    assert_int_equal(again.file_id, r.file_id);
    assert_int_equal(fixture_events(f), before);
    const bank_result_report other =
        result(f, bank_row(f, &l1, "30000.00", "paid", "",
                           "2013-11-20")); /* another file says it again */
    assert_int_equal(other.repeated, 1);
    assert_int_equal(given_money(f, ACC_PAID, one.voucher_id, one.claim_id), 30000 * YUAN);
    const bank_result_report stale =
        result(f, bank_row(f, &l1, "30000.00", "returned", "older", "2013-11-19"));
    assert_int_equal(stale.unmatched, 1);

    /* Returned: a new account version, a repeat batch, paid; the quarter's totals are not doubled. */
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const batch_repeat_request rq = {.batch_id = sent.batch_id};
    batch_report repeat;
    NEED(batch_repeat(f->app, &maker, &rq, &repeat, err));
    assert_int_equal(repeat.batch_id, 0);
    assert_int_equal(repeat.n_left, 1);
    assert_string_equal(repeat.left[0].reason, "same_account");
    (void)fixture_account(f, f->firm, DAY_RUN);
    NEED(batch_repeat(f->app, &maker, &rq, &repeat, err));
    assert_int_equal(repeat.count, 1);
    const batch_report locked = lock(f, repeat.batch_id);
    (void)release(f, repeat.batch_id, locked.list_sha256);
    (void)send_list(f, repeat.batch_id);
    const batch_line_view l3 = line_of(f, repeat.batch_id, 1);
    assert_true(str_starts(l3.payment_no, STR("P330522-2013-000003-")));
    assert_int_not_equal(l3.account_id, l2.account_id);
    assert_int_equal(result(f, bank_row(f, &l3, "20000.00", "paid", "", "2013-11-20")).paid, 1);
    assert_int_equal(fixture_balance(f, ACC_PAID, 0), 50000 * YUAN);
    assert_int_equal(fixture_balance(f, ACC_TRANSIT, 0), 0);
    assert_int_equal(given_num(f, T_CLAIM, two.claim_id, C_CLAIM_PAID_FEN), 20000 * YUAN);

    /* Returned late: paid -> payable. */
    const bank_result_report late =
        result(f, bank_row(f, &l3, "20000.00", "returned", "销户", "2013-11-20"));
    assert_int_equal(late.returned_late, 1);
    assert_int_equal(given_money(f, ACC_PAYABLE, two.voucher_id, two.claim_id), 20000 * YUAN);
    assert_int_equal(given_num(f, T_CLAIM, two.claim_id, C_CLAIM_PAID_FEN), 0);
    fixture_close(f);
}

static void test_faults_of_a_file(void **state)
{
    static const struct {
        const char *rows, *reason, *place;
    } faults[] = {
        {"P330522-2013-000001-1,3,paid,,2013-13-40\r\n", "day_form", "line 2"},
        {"P330522-2013-000001-1,3,paid,,2013-11-20\r\nP1,1.001,paid,,2013-11-20\r\n", "amount_form",
         "line 3"},
        {"P330522-2013-000001-1,3,done,,2013-11-20\r\n", "word", "line 2"},
        {"P330522-2013-000001-1,3,returned,,2013-11-20\r\n", "reason", "line 2"},
        {"P330522-2013-000001-1,3,paid,,2013-11-21\r\n", "date", "line 2"},
        {"", "file_empty", "file"},
    };
    (void)state;
    fixture *f = fixture_open();
    const int64_t before = fixture_events(f);
    for (size_t i = 0; i < TQ_COUNT(faults); i++) {
        tq_err why = {0};
        const call c = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
        const bank_result_request rq = {
            .bytes =
                arena_printf(f->a, "payment_no,amount,status,reason,date\r\n%s", faults[i].rows)};
        bank_result_report r;
        assert_int_not_equal(bank_result_apply(f->app, &c, &rq, &r, &why), TQ_OK);
        assert_string_equal(why.reason, faults[i].reason);
        assert_non_null(strstr(why.field, faults[i].place));
    }
    assert_int_equal(fixture_events(f), before); /* all or nothing */
    fixture_close(f);
}

static void test_left_out_by_name(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t poor = fixture_org(f, "enterprise", "长兴无户有限公司");
    const int64_t bad = fixture_org(f, "enterprise", "长兴被禁有限公司");
    (void)fixture_account(f, f->firm, DAY_RUN);
    (void)fixture_account(f, bad, DAY_RUN);
    (void)given_claim(f, src, poor, 0, 1000 * YUAN, 1000 * YUAN, 500 * YUAN);
    (void)given_claim(f, src, bad, 0, 1000 * YUAN, 1000 * YUAN, 500 * YUAN);
    (void)given_claim(f, src, f->firm, 0, 1000 * YUAN, 1000 * YUAN, 500 * YUAN);
    ban_add_row(f, bad);
    const batch_report early = collect(f, "2013Q2");
    assert_int_equal(early.batch_id, 0);
    assert_int_equal(early.n_left, 3);
    assert_string_equal(early.left[0].reason, "after_cutoff");
    const batch_report r = collect(f, "2013Q3");
    assert_int_equal(r.count, 1);
    assert_int_equal(r.n_left, 2);
    assert_string_equal(r.left[0].reason, "no_account");
    assert_string_equal(r.left[1].reason, "banned");

    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const batch_collect_request rq = {.period = STR("2013Q3")};
    batch_report second;
    tq_err why = {0};
    assert_int_equal(batch_collect(f->app, &maker, &rq, &second, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "run_open");
    NEED(batch_cancel(f->app, &maker, r.batch_id, err));
    const batch_report third = collect(f, "2013Q3"); /* a cancelled run gives its claims back */
    assert_int_equal(third.count, 1);
    fixture_close(f);
}

/* R-BAN-040 */
/* A signal of the claim, and its end. */
static int64_t signal_on(fixture *f, int64_t claim_id)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    const call c = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    event e = work_event(&c, EV_SIGNAL_LIST);
    NEED(event_new_row(tx, &e, T_SIGNAL, &id, err));
    event_int(&e, C_SIGNAL_PROGRAMME_ID, f->programme_id);
    event_text(&e, C_SIGNAL_KIND, STR("invoice_status"));
    event_text(&e, C_SIGNAL_SUBJECT, STR("claim"));
    event_int(&e, C_SIGNAL_SUBJECT_ID, claim_id);
    event_text(&e, C_SIGNAL_ACTION, STR("refer"));
    event_text(&e, C_SIGNAL_STATE, STR("referred"));
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
    return id;
}

static void signal_answered(fixture *f, int64_t id, bool confirmed)
{
    const call c = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const signal_decision rq = {.signal_id = id, .confirmed = confirmed, .note = STR("已核对")};
    NEED(signal_decide(f->app, &c, &rq, err));
}

/* R-SIGNAL-070: what is conspicuous before payment stops it, whenever it is found. */
static void test_signals_stop_payment(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given one = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    const given two = given_claim(f, src, f->firm, 0, 1000 * YUAN, 700 * YUAN, 300 * YUAN);
    const int64_t first = signal_on(f, one.claim_id);
    batch_report r = collect(f, "2013Q3");
    assert_int_equal(r.count, 1);
    assert_int_equal(r.n_left, 1);
    assert_int_equal(r.left[0].claim_id, one.claim_id);
    assert_string_equal(r.left[0].reason, "signal_open");
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    NEED(batch_cancel(f->app, &maker, r.batch_id, err));
    signal_answered(f, first, false);
    r = collect(f, "2013Q3");
    assert_int_equal(r.count, 2);
    r = lock(f, r.batch_id);
    signal_answered(f, signal_on(f, two.claim_id), true); /* confirmed before the release */
    r = release(f, r.batch_id, arena_copy(f->a, str_of(r.list_sha256)).data);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.n_left, 1);
    assert_int_equal(r.left[0].claim_id, two.claim_id);
    assert_string_equal(r.left[0].reason, "signal_open");
    assert_int_equal(given_money(f, ACC_TRANSIT, one.voucher_id, one.claim_id), 500 * YUAN);
    assert_int_equal(given_money(f, ACC_TRANSIT, two.voucher_id, two.claim_id), 0);
    fixture_close(f);
}

static void test_banned_between_lock_and_release(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    const int64_t bad = fixture_org(f, "enterprise", "长兴被禁有限公司");
    (void)fixture_account(f, f->firm, DAY_RUN);
    (void)fixture_account(f, bad, DAY_RUN);
    const given g = given_claim(f, src, bad, 0, 1000 * YUAN, 1000 * YUAN, 500 * YUAN);
    (void)given_claim(f, src, f->firm, 0, 1000 * YUAN, 1000 * YUAN, 300 * YUAN);
    const batch_report made = collect(f, "2013Q3");
    const batch_report locked = lock(f, made.batch_id);
    assert_int_equal(locked.total_fen, 800 * YUAN);
    ban_add_row(f, bad);
    const batch_report out = release(f, made.batch_id, locked.list_sha256);
    assert_int_equal(out.total_fen, 300 * YUAN);
    assert_int_equal(out.n_left, 1);
    assert_int_equal(out.left[0].claim_id, g.claim_id);
    assert_string_equal(out.left[0].reason, "banned");
    assert_string_not_equal(out.list_sha256, locked.list_sha256);
    assert_int_equal(given_money(f, ACC_PAYABLE, g.voucher_id, g.claim_id), 500 * YUAN);
    assert_int_equal(given_money(f, ACC_TRANSIT, g.voucher_id, g.claim_id), 0);
    assert_true(str_eq(given_text(f, T_CLAIM, g.claim_id, C_CLAIM_STATE), STR("published")));
    assert_true(str_eq(line_of(f, made.batch_id, 1).state, STR("pulled")));
    fixture_close(f);
}

static void test_pull_release_recall(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, src, f->firm, 0, 1000 * YUAN, 1000 * YUAN, 500 * YUAN);
    (void)given_claim(f, src, f->firm, 0, 1000 * YUAN, 1000 * YUAN, 300 * YUAN);
    const batch_report made = collect(f, "2013Q3");
    const batch_report locked = lock(f, made.batch_id);
    const batch_line_view second = line_of(f, made.batch_id, 2);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const line_pull_request pull = {line_of(f, made.batch_id, 1).id, STR("发票待核")};
    NEED(line_pull(f->app, &maker, &pull, err));
    assert_true(str_eq(line_of(f, made.batch_id, 2).payment_no, second.payment_no));
    assert_int_equal(given_num(f, T_BATCH, made.batch_id, C_BATCH_TOTAL_FEN), 300 * YUAN);

    /* The checker signs the list that is, not the one that was; and is not the maker. */
    tq_err why = {0};
    batch_report r;
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const batch_release_request old = {made.batch_id, str_of(locked.list_sha256)};
    assert_int_equal(batch_release(f->app, &checker, &old, &r, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "list_changed");
    const str now = given_text(f, T_BATCH, made.batch_id, C_BATCH_LIST_SHA256);
    const call both = fixture_user(f, f->user[ROLE_FINANCE_MAKER], f->person[ROLE_FINANCE_MAKER],
                                   ROLE_FINANCE_CHECKER, 0, DAY_RUN);
    const batch_release_request rq = {made.batch_id, now};
    assert_int_equal(batch_release(f->app, &both, &rq, &r, &why), TQ_FORBIDDEN);
    NEED(batch_release(f->app, &checker, &rq, &r, err));
    assert_int_equal(r.count, 1);

    NEED(batch_recall(f->app, &checker, made.batch_id, err));
    assert_int_equal(fixture_balance(f, ACC_TRANSIT, 0), 0);
    assert_int_equal(fixture_balance(f, ACC_PAYABLE, 0), 800 * YUAN);
    assert_int_equal(batch_send(f->app, &maker, made.batch_id, &r, &why), TQ_CONFLICT);
    assert_true(str_eq(given_text(f, T_CLAIM, g.claim_id, C_CLAIM_STATE), STR("published")));
    const batch_report next = collect(f, "2013Q3");
    assert_int_equal(next.total_fen, 800 * YUAN);
    fixture_close(f);
}

typedef struct racer {
    fixture *f;
    const batch_release_request *rq;
    tq_code code;
} racer;

static void *race(void *arg)
{
    racer *r = arg;
    ARENA_AUTO arena *a = arena_new("racer", 64 * 1024 * 1024);
    const call c = fixture_as_in(r->f, ROLE_FINANCE_CHECKER, DAY_RUN, a);
    batch_report out;
    do {
        r->code = batch_release(r->f->app, &c, r->rq, &out, NULL);
    } while (r->code == TQ_BUSY);
    return NULL;
}

static void test_release_race(void **state)
{
    (void)state;
    enum { MOST = 20 };
    const int n = getenv("TQ_FULL") != NULL ? MOST : 8;
    pthread_t threads[MOST];
    racer racers[MOST];
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, src, f->firm, 0, 1000 * YUAN, 1000 * YUAN, 500 * YUAN);
    const batch_report made = collect(f, "2013Q3");
    const batch_report locked = lock(f, made.batch_id);
    const batch_release_request rq = {made.batch_id, str_of(locked.list_sha256)};
    for (int i = 0; i < n; i++) {
        racers[i] = (racer){f, &rq, TQ_INTERNAL};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    int won = 0;
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        won += racers[i].code == TQ_OK ? 1 : 0;
        assert_true(racers[i].code == TQ_OK || racers[i].code == TQ_CONFLICT);
    }
    assert_int_equal(won, 1);
    assert_int_equal(given_money(f, ACC_TRANSIT, g.voucher_id, g.claim_id), 500 * YUAN);
    fixture_close(f);
}

/* After the run the firm moves to a park, and township, firm and institution get new names. */
static void everybody_moves(fixture *f)
{
    const day later = day_add(DAY_RUN, 5);
    const call c = fixture_as(f, ROLE_INTAKE, later);
    int64_t fact = 0;
    const int64_t park = fixture_org(f, "park", "长兴经济技术开发区");
    const org_fact_rq moved = {.org_id = f->firm,
                               .kind = STR("assessment_unit"),
                               .value = arena_printf(f->a, "%lld", (long long)park),
                               .from = day_add(DAY_RUN, 1)};
    NEED(org_fact_record(f->app, &c, &moved, &fact, err));
    assert_int_equal(given_num(f, T_ORGANISATION, f->firm, C_ORGANISATION_UNIT_ID), park);
    NEED(org_rename(f->app, &c, f->township, STR("改名街道"), day_add(DAY_RUN, 1), err));
    NEED(org_rename(f->app, &c, f->firm, STR("改名电池有限公司"), day_add(DAY_RUN, 1), err));
    NEED(org_rename(f->app, &c, f->institution, STR("改名研究院"), day_add(DAY_RUN, 1), err));
}

/* R-LIST-010 */
static void test_payment_list(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t src = source_of(f);
    (void)fixture_account(f, f->firm, DAY_RUN);
    (void)given_claim(f, src, f->firm, 0, 50000 * YUAN, 40000 * YUAN, 30000 * YUAN + 5);
    const batch_report made = collect(f, "2013Q3");
    const batch_report locked = lock(f, made.batch_id);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    payment_list_file one;
    payment_list_file two;
    tq_err why = {0};
    assert_int_equal(payment_list_export(f->app, &maker, made.batch_id, CSV_UTF8_BOM, &one, &why),
                     TQ_CONFLICT);
    (void)release(f, made.batch_id, locked.list_sha256);
    NEED(payment_list_export(f->app, &maker, made.batch_id, CSV_UTF8_BOM, &one, err));
    assert_false(one.duplicate);
    (void)send_list(f, made.batch_id);
    const batch_line_view l = line_of(f, made.batch_id, 1);
    (void)result(f, bank_row(f, &l, "30000.05", "paid", "", "2013-11-20"));
    everybody_moves(f);
    NEED(payment_list_export(f->app, &maker, made.batch_id, CSV_UTF8_BOM, &two, err));
    assert_true(two.duplicate);
    assert_non_null(strstr(two.name, "-copy2.csv"));
    assert_int_equal(one.bytes.len, two.bytes.len);
    assert_memory_equal(one.bytes.data, two.bytes.data, one.bytes.len);
    static const char *const golden[] = {
        "\xEF\xBB\xBF支付编号,序号,备案号,主体全称,",
        "长兴绿能电池有限公司,",
        ",雉城街道,",
        "103336270011,3305220000123456789,2060499,50701,31204,长财教〔2013〕12号,,30000.05",
        "小计,长财教〔2013〕12号 330522001 2060499 50701 31204 一般公共预算 授权支付,30000.05",
        "\r\n笔数,1\r\n合计,30000.05\r\n合计(大写),叁万元零伍分\r\nSM3,",
    };
    for (size_t i = 0; i < TQ_COUNT(golden); i++) {
        if (strstr(one.bytes.data, golden[i]) == NULL) {
            fail_msg("missing %s in\n%s", golden[i], one.bytes.data);
        }
    }
    NEED(payment_list_export(f->app, &maker, made.batch_id, CSV_GB18030, &two, err));
    str back = {0};
    NEED(csv_decode(two.bytes, f->a, &back, err));
    assert_int_equal(back.len, one.bytes.len - 3);
    assert_memory_equal(back.data, one.bytes.data + 3, back.len);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period),
        cmocka_unit_test(test_paid_and_returned),
        cmocka_unit_test(test_faults_of_a_file),
        cmocka_unit_test(test_left_out_by_name),
        cmocka_unit_test(test_signals_stop_payment),
        cmocka_unit_test(test_banned_between_lock_and_release),
        cmocka_unit_test(test_pull_release_recall),
        cmocka_unit_test(test_release_race),
        cmocka_unit_test(test_payment_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
