/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app_inner.h"

#include <stdio.h>

#define OUTAGES_IN_A_ROW_MAX 20

tq_code programme_read(store_tx *tx, int64_t programme_id, programme_brief *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_PROGRAMME_BRIEF, ARGS(arg_int(programme_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "programme", "there is no such programme");
    }
    programme_brief b = {0};
    const str code = row_text(&r);
    (void)snprintf(b.code, sizeof b.code, "%.*s", STR_ARG(code));
    b.fiscal_month = row_int(&r);
    b.policy_id = row_int(&r);
    b.closed_until.n = (int32_t)row_int(&r);
    TQ_ASSERT(b.fiscal_month >= 1);
    TQ_ASSERT(b.fiscal_month <= 12);
    *out = b;
    return TQ_OK;
}

tq_code fiscal_year(store_tx *tx, int64_t programme_id, day d, int64_t *out, tq_err *err)
{
    programme_brief b = {0};
    TQ_TRY(programme_read(tx, programme_id, &b, err));
    const ymd y = day_ymd(d);
    /* A fiscal year that begins after January is named by the calendar year in which it begins. */
    *out = y.month >= b.fiscal_month ? y.year : y.year - 1;
    return TQ_OK;
}

tq_code period_open(store_tx *tx, const call *c, tq_err *err)
{
    programme_brief b = {0};
    TQ_TRY(programme_read(tx, c->who.programme_id, &b, err));
    if (b.closed_until.n != 0 && c->today.n <= b.closed_until.n) {
        return tq_fail(err, TQ_CONFLICT, "period_closed", "day",
                       "the day lies in a period that finance has closed");
    }
    return TQ_OK;
}

tq_code calendars_read(store_tx *tx, int64_t programme_id, day from, arena *a, workdays *out,
                       tq_err *err)
{
    const int year = day_ymd(from).year;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CALENDAR_BETWEEN,
                       ARGS(arg_int(programme_id), arg_int(year), arg_int(year + 2)), &r, err));
    *out = (workdays){0};
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(out->n < WORKDAYS_YEARS_MAX);
        workdays_year *y = &out->years[out->n++];
        y->year = (int)row_int(&r);
        y->holidays = row_copy(&r, a);
        y->workdays = row_copy(&r, a);
    }
}

static day relative_end(day from, const policy_clock *clock)
{
    if (clock->months) {
        return day_add_months(from, (int)clock->n);
    }
    return day_add(from, (int)clock->n);
}

/* The absolute date of a clock, in the year of `from` or the next where it has passed. */
static day absolute_end(day from, const policy_clock *clock)
{
    const ymd y = day_ymd(from);
    ymd end = {y.year, (int)clock->absolute_month, (int)clock->absolute_day};
    if (!ymd_valid(end)) {
        end.mday = 28; /* 29 February in a common year */
    }
    if (day_of_ymd(end).n < from.n) {
        end.year++;
    }
    return day_of_ymd(end);
}

/* An end inside an outage moves to the first working day behind it, which may lie in the next outage. */
static tq_code out_of_outages(store_tx *tx, int64_t programme_id, arena *a, day *end, tq_err *err)
{
    for (int i = 0; i < OUTAGES_IN_A_ROW_MAX; i++) {
        int64_t outage_to = 0;
        workdays w = {0};
        TQ_TRY(store_int(tx, STMT_OUTAGE_END, ARGS(arg_int(programme_id), arg_int(end->n)), 0,
                         &outage_to, err));
        if (outage_to == 0) {
            return TQ_OK;
        }
        TQ_TRY(calendars_read(tx, programme_id, (day){(int32_t)outage_to}, a, &w, err));
        TQ_TRY(workday_add(&w, (day){(int32_t)outage_to}, 1, end, err));
    }
    return tq_fail(err, TQ_LIMIT, "clock_too_long", "clock",
                   "more than %d outages follow each other", OUTAGES_IN_A_ROW_MAX);
}

tq_code clock_end(store_tx *tx, int64_t programme_id, day from, const policy_clock *clock, day *out,
                  tq_err *err)
{
    TQ_ASSERT(clock->n >= 0);
    ARENA_AUTO arena *a = arena_new("clock", 64 * 1024);
    workdays w = {0};
    day end;
    if (clock->working_days) {
        TQ_TRY(calendars_read(tx, programme_id, from, a, &w, err));
        TQ_TRY(workday_add(&w, from, clock->n, &end, err));
    } else {
        end = relative_end(from, clock);
    }
    if (clock->absolute_month != 0) {
        const day fixed = absolute_end(from, clock);
        end = fixed.n < end.n ? fixed : end; /* of two deadlines the earlier wins */
    }
    TQ_TRY(out_of_outages(tx, programme_id, a, &end, err));
    *out = end;
    return TQ_OK;
}

tq_code period_instants(store_tx *tx, const call *c, day from, day to, store_arg out[3],
                        tq_err *err)
{
    event_value programme[AUDITED_COLS_MAX];
    zone *z = NULL;
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(zone_open(arena_copy(c->a, row_str(programme, C_PROGRAMME_ZONE)).data, &z, err));
    out[0] = arg_int(c->who.programme_id);
    out[1] = arg_int(zone_day_start(z, from).us);
    out[2] = arg_int(zone_day_start(z, day_add(to, 1)).us);
    zone_free(z);
    return TQ_OK;
}

tq_code clock_of_policy(app *a, store_tx *tx, const call *c, const char *name, day *out,
                        tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    policy_clock clock;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_clock_get(p, NULL, name, &clock, err));
    return clock_end(tx, c->who.programme_id, c->today, &clock, out, err);
}
