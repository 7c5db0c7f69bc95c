/* SPDX-License-Identifier: Apache-2.0 */
#include "app/fund.h"

#include <stdio.h>

#include "app/fund_inner.h"

tq_code fund_line_of(store_tx *tx, int64_t source_id, int64_t year, int64_t *line_id, tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(store_int(tx, STMT_FUND_LINE_OF, ARGS(arg_int(source_id), arg_int(year)), 0, &id, err));
    if (id == 0) {
        return tq_fail(err, TQ_CONFLICT, "no_line", "fund.year",
                       "the source has no budget line in %lld", (long long)year);
    }
    *line_id = id;
    return TQ_OK;
}

static void row_read(store_rows *r, fund_row *out)
{
    *out = (fund_row){0};
    out->source_id = row_int(r);
    out->year = row_int(r);
    out->kind_id = row_int(r);
    const str code = row_text(r);
    (void)snprintf(out->code, sizeof out->code, "%.*s", STR_ARG(code));
    const str stock_class = row_text(r);
    (void)snprintf(out->stock_class, sizeof out->stock_class, "%.*s", STR_ARG(stock_class));
    out->appropriated = row_int(r);
    out->overcommitted = row_int(r);
    out->pool = row_int(r);
    out->voucher = row_int(r);
    out->held = row_int(r);
    out->payable = row_int(r);
    out->transit = row_int(r);
    out->paid = row_int(r);
    out->owed = row_int(r);
    out->recovered = row_int(r);
    out->written_off = row_int(r);
    out->lapsed = row_int(r);
    /* Accounts of one source and year sum to what came from another year: only carrying changes it. */
    out->carried = out->pool + out->voucher + out->held + out->payable + out->transit + out->paid +
                   out->owed + out->recovered + out->written_off + out->lapsed - out->appropriated -
                   out->overcommitted;
}

tq_code fund_position(store_tx *tx, int64_t programme_id, int64_t year, fund_row *out, size_t max,
                      size_t *n, tq_err *err)
{
    TQ_ASSERT(max > 0);
    ROWS_AUTO store_rows r = {0};
    size_t count = 0;
    TQ_TRY(store_query(tx, STMT_FUND_POSITION, ARGS(arg_int(programme_id), arg_int(year)), &r,
                       err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        if (count == max) {
            return tq_fail(err, TQ_LIMIT, "fund_rows", "fund",
                           "there are more than %zu sources and years", max);
        }
        row_read(&r, &out[count++]);
    }
    *n = count;
    return TQ_OK;
}
