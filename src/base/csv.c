/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <stdio.h>

static tq_code row_fail(const csv *c, const char *detail, tq_err *err)
{
    char place[32];
    (void)snprintf(place, sizeof place, "line %d", c->line);
    return tq_fail(err, TQ_MALFORMED, "csv_cells", place, "%s", detail);
}

static tq_code cell_fail(const csv *c, size_t at, tq_code code, const char *reason,
                         const char *detail, tq_err *err)
{
    char place[64];
    if (at < c->columns && c->header[at].len > 0) {
        (void)snprintf(place, sizeof place, "line %d, column %.40s", c->line,
                       c->header[at].data); /* terminated: header names are arena copies */
    } else {
        (void)snprintf(place, sizeof place, "line %d, column %zu", c->line, at + 1);
    }
    return tq_fail(err, code, reason, place, "%s", detail);
}

/* Takes LF or CRLF off the head of the rest. */
static bool take_line_end(csv *c)
{
    const size_t n = str_starts(c->rest, STR("\n")) ? 1 : str_starts(c->rest, STR("\r\n")) ? 2 : 0;
    c->rest.data += n;
    c->rest.len -= n;
    c->next_line += n > 0;
    return n > 0;
}

/* Behind the opening quote, up to and with the closing one. */
static tq_code quoted_cell(csv *c, size_t at, str *out, tq_err *err)
{
    const str in = c->rest;
    size_t doubled = 0;
    size_t i = 0;
    for (;;) {
        const char *quote = i < in.len ? memchr(in.data + i, '"', in.len - i) : NULL;
        if (quote == NULL) {
            return cell_fail(c, at, TQ_MALFORMED, "csv_quote", "the quote does not end", err);
        }
        i = (size_t)(quote - in.data);
        if (i + 1 == in.len || in.data[i + 1] != '"') {
            break;
        }
        doubled++;
        i += 2;
    }
    if (i - doubled > CSV_CELL_MAX) {
        return cell_fail(c, at, TQ_LIMIT, "csv_cell_size", "the cell is too long", err);
    }
    for (size_t k = 0; k < i; k++) {
        c->next_line += in.data[k] == '\n';
    }
    *out = (str){in.data, i};
    if (doubled > 0) {
        if (arena_left(c->a) <= i) {
            return cell_fail(c, at, TQ_LIMIT, "csv_size", "the file is too large", err);
        }
        char *text = arena_take(c->a, i - doubled + 1);
        size_t len = 0;
        for (size_t k = 0; k < i; k++) {
            text[len++] = in.data[k];
            k += in.data[k] == '"';
        }
        TQ_ASSERT(len == i - doubled);
        *out = (str){text, len};
    }
    c->rest = (str){in.data + i + 1, in.len - i - 1};
    return TQ_OK;
}

static tq_code plain_cell(csv *c, size_t at, str *out, tq_err *err)
{
    size_t n = 0;
    const str in = c->rest;
    while (n < in.len && in.data[n] != ',' && in.data[n] != '\n' && in.data[n] != '\r') {
        if (in.data[n] == '"') {
            return cell_fail(c, at, TQ_MALFORMED, "csv_quote",
                             "a cell with a quote inside must be quoted whole", err);
        }
        n++;
    }
    if (n > CSV_CELL_MAX) {
        return cell_fail(c, at, TQ_LIMIT, "csv_cell_size", "the cell is too long", err);
    }
    *out = (str){in.data, n};
    c->rest = (str){in.data + n, in.len - n};
    return TQ_OK;
}

/* One row of at most `most` cells, with its line end. */
static tq_code raw_row(csv *c, size_t most, str *cells, size_t *n, tq_err *err)
{
    c->line = c->next_line;
    *n = 0;
    for (;;) {
        if (*n == most) {
            return row_fail(c, "the row has more cells than there are columns", err);
        }
        const bool quoted = str_starts(c->rest, STR("\""));
        if (quoted) {
            c->rest.data++;
            c->rest.len--;
            TQ_TRY(quoted_cell(c, *n, &cells[*n], err));
        } else {
            TQ_TRY(plain_cell(c, *n, &cells[*n], err));
        }
        if (cells[*n].len > 0 && memchr(cells[*n].data, '\0', cells[*n].len) != NULL) {
            return cell_fail(c, *n, TQ_MALFORMED, "csv_nul", "the cell contains a NUL", err);
        }
        (*n)++;
        if (c->rest.len == 0 || take_line_end(c)) {
            return TQ_OK;
        }
        if (c->rest.data[0] != ',') {
            return cell_fail(c, *n - 1, TQ_MALFORMED, "csv_form",
                             quoted ? "a comma or the end of the line must follow the quote"
                                    : "a line ends with LF or CR LF",
                             err);
        }
        c->rest.data++;
        c->rest.len--;
    }
}

static size_t place_of(const csv *c, str name)
{
    size_t at = 0;
    while (at < c->columns && !str_eq(c->header[at], name)) {
        at++;
    }
    return at;
}

/* Names are checked to be lines before they stand in messages. */
static tq_code match_header(csv *c, const char *const *expected, tq_err *err)
{
    size_t wanted = 0;
    for (; expected[wanted] != NULL; wanted++) {
        TQ_ASSERT(wanted < CSV_COLUMNS_MAX);
        const size_t at = place_of(c, str_of(expected[wanted]));
        if (at == c->columns) {
            return tq_fail(err, TQ_MALFORMED, "csv_column_missing", expected[wanted],
                           "the header lacks this column");
        }
        c->place[wanted] = at;
    }
    TQ_ASSERT(wanted > 0);
    for (size_t i = 0; i < c->columns; i++) {
        if (place_of(c, c->header[i]) != i) {
            return cell_fail(c, i, TQ_MALFORMED, "csv_column_repeated",
                             "the header names this column twice", err);
        }
        bool known = false;
        for (size_t k = 0; k < wanted && !known; k++) {
            known = c->place[k] == i;
        }
        if (!known) {
            return cell_fail(c, i, TQ_MALFORMED, "csv_column_unknown",
                             "the header names a column that is not known here", err);
        }
    }
    return TQ_OK;
}

tq_code csv_open(str text, const char *const *expected, arena *a, csv *out, tq_err *err)
{
    TQ_ASSERT(expected != NULL);
    TQ_ASSERT(out != NULL);
    if (!str_utf8(text)) {
        return tq_fail(err, TQ_MALFORMED, "charset", NULL, "the text is not UTF-8");
    }
    csv c = {.a = a, .rest = text.data == NULL ? STR("") : text, .next_line = 1};
    if (str_starts(c.rest, STR("\xef\xbb\xbf"))) {
        c.rest.data += 3;
        c.rest.len -= 3;
    }
    str names[CSV_COLUMNS_MAX];
    size_t n = 0;
    TQ_TRY(raw_row(&c, CSV_COLUMNS_MAX, names, &n, err));
    for (size_t i = 0; i < n; i++) {
        if (!str_line_ok(names[i], 128) || arena_left(a) <= names[i].len) {
            return cell_fail(&c, i, TQ_MALFORMED, "csv_column_unknown",
                             "the header needs a short name here", err);
        }
        c.header[i] = arena_copy(a, names[i]);
    }
    c.columns = n;
    TQ_TRY(match_header(&c, expected, err));
    *out = c;
    return TQ_OK;
}

tq_code csv_row(csv *c, str *cells, bool *more, tq_err *err)
{
    TQ_ASSERT(c->columns > 0);
    TQ_ASSERT(c->columns <= CSV_COLUMNS_MAX);
    if (c->rest.len == 0) {
        *more = false;
        return TQ_OK;
    }
    if (c->rows == CSV_ROWS_MAX) {
        return tq_fail(err, TQ_LIMIT, "csv_rows", NULL, "the file has more than %d rows",
                       CSV_ROWS_MAX);
    }
    str raw[CSV_COLUMNS_MAX];
    size_t n = 0;
    TQ_TRY(raw_row(c, c->columns, raw, &n, err));
    if (n < c->columns) {
        return row_fail(c, "the row has fewer cells than there are columns", err);
    }
    for (size_t i = 0; i < c->columns; i++) {
        cells[i] = raw[c->place[i]];
    }
    c->rows++;
    *more = true;
    return TQ_OK;
}
