/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FUND_INNER_H
#define TQ_FUND_INNER_H

/* What proposing, booking and closing share: kinds of movement and how much may still be moved. */

#include "app/fund.h"

#define FUND_MOVE_MAP(X)                                                                           \
    X(APPROPRIATE, appropriate)                                                                    \
    X(EXTRACT, extract)                                                                            \
    X(MATCH, match)                                                                                \
    X(SURRENDER, surrender)                                                                        \
    X(OVER_COMMIT, over_commit)                                                                    \
    X(COVER, cover)                                                                                \
    X(CARRY_POOL, carry_pool)                                                                      \
    X(CARRY_VOUCHER, carry_voucher)                                                                \
    X(CARRY_HOLD, carry_hold)                                                                      \
    X(CARRY_PAYABLE, carry_payable)

typedef enum fund_kind {
#define X(upper, lower) FUND_##upper,
    FUND_MOVE_MAP(X)
#undef X
        FUND_KINDS
} fund_kind;

bool fund_kind_of(str name, fund_kind *out);
const char *fund_kind_name(fund_kind k);
static inline bool fund_is_carry(fund_kind k)
{
    return k >= FUND_CARRY_POOL && k <= FUND_CARRY_PAYABLE;
}

/* The movement, its source and voucher kind, read under the lock of the programme. */
typedef struct fund_facts {
    fund_kind kind;
    int64_t source_id;
    int64_t kind_id;
    int64_t year;
    str kind_code;
    const event_value *source; /* row of fund_source */
} fund_facts;

/* Locks the programme, in which all bounds are computed. `row` has room for AUDITED_COLS_MAX. */
TQ_MUST_CHECK tq_code fund_lock(store_tx *tx, const call *c, event_value *row, tq_err *err);
/* CONFLICT/closed_year where the fiscal year ended in a closed period. */
TQ_MUST_CHECK tq_code fund_year_open(store_tx *tx, int64_t programme_id, int64_t year, tq_err *err);
/* The most that this movement may have now; MONEY_MAX where only the accounts themselves bound it. */
TQ_MUST_CHECK tq_code fund_limit(app *a, store_tx *tx, int64_t programme_id, const fund_facts *f,
                                 int64_t *limit, tq_err *err);
/* The amount to book: `asked`, or all that may be where it is 0; refused beyond the limit. */
TQ_MUST_CHECK tq_code fund_amount(app *a, store_tx *tx, int64_t programme_id, const fund_facts *f,
                                  int64_t asked, int64_t *amount, tq_err *err);
TQ_MUST_CHECK tq_code fund_overcommit_left(app *a, store_tx *tx, int64_t programme_id,
                                           int64_t kind_id, str kind_code, int64_t year,
                                           int64_t *left, tq_err *err);
/* Fills the facts of a source; the row lives in the call's arena. */
TQ_MUST_CHECK tq_code fund_facts_read(store_tx *tx, const call *c, fund_kind kind,
                                      int64_t source_id, int64_t year, fund_facts *out,
                                      tq_err *err);

#endif
