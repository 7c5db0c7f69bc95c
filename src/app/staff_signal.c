/* SPDX-License-Identifier: Apache-2.0 */
#include "app/staff_signal.h"

#include "app/app_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define FOUND_MAX 500 /* of one look: beyond, the rule's number is too small to tell anything */
#define LOOK_ROOM (4 * 1024 * 1024)
#define R_SUPERVISION (ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))

typedef struct found_one {
    const char *kind;
    int64_t person_id, org_id, measured, total;
    policy_staff_signal rule;
} found_one;

typedef struct look {
    app *a;
    const call *c;
    day from, to;
    arena *room;
    zone *z;
    workdays free_days;
    found_one found[FOUND_MAX];
    size_t n;
} look;

/* R-STAFF-010 */
static bool fires(const policy_staff_signal *r, int64_t measured, int64_t total)
{
    TQ_ASSERT(measured <= total);
    return r->on && measured >= r->number && measured * 10000 >= total * r->share_bp;
}

static tq_code keep(look *k, const char *kind, const policy_staff_signal *rule, const int64_t v[4],
                    tq_err *err)
{
    if (!fires(rule, v[2], v[3])) {
        return TQ_OK;
    }
    if (k->n == FOUND_MAX) {
        return tq_fail(err, TQ_LIMIT, "staff_signals", "policy",
                       "more than %d signals: raise the number of %s", FOUND_MAX, kind);
    }
    k->found[k->n++] = (found_one){kind, v[0], v[1], v[2], v[3], *rule};
    return TQ_OK;
}

/* Columns: person, organisation, measured, total. `instants`: what only the log dates. */
static tq_code counted(look *k, store_tx *tx, const policy *p, const char *kind, store_stmt stmt,
                       bool instants, tq_err *err)
{
    const int64_t from = instants ? zone_day_start(k->z, k->from).us : k->from.n;
    const int64_t to = instants ? zone_day_start(k->z, day_add(k->to, 1)).us : k->to.n;
    const policy_staff_signal rule = policy_staff_signal_get(p, kind);
    ROWS_AUTO store_rows r = {0};
    if (!rule.on) {
        return TQ_OK;
    }
    TQ_TRY(store_query(tx, stmt,
                       ARGS(arg_int(k->c->who.programme_id), arg_int(from), arg_int(to),
                            arg_int(rule.number)),
                       &r, err));
    for (;;) {
        int64_t v[4];
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        for (size_t i = 0; i < TQ_COUNT(v); i++) {
            v[i] = row_int(&r);
        }
        TQ_TRY(keep(k, kind, &rule, v, err));
    }
}

/* --- hours ----------------------------------------------------------------------------------------- */

/* A year without a calendar has free weekends: nobody is reported for a clerk's forgotten list. */
static bool free_day(const look *k, day d)
{
    bool works = false;
    tq_err none;
    return workday_is(&k->free_days, d, &works, &none) == TQ_OK ? !works : day_weekday(d) >= 6;
}

static bool out_of_hours(const look *k, const policy_staff_signal *rule, instant at)
{
    const day d = zone_day(k->z, at);
    const int64_t seconds = (at.us - zone_day_start(k->z, d).us) / 1000000;
    return free_day(k, d) || seconds < rule->from_hour * 3600 || seconds >= rule->to_hour * 3600;
}

/* Rows come by person, so that one count is kept at a time. */
static tq_code hours_read(look *k, store_tx *tx, const policy *p, tq_err *err)
{
    const policy_staff_signal rule = policy_staff_signal_get(p, "out_of_hours");
    ROWS_AUTO store_rows r = {0};
    int64_t v[4] = {0}; /* person, 0, outside, all */
    if (!rule.on) {
        return TQ_OK;
    }
    TQ_TRY(store_query(tx, STMT_STAFF_TIMES,
                       ARGS(arg_int(k->c->who.programme_id),
                            arg_int(zone_day_start(k->z, k->from).us),
                            arg_int(zone_day_start(k->z, day_add(k->to, 1)).us)),
                       &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        const int64_t person = more ? row_int(&r) : 0;
        if (person != v[0]) {
            TQ_TRY(keep(k, "out_of_hours", &rule, v, err));
            memset(v, 0, sizeof v);
            v[0] = person;
        }
        if (!more) {
            return TQ_OK;
        }
        v[2] += out_of_hours(k, &rule, (instant){row_int(&r)});
        v[3]++;
    }
}

/* --- one look ---------------------------------------------------------------------------------------- */

static tq_code look_read(look *k, tq_err *err)
{
    int64_t known = 0;
    const policy *p = NULL;
    event_value programme[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(k->a, &tx, err));
    TQ_TRY(store_int(tx, STMT_STAFF_LOOKED,
                     ARGS(arg_int(k->c->who.programme_id), arg_int(k->from.n), arg_int(k->to.n)), 0,
                     &known, err));
    if (known > 0) {
        return tq_fail(err, TQ_CONFLICT, "staff_looked", "from_day",
                       "these days were looked through already");
    }
    TQ_TRY(row_load(tx, T_PROGRAMME, k->c->who.programme_id, k->room, programme, err));
    TQ_TRY(zone_open(row_str(programme, C_PROGRAMME_ZONE).data, &k->z, err));
    TQ_TRY(calendars_read(tx, k->c->who.programme_id, k->from, k->room, &k->free_days, err));
    TQ_TRY(policy_if_any(k->a, tx, k->c->who.programme_id, &p, err));
    if (p == NULL) {
        return TQ_OK;
    }
    TQ_TRY(counted(k, tx, p, "pair", STMT_STAFF_PAIR, false, err));
    TQ_TRY(counted(k, tx, p, "agency", STMT_STAFF_AGENCY, false, err));
    TQ_TRY(counted(k, tx, p, "overridden", STMT_STAFF_OVERRIDDEN, false, err));
    TQ_TRY(counted(k, tx, p, "undone", STMT_STAFF_UNDONE, false, err));
    TQ_TRY(counted(k, tx, p, "reassigned", STMT_STAFF_REASSIGNED, true, err));
    return hours_read(k, tx, p, err);
}

static tq_code signal_add(look *k, store_tx *tx, event *e, int64_t look_id, const found_one *f,
                          tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(event_new_row(tx, e, T_STAFF_SIGNAL, &id, err));
    event_int(e, C_STAFF_SIGNAL_PROGRAMME_ID, k->c->who.programme_id);
    event_int(e, C_STAFF_SIGNAL_LOOK_ID, look_id);
    event_text(e, C_STAFF_SIGNAL_KIND, str_of(f->kind));
    event_int(e, C_STAFF_SIGNAL_PERSON_ID, f->person_id);
    if (f->org_id != 0) {
        event_int(e, C_STAFF_SIGNAL_ORG_ID, f->org_id);
    }
    event_int(e, C_STAFF_SIGNAL_FROM_DAY, k->from.n);
    event_int(e, C_STAFF_SIGNAL_TO_DAY, k->to.n);
    event_int(e, C_STAFF_SIGNAL_MEASURED, f->measured);
    event_int(e, C_STAFF_SIGNAL_TOTAL, f->total);
    event_int(e, C_STAFF_SIGNAL_NUMBER, f->rule.number);
    event_int(e, C_STAFF_SIGNAL_SHARE_BP, f->rule.share_bp);
    event_text(e, C_STAFF_SIGNAL_STATE, STR("open"));
    return TQ_OK;
}

/* The programme's row is the lock: two who look at once find the same days, and one of them is told. */
static tq_code look_write(look *k, staff_looked *out, tq_err *err)
{
    event_value programme[AUDITED_COLS_MAX];
    int64_t known = 0;
    int64_t id = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(k->a, k->c, R_SUPERVISION | ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, k->c->who.programme_id, k->room, programme, err));
    TQ_TRY(store_int(tx, STMT_STAFF_LOOKED,
                     ARGS(arg_int(k->c->who.programme_id), arg_int(k->from.n), arg_int(k->to.n)), 0,
                     &known, err));
    if (known > 0) {
        return tq_fail(err, TQ_CONFLICT, "staff_looked", "from_day",
                       "these days were looked through already");
    }
    event e = work_event(k->c, EV_STAFF_LOOK);
    TQ_TRY(event_new_row(tx, &e, T_STAFF_LOOK, &id, err));
    event_int(&e, C_STAFF_LOOK_PROGRAMME_ID, k->c->who.programme_id);
    event_int(&e, C_STAFF_LOOK_FROM_DAY, k->from.n);
    event_int(&e, C_STAFF_LOOK_TO_DAY, k->to.n);
    if (k->n > 0) {
        event_int(&e, C_STAFF_LOOK_FOUND, (int64_t)k->n);
    }
    event_int(&e, C_STAFF_LOOK_DAY, k->c->today.n);
    for (size_t i = 0; i < k->n; i++) {
        TQ_TRY(signal_add(k, tx, &e, id, &k->found[i], err));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = (staff_looked){.look_id = id, .found = (int64_t)k->n};
    return TQ_OK;
}

/* Read apart from the writing: a walk through a quarter's events never stops a claim. */
tq_code staff_look(app *a, const call *c, day from, day to, staff_looked *out, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    if (!role_in(c->who.role, R_SUPERVISION | ROLES(ROLE_SYSTEM))) {
        return tq_fail(err, TQ_FORBIDDEN, "no_role", role_name(c->who.role),
                       "this role may not do this");
    }
    if (from.n > to.n || to.n >= c->today.n) {
        return tq_fail(err, TQ_INVALID, "days", "to_day", "name days that are over");
    }
    ARENA_AUTO arena *room = arena_new("look", LOOK_ROOM);
    look *k = ARENA_NEW(room, look, 1);
    *k = (look){.a = a, .c = c, .from = from, .to = to, .room = room};
    tq_code code = look_read(k, err);
    zone_free(k->z);
    if (code == TQ_OK) {
        code = look_write(k, out, err);
    }
    return code;
}

tq_code staff_look_due(app *a, const call *c, int64_t *done, tq_err *err)
{
    const ymd today = day_ymd(c->today);
    const day begins = day_of_ymd((ymd){today.year, ((today.month - 1) / 3 * 3) + 1, 1});
    const day from = day_add_months(begins, -3);
    staff_looked looked = {0};
    tq_err why = {0};
    const tq_code code = staff_look(a, c, from, day_add(begins, -1), &looked, &why);
    if (code == TQ_CONFLICT && strcmp(why.reason, "staff_looked") == 0) {
        return TQ_OK;
    }
    *done += code == TQ_OK ? 1 : 0;
    return code == TQ_OK ? TQ_OK : tq_fail(err, code, why.reason, why.field, "%s", why.detail);
}

tq_code staff_signal_decide(app *a, const call *c, int64_t id, bool confirmed, str note,
                            tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(note, "staff_signal.note", err));
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(row_load(tx, T_STAFF_SIGNAL, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_STAFF_SIGNAL_PROGRAMME_ID), "staff_signal", err));
    if (!row_is(row, C_STAFF_SIGNAL_STATE, "open")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "staff_signal", "it is %.*s already",
                       STR_ARG(row_str(row, C_STAFF_SIGNAL_STATE)));
    }
    if (row_num(row, C_STAFF_SIGNAL_PERSON_ID) == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "staff_signal",
                       "nobody decides what is conspicuous in their own decisions");
    }
    event e = work_event(c, EV_STAFF_SIGNAL_DECIDE);
    event_change(&e, T_STAFF_SIGNAL, id);
    event_text(&e, C_STAFF_SIGNAL_STATE, confirmed ? STR("confirmed") : STR("cleared"));
    event_int(&e, C_STAFF_SIGNAL_DECIDER_ID, c->who.person_id);
    event_int(&e, C_STAFF_SIGNAL_DECIDED_DAY, c->today.n);
    event_text(&e, C_STAFF_SIGNAL_NOTE, note);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
