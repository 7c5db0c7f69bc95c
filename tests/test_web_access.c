/* SPDX-License-Identifier: Apache-2.0 */
/* Log-in as an attacker meets it: fixed sessions, foreign pages, roads out of the site, fields that no
 * form has, log-ins that are tried one after the other. */

#include "web/access_acts.h"
#include "web_session.h"

static char firm_login[80];

static int open_firm(void **state)
{
    (void)make_county(state);
    give_password(w->f->user[ROLE_FIRM_AGENT]);
    (void)snprintf(firm_login, sizeof firm_login, "%.*s",
                   STR_ARG(login_of(w->f->user[ROLE_FIRM_AGENT])));
    return 0;
}

static void each_log_in_is_a_new_session(void **state)
{
    (void)state;
    const web_session planted = {"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE", ""};
    web_session one = {"", ""};
    web_session two = {"", ""};
    char cookie[256];
    /* a cookie that somebody planted is not taken over */
    (void)snprintf(cookie, sizeof cookie, "Cookie: tq=%s\r\n", planted.cookie);
    web_answer a = log_in(firm_login, WEB_PASSWORD, "", cookie, &one);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.head, "; HttpOnly"));
    assert_true(holds(a.head, "; SameSite=Lax"));
    assert_true(holds(a.head, "; Path=/"));
    assert_string_not_equal(one.cookie, planted.cookie);
    assert_int_equal(ask_in(&planted, "/me", NULL).status, 401);
    assert_int_equal(ask_in(&one, "/me", NULL).status, 200);
    learn_csrf(&one);
    /* the next log-in in the same browser ends the session before it */
    (void)snprintf(cookie, sizeof cookie, "Cookie: tq=%s\r\nX-CSRF: %s\r\n", one.cookie, one.csrf);
    assert_int_equal(log_in(firm_login, WEB_PASSWORD, "", cookie, &two).status, 200);
    assert_string_not_equal(one.cookie, two.cookie);
    assert_int_equal(ask_in(&one, "/me", NULL).status, 401);
    learn_csrf(&two);
    assert_string_not_equal(one.csrf, two.csrf);
    a = ask_in(&two, "/logout", "{}");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.head, "tq=;"));
    assert_true(holds(a.head, "Max-Age=0"));
    assert_int_equal(ask_in(&two, "/me", NULL).status, 401);
}

static void a_new_password_ends_every_session(void **state)
{
    (void)state;
    const web_session one = firm_session();
    const web_session two = firm_session();
    web_session again = {"", ""};
    DONE(422, ask_in(&one, "/me/password",
                     "{\"password\":\"nicht dieses\",\"new_password\":\"顾渚山下第二泉水清\"}"));
    DONE(422, ask_in(&one, "/me/password",
                     "{\"password\":\"" WEB_PASSWORD "\",\"new_password\":\"aaaaaaaaaaaa\"}"));
    DONE(200, ask_in(&one, "/me/password",
                     "{\"password\":\"" WEB_PASSWORD
                     "\",\"new_password\":\"顾渚山下第二泉水清澈见底\"}"));
    assert_int_equal(ask_in(&one, "/me", NULL).status, 401);
    assert_int_equal(ask_in(&two, "/me", NULL).status, 401);
    assert_int_equal(log_in(firm_login, WEB_PASSWORD, "", "", &again).status, 422);
    give_password(w->f->user[ROLE_FIRM_AGENT]);
}

/* No answer tells whether there is such a log-in. */
static void unknown_and_wrong_look_alike(void **state)
{
    (void)state;
    web_session none = {"", ""};
    char known[2048];
    char unknown[2048];
    web_answer a = log_in(firm_login, "falsches Passwort", "", "", &none);
    assert_int_equal(a.status, 422);
    (void)snprintf(known, sizeof known, "%.*s", STR_ARG(a.body));
    a = log_in("nobody.at.all", "falsches Passwort", "", "", &none);
    assert_int_equal(a.status, 422);
    (void)snprintf(unknown, sizeof unknown, "%.*s", STR_ARG(a.body));
    *strstr(known, "\"request\"") = '\0';
    *strstr(unknown, "\"request\"") = '\0';
    assert_string_equal(known, unknown);
    assert_non_null(strstr(known, "login_refused"));
}

static void another_site_changes_nothing(void **state)
{
    (void)state;
    const web_session s = firm_session();
    static const char body[] = "{\"name\":\"x\",\"to\":\"2099-01-01\"}";
    const struct {
        const char *csrf, *more;
    } cases[] = {
        {"", ""},
        {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""},
        {s.csrf, "Origin: https://evil.example\r\n"},
        {s.csrf, "Origin: null\r\n"},
        {s.csrf, "Origin: http://127.0.0.1:8080.evil.example\r\n"},
        {s.csrf, "Sec-Fetch-Site: cross-site\r\n"},
        {s.csrf, "Sec-Fetch-Site: same-site\r\n"},
    };
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        char headers[512];
        (void)snprintf(headers, sizeof headers, WANT_JSON "Cookie: tq=%s\r\nX-CSRF: %s\r\n%s",
                       s.cookie, cases[i].csrf, cases[i].more);
        if (cases[i].csrf[0] == '\0') {
            (void)snprintf(headers, sizeof headers, WANT_JSON "Cookie: tq=%s\r\n", s.cookie);
        }
        NOTHING_DONE(403, ask_raw("/me/tokens/new", headers, JSON, body));
        NOTHING_DONE(403, ask_raw("/logout", headers, JSON, "{}"));
    }
    /* before there is a session, too: nobody is logged in as somebody else by a foreign page */
    NOTHING_DONE(403, ask_raw("/login", WANT_JSON "Origin: https://evil.example\r\n", JSON,
                              "{\"login\":\"x\",\"password\":\"y\"}"));
    /* a bearer token beside the cookie of another is the bearer's: the cookie is not looked at */
    char headers[512];
    (void)snprintf(headers, sizeof headers,
                   WANT_JSON "Authorization: Bearer tqt_nothing\r\nCookie: tq=%s\r\n", s.cookie);
    assert_int_equal(ask_raw("/me", headers, "", NULL).status, 401);
    assert_int_equal(ask_in(&s, "/me", NULL).status, 200);
}

static void no_way_leads_out_of_the_site(void **state)
{
    (void)state;
    static const struct {
        const char *next, *goes;
    } ways[] = {
        {"%2Fclaims", "/claims"},
        {"%2Fclaims%3Fstate%3Ddraft", "/claims?state=draft"},
        {"%2F%2Fevil.example", "/work"},
        {"%2F%5Cevil.example", "/work"},
        {"https%3A%2F%2Fevil.example", "/work"},
        {"javascript%3Aalert(1)", "/work"},
        {"%2Fa%5C..%5Cevil", "/work"},
        {"evil.example", "/work"},
    };
    for (size_t i = 0; i < TQ_COUNT(ways); i++) {
        char body[512];
        char goes[200];
        (void)snprintf(body, sizeof body, "login=%s&password=%s&next=%s", firm_login,
                       "%E5%AE%89%E5%90%89%E7%99%BD%E8%8C%B6%E4%B8%8E%E9%95%BF%E5%85%B4%E7%B4%AB%"
                       "E7%AC%8B%E8%8C%B6",
                       ways[i].next);
        const web_answer a = ask_raw("/login", WANT_PAGE, FORM, body);
        if (a.status != 303 || !between(a.head, "Location: ", '\r', goes, sizeof goes) ||
            strcmp(goes, ways[i].goes) != 0) {
            fail_msg("%s: %u %.*s", ways[i].next, a.status, STR_ARG(a.head));
        }
    }
    /* a line break is no line of text, so no header either */
    const web_answer a =
        ask_raw("/login", WANT_PAGE, FORM, "login=a&password=b&next=%2Fa%0D%0ASet-Cookie:%20x=y");
    assert_int_equal(a.status, 422);
    assert_false(holds(a.head, "x=y"));
}

static void fields_that_no_form_has(void **state)
{
    (void)state;
    const web_session s = firm_session();
    static const struct {
        const char *path, *body;
    } cases[] = {
        {"/me/password", "{\"password\":\"a\",\"new_password\":\"b\",\"user_id\":1}"},
        {"/me/tokens/new", "{\"name\":\"x\",\"to\":\"2099-01-01\",\"user_id\":1}"},
        {"/register", "{\"kind\":\"team\",\"state\":\"confirmed\"}"},
        {"/invite", "{\"token\":\"x\",\"role\":\"secadmin\"}"},
        {"/users", "{\"name\":\"x\",\"login\":\"y\",\"state\":\"open\"}"},
        {"/grants", "{\"user_id\":1,\"state\":\"active\",\"maker_id\":2}"},
        {"/bank-accounts", "{\"state\":\"active\",\"checker_id\":2}"},
    };
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        NOTHING_DONE(400, ask_in(&s, cases[i].path, cases[i].body));
    }
    /* said twice: which one counts is nobody's guess */
    NOTHING_DONE(400, ask_raw("/login", WANT_JSON, FORM, "login=a&login=b&password=c"));
}

/* Who sends the request does not say where a secret goes. */
static void the_host_is_not_in_a_link(void **state)
{
    (void)state;
    char path[64];
    char headers[512];
    (void)snprintf(path, sizeof path, "/users/%lld/password-link",
                   (long long)w->f->user[ROLE_INST_AGENT]);
    (void)snprintf(headers, sizeof headers,
                   WANT_JSON "X-Forwarded-Host: evil.example\r\nX-Forwarded-For: "
                             "10.0.0.1\r\nCookie: tq=%s\r\nX-CSRF: %s\r\n",
                   w->cookie[ROLE_SECADMIN], w->csrf[ROLE_SECADMIN]);
    const web_answer a = ask_raw(path, headers, JSON, "{}");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "/password?token="));
    assert_false(holds(a.body, "evil"));
}

/* What is counted of an address: of version 6 its network, for nobody has one address of it only. */
static void a_network_counts_as_one(void **state)
{
    (void)state;
    static const struct {
        const char *address, *counted;
    } cases[] = {
        {"", ""},
        {"203.0.113.9", "203.0.113.9"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"::1", "::/64"},
        {"::ffff:203.0.113.9", "203.0.113.9"},
        {"no:address", "no:address"},
    };
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        http_request rq = {0};
        web_rq one = {.http = &rq, .call = {.a = w->f->a}};
        (void)snprintf(rq.address, sizeof rq.address, "%s", cases[i].address);
        const str counted = web_client(&one);
        if (!str_eq(counted, str_of(cases[i].counted))) {
            fail_msg("%s counts as %.*s", cases[i].address, STR_ARG(counted));
        }
    }
}

/* Last: the address waits afterwards. Saying that one comes from elsewhere does not help. */
static void who_guesses_waits(void **state)
{
    (void)state;
    unsigned status = 0;
    for (int i = 0; i < 60 && status != 429; i++) {
        char body[200];
        char headers[200];
        (void)snprintf(body, sizeof body, "{\"login\":\"guess%d\",\"password\":\"wrong-%d\"}", i,
                       i);
        (void)snprintf(headers, sizeof headers,
                       WANT_JSON "X-Forwarded-For: 10.1.1.%d\r\nX-Real-IP: 10.2.2.%d\r\n", i, i);
        const web_answer a = ask_raw("/login", headers, JSON, body);
        status = a.status;
        assert_true(status == 422 || status == 429);
        if (status == 429) {
            assert_true(holds(a.head, "Retry-After: "));
            assert_true(holds(a.body, "login_wait"));
        }
    }
    assert_int_equal(status, 429);
    web_session s = {"", ""};
    assert_int_equal(log_in(firm_login, WEB_PASSWORD, "", "", &s).status, 429);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_log_in_is_a_new_session),
        cmocka_unit_test(a_new_password_ends_every_session),
        cmocka_unit_test(unknown_and_wrong_look_alike),
        cmocka_unit_test(another_site_changes_nothing),
        cmocka_unit_test(no_way_leads_out_of_the_site),
        cmocka_unit_test(fields_that_no_form_has),
        cmocka_unit_test(the_host_is_not_in_a_link),
        cmocka_unit_test(a_network_counts_as_one),
        cmocka_unit_test(who_guesses_waits),
    };
    return cmocka_run_group_tests(tests, open_firm, drop_county);
}
