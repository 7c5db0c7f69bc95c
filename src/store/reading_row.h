/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_READING_ROW_H
#define TQ_READING_ROW_H

/* A row of access_log or sealed_log as one canonical line, by which marks hold it and bundles move it:
 *   [id,at_us,programme,user,person,for_user,subject_id,page,inquiry,role,subject,what]
 * Of access_log the inquiry is 0. */

#include "base/canon.h"
#include "store/store.h"

#define READING_NUMBERS 9
#define READING_TEXTS 3
#define READING_ROW_MAX 4096

enum { READING_ID = 0, READING_INQUIRY = 8 }; /* places among the numbers */

typedef struct reading_row {
    int64_t n[READING_NUMBERS];
    str text[READING_TEXTS]; /* role, subject, what */
} reading_row;

/* The current row of reading_open_rows or reading_sealed_rows; texts live until the next. */
void reading_row_read(store_rows *r, reading_row *out);
void reading_row_print(const reading_row *row, buf *out);
/* MALFORMED/reading_form; texts live in `line`'s arena. */
TQ_MUST_CHECK tq_code reading_row_parse(str line, arena *a, reading_row *out, tq_err *err);
/* Under the id it has. */
TQ_MUST_CHECK tq_code reading_row_put(store_tx *tx, const reading_row *row, tq_err *err);
/* After the last one: later readings get ids behind them. */
TQ_MUST_CHECK tq_code reading_rows_done(store_tx *tx, tq_err *err);

#endif
