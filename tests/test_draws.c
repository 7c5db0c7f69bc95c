/* SPDX-License-Identifier: Apache-2.0 */
/* Draws as the office, the group and the public meet them: R-DRAW-030, R-DRAW-040, R-DRAW-050 (P-30). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/draw.h"
#include "app/inspection.h"
#include "app/person.h"
#include "app/view.h"
#include "app/watch_report.h"
#include "given_claim.h"
#include "store/blob.h"
#include "store/verify.h"

#define YUAN INT64_C(100)
#define FIRMS 25
#define DAY_DRAW fixture_day(2014, 1, 15)

static fixture *county(void)
{
    fixture *f = fixture_open_changed("of: paid_holders", "of: holders");
    const int64_t source = fixture_fund(f, "apply", 1000000 * YUAN, FIXTURE_DAY);
    for (int i = 0; i < FIRMS; i++) {
        const int64_t firm = i == 0 ? f->firm : fixture_org(f, "enterprise", "抽查测试企业");
        (void)given_claim(f, source, firm, f->institution, (1000 + i) * YUAN, 100 * YUAN,
                          50 * YUAN);
    }
    return f;
}

static draw_plan_request plan_2013(void)
{
    return (draw_plan_request){.unit = STR("firm"),
                               .strata = STR(""),
                               .from = fixture_day(2013, 1, 1),
                               .to = fixture_day(2013, 12, 31),
                               .visitors = 2,
                               .public_source = STR(""),
                               .public_day = DAY_NONE};
}

static int64_t planned(fixture *f, const draw_plan_request *rq)
{
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    draw_made made;
    NEED(draw_plan(f->app, &office, rq, &made, err));
    assert_true(str_starts(str_of(made.number.text), STR("L330522-201")));
    return made.draw_id;
}

static draw_step_request step_of(int64_t draw_id)
{
    return (draw_step_request){.draw_id = draw_id,
                               .paper = {.number = STR("协调小组纪要〔2014〕1号"), .day = DAY_DRAW},
                               .reason = STR("按年度计划")};
}

static int64_t approved(fixture *f, const draw_plan_request *rq)
{
    const int64_t id = planned(f, rq);
    const call group = fixture_as(f, ROLE_GROUP, DAY_DRAW);
    const draw_step_request step = step_of(id);
    NEED(draw_approve(f->app, &group, &step, err));
    return id;
}

/* Inspectors beside the fixture's one: a second, and one who acts for the first firm of the population. */
static int64_t inspectors_more(fixture *f)
{
    int64_t user = 0;
    int64_t person = 0;
    int64_t grant = 0;
    const call one = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    const call two = fixture_user(f, f->second_secadmin, f->second_secadmin_person, ROLE_SECADMIN,
                                  0, FIXTURE_DAY);
    fixture_person(f, ROLE_INSPECTOR, 0, &user, &person);
    const grant_rq rq = {.user_id = f->user[ROLE_FIRM_AGENT],
                         .role = ROLE_INSPECTOR,
                         .programme_id = f->programme_id};
    NEED(grant_propose(f->app, &one, &rq, &grant, err));
    NEED(grant_confirm(f->app, &two, grant, err));
    return person;
}

static int64_t picks_of(fixture *f, int64_t draw_id, const char *how, const char *table)
{
    (void)how;
    int64_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    if (strcmp(table, "draw_pick") == 0) {
        for (int64_t id = 1; id < 200; id++) {
            event_value row[AUDITED_COLS_MAX];
            tq_err why;
            if (row_load(tx, T_DRAW_PICK, id, f->a, row, &why) == TQ_OK &&
                row_num(row, C_DRAW_PICK_DRAW_ID) == draw_id && row_is(row, C_DRAW_PICK_HOW, how)) {
                assert_true(row_num(row, C_DRAW_PICK_ORG_ID) > 0);
                n++;
            }
        }
        return n;
    }
    for (int64_t id = 1; id < 200; id++) {
        event_value row[AUDITED_COLS_MAX];
        tq_err why;
        if (row_load(tx, T_DRAW_INSPECTOR, id, f->a, row, &why) == TQ_OK &&
            row_num(row, C_DRAW_INSPECTOR_DRAW_ID) == draw_id) {
            assert_int_not_equal(row_num(row, C_DRAW_INSPECTOR_PERSON_ID),
                                 f->person[ROLE_FIRM_AGENT]);
            n++;
        }
    }
    return n;
}

/* --- what a hand in the database would do ---------------------------------------------------------- */

/* Writes the text, or the number where there is none. */
static void alter(fixture *f, int table, int64_t id, int col, str text, int64_t n)
{
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_begin(f->app, &office, ROLES(ROLE_OFFICE), &tx, err));
    event e = work_event(&office, EV_DRAW_PICKS);
    event_change(&e, table, id);
    if (text.data != NULL) {
        event_text(&e, col, text);
    } else {
        event_int(&e, col, n);
    }
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
}

static void alter_num(fixture *f, int table, int64_t id, int col, int64_t n)
{
    alter(f, table, id, col, (str){0}, n);
}

static void whole_and_sound(fixture *f)
{
    static verify_report report;
    const verify_options o = {0};
    NEED(verify_run(f->store, &o, &report, err));
    assert_true(report.ok);
    assert_int_equal(report.orphans, 0);
}

static size_t own_codes(fixture *f)
{
    const call c = fixture_as(f, ROLE_INSPECTOR, DAY_DRAW);
    const view_scope scope = view_scope_of(&c.who);
    const view_query q = {.limit = VIEW_PAGE_MAX};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(VIEW_DRAW_CODE), &scope, &q, f->a, &rows, err));
    return rows.n;
}

/* The log-in of a person who has one: ids are given without gaps. */
static int64_t user_of(fixture *f, int64_t person_id)
{
    int64_t id = 1;
    while (given_num(f, T_USER_ACCOUNT, id, C_USER_ACCOUNT_PERSON_ID) != person_id) {
        id++;
    }
    return id;
}

/* The visit of a pick comes to its end, and the list of the drawn says so. */
static void visited_and_closed(fixture *f, int64_t draw_id, int64_t inspection_id)
{
    enum { LINES = 5 }; /* of a firm that had something tested */
    static const int who[] = {C_INSPECTION_FIRST_ID, C_INSPECTION_SECOND_ID};
    inspection_answer answers[LINES];
    finding_class found = FINDING_FRAUD;
    const call late = fixture_as(f, ROLE_OFFICE, day_add(DAY_DRAW, 60));
    for (int i = 0; i < LINES; i++) {
        answers[i] = (inspection_answer){.n = i + 1, .answer = STR("yes"), .note = STR("")};
    }
    const inspection_record_rq rq = {.inspection_id = inspection_id,
                                     .visited = DAY_DRAW,
                                     .summary = STR("现场核查记录"),
                                     .answers = answers,
                                     .n_answers = LINES};
    for (size_t i = 0; i < TQ_COUNT(who); i++) {
        call c = fixture_as(f, ROLE_INSPECTOR, DAY_DRAW);
        c.who.person_id = given_num(f, T_INSPECTION, inspection_id, who[i]);
        c.who.user_id = user_of(f, c.who.person_id);
        if (i == 0) {
            NEED(inspection_record(f->app, &c, &rq, err));
        }
        NEED(inspection_sign(f->app, &c, inspection_id, err));
    }
    NEED(inspection_close(f->app, &late, inspection_id, &found, err));
    assert_int_equal(found, FINDING_NONE);
    const int64_t pick = given_num(f, T_INSPECTION, inspection_id, C_INSPECTION_PICK_ID);
    assert_true(str_eq(given_text(f, T_DRAW_PICK, pick, C_DRAW_PICK_STATE), STR("visited")));
    assert_int_equal(given_num(f, T_DRAW_PICK, pick, C_DRAW_PICK_DRAW_ID), draw_id);
}

static void figure_is(fixture *f, const char *token, int64_t count)
{
    watch_figure rows[WATCH_FIGURES_MAX];
    size_t n = 0;
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    NEED(watch_figures(f->app, &office, fixture_day(2013, 10, 1), fixture_day(2013, 12, 31), rows,
                       &n, err));
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].token, token) == 0) {
            assert_int_equal(rows[i].count, count);
            return;
        }
    }
    fail_msg("no figure %s", token);
}

static void whole_way(void **state)
{
    (void)state;
    fixture *f = county();
    (void)inspectors_more(f);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    const call group = fixture_as(f, ROLE_GROUP, DAY_DRAW);
    const draw_plan_request rq = plan_2013();
    const int64_t id = planned(f, &rq);
    const draw_freeze_request freeze = {.draw_id = id};
    const draw_run_request run = {.draw_id = id, .public_value = STR("")};
    const draw_step_request step = step_of(id);
    BUF_AUTO buf bundle = buf_max(1024 * 1024);

    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_CONFLICT, "draw_state");
    NEED(draw_approve(f->app, &group, &step, err));
    ASSERT_FAILS(draw_run(f->app, &office, &run, err), TQ_CONFLICT, "draw_state");
    NEED(draw_freeze(f->app, &office, &freeze, err));
    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_CONFLICT, "draw_state");
    assert_int_equal(given_num(f, T_DRAW, id, C_DRAW_UNITS), FIRMS);
    assert_int_equal(given_text(f, T_DRAW, id, C_DRAW_SEED).len, 0);
    assert_int_equal(given_text(f, T_DRAW, id, C_DRAW_COMMITMENT).len, 64);
    ASSERT_FAILS(draw_bundle(f->app, id, false, &bundle, err), TQ_NOT_FOUND, "not_found");
    whole_and_sound(f);

    assert_int_equal(own_codes(f), 1); /* of three inspectors each sees the own one */
    NEED(draw_run(f->app, &office, &run, err));
    assert_int_equal(picks_of(f, id, "drawn", "draw_pick"), 3); /* ceil(10 % of 25) */
    assert_int_equal(picks_of(f, id, "", "draw_inspector"), 2);
    ASSERT_FAILS(draw_run(f->app, &office, &run, err), TQ_CONFLICT, "draw_state");
    ASSERT_FAILS(draw_cancel(f->app, &group, &step, err), TQ_CONFLICT, "state_arrow");
    ASSERT_FAILS(draw_bundle(f->app, id, true, &bundle, err), TQ_NOT_FOUND, "not_found");
    NEED(draw_publish(f->app, &office, &step, err));
    NEED(draw_bundle(f->app, id, true, &bundle, err));

    lots_summary s;
    NEED(lots_bundle_verify(buf_view(&bundle), f->a, &s, err));
    assert_int_equal(s.units, FIRMS);
    assert_int_equal(s.drawn, 3);
    assert_non_null(strstr(bundle.data, "\\tagent\\n")); /* why the third inspector takes no part */

    /* R-INSPECT-050: what the lot has chosen is visited; the group alone cancels, and then it is given out again. */
    inspection_made made;
    NEED(inspection_assign(f->app, &office, id, day_add(DAY_DRAW, 30), &made, err));
    assert_int_equal(made.n, 3);
    ASSERT_FAILS(inspection_assign(f->app, &office, id, day_add(DAY_DRAW, 30), &made, err),
                 TQ_CONFLICT, "no_picks");
    ASSERT_FAILS(inspection_cancel(f->app, &office, made.inspection_id, STR("来不及"), err),
                 TQ_FORBIDDEN, "group_decides");
    NEED(inspection_cancel(f->app, &group, made.inspection_id, STR("企业停产"), err));
    NEED(inspection_assign(f->app, &office, id, day_add(DAY_DRAW, 60), &made, err));
    assert_int_equal(made.n, 1);
    visited_and_closed(f, id, made.inspection_id);
    figure_is(f, "sample_due", 3); /* R-DRAW-070: ceil(10 % of 25) */
    figure_is(f, "sampled", 3);
    whole_and_sound(f);
    fixture_close(f);
}

static void plans_refused(void **state)
{
    (void)state;
    fixture *f = county();
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, DAY_DRAW);
    draw_made made;
    draw_plan_request rq = plan_2013();
    rq.rate_bp = 999;
    ASSERT_FAILS(draw_plan(f->app, &office, &rq, &made, err), TQ_REFUSED, "draw_rate");
    rq = plan_2013();
    rq.visitors = 1;
    ASSERT_FAILS(draw_plan(f->app, &office, &rq, &made, err), TQ_INVALID, "draw_plan");
    rq = plan_2013();
    rq.unit = STR("person");
    ASSERT_FAILS(draw_plan(f->app, &office, &rq, &made, err), TQ_INVALID, "draw_plan");
    rq = plan_2013();
    ASSERT_FAILS(draw_plan(f->app, &firm, &rq, &made, err), TQ_FORBIDDEN, "no_role");

    const int64_t id = planned(f, &rq);
    draw_step_request step = step_of(id);
    const call group = fixture_as(f, ROLE_GROUP, DAY_DRAW);
    step.paper.number = STR("");
    ASSERT_FAILS(draw_approve(f->app, &group, &step, err), TQ_INVALID, "paper");
    /* the person who planned, in the group too */
    int64_t grant = 0;
    const call one = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    const call two = fixture_user(f, f->second_secadmin, f->second_secadmin_person, ROLE_SECADMIN,
                                  0, FIXTURE_DAY);
    const grant_rq also = {
        .user_id = f->user[ROLE_OFFICE], .role = ROLE_GROUP, .programme_id = f->programme_id};
    NEED(grant_propose(f->app, &one, &also, &grant, err));
    NEED(grant_confirm(f->app, &two, grant, err));
    const call both =
        fixture_user(f, f->user[ROLE_OFFICE], f->person[ROLE_OFFICE], ROLE_GROUP, 0, DAY_DRAW);
    step = step_of(id);
    ASSERT_FAILS(draw_approve(f->app, &both, &step, err), TQ_FORBIDDEN, "same_person");
    step.reason = STR("");
    ASSERT_FAILS(draw_cancel(f->app, &office, &step, err), TQ_INVALID, "line");
    step.reason = STR("重新拟定");
    NEED(draw_cancel(f->app, &office, &step, err));
    assert_true(str_eq(given_text(f, T_DRAW, id, C_DRAW_STATE), STR("cancelled")));
    fixture_close(f);
}

/* The value of the outside world is not known when everything else is fixed, and known when it is drawn. */
static void public_value(void **state)
{
    (void)state;
    fixture *f = county();
    (void)inspectors_more(f);
    draw_plan_request rq = plan_2013();
    rq.public_source = STR("福利彩票双色球 2014010 期");
    rq.public_day = fixture_day(2014, 1, 23);
    const int64_t id = approved(f, &rq);
    const draw_freeze_request freeze = {.draw_id = id};
    draw_run_request run = {.draw_id = id, .public_value = STR("01 02 03 04 05 06 + 07")};
    const call known = fixture_as(f, ROLE_OFFICE, rq.public_day);
    const call before = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    ASSERT_FAILS(draw_freeze(f->app, &known, &freeze, err), TQ_CONFLICT, "public_known");
    NEED(draw_freeze(f->app, &before, &freeze, err));
    ASSERT_FAILS(draw_run(f->app, &before, &run, err), TQ_CONFLICT, "draw_early");
    run.public_value = STR("");
    ASSERT_FAILS(draw_run(f->app, &known, &run, err), TQ_INVALID, "public_value");
    run.public_value = STR("01 02 03 04 05 06 + 07");
    alter_num(f, T_DRAW, id, C_DRAW_FROZEN_DAY, rq.public_day.n); /* frozen when it was known */
    ASSERT_FAILS(draw_run(f->app, &known, &run, err), TQ_CONFLICT, "public_known");
    alter_num(f, T_DRAW, id, C_DRAW_FROZEN_DAY, DAY_DRAW.n);
    NEED(draw_run(f->app, &known, &run, err));
    BUF_AUTO buf bundle = buf_max(1024 * 1024);
    NEED(draw_bundle(f->app, id, false, &bundle, err));
    assert_non_null(strstr(bundle.data, "01 02 03 04 05 06 + 07"));
    fixture_close(f);
}

static void freeze_refused(void **state)
{
    (void)state;
    fixture *f = county();
    draw_plan_request rq = plan_2013();
    const int64_t id = approved(f, &rq);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    draw_freeze_request freeze = {.draw_id = id};
    draw_freeze_request chosen = freeze;
    chosen.demo_seed = "mine"; /* the county of the tests is no demonstration */
    ASSERT_FAILS(draw_freeze(f->app, &office, &chosen, err), TQ_REFUSED, "no_demo");
    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_INVALID, "too_few_inspectors");
    int64_t user = 0;
    int64_t person = 0;
    fixture_person(f, ROLE_INSPECTOR, 0, &user, &person);
    const int64_t nobody[] = {999999};
    freeze.declared = nobody;
    freeze.n_declared = 1;
    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_INVALID, "inspector");
    const int64_t declared[] = {user};
    freeze.declared = declared;
    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_INVALID, "too_few_inspectors");
    freeze.n_declared = 0;
    NEED(draw_freeze(f->app, &office, &freeze, err));

    rq.to = fixture_day(2014, 12, 31);
    freeze.draw_id = approved(f, &rq);
    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_CONFLICT, "draw_early");
    rq.from = fixture_day(2010, 1, 1);
    rq.to = fixture_day(2010, 12, 31);
    freeze.draw_id = approved(f, &rq);
    ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_INVALID, "empty_population");
    fixture_close(f);
}

static void named_for_risk(void **state)
{
    (void)state;
    fixture *f = county();
    (void)inspectors_more(f);
    const draw_plan_request rq = plan_2013();
    const int64_t id = approved(f, &rq);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    const call group = fixture_as(f, ROLE_GROUP, DAY_DRAW);
    const draw_risk_request risk = {id, f->firm, STR("举报线索")};
    ASSERT_FAILS(draw_risk_add(f->app, &office, &risk, err), TQ_FORBIDDEN, "no_role");
    NEED(draw_risk_add(f->app, &group, &risk, err));
    ASSERT_FAILS(draw_risk_add(f->app, &group, &risk, err), TQ_CONFLICT, "named_before");
    const draw_freeze_request freeze = {.draw_id = id};
    const draw_run_request run = {.draw_id = id, .public_value = STR("")};
    NEED(draw_freeze(f->app, &office, &freeze, err));
    NEED(draw_run(f->app, &office, &run, err));
    assert_int_equal(picks_of(f, id, "drawn", "draw_pick"), 3); /* the named one is not counted */
    assert_int_equal(picks_of(f, id, "risk", "draw_pick"), 1);
    BUF_AUTO buf bundle = buf_max(1024 * 1024);
    NEED(draw_bundle(f->app, id, false, &bundle, err));
    assert_null(strstr(bundle.data, "risk"));
    whole_and_sound(f);
    fixture_close(f);
}

/* Every unit and what is counted: each statement gives what the reader of populations takes. */
static void all_units(void **state)
{
    (void)state;
    static const char *const units[] = {"firm", "amount", "claim", "voucher"};
    fixture *f = county();
    (void)inspectors_more(f);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    for (size_t i = 0; i < TQ_COUNT(units); i++) {
        draw_plan_request rq = plan_2013();
        rq.unit = str_of(units[i]);
        rq.strata = i < 2 ? STR("place") : STR("kind");
        const draw_freeze_request freeze = {.draw_id = approved(f, &rq)};
        const draw_run_request run = {.draw_id = freeze.draw_id, .public_value = STR("")};
        NEED(draw_freeze(f->app, &office, &freeze, err));
        NEED(draw_run(f->app, &office, &run, err));
        assert_int_equal(given_num(f, T_DRAW, freeze.draw_id, C_DRAW_UNITS), FIRMS);
        assert_true(picks_of(f, freeze.draw_id, "drawn", "draw_pick") >= 2);
    }
    fixture_close(f);
}

/* Nobody was paid, so nobody who was paid can be drawn: whatever the unit. */
static void nobody_paid(void **state)
{
    (void)state;
    static const char *const units[] = {"firm", "amount", "claim", "voucher"};
    fixture *f = fixture_open();
    (void)inspectors_more(f);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    for (size_t i = 0; i < TQ_COUNT(units); i++) {
        draw_plan_request rq = plan_2013();
        rq.unit = str_of(units[i]);
        const draw_freeze_request freeze = {.draw_id = approved(f, &rq)};
        ASSERT_FAILS(draw_freeze(f->app, &office, &freeze, err), TQ_INVALID, "empty_population");
    }
    fixture_close(f);
}

/* A population whose file was changed is refused before a result is made of it, and verify finds it. */
static void file_altered(void **state)
{
    (void)state;
    fixture *f = county();
    (void)inspectors_more(f);
    const draw_plan_request rq = plan_2013();
    const int64_t id = approved(f, &rq);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    const draw_freeze_request freeze = {.draw_id = id};
    const draw_run_request run = {.draw_id = id, .public_value = STR("")};
    digest sum;
    NEED(draw_freeze(f->app, &office, &freeze, err));
    assert_true(digest_from_hex(given_text(f, T_DRAW, id, C_DRAW_POPULATION_SHA256), &sum));
    NEED(blob_remove(f->store, sum, err));
    ASSERT_FAILS(draw_run(f->app, &office, &run, err), TQ_NOT_FOUND, "no_blob");
    static verify_report report;
    const verify_options o = {0};
    NEED(verify_run(f->store, &o, &report, err));
    assert_false(report.ok);
    assert_string_equal(report.first[0].what, "blob_missing");
    assert_string_equal(report.first[0].table, "draw");
    fixture_close(f);
}

static int64_t pick_add(fixture *f, int64_t draw_id, const char *key)
{
    int64_t id = 0;
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_begin(f->app, &office, ROLES(ROLE_OFFICE), &tx, err));
    event e = work_event(&office, EV_DRAW_PICKS);
    NEED(event_new_row(tx, &e, T_DRAW_PICK, &id, err));
    event_int(&e, C_DRAW_PICK_PROGRAMME_ID, f->programme_id);
    event_int(&e, C_DRAW_PICK_DRAW_ID, draw_id);
    event_int(&e, C_DRAW_PICK_ORG_ID, f->firm);
    event_text(&e, C_DRAW_PICK_UNIT_KEY, str_of(key));
    event_text(&e, C_DRAW_PICK_HOW, STR("must"));
    event_text(&e, C_DRAW_PICK_STATE, STR("open"));
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
    return id;
}

/* R-DRAW-060: each column that the result speaks of is looked at, and so is the number of rows. */
static void altered_picks_are_not_published(void **state)
{
    (void)state;
    static const struct {
        int table, col;
        const char *text; /* NULL: the number 999 */
    } hands[] = {
        {T_DRAW_PICK, C_DRAW_PICK_UNIT_KEY, "91330522AAAAAAAAAA"},
        {T_DRAW_PICK, C_DRAW_PICK_HOW, "must"},
        {T_DRAW_PICK, C_DRAW_PICK_STRATUM, "another"},
        {T_DRAW_PICK, C_DRAW_PICK_AMOUNT_FEN, NULL},
        {T_DRAW_PICK, C_DRAW_PICK_PLACE, NULL},
        {T_DRAW_PICK, C_DRAW_PICK_SCORE, "00"},
        {T_DRAW_INSPECTOR, C_DRAW_INSPECTOR_PERSON_ID, NULL},
        {T_DRAW_INSPECTOR, C_DRAW_INSPECTOR_SCORE, "00"},
    };
    fixture *f = county();
    (void)inspectors_more(f);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    const draw_plan_request rq = plan_2013();
    const int64_t id = approved(f, &rq);
    const draw_freeze_request freeze = {.draw_id = id};
    const draw_run_request run = {.draw_id = id, .public_value = STR("")};
    const draw_step_request step = step_of(id);
    NEED(draw_freeze(f->app, &office, &freeze, err));
    ASSERT_FAILS(draw_publish(f->app, &office, &step, err), TQ_CONFLICT, "draw_state");
    NEED(draw_run(f->app, &office, &run, err));
    for (size_t i = 0; i < TQ_COUNT(hands); i++) {
        const int table = hands[i].table;
        const int col = hands[i].col;
        const bool number = hands[i].text == NULL;
        const str was = number ? (str){0} : given_text(f, table, 1, col);
        const int64_t n = number ? given_num(f, table, 1, col) : 0;
        alter(f, table, 1, col, number ? (str){0} : str_of(hands[i].text), 999);
        ASSERT_FAILS(draw_publish(f->app, &office, &step, err), TQ_CORRUPT, "draw_stored");
        alter(f, table, 1, col, number ? (str){0} : str_of(arena_copy(f->a, was).data), n);
    }
    const int64_t more = pick_add(f, id, "91330522BBBBBBBBBB");
    ASSERT_FAILS(draw_publish(f->app, &office, &step, err), TQ_CORRUPT, "draw_stored");
    alter(f, T_DRAW_PICK, more, C_DRAW_PICK_HOW, STR("risk"), 0); /* a list of its own */
    alter_num(f, T_DRAW_PICK, 1, C_DRAW_PICK_DRAW_ID, id + 1);
    ASSERT_FAILS(draw_publish(f->app, &office, &step, err), TQ_CORRUPT, "draw_stored");
    alter_num(f, T_DRAW_PICK, 1, C_DRAW_PICK_DRAW_ID, id);
    NEED(draw_publish(f->app, &office, &step, err));
    fixture_close(f);
}

/* R-DRAW-030 */
static void a_cancelled_freeze_shows_its_seed(void **state)
{
    (void)state;
    fixture *f = county();
    (void)inspectors_more(f);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_DRAW);
    const call group = fixture_as(f, ROLE_GROUP, DAY_DRAW);
    const draw_plan_request rq = plan_2013();
    const int64_t early = approved(f, &rq);
    const draw_step_request no = step_of(early);
    NEED(draw_cancel(f->app, &group, &no, err));
    assert_int_equal(given_text(f, T_DRAW, early, C_DRAW_SEED).len, 0); /* there was none */

    const int64_t id = approved(f, &rq);
    const draw_freeze_request freeze = {.draw_id = id};
    const draw_step_request step = step_of(id);
    NEED(draw_freeze(f->app, &office, &freeze, err));
    assert_int_equal(given_text(f, T_DRAW, id, C_DRAW_SEED).len, 0);
    NEED(draw_cancel(f->app, &group, &step, err));
    digest seed;
    digest commitment;
    assert_true(digest_from_hex(given_text(f, T_DRAW, id, C_DRAW_SEED), &seed));
    assert_true(digest_from_hex(given_text(f, T_DRAW, id, C_DRAW_COMMITMENT), &commitment));
    assert_true(digest_eq(lots_commitment(seed.b), commitment));
    BUF_AUTO buf bundle = buf_max(1024 * 1024);
    ASSERT_FAILS(draw_bundle(f->app, id, false, &bundle, err), TQ_NOT_FOUND, "not_found");
    whole_and_sound(f);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_way),
        cmocka_unit_test(plans_refused),
        cmocka_unit_test(public_value),
        cmocka_unit_test(freeze_refused),
        cmocka_unit_test(named_for_risk),
        cmocka_unit_test(all_units),
        cmocka_unit_test(file_altered),
        cmocka_unit_test(nobody_paid),
        cmocka_unit_test(altered_picks_are_not_published),
        cmocka_unit_test(a_cancelled_freeze_shows_its_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
