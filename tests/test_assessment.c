/* SPDX-License-Identifier: Apache-2.0 */
#include "app/assessment.h"
#include "base/file.h"
#include "claim_path.h"
#include "draw.h"
#include "store/verify.h"

#include <stdlib.h>

#define YEAR 2013
#define BASE fixture_day(2013, 9, 5)
#define AFTER fixture_day(2014, 1, 6)

static fixture *f;

static int open_county(void **state)
{
    (void)state;
    f = fixture_open();
    county_ready(f);
    return 0;
}

static int close_county(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

/* R-ASSESS-010: what the header says, in numbers. */
static void a_figure_is_integers_half_up(void **state)
{
    (void)state;
    static const assess_row rows[] = {
        {.org_id = 1,
         .unit_id = 7,
         .listed = 1,
         .vouchers = 1,
         .paid = 1,
         .issued_fen = 300,
         .redeemed_fen = 200,
         .contract_fen = 1000,
         .orders = 3,
         .cross_orders = 2},
        {.org_id = 2, .unit_id = 7, .listed = 1, .vouchers = 1, .violation = 1},
        {.org_id = 3, .unit_id = 7, .listed = 1},
        {.org_id = 4,
         .unit_id = 7,
         .contract_fen = 500,
         .orders = 1}, /* of a firm that lies elsewhere now */
        {.org_id = 5, .unit_id = 8, .listed = 1, .vouchers = 1},
    };
    static const struct {
        measure_figure figure;
        int64_t target, part, whole, value, achieved;
    } cases[] = {
        {FIGURE_COVERAGE, 10000, 2, 3, 6667, 6667},     {FIGURE_ACTIVE, 5000, 1, 3, 3333, 6666},
        {FIGURE_CLEAN, 10000, 2, 3, 6667, 6667},        {FIGURE_RATE, 6000, 200, 300, 6667, 10000},
        {FIGURE_CROSS_REGION, 10000, 2, 4, 5000, 5000}, {FIGURE_REDEEMED, 800, 200, 0, 200, 2500},
        {FIGURE_CONTRACT, 1500, 1500, 0, 1500, 10000},  {FIGURE_ORDERS, 3, 4, 0, 4, 10000},
    };
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        const policy_measure m = {
            .figure = cases[i].figure, .weight_bp = 2500, .target = cases[i].target};
        const assess_figure got = assess_judge(&m, 7, rows, TQ_COUNT(rows));
        assert_int_equal(got.part, cases[i].part);
        assert_int_equal(got.whole, cases[i].whole);
        assert_int_equal(got.value, cases[i].value);
        assert_int_equal(got.achieved_bp, cases[i].achieved);
        assert_int_equal(got.points_bp, (2500 * cases[i].achieved + 5000) / 10000);
        const assess_figure none = assess_judge(&m, 9, rows, TQ_COUNT(rows));
        assert_int_equal(none.points_bp, 0); /* a unit without rows has nothing */
    }
}

static void the_order_of_rows_means_nothing(void **state)
{
    (void)state;
    enum { N = 200 };
    static assess_row rows[N];
    uint64_t seed = 20131;
    for (size_t i = 0; i < N; i++) {
        const int64_t on = (int64_t)draw_below(&seed, 2);
        rows[i] = (assess_row){.org_id = (int64_t)i,
                               .unit_id = 1 + (int64_t)draw_below(&seed, 3),
                               .listed = on,
                               .vouchers = on * (int64_t)draw_below(&seed, 2),
                               .issued_fen = (int64_t)draw_below(&seed, 100000),
                               .redeemed_fen = (int64_t)draw_below(&seed, 90000),
                               .orders = 4,
                               .cross_orders = (int64_t)draw_below(&seed, 5)};
    }
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        const policy_measure m = {
            .figure = (measure_figure)figure, .weight_bp = 1000, .target = 9000};
        const assess_figure first = assess_judge(&m, 2, rows, N);
        for (int turn = 0; turn < 20; turn++) {
            for (size_t i = N - 1; i > 0; i--) {
                const size_t k = (size_t)draw_below(&seed, (int)i + 1);
                const assess_row kept = rows[i];
                rows[i] = rows[k];
                rows[k] = kept;
            }
            const assess_figure again = assess_judge(&m, 2, rows, N);
            assert_memory_equal(&first, &again, sizeof first);
        }
    }
}

#define REFUSED(code_, reason_, call_)                                                             \
    do {                                                                                           \
        tq_err e_ = {0};                                                                           \
        tq_err *err = &e_;                                                                         \
        assert_int_equal((call_), (code_));                                                        \
        assert_string_equal(e_.reason, (reason_));                                                 \
    } while (0)

static str code_of(int64_t org)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, T_ORGANISATION, org, f->a, row, err));
    return row_str(row, C_ORGANISATION_CREDIT_CODE);
}

static void fact(int64_t org, const char *kind, int64_t value, day from)
{
    int64_t id = 0;
    const call c = fixture_as(f, ROLE_OFFICE, from);
    const org_fact_rq rq = {.org_id = org,
                            .kind = str_of(kind),
                            .value = arena_printf(f->a, "%lld", (long long)value),
                            .from = from};
    NEED(org_fact_record(f->app, &c, &rq, &id, err));
}

/* What the export says of one unit, and whether the second implementation comes to the same. */
static str exported(int64_t assessment, day d)
{
    char file[256];
    char line[600];
    BUF_AUTO buf text = buf_max(1 << 20);
    const call c = fixture_as(f, ROLE_AUDITOR, d);
    NEED(assessment_export(f->app, &c, assessment, 0, &text, err));
    (void)snprintf(file, sizeof file, "%s/assessment.json", f->dir);
    NEED(file_write_durable(file, buf_view(&text), 0600, err));
    (void)snprintf(line, sizeof line, "python3 '%s/tests/assessment_second.py' '%s' > /dev/null",
                   getenv("TQ_SOURCE_DIR"), file);
    assert_int_equal(system(line), 0);
    return arena_copy(f->a, buf_view(&text));
}

static bool says(str text, const char *part)
{
    return strstr(text.data, part) != NULL;
}

static void must_say(str text, const char *part)
{
    if (!says(text, part)) {
        fail_msg("%s is not in %s", part, text.data);
    }
}

/* R-ASSESS-020, P-15, P-32: a firm that moved is judged where it was; nobody is counted twice; the list can be contested. */
static void a_year_from_list_to_publication(void **state)
{
    (void)state;
    int64_t id = 0;
    int64_t again = 0;
    int64_t contest = 0;
    const decision_paper minutes = {STR("纪要〔2014〕1号"), AFTER, STR("")};
    path p = path_make(f, false, fixture_day(2013, 9, 16));
    const int64_t second_place = fixture_org(f, "township", "和平镇");
    fact(p.firm, "place", second_place, fixture_day(2013, 10, 8));
    p.d = fixture_day(2013, 11, 11);
    const int64_t later = order_make(&p, 1000000, 0);
    order_finish(&p, later);

    const call office = fixture_as(f, ROLE_OFFICE, AFTER);
    const call group = fixture_as(f, ROLE_GROUP, AFTER);
    const call town = fixture_as(f, ROLE_TOWNSHIP, AFTER);
    REFUSED(TQ_INVALID, "days",
            assessment_open(f->app, &office, YEAR, fixture_day(2012, 1, 1), &id, err));
    REFUSED(TQ_CONFLICT, "assessment_empty",
            assessment_open(f->app, &office, YEAR, DAY_NONE, &id, err));
    REFUSED(TQ_FORBIDDEN, "no_role", assessment_open(f->app, &group, YEAR, BASE, &id, err));
    NEED(assessment_open(f->app, &office, YEAR, BASE, &id, err));
    REFUSED(TQ_CONFLICT, "assessment_exists",
            assessment_open(f->app, &office, YEAR, BASE, &again, err));

    const call early = fixture_as(f, ROLE_OFFICE, fixture_day(2013, 12, 31));
    REFUSED(TQ_CONFLICT, "not_yet", assessment_freeze(f->app, &early, id, err));
    NEED(assessment_freeze(f->app, &office, id, err));
    str text = exported(id, AFTER);
    /* The first order counts where the firm lay in September, the second where it lies since. */
    must_say(text, "\"listed\":1,\"vouchers\":1,\"paid\":0,\"violation\":0,\"issued_fen\":3000000,"
                   "\"redeemed_fen\":0,\"contract_fen\":5000000,\"orders\":1,\"cross_orders\":0");
    must_say(text, "\"listed\":0,\"vouchers\":0,\"paid\":0,\"violation\":0,\"issued_fen\":0,"
                   "\"redeemed_fen\":0,\"contract_fen\":1000000,\"orders\":1,\"cross_orders\":0");

    NEED(assessment_contest(f->app, &town, id, code_of(p.firm), STR("该企业已迁出"), &contest,
                            err));
    REFUSED(TQ_CONFLICT, "contest_open",
            assessment_contest(f->app, &town, id, code_of(p.firm), STR("再次"), &again, err));
    REFUSED(TQ_CONFLICT, "contest_open", assessment_publish(f->app, &group, id, &minutes, err));
    NEED(assessment_answer(f->app, &office, contest, true, STR("采纳"), err));
    REFUSED(TQ_CONFLICT, "state_arrow",
            assessment_answer(f->app, &group, contest, false, STR("再议"), err));

    /* Upheld: what was frozen is not published, the list is open again. */
    const assessment_firm_rq off = {id, p.firm, false, STR("moved_out")};
    REFUSED(TQ_CONFLICT, "state_arrow", assessment_publish(f->app, &group, id, &minutes, err));
    NEED(assessment_freeze(f->app, &office, id, err));
    REFUSED(TQ_CONFLICT, "state_arrow",
            assessment_firm_set(f->app, &office, &off, err)); /* it is frozen */
    NEED(assessment_reopen(f->app, &office, id, STR("采纳乡镇异议"), err));
    NEED(assessment_firm_set(f->app, &office, &off, err));
    REFUSED(TQ_CONFLICT, "state_arrow", assessment_firm_set(f->app, &office, &off, err));
    NEED(assessment_freeze(f->app, &office, id, err));
    text = exported(id, AFTER);
    must_say(text, "\"round\":3");
    must_say(text, "\"attribution\":\"order_day\""); /* R-ASSESS-030 */
    must_say(text, "\"cause\":\"moved_out\"");
    assert_false(says(text, "\"listed\":1")); /* its money counts still, it does not */
    must_say(text, "\"contract_fen\":5000000");

    REFUSED(TQ_INVALID, "line", assessment_publish(f->app, &group, id, &(decision_paper){0}, err));
    NEED(assessment_publish(f->app, &group, id, &minutes, err));
    REFUSED(TQ_CONFLICT, "state_arrow", assessment_reopen(f->app, &office, id, STR("再开"), err));
    REFUSED(TQ_CONFLICT, "state_arrow",
            assessment_contest(f->app, &town, id, code_of(p.firm), STR("太晚"), &again, err));
    verify_report report;
    NEED(verify_run(f->store, NULL, &report, err));
    assert_true(report.ok);
}

/* Day-one of townships: two merge, and their firms count for the one that is left. */
static void merged_units_are_judged_as_one(void **state)
{
    (void)state;
    int64_t id = 0;
    (void)path_make(f, false, fixture_day(2013, 9, 16));
    const int64_t heir = fixture_org(f, "township", "和平镇");
    const call group = fixture_as(f, ROLE_GROUP, AFTER);
    const call office = fixture_as(f, ROLE_OFFICE, AFTER);
    NEED(org_succeed(f->app, &group, f->township, heir, err));
    NEED(assessment_open(f->app, &office, YEAR, BASE, &id, err));
    NEED(assessment_freeze(f->app, &office, id, err));
    const str text = exported(id, AFTER);
    char unit[64];
    (void)snprintf(unit, sizeof unit, "\"unit\":%lld,", (long long)heir);
    must_say(text, unit);
    (void)snprintf(unit, sizeof unit, "\"unit\":%lld,", (long long)f->township);
    assert_false(says(text, unit));
    (void)snprintf(unit, sizeof unit, "\"then\":%lld,", (long long)f->township);
    must_say(text, unit);
}

/* What a firm did before it went into another counts where it lay then (P-32). */
static void a_firm_that_went_into_another(void **state)
{
    (void)state;
    int64_t id = 0;
    char row[200];
    path p = path_make(f, false, fixture_day(2013, 9, 16));
    const int64_t town = fixture_org(f, "township", "和平镇");
    const int64_t heir = fixture_org(f, "enterprise", "长兴合并有限公司");
    const call group = fixture_as(f, ROLE_GROUP, fixture_day(2013, 11, 18));
    const call office = fixture_as(f, ROLE_OFFICE, AFTER);
    fact(p.firm, "place", f->township, FIXTURE_DAY);
    fact(heir, "place", town, FIXTURE_DAY);
    NEED(org_succeed(f->app, &group, p.firm, heir, err));
    NEED(assessment_open(f->app, &office, YEAR, BASE, &id, err));
    NEED(assessment_freeze(f->app, &office, id, err));
    const str text = exported(id, AFTER);
    (void)snprintf(row, sizeof row,
                   "\"then\":%lld,\"listed\":1,\"vouchers\":1,\"paid\":0,"
                   "\"violation\":0,\"issued_fen\":3000000,",
                   (long long)f->township);
    must_say(text, row);
}

static int64_t sum_of(str text, const char *key)
{
    int64_t sum = 0;
    for (const char *at = text.data; (at = strstr(at, key)) != NULL;) {
        at += strlen(key);
        sum += strtoll(at, NULL, 10);
    }
    return sum;
}

/* P-32: a park overlaps towns; its firms count for the park from the day on, each once, and only there. */
static void a_park_takes_firms_from_towns(void **state)
{
    (void)state;
    int64_t id = 0;
    path p = path_make(f, false, fixture_day(2013, 9, 16));
    const int64_t park = fixture_org(f, "park", "画溪工业园");
    const day joins = fixture_day(2013, 10, 8);
    fact(p.firm, "place", f->township, FIXTURE_DAY);
    fact(p.firm, "assessment_unit", park, joins);
    p.d = fixture_day(2013, 11, 11);
    const int64_t later = order_make(&p, 1000000, 0);
    order_finish(&p, later);
    for (int parked = 0; parked < 2; parked++) { /* on the base day */
        char row[200];
        const call office = fixture_as(f, ROLE_OFFICE, AFTER);
        const day base = parked == 1 ? joins : BASE;
        NEED(assessment_open(f->app, &office, YEAR, base, &id, err));
        NEED(assessment_freeze(f->app, &office, id, err));
        const str text = exported(id, AFTER);
        assert_int_equal(sum_of(text, "\"listed\":"), 1);
        assert_int_equal(sum_of(text, "\"orders\":"), 2);
        (void)snprintf(row, sizeof row, "\"then\":%lld,\"listed\":%d,", (long long)park, parked);
        must_say(text, row);
        (void)snprintf(row, sizeof row, "\"then\":%lld,\"listed\":%d,", (long long)f->township,
                       1 - parked);
        must_say(text, row);
        NEED(assessment_reopen(f->app, &office, id, STR("换基准日"), err));
        NEED(assessment_withdraw(f->app, &office, id, err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_is_integers_half_up),
        cmocka_unit_test(the_order_of_rows_means_nothing),
        cmocka_unit_test_setup_teardown(a_year_from_list_to_publication, open_county, close_county),
        cmocka_unit_test_setup_teardown(merged_units_are_judged_as_one, open_county, close_county),
        cmocka_unit_test_setup_teardown(a_park_takes_firms_from_towns, open_county, close_county),
        cmocka_unit_test_setup_teardown(a_firm_that_went_into_another, open_county, close_county),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
