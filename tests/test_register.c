/* SPDX-License-Identifier: Apache-2.0 */
/* The register as it is submitted (P-39): every entry once, a file that stays the same bytes, corrections
 * that are lines of their own (R-REGISTER-020). */
#include "claim_path.h"

#include <string.h>

#include "app/register_filing.h"
#include "given_claim.h"

static const day AFTER_SETUP = {15952}; /* 2013-09-04 */

static path registered(fixture *f, bool other, public_number *number, int64_t *claim)
{
    path p = path_make(f, other, AFTER_SETUP);
    const claim_filed filed = path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    const call office = as(&p, ROLE_OFFICE);
    NEED(claim_register(f->app, &office, filed.claim_id, number, err));
    *claim = filed.claim_id;
    return p;
}

static call office_on(fixture *f, int days)
{
    return fixture_as(f, ROLE_OFFICE, day_add(AFTER_SETUP, days));
}

static int64_t file_all(fixture *f, int days)
{
    int64_t id = 0;
    const call office = office_on(f, days);
    NEED(register_file(f->app, &office, &id, err));
    return id;
}

/* Lives in the fixture's arena. */
static const char *text_of(fixture *f, int64_t filing)
{
    BUF_AUTO buf text = buf_max(1 << 20);
    const call office = office_on(f, 30);
    NEED(register_filing_text(f->app, &office, filing, &text, err));
    return arena_copy(f->a, buf_view(&text)).data;
}

/* The only entry of a register that holds one. */
static int64_t only_line(fixture *f, int64_t claim)
{
    assert_int_equal(given_num(f, T_REGISTER_LINE, 1, C_REGISTER_LINE_CLAIM_ID), claim);
    return 1;
}

static void test_each_entry_once(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number one;
    public_number two;
    int64_t a = 0;
    int64_t b = 0;
    int64_t none = 0;
    const call early = office_on(f, 0);
    ASSERT_FAILS(register_file(f->app, &early, &none, err), TQ_CONFLICT, "register_empty");
    (void)registered(f, false, &one, &a);
    const int64_t first = file_all(f, 1);
    (void)registered(f, true, &two, &b);
    const int64_t second = file_all(f, 2);
    assert_int_equal(given_num(f, T_REGISTER_FILING, first, C_REGISTER_FILING_COUNT), 1);
    assert_int_equal(given_num(f, T_REGISTER_FILING, second, C_REGISTER_FILING_COUNT), 1);
    assert_int_equal(given_num(f, T_REGISTER_FILING, first, C_REGISTER_FILING_TOTAL_FEN),
                     ALLOWED_FEN);
    ASSERT_FAILS(register_file(f->app, &early, &none, err), TQ_CONFLICT, "register_empty");

    const char *file = text_of(f, first);
    assert_non_null(strstr(file, one.text));
    assert_null(strstr(file, two.text));
    assert_non_null(strstr(file, "23584.90"));
    assert_string_equal(file, text_of(f, first));
    fixture_close(f);
}

static void test_receipt(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number number;
    int64_t claim = 0;
    (void)registered(f, false, &number, &claim);
    const int64_t filing = file_all(f, 2);
    const call office = office_on(f, 5);
    const day filed = day_add(AFTER_SETUP, 2);
    ASSERT_FAILS(register_receive(f->app, &office, filing, STR(""), filed, err), TQ_INVALID,
                 "line");
    ASSERT_FAILS(register_receive(f->app, &office, filing, STR("浙科备1"), day_add(filed, -1), err),
                 TQ_INVALID, "days");
    ASSERT_FAILS(register_receive(f->app, &office, filing, STR("浙科备1"), day_add(filed, 4), err),
                 TQ_INVALID, "days");
    NEED(register_receive(f->app, &office, filing, STR("浙科备1"), day_add(filed, 3), err));
    ASSERT_FAILS(register_receive(f->app, &office, filing, STR("浙科备2"), filed, err), TQ_CONFLICT,
                 "state_arrow");
    ASSERT_FAILS(register_return(f->app, &office, filing, STR("错"), err), TQ_CONFLICT,
                 "state_arrow");
    const call finance = fixture_as(f, ROLE_FINANCE_MAKER, office.today);
    int64_t none = 0;
    ASSERT_FAILS(register_file(f->app, &finance, &none, err), TQ_FORBIDDEN, "no_role");
    fixture_close(f);
}

static void test_returned_lines_go_into_the_next(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number number;
    int64_t claim = 0;
    (void)registered(f, false, &number, &claim);
    const int64_t first = file_all(f, 1);
    const char *before = text_of(f, first);
    const call office = office_on(f, 2);
    NEED(register_return(f->app, &office, first, STR("缺服务机构名称"), err));
    BUF_AUTO buf text = buf_max(1 << 20);
    ASSERT_FAILS(register_filing_text(f->app, &office, first, &text, err), TQ_CONFLICT,
                 "register_returned");
    const int64_t second = file_all(f, 3);
    assert_string_equal(before, text_of(f, second));
    fixture_close(f);
}

/* R-REGISTER-020 */
static void test_a_correction_is_a_new_line(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number number;
    int64_t claim = 0;
    int64_t made = 0;
    (void)registered(f, false, &number, &claim);
    const int64_t first = file_all(f, 1);
    const char *before = text_of(f, first);
    const int64_t line = only_line(f, claim);
    const call office = office_on(f, 2);
    register_correction rq = {.line_id = line, .amount_fen = ALLOWED_FEN, .ground = STR("多报")};
    ASSERT_FAILS(register_correct(f->app, &office, &rq, &made, err), TQ_CONFLICT,
                 "nothing_changed");
    rq.amount_fen = CONTRACT_FEN + 1;
    ASSERT_FAILS(register_correct(f->app, &office, &rq, &made, err), TQ_INVALID, "amount");
    rq.amount_fen = 0;
    NEED(register_correct(f->app, &office, &rq, &made, err));
    ASSERT_FAILS(register_correct(f->app, &office, &rq, &made, err), TQ_CONFLICT, "state_arrow");
    const str fresh = given_text(f, T_REGISTER_LINE, made, C_REGISTER_LINE_REGISTER_NO);
    assert_true(str_starts(fresh, STR("R330522-2013-000002-")));

    const int64_t second = file_all(f, 3);
    const char *file = text_of(f, second);
    assert_non_null(strstr(file, number.text)); /* the entry that it corrects */
    assert_non_null(strstr(file, "多报"));
    assert_string_equal(before, text_of(f, first));
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_entry_once),
        cmocka_unit_test(test_receipt),
        cmocka_unit_test(test_returned_lines_go_into_the_next),
        cmocka_unit_test(test_a_correction_is_a_new_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
