/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CREDIT_H
#define TQ_CREDIT_H

/* Credit of a firm in research and its money (P-33, R-CREDIT-010): what the policy begins with, less the points
 * that count on the day. A sum, so that the same entries in any order give the same level. */

#include "base/day.h"

typedef struct credit_terms {
    int64_t start, light, visit; /* of the policy: from `light` on light, below `visit` visit */
    int64_t light_upto_fen;      /* what light spares (R-CREDIT-040); 0: nothing */
} credit_terms;

typedef struct credit_points {
    int64_t points; /* taken off; >= 0 */
    day from, to;   /* they count from `from` to the day before `to`; to.n = 0: for good */
    bool
        counts; /* neither proposed nor annulled nor repaired; a contested entry counts until decided */
} credit_points;

typedef enum credit_level { CREDIT_LIGHT, CREDIT_FULL, CREDIT_VISIT } credit_level;
const char *credit_level_name(credit_level l); /* light | full | visit */

typedef struct credit_sheet {
    int64_t points; /* never below 0 */
    credit_level level;
} credit_sheet;

credit_sheet credit_of(const credit_terms *t, const credit_points *entries, size_t n, day on);

#endif
