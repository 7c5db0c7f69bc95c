/* SPDX-License-Identifier: Apache-2.0 */
#include "store/event_store.h"

#include <stdlib.h>

#define MOVE_CELLS_MAX 256 /* sources x years that one voucher or pool can hold */

static tq_code cells_query(store_tx *tx, int64_t programme_id, const ledger_cell *like,
                           int64_t limit, store_rows *r, tq_err *err)
{
    const str account = str_of(ledger_account_name(like->account));
    if (like->voucher_id != 0) {
        return store_query(tx, STMT_BALANCE_VOUCHER,
                           ARGS(arg_int(like->voucher_id), arg_str(account),
                                arg_int(like->source_id), arg_int(like->year),
                                arg_int(like->order_id), arg_int(like->claim_id),
                                arg_int(like->line_id), arg_int(limit), arg_int(programme_id)),
                           r, err);
    }
    return store_query(tx, STMT_BALANCE_POOL,
                       ARGS(arg_int(programme_id), arg_str(account), arg_int(like->source_id),
                            arg_int(like->year), arg_int(like->kind_id), arg_int(limit)),
                       r, err);
}

/* Oldest money first, then by source, order, claim and line: the order in which shares are rounded. */
static int by_year(const void *x, const void *y)
{
    const ledger_cell *a = &((const ledger_amount *)x)->cell;
    const ledger_cell *b = &((const ledger_amount *)y)->cell;
    const int64_t keys[5][2] = {{a->year, b->year},
                                {a->source_id, b->source_id},
                                {a->order_id, b->order_id},
                                {a->claim_id, b->claim_id},
                                {a->line_id, b->line_id}};
    for (size_t i = 0; i < TQ_COUNT(keys); i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return 0;
}

tq_code ledger_cells(store_tx *tx, int64_t programme_id, const ledger_cell *like,
                     ledger_amount *out, int max, int *n, tq_err *err)
{
    TQ_ASSERT(max > 0);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(cells_query(tx, programme_id, like, (int64_t)max + 1, &r, err));
    int count = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        if (count == max) {
            return tq_fail(err, TQ_LIMIT, "ledger_cells", ledger_account_name(like->account),
                           "the money lies in more than %d cells", max);
        }
        ledger_amount *c = &out[count++];
        *c = (ledger_amount){.cell.account = like->account};
        c->cell.source_id = row_int(&r);
        c->cell.year = row_int(&r);
        c->cell.kind_id = row_int(&r);
        c->cell.voucher_id = row_int(&r);
        c->cell.order_id = row_int(&r);
        c->cell.claim_id = row_int(&r);
        c->cell.line_id = row_int(&r);
        c->amount = row_int(&r);
    }
    if (count > 1) {
        qsort(out, (size_t)count, sizeof *out, by_year);
    }
    *n = count;
    return TQ_OK;
}

tq_code ledger_sum(store_tx *tx, int64_t programme_id, const ledger_cell *like, int64_t *out,
                   tq_err *err)
{
    if (like->voucher_id == 0) {
        return store_int(tx, STMT_BALANCE_TOTAL,
                         ARGS(arg_int(programme_id),
                              arg_str(str_of(ledger_account_name(like->account))),
                              arg_int(like->source_id), arg_int(like->year),
                              arg_int(like->kind_id)),
                         0, out, err);
    }
    return store_int(tx, STMT_BALANCE_VOUCHER_TOTAL,
                     ARGS(arg_int(programme_id),
                          arg_str(str_of(ledger_account_name(like->account))),
                          arg_int(like->voucher_id), arg_int(like->source_id), arg_int(like->year),
                          arg_int(like->order_id), arg_int(like->claim_id), arg_int(like->line_id)),
                     0, out, err);
}

/* What legs of this same event have already taken out of a cell: the database does not know yet. */
static int64_t pending(const event *e, const ledger_cell *cell)
{
    int64_t sum = 0;
    for (int i = 0; i < e->n_legs; i++) {
        const ledger_cell *c = &e->legs[i].cell;
        if (c->account == cell->account && c->source_id == cell->source_id &&
            c->year == cell->year && c->kind_id == cell->kind_id &&
            c->voucher_id == cell->voucher_id && c->order_id == cell->order_id &&
            c->claim_id == cell->claim_id && c->line_id == cell->line_id) {
            sum += e->legs[i].amount;
        }
    }
    return sum;
}

tq_code ledger_move(store_tx *tx, event *e, const ledger_cell *like, ledger_account account,
                    const ledger_cell *with, int64_t amount, tq_err *err)
{
    TQ_ASSERT(amount > 0);
    ledger_amount cells[MOVE_CELLS_MAX];
    int64_t weights[MOVE_CELLS_MAX];
    money shares[MOVE_CELLS_MAX];
    int n = 0;
    int64_t held = 0;
    TQ_TRY(ledger_cells(tx, e->programme_id, like, cells, MOVE_CELLS_MAX, &n, err));
    for (int i = 0; i < n; i++) {
        weights[i] = cells[i].amount + pending(e, &cells[i].cell);
        TQ_ASSERT(weights[i] >= 0);
        held += weights[i];
    }
    if (held < amount) {
        return tq_fail(err, TQ_CONFLICT, "insufficient", ledger_account_name(like->account),
                       "%lld are asked and %lld are there", (long long)amount, (long long)held);
    }
    money_split((money){amount}, weights, (size_t)n, shares);
    for (int i = 0; i < n; i++) {
        TQ_ASSERT(shares[i].minor <= weights[i]);
        if (shares[i].minor > 0) {
            const ledger_cell to = ledger_to(&cells[i].cell, account, with);
            event_move(e, &cells[i].cell, &to, shares[i].minor);
        }
    }
    return TQ_OK;
}
