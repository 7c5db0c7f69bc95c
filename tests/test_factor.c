/* SPDX-License-Identifier: Apache-2.0 */
/* The second factor: an app or printed codes, each code good once, required of the staff. */

#include "access_steps.h"

#include "app/token.h"
#include "base/secrets.h"

/* The code that the app shows at that time, from the secret it was given in base32. */
static void app_shows(const char *base32, int64_t us, char out[8])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t secret[TOTP_SECRET_BYTES] = {0};
    for (unsigned i = 0; i < 32; i++) {
        const unsigned v = (unsigned)(strchr(letters, base32[i]) - letters);
        for (unsigned b = 0; b < 5; b++) {
            const unsigned bit = i * 5 + b;
            secret[bit / 8] |= (uint8_t)((v >> (4 - b) & 1U) << (7 - bit % 8));
        }
    }
    const call c = anybody(us);
    const int64_t step = c.at.us / SECOND_US / TOTP_STEP_SECONDS;
    (void)snprintf(out, 8, "%06u", (unsigned)totp_code(secret, sizeof secret, step, TOTP_DIGITS));
}

static void enrol(call c, int64_t us, factor_new *made)
{
    char code[8];
    NEED(factor_begin(f->app, &c, STR(GOOD_PASSWORD), made, err));
    app_shows(made->base32, us, code);
    NEED(factor_confirm(f->app, &c, str_of(code), err));
}

static void staff_must_enrol_before_any_role_opens(void **state)
{
    (void)state;
    login_done done;
    caller who;
    factor_new made;
    factor_state look;
    give_password(f->user[ROLE_OFFICE], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_OFFICE]);
    NEED(try_login(login, GOOD_PASSWORD, "", "", 1, &done, err));
    assert_int_equal(done.must, MUST_FACTOR); /* R-ACCESS-030 */
    const call p = anybody(2);
    NEED(session_find(f->app, &p, str_of(done.session.text), &who, err));
    assert_int_equal(who.must, MUST_FACTOR);
    assert_int_equal(who.n_roles, 0);
    const call me = oneself(ROLE_OFFICE, 2);
    FAILS(TQ_INVALID, "password_wrong", factor_begin(f->app, &me, STR("guess"), &made, err));
    FAILS(TQ_CONFLICT, "no_factor", factor_confirm(f->app, &me, STR("123456"), err));
    NEED(factor_begin(f->app, &me, STR(GOOD_PASSWORD), &made, err));
    assert_int_equal(strncmp(made.uri.data, "otpauth://totp/Tongquan:", 24), 0);
    /* Begun is not enrolled: the app has not shown that it knows the secret. */
    NEED(session_find(f->app, &p, str_of(done.session.text), &who, err));
    assert_int_equal(who.must, MUST_FACTOR);
    enrol(me, 2, &made);
    NEED(session_find(f->app, &p, str_of(done.session.text), &who, err));
    assert_int_equal(who.must, MUST_NOTHING);
    assert_int_equal(who.n_roles, 1);
    NEED(factor_look(f->app, &me, &look, err));
    assert_true(look.app);
    assert_true(look.required);
    assert_int_equal(look.codes_left, 0);
    assert_false(stored_text(made.base32));
}

static void a_code_of_the_app_lets_in_once(void **state)
{
    (void)state;
    login_done done;
    factor_new made;
    char code[8];
    char next[8];
    give_password(f->user[ROLE_OFFICE], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_OFFICE]);
    enrol(oneself(ROLE_OFFICE, 0), 0, &made);
    app_shows(made.base32, 0, code);
    FAILS(TQ_INVALID, "login_refused", try_login(login, GOOD_PASSWORD, "", "", 1, &done, err));
    /* The code that enrolled the app is used up. R-ACCESS-060 */
    FAILS(TQ_INVALID, "login_refused", try_login(login, GOOD_PASSWORD, code, "", 1, &done, err));
    app_shows(made.base32, MINUTE_US, next);
    FAILS(TQ_INVALID, "login_refused", try_login(login, "wrong", next, "", MINUTE_US, &done, err));
    NEED(try_login(login, GOOD_PASSWORD, next, "", MINUTE_US, &done, err));
    assert_int_equal(done.must, MUST_NOTHING);
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, next, "", MINUTE_US + 1, &done, err));
    /* Nor any step before it, though a watch may be half a minute slow. */
    app_shows(made.base32, MINUTE_US - 30 * SECOND_US, code);
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, code, "", MINUTE_US + 2, &done, err));
    app_shows(made.base32, 10 * MINUTE_US - 30 * SECOND_US, code);
    NEED(try_login(login, GOOD_PASSWORD, code, "", 10 * MINUTE_US, &done, err));
    app_shows(made.base32, 20 * MINUTE_US - 60 * SECOND_US, code);
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, code, "", 20 * MINUTE_US, &done, err));
}

static void an_app_is_replaced_only_by_one_that_works(void **state)
{
    (void)state;
    login_done done;
    factor_new first;
    factor_new second;
    char code[8];
    give_password(f->user[ROLE_OFFICE], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_OFFICE]);
    const call me = oneself(ROLE_OFFICE, 0);
    enrol(me, 0, &first);
    NEED(factor_begin(f->app, &me, STR(GOOD_PASSWORD), &second, err));
    assert_string_not_equal(first.base32, second.base32);
    FAILS(TQ_INVALID, "code_wrong", factor_confirm(f->app, &me, STR("abcdef"), err));
    FAILS(TQ_INVALID, "code_wrong", factor_confirm(f->app, &me, STR(""), err));
    app_shows(first.base32, MINUTE_US, code);
    NEED(try_login(login, GOOD_PASSWORD, code, "", MINUTE_US, &done,
                   err)); /* the old one still counts */
    app_shows(second.base32, 0, code);
    NEED(factor_confirm(f->app, &me, str_of(code), err));
    app_shows(first.base32, 5 * MINUTE_US, code);
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, code, "", 5 * MINUTE_US, &done, err));
    app_shows(second.base32, 5 * MINUTE_US, code);
    NEED(try_login(login, GOOD_PASSWORD, code, "", 5 * MINUTE_US, &done, err));
}

static void printed_codes_do_without_a_telephone(void **state)
{
    (void)state;
    login_done done;
    caller who;
    factor_state look;
    printed_code codes[PRINTED_CODES];
    printed_code fresh[PRINTED_CODES];
    give_password(f->user[ROLE_INTAKE], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_INTAKE]);
    const call me = oneself(ROLE_INTAKE, 0);
    FAILS(TQ_INVALID, "password_wrong", factor_codes(f->app, &me, STR("guess"), codes, err));
    NEED(factor_codes(f->app, &me, STR(GOOD_PASSWORD), codes, err));
    for (int i = 0; i < PRINTED_CODES; i++) {
        assert_false(stored_text(codes[i].text));
        NEED(try_login(login, GOOD_PASSWORD, codes[i].text, "", 1 + i, &done, err));
        FAILS(TQ_INVALID, "login_refused",
              try_login(login, GOOD_PASSWORD, codes[i].text, "", 1 + i, &done, err));
    }
    /* All are used: the session goes on, but no password alone lets anybody in. */
    const call p = anybody(20);
    NEED(try_login(login, "wrong", "", "", 20, &done, err) == TQ_INVALID ? TQ_OK : TQ_INTERNAL);
    NEED(session_find(f->app, &p, str_of(done.session.text), &who, err));
    assert_int_equal(who.must, MUST_NOTHING);
    FAILS(TQ_INVALID, "login_refused", try_login(login, GOOD_PASSWORD, "", "", 21, &done, err));
    NEED(factor_look(f->app, &me, &look, err));
    assert_int_equal(look.codes_left, 0);
    NEED(factor_codes(f->app, &me, STR(GOOD_PASSWORD), fresh, err));
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, codes[0].text, "", 22, &done, err));
    NEED(try_login(login, GOOD_PASSWORD, fresh[9].text, "", 23, &done, err));
}

static void a_secadmin_takes_a_lost_factor_away(void **state)
{
    (void)state;
    login_done done;
    caller who;
    factor_new made;
    char code[8];
    give_password(f->user[ROLE_OFFICE], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_OFFICE]);
    enrol(oneself(ROLE_OFFICE, 0), 0, &made);
    app_shows(made.base32, MINUTE_US, code);
    NEED(try_login(login, GOOD_PASSWORD, code, "", MINUTE_US, &done, err));
    const call admin = later(ROLE_SECADMIN, MINUTE_US);
    const call clerk = later(ROLE_INTAKE, MINUTE_US);
    FAILS(TQ_FORBIDDEN, "no_role", factor_reset(f->app, &clerk, f->user[ROLE_OFFICE], err));
    FAILS(TQ_FORBIDDEN, "same_person", factor_reset(f->app, &admin, admin.who.user_id, err));
    NEED(factor_reset(f->app, &admin, f->user[ROLE_OFFICE], err));
    const call p = anybody(MINUTE_US + 1);
    FAILS(TQ_NOT_FOUND, "no_session",
          session_find(f->app, &p, str_of(done.session.text), &who, err));
    NEED(try_login(login, GOOD_PASSWORD, "", "", MINUTE_US + 2, &done, err));
    assert_int_equal(done.must, MUST_FACTOR);
}

static void an_agent_may_have_one_too(void **state)
{
    (void)state;
    login_done done;
    factor_new made;
    char code[8];
    give_password(f->user[ROLE_FIRM_AGENT], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_FIRM_AGENT]);
    NEED(try_login(login, GOOD_PASSWORD, "", "", 0, &done, err));
    assert_int_equal(done.must, MUST_NOTHING); /* not required */
    enrol(oneself(ROLE_FIRM_AGENT, 0), 0, &made);
    FAILS(TQ_INVALID, "login_refused", try_login(login, GOOD_PASSWORD, "", "", 1, &done, err));
    app_shows(made.base32, MINUTE_US, code);
    NEED(try_login(login, GOOD_PASSWORD, code, "", MINUTE_US, &done, err));
}

static void a_token_is_no_way_round(void **state)
{
    (void)state;
    token_made token;
    caller who;
    factor_new made;
    give_password(f->user[ROLE_OFFICE], GOOD_PASSWORD, 0);
    const call me = oneself(ROLE_OFFICE, 0);
    const token_rq rq = {STR("t"), ROLES_ANY, false, fixture_day(2013, 12, 31)};
    NEED(token_make(f->app, &me, &rq, &token, err));
    NEED(token_find(f->app, &me, str_of(token.text), &who, err));
    assert_int_equal(who.must, MUST_FACTOR);
    assert_int_equal(who.n_roles, 0);
    enrol(me, 0, &made);
    NEED(token_find(f->app, &me, str_of(token.text), &who, err));
    assert_int_equal(who.must, MUST_NOTHING);
    assert_int_equal(who.n_roles, 1);
}

static void guessing_codes_locks_like_guessing_passwords(void **state)
{
    (void)state;
    login_done done;
    factor_new made;
    char code[8];
    give_password(f->user[ROLE_OFFICE], GOOD_PASSWORD, 0);
    const str login = login_of(f->user[ROLE_OFFICE]);
    enrol(oneself(ROLE_OFFICE, 0), 0, &made);
    for (int i = 0; i < 5; i++) {
        FAILS(TQ_INVALID, "login_refused",
              try_login(login, GOOD_PASSWORD, "00000x", "", 100 + i, &done, err));
    }
    app_shows(made.base32, 45 * SECOND_US, code);
    FAILS(TQ_INVALID, "login_refused",
          try_login(login, GOOD_PASSWORD, code, "", 45 * SECOND_US, &done, err));
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_county, drop_county)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(staff_must_enrol_before_any_role_opens),
        T(a_code_of_the_app_lets_in_once),
        T(an_app_is_replaced_only_by_one_that_works),
        T(printed_codes_do_without_a_telephone),
        T(a_secadmin_takes_a_lost_factor_away),
        T(an_agent_may_have_one_too),
        T(a_token_is_no_way_round),
        T(guessing_codes_locks_like_guessing_passwords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
