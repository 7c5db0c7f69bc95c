/* SPDX-License-Identifier: Apache-2.0 */
#include "app/order_inner.h"

#define DUE_PAGE 200

static tq_code order_lapse(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    order_case k = {0};
    TQ_TRY(work_begin(a, c, R_SYSTEM, &tx, err));
    TQ_TRY(order_case_open(a, tx, c, id, false, &k, err));
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

/* Which orders a clock is due for, and what it then does. */
typedef struct order_clock {
    store_stmt due;
    tq_code (*act)(app *a, const call *c, int64_t id, tq_err *err);
} order_clock;

static tq_code due_page(app *a, const call *c, store_stmt due, int64_t after, int64_t *ids, int *n,
                        tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(
        tx, due,
        ARGS(arg_int(c->who.programme_id), arg_int(c->today.n), arg_int(after), arg_int(DUE_PAGE)),
        &r, err));
    *n = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < DUE_PAGE);
        ids[(*n)++] = row_int(&r);
    }
}

/* Somebody acted between our look and our lock: the order is no longer due, and that is fine. */
static bool passed_over(const tq_err *err)
{
    static const char *const reasons[] = {"state_arrow", "not_due", "open_claim", "closed"};
    for (size_t i = 0; i < TQ_COUNT(reasons); i++) {
        if (err->code == TQ_CONFLICT && strcmp(err->reason, reasons[i]) == 0) {
            return true;
        }
    }
    return false;
}

static tq_code clock_run(app *a, const call *c, const order_clock *clock, int64_t *done,
                         tq_err *err)
{
    int64_t ids[DUE_PAGE];
    int64_t after = 0;
    int n = DUE_PAGE;
    while (n == DUE_PAGE) {
        TQ_TRY(due_page(a, c, clock->due, after, ids, &n, err));
        for (int i = 0; i < n; i++) {
            tq_err why = {0};
            const tq_code code = clock->act(a, c, ids[i], &why);
            if (code != TQ_OK && !passed_over(&why)) {
                return tq_fail(err, code, why.reason, why.field, "order %lld: %s",
                               (long long)ids[i], why.detail);
            }
            *done += code == TQ_OK ? 1 : 0;
            after = ids[i];
        }
    }
    return TQ_OK;
}

tq_code order_clocks_due(app *a, const call *c, order_clocks *done, tq_err *err)
{
    order_clocks r = {0};
    TQ_TRY(clock_run(a, c, &(order_clock){STMT_ORDER_DUE_LAPSE, order_lapse}, &r.lapsed, err));
    TQ_TRY(
        clock_run(a, c, &(order_clock){STMT_ORDER_DUE_CONFIRM, order_confirm}, &r.confirmed, err));
    TQ_TRY(clock_run(a, c, &(order_clock){STMT_ORDER_DUE_CANCEL, order_cancel_late}, &r.cancelled,
                     err));
    TQ_TRY(clock_run(a, c, &(order_clock){STMT_ORDER_DUE_CLOSE, order_close}, &r.closed, err));
    *done = r;
    return TQ_OK;
}
