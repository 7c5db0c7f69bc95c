/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"

#include <stdlib.h>

#include "app/row_change.h"

#define CALENDAR_DAYS_MAX 200 /* of one list: more than the free days of any year beside weekends */

static bool parts_days(char c)
{
    return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int day_order(const void *x, const void *y)
{
    return day_cmp(*(const day *)x, *(const day *)y);
}

/* Days of one list, in order; each in the year and named once. */
static tq_code days_parse(str text, int64_t year, const char *field, day *out, size_t *n,
                          tq_err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len;) {
        if (parts_days(text.data[i])) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < text.len && !parts_days(text.data[end])) {
            end++;
        }
        if (count == CALENDAR_DAYS_MAX) {
            return tq_fail(err, TQ_LIMIT, "calendar_days", field, "the list has more than %d days",
                           CALENDAR_DAYS_MAX);
        }
        const tq_code code = day_parse((str){text.data + i, end - i}, &out[count], err);
        if (code != TQ_OK) {
            return tq_err_at(err, "%s, entry %zu", field, count + 1);
        }
        if (day_ymd(out[count]).year != year) {
            return tq_fail(err, TQ_INVALID, "calendar_year", field,
                           "entry %zu lies in another year", count + 1);
        }
        count++;
        i = end;
    }
    qsort(out, count, sizeof out[0], day_order);
    for (size_t i = 1; i < count; i++) {
        if (out[i].n == out[i - 1].n) {
            return tq_fail(err, TQ_INVALID, "calendar_twice", field, "a day is named twice");
        }
    }
    *n = count;
    return TQ_OK;
}

static tq_code no_day_in_both(const day *x, size_t nx, const day *y, size_t ny, tq_err *err)
{
    for (size_t i = 0, j = 0; i < nx && j < ny;) {
        if (x[i].n == y[j].n) {
            return tq_fail(err, TQ_INVALID, "calendar_both", "workdays",
                           "a day cannot be a holiday and a working day");
        }
        if (x[i].n < y[j].n) {
            i++;
        } else {
            j++;
        }
    }
    return TQ_OK;
}

static void days_print(const day *days, size_t n, buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_char(out, ',');
        }
        day_print(days[i], out);
    }
    TQ_ASSERT(buf_ok(out));
}

static tq_code calendar_event(store_tx *tx, const call *c, event *e, int64_t year, str holidays,
                              str workdays, tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(store_int(tx, STMT_CALENDAR_FIND, ARGS(arg_int(c->who.programme_id), arg_int(year)), 0,
                     &id, err));
    if (id == 0) {
        TQ_TRY(event_new_row(tx, e, T_CALENDAR_YEAR, &id, err));
        event_int(e, C_CALENDAR_YEAR_PROGRAMME_ID, c->who.programme_id);
        event_int(e, C_CALENDAR_YEAR_YEAR, year);
        event_text(e, C_CALENDAR_YEAR_HOLIDAYS, holidays);
        event_text(e, C_CALENDAR_YEAR_WORKDAYS, workdays);
        return TQ_OK;
    }
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_CALENDAR_YEAR, id, c->a, row, err));
    event_change(e, T_CALENDAR_YEAR, id);
    text_change(e, row, C_CALENDAR_YEAR_HOLIDAYS, holidays);
    text_change(e, row, C_CALENDAR_YEAR_WORKDAYS, workdays);
    if (e->rows[0].n == 0) {
        return tq_fail(err, TQ_CONFLICT, "nothing_changed", "calendar", "it is like this already");
    }
    return TQ_OK;
}

tq_code calendar_set(app *a, const call *c, const calendar_rq *rq, tq_err *err)
{
    day free_days[CALENDAR_DAYS_MAX];
    day work_days[CALENDAR_DAYS_MAX];
    size_t n_free = 0;
    size_t n_work = 0;
    TQ_TRY(programme_need(c, err));
    if (rq->year < 1990 || rq->year > 2199) {
        return tq_fail(err, TQ_INVALID, "year", "calendar.year", "give a year from 1990 to 2199");
    }
    TQ_TRY(days_parse(rq->holidays, rq->year, "holidays", free_days, &n_free, err));
    TQ_TRY(days_parse(rq->workdays, rq->year, "workdays", work_days, &n_work, err));
    TQ_TRY(no_day_in_both(free_days, n_free, work_days, n_work, err));
    BUF_AUTO buf holidays = buf_max(CALENDAR_DAYS_MAX * 12);
    BUF_AUTO buf workdays = buf_max(CALENDAR_DAYS_MAX * 12);
    days_print(free_days, n_free, &holidays);
    days_print(work_days, n_work, &workdays);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_SYSADMIN), &tx, err));
    event e = work_event(c, EV_CALENDAR_SET);
    TQ_TRY(calendar_event(tx, c, &e, rq->year, buf_view(&holidays), buf_view(&workdays), err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
