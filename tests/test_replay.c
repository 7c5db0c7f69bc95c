/* SPDX-License-Identifier: Apache-2.0 */
/* The paper's four years (R-REPORT-010, R-REPORT-020, P-14, P-18, P-53, P-54), replayed by the use cases on SQLite and on
 * PostgreSQL: the figures are those of the paper, the log verifies, and the site moves from one engine
 * to the other with an equal hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/login.h"
#include "app/report.h"
#include "cli/changxing_people.h"
#include "cli/changxing_run.h"
#include "store/bundle.h"
#include "store/checkpoint.h"
#include "store/verify.h"
#include "store_site.h"

#define SEED 2013
#define TODAY (day_of_ymd((ymd){2026, 11, 20}))
#define ARENA_BYTES (64 * 1024 * 1024)

typedef struct replayed {
    site place;
    app *site;
} replayed;

static void need(tq_code code, const tq_err *err, const char *what)
{
    if (code != TQ_OK) {
        fail_msg("%s: %s: %s (%s)", what, err->reason, err->detail, err->field);
    }
}

static replayed here;

static int replay_once(void **state)
{
    (void)state;
    tq_err err = {0};
    here.place = site_make();
    store_options o = site_options(&here.place);
    o.create = true;
    o.bulk = true;
    need(app_open(&o, &here.site, &err), &err, "open");
    need(changxing_replay(here.site, SEED, TODAY, NULL, &err), &err, "replay");
    need(checkpoint_write(app_store(here.site), instant_now(), &err), &err, "checkpoint");
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    app_close(here.site);
    site_drop(&here.place);
    return 0;
}

static void test_headline_is_the_papers(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        int64_t count;
    } paper[] = {{"certification", 607}, {"iur", 174},   {"novelty_search", 783}, {"patent", 179},
                 {"standard", 99},       {"talent", 48}, {"testing", 4016}};
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    tq_err err;
    programme_face p;
    report_headline h;
    need(report_programme(here.site, a, &p, &err), &err, "programme");
    need(report_headline_of(here.site, &p, day_of_ymd((ymd){2017, 12, 31}), a, &h, &err), &err,
         "headline");
    assert_int_equal(h.issued.minor, 9138880000);
    assert_int_equal(h.redeemed.minor, 7440500000);
    assert_int_equal(h.rate.n, 8142);
    assert_int_equal(h.induced.minor, 18800000000);
    assert_int_equal(h.own.minor, 11359500000);
    assert_true(h.enterprises >= 500);
    assert_int_equal(h.n_services, TQ_COUNT(paper));
    for (size_t i = 0; i < TQ_COUNT(paper); i++) {
        assert_true(str_eq(h.services[i].kind, str_of(paper[i].kind)));
        assert_int_equal(h.services[i].count, paper[i].count);
    }
}

static void test_flow_and_funds_add_up_to_the_headline(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    tq_err err;
    programme_face p;
    const day until = day_of_ymd((ymd){2017, 12, 31});
    report_flow *flow = ARENA_NEW(a, report_flow, 1);
    report_funds *funds = ARENA_NEW(a, report_funds, 1);
    need(report_programme(here.site, a, &p, &err), &err, "programme");
    need(report_flow_of(here.site, &p, until, a, flow, &err), &err, "flow");
    need(report_funds_of(here.site, &p, until, a, funds, &err), &err, "funds");
    int64_t contract = 0;
    int64_t voucher = 0;
    for (int i = 0; i < flow->n; i++) {
        contract += flow->cells[i].contract.minor;
        voucher += flow->cells[i].voucher.minor;
    }
    assert_int_equal(contract, 18800000000);
    assert_int_equal(voucher, 7440500000);
    int64_t paid = 0;
    for (int i = 0; i < funds->n; i++) {
        const report_fund_row *row = &funds->rows[i];
        int64_t sum = 0;
        for (int account = 0; account < ACC_COUNT; account++) {
            sum += row->balance[account];
        }
        assert_int_equal(sum, 0);
        assert_true(str_eq(row->class, STR("stock")) || str_eq(row->class, STR("growth")));
        /* What was paid and then claimed back stands in owed and recovered, or is back in the fund. */
        paid += row->balance[ACC_PAID] + row->balance[ACC_OWED] + row->balance[ACC_RECOVERED];
    }
    assert_int_equal(paid, 7440500000);
}

static void test_single_institutions_and_regions(void **state)
{
    (void)state;
    tq_err err;
    TX_AUTO store_tx *tx = NULL;
    need(work_read(here.site, &tx, &err), &err, "read");
    static const struct {
        const char *name, *kind;
        int64_t firms_min, firms_max, count;
    } rows[] = {
        {"绿色动力电池公共服务平台（演示）", "testing", 31, 31, 1500},
        {"浙江省科技信息研究院（演示）", "novelty_search", 60, 99, -1},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        need(store_query(tx, STMT_CHANGXING_INSTITUTION,
                         ARGS(arg_str(str_of(rows[i].name)), arg_str(str_of(rows[i].kind))), &r,
                         &err),
             &err, "institution");
        need(rows_next(&r, &more, &err), &err, "row");
        assert_true(more);
        const int64_t firms = row_int(&r);
        const int64_t count = row_int(&r);
        assert_true(firms >= rows[i].firms_min);
        assert_true(firms <= rows[i].firms_max);
        assert_true(rows[i].count < 0 || count == rows[i].count);
    }
    int64_t early = -1;
    need(store_int(tx, STMT_CHANGXING_EARLY_ORDERS, NO_ARGS, -1, &early, &err), &err,
         "early orders");
    assert_int_equal(early, 0); /* P-18 */
}

static void test_everything_that_goes_wrong_in_a_county_went_wrong_once(void **state)
{
    (void)state;
    tq_err err;
    TX_AUTO store_tx *tx = NULL;
    need(work_read(here.site, &tx, &err), &err, "read");
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    need(store_query(tx, STMT_CHANGXING_IN_STATE, ARGS(arg_int(1)), &r, &err), &err, "states");
    need(rows_next(&r, &more, &err), &err, "row");
    assert_true(row_int(&r) > 1000);   /* vouchers expired with something left */
    assert_true(row_int(&r) > 10);     /* claims refused */
    assert_true(row_int(&r) > 10);     /* orders declined */
    assert_int_equal(row_int(&r), 1);  /* banned */
    assert_int_equal(row_int(&r), 1);  /* returned by the bank */
    assert_int_equal(row_int(&r), 17); /* 2013Q4 to 2017Q4 */
    assert_int_equal(row_int(&r), 1);  /* money came back */
}

static int64_t living_count(store_stmt statement, const char *in_state)
{
    tq_err err;
    int64_t n = -1;
    TX_AUTO store_tx *tx = NULL;
    need(work_read(here.site, &tx, &err), &err, "read");
    need(store_int(tx, statement, ARGS(arg_int(2), arg_str(str_of(in_state))), -1, &n, &err), &err,
         in_state);
    return n;
}

/* The programme of today has something on every desk, and its money adds up. */
static void test_the_programme_of_today_is_alive(void **state)
{
    (void)state;
    static const char *const claims[] = {"draft",    "submitted",  "returned",  "checked",
                                         "approved", "registered", "published", "objected",
                                         "batched",  "paid"};
    static const char *const orders[] = {"proposed", "accepted", "delivered", "disputed",
                                         "confirmed"};
    static const char *const applications[] = {"submitted", "returned", "approved", "issued"};
    for (size_t i = 0; i < TQ_COUNT(claims); i++) {
        assert_true(living_count(STMT_CHANGXING_CLAIMS, claims[i]) > 0);
    }
    for (size_t i = 0; i < TQ_COUNT(orders); i++) {
        assert_true(living_count(STMT_CHANGXING_ORDERS, orders[i]) > 0);
    }
    for (size_t i = 0; i < TQ_COUNT(applications); i++) {
        assert_true(living_count(STMT_CHANGXING_APPLICATIONS, applications[i]) > 0);
    }
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    tq_err err;
    const programme_face living = {.id = 2, .zone = STR("Asia/Shanghai")};
    report_funds *funds = ARENA_NEW(a, report_funds, 1);
    need(report_funds_of(here.site, &living, TODAY, a, funds, &err), &err, "funds");
    int64_t pool = 0;
    for (int i = 0; i < funds->n; i++) {
        int64_t sum = 0;
        for (int account = 0; account < ACC_COUNT; account++) {
            sum += funds->rows[i].balance[account];
        }
        assert_int_equal(sum, 0);
        pool += funds->rows[i].balance[ACC_POOL];
    }
    assert_true(pool > 0); /* whoever applies today can be given something */
}

static void test_the_log_verifies(void **state)
{
    (void)state;
    tq_err err;
    static verify_report report;
    const verify_options o = {.at = instant_now()};
    need(verify_run(app_store(here.site), &o, &report, &err), &err, "verify");
    if (!report.ok) {
        fail_msg("%s %s %lld: %s", report.first[0].what, report.first[0].table,
                 (long long)report.first[0].row, report.first[0].detail);
    }
    assert_true(report.events > 50000);
    assert_int_equal(report.checkpoints, 1);
}

static digest hash_of_store(store *s)
{
    tq_err err;
    digest d;
    need(export_hash(s, &d, &err), &err, "hash");
    return d;
}

/* From this engine to an empty SQLite folder: for the PostgreSQL run, from engine to engine. */
static void test_the_site_moves_with_an_equal_hash(void **state)
{
    (void)state;
    tq_err err;
    site copy = {0};
    (void)snprintf(copy.dir, sizeof copy.dir, "/tmp/tq-replay-XXXXXX");
    assert_non_null(mkdtemp(copy.dir));
    char file[128];
    (void)snprintf(file, sizeof file, "%s.bundle", copy.dir);
    need(bundle_export(app_store(here.site), file, &err), &err, "export");
    store_options o = site_options(&copy);
    o.create = true;
    o.bulk = true;
    store *s = site_open_with(&o);
    need(bundle_import(s, file, &err), &err, "import");
    need(store_flush(s, &err), &err, "flush");
    assert_true(digest_eq(hash_of_store(app_store(here.site)), hash_of_store(s)));
    store_close(s);
    assert_int_equal(unlink(file), 0);
    site_drop(&copy);
}

/* I33: one list of operations, two engines, one hash. Asked in the PostgreSQL run, which has both. */
static void test_both_engines_come_to_one_hash(void **state)
{
    (void)state;
    if (!here.place.pg) {
        return;
    }
    tq_err err;
    site other = {0};
    (void)snprintf(other.dir, sizeof other.dir, "/tmp/tq-replay-XXXXXX");
    assert_non_null(mkdtemp(other.dir));
    store_options o = site_options(&other);
    o.create = true;
    o.bulk = true;
    app *twin = NULL;
    need(app_open(&o, &twin, &err), &err, "open");
    need(changxing_replay(twin, SEED, TODAY, NULL, &err), &err, "replay");
    assert_true(digest_eq(hash_of_store(app_store(here.site)), hash_of_store(app_store(twin))));
    app_close(twin);
    site_drop(&other);
}

/* Each role has somebody to log in as, marked as a demonstration, and the passwords leave the hash. */
static void test_everybody_can_log_in_and_the_hash_stays(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", ARENA_BYTES);
    tq_err err;
    int64_t users = 0;
    const digest before = hash_of_store(app_store(here.site));
    const int64_t work = password_hash_runs();
    need(changxing_people(here.site, &users, &err), &err, "people");
    assert_true(users > 500);
    assert_int_equal(password_hash_runs(), work + 1);
    assert_true(digest_eq(before, hash_of_store(app_store(here.site))));
    for (int r = ROLE_NONE + 1; r < ROLE_PUBLIC; r++) {
        if (r == ROLE_PLATFORM_AGENT) {
            continue; /* Changxing's platforms were partners, not users */
        }
        const call c = {.at = instant_now(), .today = TODAY, .a = a};
        login_done in;
        caller who;
        const login_rq rq = {.login = arena_printf(a, "demo-%s", role_name((role)r)),
                             .password = STR(DEMO_PASSWORD)};
        need(login_try(here.site, &c, &rq, &in, &err), &err, role_name((role)r));
        need(session_find(here.site, &c, str_of(in.session.text), &who, &err), &err, "session");
        assert_int_equal(who.must, MUST_NOTHING);
        /* In both programmes; administrators hold theirs for the installation. */
        assert_int_equal(who.n_roles, r == ROLE_SYSADMIN || r == ROLE_SECADMIN ? 1 : 2);
        assert_int_equal(who.roles[0].role, r);
        assert_int_equal(who.roles[who.n_roles - 1].role, r);
        assert_true(str_starts(who.name, STR("演示")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headline_is_the_papers),
        cmocka_unit_test(test_flow_and_funds_add_up_to_the_headline),
        cmocka_unit_test(test_single_institutions_and_regions),
        cmocka_unit_test(test_everything_that_goes_wrong_in_a_county_went_wrong_once),
        cmocka_unit_test(test_the_programme_of_today_is_alive),
        cmocka_unit_test(test_the_log_verifies),
        cmocka_unit_test(test_everybody_can_log_in_and_the_hash_stays),
        cmocka_unit_test(test_the_site_moves_with_an_equal_hash),
        cmocka_unit_test(test_both_engines_come_to_one_hash),
    };
    return cmocka_run_group_tests_name("replay", tests, replay_once, remove_all);
}
