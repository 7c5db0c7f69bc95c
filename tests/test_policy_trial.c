/* SPDX-License-Identifier: Apache-2.0 */
/* A version tried on past claims (P-26): each is judged once more on its own facts, and nothing is written. */
#include "claim_path.h"

#include "app/policy_trial.h"
#include "policy_steps.h"

static fixture *f;

static int open_county(void **state)
{
    (void)state;
    f = fixture_open();
    county_ready(f);
    return 0;
}

static int close_county(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

/* A draft that differs in one place. */
static int64_t draft(const char *piece, const char *by)
{
    str text = {0};
    int64_t id = 0;
    const call author = fixture_as(f, ROLE_POLICY_AUTHOR, FIXTURE_DAY);
    NEED(policy_step_read(NULL, STR("cn-changxing-demo"), f->a, &text, err));
    const char *at = strstr(text.data, piece);
    assert_non_null(at);
    const policy_file_rq rq = {
        .name = STR("trial.yaml"),
        .yaml = arena_printf(f->a, "%.*s%s%s", (int)(at - text.data), text.data, by,
                             at + strlen(piece)),
        .doc_no = STR("长科〔2013〕8号"),
        .from = FIXTURE_DAY,
        .read = policy_step_read,
    };
    NEED(policy_file(f->app, &author, &rq, &id, err));
    return id;
}

static trial_report tried(int64_t policy_id)
{
    static trial_report r;
    const call approver = fixture_as(f, ROLE_POLICY_APPROVER, FIXTURE_DAY);
    const int64_t events = fixture_events(f);
    NEED(policy_trial(f->app, &approver, policy_id, NULL, &r, err));
    assert_int_equal(fixture_events(f), events);
    return r;
}

static void a_version_is_tried_on_the_claims_that_there_are(void **state)
{
    (void)state;
    char text[2048];
    path p = path_make(f, false, (day){15952});
    const int64_t asked = ALLOWED_FEN;
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, asked, true);
    trial_report r = tried(f->policy_id);
    assert_int_equal(r.compared, 0); /* nobody has decided anything yet */
    path_check(&p, &filed, 0);
    NEED(path_approve(&p, &filed, asked, err));
    r = tried(f->policy_id);
    assert_int_equal(r.compared, 1);
    assert_int_equal(r.same, 1);
    assert_int_equal(r.before.minor, r.after.minor);
    assert_true(r.before.minor > 0);
    /* a fifth less for each */
    r = tried(draft("share: 50%", "share: 40%"));
    assert_int_equal(r.compared, 1);
    assert_int_equal(r.less, 1);
    assert_int_equal(r.same, 0);
    assert_int_equal(r.after.minor, NET_FEN * 4 / 10);
    assert_int_equal(r.n_cases, 1);
    BUF_AUTO buf out = buf_max(4096);
    const currency yuan = {"CNY", 2};
    policy_trial_write(&r, &yuan, &out);
    (void)snprintf(text, sizeof text, "%.*s", STR_ARG(buf_view(&out)));
    assert_non_null(strstr(text, "\"trial_less\":1"));
}

static void a_version_of_another_programme_is_not_there(void **state)
{
    (void)state;
    static trial_report r;
    tq_err err = {0};
    call elsewhere = fixture_as(f, ROLE_POLICY_APPROVER, FIXTURE_DAY);
    assert_int_equal(policy_trial(f->app, &elsewhere, 987654, NULL, &r, &err), TQ_NOT_FOUND);
    elsewhere.who.programme_id = 77;
    assert_int_equal(policy_trial(f->app, &elsewhere, f->policy_id, NULL, &r, &err), TQ_NOT_FOUND);
}

/* What the writer wrote is what the reader gives back; anything else is refused, not guessed. */
static void facts_come_back_as_they_were_written(void **state)
{
    (void)state;
    static const char *const bad[] = {"[]", "{\"nothing\":1}", "{\"today\":\"x\"}",
                                      "{\"voucher_kind\":3}", "{"};
    policy_facts facts = {
        .today = 16000, .voucher_kind = STR("apply"), .hold_left = 12345, .base_net = 7};
    policy_facts back;
    tq_err err = {0};
    BUF_AUTO buf text = buf_max(4096);
    BUF_AUTO buf again = buf_max(4096);
    policy_facts_write(&facts, STAGE_CLAIM, &text);
    assert_int_equal(policy_facts_read(buf_view(&text), f->a, &back, &err), TQ_OK);
    policy_facts_write(&back, STAGE_CLAIM, &again);
    assert_true(str_eq(buf_view(&text), buf_view(&again)));
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        assert_int_not_equal(policy_facts_read(str_of(bad[i]), f->a, &back, &err), TQ_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_is_tried_on_the_claims_that_there_are),
        cmocka_unit_test(a_version_of_another_programme_is_not_there),
        cmocka_unit_test(facts_come_back_as_they_were_written),
    };
    return cmocka_run_group_tests(tests, open_county, close_county);
}
