/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LEDGER_H
#define TQ_LEDGER_H

/* The ledger's words (architecture §8). A leg moves `amount` into (+) or out of (-) a cell: an account
 * with its dimensions. The legs of one entry sum to zero. Cells never go below zero, except `fund`
 * (the outside) and `overcommit` (bounded by policy). Per voucher, kind, source and programme:
 * issued = voucher + hold + payable + transit + paid + owed + recovered + written_off + returned. */

#include "base/money.h"
#include "base/str.h"

/*      account      dimensions kept beside source, year, kind */
#define LEDGER_ACCOUNT_MAP(X)                                                                      \
    X(FUND, fund, 0)                                                                               \
    X(POOL, pool, 0)                                                                               \
    X(OVERCOMMIT, overcommit, 0)                                                                   \
    X(VOUCHER, voucher, DIM_VOUCHER)                                                               \
    X(HOLD, hold, DIM_VOUCHER | DIM_ORDER)                                                         \
    X(PAYABLE, payable, DIM_VOUCHER | DIM_ORDER | DIM_CLAIM)                                       \
    X(TRANSIT, transit, DIM_ALL)                                                                   \
    X(PAID, paid, DIM_ALL)                                                                         \
    X(OWED, owed, DIM_ALL)                                                                         \
    X(RECOVERED, recovered, DIM_ALL)                                                               \
    X(WRITTEN_OFF, written_off, DIM_ALL)                                                           \
    X(LAPSED, lapsed, 0)

enum { DIM_VOUCHER = 1, DIM_ORDER = 2, DIM_CLAIM = 4, DIM_LINE = 8, DIM_ALL = 15 };

typedef enum ledger_account {
#define X(upper, lower, dims) ACC_##upper,
    LEDGER_ACCOUNT_MAP(X)
#undef X
        ACC_COUNT
} ledger_account;

#define LEDGER_ENTRY_LEGS_MAX 64

/* Dimensions that a cell's account does not keep are 0. */
typedef struct ledger_cell {
    ledger_account account;
    int64_t source_id;
    int64_t year; /* fiscal year of the appropriation */
    int64_t kind_id;
    int64_t voucher_id;
    int64_t order_id;
    int64_t claim_id;
    int64_t line_id;
} ledger_cell;

typedef struct ledger_leg {
    int entry; /* from 1 within the event */
    ledger_cell cell;
    int64_t amount; /* minor units, never 0 */
} ledger_leg;

const char *ledger_account_name(ledger_account a);
/* False where `name` is no account. */
bool ledger_account_of(str name, ledger_account *out);
/* The same money in another account: dimensions beyond that account's are dropped; those it needs and
 * `from` lacks are taken from `with`. */
ledger_cell ledger_to(const ledger_cell *from, ledger_account account, const ledger_cell *with);
bool ledger_cell_sane(const ledger_cell
                          *c); /* no dimension beyond the account's; source and kind given */
bool ledger_may_be_negative(ledger_account a);

#endif
