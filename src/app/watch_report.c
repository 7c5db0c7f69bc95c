/* SPDX-License-Identifier: Apache-2.0 */
#include "app/watch_report.h"

#include "app/app_inner.h"
#include "app/row_change.h"
#include "domain/policy.h"

#define R_SUPERVISION (ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))
#define R_WATCH (R_SUPERVISION | ROLES(ROLE_AUDITOR))

static const struct figure {
    const char *token;
    store_stmt stmt;
    bool instants;  /* the statement wants instants, not days */
    role_set roles; /* 0: everybody who may ask */
} figures[] = {
    {"draws", STMT_WATCH_DRAWS, false, 0},
    {"drawn", STMT_WATCH_DRAWN, false, 0},
    {"visits", STMT_WATCH_VISITS, false, 0},
    {"findings", STMT_WATCH_FINDINGS, false, 0},
    {"credit", STMT_WATCH_CREDIT, false, 0},
    {"signals", STMT_WATCH_SIGNALS, false, 0},
    {"confirmed", STMT_WATCH_CONFIRMED, false, 0},
    {"opened", STMT_WATCH_OPENED, false, 0},
    {"decided", STMT_WATCH_DECIDED, false, 0},
    {"dismissed", STMT_WATCH_DISMISSED, false, 0},
    {"bans", STMT_WATCH_BANS, false, 0},
    {"delisted", STMT_WATCH_DELISTED, false, 0},
    {"objections", STMT_WATCH_OBJECTIONS, false, 0},
    {"claimed_back", STMT_WATCH_CLAIMED_BACK, true, 0},
    {"recovered", STMT_WATCH_RECOVERED, true, 0},
    {"written_off", STMT_WATCH_WRITTEN_OFF, true, 0},
    {"tips", STMT_WATCH_TIPS, false, R_SUPERVISION},
    {"staff", STMT_WATCH_STAFF, false, R_WATCH},
};
_Static_assert(TQ_COUNT(figures) + 2 <= WATCH_FIGURES_MAX, "every figure has a place");

static tq_code figure_read(store_tx *tx, const struct figure *f, const store_arg *period,
                           watch_figure *out, tq_err *err)
{
    ROWS_AUTO store_rows q = {0};
    bool more = false;
    TQ_TRY(store_query(tx, f->stmt, period, 3, &q, err));
    TQ_TRY(rows_next(&q, &more, err));
    TQ_ASSERT(more); /* counts always answer */
    out->token = f->token;
    out->count = row_int(&q);
    out->amount_fen = row_int(&q);
    return TQ_OK;
}

/* The period of the rule `sample` that the last day lies in. */
static void sample_days(const policy_sample *rule, day last, day *from, day *to)
{
    const ymd y = day_ymd(last);
    const bool late = rule->half_years && y.month > 6;
    *from = day_of_ymd((ymd){y.year, late ? 7 : 1, 1});
    *to = day_add(day_add_months(*from, rule->half_years ? 6 : 12), -1);
}

/* R-DRAW-070: how many firms the policy wants drawn of the period, rounded up, and how many are. Without the rule, or
 * where it is unset, there is no such figure. */
static tq_code sample_figures(app *a, store_tx *tx, const call *c, day last, watch_figure *out,
                              size_t *n, tq_err *err)
{
    static const struct figure paid = {"sample_due", STMT_WATCH_SAMPLE_PAID, false, 0};
    static const struct figure held = {"sample_due", STMT_WATCH_SAMPLE_HELD, false, 0};
    static const struct figure drawn = {"sampled", STMT_WATCH_SAMPLED, false, 0};
    const policy *p = NULL;
    policy_sample rule;
    day from = DAY_NONE;
    day to = DAY_NONE;
    TQ_TRY(policy_if_any(a, tx, c->who.programme_id, &p, err));
    if (p == NULL || policy_sample_get(p, &rule, NULL) != TQ_OK) {
        return TQ_OK;
    }
    sample_days(&rule, last, &from, &to);
    const store_arg days[] = {arg_int(c->who.programme_id), arg_int(from.n), arg_int(to.n)};
    TQ_TRY(figure_read(tx, rule.all_holders ? &held : &paid, days, &out[0], err));
    TQ_TRY(figure_read(tx, &drawn, days, &out[1], err));
    out[0].count = (out[0].count * rule.share_bp + 9999) / 10000;
    *n += 2;
    return TQ_OK;
}

tq_code watch_figures(app *a, const call *c, day from, day to, watch_figure out[WATCH_FIGURES_MAX],
                      size_t *n, tq_err *err)
{
    store_arg instants[3];
    TX_AUTO store_tx *tx = NULL;
    *n = 0;
    TQ_TRY(days_need(from, to, "to", err));
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(period_instants(tx, c, from, to, instants, err));
    const store_arg days[] = {arg_int(c->who.programme_id), arg_int(from.n), arg_int(to.n)};
    for (size_t i = 0; i < TQ_COUNT(figures); i++) {
        const struct figure *f = &figures[i];
        if (f->roles == 0 || role_in(c->who.role, f->roles)) {
            TQ_TRY(figure_read(tx, f, f->instants ? instants : days, &out[*n], err));
            (*n)++;
        }
    }
    return sample_figures(a, tx, c, to, &out[*n], n, err);
}

tq_code watch_inquiries(app *a, const call *c, day from, day to, watch_inquiry *out, size_t max,
                        size_t *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_ASSERT(max > 0);
    *n = 0;
    TQ_TRY(days_need(from, to, "to", err));
    if (!role_in(c->who.role, R_SUPERVISION)) {
        return tq_fail(err, TQ_FORBIDDEN, "no_role", NULL, "inquiries are the supervisors' own");
    }
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(tx, STMT_WATCH_INQUIRIES,
                       ARGS(arg_int(c->who.programme_id), arg_int(from.n), arg_int(to.n),
                            arg_int((int64_t)max), arg_int(c->who.person_id)),
                       &q, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < max);
        watch_inquiry *i = &out[(*n)++];
        i->id = row_int(&q);
        i->case_no = row_copy(&q, c->a);
        i->from = (day){(int32_t)row_int(&q)};
        i->until = (day){(int32_t)row_int(&q)};
        i->urgent = row_int(&q) != 0;
        i->papers_by = (day){(int32_t)row_int(&q)};
        i->papers = (day){(int32_t)row_int(&q)};
        i->hold = row_int(&q) != 0;
        i->state = row_copy(&q, c->a);
        i->readings = row_int(&q);
        const int32_t came = i->papers.n != 0 ? i->papers.n : c->today.n;
        i->papers_late = i->urgent && came > i->papers_by.n;
    }
}
