/* SPDX-License-Identifier: Apache-2.0 */
/* What every engine must do alike: statements, schema, guards, transactions, ids. */
#include "store_site.h"

#include "store/store_inner.h"
#include <pthread.h>

typedef struct value {
    int col;
    int64_t num;
    const char *text;
} value;

static int64_t col_args(int table, int64_t id, const value *values, size_t n, store_arg *args)
{
    const audited_table_info *t = audited_table_of(table);
    args[0] = arg_int(id);
    for (int c = 0; c < t->cols; c++) {
        args[c + 1] = audited_col_of(t->first_col + c)->is_text ? arg_str(STR("")) : arg_int(0);
    }
    for (size_t i = 0; i < n && values[i].col >= 0; i++) {
        store_arg *arg = &args[values[i].col - t->first_col + 1];
        *arg = values[i].text != NULL ? arg_str(str_of(values[i].text)) : arg_int(values[i].num);
    }
    return t->cols + 1;
}

static tq_code row_add(store_tx *tx, int table, int64_t id, const value *values, size_t n,
                       tq_err *err)
{
    store_arg args[STORE_ARGS_MAX];
    const int64_t count = col_args(table, id, values, n, args);
    return store_run(tx, STMT_ROW_ADD(table), args, (size_t)count, NULL, err);
}

static int64_t count_people(store *s)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t n = 0;
    CHECK_OK(store_begin(s, STORE_READ, &tx, &err));
    ROWS_AUTO store_rows r = {0};
    CHECK_OK(store_query(tx, STMT_ROW_PAGE(T_PERSON), ARGS(arg_int(0), arg_int(100000)), &r, &err));
    for (bool more = true; more; n += more ? 1 : 0) {
        CHECK_OK(rows_next(&r, &more, &err));
    }
    return n;
}

static tq_code person_add(store *s, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(store_new_id(tx, T_PERSON, &id, err));
    TQ_TRY(row_add(tx, T_PERSON, id, NULL, 0, err));
    return store_commit(&tx, err);
}

/* --- schema and statements --------------------------------------------------------------------- */

static void every_statement_prepares(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    int checked = 0;
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        TX_AUTO store_tx *tx = NULL;
        CHECK_OK(store_begin(s, (store_mode)mode, &tx, &err));
        for (int i = 0; i < STMT_COUNT; i++) {
            const store_statement *st = store_statement_of((store_stmt)i);
            const bool here = (at.pg ? st->pg : st->sqlite) != NULL;
            if (here && (!st->is_write || mode == STORE_WRITE)) {
                CHECK_OK(s->ops->prepare(tx, (store_stmt)i, &err));
                checked++;
            }
        }
    }
    assert_true(checked > 4 * T_COUNT);
    store_close(s);
    site_drop(&at);
}

static void live_columns(const site *at, const char *table, char *out, size_t room)
{
    char sql[512];
    if (at->pg) {
        (void)snprintf(
            sql, sizeof sql,
            "SELECT string_agg(column_name || ' ' || data_type || ' ' || is_nullable || ' ' || "
            "COALESCE(column_default, ''), ',' ORDER BY ordinal_position) FROM "
            "information_schema.columns WHERE table_schema = current_schema() AND "
            "table_name = '%s'",
            table);
    } else {
        (void)snprintf(sql, sizeof sql,
                       "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || "
                       "COALESCE(dflt_value, ''), ',') FROM pragma_table_info('%s')",
                       table);
    }
    assert_true(raw(at, sql, out, room));
}

static void audited_def_is_the_schema(void **state)
{
    (void)state;
    site at = site_make();
    store_close(site_open(&at));
    for (int table = 0; table < T_COUNT; table++) {
        const audited_table_info *t = audited_table_of(table);
        char live[8192];
        char want[8192];
        int n = snprintf(want, sizeof want, at.pg ? "id bigint NO " : "id INTEGER 0 ");
        for (int c = t->first_col; c < t->first_col + t->cols; c++) {
            const audited_col_info *col = audited_col_of(c);
            const char *pg = col->is_text ? "text NO ''::text" : "bigint NO 0";
            const char *sqlite = col->is_text ? "TEXT 1 ''" : "INTEGER 1 0";
            n += snprintf(want + n, sizeof want - (size_t)n, ",%s %s", col->name,
                          at.pg ? pg : sqlite);
        }
        live_columns(&at, t->name, live, sizeof live);
        assert_string_equal(live, want);
    }
    site_drop(&at);
}

static void rows_come_back_as_they_went(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    TX_AUTO store_tx *tx = NULL;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    for (int table = 0; table < T_COUNT; table++) {
        int64_t max = -1;
        int64_t changed = 0;
        store_arg args[STORE_ARGS_MAX];
        CHECK_OK(row_add(tx, table, 7, NULL, 0, &err));
        const size_t n = (size_t)col_args(table, 7, NULL, 0, args);
        CHECK_OK(store_run(tx, STMT_ROW_PUT(table), args, n, &changed, &err));
        assert_int_equal(changed, 1);
        CHECK_OK(store_int(tx, STMT_ROW_MAX(table), NO_ARGS, -1, &max, &err));
        assert_int_equal(max, 7);
        for (int paged = 0; paged <= 1; paged++) {
            ROWS_AUTO store_rows r = {0};
            bool more = false;
            CHECK_OK(paged ? store_query(tx, STMT_ROW_PAGE(table), ARGS(arg_int(6), arg_int(9)), &r,
                                         &err)
                           : store_query(tx, STMT_ROW_GET(table), ARGS(arg_int(7)), &r, &err));
            CHECK_OK(rows_next(&r, &more, &err));
            assert_true(more);
            if (paged) {
                assert_int_equal(row_int(&r), 7);
            }
            const audited_table_info *t = audited_table_of(table);
            for (int c = t->first_col; c < t->first_col + t->cols; c++) {
                if (audited_col_of(c)->is_text) {
                    assert_int_equal(row_text(&r).len, 0);
                } else {
                    assert_int_equal(row_int(&r), 0);
                }
            }
            CHECK_OK(rows_next(&r, &more, &err));
            assert_false(more);
        }
    }
    store_rollback(&tx);
    store_close(s);
    site_drop(&at);
}

static void values_keep_their_bytes(void **state)
{
    (void)state;
    static const char text[] = "创新券 \xf0\x9f\x8e\xab ' \" \\ $1 ?1 %s\n";
    site at = site_make();
    store *s = site_open(&at);
    TX_AUTO store_tx *tx = NULL;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    const unsigned char bytes[4] = {0, 255, 0, 7};
    CHECK_OK(store_run(tx, STMT_SECRET_PUT, ARGS(arg_str(str_of(text)), arg_blob(bytes, 4)), NULL,
                       &err));
    CHECK_OK(store_run(tx, STMT_SECRET_PUT, ARGS(arg_str(STR("")), arg_blob(NULL, 0)), NULL, &err));
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        CHECK_OK(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(str_of(text))), &r, &err));
        CHECK_OK(rows_next(&r, &more, &err));
        assert_true(more);
        const str got = row_blob(&r);
        assert_int_equal(got.len, 4);
        assert_memory_equal(got.data, bytes, 4);
    }
    const int64_t numbers[] = {INT64_MIN, -1, INT64_MAX};
    for (size_t i = 0; i < TQ_COUNT(numbers); i++) {
        int64_t back = 0;
        CHECK_OK(row_add(tx, T_COUNTER, (int64_t)i + 1,
                         (const value[]){{C_COUNTER_YEAR, numbers[i], NULL},
                                         {C_COUNTER_VALUE, (int64_t)i, NULL}},
                         2, &err));
        CHECK_OK(store_int(tx, STMT_COUNTER_FIND,
                           ARGS(arg_int(0), arg_str(STR("")), arg_int(numbers[i])), 0, &back,
                           &err));
        assert_int_equal(back, i + 1);
    }
    /* Refused before the database sees them, so that the transaction goes on. */
    CHECK_FAILS(store_run(tx, STMT_SECRET_PUT, ARGS(arg_str((str){"a\0b", 3}), arg_blob("", 0)),
                          NULL, &err),
                TQ_INVALID, "text_nul");
    CHECK_FAILS(store_run(tx, STMT_SECRET_PUT, ARGS(arg_str(STR("\xff")), arg_blob("", 0)), NULL,
                          &err),
                TQ_INVALID, "text_utf8");
    CHECK_OK(store_commit(&tx, &err));
    store_close(s);
    site_drop(&at);
}

/* --- guards ------------------------------------------------------------------------------------ */

typedef struct guard {
    const char *constraint;
    int table;
    int64_t ids[2]; /* the second row is the refused one; 0 = one row only, and it is refused */
    value values[3];
} guard;

static const guard guards[] = {
    {"invoice_pkey", T_INVOICE, {1, 1}, {{-1, 0, NULL}}},
    {"invoice_key_key", T_INVOICE, {1, 2}, {{C_INVOICE_KEY, 0, "k"}, {-1, 0, NULL}}},
    {"organisation_credit_code_key",
     T_ORGANISATION,
     {1, 2},
     {{C_ORGANISATION_CREDIT_CODE, 0, "9133"}, {-1, 0, NULL}}},
    {"voucher_number_key", T_VOUCHER, {1, 2}, {{C_VOUCHER_NUMBER, 0, "V1"}, {-1, 0, NULL}}},
    {"claim_register_no_key", T_CLAIM, {1, 2}, {{C_CLAIM_REGISTER_NO, 0, "R1"}, {-1, 0, NULL}}},
    {"claim_line_claim_id_n_key",
     T_CLAIM_LINE,
     {1, 2},
     {{C_CLAIM_LINE_CLAIM_ID, 5, NULL}, {C_CLAIM_LINE_N, 1, NULL}, {-1, 0, NULL}}},
    {"counter_programme_id_name_year_key",
     T_COUNTER,
     {1, 2},
     {{C_COUNTER_NAME, 0, "voucher"}, {-1, 0, NULL}}},
    {"user_account_login_key",
     T_USER_ACCOUNT,
     {1, 2},
     {{C_USER_ACCOUNT_LOGIN, 0, "li"}, {-1, 0, NULL}}},
    {"claim_order_check",
     T_CLAIM,
     {1, 0},
     {{C_CLAIM_PAID_FEN, 2, NULL}, {C_CLAIM_APPROVED_FEN, 1, NULL}, {C_CLAIM_ASKED_FEN, 3, NULL}}},
    {"claim_amount_check", T_CLAIM, {1, 0}, {{C_CLAIM_BASE_FEN, -1, NULL}, {-1, 0, NULL}}},
    {"fund_move_amount_check",
     T_FUND_MOVE,
     {1, 0},
     {{C_FUND_MOVE_AMOUNT_FEN, -1, NULL}, {-1, 0, NULL}}},
    {"ban_days_check",
     T_BAN,
     {1, 0},
     {{C_BAN_FROM_DAY, 9, NULL}, {C_BAN_TO_DAY, 8, NULL}, {-1, 0, NULL}}},
    {"batch_checker_check",
     T_BATCH,
     {1, 0},
     {{C_BATCH_MAKER_ID, 4, NULL}, {C_BATCH_CHECKER_ID, 4, NULL}, {-1, 0, NULL}}},
    {"policy_checker_check",
     T_POLICY,
     {1, 0},
     {{C_POLICY_MAKER_ID, 4, NULL}, {C_POLICY_CHECKER_ID, 4, NULL}, {-1, 0, NULL}}},
};

static void constraints_refuse_by_name(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    for (size_t i = 0; i < TQ_COUNT(guards); i++) {
        const guard *g = &guards[i];
        TX_AUTO store_tx *tx = NULL;
        tq_err why = {0};
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
        if (g->ids[1] != 0) {
            CHECK_OK(row_add(tx, g->table, g->ids[0], g->values, 3, &err));
        }
        const int64_t bad = g->ids[g->ids[1] != 0];
        assert_int_equal(row_add(tx, g->table, bad, g->values, 3, &why), TQ_CONFLICT);
        assert_string_equal(why.reason, "constraint");
        assert_string_equal(why.field, g->constraint);
        /* And the transaction can only go back. */
        CHECK_FAILS(row_add(tx, T_PERSON, 1, NULL, 0, &err), TQ_STORE, "tx_failed");
        CHECK_FAILS(store_commit(&tx, &err), TQ_STORE, "tx_failed");
        assert_null(tx);
    }
    store_close(s);
    site_drop(&at);
}

static void empty_numbers_may_repeat(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    TX_AUTO store_tx *tx = NULL;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    static const int tables[] = {T_ORGANISATION, T_VOUCHER, T_CLAIM,
                                 T_USER_ACCOUNT, T_BATCH,   T_PROGRAMME};
    for (size_t i = 0; i < TQ_COUNT(tables); i++) {
        CHECK_OK(row_add(tx, tables[i], 1, NULL, 0, &err));
        CHECK_OK(row_add(tx, tables[i], 2, NULL, 0, &err));
    }
    store_rollback(&tx);
    store_close(s);
    site_drop(&at);
}

static tq_code balance_move(store_tx *tx, store_stmt st, const char *account, int64_t amount,
                            tq_err *err)
{
    return store_run(tx, st,
                     ARGS(arg_int(1), arg_str(str_of(account)), arg_int(1), arg_int(2026),
                          arg_int(1), arg_int(0), arg_int(0), arg_int(0), arg_int(0),
                          arg_int(amount)),
                     NULL, err);
}

static void balances_stay_above_zero(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    TX_AUTO store_tx *tx = NULL;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    CHECK_OK(balance_move(tx, STMT_BALANCE_GIVE, "fund", -500, &err));
    CHECK_OK(balance_move(tx, STMT_BALANCE_GIVE, "pool", 500, &err));
    CHECK_OK(balance_move(tx, STMT_BALANCE_TAKE, "pool", -500, &err));
    CHECK_FAILS(balance_move(tx, STMT_BALANCE_TAKE, "pool", -1, &err), TQ_CONFLICT, "constraint");
    store_rollback(&tx);
    store_close(s);
    site_drop(&at);
}

static void refuses(const site *at, const char *sql, const char *trigger)
{
    char answer[512];
    assert_false(raw(at, sql, answer, sizeof answer));
    if (strstr(answer, trigger) == NULL) {
        fail_msg("%s: %s", sql, answer);
    }
}

static void rows_cannot_go(void **state)
{
    (void)state;
    site at = site_make();
    store_close(site_open(&at));
    char sql[256];
    raw_ok(
        &at,
        at.pg
            ? "INSERT INTO event VALUES (1, 0, 'k', 1, 1, 1, 1, '{}', decode(repeat('00', 32), "
              "'hex'),"
              " decode(repeat('00', 32), 'hex'))"
            : "INSERT INTO event VALUES (1, 1, 'k', 1, 1, 1, 1, '{}', zeroblob(32), zeroblob(32))");
    raw_ok(&at, "INSERT INTO leg VALUES (1, 1, 1, 'pool', 5, 1, 2026, 1, 0, 0, 0, 0, 1)");
    raw_ok(&at, "INSERT INTO balance VALUES (1, 'pool', 1, 2026, 1, 0, 0, 0, 0, 5)");
    raw_ok(&at, at.pg ? "INSERT INTO private_body VALUES (1, '', '{}')"
                      : "INSERT INTO private_body VALUES (1, x'', '{}')");
    refuses(&at, "UPDATE event SET body = 'x'", "event_no_update");
    refuses(&at, "UPDATE leg SET amount = 6", "leg_no_update");
    refuses(&at, "UPDATE private_body SET body = 'x'", "private_body_no_update");
    refuses(&at, "DELETE FROM event", "event_no_delete");
    refuses(&at, "DELETE FROM leg", "leg_no_delete");
    refuses(&at, "DELETE FROM balance", "balance_no_delete");
    for (int t = 0; t < T_COUNT; t++) {
        const char *name = audited_table_of(t)->name;
        char trigger[64];
        (void)snprintf(sql, sizeof sql, "INSERT INTO %s(id) VALUES (1)", name);
        raw_ok(&at, sql);
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", name);
        (void)snprintf(trigger, sizeof trigger, "%s_no_delete", name);
        refuses(&at, sql, trigger);
    }
    if (at.pg) {
        refuses(&at, "UPDATE event SET seq = 1, body = 'x'", "event_no_update");
        raw_ok(&at, "UPDATE event SET seq = 1"); /* the sequencer's, once */
        refuses(&at, "UPDATE event SET seq = 2", "event_no_update");
        refuses(&at, "TRUNCATE leg", "leg_no_truncate");
    }
    raw_ok(&at, "DELETE FROM private_body"); /* erasure */
    site_drop(&at);
}

/* --- transactions ------------------------------------------------------------------------------ */

static void *add_one(void *s)
{
    return person_add(s, NULL) == TQ_OK ? s : NULL;
}

static void add_in_thread(store *s)
{
    pthread_t thread;
    void *fine = NULL;
    assert_int_equal(pthread_create(&thread, NULL, add_one, s), 0);
    assert_int_equal(pthread_join(thread, &fine), 0);
    assert_non_null(fine);
}

static void a_reader_keeps_its_snapshot(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    TX_AUTO store_tx *tx = NULL;
    int64_t max = -1;
    CHECK_OK(store_begin(s, STORE_READ, &tx, &err));
    add_in_thread(s); /* before the reader's first statement: the snapshot is that of store_begin */
    CHECK_OK(store_int(tx, STMT_ROW_MAX(T_PERSON), NO_ARGS, -1, &max, &err));
    assert_int_equal(max, 0);
    add_in_thread(s);
    CHECK_OK(store_int(tx, STMT_ROW_MAX(T_PERSON), NO_ARGS, -1, &max, &err));
    assert_int_equal(max, 0);
    CHECK_OK(store_commit(&tx, &err));
    assert_int_equal(count_people(s), 2);
    store_close(s);
    site_drop(&at);
}

static tq_code leave_early(store *s, int64_t *id)
{
    TX_AUTO store_tx *tx = NULL;
    tq_err err = {0};
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, &err));
    TQ_TRY(store_new_id(tx, T_PERSON, id, &err));
    TQ_TRY(row_add(tx, T_PERSON, *id, NULL, 0, &err));
    return TQ_REFUSED; /* a step that says no */
}

static void scope_exit_rolls_back(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    int64_t first = 0;
    int64_t second = 0;
    assert_int_equal(leave_early(s, &first), TQ_REFUSED);
    assert_int_equal(leave_early(s, &second), TQ_REFUSED);
    assert_int_equal(first, 1);
    assert_int_equal(second, 1); /* an id that was never seen is given again */
    assert_int_equal(count_people(s), 0);
    add_in_thread(s);
    assert_int_equal(count_people(s), 1);
    store_close(s);
    site_drop(&at);
}

static void ids_start_above_what_exists(void **state)
{
    (void)state;
    site at = site_make();
    store_close(site_open(&at));
    raw_ok(&at, "INSERT INTO person(id) VALUES (500)");
    store *s = site_open(&at);
    for (int i = 0; i < 70; i++) { /* more than two leases */
        CHECK_OK(person_add(s, &err));
    }
    store_close(s);
    assert_int_equal(raw_int(&at, "SELECT MIN(id) FROM person WHERE id <> 500"), 501);
    assert_int_equal(raw_int(&at, "SELECT MAX(id) FROM person"), 570);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person"), 71);
    site_drop(&at);
}

#define WRITERS 16
#define EACH 200

static void *write_many(void *s)
{
    for (int i = 0; i < EACH; i++) {
        if (person_add(s, NULL) != TQ_OK) {
            return NULL;
        }
        int64_t id = 0;
        if (i % 10 == 0 && leave_early(s, &id) != TQ_REFUSED) {
            return NULL;
        }
    }
    return s;
}

static void many_writers_lose_nothing(void **state)
{
    (void)state;
    site at = site_make();
    store_options o = site_options(&at);
    o.create = true;
    o.readers = 16;
    store *s = site_open_with(&o);
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, s), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        void *fine = NULL;
        assert_int_equal(pthread_join(threads[i], &fine), 0);
        assert_non_null(fine);
    }
    store_close(s);
    s = site_open(&at);
    assert_int_equal(count_people(s), WRITERS * EACH);
    store_close(s);
    site_drop(&at);
}

static void bulk_commits_by_groups(void **state)
{
    (void)state;
    site at = site_make();
    store_close(site_open(&at));
    store_options o = site_options(&at);
    o.bulk = true;
    store *s = site_open_with(&o);
    for (int i = 0; i < 150; i++) {
        int64_t id = 0;
        CHECK_OK(person_add(s, &err));
        assert_int_equal(leave_early(s, &id), TQ_REFUSED);
    }
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person"), 128);
    assert_int_equal(count_people(s), 150); /* its own thread reads what it wrote */
    CHECK_OK(store_flush(s, &err));
    const long long flushed = raw_int(&at, "SELECT COUNT(*) FROM person");
    assert_int_equal(flushed, 150);
    CHECK_OK(person_add(s, &err));
    store_close(s);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person"), 151);
    assert_int_equal(raw_int(&at, "SELECT MAX(id) FROM person"), 151);
    site_drop(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_prepares),    cmocka_unit_test(audited_def_is_the_schema),
        cmocka_unit_test(rows_come_back_as_they_went), cmocka_unit_test(values_keep_their_bytes),
        cmocka_unit_test(constraints_refuse_by_name),  cmocka_unit_test(empty_numbers_may_repeat),
        cmocka_unit_test(balances_stay_above_zero),    cmocka_unit_test(rows_cannot_go),
        cmocka_unit_test(a_reader_keeps_its_snapshot), cmocka_unit_test(scope_exit_rolls_back),
        cmocka_unit_test(ids_start_above_what_exists), cmocka_unit_test(many_writers_lose_nothing),
        cmocka_unit_test(bulk_commits_by_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
