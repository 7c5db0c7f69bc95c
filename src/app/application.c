/* SPDX-License-Identifier: Apache-2.0 */
#include "app/application.h"

#include "app/programme.h"
#include "app/row_change.h"
#include "app/supplement.h"
#include "app/voucher.h"
#include "app/voucher_inner.h"

#define R_FILES (R_FIRM | ROLES(ROLE_CENTRE))
#define R_DESK (ROLES(ROLE_INTAKE) | ROLES(ROLE_REVIEWER1) | ROLES(ROLE_OFFICE))

static const char *const ways[] = {"round", "immediate", NULL};

/* A top-up names an active voucher of the same holder and kind. */
static tq_code top_up_need(store_tx *tx, const call *c, const application_request *rq, tq_err *err)
{
    if (rq->voucher_id == 0) {
        return TQ_OK;
    }
    event_value v[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_VOUCHER, rq->voucher_id, c->a, v, err));
    TQ_TRY(own_programme(c, row_num(v, C_VOUCHER_PROGRAMME_ID), "voucher", err));
    if (row_num(v, C_VOUCHER_HOLDER_ID) != rq->holder_id ||
        row_num(v, C_VOUCHER_KIND_ID) != rq->kind_id) {
        return tq_fail(err, TQ_INVALID, "other_voucher", "application.voucher",
                       "the voucher to top up has another holder or kind");
    }
    if (!row_is(v, C_VOUCHER_STATE, "active")) {
        return tq_fail(err, TQ_CONFLICT, "voucher_not_active", "application.voucher",
                       "only an active voucher can be topped up");
    }
    return TQ_OK;
}

static tq_code request_need(store_tx *tx, const call *c, const application_request *rq, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TQ_TRY(own_org(c, rq->holder_id, err));
    TQ_TRY(word_need(str_of(rq->way), ways, "application.way", err));
    TQ_TRY(line_may(rq->purpose, "application.purpose", err));
    if (rq->asked_fen <= 0 || rq->asked_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "amount_range", "application.asked",
                       "ask for an amount above zero");
    }
    org_brief org;
    str kind;
    TQ_ASSERT(c->who.programme_id != 0);
    TQ_TRY(org_brief_read(tx, rq->holder_id, c->a, &org, err));
    if (!str_eq(org.state, STR("active"))) {
        return tq_fail(err, TQ_CONFLICT, "organisation_state", "application.holder",
                       "the organisation is no longer active");
    }
    TQ_TRY(voucher_kind_code(tx, rq->kind_id, c->a, &kind, err));
    TQ_TRY(top_up_need(tx, c, rq, err));
    return ban_check(tx, c->who.programme_id, rq->holder_id, c->today, err);
}

/* Facts of the holder are not copied: they are asked by day when it is decided. */
static tq_code application_row(store_tx *tx, event *e, const call *c, const application_request *rq,
                               const char *state, int64_t *id, tq_err *err)
{
    TQ_ASSERT(rq->asked_fen > 0);
    TQ_TRY(event_new_row(tx, e, T_APPLICATION, id, err));
    event_int(e, C_APPLICATION_PROGRAMME_ID, c->who.programme_id);
    event_int(e, C_APPLICATION_KIND_ID, rq->kind_id);
    event_int(e, C_APPLICATION_HOLDER_ID, rq->holder_id);
    event_int(e, C_APPLICATION_VOUCHER_ID, rq->voucher_id);
    event_text(e, C_APPLICATION_WAY, str_of(rq->way));
    event_int(e, C_APPLICATION_ASKED_FEN, rq->asked_fen);
    event_text(e, C_APPLICATION_PURPOSE, rq->purpose);
    event_text(e, C_APPLICATION_STATE, str_of(state));
    return TQ_OK;
}

/* No number yet: numbers are gap-free, and a draft may never be filed. */
tq_code application_draft(app *a, const call *c, const application_request *rq, int64_t *id_out,
                          tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    TQ_TRY(work_begin(a, c, R_FILES, &tx, err));
    TQ_TRY(request_need(tx, c, rq, err));
    event e = work_event(c, EV_APPLICATION_DRAFT);
    TQ_TRY(application_row(tx, &e, c, rq, "draft", &id, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id_out = id;
    return TQ_OK;
}

/* The application's row is the last of the event when this returns. */
static tq_code number_it(store_tx *tx, const call *c, event *e, int64_t id, bool created,
                         tq_err *err)
{
    public_number number;
    TQ_TRY(number_next(tx, c, e, NUMBER_APPLICATION, &number, err));
    event_change(e, T_APPLICATION, id);
    TQ_ASSERT(e->rows[e->n_rows - 1].created == created);
    event_text(e, C_APPLICATION_NUMBER, str_of(number.text));
    event_int(e, C_APPLICATION_FILED_DAY, c->today.n);
    return TQ_OK;
}

/* Those of the yearly round come in while a call is open; a supplement later keeps the day of its filing. */
static tq_code round_need(store_tx *tx, const call *c, str way, tq_err *err)
{
    return str_eq(way, STR("round")) ? call_need(tx, c->who.programme_id, c->today, err) : TQ_OK;
}

/* Intake files what comes in on paper, and is from then on the person who applied (I15). */
tq_code application_file(app *a, const call *c, const application_request *rq, int64_t *id_out,
                         tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    TQ_TRY(work_begin(a, c, R_FILES | ROLES(ROLE_INTAKE), &tx, err));
    TQ_TRY(request_need(tx, c, rq, err));
    TQ_TRY(round_need(tx, c, str_of(rq->way), err));
    event e = work_event(c, EV_APPLICATION_SUBMIT);
    TQ_TRY(application_row(tx, &e, c, rq, "submitted", &id, err));
    TQ_TRY(act_once(tx, c, &e, T_APPLICATION, id, "apply", err));
    TQ_TRY(number_it(tx, c, &e, id, true, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id_out = id;
    return TQ_OK;
}

/* Loads and locks an application of this programme and, for firms, of their own. */
static tq_code application_load(store_tx *tx, const call *c, int64_t id, event_value *row,
                                tq_err *err)
{
    TQ_TRY(row_load(tx, T_APPLICATION, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_APPLICATION_PROGRAMME_ID), "application", err));
    return own_org(c, row_num(row, C_APPLICATION_HOLDER_ID), err);
}

/* A supplement comes back by the same door as a draft: it keeps its number and its day of filing. */
tq_code application_submit(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R_FILES, &tx, err));
    TQ_TRY(application_load(tx, c, id, row, err));
    TQ_TRY(ban_check(tx, c->who.programme_id, row_num(row, C_APPLICATION_HOLDER_ID), c->today,
                     err));
    if (!row_is(row, C_APPLICATION_STATE, "draft") &&
        !row_is(row, C_APPLICATION_STATE, "returned")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "application",
                       "it is %.*s and cannot be submitted",
                       STR_ARG(row_str(row, C_APPLICATION_STATE)));
    }
    event e = work_event(c, EV_APPLICATION_SUBMIT);
    TQ_TRY(act_once(tx, c, &e, T_APPLICATION, id, "apply", err));
    if (row_str(row, C_APPLICATION_NUMBER).len == 0) {
        TQ_TRY(round_need(tx, c, row_str(row, C_APPLICATION_WAY), err));
        TQ_TRY(number_it(tx, c, &e, id, false, err));
    }
    event_change(&e, T_APPLICATION, id);
    event_text(&e, C_APPLICATION_STATE, STR("submitted"));
    int_change(&e, row, C_APPLICATION_RETURN_BY_DAY, 0);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code application_return(app *a, const call *c, int64_t id, str reason, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    str kind;
    day by;
    TQ_TRY(line_need(reason, "application.reason", err));
    TQ_TRY(work_begin(a, c, R_DESK, &tx, err));
    TQ_TRY(application_load(tx, c, id, row, err));
    TQ_TRY(voucher_kind_code(tx, row_num(row, C_APPLICATION_KIND_ID), c->a, &kind, err));
    TQ_TRY(supplement_by(a, tx, c, kind.data, &by, err));
    event e = work_event(c, EV_APPLICATION_RETURN);
    TQ_TRY(decision_add(tx, c, &e, T_APPLICATION, id, "returned", arena_copy(c->a, reason).data, 0,
                        STR(""), STR(""), NULL, &decision, err));
    event_change(&e, T_APPLICATION, id);
    event_text(&e, C_APPLICATION_STATE, STR("returned"));
    int_change(&e, row, C_APPLICATION_RETURN_BY_DAY, by.n);
    event_int(&e, C_APPLICATION_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* By the firm alone: what the bureau does not want it refuses, on record. */
tq_code application_withdraw(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R_FIRM, &tx, err));
    TQ_TRY(application_load(tx, c, id, row, err));
    event e = work_event(c, EV_APPLICATION_WITHDRAW);
    event_change(&e, T_APPLICATION, id);
    event_text(&e, C_APPLICATION_STATE, STR("withdrawn"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
