/* SPDX-License-Identifier: Apache-2.0 */
#include "app/indicator.h"

#include "app/app_inner.h"
#include "app/row_change.h"
#include "base/day.h"

static const struct figure {
    const char *token;
    store_stmt stmt;
    bool instants;     /* the statement wants instants, not days */
    bool less_is_good; /* of two figures the lower is the better */
} figures[] = {
    {"redemption", STMT_INDICATOR_REDEMPTION, true, false},
    {"own_money", STMT_INDICATOR_OWN_MONEY, false, false},
    {"active_institutions", STMT_INDICATOR_ACTIVE_INSTITUTIONS, false, false},
    {"cross_region", STMT_INDICATOR_CROSS_REGION, false, false},
    {"on_time", STMT_INDICATOR_ON_TIME, false, false},
    {"disputes", STMT_INDICATOR_DISPUTES, true, true},
    {"repeat_use", STMT_INDICATOR_REPEAT_USE, false, false},
    {"answer_days", STMT_INDICATOR_ANSWER_DAYS, false, true},
    {"payment_days", STMT_INDICATOR_PAYMENT_DAYS, false, true},
};

static const struct figure *figure_of(str token)
{
    for (size_t i = 0; i < TQ_COUNT(figures); i++) {
        if (str_eq(token, str_of(figures[i].token))) {
            return &figures[i];
        }
    }
    TQ_ASSERT(false); /* tests/test_indicator.c holds this table against the policy's words */
    return NULL;
}

static int64_t value_of(int64_t part, int64_t whole, int64_t scale)
{
    TQ_ASSERT(whole >= 0);
    if (whole == 0) {
        return -1;
    }
    const int64_t shown = part > 0 ? part : 0; /* more came back from the bank than was paid */
    return (shown * scale * 2 + whole) / (whole * 2);
}

static bool reached(const struct figure *f, const indicator *i)
{
    if (i->value < 0 || !i->rule.has_target) {
        return false;
    }
    return f->less_is_good ? i->value <= i->rule.target : i->value >= i->rule.target;
}

static tq_code count(store_tx *tx, const struct figure *f, const store_arg *days,
                     const store_arg *instants, indicator *i, tq_err *err)
{
    ROWS_AUTO store_rows q = {0};
    bool more = false;
    TQ_TRY(store_query(tx, f->stmt, f->instants ? instants : days, 3, &q, err));
    TQ_TRY(rows_next(&q, &more, err));
    TQ_ASSERT(more); /* sums and counts always answer */
    i->part = row_int(&q);
    i->whole = row_int(&q);
    i->value = value_of(i->part, i->whole, i->rule.in_days ? 100 : 10000);
    i->met = reached(f, i);
    return TQ_OK;
}

/* R-REPORT-030 */
tq_code indicators_read(app *a, const call *c, day from, day to, indicator out[INDICATORS_MAX],
                        size_t *n, tq_err *err)
{
    policy_indicator rules[INDICATORS_MAX];
    const policy *p = NULL;
    int64_t policy_id = 0;
    store_arg instants[3];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(days_need(from, to, "to", err));
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_indicators(p, to, rules, INDICATORS_MAX, n, err));
    TQ_TRY(period_instants(tx, c, from, to, instants, err));
    const store_arg days[] = {arg_int(c->who.programme_id), arg_int(from.n), arg_int(to.n)};
    for (size_t i = 0; i < *n; i++) {
        out[i] = (indicator){.rule = rules[i]};
        TQ_TRY(count(tx, figure_of(rules[i].figure), days, instants, &out[i], err));
    }
    return TQ_OK;
}
