/* SPDX-License-Identifier: Apache-2.0 */
/* The register as it is submitted (P-39): every entry once, a file that stays the same bytes, corrections
 * that are lines of their own (R-REGISTER-020), made by themselves where an approval is undone. */
#include "claim_path.h"

#include <string.h>

#include "app/register_filing.h"
#include "app/sanction.h"
#include "given_claim.h"
#include "store/event_store.h"
#include "store/verify.h"

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

/* Ends a test: the county as it stands must verify. */
static void close_clean(fixture *f)
{
    static verify_report report;
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    if (!report.ok) {
        fail_msg("verify: %s %s", report.first[0].what, report.first[0].table);
    }
    fixture_close(f);
}

static int64_t line_num(fixture *f, int64_t line, int col)
{
    return given_num(f, T_REGISTER_LINE, line, col);
}

static bool line_is(fixture *f, int64_t line, const char *state)
{
    return str_eq(given_text(f, T_REGISTER_LINE, line, C_REGISTER_LINE_STATE), str_of(state));
}

/* How often `what` stands in `text`. */
static int times(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        n++;
    }
    return n;
}

static void undo(fixture *f, int64_t claim, int days)
{
    int64_t decision = 0;
    const call reviewer = fixture_as(f, ROLE_REVIEWER2, day_add(AFTER_SETUP, days));
    const claim_undoing rq = {.claim_id = claim, .reason = "error"};
    NEED(claim_undo(f->app, &reviewer, &rq, &decision, err));
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

/* What came back goes out again whole: the entry of which the authority knows nothing, then its correction. */
static void test_a_returned_filing_keeps_what_was_corrected(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number number;
    int64_t claim = 0;
    int64_t made = 0;
    (void)registered(f, false, &number, &claim);
    const int64_t first = file_all(f, 1);
    const int64_t line = only_line(f, claim);
    const call office = office_on(f, 2);
    const register_correction rq = {
        .line_id = line, .amount_fen = ALLOWED_FEN / 2, .ground = STR("多报")};
    NEED(register_correct(f->app, &office, &rq, &made, err));
    NEED(register_return(f->app, &office, first, STR("缺盖章"), err));
    assert_int_equal(line_num(f, line, C_REGISTER_LINE_FILING_ID), 0);
    for (int again = 0; again < 2; again++) { /* and so it does when it comes back once more */
        const int64_t next = file_all(f, 3 + again);
        assert_int_equal(given_num(f, T_REGISTER_FILING, next, C_REGISTER_FILING_COUNT), 2);
        assert_int_equal(given_num(f, T_REGISTER_FILING, next, C_REGISTER_FILING_TOTAL_FEN),
                         ALLOWED_FEN + ALLOWED_FEN / 2);
        assert_int_equal(line_num(f, line, C_REGISTER_LINE_FILING_ID), next);
        assert_int_equal(line_num(f, made, C_REGISTER_LINE_FILING_ID), next);
        assert_true(line_is(f, line, "corrected"));
        assert_true(line_is(f, made, "filed"));
        assert_int_equal(times(text_of(f, next), number.text),
                         2); /* itself, and what is corrected */
        if (again == 0) {
            NEED(register_return(f->app, &office, next, STR("缺盖章"), err));
        }
    }
    ASSERT_FAILS(register_file(f->app, &office, &made, err), TQ_CONFLICT, "register_empty");
    close_clean(f);
}

/* R-REGISTER-030 */
static void test_an_undone_approval_is_corrected(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number again;
    int64_t none = 0;
    path p = path_make(f, false, AFTER_SETUP);
    const claim_filed filed = path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    const call office = office_on(f, 1);
    public_number number;
    NEED(claim_register(f->app, &office, filed.claim_id, &number, err));
    const int64_t first = file_all(f, 1);
    const char *before = text_of(f, first);
    const int64_t entry = only_line(f, filed.claim_id);
    undo(f, filed.claim_id, 2);
    const int64_t fix = entry + 1;
    assert_true(line_is(f, entry, "corrected"));
    assert_true(line_is(f, fix, "waiting"));
    assert_int_equal(line_num(f, fix, C_REGISTER_LINE_CORRECTS_ID), entry);
    assert_int_equal(line_num(f, fix, C_REGISTER_LINE_AMOUNT_FEN), 0);
    const char *void_file = text_of(f, file_all(f, 3));
    assert_int_equal(times(void_file, number.text), 1);
    assert_non_null(strstr(void_file, "核定已撤销"));
    assert_string_equal(before, text_of(f, first));

    /* Approved anew nothing is said before it is registered: the number is the old one, the line a third. */
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    ASSERT_FAILS(register_file(f->app, &office, &none, err), TQ_CONFLICT, "register_empty");
    NEED(claim_register(f->app, &office, filed.claim_id, &again, err));
    assert_string_equal(again.text, number.text);
    assert_int_equal(line_num(f, fix + 1, C_REGISTER_LINE_CORRECTS_ID), fix);
    assert_int_equal(line_num(f, fix + 1, C_REGISTER_LINE_AMOUNT_FEN), ALLOWED_FEN);

    /* And undone before that one was filed: it goes out as a number all the same. */
    undo(f, filed.claim_id, 4);
    assert_true(line_is(f, fix + 1, "corrected"));
    const int64_t last = file_all(f, 5);
    assert_int_equal(given_num(f, T_REGISTER_FILING, last, C_REGISTER_FILING_COUNT), 2);
    assert_int_equal(line_num(f, fix + 2, C_REGISTER_LINE_AMOUNT_FEN), 0);
    close_clean(f);
}

/* R-REGISTER-030: its number was given, so the authority sees it. */
static void test_undone_before_it_was_filed(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number one;
    public_number two;
    int64_t a = 0;
    int64_t b = 0;
    int64_t decision = 0;
    int64_t none = 0;
    (void)registered(f, false, &one, &a);
    (void)registered(f, true, &two, &b);
    undo(f, a, 1);
    const int64_t first = file_all(f, 2);
    assert_int_equal(given_num(f, T_REGISTER_FILING, first, C_REGISTER_FILING_COUNT), 2);
    assert_int_equal(given_num(f, T_REGISTER_FILING, first, C_REGISTER_FILING_TOTAL_FEN),
                     ALLOWED_FEN);
    const char *file = text_of(f, first);
    assert_int_equal(times(file, one.text), 1);
    assert_int_equal(times(file, two.text), 1);
    assert_int_equal(times(file, "核定已撤销"), 1);
    assert_int_equal(line_num(f, only_line(f, a), C_REGISTER_LINE_AMOUNT_FEN), 0);

    const call reviewer = fixture_as(f, ROLE_REVIEWER2, day_add(AFTER_SETUP, 3));
    const claim_refusal no = {.claim_id = a, .reason = "fraud"};
    NEED(claim_refuse(f->app, &reviewer, &no, &decision, err));
    const call office = office_on(f, 4);
    ASSERT_FAILS(register_file(f->app, &office, &none, err), TQ_CONFLICT, "register_empty");
    close_clean(f);
}

static int64_t published_line(fixture *f, int64_t *claim)
{
    public_number number;
    publication_opened list = {0};
    (void)registered(f, false, &number, claim);
    (void)file_all(f, 1);
    const call office = office_on(f, 1);
    const publication_new rq = {.claims = claim, .n = 1};
    NEED(publication_open(f->app, &office, &rq, &list, err));
    return only_line(f, *claim);
}

static void test_an_objection_corrects(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    int64_t claim = 0;
    int64_t objection = 0;
    int64_t decision = 0;
    const int64_t entry = published_line(f, &claim);
    const call anyone = fixture_as(f, ROLE_PUBLIC, day_add(AFTER_SETUP, 2));
    const objection_new rq = {.claim_id = claim, .ground = STR("检测未发生")};
    NEED(objection_file(f->app, &anyone, &rq, &objection, err));
    const call group = fixture_as(f, ROLE_GROUP, day_add(AFTER_SETUP, 3));
    const objection_verdict yes = {
        .objection_id = objection, .upheld = true, .reason = "checked_on_site"};
    NEED(objection_decide(f->app, &group, &yes, &decision, err));
    assert_int_equal(line_num(f, entry + 1, C_REGISTER_LINE_CORRECTS_ID), entry);
    assert_int_equal(line_num(f, entry + 1, C_REGISTER_LINE_AMOUNT_FEN), 0);
    assert_non_null(strstr(text_of(f, file_all(f, 4)), "异议成立"));
    close_clean(f);
}

static void test_a_sanction_corrects(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    int64_t claim = 0;
    case_result kase;
    case_decide_report report;
    const int64_t entry = published_line(f, &claim);
    const call office = office_on(f, 2);
    const call group = fixture_as(f, ROLE_GROUP, day_add(AFTER_SETUP, 3));
    const case_open_request opens = {f->firm, STR("false_use")};
    const decision_paper paper = {.number = STR("纪要〔2013〕9号"), .day = office.today};
    NEED(case_open(f->app, &office, &opens, &kase, err));
    const case_step_request hears = {.case_id = kase.case_id, .paper = paper};
    NEED(case_hear(f->app, &office, &hears, err));
    const case_decide_request rq = {
        .case_id = kase.case_id, .paper = paper, .reason = STR("虚假使用")};
    NEED(case_decide(f->app, &group, &rq, &report, err));
    assert_int_equal(report.claims, 1);
    assert_int_equal(line_num(f, entry + 1, C_REGISTER_LINE_CORRECTS_ID), entry);
    assert_int_equal(line_num(f, entry + 1, C_REGISTER_LINE_AMOUNT_FEN), 0);
    assert_non_null(strstr(text_of(f, file_all(f, 4)), "违规处理"));
    close_clean(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_entry_once),
        cmocka_unit_test(test_receipt),
        cmocka_unit_test(test_returned_lines_go_into_the_next),
        cmocka_unit_test(test_a_correction_is_a_new_line),
        cmocka_unit_test(test_a_returned_filing_keeps_what_was_corrected),
        cmocka_unit_test(test_an_undone_approval_is_corrected),
        cmocka_unit_test(test_undone_before_it_was_filed),
        cmocka_unit_test(test_an_objection_corrects),
        cmocka_unit_test(test_a_sanction_corrects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
