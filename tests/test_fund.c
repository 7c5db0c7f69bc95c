/* SPDX-License-Identifier: Apache-2.0 */
/* The fund: two persons, bounds that hold under many threads, the end of a year. */

#include "one_county.h"

#include <pthread.h>
#include <stdatomic.h>

#include "app/fund.h"
#include "app/person.h"
#include "app/voucher_inner.h"

#define YUAN INT64_C(100)

static day today(void)
{
    return fixture_day(2013, 10, 8);
}

static call maker(void)
{
    return fixture_as(f, ROLE_FINANCE_MAKER, today());
}

static call checker(void)
{
    return fixture_as(f, ROLE_FINANCE_CHECKER, today());
}

static int64_t line_in(int64_t year)
{
    int64_t id = 0;
    const call c = maker();
    const budget_line_rq rq = {.year = year,
                               .doc_no = STR("长财教1号"),
                               .project_code = STR("001"),
                               .function_code = STR("2060499"),
                               .nature = STR("一般公共预算"),
                               .pay_mode = STR("授权支付")};
    NEED(budget_line_open(f->app, &c, &rq, &id, err));
    return id;
}

static int64_t source_of(const char *kind, const char *stock_class, int64_t base)
{
    int64_t id = 0;
    const call c = maker();
    const source_rq rq = {.kind_code = str_of(kind),
                          .budget_line_id = line_in(2013),
                          .code = STR("S"),
                          .name = STR("来源"),
                          .stock_class = str_of(stock_class),
                          .origin = STR("science_fund"),
                          .base_fen = base,
                          .replaces = STR("科技贷款贴息")};
    NEED(source_open(f->app, &c, &rq, &id, err));
    return id;
}

static fund_rq move_of(const char *kind, int64_t source, int64_t amount)
{
    return (fund_rq){.kind = str_of(kind),
                     .source_id = source,
                     .year = 2013,
                     .amount_fen = amount,
                     .doc_no = STR("长财2号")};
}

static int64_t proposed(const fund_rq *rq)
{
    int64_t id = 0;
    const call c = maker();
    NEED(fund_propose(f->app, &c, rq, &id, err));
    return id;
}

static int64_t booked(const char *kind, int64_t source, int64_t amount)
{
    const fund_rq rq = move_of(kind, source, amount);
    const int64_t id = proposed(&rq);
    const call c = checker();
    NEED(fund_book(f->app, &c, id, err));
    return id;
}

/* What the position says of one source and year. */
static fund_row row_of(int64_t source, int64_t year)
{
    TX_AUTO store_tx *tx = NULL;
    fund_row rows[64];
    size_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(fund_position(tx, f->programme_id, year, rows, TQ_COUNT(rows), &n, err));
    for (size_t i = 0; i < n; i++) {
        if (rows[i].source_id == source && rows[i].year == year) {
            return rows[i];
        }
    }
    return (fund_row){0};
}

/* --- one person proposes, another books --------------------------------------------------------- */

static void lines_and_sources_are_whole(void **state)
{
    (void)state;
    int64_t id = 0;
    const call c = maker();
    const call other = checker();
    const budget_line_rq line = {.year = 2013,
                                 .doc_no = STR("1"),
                                 .project_code = STR("1"),
                                 .function_code = STR("1"),
                                 .nature = STR("1"),
                                 .pay_mode = STR("1")};
    budget_line_rq bad_line = line;
    bad_line.year = 13;
    REFUSED(TQ_INVALID, "year", budget_line_open(f->app, &c, &bad_line, &id, err));
    bad_line = line;
    bad_line.function_code = STR("");
    REFUSED(TQ_INVALID, "line", budget_line_open(f->app, &c, &bad_line, &id, err));
    REFUSED(TQ_FORBIDDEN, "no_role", budget_line_open(f->app, &other, &line, &id, err));
    NEED(budget_line_open(f->app, &c, &line, &id, err));
    const source_rq good = {.kind_code = STR("award"),
                            .budget_line_id = id,
                            .code = STR("S1"),
                            .name = STR("科学技术经费"),
                            .stock_class = STR("stock"),
                            .origin = STR("science_fund"),
                            .base_fen = 100 * YUAN};
    source_rq bad[5] = {good, good, good, good, good};
    static const char *const reasons[] = {"word", "base", "base", "line", "voucher_kind"};
    bad[0].stock_class = STR("old");
    bad[1].base_fen = -1;
    bad[2].stock_class = STR("growth");
    bad[3].origin = STR("");
    bad[4].kind_code = STR("nothing");
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        REFUSED(i == 4 ? TQ_NOT_FOUND : TQ_INVALID, reasons[i],
                source_open(f->app, &c, &bad[i], &id, err));
    }
    source_rq lost = good;
    lost.budget_line_id = 999999;
    REFUSED(TQ_NOT_FOUND, "not_found", source_open(f->app, &c, &lost, &id, err));
}

static void money_moves_when_another_books_it(void **state)
{
    (void)state;
    int64_t id = 0;
    const int64_t source = source_of("apply", "growth", 0);
    const call one = maker();
    const call two = checker();
    fund_rq rq = move_of("appropriate", source, 1000 * YUAN);
    fund_rq bad = rq;
    bad.kind = STR("gift");
    REFUSED(TQ_INVALID, "word", fund_propose(f->app, &one, &bad, &id, err));
    bad = rq;
    bad.amount_fen = 0;
    REFUSED(TQ_INVALID, "amount_range", fund_propose(f->app, &one, &bad, &id, err));
    bad.amount_fen = MONEY_MAX + 1;
    REFUSED(TQ_INVALID, "amount_range", fund_propose(f->app, &one, &bad, &id, err));
    bad = rq;
    bad.year = 2014;
    REFUSED(TQ_CONFLICT, "no_line", fund_propose(f->app, &one, &bad, &id, err));
    bad = rq;
    bad.budget_line_id = 1;
    REFUSED(TQ_INVALID, "line_year", fund_propose(f->app, &one, &bad, &id, err));
    REFUSED(TQ_FORBIDDEN, "no_role", fund_propose(f->app, &two, &rq, &id, err));
    id = proposed(&rq);
    assert_int_equal(row_of(source, 2013).pool, 0);
    REFUSED(TQ_FORBIDDEN, "no_role", fund_book(f->app, &one, id, err));
    NEED(fund_book(f->app, &two, id, err));
    assert_int_equal(row_of(source, 2013).pool, 1000 * YUAN);
    assert_int_equal(row_of(source, 2013).appropriated, 1000 * YUAN);
    REFUSED(TQ_CONFLICT, "state_arrow", fund_book(f->app, &two, id, err));
    id = proposed(&rq);
    NEED(fund_refuse(f->app, &two, id, err));
    REFUSED(TQ_CONFLICT, "state_arrow", fund_book(f->app, &two, id, err));
    assert_int_equal(row_of(source, 2013).pool, 1000 * YUAN);
}

/* R-DUTY-010 */
static void the_same_person_cannot_book(void **state)
{
    (void)state;
    int64_t user = 0;
    int64_t grant = 0;
    const int64_t source = source_of("apply", "growth", 0);
    const fund_rq rq = move_of("appropriate", source, 5 * YUAN);
    const int64_t id = proposed(&rq);
    /* A second account of the maker, with the checker's role. */
    const call admin = fixture_as(f, ROLE_SECADMIN, today());
    const call admin2 =
        fixture_user(f, f->second_secadmin, f->second_secadmin_person, ROLE_SECADMIN, 0, today());
    NEED(user_open(f->app, &admin, f->person[ROLE_FINANCE_MAKER], STR("maker.too"), 0, &user, err));
    const grant_rq both = {
        .user_id = user, .role = ROLE_FINANCE_CHECKER, .programme_id = f->programme_id};
    NEED(grant_propose(f->app, &admin, &both, &grant, err));
    NEED(grant_confirm(f->app, &admin2, grant, err));
    const call self =
        fixture_user(f, user, f->person[ROLE_FINANCE_MAKER], ROLE_FINANCE_CHECKER, 0, today());
    REFUSED(TQ_FORBIDDEN, "same_person", fund_book(f->app, &self, id, err));
    REFUSED(TQ_FORBIDDEN, "same_person", fund_refuse(f->app, &self, id, err));
    /* The checker lends the role to the maker: still the maker. And within a limit to somebody else. */
    const call boss = checker();
    int64_t lent = 0;
    delegation_rq d = {.to_user_id = f->user[ROLE_FINANCE_MAKER],
                       .from = today(),
                       .to = today(),
                       .limit_fen = 5 * YUAN};
    NEED(delegation_set(f->app, &boss, &d, &lent, err));
    call deputy = fixture_user(f, f->user[ROLE_FINANCE_MAKER], f->person[ROLE_FINANCE_MAKER],
                               ROLE_FINANCE_CHECKER, 0, today());
    deputy.who.for_user_id = f->user[ROLE_FINANCE_CHECKER];
    REFUSED(TQ_FORBIDDEN, "same_person", fund_book(f->app, &deputy, id, err));
    d.to_user_id = f->user[ROLE_OFFICE];
    NEED(delegation_set(f->app, &boss, &d, &lent, err));
    deputy.who.user_id = f->user[ROLE_OFFICE];
    deputy.who.person_id = f->person[ROLE_OFFICE];
    const fund_rq more = move_of("appropriate", source, 5 * YUAN + 1);
    const int64_t big = proposed(&more);
    REFUSED(TQ_REFUSED, "over_delegation", fund_book(f->app, &deputy, big, err));
    NEED(fund_book(f->app, &deputy, id, err));
    assert_int_equal(row_of(source, 2013).pool, 5 * YUAN);
}

/* --- bounds ------------------------------------------------------------------------------------- */

static void a_tenth_is_extracted_and_half_is_matched(void **state)
{
    (void)state;
    int64_t id = 0;
    const call one = maker();
    const call two = checker();
    const int64_t stock = source_of("award", "stock", 1999 * YUAN + 99);
    const int64_t growth = source_of("award", "growth", 0);
    fund_rq rq = move_of("match", growth, 0);
    REFUSED(TQ_REFUSED, "match_limit", fund_propose(f->app, &one, &rq, &id, err));
    rq = move_of("extract", growth, 0);
    REFUSED(TQ_INVALID, "source_class", fund_propose(f->app, &one, &rq, &id, err));
    const int64_t tenth = (1999 * YUAN + 99) / 10;
    rq = move_of("extract", stock, tenth + 1);
    REFUSED(TQ_REFUSED, "extract_limit", fund_propose(f->app, &one, &rq, &id, err));
    (void)booked("extract", stock, tenth - 3);
    /* Two proposals of the same rest: the second cannot be booked. */
    rq = move_of("extract", stock, 0);
    const int64_t first = proposed(&rq);
    const int64_t again = proposed(&rq);
    NEED(fund_book(f->app, &two, first, err));
    REFUSED(TQ_REFUSED, "extract_limit", fund_book(f->app, &two, again, err));
    assert_int_equal(row_of(stock, 2013).pool, tenth);
    rq = move_of("match", stock, 0);
    REFUSED(TQ_INVALID, "source_class", fund_propose(f->app, &one, &rq, &id, err));
    rq = move_of("match", growth, tenth / 2 + 1);
    REFUSED(TQ_REFUSED, "match_limit", fund_propose(f->app, &one, &rq, &id, err));
    (void)booked("match", growth, 0);
    assert_int_equal(row_of(growth, 2013).pool, tenth / 2);
    assert_string_equal(row_of(growth, 2013).stock_class, "growth");
    assert_string_equal(row_of(stock, 2013).stock_class, "stock");
}

/* All of a kind's free money and room for over-commitment, as issue sees it. */
static void room(const char *kind, int64_t *pool, int64_t *over)
{
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    const call c = fixture_as(f, ROLE_OFFICE, FIXTURE_DAY);
    const policy *p = NULL;
    fund_room r;
    NEED(app_policy_by_id(f->app, tx, f->policy_id, &p, err));
    NEED(fund_room_read(tx, &c, p, fixture_kind(f, kind), kind, &r, err));
    *pool = r.pool;
    *over = r.extra;
}

static void over_commitment_is_bounded_and_covered(void **state)
{
    (void)state;
    int64_t id = 0;
    int64_t pool = 0;
    int64_t over = 0;
    int64_t pool_after = 0;
    int64_t rest = 0;
    const call one = maker();
    const call two = checker();
    const int64_t source = source_of("apply", "growth", 0);
    (void)booked("appropriate", source, 10000 * YUAN);
    room("apply", &pool, &over);
    assert_true(over >= 500 * YUAN); /* 5 % of what the kind was given */
    fund_rq rq = move_of("over_commit", source, over + 1);
    REFUSED(TQ_REFUSED, "overcommit_limit", fund_propose(f->app, &one, &rq, &id, err));
    (void)booked("over_commit", source, over);
    room("apply", &pool_after, &rest);
    assert_int_equal(pool_after, pool + over);
    assert_int_equal(rest, 0);
    rq = move_of("over_commit", source, 1);
    REFUSED(TQ_REFUSED, "overcommit_limit", fund_propose(f->app, &one, &rq, &id, err));
    rq = move_of("surrender", source, 1);
    REFUSED(TQ_CONFLICT, "overcommit_open", fund_propose(f->app, &one, &rq, &id, err));
    assert_int_equal(row_of(source, 2013).overcommitted, over);
    rq = move_of("cover", source, over + 1);
    REFUSED(TQ_REFUSED, "cover_limit", fund_propose(f->app, &one, &rq, &id, err));
    (void)booked("cover", source, 0);
    assert_int_equal(row_of(source, 2013).overcommitted, 0);
    assert_int_equal(row_of(source, 2013).appropriated, 10000 * YUAN + over);
    rq = move_of("surrender", source, 10000 * YUAN + over + 1);
    id = proposed(&rq);
    REFUSED(TQ_CONFLICT, "insufficient", fund_book(f->app, &two, id, err));
    (void)booked("surrender", source, over);
    assert_int_equal(row_of(source, 2013).pool, 10000 * YUAN);
}

/* --- many at once ------------------------------------------------------------------------------- */

typedef struct booking {
    int64_t move_id;
    atomic_int *won;
    atomic_int *refused;
    const char *reason;
} booking;

static void *book_it(void *arg)
{
    const booking *b = arg;
    arena *a = arena_new("thread", 4 * 1024 * 1024);
    tq_err err = {0};
    tq_code code = TQ_BUSY;
    while (code == TQ_BUSY) {
        arena_reset(a);
        err = (tq_err){0};
        const call c = fixture_as_in(f, ROLE_FINANCE_CHECKER, today(), a);
        code = fund_book(f->app, &c, b->move_id, &err);
    }
    if (code == TQ_OK) {
        atomic_fetch_add(b->won, 1);
    } else if (strcmp(err.reason, b->reason) == 0) {
        atomic_fetch_add(b->refused, 1);
    } else {
        print_error("%s/%s: %s\n", tq_code_name(code), err.reason, err.detail);
    }
    arena_free(a);
    return NULL;
}

/* All moves are booked at once; how many succeed. Each other must be refused for this reason. */
static int book_all(const int64_t *moves, int n, const char *reason)
{
    atomic_int won = 0;
    atomic_int refused = 0;
    pthread_t threads[64];
    booking bookings[64];
    assert_true(n <= 64);
    for (int i = 0; i < n; i++) {
        bookings[i] = (booking){moves[i], &won, &refused, reason};
        assert_int_equal(pthread_create(&threads[i], NULL, book_it, &bookings[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(won + refused, n);
    return won;
}

static void nothing_is_overdrawn_by_many(void **state)
{
    (void)state;
    const int n = getenv("TQ_FULL") == NULL ? 8 : 64;
    int64_t moves[64];
    int64_t pool = 0;
    int64_t over = 0;
    const int64_t source = source_of("apply", "growth", 0);
    (void)booked("appropriate", source, 1000 * YUAN);
    const fund_rq surrender = move_of("surrender", source, 300 * YUAN);
    for (int i = 0; i < n; i++) {
        moves[i] = proposed(&surrender);
    }
    assert_int_equal(book_all(moves, n, "insufficient"), 3);
    assert_int_equal(row_of(source, 2013).pool, 100 * YUAN);
    room("apply", &pool, &over);
    const int64_t third = over / 3;
    const fund_rq more = move_of("over_commit", source, third);
    for (int i = 0; i < n; i++) {
        moves[i] = proposed(&more);
    }
    assert_int_equal(book_all(moves, n, "overcommit_limit"), 3);
    assert_int_equal(row_of(source, 2013).overcommitted, third * 3);
    (void)booked("cover", source, 0);
    /* The same move by many is booked once. */
    const fund_rq single = move_of("appropriate", source, 7);
    const int64_t id = proposed(&single);
    for (int i = 0; i < n; i++) {
        moves[i] = id;
    }
    const int64_t before = row_of(source, 2013).pool;
    assert_int_equal(book_all(moves, n, "state_arrow"), 1);
    assert_int_equal(row_of(source, 2013).pool, before + 7);
}

/* --- the end of a year --------------------------------------------------------------------------- */

/* Money of the source into vouchers, holds and claims, as issue, order and approval book it. */
static void spread(int64_t source, int vouchers, int64_t each)
{
    const ledger_cell pool = {.account = ACC_POOL,
                              .source_id = source,
                              .year = 2013,
                              .kind_id = fixture_kind(f, "apply")};
    for (int done = 0; done < vouchers;) {
        TX_AUTO store_tx *tx = NULL;
        const call c = checker();
        NEED(work_begin(f->app, &c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
        event e = work_event(&c, EV_OPENING_IMPORT);
        for (int i = 0; i < 400 && done < vouchers; i++, done++) {
            ledger_cell with = {.voucher_id = 100000 + done, .order_id = 7, .claim_id = 9};
            const ledger_cell voucher = ledger_to(&pool, ACC_VOUCHER, &with);
            const ledger_cell hold = ledger_to(&pool, ACC_HOLD, &with);
            const ledger_cell payable = ledger_to(&pool, ACC_PAYABLE, &with);
            event_move(&e, &pool, &voucher, each);
            event_move(&e, &voucher, &hold, each - 1);
            event_move(&e, &hold, &payable, each - 3);
        }
        NEED(event_append(tx, &e, NULL, err));
        NEED(store_commit(&tx, err));
    }
}

static int64_t carried(const char *what, int64_t source, int64_t line, int64_t amount)
{
    const call two = fixture_as(f, ROLE_FINANCE_CHECKER, fixture_day(2014, 1, 8));
    fund_rq rq = move_of(what, source, amount);
    rq.budget_line_id = line;
    const int64_t id = proposed(&rq);
    NEED(fund_book(f->app, &two, id, err));
    return id;
}

static void give_back_the_rest(void)
{
    TX_AUTO store_tx *tx = NULL;
    fund_row rows[64];
    size_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(fund_position(tx, f->programme_id, 2013, rows, TQ_COUNT(rows), &n, err));
    store_rollback(&tx);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].overcommitted > 0) {
            (void)booked("cover", rows[i].source_id, 0);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (rows[i].pool > 0) {
            (void)booked("surrender", rows[i].source_id, rows[i].pool);
        }
    }
}

static void a_year_ends(void **state)
{
    (void)state;
    int64_t id = 0;
    int64_t line = 0;
    const int vouchers = 1203; /* several slices of one carry-over */
    const int64_t source = source_of("apply", "growth", 0);
    const int64_t next = line_in(2014);
    (void)booked("appropriate", source, 20000);
    const day until = fixture_day(2013, 12, 31);
    const call two = fixture_as(f, ROLE_FINANCE_CHECKER, fixture_day(2014, 1, 8));
    const call one = fixture_as(f, ROLE_FINANCE_MAKER, fixture_day(2014, 1, 8));
    spread(source, vouchers, 10);
    const call early = fixture_as(f, ROLE_FINANCE_CHECKER, until);
    REFUSED(TQ_INVALID, "close_day", year_close(f->app, &early, until, err));
    REFUSED(TQ_FORBIDDEN, "no_role", year_close(f->app, &one, until, err));
    REFUSED(TQ_CONFLICT, "year_open", year_close(f->app, &two, until, err));

    fund_rq rq = move_of("carry_payable", source, 0);
    REFUSED(TQ_INVALID, "line_year", fund_propose(f->app, &one, &rq, &id, err));
    rq.budget_line_id = line_in(2013);
    REFUSED(TQ_INVALID, "line_year", fund_propose(f->app, &one, &rq, &id, err));
    rq.budget_line_id = next;
    rq.amount_fen = 5;
    REFUSED(TQ_INVALID, "carry_all", fund_propose(f->app, &one, &rq, &id, err));
    (void)carried("carry_payable", source, next, 0);
    REFUSED(TQ_CONFLICT, "year_open",
            year_close(f->app, &two, until, err)); /* free money is left */
    rq = move_of("carry_payable", source, 0);
    rq.budget_line_id = next;
    id = proposed(&rq);
    REFUSED(TQ_CONFLICT, "nothing_there", fund_book(f->app, &two, id, err));
    (void)carried("carry_hold", source, next, 0);
    rq = move_of("carry_pool", source, 20000);
    rq.budget_line_id = next;
    REFUSED(TQ_REFUSED, "pool_limit", fund_propose(f->app, &one, &rq, &id, err));
    (void)carried("carry_pool", source, next, 1000);

    const fund_row old = row_of(source, 2013);
    const fund_row new = row_of(source, 2014);
    assert_int_equal(old.payable, 0);
    assert_int_equal(old.held, 0);
    assert_int_equal(old.voucher, vouchers); /* not carried: finance did not say so */
    assert_int_equal(old.pool, 20000 - 10 * vouchers - 1000);
    assert_int_equal(new.payable, 7 * vouchers);
    assert_int_equal(new.held, 2 * vouchers);
    assert_int_equal(new.pool, 1000);
    assert_int_equal(new.carried, 9 * vouchers + 1000);
    assert_int_equal(old.carried, -new.carried);
    assert_int_equal(new.appropriated, 0);
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(fund_line_of(tx, source, 2014, &line, err));
        assert_int_equal(line, next);
        NEED(fund_line_of(tx, source, 2013, &line, err));
        assert_int_not_equal(line, next);
        tq_err e = {0};
        assert_int_equal(fund_line_of(tx, source, 2015, &line, &e), TQ_CONFLICT);
    }
    give_back_the_rest();
    NEED(year_close(f->app, &two, until, err));
    REFUSED(TQ_INVALID, "close_day", year_close(f->app, &two, until, err));
    rq = move_of("appropriate", source, 5);
    REFUSED(TQ_CONFLICT, "closed_year", fund_propose(f->app, &one, &rq, &id, err));
    rq.year = 2014;
    const call back = maker(); /* dated in October 2013 */
    /* R-LEDGER-010 */
    REFUSED(TQ_CONFLICT, "period_closed", fund_propose(f->app, &back, &rq, &id, err));
    {
        /* Nor does a use case that forgets to ask get money into it. */
        TX_AUTO store_tx *tx = NULL;
        tq_err e = {0};
        const ledger_cell pool = {.account = ACC_POOL,
                                  .source_id = source,
                                  .year = 2014,
                                  .kind_id = fixture_kind(f, "apply")};
        const ledger_cell fund = ledger_to(&pool, ACC_FUND, NULL);
        NEED(work_begin(f->app, &back, ROLES(ROLE_FINANCE_MAKER), &tx, err));
        event late = work_event(&back, EV_FUND_BOOK);
        event_move(&late, &pool, &fund, 1);
        assert_int_equal(event_append(tx, &late, NULL, &e), TQ_CONFLICT);
        assert_string_equal(e.reason, "period_closed");
    }
    NEED(fund_propose(f->app, &one, &rq, &id, err));
    NEED(fund_book(f->app, &two, id, err));
    assert_int_equal(row_of(source, 2014).pool, 1005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_sources_are_whole),
        cmocka_unit_test(money_moves_when_another_books_it),
        cmocka_unit_test(the_same_person_cannot_book),
        cmocka_unit_test(a_tenth_is_extracted_and_half_is_matched),
        cmocka_unit_test(over_commitment_is_bounded_and_covered),
        cmocka_unit_test(nothing_is_overdrawn_by_many),
        cmocka_unit_test(a_year_ends),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
