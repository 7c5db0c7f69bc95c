/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CSV_H
#define TQ_CSV_H

/* CSV as RFC 4180: comma, quotes doubled, CRLF or LF; UTF-8 (a BOM is taken off) or GB18030.
 *
 * Reading is strict: the header must name exactly the expected columns in any order, each row has as
 * many cells as the header, and the first fault is reported with its line and column name. Writing
 * neutralises cells that a spreadsheet would take as formulas (first character = + - @ TAB CR or
 * their full-width forms) with a leading apostrophe, unless the cell is a plain number. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define CSV_COLUMNS_MAX 64
#define CSV_CELL_MAX 8192
#define CSV_ROWS_MAX 1000000

typedef struct csv {
    arena *a;
    str rest;
    int line; /* of the row last read, first line is 1 */
    int next_line;
    size_t rows;
    size_t columns;
    str header[CSV_COLUMNS_MAX];
    size_t place[CSV_COLUMNS_MAX]; /* expected column i stands in cell place[i] */
} csv;

/* Reads the header. `expected` names end with NULL; `text` outlives the reader. */
TQ_MUST_CHECK tq_code csv_open(str text, const char *const *expected, arena *a, csv *out,
                               tq_err *err);
/* Fills cells in the order of `expected`; *more is false at the end. Cells live in the arena or text. */
TQ_MUST_CHECK tq_code csv_row(csv *c, str *cells, bool *more, tq_err *err);

typedef enum csv_charset { CSV_UTF8_BOM, CSV_GB18030 } csv_charset;
void csv_cell(buf *out, str cell, bool first_of_row);
void csv_end_row(buf *out);
/* UTF-8 to the charset; INVALID/charset names the character GB18030 lacks (none in practice). */
TQ_MUST_CHECK tq_code csv_encode(str utf8, csv_charset to, buf *out, tq_err *err);
/* Whole-file input to UTF-8: BOM off, else valid UTF-8 as is, else GB18030. MALFORMED/charset. */
TQ_MUST_CHECK tq_code csv_decode(str bytes, arena *a, str *out, tq_err *err);

#endif
