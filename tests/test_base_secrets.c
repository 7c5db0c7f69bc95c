/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords, tokens, one-time codes: the published vectors, equal work, and a short queue. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/secrets.h"

static const uint8_t rfc_secret[] = "12345678901234567890";

static void totp_gives_the_codes_of_the_rfc(void **state)
{
    (void)state;
    /* RFC 6238 appendix B, SHA-1. */
    static const struct {
        int64_t seconds;
        uint32_t code;
    } rows[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        assert_int_equal(totp_code(rfc_secret, 20, rows[i].seconds / TOTP_STEP_SECONDS, 8),
                         rows[i].code);
    }
    /* RFC 4226 appendix D. */
    static const uint32_t hotp[] = {755224, 287082, 359152, 969429, 338314,
                                    254676, 287922, 162583, 399871, 520489};
    for (size_t i = 0; i < TQ_COUNT(hotp); i++) {
        assert_int_equal(totp_code(rfc_secret, 20, (int64_t)i, TOTP_DIGITS), hotp[i]);
    }
    char text[33];
    totp_base32(rfc_secret, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void a_password_is_hashed_and_known_again(void **state)
{
    (void)state;
    tq_err err = {0};
    password_hash one;
    password_hash two;
    bool right = false;
    assert_int_equal(password_hash_make(STR("正确的马电池订书钉"), &one, &err), TQ_OK);
    assert_int_equal(password_hash_make(STR("正确的马电池订书钉"), &two, &err), TQ_OK);
    assert_string_not_equal(one.text, two.text); /* each has its own salt */
    assert_int_equal(strncmp(one.text, "$argon2id$v=19$m=32768,t=3,p=1$", 31), 0);
    assert_int_equal(password_hash_check(str_of(one.text), STR("正确的马电池订书钉"), &right, &err),
                     TQ_OK);
    assert_true(right);
    assert_int_equal(password_hash_check(str_of(one.text), STR("正确的马电池订书丁"), &right, &err),
                     TQ_OK);
    assert_false(right);
}

static void nobodys_hash_costs_as_much(void **state)
{
    (void)state;
    tq_err err = {0};
    bool right = true;
    const int64_t before = password_hash_runs();
    assert_int_equal(password_hash_check(STR(""), STR("whatever it is"), &right, &err), TQ_OK);
    assert_false(right);
    assert_int_equal(password_hash_runs(), before + 1);
}

static void a_long_password_costs_nothing(void **state)
{
    (void)state;
    static char megabyte[1024 * 1024];
    memset(megabyte, 'a', sizeof megabyte);
    tq_err err = {0};
    password_hash hash;
    bool right = false;
    const int64_t before = password_hash_runs();
    const str huge = {megabyte, sizeof megabyte};
    const str over = {megabyte, PASSWORD_BYTES_MAX + 1};
    assert_int_equal(password_hash_make(huge, &hash, &err), TQ_LIMIT);
    assert_int_equal(password_hash_check(STR(""), over, &right, &err), TQ_LIMIT);
    assert_string_equal(err.reason, "password_length");
    assert_int_equal(password_hash_runs(), before);
}

#define CROWD (PASSWORD_SLOTS + PASSWORD_QUEUE + 8)
static pthread_barrier_t start;

static void *log_in(void *out)
{
    tq_code *code = out;
    tq_err err = {0};
    bool right = false;
    (void)pthread_barrier_wait(&start);
    *code = password_hash_check(STR(""), STR("all at once"), &right, &err);
    return NULL;
}

static void a_crowd_is_asked_to_come_again(void **state)
{
    (void)state;
    pthread_t threads[CROWD];
    tq_code codes[CROWD];
    int served = 0;
    assert_int_equal(pthread_barrier_init(&start, NULL, CROWD), 0);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, log_in, &codes[i]), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(codes[i] == TQ_OK || codes[i] == TQ_BUSY);
        served += codes[i] == TQ_OK;
    }
    assert_true(served >= PASSWORD_SLOTS + PASSWORD_QUEUE);
    assert_true(served < CROWD); /* one pass takes far longer than starting the threads */
    (void)pthread_barrier_destroy(&start);
}

static void tokens_and_codes_have_their_form(void **state)
{
    (void)state;
    const bearer one = bearer_new();
    const bearer two = bearer_new();
    assert_string_not_equal(one.text, two.text);
    for (size_t i = 0; i < BEARER_CHARS; i++) {
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                               one.text[i]));
    }
    const printed_code paper = printed_code_new();
    assert_int_equal(strlen(paper.text), 19);
    char folded[PRINTED_CODE_CHARS + 1];
    assert_true(printed_code_fold(str_of(paper.text), folded));
    assert_int_equal(strlen(folded), PRINTED_CODE_CHARS);
    static const struct {
        const char *typed;
        bool fine;
    } rows[] = {{"abcd-efgh-jkmn-pqrs", true},
                {"ABCD EFGH JKMN PQRS", true},
                {"ABCDEFGHJKMNPQRS", true},
                {"ABCDEFGHJKMNPQR", false},
                {"ABCDEFGHJKMNPQRST", false},
                {"0BCDEFGHJKMNPQRS", false},
                {"", false},
                {"123456", false}};
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        assert_int_equal(printed_code_fold(str_of(rows[i].typed), folded), rows[i].fine);
    }
    assert_false(printed_code_fold((str){"ABCDEFGHJKMNPQR\0", 16}, folded));
}

static void what_is_sealed_opens_for_its_owner_alone(void **state)
{
    (void)state;
    uint8_t key[SEAL_KEY_BYTES] = {1, 2, 3};
    uint8_t shut[20 + SEAL_EXTRA];
    uint8_t again[20 + SEAL_EXTRA];
    uint8_t open[20];
    seal(key, STR("totp:7"), (str){(const char *)rfc_secret, 20}, shut);
    seal(key, STR("totp:7"), (str){(const char *)rfc_secret, 20}, again);
    assert_memory_not_equal(shut, again, sizeof shut);
    const str bytes = {(const char *)shut, sizeof shut};
    assert_true(unseal(key, STR("totp:7"), bytes, open));
    assert_memory_equal(open, rfc_secret, 20);
    assert_false(unseal(key, STR("totp:8"), bytes, open)); /* moved to another user's row */
    assert_false(unseal(key, STR("totp:7"), (str){bytes.data, SEAL_EXTRA - 1}, open));
    for (size_t i = 0; i < sizeof shut; i++) {
        shut[i] ^= 1;
        assert_false(unseal(key, STR("totp:7"), bytes, open));
        shut[i] ^= 1;
    }
    key[0] ^= 1;
    assert_false(unseal(key, STR("totp:7"), bytes, open));
}

static void secrets_are_compared_whole(void **state)
{
    (void)state;
    assert_true(secret_eq(STR("abc"), STR("abc")));
    assert_true(secret_eq(STR(""), STR("")));
    assert_false(secret_eq(STR("abc"), STR("abd")));
    assert_false(secret_eq(STR("abc"), STR("abcd")));
    char text[] = "secret";
    secret_wipe(text, sizeof text);
    assert_memory_equal(text, "\0\0\0\0\0\0", sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totp_gives_the_codes_of_the_rfc),
        cmocka_unit_test(a_password_is_hashed_and_known_again),
        cmocka_unit_test(nobodys_hash_costs_as_much),
        cmocka_unit_test(a_long_password_costs_nothing),
        cmocka_unit_test(a_crowd_is_asked_to_come_again),
        cmocka_unit_test(tokens_and_codes_have_their_form),
        cmocka_unit_test(what_is_sealed_opens_for_its_owner_alone),
        cmocka_unit_test(secrets_are_compared_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
