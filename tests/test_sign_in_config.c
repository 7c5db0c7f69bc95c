/* SPDX-License-Identifier: Apache-2.0 */
/* The file of providers: what holds is taken as it is written, what does not is told with its line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "cli/sign_in_config.h"

#define GOOD                                                                                       \
    "providers:\n"                                                                                 \
    "  - id: zj-staff\n"                                                                           \
    "    issuer: https://login.example.gov.cn/realm\n"                                             \
    "    people: staff\n"                                                                          \
    "    client_id: tongquan\n"                                                                    \
    "    label_zh: 浙政钉\n"                                                                    \
    "    label_en: Zhejiang staff\n"

static tq_code load(const char *text, mode_t mode, arena *a, oidc_options *out, tq_err *err)
{
    char path[] = "/tmp/tq-sign-in-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
    const tq_code code = sign_in_config_load(path, a, out, err);
    (void)unlink(path);
    return code;
}

static void what_holds_is_taken(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", 4 * 1024 * 1024);
    oidc_options out = {0};
    tq_err err = {0};
    assert_int_equal(
        load(GOOD
             "    client_secret: \"a b\"\n    second_factor: mfa otp\n"
             "  - id: firms\n    issuer: http://127.0.0.1:9\n    people: organisation\n"
             "    client_id: t2\n    label_zh: 甲\n    label_en: A\n    scope: openid profile\n",
             0600, a, &out, &err),
        TQ_OK);
    assert_int_equal(out.n, 2);
    assert_string_equal(out.providers[0].issuer, "https://login.example.gov.cn/realm");
    assert_string_equal(out.providers[0].client_secret, "a b");
    assert_string_equal(out.providers[0].factors, "mfa otp");
    assert_string_equal(out.providers[0].scope, "openid");
    assert_int_equal(out.providers[0].people, OUTSIDE_STAFF);
    assert_null(out.providers[1].client_secret);
    assert_string_equal(out.providers[1].factors, "");
    assert_string_equal(out.providers[1].scope, "openid profile");
    assert_int_equal(out.providers[1].people, OUTSIDE_ORGANISATION);
}

static void what_does_not_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text, *place;
    } rows[] = {
        {"providers: 3\n", "sign-in.yaml:1"},
        {"other: x\n", "sign-in.yaml:1"},
        {GOOD "    colour: red\n", "sign-in.yaml:8:"},
        {GOOD "    scope: profile\n", "sign-in.yaml:2:"},
        {GOOD "    scope: xopenid\n", "sign-in.yaml:2:"},
        {GOOD "    ca_file: \"\"\n", "sign-in.yaml:8:"},
        {GOOD "    second_factor: [otp]\n", "sign-in.yaml:8:"},
        {"providers:\n  - id: a\n", "sign-in.yaml:2:"},
        {"providers:\n  - id: a\n    issuer: http://login.example\n    people: staff\n    "
         "client_id: t\n"
         "    label_zh: 甲\n    label_en: A\n",
         "sign-in.yaml:2:"},
        {"providers:\n  - id: a\n    issuer: https://user@login.example\n    people: staff\n    "
         "client_id: t\n"
         "    label_zh: 甲\n    label_en: A\n",
         "sign-in.yaml:2:"},
        {"providers:\n  - id: A_b\n    issuer: https://login.example\n    people: staff\n    "
         "client_id: t\n"
         "    label_zh: 甲\n    label_en: A\n",
         "sign-in.yaml:2:"},
        {"providers:\n  - id: a\n    issuer: https://login.example\n    people: all\n    "
         "client_id: t\n"
         "    label_zh: 甲\n    label_en: A\n",
         "sign-in.yaml:4:"},
        {"providers:\n  - id: a\n    issuer: https://login.example\n    client_id: t\n"
         "    label_zh: 甲\n    label_en: A\n",
         "sign-in.yaml:2:"},
        {GOOD "  - id: zj-staff\n    issuer: https://login.example\n    people: staff\n    "
              "client_id: t\n"
              "    label_zh: 甲\n    label_en: A\n",
         "sign-in.yaml:8:"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        ARENA_AUTO arena *a = arena_new("test", 4 * 1024 * 1024);
        oidc_options out = {0};
        tq_err err = {0};
        const tq_code code = load(rows[i].text, 0600, a, &out, &err);
        if (code != TQ_INVALID || strncmp(err.field, rows[i].place, strlen(rows[i].place)) != 0) {
            fail_msg("row %zu: %s at %s: %s", i, tq_code_name(code), err.field, err.detail);
        }
        assert_int_equal(out.n, 0);
    }
}

static void a_secret_is_not_for_everybody_on_the_machine(void **state)
{
    (void)state;
    ARENA_AUTO arena *a = arena_new("test", 4 * 1024 * 1024);
    oidc_options out = {0};
    tq_err err = {0};
    assert_int_equal(load(GOOD "    client_secret: x\n", 0644, a, &out, &err), TQ_FORBIDDEN);
    assert_string_equal(err.reason, "sign_in_open");
    assert_int_equal(load(GOOD, 0644, a, &out, &err), TQ_OK); /* nothing to hide */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_is_taken),
        cmocka_unit_test(what_does_not_is_told_with_its_line),
        cmocka_unit_test(a_secret_is_not_for_everybody_on_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
