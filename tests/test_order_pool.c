/* SPDX-License-Identifier: Apache-2.0 */
/* Several holders buy one service together: all are held or none, each claims its own share. */
#include "claim_path.h"

#include "app/order_pool.h"
#include "policy_steps.h"
#include "store/verify.h"

static const day START = {15952}; /* 2013-09-04 */

#define POOLING(most)                                                                              \
    "  - {kind: pooling, id: pool, cites: {document: demo, article: demonstration}, "              \
    "members_max: " most "}\n"

typedef struct pool {
    fixture *f;
    path lead, one, two;
    int64_t member_one, member_two;
} pool;

static fixture *county(const char *rules)
{
    fixture *f = fixture_open();
    county_ready(f);
    policy_step_in_force(f, "", rules, FIXTURE_DAY);
    return f;
}

static int64_t lead_order(path *p)
{
    order_result r = {0};
    const call firm = as_firm(p);
    const order_proposal rq = {.voucher_id = p->voucher,
                               .institution_id = p->f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("电池循环寿命检测"),
                               .contract_fen = CONTRACT_FEN,
                               .end = day_add(p->d, 60)};
    NEED(order_propose(p->f->app, &firm, &rq, &r, err));
    assert_true(r.accepted);
    return r.order_id;
}

static tq_code invite(pool *q, int64_t holder, int64_t fen, int64_t *id, tq_err *err)
{
    const call firm = as_firm(&q->lead);
    const order_invitation rq = {
        .order_id = q->lead.order, .holder_id = holder, .contract_fen = fen};
    return order_member_invite(q->f->app, &firm, &rq, id, err);
}

static tq_code join(path *p, int64_t member, int64_t voucher, tq_err *err)
{
    order_result r = {0};
    const call firm = as_firm(p);
    const order_joining rq = {.member_id = member, .voucher_id = voucher};
    const tq_code code = order_member_join(p->f->app, &firm, &rq, &r, err);
    if (code == TQ_OK) {
        assert_string_equal(r.reason, "granted");
        p->order = r.order_id;
    }
    return code;
}

/* The lead with CONTRACT_FEN, and two firms invited with as much each. */
static pool pool_make(fixture *f)
{
    pool q = {.f = f};
    q.lead = path_firm(f, false, START);
    q.one = path_firm(f, true, START);
    q.two = path_firm(f, true, START);
    q.lead.order = lead_order(&q.lead);
    NEED(invite(&q, q.one.firm, CONTRACT_FEN, &q.member_one, err));
    NEED(invite(&q, q.two.firm, CONTRACT_FEN, &q.member_two, err));
    return q;
}

static bool order_is(fixture *f, int64_t id, const char *state)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_SERVICE_ORDER, id, row);
    return row_is(row, C_SERVICE_ORDER_STATE, state);
}

/* R-ORDER-020 */
static void test_three_buy_together(void **state)
{
    (void)state;
    static verify_report report;
    fixture *f = county(POOLING("3"));
    pool q = pool_make(f);
    const call lab = as(&q.lead, ROLE_INST_AGENT);
    int64_t id = 0;
    ASSERT_FAILS(order_accept(f->app, &lab, q.lead.order, err), TQ_CONFLICT, "member_open");
    ASSERT_FAILS(join(&q.two, q.member_one, q.two.voucher, err), TQ_FORBIDDEN, "not_yours");
    ASSERT_FAILS(join(&q.one, q.member_one, q.two.voucher, err), TQ_FORBIDDEN, "not_yours");
    ASSERT_FAILS(invite(&q, q.one.firm, 100, &id, err), TQ_CONFLICT, "member_known");
    ASSERT_FAILS(invite(&q, fixture_org(f, "enterprise", "第四家"), 100, &id, err), TQ_REFUSED,
                 "pooling");
    NEED(join(&q.one, q.member_one, q.one.voucher, err));
    ASSERT_FAILS(join(&q.one, q.member_one, q.one.voucher, err), TQ_CONFLICT, "state_arrow");
    NEED(join(&q.two, q.member_two, q.two.voucher, err));
    ASSERT_FAILS(order_accept(f->app, &lab, q.one.order, err), TQ_CONFLICT, "pooled");
    ASSERT_FAILS(order_decline(f->app, &lab, q.one.order, STR("x"), err), TQ_CONFLICT, "pooled");
    assert_int_equal(fixture_balance(f, ACC_HOLD, 0), 0);
    NEED(order_accept(f->app, &lab, q.lead.order, err));
    path *const all[] = {&q.lead, &q.one, &q.two};
    for (size_t i = 0; i < 3; i++) {
        assert_true(order_is(f, all[i]->order, "accepted"));
        assert_int_equal(balance_of(all[i], ACC_HOLD), CONTRACT_FEN / 2);
    }
    /* delivered once in number, each share by itself; each is invoiced and claims alone */
    for (size_t i = 0; i < 3; i++) {
        path *p = all[i];
        const call firm = as_firm(p);
        order_delivery part = {.order_id = p->order,
                               .outcome_count = i == 0 ? 0 : 12,
                               .report = STR("JC-2013-118"),
                               .last = true};
        ASSERT_FAILS(order_deliver(f->app, &lab, &part, &id, err), TQ_INVALID, "outcome_count");
        part.outcome_count = i == 0 ? 12 : 0;
        paper_add(p, T_SERVICE_ORDER, p->order, "contract");
        NEED(order_deliver(f->app, &lab, &part, &id, err));
        NEED(order_confirm(f->app, &firm, p->order, err));
        p->invoice = invoice_make(p, CONTRACT_FEN, NET_FEN);
        p->proof = proof_make(p, "transfer", CONTRACT_FEN, p->d);
        const claim_filed filed = path_filed(p, CONTRACT_FEN, ALLOWED_FEN, true);
        path_check(p, &filed, 0);
        NEED(path_approve(p, &filed, ALLOWED_FEN, err));
        assert_int_equal(balance_of(p, ACC_PAYABLE), ALLOWED_FEN);
    }
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    assert_true(report.ok);
    fixture_close(f);
}

/* One voucher that cannot be held stops all; the inviter takes the member out and the rest go on. */
static void test_all_or_none(void **state)
{
    (void)state;
    fixture *f = county(POOLING("5"));
    pool q = pool_make(f);
    const call lab = as(&q.lead, ROLE_INST_AGENT);
    const call office = as(&q.lead, ROLE_OFFICE);
    const call inviter = as_firm(&q.lead);
    const call third = as_firm(&q.two);
    NEED(join(&q.one, q.member_one, q.one.voucher, err));
    NEED(join(&q.two, q.member_two, q.two.voucher, err));
    NEED(voucher_freeze(f->app, &office, q.two.voucher, STR("doubt"), err));
    const int64_t before = fixture_events(f);
    ASSERT_FAILS(order_accept(f->app, &lab, q.lead.order, err), TQ_CONFLICT, "voucher_not_active");
    assert_int_equal(fixture_events(f), before);
    assert_int_equal(fixture_balance(f, ACC_HOLD, 0), 0);
    NEED(order_cancel(f->app, &third, q.two.order, STR("withdraws"), err));
    ASSERT_FAILS(order_accept(f->app, &lab, q.lead.order, err), TQ_CONFLICT, "pool_changed");
    const call stranger = as_firm(&q.one);
    ASSERT_FAILS(order_member_leave(f->app, &stranger, q.member_two, STR("x"), err), TQ_FORBIDDEN,
                 "not_yours");
    NEED(order_member_leave(f->app, &inviter, q.member_two, STR("left"), err));
    NEED(order_accept(f->app, &lab, q.lead.order, err));
    assert_int_equal(fixture_balance(f, ACC_HOLD, 0), CONTRACT_FEN);
    ASSERT_FAILS(order_member_leave(f->app, &inviter, q.member_one, STR("x"), err), TQ_CONFLICT,
                 "state_arrow");
    fixture_close(f);
}

static void test_declined_as_a_whole(void **state)
{
    (void)state;
    fixture *f = county(POOLING("3"));
    pool q = pool_make(f);
    const call lab = as(&q.lead, ROLE_INST_AGENT);
    NEED(join(&q.one, q.member_one, q.one.voucher, err));
    NEED(order_decline(f->app, &lab, q.lead.order, STR("no capacity"), err));
    assert_true(order_is(f, q.lead.order, "declined"));
    assert_true(order_is(f, q.one.order, "declined"));
    ASSERT_FAILS(join(&q.two, q.member_two, q.two.voucher, err), TQ_CONFLICT, "state_arrow");
    fixture_close(f);
}

static void test_only_where_the_policy_says_so(void **state)
{
    (void)state;
    fixture *f = county("");
    pool q = {.f = f};
    int64_t id = 0;
    q.lead = path_firm(f, false, START);
    q.one = path_firm(f, true, START);
    q.lead.order = lead_order(&q.lead);
    ASSERT_FAILS(invite(&q, q.one.firm, 100, &id, err), TQ_REFUSED, "pooling");
    ASSERT_FAILS(invite(&q, q.lead.firm, 100, &id, err), TQ_INVALID, "link_self");
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_buy_together),
        cmocka_unit_test(test_all_or_none),
        cmocka_unit_test(test_declined_as_a_whole),
        cmocka_unit_test(test_only_where_the_policy_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
