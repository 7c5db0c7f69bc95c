/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up a county: programme, calendar, outage, policy, people, organisations, accounts. Each
 * refusal, two persons where there must be two, and nothing left behind by what was refused. */

#include "one_county.h"

#include "app/app_inner.h"
#include "app/bank_account.h"
#include "app/organisation.h"
#include "app/person.h"
#include "app/programme.h"
#include "store/bundle.h"
#include "store/verify.h"

static call as(role r)
{
    return fixture_as(f, r, fixture_day(2013, 9, 9));
}

static call second(void)
{
    return fixture_user(f, f->second_secadmin, f->second_secadmin_person, ROLE_SECADMIN, 0,
                        fixture_day(2013, 9, 9));
}

static void load(int table, int64_t id, event_value *row)
{
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, table, id, f->a, row, err));
}

/* --- the installation ------------------------------------------------------------------------- */

static programme_facts facts_of_anji(void)
{
    return (programme_facts){STR("330523"),
                             STR("安吉"),
                             STR("Anji"),
                             STR("330523"),
                             STR("CNY"),
                             STR("Asia/Shanghai"),
                             1};
}

static void an_installation_begins_once(void **state)
{
    (void)state;
    const programme_facts good_facts = facts_of_anji();
    const first_user one[] = {{ROLE_SECADMIN, STR("a1"), STR("甲"), STR(""), STR("")},
                              {ROLE_SECADMIN, STR("a2"), STR("乙"), STR(""), STR("")}};
    const first_user clerk[] = {
        one[0], one[1], {ROLE_OFFICE, STR("a3"), STR("丙"), STR(""), STR("")}};
    int64_t id = 0;
    call c = as(ROLE_SYSTEM);
    c.who.programme_id = 0;
    site_init_rq rq = {.programme = good_facts, .users = one, .n_users = 2};
    REFUSED(TQ_CONFLICT, "not_empty", site_init(f->app, &c, &rq, &id, NULL, NULL, err));
    rq.n_users = 1;
    REFUSED(TQ_INVALID, "two_secadmins", site_init(f->app, &c, &rq, &id, NULL, NULL, err));
    rq.users = clerk;
    rq.n_users = 3;
    REFUSED(TQ_INVALID, "first_role", site_init(f->app, &c, &rq, &id, NULL, NULL, err));
    rq.users = one;
    rq.n_users = 2;
    rq.salt = STR("short");
    REFUSED(TQ_INVALID, "salt", site_init(f->app, &c, &rq, &id, NULL, NULL, err));
    call admin = as(ROLE_SECADMIN);
    rq.salt = STR("");
    REFUSED(TQ_FORBIDDEN, "no_role", site_init(f->app, &admin, &rq, &id, NULL, NULL, err));
    assert_int_equal(id, 0);
}

static void a_programme_has_facts_that_hold(void **state)
{
    static const struct {
        const char *reason;
        int field; /* which is spoilt */
    } cases[] = {{"code", 0}, {"code", 1}, {"month", 2}, {"line", 3}};
    (void)state;
    int64_t id = 0;
    const programme_facts good_facts = facts_of_anji();
    const call c = as(ROLE_SYSADMIN);
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        programme_facts bad = good_facts;
        if (cases[i].field == 0) {
            bad.code = STR("33-05");
        } else if (cases[i].field == 1) {
            bad.division = STR("3305");
        } else if (cases[i].field == 2) {
            bad.fiscal_month = 13;
        } else {
            bad.name_zh = STR("two\nlines");
        }
        REFUSED(TQ_INVALID, cases[i].reason, programme_open(f->app, &c, &bad, &id, err));
    }
    programme_facts taken = good_facts;
    taken.code = STR("330522");
    REFUSED(TQ_CONFLICT, "code_taken", programme_open(f->app, &c, &taken, &id, err));
    NEED(programme_open(f->app, &c, &good_facts, &id, err));
    assert_true(id > 0);
    REFUSED(TQ_CONFLICT, "nothing_changed",
            programme_change(f->app, &c, &(programme_change_rq){.name_zh = STR("长兴县科技创新券")},
                             err));
    NEED(programme_change(f->app, &c, &(programme_change_rq){.name_zh = STR("长兴创新券")}, err));
    event_value row[AUDITED_COLS_MAX];
    load(T_PROGRAMME, f->programme_id, row);
    assert_true(row_is(row, C_PROGRAMME_NAME_ZH, "长兴创新券"));
    assert_true(row_is(row, C_PROGRAMME_ZONE, "Asia/Shanghai"));
}

static void a_calendar_is_a_list_of_days(void **state)
{
    static const struct {
        tq_code code;
        const char *reason;
        const char *holidays, *workdays;
    } cases[] = {
        {TQ_INVALID, "calendar_year", "2019-01-01 2020-01-01", ""},
        {TQ_INVALID, "calendar_twice", "2019-01-01,2019-01-01", ""},
        {TQ_INVALID, "calendar_both", "2019-01-01", "2019-02-02 2019-01-01"},
        {TQ_INVALID, "day_form", "1 January", ""},
    };
    (void)state;
    const call c = as(ROLE_OFFICE);
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        const calendar_rq rq = {2019, str_of(cases[i].holidays), str_of(cases[i].workdays)};
        REFUSED(cases[i].code, cases[i].reason, calendar_set(f->app, &c, &rq, err));
    }
    const call agent = as(ROLE_FIRM_AGENT);
    const calendar_rq good = {2019, STR("2019-10-02\n2019-10-01, 2019-01-01"), STR("2019-02-02")};
    REFUSED(TQ_FORBIDDEN, "no_role", calendar_set(f->app, &agent, &good, err));
    NEED(calendar_set(f->app, &c, &good, err));
    REFUSED(TQ_CONFLICT, "nothing_changed", calendar_set(f->app, &c, &good, err));
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    const policy_clock two = {.n = 2, .working_days = true};
    day end = {0};
    NEED(clock_end(tx, f->programme_id, fixture_day(2019, 9, 30), &two, &end, err));
    assert_int_equal(end.n, fixture_day(2019, 10, 4).n); /* 1 and 2 October are free */
    NEED(clock_end(tx, f->programme_id, fixture_day(2019, 2, 1), &two, &end, err));
    assert_int_equal(end.n, fixture_day(2019, 2, 4).n); /* Saturday 2 February works */
}

static void an_outage_takes_two(void **state)
{
    (void)state;
    int64_t id = 0;
    const call maker = as(ROLE_OFFICE);
    const call checker = as(ROLE_GROUP);
    const policy_clock one = {.n = 1, .working_days = true};
    day end = {0};
    REFUSED(TQ_INVALID, "days",
            outage_file(f->app, &maker, fixture_day(2014, 6, 12), fixture_day(2014, 6, 10),
                        STR("x"), &id, err));
    NEED(outage_file(f->app, &maker, fixture_day(2014, 6, 10), fixture_day(2014, 6, 12),
                     STR("机房断电"), &id, err));
    for (int declared = 0; declared < 2; declared++) {
        if (declared == 1) {
            REFUSED(TQ_FORBIDDEN, "same_person", outage_declare(f->app, &maker, id, err));
            NEED(outage_declare(f->app, &checker, id, err));
            REFUSED(TQ_CONFLICT, "declared", outage_declare(f->app, &checker, id, err));
        }
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(clock_end(tx, f->programme_id, fixture_day(2014, 6, 10), &one, &end, err));
        assert_int_equal(end.n, fixture_day(2014, 6, declared == 1 ? 13 : 11).n);
    }
}

/* --- policy ------------------------------------------------------------------------------------ */

static tq_code no_base(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    (void)ctx;
    (void)name;
    (void)a;
    (void)out;
    return tq_fail(err, TQ_NOT_FOUND, "no_base", "extends", "there is none");
}

static void a_policy_is_put_in_force_by_another(void **state)
{
    (void)state;
    int64_t id = 0;
    const policy *p = NULL;
    int64_t in_force = 0;
    BUF_AUTO buf print = buf_max(1024 * 1024);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(app_policy(f->app, tx, f->programme_id, &in_force, &p, err));
        assert_int_equal(in_force, f->policy_id);
    }
    policy_print(p, &print);
    const call author = as(ROLE_POLICY_AUTHOR);
    const call approver = as(ROLE_POLICY_APPROVER);
    policy_file_rq rq = {.name = STR("second.yaml"),
                         .yaml = STR("rules: {"),
                         .doc_no = STR("长政发〔2014〕1号"),
                         .from = fixture_day(2013, 9, 10),
                         .read = no_base};
    const int64_t before = fixture_events(f);
    {
        tq_err e = {0};
        assert_int_not_equal(policy_file(f->app, &author, &rq, &id, &e), TQ_OK);
    }
    assert_int_equal(fixture_events(f), before);
    rq.yaml = buf_view(&print);
    REFUSED(TQ_FORBIDDEN, "no_role", policy_file(f->app, &approver, &rq, &id, err));
    NEED(policy_file(f->app, &author, &rq, &id, err));
    REFUSED(TQ_FORBIDDEN, "no_role", policy_put_in_force(f->app, &author, id, err));
    /* The author in the approver's role, in a second account of the same person. */
    int64_t user = 0;
    int64_t grant = 0;
    const call admin = as(ROLE_SECADMIN);
    const call admin2 = second();
    NEED(user_open(f->app, &admin, f->person[ROLE_POLICY_AUTHOR], STR("author.too"), 0, &user,
                   err));
    const grant_rq both = {
        .user_id = user, .role = ROLE_POLICY_APPROVER, .programme_id = f->programme_id};
    NEED(grant_propose(f->app, &admin, &both, &grant, err));
    NEED(grant_confirm(f->app, &admin2, grant, err));
    const call self = fixture_user(f, user, f->person[ROLE_POLICY_AUTHOR], ROLE_POLICY_APPROVER, 0,
                                   fixture_day(2013, 9, 10));
    REFUSED(TQ_FORBIDDEN, "same_person", policy_put_in_force(f->app, &self, id, err));
    const call later = fixture_as(f, ROLE_POLICY_APPROVER, fixture_day(2013, 9, 10));
    NEED(policy_put_in_force(f->app, &later, id, err));
    event_value row[AUDITED_COLS_MAX];
    load(T_POLICY, f->policy_id, row);
    assert_true(row_is(row, C_POLICY_STATE, "superseded"));
    load(T_POLICY, id, row);
    assert_true(row_is(row, C_POLICY_STATE, "in_force"));
    assert_int_equal(row_num(row, C_POLICY_VERSION), 2);
    AGAIN(policy_put_in_force(f->app, &later, id, err));
}

static void policy_state_is(int64_t id, const char *state)
{
    event_value row[AUDITED_COLS_MAX];
    load(T_POLICY, id, row);
    assert_true(row_is(row, C_POLICY_STATE, state));
}

/* An office approves in December what holds from January on; the clock starts it, also where it was down. */
static void a_policy_is_approved_ahead_of_its_first_day(void **state)
{
    (void)state;
    static const int first_days[] = {20, 15, 25}; /* of September 2014, in the order of filing */
    int64_t ids[3] = {0};
    int64_t moved = 0;
    int64_t in_force = 0;
    const policy *p = NULL;
    const call author = fixture_as(f, ROLE_POLICY_AUTHOR, fixture_day(2014, 9, 1));
    const call approver = fixture_as(f, ROLE_POLICY_APPROVER, fixture_day(2014, 9, 1));
    BUF_AUTO buf print = buf_max(1024 * 1024);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(app_policy(f->app, tx, f->programme_id, &in_force, &p, err));
    }
    policy_print(p, &print);
    for (size_t i = 0; i < 3; i++) {
        const policy_file_rq rq = {.name = STR("ahead.yaml"),
                                   .yaml = buf_view(&print),
                                   .doc_no = STR("长政发〔2014〕9号"),
                                   .from = fixture_day(2014, 9, first_days[i]),
                                   .read = no_base};
        NEED(policy_file(f->app, &author, &rq, &ids[i], err));
        NEED(policy_put_in_force(f->app, &approver, ids[i], err));
        policy_state_is(ids[i], "approved");
    }
    call clock = fixture_as(f, ROLE_SYSTEM, fixture_day(2014, 9, 14));
    NEED(policy_start_due(f->app, &clock, &moved, err));
    assert_int_equal(moved, 0);
    policy_state_is(in_force, "in_force");
    clock = fixture_as(f, ROLE_SYSTEM, fixture_day(2014, 9, 22)); /* two days were missed */
    NEED(policy_start_due(f->app, &clock, &moved, err));
    assert_int_equal(moved, 2);
    policy_state_is(in_force, "superseded");
    policy_state_is(ids[0], "in_force");
    policy_state_is(ids[1], "superseded"); /* its first day is the earlier one */
    policy_state_is(ids[2], "approved");
    moved = 0;
    NEED(policy_start_due(f->app, &clock, &moved, err));
    assert_int_equal(moved, 0);
    clock = fixture_as(f, ROLE_SYSTEM, fixture_day(2014, 9, 25));
    NEED(policy_start_due(f->app, &clock, &moved, err));
    policy_state_is(ids[0], "superseded");
    policy_state_is(ids[2], "in_force");
}

/* --- people ------------------------------------------------------------------------------------ */

static void a_role_is_given_by_two(void **state)
{
    (void)state;
    int64_t person = 0;
    int64_t user = 0;
    int64_t grant = 0;
    const call admin = as(ROLE_SECADMIN);
    const call admin2 = second();
    const person_rq who = {.name = STR("张三"), .phone = STR("13812345678")};
    const person_rq nobody = {.name = STR("")};
    REFUSED(TQ_INVALID, "line", person_register(f->app, &admin, &nobody, &person, err));
    NEED(person_register(f->app, &admin, &who, &person, err));
    REFUSED(TQ_INVALID, "login",
            user_open(f->app, &admin, person, STR("Zhang San"), 0, &user, err));
    REFUSED(TQ_CONFLICT, "login_taken",
            user_open(f->app, &admin, person, STR("secadmin"), 0, &user, err));
    REFUSED(TQ_NOT_FOUND, "not_found",
            user_open(f->app, &admin, 999999, STR("ghost"), 0, &user, err));
    NEED(user_open(f->app, &admin, person, STR("zhang.san"), 0, &user, err));

    grant_rq rq = {.user_id = user, .role = ROLE_OFFICE, .programme_id = f->programme_id};
    const call clerk = fixture_user(f, user, person, ROLE_OFFICE, 0, fixture_day(2013, 9, 9));
    REFUSED(TQ_FORBIDDEN, "no_role", outage_declare(f->app, &clerk, 1, err));
    NEED(grant_propose(f->app, &admin, &rq, &grant, err));
    REFUSED(TQ_FORBIDDEN, "no_role", outage_declare(f->app, &clerk, 1, err));
    REFUSED(TQ_FORBIDDEN, "same_person", grant_confirm(f->app, &admin, grant, err));
    REFUSED(TQ_CONFLICT, "has_role", grant_propose(f->app, &admin, &rq, &grant, err));
    NEED(grant_confirm(f->app, &admin2, grant, err));
    AGAIN(grant_confirm(f->app, &admin2, grant, err));
    REFUSED(TQ_NOT_FOUND, "not_found",
            outage_declare(f->app, &clerk, 999999, err)); /* may act now */
    NEED(grant_end(f->app, &admin, grant, err));
    REFUSED(TQ_FORBIDDEN, "no_role", outage_declare(f->app, &clerk, 999999, err));
}

static void who_may_ask_for_which_role(void **state)
{
    static const struct {
        role by;
        role wanted;
        bool org; /* for the firm */
        tq_code code;
        const char *reason;
    } cases[] = {
        {ROLE_FIRM_AGENT, ROLE_FIRM_FINANCE, false, TQ_FORBIDDEN, "grant_scope"},
        {ROLE_FIRM_AGENT, ROLE_OFFICE, true, TQ_FORBIDDEN, "grant_scope"},
        {ROLE_INST_AGENT, ROLE_INST_AGENT, true, TQ_FORBIDDEN, "grant_scope"},
        {ROLE_OFFICE, ROLE_SECADMIN, false, TQ_FORBIDDEN, "grant_scope"},
        {ROLE_OFFICE, ROLE_SUPERVISOR, false, TQ_FORBIDDEN, "grant_scope"},
        {ROLE_SECADMIN, ROLE_SYSTEM, false, TQ_INVALID, "grant_role"},
        {ROLE_SECADMIN, ROLE_PUBLIC, false, TQ_INVALID, "grant_role"},
        {ROLE_SECADMIN, ROLE_FIRM_AGENT, false, TQ_INVALID, "grant_org"},
        {ROLE_SECADMIN, ROLE_OFFICE, true, TQ_INVALID, "grant_org"},
        {ROLE_SYSADMIN, ROLE_OFFICE, false, TQ_FORBIDDEN, "no_role"},
        {ROLE_AUDITOR, ROLE_OFFICE, false, TQ_FORBIDDEN, "no_role"},
    };
    (void)state;
    int64_t person = 0;
    int64_t user = 0;
    int64_t grant = 0;
    const call admin = as(ROLE_SECADMIN);
    const person_rq who = {.name = STR("李四")};
    NEED(person_register(f->app, &admin, &who, &person, err));
    NEED(user_open(f->app, &admin, person, STR("li.si"), 0, &user, err));
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        const call c = as(cases[i].by);
        const grant_rq rq = {.user_id = user,
                             .role = cases[i].wanted,
                             .programme_id = f->programme_id,
                             .org_id = cases[i].org ? f->firm : 0};
        REFUSED(cases[i].code, cases[i].reason, grant_propose(f->app, &c, &rq, &grant, err));
    }
    /* Three administrators are three persons. */
    grant_rq clash = {.user_id = f->user[ROLE_SYSADMIN], .role = ROLE_AUDITOR};
    REFUSED(TQ_REFUSED, "roles_apart", grant_propose(f->app, &admin, &clash, &grant, err));
    /* Nobody confirms a role of their own. */
    clash = (grant_rq){
        .user_id = f->second_secadmin, .role = ROLE_LINKED_BUREAU, .programme_id = f->programme_id};
    NEED(grant_propose(f->app, &admin, &clash, &grant, err));
    const call own = second();
    REFUSED(TQ_FORBIDDEN, "same_person", grant_confirm(f->app, &own, grant, err));
    NEED(grant_end(f->app, &admin, grant, err));
    /* A firm's agent asks for a colleague and sees no other firm's grants. */
    const call agent = as(ROLE_FIRM_AGENT);
    REFUSED(TQ_FORBIDDEN, "other_org",
            user_open(f->app, &agent, person, STR("li.si2"), 0, &user, err));
    REFUSED(TQ_NOT_FOUND, "not_found", grant_end(f->app, &agent, grant, err));
    NEED(user_open(f->app, &agent, person, STR("li.si2"), f->firm, &user, err));
    const grant_rq colleague = {.user_id = user,
                                .role = ROLE_FIRM_FINANCE,
                                .programme_id = f->programme_id,
                                .org_id = f->firm};
    NEED(grant_propose(f->app, &agent, &colleague, &grant, err));
    NEED(grant_confirm(f->app, &admin, grant, err));
}

/* R-DUTY-020: whatever the order in which one would come to hold them. */
static void who_watches_or_grants_does_no_work(void **state)
{
    static const struct {
        role holds, wanted;
        bool may;
    } cases[] = {
        {ROLE_SYSADMIN, ROLE_REVIEWER1, false},     {ROLE_SYSADMIN, ROLE_SUPERVISOR, false},
        {ROLE_SECADMIN, ROLE_FINANCE_MAKER, false}, {ROLE_SECADMIN, ROLE_SYSADMIN, false},
        {ROLE_AUDITOR, ROLE_OFFICE, false},         {ROLE_AUDITOR, ROLE_SUPERVISOR, true},
        {ROLE_SUPERVISOR, ROLE_INSPECTOR, false},   {ROLE_SUPERVISOR, ROLE_AUDITOR, true},
        {ROLE_REVIEWER2, ROLE_SECADMIN, false},     {ROLE_GROUP, ROLE_SUPERVISOR_HEAD, false},
        {ROLE_REVIEWER1, ROLE_OFFICE, true},        {ROLE_LINKED_BUREAU, ROLE_SUPERVISOR, true},
    };
    (void)state;
    const call admin = as(ROLE_SECADMIN);
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        int64_t grant = 0;
        const grant_rq rq = {.user_id = f->user[cases[i].holds],
                             .role = cases[i].wanted,
                             .programme_id = f->programme_id};
        if (cases[i].may) {
            NEED(grant_propose(f->app, &admin, &rq, &grant, err));
            NEED(grant_end(f->app, &admin, grant, err));
        } else {
            REFUSED(TQ_REFUSED, "roles_apart", grant_propose(f->app, &admin, &rq, &grant, err));
        }
    }
    int64_t id = 0;
    const call chief = as(ROLE_GROUP);
    const delegation_rq lend = {.to_user_id = f->user[ROLE_AUDITOR],
                                .programme_id = f->programme_id,
                                .from = chief.today,
                                .to = day_add(chief.today, 5)};
    REFUSED(TQ_REFUSED, "roles_apart", delegation_set(f->app, &chief, &lend, &id, err));
}

static void a_role_is_lent_for_days(void **state)
{
    (void)state;
    int64_t id = 0;
    int64_t outage = 0;
    const call chief = as(ROLE_GROUP);
    const day from = fixture_day(2013, 9, 9);
    delegation_rq rq = {.to_user_id = f->user[ROLE_CENTRE],
                        .programme_id = f->programme_id,
                        .from = from,
                        .to = day_add(from, 10),
                        .limit_fen = 5000};
    const call admin = as(ROLE_SECADMIN);
    REFUSED(TQ_FORBIDDEN, "not_delegable", delegation_set(f->app, &admin, &rq, &id, err));
    delegation_rq bad = rq;
    bad.to = day_add(from, DELEGATION_DAYS_MAX);
    REFUSED(TQ_INVALID, "days", delegation_set(f->app, &chief, &bad, &id, err));
    bad = rq;
    bad.from = day_add(from, -1);
    REFUSED(TQ_INVALID, "days", delegation_set(f->app, &chief, &bad, &id, err));
    bad = rq;
    bad.to_user_id = f->user[ROLE_GROUP];
    REFUSED(TQ_INVALID, "same_person", delegation_set(f->app, &chief, &bad, &id, err));
    bad = rq;
    bad.limit_fen = -1;
    REFUSED(TQ_INVALID, "amount_range", delegation_set(f->app, &chief, &bad, &id, err));
    NEED(delegation_set(f->app, &chief, &rq, &id, err));

    call deputy =
        fixture_user(f, f->user[ROLE_CENTRE], f->person[ROLE_CENTRE], ROLE_GROUP, 0, from);
    REFUSED(TQ_FORBIDDEN, "no_role", outage_declare(f->app, &deputy, 999999, err));
    deputy.who.for_user_id = f->user[ROLE_GROUP];
    REFUSED(TQ_NOT_FOUND, "not_found", outage_declare(f->app, &deputy, 999999, err));
    REFUSED(TQ_FORBIDDEN, "not_delegable", delegation_set(f->app, &deputy, &rq, &id, err));
    deputy.today = day_add(from, 11);
    REFUSED(TQ_FORBIDDEN, "no_role", outage_declare(f->app, &deputy, 999999, err));
    deputy.today = from;
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(delegation_allows(tx, &deputy, 5000, err));
        REFUSED(TQ_REFUSED, "over_delegation", delegation_allows(tx, &deputy, 5001, err));
    }
    /* What the deputy made, the principal may not check: it was made for them. */
    const call maker = as(ROLE_OFFICE);
    const call lent_to_maker = maker;
    NEED(outage_file(f->app, &maker, fixture_day(2014, 7, 1), fixture_day(2014, 7, 1), STR("断网"),
                     &outage, err));
    delegation_rq to_maker = rq;
    to_maker.to_user_id = f->user[ROLE_OFFICE];
    int64_t second_id = 0;
    NEED(delegation_set(f->app, &chief, &to_maker, &second_id, err));
    call self = lent_to_maker;
    self.who.role = ROLE_GROUP;
    self.who.for_user_id = f->user[ROLE_GROUP];
    REFUSED(TQ_FORBIDDEN, "same_person", outage_declare(f->app, &self, outage, err));
    NEED(outage_declare(f->app, &deputy, outage, err));
    const call stranger = as(ROLE_INTAKE);
    REFUSED(TQ_NOT_FOUND, "not_found", delegation_end(f->app, &stranger, id, err));
    NEED(delegation_end(f->app, &chief, id, err));
    AGAIN(delegation_end(f->app, &chief, id, err));
    REFUSED(TQ_FORBIDDEN, "no_role", outage_declare(f->app, &deputy, 999999, err));
}

/* R-ACCESS-110: the role names its place, and opens nothing in another. */
static void a_township_has_its_own_place_only(void **state)
{
    (void)state;
    int64_t user = 0, person = 0, grant_id = 0, id = 0;
    const call admin = as(ROLE_SECADMIN);
    const int64_t park = fixture_org(f, "park", "画溪园区");
    const person_rq who = {.name = STR("乡镇专员")};
    NEED(person_register(f->app, &admin, &who, &person, err));
    NEED(user_open(f->app, &admin, person, STR("township.clerk"), 0, &user, err));
    grant_rq rq = {.user_id = user, .role = ROLE_TOWNSHIP, .programme_id = f->programme_id};
    REFUSED(TQ_INVALID, "grant_org", grant_propose(f->app, &admin, &rq, &grant_id, err));
    rq.org_id = f->firm;
    REFUSED(TQ_INVALID, "grant_place", grant_propose(f->app, &admin, &rq, &grant_id, err));
    rq.role = ROLE_OFFICE;
    rq.org_id = park;
    REFUSED(TQ_INVALID, "grant_org", grant_propose(f->app, &admin, &rq, &grant_id, err));
    rq.role = ROLE_TOWNSHIP;
    NEED(grant_propose(f->app, &admin, &rq, &grant_id, err));
    /* Whoever says to act for another place does not hold the role there. */
    call c = as(ROLE_TOWNSHIP);
    const delegation_rq lent = {.to_user_id = user, .from = c.today, .to = day_add(c.today, 3)};
    c.who.org_id = park;
    REFUSED(TQ_FORBIDDEN, "no_role", delegation_set(f->app, &c, &lent, &id, err));
    c.who.org_id = 0;
    REFUSED(TQ_FORBIDDEN, "no_role", delegation_set(f->app, &c, &lent, &id, err));
    c.who.org_id = f->township;
    NEED(delegation_set(f->app, &c, &lent, &id, err));
}

static void a_leaving_clerk_hands_over(void **state)
{
    (void)state;
    int64_t old_user = 0, old_person = 0, new_user = 0, person = 0;
    int64_t grants[4];
    size_t n = 0;
    fixture_person(f, ROLE_TOWNSHIP, f->township, &old_user, &old_person);
    const call admin = as(ROLE_SECADMIN);
    const call admin2 = second();
    const person_rq who = {.name = STR("新人")};
    NEED(person_register(f->app, &admin, &who, &person, err));
    NEED(user_open(f->app, &admin, person, STR("xin.ren"), 0, &new_user, err));
    REFUSED(TQ_INVALID, "same_user",
            user_hand_over(f->app, &admin, old_user, old_user, grants, 4, &n, err));
    NEED(user_hand_over(f->app, &admin, old_user, new_user, grants, 4, &n, err));
    assert_int_equal(n, 1);
    event_value row[AUDITED_COLS_MAX];
    load(T_USER_ACCOUNT, old_user, row);
    assert_true(row_is(row, C_USER_ACCOUNT_STATE, "closed"));
    load(T_ROLE_GRANT, grants[0], row);
    assert_true(row_is(row, C_ROLE_GRANT_STATE, "proposed"));
    assert_true(row_is(row, C_ROLE_GRANT_ROLE, "township"));
    REFUSED(TQ_FORBIDDEN, "same_person", grant_confirm(f->app, &admin, grants[0], err));
    NEED(grant_confirm(f->app, &admin2, grants[0], err));
    REFUSED(TQ_CONFLICT, "user_closed", user_close(f->app, &admin, old_user, err));
}

static int64_t bodies_naming(const char *what)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t n = 0;
    const int64_t events = fixture_events(f);
    NEED(work_read(f->app, &tx, err));
    for (int64_t id = 1; id <= events + 64; id++) {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        NEED(store_query(tx, STMT_PRIVATE_GET, ARGS(arg_int(id)), &r, err));
        NEED(rows_next(&r, &more, err));
        if (more) {
            (void)row_blob(&r);
            const str body = row_text(&r);
            n += memmem(body.data, body.len, what, strlen(what)) != NULL ? 1 : 0;
        }
    }
    return n;
}

/* What is left of the log and of the blank row is still a site: it verifies, and moves to another. */
static void the_rest_still_holds(void)
{
    static verify_report report;
    char dir[] = "/tmp/tq-erased-XXXXXX";
    char path[64];
    char command[64];
    store *s = NULL;
    digest before;
    digest after;
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    assert_true(report.ok);
    assert_true(report.erased > 0);
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/site.bundle", dir);
    NEED(bundle_export(f->store, path, err));
    NEED(export_hash(f->store, &before, err));
    const store_options to = {.dir = dir, .create = true, .bulk = true};
    NEED(store_open(&to, &s, err));
    NEED(bundle_import(s, path, err));
    NEED(export_hash(s, &after, err));
    assert_true(digest_eq(before, after));
    NEED(verify_run(s, &o, &report, err));
    if (!report.ok) {
        fail_msg("%s %s %s", report.first[0].what, report.first[0].table, report.first[0].detail);
    }
    assert_true(report.erased > 0);
    store_close(s);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void a_person_can_be_erased(void **state)
{
    (void)state;
    int64_t person = 0, other = 0, user = 0;
    const call admin = as(ROLE_SECADMIN);
    const person_rq who = {.name = STR("某\"person_private\",某"), .phone = STR("13711112222")};
    const person_rq twin = {.name = STR("旁人"), .phone = STR("13733334444")};
    NEED(person_register(f->app, &admin, &who, &person, err));
    NEED(person_register(f->app, &admin, &twin, &other, err));
    NEED(user_open(f->app, &admin, person, STR("to.erase"), 0, &user, err));
    REFUSED(TQ_CONFLICT, "user_is_open", person_erase(f->app, &admin, person, err));
    NEED(user_close(f->app, &admin, user, err));
    assert_int_equal(bodies_naming("13711112222"), 1);
    NEED(person_erase(f->app, &admin, person, err));
    assert_int_equal(bodies_naming("13711112222"), 0);
    assert_int_equal(bodies_naming("13733334444"), 1);
    the_rest_still_holds();
    event_value row[AUDITED_COLS_MAX];
    load(T_PERSON_PRIVATE, person, row);
    assert_int_equal(row_str(row, C_PERSON_PRIVATE_NAME).len, 0);
    assert_int_equal(row_str(row, C_PERSON_PRIVATE_PHONE).len, 0);
    load(T_PERSON_PRIVATE, other, row);
    assert_true(row_is(row, C_PERSON_PRIVATE_PHONE, "13733334444"));
    REFUSED(TQ_CONFLICT, "nothing_changed", person_erase(f->app, &admin, person, err));
    REFUSED(TQ_CONFLICT, "erased", user_open(f->app, &admin, person, STR("again"), 0, &user, err));
}

/* --- organisations ----------------------------------------------------------------------------- */

static void an_organisation_is_registered_once(void **state)
{
    (void)state;
    int64_t id = 0;
    const call c = as(ROLE_INTAKE);
    const credit_code code = credit_code_make("91", "330522", 77777);
    const org_rq good = {.kind = STR("enterprise"),
                         .credit_code = str_of(code.text),
                         .name = STR("长兴新创有限公司"),
                         .region = STR("330522"),
                         .place_id = f->township,
                         .since = fixture_day(2012, 3, 1)};
    org_rq bad[8];
    static const char *const reasons[] = {"word",   "credit_code", "credit_code", "line",
                                          "region", "no_place",    "days",        "org_kind"};
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        bad[i] = good;
    }
    bad[0].kind = STR("club");
    bad[1].credit_code = STR("");
    bad[2].credit_code = STR("913305220000000000");
    bad[3].name = STR("a\xe2\x80\xae"
                      "b");
    bad[4].region = STR("3305");
    bad[5].place_id = f->firm;
    bad[6].since = fixture_day(2013, 9, 10);
    bad[7].parent_id = f->institution;
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        REFUSED(TQ_INVALID, reasons[i], org_register(f->app, &c, &bad[i], &id, err));
    }
    org_rq team = good;
    team.kind = STR("team");
    REFUSED(TQ_INVALID, "credit_code", org_register(f->app, &c, &team, &id, err));
    const call finance = as(ROLE_FINANCE_MAKER);
    REFUSED(TQ_FORBIDDEN, "no_role", org_register(f->app, &finance, &good, &id, err));
    NEED(org_register(f->app, &c, &good, &id, err));
    int64_t again = 0;
    REFUSED(TQ_CONFLICT, "credit_code_taken", org_register(f->app, &c, &good, &again, err));
    team.credit_code = STR("");
    NEED(org_register(f->app, &c, &team, &again, err));
}

static void names_and_facts_are_dated(void **state)
{
    (void)state;
    int64_t fact = 0;
    int64_t park = 0;
    const call c = as(ROLE_INTAKE);
    const int64_t org = fixture_org(f, "enterprise", "旧名有限公司");
    REFUSED(TQ_INVALID, "days",
            org_rename(f->app, &c, org, STR("新名"), fixture_day(2013, 9, 10), err));
    REFUSED(TQ_INVALID, "name_day",
            org_rename(f->app, &c, org, STR("新名"), fixture_day(2010, 1, 4), err));
    NEED(org_rename(f->app, &c, org, STR("新名有限公司"), fixture_day(2013, 8, 1), err));
    static const struct {
        int y, m, d;
        const char *name;
    } names[] = {{2010, 1, 3, ""},
                 {2010, 1, 4, "旧名有限公司"},
                 {2013, 7, 31, "旧名有限公司"},
                 {2013, 8, 1, "新名有限公司"},
                 {2018, 1, 1, "新名有限公司"}};
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        for (size_t i = 0; i < TQ_COUNT(names); i++) {
            str name = {0};
            NEED(org_name_on(tx, org, fixture_day(names[i].y, names[i].m, names[i].d), f->a, &name,
                             err));
            assert_true(str_eq(name, str_of(names[i].name)));
        }
    }
    park = fixture_org(f, "park", "经济开发区");
    const str park_text = arena_printf(f->a, "%lld", (long long)park);
    org_fact_rq rq = {.org_id = org, .kind = STR("luck"), .value = STR("1")};
    REFUSED(TQ_INVALID, "word", org_fact_record(f->app, &c, &rq, &fact, err));
    rq.kind = STR("assessment_unit");
    rq.value = arena_printf(f->a, "%lld", (long long)f->firm);
    REFUSED(TQ_INVALID, "no_place", org_fact_record(f->app, &c, &rq, &fact, err));
    rq.value = park_text;
    rq.from = fixture_day(2013, 9, 10);
    REFUSED(TQ_INVALID, "fact_day", org_fact_record(f->app, &c, &rq, &fact, err));
    rq.from = fixture_day(2013, 9, 2);
    NEED(org_fact_record(f->app, &c, &rq, &fact, err));
    event_value row[AUDITED_COLS_MAX];
    load(T_ORGANISATION, org, row);
    assert_int_equal(row_num(row, C_ORGANISATION_UNIT_ID), park);
    assert_int_equal(row_num(row, C_ORGANISATION_PLACE_ID), f->township);
    REFUSED(TQ_INVALID, "fact_day", org_fact_record(f->app, &c, &rq, &fact, err));
    int64_t next = 0;
    rq.from = fixture_day(2013, 9, 5);
    rq.value = arena_printf(f->a, "%lld", (long long)f->township);
    NEED(org_fact_record(f->app, &c, &rq, &next, err));
    load(T_ORG_FACT, fact, row);
    assert_int_equal(row_num(row, C_ORG_FACT_TO_DAY), fixture_day(2013, 9, 4).n);
    REFUSED(TQ_INVALID, "days", org_fact_end(f->app, &c, next, fixture_day(2013, 9, 1), err));
}

static void institutions_form_a_tree(void **state)
{
    (void)state;
    int64_t lab = 0;
    int64_t link = 0;
    const call c = as(ROLE_INTAKE);
    const org_rq rq = {.kind = STR("institution"),
                       .name = STR("绿色动力实验室"),
                       .region = STR("330522"),
                       .parent_id = f->institution};
    NEED(org_register(f->app, &c, &rq, &lab, err)); /* no code: the parent is the legal person */
    REFUSED(TQ_INVALID, "tree_loop", org_parent_set(f->app, &c, f->institution, lab, err));
    REFUSED(TQ_INVALID, "tree_loop", org_parent_set(f->app, &c, lab, lab, err));
    REFUSED(TQ_INVALID, "credit_code", org_parent_set(f->app, &c, lab, 0, err));
    REFUSED(TQ_INVALID, "org_kind", org_parent_set(f->app, &c, f->firm, f->institution, err));
    org_link_rq ln = {.org_id = lab, .kind = STR("account"), .other_id = f->institution};
    REFUSED(TQ_INVALID, "no_letter", org_link_set(f->app, &c, &ln, &link, err));
    ln.other_id = lab;
    ln.letter = STR("授权函1号");
    REFUSED(TQ_INVALID, "link_self", org_link_set(f->app, &c, &ln, &link, err));
    ln.other_id = f->institution;
    NEED(org_link_set(f->app, &c, &ln, &link, err));
    REFUSED(TQ_CONFLICT, "linked", org_link_set(f->app, &c, &ln, &link, err));
    NEED(org_link_end(f->app, &c, link, fixture_day(2013, 9, 20), err));
    TX_AUTO store_tx *tx = NULL;
    bool linked = false;
    NEED(work_read(f->app, &tx, err));
    NEED(org_linked(tx, lab, "account", f->institution, fixture_day(2013, 9, 20), &linked, err));
    assert_true(linked);
    NEED(org_linked(tx, lab, "account", f->institution, fixture_day(2013, 9, 21), &linked, err));
    assert_false(linked);
}

static void a_team_becomes_a_firm(void **state)
{
    (void)state;
    const call office = as(ROLE_OFFICE);
    const int64_t team = fixture_org(f, "team", "青创团队");
    const int64_t firm = fixture_org(f, "enterprise", "青创科技有限公司");
    REFUSED(TQ_INVALID, "org_kind", org_succeed(f->app, &office, team, f->institution, err));
    REFUSED(TQ_INVALID, "link_self", org_succeed(f->app, &office, team, team, err));
    const call intake = as(ROLE_INTAKE);
    REFUSED(TQ_FORBIDDEN, "no_role", org_succeed(f->app, &intake, team, firm, err));
    NEED(org_succeed(f->app, &office, team, firm, err));
    event_value row[AUDITED_COLS_MAX];
    load(T_ORGANISATION, team, row);
    assert_true(row_is(row, C_ORGANISATION_STATE, "converted"));
    assert_int_equal(row_num(row, C_ORGANISATION_SUCCESSOR_ID), firm);
    REFUSED(TQ_CONFLICT, "org_gone", org_succeed(f->app, &office, team, firm, err));
    REFUSED(TQ_CONFLICT, "org_gone",
            org_rename(f->app, &intake, team, STR("x"), fixture_day(2013, 9, 3), err));
    NEED(org_dissolve(f->app, &office, firm, err));
    AGAIN(org_dissolve(f->app, &office, firm, err));
}

static void agreements_and_recognitions(void **state)
{
    (void)state;
    int64_t id = 0;
    const call office = as(ROLE_OFFICE);
    const call group = as(ROLE_GROUP);
    agreement_rq rq = {.partner = STR("上海研发公共服务平台"),
                       .region = STR("31"),
                       .platform_id = f->platform,
                       .from = fixture_day(2013, 9, 12),
                       .doc_no = STR("协议1号")};
    agreement_rq bad = rq;
    bad.region = STR("3");
    REFUSED(TQ_INVALID, "region", agreement_sign(f->app, &office, &bad, &id, err));
    bad = rq;
    bad.platform_id = f->firm;
    REFUSED(TQ_INVALID, "org_kind", agreement_sign(f->app, &office, &bad, &id, err));
    NEED(agreement_sign(f->app, &office, &rq, &id, err));
    const decision_paper paper = {.number = STR("纪要〔2013〕3号"), .day = fixture_day(2013, 9, 6)};
    const day from = fixture_day(2013, 9, 9);
    REFUSED(TQ_INVALID, "no_paper",
            recognition_grant(f->app, &group, f->institution, from, (day){0}, NULL, &id, err));
    REFUSED(TQ_INVALID, "org_kind",
            recognition_grant(f->app, &group, f->firm, from, (day){0}, &paper, &id, err));
    REFUSED(TQ_FORBIDDEN, "no_role",
            recognition_grant(f->app, &office, f->institution, from, (day){0}, &paper, &id, err));
    NEED(recognition_grant(f->app, &group, f->institution, from, (day){0}, &paper, &id, err));
    event_value row[AUDITED_COLS_MAX];
    load(T_RECOGNITION, id, row);
    event_value decision[AUDITED_COLS_MAX];
    load(T_DECISION, row_num(row, C_RECOGNITION_DECISION_ID), decision);
    assert_true(row_is(decision, C_DECISION_PAPER_NO, "纪要〔2013〕3号"));
    assert_int_equal(row_num(decision, C_DECISION_SUBJECT_ID), id);
}

/* --- bank accounts ----------------------------------------------------------------------------- */

static account_rq account_of(int64_t org, const char *holder)
{
    return (account_rq){.org_id = org,
                        .holder = str_of(holder),
                        .number = STR("6228 4803-3305 2200 017"),
                        .bank = STR("农行长兴支行"),
                        .bank_code = STR("103336270011")};
}

static void usable_is(int64_t org, day d, int64_t expected, const char *reason)
{
    TX_AUTO store_tx *tx = NULL;
    tq_err e = {0};
    int64_t id = 0;
    NEED(work_read(f->app, &tx, err));
    const tq_code code = bank_account_usable(tx, org, d, &id, &e);
    assert_int_equal(code, reason == NULL ? TQ_OK : TQ_CONFLICT);
    assert_string_equal(e.reason, reason == NULL ? "" : reason);
    assert_int_equal(id, expected);
}

static void an_account_takes_two_and_cools(void **state)
{
    (void)state;
    int64_t first = 0;
    int64_t other = 0;
    const char *name = "长兴绿能电池有限公司";
    const day d = fixture_day(2013, 9, 9);
    const call maker = as(ROLE_FIRM_FINANCE);
    const call checker = as(ROLE_FIRM_AGENT);
    account_rq rq = account_of(f->firm, name);
    account_rq bad = rq;
    usable_is(f->firm, d, 0, "no_account");
    bad.holder = STR("别人有限公司");
    REFUSED(TQ_INVALID, "holder_name", account_propose(f->app, &maker, &bad, &first, err));
    bad = rq;
    bad.number = STR("12ab34567");
    REFUSED(TQ_INVALID, "account_number", account_propose(f->app, &maker, &bad, &first, err));
    bad.number = STR("1234567");
    REFUSED(TQ_INVALID, "account_number", account_propose(f->app, &maker, &bad, &first, err));
    bad = rq;
    bad.bank_code = STR("10333627001");
    REFUSED(TQ_INVALID, "bank_code", account_propose(f->app, &maker, &bad, &first, err));
    bad = account_of(f->institution, "绿色动力检测中心");
    REFUSED(TQ_NOT_FOUND, "not_found", account_propose(f->app, &maker, &bad, &first, err));
    NEED(account_propose(f->app, &maker, &rq, &first, err));
    REFUSED(TQ_FORBIDDEN, "same_person", account_confirm(f->app, &maker, first, err));
    REFUSED(TQ_FORBIDDEN, "same_person", account_refuse(f->app, &maker, first, err));
    const call stranger = as(ROLE_INST_AGENT);
    REFUSED(TQ_NOT_FOUND, "not_found", account_confirm(f->app, &stranger, first, err));
    NEED(account_confirm(f->app, &checker, first, err));
    AGAIN(account_confirm(f->app, &checker, first, err));
    event_value row[AUDITED_COLS_MAX];
    load(T_BANK_ACCOUNT, first, row);
    const day usable = {(int32_t)row_num(row, C_BANK_ACCOUNT_USABLE_DAY)};
    assert_int_equal(usable.n, fixture_day(2013, 9, 12).n); /* three working days */
    assert_true(row_is(row, C_BANK_ACCOUNT_TAIL, "0017"));
    usable_is(f->firm, day_add(usable, -1), 0, "account_cooling"); /* R-ACC-030 */
    usable_is(f->firm, usable, first, NULL);

    NEED(account_propose(f->app, &maker, &rq, &other, err));
    const call later = fixture_as(f, ROLE_FIRM_AGENT, usable);
    NEED(account_confirm(f->app, &later, other, err));
    usable_is(f->firm, usable, first, NULL); /* the new one cools, the old one holds */
    usable_is(f->firm, day_add(usable, 30), other, NULL);
    NEED(account_close(f->app, &later, other, err));
    usable_is(f->firm, day_add(usable, 30), first, NULL);
    REFUSED(TQ_CONFLICT, "state_arrow", account_refuse(f->app, &checker, other, err));
}

static void an_account_of_another_needs_a_letter(void **state)
{
    (void)state;
    int64_t id = 0;
    int64_t link = 0;
    const call one = as(ROLE_INTAKE);
    const call two = as(ROLE_OFFICE);
    const int64_t lab = fixture_org(f, "institution", "无线检测站");
    const account_rq rq = account_of(lab, "绿色动力检测中心");
    REFUSED(TQ_INVALID, "holder_name", account_propose(f->app, &one, &rq, &id, err));
    const org_link_rq ln = {.org_id = lab,
                            .kind = STR("account"),
                            .other_id = f->institution,
                            .to = fixture_day(2013, 9, 12),
                            .letter = STR("授权函2号")};
    NEED(org_link_set(f->app, &one, &ln, &link, err));
    NEED(account_propose(f->app, &one, &rq, &id, err));
    const call late = fixture_as(f, ROLE_OFFICE, fixture_day(2013, 9, 13));
    REFUSED(TQ_INVALID, "holder_name", account_confirm(f->app, &late, id, err));
    NEED(account_confirm(f->app, &two, id, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_installation_begins_once),
        cmocka_unit_test(a_programme_has_facts_that_hold),
        cmocka_unit_test(a_calendar_is_a_list_of_days),
        cmocka_unit_test(an_outage_takes_two),
        cmocka_unit_test(a_policy_is_put_in_force_by_another),
        cmocka_unit_test(a_policy_is_approved_ahead_of_its_first_day),
        cmocka_unit_test(a_role_is_given_by_two),
        cmocka_unit_test(who_may_ask_for_which_role),
        cmocka_unit_test(who_watches_or_grants_does_no_work),
        cmocka_unit_test(a_role_is_lent_for_days),
        cmocka_unit_test(a_township_has_its_own_place_only),
        cmocka_unit_test(a_leaving_clerk_hands_over),
        cmocka_unit_test(a_person_can_be_erased),
        cmocka_unit_test(an_organisation_is_registered_once),
        cmocka_unit_test(names_and_facts_are_dated),
        cmocka_unit_test(institutions_form_a_tree),
        cmocka_unit_test(a_team_becomes_a_firm),
        cmocka_unit_test(agreements_and_recognitions),
        cmocka_unit_test(an_account_takes_two_and_cools),
        cmocka_unit_test(an_account_of_another_needs_a_letter),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
