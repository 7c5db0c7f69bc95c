/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/audited.h"

#include "base/err.h"

#include "domain/audited_gen.inc"

const audited_table_info *audited_table_of(int table)
{
    TQ_ASSERT(table >= 0);
    TQ_ASSERT(table < T_COUNT);
    return &audited_tables[table];
}

const audited_col_info *audited_col_of(int col)
{
    TQ_ASSERT(col >= 0);
    TQ_ASSERT(col < C_COUNT);
    return &audited_cols[col];
}

int audited_table_named(str name)
{
    for (int t = 0; t < T_COUNT; t++) {
        if (str_eq(name, str_of(audited_tables[t].name))) {
            return t;
        }
    }
    return -1;
}

int audited_col_named(int table, str name)
{
    const audited_table_info *info = audited_table_of(table);
    for (int c = info->first_col; c < info->first_col + info->cols; c++) {
        if (str_eq(name, str_of(audited_cols[c].name))) {
            return c;
        }
    }
    return -1;
}
