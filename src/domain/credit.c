/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/credit.h"

#include "base/err.h"

const char *credit_level_name(credit_level l)
{
    static const char *const names[] = {
        [CREDIT_LIGHT] = "light", [CREDIT_FULL] = "full", [CREDIT_VISIT] = "visit"};
    TQ_ASSERT(l <= CREDIT_VISIT);
    return names[l];
}

/* R-CREDIT-010 */
credit_sheet credit_of(const credit_terms *t, const credit_points *entries, size_t n, day on)
{
    int64_t off = 0;
    TQ_ASSERT(t->start >= 0);
    TQ_ASSERT(t->visit <= t->light);
    for (size_t i = 0; i < n; i++) {
        const credit_points *e = &entries[i];
        TQ_ASSERT(e->points >= 0);
        if (e->counts && e->from.n <= on.n && (e->to.n == 0 || on.n < e->to.n)) {
            off += e->points;
        }
    }
    const int64_t left = off >= t->start ? 0 : t->start - off;
    return (credit_sheet){
        .points = left,
        .level = left >= t->light  ? CREDIT_LIGHT
                 : left < t->visit ? CREDIT_VISIT
                                   : CREDIT_FULL,
    };
}
