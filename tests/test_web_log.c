/* SPDX-License-Identifier: Apache-2.0 */
/* Over the site: receipts for those who did the act (R-LOG-040), dossiers, public proofs, and who of the
 * staff read a case (R-FILE-040). */

#include "store/checkpoint.h"
#include "store/dossier.h"
#include "web_session.h"

#include <time.h>

static int64_t application, first_case;

static const char *at(const char *form, int64_t id)
{
    static char room[8][96];
    static size_t turn = 0;
    const char *hole = strchr(form, '#');
    assert_non_null(hole);
    turn = (turn + 1) % TQ_COUNT(room);
    (void)snprintf(room[turn], sizeof room[0], "%.*s%lld%s", (int)(hole - form), form,
                   (long long)id, hole + 1);
    return room[turn];
}

static void sign_now(void)
{
    NEED(checkpoint_write(app_store(w->f->app), w->now[ROLE_OFFICE].at, err));
}

static int make_cases(void **state)
{
    char body[256];
    (void)make_county(state);
    (void)snprintf(body, sizeof body,
                   "{\"kind_id\":%lld,\"way\":\"immediate\",\"asked\":\"100.00\"}",
                   (long long)fixture_kind(w->f, "apply"));
    web_answer a = web_post(w, ROLE_FIRM_AGENT, "/applications", body);
    assert_int_equal(a.status, 201);
    application = web_int(w, &a, "id");
    (void)snprintf(body, sizeof body, "{\"org_id\":%lld,\"cause\":\"sale\"}",
                   (long long)w->f->firm);
    a = web_post(w, ROLE_OFFICE, "/cases", body);
    assert_int_equal(a.status, 201);
    first_case = web_int(w, &a, "id");
    return 0;
}

/* The number of the n-th receipt of a page, 0 where there are not so many. */
static int64_t receipt_at(str body, int n)
{
    const char *from = body.data;
    for (int i = 0; i <= n; i++) {
        from = memmem(from, body.len - (size_t)(from - body.data), "\"event\":", 8);
        if (from == NULL) {
            return 0;
        }
        from += 8;
    }
    return strtoll(from, NULL, 10);
}

static void what_is_not_signed_has_no_receipt_yet(void **state)
{
    (void)state;
    const web_answer a = web_get(w, ROLE_FIRM_AGENT, at("/applications/#/receipts", application));
    assert_int_equal(a.status, 200);
    assert_int_equal(receipt_at(a.body, 0), 0);
    assert_int_equal(web_get(w, ROLE_OFFICE, at("/cases/#/dossier", first_case)).status, 409);
}

static void receipts_are_for_who_did_the_act(void **state)
{
    (void)state;
    char other[64];
    sign_now();
    web_answer a = web_get(w, ROLE_FIRM_AGENT, at("/applications/#/receipts", application));
    assert_int_equal(a.status, 200);
    const int64_t own = receipt_at(a.body, 0);
    assert_true(own > 0);
    a = web_get(w, ROLE_FIRM_AGENT, at("/log/receipts/#", own));
    assert_int_equal(a.status, 200);
    ARENA_AUTO arena *room = arena_new("receipt", 16 << 20);
    log_proof proof;
    NEED(receipt_read((str){a.body.data, a.body.len - 1}, room, &proof, err));
    assert_int_equal(proof.seq, own);
    /* an official sees it, another firm and the public do not; nor does the firm get the bureau's acts */
    assert_int_equal(web_get(w, ROLE_AUDITOR, at("/log/receipts/#", own)).status, 200);
    assert_int_equal(web_get(w, ROLE_OFFICE, at("/log/receipts/#", own)).status, 404);
    assert_int_equal(web_get(w, ROLE_INSPECTOR, at("/log/receipts/#", own)).status, 404);
    assert_int_equal(web_get(w, ROLE_PUBLIC, at("/log/receipts/#", own)).status, 401);
    web_county_person(w, ROLE_FIRM_AGENT, fixture_org(w->f, "enterprise", "他企业"), other);
    char with[128];
    (void)snprintf(with, sizeof with, "Authorization: Bearer %s\r\n" WANT_JSON, other);
    assert_int_equal(ask_raw(at("/log/receipts/#", own), with, "", NULL).status, 404);
    assert_int_equal(ask_raw(at("/applications/#/receipts", application), with, "", NULL).status,
                     404);
    const int64_t bureau = own + 1; /* the case that the office opened */
    assert_int_equal(web_get(w, ROLE_AUDITOR, at("/log/receipts/#", bureau)).status, 200);
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/log/receipts/#", bureau)).status, 404);
}

static void dossiers_come_over_the_site(void **state)
{
    (void)state;
    dossier_said said;
    const web_answer a = web_get(w, ROLE_AUDITOR, at("/cases/#/dossier", first_case));
    assert_int_equal(a.status, 200);
    NEED(dossier_check((str){a.body.data, a.body.len - 1}, STR(""), &said, err));
    assert_int_equal(said.id, first_case);
    assert_string_equal(said.subject, "violation_case");
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/cases/#/dossier", first_case)).status, 404);
}

static void proofs_are_for_everybody(void **state)
{
    (void)state;
    web_answer a = ask_raw("/log/checkpoint", WANT_JSON, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "\"fingerprint\""));
    a = ask_raw("/log/proof?event=3", WANT_JSON, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "\"checkpoint\":{\"count\""));
    assert_true(holds(a.body, "\"leaf\":\""));
    assert_int_equal(ask_raw("/log/proof?event=3&size=2", WANT_JSON, "", NULL).status, 404);
    assert_int_equal(ask_raw("/log/proof?event=99999999", WANT_JSON, "", NULL).status, 404);
    a = ask_raw("/log/consistency?from=2&to=9", WANT_PAGE, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "SM3"));
    assert_int_equal(ask_raw("/log/consistency?from=9&to=2", WANT_JSON, "", NULL).status, 404);
}

/* Written behind the answer: looked for until it is there. */
static bool is_recorded(role r, const char *address, const char *part)
{
    for (int i = 0; i < 200; i++) {
        const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
        if (holds(web_get(w, r, address).body, part)) {
            return true;
        }
        (void)nanosleep(&moment, NULL);
    }
    return false;
}

static void who_reads_a_case_is_recorded(void **state)
{
    (void)state;
    assert_int_equal(web_get(w, ROLE_FIRM_AGENT, at("/applications/#", application)).status, 200);
    assert_int_equal(web_get(w, ROLE_REVIEWER1, at("/applications/#", application)).status, 200);
    assert_true(is_recorded(ROLE_AUDITOR, "/access-log", "\"role\":\"reviewer1\""));
    web_answer a = web_get(w, ROLE_AUDITOR, "/access-log?q=application");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "\"what\":\"view\""));
    assert_false(holds(a.body, "\"role\":\"firm_agent\"")); /* who reads what is their own */
    assert_true(is_recorded(ROLE_AUDITOR, "/access-log", "\"what\":\"dossier\""));
    /* R-FILE-050: a list and its table too, and whatever else is of a case or of a person */
    assert_int_equal(web_get(w, ROLE_REVIEWER1, "/applications").status, 200);
    assert_true(is_recorded(ROLE_AUDITOR, "/access-log?q=application", "\"what\":\"list\""));
    assert_int_equal(web_get(w, ROLE_OFFICE, "/signals.csv").status, 200);
    assert_true(is_recorded(ROLE_AUDITOR, "/access-log?q=signal", "\"what\":\"csv\""));
    assert_int_equal(web_get(w, ROLE_SUPERVISOR, "/tip-sources").status, 200);
    assert_true(is_recorded(ROLE_AUDITOR, "/access-log?q=tip_source", "\"what\":\"list\""));
    /* the firm learns the role, not the person; another firm and other staff learn nothing */
    a = web_get(w, ROLE_FIRM_AGENT, "/opened");
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "\"role\":\"reviewer1\""));
    assert_false(holds(a.body, "\"user\""));
    assert_int_equal(web_get(w, ROLE_OFFICE, "/opened").status, 404);
    assert_int_equal(web_get(w, ROLE_OFFICE, "/access-log").status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_signed_has_no_receipt_yet),
        cmocka_unit_test(receipts_are_for_who_did_the_act),
        cmocka_unit_test(dossiers_come_over_the_site),
        cmocka_unit_test(proofs_are_for_everybody),
        cmocka_unit_test(who_reads_a_case_is_recorded),
    };
    return cmocka_run_group_tests(tests, make_cases, drop_county);
}
