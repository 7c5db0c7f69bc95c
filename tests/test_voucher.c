/* SPDX-License-Identifier: Apache-2.0 */
#include "voucher_steps.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/evidence.h"
#include "app/sanction.h"

#define YUAN 100
#define RACERS_MAX 64

typedef struct county {
    fixture *f;
    int64_t apply, award; /* kinds */
} county;

static county k;

static int county_open(void **state)
{
    (void)state;
    k.f = fixture_open();
    k.apply = fixture_kind(k.f, "apply");
    k.award = fixture_kind(k.f, "award");
    step_recognise(k.f, k.f->firm);
    return 0;
}

static int county_close(void **state)
{
    (void)state;
    fixture_close(k.f);
    return 0;
}

static day days(int n)
{
    return day_add(FIXTURE_DAY, n);
}

static decision_paper paper(fixture *f)
{
    char *hex = ARENA_NEW(f->a, char, 65);
    NEED(evidence_put(f->app, STR("minutes of the group"), hex, err));
    return (decision_paper){
        .number = STR("长科协〔2013〕3号"), .day = days(0), .blob = str_of(hex)};
}

static void ban(fixture *f, int64_t org, day d)
{
    case_result r;
    case_decide_report report;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const case_open_request open = {.org_id = org, .cause = STR("transfer")};
    NEED(case_open(f->app, &office, &open, &r, err));
    const case_step_request hear = {
        .case_id = r.case_id, .paper = paper(f), .reason = STR("heard")};
    NEED(case_hear(f->app, &office, &hear, err));
    const case_decide_request decide = {.case_id = r.case_id,
                                        .paper = paper(f),
                                        .reason = STR("vouchers were sold"),
                                        .due = DAY_NONE};
    NEED(case_decide(f->app, &group, &decide, &report, err));
    assert_true(report.ban_id != 0);
}

/* --- applications ------------------------------------------------------------ */

static void from_draft_to_voucher(void **state)
{
    (void)state;
    fixture *f = k.f;
    int64_t id = 0;
    application_result r;
    voucher_issued v;
    event_value row[AUDITED_COLS_MAX];
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, days(1));
    const call desk = fixture_as(f, ROLE_REVIEWER1, days(2));
    const call office = fixture_as(f, ROLE_OFFICE, days(3));
    const application_request rq = {.holder_id = f->firm,
                                    .kind_id = k.apply,
                                    .way = "immediate",
                                    .asked_fen = 30000 * YUAN,
                                    .purpose = STR("battery tests")};
    NEED(application_draft(f->app, &firm, &rq, &id, err));
    REFUSES(f, application_approve(f->app, &desk, id, NULL, &r, err), TQ_CONFLICT, "state_arrow");
    NEED(application_submit(f->app, &firm, id, err));
    REFUSES(f, application_submit(f->app, &firm, id, err), TQ_CONFLICT, "state_arrow");
    NEED(application_return(f->app, &desk, id, STR("the licence is missing"), err));
    NEED(application_submit(f->app, &firm, id, err));
    NEED(application_approve(f->app, &desk, id, NULL, &r, err));
    assert_true(r.granted);
    assert_true(r.amount_fen == 30000 * YUAN);
    assert_string_equal(r.reason, "granted");
    step_row(f, T_DECISION, r.decision_id, row);
    assert_true(row_is(row, C_DECISION_OUTCOME, "granted"));
    assert_true(row_num(row, C_DECISION_POLICY_ID) == f->policy_id);
    assert_true(row_str(row, C_DECISION_STEPS).len > 2);

    const voucher_issue_request issue = {.application_id = id, .code_seed = STR("seed")};
    NEED(voucher_issue(f->app, &office, &issue, &v, err));
    assert_true(v.amount_fen == 30000 * YUAN);
    assert_int_equal(v.use_by.n, day_add_months(days(3), 12).n);
    assert_int_equal((int)strlen(v.code), 23);
    assert_true(step_cell(f, ACC_VOUCHER, v.voucher_id, 0) == 30000 * YUAN);
    assert_true(fixture_balance(f, ACC_POOL, k.apply) == 70000 * YUAN);
    step_row(f, T_APPLICATION, id, row);
    assert_true(row_is(row, C_APPLICATION_STATE, "issued"));
    assert_true(row_num(row, C_APPLICATION_VOUCHER_ID) == v.voucher_id);
    REFUSES(f, voucher_issue(f->app, &office, &issue, &v, err), TQ_CONFLICT, "state_arrow");
}

static void a_rule_refuses_on_record(void **state)
{
    (void)state;
    fixture *f = k.f;
    application_result r;
    event_value row[AUDITED_COLS_MAX];
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const int64_t unknown = fixture_org(f, "enterprise", "长兴新厂有限公司");
    const int64_t team = fixture_org(f, "team", "创业团队");
    const struct {
        const char *reason;
        int64_t holder, fen;
    } cases[] = {
        {"holder_not_recognised", unknown, 1000 * YUAN},
        {"holder_kind", team, 1000 * YUAN},
        {"cap_reached", f->firm, 30000 * YUAN + 1},
        {"granted", f->firm, 30000 * YUAN},
    };
    const call desk = fixture_as(f, ROLE_REVIEWER1, days(1));
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        const int64_t id = step_filed(f, cases[i].holder, k.apply, 0, cases[i].fen, days(1));
        const bool granted = strcmp(cases[i].reason, "granted") == 0;
        NEED(application_approve(f->app, &desk, id, NULL, &r, err));
        assert_string_equal(r.reason, cases[i].reason);
        assert_int_equal(r.granted, granted);
        step_row(f, T_APPLICATION, id, row);
        assert_true(row_is(row, C_APPLICATION_STATE, granted ? "approved" : "refused"));
        assert_true(row_num(row, C_APPLICATION_DECISION_ID) == r.decision_id);
        step_row(f, T_DECISION, r.decision_id, row);
        assert_true(row_is(row, C_DECISION_REASON, cases[i].reason));
    }
}

static void who_may_not(void **state)
{
    (void)state;
    fixture *f = k.f;
    application_result r;
    voucher_issued v;
    int64_t id = 0;
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const int64_t other = fixture_org(f, "enterprise", "别家有限公司");
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, days(1));
    const application_request theirs = {
        .holder_id = other, .kind_id = k.apply, .way = "immediate", .asked_fen = 100};
    REFUSES(f, application_file(f->app, &firm, &theirs, &id, err), TQ_FORBIDDEN, "not_yours");
    const application_request bad_way = {
        .holder_id = f->firm, .kind_id = k.apply, .way = "post", .asked_fen = 100};
    REFUSES(f, application_file(f->app, &firm, &bad_way, &id, err), TQ_INVALID, "word");
    const application_request nothing = {.holder_id = f->firm, .kind_id = k.apply, .way = "round"};
    REFUSES(f, application_file(f->app, &firm, &nothing, &id, err), TQ_INVALID, "amount_range");

    /* the same person in three roles: files, decides, issues */
    const call office = fixture_as(f, ROLE_OFFICE, days(1));
    const int64_t a1 = step_approved(f, f->firm, k.apply, 0, 1000 * YUAN, days(1));
    call decider = fixture_as(f, ROLE_REVIEWER1, days(1));
    decider.who.role = ROLE_OFFICE;
    const voucher_issue_request issue = {.application_id = a1};
    REFUSES(f, voucher_issue(f->app, &decider, &issue, &v, err), TQ_FORBIDDEN, "no_role");
    const int64_t a2 = step_filed(f, f->firm, k.apply, 0, 1000 * YUAN, days(1));
    NEED(application_approve(f->app, &office, a2, NULL, &r, err));
    const voucher_issue_request second = {.application_id = a2};
    REFUSES(f, voucher_issue(f->app, &office, &second, &v, err), TQ_FORBIDDEN, "same_person");
    REFUSES(f, voucher_issue(f->app, &firm, &second, &v, err), TQ_FORBIDDEN, "no_role");
}

static void the_group_awards_by_list(void **state)
{
    (void)state;
    fixture *f = k.f;
    application_result r[2];
    (void)fixture_fund(f, "award", 500000 * YUAN, days(0));
    const int64_t other = fixture_org(f, "enterprise", "长兴龙头有限公司");
    step_recognise(f, other);
    const int64_t a1 = step_filed(f, f->firm, k.award, 0, 100 * YUAN, days(1));
    const int64_t a2 = step_filed(f, other, k.award, 0, 100 * YUAN, days(1));
    const call desk = fixture_as(f, ROLE_REVIEWER1, days(2));
    const call office = fixture_as(f, ROLE_OFFICE, days(2));
    REFUSES(f, application_approve(f->app, &desk, a1, NULL, &r[0], err), TQ_FORBIDDEN,
            "award_kind");
    const application_award_case list[] = {{a1, 200000 * YUAN}, {a2, 150000 * YUAN}};
    application_award_request rq = {
        .paper = paper(f), .count = 2, .total_fen = 350000 * YUAN, .cases = list, .n = 2};
    application_award_request wrong = rq;
    wrong.total_fen -= 1;
    REFUSES(f, application_award(f->app, &office, &wrong, r, err), TQ_INVALID, "list_differs");
    wrong = rq;
    wrong.count = 3;
    REFUSES(f, application_award(f->app, &office, &wrong, r, err), TQ_INVALID, "list_differs");
    const application_award_case twice[] = {{a1, 200000 * YUAN}, {a1, 150000 * YUAN}};
    wrong = rq;
    wrong.cases = twice;
    REFUSES(f, application_award(f->app, &office, &wrong, r, err), TQ_INVALID, "list_differs");
    wrong = rq;
    wrong.paper.blob = STR("");
    REFUSES(f, application_award(f->app, &office, &wrong, r, err), TQ_INVALID, "no_paper");
    NEED(application_award(f->app, &office, &rq, r, err));
    assert_true(r[0].granted && r[1].granted);
    assert_true(r[1].amount_fen == 150000 * YUAN);
    event_value row[AUDITED_COLS_MAX];
    step_row(f, T_DECISION, r[1].decision_id, row);
    assert_true(row_is(row, C_DECISION_PAPER_NO, "长科协〔2013〕3号"));
}

/* --- money ------------------------------------------------------------ */

static void caps_to_the_fen(void **state)
{
    (void)state;
    fixture *f = k.f;
    voucher_issued v;
    (void)fixture_fund(f, "apply", 200000 * YUAN, days(0));
    const call office = fixture_as(f, ROLE_OFFICE, days(1));
    /* approved one by one, each within the cap alone */
    const voucher_issue_request most = {
        .application_id = step_approved(f, f->firm, k.apply, 0, 29999 * YUAN, days(1))};
    const voucher_issue_request over = {
        .application_id = step_approved(f, f->firm, k.apply, 0, 1 * YUAN + 1, days(1))};
    const voucher_issue_request equal = {
        .application_id = step_approved(f, f->firm, k.apply, 0, 1 * YUAN, days(1))};
    NEED(voucher_issue(f->app, &office, &most, &v, err));
    REFUSES(f, voucher_issue(f->app, &office, &over, &v, err), TQ_REFUSED, "cap_reached");
    NEED(voucher_issue(f->app, &office, &equal, &v, err));
    REFUSES(f, voucher_issue(f->app, &office, &over, &v, err), TQ_REFUSED, "cap_reached");

    /* a top-up counts against the same cap, and on its own day */
    application_result r;
    const call desk = fixture_as(f, ROLE_REVIEWER1, days(2));
    const int64_t more = step_filed(f, f->firm, k.apply, v.voucher_id, 1, days(2));
    NEED(application_approve(f->app, &desk, more, NULL, &r, err));
    assert_string_equal(r.reason, "cap_reached");
    (void)fixture_fund(f, "apply", 200000 * YUAN, fixture_day(2014, 1, 2));
    const day next = fixture_day(2014, 1, 3);
    const call later = fixture_as(f, ROLE_OFFICE, next);
    const int64_t top = step_approved(f, f->firm, k.apply, v.voucher_id, 30000 * YUAN, next);
    NEED(voucher_top_up(f->app, &later, top, &v, err));
    assert_true(step_cell(f, ACC_VOUCHER, v.voucher_id, 0) == 30001 * YUAN);
    const int64_t again = step_filed(f, f->firm, k.apply, 0, 1, next);
    const call desk2 = fixture_as(f, ROLE_REVIEWER1, next);
    NEED(application_approve(f->app, &desk2, again, NULL, &r, err));
    assert_string_equal(r.reason, "cap_reached"); /* the year's cap is used by the top-up */
}

static void the_pool_is_short(void **state)
{
    (void)state;
    fixture *f = k.f;
    application_result r;
    voucher_issued v;
    const call desk = fixture_as(f, ROLE_REVIEWER1, days(1));
    const call office = fixture_as(f, ROLE_OFFICE, days(1));
    const int64_t early = step_filed(f, f->firm, k.apply, 0, 1, days(1));
    NEED(application_approve(f->app, &desk, early, NULL, &r, err));
    assert_string_equal(r.reason, "pool_short");
    /* two sources of 100.00 and 50.01; 5 % over-commitment of 150.01 is 7.50 */
    (void)fixture_fund(f, "apply", 100 * YUAN, days(1));
    (void)fixture_fund(f, "apply", 50 * YUAN + 1, days(1));
    const int64_t over = step_filed(f, f->firm, k.apply, 0, 15751 + 1, days(1));
    NEED(application_approve(f->app, &desk, over, NULL, &r, err));
    assert_string_equal(r.reason, "pool_short");
    const voucher_issue_request small = {.application_id =
                                             step_approved(f, f->firm, k.apply, 0, 100, days(1))};
    NEED(voucher_issue(f->app, &office, &small, &v, err));
    ledger_amount cells[4];
    int n = 0;
    {
        TX_AUTO store_tx *tx = NULL;
        const ledger_cell like = {.account = ACC_VOUCHER, .voucher_id = v.voucher_id};
        NEED(work_read(f->app, &tx, err));
        NEED(ledger_cells(tx, f->programme_id, &like, cells, 4, &n, err));
    }
    assert_int_equal(n, 2);
    assert_true(cells[0].amount == 67); /* 100 x 10000/15001 = 66.66: the larger remainder */
    assert_true(cells[1].amount == 33);
    const voucher_issue_request rest = {.application_id =
                                            step_approved(f, f->firm, k.apply, 0, 15651, days(1))};
    NEED(voucher_issue(f->app, &office, &rest, &v, err));
    assert_true(fixture_balance(f, ACC_POOL, k.apply) == 0);
    assert_true(fixture_balance(f, ACC_OVERCOMMIT, k.apply) == -750);
    assert_true(step_cell(f, ACC_VOUCHER, v.voucher_id, 0) == 15651);
}

/* --- races ------------------------------------------------------------ */

typedef struct racer {
    pthread_t thread;
    fixture *f;
    pthread_barrier_t *start;
    int64_t application_id;
    tq_code code;
    tq_err err;
} racer;

static void *race_issue(void *arg)
{
    racer *r = arg;
    ARENA_AUTO arena *a = arena_new("racer", 64 * 1024 * 1024);
    const call c = fixture_as_in(r->f, ROLE_OFFICE, days(1), a);
    const voucher_issue_request rq = {.application_id = r->application_id};
    voucher_issued v;
    (void)pthread_barrier_wait(r->start);
    do {
        r->code = voucher_issue(r->f->app, &c, &rq, &v, &r->err);
    } while (r->code == TQ_BUSY);
    return NULL;
}

static int racers(void)
{
    const char *full = getenv("TQ_FULL");
    return full != NULL && strcmp(full, "1") == 0 ? RACERS_MAX : 8;
}

/* Runs all at once; returns how many were issued, the others refused for `reason`. */
static int race(racer *r, int n, const char *reason)
{
    pthread_barrier_t start;
    int won = 0;
    assert_int_equal(pthread_barrier_init(&start, NULL, (unsigned)n), 0);
    for (int i = 0; i < n; i++) {
        r[i].f = k.f;
        r[i].start = &start;
        assert_int_equal(pthread_create(&r[i].thread, NULL, race_issue, &r[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(r[i].thread, NULL), 0);
    }
    for (int i = 0; i < n; i++) {
        won += r[i].code == TQ_OK ? 1 : 0;
        if (r[i].code != TQ_OK) {
            assert_int_equal((int)r[i].code, (int)TQ_REFUSED);
            assert_string_equal(r[i].err.reason, reason);
        }
    }
    assert_int_equal(pthread_barrier_destroy(&start), 0);
    return won;
}

static void race_for_the_last_money(void **state)
{
    (void)state;
    static racer r[RACERS_MAX];
    const int n = racers();
    (void)fixture_fund(k.f, "apply", 10000 * YUAN, days(0)); /* and 500 over it */
    for (int i = 0; i < n; i++) {
        const int64_t org = fixture_org(k.f, "enterprise", "长兴竞争有限公司");
        step_recognise(k.f, org);
        r[i] = (racer){.application_id = step_approved(k.f, org, k.apply, 0, 3500 * YUAN, days(1))};
    }
    assert_int_equal(race(r, n, "pool_short"), 3);
    assert_true(fixture_balance(k.f, ACC_POOL, k.apply) == 0);
    assert_true(fixture_balance(k.f, ACC_OVERCOMMIT, k.apply) == -500 * YUAN);
    assert_true(fixture_balance(k.f, ACC_VOUCHER, k.apply) == 10500 * YUAN);
}

static void race_for_the_last_headroom(void **state)
{
    (void)state;
    static racer r[RACERS_MAX];
    const int n = racers();
    (void)fixture_fund(k.f, "apply", 1000000 * YUAN, days(0));
    for (int i = 0; i < n; i++) {
        r[i] = (racer){.application_id =
                           step_approved(k.f, k.f->firm, k.apply, 0, 10000 * YUAN, days(1))};
    }
    assert_int_equal(race(r, n, "cap_reached"), 3);
    assert_true(fixture_balance(k.f, ACC_VOUCHER, k.apply) == 30000 * YUAN);
}

/* --- the life of a voucher ------------------------------------------------------------ */

static void codes(void **state)
{
    (void)state;
    fixture *f = k.f;
    voucher_issued v;
    voucher_issued again;
    int64_t id = 0;
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const call office = fixture_as(f, ROLE_OFFICE, days(1));
    const voucher_issue_request rq = {
        .application_id = step_approved(f, f->firm, k.apply, 0, 100 * YUAN, days(1)),
        .code_seed = STR("s")};
    NEED(voucher_issue(f->app, &office, &rq, &v, err));
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(voucher_by_code(tx, str_of(v.code), &id, err));
        assert_true(id == v.voucher_id);
        char loose[32] = {0};
        size_t n = 0;
        for (size_t i = 0; v.code[i] != '\0'; i++) {
            if (v.code[i] != '-') {
                loose[n++] = (char)(v.code[i] >= 'A' ? v.code[i] + 32 : v.code[i]);
            }
        }
        NEED(voucher_by_code(tx, str_of(loose), &id, err));
        assert_true(id == v.voucher_id);
    }
    NEED(voucher_reissue(f->app, &office, v.voucher_id, STR(""), STR("the slip was lost"), &again,
                         err));
    assert_string_not_equal(v.code, again.code);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    assert_int_equal((int)voucher_by_code(tx, str_of(v.code), &id, NULL), (int)TQ_NOT_FOUND);
    NEED(voucher_by_code(tx, str_of(again.code), &id, err));
}

static void freeze_extend_cancel(void **state)
{
    (void)state;
    fixture *f = k.f;
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const int64_t v = step_voucher(f, f->firm, k.apply, 1000 * YUAN, days(1));
    const call office = fixture_as(f, ROLE_OFFICE, days(2));
    const call group = fixture_as(f, ROLE_GROUP, days(2));
    const day last = day_add_months(days(1), 12);
    NEED(voucher_freeze(f->app, &office, v, STR("under inspection"), err));
    REFUSES(f, voucher_freeze(f->app, &office, v, STR("again"), err), TQ_CONFLICT, "state_arrow");
    REFUSES(f, voucher_extend(f->app, &office, v, day_add(last, 30), STR("late"), err), TQ_CONFLICT,
            "voucher_not_active");
    NEED(voucher_unfreeze(f->app, &office, v, err));
    REFUSES(f, voucher_unfreeze(f->app, &office, v, err), TQ_CONFLICT, "state_arrow");
    REFUSES(f, voucher_extend(f->app, &office, v, last, STR("late"), err), TQ_INVALID, "extension");
    REFUSES(f,
            voucher_extend(f->app, &office, v, day_add(day_add_months(last, 12), 1), STR("late"),
                           err),
            TQ_INVALID, "extension");
    NEED(voucher_extend(f->app, &office, v, day_add(last, 30), STR("the laboratory was closed"),
                        err));
    REFUSES(f, voucher_extend(f->app, &office, v, day_add(last, 60), STR("late"), err), TQ_INVALID,
            "extension");
    const voucher_cancel_request bare = {.voucher_id = v, .cause = STR("transferred")};
    REFUSES(f, voucher_cancel(f->app, &office, &bare, err), TQ_FORBIDDEN, "no_paper");
    NEED(voucher_cancel(f->app, &group, &bare, err));
    REFUSES(f, voucher_cancel(f->app, &group, &bare, err), TQ_CONFLICT, "state_arrow");
    assert_true(fixture_balance(f, ACC_POOL, k.apply) == 100000 * YUAN);
    assert_true(fixture_balance(f, ACC_VOUCHER, k.apply) == 0);
    event_value row[AUDITED_COLS_MAX];
    step_row(f, T_VOUCHER, v, row);
    assert_true(row_is(row, C_VOUCHER_STATE, "cancelled"));
    assert_true(row_is(row, C_VOUCHER_CAUSE, "transferred"));
}

static void expiry_once(void **state)
{
    (void)state;
    fixture *f = k.f;
    int64_t done = 0;
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const int64_t v = step_voucher(f, f->firm, k.apply, 1000 * YUAN, days(1));
    const int64_t frozen = step_voucher(f, f->firm, k.apply, 2000 * YUAN, days(1));
    const int64_t later = step_voucher(f, f->firm, k.apply, 3000 * YUAN, days(2));
    const call office = fixture_as(f, ROLE_OFFICE, days(2));
    NEED(voucher_freeze(f->app, &office, frozen, STR("under inspection"), err));
    const day last = day_add_months(days(1), 12);
    const call on = fixture_as(f, ROLE_SYSTEM, last);
    const call after = fixture_as(f, ROLE_SYSTEM, day_add(last, 1));
    NEED(voucher_expire_due(f->app, &on, &done, err));
    assert_true(done == 0); /* the last day is a good day */
    REFUSES(f, voucher_expire(f->app, &on, v, err), TQ_CONFLICT, "not_due");
    NEED(voucher_expire_due(f->app, &after, &done, err));
    assert_true(done == 2);
    const int64_t events = fixture_events(f);
    NEED(voucher_expire_due(f->app, &after, &done, err));
    assert_true(done == 0);
    assert_true(fixture_events(f) == events);
    assert_true(fixture_balance(f, ACC_VOUCHER, k.apply) == 3000 * YUAN);
    assert_true(fixture_balance(f, ACC_POOL, k.apply) == 97000 * YUAN);
    assert_true(step_cell(f, ACC_VOUCHER, later, 0) == 3000 * YUAN);
    /* what expired unused in its calendar year of issue frees the cap of that year only */
    REFUSES(f, voucher_expire(f->app, &office, later, err), TQ_FORBIDDEN, "no_role");
}

static void a_ban_closes_every_gate(void **state)
{
    (void)state;
    fixture *f = k.f;
    voucher_issued v;
    int64_t id = 0;
    application_result r;
    (void)fixture_fund(f, "apply", 100000 * YUAN, days(0));
    const int64_t held = step_voucher(f, f->firm, k.apply, 1000 * YUAN, days(1));
    const int64_t approved = step_approved(f, f->firm, k.apply, 0, 1000 * YUAN, days(1));
    const int64_t waiting = step_filed(f, f->firm, k.apply, 0, 1000 * YUAN, days(1));
    ban(f, f->firm, days(2));
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, days(3));
    const call desk = fixture_as(f, ROLE_REVIEWER1, days(3));
    const call office = fixture_as(f, ROLE_OFFICE, days(3));
    const voucher_issue_request issue = {.application_id = approved};
    const application_request rq = {
        .holder_id = f->firm, .kind_id = k.apply, .way = "round", .asked_fen = 100};
    REFUSES(f, application_file(f->app, &firm, &rq, &id, err), TQ_REFUSED, "banned");
    REFUSES(f, voucher_issue(f->app, &office, &issue, &v, err), TQ_REFUSED, "banned");
    NEED(application_approve(f->app, &desk, waiting, NULL, &r, err));
    assert_false(r.granted);
    assert_string_equal(r.reason, "holder_banned");
    event_value row[AUDITED_COLS_MAX];
    step_row(f, T_VOUCHER, held, row);
    assert_true(row_is(row, C_VOUCHER_STATE, "cancelled"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, county_open, county_close)
    const struct CMUnitTest tests[] = {
        T(from_draft_to_voucher),
        T(a_rule_refuses_on_record),
        T(who_may_not),
        T(the_group_awards_by_list),
        T(caps_to_the_fen),
        T(the_pool_is_short),
        T(race_for_the_last_money),
        T(race_for_the_last_headroom),
        T(codes),
        T(freeze_extend_cancel),
        T(expiry_once),
        T(a_ban_closes_every_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
