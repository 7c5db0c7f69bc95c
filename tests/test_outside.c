/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in by what an outside provider has proven: who is linked comes in, nobody is made, nothing is good
 * twice, and the second factor stays our own. */

#include "access_steps.h"

#include "app/outside.h"
#include "app/person.h"
#include "app/session.h"

#define ISSUER "https://login.example.gov.cn"

static str visit(void)
{
    const bearer b = bearer_new();
    return arena_copy(f->a, str_of(b.text));
}

static outside_proof proof_of(const char *provider, outside_people people, const char *subject_)
{
    return (outside_proof){.provider = str_of(provider),
                           .people = people,
                           .issuer = STR(ISSUER),
                           .subject = str_of(subject_)};
}

static outside_done come(str by, const outside_proof *p, int64_t us)
{
    outside_done done = {0};
    const call c = anybody(us);
    NEED(outside_sign_in(f->app, &c, by, p, &done, err));
    return done;
}

/* Brings the proof, then links it with the password. */
static int64_t linked(call me, const outside_proof *p, int64_t us)
{
    int64_t id = 0;
    const str by = visit();
    assert_int_equal(come(by, p, us).next, OUTSIDE_UNLINKED);
    NEED(outside_link(f->app, &me, by, STR(GOOD_PASSWORD), &id, err));
    assert_true(id > 0);
    return id;
}

/* An agent of the firm with a password: their call, for acts on what is their own. */
static call agent(int64_t *user_id)
{
    int64_t person = 0;
    fixture_person(f, ROLE_FIRM_AGENT, f->firm, user_id, &person);
    give_password(*user_id, GOOD_PASSWORD, 0);
    call me = anybody(0);
    me.who.user_id = *user_id;
    me.who.person_id = person;
    return me;
}

static caller caller_of(const bearer *session, int64_t us)
{
    caller who = {0};
    const call c = anybody(us);
    NEED(session_find(f->app, &c, str_of(session->text), &who, err));
    return who;
}

static void only_a_linked_account_comes_in(void **state)
{
    (void)state;
    int64_t user = 0;
    const call me = agent(&user);
    const outside_proof p = proof_of("firms", OUTSIDE_ORGANISATION, "a-1");
    const int64_t before = fixture_events(f);
    assert_int_equal(come(visit(), &p, 0).next,
                     OUTSIDE_UNLINKED); /* no account is made by a claim */
    assert_int_equal(fixture_events(f), before);
    (void)linked(me, &p, 0);
    assert_int_equal(fixture_events(f), before + 1); /* who linked is in the log */
    const outside_done done = come(visit(), &p, 1);
    assert_int_equal(done.next, OUTSIDE_IN);
    assert_int_equal(done.in.user_id, user);
    assert_int_equal(done.in.must, MUST_NOTHING);
    assert_int_equal(caller_of(&done.in.session, 2).n_roles, 1);
    /* the same subject of another issuer, and another spelling of both together, are other people */
    outside_proof other = p;
    other.issuer = STR(ISSUER ".example");
    assert_int_equal(come(visit(), &other, 2).next, OUTSIDE_UNLINKED);
    other.issuer = STR(ISSUER "a");
    other.subject = STR("-1");
    assert_int_equal(come(visit(), &other, 2).next, OUTSIDE_UNLINKED);
    assert_false(stored_text("a-1")); /* the table names nobody */
}

static void a_visit_is_good_once(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t id = 0;
    outside_done done;
    const call me = agent(&user);
    const call p = anybody(3);
    const outside_proof proof = proof_of("firms", OUTSIDE_ORGANISATION, "a-2");
    const str by = visit();
    assert_int_equal(come(by, &proof, 0).next, OUTSIDE_UNLINKED);
    FAILS(TQ_CONFLICT, "outside_used",
          outside_sign_in(f->app, &p, by, &proof, &done, err)); /* R-ACCESS-120 */
    NEED(outside_link(f->app, &me, by, STR(GOOD_PASSWORD), &id, err));
    FAILS(TQ_INVALID, "no_visit", outside_link(f->app, &me, by, STR(GOOD_PASSWORD), &id, err));
    FAILS(TQ_CONFLICT, "outside_used", outside_sign_in(f->app, &p, by, &proof, &done, err));
    const str again = visit();
    assert_int_equal(come(again, &proof, 4).next, OUTSIDE_IN);
    FAILS(TQ_CONFLICT, "outside_used", outside_sign_in(f->app, &p, again, &proof, &done, err));
    FAILS(TQ_INVALID, "no_visit", outside_link(f->app, &me, again, STR(GOOD_PASSWORD), &id, err));
    FAILS(TQ_INVALID, "no_visit", outside_link(f->app, &me, visit(), STR(GOOD_PASSWORD), &id, err));
}

static void a_proof_waits_ten_minutes(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t id = 0;
    int64_t swept = 0;
    str provider = {0};
    call me = agent(&user);
    const outside_proof proof = proof_of("firms", OUTSIDE_ORGANISATION, "a-3");
    const str by = visit();
    assert_int_equal(come(by, &proof, 0).next, OUTSIDE_UNLINKED);
    NEED(outside_waiting(f->app, &me, by, &provider, err));
    assert_true(str_eq(provider, STR("firms")));
    me.at.us += 10 * MINUTE_US;
    NEED(outside_waiting(f->app, &me, by, &provider, err));
    assert_int_equal(provider.len, 0);
    FAILS(TQ_INVALID, "no_visit", outside_link(f->app, &me, by, STR(GOOD_PASSWORD), &id, err));
    NEED(access_sweep(f->app, &me, &swept, err));
    assert_true(swept >= 1);
}

static void a_link_wants_the_password_and_one_owner(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t other_user = 0;
    int64_t id = 0;
    const call me = agent(&user);
    const call other = agent(&other_user);
    const outside_proof first = proof_of("firms", OUTSIDE_ORGANISATION, "a-4");
    const outside_proof second = proof_of("firms", OUTSIDE_ORGANISATION, "a-5");
    const str by = visit();
    const str two = visit();
    assert_int_equal(come(by, &first, 0).next, OUTSIDE_UNLINKED);
    assert_int_equal(come(two, &first, 0).next, OUTSIDE_UNLINKED);
    FAILS(TQ_INVALID, "password_wrong", outside_link(f->app, &me, by, STR("guess"), &id, err));
    NEED(outside_link(f->app, &me, by, STR(GOOD_PASSWORD), &id, err)); /* the proof was kept */
    FAILS(TQ_CONFLICT, "outside_taken",
          outside_link(f->app, &other, two, STR(GOOD_PASSWORD), &id, err));
    const str three = visit();
    assert_int_equal(come(three, &second, 0).next, OUTSIDE_UNLINKED);
    FAILS(TQ_CONFLICT, "outside_linked",
          outside_link(f->app, &me, three, STR(GOOD_PASSWORD), &id, err));
    NEED(outside_link(f->app, &other, three, STR(GOOD_PASSWORD), &id, err));
}

static void firms_and_staff_come_by_their_own_doors(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t id = 0;
    outside_done done;
    const call me = agent(&user);
    const call clerk = oneself(ROLE_INTAKE, 0);
    const call p = anybody(1);
    give_password(f->user[ROLE_INTAKE], GOOD_PASSWORD, 0);
    const outside_proof staff = proof_of("staff", OUTSIDE_STAFF, "a-6");
    outside_proof firms = proof_of("firms", OUTSIDE_ORGANISATION, "a-7");
    const str by_staff = visit();
    const str by_firms = visit();
    assert_int_equal(come(by_staff, &staff, 0).next, OUTSIDE_UNLINKED);
    assert_int_equal(come(by_firms, &firms, 0).next, OUTSIDE_UNLINKED);
    /* R-ACCESS-130 */
    FAILS(TQ_FORBIDDEN, "outside_people",
          outside_link(f->app, &me, by_staff, STR(GOOD_PASSWORD), &id, err));
    FAILS(TQ_FORBIDDEN, "outside_people",
          outside_link(f->app, &clerk, by_firms, STR(GOOD_PASSWORD), &id, err));
    NEED(outside_link(f->app, &me, by_firms, STR(GOOD_PASSWORD), &id, err));
    NEED(outside_link(f->app, &clerk, by_staff, STR(GOOD_PASSWORD), &id, err));
    firms.people = OUTSIDE_STAFF; /* the configuration was changed under the link */
    FAILS(TQ_FORBIDDEN, "outside_people", outside_sign_in(f->app, &p, visit(), &firms, &done, err));
}

static void the_second_factor_stays_ours(void **state)
{
    (void)state;
    outside_done done;
    login_done in;
    printed_code codes[PRINTED_CODES];
    const int64_t user = f->user[ROLE_OFFICE];
    const call me = oneself(ROLE_OFFICE, 0);
    const call p = anybody(5);
    outside_proof proof = proof_of("staff", OUTSIDE_STAFF, "a-8");
    give_password(user, GOOD_PASSWORD, 0);
    (void)linked(me, &proof, 0);
    done = come(visit(), &proof, 1);
    assert_int_equal(done.next, OUTSIDE_IN);
    assert_int_equal(done.in.must, MUST_FACTOR); /* a first factor alone opens no role */
    assert_int_equal(caller_of(&done.in.session, 2).n_roles, 0);
    proof.factor_shown = true; /* the provider has seen one, and its word counts */
    done = come(visit(), &proof, 2);
    assert_int_equal(done.in.must, MUST_NOTHING);
    assert_int_equal(caller_of(&done.in.session, 3).must, MUST_NOTHING);
    assert_int_equal(caller_of(&done.in.session, 3).n_roles, 1);
    proof.factor_shown = false;
    NEED(factor_codes(f->app, &me, STR(GOOD_PASSWORD), codes, err));
    const str by = visit();
    assert_int_equal(come(by, &proof, 4).next, OUTSIDE_CODE);
    FAILS(TQ_INVALID, "login_refused",
          outside_code(f->app, &p, by, STR("123456"), STR("192.0.2.9"), &in, err));
    FAILS(TQ_INVALID, "no_visit",
          outside_code(f->app, &p, visit(), str_of(codes[0].text), STR(""), &in, err));
    NEED(outside_code(f->app, &p, by, str_of(codes[0].text), STR("192.0.2.9"), &in, err));
    assert_int_equal(in.user_id, user);
    assert_int_equal(in.must, MUST_NOTHING);
    FAILS(TQ_INVALID, "no_visit",
          outside_code(f->app, &p, by, str_of(codes[1].text), STR(""), &in, err));
    const str used = visit();
    assert_int_equal(come(used, &proof, 4).next, OUTSIDE_CODE);
    FAILS(TQ_INVALID, "login_refused",
          outside_code(f->app, &p, used, str_of(codes[0].text), STR(""), &in, err));
}

static void guessing_codes_locks_as_guessing_passwords_does(void **state)
{
    (void)state;
    login_done in;
    printed_code codes[PRINTED_CODES];
    const call me = oneself(ROLE_GROUP, 0);
    call p = anybody(5);
    const outside_proof proof = proof_of("staff", OUTSIDE_STAFF, "a-9");
    give_password(f->user[ROLE_GROUP], GOOD_PASSWORD, 0);
    (void)linked(me, &proof, 0);
    NEED(factor_codes(f->app, &me, STR(GOOD_PASSWORD), codes, err));
    const str by = visit();
    assert_int_equal(come(by, &proof, 4).next, OUTSIDE_CODE);
    for (int i = 0; i < 5; i++) {
        FAILS(TQ_INVALID, "login_refused",
              outside_code(f->app, &p, by, STR("0"), STR("192.0.2.10"), &in, err));
    }
    /* locked: the right code is refused too, and is not used up */
    FAILS(TQ_INVALID, "login_refused",
          outside_code(f->app, &p, by, str_of(codes[0].text), STR("192.0.2.10"), &in, err));
    p.at.us += 2 * MINUTE_US;
    NEED(outside_code(f->app, &p, by, str_of(codes[0].text), STR("192.0.2.10"), &in, err));
    for (int i = 0; i < 20; i++) {
        NEED(outside_failed(f->app, &p, STR("192.0.2.11"), err));
    }
    FAILS(TQ_BUSY, "login_wait", outside_may(f->app, &p, STR("192.0.2.11"), err));
    NEED(outside_may(f->app, &p, STR("192.0.2.12"), err));
}

static void a_link_ends_with_its_owner_or_a_secadmin(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t other_user = 0;
    size_t n = 0;
    outside_row rows[OUTSIDE_LINKS_MAX];
    caller who;
    const call me = agent(&user);
    const call other = agent(&other_user);
    const call admin = later(ROLE_SECADMIN, 1);
    const call clerk = later(ROLE_INTAKE, 1);
    const outside_proof p = proof_of("firms", OUTSIDE_ORGANISATION, "a-10");
    const int64_t id = linked(me, &p, 0);
    NEED(outside_list(f->app, &me, rows, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].id, id);
    assert_int_equal(rows[0].used.us, 0);
    FAILS(TQ_NOT_FOUND, "not_found", outside_end(f->app, &other, id, err));
    NEED(outside_end(f->app, &me, id, err));
    FAILS(TQ_NOT_FOUND, "not_found", outside_end(f->app, &me, id, err));
    assert_int_equal(come(visit(), &p, 1).next, OUTSIDE_UNLINKED);
    (void)linked(me, &p, 1);
    const outside_done done = come(visit(), &p, 2);
    assert_int_equal(done.next, OUTSIDE_IN);
    FAILS(TQ_FORBIDDEN, "no_role", outside_end_of(f->app, &clerk, user, err));
    NEED(outside_end_of(f->app, &admin, user, err));
    FAILS(TQ_CONFLICT, "outside_none", outside_end_of(f->app, &admin, user, err));
    const call c = anybody(3);
    FAILS(TQ_NOT_FOUND, "no_session",
          session_find(f->app, &c, str_of(done.in.session.text), &who, err));
    assert_int_equal(come(visit(), &p, 4).next, OUTSIDE_UNLINKED);
}

static void a_closed_log_in_is_not_opened_from_outside(void **state)
{
    (void)state;
    int64_t user = 0;
    const call me = agent(&user);
    const call admin = later(ROLE_SECADMIN, 1);
    const outside_proof p = proof_of("firms", OUTSIDE_ORGANISATION, "a-11");
    (void)linked(me, &p, 0);
    NEED(user_close(f->app, &admin, user, err));
    assert_int_equal(come(visit(), &p, 2).next, OUTSIDE_UNLINKED);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, make_county, drop_county)
    const struct CMUnitTest tests[] = {
        T(only_a_linked_account_comes_in),
        T(a_visit_is_good_once),
        T(a_proof_waits_ten_minutes),
        T(a_link_wants_the_password_and_one_owner),
        T(firms_and_staff_come_by_their_own_doors),
        T(the_second_factor_stays_ours),
        T(guessing_codes_locks_as_guessing_passwords_does),
        T(a_link_ends_with_its_owner_or_a_secadmin),
        T(a_closed_log_in_is_not_opened_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
