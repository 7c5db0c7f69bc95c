/* SPDX-License-Identifier: Apache-2.0 */
/* Institutions off the list take no new orders, and what they accepted goes on (R-SANC-110). */
#include "claim_path.h"

#include "app/delisting.h"
#include "app/view.h"

#define DAY fixture_day(2013, 10, 14)

static decision_paper minutes(void)
{
    return (decision_paper){.number = STR("纪要〔2013〕18号"), .day = DAY};
}

static tq_code propose(path *p, order_result *r, tq_err *err)
{
    const call firm = as_firm(p);
    const order_proposal rq = {.voucher_id = p->voucher,
                               .institution_id = p->f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("电池循环寿命检测"),
                               .contract_fen = CONTRACT_FEN / 5,
                               .end = day_add(p->d, 60)};
    return order_propose(p->f->app, &firm, &rq, r, err);
}

static size_t listed(fixture *f, view_reach reach)
{
    const view_scope scope = {.reach = reach, .programme_id = f->programme_id};
    const view_query q = {.limit = VIEW_PAGE_MAX};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(VIEW_DELISTING), &scope, &q, f->a, &rows, err));
    return rows.n;
}

static void it_takes_no_new_orders(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_firm(f, true, DAY);
    order_result waiting = {0};
    order_result r = {0};
    int64_t id = 0;
    const decision_paper paper = minutes();
    const call group = fixture_as(f, ROLE_GROUP, DAY);
    const call lab = as(&p, ROLE_INST_AGENT);
    const int64_t agreed = order_make(&p, CONTRACT_FEN / 5, 0);
    NEED(propose(&p, &waiting, err));
    NEED(delist(f->app, &group, f->institution, STR("两次出具不合格报告"), &paper, &id, err));
    ASSERT_FAILS(propose(&p, &r, err), TQ_CONFLICT, "delisted");
    ASSERT_FAILS(order_accept(f->app, &lab, waiting.order_id, err), TQ_CONFLICT, "delisted");
    order_finish(&p, agreed); /* delivered and confirmed all the same */
    assert_int_equal(listed(f, REACH_PUBLIC), 1);

    NEED(delist_lift(f->app, &group, id, &paper, err));
    NEED(order_accept(f->app, &lab, waiting.order_id, err));
    assert_int_equal(listed(f, REACH_PUBLIC), 0);
    assert_int_equal(listed(f, REACH_PROGRAMME), 1);
    ASSERT_FAILS(delist_lift(f->app, &group, id, &paper, err), TQ_CONFLICT, "state_arrow");
    fixture_close(f);
}

static void only_the_group_and_by_its_minutes(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    const decision_paper paper = minutes();
    const decision_paper none = {.number = STR("")};
    const call group = fixture_as(f, ROLE_GROUP, DAY);
    const call office = fixture_as(f, ROLE_OFFICE, DAY);
    const int64_t before = fixture_events(f);
    ASSERT_FAILS(delist(f->app, &office, f->institution, STR("甲"), &paper, &id, err), TQ_FORBIDDEN,
                 "no_role");
    ASSERT_FAILS(delist(f->app, &group, f->institution, STR("甲"), &none, &id, err), TQ_INVALID,
                 "paper");
    ASSERT_FAILS(delist(f->app, &group, f->institution, STR(""), &paper, &id, err), TQ_INVALID,
                 "line");
    ASSERT_FAILS(delist(f->app, &group, f->firm, STR("甲"), &paper, &id, err), TQ_INVALID,
                 "org_kind");
    assert_int_equal(fixture_events(f), before);
    NEED(delist(f->app, &group, f->institution, STR("甲"), &paper, &id, err));
    ASSERT_FAILS(delist(f->app, &group, f->institution, STR("甲"), &paper, &id, err), TQ_CONFLICT,
                 "delisted");
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_no_new_orders),
        cmocka_unit_test(only_the_group_and_by_its_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
