/* SPDX-License-Identifier: Apache-2.0 */
#include "app/retention.h"

#include "app/app_inner.h"
#include "app/due_rows.h"
#include "app/erasure.h"
#include "app/voucher_inner.h"

/* A record and the private rows that have its id. `state` is -1 where the record has no word for it, and
 * `second` where it has one private row. */
typedef struct record {
    retention_record of;
    store_stmt due;
    due_act *erase;
    int table, state, first, second;
} record;

static bool closed(const event_value *row, int state)
{
    return row_is(row, state, "closed") || row_is(row, state, "ended") ||
           row_is(row, state, "refused");
}

/* Asked in the transaction that erases, which takes turns with whoever sets a hold (inquiry_hold). */
static tq_code no_hold(store_tx *tx, const call *c, tq_err *err)
{
    int64_t at = 0;
    int64_t holds = 0;
    TQ_TRY(store_int(tx, STMT_COUNTER_TURN, ARGS(arg_int(c->who.programme_id)), 0, &at, err));
    TQ_TRY(store_int(tx, STMT_INQUIRY_HOLDS_PROGRAMME, ARGS(arg_int(c->who.programme_id)), 0,
                     &holds, err));
    return holds == 0 ? TQ_OK
                      : tq_fail(err, TQ_CONFLICT, "held", "retention",
                                "the supervisors hold the records of this programme");
}

static tq_code record_erase(app *a, const call *c, const record *r, int64_t id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(no_hold(tx, c, err));
    TQ_TRY(row_load(tx, r->table, id, c->a, row, err));
    event e = work_event(c, EV_RETENTION_ERASE);
    if (r->state >= 0) {
        if (!closed(row, r->state)) {
            return tq_fail(err, TQ_CONFLICT, "state_arrow", "retention", "somebody has moved it");
        }
        event_change(&e, r->table, id);
        event_text(&e, r->state, STR("erased"));
    }
    const erased_row rows[2] = {{r->first, id}, {r->second, id}};
    const bool both = r->second >= 0 && row_num(row, C_TIP_NAMED) != 0;
    TQ_TRY(erase_rows(tx, c, &e, rows, both ? 2 : 1, err));
    return store_commit(&tx, err);
}

static due_act tip_erase, objection_erase, inquiry_erase;

static const record records[] = {
    {RETAIN_TIP, STMT_RETENTION_TIPS, tip_erase, T_TIP, C_TIP_STATE, T_TIP_PRIVATE, T_TIP_SOURCE},
    {RETAIN_OBJECTION, STMT_RETENTION_OBJECTIONS, objection_erase, T_OBJECTION, -1,
     T_OBJECTION_PRIVATE, -1},
    {RETAIN_INQUIRY, STMT_RETENTION_INQUIRIES, inquiry_erase, T_INQUIRY, C_INQUIRY_STATE,
     T_INQUIRY_PRIVATE, -1},
};

static tq_code tip_erase(app *a, const call *c, int64_t id, tq_err *err)
{
    return record_erase(a, c, &records[0], id, err);
}

static tq_code objection_erase(app *a, const call *c, int64_t id, tq_err *err)
{
    return record_erase(a, c, &records[1], id, err);
}

static tq_code inquiry_erase(app *a, const call *c, int64_t id, tq_err *err)
{
    return record_erase(a, c, &records[2], id, err);
}

/* By which policy, if any. */
static tq_code terms_read(app *a, const call *c, const policy **p, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    *p = NULL;
    TQ_TRY(work_read(a, &tx, err));
    return policy_if_any(a, tx, c->who.programme_id, p, err);
}

/* R-RETAIN-010; a hold in the programme stops all of it (R-INQUIRY-030) */
tq_code retention_due(app *a, const call *c, int64_t *done, tq_err *err)
{
    const policy *p = NULL;
    TQ_TRY(terms_read(a, c, &p, err));
    for (size_t i = 0; p != NULL && i < TQ_COUNT(records); i++) {
        int64_t months = 0;
        if (policy_retention_get(p, records[i].of, &months)) {
            const day closed_by = day_add_months(c->today, -(int)months);
            TQ_TRY(due_rows_before(a, c, closed_by, records[i].due, records[i].erase, "retention",
                                   done, err));
        }
    }
    return TQ_OK;
}
