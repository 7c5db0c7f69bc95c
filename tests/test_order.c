/* SPDX-License-Identifier: Apache-2.0 */
#include "voucher_steps.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/evidence.h"

#define YUAN 100
#define RACERS_MAX 64

static fixture *f;
static int64_t kind;
static int64_t voucher;

/* 30,000 in a voucher of the firm, an agreement with Zhejiang. */
static int county_open(void **state)
{
    (void)state;
    f = fixture_open();
    kind = fixture_kind(f, "apply");
    step_recognise(f, f->firm);
    step_agreement(f, "33", FIXTURE_DAY);
    (void)fixture_fund(f, "apply", 100000 * YUAN, FIXTURE_DAY);
    voucher = step_voucher(f, f->firm, kind, 30000 * YUAN, FIXTURE_DAY);
    return 0;
}

static int county_close(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

static day days(int n)
{
    return day_add(FIXTURE_DAY, n);
}

static call firm(int n)
{
    return fixture_as(f, ROLE_FIRM_AGENT, days(n));
}

static call lab(int n)
{
    return fixture_as(f, ROLE_INST_AGENT, days(n));
}

static order_proposal proposal(const char *outcome, int64_t contract, int64_t part)
{
    return (order_proposal){.voucher_id = voucher,
                            .institution_id = f->institution,
                            .outcome_kind = str_of(outcome),
                            .title = STR("cycle life of cells"),
                            .contract_fen = contract,
                            .voucher_fen = part,
                            .end = days(100)};
}

static int64_t proposed(const char *outcome, int64_t contract, int64_t part, int n)
{
    order_result r;
    const call c = firm(n);
    const order_proposal rq = proposal(outcome, contract, part);
    NEED(order_propose(f->app, &c, &rq, &r, err));
    assert_string_equal(r.reason, "granted");
    assert_true(r.accepted);
    return r.order_id;
}

static int64_t accepted(int64_t contract, int64_t part, int n)
{
    const int64_t id = proposed("testing", contract, part, n);
    const call c = lab(n);
    NEED(order_accept(f->app, &c, id, err));
    return id;
}

static int64_t delivered(int64_t contract, int64_t part, int n)
{
    int64_t d = 0;
    const int64_t id = accepted(contract, part, n);
    const call c = lab(n);
    const order_delivery rq = {.order_id = id, .outcome_count = 1, .last = true};
    NEED(order_deliver(f->app, &c, &rq, &d, err));
    return id;
}

static void expect(int64_t order, const char *state, int64_t in_voucher, int64_t in_hold)
{
    event_value row[AUDITED_COLS_MAX];
    step_row(f, T_SERVICE_ORDER, order, row);
    assert_true(row_is(row, C_SERVICE_ORDER_STATE, state));
    assert_true(step_cell(f, ACC_VOUCHER, voucher, 0) == in_voucher);
    assert_true(step_cell(f, ACC_HOLD, voucher, order) == in_hold);
    /* I4: whatever happens, the voucher's money is somewhere */
    assert_true(fixture_balance(f, ACC_POOL, kind) + fixture_balance(f, ACC_VOUCHER, kind) +
                    fixture_balance(f, ACC_HOLD, kind) + fixture_balance(f, ACC_LAPSED, kind) ==
                100000 * YUAN);
}

static void from_proposal_to_close(void **state)
{
    (void)state;
    order_result r;
    int64_t part = 0;
    event_value row[AUDITED_COLS_MAX];
    const order_line_request lines[] = {{STR("12 cells"), 15000 * YUAN},
                                        {STR("report"), 5000 * YUAN}};
    order_proposal rq = proposal("testing", 20000 * YUAN, 0);
    rq.lines = lines;
    rq.n_lines = 2;
    const call c = firm(1);
    NEED(order_propose(f->app, &c, &rq, &r, err));
    assert_true(r.accepted);
    assert_true(r.voucher_fen == 10000 * YUAN); /* half of the contract */
    expect(r.order_id, "proposed", 30000 * YUAN, 0);
    const call l = lab(2);
    NEED(order_accept(f->app, &l, r.order_id, err));
    expect(r.order_id, "accepted", 20000 * YUAN, 10000 * YUAN);
    const order_delivery first = {
        .order_id = r.order_id, .outcome_count = 12, .amount_fen = 8000 * YUAN};
    order_delivery last = {.order_id = r.order_id,
                           .outcome_count = 3,
                           .amount_fen = 12000 * YUAN + 1,
                           .report = STR("R-7"),
                           .last = true};
    NEED(order_deliver(f->app, &l, &first, &part, err));
    expect(r.order_id, "accepted", 20000 * YUAN, 10000 * YUAN);
    REFUSES(f, order_deliver(f->app, &l, &last, &part, err), TQ_INVALID, "over_contract");
    REFUSES(f, order_cancel(f->app, &c, r.order_id, STR("no"), err), TQ_CONFLICT, "part_delivered");
    last.amount_fen = 0;
    NEED(order_deliver(f->app, &l, &last, &part, err));
    step_row(f, T_DELIVERY, part, row);
    assert_true(row_num(row, C_DELIVERY_AMOUNT_FEN) == 12000 * YUAN);
    assert_true(row_num(row, C_DELIVERY_N) == 2);
    assert_true(row_is(row, C_DELIVERY_OUTCOME_KIND, "testing"));
    const call done = firm(5);
    NEED(order_confirm(f->app, &done, r.order_id, err));
    expect(r.order_id, "confirmed", 20000 * YUAN, 10000 * YUAN);
    NEED(order_close(f->app, &done, r.order_id, err));
    expect(r.order_id, "confirmed", 30000 * YUAN, 0);
    REFUSES(f, order_close(f->app, &done, r.order_id, err), TQ_CONFLICT, "closed");
}

static void a_rule_refuses_on_record(void **state)
{
    (void)state;
    const int64_t far = fixture_org(f, "institution", "外省检测所");
    const int64_t related = fixture_org(f, "institution", "自家检测所");
    const call office = fixture_as(f, ROLE_OFFICE, days(0));
    int64_t fact = 0;
    const int64_t both[] = {f->firm, related};
    for (size_t i = 0; i < 2; i++) {
        const org_fact_rq rq = {.org_id = both[i], .kind = STR("controller"), .value = STR("K-1")};
        NEED(org_fact_record(f->app, &office, &rq, &fact, err));
    }
    const org_fact_rq moved = {.org_id = far, .kind = STR("region"), .value = STR("310104")};
    NEED(org_fact_record(f->app, &office, &moved, &fact, err));
    const struct {
        const char *reason, *outcome;
        int64_t institution, contract, part;
        int end;
        bool compulsory;
    } cases[] = {
        {"institution_not_recognised", "testing", far, 1000, 0, 100, false},
        {"related_parties", "testing", related, 1000, 0, 100, false},
        {"item_unknown", "gold", f->institution, 1000, 0, 100, false},
        {"compulsory_excluded", "testing", f->institution, 1000, 0, 100, true},
        {"order_too_late", "testing", f->institution, 1000, 0, 366, false},
        {"cap_reached", "testing", f->institution, 1000, 501, 100, false},
        {"cap_reached", "testing", f->institution, 100000 * YUAN, 30000 * YUAN + 1, 100, false},
        {"granted", "testing", f->institution, 1000, 500, 365, false},
        {"granted", "testing", f->institution, 100000 * YUAN, 30000 * YUAN, 100, false},
    };
    const call c = firm(1);
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        order_result r;
        event_value row[AUDITED_COLS_MAX];
        const bool granted = strcmp(cases[i].reason, "granted") == 0;
        order_proposal rq = proposal(cases[i].outcome, cases[i].contract, cases[i].part);
        rq.institution_id = cases[i].institution;
        rq.end = days(cases[i].end);
        rq.compulsory = cases[i].compulsory;
        NEED(order_propose(f->app, &c, &rq, &r, err));
        assert_string_equal(r.reason, cases[i].reason);
        assert_int_equal(r.accepted, granted);
        assert_int_equal(r.order_id != 0, granted);
        step_row(f, T_DECISION, r.decision_id, row);
        assert_true(row_is(row, C_DECISION_REASON, cases[i].reason));
        assert_true(row_is(row, C_DECISION_SUBJECT, granted ? "service_order" : "voucher"));
    }
}

/* P-18: spending in a region opens on the day of the agreement. */
static void a_region_opens_on_its_day(void **state)
{
    (void)state;
    int64_t fact = 0;
    order_result r;
    const call office = fixture_as(f, ROLE_OFFICE, days(0));
    const int64_t shanghai = fixture_org(f, "institution", "上海检测所");
    const org_fact_rq moved = {.org_id = shanghai, .kind = STR("region"), .value = STR("310104")};
    NEED(org_fact_record(f->app, &office, &moved, &fact, err));
    step_agreement(f, "31", days(10));
    order_proposal rq = proposal("testing", 1000, 0);
    rq.institution_id = shanghai;
    const call before = firm(9);
    NEED(order_propose(f->app, &before, &rq, &r, err));
    assert_false(r.accepted);
    const call on = firm(10);
    NEED(order_propose(f->app, &on, &rq, &r, err));
    assert_true(r.accepted);
}

static void who_may_not(void **state)
{
    (void)state;
    int64_t d = 0;
    int64_t user = 0;
    int64_t person = 0;
    const int64_t rival = fixture_org(f, "enterprise", "别家有限公司");
    const int64_t other_lab = fixture_org(f, "institution", "别家检测所");
    fixture_person(f, ROLE_FIRM_AGENT, rival, &user, &person);
    const call stranger = fixture_user(f, user, person, ROLE_FIRM_AGENT, rival, days(1));
    fixture_person(f, ROLE_INST_AGENT, other_lab, &user, &person);
    const call strange_lab = fixture_user(f, user, person, ROLE_INST_AGENT, other_lab, days(1));
    const call c = firm(1);
    const call l = lab(1);
    order_result r;
    const order_proposal rq = proposal("testing", 1000, 0);
    REFUSES(f, order_propose(f->app, &stranger, &rq, &r, err), TQ_FORBIDDEN, "not_yours");
    REFUSES(f, order_propose(f->app, &l, &rq, &r, err), TQ_FORBIDDEN, "no_role");
    const int64_t id = proposed("testing", 1000, 0, 1);
    REFUSES(f, order_accept(f->app, &c, id, err), TQ_FORBIDDEN, "other_side");
    REFUSES(f, order_accept(f->app, &strange_lab, id, err), TQ_FORBIDDEN, "not_yours");
    REFUSES(f, order_cancel(f->app, &stranger, id, STR("no"), err), TQ_FORBIDDEN, "not_yours");
    REFUSES(f, order_accept(f->app, &l, 99999, err), TQ_NOT_FOUND, "not_found");
    NEED(order_accept(f->app, &l, id, err));
    const order_delivery part = {.order_id = id, .outcome_count = 1, .last = true};
    REFUSES(f, order_deliver(f->app, &c, &part, &d, err), TQ_FORBIDDEN, "other_side");
    REFUSES(f, order_confirm(f->app, &l, id, err), TQ_FORBIDDEN, "no_role");
    order_proposal bad = proposal("testing", 1000, 0);
    const order_line_request line = {STR("a line"), 999};
    bad.lines = &line;
    bad.n_lines = 1;
    REFUSES(f, order_propose(f->app, &c, &bad, &r, err), TQ_INVALID, "lines_sum");
    bad = proposal("testing", 1000, 1001);
    REFUSES(f, order_propose(f->app, &c, &bad, &r, err), TQ_INVALID, "amount_range");
    bad = proposal("testing", 1000, 0);
    bad.end = days(0);
    REFUSES(f, order_propose(f->app, &c, &bad, &r, err), TQ_INVALID, "order_end");
}

/* What is held is not there for the next order. */
static void money_is_promised_once(void **state)
{
    (void)state;
    const int64_t a = proposed("testing", 60000 * YUAN, 30000 * YUAN, 1);
    const int64_t b = proposed("testing", 60000 * YUAN, 30000 * YUAN, 1);
    const call c = firm(2);
    const call l = lab(2);
    NEED(order_accept(f->app, &l, a, err));
    REFUSES(f, order_accept(f->app, &l, b, err), TQ_CONFLICT, "insufficient");
    REFUSES(f, order_accept(f->app, &l, a, err), TQ_CONFLICT, "state_arrow");
    expect(a, "accepted", 0, 30000 * YUAN);
    NEED(order_cancel(f->app, &c, a, STR("the sample was lost"), err));
    expect(a, "cancelled", 30000 * YUAN, 0);
    REFUSES(f, order_cancel(f->app, &c, a, STR("again"), err), TQ_CONFLICT, "state_arrow");
    expect(a, "cancelled", 30000 * YUAN, 0);
    NEED(order_accept(f->app, &l, b, err));
    expect(b, "accepted", 0, 30000 * YUAN);
}

/* From every state each verb that does not belong there is refused and leaves nothing. */
static void arrows(void **state)
{
    (void)state;
    const call c = firm(3);
    const call l = lab(3);
    const call office = fixture_as(f, ROLE_OFFICE, days(3));
    int64_t d = 0;
    enum {
        ACCEPT = 1,
        DECLINE = 2,
        CANCEL = 4,
        CLOSE = 8,
        DELIVER = 16,
        CONFIRM = 32,
        DISPUTE = 64,
        RESOLVE = 128
    };
    int64_t ids[7];
    ids[0] = proposed("testing", 1000, 0, 1);
    ids[1] = accepted(1000, 0, 1);
    ids[2] = delivered(1000, 0, 1);
    ids[3] = delivered(1000, 0, 1);
    NEED(order_dispute(f->app, &c, ids[3], STR("two cells are missing"), err));
    ids[4] = delivered(1000, 0, 1);
    NEED(order_confirm(f->app, &c, ids[4], err));
    ids[5] = proposed("testing", 1000, 0, 1);
    NEED(order_decline(f->app, &l, ids[5], STR("no capacity"), err));
    ids[6] = proposed("testing", 1000, 0, 1);
    NEED(order_cancel(f->app, &c, ids[6], STR("no longer needed"), err));
    const int may[7] = {
        ACCEPT | DECLINE | CANCEL, CANCEL | DELIVER, CONFIRM | DISPUTE, RESOLVE, CLOSE, 0, 0};
    for (int i = 0; i < 7; i++) {
        const order_delivery part = {.order_id = ids[i], .outcome_count = 1, .last = true};
        if ((may[i] & ACCEPT) == 0) {
            REFUSES(f, order_accept(f->app, &l, ids[i], err), TQ_CONFLICT, "state_arrow");
        }
        if ((may[i] & DECLINE) == 0) {
            REFUSES(f, order_decline(f->app, &l, ids[i], STR("no"), err), TQ_CONFLICT,
                    "state_arrow");
        }
        if ((may[i] & CANCEL) == 0) {
            REFUSES(f, order_cancel(f->app, &l, ids[i], STR("no"), err), TQ_CONFLICT,
                    "state_arrow");
        }
        if ((may[i] & CLOSE) == 0) {
            REFUSES(f, order_close(f->app, &c, ids[i], err), TQ_CONFLICT, "state_arrow");
        }
        if ((may[i] & DELIVER) == 0) {
            REFUSES(f, order_deliver(f->app, &l, &part, &d, err), TQ_CONFLICT, "state_arrow");
        }
        if ((may[i] & CONFIRM) == 0) {
            REFUSES(f, order_confirm(f->app, &c, ids[i], err), TQ_CONFLICT, "state_arrow");
        }
        if ((may[i] & DISPUTE) == 0) {
            REFUSES(f, order_dispute(f->app, &c, ids[i], STR("no"), err), TQ_CONFLICT,
                    "state_arrow");
        }
        if ((may[i] & RESOLVE) == 0) {
            REFUSES(f, order_resolve(f->app, &office, ids[i], true, STR("no"), err), TQ_CONFLICT,
                    "state_arrow");
        }
    }
}

static void disputes(void **state)
{
    (void)state;
    const call c = firm(3);
    const call office = fixture_as(f, ROLE_OFFICE, days(4));
    const int64_t lost = delivered(2000, 1000, 1);
    const int64_t won = delivered(4000, 2000, 1);
    const int64_t given = delivered(6000, 3000, 1);
    const int64_t all[] = {lost, won, given};
    for (size_t i = 0; i < 3; i++) {
        NEED(order_dispute(f->app, &c, all[i], STR("two cells are missing"), err));
    }
    REFUSES(f, order_resolve(f->app, &c, lost, false, STR("we are right"), err), TQ_FORBIDDEN,
            "other_side");
    NEED(order_resolve(f->app, &office, lost, false, STR("the report is void"), err));
    NEED(order_resolve(f->app, &office, won, true, STR("the report stands"), err));
    NEED(order_resolve(f->app, &c, given, true, STR("we found them"), err));
    expect(lost, "cancelled", 30000 * YUAN - 5000, 0);
    expect(won, "confirmed", 30000 * YUAN - 5000, 2000);
    expect(given, "confirmed", 30000 * YUAN - 5000, 3000);
}

static void changes(void **state)
{
    (void)state;
    int64_t id = 0;
    event_value row[AUDITED_COLS_MAX];
    const call c = firm(3);
    const call l = lab(3);
    const int64_t order = accepted(20000, 10000, 1);
    order_change_request rq = {
        .order_id = order, .contract_fen = 30000, .voucher_fen = 15000, .end = days(120)};
    NEED(order_change_propose(f->app, &c, &rq, &id, err));
    REFUSES(f, order_change_propose(f->app, &l, &rq, &id, err), TQ_CONFLICT, "change_open");
    REFUSES(f, order_change_agree(f->app, &c, id, err), TQ_FORBIDDEN, "other_side");
    NEED(order_change_agree(f->app, &l, id, err));
    REFUSES(f, order_change_agree(f->app, &l, id, err), TQ_CONFLICT, "state_arrow");
    expect(order, "accepted", 30000 * YUAN - 15000, 15000);
    step_row(f, T_SERVICE_ORDER, order, row);
    assert_true(row_num(row, C_SERVICE_ORDER_VERSION) == 2);
    assert_true(row_num(row, C_SERVICE_ORDER_CONTRACT_FEN) == 30000);
    rq = (order_change_request){
        .order_id = order, .contract_fen = 8000, .voucher_fen = 4000, .end = days(120)};
    NEED(order_change_propose(f->app, &l, &rq, &id, err));
    NEED(order_change_agree(f->app, &c, id, err));
    expect(order, "accepted", 30000 * YUAN - 4000, 4000);
    rq.voucher_fen = 4001; /* more than half of the contract */
    NEED(order_change_propose(f->app, &l, &rq, &id, err));
    REFUSES(f, order_change_agree(f->app, &c, id, err), TQ_REFUSED, "cap_reached");
    NEED(order_change_decline(f->app, &c, id, err));
    rq = (order_change_request){
        .order_id = order, .contract_fen = 8000, .voucher_fen = 4000, .end = days(366)};
    NEED(order_change_propose(f->app, &l, &rq, &id, err));
    REFUSES(f, order_change_agree(f->app, &c, id, err), TQ_REFUSED, "order_too_late");
    expect(order, "accepted", 30000 * YUAN - 4000, 4000);
}

/* P-52: no other side to ask, so evidence. */
static void without_a_login(void **state)
{
    (void)state;
    int64_t d = 0;
    int64_t paper = 0;
    const int64_t id = proposed("equipment", 2000, 1000, 1);
    const call c = firm(2);
    REFUSES(f, order_accept(f->app, &c, id, err), TQ_CONFLICT, "no_evidence");
    evidence_request rq = {.table = T_SERVICE_ORDER,
                           .id = id,
                           .kind = STR("contract"),
                           .name = STR("contract.pdf"),
                           .bytes = STR("%PDF-1.4"),
                           .typed = STR("{\"no\":7}")};
    NEED(evidence_add(f->app, &c, &rq, &paper, err));
    rq.kind = STR("rumour");
    REFUSES(f, evidence_add(f->app, &c, &rq, &paper, err), TQ_INVALID, "word");
    rq.kind = STR("contract");
    rq.bytes = STR("");
    REFUSES(f, evidence_add(f->app, &c, &rq, &paper, err), TQ_LIMIT, "file_size");
    rq.bytes = STR("x");
    rq.typed = STR("{ \"no\":7}");
    assert_int_equal((int)evidence_add(f->app, &c, &rq, &paper, NULL), (int)TQ_MALFORMED);
    NEED(order_accept(f->app, &c, id, err));
    expect(id, "accepted", 30000 * YUAN - 1000, 1000);
    const order_delivery part = {.order_id = id, .outcome_count = 1, .last = true};
    NEED(order_deliver(f->app, &c, &part, &d, err));
    NEED(order_confirm(f->app, &c, id, err));
    expect(id, "confirmed", 30000 * YUAN - 1000, 1000);
}

static void clocks(void **state)
{
    (void)state;
    order_clocks done;
    event_value row[AUDITED_COLS_MAX];
    const int64_t unanswered = proposed("testing", 1000, 500, 1);
    const int64_t silent = delivered(2000, 1000, 1);
    const int64_t never = accepted(4000, 2000, 1);
    step_row(f, T_SERVICE_ORDER, silent, row);
    const day by = {(int32_t)row_num(row, C_SERVICE_ORDER_CONFIRM_BY_DAY)};
    assert_int_equal(by.n,
                     fixture_day(2013, 9, 25).n); /* 15 working days over 中秋, two of them 调休 */
    call c = fixture_as(f, ROLE_SYSTEM, by);
    REFUSES(f, order_confirm(f->app, &c, silent, err), TQ_CONFLICT, "not_due");
    NEED(order_clocks_due(f->app, &c, &done, err));
    assert_true(done.confirmed == 0 && done.lapsed == 0 && done.cancelled == 0 && done.closed == 0);
    c = fixture_as(f, ROLE_SYSTEM, day_add(by, 1));
    NEED(order_clocks_due(f->app, &c, &done, err));
    assert_true(done.confirmed == 1 && done.lapsed == 0);
    c = fixture_as(f, ROLE_SYSTEM, days(101));
    NEED(order_clocks_due(f->app, &c, &done, err));
    assert_true(done.lapsed == 1 && done.confirmed == 0 && done.cancelled == 0);
    expect(unanswered, "expired", 30000 * YUAN - 3000, 0);

    /* the voucher ends; orders in hand keep their hold until claims are late */
    int64_t expired = 0;
    c = fixture_as(f, ROLE_SYSTEM, fixture_day(2014, 9, 3));
    NEED(voucher_expire_due(f->app, &c, &expired, err));
    assert_true(expired == 1);
    expect(never, "accepted", 0, 2000);
    NEED(order_clocks_due(f->app, &c, &done, err));
    assert_true(done.cancelled == 0 && done.closed == 0);
    c = fixture_as(f, ROLE_SYSTEM, fixture_day(2015, 3, 3));
    NEED(order_clocks_due(f->app, &c, &done, err));
    assert_true(done.cancelled == 1 && done.closed == 1);
    NEED(order_clocks_due(f->app, &c, &done, err));
    assert_true(done.cancelled == 0 && done.closed == 0 && done.lapsed == 0 && done.confirmed == 0);
    expect(never, "cancelled", 0, 0);
    expect(silent, "confirmed", 0, 0);
    assert_true(fixture_balance(f, ACC_POOL, kind) == 100000 * YUAN);
}

static void a_frozen_voucher_gives_back_only(void **state)
{
    (void)state;
    const int64_t held = accepted(2000, 1000, 1);
    const int64_t open = proposed("testing", 2000, 1000, 1);
    const call office = fixture_as(f, ROLE_OFFICE, days(2));
    const call c = firm(2);
    const call l = lab(2);
    int64_t d = 0;
    order_result r;
    const order_proposal rq = proposal("testing", 1000, 0);
    const order_delivery part = {.order_id = held, .outcome_count = 1, .last = true};
    NEED(voucher_freeze(f->app, &office, voucher, STR("under inspection"), err));
    REFUSES(f, order_propose(f->app, &c, &rq, &r, err), TQ_CONFLICT, "voucher_not_active");
    REFUSES(f, order_accept(f->app, &l, open, err), TQ_CONFLICT, "voucher_not_active");
    REFUSES(f, order_deliver(f->app, &l, &part, &d, err), TQ_CONFLICT, "voucher_not_active");
    NEED(order_cancel(f->app, &l, held, STR("stopped"), err));
    expect(held, "cancelled", 30000 * YUAN, 0);
}

/* --- race ------------------------------------------------------------ */

typedef struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    int64_t order_id;
    bool cancel;
    tq_code code;
    tq_err err;
} racer;

static void *race_run(void *arg)
{
    racer *r = arg;
    ARENA_AUTO arena *a = arena_new("racer", 64 * 1024 * 1024);
    const call c = fixture_as_in(f, ROLE_INST_AGENT, days(2), a);
    (void)pthread_barrier_wait(r->start);
    do {
        r->code = r->cancel ? order_cancel(f->app, &c, r->order_id, STR("stopped"), &r->err)
                            : order_accept(f->app, &c, r->order_id, &r->err);
    } while (r->code == TQ_BUSY);
    return NULL;
}

static int race(racer *r, int n)
{
    pthread_barrier_t start;
    int won = 0;
    assert_int_equal(pthread_barrier_init(&start, NULL, (unsigned)n), 0);
    for (int i = 0; i < n; i++) {
        r[i].start = &start;
        assert_int_equal(pthread_create(&r[i].thread, NULL, race_run, &r[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(r[i].thread, NULL), 0);
        assert_true(r[i].code == TQ_OK || r[i].code == TQ_CONFLICT);
        won += r[i].code == TQ_OK ? 1 : 0;
    }
    assert_int_equal(pthread_barrier_destroy(&start), 0);
    return won;
}

static void race_for_one_voucher(void **state)
{
    (void)state;
    static racer r[RACERS_MAX];
    const char *full = getenv("TQ_FULL");
    const int n = full != NULL && strcmp(full, "1") == 0 ? RACERS_MAX : 8;
    for (int i = 0; i < n; i++) {
        r[i] = (racer){.order_id = proposed("testing", 18000 * YUAN, 9000 * YUAN, 1)};
    }
    assert_int_equal(race(r, n), 3);
    assert_true(step_cell(f, ACC_VOUCHER, voucher, 0) == 3000 * YUAN);
    assert_true(step_cell(f, ACC_HOLD, voucher, 0) == 27000 * YUAN);
    /* one order, cancelled by all at once: its hold ends once */
    int64_t held = 0;
    for (int i = 0; i < n && held == 0; i++) {
        held = r[i].code == TQ_OK ? r[i].order_id : 0;
    }
    for (int i = 0; i < n; i++) {
        r[i] = (racer){.order_id = held, .cancel = true};
    }
    assert_int_equal(race(r, n), 1);
    assert_true(step_cell(f, ACC_VOUCHER, voucher, 0) == 12000 * YUAN);
    assert_true(step_cell(f, ACC_HOLD, voucher, 0) == 18000 * YUAN);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, county_open, county_close)
    const struct CMUnitTest tests[] = {
        T(from_proposal_to_close),
        T(a_rule_refuses_on_record),
        T(a_region_opens_on_its_day),
        T(who_may_not),
        T(money_is_promised_once),
        T(arrows),
        T(disputes),
        T(changes),
        T(without_a_login),
        T(clocks),
        T(a_frozen_voucher_gives_back_only),
        T(race_for_one_voucher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
