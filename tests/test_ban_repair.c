/* SPDX-License-Identifier: Apache-2.0 */
/* A ban lifted before its term: who may ask and when, who decides, and what the list says then (R-BAN-070). */
#include "claim_path.h"

#include "app/ban_repair.h"
#include "app/bank_result.h"
#include "app/sanction.h"
#include "app/settle.h"
#include "app/view.h"
#include "given_claim.h"
#include "store/event_store.h"
#include "store/verify.h"

#define YUAN INT64_C(100)
#define BANNED fixture_day(2013, 11, 20)
#define RIPE fixture_day(2015, 11, 20) /* 24 months later */
#define LAST fixture_day(2016, 11, 19)

#define PUT_RIGHT STR("已建立合同与票据核对制度，退还全部款项")

/* Ends a test: the county as it stands must verify. */
static void close_clean(fixture *f)
{
    static verify_report report;
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    if (!report.ok) {
        fail_msg("verify: %s %s %s", report.first[0].what, report.first[0].table,
                 report.first[0].detail);
    }
    fixture_close(f);
}

static decision_paper paper_on(day d)
{
    return (decision_paper){.number = STR("纪要〔2015〕7号"), .day = d};
}

static int64_t heard(fixture *f, int64_t org)
{
    case_result kase;
    const call office = fixture_as(f, ROLE_OFFICE, BANNED);
    const case_open_request opens = {org, STR("false_use")};
    NEED(case_open(f->app, &office, &opens, &kase, err));
    const case_step_request hears = {.case_id = kase.case_id, .paper = paper_on(BANNED)};
    NEED(case_hear(f->app, &office, &hears, err));
    return kase.case_id;
}

static int64_t banned_for(fixture *f, int64_t org, const improper_part *part, int64_t *kase)
{
    case_decide_report r;
    *kase = heard(f, org);
    const call group = fixture_as(f, ROLE_GROUP, BANNED);
    const case_decide_request rq = {.case_id = *kase,
                                    .paper = paper_on(BANNED),
                                    .reason = STR("虚假使用"),
                                    .parts = part,
                                    .n_parts = part == NULL ? 0 : 1,
                                    .due = day_add(BANNED, 30)};
    NEED(case_decide(f->app, &group, &rq, &r, err));
    assert_int_equal(r.ban_to.n, LAST.n);
    return r.ban_id;
}

static int64_t banned(fixture *f)
{
    int64_t kase = 0;
    return banned_for(f, f->firm, NULL, &kase);
}

static tq_code ask(fixture *f, day d, int64_t ban, int64_t *id, tq_err *err)
{
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, d);
    return ban_repair_ask(f->app, &firm, ban, PUT_RIGHT, id, err);
}

static tq_code decide(fixture *f, day d, int64_t id, bool granted, const char *reason, tq_err *err)
{
    int64_t decision = 0;
    const call group = fixture_as(f, ROLE_GROUP, d);
    const ban_repair_verdict rq = {
        .id = id, .granted = granted, .reason = str_of(reason), .paper = paper_on(d)};
    return ban_repair_decide(f->app, &group, &rq, &decision, err);
}

static bool request_is(fixture *f, int64_t id, const char *state)
{
    return str_eq(given_text(f, T_BAN_REPAIR, id, C_BAN_REPAIR_STATE), str_of(state));
}

static bool ban_is(fixture *f, int64_t ban, const char *state)
{
    return str_eq(given_text(f, T_BAN, ban, C_BAN_STATE), str_of(state));
}

static void clock_ticks(fixture *f, day d)
{
    int64_t n = 0;
    const call clock = fixture_as(f, ROLE_SYSTEM, d);
    NEED(ban_end_due(f->app, &clock, &n, err));
}

/* Bans that everybody reads, and of the first the day of its repair. */
static size_t listed(fixture *f, int64_t *repaired)
{
    const view *v = view_of(VIEW_BAN);
    const view_scope scope = {.reach = REACH_PUBLIC, .programme_id = f->programme_id};
    const view_query q = {.limit = VIEW_PAGE_MAX};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, v, &scope, &q, f->a, &rows, err));
    *repaired = rows.n == 0 ? 0 : rows.rows[0].values[view_field_at(v, "repaired_day")].n;
    return rows.n;
}

static tq_code apply(fixture *f, day d, tq_err *err)
{
    int64_t id = 0;
    const call intake = fixture_as(f, ROLE_INTAKE, d);
    const application_request rq = {.holder_id = f->firm,
                                    .kind_id = fixture_kind(f, "apply"),
                                    .way = "immediate",
                                    .asked_fen = VOUCHER_FEN};
    return application_file(f->app, &intake, &rq, &id, err);
}

/* R-BAN-070 */
static void granted_it_opens_every_gate(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t repaired = 0;
    const int64_t ban = banned(f);
    assert_int_equal(listed(f, &repaired), 1);
    assert_int_equal(repaired, 0);
    NEED(ask(f, RIPE, ban, &id, err));
    assert_true(request_is(f, id, "asked"));
    ASSERT_FAILS(apply(f, RIPE, err), TQ_REFUSED, "banned");

    const day later = day_add(RIPE, 5);
    NEED(decide(f, later, id, true, "", err));
    assert_true(request_is(f, id, "granted"));
    assert_true(ban_is(f, ban, "lifted"));
    assert_int_not_equal(given_num(f, T_BAN_REPAIR, id, C_BAN_REPAIR_DECISION_ID), 0);
    NEED(apply(f, later, err));
    ASSERT_FAILS(decide(f, later, id, false, "晚了", err), TQ_CONFLICT, "state_arrow");
    ASSERT_FAILS(ask(f, later, ban, &id, err), TQ_CONFLICT, "ban_over");

    /* Named as repaired to the end of the term, and then no more. */
    assert_int_equal(listed(f, &repaired), 1);
    assert_int_equal(repaired, later.n);
    clock_ticks(f, LAST);
    assert_int_equal(listed(f, &repaired), 1);
    clock_ticks(f, day_add(LAST, 1));
    assert_int_equal(listed(f, &repaired), 0);
    assert_true(ban_is(f, ban, "ended"));
    close_clean(f);
}

static void refused_it_stands_and_may_be_asked_again(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t again = 0;
    int64_t repaired = 0;
    const int64_t ban = banned(f);
    NEED(ask(f, RIPE, ban, &id, err));
    ASSERT_FAILS(decide(f, RIPE, id, false, "", err), TQ_INVALID, "line");
    NEED(decide(f, RIPE, id, false, "整改尚未验收", err));
    assert_true(request_is(f, id, "refused"));
    assert_true(ban_is(f, ban, "active"));
    ASSERT_FAILS(apply(f, RIPE, err), TQ_REFUSED, "banned");
    assert_int_equal(listed(f, &repaired), 1);
    assert_int_equal(repaired, 0);
    NEED(ask(f, day_add(RIPE, 1), ban, &again, err));
    NEED(decide(f, day_add(RIPE, 2), again, true, "", err));
    close_clean(f);
}

static void not_before_its_time(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    const int64_t ban = banned(f);
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, RIPE);
    const call lab = fixture_as(f, ROLE_INST_AGENT, RIPE);
    const call office = fixture_as(f, ROLE_OFFICE, RIPE);
    const int64_t before = fixture_events(f);
    ASSERT_FAILS(ask(f, day_add(RIPE, -1), ban, &id, err), TQ_CONFLICT, "repair_early");
    ASSERT_FAILS(ask(f, day_add(LAST, 1), ban, &id, err), TQ_CONFLICT, "ban_over");
    ASSERT_FAILS(ban_repair_ask(f->app, &lab, ban, PUT_RIGHT, &id, err), TQ_FORBIDDEN, "not_yours");
    ASSERT_FAILS(ban_repair_ask(f->app, &office, ban, PUT_RIGHT, &id, err), TQ_FORBIDDEN,
                 "no_role");
    ASSERT_FAILS(ban_repair_ask(f->app, &firm, ban, STR("  "), &id, err), TQ_INVALID,
                 "repair_text");
    ASSERT_FAILS(ban_repair_ask(f->app, &firm, ban + 1, PUT_RIGHT, &id, err), TQ_NOT_FOUND,
                 "not_found");
    assert_int_equal(fixture_events(f), before);
    NEED(ask(f, LAST, ban, &id, err)); /* its last day is a day of it */
    close_clean(f);
}

static void one_request_at_a_time(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t other = 0;
    const int64_t ban = banned(f);
    NEED(ask(f, RIPE, ban, &id, err));
    ASSERT_FAILS(ask(f, RIPE, ban, &other, err), TQ_CONFLICT, "repair_open");
    close_clean(f);
}

static void the_group_decides_by_its_paper(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t decision = 0;
    const int64_t ban = banned(f);
    NEED(ask(f, RIPE, ban, &id, err));
    const call office = fixture_as(f, ROLE_OFFICE, RIPE);
    const call group = fixture_as(f, ROLE_GROUP, RIPE);
    const call asker =
        fixture_user(f, f->user[ROLE_FIRM_AGENT], f->person[ROLE_FIRM_AGENT], ROLE_GROUP, 0, RIPE);
    fixture_grant(f, asker.who.user_id, ROLE_GROUP, 0); /* the firm's agent sits in the group too */
    ban_repair_verdict rq = {.id = id, .granted = true};
    const int64_t before = fixture_events(f);
    ASSERT_FAILS(ban_repair_decide(f->app, &group, &rq, &decision, err), TQ_INVALID, "paper");
    rq.paper = paper_on(RIPE);
    ASSERT_FAILS(ban_repair_decide(f->app, &office, &rq, &decision, err), TQ_FORBIDDEN, "no_role");
    ASSERT_FAILS(ban_repair_decide(f->app, &asker, &rq, &decision, err), TQ_FORBIDDEN,
                 "same_person");
    rq.id = id + 1;
    ASSERT_FAILS(ban_repair_decide(f->app, &group, &rq, &decision, err), TQ_NOT_FOUND, "not_found");
    assert_int_equal(fixture_events(f), before);
    assert_true(ban_is(f, ban, "active"));
    close_clean(f);
}

/* The term runs out, or an appeal is won, while a request waits: nobody decides what is over. */
static void a_ban_that_ended_meanwhile(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t kase = 0;
    int64_t repaired = 0;
    const int64_t ban = banned(f);
    NEED(ask(f, RIPE, ban, &id, err));
    const day past = day_add(LAST, 1);
    ASSERT_FAILS(decide(f, past, id, true, "", err), TQ_CONFLICT,
                 "ban_over"); /* before the clock */
    clock_ticks(f, past);
    assert_true(ban_is(f, ban, "ended"));
    assert_true(request_is(f, id, "lapsed"));
    ASSERT_FAILS(decide(f, past, id, true, "", err), TQ_CONFLICT, "state_arrow");
    close_clean(f);

    f = fixture_open();
    const int64_t won = banned_for(f, f->firm, NULL, &kase);
    const call office = fixture_as(f, ROLE_OFFICE, day_add(BANNED, 1));
    const call group = fixture_as(f, ROLE_GROUP, RIPE);
    const case_step_request appeal = {.case_id = kase, .reason = STR("事实不清")};
    const case_step_request dismiss = {
        .case_id = kase, .paper = paper_on(RIPE), .reason = STR("申诉成立")};
    NEED(case_appeal(f->app, &office, &appeal, err));
    NEED(ask(f, RIPE, won, &id, err));
    NEED(case_dismiss(f->app, &group, &dismiss, err));
    assert_true(request_is(f, id, "lapsed"));
    assert_int_equal(listed(f, &repaired), 0);
    close_clean(f);
}

/* A repaired ban that an appeal undoes is named no more. */
static void an_appeal_won_after_repair(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t kase = 0;
    int64_t repaired = 0;
    const int64_t ban = banned_for(f, f->firm, NULL, &kase);
    const call office = fixture_as(f, ROLE_OFFICE, day_add(BANNED, 1));
    const call group = fixture_as(f, ROLE_GROUP, RIPE);
    const case_step_request appeal = {.case_id = kase, .reason = STR("事实不清")};
    const case_step_request dismiss = {
        .case_id = kase, .paper = paper_on(RIPE), .reason = STR("申诉成立")};
    NEED(case_appeal(f->app, &office, &appeal, err));
    NEED(ask(f, RIPE, ban, &id, err));
    NEED(decide(f, RIPE, id, true, "", err));
    assert_int_equal(listed(f, &repaired), 1);
    NEED(case_dismiss(f->app, &group, &dismiss, err));
    assert_int_equal(listed(f, &repaired), 0);
    close_clean(f);
}

/* --- debts -------------------------------------------------------------------------------------- */

/* A claim of the firm, paid by the bank. */
static given paid_claim(fixture *f)
{
    batch_report r;
    batch_line_view line;
    bank_result_report result;
    size_t n = 0;
    const int64_t source = fixture_fund(f, "apply", 1000000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, BANNED);
    const given g = given_claim(f, source, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, BANNED);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, BANNED);
    const batch_collect_request rq = {.period = STR("2013Q3")};
    NEED(batch_collect(f->app, &maker, &rq, &r, err));
    NEED(batch_lock(f->app, &maker, r.batch_id, &r, err));
    const batch_release_request go = {r.batch_id, arena_copy(f->a, str_of(r.list_sha256))};
    NEED(batch_release(f->app, &checker, &go, &r, err));
    NEED(batch_send(f->app, &maker, go.batch_id, &r, err));
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(batch_lines(tx, go.batch_id, 0, f->a, &line, 1, &n, err));
    }
    assert_int_equal(n, 1);
    const bank_result_request bank = {
        .bytes =
            arena_printf(f->a,
                         "payment_no,amount,status,reason,date\n%.*s,500.00,paid,,2013-11-20\n",
                         STR_ARG(line.payment_no))};
    NEED(bank_result_apply(f->app, &maker, &bank, &result, err));
    assert_int_equal(result.unmatched, 0);
    return g;
}

static void not_while_anything_is_owed(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t kase = 0;
    const given g = paid_claim(f);
    const improper_part part = {g.claim_id, 200 * YUAN};
    const int64_t ban = banned_for(f, f->firm, &part, &kase);
    ASSERT_FAILS(ask(f, RIPE, ban, &id, err), TQ_CONFLICT, "still_owed");
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, RIPE);
    const recovery_request most = {1, 199 * YUAN, STR("回单 1")};
    const recovery_request rest = {1, 1 * YUAN, STR("回单 2")};
    NEED(recovery_collect(f->app, &maker, &most, err));
    ASSERT_FAILS(ask(f, RIPE, ban, &id, err), TQ_CONFLICT, "still_owed");
    NEED(recovery_collect(f->app, &maker, &rest, err));
    NEED(ask(f, RIPE, ban, &id, err));

    /* What is found while the request waits counts as well. */
    const improper_part more = {g.claim_id, 100 * YUAN};
    const call group = fixture_as(f, ROLE_GROUP, RIPE);
    case_decide_report r;
    const case_decide_request second = {.case_id = heard(f, f->firm),
                                        .paper = paper_on(RIPE),
                                        .reason = STR("多报"),
                                        .no_ban = true,
                                        .parts = &more,
                                        .n_parts = 1,
                                        .due = day_add(RIPE, 30)};
    NEED(case_decide(f->app, &group, &second, &r, err));
    ASSERT_FAILS(decide(f, RIPE, id, true, "", err), TQ_CONFLICT, "still_owed");
    assert_true(ban_is(f, ban, "active"));
    NEED(decide(f, RIPE, id, false, "又查出多报", err));
    close_clean(f);
}

/* A policy that says nothing of it knows no end before the term. */
static void not_where_the_policy_is_silent(void **state)
{
    (void)state;
    fixture *f = fixture_open_changed("    repair_after: 24\n", "");
    int64_t id = 0;
    const int64_t ban = banned(f);
    ASSERT_FAILS(ask(f, LAST, ban, &id, err), TQ_CONFLICT, "repair_none");
    close_clean(f);
    f = fixture_open_changed("repair_after: 24", "repair_after: unset");
    const int64_t same = banned(f);
    ASSERT_FAILS(ask(f, LAST, same, &id, err), TQ_CONFLICT, "repair_none");
    close_clean(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(granted_it_opens_every_gate),
        cmocka_unit_test(refused_it_stands_and_may_be_asked_again),
        cmocka_unit_test(not_before_its_time),
        cmocka_unit_test(one_request_at_a_time),
        cmocka_unit_test(the_group_decides_by_its_paper),
        cmocka_unit_test(a_ban_that_ended_meanwhile),
        cmocka_unit_test(an_appeal_won_after_repair),
        cmocka_unit_test(not_while_anything_is_owed),
        cmocka_unit_test(not_where_the_policy_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
