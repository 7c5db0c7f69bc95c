/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FUND_H
#define TQ_FUND_H

/* Money of the programme before it is in vouchers: budget lines, sources, movements of the fund, the
 * end of a fiscal year. A source has one voucher kind, one class (stock: taken from an existing fund,
 * growth: new money) and the budget line of its first year. A movement is proposed by one person of
 * finance and booked by another; only booking moves money. */

#include "app/app.h"

typedef struct budget_line_rq {
    int64_t year; /* fiscal */
    str doc_no;   /* 指标文号 */
    str project_code;
    str function_code;  /* 功能分类科目 */
    str gov_econ_code;  /* 政府经济分类 */
    str dept_econ_code; /* 部门经济分类 */
    str nature;         /* 资金性质 */
    str pay_mode;       /* 支付方式 */
} budget_line_rq;
/* finance_maker. */
TQ_MUST_CHECK tq_code budget_line_open(app *a, const call *c, const budget_line_rq *rq,
                                       int64_t *line_id, tq_err *err);

typedef struct source_rq {
    str kind_code; /* voucher kind */
    int64_t budget_line_id;
    str code; /* short, for exports */
    str name;
    str stock_class;  /* "stock" 存量 or "growth" 增量 */
    str origin;       /* whose money: county_budget, industrial_fund, science_fund … */
    int64_t base_fen; /* stock: size of the fund that is extracted from; else 0 */
    str replaces;     /* older subsidy or award that it stands for; may be empty */
} source_rq;
/* finance_maker. */
TQ_MUST_CHECK tq_code source_open(app *a, const call *c, const source_rq *rq, int64_t *source_id,
                                  tq_err *err);

/* Movements, by kind:
 *   appropriate    fund -> pool
 *   extract        fund -> pool, stock source: altogether at most the policy's share of base_fen
 *   match          fund -> pool, growth source: at most the policy's share of what was extracted for
 *                  the voucher kind in the year
 *   surrender      pool -> fund
 *   over_commit    overcommit -> pool, at most the policy's share of the year's appropriations
 *   cover          fund -> overcommit, at most what is open
 *   carry_pool     pool of `year` -> pool of the next, on budget line budget_line_id
 *   carry_voucher, carry_hold, carry_payable: likewise all that lies there
 * amount_fen 0: all that may be (extract, match, cover, carry_*); carry_voucher, carry_hold and
 * carry_payable take no amount, for no holder's money may be carried in part. */
typedef struct fund_rq {
    str kind;
    int64_t source_id;
    int64_t year;           /* fiscal year of the appropriation */
    int64_t budget_line_id; /* carry_*: a line of the next year; else 0 */
    int64_t amount_fen;
    str doc_no;
} fund_rq;
/* finance_maker. REFUSED/extract_limit, /match_limit, /overcommit_limit; CONFLICT/closed_year. */
TQ_MUST_CHECK tq_code fund_propose(app *a, const call *c, const fund_rq *rq, int64_t *move_id,
                                   tq_err *err);
/* finance_checker, another person. Limits are computed again, under the lock of the programme.
 * CONFLICT/insufficient where the pool holds less. */
TQ_MUST_CHECK tq_code fund_book(app *a, const call *c, int64_t move_id, tq_err *err);
TQ_MUST_CHECK tq_code fund_refuse(app *a, const call *c, int64_t move_id, tq_err *err);

/* finance_checker: no event that moves money may be dated on or before `until` afterwards, and the
 * fiscal years that end by then take no movement. CONFLICT/year_open names the account in which money
 * of those years still lies: payable, transit, pool or overcommit. */
TQ_MUST_CHECK tq_code year_close(app *a, const call *c, day until, tq_err *err);

/* The budget line on which money of (source, year) is paid: its own, or that of the carry-over. */
TQ_MUST_CHECK tq_code fund_line_of(store_tx *tx, int64_t source_id, int64_t year, int64_t *line_id,
                                   tq_err *err);

/* Where the money lies, by year and source; year 0 = all years. LIMIT above `max` rows. */
typedef struct fund_row {
    int64_t source_id;
    int64_t year;
    int64_t kind_id;
    char code[32];
    char stock_class[8];
    int64_t appropriated; /* taken from the fund, less what was given back */
    int64_t carried;      /* came from the year before, less what went to the next */
    int64_t overcommitted;
    int64_t pool; /* left */
    int64_t voucher;
    int64_t held;
    int64_t payable;
    int64_t transit;
    int64_t paid;
    int64_t owed;
    int64_t recovered;
    int64_t written_off;
    int64_t lapsed;
} fund_row;
TQ_MUST_CHECK tq_code fund_position(store_tx *tx, int64_t programme_id, int64_t year, fund_row *out,
                                    size_t max, size_t *n, tq_err *err);

#endif
