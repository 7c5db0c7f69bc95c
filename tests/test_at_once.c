/* SPDX-License-Identifier: Apache-2.0 */
/* At once: a voucher expires beside an acceptance and an approval, orders while a ban begins. Whoever
 * comes first, money is in one place and nothing that was told is untrue (I18, I35). */
#include "path_county.h"

#include <pthread.h>

#define RACES 6

typedef struct racer {
    path p;
    int64_t id; /* order or claim */
    claim_filed filed;
    case_decide_request ruling;
    tq_code (*run)(struct racer *me, arena *a, tq_err *err);
    tq_code code;
    tq_err err;
} racer;

/* A use case as a server runs it: again while the store is busy. */
static void *race(void *arg)
{
    racer *me = arg;
    ARENA_AUTO arena *a = arena_new("racer", (size_t)64 * 1024 * 1024);
    do {
        me->err = (tq_err){0};
        me->code = me->run(me, a, &me->err);
    } while (me->code == TQ_BUSY);
    return NULL;
}

static void race_all(racer *all, int n)
{
    pthread_t threads[64];
    assert_true(n <= 64);
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, race, &all[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static tq_code do_expire(racer *me, arena *a, tq_err *err)
{
    const call c = fixture_as_in(f, ROLE_SYSTEM, me->p.d, a);
    return voucher_expire(f->app, &c, me->p.voucher, err);
}

static tq_code do_accept(racer *me, arena *a, tq_err *err)
{
    const call c = fixture_as_in(f, ROLE_INST_AGENT, day_add(me->p.d, -1), a);
    return order_accept(f->app, &c, me->id, err);
}

static tq_code do_approve(racer *me, arena *a, tq_err *err)
{
    int64_t decision = 0;
    const call c = fixture_as_in(f, ROLE_REVIEWER2, me->p.d, a);
    const claim_approval rq = {me->filed.claim_id, str_of(me->filed.content), ALLOWED_FEN};
    return claim_approve(f->app, &c, &rq, NULL, &decision, err);
}

/* Midnight: one server lets the voucher expire while another books an acceptance of the last evening.
 * The amount is held, or it went back to the pool; never both, never lost (I35). */
static void expiry_beside_acceptance(void **state)
{
    (void)state;
    racer all[2 * RACES] = {0};
    county_ready(f);
    for (int i = 0; i < RACES; i++) {
        order_result made = {0};
        path p = path_firm(f, true, START);
        const day last = day_add_months(START, 12);
        p.d = last;
        const call firm = as_firm(&p);
        const order_proposal rq = {.voucher_id = p.voucher,
                                   .institution_id = f->institution,
                                   .outcome_kind = STR("testing"),
                                   .title = STR("检测"),
                                   .contract_fen = 2000000,
                                   .end = last};
        NEED(order_propose(f->app, &firm, &rq, &made, err));
        assert_true(made.accepted);
        p.d = day_add(last, 1);
        all[2 * i] = (racer){.p = p, .run = do_expire};
        all[2 * i + 1] = (racer){.p = p, .id = made.order_id, .run = do_accept};
    }
    race_all(all, 2 * RACES);
    for (int i = 0; i < RACES; i++) {
        racer *accept = &all[2 * i + 1];
        assert_int_equal(all[2 * i].code, TQ_OK);
        const bool held = accept->code == TQ_OK;
        if (!held && accept->code != TQ_CONFLICT) {
            fail_msg("%s %s: %s", tq_code_name(accept->code), accept->err.reason,
                     accept->err.detail);
        }
        const int64_t hold = balance_of(&accept->p, ACC_HOLD);
        assert_true(held ? hold == 1000000 : hold == 0);
        assert_true(balance_of(&accept->p, ACC_VOUCHER) == 0);
        identity_holds(accept->p.voucher, VOUCHER_FEN, VOUCHER_FEN - hold);
    }
}

/* The rest of a final claim goes to the voucher and then to the pool, or straight to the pool. */
static void expiry_beside_approval(void **state)
{
    (void)state;
    racer all[2 * RACES] = {0};
    county_ready(f);
    for (int i = 0; i < RACES; i++) {
        path p = path_make(f, true, START);
        p.d = day_add(day_add_months(START, 12), 1);
        const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
        path_check(&p, &filed, 0);
        all[2 * i] = (racer){.p = p, .run = do_expire};
        all[2 * i + 1] = (racer){.p = p, .filed = filed, .run = do_approve};
    }
    race_all(all, 2 * RACES);
    for (int i = 0; i < 2 * RACES; i++) {
        if (all[i].code != TQ_OK) {
            fail_msg("%s %s: %s", tq_code_name(all[i].code), all[i].err.reason, all[i].err.detail);
        }
        assert_true(balance_of(&all[i].p, ACC_PAYABLE) == ALLOWED_FEN);
        assert_true(balance_of(&all[i].p, ACC_HOLD) == 0);
        assert_true(balance_of(&all[i].p, ACC_VOUCHER) == 0);
        identity_holds(all[i].p.voucher, VOUCHER_FEN, VOUCHER_FEN - ALLOWED_FEN);
    }
}

static tq_code do_order(racer *me, arena *a, tq_err *err)
{
    order_result made = {0};
    call firm = fixture_as_in(f, ROLE_FIRM_AGENT, me->p.d, a);
    const call lab = fixture_as_in(f, ROLE_INST_AGENT, me->p.d, a);
    firm.who.user_id = me->p.user;
    firm.who.person_id = me->p.person;
    firm.who.org_id = me->p.firm;
    const order_proposal rq = {.voucher_id = me->p.voucher,
                               .institution_id = f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("检测"),
                               .contract_fen = 200000,
                               .end = day_add(me->p.d, 30)};
    if (me->id == 0) { /* asked again only for what was busy */
        TQ_TRY(order_propose(f->app, &firm, &rq, &made, err));
        me->id = made.order_id;
    }
    return made.accepted || me->id != 0 ? order_accept(f->app, &lab, me->id, err)
                                        : tq_fail(err, TQ_REFUSED, made.reason, "order", "refused");
}

static tq_code do_ruling(racer *me, arena *a, tq_err *err)
{
    case_decide_report r;
    const call group = fixture_as_in(f, ROLE_GROUP, me->p.d, a);
    return case_decide(f->app, &group, &me->ruling, &r, err);
}

/* Every order that was made is cancelled, and nothing is held: whichever came first (I18). */
static void nothing_goes_on(racer *all, int n)
{
    for (int i = 0; i < n; i++) {
        event_value row[AUDITED_COLS_MAX];
        const tq_code code = all[i].code;
        if (all[i].run == do_ruling) {
            assert_int_equal(code, TQ_OK);
            continue;
        }
        assert_true(code == TQ_OK || code == TQ_CONFLICT || code == TQ_REFUSED);
        assert_true(balance_of(&all[i].p, ACC_HOLD) == 0);
        if (all[i].id == 0) {
            continue;
        }
        row_of(f, T_SERVICE_ORDER, all[i].id, row);
        if (!row_is(row, C_SERVICE_ORDER_STATE, "cancelled")) {
            fail_msg("an order is %.*s", STR_ARG(row_str(row, C_SERVICE_ORDER_STATE)));
        }
    }
}

static case_decide_request ruling_on(int64_t org)
{
    return (case_decide_request){.case_id = case_heard(org, START),
                                 .paper = paper_of(START),
                                 .reason = STR("sold"),
                                 .due = DAY_NONE};
}

static void orders_while_the_firm_is_banned(void **state)
{
    (void)state;
    racer all[9] = {0};
    county_ready(f);
    path p = path_firm(f, true, START);
    for (int i = 0; i < 9; i++) {
        all[i] = (racer){.p = p, .run = i == 4 ? do_ruling : do_order};
    }
    all[4].ruling = ruling_on(p.firm);
    race_all(all, 9);
    nothing_goes_on(all, 9);
    assert_true(balance_of(&p, ACC_VOUCHER) == 0);
    identity_holds(p.voucher, VOUCHER_FEN, VOUCHER_FEN);
}

/* Orders on vouchers of other firms with an institution that is being banned. */
static void orders_while_the_institution_is_banned(void **state)
{
    (void)state;
    racer all[9] = {0};
    county_ready(f);
    for (int i = 0; i < 9; i++) {
        all[i] = (racer){.p = path_firm(f, true, START), .run = i == 4 ? do_ruling : do_order};
    }
    all[4].ruling = ruling_on(f->institution);
    race_all(all, 9);
    nothing_goes_on(all, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_COUNTY(expiry_beside_acceptance),
        IN_COUNTY(expiry_beside_approval),
        IN_COUNTY(orders_while_the_firm_is_banned),
        IN_COUNTY(orders_while_the_institution_is_banned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
