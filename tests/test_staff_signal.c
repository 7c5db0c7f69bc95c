/* SPDX-License-Identifier: Apache-2.0 */
/* Signals on the staff (R-STAFF-010): each kind fires on what it is about and keeps silent on the same work
 * done as it should be; days are looked through once, and nobody decides about themselves. */
#include "claim_path.h"

#include <string.h>

#include "app/inspection.h"
#include "app/person.h"
#include "app/signals.h"
#include "app/staff_signal.h"
#include "app/view.h"

#define MONDAY fixture_day(2013, 10, 14)
#define SUNDAY fixture_day(2013, 10, 20)
#define QUARTER_BEGINS fixture_day(2013, 10, 1)
#define QUARTER_ENDS fixture_day(2013, 12, 31)
#define NEW_YEAR fixture_day(2014, 1, 2)
#define SMALL_FEN INT64_C(100000)

static view_rows signals_of(fixture *f)
{
    const view_scope all = {.reach = REACH_PROGRAMME, .programme_id = f->programme_id};
    const view_query q = {.limit = VIEW_PAGE_MAX};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(VIEW_STAFF_SIGNAL), &all, &q, f->a, &rows, err));
    return rows;
}

/* Looks through the quarter; the one signal that there must be is of this kind, with these figures. */
static void looked(fixture *f, const char *kind, int64_t measured, int64_t total)
{
    staff_looked out = {0};
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, NEW_YEAR);
    NEED(staff_look(f->app, &supervisor, QUARTER_BEGINS, QUARTER_ENDS, &out, err));
    const view_rows rows = signals_of(f);
    assert_int_equal(out.found, kind == NULL ? 0 : 1);
    assert_int_equal(rows.n, out.found);
    if (kind != NULL) {
        const view_value *v = rows.rows[0].values;
        assert_true(str_eq(v[view_field_at(rows.of, "kind")].s, str_of(kind)));
        assert_int_equal(v[view_field_at(rows.of, "staff_count")].n, measured);
        assert_int_equal(v[view_field_at(rows.of, "staff_of")].n, total);
    }
}

/* A first review by whoever it is, on its day and hour. */
static void checked_by(path *p, const claim_filed *filed, call c, int hours_later)
{
    int64_t decision = 0;
    const claim_checking rq = {.claim_id = filed->claim_id, .content = str_of(filed->content)};
    c.at.us += (int64_t)hours_later * 3600 * 1000000;
    NEED(claim_check(p->f->app, &c, &rq, &decision, err));
}

static void checks(path *p, call c, int n, int hours_later)
{
    for (int i = 0; i < n; i++) {
        const claim_filed filed = path_filed(p, SMALL_FEN, 1000, false);
        checked_by(p, &filed, c, hours_later);
    }
}

static call second_reviewer(fixture *f, day d)
{
    int64_t user = 0;
    int64_t person = 0;
    fixture_person(f, ROLE_REVIEWER1, 0, &user, &person);
    return fixture_user(f, user, person, ROLE_REVIEWER1, 0, d);
}

static void one_reviewer_and_one_institution(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_make(f, true, MONDAY);
    const call first = as(&p, ROLE_REVIEWER1);
    checks(&p, first, 10, 0);
    checks(&p, second_reviewer(f, MONDAY), 1, 0);
    looked(f, "pair", 10, 11);
    fixture_close(f);
}

/* The only reviewer of a county reviews everything, and two who share the work are no pair. */
static void shared_work_is_no_pair(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_make(f, true, MONDAY);
    const call first = as(&p, ROLE_REVIEWER1);
    checks(&p, first, 11, 0);
    looked(f, NULL, 0, 0);
    fixture_close(f);

    f = fixture_open();
    county_ready(f);
    p = path_make(f, true, MONDAY);
    const call one = as(&p, ROLE_REVIEWER1);
    checks(&p, one, 10, 0);
    checks(&p, second_reviewer(f, MONDAY), 3, 0); /* 10 of 13 is 77 % */
    looked(f, NULL, 0, 0);
    fixture_close(f);
}

static void on_a_free_day_and_at_night(void **state)
{
    (void)state;
    static const struct {
        int n, monday; /* reviews on the day, and on a Monday morning beside them */
        bool sunday;
        int hours_later; /* than ten in the morning */
        bool told;
    } cases[] = {
        {5, 0, true, 0, true},   {5, 0, false, 11, true},  {4, 0, true, 0, false},
        {5, 19, true, 0, true},  {5, 20, true, 0, false},  {5, 0, false, 10, false},
        {5, 0, false, -4, true}, {5, 0, false, -3, false},
    };
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        fixture *f = fixture_open();
        county_ready(f);
        path p = path_make(f, true, MONDAY);
        const call monday = as(&p, ROLE_REVIEWER1);
        checks(&p, monday, cases[i].monday, 0);
        p.d = cases[i].sunday ? SUNDAY : MONDAY;
        const call then = as(&p, ROLE_REVIEWER1);
        checks(&p, then, cases[i].n, cases[i].hours_later);
        looked(f, cases[i].told ? "out_of_hours" : NULL, cases[i].n,
               cases[i].n + cases[i].monday + 1); /* and the voucher that was approved */
        fixture_close(f);
    }
}

static void of_kind(path *p, int64_t org_id, const char *kind, str value)
{
    int64_t id = 0;
    const call office = as(p, ROLE_OFFICE);
    const org_fact_rq rq = {
        .org_id = org_id, .kind = str_of(kind), .value = value, .from = FIXTURE_DAY};
    NEED(org_fact_record(p->f->app, &office, &rq, &id, err));
}

static void fact(path *p, int64_t org_id, str value)
{
    of_kind(p, org_id, "owner", value);
}

static void signals_cleared_by_one_person(void **state)
{
    (void)state;
    for (int confirmed = 0; confirmed < 2; confirmed++) {
        fixture *f = fixture_open_changed("signal: overridden, switch: on, number: 5",
                                          "signal: overridden, switch: on, number: 1");
        county_ready(f);
        path p = path_make(f, true, MONDAY);
        fact(&p, p.firm, STR("甲"));
        fact(&p, f->institution, STR("甲"));
        (void)path_filed(&p, CONTRACT_FEN, 1000, false);
        const call reviewer = as(&p, ROLE_REVIEWER2);
        const signal_decision rq = {
            .signal_id = 1, .confirmed = confirmed == 1, .note = STR("已核对")};
        NEED(signal_decide(f->app, &reviewer, &rq, err));
        looked(f, confirmed == 1 ? NULL : "overridden", 1, 1);
        fixture_close(f);
    }
}

static void an_approval_that_was_undone(void **state)
{
    (void)state;
    for (int upheld = 0; upheld < 2; upheld++) {
        fixture *f = fixture_open_changed("signal: undone, switch: on, number: 3",
                                          "signal: undone, switch: on, number: 1");
        county_ready(f);
        public_number number = {0};
        publication_opened opened = {0};
        int64_t id = 0;
        path p = path_make(f, true, MONDAY);
        const claim_filed filed = path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
        const call office = as(&p, ROLE_OFFICE);
        const call anyone = as(&p, ROLE_PUBLIC);
        const publication_new open = {.claims = &filed.claim_id, .n = 1};
        const objection_new objection = {
            .claim_id = filed.claim_id, .ground = STR("检测未发生"), .name = STR("王五")};
        NEED(claim_register(f->app, &office, filed.claim_id, &number, err));
        NEED(publication_open(f->app, &office, &open, &opened, err));
        NEED(objection_file(f->app, &anyone, &objection, &id, err));
        const objection_verdict verdict = {
            .objection_id = id, .upheld = upheld == 1, .reason = "checked_on_site"};
        NEED(objection_decide(f->app, &office, &verdict, &id, err));
        looked(f, upheld == 1 ? "undone" : NULL, 1, 1);
        fixture_close(f);
    }
}

/* The same agency keeps the books of whoever one reviewer gets. */
static void one_reviewer_and_one_agency(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        fixture *f = fixture_open_changed("signal: pair, switch: on", "signal: pair, switch: off");
        county_ready(f);
        path p = path_make(f, true, MONDAY);
        path q = path_make(f, true, MONDAY);
        of_kind(&p, p.firm, "account_agency", STR("乙代账公司"));
        of_kind(&q, q.firm, "account_agency", same == 1 ? STR("乙代账公司") : STR("丙代账公司"));
        const call first = as(&p, ROLE_REVIEWER1);
        checks(&p, first, 5, 0);
        checks(&q, first, 5, 0);
        checks(&q, second_reviewer(f, MONDAY), 1, 0);
        looked(f, same == 1 ? "agency" : NULL, 10, 11);
        fixture_close(f);
    }
}

/* A signal that is only shown is passed over by approving the claim, and by clearing it. */
static void a_shown_signal_that_was_passed_over(void **state)
{
    (void)state;
    fixture *f = fixture_open_changed("signal: overridden, switch: on, number: 5",
                                      "signal: overridden, switch: on, number: 1");
    county_ready(f);
    path p = path_make(f, true, MONDAY);
    of_kind(&p, p.firm, "account_agency", STR("乙代账公司"));
    of_kind(&p, f->institution, "account_agency", STR("乙代账公司"));
    (void)path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    looked(f, "overridden", 1, 1);
    fixture_close(f);
}

static void inspectors_replaced_by_one_person(void **state)
{
    (void)state;
    for (int times = 2; times < 4; times++) {
        fixture *f = fixture_open();
        county_ready(f);
        int64_t users[3];
        int64_t person = 0;
        inspection_made made;
        const call office = fixture_as(f, ROLE_OFFICE, MONDAY);
        for (size_t i = 0; i < TQ_COUNT(users); i++) {
            fixture_person(f, ROLE_INSPECTOR, 0, &users[i], &person);
        }
        const inspection_rq rq = {.org_id = f->firm,
                                  .first_user_id = users[0],
                                  .second_user_id = users[1],
                                  .due = day_add(MONDAY, 30),
                                  .reason = STR("高频")};
        const call group = fixture_as(f, ROLE_GROUP, MONDAY);
        NEED(inspection_open(f->app, &group, &rq, &made, err));
        for (int i = 0; i < times; i++) {
            NEED(inspection_staff(f->app, &office, made.inspection_id, users[(i + 1) % 3],
                                  users[(i + 2) % 3], err));
        }
        looked(f, times == 3 ? "reassigned" : NULL, 3, 4);
        fixture_close(f);
    }
}

static void days_are_looked_through_once(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    staff_looked out = {0};
    int64_t done = 0;
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, NEW_YEAR);
    const call office = fixture_as(f, ROLE_OFFICE, NEW_YEAR);
    const call clock = fixture_as(f, ROLE_SYSTEM, NEW_YEAR);
    ASSERT_FAILS(staff_look(f->app, &supervisor, QUARTER_BEGINS, NEW_YEAR, &out, err), TQ_INVALID,
                 "days");
    ASSERT_FAILS(staff_look(f->app, &office, QUARTER_BEGINS, QUARTER_ENDS, &out, err), TQ_FORBIDDEN,
                 "no_role");
    NEED(staff_look_due(f->app, &clock, &done, err));
    assert_int_equal(done, 1);
    NEED(staff_look_due(f->app, &clock, &done, err));
    assert_int_equal(done, 1);
    ASSERT_FAILS(staff_look(f->app, &supervisor, QUARTER_BEGINS, QUARTER_ENDS, &out, err),
                 TQ_CONFLICT, "staff_looked");
    fixture_close(f);
}

/* Who leaves one office for another gives up the first role: they go together in nobody's hands. */
static void role_ends(fixture *f, int64_t user_id)
{
    const call admin = fixture_as(f, ROLE_SECADMIN, NEW_YEAR);
    const view *v = view_of(VIEW_ROLE_GRANT);
    for (int i = 0; i < view_of(VIEW_USER_ACCOUNT)->n_children; i++) {
        const view_child *child = &view_of(VIEW_USER_ACCOUNT)->children[i];
        view_rows rows = {0};
        if (child->view == VIEW_ROLE_GRANT) {
            TX_AUTO store_tx *tx = NULL;
            NEED(work_read(f->app, &tx, err));
            NEED(view_children(tx, child, user_id, f->a, &rows, err));
        }
        for (size_t k = 0; k < rows.n; k++) {
            NEED(grant_end(f->app, &admin, rows.rows[k].values[view_field_at(v, "id")].n, err));
        }
    }
}

static void it_is_decided_by_another(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_make(f, true, SUNDAY);
    const call reviewer = as(&p, ROLE_REVIEWER1);
    checks(&p, reviewer, 5, 0);
    looked(f, "out_of_hours", 6, 6); /* with the voucher that was approved */
    const int64_t id = signals_of(f).rows[0].values[0].n;
    role_ends(f, f->user[ROLE_REVIEWER1]);
    fixture_grant(f, f->user[ROLE_REVIEWER1], ROLE_SUPERVISOR, 0);
    const call same = fixture_user(f, f->user[ROLE_REVIEWER1], f->person[ROLE_REVIEWER1],
                                   ROLE_SUPERVISOR, 0, NEW_YEAR);
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, NEW_YEAR);
    ASSERT_FAILS(staff_signal_decide(f->app, &same, id, false, STR("没有问题"), err), TQ_FORBIDDEN,
                 "same_person");
    ASSERT_FAILS(staff_signal_decide(f->app, &supervisor, id, true, STR(""), err), TQ_INVALID,
                 "line");
    NEED(staff_signal_decide(f->app, &supervisor, id, false, STR("当日加班，有审批"), err));
    ASSERT_FAILS(staff_signal_decide(f->app, &supervisor, id, true, STR("有问题"), err),
                 TQ_CONFLICT, "state_arrow");
    assert_false(view_within(view_of(VIEW_STAFF_SIGNAL), REACH_ORG));
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_reviewer_and_one_institution),
        cmocka_unit_test(shared_work_is_no_pair),
        cmocka_unit_test(on_a_free_day_and_at_night),
        cmocka_unit_test(signals_cleared_by_one_person),
        cmocka_unit_test(an_approval_that_was_undone),
        cmocka_unit_test(one_reviewer_and_one_agency),
        cmocka_unit_test(a_shown_signal_that_was_passed_over),
        cmocka_unit_test(inspectors_replaced_by_one_person),
        cmocka_unit_test(days_are_looked_through_once),
        cmocka_unit_test(it_is_decided_by_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
