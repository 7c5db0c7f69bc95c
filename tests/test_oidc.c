/* SPDX-License-Identifier: Apache-2.0 */
/* A visit to a provider that lies: each lie is refused for its own reason, and an honest visit lands. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "base/secrets.h"
#include "http/fetch.h"
#include "rogue_provider.h"
#include "web/oidc.h"

#define BASE "https://vouchers.example"
#define NOW_S INT64_C(1700000000)

typedef struct trip {
    rogue *peer;
    oidc *o;
    arena *a;
    call c;
    oidc_provider provider;
    bearer visit;
    char state[64], nonce[64], challenge[64];
} trip;

static trip trip_new(const char *alg)
{
    trip t = {.peer = rogue_start(alg), .a = arena_new("trip", 64 * 1024 * 1024)};
    tq_err err = {0};
    t.provider = (oidc_provider){.id = "rogue",
                                 .client_id = "tongquan",
                                 .client_secret = "s",
                                 .label_zh = "甲",
                                 .label_en = "A",
                                 .scope = "openid",
                                 .factors = "otp",
                                 .people = OUTSIDE_STAFF,
                                 .issuer = arena_copy(t.a, str_of(rogue_issuer(t.peer))).data};
    const oidc_options opt = {.providers = &t.provider, .n = 1};
    assert_int_equal(oidc_new(&opt, BASE, &t.o, &err), TQ_OK);
    t.c = (call){.at = {NOW_S * 1000000}, .a = t.a};
    return t;
}

static void trip_end(trip *t)
{
    oidc_free(t->o);
    rogue_stop(t->peer);
    arena_free(t->a);
}

static void arg_of(str url, const char *name, char out[64])
{
    const char *at = memmem(url.data, url.len, name, strlen(name));
    assert_non_null(at);
    at += strlen(name);
    (void)snprintf(out, 64, "%.*s", (int)strcspn(at, "&"), at);
}

/* Begins a visit and tells the peer how to be when it is asked. */
static void begin(trip *t, rogue_way way)
{
    tq_err err = {0};
    str url = {0};
    t->visit = bearer_new();
    assert_int_equal(oidc_begin(t->o, oidc_at(t->o, 0), str_of(t->visit.text), &t->c, &url, &err),
                     TQ_OK);
    arg_of(url, "state=", t->state);
    arg_of(url, "nonce=", t->nonce);
    arg_of(url, "code_challenge=", t->challenge);
    assert_non_null(memmem(url.data, url.len, "code_challenge_method=S256", 26));
    assert_null(memmem(url.data, url.len, t->visit.text,
                       BEARER_CHARS)); /* the secret stays at home */
    rogue_be(t->peer, way, t->nonce, t->challenge, t->c.at.us / 1000000);
}

static tq_code finish(trip *t, const char *state, outside_proof *out, tq_err *err)
{
    const oidc_back back = {
        .state = str_of(state), .code = STR("x"), .error = STR(""), .issuer = STR("")};
    return oidc_finish(t->o, oidc_at(t->o, 0), str_of(t->visit.text), &back, &t->c, out, err);
}

static void refused(trip *t, rogue_way way, tq_code code, const char *reason)
{
    outside_proof proof = {0};
    tq_err err = {0};
    begin(t, way);
    const tq_code got = finish(t, t->state, &proof, &err);
    if (got != code || strcmp(err.reason, reason) != 0) {
        fail_msg("way %d: %s/%s, not %s: %s", (int)way, tq_code_name(got), err.reason, reason,
                 err.detail);
    }
    assert_int_equal(proof.subject.len, 0);
}

static void lands(trip *t, rogue_way way)
{
    outside_proof proof = {0};
    tq_err err = {0};
    begin(t, way);
    if (finish(t, t->state, &proof, &err) != TQ_OK) {
        fail_msg("%s: %s", err.reason, err.detail);
    }
    assert_true(str_eq(proof.subject, STR("u-1")));
    assert_true(str_eq(proof.issuer, str_of(rogue_issuer(t->peer))));
    assert_true(proof.factor_shown); /* amr says otp, and the configuration takes it */
}

static void an_honest_visit_lands(void **state)
{
    static const char *const algs[] = {"RS256", "ES256"};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(algs); i++) {
        trip t = trip_new(algs[i]);
        lands(&t, ROGUE_HONEST);
        trip_end(&t);
    }
}

static void each_lie_is_refused_for_its_own_reason(void **state)
{
    static const struct {
        rogue_way way;
        tq_code code;
        const char *reason;
    } lies[] = {
        {ROGUE_NONCE, TQ_INVALID, "id_token_nonce"},
        {ROGUE_NO_NONCE, TQ_INVALID, "id_token_nonce"},
        {ROGUE_AUDIENCE, TQ_INVALID, "id_token_audience"},
        {ROGUE_AUDIENCES, TQ_INVALID, "id_token_audience"},
        {ROGUE_PARTY, TQ_INVALID, "id_token_audience"},
        {ROGUE_EXPIRED, TQ_INVALID, "id_token_expired"},
        {ROGUE_EARLY, TQ_INVALID, "id_token_early"},
        {ROGUE_OLD, TQ_INVALID, "id_token_old"},
        {ROGUE_ISSUER, TQ_INVALID, "id_token_issuer"},
        {ROGUE_NOBODY, TQ_INVALID, "id_token_subject"},
        {ROGUE_NONE, TQ_INVALID, "id_token_alg"},
        {ROGUE_CONFUSED, TQ_INVALID, "id_token_alg"},
        {ROGUE_STRANGER, TQ_INVALID, "id_token_signature"},
        {ROGUE_NEW_KEY, TQ_INVALID, "id_token_key"}, /* so soon after the keys were fetched */
        {ROGUE_CRIT, TQ_INVALID, "id_token_form"},
        {ROGUE_TWO_ALGS, TQ_INVALID, "id_token_form"},
        {ROGUE_GARBAGE, TQ_INVALID, "id_token_form"},
        {ROGUE_USED, TQ_INVALID, "oidc_code"},
        {ROGUE_BROKEN, TQ_BUSY, "oidc_answer"},
        {ROGUE_REDIRECT, TQ_BUSY, "fetch_redirect"},
        {ROGUE_HUGE, TQ_BUSY, "fetch_large"},
    };
    (void)state;
    trip t = trip_new("RS256");
    lands(&t, ROGUE_HONEST);
    for (size_t i = 0; i < TQ_COUNT(lies); i++) {
        refused(&t, lies[i].way, lies[i].code, lies[i].reason);
    }
    lands(&t, ROGUE_HONEST);
    trip_end(&t);
}

static void another_browser_s_answer_is_not_even_asked_about(void **state)
{
    (void)state;
    outside_proof proof = {0};
    tq_err err = {0};
    char planted[64];
    trip t = trip_new("RS256");
    begin(&t, ROGUE_HONEST);
    (void)snprintf(planted, sizeof planted, "%s", t.state);
    begin(&t, ROGUE_HONEST);
    const int before = rogue_asked(t.peer);
    assert_int_equal(finish(&t, planted, &proof, &err), TQ_INVALID);
    assert_string_equal(err.reason, "oidc_state");
    assert_int_equal(finish(&t, "", &proof, &err), TQ_INVALID);
    assert_string_equal(err.reason, "oidc_state");
    const oidc_back other = {
        .state = str_of(t.state), .code = STR("x"), .error = STR(""), .issuer = STR("https://b")};
    assert_int_equal(oidc_finish(t.o, oidc_at(t.o, 0), str_of(t.visit.text), &other, &t.c, &proof,
                                 &err),
                     TQ_INVALID);
    assert_string_equal(err.reason, "oidc_issuer");
    const oidc_back no = {.state = str_of(t.state),
                          .code = STR(""),
                          .error = STR("access_denied"),
                          .issuer = STR("")};
    assert_int_equal(oidc_finish(t.o, oidc_at(t.o, 0), str_of(t.visit.text), &no, &t.c, &proof,
                                 &err),
                     TQ_INVALID);
    assert_string_equal(err.reason, "oidc_denied");
    assert_int_equal(rogue_asked(t.peer), before);
    trip_end(&t);
}

static void keys_that_changed_are_fetched_again_but_not_at_every_request(void **state)
{
    (void)state;
    trip t = trip_new("ES256");
    lands(&t, ROGUE_HONEST);
    refused(&t, ROGUE_NEW_KEY, TQ_INVALID, "id_token_key");
    const int before = rogue_asked(t.peer);
    refused(&t, ROGUE_NEW_KEY, TQ_INVALID, "id_token_key");
    assert_int_equal(rogue_asked(t.peer), before + 1); /* the code alone */
    t.c.at.us += INT64_C(31) * 1000000;
    lands(&t, ROGUE_NEW_KEY);
    trip_end(&t);
}

static void a_peer_that_is_unfit_or_gone_is_told(void **state)
{
    static const struct {
        rogue_way way;
        const char *reason;
    } ways[] = {{ROGUE_OTHER_SELF, "oidc_discovery"}, {ROGUE_PLAIN, "oidc_discovery"}};
    (void)state;
    str url = {0};
    tq_err err = {0};
    trip t = trip_new("ES256");
    t.visit = bearer_new();
    for (size_t i = 0; i < TQ_COUNT(ways); i++) {
        rogue_be(t.peer, ways[i].way, "", "", NOW_S);
        assert_int_equal(oidc_begin(t.o, oidc_at(t.o, 0), str_of(t.visit.text), &t.c, &url, &err),
                         TQ_BUSY);
        assert_string_equal(err.reason, ways[i].reason);
    }
    rogue_be(t.peer, ROGUE_HONEST, "", "", NOW_S);
    lands(&t, ROGUE_HONEST);
    t.c.at.us += INT64_C(3601) * 1000000; /* asked anew after an hour */
    rogue_be(t.peer, ROGUE_OTHER_SELF, "", "", NOW_S);
    assert_int_equal(oidc_begin(t.o, oidc_at(t.o, 0), str_of(t.visit.text), &t.c, &url, &err),
                     TQ_BUSY);
    trip_end(&t);
}

static void a_slow_peer_costs_its_time_and_no_more(void **state)
{
    (void)state;
    fetch_answer answer = {0};
    tq_err err = {0};
    trip t = trip_new("ES256");
    const str url = arena_printf(t.a, "%s/keys", rogue_issuer(t.peer));
    fetch_rq rq = {.url = url.data, .plain_too = true, .total_ms = 200};
    rogue_be(t.peer, ROGUE_SLOW, "", "", NOW_S);
    assert_int_equal(fetch(&rq, t.a, &answer, &err), TQ_BUSY);
    assert_string_equal(err.reason, "fetch_slow");
    rogue_be(t.peer, ROGUE_HONEST, "", "", NOW_S);
    rq.total_ms = 0;
    assert_int_equal(fetch(&rq, t.a, &answer, &err), TQ_OK);
    assert_int_equal(answer.status, 200);
    rq.plain_too = false; /* in the clear only where that was said */
    assert_int_equal(fetch(&rq, t.a, &answer, &err), TQ_BUSY);
    assert_string_equal(err.reason, "fetch_unreachable");
    trip_end(&t);
}

static void no_site_without_its_own_address(void **state)
{
    (void)state;
    oidc *o = NULL;
    tq_err err = {0};
    const oidc_provider p = {
        .id = "a", .issuer = "https://a", .client_id = "c", .scope = "openid", .factors = ""};
    const oidc_options opt = {.providers = &p, .n = 1};
    assert_int_equal(oidc_new(&opt, NULL, &o, &err), TQ_INVALID);
    assert_string_equal(err.reason, "base_url");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_visit_lands),
        cmocka_unit_test(each_lie_is_refused_for_its_own_reason),
        cmocka_unit_test(another_browser_s_answer_is_not_even_asked_about),
        cmocka_unit_test(keys_that_changed_are_fetched_again_but_not_at_every_request),
        cmocka_unit_test(a_peer_that_is_unfit_or_gone_is_told),
        cmocka_unit_test(a_slow_peer_costs_its_time_and_no_more),
        cmocka_unit_test(no_site_without_its_own_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
