/* SPDX-License-Identifier: Apache-2.0 */
/* F8: clocks that jump, leap days, years that end, zones with summer time, calendars that are missing,
 * and a tick that runs twice, late or at once with another. Days are the programme's, never UTC's. */
#include "claim_path.h"

#include "app/fund.h"
#include "app/programme.h"
#include "app/sanction.h"
#include "store/verify.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAY_US (INT64_C(86400) * 1000000)

static fixture *f;

static int county_open(void **state)
{
    (void)state;
    f = fixture_open();
    return 0;
}

static int county_close(void **state)
{
    (void)state;
    fixture_close(f);
    f = NULL;
    return 0;
}

static day ymd_day(int year, int month, int mday)
{
    return fixture_day(year, month, mday);
}

static void verify_clean(void)
{
    static verify_report report;
    const verify_options o = {0};
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    if (!report.ok) {
        fail_msg("verify: %s %s %lld: %s", report.first[0].what, report.first[0].table,
                 (long long)report.first[0].row, report.first[0].detail);
    }
}

static int64_t voucher_num(int64_t id, int col)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_VOUCHER, id, row);
    return row_num(row, col);
}

static str voucher_text(int64_t id, int col)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_VOUCHER, id, row);
    return row_str(row, col);
}

/* --- where a clock ends ------------------------------------------------------------------------- */

static void outage_on(day from, day to)
{
    int64_t id = 0;
    const call one = fixture_as(f, ROLE_OFFICE, FIXTURE_DAY);
    const call two = fixture_as(f, ROLE_GROUP, FIXTURE_DAY);
    NEED(outage_file(f->app, &one, from, to, STR("the machine room was flooded"), &id, err));
    NEED(outage_declare(f->app, &two, id, err));
}

static tq_code end_of(day from, const policy_clock *clock, day *end, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(f->app, &tx, err));
    return clock_end(tx, f->programme_id, from, clock, end, err);
}

static void clocks_end_where_the_calendar_says(void **state)
{
    (void)state;
#define WORKING .working_days = true
#define MONTHS .months = true
    static const struct {
        const char *what;
        ymd from;
        policy_clock clock;
        ymd to;
    } rows[] = {
        {"29 February and twelve months", {2016, 2, 29}, {.n = 12, MONTHS}, {2017, 2, 28}},
        {"twelve months to 29 February: not invented",
         {2015, 2, 28},
         {.n = 12, MONTHS},
         {2016, 2, 28}},
        {"the last of January and a month", {2016, 1, 31}, {.n = 1, MONTHS}, {2016, 2, 29}},
        {"a month over the year's end", {2013, 12, 31}, {.n = 2, MONTHS}, {2014, 2, 28}},
        {"calendar days over 29 February", {2016, 2, 28}, {.n = 2}, {2016, 3, 1}},
        {"calendar days over 28 February", {2015, 2, 28}, {.n = 2}, {2015, 3, 2}},
        {"29 February is worked when it is a Monday",
         {2016, 2, 26},
         {.n = 1, WORKING},
         {2016, 2, 29}},
        {"National Day is skipped, 12 October counts",
         {2013, 9, 30},
         {.n = 5, WORKING},
         {2013, 10, 12}},
        {"a Sunday that is worked in exchange", {2013, 9, 27}, {.n = 1, WORKING}, {2013, 9, 29}},
        {"a Friday that is free", {2014, 1, 30}, {.n = 1, WORKING}, {2014, 2, 7}},
        {"into the next calendar", {2013, 12, 31}, {.n = 1, WORKING}, {2014, 1, 2}},
        {"a date that is still ahead",
         {2014, 3, 1},
         {.n = 12, MONTHS, .absolute_month = 12, .absolute_day = 31},
         {2014, 12, 31}},
        {"the date itself",
         {2014, 12, 31},
         {.n = 12, MONTHS, .absolute_month = 12, .absolute_day = 31},
         {2014, 12, 31}},
        {"a date that has passed comes next year",
         {2014, 7, 1},
         {.n = 12, MONTHS, .absolute_month = 6, .absolute_day = 30},
         {2015, 6, 30}},
        {"the earlier of two",
         {2014, 7, 1},
         {.n = 3, MONTHS, .absolute_month = 12, .absolute_day = 31},
         {2014, 10, 1}},
        {"an end in an outage moves behind it", {2015, 6, 1}, {.n = 10}, {2015, 6, 15}},
        {"an end on the last day of the outage too", {2015, 6, 2}, {.n = 10}, {2015, 6, 15}},
        {"an end before the outage stays", {2015, 5, 30}, {.n = 10}, {2015, 6, 9}},
        {"two outages that touch", {2015, 9, 1}, {.n = 6}, {2015, 9, 14}},
    };
#undef WORKING
#undef MONTHS
    outage_on(ymd_day(2015, 6, 10), ymd_day(2015, 6, 12)); /* Wednesday to Friday */
    outage_on(ymd_day(2015, 9, 7), ymd_day(2015, 9, 8));   /* Monday, Tuesday */
    outage_on(ymd_day(2015, 9, 9), ymd_day(2015, 9, 11));  /* on to Friday */
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        day end = DAY_NONE;
        NEED(end_of(day_of_ymd(rows[i].from), &rows[i].clock, &end, err));
        const ymd got = day_ymd(end);
        if (end.n != day_of_ymd(rows[i].to).n) {
            fail_msg("%s: %d-%02d-%02d", rows[i].what, got.year, got.month, got.mday);
        }
    }
}

/* Who needs a working day of a year that nobody has announced is told which, and nothing is done. */
static void a_missing_calendar_stops_and_is_mended(void **state)
{
    const policy_clock five = {.n = 5, .working_days = true};
    const policy_clock month = {.n = 1, .months = true};
    day end = DAY_NONE;
    int64_t delivery = 0;
    (void)state;
    ASSERT_FAILS(end_of(ymd_day(2018, 12, 28), &five, &end, err), TQ_CONFLICT, "no_calendar");
    assert_int_equal(end.n, DAY_NONE.n);
    NEED(end_of(ymd_day(2018, 12, 28), &month, &end, err)); /* calendar months need none */
    assert_int_equal(end.n, ymd_day(2019, 1, 28).n);

    county_ready(f);
    (void)fixture_fund(f, "apply", INT64_C(10000000), ymd_day(2018, 3, 1));
    path p = path_firm(f, true, ymd_day(2018, 12, 20));
    p.order = order_make(&p, CONTRACT_FEN, 0);
    paper_add(&p, T_SERVICE_ORDER, p.order, "contract");
    const int64_t before = fixture_events(f);
    const call lab = as(&p, ROLE_INST_AGENT);
    const order_delivery rq = {.order_id = p.order, .outcome_count = 1, .last = true};
    ASSERT_FAILS(order_deliver(f->app, &lab, &rq, &delivery, err), TQ_CONFLICT, "no_calendar");
    assert_true(fixture_events(f) == before);

    const call office = fixture_as(f, ROLE_OFFICE, p.d);
    const calendar_rq year = {2019, STR("2019-01-01"), STR("2018-12-29")};
    const calendar_rq right = {2019, STR("2019-01-01"), STR("2019-02-02")};
    ASSERT_FAILS(calendar_set(f->app, &office, &year, err), TQ_INVALID, "calendar_year");
    NEED(calendar_set(f->app, &office, &right, err));
    NEED(order_deliver(f->app, &lab, &rq, &delivery, err));
    assert_true(delivery != 0);
}

/* --- a clock that jumps ------------------------------------------------------------------------- */

/* Claim, reviews and register while the machine's clock goes back a year and forth again between any two
 * acts: order is by sequence, numbers follow the day's year without gap, money adds up. */
static void a_clock_that_jumps_breaks_nothing(void **state)
{
    (void)state;
    county_ready(f);
    (void)fixture_fund(f, "apply", INT64_C(10000000), ymd_day(2015, 3, 2));
    path p = path_firm(f, true, ymd_day(2015, 6, 17));
    const day use_by = {(int32_t)voucher_num(p.voucher, C_VOUCHER_USE_BY_DAY)};
    assert_int_equal(use_by.n, ymd_day(2016, 6, 17).n);
    p.order = order_make(&p, CONTRACT_FEN, 0);
    p.d = ymd_day(2014, 6, 17); /* a year back: papers and delivery come "before" the order */
    order_finish(&p, p.order);
    p.d = ymd_day(2016, 5, 10); /* and two years on */
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, p.d);
    const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, false);
    /* A review dated before the payment sees none: refused without a trace, until the clock is right. */
    int64_t decision = 0;
    p.d = ymd_day(2015, 7, 1);
    const int64_t before = fixture_events(f);
    const call early = as(&p, ROLE_REVIEWER1);
    const claim_checking look = {.claim_id = filed.claim_id, .content = str_of(filed.content)};
    ASSERT_FAILS(claim_check(f->app, &early, &look, &decision, err), TQ_CONFLICT,
                 "content_changed");
    assert_true(fixture_events(f) == before);
    p.d = ymd_day(2016, 5, 11);
    path_check(&p, &filed, 0);
    p.d = ymd_day(2016, 5, 12);
    NEED(path_approve(&p, &filed, ALLOWED_FEN, err));
    p.d = ymd_day(2014, 2, 28);
    const call office = as(&p, ROLE_OFFICE);
    public_number number;
    NEED(claim_register(f->app, &office, filed.claim_id, &number, err));
    assert_non_null(strstr(number.text, "-2014-")); /* of the day on which it was given */
    ASSERT_STATE(f, filed.claim_id, "registered");
    assert_true(balance_of(&p, ACC_PAYABLE) == ALLOWED_FEN);
    assert_int_equal(voucher_num(p.voucher, C_VOUCHER_USE_BY_DAY), use_by.n); /* nobody moved it */
    verify_clean();
}

/* The tick of a machine that believes it is years later expires vouchers; when the clock is set right
 * again nothing comes back by itself and nothing is counted twice. */
static void a_tick_of_the_future_is_not_repeated(void **state)
{
    int64_t done = 0;
    (void)state;
    (void)fixture_fund(f, "apply", INT64_C(10000000), ymd_day(2015, 3, 2));
    path p = path_firm(f, true, ymd_day(2015, 6, 17));
    const int64_t pool = fixture_balance(f, ACC_POOL, p.kind);
    const call later = fixture_as(f, ROLE_SYSTEM, ymd_day(2017, 6, 18));
    const call now = fixture_as(f, ROLE_SYSTEM, ymd_day(2015, 6, 18));
    NEED(voucher_expire_due(f->app, &now, &done, err));
    assert_true(done == 0);
    NEED(voucher_expire_due(f->app, &later, &done, err));
    assert_true(done >= 1);
    assert_true(fixture_balance(f, ACC_POOL, p.kind) >= pool + VOUCHER_FEN);
    const int64_t back = fixture_balance(f, ACC_POOL, p.kind);
    NEED(voucher_expire_due(f->app, &now, &done, err));
    assert_true(done == 0);
    NEED(voucher_expire_due(f->app, &later, &done, err));
    assert_true(done == 0);
    assert_true(fixture_balance(f, ACC_POOL, p.kind) == back);
    assert_true(str_eq(voucher_text(p.voucher, C_VOUCHER_STATE), STR("expired")));
    verify_clean();
}

/* --- years -------------------------------------------------------------------------------------- */

static tq_code issue_on(path *p, day d, voucher_issued *out, tq_err *err)
{
    int64_t application = 0;
    application_result decided = {0};
    p->d = d;
    const call intake = as(p, ROLE_INTAKE);
    const call reviewer = as(p, ROLE_REVIEWER1);
    const call office = as(p, ROLE_OFFICE);
    const application_request rq = {
        .holder_id = p->firm, .kind_id = p->kind, .way = "immediate", .asked_fen = 100000};
    TQ_TRY(application_file(f->app, &intake, &rq, &application, err));
    TQ_TRY(application_approve(f->app, &reviewer, application, NULL, &decided, err));
    if (!decided.granted) {
        return tq_fail(err, TQ_REFUSED, decided.reason, "application", "refused by a rule");
    }
    const voucher_issue_request issue = {.application_id = application, .code_seed = STR("year")};
    return voucher_issue(f->app, &office, &issue, out, err);
}

static int64_t year_of_voucher(int64_t id)
{
    TX_AUTO store_tx *tx = NULL;
    ledger_amount cells[8];
    int n = 0;
    const ledger_cell like = {.account = ACC_VOUCHER, .voucher_id = id};
    NEED(work_read(f->app, &tx, err));
    NEED(ledger_cells(tx, f->programme_id, &like, cells, (int)TQ_COUNT(cells), &n, err));
    assert_int_equal(n, 1);
    return cells[0].cell.year;
}

/* The year of numbers, pool and legs changes on the first day of the fiscal year and on no other. */
static void money_and_numbers_follow_the_fiscal_year(void **state)
{
    static const struct {
        int fiscal_month;
        ymd last, first; /* of two fiscal years that meet */
    } rows[] = {
        {1, {2015, 12, 31}, {2016, 1, 1}},
        {4, {2015, 3, 31}, {2015, 4, 1}},
        {3, {2016, 2, 29}, {2016, 3, 1}},
        {12, {2015, 11, 30}, {2015, 12, 1}},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        voucher_issued one, other;
        char word[32];
        f = fixture_open_at("Asia/Shanghai", rows[i].fiscal_month);
        const day last = day_of_ymd(rows[i].last);
        const day first = day_of_ymd(rows[i].first);
        const int year = rows[i].fiscal_month == 1 ? rows[i].last.year : rows[i].last.year - 1;
        path p = {.f = f, .firm = f->firm, .kind = fixture_kind(f, "apply")};
        recognise(f, f->firm);
        (void)fixture_fund(f, "apply", 300000, ymd_day(year, rows[i].fiscal_month, 5));
        NEED(issue_on(&p, last, &one, err));
        (void)snprintf(word, sizeof word, "-%d-000001-", year);
        assert_non_null(strstr(one.number.text, word));
        assert_true(year_of_voucher(one.voucher_id) == year);
        /* The old year's money is not the new year's. */
        ASSERT_FAILS(issue_on(&p, first, &other, err), TQ_REFUSED, "pool_short");
        (void)fixture_fund(f, "apply", 300000, ymd_day(year + 1, rows[i].fiscal_month, 5));
        NEED(issue_on(&p, first, &other, err));
        (void)snprintf(word, sizeof word, "-%d-000001-", year + 1);
        assert_non_null(strstr(other.number.text, word)); /* a series of its own, from 1 */
        assert_true(year_of_voucher(other.voucher_id) == year + 1);
        /* The clock goes back over the year's end: the older series goes on without gap. */
        NEED(issue_on(&p, last, &one, err));
        (void)snprintf(word, sizeof word, "-%d-000002-", year);
        assert_non_null(strstr(one.number.text, word));
        verify_clean();
        fixture_close(f);
    }
    f = NULL;
}

/* --- midnight ----------------------------------------------------------------------------------- */

/* `tongquan tick` of a machine whose UTC clock shows `utc`. The site is closed meanwhile. The library is loaded here
 * and not by its command: that one refuses to start where a killed process of the same number left its semaphore. */
static void tick_at(const char *utc)
{
    char text[1024];
    char out[600] = "";
    const char *binary = getenv("TQ_BINARY");
    assert_non_null(binary);
    app_close(f->app);
    (void)snprintf(text, sizeof text,
                   "TZ=UTC LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1' FAKETIME='@%s' "
                   "'%s' tick --data '%s'%s%s%s 2>&1",
                   utc, binary, f->dir, f->pg_uri[0] == '\0' ? "" : " --db '", f->pg_uri,
                   f->pg_uri[0] == '\0' ? "" : "'");
    FILE *run = popen(text, "r");
    assert_non_null(run);
    const size_t n = fread(out, 1, sizeof out - 1, run);
    out[n] = '\0';
    if (pclose(run) != 0) {
        fail_msg("%s: %s", text, out);
    }
    const store_options o = {
        .dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri, .readers = 16};
    NEED(app_open(&o, &f->app, err));
    f->store = app_store(f->app);
}

/* A voucher is good on its whole last day where the programme is, in summer time as in winter. */
static void the_last_day_is_the_programmes(void **state)
{
    static const struct {
        const char *zone;
        ymd issued;              /* twelve months before the last day */
        const char *good, *late; /* UTC: the last second of the last day, the first of the next */
    } rows[] = {
        {"Asia/Shanghai", {2014, 6, 30}, "2015-06-30 15:59:58", "2015-06-30 16:00:01"},
        {"Asia/Shanghai", {2014, 12, 31}, "2015-12-31 15:59:58", "2015-12-31 16:00:01"},
        {"Asia/Shanghai", {2016, 2, 29}, "2017-02-28 15:59:58", "2017-02-28 16:00:01"},
        {"Europe/Berlin", {2014, 3, 28}, "2015-03-28 22:59:58", "2015-03-28 23:00:01"},
        {"Europe/Berlin",
         {2014, 3, 29},
         "2015-03-29 21:59:58",
         "2015-03-29 22:00:01"}, /* 23 hours */
        {"Europe/Berlin",
         {2014, 10, 25},
         "2015-10-25 22:59:58",
         "2015-10-25 23:00:01"}, /* 25 hours */
        {"America/New_York",
         {2014, 3, 8},
         "2015-03-09 03:59:58",
         "2015-03-09 04:00:01"}, /* 23 hours */
        {"America/New_York",
         {2014, 11, 1},
         "2015-11-02 04:59:58",
         "2015-11-02 05:00:01"}, /* 25 hours */
    };
    static const char *const zones[] = {"Asia/Shanghai", "Europe/Berlin", "America/New_York"};
    (void)state;
    for (size_t z = 0; z < TQ_COUNT(zones); z++) {
        f = fixture_open_at(zones[z], 1);
        path p = {.f = f, .firm = f->firm, .kind = fixture_kind(f, "apply")};
        recognise(f, f->firm);
        (void)fixture_fund(f, "apply", 10000000, ymd_day(2014, 1, 6));
        (void)fixture_fund(f, "apply", 10000000, ymd_day(2016, 1, 6));
        for (size_t i = 0; i < TQ_COUNT(rows); i++) {
            voucher_issued v;
            if (strcmp(rows[i].zone, zones[z]) != 0) {
                continue;
            }
            NEED(issue_on(&p, day_of_ymd(rows[i].issued), &v, err));
            tick_at(rows[i].good);
            assert_true(str_eq(voucher_text(v.voucher_id, C_VOUCHER_STATE), STR("active")));
            tick_at(rows[i].late);
            if (!str_eq(voucher_text(v.voucher_id, C_VOUCHER_STATE), STR("expired"))) {
                fail_msg("%s, %s: still active", rows[i].zone, rows[i].late);
            }
        }
        verify_clean();
        fixture_close(f);
    }
    f = NULL;
}

/* --- a tick that runs late, twice, or beside another -------------------------------------------- */

typedef struct ticked {
    order_clocks orders;
    int64_t vouchers, bans;
} ticked;

static ticked tick_on(day d)
{
    ticked t = {0};
    const call c = fixture_as(f, ROLE_SYSTEM, d);
    NEED(order_clocks_due(f->app, &c, &t.orders, err));
    NEED(voucher_expire_due(f->app, &c, &t.vouchers, err));
    NEED(ban_end_due(f->app, &c, &t.bans, err));
    return t;
}

static int64_t ticked_all(const ticked *t)
{
    return t->orders.lapsed + t->orders.confirmed + t->orders.cancelled + t->orders.closed +
           t->vouchers + t->bans;
}

static int64_t order_proposed(path *p)
{
    order_result r = {0};
    const call firm = as_firm(p);
    const order_proposal rq = {.voucher_id = p->voucher,
                               .institution_id = f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("检测"),
                               .contract_fen = 400000,
                               .voucher_fen = 200000,
                               .end = day_add(p->d, 60)};
    NEED(order_propose(f->app, &firm, &rq, &r, err));
    assert_true(r.accepted);
    return r.order_id;
}

static int64_t order_accepted(path *p)
{
    const call lab = as(p, ROLE_INST_AGENT);
    const int64_t id = order_proposed(p);
    NEED(order_accept(f->app, &lab, id, err));
    return id;
}

static int64_t order_delivered(path *p)
{
    int64_t delivery = 0;
    const call lab = as(p, ROLE_INST_AGENT);
    const int64_t id = order_accepted(p);
    const order_delivery rq = {.order_id = id, .outcome_count = 1, .last = true};
    NEED(order_deliver(f->app, &lab, &rq, &delivery, err));
    return id;
}

/* Four orders and their voucher, each waiting for another clock; the machine is off for two years. */
static void a_tick_that_was_down_does_it_all_once(void **state)
{
    (void)state;
    county_ready(f);
    (void)fixture_fund(f, "apply", INT64_C(10000000), ymd_day(2014, 3, 3));
    path p = path_firm(f, true, ymd_day(2014, 6, 16));
    (void)order_proposed(&p);
    (void)order_accepted(&p);
    (void)order_delivered(&p);
    assert_true(balance_of(&p, ACC_HOLD) == 400000);
    /* A tick on time finds nothing, again and again. */
    for (int i = 0; i < 3; i++) {
        const ticked t = tick_on(p.d);
        assert_true(ticked_all(&t) == 0);
    }
    const int64_t pool = fixture_balance(f, ACC_POOL, p.kind);
    const ticked late = tick_on(ymd_day(2016, 6, 20));
    assert_true(late.orders.lapsed == 1);
    assert_true(late.orders.confirmed == 1);
    assert_true(late.orders.cancelled == 1);
    assert_true(late.orders.closed == 1); /* the confirmed one, in the same run */
    assert_true(late.vouchers == 1);
    assert_true(balance_of(&p, ACC_HOLD) == 0);
    assert_true(balance_of(&p, ACC_VOUCHER) == 0);
    assert_true(fixture_balance(f, ACC_POOL, p.kind) == pool + VOUCHER_FEN);
    const int64_t events = fixture_events(f);
    for (int i = 0; i < 3; i++) {
        const ticked t =
            tick_on(ymd_day(2016, 6, 20 - 4 * i)); /* and the clock goes back meanwhile */
        assert_true(ticked_all(&t) == 0);
    }
    assert_true(fixture_events(f) == events);
    verify_clean();
}

#define TICKERS 4

typedef struct ticker {
    int64_t done;
    tq_code code;
    tq_err err;
} ticker;

static void *tick_beside(void *arg)
{
    ticker *t = arg;
    ARENA_AUTO arena *a = arena_new("ticker", (size_t)64 * 1024 * 1024);
    const call c = fixture_as_in(f, ROLE_SYSTEM, ymd_day(2016, 6, 20), a);
    do {
        int64_t done = 0;
        t->code = voucher_expire_due(f->app, &c, &done, &t->err);
        t->done += done;
    } while (t->code == TQ_BUSY); /* what a server does a minute later */
    return NULL;
}

/* Several servers' clocks find the same vouchers: each is expired by one of them. */
static void ticks_beside_each_other_expire_once(void **state)
{
    ticker tickers[TICKERS] = {0};
    pthread_t threads[TICKERS];
    int64_t sum = 0;
    (void)state;
    (void)fixture_fund(f, "apply", INT64_C(100000000), ymd_day(2014, 3, 3));
    const int64_t before = fixture_balance(f, ACC_POOL, 0);
    for (int i = 0; i < 12; i++) {
        (void)path_firm(f, true, ymd_day(2014, 6, 16));
    }
    for (int i = 0; i < TICKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, tick_beside, &tickers[i]), 0);
    }
    for (int i = 0; i < TICKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        if (tickers[i].code != TQ_OK) {
            fail_msg("%s %s: %s", tq_code_name(tickers[i].code), tickers[i].err.reason,
                     tickers[i].err.detail);
        }
        sum += tickers[i].done;
    }
    assert_int_equal(sum, 12);
    assert_true(fixture_balance(f, ACC_POOL, 0) == before);
    verify_clean();
}

int main(void)
{
#define IN_COUNTY(test) cmocka_unit_test_setup_teardown(test, county_open, county_close)
    const struct CMUnitTest tests[] = {
        IN_COUNTY(clocks_end_where_the_calendar_says),
        IN_COUNTY(a_missing_calendar_stops_and_is_mended),
        IN_COUNTY(a_clock_that_jumps_breaks_nothing),
        IN_COUNTY(a_tick_of_the_future_is_not_repeated),
        cmocka_unit_test(money_and_numbers_follow_the_fiscal_year),
        cmocka_unit_test(the_last_day_is_the_programmes),
        IN_COUNTY(a_tick_that_was_down_does_it_all_once),
        IN_COUNTY(ticks_beside_each_other_expire_once),
    };
#undef IN_COUNTY
    return cmocka_run_group_tests(tests, NULL, NULL);
}
