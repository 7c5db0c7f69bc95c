/* SPDX-License-Identifier: Apache-2.0 */
/* Tips: who gave one stays apart (R-TIP-010), nobody lays one down alone (R-TIP-020), and the secret alone
 * answers how it goes. */
#include "claim_path.h"

#include <string.h>

#include "app/sanction.h"
#include "app/tip.h"
#include "app/view.h"

static const day TODAY = {15956}; /* 2013-09-08 */

static tip_new page_tip(void)
{
    return (tip_new){.about = STR("长兴甲公司"),
                     .content = STR("发票与服务不符\n请查"),
                     .name = STR("举报人王五"),
                     .contact = STR("13957200001"),
                     .channel = STR("page"),
                     .received = TODAY};
}

static call the_public(fixture *f)
{
    call c = fixture_as(f, ROLE_OFFICE, TODAY);
    c.who = (actor){.role = ROLE_PUBLIC, .programme_id = f->programme_id};
    return c;
}

static tip_filed filed_of(fixture *f, const tip_new *rq)
{
    tip_filed filed;
    const call c = the_public(f);
    NEED(tip_file(f->app, &c, rq, &filed, err));
    return filed;
}

static view_rows rows_of(fixture *f, view_id id)
{
    const view_scope all = {.reach = REACH_PROGRAMME, .programme_id = f->programme_id};
    const view_query q = {.limit = VIEW_PAGE_MAX};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(id), &all, &q, f->a, &rows, err));
    return rows;
}

/* Does any field of any row of the view hold the text? */
static bool view_says(fixture *f, view_id id, str text)
{
    const view_rows rows = rows_of(f, id);
    for (size_t i = 0; i < rows.n; i++) {
        for (int k = 0; k < rows.of->n_fields; k++) {
            const str s = rows.rows[i].values[k].s;
            if (s.len >= text.len && memmem(s.data, s.len, text.data, text.len) != NULL) {
                return true;
            }
        }
    }
    return false;
}

/* R-TIP-010 */
static void who_gave_it_stands_apart(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const tip_new rq = page_tip();
    (void)filed_of(f, &rq);
    assert_true(view_says(f, VIEW_TIP_SOURCE, rq.name));
    assert_true(view_says(f, VIEW_TIP_SOURCE, rq.contact));
    assert_true(view_says(f, VIEW_TIP, rq.content));
    assert_false(view_says(f, VIEW_TIP, rq.name));
    assert_false(view_says(f, VIEW_TIP, rq.contact));
    /* the log says that there was a tip, and no word of it */
    assert_true(view_says(f, VIEW_EVENT, STR("tip_file")));
    assert_false(view_says(f, VIEW_EVENT, rq.name));
    assert_false(view_says(f, VIEW_EVENT, rq.contact));
    assert_false(view_says(f, VIEW_EVENT, rq.about));
    assert_false(view_says(f, VIEW_EVENT, STR("发票与服务不符")));
    assert_false(view_within(view_of(VIEW_TIP), REACH_ORG));
    assert_false(view_within(view_of(VIEW_TIP), REACH_PUBLIC));
    assert_false(view_within(view_of(VIEW_TIP_SOURCE), REACH_INSPECTOR));
    fixture_close(f);
}

static void without_a_name_there_is_no_source(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tip_new rq = page_tip();
    rq.name = rq.contact = STR("");
    (void)filed_of(f, &rq);
    assert_int_equal(rows_of(f, VIEW_TIP).n, 1);
    assert_int_equal(rows_of(f, VIEW_TIP_SOURCE).n, 0);
    fixture_close(f);
}

static void the_form_is_asked_for(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    static char much[TIP_TEXT_MAX + 1];
    memset(much, 'x', sizeof much);
    const struct {
        str about, content, channel;
        int days;
        role by;
        const char *reason;
    } wrong[] = {
        {STR(""), STR("查"), STR("page"), 0, ROLE_PUBLIC, "line"},
        {STR("甲"), STR(" \n"), STR("page"), 0, ROLE_PUBLIC, "tip_text"},
        {STR("甲"), {much, sizeof much}, STR("page"), 0, ROLE_PUBLIC, "tip_text"},
        {STR("甲"), STR("查"), STR("letter"), 0, ROLE_PUBLIC, "word"},
        {STR("甲"), STR("查"), STR("page"), 0, ROLE_OFFICE, "word"},
        {STR("甲"), STR("查"), STR("phone"), 1, ROLE_OFFICE, "days"},
    };
    const int64_t before = fixture_events(f);
    for (size_t i = 0; i < TQ_COUNT(wrong); i++) {
        tip_filed filed;
        const call c =
            wrong[i].by == ROLE_PUBLIC ? the_public(f) : fixture_as(f, wrong[i].by, TODAY);
        const tip_new rq = {.about = wrong[i].about,
                            .content = wrong[i].content,
                            .channel = wrong[i].channel,
                            .received = day_add(TODAY, wrong[i].days)};
        ASSERT_FAILS(tip_file(f->app, &c, &rq, &filed, err), TQ_INVALID, wrong[i].reason);
    }
    tip_filed filed;
    tip_new letter = page_tip();
    letter.channel = STR("letter");
    const call finance = fixture_as(f, ROLE_FINANCE_MAKER, TODAY);
    ASSERT_FAILS(tip_file(f->app, &finance, &letter, &filed, err), TQ_FORBIDDEN, "no_role");
    assert_int_equal(fixture_events(f), before);
    letter.received = day_add(TODAY, -3);
    const call centre = fixture_as(f, ROLE_CENTRE, TODAY);
    NEED(tip_file(f->app, &centre, &letter, &filed, err));
    fixture_close(f);
}

static void the_secret_answers_how_it_goes(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const tip_new rq = page_tip();
    const tip_filed one = filed_of(f, &rq);
    const tip_filed two = filed_of(f, &rq);
    const call c = the_public(f);
    call other = c;
    tip_status t;
    other.who.programme_id++;
    NEED(tip_progress(f->app, &c, one.id, str_of(one.secret.text), &t, err));
    assert_true(str_eq(t.state, STR("filed")));
    assert_int_equal(t.outcome.len, 0);
    ASSERT_FAILS(tip_progress(f->app, &c, one.id, str_of(two.secret.text), &t, err), TQ_NOT_FOUND,
                 "no_tip");
    ASSERT_FAILS(tip_progress(f->app, &c, 999, str_of(one.secret.text), &t, err), TQ_NOT_FOUND,
                 "no_tip");
    ASSERT_FAILS(tip_progress(f->app, &other, one.id, str_of(one.secret.text), &t, err),
                 TQ_NOT_FOUND, "no_tip");
    fixture_close(f);
}

/* R-TIP-020 */
static void nobody_lays_it_down_alone(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const tip_new rq = page_tip();
    const tip_filed tip = filed_of(f, &rq);
    const call office = fixture_as(f, ROLE_OFFICE, TODAY);
    const call head = fixture_as(f, ROLE_SUPERVISOR_HEAD, TODAY);
    const tip_finding none = {.tip_id = tip.id, .finding = STR("发票与合同一致")};
    ASSERT_FAILS(tip_take(f->app, &office, tip.id, err), TQ_FORBIDDEN, "no_role");
    ASSERT_FAILS(tip_find(f->app, &head, &none, err), TQ_CONFLICT, "state_arrow");
    NEED(tip_take(f->app, &head, tip.id, err));
    ASSERT_FAILS(tip_take(f->app, &head, tip.id, err), TQ_CONFLICT, "state_arrow");
    ASSERT_FAILS(tip_close(f->app, &head, tip.id, STR("已查"), err), TQ_CONFLICT, "state_arrow");
    NEED(tip_find(f->app, &head, &none, err));
    ASSERT_FAILS(tip_close(f->app, &head, tip.id, STR("已查"), err), TQ_FORBIDDEN, "same_person");

    int64_t user = 0;
    int64_t person = 0;
    fixture_person(f, ROLE_SUPERVISOR_HEAD, 0, &user, &person);
    const call second = fixture_user(f, user, person, ROLE_SUPERVISOR_HEAD, 0, TODAY);
    ASSERT_FAILS(tip_close(f->app, &second, tip.id, STR(""), err), TQ_INVALID, "tip_text");
    NEED(tip_close(f->app, &second, tip.id, STR("经查不属实"), err));
    const call c = the_public(f);
    tip_status t;
    NEED(tip_progress(f->app, &c, tip.id, str_of(tip.secret.text), &t, err));
    assert_true(str_eq(t.state, STR("closed")));
    assert_true(str_eq(t.outcome, STR("经查不属实")));
    fixture_close(f);
}

static void it_leads_to_a_case_of_this_programme(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const tip_new rq = page_tip();
    const tip_filed tip = filed_of(f, &rq);
    const call office = fixture_as(f, ROLE_OFFICE, TODAY);
    const call supervisor = fixture_as(f, ROLE_SUPERVISOR, TODAY);
    const case_open_request open = {.org_id = f->firm, .cause = STR("sale")};
    case_result opened;
    NEED(case_open(f->app, &office, &open, &opened, err));
    NEED(tip_take(f->app, &supervisor, tip.id, err));
    tip_finding found = {.tip_id = tip.id, .case_id = opened.case_id + 1, .finding = STR("属实")};
    ASSERT_FAILS(tip_find(f->app, &supervisor, &found, err), TQ_NOT_FOUND, "not_found");
    found.case_id = opened.case_id;
    NEED(tip_find(f->app, &supervisor, &found, err));
    const view_rows rows = rows_of(f, VIEW_TIP);
    assert_int_equal(rows.n, 1);
    assert_int_equal(rows.rows[0].values[view_field_at(rows.of, "case_id")].n, opened.case_id);
    assert_true(str_eq(rows.rows[0].values[view_field_at(rows.of, "state")].s, STR("led")));
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_gave_it_stands_apart),
        cmocka_unit_test(without_a_name_there_is_no_source),
        cmocka_unit_test(the_form_is_asked_for),
        cmocka_unit_test(the_secret_answers_how_it_goes),
        cmocka_unit_test(nobody_lays_it_down_alone),
        cmocka_unit_test(it_leads_to_a_case_of_this_programme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
