/* SPDX-License-Identifier: Apache-2.0 */
/* A second programme of the installation beside the first, its public pages, outages by two persons, and
 * calls for applications (P-20, P-22, R-APPLY-030, R-OUTAGE-010), over the site as their users do them. */

#include "app/programme.h"
#include "web_session.h"

static char text[1024];

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

static int64_t made(web_answer a)
{
    if (a.status != 201) {
        fail_msg("%u %.*s", a.status, STR_ARG(a.body));
    }
    return web_int(w, &a, "id");
}

static void state_of(role r, const char *path, const char *state)
{
    const web_answer a = web_get(w, r, path);
    assert_int_equal(a.status, 200);
    assert_true(str_eq(web_text(w, &a, "state"), str_of(state)));
}

static const char *at(const char *form, int64_t id)
{
    static char path[4][80];
    static size_t turn = 0;
    const char *hole = strchr(form, '#');
    assert_non_null(hole);
    turn = (turn + 1) % TQ_COUNT(path);
    (void)snprintf(path[turn], sizeof path[0], "%.*s%lld%s", (int)(hole - form), form,
                   (long long)id, hole + 1);
    return path[turn];
}

static const char *day_text(int after)
{
    static char room[4][16];
    static size_t turn = 0;
    const ymd d = day_ymd(day_add(w->now[ROLE_OFFICE].today, after));
    turn = (turn + 1) % TQ_COUNT(room);
    (void)snprintf(room[turn], sizeof room[0], "%04d-%02d-%02d", d.year, d.month, d.mday);
    return room[turn];
}

static void an_outage_counts_once_another_person_has_declared_it(void **state)
{
    (void)state;
    const char *from = day_text(30);
    const int64_t id = made(web_post(w, ROLE_SYSADMIN, "/outages",
                                     say("{\"from\":\"%s\",\"to\":\"%s\",\"cause\":\"机房搬迁\"}",
                                         from, day_text(31))));
    state_of(ROLE_OFFICE, at("/outages/#", id), "filed");
    assert_int_equal(web_get(w, ROLE_PUBLIC, at("/outages/#", id)).status,
                     404); /* nothing holds yet */
    NOTHING_DONE(404, web_post(w, ROLE_SYSADMIN, at("/outages/#/declare", id), "{}"));
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, at("/outages/#/withdraw", id), "{}"));
    DONE(200, web_post(w, ROLE_GROUP, at("/outages/#/declare", id), "{}"));
    state_of(ROLE_PUBLIC, at("/outages/#", id), "declared");
    assert_true(holds(ask_raw("/outages", WANT_PAGE, "", NULL).body, "机房搬迁"));
    NOTHING_DONE(409, web_post(w, ROLE_SYSADMIN, at("/outages/#/withdraw", id), "{}"));
    NOTHING_DONE(422, web_post(w, ROLE_OFFICE, "/outages",
                               say("{\"from\":\"%s\",\"to\":\"%s\",\"cause\":\"颠倒\"}",
                                   day_text(9), day_text(8))));
}

static void who_filed_it_does_not_declare_it(void **state)
{
    (void)state;
    const int64_t id = made(web_post(w, ROLE_OFFICE, "/outages",
                                     say("{\"from\":\"%s\",\"to\":\"%s\",\"cause\":\"误报\"}",
                                         day_text(40), day_text(40))));
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, at("/outages/#/declare", id), "{}"));
    DONE(200, web_post(w, ROLE_OFFICE, at("/outages/#/withdraw", id), "{}"));
    state_of(ROLE_OFFICE, at("/outages/#", id), "withdrawn");
    NOTHING_DONE(409, web_post(w, ROLE_GROUP, at("/outages/#/declare", id), "{}"));
    NOTHING_DONE(409, web_post(w, ROLE_OFFICE, at("/outages/#/withdraw", id), "{}"));
}

static void a_programme_says_whom_to_ask(void **state)
{
    (void)state;
    const int64_t own = w->f->programme_id;
    NOTHING_DONE(404, web_post(w, ROLE_FIRM_AGENT, at("/programmes/#/change", own),
                               "{\"phone\":\"1\"}"));
    NOTHING_DONE(409, web_post(w, ROLE_OFFICE, at("/programmes/#/change", own), "{}"));
    DONE(200, web_post(w, ROLE_OFFICE, at("/programmes/#/change", own),
                       "{\"office\":\"长兴县科学技术局\",\"phone\":\"0572-6021000\",\"address\":"
                       "\"长兴县锦绣路1号\"}"));
    const web_answer a = ask_raw("/?lang=zh", WANT_PAGE, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "0572-6021000"));
    assert_true(holds(a.body, "长兴县锦绣路1号"));
    assert_true(holds(a.body, "/objections/new"));
    assert_false(holds(a.body, "全部项目")); /* there is one */
}

static void a_second_programme_has_addresses_of_its_own(void **state)
{
    (void)state;
    const char *second = "{\"code\":\"330523\",\"name_zh\":\"安吉县创新券\",\"name_en\":\"Anji "
                         "vouchers\",\"division\":\"330523\","
                         "\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"fiscal_month\":1}";
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, "/programmes", second));
    const int64_t id = made(web_post(w, ROLE_SYSADMIN, "/programmes", second));
    NOTHING_DONE(409, web_post(w, ROLE_SYSADMIN, "/programmes", second));
    NOTHING_DONE(404, web_post(w, ROLE_OFFICE, at("/programmes/#/change", id),
                               "{\"phone\":\"1\"}")); /* not theirs */
    DONE(200, web_post(w, ROLE_SYSADMIN, at("/programmes/#/change", id),
                       "{\"phone\":\"0572-5123000\"}"));
    web_answer a = ask_raw("/?lang=zh", WANT_PAGE, "", NULL);
    assert_true(holds(a.body, "全部项目"));
    assert_true(holds(a.body, "/?programme=330523"));
    assert_false(holds(a.body, "0572-5123000"));
    a = ask_raw("/?programme=330523&lang=zh", WANT_PAGE, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "0572-5123000"));
    assert_false(holds(a.body, "0572-6021000"));
    assert_true(holds(a.body, "href=\"/publications?programme=330523\""));
    /* the lists are those of the programme, also where a filter goes on */
    assert_true(holds(ask_raw("/policy?programme=330523&lang=zh", WANT_PAGE, "", NULL).body,
                      "尚未施行"));
    assert_true(holds(ask_raw("/outages?programme=330523", WANT_JSON, "", NULL).body,
                      "\"count\":0"));
    assert_true(holds(ask_raw("/organisations?programme=330523", WANT_PAGE, "", NULL).body,
                      "name=\"programme\" value=\"330523\""));
    assert_true(holds(ask_raw("/open/headline.json?programme=330523", WANT_JSON, "", NULL).body,
                      "\"issued_fen\":0"));
    assert_int_equal(ask_raw("/?programme=nowhere", WANT_JSON, "", NULL).status, 404);
    assert_int_equal(ask_raw("/organisations?programm=1", WANT_JSON, "", NULL).status, 422);
}

static void applications_of_the_round_wait_for_a_call(void **state)
{
    (void)state;
    char body[256];
    fixture *f = w->f;
    const int64_t kind = fixture_kind(f, "apply");
    (void)snprintf(body, sizeof body, "{\"kind_id\":%lld,\"way\":\"round\",\"asked\":\"100.00\"}",
                   (long long)kind);
    const int64_t later =
        made(web_post(w, ROLE_OFFICE, "/calls",
                      say("{\"title\":\"明年集中申报\",\"from\":\"%s\",\"to\":\"%s\"}",
                          day_text(20), day_text(40))));
    const web_answer a = web_post(w, ROLE_FIRM_AGENT, "/applications", body);
    assert_true(a.status == 201 || a.status == 409);
    if (a.status == 201) { /* a firm drafts at any time; what it may not do is submit */
        const int64_t id = web_int(w, &a, "id");
        NOTHING_DONE(409, web_post(w, ROLE_FIRM_AGENT, at("/applications/#/submit", id), "{}"));
    } else {
        assert_true(holds(a.body, "no_call"));
    }
    assert_false(holds(ask_raw("/?lang=zh", WANT_PAGE, "", NULL).body, "明年集中申报"));
    const int64_t now = made(web_post(
        w, ROLE_OFFICE, "/calls",
        say("{\"title\":\"本期申报\",\"from\":\"%s\",\"to\":\"%s\",\"detail\":\"携带合同\"}",
            day_text(0), day_text(1))));
    assert_true(holds(ask_raw("/?lang=zh", WANT_PAGE, "", NULL).body, "本期申报"));
    DONE(201, web_post(w, ROLE_FIRM_AGENT, "/applications", body));
    NOTHING_DONE(404, web_post(w, ROLE_INTAKE, at("/calls/#/close", now), "{}"));
    DONE(200, web_post(w, ROLE_OFFICE, at("/calls/#/close", now), "{}"));
    NOTHING_DONE(409, web_post(w, ROLE_OFFICE, at("/calls/#/close", now), "{}"));
    assert_false(holds(ask_raw("/?lang=zh", WANT_PAGE, "", NULL).body, "本期申报"));
    DONE(200, web_post(w, ROLE_OFFICE, at("/calls/#/close", later), "{}"));
}

static void the_calendar_is_a_table_of_the_year(void **state)
{
    (void)state;
    web_answer a = web_get(w, ROLE_OFFICE, "/calendars");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "{\"id\":1,\"year\":2013"));
    const int64_t id = 1; /* the county's calendars begin with 2013 */
    a = web_page_of(w, ROLE_OFFICE, at("/calendars/#/table?lang=zh", id));
    assert_int_equal(a.status, 200);
    static const char *const marks[] = {">末<", ">休<", ">班<"};
    for (size_t i = 0; i < TQ_COUNT(marks); i++) {
        assert_true(holds(a.body, marks[i]));
    }
    assert_int_equal(web_get(w, ROLE_PUBLIC, at("/calendars/#/table", id)).status, 401);
    /* the county has next year's calendar: nobody is warned; the policy in force is named */
    a = web_page_of(w, ROLE_OFFICE, "/work?lang=zh");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "现行政策"));
    assert_false(holds(a.body, "明年的工作日历尚未设定"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outage_counts_once_another_person_has_declared_it),
        cmocka_unit_test(who_filed_it_does_not_declare_it),
        cmocka_unit_test(a_programme_says_whom_to_ask),
        cmocka_unit_test(applications_of_the_round_wait_for_a_call),
        cmocka_unit_test(the_calendar_is_a_table_of_the_year),
        cmocka_unit_test(a_second_programme_has_addresses_of_its_own),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
