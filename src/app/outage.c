/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"

#include "app/row_change.h"

tq_code outage_file(app *a, const call *c, day from, day to, str cause, int64_t *outage_id,
                    tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(cause, "outage.cause", err));
    TQ_TRY(days_need(from, to, "outage.to", err));
    if (from.n == 0 || to.n == 0) {
        return tq_fail(err, TQ_INVALID, "days", "outage", "give the first and the last day");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_SYSADMIN), &tx, err));
    int64_t id = 0;
    event e = work_event(c, EV_OUTAGE_FILE);
    TQ_TRY(event_new_row(tx, &e, T_OUTAGE, &id, err));
    event_int(&e, C_OUTAGE_PROGRAMME_ID, c->who.programme_id);
    event_int(&e, C_OUTAGE_FROM_DAY, from.n);
    event_int(&e, C_OUTAGE_TO_DAY, to.n);
    event_text(&e, C_OUTAGE_CAUSE, cause);
    event_int(&e, C_OUTAGE_MAKER_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_OUTAGE, id, "outage_make", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *outage_id = id;
    return TQ_OK;
}

/* R-OUTAGE-010: one that nobody has declared or taken back yet, of this programme. */
static tq_code filed_outage(store_tx *tx, const call *c, int64_t outage_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_OUTAGE, outage_id, c->a, row, err));
    if (row_num(row, C_OUTAGE_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "outage", "there is no such record");
    }
    if (row_num(row, C_OUTAGE_CHECKER_ID) != 0) {
        return tq_fail(err, TQ_CONFLICT, "declared", "outage", "the outage is declared already");
    }
    if (row_num(row, C_OUTAGE_WITHDRAWN_ID) != 0) {
        return tq_fail(err, TQ_CONFLICT, "withdrawn", "outage", "the outage was taken back");
    }
    return TQ_OK;
}

tq_code outage_declare(app *a, const call *c, int64_t outage_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(filed_outage(tx, c, outage_id, err));
    event e = work_event(c, EV_OUTAGE_DECLARE);
    event_change(&e, T_OUTAGE, outage_id);
    event_int(&e, C_OUTAGE_CHECKER_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_OUTAGE, outage_id, "outage_check", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code outage_withdraw(app *a, const call *c, int64_t outage_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_SYSADMIN), &tx, err));
    TQ_TRY(filed_outage(tx, c, outage_id, err));
    event e = work_event(c, EV_OUTAGE_WITHDRAW);
    event_change(&e, T_OUTAGE, outage_id);
    event_int(&e, C_OUTAGE_WITHDRAWN_ID, c->who.person_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
