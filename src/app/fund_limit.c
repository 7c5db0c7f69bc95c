/* SPDX-License-Identifier: Apache-2.0 */
#include "app/fund_inner.h"

#include "app/app_inner.h"
#include "app/row_change.h"

#define FUND_CELLS_MAX 256 /* sources of one voucher kind and year */

static const char *const names[FUND_KINDS] = {
#define X(upper, lower) [FUND_##upper] = #lower,
    FUND_MOVE_MAP(X)
#undef X
};

bool fund_kind_of(str name, fund_kind *out)
{
    for (int k = 0; k < FUND_KINDS; k++) {
        if (str_eq(name, str_of(names[k]))) {
            *out = (fund_kind)k;
            return true;
        }
    }
    return false;
}

const char *fund_kind_name(fund_kind k)
{
    TQ_ASSERT((unsigned)k < FUND_KINDS);
    return names[k];
}

tq_code fund_lock(store_tx *tx, const call *c, event_value *row, tq_err *err)
{
    TQ_ASSERT(store_tx_mode(tx) == STORE_WRITE);
    TQ_TRY(programme_need(c, err));
    return row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, row, err);
}

tq_code fund_facts_read(store_tx *tx, const call *c, fund_kind kind, int64_t source_id,
                        int64_t year, fund_facts *out, tq_err *err)
{
    event_value *source = ARENA_NEW(c->a, event_value, AUDITED_COLS_MAX);
    event_value voucher_kind[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_FUND_SOURCE, source_id, c->a, source, err));
    if (row_num(source, C_FUND_SOURCE_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "fund_source", "there is no such record");
    }
    const int64_t kind_id = row_num(source, C_FUND_SOURCE_KIND_ID);
    TQ_TRY(row_load(tx, T_VOUCHER_KIND, kind_id, c->a, voucher_kind, err));
    *out = (fund_facts){.kind = kind,
                        .source_id = source_id,
                        .kind_id = kind_id,
                        .year = year,
                        .kind_code = row_str(voucher_kind, C_VOUCHER_KIND_CODE),
                        .source = source};
    return TQ_OK;
}

/* Sum of booked movements of a kind for the voucher kind and year; source 0 = all. */
static tq_code moved(store_tx *tx, int64_t programme_id, fund_kind kind, int64_t kind_id,
                     int64_t year, int64_t source_id, int64_t *out, tq_err *err)
{
    return store_int(tx, STMT_FUND_MOVED,
                     ARGS(arg_int(programme_id), arg_str(str_of(names[kind])), arg_int(year),
                          arg_int(kind_id), arg_int(source_id)),
                     0, out, err);
}

/* floor(whole * share) - used, never below 0. */
static int64_t share_left(int64_t whole, bps share, int64_t used)
{
    TQ_ASSERT(whole >= 0);
    TQ_ASSERT(used >= 0);
    const int64_t most = money_share_floor((money){whole}, share).minor;
    return most > used ? most - used : 0;
}

static tq_code policy_shares(app *a, store_tx *tx, int64_t programme_id, str kind_code,
                             policy_fund *out, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    BUF_AUTO buf code = buf_max(128);
    buf_str_add(&code, kind_code);
    TQ_ASSERT(buf_ok(&code));
    TQ_TRY(app_policy(a, tx, programme_id, &policy_id, &p, err));
    return policy_fund_get(p, buf_view(&code).data, out, err);
}

static tq_code extract_left(app *a, store_tx *tx, int64_t programme_id, const fund_facts *f,
                            int64_t *left, tq_err *err)
{
    policy_fund share;
    int64_t done = 0;
    if (!row_is(f->source, C_FUND_SOURCE_CLASS, "stock")) {
        return tq_fail(err, TQ_INVALID, "source_class", "fund.source",
                       "only a stock source is extracted from an existing fund");
    }
    TQ_TRY(policy_shares(a, tx, programme_id, f->kind_code, &share, err));
    TQ_TRY(moved(tx, programme_id, FUND_EXTRACT, f->kind_id, f->year, f->source_id, &done, err));
    *left = share_left(row_num(f->source, C_FUND_SOURCE_BASE_FEN), share.extract, done);
    return TQ_OK;
}

static tq_code match_left(app *a, store_tx *tx, int64_t programme_id, const fund_facts *f,
                          int64_t *left, tq_err *err)
{
    policy_fund share;
    int64_t extracted = 0;
    int64_t done = 0;
    if (!row_is(f->source, C_FUND_SOURCE_CLASS, "growth")) {
        return tq_fail(err, TQ_INVALID, "source_class", "fund.source",
                       "only a growth source matches what was extracted");
    }
    TQ_TRY(policy_shares(a, tx, programme_id, f->kind_code, &share, err));
    TQ_TRY(moved(tx, programme_id, FUND_EXTRACT, f->kind_id, f->year, 0, &extracted, err));
    TQ_TRY(moved(tx, programme_id, FUND_MATCH, f->kind_id, f->year, 0, &done, err));
    *left = share_left(extracted, share.match, done);
    return TQ_OK;
}

/* What is over-committed and not yet covered; source 0 = all of the voucher kind. */
static tq_code overcommit_open(store_tx *tx, int64_t programme_id, int64_t kind_id, int64_t year,
                               int64_t source_id, int64_t *open, tq_err *err)
{
    const ledger_cell like = {
        .account = ACC_OVERCOMMIT, .source_id = source_id, .year = year, .kind_id = kind_id};
    int64_t balance = 0;
    TQ_TRY(ledger_sum(tx, programme_id, &like, &balance, err));
    TQ_ASSERT(balance <= 0);
    *open = -balance;
    return TQ_OK;
}

/* What the year was given: the outside's own cells, locked so that issue, which draws beyond the pool
 * under the same lock, and this see one another. */
static tq_code given_locked(store_tx *tx, int64_t programme_id, int64_t kind_id, int64_t year,
                            int64_t *given, tq_err *err)
{
    const ledger_cell like = {.account = ACC_FUND, .year = year, .kind_id = kind_id};
    ledger_amount cells[FUND_CELLS_MAX];
    int n = 0;
    int64_t sum = 0;
    TQ_TRY(ledger_cells(tx, programme_id, &like, cells, FUND_CELLS_MAX, &n, err));
    for (int i = 0; i < n; i++) {
        sum -= cells[i].amount;
    }
    *given = sum > 0 ? sum : 0;
    return TQ_OK;
}

tq_code fund_overcommit_left(app *a, store_tx *tx, int64_t programme_id, int64_t kind_id,
                             str kind_code, int64_t year, int64_t *left, tq_err *err)
{
    policy_fund share;
    int64_t given = 0;
    int64_t open = 0;
    TQ_TRY(policy_shares(a, tx, programme_id, kind_code, &share, err));
    TQ_TRY(given_locked(tx, programme_id, kind_id, year, &given, err));
    TQ_TRY(overcommit_open(tx, programme_id, kind_id, year, 0, &open, err));
    *left = share_left(given, share.overcommit, open);
    return TQ_OK;
}

/* Money that the year's over-commitment stands on cannot be given back. */
static tq_code surrender_left(store_tx *tx, int64_t programme_id, const fund_facts *f,
                              int64_t *left, tq_err *err)
{
    int64_t given = 0;
    int64_t open = 0;
    TQ_TRY(given_locked(tx, programme_id, f->kind_id, f->year, &given, err));
    TQ_TRY(overcommit_open(tx, programme_id, f->kind_id, f->year, 0, &open, err));
    if (open > 0) {
        return tq_fail(err, TQ_CONFLICT, "overcommit_open", "fund",
                       "cover the year's over-commitment before money is given back");
    }
    *left = MONEY_MAX;
    return TQ_OK;
}

static tq_code pool_cell_left(store_tx *tx, int64_t programme_id, const fund_facts *f,
                              int64_t *left, tq_err *err)
{
    const ledger_cell like = {
        .account = ACC_POOL, .source_id = f->source_id, .year = f->year, .kind_id = f->kind_id};
    return ledger_sum(tx, programme_id, &like, left, err);
}

tq_code fund_limit(app *a, store_tx *tx, int64_t programme_id, const fund_facts *f, int64_t *limit,
                   tq_err *err)
{
    switch (f->kind) {
    case FUND_EXTRACT:
        return extract_left(a, tx, programme_id, f, limit, err);
    case FUND_MATCH:
        return match_left(a, tx, programme_id, f, limit, err);
    case FUND_OVER_COMMIT:
        return fund_overcommit_left(a, tx, programme_id, f->kind_id, f->kind_code, f->year, limit,
                                    err);
    case FUND_COVER:
        return overcommit_open(tx, programme_id, f->kind_id, f->year, f->source_id, limit, err);
    case FUND_SURRENDER:
        return surrender_left(tx, programme_id, f, limit, err);
    case FUND_CARRY_POOL:
        return pool_cell_left(tx, programme_id, f, limit, err);
    case FUND_APPROPRIATE:
    case FUND_CARRY_VOUCHER:
    case FUND_CARRY_HOLD:
    case FUND_CARRY_PAYABLE:
    case FUND_KINDS:
        break;
    }
    *limit = MONEY_MAX;
    return TQ_OK;
}

static tq_code over_limit(const fund_facts *f, int64_t limit, tq_err *err)
{
    static const char *const reasons[FUND_KINDS] = {[FUND_EXTRACT] = "extract_limit",
                                                    [FUND_MATCH] = "match_limit",
                                                    [FUND_OVER_COMMIT] = "overcommit_limit",
                                                    [FUND_COVER] = "cover_limit",
                                                    [FUND_CARRY_POOL] = "pool_limit"};
    TQ_ASSERT(reasons[f->kind] != NULL);
    return tq_fail(err, TQ_REFUSED, reasons[f->kind], "fund.amount", "at most %lld may be moved",
                   (long long)limit);
}

tq_code fund_amount(app *a, store_tx *tx, int64_t programme_id, const fund_facts *f, int64_t asked,
                    int64_t *amount, tq_err *err)
{
    int64_t limit = 0;
    TQ_ASSERT(asked >= 0);
    TQ_TRY(fund_limit(a, tx, programme_id, f, &limit, err));
    if (asked > limit || limit == 0) {
        return over_limit(f, limit, err);
    }
    *amount = asked == 0 && limit != MONEY_MAX ? limit : asked;
    return TQ_OK;
}

/* The last fiscal year that has ended on that day; years are named by the day they begin in. */
static tq_code year_ended(store_tx *tx, int64_t programme_id, day d, int64_t *year, tq_err *err)
{
    int64_t next = 0;
    TQ_TRY(fiscal_year(tx, programme_id, day_add(d, 1), &next, err));
    *year = next - 1;
    return TQ_OK;
}

tq_code fund_year_open(store_tx *tx, int64_t programme_id, int64_t year, tq_err *err)
{
    programme_brief b;
    int64_t ended = 0;
    TQ_TRY(programme_read(tx, programme_id, &b, err));
    if (b.closed_until.n == 0) {
        return TQ_OK;
    }
    TQ_TRY(year_ended(tx, programme_id, b.closed_until, &ended, err));
    if (year <= ended) {
        return tq_fail(err, TQ_CONFLICT, "closed_year", "fund.year", "fiscal year %lld is closed",
                       (long long)year);
    }
    return TQ_OK;
}

tq_code year_close(app *a, const call *c, day until, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    event_value programme[AUDITED_COLS_MAX];
    TQ_TRY(fund_lock(tx, c, programme, err));
    if (until.n >= c->today.n || until.n <= row_num(programme, C_PROGRAMME_CLOSED_UNTIL_DAY)) {
        return tq_fail(err, TQ_INVALID, "close_day", "until",
                       "give a day before today and after the last one closed");
    }
    int64_t ended = 0;
    TQ_TRY(year_ended(tx, c->who.programme_id, until, &ended, err));
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_FUND_YEAR_LEFT,
                           ARGS(arg_int(c->who.programme_id), arg_int(ended)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (more) {
            BUF_AUTO buf account = buf_max(64);
            buf_str_add(&account, row_text(&r));
            return tq_fail(
                err, TQ_CONFLICT, "year_open", buf_view(&account).data,
                "money of the year lies there: carry it over, give it back or settle it");
        }
    }
    event e = work_event(c, EV_YEAR_CLOSE);
    event_change(&e, T_PROGRAMME, c->who.programme_id);
    event_int(&e, C_PROGRAMME_CLOSED_UNTIL_DAY, until.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
