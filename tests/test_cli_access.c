/* SPDX-License-Identifier: Apache-2.0 */
/* Log-in from the terminal: the first password of an installation, unlocking, tokens; nothing of a
 * password is printed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char said[64 * 1024];

/* Runs `input | tongquan words`, keeps what it says on both outputs, returns its exit status. */
static int run(const char *input, const char *words)
{
    char line[1024];
    const char *program = getenv("TQ_BINARY");
    assert_non_null(program);
    (void)snprintf(line, sizeof line, "printf '%s' | '%s' %s --data '%s/site' 2>&1", input, program,
                   words, folder);
    FILE *p = popen(line, "r");
    assert_non_null(p);
    const size_t n = fread(said, 1, sizeof said - 1, p);
    said[n] = '\0';
    const int status = pclose(p);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int make_site(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/tq-access-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int drop_site(void **state)
{
    char line[128];
    (void)state;
    (void)snprintf(line, sizeof line, "rm -rf '%s'", folder);
    return system(line); /* a folder that mkdtemp named */
}

#define INIT                                                                                       \
    "init --code CX --name 长兴 --division 330522 --secadmin 甲 --secadmin2 乙 --sysadmin 丙"

static void the_first_password_comes_from_the_owner_of_the_folder(void **state)
{
    (void)state;
    assert_int_equal(run("", INIT), 0);
    assert_int_equal(run("short\\n", "user passwd security1 --role secadmin"), 1);
    assert_non_null(strstr(said, "password_weak"));
    assert_int_equal(run("", "user passwd security1 --role secadmin"), 2);
    assert_non_null(strstr(said, "no_password"));
    assert_int_equal(run("tea on the hills\\n", "user passwd nobody --role secadmin"), 1);
    assert_int_equal(run("tea on the hills\\n", "user passwd security1 --role secadmin"), 0);
    assert_null(strstr(said, "tea on"));
    /* Once there is one, the owner of the folder is nobody in particular. */
    assert_int_equal(run("tea on the hills\\n", "user passwd security2 --role secadmin"), 1);
    assert_non_null(strstr(said, "no_role"));
    assert_int_equal(run("", "user unlock security1 --role secadmin"), 1);
    assert_non_null(strstr(said, "cli_unbound"));
    assert_int_equal(run("", "verify"), 0);
}

static void a_bound_administrator_sets_unlocks_and_makes_tokens(void **state)
{
    (void)state;
    assert_int_equal(run("", INIT " --cli-secadmin"), 0);
    assert_int_equal(run("", "user open --role secadmin --login zhang --name 张"), 0);
    assert_int_equal(run("tea on the hills\\n", "user passwd zhang --role secadmin"), 0);
    assert_int_equal(run("tea on the hills", "user passwd security2 --role secadmin"),
                     0); /* without an end */
    assert_int_equal(run("tea on the hills\\n", "user passwd zhang --role office"), 1);
    assert_int_equal(run("", "user unlock zhang --role secadmin"), 4);
    assert_non_null(strstr(said, "not_locked"));
    assert_int_equal(run("", "user unlock zhang --role secadmin --login zhang"), 2);
    assert_int_equal(run("", "token create --role secadmin --name t --gives office,nothing"), 2);
    assert_int_equal(run("", "token create --role secadmin --name t --gives secadmin"), 1);
    assert_non_null(strstr(said, "token_role"));
    assert_int_equal(run("",
                         "token create --role secadmin --name t --gives office,intake --read-only"),
                     0);
    char token[64] = "";
    const char *at = strstr(said, "tqt_");
    assert_non_null(at);
    (void)snprintf(token, sizeof token, "%.47s", at);
    assert_int_equal(run("", "token list"), 0);
    assert_non_null(strstr(said, "intake office"));
    assert_null(strstr(said, token)); /* shown once */
    assert_int_equal(run("", "token list --json"), 0);
    assert_non_null(strstr(said, "\"read_only\":true"));
    assert_int_equal(run("", "token end --role secadmin --id 1"), 0);
    assert_int_equal(run("", "token end --role secadmin --id 1"), 4);
    assert_int_equal(run("", "token end --role secadmin --id 2"), 1);
    assert_int_equal(run("", "token steal"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_password_comes_from_the_owner_of_the_folder,
                                        make_site, drop_site),
        cmocka_unit_test_setup_teardown(a_bound_administrator_sets_unlocks_and_makes_tokens,
                                        make_site, drop_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
