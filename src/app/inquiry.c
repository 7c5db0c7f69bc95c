/* SPDX-License-Identifier: Apache-2.0 */
#include "app/inquiry.h"

#include "app/app_inner.h"
#include "app/due_rows.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R_SUPERVISION (ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))

/* The two sides of an inquiry (R-INQUIRY-010): nobody acts on both. */
#define ASKING "inquiry"
#define ANSWERING "inquiry_answer"

/* Exactly the one whom the scope needs is named, and exists here. */
static tq_code subject_need(store_tx *tx, const call *c, const inquiry_request *rq,
                            int64_t *subject_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    const bool org = str_eq(rq->scope, STR("organisation"));
    const bool person = str_eq(rq->scope, STR("person"));
    if (org != (rq->org_id != 0) || person != (rq->person_id != 0)) {
        return tq_fail(err, TQ_INVALID, "inquiry_scope", "inquiry.scope",
                       "name the organisation or the log-in that the scope is about, and no other");
    }
    if (org) {
        TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, row, err));
    }
    if (person) {
        TQ_TRY(row_load(tx, T_PERSON, rq->person_id, c->a, row, err));
    }
    *subject_id = org ? rq->org_id : rq->person_id;
    return TQ_OK;
}

static tq_code form_need(const call *c, const inquiry_request *rq, tq_err *err)
{
    static const char *const scopes[] = {"organisation", "person", "programme", NULL};
    TQ_TRY(line_need(rq->case_no, "inquiry.case_no", err));
    TQ_TRY(word_need(rq->scope, scopes, "inquiry.scope", err));
    TQ_TRY(line_need(rq->reason, "inquiry.reason", err));
    TQ_TRY(days_need(rq->from, rq->until, "inquiry.until_day", err));
    if (rq->from.n < c->today.n || rq->until.n == 0 ||
        rq->until.n - rq->from.n >= INQUIRY_DAYS_MAX) {
        return tq_fail(err, TQ_INVALID, "inquiry_days", "inquiry.until_day",
                       "from today on, and %d days at most", INQUIRY_DAYS_MAX);
    }
    return TQ_OK;
}

tq_code inquiry_ask(app *a, const call *c, const inquiry_request *rq, int64_t *id, tq_err *err)
{
    int64_t subject = 0;
    day papers = DAY_NONE;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(form_need(c, rq, err));
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(subject_need(tx, c, rq, &subject, err));
    if (rq->urgent) {
        TQ_TRY(clock_of_policy(a, tx, c, "inquiry_papers", &papers, err));
    }
    event e = work_event(c, EV_INQUIRY_ASK);
    TQ_TRY(event_new_row(tx, &e, T_INQUIRY, id, err));
    event_int(&e, C_INQUIRY_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_INQUIRY_FROM_DAY, rq->from.n);
    event_int(&e, C_INQUIRY_UNTIL_DAY, rq->until.n);
    event_text(&e, C_INQUIRY_STATE, STR("asked"));
    if (rq->urgent) {
        event_int(&e, C_INQUIRY_URGENT, 1);
        event_int(&e, C_INQUIRY_PAPERS_BY_DAY, papers.n);
    }
    event_create(&e, T_INQUIRY_PRIVATE, *id);
    event_text(&e, C_INQUIRY_PRIVATE_CASE_NO, rq->case_no);
    event_text(&e, C_INQUIRY_PRIVATE_SCOPE, rq->scope);
    event_int(&e, C_INQUIRY_PRIVATE_SUBJECT_ID, subject);
    event_text(&e, C_INQUIRY_PRIVATE_REASON, rq->reason);
    TQ_TRY(act_once(tx, c, &e, T_INQUIRY, *id, ASKING, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* The inquiry under lock, of this programme; `state` NULL: any. Whom it is about is told of none, and so opens,
 * ends and frees none (R-INQUIRY-050). */
static tq_code inquiry_load(store_tx *tx, const call *c, int64_t id, const char *state,
                            event_value *row, tq_err *err)
{
    event_value said[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_INQUIRY, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_INQUIRY_PROGRAMME_ID), "inquiry", err));
    TQ_TRY(row_load(tx, T_INQUIRY_PRIVATE, id, c->a, said, err));
    if (c->who.role != ROLE_SYSTEM && row_is(said, C_INQUIRY_PRIVATE_SCOPE, "person") &&
        row_num(said, C_INQUIRY_PRIVATE_SUBJECT_ID) == c->who.person_id) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "inquiry", "there is no such record");
    }
    if (state != NULL && !row_is(row, C_INQUIRY_STATE, state)) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "inquiry", "it is %.*s, not %s",
                       STR_ARG(row_str(row, C_INQUIRY_STATE)), state);
    }
    return TQ_OK;
}

tq_code inquiry_answer(app *a, const call *c, int64_t id, bool open, str answer, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(answer, "inquiry.answer", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SUPERVISOR_HEAD), &tx, err));
    TQ_TRY(inquiry_load(tx, c, id, "asked", row, err));
    event e = work_event(c, EV_INQUIRY_ANSWER);
    event_change(&e, T_INQUIRY, id);
    event_text(&e, C_INQUIRY_STATE, open ? STR("open") : STR("refused"));
    event_change(&e, T_INQUIRY_PRIVATE, id);
    event_text(&e, C_INQUIRY_PRIVATE_ANSWER, answer);
    TQ_TRY(act_once(tx, c, &e, T_INQUIRY, id, ANSWERING, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code inquiry_papers(app *a, const call *c, int64_t id, str papers, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(papers, "inquiry.papers", err));
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(inquiry_load(tx, c, id, NULL, row, err));
    if (row_num(row, C_INQUIRY_URGENT) == 0 || row_num(row, C_INQUIRY_PAPERS_DAY) != 0 ||
        row_is(row, C_INQUIRY_STATE, "refused") || row_is(row, C_INQUIRY_STATE, "erased")) {
        return tq_fail(err, TQ_CONFLICT, "no_papers_due", "inquiry", "no papers are awaited of it");
    }
    event e = work_event(c, EV_INQUIRY_PAPERS);
    event_change(&e, T_INQUIRY, id);
    event_int(&e, C_INQUIRY_PAPERS_DAY, c->today.n);
    event_change(&e, T_INQUIRY_PRIVATE, id);
    event_text(&e, C_INQUIRY_PRIVATE_PAPERS, papers);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

static tq_code end_append(store_tx *tx, const call *c, int64_t id, str answer, tq_err *err)
{
    event_value said[AUDITED_COLS_MAX];
    event e = work_event(c, EV_INQUIRY_END);
    event_change(&e, T_INQUIRY, id);
    event_text(&e, C_INQUIRY_STATE, STR("ended"));
    if (answer.len > 0) {
        TQ_TRY(row_load(tx, T_INQUIRY_PRIVATE, id, c->a, said, err));
        event_change(&e, T_INQUIRY_PRIVATE, id);
        text_change(&e, said, C_INQUIRY_PRIVATE_ANSWER, answer);
    }
    return event_append(tx, &e, NULL, err);
}

tq_code inquiry_end(app *a, const call *c, int64_t id, str answer, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(line_need(answer, "inquiry.answer", err));
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(inquiry_load(tx, c, id, "open", row, err));
    TQ_TRY(end_append(tx, c, id, answer, err));
    return store_commit(&tx, err);
}

static tq_code end_one(app *a, const call *c, int64_t id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(inquiry_load(tx, c, id, "open", row, err));
    TQ_TRY(end_append(tx, c, id, STR(""), err));
    return store_commit(&tx, err);
}

tq_code inquiry_end_due(app *a, const call *c, int64_t *done, tq_err *err)
{
    return due_rows_run(a, c, STMT_INQUIRY_OVER, end_one, "inquiry", done, err);
}

static tq_code hold_set(store_tx *tx, const call *c, event_kind kind, int64_t id, const char *stage,
                        tq_err *err)
{
    event e = work_event(c, kind);
    event_change(&e, T_INQUIRY, id);
    event_int(&e, C_INQUIRY_HOLD, kind == EV_INQUIRY_HOLD);
    TQ_TRY(act_once(tx, c, &e, T_INQUIRY, id, stage, err));
    return event_append(tx, &e, NULL, err);
}

/* Who erases in the programme, or erases the person, has done it before, or finds the hold. */
static tq_code hold_turn(store_tx *tx, const call *c, int64_t id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t at = 0;
    TQ_TRY(store_int(tx, STMT_COUNTER_TURN, ARGS(arg_int(c->who.programme_id)), 0, &at, err));
    TQ_TRY(row_load(tx, T_INQUIRY_PRIVATE, id, c->a, row, err));
    return row_is(row, C_INQUIRY_PRIVATE_SCOPE, "person")
               ? row_load(tx, T_PERSON, row_num(row, C_INQUIRY_PRIVATE_SUBJECT_ID), c->a, row, err)
               : TQ_OK;
}

tq_code inquiry_hold(app *a, const call *c, int64_t id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(hold_turn(tx, c, id, err));
    TQ_TRY(inquiry_load(tx, c, id, "open", row, err));
    if (row_num(row, C_INQUIRY_HOLD) != 0) {
        return tq_fail(err, TQ_CONFLICT, "held", "inquiry", "the hold is set already");
    }
    TQ_TRY(hold_set(tx, c, EV_INQUIRY_HOLD, id, ASKING, err));
    return store_commit(&tx, err);
}

tq_code inquiry_release(app *a, const call *c, int64_t id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SUPERVISOR_HEAD), &tx, err));
    TQ_TRY(inquiry_load(tx, c, id, NULL, row, err));
    if (row_num(row, C_INQUIRY_HOLD) == 0) {
        return tq_fail(err, TQ_CONFLICT, "not_held", "inquiry", "the inquiry holds nothing");
    }
    TQ_TRY(hold_set(tx, c, EV_INQUIRY_RELEASE, id, ANSWERING, err));
    return store_commit(&tx, err);
}

/* R-INQUIRY-030 */
tq_code person_hold_check(store_tx *tx, int64_t person_id, tq_err *err)
{
    int64_t holds = 0;
    TQ_ASSERT(person_id > 0);
    TQ_TRY(store_int(tx, STMT_INQUIRY_HOLDS_PERSON, ARGS(arg_int(person_id)), 0, &holds, err));
    return holds == 0 ? TQ_OK
                      : tq_fail(err, TQ_CONFLICT, "held", "person",
                                "the supervisors hold this record; ask them");
}
