/* SPDX-License-Identifier: Apache-2.0 */
#include "app/assessment.h"
#include "app/inspection.h"
#include "app/sanction.h"
#include "app/view.h"
#include "claim_path.h"
#include "draw.h"
#include "store/verify.h"

#define DAY_VISIT fixture_day(2013, 10, 16)
#define LINES 4 /* of the demonstration's checklist */

static fixture *f;
static int64_t users[3], persons[3];
static int64_t second_group, second_group_person;

static int open_county(void **state)
{
    (void)state;
    f = fixture_open();
    county_ready(f);
    for (int i = 0; i < 3; i++) {
        fixture_person(f, ROLE_INSPECTOR, 0, &users[i], &persons[i]);
    }
    fixture_person(f, ROLE_GROUP, 0, &second_group, &second_group_person);
    return 0;
}

static int close_county(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

static call inspector(int i, day d)
{
    return fixture_user(f, users[i], persons[i], ROLE_INSPECTOR, 0, d);
}

static call firm_on(day d)
{
    return fixture_as(f, ROLE_FIRM_AGENT, d);
}

#define REFUSED(code_, reason_, call_)                                                             \
    do {                                                                                           \
        tq_err e_ = {0};                                                                           \
        tq_err *err = &e_;                                                                         \
        assert_int_equal((call_), (code_));                                                        \
        assert_string_equal(e_.reason, (reason_));                                                 \
    } while (0)

static int64_t task_of(int64_t org, day d)
{
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const inspection_rq rq = {.org_id = org,
                              .first_user_id = users[0],
                              .second_user_id = users[1],
                              .due = day_add(d, 30),
                              .reason = STR("同一机构高频下单")};
    inspection_made made;
    NEED(inspection_open(f->app, &office, &rq, &made, err));
    const call group = fixture_as(f, ROLE_GROUP, d);
    NEED(inspection_agree(f->app, &group, made.inspection_id, err));
    return made.inspection_id;
}

/* Answers all lines; `wrong` (from 1, 0: none) is answered no. */
static tq_code record(int64_t id, const call *c, int64_t wrong, tq_err *err)
{
    inspection_answer answers[LINES];
    for (int64_t i = 0; i < LINES; i++) {
        answers[i] = (inspection_answer){.n = i + 1,
                                         .answer = i + 1 == wrong ? STR("no") : STR("yes"),
                                         .note = i + 1 == wrong ? STR("发票与合同不符") : STR("")};
    }
    const inspection_record_rq rq = {.inspection_id = id,
                                     .visited = c->today,
                                     .summary = STR("现场核查记录"),
                                     .answers = answers,
                                     .n_answers = LINES};
    return inspection_record(f->app, c, &rq, err);
}

static int64_t closed_with(int64_t org, int64_t wrong, day d, finding_class *result)
{
    const int64_t id = task_of(org, d);
    const call first = inspector(0, d);
    const call second = inspector(1, d);
    const call office = fixture_as(f, ROLE_OFFICE, d);
    NEED(record(id, &first, wrong, err));
    NEED(inspection_sign(f->app, &first, id, err));
    NEED(inspection_sign(f->app, &second, id, err));
    if (org == f->firm) {
        const call firm = firm_on(d);
        NEED(inspection_reply(f->app, &firm, id, STR("已整改"), err));
        NEED(inspection_close(f->app, &office, id, result, err));
    } else {
        const call later = fixture_as(f, ROLE_OFFICE, day_add(d, 40));
        NEED(inspection_close(f->app, &later, id, result, err));
    }
    return id;
}

static credit_sheet credit_on(int64_t org, day d)
{
    bool given = false;
    credit_sheet s = {0};
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(credit_sheet_of(f->app, tx, f->programme_id, org, d, f->a, &given, &s, err));
    assert_true(given);
    return s;
}

/* R-CREDIT-010 */
static void the_same_entries_in_any_order_give_the_same_level(void **state)
{
    (void)state;
    enum { N = 40 };
    const credit_terms terms = {.start = 80, .light = 90, .visit = 50};
    uint64_t seed = 37;
    credit_points entries[N];
    for (int turn = 0; turn < 200; turn++) {
        int64_t off = 0;
        const day on = {15000};
        for (int i = 0; i < N; i++) {
            entries[i] = (credit_points){
                .points = draw_below(&seed, 4),
                .from = {14990 + draw_below(&seed, 20)},
                .to = {draw_below(&seed, 2) == 0 ? 0 : 14995 + draw_below(&seed, 20)},
                .counts = draw_below(&seed, 3) != 0};
            const credit_points *e = &entries[i];
            off += e->counts && e->from.n <= 15000 && (e->to.n == 0 || e->to.n > 15000) ? e->points
                                                                                        : 0;
        }
        const credit_sheet first = credit_of(&terms, entries, N, on);
        assert_int_equal(first.points, off > 80 ? 0 : 80 - off);
        assert_int_equal(first.level, first.points < 50 ? CREDIT_VISIT : CREDIT_FULL);
        for (int i = N - 1; i > 0; i--) {
            const int k = draw_below(&seed, i + 1);
            const credit_points kept = entries[i];
            entries[i] = entries[k];
            entries[k] = kept;
        }
        const credit_sheet again = credit_of(&terms, entries, N, on);
        assert_int_equal(first.points, again.points);
        assert_int_equal(first.level, again.level);
    }
}

/* A person who holds a role beside the own one. */
static call also(int64_t user, int64_t person, role r, day d)
{
    fixture_grant(f, user, r, 0);
    return fixture_user(f, user, person, r, 0, d);
}

static call hearer(day d)
{
    return fixture_user(f, second_group, second_group_person, ROLE_GROUP, 0, d);
}

/* What the policy grants the firm of VOUCHER_FEN asked on that day. */
static int64_t granted_on(day d)
{
    int64_t id = 0;
    application_result r = {0};
    const call intake = fixture_as(f, ROLE_INTAKE, d);
    const call reviewer = fixture_as(f, ROLE_REVIEWER1, d);
    const application_request rq = {.holder_id = f->firm,
                                    .kind_id = fixture_kind(f, "apply"),
                                    .way = "immediate",
                                    .asked_fen = VOUCHER_FEN};
    NEED(application_file(f->app, &intake, &rq, &id, err));
    NEED(application_approve(f->app, &reviewer, id, NULL, &r, err));
    assert_true(r.granted);
    return r.amount_fen;
}

static int64_t newest_entry(void)
{
    const call office = fixture_as(f, ROLE_OFFICE, DAY_VISIT);
    const view_scope scope = view_scope_of(&office.who);
    const view_query q = {.limit = 50, .state = STR(""), .q = STR("")};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(VIEW_CREDIT_ENTRY), &scope, &q, f->a, &rows, err));
    assert_true(rows.n > 0);
    int64_t id = 0;
    for (size_t i = 0; i < rows.n; i++) {
        id = rows.rows[i].values[0].n > id ? rows.rows[i].values[0].n : id;
    }
    return id;
}

/* R-CREDIT-030: points of a finding; who published the result may hear the appeal, the others not. */
static void appeal_of_a_finding(const call *closer, const call *visitor, const call *group)
{
    const int64_t entry = newest_entry();
    const call firm = firm_on(closer->today);
    NEED(credit_contest(f->app, &firm, entry, STR("不属实"), err));
    REFUSED(TQ_FORBIDDEN, "same_person", credit_answer(f->app, closer, entry, true, STR("x"), err));
    REFUSED(TQ_FORBIDDEN, "same_person",
            credit_answer(f->app, visitor, entry, true, STR("x"), err));
    NEED(credit_answer(f->app, group, entry, true, STR("属实"), err));
    assert_int_equal(credit_on(f->firm, closer->today).points, 80);
}

/* R-INSPECT-010, R-INSPECT-020, R-INSPECT-030 */
static void a_visit_from_task_to_effects(void **state)
{
    (void)state;
    const day d = DAY_VISIT;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call first = inspector(0, d);
    const call second = inspector(1, d);
    const call third = inspector(2, d);
    const call firm = firm_on(d);
    finding_class result = FINDING_NONE;
    inspection_made made;
    const inspection_rq twice = {.org_id = f->firm,
                                 .first_user_id = users[0],
                                 .second_user_id = users[0],
                                 .due = d,
                                 .reason = STR("一人")};
    REFUSED(TQ_INVALID, "two_inspectors", inspection_open(f->app, &office, &twice, &made, err));
    const inspection_rq nobody = {.org_id = f->firm,
                                  .first_user_id = users[0],
                                  .second_user_id = f->user[ROLE_REVIEWER1],
                                  .due = d,
                                  .reason = STR("非核查员")};
    REFUSED(TQ_INVALID, "no_inspector", inspection_open(f->app, &office, &nobody, &made, err));
    const int64_t id = task_of(f->firm, d);
    REFUSED(TQ_NOT_FOUND, "not_found", record(id, &third, 0, err)); /* not the third one's task */
    REFUSED(TQ_CONFLICT, "state_arrow", inspection_sign(f->app, &first, id, err));

    const inspection_answer some[] = {{1, STR("yes"), STR("")}, {2, STR("yes"), STR("")}};
    const inspection_record_rq half = {
        .inspection_id = id, .visited = d, .summary = STR("漏项"), .answers = some, .n_answers = 2};
    REFUSED(TQ_INVALID, "lines", inspection_record(f->app, &first, &half, err));
    inspection_record_rq before = half;
    before.visited = day_add(d, -2);
    REFUSED(TQ_INVALID, "late", inspection_record(f->app, &first, &before, err));
    NEED(record(id, &first, 1, err));
    NEED(inspection_sign(f->app, &first, id, err));
    REFUSED(TQ_CONFLICT, "signed", inspection_sign(f->app, &first, id, err));
    NEED(record(id, &second, 1, err)); /* takes the signature back */
    NEED(inspection_sign(f->app, &second, id, err));
    /* R-INSPECT-060: so does a paper, and only those who go there bring one. */
    int64_t paper = 0;
    const evidence_request photo = {.table = T_INSPECTION,
                                    .id = id,
                                    .kind = STR("result"),
                                    .name = STR("photo.pdf"),
                                    .bytes = STR("%PDF-1.4 photo")};
    ASSERT_FAILS(evidence_add(f->app, &third, &photo, &paper, err), TQ_NOT_FOUND, "not_found");
    NEED(evidence_add(f->app, &first, &photo, &paper, err));
    NEED(inspection_sign(f->app, &second, id, err));
    REFUSED(TQ_CONFLICT, "state_arrow", inspection_reply(f->app, &firm, id, STR("太早"), err));
    NEED(inspection_sign(f->app, &first, id, err));
    REFUSED(TQ_CONFLICT, "reply_open", inspection_close(f->app, &office, id, &result, err));
    NEED(inspection_reply(f->app, &firm, id, STR("已补开发票"), err));
    NEED(inspection_close(f->app, &office, id, &result, err));
    assert_int_equal(result, FINDING_SERIOUS);
    const credit_sheet s = credit_on(f->firm, d);
    assert_int_equal(s.points, 60);
    assert_int_equal(s.level, CREDIT_FULL);
    assert_int_equal(credit_on(f->firm, day_add_months(d, 24)).points,
                     80); /* after its months it counts no more */
    const call closer = also(f->user[ROLE_OFFICE], f->person[ROLE_OFFICE], ROLE_GROUP, d);
    const call visitor = also(users[1], persons[1], ROLE_GROUP, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    REFUSED(TQ_FORBIDDEN, "same_person", inspection_publish(f->app, &office, id, err));
    REFUSED(TQ_FORBIDDEN, "same_person", inspection_publish(f->app, &closer, id, err));
    REFUSED(TQ_FORBIDDEN, "same_person", inspection_publish(f->app, &visitor, id, err));
    NEED(inspection_publish(f->app, &group, id, err));
    appeal_of_a_finding(&closer, &visitor, &group);
    assert_int_equal(granted_on(d), VOUCHER_FEN); /* the points are gone, and so is the cut */
    verify_report report;
    NEED(verify_run(f->store, NULL, &report, err));
    assert_true(report.ok);
}

static size_t rows_of(view_id v, const char *child, int64_t id, view_rows *rows)
{
    const view *parent = view_of(v);
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    for (int k = 0; k < parent->n_children; k++) {
        if (strcmp(view_of(parent->children[k].view)->name, child) == 0) {
            NEED(view_children(tx, &parent->children[k], id, f->a, rows, err));
            return rows->n;
        }
    }
    fail_msg("no list of %s", child);
    return 0;
}

static size_t seen_by(const call *c, view_id v)
{
    const view_scope scope = view_scope_of(&c->who);
    const view_query q = {.limit = 50};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(v), &scope, &q, f->a, &rows, err));
    return rows.n;
}

/* R-DRAW-050: the office names, the group decides, and the public reads whom and why. */
static void a_visit_for_a_risk_is_the_groups(void **state)
{
    (void)state;
    const day d = DAY_VISIT;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const call first = inspector(0, d);
    const call second = inspector(1, d);
    call anybody = office;
    anybody.who = (actor){.role = ROLE_PUBLIC, .programme_id = f->programme_id};
    inspection_made made;
    inspection_rq rq = {.org_id = f->firm,
                        .first_user_id = users[0],
                        .second_user_id = users[1],
                        .due = day_add(d, 30),
                        .reason = STR("同一机构高频下单")};
    NEED(inspection_open(f->app, &office, &rq, &made, err));
    assert_int_equal(seen_by(&first, VIEW_INSPECTION), 0);
    REFUSED(TQ_CONFLICT, "state_arrow", record(made.inspection_id, &first, 0, err));
    REFUSED(TQ_FORBIDDEN, "no_role", inspection_agree(f->app, &office, made.inspection_id, err));
    NEED(inspection_agree(f->app, &group, made.inspection_id, err));
    REFUSED(TQ_CONFLICT, "state_arrow", inspection_agree(f->app, &group, made.inspection_id, err));
    assert_int_equal(seen_by(&first, VIEW_INSPECTION), 1);
    NEED(record(made.inspection_id, &first, 0, err));
    assert_int_equal(seen_by(&anybody, VIEW_RISK_VISIT), 0); /* nobody is warned */
    NEED(inspection_sign(f->app, &first, made.inspection_id, err));
    NEED(inspection_sign(f->app, &second, made.inspection_id, err));
    assert_int_equal(seen_by(&anybody, VIEW_RISK_VISIT), 1);
    NEED(inspection_open(f->app, &office, &rq, &made, err));
    NEED(inspection_cancel(f->app, &office, made.inspection_id, STR("重复"), err));
    rq.reason = STR("小组决定");
    NEED(inspection_open(f->app, &group, &rq, &made, err));
    assert_int_equal(seen_by(&first, VIEW_INSPECTION), 2);
}

/* R-INSPECT-080 */
static void a_reply_leads_back_to_the_record(void **state)
{
    (void)state;
    const day d = DAY_VISIT;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call first = inspector(0, d);
    const call second = inspector(1, d);
    const call firm = firm_on(d);
    const int64_t id = task_of(f->firm, d);
    finding_class result = FINDING_FRAUD;
    int64_t paper = 0;
    view_rows rows;
    const evidence_request proof = {.table = T_INSPECTION,
                                    .id = id,
                                    .kind = STR("result"),
                                    .name = STR("receipt.pdf"),
                                    .bytes = STR("%PDF-1.4 receipt")};
    NEED(record(id, &first, 1, err));
    ASSERT_FAILS(evidence_add(f->app, &firm, &proof, &paper, err), TQ_CONFLICT, "state_arrow");
    NEED(inspection_sign(f->app, &first, id, err));
    NEED(inspection_sign(f->app, &second, id, err));
    NEED(evidence_add(f->app, &firm, &proof, &paper, err));
    ASSERT_FAILS(evidence_add(f->app, &first, &proof, &paper, err), TQ_CONFLICT, "state_arrow");
    REFUSED(TQ_CONFLICT, "state_arrow", inspection_return(f->app, &office, id, STR("x"), err));
    NEED(inspection_reply(f->app, &firm, id, STR("发票在附件"), err));
    const call visitor = also(users[1], persons[1], ROLE_OFFICE, d);
    REFUSED(TQ_FORBIDDEN, "same_person", inspection_return(f->app, &visitor, id, STR("x"), err));
    REFUSED(TQ_FORBIDDEN, "no_role", inspection_return(f->app, &firm, id, STR("x"), err));
    REFUSED(TQ_INVALID, "line", inspection_return(f->app, &office, id, STR(""), err));
    NEED(inspection_return(f->app, &office, id, STR("发票已补交，请重新核对"), err));
    assert_int_equal(rows_of(VIEW_INSPECTION, "decision_of_inspection", id, &rows), 1);
    REFUSED(TQ_CONFLICT, "state_arrow", inspection_close(f->app, &office, id, &result, err));
    NEED(record(id, &first, 0, err));
    NEED(inspection_sign(f->app, &first, id, err));
    NEED(inspection_sign(f->app, &second, id, err));
    NEED(inspection_reply(f->app, &firm, id, STR("发票在附件"), err)); /* the same words again */
    NEED(inspection_close(f->app, &office, id, &result, err));
    assert_int_equal(result, FINDING_NONE);
}

/* R-INSPECT-070 */
static void the_checklist_is_that_of_what_was_ordered(void **state)
{
    (void)state;
    view_rows rows;
    const int64_t plain = task_of(f->firm, DAY_VISIT);
    assert_int_equal(rows_of(VIEW_INSPECTION, "inspection_line", plain, &rows), LINES);
    const path p = path_make(f, false, DAY_VISIT); /* the firm has something tested */
    (void)p;
    const int64_t tested = task_of(f->firm, DAY_VISIT);
    assert_int_equal(rows_of(VIEW_INSPECTION, "inspection_line", tested, &rows), LINES + 1);
    assert_true(str_eq(rows.rows[LINES].values[view_field_at(rows.of, "item_en")].s,
                       STR("The number of the report is confirmed by who issued it")));
}

/* R-FINDING-010, R-FINDING-020: a fraud opens a case and leaves a fifth of the next voucher, until its points
 * have run out; a serious finding opens none. */
static void a_fraud_opens_a_case_and_lowers_the_next_voucher(void **state)
{
    (void)state;
    const day d = DAY_VISIT;
    finding_class result = FINDING_NONE;
    view_rows cases = {0};
    view_rows none = {0};
    const int64_t serious = closed_with(f->firm, 2, d, &result);
    assert_int_equal(result, FINDING_SERIOUS);
    assert_int_equal(rows_of(VIEW_INSPECTION, "case_of_inspection", serious, &none), 0);
    const int64_t fraud = closed_with(f->firm, 3, d, &result);
    assert_int_equal(result, FINDING_FRAUD);
    assert_int_equal(rows_of(VIEW_INSPECTION, "case_of_inspection", fraud, &cases), 1);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const case_step_request hear = {.case_id = cases.rows[0].values[0].n,
                                    .paper = {STR("谈话笔录1号"), d, STR("")}};
    NEED(case_hear(f->app, &office, &hear, err)); /* a case like any other */
    const case_step_request drop = {.case_id = hear.case_id,
                                    .reason = STR("证据不足"),
                                    .paper = {STR("纪要〔2013〕10号"), d, STR("")}};
    NEED(case_dismiss(f->app, &group, &drop, err));
    assert_int_equal(granted_on(d), VOUCHER_FEN / 5);
}

/* R-FINDING-020: with the points goes what they carry. */
static void a_voucher_is_whole_again_after_the_points(void **state)
{
    (void)state;
    finding_class result = FINDING_NONE;
    (void)closed_with(f->firm, 2, DAY_VISIT, &result);
    finding_class counts = FINDING_FRAUD;
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        const day last = day_add(day_add_months(DAY_VISIT, 24), -1);
        NEED(credit_finding(tx, f->programme_id, f->firm, last, &counts, err));
        assert_int_equal(counts, FINDING_SERIOUS);
        NEED(credit_finding(tx, f->programme_id, f->firm, day_add(last, 1), &counts, err));
        assert_int_equal(counts, FINDING_NONE);
    }
    assert_int_equal(granted_on(DAY_VISIT), VOUCHER_FEN / 2);
}

/* R-FINDING-010: a firm that merged after the visit is answered for by its successor. */
static void a_finding_follows_the_firm(void **state)
{
    (void)state;
    const day d = DAY_VISIT;
    const day later = day_add(d, 40);
    const int64_t gone = fixture_org(f, "enterprise", "长兴旧名电源有限公司");
    const int64_t id = task_of(gone, d);
    const call first = inspector(0, d);
    const call second = inspector(1, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const call office = fixture_as(f, ROLE_OFFICE, later);
    finding_class result = FINDING_NONE;
    view_rows cases = {0};
    NEED(record(id, &first, 3, err));
    NEED(inspection_sign(f->app, &first, id, err));
    NEED(inspection_sign(f->app, &second, id, err));
    NEED(org_succeed(f->app, &group, gone, f->firm, err));
    NEED(inspection_close(f->app, &office, id, &result, err));
    assert_int_equal(rows_of(VIEW_INSPECTION, "case_of_inspection", id, &cases), 1);
    assert_int_equal(credit_on(f->firm, later).points, 20);
    assert_int_equal(credit_on(gone, later).points, 80);
}

static size_t seen(int i, view_id v)
{
    const call c = inspector(i, DAY_VISIT);
    const view_scope scope = view_scope_of(&c.who);
    const view_query q = {.limit = 50, .state = STR(""), .q = STR("")};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(v), &scope, &q, f->a, &rows, err));
    return rows.n;
}

/* The contract of the order, as this inspector would open it. */
static tq_code paper_opened(int i, int64_t order, tq_err *err)
{
    evidence_file file = {0};
    int64_t id = 0;
    const call c = inspector(i, DAY_VISIT);
    {
        const view *v = view_of(VIEW_SERVICE_ORDER);
        view_rows rows = {0};
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(f->app, &tx, err));
        for (int k = 0; k < v->n_children; k++) {
            if (v->children[k].view == VIEW_EVIDENCE_OF_ORDER) {
                TQ_TRY(view_children(tx, &v->children[k], order, f->a, &rows, err));
            }
        }
        assert_true(rows.n > 0);
        id = rows.rows[0].values[0].n;
    }
    return evidence_open(f->app, &c, id, &file, err);
}

/* I22: an inspector sees the firms of the own open tasks; a declared conflict ends that at once. */
static void an_inspector_sees_own_tasks_only(void **state)
{
    (void)state;
    const path p = path_make(f, false, fixture_day(2013, 9, 16));
    assert_true(p.voucher > 0);
    assert_int_equal(seen(0, VIEW_SERVICE_ORDER), 0);
    assert_int_equal(seen(0, VIEW_VOUCHER), 0);
    REFUSED(TQ_NOT_FOUND, "not_found", paper_opened(0, p.order, err));
    const int64_t id = task_of(f->firm, DAY_VISIT);
    assert_int_equal(seen(0, VIEW_SERVICE_ORDER), 1);
    assert_int_equal(seen(1, VIEW_VOUCHER), 1);
    NEED(paper_opened(1, p.order, err));
    REFUSED(TQ_NOT_FOUND, "not_found", paper_opened(2, p.order, err));
    assert_int_equal(seen(0, VIEW_INSPECTION), 1);
    assert_int_equal(seen(2, VIEW_SERVICE_ORDER), 0);
    assert_int_equal(seen(2, VIEW_INSPECTION), 0);
    const call first = inspector(0, DAY_VISIT);
    const call office = fixture_as(f, ROLE_OFFICE, DAY_VISIT);
    NEED(inspection_conflict(f->app, &first, id, STR("亲属任职"), err));
    assert_int_equal(seen(0, VIEW_SERVICE_ORDER), 0);
    assert_int_equal(seen(0, VIEW_INSPECTION), 0);
    REFUSED(TQ_NOT_FOUND, "not_found", record(id, &first, 0, err));
    REFUSED(TQ_FORBIDDEN, "conflict_declared",
            inspection_staff(f->app, &office, id, users[0], users[1], err));
    NEED(inspection_staff(f->app, &office, id, users[2], users[1], err));
    assert_int_equal(seen(2, VIEW_SERVICE_ORDER), 1);
}

static bool year_says(int64_t assessment, const char *part)
{
    BUF_AUTO buf text = buf_max(1 << 20);
    const call c = fixture_as(f, ROLE_AUDITOR, fixture_day(2014, 1, 20));
    NEED(assessment_export(f->app, &c, assessment, 0, &text, err));
    return strstr(arena_copy(f->a, buf_view(&text)).data, part) != NULL;
}

/* R-FINDING-030: a serious finding leaves the firm unclean for its township, until it is annulled; a minor one
 * does not. */
static void a_finding_counts_against_the_township(void **state)
{
    (void)state;
    const day after = fixture_day(2014, 1, 20);
    const call office = fixture_as(f, ROLE_OFFICE, after);
    const call firm = firm_on(after);
    const call other = hearer(after);
    finding_class result = FINDING_NONE;
    int64_t year = 0;
    (void)closed_with(f->firm, 4, DAY_VISIT, &result);
    assert_int_equal(result, FINDING_MINOR);
    (void)closed_with(f->firm, 2, DAY_VISIT, &result);
    NEED(assessment_open(f->app, &office, 2013, fixture_day(2013, 12, 1), &year, err));
    NEED(assessment_freeze(f->app, &office, year, err));
    assert_true(year_says(year, "\"listed\":1"));
    assert_true(year_says(year, "\"violation\":1"));
    const int64_t entry = newest_entry(); /* of the serious one */
    NEED(credit_contest(f->app, &firm, entry, STR("不属实"), err));
    NEED(credit_answer(f->app, &other, entry, true, STR("属实"), err));
    NEED(assessment_reopen(f->app, &office, year, STR("异议成立"), err));
    NEED(assessment_freeze(f->app, &office, year, err));
    assert_true(year_says(year, "\"listed\":1"));
    assert_false(year_says(year, "\"violation\":1"));
}

/* R-INSPECT-040: the office takes an inspector off who keeps silent, and bars one who was not sent. */
static void the_office_declares_a_conflict(void **state)
{
    (void)state;
    const day d = DAY_VISIT;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call second = inspector(1, d);
    const call first = inspector(0, d);
    const str cause = STR("配偶任该企业财务");
    const int64_t id = task_of(f->firm, d);
    const int64_t other = fixture_org(f, "enterprise", "长兴另一家电源有限公司");
    NEED(record(id, &first, 0, err));
    NEED(inspection_sign(f->app, &second, id, err));
    REFUSED(TQ_FORBIDDEN, "no_role", inspection_exclude(f->app, &second, id, users[0], cause, err));
    REFUSED(TQ_INVALID, "no_inspector",
            inspection_exclude(f->app, &office, id, f->user[ROLE_REVIEWER1], cause, err));
    NEED(inspection_exclude(f->app, &office, id, users[1], cause, err));
    REFUSED(TQ_FORBIDDEN, "conflict_declared",
            inspection_exclude(f->app, &office, id, users[1], cause, err));
    assert_int_equal(seen(1, VIEW_INSPECTION), 0);
    assert_int_equal(seen(0, VIEW_INSPECTION), 1);
    REFUSED(TQ_NOT_FOUND, "not_found", record(id, &second, 0, err));
    NEED(inspection_sign(f->app, &first, id, err));
    REFUSED(TQ_CONFLICT, "signed", inspection_sign(f->app, &first, id, err)); /* one is not two */
    NEED(inspection_exclude(f->app, &office, id, users[2], cause, err));      /* was not sent */
    REFUSED(TQ_FORBIDDEN, "conflict_declared",
            inspection_staff(f->app, &office, id, users[0], users[2], err));
    assert_int_equal(seen(0, VIEW_INSPECTION), 1);
    (void)task_of(other, d); /* of this firm only */
    assert_int_equal(seen(1, VIEW_INSPECTION), 1);
}

/* R-CREDIT-020: contested points count until they are decided; a mended fault counts no more. */
static void points_are_decided_contested_and_mended(void **state)
{
    (void)state;
    int64_t id = 0;
    const day d = DAY_VISIT;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const call firm = firm_on(d);
    const decision_paper minutes = {STR("纪要〔2013〕9号"), d, STR("")};
    const credit_rq rq = {
        .org_id = f->firm, .cause = STR("逾期未报绩效"), .points = 40, .months = 12};
    NEED(credit_propose(f->app, &office, &rq, &id, err));
    assert_int_equal(credit_on(f->firm, d).points, 80);
    NEED(credit_decide(f->app, &group, id, true, STR("属实"), err));
    assert_int_equal(credit_on(f->firm, d).level, CREDIT_VISIT);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        REFUSED(TQ_CONFLICT, "visit_first", credit_path_need(f->app, tx, &group, f->firm, d, err));
    }
    finding_class result = FINDING_FRAUD;
    (void)closed_with(f->firm, 0, d, &result);
    assert_int_equal(result, FINDING_NONE);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(credit_path_need(f->app, tx, &group, f->firm, d,
                              err)); /* inspected, and nothing found */
    }
    NEED(credit_contest(f->app, &firm, id, STR("材料已报"), err));
    assert_int_equal(credit_on(f->firm, d).points, 40);
    const call other = hearer(d);
    REFUSED(TQ_FORBIDDEN, "same_person",
            credit_answer(f->app, &group, id, false, STR("维持"), err));
    NEED(credit_answer(f->app, &other, id, false, STR("维持"), err));
    assert_int_equal(credit_on(f->firm, d).points, 40);
    REFUSED(TQ_INVALID, "paper",
            credit_repair(f->app, &other, id, &(decision_paper){0}, STR("已改"), err));
    REFUSED(TQ_FORBIDDEN, "same_person",
            credit_repair(f->app, &group, id, &minutes, STR("已补报"), err));
    NEED(credit_repair(f->app, &other, id, &minutes, STR("已补报"), err));
    assert_int_equal(credit_on(f->firm, d).points, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_entries_in_any_order_give_the_same_level),
        cmocka_unit_test_setup_teardown(a_visit_from_task_to_effects, open_county, close_county),
        cmocka_unit_test_setup_teardown(a_visit_for_a_risk_is_the_groups, open_county,
                                        close_county),
        cmocka_unit_test_setup_teardown(a_reply_leads_back_to_the_record, open_county,
                                        close_county),
        cmocka_unit_test_setup_teardown(the_checklist_is_that_of_what_was_ordered, open_county,
                                        close_county),
        cmocka_unit_test_setup_teardown(a_fraud_opens_a_case_and_lowers_the_next_voucher,
                                        open_county, close_county),
        cmocka_unit_test_setup_teardown(a_finding_follows_the_firm, open_county, close_county),
        cmocka_unit_test_setup_teardown(a_voucher_is_whole_again_after_the_points, open_county,
                                        close_county),
        cmocka_unit_test_setup_teardown(an_inspector_sees_own_tasks_only, open_county,
                                        close_county),
        cmocka_unit_test_setup_teardown(a_finding_counts_against_the_township, open_county,
                                        close_county),
        cmocka_unit_test_setup_teardown(the_office_declares_a_conflict, open_county, close_county),
        cmocka_unit_test_setup_teardown(points_are_decided_contested_and_mended, open_county,
                                        close_county),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
