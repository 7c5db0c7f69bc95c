/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bank_account.h"
#include "app/fund.h"
#include "app/organisation.h"
#include "app/person.h"
#include "app/programme.h"
#include "base/file.h"

#define TEN_O_CLOCK_US (INT64_C(2) * 3600 * 1000000) /* 10:00 in Beijing is 02:00 UTC */
#define DAY_US (INT64_C(86400) * 1000000)

static int made; /* fixtures of this process, for names */
static int
    people; /* of this fixture, for telephones: the same county twice is the same log twice */
static const char *county_zone = "Asia/Shanghai";
static int county_fiscal_month = 1;

void fixture_need(tq_code code, const tq_err *err, const char *what)
{
    if (code != TQ_OK) {
        fprintf(stderr, "fixture: %s: %s/%s (%s): %s\n", what, tq_code_name(code), err->reason,
                err->field, err->detail);
        abort();
    }
}

day fixture_day(int year, int month, int mday)
{
    return day_of_ymd((ymd){year, month, mday});
}

/* --- the store --------------------------------------------------------------------------------- */

static void pg_command(const char *format, const char *name)
{
    const char *uri = getenv("TQ_TEST_PG");
    char text[160];
    PGconn *server = PQconnectdb(uri == NULL ? "" : uri);
    if (PQstatus(server) != CONNECTION_OK) {
        fprintf(stderr, "fixture: no server at TQ_TEST_PG: %s\n", PQerrorMessage(server));
        abort();
    }
    (void)snprintf(text, sizeof text, "%s %s", format, name);
    PGresult *r = PQexec(server, text);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        fprintf(stderr, "fixture: %s: %s\n", text, PQerrorMessage(server));
        abort();
    }
    PQclear(r);
    PQfinish(server);
}

/* The server's URI with another database: postgresql://user@host/postgres?host=... */
static void pg_uri_of(const char *name, char *out, size_t room)
{
    const char *uri = getenv("TQ_TEST_PG");
    const char *scheme = strstr(uri, "://");
    TQ_ASSERT(scheme != NULL);
    const char *path = strchr(scheme + 3, '/');
    TQ_ASSERT(path != NULL);
    const char *query = strchr(path, '?');
    const int n =
        snprintf(out, room, "%.*s/%s%s", (int)(path - uri), uri, name, query == NULL ? "" : query);
    TQ_ASSERT(n > 0 && (size_t)n < room);
}

static void store_make(fixture *f)
{
    tq_err err = {0};
    const char *engine = getenv("TQ_ENGINE");
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tq-fixture-XXXXXX");
    TQ_ASSERT(mkdtemp(f->dir) != NULL);
    made++;
    people = 0;
    if (engine != NULL && strcmp(engine, "pg") == 0) {
        (void)snprintf(f->pg_name, sizeof f->pg_name, "tq_fixture_%ld_%d", (long)getpid(), made);
        pg_command("CREATE DATABASE", f->pg_name);
        pg_uri_of(f->pg_name, f->pg_uri, sizeof f->pg_uri);
    }
    const store_options o = {.dir = f->dir,
                             .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri,
                             .create = true,
                             .readers = f->pg_uri[0] == '\0' ? 4 : 16};
    fixture_need(app_open(&o, &f->app, &err), &err, "app_open");
    f->store = app_store(f->app);
}

/* --- who acts ---------------------------------------------------------------------------------- */

static instant ten_o_clock(day d)
{
    return (instant){(int64_t)d.n * DAY_US + TEN_O_CLOCK_US};
}

static int64_t org_of(const fixture *f, role r)
{
    if (r == ROLE_FIRM_AGENT || r == ROLE_FIRM_FINANCE) {
        return f->firm;
    }
    if (r == ROLE_INST_AGENT) {
        return f->institution;
    }
    return r == ROLE_PLATFORM_AGENT ? f->platform : r == ROLE_TOWNSHIP ? f->township : 0;
}

call fixture_as_in(fixture *f, role r, day d, arena *a)
{
    call c = {.at = ten_o_clock(d), .today = d, .a = a};
    c.who = (actor){.user_id = f->user[r],
                    .person_id = f->person[r],
                    .role = r,
                    .programme_id = f->programme_id,
                    .org_id = org_of(f, r)};
    return c;
}

call fixture_as(fixture *f, role r, day d)
{
    return fixture_as_in(f, r, d, f->a);
}

call fixture_user(fixture *f, int64_t user_id, int64_t person_id, role r, int64_t org_id, day d)
{
    call c = fixture_as(f, r, d);
    c.who.user_id = user_id;
    c.who.person_id = person_id;
    c.who.org_id = org_id;
    return c;
}

static call second_secadmin(fixture *f)
{
    return fixture_user(f, f->second_secadmin, f->second_secadmin_person, ROLE_SECADMIN, 0,
                        FIXTURE_DAY);
}

/* --- the county -------------------------------------------------------------------------------- */

static void site_make(fixture *f)
{
    const first_user users[] = {
        {ROLE_SECADMIN, STR("secadmin"), STR("安全一"), STR("13800000001"), STR("")},
        {ROLE_SECADMIN, STR("secadmin2"), STR("安全二"), STR("13800000002"), STR("")},
        {ROLE_SYSADMIN, STR("sysadmin"), STR("系统"), STR("13800000003"), STR("")},
    };
    const site_init_rq rq = {
        .programme = {.code = STR("330522"),
                      .name_zh = STR("长兴县科技创新券"),
                      .name_en = STR("Changxing innovation vouchers"),
                      .division = STR("330522"),
                      .currency = STR("CNY"),
                      .zone = str_of(county_zone),
                      .fiscal_month = county_fiscal_month},
        .salt = STR("0123456789abcdef0123456789abcdef"),
        .users = users,
        .n_users = TQ_COUNT(users),
    };
    int64_t user_ids[TQ_COUNT(users)];
    int64_t person_ids[TQ_COUNT(users)];
    call c = fixture_as(f, ROLE_SYSTEM, FIXTURE_DAY);
    c.who.programme_id = 0;
    NEED(site_init(f->app, &c, &rq, &f->programme_id, user_ids, person_ids, err));
    f->user[ROLE_SECADMIN] = user_ids[0];
    f->person[ROLE_SECADMIN] = person_ids[0];
    f->second_secadmin = user_ids[1];
    f->second_secadmin_person = person_ids[1];
    f->user[ROLE_SYSADMIN] = user_ids[2];
    f->person[ROLE_SYSADMIN] = person_ids[2];
}

void fixture_grant(fixture *f, int64_t user_id, role r, int64_t org_id)
{
    int64_t grant = 0;
    const call one = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    const call two = second_secadmin(f);
    const grant_rq rq = {
        .user_id = user_id, .role = r, .programme_id = f->programme_id, .org_id = org_id};
    NEED(grant_propose(f->app, &one, &rq, &grant, err));
    NEED(grant_confirm(f->app, &two, grant, err));
}

void fixture_person(fixture *f, role r, int64_t org_id, int64_t *user_id, int64_t *person_id)
{
    char login[64];
    int64_t person = 0;
    int64_t user = 0;
    const call one = fixture_as(f, ROLE_SECADMIN, FIXTURE_DAY);
    /* a telephone of their own: one in common is a signal */
    const person_rq who = {.name = STR("某某"), .phone = arena_printf(f->a, "139%08d", ++people)};
    NEED(person_register(f->app, &one, &who, &person, err));
    (void)snprintf(login, sizeof login, "%s.%lld", role_name(r), (long long)person);
    NEED(user_open(f->app, &one, person, str_of(login), org_id, &user, err));
    fixture_grant(f, user, r, org_id);
    *user_id = user;
    *person_id = person;
}

static const char *const free_days[] = {
    "2013-09-19 2013-09-20 2013-09-21 2013-10-01 2013-10-02 2013-10-03 2013-10-04 2013-10-05 "
    "2013-10-06 2013-10-07",
    "2014-01-01 2014-01-31 2014-02-03 2014-02-04 2014-02-05 2014-02-06 2014-05-01 2014-10-01 "
    "2014-10-02 2014-10-03 2014-10-06 2014-10-07",
    "2015-01-01 2015-02-18 2015-02-19 2015-02-20 2015-02-23 2015-02-24 2015-05-01 2015-10-01 "
    "2015-10-02 2015-10-05 2015-10-06 2015-10-07",
    "2016-01-01 2016-02-08 2016-02-09 2016-02-10 2016-02-11 2016-02-12 2016-05-02 2016-10-03 "
    "2016-10-04 2016-10-05 2016-10-06 2016-10-07",
    "2017-01-02 2017-01-27 2017-01-30 2017-01-31 2017-02-01 2017-02-02 2017-05-01 2017-10-02 "
    "2017-10-03 2017-10-04 2017-10-05 2017-10-06",
    "2018-01-01 2018-02-15 2018-02-16 2018-02-19 2018-02-20 2018-02-21 2018-05-01 2018-10-01 "
    "2018-10-02 2018-10-03 2018-10-04 2018-10-05",
};
static const char *const extra_work[] = {
    "2013-09-22 2013-09-29 2013-10-12", "2014-01-26 2014-02-08 2014-09-28 2014-10-11",
    "2015-02-15 2015-02-28 2015-10-10", "2016-02-06 2016-02-14 2016-10-08 2016-10-09",
    "2017-01-22 2017-02-04 2017-09-30", "2018-02-11 2018-02-24 2018-09-29 2018-09-30"};

static void calendars_make(fixture *f)
{
    const call c = fixture_as(f, ROLE_OFFICE, FIXTURE_DAY);
    for (size_t i = 0; i < TQ_COUNT(free_days); i++) {
        const calendar_rq rq = {2013 + (int64_t)i, str_of(free_days[i]), str_of(extra_work[i])};
        NEED(calendar_set(f->app, &c, &rq, err));
    }
}

int64_t fixture_org(fixture *f, const char *kind, const char *name)
{
    int64_t id = 0;
    f->orgs++;
    const credit_code code = credit_code_make("91", "330522", (uint32_t)f->orgs);
    const bool coded =
        strcmp(kind, "team") != 0 && strcmp(kind, "township") != 0 && strcmp(kind, "park") != 0;
    const org_rq rq = {.kind = str_of(kind),
                       .credit_code = coded ? str_of(code.text) : STR(""),
                       .name = str_of(name),
                       .region = STR("330522"),
                       .place_id = f->township,
                       .since = fixture_day(2010, 1, 4)};
    const call c = fixture_as(f, ROLE_INTAKE, FIXTURE_DAY);
    NEED(org_register(f->app, &c, &rq, &id, err));
    return id;
}

static void people_make(fixture *f)
{
    fixture_person(f, ROLE_INTAKE, 0, &f->user[ROLE_INTAKE], &f->person[ROLE_INTAKE]);
    f->township = fixture_org(f, "township", "雉城街道");
    f->firm = fixture_org(f, "enterprise", "长兴绿能电池有限公司");
    f->institution = fixture_org(f, "institution", "绿色动力检测中心");
    f->platform = fixture_org(f, "platform", "浙江省科技云服务平台");
    for (int r = ROLE_NONE + 1; r < ROLE_PUBLIC; r++) {
        if (f->user[r] == 0) {
            fixture_person(f, (role)r, org_of(f, (role)r), &f->user[r], &f->person[r]);
        }
    }
}

/* --- the policy -------------------------------------------------------------------------------- */

static tq_code scheme_read(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    char path[512];
    const char *root = getenv("TQ_SOURCE_DIR");
    const bool suffix = name.len > 5 && memcmp(name.data + name.len - 5, ".yaml", 5) == 0;
    (void)ctx;
    (void)snprintf(path, sizeof path, "%s/schemes/%.*s%s", root == NULL ? "." : root, STR_ARG(name),
                   suffix ? "" : ".yaml");
    return file_read(path, 1024 * 1024, a, out, err);
}

static const char *scheme_from = NULL; /* of fixture_open_changed, only while it runs */
static const char *scheme_to = NULL;

static str scheme_changed(fixture *f, str yaml)
{
    const char *text = arena_copy(f->a, yaml).data;
    const char *at = strstr(text, scheme_from);
    TQ_ASSERT(at != NULL);
    BUF_AUTO buf b = buf_max(1024 * 1024);
    buf_add(&b, text, (size_t)(at - text));
    buf_text(&b, scheme_to);
    buf_text(&b, at + strlen(scheme_from));
    return arena_copy(f->a, buf_view(&b));
}

static void policy_make(fixture *f)
{
    str yaml = {0};
    const call author = fixture_as(f, ROLE_POLICY_AUTHOR, FIXTURE_DAY);
    const call approver = fixture_as(f, ROLE_POLICY_APPROVER, FIXTURE_DAY);
    NEED(scheme_read(NULL, STR("cn-changxing-demo.yaml"), f->a, &yaml, err));
    yaml = scheme_from == NULL ? yaml : scheme_changed(f, yaml);
    const policy_file_rq rq = {.name = STR("cn-changxing-demo.yaml"),
                               .yaml = yaml,
                               .doc_no = STR("长政办发〔2013〕1号"),
                               .from = FIXTURE_DAY,
                               .read = scheme_read};
    NEED(policy_file(f->app, &author, &rq, &f->policy_id, err));
    NEED(policy_put_in_force(f->app, &approver, f->policy_id, err));
}

static fixture *county_make(bool with_policy)
{
    fixture *f = calloc(1, sizeof *f);
    TQ_ASSERT(f != NULL);
    f->a = arena_new("fixture", (size_t)256 * 1024 * 1024);
    store_make(f);
    site_make(f);
    people_make(f);
    calendars_make(f);
    if (with_policy) {
        policy_make(f);
    }
    return f;
}

fixture *fixture_open(void)
{
    return county_make(true);
}

fixture *fixture_open_at(const char *zone_name, int fiscal_month)
{
    county_zone = zone_name;
    county_fiscal_month = fiscal_month;
    fixture *f = county_make(true);
    county_zone = "Asia/Shanghai";
    county_fiscal_month = 1;
    return f;
}

fixture *fixture_open_changed(const char *from, const char *to)
{
    scheme_from = from;
    scheme_to = to;
    fixture *f = county_make(true);
    scheme_from = NULL;
    scheme_to = NULL;
    return f;
}

fixture *fixture_open_without_policy(void)
{
    return county_make(false);
}

static void dir_remove(const char *dir)
{
    char text[96];
    (void)snprintf(text, sizeof text, "rm -rf -- '%s'", dir);
    TQ_ASSERT(system(text) == 0);
}

void fixture_close(fixture *f)
{
    app_close(f->app);
    if (f->pg_name[0] != '\0') {
        pg_command("DROP DATABASE", f->pg_name);
    }
    dir_remove(f->dir);
    arena_free(f->a);
    free(f);
}

/* --- what tests take as given ------------------------------------------------------------------ */

int64_t fixture_kind(fixture *f, const char *code)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(voucher_kind_find(tx, f->programme_id, str_of(code), &id, err));
    return id;
}

int64_t fixture_account(fixture *f, int64_t org_id, day d)
{
    int64_t id = 0;
    event_value row[AUDITED_COLS_MAX];
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(row_load(tx, T_ORGANISATION, org_id, f->a, row, err));
    }
    const day earlier = day_add(d, -60);
    const day made_on = earlier.n < FIXTURE_DAY.n ? FIXTURE_DAY : earlier;
    const call one = fixture_as(f, ROLE_INTAKE, made_on);
    const call two = fixture_as(f, ROLE_REVIEWER1, made_on);
    const account_rq rq = {.org_id = org_id,
                           .holder = row_str(row, C_ORGANISATION_NAME),
                           .number = STR("3305220000123456789"),
                           .bank = STR("中国农业银行长兴支行"),
                           .bank_code = STR("103336270011")};
    NEED(account_propose(f->app, &one, &rq, &id, err));
    NEED(account_confirm(f->app, &two, id, err));
    return id;
}

int64_t fixture_fund(fixture *f, const char *kind_code, int64_t fen, day d)
{
    int64_t line = 0;
    int64_t source = 0;
    int64_t move = 0;
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, d);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, d);
    const int64_t year = day_ymd(d).year;
    const budget_line_rq line_rq = {.year = year,
                                    .doc_no = STR("长财教〔2013〕12号"),
                                    .project_code = STR("330522001"),
                                    .function_code = STR("2060499"),
                                    .gov_econ_code = STR("50701"),
                                    .dept_econ_code = STR("31204"),
                                    .nature = STR("一般公共预算"),
                                    .pay_mode = STR("授权支付")};
    NEED(budget_line_open(f->app, &maker, &line_rq, &line, err));
    const source_rq rq = {.kind_code = str_of(kind_code),
                          .budget_line_id = line,
                          .code = STR("S"),
                          .name = STR("县本级科技专项"),
                          .stock_class = STR("growth"),
                          .origin = STR("county_budget")};
    NEED(source_open(f->app, &maker, &rq, &source, err));
    const fund_rq rq_money = {.kind = STR("appropriate"),
                              .source_id = source,
                              .year = year,
                              .amount_fen = fen,
                              .doc_no = STR("长财教〔2013〕12号")};
    NEED(fund_propose(f->app, &maker, &rq_money, &move, err));
    NEED(fund_book(f->app, &checker, move, err));
    return source;
}

int64_t fixture_events(fixture *f)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(store_int(tx, STMT_EVENT_COUNT, NO_ARGS, 0, &n, err));
    return n;
}

int64_t fixture_balance(fixture *f, ledger_account account, int64_t kind_id)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t sum = 0;
    const ledger_cell like = {.account = account, .kind_id = kind_id};
    NEED(work_read(f->app, &tx, err));
    NEED(ledger_sum(tx, f->programme_id, &like, &sum, err));
    return sum;
}
