/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_PLAN_H
#define TQ_CHANGXING_PLAN_H

/* The invented cast of the Changxing demonstration (演示数据), 2013-09 to 2017-12: who, when, how much.
 *
 * The paper gives totals (domain/paper.md: P-53, P-54 and the table of results), not cases. The plan
 * invents cases from a seed and then settles amounts by largest remainder so that the totals are met
 * exactly by construction; what the report says is computed from the ledger all the same. Same seed,
 * same plan, on every machine: no floating point, no clock. Amounts in fen, days as day.n. */

#include "base/arena.h"
#include "base/day.h"
#include <stdint.h>

#define PLAN_ISSUED_FEN INT64_C(9138880000)
#define PLAN_REDEEMED_FEN INT64_C(7440500000)
#define PLAN_CONTRACT_FEN INT64_C(18800000000)
#define PLAN_TOWNSHIPS 16 /* fifteen and a park */
#define PLAN_BATTERY_FIRMS 31
#define PLAN_BATTERY_BATCHES 1500
#define PLAN_NOVELTY_FIRMS 64

enum {
    PLAN_TESTING,
    PLAN_IUR,
    PLAN_PATENT,
    PLAN_STANDARD,
    PLAN_CERTIFICATION,
    PLAN_NOVELTY,
    PLAN_TALENT,
    PLAN_OUTCOMES
};

typedef enum plan_fate {
    FATE_PAID,
    FATE_RETURNED_ONCE, /* returned for supplement, then paid */
    FATE_REFUSED, /* confirmed, but the claim is refused: counts as contract, not as redeemed */
    FATE_DECLINED /* the institution declines: neither */
} plan_fate;

typedef struct plan_firm {
    str name;
    char credit_code[19];
    int township;
    bool leading; /* award vouchers */
    int32_t joins;
} plan_firm;

typedef struct plan_institution {
    str name;
    char credit_code[19];
    const char *region; /* GB/T 2260 province, or county for the local platform */
    int32_t open_from;  /* first day on which its region or it itself is open */
} plan_institution;

typedef struct plan_voucher {
    int firm;
    bool award;
    int32_t day;        /* issued */
    int64_t amount_fen; /* first issue */
    int64_t top_up_fen; /* 0 or the later top-up, 60 days after */
} plan_voucher;

typedef struct plan_order {
    int voucher;
    int institution;
    int outcome;
    int count;        /* batches, items or persons */
    int64_t hold_fen; /* voucher money; paid in full where the fate is to be paid */
    int64_t contract_fen;
    int32_t made, confirmed, filed;
    plan_fate fate;
} plan_order;

typedef struct plan {
    plan_firm *firms;
    int n_firms;
    plan_institution *institutions;
    int n_institutions;
    plan_voucher *vouchers;
    int n_vouchers;
    plan_order *orders;
    int n_orders;
} plan;

extern const char *const plan_outcome_tokens[PLAN_OUTCOMES];
extern const int plan_outcome_totals[PLAN_OUTCOMES];
extern const char *const plan_township_names[PLAN_TOWNSHIPS];
extern const char *const plan_township_codes[PLAN_TOWNSHIPS];

/* All of it lives in `a`. The sums are asserted. */
void plan_make(uint64_t seed, arena *a, plan *out);

#endif
