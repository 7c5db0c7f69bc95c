/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_inner.h"

#include "app/due_rows.h"

/* Nothing is held for a proposal, so nothing flows back and no fund is locked. */
static tq_code order_lapse(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(order_begin(a, c, R_SYSTEM, id, false, &tx, &k, err));
    const bool ended = row_is(k.voucher, C_VOUCHER_STATE, "expired") ||
                       row_is(k.voucher, C_VOUCHER_STATE, "cancelled");
    if (!ended && row_num(k.row, C_SERVICE_ORDER_END_DAY) >= c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "not_due", "order.end", "it can still be answered");
    }
    event e = work_event(c, EV_ORDER_LAPSE);
    event_change(&e, T_SERVICE_ORDER, id);
    event_text(&e, C_SERVICE_ORDER_STATE, STR("expired"));
    event_int(&e, C_SERVICE_ORDER_CLOSED, 1);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

static tq_code order_cancel_late(app *a, const call *c, int64_t id, tq_err *err)
{
    return order_cancel(a, c, id, STR("claims on the voucher are late"), err);
}

tq_code order_clocks_due(app *a, const call *c, order_clocks *done, tq_err *err)
{
    order_clocks r = {0};
    TQ_ASSERT(c->who.role == ROLE_SYSTEM);
    TQ_TRY(due_rows_run(a, c, STMT_ORDER_DUE_LAPSE, order_lapse, "order", &r.lapsed, err));
    TQ_TRY(due_rows_run(a, c, STMT_ORDER_DUE_CONFIRM, order_confirm, "order", &r.confirmed, err));
    TQ_TRY(due_rows_run(a, c, STMT_ORDER_DUE_CANCEL, order_cancel_late, "order", &r.cancelled,
                        err));
    TQ_TRY(due_rows_run(a, c, STMT_ORDER_DUE_CLOSE, order_close, "order", &r.closed, err));
    *done = r;
    return TQ_OK;
}
