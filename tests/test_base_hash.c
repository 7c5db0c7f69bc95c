/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "base/hash.h"
#include "base/sm2.h"

static const char sm3_abc[] = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";

static void test_vectors(void **state)
{
    (void)state;
    static const struct row {
        hash_kind kind;
        const char *text, *hex;
    } rows[] = {
        {HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {HASH_SM3, "abc", sm3_abc},
        {HASH_SM3, "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
         "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const str text = str_of(rows[i].text);
        char hex[65];
        digest_hex(hash_of(rows[i].kind, text), hex);
        assert_string_equal(hex, rows[i].hex);
        digest back;
        assert_true(digest_from_hex(str_of(hex), &back));
        assert_true(digest_eq(back, hash_of(rows[i].kind, text)));
        hasher *h = hasher_new(rows[i].kind);
        for (int again = 0; again < 2; again++) { /* hasher_end makes it ready anew */
            for (size_t k = 0; k < text.len; k++) {
                hasher_add(h, (str){text.data + k, 1});
            }
            assert_true(digest_eq(hasher_end(h), back));
        }
        hasher_free(h);
    }
    const str parts[] = {STR("a"), STR(""), STR("bc")};
    assert_true(digest_eq(hash_parts(HASH_SM3, parts, 3), hash_of(HASH_SM3, STR("abc"))));
    assert_false(digest_eq(hash_of(HASH_SM3, STR("abc")), hash_of(HASH_SHA256, STR("abc"))));
}

static void test_hex_refused(void **state)
{
    (void)state;
    digest d;
    char bad[65];
    memcpy(bad, sm3_abc, sizeof bad);
    assert_false(digest_from_hex((str){bad, 63}, &d));
    bad[10] = 'G';
    assert_false(digest_from_hex(str_of(bad), &d));
    bad[10] = 'F';
    assert_false(digest_from_hex(str_of(bad), &d));
    bad[10] = 'f';
    assert_true(digest_from_hex(str_of(bad), &d));
}

static void *hash_in_thread(void *arg)
{
    bool *good = arg;
    char hex[65];
    *good = true;
    for (int i = 0; i < 1000; i++) {
        digest_hex(hash_of(HASH_SM3, STR("abc")), hex);
        *good = *good && strcmp(hex, sm3_abc) == 0;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    bool good[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hash_in_thread, &good[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(good[i]);
    }
}

/* Against libcrypto's SIPHASH for every length of the reference's table, and two of its rows. */
static void test_siphash(void **state)
{
    (void)state;
    sip_key key;
    uint8_t text[64];
    for (uint8_t i = 0; i < 64; i++) {
        text[i] = i;
    }
    memcpy(key.b, text, sizeof key.b);
    uint64_t out[2];
    sip128(&key, STR(""), out);
    assert_memory_equal(out, "\xa3\x81\x7f\x04\xba\x25\xa8\xe6\x6d\xf6\x72\x14\xc7\x55\x02\x93",
                        16);
    sip128(&key, (str){(const char *)text, 1}, out);
    assert_memory_equal(out, "\xda\x87\xc1\xd8\x6b\x99\xaf\x44\x34\x76\x59\x11\x9b\x22\xfc\x45",
                        16);
    for (size_t len = 0; len < sizeof text; len++) {
        EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_SIPHASH, NULL, key.b, 16);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        uint8_t mac[16];
        size_t mac_len = sizeof mac;
        assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey), 1);
        assert_int_equal(EVP_DigestSign(ctx, mac, &mac_len, text, len), 1);
        assert_int_equal(mac_len, 16);
        sip128(&key, (str){(const char *)text, len}, out);
        assert_memory_equal(out, mac, 16);
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(pkey);
    }
}

/* RFC 8032 §7.1, tests 1 and 2. */
static void test_ed25519(void **state)
{
    (void)state;
    static const struct row {
        const char *seed, *pub, *text, *sig;
        size_t len;
    } rows[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
         "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
         0},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
         1},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        digest seed;
        digest pub;
        digest sig[2];
        assert_true(digest_from_hex(str_of(rows[i].seed), &seed));
        assert_true(digest_from_hex(str_of(rows[i].pub), &pub));
        assert_true(digest_from_hex((str){rows[i].sig, 64}, &sig[0]));
        assert_true(digest_from_hex((str){rows[i].sig + 64, 64}, &sig[1]));
        sign_key key;
        sign_key_of_seed(seed.b, &key);
        assert_memory_equal(key.pub, pub.b, 32);
        uint8_t out[64];
        const str text = {rows[i].text, rows[i].len};
        sign_bytes(&key, text, out);
        assert_memory_equal(out, sig, 64);
        assert_true(sign_check(key.pub, text, out));
        assert_false(sign_check(key.pub, STR("other"), out));
        out[40] ^= 1;
        assert_false(sign_check(key.pub, text, out));
    }
    sign_key a;
    sign_key b;
    sign_key_new(&a);
    sign_key_new(&b);
    assert_memory_not_equal(a.seed, b.seed, 32);
    uint8_t sig[64];
    sign_bytes(&a, STR("list"), sig);
    assert_true(sign_check(a.pub, STR("list"), sig));
    assert_false(sign_check(b.pub, STR("list"), sig));
    uint8_t no_point[32];
    memset(no_point, 0xff, sizeof no_point);
    assert_false(sign_check(no_point, STR("list"), sig));
}

static void bytes_of(const char *hex, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

/* The example of GB/T 32918.5-2017, appendix A. */
static void test_sm2(void **state)
{
    (void)state;
    uint8_t secret[32];
    uint8_t pub[SM2_PUB_BYTES];
    uint8_t sig[SM2_SIG_BYTES];
    sm2_key key;
    bytes_of("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8", secret, 32);
    bytes_of("09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
             "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
             pub, sizeof pub);
    bytes_of("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
             "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
             sig, sizeof sig);
    assert_true(sm2_key_of_secret(secret, &key));
    assert_memory_equal(key.pub, pub, sizeof pub);
    assert_true(sm2_check(pub, STR("message digest"), sig));
    assert_false(sm2_check(pub, STR("message digesT"), sig));
    sm2_sign(&key, STR("abc"), sig);
    assert_true(sm2_check(pub, STR("abc"), sig));
    sig[63] ^= 1;
    assert_false(sm2_check(pub, STR("abc"), sig));
    memset(sig, 0, sizeof sig);
    assert_false(sm2_check(pub, STR("abc"), sig));
    memset(sig, 0xff, sizeof sig);
    assert_false(sm2_check(pub, STR("abc"), sig));
    pub[3] ^= 1; /* off the curve */
    assert_false(sm2_check(pub, STR("abc"), sig));
    memset(secret, 0, sizeof secret);
    assert_false(sm2_key_of_secret(secret, &key));
    memset(secret, 0xff, sizeof secret);
    assert_false(sm2_key_of_secret(secret, &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_hex_refused),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_siphash),
        cmocka_unit_test(test_ed25519), cmocka_unit_test(test_sm2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
