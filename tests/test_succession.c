/* SPDX-License-Identifier: Apache-2.0 */
/* A firm, an institution or a team goes on as another organisation while vouchers, orders and claims are
 * in hand: nothing is stuck, nothing is paid twice, nobody shakes a ban off. */
#include "claim_path.h"

#include "app/sanction.h"
#include "policy_steps.h"
#include "store/verify.h"

static const day START = {15952}; /* 2013-09-04 */

#define LOTS 24          /* vouchers of the firm: together under the year's cap */
#define LOT_FEN 100000   /* of each voucher */
#define LOT_GROSS 200000 /* contract, invoice, payment */
#define LOT_NET 188680
#define LOT_ASKED (LOT_NET / 2)

typedef struct lot {
    path p;
    claim_filed filed;
    const char *state; /* of its claim before the merger */
} lot;

static int64_t voucher_of(path *p, int64_t fen, int serial)
{
    int64_t id = 0;
    application_result r;
    voucher_issued v;
    const call intake = as(p, ROLE_INTAKE);
    const call desk = as(p, ROLE_REVIEWER1);
    const call office = as(p, ROLE_OFFICE);
    const application_request rq = {
        .holder_id = p->firm, .kind_id = p->kind, .way = "immediate", .asked_fen = fen};
    NEED(application_file(p->f->app, &intake, &rq, &id, err));
    NEED(application_approve(p->f->app, &desk, id, NULL, &r, err));
    assert_true(r.granted);
    const voucher_issue_request issue = {.application_id = id,
                                         .code_seed = arena_printf(p->f->a, "lot %d", serial)};
    NEED(voucher_issue(p->f->app, &office, &issue, &v, err));
    return v.voucher_id;
}

/* The order of a lot is done and paid. */
static void papers_make(path *p)
{
    order_finish(p, p->order);
    p->invoice = invoice_make(p, LOT_GROSS, LOT_NET);
    p->proof = proof_make(p, "transfer", LOT_GROSS, p->d);
}

/* A voucher with a confirmed order and a claim that has come to `state`; "" = no claim, "accepted" = an
 * order in hand only. */
static lot lot_make(fixture *f, const char *state, int serial)
{
    lot l = {.state = state,
             .p = {.f = f,
                   .d = START,
                   .firm = f->firm,
                   .user = f->user[ROLE_FIRM_AGENT],
                   .person = f->person[ROLE_FIRM_AGENT],
                   .kind = fixture_kind(f, "apply"),
                   .serial = serial * 10}};
    path *p = &l.p;
    p->voucher = voucher_of(p, LOT_FEN, serial);
    p->order = order_make(p, LOT_GROSS, 0);
    if (strcmp(state, "accepted") == 0) {
        return l;
    }
    papers_make(p);
    l.filed = path_filed(p, LOT_GROSS, LOT_ASKED, true);
    if (strcmp(state, "returned") == 0) {
        const call reviewer = as(p, ROLE_REVIEWER1);
        const claim_returning rq = {.claim_id = l.filed.claim_id, .missing = STR("缺报告封面")};
        NEED(claim_return(f->app, &reviewer, &rq, err));
    }
    if (strcmp(state, "checked") == 0 || strcmp(state, "approved") == 0) {
        path_check(p, &l.filed, 0);
    }
    if (strcmp(state, "approved") == 0) {
        NEED(path_approve(p, &l.filed, LOT_ASKED, err));
    }
    return l;
}

/* What a reviewer reads before acting. */
static void read_again(lot *l)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(l->p.f, T_CLAIM, l->filed.claim_id, row);
    const str content = row_str(row, C_CLAIM_CONTENT);
    assert_int_equal(content.len, 64);
    memcpy(l->filed.content, content.data, content.len);
}

static void parties_are(const lot *l, int64_t holder, int64_t party)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(l->p.f, T_CLAIM, l->filed.claim_id, row);
    assert_int_equal(row_num(row, C_CLAIM_HOLDER_ID), holder);
    assert_int_equal(row_num(row, C_CLAIM_CLAIMANT_ID), party);
    assert_int_equal(row_num(row, C_CLAIM_PAYEE_ID), party);
}

static void verified(fixture *f)
{
    static verify_report report;
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    if (!report.ok) {
        fail_msg("%s %s %s", report.first[0].what, report.first[0].table, report.first[0].column);
    }
}

static path successor_of(fixture *f, const char *kind, const char *name)
{
    path p = {.f = f,
              .d = day_add(START, 3),
              .firm = fixture_org(f, kind, name),
              .kind = fixture_kind(f, "apply")};
    fixture_person(f, ROLE_FIRM_AGENT, p.firm, &p.user, &p.person);
    return p;
}

static void lots_make(fixture *f, lot *lots, int n)
{
    static const char *const states[] = {"submitted", "returned", "checked", "approved",
                                         "accepted"};
    for (int i = 0; i < n; i++) {
        lots[i] = lot_make(f, states[(size_t)i % TQ_COUNT(states)], i + 1);
    }
}

/* Whoever reviews reads the claim as it is now, and nothing strikes: to the end of the review. */
static void goes_on(lot *l, const path *heir)
{
    fixture *f = l->p.f;
    const bool approved = strcmp(l->state, "approved") == 0;
    l->p.firm = heir->firm;
    l->p.user = heir->user;
    l->p.person = heir->person;
    l->p.d = heir->d;
    if (approved) { /* an approval binds its content: nothing has moved */
        parties_are(l, f->firm, f->firm);
        int64_t decision = 0;
        const call second = as(&l->p, ROLE_REVIEWER2);
        const claim_undoing undo = {.claim_id = l->filed.claim_id, .reason = "error"};
        NEED(claim_undo(f->app, &second, &undo, &decision, err));
    }
    if (strcmp(l->state, "returned") == 0) {
        const call firm = as_firm(&l->p);
        const claim_submission rq = {.claim_id = l->filed.claim_id};
        NEED(claim_submit(f->app, &firm, &rq, &l->filed, err));
    }
    parties_are(l, heir->firm, heir->firm);
    if (!approved && strcmp(l->state, "checked") != 0) {
        read_again(l);
        path_check(&l->p, &l->filed, 0);
    }
    read_again(l);
    NEED(path_approve(&l->p, &l->filed, LOT_ASKED, err));
    assert_int_equal(balance_of(&l->p, ACC_PAYABLE), LOT_ASKED);
}

/* R-ORG-020, I16 */
static void test_a_firm_with_everything_merges(void **state)
{
    (void)state;
    static lot lots[LOTS];
    fixture *f = fixture_open();
    county_ready(f);
    lots_make(f, lots, LOTS);
    path heir = successor_of(f, "enterprise", "长兴新能源集团有限公司");
    const int64_t voucher_money = fixture_balance(f, ACC_VOUCHER, 0);
    const int64_t hold_money = fixture_balance(f, ACC_HOLD, 0);
    const call office = fixture_as(f, ROLE_OFFICE, heir.d);
    NEED(org_succeed(f->app, &office, f->firm, heir.firm, err));
    assert_int_equal(fixture_balance(f, ACC_VOUCHER, 0), voucher_money);
    assert_int_equal(fixture_balance(f, ACC_HOLD, 0), hold_money);
    const call old_agent = fixture_as(f, ROLE_FIRM_AGENT, heir.d);
    for (int i = 0; i < LOTS; i++) {
        if (strcmp(lots[i].state, "accepted") != 0) {
            /* who saw the claim before it moved must read it again */
            const claim_filed stale = lots[i].filed;
            if (strcmp(lots[i].state, "checked") == 0) {
                ASSERT_FAILS(path_approve(&lots[i].p, &stale, LOT_ASKED, err), TQ_CONFLICT,
                             "content_changed");
            }
            if (strcmp(lots[i].state, "approved") != 0) {
                ASSERT_FAILS(claim_withdraw(f->app, &old_agent, stale.claim_id, err), TQ_FORBIDDEN,
                             "other_org");
            }
            goes_on(&lots[i], &heir);
            continue;
        }
        /* an order in hand goes its way under the new name */
        path *p = &lots[i].p;
        ASSERT_FAILS(order_cancel(f->app, &old_agent, p->order, STR("x"), err), TQ_FORBIDDEN,
                     "not_yours");
        p->firm = heir.firm;
        p->user = heir.user;
        p->person = heir.person;
        order_finish(p, p->order);
    }
    verified(f);
    fixture_close(f);
}

/* The successor's caps count what the firm had: the year's 30,000 yuan are one. */
static void test_caps_pass_on(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_firm(f, false, START);
    path heir = successor_of(f, "enterprise", "长兴新能源集团有限公司");
    recognise(f, heir.firm);
    const call office = fixture_as(f, ROLE_OFFICE, heir.d);
    const call intake = fixture_as(f, ROLE_INTAKE, heir.d);
    const call desk = fixture_as(f, ROLE_REVIEWER1, heir.d);
    NEED(org_succeed(f->app, &office, p.firm, heir.firm, err));
    int64_t id = 0;
    application_result r;
    const application_request rq = {
        .holder_id = heir.firm, .kind_id = heir.kind, .way = "immediate", .asked_fen = 100};
    NEED(application_file(f->app, &intake, &rq, &id, err));
    NEED(application_approve(f->app, &desk, id, NULL, &r, err));
    assert_string_equal(r.reason, "cap_reached");
    fixture_close(f);
}

static decision_paper minutes(fixture *f, day d, const char *text)
{
    return (decision_paper){STR("纪要〔2013〕9号"), d, hex_of(f, text)};
}

/* A ban that holds goes to the successor, and so does one that is decided after the merger. */
static void test_bans_pass_on(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_firm(f, false, START);
    path q = path_firm(f, true, START);
    const day d = day_add(START, 2);
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const int64_t firms[] = {p.firm, q.firm};
    int64_t cases[2];
    int64_t heirs[2];
    for (size_t i = 0; i < 2; i++) {
        case_result opened;
        const case_open_request open = {firms[i], STR("sale")};
        NEED(case_open(f->app, &office, &open, &opened, err));
        const case_step_request hear = {
            .case_id = opened.case_id, .paper = minutes(f, d, "heard"), .reason = STR("听取陈述")};
        NEED(case_hear(f->app, &office, &hear, err));
        cases[i] = opened.case_id;
        heirs[i] = fixture_org(f, "enterprise", i == 0 ? "甲继承有限公司" : "乙继承有限公司");
    }
    case_decide_report done;
    case_decide_request rq = {
        .case_id = cases[0], .paper = minutes(f, d, "one"), .reason = STR("转让"), .due = DAY_NONE};
    NEED(case_decide(f->app, &group, &rq, &done, err));
    ASSERT_FAILS(org_succeed(f->app, &office, p.firm, heirs[0], err), TQ_FORBIDDEN, "role");
    NEED(org_succeed(f->app, &group, p.firm, heirs[0], err));
    NEED(org_succeed(f->app, &office, q.firm, heirs[1], err)); /* its case is still open */
    rq.case_id = cases[1];
    NEED(case_decide(f->app, &group, &rq, &done, err));
    assert_int_equal(done.vouchers, 1);
    case_result late; /* what comes out later is held against who goes on */
    const case_open_request gone = {q.firm, STR("sale")};
    ASSERT_FAILS(case_open(f->app, &office, &gone, &late, err), TQ_CONFLICT, "org_gone");
    const call intake = fixture_as(f, ROLE_INTAKE, d);
    for (size_t i = 0; i < 2; i++) {
        int64_t id = 0;
        const application_request ask = {
            .holder_id = heirs[i], .kind_id = p.kind, .way = "immediate", .asked_fen = 100};
        ASSERT_FAILS(application_file(f->app, &intake, &ask, &id, err), TQ_REFUSED, "banned");
    }
    verified(f);
    fixture_close(f);
}

/* An institution merges while its redemption is under review: the invoice is still the old one's. */
static void test_an_institution_merges(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    int64_t id = 0;
    application_result r;
    voucher_issued v;
    lot l = {.state = "submitted",
             .p = {.f = f,
                   .d = START,
                   .firm = f->firm,
                   .user = f->user[ROLE_FIRM_AGENT],
                   .person = f->person[ROLE_FIRM_AGENT],
                   .kind = fixture_kind(f, "award"),
                   .purpose = "testing"}};
    path *p = &l.p;
    (void)fixture_fund(f, "award", 10000000, FIXTURE_DAY);
    const call intake = as(p, ROLE_INTAKE);
    const call group = as(p, ROLE_GROUP);
    const call office = as(p, ROLE_OFFICE);
    const application_request ask = {
        .holder_id = p->firm, .kind_id = p->kind, .way = "immediate", .asked_fen = LOT_FEN};
    NEED(application_file(f->app, &intake, &ask, &id, err));
    const application_award_case one = {id, LOT_FEN};
    const application_award_request rq = {.paper = minutes(f, START, "award"),
                                          .count = 1,
                                          .total_fen = LOT_FEN,
                                          .cases = &one,
                                          .n = 1};
    NEED(application_award(f->app, &group, &rq, &r, err));
    const voucher_issue_request issue = {.application_id = id, .code_seed = STR("a")};
    NEED(voucher_issue(f->app, &office, &issue, &v, err));
    p->voucher = v.voucher_id;
    p->order = order_make(p, LOT_GROSS, 0);
    order_finish(p, p->order);
    p->invoice = invoice_make(p, LOT_GROSS, LOT_NET);
    p->proof = proof_make(p, "transfer", LOT_GROSS / 2, START);
    const call lab = as(p, ROLE_INST_AGENT);
    const claim_line_new line = path_line(p, LOT_GROSS);
    const claim_form form = {.voucher_id = p->voucher,
                             .asked_fen = LOT_ASKED,
                             .final = true,
                             .lines = &line,
                             .n_lines = 1};
    const claim_submission file = {.form = &form};
    NEED(claim_submit(f->app, &lab, &file, &l.filed, err));

    const int64_t heir = fixture_org(f, "institution", "上海联合研究院");
    NEED(org_succeed(f->app, &office, f->institution, heir, err));
    parties_are(&l, f->firm, heir);
    read_again(&l);
    path_check(p, &l.filed, 0);
    NEED(path_approve(p, &l.filed, LOT_ASKED, err));
    assert_int_equal(balance_of(p, ACC_PAYABLE), LOT_ASKED);
    verified(f);
    fixture_close(f);
}

/* R-ORG-020: what was decided stays in the name of the firm that was paid, and still fills the year of the
 * firm that goes on. A firm of its own files the same claim unhindered. */
static void test_a_paid_year_passes_on(void **state)
{
    (void)state;
    static const char *const cap =
        "  - kind: cap\n    id: cap.claims\n"
        "    cites: {document: rules, article: article not published}\n"
        "    basis: P-23\n    for: [apply]\n    measure: approved\n"
        "    period: calendar_year\n    limit: 1000.00 CNY\n    over: refuse\n";
    fixture *f = fixture_open();
    county_ready(f);
    policy_step_in_force(f, "", cap, START);
    const lot done = lot_make(f, "approved", 1);
    lot moved = lot_make(f, "accepted", 2);
    path other = path_make(f, true, START);
    papers_make(&moved.p);
    path heir = successor_of(f, "enterprise", "长兴新能源集团有限公司");
    const call office = fixture_as(f, ROLE_OFFICE, heir.d);
    NEED(org_succeed(f->app, &office, f->firm, heir.firm, err));
    parties_are(&done, f->firm, f->firm);
    claim_filed filed;
    moved.p.firm = heir.firm;
    moved.p.user = heir.user;
    moved.p.person = heir.person;
    moved.p.d = heir.d;
    const claim_line_new line = path_line(&moved.p, LOT_GROSS);
    const claim_line_new free_line = path_line(&other, LOT_GROSS);
    NEED(path_submit(&other, &free_line, 1, LOT_ASKED - 1, false, &filed, err));
    ASSERT_FAILS(path_submit(&moved.p, &line, 1, LOT_ASKED, true, &filed, err), TQ_REFUSED,
                 "cap_reached");
    fixture_close(f);
}

/* What somebody has changed in a claim is not made good by a merger. */
static void test_a_changed_claim_stays_changed(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    lot l = lot_make(f, "submitted", 1);
    paper_add(&l.p, T_CLAIM, l.filed.claim_id, "accounting_entry"); /* after it was submitted */
    path heir = successor_of(f, "enterprise", "长兴新能源集团有限公司");
    const call office = fixture_as(f, ROLE_OFFICE, heir.d);
    NEED(org_succeed(f->app, &office, f->firm, heir.firm, err));
    parties_are(&l, heir.firm, heir.firm);
    read_again(&l);
    int64_t decision = 0;
    const call reviewer = as(&l.p, ROLE_REVIEWER1);
    const claim_checking rq = {.claim_id = l.filed.claim_id, .content = str_of(l.filed.content)};
    ASSERT_FAILS(claim_check(f->app, &reviewer, &rq, &decision, err), TQ_CONFLICT,
                 "content_changed");
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_firm_with_everything_merges),
        cmocka_unit_test(test_caps_pass_on),
        cmocka_unit_test(test_a_paid_year_passes_on),
        cmocka_unit_test(test_bans_pass_on),
        cmocka_unit_test(test_an_institution_merges),
        cmocka_unit_test(test_a_changed_claim_stays_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
