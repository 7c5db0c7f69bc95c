/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_MONEY_H
#define TQ_MONEY_H

/* Integer money. `minor` counts the currency's smallest unit (fen for CNY); a struct, so that it is
 * never added to a count. No floating point comes near it, every rounding has a name, and splits add
 * up to what was split. Amounts of any one value stay within +-MONEY_MAX so that sums of a whole
 * county's history cannot overflow. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

typedef struct money {
    int64_t minor;
} money;

/* A rate in basis points, 10000 = 100 %. */
typedef struct bps {
    int32_t n;
} bps;

#define MONEY_MAX INT64_C(1000000000000000) /* 10 trillion yuan in fen */
#define MONEY_DIGITS_MAX 4                  /* minor digits of any currency in ISO 4217 */

typedef struct currency {
    char code[4];     /* ISO 4217, upper case */
    int minor_digits; /* 2 for CNY, 0 for JPY, 3 for KWD */
} currency;

/* NOT_FOUND if the code is none that the program knows (table from ISO 4217). */
TQ_MUST_CHECK tq_code currency_of(str code, currency *out, tq_err *err);

/* INVALID/amount_range beyond +-MONEY_MAX. */
TQ_MUST_CHECK tq_code money_add(money a, money b, money *out, tq_err *err);
TQ_MUST_CHECK tq_code money_sub(money a, money b, money *out, tq_err *err);

/* floor(a * part / 10000) for a >= 0: the public share never rounds up. Exact for all amounts. */
money money_share_floor(money a, bps part);
/* Half up, in basis points: 7440500000 of 9138880000 -> 8142. 0 where whole is 0. */
bps money_rate_half_up(money part, money whole);
static inline money money_min(money a, money b)
{
    return a.minor < b.minor ? a : b;
}

/* Splits `whole` in proportion to n weights (>= 0, not all 0) by largest remainder, ties to the lower
 * index; the shares sum to whole exactly. 0 <= whole. */
void money_split(money whole, const int64_t *weights, size_t n, money *shares);

/* Strict decimal: "30000", "30000.00", "0.5"; digits after the point at most the currency's. No sign,
 * blank, comma, exponent, full-width digit or leading zero. INVALID/amount_form, /amount_range. */
TQ_MUST_CHECK tq_code money_parse(str text, const currency *cur, money *out, tq_err *err);

/* "30000.00": always the currency's digits; negative with a leading '-'. */
void money_print(money m, const currency *cur, buf *out);
/* "30,000.00" for people. */
void money_print_grouped(money m, const currency *cur, buf *out);
/* Chinese capitals for CNY as on payment papers (票据法 practice): 30000.05 -> 叁万元零伍分,
 * 30000.00 -> 叁万元整. m >= 0. */
void money_print_capitals(money m, buf *out);

#endif
