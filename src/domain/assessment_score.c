/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/assessment_score.h"

#include <string.h>

static const struct {
    const char *name;
    assess_unit_of unit;
} figures[] = {
    [FIGURE_COVERAGE] = {"coverage", ASSESS_SHARE},
    [FIGURE_ACTIVE] = {"active", ASSESS_SHARE},
    [FIGURE_CLEAN] = {"clean", ASSESS_SHARE},
    [FIGURE_RATE] = {"rate", ASSESS_SHARE},
    [FIGURE_CROSS_REGION] = {"cross_region", ASSESS_SHARE},
    [FIGURE_REDEEMED] = {"redeemed", ASSESS_AMOUNT},
    [FIGURE_CONTRACT] = {"contract", ASSESS_AMOUNT},
    [FIGURE_ORDERS] = {"orders", ASSESS_COUNT},
};

assess_unit_of assess_unit(measure_figure f)
{
    TQ_ASSERT(f < FIGURE_COUNT);
    return figures[f].unit;
}

const char *assess_figure_name(measure_figure f)
{
    TQ_ASSERT(f < FIGURE_COUNT);
    return figures[f].name;
}

bool assess_figure_named(str token, measure_figure *out)
{
    for (int i = 0; i < FIGURE_COUNT; i++) {
        if (str_eq(token, str_of(figures[i].name))) {
            *out = (measure_figure)i;
            return true;
        }
    }
    return false;
}

static void row_add(measure_figure f, const assess_row *r, assess_figure *sum)
{
    TQ_ASSERT(r->listed == 1 || r->vouchers + r->paid + r->violation == 0);
    TQ_ASSERT(r->cross_orders <= r->orders);
    switch (f) {
    case FIGURE_COVERAGE:
        sum->part += r->vouchers;
        sum->whole += r->listed;
        return;
    case FIGURE_ACTIVE:
        sum->part += r->paid;
        sum->whole += r->listed;
        return;
    case FIGURE_CLEAN:
        sum->part += r->listed - r->violation;
        sum->whole += r->listed;
        return;
    case FIGURE_RATE:
        sum->part += r->redeemed_fen;
        sum->whole += r->issued_fen;
        return;
    case FIGURE_CROSS_REGION:
        sum->part += r->cross_orders;
        sum->whole += r->orders;
        return;
    case FIGURE_REDEEMED:
        sum->part += r->redeemed_fen;
        return;
    case FIGURE_CONTRACT:
        sum->part += r->contract_fen;
        return;
    case FIGURE_ORDERS:
        sum->part += r->orders;
        return;
    case FIGURE_COUNT:
        break;
    }
    TQ_ASSERT(false);
}

/* part / whole in basis points, half up; nothing of nothing is nothing. */
static int64_t share(int64_t part, int64_t whole)
{
    return part <= 0 || whole <= 0 ? 0 : money_rate_half_up((money){part}, (money){whole}).n;
}

/* R-ASSESS-010 */
assess_figure assess_judge(const policy_measure *m, int64_t unit_id, const assess_row *rows,
                           size_t n)
{
    assess_figure out = {0};
    TQ_ASSERT(m->target > 0);
    TQ_ASSERT(m->weight_bp >= 0 && m->weight_bp <= ASSESS_WHOLE);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].unit_id == unit_id) {
            row_add(m->figure, &rows[i], &out);
        }
    }
    out.value = assess_unit(m->figure) == ASSESS_SHARE ? share(out.part, out.whole) : out.part;
    out.achieved_bp = out.value >= m->target ? ASSESS_WHOLE : share(out.value, m->target);
    out.points_bp = (m->weight_bp * out.achieved_bp + ASSESS_WHOLE / 2) / ASSESS_WHOLE;
    TQ_ASSERT(out.points_bp <= m->weight_bp);
    return out;
}
