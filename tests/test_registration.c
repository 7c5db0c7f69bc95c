/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations that register themselves and people who are invited: two persons at each, one
 * organisation a credit code, one use a link. */

#include "access_steps.h"

#include <pthread.h>

#include "app/invitation.h"
#include "app/organisation.h"
#include "app/person.h"
#include "app/registration.h"

static credit_code code_of(uint32_t serial)
{
    return credit_code_make("91", "330522", 700000 + serial);
}

static registration_rq firm_rq(const credit_code *code, const char *login)
{
    return (registration_rq){.kind = STR("enterprise"),
                             .credit_code = str_of(code->text),
                             .name = STR("长兴新登记有限公司"),
                             .region = STR("330522"),
                             .contact = STR("登记人甲"),
                             .phone = STR("13957200001"),
                             .login = str_of(login),
                             .password = STR(GOOD_PASSWORD)};
}

static registration_filed filed(const credit_code *code, const char *login)
{
    const registration_rq rq = firm_rq(code, login);
    const call c = anybody(0);
    registration_filed out;
    NEED(registration_file(f->app, &c, &rq, &out, err));
    return out;
}

static int64_t rows_of(int table)
{
    int64_t max = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(store_int(tx, STMT_ROW_MAX(table), NO_ARGS, 0, &max, err));
    return max;
}

static void a_firm_registers_and_a_clerk_confirms(void **state)
{
    (void)state;
    const credit_code code = code_of(1);
    const registration_filed r = filed(&code, "new-firm");
    registration_view v;
    registration_done done;
    login_done in;
    caller who;
    const call p = anybody(1);
    const call clerk = later(ROLE_INTAKE, 1);
    NEED(registration_status(f->app, &p, r.id, str_of(r.secret.text), &v, err));
    assert_true(str_eq(v.state, STR("filed")));
    assert_int_equal(v.contact.len, 0); /* no names to whoever holds a number */
    FAILS(TQ_NOT_FOUND, "no_registration",
          registration_status(f->app, &p, r.id, STR("wrong"), &v, err));
    FAILS(TQ_NOT_FOUND, "no_registration",
          registration_status(f->app, &p, r.id + 1, str_of(r.secret.text), &v, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(STR("new-firm"), GOOD_PASSWORD, "", "", 1, &in, err));
    NEED(registration_look(f->app, &clerk, r.id, &v, err));
    assert_true(str_eq(v.contact, STR("登记人甲")));
    NEED(registration_confirm(f->app, &clerk, r.id, f->township, &done, err));
    assert_true(done.active);
    NEED(try_login(STR("new-firm"), GOOD_PASSWORD, "", "", 2, &in, err));
    NEED(session_find(f->app, &p, str_of(in.session.text), &who, err));
    assert_int_equal(who.n_roles, 1);
    assert_int_equal(who.roles[0].role, ROLE_FIRM_AGENT);
    assert_int_equal(who.roles[0].org_id, done.org_id);
    assert_int_equal(who.roles[0].programme_id, 0); /* one account for every programme */
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_ROLE_GRANT, done.grant_id, f->a, row, err));
    }
    assert_int_equal(row_num(row, C_ROLE_GRANT_MAKER_ID), who.person_id);
    assert_int_equal(row_num(row, C_ROLE_GRANT_CHECKER_ID), f->person[ROLE_INTAKE]);
    NEED(registration_status(f->app, &p, r.id, str_of(r.secret.text), &v, err));
    assert_true(str_eq(v.state, STR("confirmed")));
    FAILS(TQ_CONFLICT, "state_arrow",
          registration_refuse(f->app, &clerk, r.id, STR("too late"), err));
    assert_false(stored_text(r.secret.text));
    assert_false(stored_text(GOOD_PASSWORD));
}

static void who_may_decide(void **state)
{
    (void)state;
    const credit_code code = code_of(2);
    const registration_filed r = filed(&code, "new-firm");
    registration_done done;
    registration_view v;
    /* Everybody else gets what they would get for a number that does not exist, or no role at all. */
    static const role others[] = {ROLE_REVIEWER1, ROLE_OFFICE, ROLE_FINANCE_MAKER, ROLE_SECADMIN,
                                  ROLE_AUDITOR};
    for (size_t i = 0; i < TQ_COUNT(others); i++) {
        const call c = later(others[i], 0);
        FAILS(TQ_FORBIDDEN, "no_role", registration_confirm(f->app, &c, r.id, 0, &done, err));
    }
    const call p = anybody(0);
    const call firm = later(ROLE_FIRM_AGENT, 0);
    const call office = later(ROLE_OFFICE, 0);
    FAILS(TQ_FORBIDDEN, "no_role", registration_confirm(f->app, &p, r.id, 0, &done, err));
    FAILS(TQ_NOT_FOUND, "not_found", registration_confirm(f->app, &firm, r.id, 0, &done, err));
    FAILS(TQ_NOT_FOUND, "not_found", registration_look(f->app, &firm, r.id, &v, err));
    FAILS(TQ_NOT_FOUND, "not_found", registration_look(f->app, &office, r.id, &v, err));
    const call centre = later(ROLE_CENTRE, 0);
    NEED(registration_refuse(f->app, &centre, r.id, STR("名称与登记机关不符"), err));
    NEED(registration_status(f->app, &p, r.id, str_of(r.secret.text), &v, err));
    assert_true(str_eq(v.state, STR("refused")));
    assert_true(str_eq(v.reason, STR("名称与登记机关不符")));
    assert_int_equal(v.org_id, 0);
    FAILS(TQ_CONFLICT, "state_arrow", registration_confirm(f->app, &centre, r.id, 0, &done, err));
    (void)filed(&code, "new-firm"); /* and may be filed again, under the same log-in */
}

static void a_wrong_form_stores_nothing(void **state)
{
    (void)state;
    const credit_code code = code_of(3);
    const registration_rq good = firm_rq(&code, "new-firm");
    registration_rq rows[9];
    static const char *const reasons[9] = {"word",  "credit_code", "line",  "region",       "line",
                                           "login", "login",       "login", "password_weak"};
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        rows[i] = good;
    }
    rows[0].kind = STR("bureau"); /* a bureau does not register itself */
    rows[1].credit_code = STR("913305220000000000");
    rows[2].name = STR("");
    rows[3].region = STR("33");
    rows[4].contact = STR("a\nb");
    rows[5].login = STR("Capital");
    rows[6].login = STR("cli:0"); /* a uid is nobody's to choose */
    rows[7].login = STR("a");
    rows[8].password = STR("new-firm-1");
    const call c = anybody(0);
    const int64_t events = fixture_events(f);
    const int64_t work = password_hash_runs();
    registration_filed out;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        FAILS(TQ_INVALID, reasons[i], registration_file(f->app, &c, &rows[i], &out, err));
    }
    assert_int_equal(fixture_events(f), events);
    assert_int_equal(password_hash_runs(), work); /* the form is judged first */
    registration_rq taken = good;
    taken.login = login_of(f->user[ROLE_OFFICE]);
    FAILS(TQ_CONFLICT, "login_taken", registration_file(f->app, &c, &taken, &out, err));
    NEED(registration_file(f->app, &c, &good, &out, err));
    FAILS(TQ_CONFLICT, "login_taken", registration_file(f->app, &c, &good, &out, err));
}

static void an_address_files_so_many_and_no_more(void **state)
{
    (void)state;
    registration_filed out;
    registration_rq rq;
    char login[24];
    const call c = anybody(0);
    for (int i = 0; i < REGISTRATIONS_PER_ADDRESS; i++) {
        const credit_code code = code_of(100 + (uint32_t)i);
        (void)snprintf(login, sizeof login, "flood%d", i);
        rq = firm_rq(&code, login);
        rq.address = STR("2001:db8::/64");
        NEED(registration_file(f->app, &c, &rq, &out, err));
    }
    const credit_code code = code_of(99);
    rq = firm_rq(&code, "flood-more");
    rq.address = STR("2001:db8::/64");
    FAILS(TQ_BUSY, "registration_wait", registration_file(f->app, &c, &rq, &out, err));
    rq.address = STR("2001:db8:1::/64");
    NEED(registration_file(f->app, &c, &rq, &out, err));
}

static void institutions_and_teams_register_too(void **state)
{
    (void)state;
    const credit_code code = code_of(4);
    registration_rq rq = firm_rq(&code, "lab-agent");
    registration_filed out;
    registration_done done;
    registration_view list[8];
    size_t n = 0;
    const call p = anybody(0);
    const call clerk = later(ROLE_CENTRE, 0);
    rq.kind = STR("institution");
    rq.region = STR("310104");
    NEED(registration_file(f->app, &p, &rq, &out, err));
    NEED(registration_confirm(f->app, &clerk, out.id, 0, &done, err));
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_ROLE_GRANT, done.grant_id, f->a, row, err));
        assert_true(row_is(row, C_ROLE_GRANT_ROLE, "inst_agent"));
        NEED(row_load(tx, T_ORGANISATION, done.org_id, f->a, row, err));
        assert_true(row_is(row, C_ORGANISATION_KIND, "institution"));
    }
    rq.kind = STR("team");
    rq.login = STR("team-agent");
    FAILS(TQ_INVALID, "credit_code", registration_file(f->app, &p, &rq, &out, err));
    rq.credit_code = STR("");
    NEED(registration_file(f->app, &p, &rq, &out, err));
    NEED(registration_list(f->app, &clerk, STR("filed"), 0, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].id, out.id);
    NEED(registration_list(f->app, &clerk, STR(""), 0, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 2);
    NEED(registration_list(f->app, &clerk, STR(""), out.id, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 1);
    NEED(registration_confirm(f->app, &clerk, out.id, 0, &done, err));
    assert_true(done.org_id != 0);
}

/* R-ACCESS-080 */
static void a_second_registration_is_the_agents_to_decide(void **state)
{
    (void)state;
    const credit_code code = code_of(5);
    const registration_filed first = filed(&code, "first-agent");
    registration_done done;
    registration_done joined;
    registration_view v;
    registration_view list[4];
    size_t n = 0;
    const call clerk = later(ROLE_INTAKE, 0);
    NEED(registration_confirm(f->app, &clerk, first.id, 0, &done, err));
    const int64_t orgs = rows_of(T_ORGANISATION);
    const registration_filed second = filed(&code, "second-agent");
    NEED(registration_look(f->app, &clerk, second.id, &v, err));
    assert_true(v.own_agent);
    assert_int_equal(v.org_id, done.org_id);
    FAILS(TQ_CONFLICT, "own_agent",
          registration_confirm(f->app, &clerk, second.id, 0, &joined, err));
    FAILS(TQ_CONFLICT, "own_agent", registration_refuse(f->app, &clerk, second.id, STR("no"), err));
    /* The agent of another firm sees nothing of it. */
    const call stranger = later(ROLE_FIRM_AGENT, 0);
    NEED(registration_list(f->app, &stranger, STR(""), 0, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 0);
    FAILS(TQ_NOT_FOUND, "not_found",
          registration_confirm(f->app, &stranger, second.id, 0, &joined, err));
    call agent = later(ROLE_FIRM_AGENT, 0);
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_USER_ACCOUNT, done.user_id, f->a, row, err));
    }
    agent.who = (actor){.user_id = done.user_id,
                        .person_id = row_num(row, C_USER_ACCOUNT_PERSON_ID),
                        .role = ROLE_FIRM_AGENT,
                        .org_id = done.org_id};
    NEED(registration_list(f->app, &agent, STR("filed"), 0, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 1);
    NEED(registration_confirm(f->app, &agent, second.id, 0, &joined, err));
    assert_int_equal(joined.org_id, done.org_id);
    assert_false(joined.active); /* asked for by the agent, to be confirmed like every role */
    assert_int_equal(rows_of(T_ORGANISATION), orgs);
    login_done in;
    caller who;
    const call p = anybody(1);
    NEED(try_login(STR("second-agent"), GOOD_PASSWORD, "", "", 1, &in, err));
    NEED(session_find(f->app, &p, str_of(in.session.text), &who, err));
    assert_int_equal(who.n_roles, 0);
    const call admin = later(ROLE_SECADMIN, 2);
    NEED(grant_confirm(f->app, &admin, joined.grant_id, err));
    NEED(try_login(STR("second-agent"), GOOD_PASSWORD, "", "", 3, &in, err));
    NEED(session_find(f->app, &p, str_of(in.session.text), &who, err));
    assert_int_equal(who.n_roles, 1);
}

static void an_organisation_without_agent_gets_its_first(void **state)
{
    (void)state;
    const int64_t org = fixture_org(f, "enterprise", "无经办人企业");
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_ORGANISATION, org, f->a, row, err));
    }
    credit_code code;
    NEED(credit_code_parse(row_str(row, C_ORGANISATION_CREDIT_CODE), &code, err));
    const int64_t orgs = rows_of(T_ORGANISATION);
    registration_rq rq = firm_rq(&code, "as-a-lab");
    registration_filed out;
    registration_done done;
    const call p = anybody(0);
    const call clerk = later(ROLE_INTAKE, 0);
    rq.kind = STR("institution");
    NEED(registration_file(f->app, &p, &rq, &out, err));
    FAILS(TQ_CONFLICT, "org_kind", registration_confirm(f->app, &clerk, out.id, 0, &done, err));
    const registration_filed r = filed(&code, "first-agent");
    NEED(registration_confirm(f->app, &clerk, r.id, 0, &done, err));
    assert_int_equal(done.org_id, org);
    assert_true(done.active);
    assert_int_equal(rows_of(T_ORGANISATION), orgs);
}

/* --- races ------------------------------------------------------------------------------------- */

typedef struct decider {
    role role;
    int64_t registration_id;
    tq_code code;
    char reason[48];
} decider;

static pthread_barrier_t together;

static void *decide(void *arg)
{
    decider *d = arg;
    ARENA_AUTO arena *a = arena_new("decider", 16 * 1024 * 1024);
    tq_err err = {0};
    registration_done done;
    call c = fixture_as_in(f, d->role, fixture_day(2013, 9, 9), a);
    (void)pthread_barrier_wait(&together);
    for (int tries = 0; tries < 5; tries++) { /* as the edge does for what is temporary */
        d->code = registration_confirm(f->app, &c, d->registration_id, 0, &done, &err);
        if (d->code != TQ_BUSY) {
            break;
        }
    }
    memcpy(d->reason, err.reason, sizeof d->reason);
    return NULL;
}

static void two_registrations_of_one_code_make_one_organisation(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 10; round++) {
        char one[24];
        char two[24];
        const credit_code code = code_of(1000 + round);
        (void)snprintf(one, sizeof one, "race-a-%u", round);
        (void)snprintf(two, sizeof two, "race-b-%u", round);
        decider d[2] = {{.role = ROLE_INTAKE, .registration_id = filed(&code, one).id},
                        {.role = ROLE_CENTRE, .registration_id = filed(&code, two).id}};
        const int64_t users = rows_of(T_USER_ACCOUNT);
        pthread_t threads[2];
        assert_int_equal(pthread_barrier_init(&together, NULL, 2), 0);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, decide, &d[i]), 0);
        }
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        }
        (void)pthread_barrier_destroy(&together);
        const int lost = d[0].code == TQ_OK ? 1 : 0;
        assert_int_equal(d[1 - lost].code, TQ_OK);
        assert_int_equal(d[lost].code, TQ_CONFLICT);
        assert_true(strcmp(d[lost].reason, "own_agent") == 0 ||
                    strcmp(d[lost].reason, "credit_code_taken") == 0);
        int64_t org = 0;
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(org_by_code(tx, str_of(code.text), &org, err));
        assert_true(org != 0); /* one: the code is unique in the table */
        assert_true(rows_of(T_USER_ACCOUNT) > users);
    }
}

/* --- invitations ------------------------------------------------------------------------------- */

static invitation_answer guest(const char *login)
{
    return (invitation_answer){STR("受邀人"), STR(""), str_of(login), STR(GOOD_PASSWORD)};
}

static void an_invitation_is_good_for_one_colleague(void **state)
{
    (void)state;
    const call agent = later(ROLE_FIRM_AGENT, 0);
    const call p = anybody(1);
    const invitation_rq rq = {
        .role = ROLE_FIRM_FINANCE, .org_id = f->firm, .programme_id = f->programme_id};
    invitation_view v;
    int64_t id = 0;
    int64_t user = 0;
    int64_t grant = 0;
    bearer link;
    NEED(invitation_send(f->app, &agent, &rq, &id, &link, err));
    assert_false(stored_text(link.text));
    NEED(invitation_find(f->app, &p, str_of(link.text), &v, err));
    assert_int_equal(v.role, ROLE_FIRM_FINANCE);
    assert_true(v.org_name.len > 0);
    invitation_answer a = guest("colleague");
    a.password = STR("short");
    FAILS(TQ_INVALID, "password_weak",
          invitation_accept(f->app, &p, str_of(link.text), &a, &user, &grant, err));
    a = guest("");
    a.login = login_of(f->user[ROLE_OFFICE]);
    FAILS(TQ_CONFLICT, "login_taken",
          invitation_accept(f->app, &p, str_of(link.text), &a, &user, &grant, err));
    a = guest("colleague");
    NEED(invitation_accept(f->app, &p, str_of(link.text), &a, &user, &grant, err));
    a = guest("another");
    FAILS(TQ_NOT_FOUND, "no_invitation",
          invitation_accept(f->app, &p, str_of(link.text), &a, &user, &grant, err));
    FAILS(TQ_NOT_FOUND, "no_invitation", invitation_find(f->app, &p, str_of(link.text), &v, err));
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_ROLE_GRANT, grant, f->a, row, err));
    }
    assert_true(row_is(row, C_ROLE_GRANT_STATE, "proposed"));
    assert_int_equal(row_num(row, C_ROLE_GRANT_MAKER_ID), f->person[ROLE_FIRM_AGENT]);
    const call admin = later(ROLE_SECADMIN, 2);
    NEED(grant_confirm(f->app, &admin, grant, err));
    login_done in;
    NEED(try_login(STR("colleague"), GOOD_PASSWORD, "", "", 3, &in, err));
    assert_int_equal(in.user_id, user);
}

static void who_may_invite_to_what(void **state)
{
    (void)state;
    const struct {
        role by;
        invitation_rq rq;
        tq_code code;
        const char *reason;
    } rows[] = {
        {ROLE_FIRM_AGENT, {.role = ROLE_OFFICE}, TQ_FORBIDDEN, "grant_scope"},
        {ROLE_FIRM_AGENT,
         {.role = ROLE_FIRM_AGENT, .org_id = f->institution},
         TQ_FORBIDDEN,
         "grant_scope"},
        {ROLE_INST_AGENT,
         {.role = ROLE_FIRM_AGENT, .org_id = f->institution},
         TQ_FORBIDDEN,
         "grant_scope"},
        {ROLE_OFFICE,
         {.role = ROLE_INTAKE, .programme_id = f->programme_id},
         TQ_FORBIDDEN,
         "no_role"},
        {ROLE_SECADMIN, {.role = ROLE_OFFICE, .org_id = f->firm}, TQ_INVALID, "grant_org"},
        {ROLE_SECADMIN, {.role = ROLE_SYSTEM}, TQ_INVALID, "grant_role"},
        {ROLE_SECADMIN, {.role = ROLE_OFFICE, .programme_id = 99}, TQ_NOT_FOUND, "not_found"},
        {ROLE_SECADMIN, {.role = ROLE_OFFICE, .to = fixture_day(2013, 9, 8)}, TQ_INVALID, "days"},
    };
    int64_t id = 0;
    bearer link;
    const int64_t events = fixture_events(f);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const call c = later(rows[i].by, 0);
        FAILS(rows[i].code, rows[i].reason,
              invitation_send(f->app, &c, &rows[i].rq, &id, &link, err));
    }
    assert_int_equal(fixture_events(f), events);
}

static void a_secadmin_invites_staff_and_another_confirms(void **state)
{
    (void)state;
    const call admin = later(ROLE_SECADMIN, 0);
    const call p = anybody(1);
    const invitation_rq rq = {.role = ROLE_REVIEWER1, .programme_id = f->programme_id};
    int64_t id = 0;
    int64_t user = 0;
    int64_t grant = 0;
    bearer link;
    login_done in;
    NEED(invitation_send(f->app, &admin, &rq, &id, &link, err));
    const invitation_answer a = guest("new.reviewer");
    NEED(invitation_accept(f->app, &p, str_of(link.text), &a, &user, &grant, err));
    FAILS(TQ_FORBIDDEN, "same_person", grant_confirm(f->app, &admin, grant, err));
    call second = admin;
    second.who.user_id = f->second_secadmin;
    second.who.person_id = f->second_secadmin_person;
    NEED(grant_confirm(f->app, &second, grant, err));
    NEED(try_login(STR("new.reviewer"), GOOD_PASSWORD, "", "", 2, &in, err));
    assert_int_equal(in.must, MUST_FACTOR);
}

static void an_invitation_ends(void **state)
{
    (void)state;
    const call agent = later(ROLE_FIRM_AGENT, 0);
    const invitation_rq rq = {
        .role = ROLE_FIRM_AGENT, .org_id = f->firm, .programme_id = f->programme_id};
    invitation_view v;
    invitation_view list[4];
    int64_t id[3] = {0};
    int64_t user = 0;
    int64_t grant = 0;
    size_t n = 0;
    bearer link[3];
    const invitation_answer a = guest("late-guest");
    for (int i = 0; i < 3; i++) {
        NEED(invitation_send(f->app, &agent, &rq, &id[i], &link[i], err));
    }
    /* By its age. */
    const call week = anybody(INVITATION_LIFE_US);
    FAILS(TQ_NOT_FOUND, "no_invitation",
          invitation_find(f->app, &week, str_of(link[0].text), &v, err));
    FAILS(TQ_NOT_FOUND, "no_invitation",
          invitation_accept(f->app, &week, str_of(link[0].text), &a, &user, &grant, err));
    /* By the inviter; not by the agent of another organisation. */
    const call p = anybody(1);
    const call other = later(ROLE_INST_AGENT, 1);
    FAILS(TQ_NOT_FOUND, "not_found", invitation_end(f->app, &other, id[1], err));
    NEED(invitation_end(f->app, &agent, id[1], err));
    FAILS(TQ_CONFLICT, "invitation_over", invitation_end(f->app, &agent, id[1], err));
    FAILS(TQ_NOT_FOUND, "no_invitation",
          invitation_accept(f->app, &p, str_of(link[1].text), &a, &user, &grant, err));
    NEED(invitation_list(f->app, &agent, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 3);
    assert_int_equal(list[0].id, id[2]);
    assert_true(str_eq(list[1].state, STR("ended")));
    NEED(invitation_list(f->app, &other, list, TQ_COUNT(list), &n, err));
    assert_int_equal(n, 0);
    /* With the inviter's own role. R-ACCESS-090 */
    const call admin = later(ROLE_SECADMIN, 2);
    NEED(user_close(f->app, &admin, f->user[ROLE_FIRM_AGENT], err));
    FAILS(TQ_NOT_FOUND, "no_invitation",
          invitation_accept(f->app, &p, str_of(link[2].text), &a, &user, &grant, err));
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_county, drop_county)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_firm_registers_and_a_clerk_confirms),
        T(who_may_decide),
        T(a_wrong_form_stores_nothing),
        T(an_address_files_so_many_and_no_more),
        T(institutions_and_teams_register_too),
        T(a_second_registration_is_the_agents_to_decide),
        T(an_organisation_without_agent_gets_its_first),
        T(two_registrations_of_one_code_make_one_organisation),
        T(an_invitation_is_good_for_one_colleague),
        T(who_may_invite_to_what),
        T(a_secadmin_invites_staff_and_another_confirms),
        T(an_invitation_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
