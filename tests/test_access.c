/* SPDX-License-Identifier: Apache-2.0 */
/* Log-in, lock-out, sessions, passwords and tokens: one answer for all who are turned away, after the
 * same work, and nothing stored that would let its reader in. */

#include "access_steps.h"

#include "app/person.h"
#include "app/token.h"
#include "base/file.h"
#include "store/backup.h"
#include "store/bundle.h"

/* --- lock-out ---------------------------------------------------------------------------------- */

static void delays_grow_and_end(void **state)
{
    (void)state;
    static const int user[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 30, 60, 60, 60};
    for (int64_t i = 0; i < (int64_t)TQ_COUNT(user); i++) {
        assert_int_equal(login_user_wait_us(i), user[i] * MINUTE_US); /* R-ACCESS-040 */
    }
    static const struct {
        int64_t failures;
        int minutes;
    } address[] = {{0, 0},  {19, 0},  {20, 1},  {29, 1},  {30, 5},
                   {39, 5}, {40, 15}, {59, 15}, {60, 60}, {9999, 60}};
    for (size_t i = 0; i < TQ_COUNT(address); i++) {
        assert_int_equal(login_address_wait_us(address[i].failures),
                         address[i].minutes * MINUTE_US);
    }
}

static void a_log_in_is_locked_after_five_failures(void **state)
{
    (void)state;
    int64_t user = 0;
    login_done done;
    (void)agent_logged_in(&user, 0);
    const str login = login_of(user);
    for (int i = 0; i < 5; i++) {
        FAILS(TQ_INVALID, "login_refused",
              try_login(login, "wrong one at all", "", "", i, &done, err));
    }
    const int64_t events = fixture_events(f);
    /* Locked: the right password is turned away like a wrong one, and counts no further. */
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, "", "", 30 * SECOND_US, &done, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, "wrong", "", "", 59 * SECOND_US, &done, err));
    assert_int_equal(fixture_events(f), events);
    NEED(try_login(login, GOOD_PASSWORD, "", "", 61 * SECOND_US, &done, err));
    /* A success starts again from 0. */
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, "wrong", "", "", 62 * SECOND_US, &done, err));
    NEED(try_login(login, GOOD_PASSWORD, "", "", 63 * SECOND_US, &done, err));
}

static void spelling_is_no_way_round_the_lock(void **state)
{
    (void)state;
    int64_t user = 0;
    login_done done;
    (void)agent_logged_in(&user, 0);
    const str login = login_of(user);
    char shouted[80];
    char spaced[80];
    (void)snprintf(shouted, sizeof shouted, "%.*s", STR_ARG(login));
    for (char *p = shouted; *p != '\0'; p++) {
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    }
    (void)snprintf(spaced, sizeof spaced, "  %.*s\t", STR_ARG(login));
    NEED(try_login(str_of(shouted), GOOD_PASSWORD, "", "", 0, &done,
                   err)); /* it is the same log-in */
    const str spellings[] = {login, str_of(shouted), str_of(spaced), login, str_of(shouted)};
    for (size_t i = 0; i < TQ_COUNT(spellings); i++) {
        FAILS(TQ_INVALID, "login_refused", try_login(spellings[i], "wrong", "", "", 1, &done, err));
    }
    FAILS(TQ_INVALID, "login_refused", try_login(login, GOOD_PASSWORD, "", "", 2, &done, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(str_of(spaced), GOOD_PASSWORD, "", "", 2, &done, err));
}

static void a_secadmin_unlocks(void **state)
{
    (void)state;
    int64_t user = 0;
    login_done done;
    (void)agent_logged_in(&user, 0);
    const str login = login_of(user);
    const call admin = later(ROLE_SECADMIN, 10);
    const call clerk = later(ROLE_INTAKE, 10);
    FAILS(TQ_CONFLICT, "not_locked", login_unlock(f->app, &admin, user, err));
    for (int i = 0; i < 5; i++) {
        FAILS(TQ_INVALID, "login_refused", try_login(login, "wrong", "", "", i, &done, err));
    }
    FAILS(TQ_FORBIDDEN, "no_role", login_unlock(f->app, &clerk, user, err));
    NEED(login_unlock(f->app, &admin, user, err));
    NEED(try_login(login, GOOD_PASSWORD, "", "", 11, &done, err));
}

static void an_address_that_fails_waits_before_any_work(void **state)
{
    (void)state;
    login_done done;
    for (int i = 0; i < 20; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "guess%d", i); /* another log-in each time */
        FAILS(TQ_INVALID, "login_refused",
              try_login(str_of(name), "wrong", "", "192.0.2.7", i, &done, err));
    }
    const int64_t work = password_hash_runs();
    FAILS(TQ_BUSY, "login_wait",
          try_login(STR("guess20"), "wrong", "", "192.0.2.7", 30, &done, err));
    assert_int_equal(password_hash_runs(), work);
    FAILS(TQ_INVALID, "login_refused",
          try_login(STR("guess20"), "wrong", "", "192.0.2.8", 30, &done, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(STR("guess20"), "wrong", "", "192.0.2.7", 61 * SECOND_US, &done, err));
}

/* The same words, code and work, whether the log-in is unknown, closed, without password, locked, or
 * the password is wrong: nothing tells which log-ins there are. */
static void all_who_are_refused_are_refused_alike(void **state)
{
    (void)state;
    int64_t closed = 0;
    int64_t bare = 0;
    int64_t locked = 0;
    int64_t wrong = 0;
    int64_t person = 0;
    login_done done;
    (void)agent_logged_in(&closed, 0);
    (void)agent_logged_in(&locked, 0);
    (void)agent_logged_in(&wrong, 0);
    fixture_person(f, ROLE_FIRM_AGENT, f->firm, &bare, &person);
    const call admin = later(ROLE_SECADMIN, 0);
    NEED(user_close(f->app, &admin, closed, err));
    for (int i = 0; i < 5; i++) {
        FAILS(TQ_INVALID, "login_refused",
              try_login(login_of(locked), "wrong", "", "", i, &done, err));
    }
    const struct {
        str login;
        const char *password;
    } rows[] = {{STR("nobody-at-all"), GOOD_PASSWORD}, {login_of(closed), GOOD_PASSWORD},
                {login_of(bare), GOOD_PASSWORD},       {login_of(locked), GOOD_PASSWORD},
                {login_of(wrong), "not the password"}, {STR(""), GOOD_PASSWORD},
                {STR("' OR 1=1"), GOOD_PASSWORD}};
    tq_err first = {0};
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        tq_err err = {0};
        const int64_t work = password_hash_runs();
        assert_int_equal(try_login(rows[i].login, rows[i].password, "", "", 10, &done, &err),
                         TQ_INVALID);
        assert_int_equal(password_hash_runs(), work + 1);
        if (i == 0) {
            first = err;
        }
        assert_memory_equal(&err, &first, sizeof err);
    }
}

static void a_huge_password_is_refused_unread(void **state)
{
    (void)state;
    static char huge[1024 * 1024];
    memset(huge, 'x', sizeof huge - 1);
    login_done done;
    const int64_t work = password_hash_runs();
    FAILS(TQ_INVALID, "login_refused", try_login(STR("anyone"), huge, "", "", 0, &done, err));
    assert_int_equal(password_hash_runs(), work);
}

/* --- passwords --------------------------------------------------------------------------------- */

static void weak_passwords_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *password;
        bool fine;
    } rows[] = {{GOOD_PASSWORD "，二", true},
                {"白茶紫笋白茶紫笋安吉", true},
                {"short", false},
                {"九个字的密码不够长", false},
                {"aaaaaaaaaaaa", false},
                {"abcdefghijkl", false},
                {"9876543210", false},
                {"1234567890", false},
                {"password1234", false},
                {"qwertyuiop!", false},
                {"is-zhang.wei-ok", false},
                {"is-ZHANG.WEI-ok", false},
                {"tea grows on hills", true},
                {"\xFF\xFE bytes of no text", false}};
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        tq_err err = {0};
        const tq_code code = password_need(str_of(rows[i].password), STR("zhang.wei"), &err);
        if ((code == TQ_OK) != rows[i].fine) {
            print_error("%s\n", rows[i].password);
        }
        assert_int_equal(code == TQ_OK, rows[i].fine);
        assert_true(rows[i].fine || strcmp(err.reason, "password_weak") == 0);
    }
}

static void a_link_sets_one_password_once(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t person = 0;
    bearer old;
    bearer link;
    login_done done;
    fixture_person(f, ROLE_FIRM_AGENT, f->firm, &user, &person);
    const call admin = later(ROLE_SECADMIN, 0);
    const call clerk = later(ROLE_OFFICE, 0);
    const call p = anybody(1);
    const call day_later = anybody(INT64_C(24) * 60 * MINUTE_US + 1);
    FAILS(TQ_FORBIDDEN, "no_role", password_link(f->app, &clerk, user, &link, err));
    FAILS(TQ_FORBIDDEN, "same_person",
          password_link(f->app, &admin, admin.who.user_id, &link, err));
    NEED(password_link(f->app, &admin, user, &old, err));
    NEED(password_link(f->app, &admin, user, &link, err)); /* the first one is over */
    assert_false(stored_text(link.text));
    FAILS(TQ_NOT_FOUND, "no_link",
          password_by_link(f->app, &p, str_of(old.text), STR(GOOD_PASSWORD), err));
    FAILS(TQ_NOT_FOUND, "no_link",
          password_by_link(f->app, &day_later, str_of(link.text), STR(GOOD_PASSWORD), err));
    FAILS(TQ_INVALID, "password_weak",
          password_by_link(f->app, &p, str_of(link.text), STR("short"), err));
    NEED(password_by_link(f->app, &p, str_of(link.text), STR(GOOD_PASSWORD), err));
    FAILS(TQ_NOT_FOUND, "no_link",
          password_by_link(f->app, &p, str_of(link.text), STR("another good one"), err));
    NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", 2, &done, err));
    assert_int_equal(done.must, MUST_NOTHING);
    assert_false(stored_text(GOOD_PASSWORD));
}

static void a_change_needs_the_old_one_and_ends_sessions(void **state)
{
    (void)state;
    int64_t user = 0;
    caller who;
    login_done done;
    const bearer one = agent_logged_in(&user, 0);
    call c = anybody(1);
    NEED(session_find(f->app, &c, str_of(one.text), &who, err));
    c.who = (actor){.user_id = who.user_id, .person_id = who.person_id};
    FAILS(TQ_INVALID, "password_wrong", /* R-ACCESS-050 */
          password_change(f->app, &c, STR("not the old one"), STR("a wholly new word"), err));
    FAILS(TQ_INVALID, "password_same",
          password_change(f->app, &c, STR(GOOD_PASSWORD), STR(GOOD_PASSWORD), err));
    NEED(password_change(f->app, &c, STR(GOOD_PASSWORD), STR("a wholly new word"), err));
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(one.text), &who, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(login_of(user), GOOD_PASSWORD, "", "", 2, &done, err));
    NEED(try_login(login_of(user), "a wholly new word", "", "", 3, &done, err));
    /* Guessing by this door is counted like guessing at the other. */
    for (int i = 0; i < 5; i++) {
        FAILS(TQ_INVALID, "password_wrong",
              password_change(f->app, &c, STR("guess"), STR("one more new word"), err));
    }
    FAILS(TQ_INVALID, "password_wrong",
          password_change(f->app, &c, STR("a wholly new word"), STR("one more new word"), err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(login_of(user), "a wholly new word", "", "", 4, &done, err));
}

static void an_administrators_password_must_be_changed(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t person = 0;
    login_done done;
    caller who;
    fixture_person(f, ROLE_FIRM_AGENT, f->firm, &user, &person);
    const call admin = later(ROLE_SECADMIN, 0);
    NEED(password_put(f->app, &admin, user, STR(GOOD_PASSWORD), err));
    NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", 1, &done, err));
    assert_int_equal(done.must, MUST_PASSWORD);
    call c = anybody(2);
    NEED(session_find(f->app, &c, str_of(done.session.text), &who, err));
    assert_int_equal(who.must, MUST_PASSWORD);
    assert_int_equal(who.n_roles, 0);
    c.who = (actor){.user_id = user, .person_id = person};
    NEED(password_change(f->app, &c, STR(GOOD_PASSWORD), STR("my own word now"), err));
    NEED(try_login(login_of(user), "my own word now", "", "", 3, &done, err));
    assert_int_equal(done.must, MUST_NOTHING);
}

/* --- sessions ---------------------------------------------------------------------------------- */

static void each_log_in_has_its_own_secrets(void **state)
{
    (void)state;
    int64_t user = 0;
    login_done done;
    caller a;
    caller b;
    const bearer one = agent_logged_in(&user, 0);
    NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", 1, &done, err));
    const call c = anybody(2);
    NEED(session_find(f->app, &c, str_of(one.text), &a, err));
    NEED(session_find(f->app, &c, str_of(done.session.text), &b, err));
    assert_string_not_equal(one.text, done.session.text); /* R-ACCESS-020 */
    assert_string_not_equal(a.csrf, b.csrf);
    assert_int_equal(strlen(a.csrf), CSRF_CHARS);
    assert_int_equal(a.user_id, user);
    assert_int_equal(a.org_id, f->firm);
    assert_true(a.name.len > 0);
    assert_int_equal(a.n_roles, 1);
    assert_int_equal(a.roles[0].role, ROLE_FIRM_AGENT);
    assert_int_equal(a.roles[0].org_id, f->firm);
    assert_int_equal(a.roles[0].programme_id, f->programme_id);
    const actor who = caller_actor(&a, &a.roles[0], f->programme_id);
    assert_int_equal(who.org_id, f->firm);
    assert_int_equal(who.person_id, a.person_id);
    assert_false(stored_text(one.text));
    assert_true(stored_text(a.csrf)); /* the search does find what is there */
}

static void sessions_run_out(void **state)
{
    (void)state;
    int64_t user = 0;
    caller who;
    call c = anybody(0);
    bearer idle = agent_logged_in(&user, 0);
    c = anybody(SESSION_IDLE_US);
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(idle.text), &who, err));
    c = anybody(SESSION_IDLE_US - 1);
    NEED(session_find(f->app, &c, str_of(idle.text), &who, err)); /* seen: half an hour more */
    c = anybody(2 * SESSION_IDLE_US - 2);
    NEED(session_find(f->app, &c, str_of(idle.text), &who, err));
    /* Busy all day, it ends at twelve hours. */
    for (int64_t us = 2 * SESSION_IDLE_US - 2; us < SESSION_LIFE_US;
         us += SESSION_IDLE_US - MINUTE_US) {
        c = anybody(us);
        NEED(session_find(f->app, &c, str_of(idle.text), &who, err));
    }
    c = anybody(SESSION_LIFE_US - 1);
    NEED(session_find(f->app, &c, str_of(idle.text), &who, err));
    c = anybody(SESSION_LIFE_US);
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(idle.text), &who, err));
    int64_t swept = 0;
    NEED(access_sweep(f->app, &c, &swept, err));
    assert_true(swept > 0);
}

static void last_seen_is_written_once_a_minute(void **state)
{
    (void)state;
    int64_t user = 0;
    caller who;
    const bearer s = agent_logged_in(&user, 0);
    call c = anybody(SESSION_TOUCH_US - 1);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err)); /* not written */
    c = anybody(SESSION_IDLE_US);
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(s.text), &who, err));
    c = anybody(SESSION_TOUCH_US);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err)); /* written */
    c = anybody(SESSION_IDLE_US);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err));
}

static void what_is_no_token_finds_nobody(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "' OR ''='"};
    caller who;
    const call c = anybody(0);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(rows[i]), &who, err));
        FAILS(TQ_NOT_FOUND, "no_token", token_find(f->app, &c, str_of(rows[i]), &who, err));
    }
}

static void logging_out_ends_one_and_ending_all_ends_all(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t n = 0;
    caller who;
    login_done done;
    const bearer one = agent_logged_in(&user, 0);
    NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", 1, &done, err));
    call c = anybody(2);
    NEED(session_end(f->app, &c, str_of(one.text), err));
    NEED(session_end(f->app, &c, str_of(one.text), err)); /* over either way */
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(one.text), &who, err));
    NEED(session_find(f->app, &c, str_of(done.session.text), &who, err));
    const call other = oneself(ROLE_OFFICE, 2);
    FAILS(TQ_FORBIDDEN, "no_role", sessions_end_of(f->app, &other, user, &n, err));
    c.who = (actor){.user_id = user, .person_id = who.person_id};
    NEED(sessions_end_of(f->app, &c, user, &n, err));
    assert_int_equal(n, 1);
    FAILS(TQ_NOT_FOUND, "no_session",
          session_find(f->app, &c, str_of(done.session.text), &who, err));
}

static void the_oldest_session_makes_room(void **state)
{
    (void)state;
    int64_t user = 0;
    caller who;
    login_done done;
    const bearer first = agent_logged_in(&user, 0);
    for (int i = 1; i <= SESSIONS_OF_USER_MAX; i++) {
        NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", i, &done, err));
    }
    const call c = anybody(99);
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(first.text), &who, err));
    NEED(session_find(f->app, &c, str_of(done.session.text), &who, err));
}

/* R-ACCESS-010, I21 */
static void a_role_that_ends_is_gone_at_the_next_request(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t person = 0;
    int64_t grant = 0;
    caller who;
    const bearer s = agent_logged_in(&user, 0);
    call c = anybody(1);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err));
    person = who.person_id;
    assert_int_equal(who.n_roles, 1);
    /* By its last day. */
    const call admin = later(ROLE_SECADMIN, 2);
    call second = admin;
    second.who.user_id = f->second_secadmin;
    second.who.person_id = f->second_secadmin_person;
    const grant_rq rq = {.user_id = user,
                         .role = ROLE_FIRM_FINANCE,
                         .org_id = f->firm,
                         .to = fixture_day(2013, 9, 9)};
    NEED(grant_propose(f->app, &admin, &rq, &grant, err));
    NEED(grant_confirm(f->app, &second, grant, err));
    FAILS(TQ_NOT_FOUND, "no_session",
          session_find(f->app, &c, str_of(s.text), &who, err)); /* other rights */
    login_done done;
    NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", 3, &done, err));
    NEED(session_find(f->app, &c, str_of(done.session.text), &who, err));
    assert_int_equal(who.n_roles, 2);
    c.today = fixture_day(2013, 9, 10);
    NEED(session_find(f->app, &c, str_of(done.session.text), &who, err));
    assert_int_equal(who.n_roles, 1);
    /* By an act. */
    NEED(grant_end(f->app, &admin, grant, err));
    FAILS(TQ_NOT_FOUND, "no_session",
          session_find(f->app, &c, str_of(done.session.text), &who, err));
    assert_true(person != 0);
}

static void a_closed_user_is_out_and_their_secrets_are_gone(void **state)
{
    (void)state;
    int64_t user = 0;
    caller who;
    login_done done;
    token_made token;
    const bearer s = agent_logged_in(&user, 0);
    call c = anybody(1);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err));
    c.who = (actor){.user_id = user, .person_id = who.person_id};
    const token_rq rq = {STR("报表"), ROLES_ANY, true, fixture_day(2013, 12, 31)};
    NEED(token_make(f->app, &c, &rq, &token, err));
    const call admin = later(ROLE_SECADMIN, 2);
    NEED(user_close(f->app, &admin, user, err));
    FAILS(TQ_NOT_FOUND, "no_session", session_find(f->app, &c, str_of(s.text), &who, err));
    FAILS(TQ_NOT_FOUND, "no_token", token_find(f->app, &c, str_of(token.text), &who, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(login_of(user), GOOD_PASSWORD, "", "", 3, &done, err));
    FAILS(TQ_NOT_FOUND, "not_found", password_put(f->app, &admin, user, STR(GOOD_PASSWORD), err));
}

static void a_lent_role_is_among_the_roles(void **state)
{
    (void)state;
    int64_t delegation = 0;
    login_done done;
    caller who;
    int64_t user = 0;
    int64_t person = 0;
    fixture_person(f, ROLE_INTAKE, 0, &user, &person);
    give_password(user, GOOD_PASSWORD, 0);
    const call lender = later(ROLE_REVIEWER1, 0);
    const delegation_rq rq = {.to_user_id = user,
                              .programme_id = f->programme_id,
                              .from = fixture_day(2013, 9, 9),
                              .to = fixture_day(2013, 9, 20)};
    NEED(delegation_set(f->app, &lender, &rq, &delegation, err));
    NEED(try_login(login_of(user), GOOD_PASSWORD, "", "", 1, &done, err));
    assert_int_equal(done.must, MUST_FACTOR); /* R-ACCESS-030: staff */
    call c = anybody(2);
    c.who = (actor){.user_id = user, .person_id = person};
    printed_code codes[PRINTED_CODES];
    NEED(factor_codes(f->app, &c, STR(GOOD_PASSWORD), codes, err));
    NEED(session_find(f->app, &c, str_of(done.session.text), &who, err));
    assert_int_equal(who.must, MUST_NOTHING);
    assert_int_equal(who.n_roles, 2);
    const caller_role *lent = who.roles[0].for_user_id != 0 ? &who.roles[0] : &who.roles[1];
    assert_int_equal(lent->role, ROLE_REVIEWER1);
    assert_int_equal(lent->for_user_id, f->user[ROLE_REVIEWER1]);
    assert_int_equal(lent->to.n, fixture_day(2013, 9, 20).n);
    /* And the use cases take the actor that is made of it. */
    call work = c;
    work.who = caller_actor(&who, lent, f->programme_id);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_begin(f->app, &work, ROLES(ROLE_REVIEWER1), &tx, err));
}

/* --- tokens ------------------------------------------------------------------------------------ */

static void a_token_does_what_its_scope_says(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t n_before = 0;
    caller who;
    token_made all;
    token_made none;
    token_row rows[TOKENS_OF_USER_MAX];
    size_t n = 0;
    const bearer s = agent_logged_in(&user, 0);
    call c = anybody(1);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err));
    c.who = (actor){.user_id = user, .person_id = who.person_id};
    n_before = fixture_events(f);
    const token_rq mine = {STR("夜间报表"), ROLES(ROLE_FIRM_AGENT), false, fixture_day(2014, 9, 9)};
    const token_rq other = {STR("夜间报表"), ROLES(ROLE_OFFICE), true, fixture_day(2013, 9, 10)};
    NEED(token_make(f->app, &c, &mine, &all, err));
    NEED(token_make(f->app, &c, &other, &none, err));
    assert_int_equal(fixture_events(f), n_before + 2);
    assert_int_equal(strncmp(all.text, TOKEN_PREFIX, 4), 0);
    assert_false(stored_text(all.text));
    NEED(token_find(f->app, &c, str_of(all.text), &who, err));
    assert_true(who.by_token);
    assert_false(who.read_only);
    assert_int_equal(who.user_id, user);
    assert_int_equal(who.n_roles, 1);
    assert_int_equal(who.csrf[0], '\0');
    NEED(token_find(f->app, &c, str_of(none.text), &who,
                    err)); /* R-ACCESS-070: no more than is held */
    assert_int_equal(who.n_roles, 0);
    assert_true(who.read_only);
    c.today = fixture_day(2013, 9, 11);
    FAILS(TQ_NOT_FOUND, "no_token", token_find(f->app, &c, str_of(none.text), &who, err));
    NEED(token_find(f->app, &c, str_of(all.text), &who, err));
    NEED(token_list(f->app, &c, rows, &n, err));
    assert_int_equal(n, 2);
    assert_int_equal(rows[1].id, all.id);
    assert_int_equal(rows[1].used.n, fixture_day(2013, 9, 11).n);
    assert_true(str_eq(rows[1].roles, STR("firm_agent")));
    const call stranger = oneself(ROLE_OFFICE, 1);
    FAILS(TQ_NOT_FOUND, "not_found", token_end(f->app, &stranger, all.id, err));
    NEED(token_end(f->app, &c, all.id, err));
    FAILS(TQ_CONFLICT, "token_ended", token_end(f->app, &c, all.id, err));
    FAILS(TQ_NOT_FOUND, "no_token", token_find(f->app, &c, str_of(all.text), &who, err));
}

static void tokens_have_bounds(void **state)
{
    (void)state;
    int64_t user = 0;
    caller who;
    token_made made;
    const bearer s = agent_logged_in(&user, 0);
    call c = anybody(1);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err));
    c.who = (actor){.user_id = user, .person_id = who.person_id};
    const day year = day_add(c.today, TOKEN_DAYS_MAX - 1);
    const struct {
        token_rq rq;
        tq_code code;
        const char *reason;
    } rows[] = {
        {{STR(""), ROLES_ANY, false, year}, TQ_INVALID, "line"},
        {{STR("a"), ROLES_ANY, false, day_add(year, 1)}, TQ_INVALID, "days"},
        {{STR("a"), ROLES_ANY, false, day_add(c.today, -1)}, TQ_INVALID, "days"},
        {{STR("a"), 0, false, year}, TQ_INVALID, "token_role"},
        {{STR("a"), ROLES(ROLE_SECADMIN), false, year}, TQ_REFUSED, "token_role"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        FAILS(rows[i].code, rows[i].reason, token_make(f->app, &c, &rows[i].rq, &made, err));
    }
    const token_rq good = {STR("a"), ROLES_ANY, false, year};
    for (int i = 0; i < TOKENS_OF_USER_MAX; i++) {
        NEED(token_make(f->app, &c, &good, &made, err));
    }
    FAILS(TQ_CONFLICT, "tokens_max", token_make(f->app, &c, &good, &made, err));
    call other = c;
    other.who.person_id++; /* not the person whose log-in it is */
    FAILS(TQ_FORBIDDEN, "no_user", token_make(f->app, &other, &good, &made, err));
}

/* --- what leaves the house --------------------------------------------------------------------- */

static void path_in(const char *name, char *out, size_t room)
{
    (void)snprintf(out, room, "%s/%s", f->dir, name);
}

static void a_bundle_holds_no_secret(void **state)
{
    (void)state;
    int64_t user = 0;
    char path[128];
    str bytes = {0};
    caller who;
    const bearer s = agent_logged_in(&user, 0);
    const call c = anybody(1);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err));
    path_in("site.bundle", path, sizeof path);
    NEED(bundle_export(f->store, path, err));
    NEED(file_read(path, 64 * 1024 * 1024, f->a, &bytes, err));
    const digest d = hash_of(HASH_SHA256, str_of(s.text));
    char hex[65];
    digest_hex(d, hex);
    const char *const needles[] = {"$argon2id", s.text, hex, who.csrf, GOOD_PASSWORD};
    for (size_t i = 0; i < TQ_COUNT(needles); i++) {
        assert_null(memmem(bytes.data, bytes.len, needles[i], strlen(needles[i])));
    }
    assert_non_null(memmem(bytes.data, bytes.len, "password_set", 12)); /* the act is there */
}

static void a_restored_site_knows_no_session(void **state)
{
    (void)state;
    int64_t user = 0;
    char backup[128];
    char back[128];
    caller who;
    bearer link;
    const bearer s = agent_logged_in(&user, 0);
    const call admin = later(ROLE_SECADMIN, 1);
    NEED(password_link(f->app, &admin, user, &link, err));
    path_in("backup", backup, sizeof backup);
    path_in("back", back, sizeof back);
    NEED(backup_make(f->store, backup, err));
    const store_options o = {.dir = back};
    NEED(backup_restore(backup, &o, NULL, err));
    app *again = NULL;
    NEED(app_open(&o, &again, err));
    const call c = anybody(2);
    NEED(session_find(f->app, &c, str_of(s.text), &who, err)); /* here it goes on */
    FAILS(TQ_NOT_FOUND, "no_session",
          session_find(again, &c, str_of(s.text), &who, err)); /* R-ACCESS-100 */
    FAILS(TQ_NOT_FOUND, "no_link",
          password_by_link(again, &c, str_of(link.text), STR("a wholly new word"), err));
    if (f->pg_uri[0] == '\0') { /* its password is in the copy; a bundle has none */
        login_done done;
        const login_rq rq = {login_of(user), STR(GOOD_PASSWORD), STR(""), STR("")};
        NEED(login_try(again, &c, &rq, &done, err));
    }
    app_close(again);
}

static void a_demonstration_shares_one_hash(void **state)
{
    (void)state;
    int64_t n = 0;
    const call c = anybody(0);
    const int64_t events = fixture_events(f);
    const int64_t work = password_hash_runs();
    FAILS(TQ_REFUSED, "no_demo",
          login_demo(f->app, &c, STR(GOOD_PASSWORD), &n, err)); /* a real county */
    assert_int_equal(password_hash_runs(), work + 1);
    assert_int_equal(fixture_events(f), events);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_county, drop_county)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_grow_and_end),
        cmocka_unit_test(weak_passwords_are_refused),
        T(a_log_in_is_locked_after_five_failures),
        T(spelling_is_no_way_round_the_lock),
        T(a_secadmin_unlocks),
        T(an_address_that_fails_waits_before_any_work),
        T(all_who_are_refused_are_refused_alike),
        T(a_huge_password_is_refused_unread),
        T(a_link_sets_one_password_once),
        T(a_change_needs_the_old_one_and_ends_sessions),
        T(an_administrators_password_must_be_changed),
        T(each_log_in_has_its_own_secrets),
        T(sessions_run_out),
        T(last_seen_is_written_once_a_minute),
        T(what_is_no_token_finds_nobody),
        T(logging_out_ends_one_and_ending_all_ends_all),
        T(the_oldest_session_makes_room),
        T(a_role_that_ends_is_gone_at_the_next_request),
        T(a_closed_user_is_out_and_their_secrets_are_gone),
        T(a_lent_role_is_among_the_roles),
        T(a_token_does_what_its_scope_says),
        T(tokens_have_bounds),
        T(a_bundle_holds_no_secret),
        T(a_restored_site_knows_no_session),
        T(a_demonstration_shares_one_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
