/* SPDX-License-Identifier: Apache-2.0 */
/* The nouns of the command line on both engines: what a bound person can do with them, and that nothing
 * which is written wrongly leaves a trace. The county is the fixture's; the program runs beside it as a
 * process of its own, for a person who holds several roles, and others act in between. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bank_account.h"
#include "app/fund.h"
#include "app/opening.h"
#include "app/person.h"
#include "app/programme.h"
#include "base/ids.h"
#include "cli/cli.h"
#include "cli/config.h"
#include "fixture.h"

#define ARGS_MAX 64
#define SAID_MAX (256 * 1024)
#define LONG 5000

static char said[SAID_MAX]; /* stdout and stderr of the last run */
static char files[64];      /* folder of the files that a test writes */

/* --- the program ------------------------------------------------------------------------------- */

static int run_argv(char **argv)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0) {
            _exit(120);
        }
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execv(argv[0], argv);
        _exit(121);
    }
    (void)close(ends[1]);
    size_t n = 0;
    for (ssize_t got = 1; got > 0; n += got > 0 ? (size_t)got : 0) {
        assert_true(n < SAID_MAX - 1);
        got = read(ends[0], said + n, SAID_MAX - 1 - n);
    }
    said[n] = '\0';
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status)) {
        fail_msg("the program ended by signal %d, saying %s", WTERMSIG(status), said);
    }
    return WEXITSTATUS(status);
}

/* The words of `line`, parted by blanks (a ~ stands for a blank inside a word), the county's folder, and
 * one more option with a value as it is. */
static int run_with(const fixture *f, const char *line, const char *option, const char *value)
{
    static char words[8192];
    char name[64];
    char dir[64];
    char data[] = "--data";
    char *argv[ARGS_MAX] = {getenv("TQ_BINARY")};
    static char copy[LONG + 64];
    int n = 1;
    (void)snprintf(words, sizeof words, "%s", line);
    (void)snprintf(dir, sizeof dir, "%s", f->dir);
    char *rest = NULL;
    for (char *w = strtok_r(words, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest)) {
        assert_true(n < ARGS_MAX - 6);
        for (char *c = w; *c != '\0'; c++) {
            *c = *c == '~' ? ' ' : *c;
        }
        argv[n++] = w;
    }
    argv[n++] = data;
    argv[n++] = dir;
    if (option != NULL) {
        (void)snprintf(name, sizeof name, "--%s", option);
        (void)snprintf(copy, sizeof copy, "%s", value);
        argv[n++] = name;
        argv[n++] = copy;
    }
    argv[n] = NULL;
    return run_argv(argv);
}

static void need(const fixture *f, const char *line)
{
    const int status = run_with(f, line, NULL, NULL);
    if (status != 0) {
        fail_msg("%s: exit %d, said %s", line, status, said);
    }
}

/* The id that {"id":12} tells. */
static int64_t made(const fixture *f, const char *format, ...) TQ_PRINTF(2, 3);
static int64_t made(const fixture *f, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert_true(n > 0 && (size_t)n + 8 < sizeof line);
    memcpy(line + n, " --json", 8);
    need(f, line);
    const char *id = strstr(said, "\"id\":");
    assert_non_null(id);
    return strtoll(id + 5, NULL, 10);
}

static void refused(const fixture *f, const char *line, int status, const char *says)
{
    const int got = run_with(f, line, NULL, NULL);
    if (got != status || strstr(said, says) == NULL) {
        fail_msg("%s: exit %d, said %s", line, got, said);
    }
}

static void shows(const fixture *f, const char *line, const char *says)
{
    need(f, line);
    if (strstr(said, says) == NULL) {
        fail_msg("%s: no %s in %s", line, says, said);
    }
}

static void hash_of_site(const fixture *f, char out[65])
{
    need(f, "export hash");
    (void)snprintf(out, 65, "%.64s", said);
}

/* --- the county -------------------------------------------------------------------------------- */

static void in_process(fixture *f)
{
    const store_options o = {.dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri};
    assert_null(f->app);
    NEED(app_open(&o, &f->app, err));
    f->store = app_store(f->app);
}

static void to_the_program(fixture *f)
{
    app_close(f->app);
    f->app = NULL;
}

static day today_of(void)
{
    zone *z = NULL;
    NEED(zone_open("Asia/Shanghai", &z, err));
    const day d = zone_day(z, instant_now());
    zone_free(z);
    return d;
}

static call as(fixture *f, role r)
{
    call c = fixture_as(f, r, today_of());
    c.at = instant_now();
    return c;
}

static void file_write(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void give_role(fixture *f, int64_t user_id, role r)
{
    int64_t grant = 0;
    const call one = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    const call two = fixture_user(f, f->second_secadmin, f->second_secadmin_person, ROLE_SECADMIN,
                                  0, FIXTURE_DAY);
    const grant_rq rq = {.user_id = user_id, .role = r, .programme_id = f->programme_id};
    NEED(grant_propose(f->app, &one, &rq, &grant, err));
    NEED(grant_confirm(f->app, &two, grant, err));
}

/* One terminal for all verbs: past the use case, which keeps this role apart from those that work on cases. */
static void secadmin_too(fixture *f, int64_t user_id)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    call c = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    c.who = (actor){.role = ROLE_SYSTEM, .programme_id = f->programme_id};
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    event e = work_event(&c, EV_GRANT_CONFIRM);
    NEED(event_new_row(tx, &e, T_ROLE_GRANT, &id, err));
    event_int(&e, C_ROLE_GRANT_USER_ID, user_id);
    event_text(&e, C_ROLE_GRANT_ROLE, STR("secadmin"));
    event_int(&e, C_ROLE_GRANT_PROGRAMME_ID, f->programme_id);
    event_int(&e, C_ROLE_GRANT_FROM_DAY, FIXTURE_DAY.n);
    event_text(&e, C_ROLE_GRANT_STATE, STR("active"));
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
}

/* The county, with this process's uid bound to somebody in five roles or six, and calendars that reach today. */
static fixture *county_of(bool secadmin)
{
    static const role roles[] = {ROLE_INTAKE, ROLE_REVIEWER1, ROLE_FINANCE_MAKER,
                                 ROLE_FINANCE_CHECKER, ROLE_OFFICE};
    fixture *f = fixture_open();
    char login[32];
    char text[400];
    int64_t user = 0;
    const call one = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    const person_rq who = {.name = STR("终端")};
    (void)snprintf(login, sizeof login, "cli:%ld", (long)getuid());
    NEED(user_open_new(f->app, &one, &who, str_of(login), 0, &user, err));
    for (size_t i = 0; i < TQ_COUNT(roles); i++) {
        give_role(f, user, roles[i]);
    }
    if (secadmin) {
        secadmin_too(f, user);
    }
    const int year = day_ymd(today_of()).year;
    const call office = as(f, ROLE_OFFICE);
    for (int y = year - 1; y <= year + 1; y++) {
        const calendar_rq rq = {y, STR(""), STR("")};
        NEED(calendar_set(f->app, &office, &rq, err));
    }
    if (f->pg_uri[0] != '\0') {
        char path[96];
        (void)snprintf(path, sizeof path, "%s/tongquan.yaml", f->dir);
        (void)snprintf(text, sizeof text, "db: \"%s\"\n", f->pg_uri);
        file_write(path, text);
    }
    to_the_program(f);
    return f;
}

static fixture *county(void)
{
    return county_of(true);
}

static void county_end(fixture *f)
{
    if (f->app == NULL) {
        in_process(f);
    }
    fixture_close(f);
}

static const char *code_of_firm(fixture *f)
{
    in_process(f);
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, T_ORGANISATION, f->firm, f->a, row, err));
    const char *code = arena_copy(f->a, row_str(row, C_ORGANISATION_CREDIT_CODE)).data;
    store_rollback(&tx);
    to_the_program(f);
    return code;
}

/* --- what succeeds ----------------------------------------------------------------------------- */

static void organisations(void **state)
{
    (void)state;
    fixture *f = county();
    char line[256];
    const credit_code code = credit_code_make("91", "330522", 7777);
    const int64_t id =
        made(f,
             "org register --role intake --kind enterprise --code %s --name 长兴~新公司 "
             "--region 330522 --from 2020-01-01",
             code.text);
    (void)snprintf(line, sizeof line, "org show --id %lld --json", (long long)id);
    shows(f, line, "\"name\":\"长兴 新公司\"");
    assert_int_equal(made(f, "org rename --role intake --id %lld --name 长兴改名公司",
                          (long long)id),
                     id);
    shows(f, line, "\"name\":\"长兴改名公司\"");
    assert_true(
        made(f,
             "org fact --role intake --id %lld --kind certificate --value high_tech --number GR1 "
             "--from 2026-01-01",
             (long long)id) > 0);
    (void)snprintf(
        line, sizeof line,
        "org register --role intake --kind enterprise --code %s --name 又一 --region 330522",
        code.text);
    refused(f, line, 4, "credit_code_taken");
    need(f, "verify");
    county_end(f);
}

static void people_and_roles(void **state)
{
    (void)state;
    fixture *f = county();
    char line[256];
    char before[65];
    char after[65];
    const int64_t user =
        made(f, "user open --role secadmin --login clerk --name 丁 --phone 13800000000");
    (void)snprintf(line, sizeof line, "user show --id %lld --json", (long long)user);
    shows(f, line, "\"login\":\"clerk\"");
    assert_null(strstr(said, "13800000000"));
    hash_of_site(f, before);
    refused(f, "user open --role secadmin --login clerk --name 戊", 4, "login_taken");
    hash_of_site(f, after);
    assert_string_equal(before, after); /* nor a person without a log-in */
    refused(f, "user open --role secadmin --login other --person 1 --name 己", 2, "person_twice");

    const int64_t mine =
        made(f, "grant propose --role secadmin --user %lld --gives intake", (long long)user);
    (void)snprintf(line, sizeof line, "grant confirm --role secadmin --id %lld", (long long)mine);
    refused(f, line, 1, "same_person");
    in_process(f);
    int64_t other = 0;
    const call one = as(f, ROLE_SECADMIN);
    const grant_rq rq = {.user_id = user, .role = ROLE_REVIEWER2, .programme_id = f->programme_id};
    NEED(grant_confirm(f->app, &one, mine, err));
    NEED(grant_propose(f->app, &one, &rq, &other, err));
    to_the_program(f);
    assert_int_equal(made(f, "grant confirm --role secadmin --id %lld", (long long)other), other);
    assert_int_equal(made(f, "grant end --role secadmin --id %lld", (long long)mine), mine);
    assert_int_equal(made(f, "user close --role secadmin --id %lld", (long long)user), user);
    (void)snprintf(line, sizeof line, "user show --id %lld --json", (long long)user);
    shows(f, line, "\"state\":\"closed\"");
    need(f, "verify");
    county_end(f);
}

#define ACCOUNT "--bank 农行 --bank-code 103336270011"

static void bank_accounts(void **state)
{
    (void)state;
    fixture *f = county();
    in_process(f);
    int64_t theirs = 0;
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_ORGANISATION, f->firm, f->a, row, err));
    }
    const str name = row_str(row, C_ORGANISATION_NAME);
    to_the_program(f);
    const int64_t mine = made(f,
                              "account propose --role intake --org %lld --holder %.*s --number "
                              "3305220000123456789 " ACCOUNT,
                              (long long)f->firm, STR_ARG(name));
    in_process(f);
    const call reviewer = as(f, ROLE_REVIEWER1);
    const call intake = as(f, ROLE_INTAKE);
    const account_rq rq = {.org_id = f->firm,
                           .holder = name,
                           .number = STR("3305220000987654321"),
                           .bank = STR("农行"),
                           .bank_code = STR("103336270011")};
    NEED(account_confirm(f->app, &reviewer, mine, err));
    NEED(account_propose(f->app, &intake, &rq, &theirs, err));
    to_the_program(f);
    assert_int_equal(made(f, "account confirm --role reviewer1 --id %lld", (long long)theirs),
                     theirs);
    county_end(f);
}

#define LINE                                                                                            \
    "--doc 长财教〔2026〕1号 --project 330522001 --function 2060499 --nature 一般公共预算 " \
    "--pay-mode 授权支付"

static void funds(void **state)
{
    (void)state;
    fixture *f = county();
    const int year = day_ymd(today_of()).year;
    char line[256];
    const int64_t budget = made(f, "fund line --role finance_maker --year %d " LINE, year);
    const int64_t source =
        made(f,
             "fund source --role finance_maker --line %lld --kind apply --code S --name "
             "专项 --class growth --origin county_budget",
             (long long)budget);
    const int64_t first =
        made(f,
             "fund propose --role finance_maker --kind appropriate --source %lld --year %d "
             "--amount 30000.05 --doc 长财教〔2026〕1号",
             (long long)source, year);
    (void)snprintf(line, sizeof line, "fund book --role finance_checker --id %lld",
                   (long long)first);
    refused(f, line, 1, "same_person");
    in_process(f);
    int64_t second = 0;
    const call maker = as(f, ROLE_FINANCE_MAKER);
    const call checker = as(f, ROLE_FINANCE_CHECKER);
    const fund_rq rq = {.kind = STR("appropriate"),
                        .source_id = source,
                        .year = year,
                        .amount_fen = 95,
                        .doc_no = STR("长财教〔2026〕2号")};
    NEED(fund_book(f->app, &checker, first, err));
    NEED(fund_propose(f->app, &maker, &rq, &second, err));
    to_the_program(f);
    assert_int_equal(made(f, "fund book --role finance_checker --id %lld", (long long)second),
                     second);
    (void)snprintf(line, sizeof line, "fund position --year %d --json", year);
    shows(f, line, "\"pool\":3000100");
    shows(f, "fund position", "30,001.00 CNY");
    shows(f, "report funds --json", "3000100");
    need(f, "verify");
    county_end(f);
}

static void jobs(void **state)
{
    (void)state;
    fixture *f = county();
    char line[128];
    const int64_t id =
        made(f,
             "job start --role finance_maker --kind settle_collect --args {\"period\":\"2026Q1\"}");
    shows(f, "job list --json", "\"kind\":\"settle_collect\",\"state\":\"waiting\"");
    (void)snprintf(line, sizeof line, "job show --id %lld --json", (long long)id);
    shows(f, line, "\"args\":{\"period\":\"2026Q1\"}");
    assert_int_equal(made(f, "job cancel --role finance_maker --id %lld", (long long)id), id);
    shows(f, line, "\"state\":\"cancelled\"");
    (void)snprintf(line, sizeof line, "job cancel --role finance_maker --id %lld", (long long)id);
    refused(f, line, 4, "job_state");
    refused(f, "job start --role finance_maker --kind mend", 2, "(kind)");
    refused(f, "job show --id 999", 1, "not_found");
    county_end(f);
}

/* The same folder served: what was filed at the terminal is run, and stands in the row. */
static void a_server_runs_what_was_filed(void **state)
{
    (void)state;
    fixture *f = county();
    char line[128];
    char program[512];
    char serve[] = "serve";
    char data[] = "--data";
    char listen[] = "--listen";
    char address[] = "127.0.0.1:0";
    char *argv[] = {program, serve, data, f->dir, listen, address, NULL};
    int status = 0;
    const int64_t id = made(f, "job start --role finance_checker --kind verify");
    (void)snprintf(line, sizeof line, "job show --id %lld --json", (long long)id);
    (void)snprintf(program, sizeof program, "%s", getenv("TQ_BINARY"));
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const int none = open("/dev/null", O_WRONLY);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no server behind */
        if (none < 0 || dup2(none, STDERR_FILENO) < 0) {
            _exit(120);
        }
        (void)execv(program, argv);
        _exit(121);
    }
    for (int i = 0; i < 200; i++) {
        const struct timespec pause = {0, 100000000};
        need(f, line);
        if (strstr(said, "\"state\":\"done\"") != NULL) {
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    assert_non_null(strstr(said, "\"state\":\"done\""));
    assert_non_null(strstr(said, "\"result\":{\"ok\":true"));
    assert_true(made(f, "job start --role finance_checker --kind verify") >
                id); /* through the server */
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    county_end(f);
}

static void the_doctor_looks(void **state)
{
    (void)state;
    fixture *f = county_of(false);
    char line[160];
    assert_int_equal(chmod(f->dir, 0700), 0);
    shows(f, "doctor --deep --json", "\"ok\":true");
    static const char *const names[] = {"folder", "disk",  "pdftocairo", "fonts",    "backup",
                                        "schema", "clock", "writes",     "balances", "checkpoint",
                                        "jobs",   "roles", "verify",     "orphans"};
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        (void)snprintf(line, sizeof line, "{\"name\":\"%s\",\"state\":\"", names[i]);
        if (strstr(said, line) == NULL) {
            fail_msg("no %s in %s", names[i], said);
        }
    }
    assert_non_null(strstr(said, "\"name\":\"backup\",\"state\":\"warn\""));
    (void)snprintf(line, sizeof line, "backup --to %s/copy", files);
    need(f, line);
    shows(f, "doctor --json", "\"name\":\"backup\",\"state\":\"ok\"");
    in_process(f);
    TX_AUTO store_tx *tx = NULL;
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    NEED(store_run(tx, STMT_WRITES_OFF_PUT, ARGS(arg_str(STR("test")), arg_int(1)), NULL, err));
    NEED(store_commit(&tx, err));
    to_the_program(f);
    refused(f, "doctor", 3, "BAD  writes");
    county_end(f);
}

/* --- opening ----------------------------------------------------------------------------------- */

static char path_text[4096];

/* "opening WORD" with the six files of the folder. */
static const char *opening_line(const char *word, const char *more)
{
    int n = snprintf(path_text, sizeof path_text, "opening %s %s --control %s/control.yaml", word,
                     more, files);
    for (size_t i = 0; i < OPENING_FILES; i++) {
        n += snprintf(path_text + n, sizeof path_text - (size_t)n, " %s/%s.csv", files,
                      opening_file_name(i));
    }
    TQ_ASSERT((size_t)n < sizeof path_text);
    return path_text;
}

static void put(const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", files, name);
    file_write(path, text);
}

#define BALANCES "source,year,kind,amount\n"
#define VOUCHERS "number,kind,holder,source,year,issued,left,issued_day,use_by,claim_by,purpose\n"
#define CLAIMS                                                                                     \
    "number,voucher,institution,payee,title,outcome,contract,base,amount,filed_day,paid_day\n"
#define INVOICES "key,seller,buyer,issued_day,gross,net,claim,amount\n"
#define CONTROL                                                                                    \
    "vouchers: 1\nclaims: 1\ninvoices: 1\nbans: 0\naccounts: 0\nappropriated: 100000.00\n"         \
    "issued: 50000.00\npaid: 12345.67\nleft: 37654.33\n"

static void papers_write(const char *code)
{
    char row[400];
    char text[1024];
    put("balances.csv", BALANCES "S,2026,apply,100000.00\n");
    (void)snprintf(row, sizeof row,
                   "纸1,apply,%s,S,2026,50000.00,37654.33,2026-01-05,2027-01-05,2027-06-01,", code);
    (void)snprintf(text, sizeof text, VOUCHERS "%s\n", row);
    put("vouchers.csv", text);
    (void)snprintf(row, sizeof row,
                   "备1,纸1,%s,%s,检测,testing,30000.00,24691.34,12345.67,2026-02-02,2026-03-01",
                   code, code);
    (void)snprintf(text, sizeof text, CLAIMS "%s\n", row);
    put("claims.csv", text);
    (void)snprintf(row, sizeof row,
                   "00330013114012345678,%s,%s,2026-01-20,30000.00,28301.89,备1,24691.34", code,
                   code);
    (void)snprintf(text, sizeof text, INVOICES "%s\n", row);
    put("invoices.csv", text);
    put("bans.csv", "org,scope,from,to\n");
    put("accounts.csv", "org,holder,number,bank,bank_code,usable_day\n");
    put("control.yaml", CONTROL);
}

/* A source S of 2026 without money: that comes by import. */
static void source_make(fixture *f)
{
    const int64_t line = made(f, "fund line --role finance_maker --year 2026 " LINE);
    (void)made(f,
               "fund source --role finance_maker --line %lld --kind apply --code S --name 专项 "
               "--class growth "
               "--origin county_budget",
               (long long)line);
}

static void an_opening_goes_from_check_to_import(void **state)
{
    (void)state;
    fixture *f = county();
    char before[65];
    char after[65];
    char more[64];
    source_make(f);
    papers_write(code_of_firm(f));
    hash_of_site(f, before);
    shows(f, opening_line("check", "--json"), "\"opening\":0,");
    assert_non_null(strstr(said, "\"paid_fen\":1234567"));
    shows(f, opening_line("import", "--check"), "37,654.33 CNY");
    hash_of_site(f, after);
    assert_string_equal(before, after);

    shows(f, opening_line("propose", "--role finance_maker --json"), "\"opening\":1,");
    refused(f, opening_line("propose", "--role office"), 4, "opening_known");
    refused(f, opening_line("import", "--role finance_checker --id 1"), 1, "same_person");
    in_process(f); /* what somebody else filed, the person at the terminal books */
    to_the_program(f);
    put("bans.csv", "org,scope,from,to\n\n");
    (void)snprintf(more, sizeof more, "--role finance_checker --id 1");
    const int status = run_with(f, opening_line("import", more), NULL, NULL);
    assert_int_not_equal(status, 0); /* the files are not those that were filed */
    need(f, "verify");
    county_end(f);
}

static void somebody_elses_opening_is_booked(void **state)
{
    (void)state;
    fixture *f = county();
    source_make(f);
    papers_write(code_of_firm(f));
    in_process(f);
    opening_files bytes = {0};
    opening_report r;
    for (size_t i = 0; i < OPENING_FILES; i++) {
        const str path = arena_printf(f->a, "%s/%s.csv", files, opening_file_name(i));
        FILE *in = fopen(path.data, "r");
        assert_non_null(in);
        char *text = arena_take(f->a, 4096);
        *opening_file_at(&bytes, i) = (str){text, fread(text, 1, 4096, in)};
        assert_int_equal(fclose(in), 0);
    }
    const opening_totals control = {.vouchers = 1,
                                    .claims = 1,
                                    .invoices = 1,
                                    .appropriated_fen = 10000000,
                                    .issued_fen = 5000000,
                                    .paid_fen = 1234567,
                                    .left_fen = 3765433};
    const call office = as(f, ROLE_OFFICE);
    NEED(opening_propose(f->app, &office, &bytes, &control, &r, err));
    to_the_program(f);
    shows(f, opening_line("import", "--role finance_checker --id 1 --json"),
          "\"left_fen\":3765433");
    shows(f, "fund position --json", "\"paid\":1234567");
    refused(f, opening_line("import", "--role finance_checker --id 1"), 4, "opening_done");
    need(f, "verify");
    county_end(f);
}

/* --- what is written wrongly ------------------------------------------------------------------- */

static char long_text[LONG + 1];

static const char *const bad_texts[] = {"",
                                        "\x1b[31mred",
                                        "two\nlines",
                                        "a\tb",
                                        ("\xe2\x80\xae"
                                         "abc"),
                                        "zero\xe2\x80\x8bwidth",
                                        "\xff\xfe",
                                        "\xed\xa0\x80",
                                        "\xc0\xaf",
                                        ("\xef\xbb\xbf"
                                         "bom"),
                                        long_text};
static const char *const bad_amounts[] = {
    "",
    "NaN",
    "Inf",
    "-0",
    "-1",
    "1e400",
    "1E2",
    "1.001",
    "1,000",
    "+1",
    "01",
    "0x10",
    " 1",
    "1 ",
    "1.",
    ".5",
    "9223372036854775808",
    "\xef\xbc\x91\xef\xbc\x90\xef\xbc\x90",
    "\xd9\xa3",
    "1_000",
    "1;DROP",
    "100000000000000000000000000000000000000000000000000000000000000000000"};
static const char *const bad_ids[] = {
    "", "0", "-1", "x", "1e3", "1.5", "+1", "01", "99999999999999999999", "\xef\xbc\x91"};
static const char *const bad_days[] = {"",
                                       "2017-02-30",
                                       "2017-13-01",
                                       "17-01-01",
                                       "2017/01/01",
                                       "2017-1-1",
                                       "2017-01-01T00:00:00Z",
                                       "tomorrow",
                                       "\xef\xbc\x92\xef\xbc\x90\xef\xbc\x91\xef\xbc\x97-01-01"};
static const char *const bad_words[] = {"", "nonsense", "Enterprise", " apply", "apply ", "%n%n"};
static const char *const bad_codes[] = {"",
                                        "91330522",
                                        "913305220000000000",
                                        "91330522MA0000000I",
                                        ("\xef\xbc\x99"
                                         "1330522MA00000008"),
                                        "' OR 1=1 --"};
/* The last one is well-formed, and nobody's. */
static const char *const bad_orgs[] = {"", "91330522", "91330522MA0000000I", "0",
                                       "91330522Y99999999Y"};
static const char *const bad_regions[] = {"", "33052", "3305222", "33052x",
                                          ("\xef\xbc\x93"
                                           "30522")};
static const char *const bad_logins[] = {"",
                                         "a",
                                         "UPPER",
                                         "with space",
                                         ("\xd0\xb0"
                                          "bcd"),
                                         "cli:x",
                                         "cli:-1",
                                         "a/b",
                                         long_text};
static const char *const bad_numbers[] = {
    "", "1234567", "33O5220000123456789", "12345678901234567890123456789012345",
    ("\xef\xbc\x93\xef\xbc\x93\xef\xbc\x90"
     "\xef\xbc\x95\xef\xbc\x92\xef\xbc\x92\xef\xbc\x90\xef\xbc\x90")};

typedef struct bad_list {
    const char *const *values;
    size_t n;
} bad_list;
#define BAD(list)                                                                                  \
    {                                                                                              \
        list, TQ_COUNT(list)                                                                       \
    }

#define ORG                                                                                        \
    "org register --role intake --kind enterprise --code 91330522MA00000008 --name 甲 --region "  \
    "330522"
#define FUND_LINE                                                                                  \
    "fund line --role finance_maker --year 2026 --doc d --project p --function f --nature n "      \
    "--pay-mode m"
#define SOURCE                                                                                     \
    "fund source --role finance_maker --line 1 --kind apply --code S --name n --class stock "      \
    "--origin o"
#define MOVE "fund propose --role finance_maker --kind appropriate --source 1 --year 2026 --doc d"

/* The option that is tried is left out of the line. */
static const struct {
    const char *line, *option, *field;
    bad_list bad;
} bad_rows[] = {
    {"org register --role intake --kind enterprise --code 91330522MA00000008 --region 330522",
     "name", "name", BAD(bad_texts)},
    {"org register --role intake --kind enterprise --name 甲 --region 330522", "code", "code",
     BAD(bad_codes)},
    {"org register --role intake --kind enterprise --code 91330522MA00000008 --name 甲", "region",
     "region", BAD(bad_regions)},
    {"org register --role intake --code 91330522MA00000008 --name 甲 --region 330522", "kind",
     "kind", BAD(bad_words)},
    {ORG, "place", "place", BAD(bad_ids)},
    {ORG, "from", "from", BAD(bad_days)},
    {"org rename --role intake --id 1", "name", "name", BAD(bad_texts)},
    {"org rename --role intake --name 乙", "id", "id", BAD(bad_ids)},
    {"org rename --role intake --id 1 --name 乙", "from", "from", BAD(bad_days)},
    {"org fact --role intake --id 1 --kind certificate", "value", "value", BAD(bad_texts)},
    {"org fact --role intake --id 1 --value v", "kind", "kind", BAD(bad_words)},
    {"org fact --role intake --id 1 --kind certificate --value v", "to", "to", BAD(bad_days)},
    {"user open --role secadmin --login fresh", "name", "name", BAD(bad_texts)},
    {"user open --role secadmin --name 丁", "login", "login", BAD(bad_logins)},
    {"user open --role secadmin --login fresh", "person", "person", BAD(bad_ids)},
    {"user close --role secadmin", "id", "id", BAD(bad_ids)},
    {"grant propose --role secadmin --user 1", "gives", "gives", BAD(bad_words)},
    {"grant propose --role secadmin --gives intake", "user", "user", BAD(bad_ids)},
    {"grant propose --role secadmin --user 1 --gives intake", "to", "to", BAD(bad_days)},
    {"account propose --role intake --org 1 --holder 甲 " ACCOUNT, "number", "number",
     BAD(bad_numbers)},
    {"account propose --role intake --org 1 --number 3305220000123456789 " ACCOUNT, "holder",
     "holder", BAD(bad_texts)},
    {"account propose --role intake --org 1 --holder 甲 --number 33052200 --bank-code 103336270011",
     "bank", "bank", BAD(bad_texts)},
    {"account propose --role intake --org 1 --holder 甲 --number 33052200 --bank b", "bank-code",
     "bank_code", BAD(bad_numbers)},
    {"fund line --role finance_maker --year 2026 --project p --function f --nature n --pay-mode m",
     "doc", "doc", BAD(bad_texts)},
    {"fund line --role finance_maker --year 2026 --doc d --function f --nature n --pay-mode m",
     "project", "project", BAD(bad_texts)},
    {"fund line --role finance_maker --doc d --project p --function f --nature n --pay-mode m",
     "year", "year", BAD(bad_ids)},
    {"fund source --role finance_maker --line 1 --kind apply --code S --class growth --origin o",
     "name", "name", BAD(bad_texts)},
    {"fund source --role finance_maker --line 1 --kind apply --code S --name n --origin o", "class",
     "class", BAD(bad_words)},
    {SOURCE, "amount", "amount", BAD(bad_amounts)},
    {MOVE, "amount", "amount", BAD(bad_amounts)},
    {"fund propose --role finance_maker --source 1 --year 2026 --doc d --amount 1", "kind", "kind",
     BAD(bad_words)},
    {"fund propose --role finance_maker --kind appropriate --source 1 --year 2026 --amount 1",
     "doc", "doc", BAD(bad_texts)},
    {"job start --role finance_maker", "kind", "kind", BAD(bad_words)},
    {"fund position", "year", "year", BAD(bad_ids)},
    {"report headline", "until", "until", BAD(bad_days)},
    {"tick", "until", "until", BAD(bad_days)},
};

static void bad_input_names_its_field_and_stores_nothing(void **state)
{
    (void)state;
    fixture *f = county();
    char before[65];
    char after[65];
    int tried = 0;
    memset(long_text, 'x', LONG);
    hash_of_site(f, before);
    for (size_t i = 0; i < TQ_COUNT(bad_rows); i++) {
        for (size_t k = 0; k < bad_rows[i].bad.n; k++) {
            const char *value = bad_rows[i].bad.values[k];
            const int status = run_with(f, bad_rows[i].line, bad_rows[i].option, value);
            if ((status != 1 && status != 2) || strstr(said, bad_rows[i].field) == NULL) {
                fail_msg("%s --%s '%.60s': exit %d, said %.400s", bad_rows[i].line,
                         bad_rows[i].option, value, status, said);
            }
            tried++;
        }
    }
    hash_of_site(f, after);
    assert_string_equal(before, after);
    assert_true(tried > 250);
    county_end(f);
}

static void an_option_of_another_word_is_not_ignored(void **state)
{
    (void)state;
    fixture *f = county();
    refused(f, "org show --id 1 --name x", 2, "option_elsewhere");
    refused(f, "fund position --amount 1", 2, "option_elsewhere");
    refused(f, "user close --role secadmin --id 1 --login x", 2, "option_elsewhere");
    refused(f, "org show extra --id 1", 2, "(extra)");
    county_end(f);
}

/* One cell of one file at a time. */
static const struct {
    const char *file, *head, *row; /* {} in the row is the cell that is tried; @ the firm's code */
    const char *field;
    bad_list bad;
} bad_cells[] = {
    {"balances.csv", BALANCES, "S,2026,apply,{}", "balances line 2: amount", BAD(bad_amounts)},
    {"balances.csv", BALANCES, "S,{},apply,1", "balances line 2: year", BAD(bad_ids)},
    {"balances.csv", BALANCES, "S,2026,{},1", "balances line 2: kind", BAD(bad_words)},
    {"balances.csv", BALANCES, "{},2026,apply,1", "balances line 2: source", BAD(bad_words)},
    {"vouchers.csv", VOUCHERS, "纸1,apply,@,S,2026,{},1,2026-01-05,2027-01-05,2027-06-01,",
     "vouchers line 2: issued", BAD(bad_amounts)},
    {"vouchers.csv", VOUCHERS, "纸1,apply,@,S,2026,50000,{},2026-01-05,2027-01-05,2027-06-01,",
     "vouchers line 2: left", BAD(bad_amounts)},
    {"vouchers.csv", VOUCHERS, "纸1,apply,@,S,2026,50000,1,2026-01-05,{},2027-06-01,",
     "vouchers line 2: use_by", BAD(bad_days)},
    {"vouchers.csv", VOUCHERS, "纸1,apply,{},S,2026,50000,1,2026-01-05,2027-01-05,2027-06-01,",
     "vouchers line 2: holder", BAD(bad_orgs)},
    {"claims.csv", CLAIMS, "备1,纸1,@,@,检测,testing,30000.00,24691.34,{},2026-02-02,2026-03-01",
     "claims line 2: amount", BAD(bad_amounts)},
    {"claims.csv", CLAIMS, "备1,纸1,@,{},检测,testing,30000.00,24691.34,1,2026-02-02,2026-03-01",
     "claims line 2: payee", BAD(bad_orgs)},
    {"claims.csv", CLAIMS, "备1,纸1,@,@,检测,testing,30000.00,24691.34,1,{},2026-03-01",
     "claims line 2: filed_day", BAD(bad_days)},
    {"invoices.csv", INVOICES, "00330013114012345678,@,@,2026-01-20,{},1,,0",
     "invoices line 2: gross", BAD(bad_amounts)},
    {"invoices.csv", INVOICES, "00330013114012345678,{},@,2026-01-20,2,1,,0",
     "invoices line 2: seller", BAD(bad_orgs)},
};

/* The row with the cell quoted, so that commas and lines inside it stay its own. */
static void row_fill(const char *row, const char *cell, const char *code, char *out, size_t room)
{
    size_t n = 0;
    for (const char *at = row; *at != '\0'; at++) {
        if (*at == '@') {
            n += (size_t)snprintf(out + n, room - n, "%s", code);
        } else if (*at == '{') {
            n += (size_t)snprintf(out + n, room - n, "\"%s\"", cell);
            at++;
        } else {
            out[n++] = *at;
        }
        assert_true(n + 1 < room);
    }
    out[n] = '\0';
}

static void a_bad_cell_is_named_by_file_line_and_column(void **state)
{
    (void)state;
    fixture *f = county();
    char before[65];
    char after[65];
    char row[2048];
    char text[4096];
    source_make(f);
    const char *code = code_of_firm(f);
    hash_of_site(f, before);
    for (size_t i = 0; i < TQ_COUNT(bad_cells); i++) {
        papers_write(code);
        for (size_t k = 0; k < bad_cells[i].bad.n; k++) {
            row_fill(bad_cells[i].row, bad_cells[i].bad.values[k], code, row, sizeof row);
            (void)snprintf(text, sizeof text, "%s%s\n", bad_cells[i].head, row);
            put(bad_cells[i].file, text);
            const int status = run_with(f, opening_line("propose", "--role office"), NULL, NULL);
            if (status != 1 || strstr(said, bad_cells[i].field) == NULL) {
                fail_msg("%s: exit %d, said %.300s", text, status, said);
            }
        }
    }
    hash_of_site(f, after);
    assert_string_equal(before, after);
    county_end(f);
}

static void papers_that_are_no_papers(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text, *says;
    } rows[] = {
        {"balances.csv", "", "balances"},
        {"balances.csv", "source,year,kind\nS,2026,apply\n", "balances"},
        {"balances.csv", "source,year,kind,amount,extra\nS,2026,apply,1,2\n", "balances"},
        {"balances.csv", "source,year,kind,amount\nS,2026,apply\n", "balances: line 2"},
        {"balances.csv", "source,year,kind,amount\n\"S,2026,apply,1\n", "balances"},
        {"balances.csv", "\xff\xfe\x01", "balances"},
        {"balances.csv", "<html><table>", "balances"},
        {"control.yaml", "vouchers: 1\n", "claims"},
        {"control.yaml", CONTROL "tips: 3\n", "control:10"},
        {"control.yaml", CONTROL "left: 1\n", "control"},
        {"control.yaml", "- 1\n", "control"},
        {"control.yaml", "vouchers: 1.0\n", "control:1"},
        {"control.yaml", "issued: 1,000\n", "control:1"},
        {"control.yaml",
         "vouchers: 2\nclaims: 1\ninvoices: 1\nbans: 0\naccounts: 0\nappropriated: 100000.00\n"
         "issued: 50000.00\npaid: 12345.67\nleft: 37654.33\n",
         "control_total"},
    };
    fixture *f = county();
    char before[65];
    char after[65];
    source_make(f);
    const char *code = code_of_firm(f);
    hash_of_site(f, before);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        papers_write(code);
        put(rows[i].file, rows[i].text);
        const int status = run_with(f, opening_line("propose", "--role office"), NULL, NULL);
        if (status != 1 || strstr(said, rows[i].says) == NULL) {
            fail_msg("%s %s: exit %d, said %.300s", rows[i].file, rows[i].text, status, said);
        }
    }
    papers_write(code);
    refused(f, "opening check --control x", 2, "opening_file");
    refused(f, "opening check /tmp/paper.csv --control x", 2, "paper.csv");
    refused(f, "opening check a/bans.csv b/bans.csv --control x", 1, "bans.csv");
    hash_of_site(f, after);
    assert_string_equal(before, after);
    county_end(f);
}

/* --- new installations ------------------------------------------------------------------------- */

static void other_currencies_have_other_digits(void **state)
{
    (void)state;
    fixture place = {0};
    (void)snprintf(place.dir, sizeof place.dir, "%.40s/yen", files);
    need(&place, "init --code JP1 --name 円 --division 330522 --secadmin 甲 --secadmin2 乙 "
                 "--sysadmin 丙 --currency JPY "
                 "--cli-secadmin");
    shows(&place, "report headline", "0 JPY");
    refused(&place, SOURCE " --amount 1.5", 2, "at most 0 digits");
    const int status = run_with(&place, SOURCE, "amount", "15");
    assert_int_equal(status, 1); /* read as an amount; then it is the role that is not held */
    assert_non_null(strstr(said, "no_role"));
}

static void what_fails_leaves_no_folder(void **state)
{
    (void)state;
    fixture place = {0};
    char path[128];
    char command[200];
    struct stat st;
    (void)snprintf(place.dir, sizeof place.dir, "%.40s/half", files);
    assert_int_equal(
        run_with(&place,
                 "init --code lower --name x --division 330522 --secadmin 甲 --secadmin2 乙 "
                 "--sysadmin 丙",
                 NULL, NULL),
        1);
    assert_int_not_equal(stat(place.dir, &st), 0);
    assert_int_equal(mkdir(place.dir, 0700), 0); /* a folder that was there stays, empty */
    assert_int_equal(
        run_with(&place,
                 "init --code lower --name x --division 330522 --secadmin 甲 --secadmin2 乙 "
                 "--sysadmin 丙",
                 NULL, NULL),
        1);
    assert_int_equal(rmdir(place.dir), 0);
    (void)snprintf(path, sizeof path, "%s/no.bundle", files);
    file_write(path, "{\"not\":\"a bundle\"}\n");
    (void)snprintf(command, sizeof command, "import bundle %s", path);
    assert_int_not_equal(run_with(&place, command, NULL, NULL), 0);
    assert_int_not_equal(stat(place.dir, &st), 0);
    assert_int_equal(mkdir(place.dir, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/letter.txt", place.dir);
    file_write(path, "mine");
    refused(&place, "demo changxing", 4, "not_empty");
    assert_int_equal(stat(path, &st), 0); /* and nothing of ours is beside it */
    (void)snprintf(command, sizeof command, "test -z \"$(ls -d '%s'/*.new-* 2>/dev/null)\"", files);
    assert_int_equal(system(command), 0);
}

/* --- help -------------------------------------------------------------------------------------- */

static bool knows(const cli_verb *v, const char *option)
{
    char list[1000];
    (void)snprintf(list, sizeof list, " %s data= db= json quiet ", v->options);
    char with[64];
    char flag[64];
    (void)snprintf(with, sizeof with, " %s= ", option);
    (void)snprintf(flag, sizeof flag, " %s ", option);
    return strstr(list, with) != NULL || strstr(list, flag) != NULL;
}

static const cli_verb listed_verbs[] = {
#define VERB(name, words, options, fn, doc) {name, words, options, NULL, doc},
#include "cli/verbs.def"
#undef VERB
};

static void every_verb_has_examples_that_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(listed_verbs); i++) {
        const cli_verb *v = &listed_verbs[i];
        int examples = 0;
        for (const cli_example *e = cli_examples; e->verb != NULL; e++) {
            if (strcmp(e->verb, v->name) != 0) {
                continue;
            }
            examples++;
            char line[1024];
            (void)snprintf(line, sizeof line, "%s", e->line);
            char *rest = NULL;
            char *word = strtok_r(line, " ", &rest);
            assert_string_equal(word, v->name);
            while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
                if (strncmp(word, "--", 2) == 0 && !knows(v, word + 2)) {
                    fail_msg("%s: %s takes no %s", e->line, v->name, word);
                }
            }
        }
        if (examples == 0) {
            fail_msg("%s has no example", v->name);
        }
    }
    fixture place = {0};
    (void)snprintf(place.dir, sizeof place.dir, "%s", files);
    char help[] = "help";
    char org[] = "org";
    char dashes[] = "--help";
    char *argv[] = {getenv("TQ_BINARY"), help, org, NULL};
    assert_int_equal(run_argv(argv), 0);
    assert_non_null(strstr(said, "tongquan org register --data DIR"));
    char *after[] = {getenv("TQ_BINARY"), org, dashes, NULL};
    assert_int_equal(run_argv(after), 0);
    assert_non_null(strstr(said, "tongquan org register --data DIR"));
}

/* --- policy explain ---------------------------------------------------------------------------- */

static void a_decision_is_told_in_both_languages(void **state)
{
    (void)state;
    fixture place = {0};
    char line[1024];
    const char *source = getenv("TQ_SOURCE_DIR");
    (void)snprintf(place.dir, sizeof place.dir, "%s", files);
    (void)snprintf(
        line, sizeof line,
        "policy explain %s/schemes/cn-changxing-demo.yaml --kind apply --stage apply --facts "
        "today=16000,holder_kind=enterprise,holder_recognised=1,asked=5000000,pool_left=90000000",
        source);
    shows(&place, line, "本年度累计发放：50,000.00，不超过 30,000.00。不通过（cap.apply");
    (void)snprintf(line + strlen(line), sizeof line - strlen(line), " --json");
    shows(&place, line, "\"granted\":false,\"reason\":\"cap_reached\"");
    assert_non_null(strstr(said,
                           "holder is on the list of recognition: yes, must be yes. It holds."));
    (void)snprintf(line, sizeof line, "policy check %s/schemes/cn-changxing.yaml --json", source);
    shows(&place, line, "\"unset\":[\"");
}

static int folder_make(void **state)
{
    (void)state;
    (void)snprintf(files, sizeof files, "/tmp/tq-cli-nouns-XXXXXX");
    return mkdtemp(files) == NULL;
}

static int folder_remove(void **state)
{
    (void)state;
    char line[128];
    (void)snprintf(line, sizeof line, "rm -rf '%s'", files);
    return system(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(organisations),
        cmocka_unit_test(people_and_roles),
        cmocka_unit_test(bank_accounts),
        cmocka_unit_test(funds),
        cmocka_unit_test(jobs),
        cmocka_unit_test(a_server_runs_what_was_filed),
        cmocka_unit_test(the_doctor_looks),
        cmocka_unit_test(an_opening_goes_from_check_to_import),
        cmocka_unit_test(somebody_elses_opening_is_booked),
        cmocka_unit_test(bad_input_names_its_field_and_stores_nothing),
        cmocka_unit_test(an_option_of_another_word_is_not_ignored),
        cmocka_unit_test(a_bad_cell_is_named_by_file_line_and_column),
        cmocka_unit_test(papers_that_are_no_papers),
        cmocka_unit_test(other_currencies_have_other_digits),
        cmocka_unit_test(what_fails_leaves_no_folder),
        cmocka_unit_test(every_verb_has_examples_that_hold),
        cmocka_unit_test(a_decision_is_told_in_both_languages),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
