/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_AUDITED_H
#define TQ_AUDITED_H

/* The tables and columns that only events write (audited.def), as C tables. T_<TABLE> and
 * C_<TABLE>_<COLUMN> are made from the list at build. */

#include "base/str.h"
#include "domain/audited_gen.h"

typedef struct audited_table_info {
    const char *name;
    bool is_private; /* personal data: its changes stand in the private body */
    int first_col;
    int cols;
} audited_table_info;

typedef struct audited_col_info {
    const char *name;
    bool is_text;
    int table;
    const char *states; /* state table of states.def, or NULL */
} audited_col_info;

#define AUDITED_COLS_MAX 40 /* of one table */

const audited_table_info *audited_table_of(int table);
const audited_col_info *audited_col_of(int col);
int audited_table_named(str name);          /* -1 where unknown */
int audited_col_named(int table, str name); /* -1 where unknown */

#endif
