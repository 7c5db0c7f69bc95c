/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/opening.h"
#include "app/settle.h"
#include "given_claim.h"

#define YUAN INT64_C(100)
#define DAY_RUN fixture_day(2013, 11, 20)

static str code_of(fixture *f, int64_t org_id)
{
    return given_text(f, T_ORGANISATION, org_id, C_ORGANISATION_CREDIT_CODE);
}

static const opening_totals papers = {.vouchers = 2,
                                      .claims = 1,
                                      .invoices = 2,
                                      .bans = 1,
                                      .accounts = 1,
                                      .appropriated_fen = 100000 * YUAN,
                                      .issued_fen = 80000 * YUAN,
                                      .paid_fen = 12345 * YUAN + 67,
                                      .left_fen = 67654 * YUAN + 33};

static opening_files files_of(fixture *f, const char *left)
{
    const str firm = code_of(f, f->firm);
    const str lab = code_of(f, f->institution);
    (void)fixture_fund(f, "apply", 1 * YUAN,
                       FIXTURE_DAY); /* the source S; its money comes by import */
    return (opening_files){
        .balances = STR("source,year,kind,amount\nS,2013,apply,100000.00\n"),
        .vouchers = arena_printf(
            f->a,
            "number,kind,holder,source,year,issued,left,issued_day,use_by,claim_by,purpose\n"
            "纸2013-1,apply,%.*s,S,2013,50000.00,%s,2013-03-01,2014-03-01,2014-06-01,\n"
            "纸2013-2,apply,%.*s,S,2013,30000.00,30000.00,2013-04-01,2014-04-01,2014-07-01,\n",
            STR_ARG(firm), left, STR_ARG(firm)),
        .claims = arena_printf(f->a,
                               "number,voucher,institution,payee,title,outcome,contract,base,"
                               "amount,filed_day,paid_day\n"
                               "备2013-1,纸2013-1,%.*s,%.*s,检测,testing,30000.00,24691.34,12345."
                               "67,2013-05-02,2013-07-01\n",
                               STR_ARG(lab), STR_ARG(firm)),
        .invoices = arena_printf(
            f->a,
            "key,seller,buyer,issued_day,gross,net,claim,amount\n"
            "00330013114012345678,%.*s,%.*s,2013-04-20,30000.00,28301.89,备2013-1,24691.34\n"
            "00330013114012345679,%.*s,%.*s,2013-04-20,100.00,94.34,,0\n",
            STR_ARG(lab), STR_ARG(firm), STR_ARG(lab), STR_ARG(firm)),
        .bans = arena_printf(f->a, "org,scope,from,to\n%.*s,all_funds,2012-01-01,2014-12-31\n",
                             STR_ARG(lab)),
        .accounts = arena_printf(
            f->a,
            "org,holder,number,bank,bank_code,usable_day\n"
            "%.*s,长兴绿能电池有限公司,3305221234567890,农行长兴支行,103336270011,2013-01-01\n",
            STR_ARG(firm)),
    };
}

static void test_import(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const opening_files files = files_of(f, "37654.33");
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    opening_report dry;
    opening_report r;
    tq_err why = {0};
    const int64_t before = fixture_events(f);
    NEED(opening_check(f->app, &office, &files, &papers, &dry, err));
    assert_int_equal(fixture_events(f), before); /* a dry run leaves nothing */
    NEED(opening_propose(f->app, &office, &files, &papers, &r, err));
    assert_string_equal(r.sha256, dry.sha256);
    assert_int_equal(opening_propose(f->app, &office, &files, &papers, &dry, &why), TQ_CONFLICT);

    opening_files other = files;
    other.bans = arena_printf(f->a, "org,scope,from,to\n%.*s,programme,2012-01-01,2014-12-31\n",
                              STR_ARG(code_of(f, f->institution)));
    assert_int_equal(opening_import(f->app, &checker, r.opening_id, &other, &papers, &dry, &why),
                     TQ_CONFLICT);
    assert_string_equal(why.reason, "opening_changed");
    const call same = fixture_user(f, f->user[ROLE_OFFICE], f->person[ROLE_OFFICE],
                                   ROLE_FINANCE_CHECKER, 0, DAY_RUN);
    assert_int_equal(opening_import(f->app, &same, r.opening_id, &files, &papers, &dry, &why),
                     TQ_FORBIDDEN);

    NEED(opening_import(f->app, &checker, r.opening_id, &files, &papers, &dry, err));
    assert_int_equal(fixture_balance(f, ACC_VOUCHER, 0), 67654 * YUAN + 33);
    assert_int_equal(fixture_balance(f, ACC_PAID, 0), 12345 * YUAN + 67);
    assert_int_equal(fixture_balance(f, ACC_POOL, 0), 20001 * YUAN);
    assert_int_equal(fixture_balance(f, ACC_HOLD, 0) + fixture_balance(f, ACC_PAYABLE, 0) +
                         fixture_balance(f, ACC_TRANSIT, 0),
                     0);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    assert_int_equal(ban_check(tx, f->programme_id, f->institution, DAY_RUN, &why), TQ_REFUSED);
    store_rollback(&tx);
    assert_int_equal(opening_import(f->app, &checker, r.opening_id, &files, &papers, &dry, &why),
                     TQ_CONFLICT);
    assert_string_equal(why.reason, "opening_done");
    fixture_close(f);
}

static void test_refused(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    opening_files files = files_of(f, "37654.33");
    const call office = fixture_as(f, ROLE_OFFICE, DAY_RUN);
    opening_report r;
    tq_err why = {0};

    opening_totals control = papers;
    control.paid_fen++; /* to the fen */
    assert_int_equal(opening_check(f->app, &office, &files, &control, &r, &why), TQ_INVALID);
    assert_string_equal(why.reason, "control_total");
    assert_string_equal(why.field, "paid");

    opening_files wrong = files;
    wrong.vouchers = files_of(f, "37654.34").vouchers; /* issued - paid is not left */
    assert_int_equal(opening_check(f->app, &office, &wrong, &papers, &r, &why), TQ_INVALID);
    assert_string_equal(why.reason, "left");

    wrong = files;
    wrong.balances = STR("source,year,kind,amount\nS,2013,apply,70000.00\n");
    assert_int_equal(opening_check(f->app, &office, &wrong, &papers, &r, &why), TQ_INVALID);
    assert_string_equal(why.reason, "pool");

    wrong = files;
    wrong.balances = STR("source,year,kind,amount\nX,2013,apply,100000.00\n");
    assert_int_equal(opening_check(f->app, &office, &wrong, &papers, &r, &why), TQ_INVALID);
    assert_non_null(strstr(why.field, "balances line 2"));

    wrong = files; /* the same claim twice */
    const size_t head = (size_t)(strchr(files.claims.data, '\n') - files.claims.data) + 1;
    wrong.claims = arena_printf(f->a, "%.*s%.*s", STR_ARG(files.claims),
                                (int)(files.claims.len - head), files.claims.data + head);
    assert_int_equal(opening_check(f->app, &office, &wrong, &papers, &r, &why), TQ_INVALID);
    assert_string_equal(why.reason, "twice");
    assert_non_null(strstr(why.field, "claims line 3"));
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_import),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
