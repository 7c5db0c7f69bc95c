/* SPDX-License-Identifier: Apache-2.0 */
/* Draws over the site (P-30, R-DRAW-030): who may do which step, and what the public sees of it. */

#include "web_session.h"

#define PLAN                                                                                       \
    "{\"draw_unit\":\"firm\",\"from_day\":\"2013-01-01\",\"to_day\":\"2013-12-31\",\"visitors\":"  \
    "2}"
#define PAPER "{\"paper_no\":\"协调小组纪要〔2014〕1号\",\"paper_day\":\"2014-01-10\"}"

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

static int64_t planned(void)
{
    const web_answer a = web_post(w, ROLE_OFFICE, "/draws", PLAN);
    assert_int_equal(a.status, 201);
    return web_int(w, &a, "id");
}

static void reason_of(web_answer a, unsigned status, const char *reason)
{
    if (a.status != status || !str_eq(web_text(w, &a, "reason"), str_of(reason))) {
        fail_msg("not %u %s but %u %.*s", status, reason, a.status, STR_ARG(a.body));
    }
}

static void steps_and_who_takes_them(void **state)
{
    (void)state;
    assert_int_equal(web_post(w, ROLE_FIRM_AGENT, "/draws", PLAN).status, 404);
    assert_int_equal(web_post(w, ROLE_GROUP, "/draws", PLAN).status, 404);
    const int64_t id = planned();
    const web_answer row = web_get(w, ROLE_GROUP, at("/draws/#", id));
    assert_true(str_eq(web_text(w, &row, "state"), STR("planned")));
    assert_true(str_eq(web_text(w, &row, "draw_counted"),
                       STR("paid_holders"))); /* as the policy says */
    assert_int_equal(web_get(w, ROLE_PUBLIC, at("/draws/#", id)).status,
                     404); /* nothing is fixed yet */
    assert_int_equal(web_get(w, ROLE_PUBLIC, at("/draws/#/replay", id)).status, 404);
    assert_int_equal(web_get(w, ROLE_OFFICE, at("/draws/#/replay", id)).status, 200);
    assert_int_equal(web_get(w, ROLE_OFFICE, at("/draws/#/bundle.json", id)).status, 404);
    assert_int_equal(web_post(w, ROLE_OFFICE, at("/draws/#/approve", id), PAPER).status, 404);
    reason_of(web_post(w, ROLE_OFFICE, at("/draws/#/freeze", id), "{}"), 409, "not_in_this_state");
    assert_int_equal(web_post(w, ROLE_GROUP, at("/draws/#/approve", id), PAPER).status, 200);
    reason_of(web_post(w, ROLE_OFFICE, at("/draws/#/freeze", id), "{}"), 422, "empty_population");
    reason_of(web_post(w, ROLE_OFFICE, at("/draws/#/run", id), "{}"), 409, "not_in_this_state");
    assert_int_equal(web_post(w, ROLE_GROUP, at("/draws/#/cancel", id),
                              "{\"reason\":\"无兑付企业\"}")
                         .status,
                     200);
    const web_answer gone = web_get(w, ROLE_OFFICE, at("/draws/#", id));
    assert_true(str_eq(web_text(w, &gone, "state"), STR("cancelled")));
    assert_int_equal(web_post(w, ROLE_GROUP, at("/draws/#/cancel", id), "{\"reason\":\"再次\"}")
                         .status,
                     409);
}

static void faults_name_their_fields(void **state)
{
    (void)state;
    const web_answer a =
        web_post(w, ROLE_OFFICE, "/draws",
                 "{\"draw_unit\":\"firm\",\"from_day\":\"2013-01-01\",\"to_day\":\"2013-12-31\","
                 "\"visitors\":1}");
    assert_int_equal(a.status, 422);
    reason_of(
        web_post(w, ROLE_OFFICE, "/draws",
                 "{\"draw_unit\":\"firm\",\"from_day\":\"2013-01-01\",\"to_day\":\"2013-12-31\","
                 "\"visitors\":2,\"rate\":\"5\"}"),
        422, "draw_rate");
    reason_of(
        web_post(w, ROLE_OFFICE, "/draws",
                 "{\"draw_unit\":\"firm\",\"from_day\":\"2013-12-31\",\"to_day\":\"2013-01-01\","
                 "\"visitors\":2}"),
        422, "draw_plan");
    reason_of(
        web_post(w, ROLE_OFFICE, "/draws",
                 "{\"draw_unit\":\"firm\",\"from_day\":\"2013-01-01\",\"to_day\":\"2013-12-31\","
                 "\"visitors\":2,\"strata\":\"kind\"}"),
        422, "draw_plan");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_who_takes_them),
        cmocka_unit_test(faults_name_their_fields),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
