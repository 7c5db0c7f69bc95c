/* SPDX-License-Identifier: Apache-2.0 */
/* Inquiries are asked by one and opened by another (R-INQUIRY-010); what is read under one is in no list of
 * readings but the sealed one (R-INQUIRY-020); a hold keeps what would be erased (R-INQUIRY-030); personal data
 * go when their term has run out, and no proof breaks (R-RETAIN-010). */
#include "claim_path.h"

#include <string.h>

#include "app/inquiry.h"
#include "app/reading.h"
#include "app/retention.h"
#include "app/tip.h"
#include "app/view.h"
#include "app/watch_report.h"
#include "store/verify.h"

#define TODAY fixture_day(2013, 10, 14)

static view_rows rows_of(fixture *f, view_id id, int64_t org_id)
{
    const view_scope all = {.reach = org_id == 0 ? REACH_PROGRAMME : REACH_ORG,
                            .programme_id = f->programme_id,
                            .id = org_id};
    const view_query q = {.limit = VIEW_PAGE_MAX};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(id), &all, &q, f->a, &rows, err));
    return rows;
}

static str field_of(const view_rows *rows, size_t row, const char *name)
{
    const int at = view_field_at(rows->of, name);
    assert_true(row < rows->n);
    assert_true(at >= 0);
    return rows->rows[row].values[at].s;
}

static inquiry_request of_firm(fixture *f)
{
    return (inquiry_request){.case_no = STR("长纪查〔2014〕3号"),
                             .scope = STR("organisation"),
                             .org_id = f->firm,
                             .from = TODAY,
                             .until = day_add(TODAY, 30),
                             .reason = STR("反映虚开检测发票")};
}

static int64_t opened(fixture *f, const inquiry_request *rq)
{
    int64_t id = 0;
    const call asks = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call opens = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    NEED(inquiry_ask(f->app, &asks, rq, &id, err));
    NEED(inquiry_answer(f->app, &opens, id, true, STR("同意"), err));
    return id;
}

static void the_form_is_asked_for(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const inquiry_request good = of_firm(f);
    inquiry_request wrong[8];
    static const char *const reasons[] = {"line",          "word",          "inquiry_scope",
                                          "inquiry_scope", "inquiry_scope", "inquiry_days",
                                          "inquiry_days",  "days"};
    for (size_t i = 0; i < TQ_COUNT(wrong); i++) {
        wrong[i] = good;
    }
    wrong[0].case_no = STR("");
    wrong[1].scope = STR("county");
    wrong[2].org_id = 0;
    wrong[3].person_id = f->person[ROLE_OFFICE];
    wrong[4].scope = STR("programme");
    wrong[5].from = day_add(TODAY, -1);
    wrong[6].until = day_add(TODAY, INQUIRY_DAYS_MAX);
    wrong[7].until = day_add(TODAY, -1);
    const int64_t before = fixture_events(f);
    const call asks = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    int64_t id = 0;
    for (size_t i = 0; i < TQ_COUNT(wrong); i++) {
        ASSERT_FAILS(inquiry_ask(f->app, &asks, &wrong[i], &id, err), TQ_INVALID, reasons[i]);
    }
    const call office = fixture_as(f, ROLE_OFFICE, TODAY);
    ASSERT_FAILS(inquiry_ask(f->app, &office, &good, &id, err), TQ_FORBIDDEN, "no_role");
    assert_int_equal(fixture_events(f), before);
    fixture_close(f);
}

/* R-INQUIRY-010 */
static void one_asks_and_another_opens(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const inquiry_request rq = of_firm(f);
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    int64_t id = 0;
    NEED(inquiry_ask(f->app, &head, &rq, &id, err));
    ASSERT_FAILS(inquiry_answer(f->app, &supervisor, id, true, STR("同意"), err), TQ_FORBIDDEN,
                 "no_role");
    ASSERT_FAILS(inquiry_answer(f->app, &head, id, true, STR("同意"), err), TQ_FORBIDDEN,
                 "same_person");
    ASSERT_FAILS(inquiry_hold(f->app, &head, id, err), TQ_CONFLICT, "state_arrow");
    NEED(inquiry_ask(f->app, &supervisor, &rq, &id, err));
    NEED(inquiry_answer(f->app, &head, id, false, STR("线索不足"), err));
    ASSERT_FAILS(inquiry_answer(f->app, &head, id, true, STR("同意"), err), TQ_CONFLICT,
                 "state_arrow");
    const view_rows rows = rows_of(f, VIEW_INQUIRY, 0);
    assert_int_equal(rows.n, 2);
    assert_true(str_eq(field_of(&rows, 0, "state"), STR("refused")));
    /* the log says that there is one, and not about whom */
    const view_rows log = rows_of(f, VIEW_EVENT, 0);
    assert_true(str_eq(field_of(&log, 0, "kind"), STR("inquiry_answer")));
    for (size_t i = 0; i < log.n; i++) {
        const str body = field_of(&log, i, "body");
        assert_null(memmem(body.data, body.len, "长纪查", strlen("长纪查")));
    }
    fixture_close(f);
}

/* What of one inquiry the person is told by list, page and report. */
static void is_told_of(fixture *f, const call *c, int64_t id, int n)
{
    const view_scope scope = view_scope_of(&c->who);
    const view *v = view_of(VIEW_INQUIRY);
    const view_query q = {.limit = VIEW_PAGE_MAX};
    watch_inquiry ran[8];
    size_t n_ran = 0;
    view_row one;
    view_rows rows;
    int64_t listed = 0;
    int64_t reported = 0;
    tq_err why = {0};
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(view_list(tx, v, &scope, &q, f->a, &rows, err));
        assert_int_equal(view_one(tx, v, &scope, id, f->a, &one, &why),
                         n == 0 ? TQ_NOT_FOUND : TQ_OK);
    }
    for (size_t i = 0; i < rows.n; i++) {
        listed += rows.rows[i].values[0].n == id;
    }
    NEED(watch_inquiries(f->app, c, TODAY, TODAY, ran, TQ_COUNT(ran), &n_ran, err));
    for (size_t i = 0; i < n_ran; i++) {
        reported += ran[i].id == id;
    }
    assert_int_equal(listed, n);
    assert_int_equal(reported, n);
}

/* R-INQUIRY-050: whom it is about is not told that there is one, and so neither opens nor ends it. */
static void nobody_opens_what_is_about_themselves(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    inquiry_request rq = of_firm(f);
    int64_t id = 0;
    const call asks = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    rq.scope = STR("person");
    rq.org_id = 0;
    rq.person_id = f->person[ROLE_SUPERVISOR_HEAD];
    NEED(inquiry_ask(f->app, &asks, &rq, &id, err));
    ASSERT_FAILS(inquiry_answer(f->app, &head, id, false, STR("无据"), err), TQ_NOT_FOUND,
                 "no_such_record");
    ASSERT_FAILS(inquiry_hold(f->app, &head, id, err), TQ_NOT_FOUND, "no_such_record");
    is_told_of(f, &head, id, 0);
    is_told_of(f, &asks, id, 1);
    rq.person_id = f->person[ROLE_SUPERVISOR];
    NEED(inquiry_ask(f->app, &head, &rq, &id, err));
    is_told_of(f, &head, id, 1); /* the one that is not about the head */
    is_told_of(f, &asks, id, 0);
    fixture_close(f);
}

/* R-INQUIRY-040: the same two persons, and papers within the days of the policy. */
static void an_urgent_one_brings_its_papers_later(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    inquiry_request rq = of_firm(f);
    const call asks = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call opens = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    int64_t id = 0;
    const int64_t plain = opened(f, &rq);
    ASSERT_FAILS(inquiry_papers(f->app, &asks, plain, STR("长纪〔2014〕9号"), err), TQ_CONFLICT,
                 "no_papers_due");
    rq.urgent = true;
    NEED(inquiry_ask(f->app, &asks, &rq, &id, err));
    ASSERT_FAILS(inquiry_answer(f->app, &asks, id, true, STR("同意"), err), TQ_FORBIDDEN,
                 "no_role");
    NEED(inquiry_answer(f->app, &opens, id, true, STR("同意"), err));
    ASSERT_FAILS(inquiry_papers(f->app, &asks, id, STR(""), err), TQ_INVALID, "line");
    NEED(inquiry_papers(f->app, &asks, id, STR("长纪〔2014〕9号"), err));
    ASSERT_FAILS(inquiry_papers(f->app, &asks, id, STR("长纪〔2014〕9号"), err), TQ_CONFLICT,
                 "no_papers_due");
    const view_rows rows = rows_of(f, VIEW_INQUIRY, 0);
    const view_value *newest = rows.rows[0].values;
    assert_int_equal(newest[view_field_at(rows.of, "urgent")].n, 1);
    /* three working days after Monday 14 October 2013 */
    assert_int_equal(newest[view_field_at(rows.of, "papers_by")].n, day_add(TODAY, 3).n);
    assert_int_equal(newest[view_field_at(rows.of, "papers_day")].n, TODAY.n);
    const view_rows log = rows_of(f, VIEW_EVENT, 0);
    for (size_t i = 0; i < log.n; i++) {
        const str body = field_of(&log, i, "body");
        assert_null(memmem(body.data, body.len, "长纪", strlen("长纪")));
    }
    fixture_close(f);
}

/* The report of the quarter names the urgent ones whose papers are late; the bureau is not told of any. */
static void the_quarter_tells_what_came_late(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    inquiry_request rq = of_firm(f);
    watch_inquiry rows[4];
    size_t n = 0;
    int64_t id = 0;
    const call asks = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call later = fixture_as(f, ROLE_SUPERVISOR_HEAD, day_add(TODAY, 4));
    const call office = fixture_as(f, ROLE_OFFICE, TODAY);
    rq.urgent = true;
    NEED(inquiry_ask(f->app, &asks, &rq, &id, err));
    NEED(watch_inquiries(f->app, &asks, TODAY, TODAY, rows, TQ_COUNT(rows), &n, err));
    assert_int_equal(n, 1);
    assert_true(rows[0].urgent && !rows[0].papers_late);
    NEED(watch_inquiries(f->app, &later, TODAY, TODAY, rows, TQ_COUNT(rows), &n, err));
    assert_true(rows[0].papers_late);
    NEED(inquiry_papers(f->app, &later, id, STR("长纪〔2014〕9号"), err));
    NEED(watch_inquiries(f->app, &later, TODAY, TODAY, rows, TQ_COUNT(rows), &n, err));
    assert_true(rows[0].papers_late && rows[0].papers.n == day_add(TODAY, 4).n);
    const day before = day_add(TODAY, -1);
    NEED(watch_inquiries(f->app, &later, before, before, rows, TQ_COUNT(rows), &n, err));
    assert_int_equal(n, 0);
    ASSERT_FAILS(watch_inquiries(f->app, &office, TODAY, TODAY, rows, TQ_COUNT(rows), &n, err),
                 TQ_FORBIDDEN, "no_role");
    fixture_close(f);
}

/* The reading goes the way that pages take: through the queue. */
static void read_as(fixture *f, role r, day d, int table, int64_t id)
{
    readings *queue = readings_new(f->app);
    const call c = fixture_as(f, r, d);
    NEED(reading_note(queue, &c, table, id, "view", err));
    readings_free(queue);
}

/* R-INQUIRY-020 */
static void what_is_read_under_it_is_sealed(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path ours = path_make(f, false, TODAY);
    path others = path_make(f, true, TODAY);
    const inquiry_request rq = of_firm(f);
    const int64_t id = opened(f, &rq);
    read_as(f, ROLE_SUPERVISOR, TODAY, T_SERVICE_ORDER, ours.order);
    read_as(f, ROLE_SUPERVISOR_HEAD, rq.until, T_SERVICE_ORDER, ours.order);
    assert_int_equal(rows_of(f, VIEW_READING, 0).n, 0);
    assert_int_equal(rows_of(f, VIEW_READING_OF_US, f->firm).n, 0);
    const view_rows sealed = rows_of(f, VIEW_SEALED_READING, 0);
    assert_int_equal(sealed.n, 2);
    assert_true(str_eq(field_of(&sealed, 0, "case_no"), rq.case_no));

    /* another firm, another reader, another day: on record as always */
    read_as(f, ROLE_SUPERVISOR, TODAY, T_SERVICE_ORDER, others.order);
    read_as(f, ROLE_OFFICE, TODAY, T_SERVICE_ORDER, ours.order);
    read_as(f, ROLE_SUPERVISOR, day_add(rq.until, 1), T_SERVICE_ORDER, ours.order);
    assert_int_equal(rows_of(f, VIEW_READING, 0).n, 3);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    NEED(inquiry_end(f->app, &head, id, STR("查实，移送"), err));
    read_as(f, ROLE_SUPERVISOR, TODAY, T_SERVICE_ORDER, ours.order);
    assert_int_equal(rows_of(f, VIEW_READING, 0).n, 4);
    assert_int_equal(rows_of(f, VIEW_SEALED_READING, 0).n, 2);
    fixture_close(f);
}

static void written(fixture *f, const reading *r)
{
    TX_AUTO store_tx *tx = NULL;
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    NEED(reading_write(tx, r, err));
    NEED(store_commit(&tx, err));
}

static reading read_now(fixture *f, int table, int64_t id)
{
    const call c = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    reading r = {c.who, c.at, c.today, table, id, "view", 0, 0};
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(reading_seal(tx, &r, f->a, err));
    return r;
}

/* R-INQUIRY-020: by the moment of reading, however late it is written. */
static void what_was_read_is_sealed_as_of_then(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path ours = path_make(f, false, TODAY);
    const inquiry_request rq = of_firm(f);
    const reading before = read_now(f, T_SERVICE_ORDER, ours.order);
    const int64_t id = opened(f, &rq);
    const reading under = read_now(f, T_SERVICE_ORDER, ours.order);
    written(f, &before);
    assert_int_equal(rows_of(f, VIEW_READING, 0).n, 1);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    /* the firm's voucher, account and log-in are its case as well; another's are not */
    static const int others[] = {T_VOUCHER, T_BANK_ACCOUNT, T_USER_ACCOUNT};
    const int64_t account = fixture_account(f, f->firm, TODAY);
    const int64_t ids[] = {ours.voucher, account, f->user[ROLE_FIRM_AGENT]};
    for (size_t i = 0; i < TQ_COUNT(others); i++) {
        assert_int_equal(read_now(f, others[i], ids[i]).inquiry_id, id);
    }
    assert_int_equal(read_now(f, T_USER_ACCOUNT, f->user[ROLE_OFFICE]).inquiry_id, 0);
    NEED(inquiry_end(f->app, &head, id, STR("移送"), err));
    written(f, &under);
    assert_int_equal(rows_of(f, VIEW_READING, 0).n, 1);
    assert_int_equal(rows_of(f, VIEW_SEALED_READING, 0).n, 1);
    fixture_close(f);
}

/* Opening a file is written by another way, and is sealed by the same rule. */
static void papers_are_of_whom_their_case_is(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path ours = path_make(f, false, TODAY);
    evidence_item papers[4];
    evidence_file file = {0};
    int n = 0;
    inquiry_request rq = of_firm(f);
    rq.org_id = f->institution; /* whose order it is as well */
    (void)opened(f, &rq);
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    NEED(evidence_list(f->app, &supervisor, T_SERVICE_ORDER, ours.order, 0, papers, 4, &n, err));
    assert_int_equal(n, 1);
    NEED(evidence_open(f->app, &supervisor, papers[0].id, &file, err));
    const view_rows sealed = rows_of(f, VIEW_SEALED_READING, 0);
    assert_int_equal(sealed.n, 1);
    assert_true(str_eq(field_of(&sealed, 0, "subject"), STR("evidence")));
    evidence_opening seen[4];
    const call firm = as_firm(&ours);
    NEED(evidence_openings(f->app, &firm, papers[0].id, INT64_MAX, seen, 4, &n, err));
    assert_int_equal(n, 0);
    fixture_close(f);
}

static void a_programme_is_sealed_as_a_whole(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path others = path_make(f, true, TODAY);
    inquiry_request rq = of_firm(f);
    rq.scope = STR("person");
    rq.org_id = 0;
    rq.person_id = f->person[ROLE_REVIEWER1];
    (void)opened(f, &rq);
    read_as(f, ROLE_SUPERVISOR, TODAY, T_SERVICE_ORDER, others.order);
    assert_int_equal(rows_of(f, VIEW_SEALED_READING, 0).n, 1);
    const view_rows rows = rows_of(f, VIEW_INQUIRY, 0);
    assert_true(field_of(&rows, 0, "inquiry_about").len > 0); /* the name */
    fixture_close(f);
}

static void its_clock_ends_it(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const inquiry_request rq = of_firm(f);
    (void)opened(f, &rq);
    int64_t done = 0;
    const call last = fixture_as(f, ROLE_SYSTEM, rq.until);
    const call after = fixture_as(f, ROLE_SYSTEM, day_add(rq.until, 1));
    NEED(inquiry_end_due(f->app, &last, &done, err));
    assert_int_equal(done, 0);
    NEED(inquiry_end_due(f->app, &after, &done, err));
    assert_int_equal(done, 1);
    NEED(inquiry_end_due(f->app, &after, &done, err));
    assert_int_equal(done, 1);
    fixture_close(f);
}

/* --- holds and retention ---------------------------------------------------------------------------- */

static int64_t closed_tip(fixture *f, bearer *secret)
{
    call c = fixture_as(f, ROLE_OFFICE, TODAY);
    c.who = (actor){.role = ROLE_PUBLIC, .programme_id = f->programme_id};
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    const tip_new rq = {.about = STR("长兴甲公司"),
                        .content = STR("发票与服务不符"),
                        .name = STR("举报人王五"),
                        .contact = STR("13957200001"),
                        .channel = STR("page"),
                        .received = TODAY};
    tip_filed filed;
    NEED(tip_file(f->app, &c, &rq, &filed, err));
    const tip_finding none = {.tip_id = filed.id, .finding = STR("发票与合同一致")};
    NEED(tip_take(f->app, &supervisor, filed.id, err));
    NEED(tip_find(f->app, &supervisor, &none, err));
    NEED(tip_close(f->app, &head, filed.id, STR("经查不属实"), err));
    *secret = filed.secret;
    return filed.id;
}

static int64_t erased_by(fixture *f, day d)
{
    int64_t done = 0;
    const call clock = fixture_as(f, ROLE_SYSTEM, d);
    NEED(retention_due(f->app, &clock, &done, err));
    return done;
}

static int64_t verified(fixture *f)
{
    verify_report report;
    NEED(verify_run(f->store, NULL, &report, err));
    assert_int_equal(report.found, 0);
    return report.erased;
}

/* R-RETAIN-010, R-RETAIN-020: 36 months after the day of closing, and not a day before. */
static void a_tip_is_erased_when_its_term_has_run_out(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    bearer secret;
    const int64_t id = closed_tip(f, &secret);
    const day due = day_add_months(TODAY, 36);
    assert_int_equal(verified(f), 0);
    assert_int_equal(erased_by(f, day_add(due, -1)), 0);
    assert_int_equal(erased_by(f, due), 1);
    assert_int_equal(erased_by(f, due), 0);
    const view_rows tips = rows_of(f, VIEW_TIP, 0);
    assert_int_equal(tips.n, 1);
    assert_true(str_eq(field_of(&tips, 0, "state"), STR("erased")));
    assert_int_equal(field_of(&tips, 0, "tip_text").len, 0);
    assert_int_equal(field_of(&tips, 0, "tip_answer").len, 0);
    assert_int_equal(rows_of(f, VIEW_TIP_SOURCE, 0).n, 0);
    assert_true(verified(f) >=
                3); /* bodies of filing, finding, closing and of the erasing itself */
    call c = fixture_as(f, ROLE_OFFICE, due);
    c.who = (actor){.role = ROLE_PUBLIC, .programme_id = f->programme_id};
    tip_status status;
    NEED(tip_progress(f->app, &c, id, str_of(secret.text), &status, err));
    assert_true(str_eq(status.state, STR("erased")));
    assert_int_equal(status.outcome.len, 0);
    fixture_close(f);
}

static void without_a_term_nothing_is_erased(void **state)
{
    (void)state;
    fixture *f = fixture_open_changed("record: tip, months: 36", "record: tip, months: unset");
    bearer secret;
    (void)closed_tip(f, &secret);
    assert_int_equal(erased_by(f, day_add_months(TODAY, 1200)), 0);
    fixture_close(f);
}

/* R-INQUIRY-030 */
static void a_hold_keeps_it(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    bearer secret;
    (void)closed_tip(f, &secret);
    const inquiry_request rq = of_firm(f);
    const int64_t id = opened(f, &rq);
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    ASSERT_FAILS(inquiry_release(f->app, &head, id, err), TQ_CONFLICT, "not_held");
    ASSERT_FAILS(inquiry_hold(f->app, &head, id, err), TQ_FORBIDDEN, "same_person");
    NEED(inquiry_hold(f->app, &supervisor, id, err));
    ASSERT_FAILS(inquiry_hold(f->app, &supervisor, id, err), TQ_CONFLICT, "held");
    NEED(inquiry_end(f->app, &supervisor, id, STR("移送"), err));
    const day far = day_add_months(TODAY, 1200);
    assert_int_equal(erased_by(f, far), 0); /* it outlives the inquiry */
    NEED(inquiry_release(f->app, &head, id, err));
    assert_int_equal(erased_by(f, far), 2); /* the tip, and the inquiry itself */
    const view_rows rows = rows_of(f, VIEW_INQUIRY, 0);
    assert_true(str_eq(field_of(&rows, 0, "state"), STR("erased")));
    assert_int_equal(field_of(&rows, 0, "case_no").len, 0);
    (void)verified(f);
    fixture_close(f);
}

static tq_code erase_agent(fixture *f, tq_err *err)
{
    const call admin = fixture_as(f, ROLE_SECADMIN, TODAY);
    return person_erase(f->app, &admin, f->person[ROLE_FIRM_AGENT], err);
}

static void a_held_person_is_not_erased(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const inquiry_request rq = of_firm(f);
    const int64_t id = opened(f, &rq);
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    const call admin = fixture_as(f, ROLE_SECADMIN, TODAY);
    NEED(inquiry_hold(f->app, &supervisor, id, err));
    NEED(user_close(f->app, &admin, f->user[ROLE_FIRM_AGENT], err));
    ASSERT_FAILS(erase_agent(f, err), TQ_CONFLICT, "held");
    NEED(inquiry_release(f->app, &head, id, err));
    NEED(erase_agent(f, err));
    (void)verified(f);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_is_asked_for),
        cmocka_unit_test(one_asks_and_another_opens),
        cmocka_unit_test(nobody_opens_what_is_about_themselves),
        cmocka_unit_test(an_urgent_one_brings_its_papers_later),
        cmocka_unit_test(the_quarter_tells_what_came_late),
        cmocka_unit_test(what_is_read_under_it_is_sealed),
        cmocka_unit_test(what_was_read_is_sealed_as_of_then),
        cmocka_unit_test(papers_are_of_whom_their_case_is),
        cmocka_unit_test(a_programme_is_sealed_as_a_whole),
        cmocka_unit_test(its_clock_ends_it),
        cmocka_unit_test(a_tip_is_erased_when_its_term_has_run_out),
        cmocka_unit_test(without_a_term_nothing_is_erased),
        cmocka_unit_test(a_hold_keeps_it),
        cmocka_unit_test(a_held_person_is_not_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
