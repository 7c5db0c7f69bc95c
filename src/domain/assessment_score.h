/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ASSESSMENT_SCORE_H
#define TQ_ASSESSMENT_SCORE_H

/* The yearly assessment of townships and parks (P-32, R-ASSESS-010): from rows of firms to the figures and
 * points of each unit. Pure and of integers only, so that whoever has the exported rows and measures comes
 * to the same score.
 *
 * A row is what one firm did while it belonged to one unit. A firm that moved in the year has a row in each;
 * `listed` is set in one row only, that of its unit on the base day, so no firm is counted twice (P-15).
 *
 *   coverage      listed firms with a voucher / listed firms          a share
 *   active        listed firms with a paid claim / listed firms       a share
 *   clean         listed firms without a decided violation or a finding that the policy counts / listed   a share
 *   rate          redeemed / issued                                   a share
 *   cross_region  orders with institutions elsewhere / orders         a share
 *   redeemed      paid to firms and institutions, net of returns      an amount
 *   contract      contract sums of confirmed orders                   an amount
 *   orders        confirmed orders                                    a count
 *
 * Shares are basis points, half up; a share of nothing is 0. Achieved = value / target, half up in basis
 * points, at most 10000. Points = weight x achieved / 10000, half up; the weights of a year add up to 10000. */

#include "domain/policy.h"

#define ASSESS_MEASURES_MAX 16
#define ASSESS_WHOLE 10000

typedef struct assess_row {
    int64_t org_id;
    int64_t unit_id;
    int64_t listed;   /* 0 or 1, and so are the next three; they are 0 where listed is 0 */
    int64_t vouchers; /* it holds or held one */
    int64_t paid;     /* a claim of it was paid */
    int64_t
        violation; /* a case against it was decided, or an inspection found what the policy counts */
    int64_t issued_fen, redeemed_fen,
        contract_fen; /* >= 0; redeemed is net of what the bank returned */
    int64_t orders, cross_orders;
} assess_row;

typedef struct assess_figure {
    int64_t part, whole; /* of a share; `whole` is 0 for amounts and counts */
    int64_t value;       /* basis points, minor units or a count */
    int64_t achieved_bp; /* 0..10000 */
    int64_t points_bp;   /* 0..weight */
} assess_figure;

/* Is the figure a share, an amount or a count? It says in which unit its target is stated. */
typedef enum assess_unit_of { ASSESS_SHARE, ASSESS_AMOUNT, ASSESS_COUNT } assess_unit_of;
assess_unit_of assess_unit(measure_figure f);
const char *assess_figure_name(measure_figure f); /* token of policy_fields.def */
bool assess_figure_named(str token, measure_figure *out);

/* Adds up the rows of `unit_id` and judges them by one measure. The rows may stand in any order. */
assess_figure assess_judge(const policy_measure *m, int64_t unit_id, const assess_row *rows,
                           size_t n);

#endif
