/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure opens its rows: a township the rows of its own score and no other's (R-ASSESS-030), and lists that
 * are kept to the days of which a figure tells (R-REPORT-040). */
#include "claim_path.h"

#include <stdlib.h>

#include "web_county.h"

#include "app/assessment.h"
#include "app/organisation.h"

#define YEAR 2013
#define BASE fixture_day(2013, 10, 1)
#define AFTER fixture_day(2014, 1, 15)

static web_county *w;

static int open_county(void **state)
{
    (void)state;
    w = web_county_open();
    return 0;
}

static int close_county(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

static void place(int64_t org, int64_t town)
{
    int64_t id = 0;
    const day from = FIXTURE_DAY;
    const call c = fixture_as(w->f, ROLE_OFFICE, from);
    const org_fact_rq rq = {.org_id = org,
                            .kind = STR("place"),
                            .value = arena_printf(w->f->a, "%lld", (long long)town),
                            .from = from};
    NEED(org_fact_record(w->f->app, &c, &rq, &id, err));
}

/* The id of the township's score, as the list of scores tells it to that reader. */
static int64_t score_of(role r, const char *unit)
{
    const web_answer a = web_get(w, r, "/assessment-scores");
    assert_int_equal(a.status, 200);
    const char *row = memmem(a.body.data, a.body.len, unit, strlen(unit));
    assert_non_null(row);
    while (memcmp(row, "{\"id\":", 6) != 0) {
        TQ_ASSERT(row > a.body.data);
        row--;
    }
    return strtoll(row + 6, NULL, 10);
}

static bool opens_rows(role r, int64_t score)
{
    char address[64];
    (void)snprintf(address, sizeof address, "/assessment-scores/%lld", (long long)score);
    const web_answer a = web_get(w, r, address);
    assert_int_equal(a.status, 200);
    return memmem(a.body.data, a.body.len, "\"assessment_row\":[{", 19) != NULL;
}

static void a_township_opens_its_own_rows(void **state)
{
    (void)state;
    int64_t id = 0;
    fixture *f = w->f;
    county_ready(f);
    const int64_t other = fixture_org(f, "township", "和平镇");
    path ours = path_make(f, false, fixture_day(2013, 9, 16));
    path theirs = path_make(f, true, fixture_day(2013, 9, 17));
    place(ours.firm, f->township);
    place(theirs.firm, other);
    const call office = fixture_as(f, ROLE_OFFICE, AFTER);
    const call group = fixture_as(f, ROLE_GROUP, AFTER);
    const decision_paper minutes = {STR("纪要〔2014〕1号"), AFTER, STR("")};
    NEED(assessment_open(f->app, &office, YEAR, BASE, &id, err));
    NEED(assessment_freeze(f->app, &office, id, err));
    NEED(assessment_publish(f->app, &group, id, &minutes, err));
    const int64_t another = score_of(ROLE_TOWNSHIP, "和平镇");
    char unit[64];
    (void)snprintf(unit, sizeof unit, "\"unit_id\":%lld,", (long long)f->township);
    const int64_t own = score_of(ROLE_TOWNSHIP, unit);
    assert_true(own != another);
    assert_true(opens_rows(ROLE_TOWNSHIP, own));
    assert_false(opens_rows(ROLE_TOWNSHIP, another));
    assert_true(opens_rows(ROLE_OFFICE, another));
    assert_false(opens_rows(ROLE_PUBLIC, own));
}

static int64_t count_of(const char *address)
{
    const web_answer a = web_get(w, ROLE_OFFICE, address);
    assert_int_equal(a.status, 200);
    return web_int(w, &a, "count");
}

static void a_list_is_kept_to_days(void **state)
{
    (void)state;
    const int64_t all = count_of("/orders?state=confirmed");
    assert_int_equal(all, 2);
    assert_int_equal(count_of("/orders?state=confirmed&on=confirmed&from=2013-01-01&to=2013-12-31"),
                     all);
    assert_int_equal(count_of("/orders?on=confirmed&from=2014-01-01&to=2014-12-31"), 0);
    assert_int_equal(web_get(w, ROLE_OFFICE, "/orders?on=confirmed&from=2013-01-01").status, 422);
    assert_int_equal(web_get(w, ROLE_OFFICE, "/orders?from=2013-01-01&to=2013-12-31").status, 422);
    assert_int_equal(web_get(w, ROLE_OFFICE, "/orders?on=born&from=2013-01-01&to=2013-12-31")
                         .status,
                     422);
    assert_int_equal(web_get(w, ROLE_OFFICE, "/orders?on=confirmed&from=2013-12-31&to=2013-01-01")
                         .status,
                     422);
    const web_answer page =
        web_page_of(w, ROLE_OFFICE, "/indicators?from=2013-01-01&to=2013-12-31");
    static const char link[] =
        "/orders?state=confirmed&amp;on=confirmed&amp;from=2013-01-01&amp;to=2013-12-31";
    assert_non_null(memmem(page.body.data, page.body.len, link, sizeof link - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_township_opens_its_own_rows),
        cmocka_unit_test(a_list_is_kept_to_days),
    };
    return cmocka_run_group_tests(tests, open_county, close_county);
}
