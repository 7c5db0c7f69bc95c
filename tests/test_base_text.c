/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

#define S(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static void test_utf8(void **state)
{
    (void)state;
    static const struct row {
        str text;
        bool utf8, line;
    } rows[] = {
        {S("abc"), true, true},
        {S("长兴县 Changxing"), true, true},
        {S("0123456789abcdef\xe9\x95\xbf"), true, true},
        {S("0123456789abcde\xff"), false, false},
        {S("\xf0\x9f\x98\x80"), true, true},
        {S("\xc0\xaf"), false, false},                 /* overlong */
        {S("\xe0\x9f\xbf"), false, false},             /* overlong */
        {S("\xf0\x8f\xbf\xbf"), false, false},         /* overlong */
        {S("\xed\xa0\x80"), false, false},             /* surrogate */
        {S("\xed\xa0\x80\xed\xb0\x80"), false, false}, /* CESU-8 */
        {S("\xf4\x90\x80\x80"), false, false},         /* above 10FFFF */
        {S("\xe9\x95"), false, false},                 /* cut */
        {S("\x80"), false, false},
        {S("a\nb"), true, false},
        {S("a\0b"), true, false},
        {S("a\x7f"), true, false},
        {S("a\xc2\x85"), true, false},     /* C1 */
        {S("a\xe2\x80\x8b"), true, false}, /* zero width */
        {S("a\xe2\x80\xae"), true, false}, /* right to left override */
        {S("a\xe2\x81\xa6"), true, false}, /* isolate */
        {S("\xef\xbb\xbf"
           "a"),
         true, false},
        {S(""), true, false},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        if (str_utf8(rows[i].text) != rows[i].utf8 ||
            str_line_ok(rows[i].text, 64) != rows[i].line) {
            fail_msg("row %zu", i);
        }
    }
    assert_false(str_line_ok(STR("12345"), 4));
}

static void test_int64(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        bool good;
        long long n;
    } rows[] = {
        {"0", true, 0},
        {"7", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"00", false, 0},
        {"01", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1e3", false, 0},
        {"１", false, 0},
    };
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        long long n = -5;
        assert_int_equal(str_int64(str_of(rows[i].text), &n), rows[i].good);
        assert_int_equal(n, rows[i].good ? rows[i].n : -5);
    }
}

static void test_slices(void **state)
{
    (void)state;
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR(""), (str){0}), 0);
    assert_true(str_eq(str_trim(STR(" \t a b\r\n")), STR("a b")));
    assert_int_equal(str_trim(STR("  ")).len, 0);
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_false(str_starts(STR("a"), STR("ab")));
}

static void test_buf_maximum(void **state)
{
    (void)state;
    BUF_AUTO buf b = buf_max(10);
    assert_string_equal(buf_view(&b).data, "");
    buf_text(&b, "12345");
    buf_int(&b, INT64_C(-1234));
    assert_true(buf_ok(&b));
    assert_string_equal(b.data, "12345-1234");
    buf_char(&b, 'x');
    assert_false(buf_ok(&b));
    buf_clear(&b);
    buf_hex(&b, (const uint8_t *)"\x0a\xff", 2);
    buf_printf(&b, "%d", 42);
    assert_true(buf_ok(&b));
    assert_string_equal(b.data, "0aff42");
    buf_clear(&b);
    buf_int(&b, INT64_MIN);
    assert_false(buf_ok(&b));
    BUF_AUTO buf wide = buf_max(64);
    buf_int(&wide, INT64_MIN);
    assert_string_equal(wide.data, "-9223372036854775808");
}

static void test_arena(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    for (size_t i = 1; i < 200; i++) {
        unsigned char *p = arena_take(a, i * 7);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < i * 7; k++) {
            assert_int_equal(p[k], 0);
        }
        memset(p, 0xaa, i * 7);
    }
    const str copy = arena_copy(a, STR("abc"));
    assert_string_equal(copy.data, "abc");
    assert_string_equal(arena_printf(a, "%d-%s", 5, "x").data, "5-x");
    const size_t used = arena_used(a);
    assert_true(used > 0);
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    const unsigned char *again = arena_take(a, 4000);
    for (size_t k = 0; k < 4000; k++) {
        assert_int_equal(again[k], 0);
    }
    (void)arena_take(a, arena_left(a)); /* what it says it has it gives */
}

static void test_arena_over_aborts(void **state)
{
    (void)state;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        arena *a = arena_new("small", 100);
        (void)arena_take(a, 101);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),   cmocka_unit_test(test_int64),
        cmocka_unit_test(test_slices), cmocka_unit_test(test_buf_maximum),
        cmocka_unit_test(test_arena),  cmocka_unit_test(test_arena_over_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
