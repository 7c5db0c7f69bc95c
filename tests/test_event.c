/* SPDX-License-Identifier: Apache-2.0 */
/* Events as text, and what event_check refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/canon.h"
#include "domain/event.h"
#include "domain/states.h"

#define ARENA_BYTES (4 * 1024 * 1024)

static const ledger_cell pool = {.account = ACC_POOL, .source_id = 1, .year = 2013, .kind_id = 2};
static const ledger_cell voucher = {
    .account = ACC_VOUCHER, .source_id = 1, .year = 2013, .kind_id = 2, .voucher_id = 7};

static event issue(arena *a)
{
    event e = event_begin(a, EV_VOUCHER_ISSUE);
    e.programme_id = 1;
    e.at.us = 1378771200000000;
    e.today.n = 15958;
    e.user_id = 5;
    e.person_id = 4;
    e.role = ROLE_OFFICE;
    event_create(&e, T_VOUCHER, 7);
    event_text(&e, C_VOUCHER_STATE, STR("active"));
    event_int(&e, C_VOUCHER_ISSUED_FEN, 3000000);
    event_text(&e, C_VOUCHER_NUMBER, STR("V330522-2013-000001-5"));
    event_move(&e, &pool, &voucher, 3000000);
    return e;
}

static void text_of(const event *e, buf *out)
{
    buf_clear(out);
    event_write(e, out);
    assert_true(buf_ok(out));
}

static void test_columns_stand_in_the_order_of_the_list(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    BUF_AUTO buf out = buf_max(ARENA_BYTES);
    const event e = issue(a);
    text_of(&e, &out);
    assert_string_equal(
        out.data,
        "{\"v\":1,\"kind\":\"voucher_issue\",\"programme\":1,\"at\":1378771200000000,\"day\":15958,"
        "\"user\":5,\"person\":4,\"role\":\"office\",\"for\":0,\"rows\":[[\"voucher\",7,1,{"
        "\"number\":\"V330522-2013-000001-5\",\"state\":\"active\",\"issued_fen\":3000000}]],"
        "\"legs\":[[1,\"pool\",-3000000,1,2013,2,0,0,0,0],[1,\"voucher\",3000000,1,2013,2,7,0,0,0]]"
        ","
        "\"private\":\"\",\"note\":{}}");
}

static void test_what_is_written_reads_back_to_the_same_bytes(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    BUF_AUTO buf first = buf_max(ARENA_BYTES);
    BUF_AUTO buf second = buf_max(ARENA_BYTES);
    event e = issue(a);
    event_change(&e, T_APPLICATION, 3);
    event_text(&e, C_APPLICATION_STATE, STR("issued"));
    e.rows[1].sets[0].before.text = STR("approved");
    text_of(&e, &first);
    event back;
    tq_err err;
    assert_int_equal(event_read(buf_view(&first), a, &back, &err), TQ_OK);
    text_of(&back, &second);
    assert_string_equal(first.data, second.data);
    assert_int_equal(event_check(&back, &err), TQ_OK);
}

static void test_private_rows_stand_apart(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    BUF_AUTO buf open = buf_max(ARENA_BYTES);
    BUF_AUTO buf hidden = buf_max(ARENA_BYTES);
    event e = event_begin(a, EV_PERSON_REGISTER);
    e.role = ROLE_SECADMIN;
    event_create(&e, T_PERSON, 1);
    event_text(&e, C_PERSON_STATE, STR("known"));
    event_create(&e, T_PERSON_PRIVATE, 1);
    event_text(&e, C_PERSON_PRIVATE_NAME, STR("王演示"));
    assert_true(event_has_private(&e));
    event_write(&e, &open);
    event_write_private(&e, &hidden);
    assert_null(strstr(open.data, "王演示"));
    assert_non_null(strstr(hidden.data, "王演示"));
    event back;
    tq_err err;
    assert_int_equal(event_read(buf_view(&open), a, &back, &err), TQ_OK);
    assert_int_equal(back.n_rows, 1);
    assert_int_equal(event_read_private(buf_view(&hidden), &back, &err), TQ_OK);
    assert_int_equal(back.n_rows, 2);
}

static void test_bodies_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to; /* replaced in a good body */
    } rows[] = {
        {"\"v\":1", "\"v\":2"},
        {"voucher_issue", "voucher_gift"},
        {"\"role\":\"office\"", "\"role\":\"king\""},
        {"[\"voucher\",7,1", "[\"vouchers\",7,1"},
        {"[\"voucher\",7,1", "[\"voucher\",0,1"},
        {"[\"voucher\",7,1", "[\"voucher\",7,2"},
        {"[\"voucher\",7,1", "[\"person_private\",7,1"},
        {"\"state\":\"active\"", "\"stato\":\"active\""},
        {"\"issued_fen\":3000000", "\"issued_fen\":\"3000000\""},
        {"\"number\":\"V330522-2013-000001-5\",\"state\":\"active\"",
         "\"state\":\"active\",\"number\":\"V330522-2013-000001-5\""},
        {"[1,\"pool\"", "[1,\"pond\""},
        {"[1,\"pool\"", "[0,\"pool\""},
        {"\"private\":\"\"", "\"private\":\"00\""},
        {"\"note\":{}", "\"note\":[]"},
        {"\"note\":{}", "\"note\":{},\"more\":1"},
        {"{\"v\":1,", "{\"more\":1,\"v\":1,"},
        {"\"private\":\"\",\"note\":{}", "\"note\":{},\"private\":\"\""},
        {"\"role\":\"office\",\"for\":0", "\"for\":0,\"role\":\"office\""},
    };
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    BUF_AUTO buf good = buf_max(ARENA_BYTES);
    const event e = issue(a);
    text_of(&e, &good);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const char *at = strstr(good.data, rows[i].from);
        assert_non_null(at);
        const str body = arena_printf(a, "%.*s%s%s", (int)(at - good.data), good.data, rows[i].to,
                                      at + strlen(rows[i].from));
        event back;
        tq_err err = {0};
        assert_int_equal(event_read(body, a, &back, &err), TQ_MALFORMED);
        assert_true(err.reason[0] != '\0');
    }
}

static void test_checks(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    tq_err err;
    event e = issue(a);
    assert_int_equal(event_check(&e, &err), TQ_OK);

    e.legs[1].amount--; /* the planted defect: one fen is lost */
    assert_int_equal(event_check(&e, &err), TQ_CORRUPT);
    assert_string_equal(err.reason, "unbalanced");

    e = issue(a);
    e.role = ROLE_FIRM_AGENT;
    assert_int_equal(event_check(&e, &err), TQ_FORBIDDEN);
    assert_string_equal(err.reason, "role");

    e = issue(a);
    e.legs[1].cell.claim_id = 9; /* a voucher cell keeps no claim */
    assert_int_equal(event_check(&e, &err), TQ_CORRUPT);

    event change = event_begin(a, EV_CLAIM_APPROVE);
    change.role = ROLE_REVIEWER2;
    event_change(&change, T_CLAIM, 1);
    event_text(&change, C_CLAIM_STATE, STR("paid"));
    change.rows[0].sets[0].before.text = STR("submitted");
    assert_int_equal(event_check(&change, &err), TQ_CONFLICT);
    assert_string_equal(err.reason, "state_arrow");

    change.rows[0].sets[0].before.text = STR("paid");
    assert_int_equal(event_check(&change, &err), TQ_CONFLICT);
    assert_string_equal(err.reason, "nothing_changed");
}

static void test_entries_of_at_most_64_legs(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    event e = event_begin(a, EV_BATCH_RELEASE);
    e.role = ROLE_FINANCE_CHECKER;
    for (int64_t i = 1; i <= 100; i++) {
        ledger_cell to = voucher;
        to.voucher_id = i;
        event_move(&e, &pool, &to, i);
    }
    assert_int_equal(e.n_legs, 200);
    assert_int_equal(e.entry, 4);
    tq_err err;
    assert_int_equal(event_check(&e, &err), TQ_OK);
}

static void test_every_state_table_is_used_and_can_be_entered(void **state)
{
    (void)state;
    size_t n = 0;
    const state_arrow *arrows = state_arrows(&n);
    for (int c = 0; c < C_COUNT; c++) {
        const char *table = audited_col_of(c)->states;
        if (table == NULL) {
            continue;
        }
        bool entered = false;
        for (size_t i = 0; i < n; i++) {
            const bool mine = strcmp(arrows[i].table, table) == 0;
            entered = entered || (mine && strcmp(arrows[i].from, "_") == 0);
            assert_true(!mine || arrows[i].roles != 0);
        }
        assert_true(entered);
    }
    for (size_t i = 0; i < n; i++) {
        bool used = false;
        for (int c = 0; c < C_COUNT; c++) {
            const char *table = audited_col_of(c)->states;
            used = used || (table != NULL && strcmp(table, arrows[i].table) == 0);
        }
        assert_true(used);
    }
}

static void test_sysadmin_moves_no_case(void **state)
{
    (void)state;
    static const char *const objects[] = {"application", "voucher",   "order", "claim",   "batch",
                                          "line",        "fund_move", "case",  "recovery"};
    size_t n = 0;
    const state_arrow *arrows = state_arrows(&n);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < TQ_COUNT(objects); k++) {
            if (strcmp(arrows[i].table, objects[k]) == 0) {
                assert_false(role_in(ROLE_SYSADMIN, arrows[i].roles));
                assert_false(role_in(ROLE_AUDITOR, arrows[i].roles));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_stand_in_the_order_of_the_list),
        cmocka_unit_test(test_what_is_written_reads_back_to_the_same_bytes),
        cmocka_unit_test(test_private_rows_stand_apart),
        cmocka_unit_test(test_bodies_that_are_refused),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_entries_of_at_most_64_legs),
        cmocka_unit_test(test_every_state_table_is_used_and_can_be_entered),
        cmocka_unit_test(test_sysadmin_moves_no_case),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
