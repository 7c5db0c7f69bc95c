/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"

#include "app/row_change.h"

#define CALL_DETAIL_MAX 2000

static tq_code call_form(const call *c, const call_open_rq *rq, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(rq->title, "open_call.title", err));
    TQ_TRY(days_need(rq->from, rq->to, "open_call.to", err));
    if (rq->from.n == 0 || rq->to.n == 0) {
        return tq_fail(err, TQ_INVALID, "days", "open_call.to", "give the first and the last day");
    }
    if (rq->detail.len > CALL_DETAIL_MAX || !str_utf8(rq->detail)) {
        return tq_fail(err, TQ_INVALID, "text_size", "open_call.detail", "say it in %d bytes",
                       CALL_DETAIL_MAX);
    }
    return TQ_OK;
}

tq_code call_open(app *a, const call *c, const call_open_rq *rq, int64_t *call_id, tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(call_form(c, rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    event e = work_event(c, EV_CALL_OPEN);
    TQ_TRY(event_new_row(tx, &e, T_OPEN_CALL, &id, err));
    event_int(&e, C_OPEN_CALL_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_OPEN_CALL_TITLE, rq->title);
    event_text(&e, C_OPEN_CALL_DETAIL, rq->detail);
    event_int(&e, C_OPEN_CALL_FROM_DAY, rq->from.n);
    event_int(&e, C_OPEN_CALL_TO_DAY, rq->to.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *call_id = id;
    return TQ_OK;
}

tq_code call_close(app *a, const call *c, int64_t call_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_OPEN_CALL, call_id, c->a, row, err));
    if (row_num(row, C_OPEN_CALL_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "open_call", "there is no such record");
    }
    if (row_num(row, C_OPEN_CALL_CLOSED_DAY) != 0 ||
        row_num(row, C_OPEN_CALL_TO_DAY) < c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "call_closed", "open_call", "the call is over already");
    }
    event e = work_event(c, EV_CALL_CLOSE);
    event_change(&e, T_OPEN_CALL, call_id);
    event_int(&e, C_OPEN_CALL_CLOSED_DAY, c->today.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-APPLY-030 */
tq_code call_need(store_tx *tx, int64_t programme_id, day today, tq_err *err)
{
    int64_t announced = 0;
    int64_t open = 0;
    TQ_TRY(store_int(tx, STMT_CALLS_ANNOUNCED, ARGS(arg_int(programme_id)), 0, &announced, err));
    if (announced == 0) {
        return TQ_OK; /* a programme that announces none takes applications as its policy says */
    }
    TQ_TRY(store_int(tx, STMT_CALLS_OPEN, ARGS(arg_int(programme_id), arg_int(today.n)), 0, &open,
                     err));
    return open > 0 ? TQ_OK
                    : tq_fail(err, TQ_CONFLICT, "no_call", "application.way",
                              "no call for applications is open today; file it as immediate, or "
                              "when one opens");
}
