/* SPDX-License-Identifier: Apache-2.0 */
/* Register, publication, objections: the numbers have no gap, an objection stops its own line only. */
#include "claim_path.h"

static const day AFTER_SETUP = {15952}; /* 2013-09-04 */

static claim_filed registered(path *p, public_number *number)
{
    const claim_filed filed = path_approved(p, CONTRACT_FEN, ALLOWED_FEN, true);
    const call office = as(p, ROLE_OFFICE);
    NEED(claim_register(p->f->app, &office, filed.claim_id, number, err));
    return filed;
}

static publication_opened published(fixture *f, const int64_t *claims, size_t n, day d)
{
    publication_opened out = {0};
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const publication_new rq = {.claims = claims, .n = n};
    NEED(publication_open(f->app, &office, &rq, &out, err));
    return out;
}

static tq_code object(fixture *f, int64_t claim, day d, int64_t *id, tq_err *err)
{
    const call anyone = fixture_as(f, ROLE_PUBLIC, d);
    const objection_new rq = {.claim_id = claim,
                              .ground = STR("检测未发生"),
                              .name = STR("王五"),
                              .contact = STR("13700000000")};
    return objection_file(f->app, &anyone, &rq, id, err);
}

static tq_code decide(fixture *f, role r, int64_t objection, bool upheld, day d, tq_err *err)
{
    int64_t decision = 0;
    const call c = fixture_as(f, r, d);
    const objection_verdict rq = {
        .objection_id = objection, .upheld = upheld, .reason = "checked_on_site"};
    return objection_decide(f->app, &c, &rq, &decision, err);
}

static void test_register_numbers_have_no_gap(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number first = {0};
    public_number second = {0};
    path one = path_make(f, false, AFTER_SETUP);
    path two = path_make(f, true, AFTER_SETUP);
    const claim_filed a = registered(&one, &first);
    const call office = fixture_as(f, ROLE_OFFICE, AFTER_SETUP);
    ASSERT_FAILS(claim_register(f->app, &office, a.claim_id, &second, err), TQ_CONFLICT,
                 "claim_state");
    (void)registered(&two, &second);
    assert_true(str_starts(str_of(first.text), STR("R330522-2013-000001-")));
    assert_true(str_starts(str_of(second.text), STR("R330522-2013-000002-")));
    fixture_close(f);
}

static void test_registrar_is_no_reviewer(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    path p = path_make(f, false, AFTER_SETUP);
    public_number number;
    const claim_filed filed = path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    const call reviewer = as(&p, ROLE_REVIEWER2);
    ASSERT_FAILS(claim_register(f->app, &reviewer, filed.claim_id, &number, err), TQ_FORBIDDEN,
                 "same_person");
    ASSERT_STATE(f, filed.claim_id, "approved");
    fixture_close(f);
}

static void test_publication_list(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number number;
    path one = path_make(f, false, AFTER_SETUP);
    path two = path_make(f, true, AFTER_SETUP);
    const claim_filed a = registered(&one, &number);
    const claim_filed b = path_approved(&two, CONTRACT_FEN, ALLOWED_FEN, true);
    const call office = fixture_as(f, ROLE_OFFICE, AFTER_SETUP);
    publication_opened out = {0};
    const int64_t both[] = {a.claim_id, b.claim_id};
    const int64_t twice[] = {a.claim_id, a.claim_id};
    publication_new rq = {.claims = both, .n = 2};
    ASSERT_FAILS(publication_open(f->app, &office, &rq, &out, err), TQ_CONFLICT, "claim_state");
    rq.claims = twice;
    ASSERT_FAILS(publication_open(f->app, &office, &rq, &out, err), TQ_INVALID, "twice");
    rq.n = 0;
    ASSERT_FAILS(publication_open(f->app, &office, &rq, &out, err), TQ_LIMIT, "list_size");
    rq = (publication_new){.claims = both, .n = 1, .from = day_add(AFTER_SETUP, -1)};
    ASSERT_FAILS(publication_open(f->app, &office, &rq, &out, err), TQ_INVALID, "publication_day");
    const publication_opened done = published(f, both, 1, AFTER_SETUP);
    assert_int_equal(done.total_fen, ALLOWED_FEN);
    assert_int_equal(done.to.n, fixture_day(2013, 9, 11).n); /* five working days */
    ASSERT_FAILS(publication_end(f->app, &office, done.publication_id, err), TQ_CONFLICT,
                 "still_open");
    const call later = fixture_as(f, ROLE_SYSTEM, day_add(done.to, 1));
    NEED(publication_end(f->app, &later, done.publication_id, err));
    ASSERT_FAILS(publication_end(f->app, &later, done.publication_id, err), TQ_CONFLICT,
                 "publication_state");
    fixture_close(f);
}

/* R-OBJECT-010 */
static void test_objection_stops_one_line(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number number;
    path one = path_make(f, false, AFTER_SETUP);
    path two = path_make(f, true, AFTER_SETUP);
    const int64_t claims[] = {registered(&one, &number).claim_id,
                              registered(&two, &number).claim_id};
    const publication_opened list = published(f, claims, 2, AFTER_SETUP);
    int64_t objection = 0;
    int64_t second = 0;
    ASSERT_FAILS(object(f, claims[0], day_add(list.to, 1), &objection, err), TQ_REFUSED,
                 "objection_late");
    NEED(object(f, claims[0], list.to, &objection, err));
    ASSERT_STATE(f, claims[0], "objected");
    ASSERT_STATE(f, claims[1], "published");
    NEED(object(f, claims[0], list.to, &second, err));

    /* Dismissed, but another is open; then that one too. */
    NEED(decide(f, ROLE_GROUP, objection, false, list.to, err));
    ASSERT_STATE(f, claims[0], "objected");
    NEED(decide(f, ROLE_OFFICE, second, false, list.to, err));
    ASSERT_STATE(f, claims[0], "published");
    ASSERT_FAILS(decide(f, ROLE_GROUP, second, true, list.to, err), TQ_CONFLICT, "objection_state");
    assert_int_equal(balance_of(&one, ACC_PAYABLE), ALLOWED_FEN);
    fixture_close(f);
}

static void test_objection_upheld_undoes(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    county_ready(f);
    public_number before;
    public_number after;
    path p = path_make(f, false, AFTER_SETUP);
    const claim_filed filed = registered(&p, &before);
    const publication_opened list = published(f, &filed.claim_id, 1, AFTER_SETUP);
    int64_t objection = 0;
    NEED(object(f, filed.claim_id, list.from, &objection, err));
    NEED(decide(f, ROLE_GROUP, objection, true, list.from, err));
    ASSERT_STATE(f, filed.claim_id, "checked");
    assert_int_equal(balance_of(&p, ACC_PAYABLE), 0);
    assert_int_equal(balance_of(&p, ACC_HOLD), ALLOWED_FEN);

    /* Approved once more it keeps its number in the register. */
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    const call office = as(&p, ROLE_OFFICE);
    NEED(claim_register(f->app, &office, filed.claim_id, &after, err));
    assert_string_equal(before.text, after.text);
    assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
    assert_int_equal(balance_of(&p, ACC_HOLD), 0);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_register_numbers_have_no_gap),
        cmocka_unit_test(test_registrar_is_no_reviewer),
        cmocka_unit_test(test_publication_list),
        cmocka_unit_test(test_objection_stops_one_line),
        cmocka_unit_test(test_objection_upheld_undoes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
