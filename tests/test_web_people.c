/* SPDX-License-Identifier: Apache-2.0 */
/* Registration, people, roles, tokens, organisations and their accounts, as their users do them: by
 * JSON for the whole way, by form where a fault is told. */

#include "base/ids.h"
#include "web_session.h"

static char text[4096]; /* what is sent; each step writes it anew */

static const char *say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *say(const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    const int n = vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    assert_true(n > 0 && (size_t)n < sizeof text);
    return text;
}

static char path_text[128];

static const char *at(const char *format, int64_t id)
{
    const char *hole = strchr(format, '#');
    assert_non_null(hole);
    (void)snprintf(path_text, sizeof path_text, "%.*s%lld%s", (int)(hole - format), format,
                   (long long)id, hole + 1);
    return path_text;
}

/* As the site says: the programme's zone has been eight hours before UTC since 1991. */
static day today(void)
{
    return (day){(int32_t)((instant_now().us / 1000000 + 8 * 3600) / 86400)};
}

static const char *day_text(int after)
{
    static char room[4][16];
    static size_t turn = 0;
    const ymd d = day_ymd(day_add(today(), after));
    turn = (turn + 1) % TQ_COUNT(room);
    (void)snprintf(room[turn], sizeof room[turn], "%04d-%02d-%02d", d.year, d.month, d.mday);
    return room[turn];
}

static int64_t made(web_answer a)
{
    if (a.status != 201) {
        print_error("%u %.*s\n", a.status, STR_ARG(a.body));
    }
    assert_int_equal(a.status, 201);
    return web_int(w, &a, "id");
}

static void state_is(role r, const char *path, const char *state)
{
    const web_answer a = web_get(w, r, path);
    assert_int_equal(a.status, 200);
    const str found = web_text(w, &a, "state");
    if (!str_eq(found, str_of(state))) {
        fail_msg("%s is %.*s, not %s", path, STR_ARG(found), state);
    }
}

static const char *filing(const char *code, const char *login)
{
    return say("{\"kind\":\"enterprise\",\"credit_code\":\"%s\",\"name\":\"画溪轴承有限公司\","
               "\"region\":\"330522\","
               "\"contact\":\"钱某\",\"phone\":\"13900000001\",\"login\":\"%s\",\"new_password\":"
               "\"" WEB_PASSWORD "\"}",
               code, login);
}

static void a_firm_registers_and_logs_in(void **state)
{
    (void)state;
    const credit_code code = credit_code_make("91", "330522", 777001);
    char secret[SECRET_MAX];
    char number[SECRET_MAX];
    web_session s = {"", ""};
    web_answer a = PUBLIC_POST("/register", filing(code.text, "huaxi.qian"));
    assert_int_equal(a.status, 200);
    assert_true(between(a.body, "\"secret\":\"", '"', secret, sizeof secret));
    assert_true(between(a.body, "\"number\":\"", '"', number, sizeof number));
    const int64_t id = strtoll(number, NULL, 10);
    a = PUBLIC_POST("/progress", say("{\"number\":%s,\"secret\":\"%s\"}", number, secret));
    assert_int_equal(a.status, 200);
    assert_true(str_eq(web_text(w, &a, "state"), STR("filed")));
    assert_false(holds(a.body, "钱某")); /* whoever has the paper is not told who filed */
    /* a wrong number and a wrong secret are one answer */
    NOTHING_DONE(422, PUBLIC_POST("/progress", say("{\"number\":%lld,\"secret\":\"%s\"}",
                                                   (long long)id + 1, secret)));
    NOTHING_DONE(422, PUBLIC_POST("/progress", say("{\"number\":%s,\"secret\":\"%c%s\"}", number,
                                                   secret[0] == 'A' ? 'B' : 'A', secret + 1)));
    /* other firms, and staff without the task, find nothing */
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/registrations/#", id)).status, 404);
    assert_int_equal(web_get(w, ROLE_OFFICE, at("/registrations/#", id)).status, 404);
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, at("/registrations/#/confirm", id), "{}"));
    NOTHING_DONE(422, log_in("huaxi.qian", WEB_PASSWORD, "", "", &s).status == 422
                          ? (web_answer){.status = 422}
                          : (web_answer){.status = 200});
    a = web_get(w, ROLE_INTAKE, at("/registrations/#", id));
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "钱某"));
    assert_false(holds(a.body, "argon2"));
    DONE(200, web_post(w, ROLE_INTAKE, at("/registrations/#/confirm", id),
                       say("{\"place_id\":%lld}", (long long)w->f->township)));
    state_is(ROLE_INTAKE, at("/registrations/#", id), "confirmed");
    NOTHING_DONE(409, web_post(w, ROLE_CENTRE, at("/registrations/#/refuse", id),
                               "{\"reason\":\"迟了\"}"));
    DONE(200, log_in("huaxi.qian", WEB_PASSWORD, "", "", &s));
    assert_int_equal(ask_in(&s, "/vouchers", NULL).status, 200);
}

static void faults_of_a_form_are_told_at_their_fields(void **state)
{
    (void)state;
    web_answer a = ask_raw("/register", WANT_PAGE, FORM, "kind=farm&name=x&login=y");
    assert_int_equal(a.status, 422);
    assert_true(holds(a.body, "#f-kind"));
    assert_true(holds(a.body, "#f-region"));
    assert_true(holds(a.body, "#f-new_password"));
    /* what only the use case can tell stands at the field too, under its name */
    a = ask_raw("/register", WANT_PAGE, FORM,
                "kind=enterprise&credit_code=913305220000000000&name=x&region=330522&contact=y&"
                "login=some.body&"
                "new_password=gu-zhu-shan-zi-sun");
    assert_int_equal(a.status, 422);
    assert_true(holds(a.body, "#f-credit_code"));
    assert_false(holds(a.body, "gu-zhu-shan")); /* a password is not sent back */
    a = PUBLIC_POST("/register", filing("913305220000000000", "some.body"));
    assert_int_equal(a.status, 422);
    assert_true(holds(a.body, "credit_code"));
    for (int i = 0; i < 2; i++) {
        a = ask_raw("/register", i == 0 ? WANT_PAGE : WANT_PAGE "Accept-Language: en\r\n", "",
                    NULL);
        assert_int_equal(a.status, 200);
        assert_true(holds(a.body, i == 0 ? "单位注册" : "Register"));
    }
}

static void a_refusal_gives_its_reason(void **state)
{
    (void)state;
    const credit_code code = credit_code_make("91", "330522", 777002);
    char secret[SECRET_MAX];
    char number[SECRET_MAX];
    web_answer a = PUBLIC_POST("/register", filing(code.text, "huaxi.sun"));
    assert_true(between(a.body, "\"secret\":\"", '"', secret, sizeof secret));
    assert_true(between(a.body, "\"number\":\"", '"', number, sizeof number));
    const int64_t id = strtoll(number, NULL, 10);
    DONE(200, web_post(w, ROLE_CENTRE, at("/registrations/#/refuse", id),
                       "{\"reason\":\"名称与登记不符\"}"));
    a = PUBLIC_POST("/progress", say("{\"number\":%s,\"secret\":\"%s\"}", number, secret));
    assert_true(str_eq(web_text(w, &a, "state"), STR("refused")));
    assert_true(holds(a.body, "名称与登记不符"));
}

static void a_log_in_with_its_role(void **state)
{
    (void)state;
    const int64_t user =
        made(web_post(w, ROLE_SECADMIN, "/users", "{\"name\":\"李某\",\"login\":\"li.mou\"}"));
    NOTHING_DONE(409,
                 web_post(w, ROLE_SECADMIN, "/users", "{\"name\":\"李某\",\"login\":\"li.mou\"}"));
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, at("/users/#/close", user), "{}"));
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/users/#", user)).status, 404);
    /* a township's role names its place */
    NOTHING_DONE(422, web_post(w, ROLE_SECADMIN, "/grants",
                               say("{\"user_id\":%lld,\"role\":\"township\"}", (long long)user)));
    NOTHING_DONE(422, web_post(w, ROLE_SECADMIN, "/grants",
                               say("{\"user_id\":%lld,\"role\":\"township\",\"org_id\":%lld}",
                                   (long long)user, (long long)w->f->firm)));
    /* an office asks for roles of its programme, but for no administrator's */
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, "/grants",
                               say("{\"user_id\":%lld,\"role\":\"secadmin\"}", (long long)user)));
    const int64_t grant =
        made(web_post(w, ROLE_OFFICE, "/grants",
                      say("{\"user_id\":%lld,\"role\":\"township\",\"org_id\":%lld}",
                          (long long)user, (long long)w->f->township)));
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, at("/grants/#/confirm", grant), "{}"));
    DONE(200, web_post(w, ROLE_SECADMIN, at("/grants/#/confirm", grant), "{}"));
    state_is(ROLE_SECADMIN, at("/grants/#", grant), "active");
    NOTHING_DONE(409, web_post(w, ROLE_SECADMIN, at("/grants/#/confirm", grant), "{}"));
    const int64_t next =
        made(web_post(w, ROLE_SECADMIN, "/users", "{\"name\":\"周某\",\"login\":\"zhou.mou\"}"));
    DONE(200, web_post(w, ROLE_SECADMIN, at("/users/#/hand-over", user),
                       say("{\"to_user_id\":%lld}", (long long)next)));
    state_is(ROLE_SECADMIN, at("/users/#", user), "closed");
    /* what can be done is offered on the page, and only while it can */
    assert_false(holds(web_page_of(w, ROLE_SECADMIN, at("/users/#", user)).body,
                       "/factor-reset\""));
    assert_true(holds(web_page_of(w, ROLE_SECADMIN, at("/users/#", next)).body, "/factor-reset\""));
    state_is(ROLE_SECADMIN, at("/grants/#", grant), "ended");
    DONE(200, web_post(w, ROLE_SECADMIN, at("/users/#/close", next), "{}"));
    NOTHING_DONE(409, web_post(w, ROLE_SECADMIN, at("/users/#/close", next), "{}"));
    NOTHING_DONE(404, web_post(w, ROLE_SECADMIN, "/users/987654321/close", "{}"));
}

/* A first password by link, then printed codes, then the role: nothing opens before. */
static void staff_enrol_before_they_work(void **state)
{
    (void)state;
    web_session s = {"", ""};
    int64_t user = 0;
    int64_t person = 0;
    char login[80];
    char code[SECRET_MAX];
    fixture_person(w->f, ROLE_REVIEWER1, 0, &user, &person);
    give_password(user);
    (void)snprintf(login, sizeof login, "%.*s", STR_ARG(login_of(user)));
    web_answer a = log_in(login, WEB_PASSWORD, "", "", &s);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "/me/factor"));
    learn_csrf(&s);
    assert_int_equal(ask_in(&s, "/claims", NULL).status, 404);
    char headers[256];
    (void)snprintf(headers, sizeof headers, WANT_PAGE "Cookie: tq=%s\r\n", s.cookie);
    a = ask_raw("/claims", headers, "", NULL);
    assert_int_equal(a.status, 303);
    assert_true(holds(a.head, "Location: /me/factor"));
    assert_int_equal(ask_raw("/me/factor", headers, "", NULL).status, 200);
    NOTHING_DONE(409, ask_in(&s, "/me/factor/confirm", "{\"code\":\"123456\"}"));
    a = ask_in(&s, "/me/factor/app", "{\"password\":\"" WEB_PASSWORD "\"}");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "otpauth://"));
    DONE(422, ask_in(&s, "/me/factor/confirm", "{\"code\":\"000000\"}"));
    a = ask_in(&s, "/me/factor/codes", "{\"password\":\"" WEB_PASSWORD "\"}");
    assert_int_equal(a.status, 200);
    assert_true(between(a.body, "\"codes\":[\"", '"', code, sizeof code));
    web_session in = {"", ""};
    assert_int_equal(log_in(login, WEB_PASSWORD, "", "", &in).status, 422);
    DONE(200, log_in(login, WEB_PASSWORD, code, "", &in));
    assert_int_equal(ask_in(&in, "/claims", NULL).status, 200);
    assert_int_equal(log_in(login, WEB_PASSWORD, code, "", &s).status, 422); /* each code once */
    DONE(200, web_post(w, ROLE_SECADMIN, at("/users/#/factor-reset", user), "{}"));
    assert_int_equal(ask_in(&in, "/claims", NULL).status, 401);
    NOTHING_DONE(409, web_post(w, ROLE_SECADMIN, at("/users/#/unlock", user), "{}"));
}

static void tokens_of_ones_own(void **state)
{
    (void)state;
    give_password(w->f->user[ROLE_FIRM_AGENT]);
    const web_session s = firm_session();
    char token[SECRET_MAX];
    char headers[256];
    NOTHING_DONE(422, ask_in(&s, "/me/tokens/new", "{\"name\":\"脚本\",\"to\":\"2199-01-01\"}"));
    web_answer a = ask_in(&s, "/me/tokens/new",
                          say("{\"name\":\"脚本\",\"to\":\"%s\",\"read_only\":true,\"roles\":[{"
                              "\"role\":\"firm_agent\"}]}",
                              day_text(10)));
    assert_int_equal(a.status, 200);
    const int64_t id = web_int(w, &a, "token_id");
    assert_true(between(a.body, "\"token\":\"", '"', token, sizeof token));
    (void)snprintf(headers, sizeof headers, WANT_JSON "Authorization: Bearer %s\r\n", token);
    assert_int_equal(ask_raw("/vouchers", headers, "", NULL).status, 200);
    /* a token that only reads changes nothing, and no token makes another or touches the account */
    NOTHING_DONE(404, ask_raw("/applications", headers, JSON, "{}"));
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, "/me/tokens/new",
                               say("{\"name\":\"x\",\"to\":\"%s\"}", day_text(3))));
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, "/me/password",
                               "{\"password\":\"a\",\"new_password\":\"b\"}"));
    NOTHING_DONE(401,
                 PUBLIC_POST("/me/tokens/new", say("{\"name\":\"x\",\"to\":\"%s\"}", day_text(3))));
    a = ask_in(&s, "/me/tokens", NULL);
    assert_true(holds(a.body, "脚本"));
    assert_false(holds(a.body, token));
    DONE(200, ask_in(&s, "/me/tokens/end", say("{\"token_id\":%lld}", (long long)id)));
    NOTHING_DONE(409, ask_in(&s, "/me/tokens/end", say("{\"token_id\":%lld}", (long long)id)));
    assert_int_equal(ask_raw("/vouchers", headers, "", NULL).status, 401);
}

static void an_invitation_is_good_once(void **state)
{
    (void)state;
    char token[SECRET_MAX];
    char sent[1024];
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, "/invitations/new", "{\"role\":\"office\"}"));
    web_answer a = web_post(w, ROLE_FIRM_AGENT, "/invitations/new", "{\"role\":\"firm_finance\"}");
    assert_int_equal(a.status, 200);
    assert_true(between(a.body, "/invite?token=", '"', token, sizeof token));
    (void)snprintf(sent, sizeof sent,
                   "{\"token\":\"%s\",\"name\":\"郑某\",\"login\":\"zheng.mou\",\"new_password\":"
                   "\"" WEB_PASSWORD "\"}",
                   token);
    char path[128];
    (void)snprintf(path, sizeof path, "/invite?token=%s", token);
    a = ask_raw(path, WANT_PAGE, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, token));
    DONE(200, PUBLIC_POST("/invite", sent));
    NOTHING_DONE(422, PUBLIC_POST("/invite", sent));
    a = web_post(w, ROLE_FIRM_AGENT, "/invitations/new", "{\"role\":\"firm_agent\"}");
    const int64_t id = web_int(w, &a, "invitation_id");
    NOTHING_DONE(404, web_post(w, ROLE_INST_AGENT, "/invitations/end",
                               say("{\"invitation_id\":%lld}", (long long)id)));
    DONE(200, web_post(w, ROLE_FIRM_AGENT, "/invitations/end",
                       say("{\"invitation_id\":%lld}", (long long)id)));
    a = web_get(w, ROLE_FIRM_AGENT, "/invitations");
    assert_true(holds(a.body, "accepted") && holds(a.body, "ended"));
    assert_int_equal(web_page_of(w, ROLE_FIRM_AGENT, "/invitations").status, 200);
    a = web_get(w, ROLE_INST_AGENT, "/invitations");
    assert_false(holds(a.body, "accepted"));
}

static void a_role_is_lent_and_taken_back(void **state)
{
    (void)state;
    const char *body =
        say("{\"to_user_id\":%lld,\"from\":\"%s\",\"to\":\"%s\",\"limit\":\"30000.00\"}",
            (long long)w->f->user[ROLE_CENTRE], day_text(0), day_text(5));
    NOTHING_DONE(404, web_post(w, ROLE_SECADMIN, "/delegations", body));
    const int64_t id = made(web_post(w, ROLE_OFFICE, "/delegations", body));
    state_is(ROLE_OFFICE, at("/delegations/#", id), "active");
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/delegations/#", id)).status, 404);
    NOTHING_DONE(404, web_post(w, ROLE_INTAKE, at("/delegations/#/end", id), "{}"));
    DONE(200, web_post(w, ROLE_CENTRE, at("/delegations/#/end", id), "{}"));
    state_is(ROLE_OFFICE, at("/delegations/#", id), "ended");
}

static void what_changes_of_an_organisation(void **state)
{
    (void)state;
    const int64_t firm = fixture_org(w->f, "enterprise", "吕山纺织有限公司");
    const int64_t branch = fixture_org(w->f, "institution", "吕山检测站");
    DONE(200, web_post(w, ROLE_INTAKE, at("/organisations/#/rename", firm),
                       say("{\"name\":\"吕山新材料有限公司\",\"from\":\"%s\"}", day_text(0))));
    web_answer a = web_get(w, ROLE_INTAKE, at("/organisations/#", firm));
    assert_true(str_eq(web_text(w, &a, "name"), STR("吕山新材料有限公司")));
    NOTHING_DONE(422, web_post(w, ROLE_INTAKE, at("/organisations/#/facts", firm),
                               "{\"kind\":\"colour\",\"value\":\"x\"}"));
    DONE(200,
         web_post(w, ROLE_INTAKE, at("/organisations/#/facts", firm),
                  "{\"kind\":\"certificate\",\"value\":\"高新技术企业\",\"number\":\"GR2013\"}"));
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, at("/organisations/#/facts", w->f->firm),
                               "{\"kind\":\"certificate\",\"value\":\"自封\"}"));
    NOTHING_DONE(422, web_post(w, ROLE_INTAKE, at("/organisations/#/end-fact", w->f->firm),
                               say("{\"fact_id\":999999,\"to\":\"%s\"}", day_text(0))));
    DONE(200, web_post(w, ROLE_OFFICE, at("/organisations/#/links", branch),
                       say("{\"kind\":\"invoice_issuer\",\"other_id\":%lld,\"letter\":\"2013-7\"}",
                           (long long)w->f->institution)));
    DONE(200, web_post(w, ROLE_OFFICE, at("/organisations/#/parent", branch),
                       say("{\"parent_id\":%lld}", (long long)w->f->institution)));
    NOTHING_DONE(404, web_post(w, ROLE_INTAKE, at("/organisations/#/dissolve", firm), "{}"));
    DONE(200, web_post(w, ROLE_OFFICE, at("/organisations/#/dissolve", firm), "{}"));
    state_is(ROLE_OFFICE, at("/organisations/#", firm), "dissolved");
    NOTHING_DONE(409, web_post(w, ROLE_OFFICE, at("/organisations/#/dissolve", firm), "{}"));
}

static void an_account_needs_two_people(void **state)
{
    (void)state;
    static const char good[] =
        "{\"holder\":\"长兴绿能电池有限公司\",\"number\":\"6222 0212 0500 0012 345\","
        "\"bank\":\"示例银行\",\"bank_code\":\"102336500018\"}";
    NOTHING_DONE(422, web_post(w, ROLE_FIRM_AGENT, "/bank-accounts",
                               "{\"holder\":\"别人\",\"number\":\"62220212050000\",\"bank\":"
                               "\"示例银行\",\"bank_code\":\"102336500018\"}"));
    const int64_t id = made(web_post(w, ROLE_FIRM_AGENT, "/bank-accounts", good));
    web_answer a = web_get(w, ROLE_FIRM_AGENT, at("/bank-accounts/#", id));
    assert_true(holds(a.body, "2345"));
    assert_false(holds(a.body, "622202"));
    assert_int_equal(web_get(w, ROLE_INST_AGENT, at("/bank-accounts/#", id)).status, 404);
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, at("/bank-accounts/#/confirm", id), "{}"));
    DONE(200, web_post(w, ROLE_INTAKE, at("/bank-accounts/#/confirm", id), "{}"));
    state_is(ROLE_INTAKE, at("/bank-accounts/#", id), "active");
    NOTHING_DONE(409, web_post(w, ROLE_OFFICE, at("/bank-accounts/#/refuse", id), "{}"));
    DONE(200, web_post(w, ROLE_FINANCE_MAKER, at("/bank-accounts/#/close", id), "{}"));
}

static void agreements_and_recognitions(void **state)
{
    (void)state;
    const int64_t id = made(web_post(
        w, ROLE_OFFICE, "/agreements",
        say("{\"partner\":\"上海市科委\",\"region\":\"31\",\"from\":\"%s\",\"doc_no\":\"沪长1号\"}",
            day_text(0))));
    assert_int_equal(ask_raw(at("/agreements/#", id), WANT_PAGE, "", NULL).status, 200);
    const char *body =
        say("{\"org_id\":%lld,\"from\":\"%s\",\"paper_no\":\"纪要3号\",\"paper_day\":\"%s\"}",
            (long long)w->f->institution, day_text(0), day_text(0));
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, "/recognitions", body));
    const int64_t given = made(web_post(w, ROLE_GROUP, "/recognitions", body));
    assert_int_equal(web_get(w, ROLE_INST_AGENT, at("/recognitions/#", given)).status, 200);
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/recognitions/#", given)).status, 404);
}

/* R-ACCESS-110: what lies in another township is not there. */
static void a_township_sees_its_own_place(void **state)
{
    (void)state;
    const int64_t other = fixture_org(w->f, "township", "和平镇");
    const int64_t moved = fixture_org(w->f, "enterprise", "和平制造有限公司");
    DONE(200, web_post(w, ROLE_INTAKE, at("/organisations/#/facts", moved),
                       say("{\"kind\":\"place\",\"value\":\"%lld\"}", (long long)other)));
    DONE(200, web_post(w, ROLE_INTAKE, at("/organisations/#/facts", moved),
                       say("{\"kind\":\"assessment_unit\",\"value\":\"%lld\"}", (long long)other)));
    assert_int_equal(web_get(w, ROLE_TOWNSHIP, at("/organisations/#", w->f->firm)).status, 200);
    assert_int_equal(web_get(w, ROLE_TOWNSHIP, at("/organisations/#", moved)).status, 404);
    const web_answer a = web_get(w, ROLE_TOWNSHIP, "/organisations");
    assert_true(holds(a.body, "长兴绿能电池"));
    assert_false(holds(a.body, "和平制造"));
}

/* Last: registrations from here wait afterwards. Each question about a log-in that is taken counts. */
static void who_tries_log_ins_by_registering_waits(void **state)
{
    (void)state;
    unsigned status = 0;
    int asked = 0;
    for (int i = 0; i < 25 && status != 429; i++) {
        const credit_code code = credit_code_make("91", "330522", (uint32_t)(778000 + i));
        const web_answer a = PUBLIC_POST("/register", filing(code.text, "huaxi.qian"));
        status = a.status;
        asked++;
        assert_true(status == 409 || status == 429);
        if (status == 429) {
            assert_true(holds(a.head, "Retry-After: "));
        }
    }
    assert_int_equal(status, 429);
    assert_true(asked > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_firm_registers_and_logs_in),
        cmocka_unit_test(faults_of_a_form_are_told_at_their_fields),
        cmocka_unit_test(a_refusal_gives_its_reason),
        cmocka_unit_test(a_log_in_with_its_role),
        cmocka_unit_test(staff_enrol_before_they_work),
        cmocka_unit_test(tokens_of_ones_own),
        cmocka_unit_test(an_invitation_is_good_once),
        cmocka_unit_test(a_role_is_lent_and_taken_back),
        cmocka_unit_test(what_changes_of_an_organisation),
        cmocka_unit_test(an_account_needs_two_people),
        cmocka_unit_test(agreements_and_recognitions),
        cmocka_unit_test(a_township_sees_its_own_place),
        cmocka_unit_test(who_tries_log_ins_by_registering_waits),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
