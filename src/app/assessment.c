/* SPDX-License-Identifier: Apache-2.0 */
#include "app/assessment.h"

#include <string.h>

#include "app/assessment_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R(r) ROLES(ROLE_##r)
#define FIRMS_SLICE 200 /* firms an event */
#define FIRMS_MAX 1000000

tq_code assessment_load(store_tx *tx, const call *c, int64_t id, const char *state,
                        event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_ASSESSMENT, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_ASSESSMENT_PROGRAMME_ID), "assessment", err));
    if (state != NULL && !row_is(row, C_ASSESSMENT_STATE, state)) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "assessment", "it is %.*s, not %s",
                       STR_ARG(row_str(row, C_ASSESSMENT_STATE)), state);
    }
    return TQ_OK;
}

/* Fiscal year `year` of the programme: its first and last day. */
static tq_code year_days(const event_value *programme, int64_t year, day *from, day *to,
                         tq_err *err)
{
    const int month = (int)row_num(programme, C_PROGRAMME_FISCAL_MONTH);
    TQ_ASSERT(month >= 1 && month <= 12);
    if (year < 2000 || year > 2199) {
        return tq_fail(err, TQ_INVALID, "year", "assessment.year", "give a year from 2000 to 2199");
    }
    *from = day_of_ymd((ymd){(int)year, month, 1});
    *to = day_add(day_of_ymd((ymd){(int)year + 1, month, 1}), -1);
    return TQ_OK;
}

str division_stem(str division)
{
    while (division.len > 2 && division.data[division.len - 1] == '0' &&
           division.data[division.len - 2] == '0') {
        division.len -= 2;
    }
    return division;
}

static tq_code recognised(store_tx *tx, const call *c, day base, str stem, int64_t **ids, size_t *n,
                          tq_err *err)
{
    size_t room = 0;
    *n = 0;
    *ids = NULL;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_RECOGNISED, ARGS(arg_int(base.n), arg_str(stem)), &r,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        if (*n == room) {
            room = room == 0 ? 512 : room * 2;
            int64_t *wide = ARENA_NEW(c->a, int64_t, room);
            memcpy(wide, *ids == NULL ? wide : *ids, *n * sizeof *wide);
            *ids = wide;
        }
        (*ids)[(*n)++] = row_int(&r);
    }
}

static tq_code firm_row(store_tx *tx, const call *c, event *e, int64_t assessment_id,
                        int64_t org_id, int64_t unit_id, str cause, tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(event_new_row(tx, e, T_ASSESSMENT_FIRM, &id, err));
    event_int(e, C_ASSESSMENT_FIRM_PROGRAMME_ID, c->who.programme_id);
    event_int(e, C_ASSESSMENT_FIRM_ASSESSMENT_ID, assessment_id);
    event_int(e, C_ASSESSMENT_FIRM_ORG_ID, org_id);
    event_int(e, C_ASSESSMENT_FIRM_UNIT_ID, unit_id);
    event_text(e, C_ASSESSMENT_FIRM_STATE, STR("listed"));
    event_text(e, C_ASSESSMENT_FIRM_CAUSE, cause);
    return TQ_OK;
}

static tq_code list_take(store_tx *tx, const call *c, int64_t assessment_id, day base, str division,
                         tq_err *err)
{
    int64_t *ids = NULL;
    size_t n = 0;
    unit_map *units = NULL;
    TQ_TRY(recognised(tx, c, base, division_stem(division), &ids, &n, err));
    if (n == 0) {
        return tq_fail(
            err, TQ_CONFLICT, "assessment_empty", "assessment.base_day",
            "no firm was recognised on that day; record recognitions, or name another day");
    }
    TQ_TRY(unit_map_read(tx, c->a, &units, err));
    for (size_t i = 0; i < n;) {
        event e = work_event(c, EV_ASSESSMENT_LIST);
        for (size_t k = 0; k < FIRMS_SLICE && i < n; k++, i++) {
            const int64_t unit = unit_now(units, unit_on(units, ids[i], base));
            TQ_TRY(firm_row(tx, c, &e, assessment_id, ids[i], unit, STR(""), err));
        }
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    return TQ_OK;
}

/* The measures must hold before anybody is judged by them: they are asked when the year is opened. */
static tq_code measures_hold(app *a, store_tx *tx, const call *c, day base, int64_t *policy_id,
                             tq_err *err)
{
    const policy *p = NULL;
    policy_measure measures[ASSESS_MEASURES_MAX];
    size_t n = 0;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, policy_id, &p, err));
    return policy_measures(p, base, measures, ASSESS_MEASURES_MAX, &n, err);
}

tq_code assessment_open(app *a, const call *c, int64_t year, day base_day, int64_t *id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value programme[AUDITED_COLS_MAX];
    day from = {0};
    day to = {0};
    int64_t policy_id = 0;
    int64_t same = 0;
    int64_t made = 0;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme,
                    err)); /* locked: one a year */
    TQ_TRY(year_days(programme, year, &from, &to, err));
    const day base = base_day.n == DAY_NONE.n ? from : base_day;
    if (base.n < from.n || base.n > to.n) {
        return tq_fail(err, TQ_INVALID, "days", "assessment.base_day", "name a day of that year");
    }
    TQ_TRY(store_int(tx, STMT_ASSESSMENT_OF_YEAR, ARGS(arg_int(c->who.programme_id), arg_int(year)),
                     0, &same, err));
    if (same != 0) {
        return tq_fail(err, TQ_CONFLICT, "assessment_exists", "assessment.year",
                       "that year has an assessment already");
    }
    TQ_TRY(measures_hold(a, tx, c, base, &policy_id, err));
    event e = work_event(c, EV_ASSESSMENT_OPEN);
    TQ_TRY(event_new_row(tx, &e, T_ASSESSMENT, &made, err));
    event_int(&e, C_ASSESSMENT_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_ASSESSMENT_YEAR, year);
    event_int(&e, C_ASSESSMENT_FROM_DAY, from.n);
    event_int(&e, C_ASSESSMENT_TO_DAY, to.n);
    event_int(&e, C_ASSESSMENT_BASE_DAY, base.n);
    event_int(&e, C_ASSESSMENT_POLICY_ID, policy_id);
    event_text(&e, C_ASSESSMENT_STATE, STR("listed"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(list_take(tx, c, made, base, row_str(programme, C_PROGRAMME_DIVISION), err));
    TQ_TRY(store_commit(&tx, err));
    *id = made;
    return TQ_OK;
}

/* --- the list ------------------------------------------------------------------------------------ */

static tq_code firm_find(store_tx *tx, int64_t assessment_id, int64_t org_id, int64_t *id,
                         int64_t *unit_id, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    *id = 0;
    *unit_id = 0;
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_FIRM_OF, ARGS(arg_int(assessment_id), arg_int(org_id)),
                       &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (more) {
        *id = row_int(&r);
        *unit_id = row_int(&r);
    }
    return TQ_OK;
}

static tq_code firm_add(store_tx *tx, const call *c, event *e, const event_value *assessment,
                        const assessment_firm_rq *rq, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    unit_map *units = NULL;
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err));
    if (!row_is(org, C_ORGANISATION_KIND, "enterprise") &&
        !row_is(org, C_ORGANISATION_KIND, "team")) {
        return tq_fail(err, TQ_INVALID, "no_holder", "assessment.org",
                       "name an enterprise or a team");
    }
    TQ_TRY(unit_map_read(tx, c->a, &units, err));
    const day base = {(int32_t)row_num(assessment, C_ASSESSMENT_BASE_DAY)};
    return firm_row(tx, c, e, rq->assessment_id, rq->org_id,
                    unit_now(units, unit_on(units, rq->org_id, base)), rq->cause, err);
}

tq_code assessment_firm_set(app *a, const call *c, const assessment_firm_rq *rq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    event_value firm[AUDITED_COLS_MAX];
    int64_t id = 0;
    int64_t unit = 0;
    TQ_TRY(line_need(rq->cause, "assessment.cause", err));
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(assessment_load(tx, c, rq->assessment_id, "listed", row, err));
    TQ_TRY(firm_find(tx, rq->assessment_id, rq->org_id, &id, &unit, err));
    event e = work_event(c, EV_ASSESSMENT_LIST);
    if (id == 0) {
        if (!rq->listed) {
            return tq_fail(err, TQ_NOT_FOUND, "not_found", "assessment.org",
                           "that firm is not on the list");
        }
        TQ_TRY(firm_add(tx, c, &e, row, rq, err));
    } else {
        const char *state = rq->listed ? "listed" : "removed";
        TQ_TRY(row_load(tx, T_ASSESSMENT_FIRM, id, c->a, firm, err));
        if (row_is(firm, C_ASSESSMENT_FIRM_STATE, state)) {
            return tq_fail(err, TQ_CONFLICT, "state_arrow", "assessment.org", "it is %s already",
                           state);
        }
        event_change(&e, T_ASSESSMENT_FIRM, id);
        event_text(&e, C_ASSESSMENT_FIRM_STATE, str_of(state));
        event_text(&e, C_ASSESSMENT_FIRM_CAUSE, rq->cause);
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* --- what a township says against it ---------------------------------------------------------------- */

tq_code assessment_contest(app *a, const call *c, int64_t assessment_id, str code, str ground,
                           int64_t *contest_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t org = 0;
    int64_t same = 0;
    int64_t id = 0;
    TQ_TRY(line_need(ground, "assessment.ground", err));
    TQ_TRY(work_begin(a, c, R(TOWNSHIP), &tx, err));
    TQ_TRY(assessment_load(tx, c, assessment_id, NULL, row, err));
    if (!row_is(row, C_ASSESSMENT_STATE, "listed") && !row_is(row, C_ASSESSMENT_STATE, "frozen")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "assessment",
                       "it is %.*s: nothing can be contested",
                       STR_ARG(row_str(row, C_ASSESSMENT_STATE)));
    }
    TQ_TRY(store_int(tx, STMT_ORG_BY_CODE, ARGS(arg_str(code)), 0, &org, err));
    if (org == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "assessment.credit_code",
                       "no firm is registered under that code");
    }
    TQ_TRY(store_int(tx, STMT_ASSESSMENT_CONTEST_SAME,
                     ARGS(arg_int(assessment_id), arg_int(org), arg_int(c->who.org_id)), 0, &same,
                     err));
    if (same != 0) {
        return tq_fail(err, TQ_CONFLICT, "contest_open", "assessment.credit_code",
                       "you have contested that firm already; wait for the answer");
    }
    event e = work_event(c, EV_ASSESSMENT_CONTEST);
    TQ_TRY(event_new_row(tx, &e, T_ASSESSMENT_CONTEST, &id, err));
    event_int(&e, C_ASSESSMENT_CONTEST_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_ASSESSMENT_CONTEST_ASSESSMENT_ID, assessment_id);
    event_int(&e, C_ASSESSMENT_CONTEST_ORG_ID, org);
    event_int(&e, C_ASSESSMENT_CONTEST_UNIT_ID, c->who.org_id);
    event_text(&e, C_ASSESSMENT_CONTEST_GROUND, ground);
    event_text(&e, C_ASSESSMENT_CONTEST_STATE, STR("open"));
    event_int(&e, C_ASSESSMENT_CONTEST_FILED_DAY, c->today.n);
    TQ_TRY(act_once(tx, c, &e, T_ASSESSMENT_CONTEST, id, "contest", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *contest_id = id;
    return TQ_OK;
}

tq_code assessment_answer(app *a, const call *c, int64_t contest_id, bool upheld, str answer,
                          tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(line_need(answer, "assessment.answer", err));
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    TQ_TRY(row_load(tx, T_ASSESSMENT_CONTEST, contest_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_ASSESSMENT_CONTEST_PROGRAMME_ID), "assessment_contest",
                         err));
    event e = work_event(c, EV_ASSESSMENT_ANSWER);
    TQ_TRY(act_once(tx, c, &e, T_ASSESSMENT_CONTEST, contest_id, "answer", err));
    event_change(&e, T_ASSESSMENT_CONTEST, contest_id);
    event_text(&e, C_ASSESSMENT_CONTEST_STATE, upheld ? STR("upheld") : STR("dismissed"));
    event_text(&e, C_ASSESSMENT_CONTEST_ANSWER, answer);
    if (upheld) { /* figures that were wrong are not published: the list is put right and frozen anew */
        event_value year[AUDITED_COLS_MAX];
        const int64_t id = row_num(row, C_ASSESSMENT_CONTEST_ASSESSMENT_ID);
        TQ_TRY(row_load(tx, T_ASSESSMENT, id, c->a, year, err));
        if (row_is(year, C_ASSESSMENT_STATE, "frozen")) {
            event_change(&e, T_ASSESSMENT, id);
            event_text(&e, C_ASSESSMENT_STATE, STR("listed"));
        }
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
