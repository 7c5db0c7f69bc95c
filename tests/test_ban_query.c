/* SPDX-License-Identifier: Apache-2.0 */
/* The ban register asked by other bureaus (P-31, R-BAN-050). */
#include "claim_path.h"

#include <string.h>

#include "app/ban_query.h"
#include "app/sanction.h"
#include "app/view.h"
#include "base/hash.h"
#include "given_claim.h"
#include "store/ban_register.h"

#define DAY_ASKED fixture_day(2013, 11, 20)
#define NOBODYS "91350100M000100Y43"

static str code_of(fixture *f, int64_t org_id)
{
    return given_text(f, T_ORGANISATION, org_id, C_ORGANISATION_CREDIT_CODE);
}

static int64_t ban_put_for(fixture *f, int64_t org_id, const char *cause)
{
    const decision_paper paper = {.number = STR("纪要〔2013〕2号"), .day = DAY_ASKED};
    const call office = fixture_as(f, ROLE_OFFICE, DAY_ASKED);
    const call group = fixture_as(f, ROLE_GROUP, DAY_ASKED);
    const case_open_request open = {org_id, str_of(cause)};
    case_result made;
    case_decide_report r;
    NEED(case_open(f->app, &office, &open, &made, err));
    const case_step_request hear = {.case_id = made.case_id, .paper = paper};
    NEED(case_hear(f->app, &office, &hear, err));
    const case_decide_request decide = {
        .case_id = made.case_id, .paper = paper, .reason = STR("虚假使用"), .due = DAY_NONE};
    NEED(case_decide(f->app, &group, &decide, &r, err));
    assert_true(r.ban_id > 0);
    return r.ban_id;
}

static int64_t ban_put(fixture *f, int64_t org_id)
{
    return ban_put_for(f, org_id, "false_use");
}

static ban_ask_request about(str codes)
{
    return (ban_ask_request){
        .codes = codes, .purpose = STR("农业产业化补助"), .paper_no = STR("长农〔2013〕7号")};
}

static ban_ask_result ask_on(fixture *f, str codes, day d)
{
    const call bureau = fixture_as(f, ROLE_LINKED_BUREAU, d);
    const ban_ask_request rq = about(codes);
    ban_ask_result r = {0};
    NEED(ban_ask(f->app, &bureau, &rq, &r, err));
    return r;
}

/* Lives in the fixture's arena. */
static str receipt_of(fixture *f, int64_t query_id)
{
    BUF_AUTO buf text = buf_max(BAN_RECEIPT_BYTES_MAX);
    const call bureau = fixture_as(f, ROLE_LINKED_BUREAU, day_add(DAY_ASKED, 900));
    NEED(ban_receipt(f->app, &bureau, query_id, &text, err));
    return arena_copy(f->a, buf_view(&text));
}

static void test_answers_and_receipt(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t bad = fixture_org(f, "enterprise", "失信公司");
    const int64_t good = fixture_org(f, "enterprise", "守信公司");
    (void)ban_put(f, bad);
    const str codes =
        arena_printf(f->a, "%.*s、%.*s\n%.*s, " NOBODYS "\n", STR_ARG(code_of(f, good)),
                     STR_ARG(code_of(f, bad)), STR_ARG(code_of(f, good)));
    const ban_ask_result r = ask_on(f, codes, day_add(DAY_ASKED, 1));
    assert_true(str_starts(str_of(r.number.text), STR("Q330522-2013-000001-")));
    assert_int_equal(r.count, 3); /* one stood there twice */
    assert_int_equal(r.banned, 1);

    const str text = receipt_of(f, r.query_id);
    char hex[65];
    digest_hex(hash_of(HASH_SHA256, text), hex);
    assert_string_equal(hex,
                        arena_copy(f->a, given_text(f, T_BAN_QUERY, r.query_id, C_BAN_QUERY_SHA256))
                            .data);
    const str banned = arena_printf(f->a,
                                    "{\"credit_code\":\"%.*s\",\"answer\":\"banned\","
                                    "\"scope\":\"all_funds\",\"from\":\"2013-11-20\",\"to\":",
                                    STR_ARG(code_of(f, bad)));
    const str none = arena_printf(f->a, "{\"credit_code\":\"%.*s\",\"answer\":\"none\"}",
                                  STR_ARG(code_of(f, good)));
    assert_non_null(strstr(text.data, banned.data));
    assert_non_null(strstr(text.data, none.data));
    assert_non_null(strstr(text.data, "\"" NOBODYS "\",\"answer\":\"none\""));
    assert_non_null(strstr(text.data, "\"paper\":\"长农〔2013〕7号\""));
    fixture_close(f);
}

/* The answer is that of its day: before the ban and after its end there is none, and what was answered
 * stays as it was. */
static void test_a_ban_has_its_days(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t org = fixture_org(f, "enterprise", "失信公司");
    const int64_t ban = ban_put(f, org);
    const day to = {(int32_t)given_num(f, T_BAN, ban, C_BAN_TO_DAY)};
    const ban_ask_result last = ask_on(f, code_of(f, org), to);
    const str before = receipt_of(f, last.query_id);
    assert_int_equal(last.banned, 1);
    assert_int_equal(ask_on(f, code_of(f, org), day_add(to, 1)).banned, 0);
    assert_int_equal(ask_on(f, code_of(f, org), day_add(DAY_ASKED, -1)).banned, 0);
    assert_string_equal(before.data, receipt_of(f, last.query_id).data);
    fixture_close(f);
}

static void test_refused(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call bureau = fixture_as(f, ROLE_LINKED_BUREAU, DAY_ASKED);
    ban_ask_result r;
    ban_ask_request rq = about(STR(" ,\n"));
    ASSERT_FAILS(ban_ask(f->app, &bureau, &rq, &r, err), TQ_INVALID, "codes");
    rq = about(STR("91350100M000100Y44"));
    ASSERT_FAILS(ban_ask(f->app, &bureau, &rq, &r, err), TQ_INVALID, "credit_code");
    rq = about(STR(NOBODYS));
    rq.purpose = STR("");
    ASSERT_FAILS(ban_ask(f->app, &bureau, &rq, &r, err), TQ_INVALID, "line");
    rq = about(STR(NOBODYS));
    rq.paper_no = STR("");
    ASSERT_FAILS(ban_ask(f->app, &bureau, &rq, &r, err), TQ_INVALID, "line");
    const call watcher = fixture_as(f, ROLE_AUDITOR, DAY_ASKED);
    rq = about(STR(NOBODYS));
    ASSERT_FAILS(ban_ask(f->app, &watcher, &rq, &r, err), TQ_FORBIDDEN, "no_role");
    fixture_close(f);
}

static str made_codes(fixture *f, uint32_t n)
{
    BUF_AUTO buf text = buf_max(16384);
    for (uint32_t i = 1; i <= n; i++) {
        const credit_code one = credit_code_make("91", "330522", i);
        buf_printf(&text, "%s\n", one.text);
    }
    return arena_copy(f->a, buf_view(&text));
}

static void test_five_hundred_at_once(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call bureau = fixture_as(f, ROLE_LINKED_BUREAU, DAY_ASKED);
    ban_ask_result r = ask_on(f, made_codes(f, BAN_ASK_MAX), DAY_ASKED);
    assert_int_equal(r.count, BAN_ASK_MAX);
    assert_true(receipt_of(f, r.query_id).len > (size_t)BAN_ASK_MAX * 30);
    const ban_ask_request rq = about(made_codes(f, BAN_ASK_MAX + 1));
    ASSERT_FAILS(ban_ask(f->app, &bureau, &rq, &r, err), TQ_LIMIT, "codes");
    fixture_close(f);
}

static size_t seen_by(fixture *f, const call *c)
{
    const view_query q = {.limit = 10, .state = STR(""), .q = STR("")};
    const view_scope scope = view_scope_of(&c->who);
    view_rows rows;
    view_row one;
    int64_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(VIEW_BAN_QUERY), &scope, &q, f->a, &rows, err));
    NEED(view_count(tx, view_of(VIEW_BAN_QUERY), &scope, &q, &n, err));
    assert_int_equal(n, rows.n);
    if (rows.n > 0) {
        NEED(view_one(tx, view_of(VIEW_BAN_QUERY), &scope, rows.rows[0].values[0].n, f->a, &one,
                      err));
    }
    return rows.n;
}

/* What one bureau asks is no other's business; who watches sees all. */
static void test_a_bureau_sees_its_own(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t user = 0;
    int64_t person = 0;
    const ban_ask_result r = ask_on(f, STR(NOBODYS), DAY_ASKED);
    const call first = fixture_as(f, ROLE_LINKED_BUREAU, DAY_ASKED);
    fixture_person(f, ROLE_LINKED_BUREAU, 0, &user, &person);
    const call second = fixture_user(f, user, person, ROLE_LINKED_BUREAU, 0, DAY_ASKED);
    const call watcher = fixture_as(f, ROLE_AUDITOR, DAY_ASKED);
    assert_int_equal(seen_by(f, &first), 1);
    assert_int_equal(seen_by(f, &second), 0);
    assert_int_equal(seen_by(f, &watcher), 1);
    const view_scope scope = view_scope_of(&second.who);
    view_row row;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    ASSERT_FAILS(view_one(tx, view_of(VIEW_BAN_QUERY), &scope, r.query_id, f->a, &row, err),
                 TQ_NOT_FOUND, "no_such_record");
    store_rollback(&tx);
    fixture_close(f);
}

/* The list that everybody reads: why, by which decision; what the office wrote in words of its own stays in
 * the case. */
static void test_the_public_list(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const view *v = view_of(VIEW_BAN);
    const view_scope everybody = {.reach = REACH_PUBLIC};
    const view_query q = {.limit = 10, .state = STR(""), .q = STR("")};
    view_rows rows;
    (void)ban_put(f, fixture_org(f, "enterprise", "失信公司"));
    (void)ban_put_for(f, fixture_org(f, "enterprise", "另一公司"), "张三举报其转卖");
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, v, &everybody, &q, f->a, &rows, err));
    assert_int_equal(rows.n, 2);
    const int cause = view_field_at(v, "cause");
    const int decision = view_field_at(v, "decision_no");
    assert_true(str_eq(rows.rows[1].values[cause].s, STR("false_use")));
    assert_true(str_eq(rows.rows[0].values[cause].s, STR("other")));
    assert_true(str_eq(rows.rows[0].values[decision].s, STR("纪要〔2013〕2号")));
    store_rollback(&tx);
    fixture_close(f);
}

/* --- the signed file -------------------------------------------------------------------------------- */

static str exported(fixture *f, day d)
{
    BUF_AUTO buf text = buf_max(1 << 20);
    NEED(ban_register_export(app_store(f->app), d, &text, err));
    return arena_copy(f->a, buf_view(&text));
}

static str keys_of(fixture *f)
{
    str pubs = {0};
    NEED(checkpoint_pubs(store_dir(app_store(f->app)), f->a, &pubs, err));
    assert_true(pubs.len > 0);
    return pubs;
}

/* R-BAN-060 */
static void test_the_file_has_what_is_in_force(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t one = fixture_org(f, "enterprise", "失信公司");
    const int64_t two = fixture_org(f, "institution", "失信中心");
    ban_register_said said;
    const int64_t ban = ban_put(f, one);
    (void)ban_put(f, two);
    const day to = {(int32_t)given_num(f, T_BAN, ban, C_BAN_TO_DAY)};
    const str text = exported(f, DAY_ASKED);
    NEED(ban_register_check(text, keys_of(f), &said, err));
    assert_int_equal(said.count, 2);
    assert_string_equal(said.day, "2013-11-20");
    assert_non_null(strstr(text.data, arena_copy(f->a, code_of(f, one)).data));
    assert_non_null(strstr(text.data, "失信中心"));
    NEED(ban_register_check(exported(f, day_add(to, 1)), keys_of(f), &said, err));
    assert_int_equal(said.count, 0);
    fixture_close(f);
}

/* Every byte altered, every length cut, and a file signed by a stranger. */
static void test_an_altered_file_is_found(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    ban_register_said said;
    tq_err err;
    (void)ban_put(f, fixture_org(f, "enterprise", "失信公司"));
    const str text = exported(f, DAY_ASKED); /* makes the keys where there are none */
    const str pubs = keys_of(f);
    char *copy = arena_take(f->a, text.len);
    for (size_t i = 0; i < text.len; i++) {
        memcpy(copy, text.data, text.len);
        copy[i] = (char)(copy[i] ^ (i % 2 == 0 ? 1 : 0x20));
        assert_int_equal(ban_register_check((str){copy, text.len}, pubs, &said, &err), TQ_CORRUPT);
        assert_int_equal(ban_register_check((str){text.data, i}, pubs, &said, &err), TQ_CORRUPT);
    }
    fixture *other = fixture_open();
    const str foreign = exported(other, DAY_ASKED);
    assert_int_equal(ban_register_check(foreign, STR(""), &said, &err), TQ_OK);
    assert_int_equal(ban_register_check(foreign, pubs, &said, &err), TQ_CORRUPT);
    fixture_close(other);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_and_receipt),
        cmocka_unit_test(test_a_ban_has_its_days),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_five_hundred_at_once),
        cmocka_unit_test(test_a_bureau_sees_its_own),
        cmocka_unit_test(test_the_file_has_what_is_in_force),
        cmocka_unit_test(test_an_altered_file_is_found),
        cmocka_unit_test(test_the_public_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
