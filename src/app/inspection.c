/* SPDX-License-Identifier: Apache-2.0 */
#include "app/inspection.h"

#include "app/inspection_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R(r) ROLES(ROLE_##r)
#define REASON_MAX 300

tq_code inspection_load(store_tx *tx, const call *c, int64_t id, event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_INSPECTION, id, c->a, row, err));
    return own_programme(c, row_num(row, C_INSPECTION_PROGRAMME_ID), "inspection", err);
}

tq_code inspection_state_need(const event_value *row, const char *one, const char *other,
                              tq_err *err)
{
    if (row_is(row, C_INSPECTION_STATE, one) ||
        (other != NULL && row_is(row, C_INSPECTION_STATE, other))) {
        return TQ_OK;
    }
    return tq_fail(err, TQ_CONFLICT, "state_arrow", "inspection", "it is %.*s",
                   STR_ARG(row_str(row, C_INSPECTION_STATE)));
}

/* R-INSPECT-010, I22 */
static tq_code apart_need(store_tx *tx, int64_t person_id, int64_t org_id, tq_err *err)
{
    int64_t n = 0;
    TQ_TRY(store_int(tx, STMT_INSPECTION_CONFLICTS, ARGS(arg_int(person_id), arg_int(org_id)), 0,
                     &n, err));
    return n == 0 ? TQ_OK
                  : tq_fail(err, TQ_FORBIDDEN, "conflict_declared", "inspection.inspector",
                            "this inspector has declared a conflict with the firm");
}

static tq_code inspector_person(store_tx *tx, const call *c, int64_t user_id, int64_t org_id,
                                const char *field, int64_t *person_id, tq_err *err)
{
    TQ_TRY(store_int(tx, STMT_INSPECTION_INSPECTOR,
                     ARGS(arg_int(user_id), arg_int(c->who.programme_id), arg_int(c->today.n)), 0,
                     person_id, err));
    if (*person_id == 0) {
        return tq_fail(err, TQ_INVALID, "no_inspector", field,
                       "name somebody who has the role inspector today");
    }
    return apart_need(tx, *person_id, org_id, err);
}

/* Two inspectors are two persons, whatever log-ins they use. */
static tq_code two_persons(store_tx *tx, const call *c, int64_t first_user, int64_t second_user,
                           int64_t org_id, int64_t *first, int64_t *second, tq_err *err)
{
    TQ_TRY(inspector_person(tx, c, first_user, org_id, "inspection.first", first, err));
    TQ_TRY(inspector_person(tx, c, second_user, org_id, "inspection.second", second, err));
    return *first != *second ? TQ_OK
                             : tq_fail(err, TQ_INVALID, "two_inspectors", "inspection.second",
                                       "two persons inspect together");
}

/* --- who is visited --------------------------------------------------------------------------------- */

typedef struct visit {
    int64_t org_id, pick_id, first, second;
    str how, reason;
    const char *state;
    day due;
} visit;

#define WORDS_MAX 64 /* kinds of vouchers, or of outcomes, of one firm */

static tq_code words_read(store_tx *tx, store_stmt stmt, const call *c, int64_t org_id, str *out,
                          size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    *n = 0;
    TQ_TRY(store_query(tx, stmt,
                       ARGS(arg_int(c->who.programme_id), arg_int(org_id), arg_int(WORDS_MAX)), &r,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < WORDS_MAX);
        out[(*n)++] = row_copy(&r, c->a);
    }
}

/* R-INSPECT-070: the lines that what the firm holds and had done asks for. */
static tq_code lines_write(store_tx *tx, const call *c, event *e, int64_t inspection_id,
                           int64_t org_id, const policy *p, tq_err *err)
{
    policy_check checks[INSPECTION_LINES_MAX];
    str kinds[WORDS_MAX];
    str items[WORDS_MAX];
    policy_visited of = {.kinds = kinds, .items = items};
    size_t n = 0;
    TQ_TRY(words_read(tx, STMT_INSPECTION_KINDS, c, org_id, kinds, &of.n_kinds, err));
    TQ_TRY(words_read(tx, STMT_INSPECTION_ITEMS, c, org_id, items, &of.n_items, err));
    TQ_TRY(policy_checks(p, c->today, &of, checks, TQ_COUNT(checks), &n, err));
    for (size_t i = 0; i < n; i++) {
        int64_t id = 0;
        TQ_TRY(event_new_row(tx, e, T_INSPECTION_LINE, &id, err));
        event_int(e, C_INSPECTION_LINE_PROGRAMME_ID, c->who.programme_id);
        event_int(e, C_INSPECTION_LINE_INSPECTION_ID, inspection_id);
        event_int(e, C_INSPECTION_LINE_N, (int64_t)i + 1);
        event_text(e, C_INSPECTION_LINE_ITEM, checks[i].id);
        event_text(e, C_INSPECTION_LINE_LABEL_ZH, checks[i].label_zh);
        event_text(e, C_INSPECTION_LINE_LABEL_EN, checks[i].label_en);
        event_text(e, C_INSPECTION_LINE_FINDING, str_of(finding_name(checks[i].finding)));
    }
    return TQ_OK;
}

static tq_code visit_add(store_tx *tx, const call *c, const policy *p, const visit *v, int64_t *id,
                         tq_err *err)
{
    public_number number;
    event e = work_event(c, EV_INSPECTION_OPEN);
    TQ_TRY(number_next(tx, c, &e, NUMBER_INSPECTION, &number, err));
    TQ_TRY(event_new_row(tx, &e, T_INSPECTION, id, err));
    event_int(&e, C_INSPECTION_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_INSPECTION_NUMBER, str_of(number.text));
    event_int(&e, C_INSPECTION_ORG_ID, v->org_id);
    event_int(&e, C_INSPECTION_PICK_ID, v->pick_id);
    event_text(&e, C_INSPECTION_HOW, v->how);
    event_text(&e, C_INSPECTION_REASON, v->reason);
    event_int(&e, C_INSPECTION_FIRST_ID, v->first);
    event_int(&e, C_INSPECTION_SECOND_ID, v->second);
    event_int(&e, C_INSPECTION_DUE_DAY, v->due.n);
    event_text(&e, C_INSPECTION_STATE, str_of(v->state));
    TQ_TRY(lines_write(tx, c, &e, *id, v->org_id, p, err));
    return event_append(tx, &e, NULL, err);
}

static tq_code due_need(const call *c, day due, tq_err *err)
{
    return due.n >= c->today.n
               ? TQ_OK
               : tq_fail(err, TQ_INVALID, "days", "inspection.due", "name today or a later day");
}

tq_code inspection_open(app *a, const call *c, const inspection_rq *rq, inspection_made *out,
                        tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value org[AUDITED_COLS_MAX];
    const policy *p = NULL;
    int64_t policy_id = 0;
    int64_t id = 0;
    visit v = {.org_id = rq->org_id, .how = STR("risk"), .reason = rq->reason, .due = rq->due};
    v.state = c->who.role == ROLE_GROUP ? "assigned" : "proposed"; /* R-DRAW-050 */
    TQ_TRY(line_need(rq->reason, "inspection.reason", err));
    TQ_TRY(due_need(c, rq->due, err));
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err));
    TQ_TRY(two_persons(tx, c, rq->first_user_id, rq->second_user_id, rq->org_id, &v.first,
                       &v.second, err));
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(visit_add(tx, c, p, &v, &id, err));
    TQ_TRY(store_commit(&tx, err));
    *out = (inspection_made){id, 1};
    return TQ_OK;
}

/* The next two of the drawn inspectors, in turn, who have no conflict with the firm. */
static tq_code pair_of(store_tx *tx, const int64_t *persons, size_t n, size_t *turn, visit *v,
                       tq_err *err)
{
    size_t found = 0;
    for (size_t i = 0; i < n && found < 2; i++) {
        const int64_t person = persons[(*turn + i) % n];
        int64_t conflicts = 0;
        TQ_TRY(store_int(tx, STMT_INSPECTION_CONFLICTS, ARGS(arg_int(person), arg_int(v->org_id)),
                         0, &conflicts, err));
        if (conflicts == 0) {
            *(found++ == 0 ? &v->first : &v->second) = person;
        }
    }
    *turn = (*turn + 2) % n;
    return found == 2
               ? TQ_OK
               : tq_fail(err, TQ_CONFLICT, "no_inspectors", "inspection",
                         "conflicts leave less than two drawn inspectors for a firm; draw more");
}

static tq_code picks_read(store_tx *tx, const call *c, int64_t draw_id, visit **out, size_t *n,
                          tq_err *err)
{
    size_t room = 0;
    *n = 0;
    *out = NULL;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_INSPECTION_PICKS, ARGS(arg_int(draw_id)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        if (*n == room) {
            visit *wide = ARENA_NEW(c->a, visit, room == 0 ? 64 : room * 2);
            for (size_t i = 0; i < *n; i++) {
                wide[i] = (*out)[i];
            }
            room = room == 0 ? 64 : room * 2;
            *out = wide;
        }
        visit *v = &(*out)[(*n)++];
        *v = (visit){.pick_id = row_int(&r), .state = "assigned"};
        v->org_id = row_int(&r);
        v->how = row_copy(&r, c->a);
        v->reason = row_copy(&r, c->a);
    }
}

#define DRAWN_MAX 200

tq_code inspection_assign(app *a, const call *c, int64_t draw_id, day due, inspection_made *out,
                          tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    const policy *p = NULL;
    int64_t policy_id = 0;
    int64_t persons[DRAWN_MAX];
    size_t n_persons = 0;
    size_t turn = 0;
    visit *visits = NULL;
    inspection_made made = {0};
    size_t n = 0;
    TQ_TRY(due_need(c, due, err));
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(row_load(tx, T_DRAW, draw_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_DRAW_PROGRAMME_ID), "draw", err));
    if (!row_is(row, C_DRAW_STATE, "drawn") && !row_is(row, C_DRAW_STATE, "published")) {
        return tq_fail(err, TQ_CONFLICT, "draw_state", "draw", "the draw has not been run");
    }
    TQ_TRY(ids_read(tx, STMT_INSPECTION_DRAWN,
                    ARGS(arg_int(draw_id), arg_int(c->who.programme_id), arg_int(c->today.n)),
                    persons, DRAWN_MAX, &n_persons, err));
    TQ_TRY(picks_read(tx, c, draw_id, &visits, &n, err));
    if (n == 0) {
        return tq_fail(err, TQ_CONFLICT, "no_picks", "draw",
                       "every firm of the draw has its inspection already");
    }
    if (n_persons < 2) {
        return tq_fail(err, TQ_CONFLICT, "no_inspectors", "draw",
                       "the draw has less than two inspectors");
    }
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    for (size_t i = 0; i < n; i++) {
        visits[i].due = due;
        TQ_TRY(pair_of(tx, persons, n_persons, &turn, &visits[i], err));
        TQ_TRY(visit_add(tx, c, p, &visits[i], &made.inspection_id, err));
        made.n++;
    }
    TQ_TRY(store_commit(&tx, err));
    *out = made;
    return TQ_OK;
}

/* R-DRAW-050: whom the lot did not choose is visited because the group says so. */
tq_code inspection_agree(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R(GROUP), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "proposed", NULL, err));
    event e = work_event(c, EV_INSPECTION_AGREE);
    event_change(&e, T_INSPECTION, id);
    event_text(&e, C_INSPECTION_STATE, STR("assigned"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code inspection_cancel(app *a, const call *c, int64_t id, str reason, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(line_need(reason, "inspection.reason", err));
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "assigned", "proposed", err));
    if (row_num(row, C_INSPECTION_PICK_ID) != 0 && c->who.role != ROLE_GROUP) { /* R-INSPECT-050 */
        return tq_fail(err, TQ_FORBIDDEN, "group_decides", "inspection",
                       "the visit of a firm that was drawn is cancelled by the group");
    }
    event e = work_event(c, EV_INSPECTION_CANCEL);
    event_change(&e, T_INSPECTION, id);
    event_text(&e, C_INSPECTION_STATE, STR("cancelled"));
    event_text(&e, C_INSPECTION_REASON, reason);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* --- who goes --------------------------------------------------------------------------------------- */

/* R-DRAW-040: whoever planned the draw, acts for a firm of it or declared a conflict does not come in by the back door. */
static tq_code lots_need(store_tx *tx, int64_t pick_id, int64_t person_id, tq_err *err)
{
    int64_t n = 0;
    TQ_TRY(store_int(tx, STMT_INSPECTION_KEPT_OUT, ARGS(arg_int(pick_id), arg_int(person_id)), 0,
                     &n, err));
    return n == 0 ? TQ_OK
                  : tq_fail(err, TQ_FORBIDDEN, "conflict_declared", "inspection.inspector",
                            "this inspector was kept out of the draw's lots");
}

tq_code inspection_staff(app *a, const call *c, int64_t id, int64_t first_user_id,
                         int64_t second_user_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t first = 0;
    int64_t second = 0;
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "assigned", "visited", err));
    TQ_TRY(two_persons(tx, c, first_user_id, second_user_id, row_num(row, C_INSPECTION_ORG_ID),
                       &first, &second, err));
    TQ_TRY(lots_need(tx, row_num(row, C_INSPECTION_PICK_ID), first, err));
    TQ_TRY(lots_need(tx, row_num(row, C_INSPECTION_PICK_ID), second, err));
    event e = work_event(c, EV_INSPECTION_STAFF);
    event_change(&e, T_INSPECTION, id);
    int_change(&e, row, C_INSPECTION_FIRST_ID, first);
    int_change(&e, row, C_INSPECTION_SECOND_ID, second);
    int_change(&e, row, C_INSPECTION_FIRST_SIGNED_DAY, 0); /* they sign who were there */
    int_change(&e, row, C_INSPECTION_SECOND_SIGNED_DAY, 0);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code inspection_task_need(store_tx *tx, const call *c, int64_t org_id, tq_err *err)
{
    int64_t n = 0;
    TQ_ASSERT(c->who.role == ROLE_INSPECTOR);
    TQ_TRY(store_int(tx, STMT_INSPECTION_TASKS,
                     ARGS(arg_int(org_id), arg_int(c->who.person_id), arg_int(c->who.programme_id)),
                     0, &n, err));
    return n > 0 ? TQ_OK
                 : tq_fail(err, TQ_NOT_FOUND, "not_found", "inspection", "there is no such record");
}

/* Which of the two places the actor has; NOT_FOUND where none. */
tq_code inspection_place(const event_value *row, const call *c, bool *first, tq_err *err)
{
    *first = row_num(row, C_INSPECTION_FIRST_ID) == c->who.person_id;
    return *first || row_num(row, C_INSPECTION_SECOND_ID) == c->who.person_id
               ? TQ_OK
               : tq_fail(err, TQ_NOT_FOUND, "not_found", "inspection", "there is no such record");
}

/* R-INSPECT-060, R-INSPECT-080 */
tq_code inspection_evidence_need(store_tx *tx, const call *c, int64_t id, event *e, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    bool first = false;
    TQ_TRY(inspection_load(tx, c, id, row, err));
    if (role_in(c->who.role, R_FIRM)) { /* papers of the reply: they stand beside what was signed */
        TQ_TRY(own_org(c, row_num(row, C_INSPECTION_ORG_ID), err));
        return inspection_state_need(row, "signed", "replied", err);
    }
    TQ_TRY(inspection_place(row, c, &first, err));
    TQ_TRY(inspection_state_need(row, "assigned", "visited", err));
    if (row_num(row, C_INSPECTION_FIRST_SIGNED_DAY) != 0 ||
        row_num(row, C_INSPECTION_SECOND_SIGNED_DAY) != 0) {
        event_change(e, T_INSPECTION, id);
        int_change(e, row, C_INSPECTION_FIRST_SIGNED_DAY, 0);
        int_change(e, row, C_INSPECTION_SECOND_SIGNED_DAY, 0);
    }
    return TQ_OK;
}

/* The conflict holds for the firm, now and later; a place that the person has here is free from now on. */
static tq_code conflict_add(store_tx *tx, event *e, const event_value *row, int64_t inspection_id,
                            int64_t person_id, str cause, day today, tq_err *err)
{
    int64_t id = 0;
    TQ_ASSERT(person_id != 0);
    TQ_TRY(event_new_row(tx, e, T_INSPECTION_CONFLICT, &id, err));
    event_int(e, C_INSPECTION_CONFLICT_PROGRAMME_ID, row_num(row, C_INSPECTION_PROGRAMME_ID));
    event_int(e, C_INSPECTION_CONFLICT_PERSON_ID, person_id);
    event_int(e, C_INSPECTION_CONFLICT_ORG_ID, row_num(row, C_INSPECTION_ORG_ID));
    event_text(e, C_INSPECTION_CONFLICT_CAUSE, cause);
    event_int(e, C_INSPECTION_CONFLICT_DAY, today.n);
    const bool first = row_num(row, C_INSPECTION_FIRST_ID) == person_id;
    if (!first && row_num(row, C_INSPECTION_SECOND_ID) != person_id) {
        return TQ_OK; /* not sent, and never will be */
    }
    event_change(e, T_INSPECTION, inspection_id);
    event_int(e, first ? C_INSPECTION_FIRST_ID : C_INSPECTION_SECOND_ID, 0);
    int_change(e, row, first ? C_INSPECTION_FIRST_SIGNED_DAY : C_INSPECTION_SECOND_SIGNED_DAY, 0);
    return TQ_OK;
}

tq_code inspection_conflict(app *a, const call *c, int64_t id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    bool first = false;
    TQ_TRY(line_need(cause, "inspection.cause", err));
    TQ_TRY(work_begin(a, c, R(INSPECTOR), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_place(row, c, &first, err));
    TQ_TRY(inspection_state_need(row, "assigned", "visited", err));
    event e = work_event(c, EV_INSPECTION_CONFLICT);
    TQ_TRY(conflict_add(tx, &e, row, id, c->who.person_id, cause, c->today, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-INSPECT-040: an inspector who keeps silent is taken off by the office, with the cause. */
tq_code inspection_exclude(app *a, const call *c, int64_t id, int64_t user_id, str cause,
                           tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t person = 0;
    TQ_TRY(line_need(cause, "inspection.cause", err));
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "assigned", "visited", err));
    TQ_TRY(inspector_person(tx, c, user_id, row_num(row, C_INSPECTION_ORG_ID), "inspection.user",
                            &person, err));
    event e = work_event(c, EV_INSPECTION_EXCLUDE);
    TQ_TRY(conflict_add(tx, &e, row, id, person, cause, c->today, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
