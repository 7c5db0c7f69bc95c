/* SPDX-License-Identifier: Apache-2.0 */
/* The nouns of the command line, run as a person at a terminal runs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

static char folder[] = "/tmp/tq-nouns-XXXXXX";
static char said[65536];

/* Runs the program on a site below the folder; stdout and stderr go to `said`. */
static int run(const char *args, const char *site)
{
    char line[2048];
    const int n = snprintf(line, sizeof line, "'%s' %s --data '%s/%s' 2>&1", getenv("TQ_BINARY"),
                           args, folder, site);
    assert_true(n > 0 && (size_t)n < sizeof line);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    const int status = pclose(f);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define INIT                                                                                       \
    "init --code 330522 --name 长兴 --secadmin 甲 --secadmin2 乙 --sysadmin 丙 --division 330522"

static const struct {
    const char *args;
    int status;
    const char *says;
} cases[] = {
    {"nothing", 2, "no verb"},
    {"org register --colour red", 2, "--colour"},
    {"org paint", 2, "register, rename, fact, show"},
    {"org register --kind enterprise", 2, "(role)"},
    {"org register --role system", 2, "role_name"},
    {"org register --role public", 2, "role_name"},
    {"org show --id twelve", 2, "(id)"},
    {"org rename --id 1 --name x --from 2017-13-01", 2, "(from)"},
    {"fund propose --source 1 --year 2017 --amount 1,000", 2, "(role)"},
    {"fund propose --role finance_maker --source one --year 2017 --amount 1", 2, "(source)"},
    {"org register --role intake", 1, "cli_unbound"},
    {"user open --role secadmin --login x1 --name 丁", 1, "cli_unbound"},
    {"fund position --json", 1, "cli_unbound"},
    {"report headline --json", 0, "\"issued_fen\":0"},
    {"verify", 0, ""},
};

static void an_unbound_uid_touches_nothing(void **state)
{
    (void)state;
    assert_int_equal(run(INIT, "plain"), 0);
    for (size_t i = 0; i < TQ_COUNT(cases); i++) {
        const int status = run(cases[i].args, "plain");
        if (status != cases[i].status || strstr(said, cases[i].says) == NULL) {
            fail_msg("%s: exit %d, said %s", cases[i].args, status, said);
        }
    }
}

static void a_bound_uid_acts_in_the_roles_of_its_person(void **state)
{
    (void)state;
    assert_int_equal(run(INIT " --cli-secadmin", "bound"), 0);
    assert_int_equal(run("user open --role secadmin --login clerk --name 丁 --json", "bound"), 0);
    assert_non_null(strstr(said, "{\"id\":4}"));
    assert_int_equal(run("grant propose --role secadmin --user 4 --gives intake", "bound"), 0);
    assert_int_equal(run("grant confirm --role secadmin --id 4", "bound"), 1);
    assert_non_null(strstr(said, "same_person"));
    assert_int_equal(run("org register --role intake --kind team --name 队 --region 330522",
                         "bound"),
                     1);
    assert_non_null(strstr(said, "no_role"));
    assert_int_equal(run("user show --id 4 --json", "bound"), 0);
    assert_non_null(strstr(said, "\"login\":\"clerk\""));
    assert_int_equal(run("fund position --json", "bound"), 0);
    assert_string_equal(said, "[]\n");
    assert_int_equal(run("verify", "bound"), 0);
}

static void a_held_folder_is_4_and_names_the_pid(void **state)
{
    (void)state;
    char dir[64];
    char pid[32];
    store *s = NULL;
    tq_err err = {0};
    (void)snprintf(dir, sizeof dir, "%s/bound", folder);
    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    assert_int_equal(store_open(&(store_options){.dir = dir}, &s, &err), TQ_OK);
    assert_int_equal(run("user open --role secadmin --login late --name 戊", "bound"), 4);
    assert_non_null(strstr(said, pid));
    assert_int_equal(run("user show --id 4", "bound"), 0);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unbound_uid_touches_nothing),
        cmocka_unit_test(a_bound_uid_acts_in_the_roles_of_its_person),
        cmocka_unit_test(a_held_folder_is_4_and_names_the_pid),
    };
    if (getenv("TQ_BINARY") == NULL || mkdtemp(folder) == NULL) {
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char line[128];
    (void)snprintf(line, sizeof line, "rm -rf '%s'", folder);
    return system(line) == 0 && failed == 0 ? 0 : 1;
}
