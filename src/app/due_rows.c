/* SPDX-License-Identifier: Apache-2.0 */
#include "app/due_rows.h"

#define DUE_PAGE 200

/* Read apart from the acts: each of those takes the writer's turn by itself, so that a long run of
 * clocks never stops a claim. */
static tq_code due_page(app *a, const call *c, day until, store_stmt due, int64_t after,
                        int64_t *ids, int *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, due,
                       ARGS(arg_int(c->who.programme_id), arg_int(until.n), arg_int(after),
                            arg_int(DUE_PAGE)),
                       &r, err));
    *n = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < DUE_PAGE);
        ids[*n] = row_int(&r);
        TQ_ASSERT(ids[*n] > (*n == 0 ? after : ids[*n - 1])); /* else the loop would not end */
        (*n)++;
    }
}

/* Somebody acted between our look and our lock, or holds it: the case is not due, and that is fine. */
static bool passed_over(tq_code code, const tq_err *why)
{
    static const char *const reasons[] = {"state_arrow", "claim_state", "not_due",
                                          "open_claim",  "closed",      "held"};
    for (size_t i = 0; i < TQ_COUNT(reasons); i++) {
        if (code == TQ_CONFLICT && strcmp(why->reason, reasons[i]) == 0) {
            return true;
        }
    }
    return false;
}

tq_code due_rows_before(app *a, const call *c, day until, store_stmt due, due_act *act,
                        const char *what, int64_t *done, tq_err *err)
{
    int64_t ids[DUE_PAGE];
    int64_t after = 0;
    int n = DUE_PAGE;
    TQ_ASSERT(c->who.role == ROLE_SYSTEM);
    TQ_ASSERT(act != NULL);
    while (n == DUE_PAGE) {
        TQ_TRY(due_page(a, c, until, due, after, ids, &n, err));
        for (int i = 0; i < n; i++) {
            tq_err why = {0};
            const tq_code code = act(a, c, ids[i], &why);
            if (code != TQ_OK && !passed_over(code, &why)) {
                return tq_fail(err, code, why.reason, why.field, "%s %lld: %s", what,
                               (long long)ids[i], why.detail);
            }
            *done += code == TQ_OK ? 1 : 0;
            after = ids[i];
        }
    }
    return TQ_OK;
}

tq_code due_rows_run(app *a, const call *c, store_stmt due, due_act *act, const char *what,
                     int64_t *done, tq_err *err)
{
    return due_rows_before(a, c, c->today, due, act, what, done, err);
}
