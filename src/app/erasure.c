/* SPDX-License-Identifier: Apache-2.0 */
#include "app/erasure.h"

#include "app/app_inner.h"
#include "app/row_change.h"

tq_code erase_row(store_tx *tx, const call *c, event *e, int table, int64_t id, tq_err *err)
{
    const audited_table_info *t = audited_table_of(table);
    event_value row[AUDITED_COLS_MAX];
    TQ_ASSERT(t->is_private);
    TQ_TRY(row_load(tx, table, id, c->a, row, err));
    event_change(e, table, id);
    for (int col = t->first_col; col < t->first_col + t->cols; col++) {
        if (audited_col_of(col)->is_text) {
            text_change(e, row, col, STR(""));
        } else {
            int_change(e, row, col, 0);
        }
    }
    return TQ_OK;
}

tq_code erase_bodies(store_tx *tx, const call *c, int table, int64_t id, tq_err *err)
{
    /* A quote inside a text of the body is escaped, so nothing a person typed looks like this. */
    const str row_begin =
        arena_printf(c->a, "[\"%s\",%lld,", audited_table_of(table)->name, (long long)id);
    return store_run(tx, STMT_PRIVATE_BODY_ERASE, ARGS(arg_str(row_begin)), NULL, err);
}
