/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

static bool plain_number(str s)
{
    size_t i = s.len > 0 && (s.data[0] == '-' || s.data[0] == '+') ? 1 : 0;
    size_t digits = 0;
    bool point = false;
    for (; i < s.len; i++) {
        const bool is_point = s.data[i] == '.' && !point && digits > 0 && i + 1 < s.len;
        if (!is_point && (s.data[i] < '0' || s.data[i] > '9')) {
            return false;
        }
        point = point || is_point;
        digits += !is_point;
    }
    return digits > 0;
}

/* CSV injection: what a spreadsheet may evaluate (OWASP's list and the full-width forms). */
static bool looks_like_formula(str s)
{
    static const char *const heads[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < TQ_COUNT(heads); i++) {
        if (str_starts(s, str_of(heads[i]))) {
            return !plain_number(s);
        }
    }
    return false;
}

void csv_cell(buf *out, str cell, bool first_of_row)
{
    TQ_ASSERT(str_utf8(cell));
    if (!first_of_row) {
        buf_char(out, ',');
    }
    bool quote = false;
    for (size_t i = 0; i < cell.len && !quote; i++) {
        const char c = cell.data[i];
        quote = c == '"' || c == ',' || c == '\n' || c == '\r';
    }
    const bool formula = looks_like_formula(cell);
    if (quote) {
        buf_char(out, '"');
    }
    if (formula) {
        buf_char(out, '\'');
    }
    size_t written = 0;
    for (size_t i = 0; quote && i < cell.len; i++) {
        if (cell.data[i] == '"') {
            buf_add(out, cell.data + written, i + 1 - written);
            buf_char(out, '"');
            written = i + 1;
        }
    }
    if (written < cell.len) {
        buf_add(out, cell.data + written, cell.len - written);
    }
    if (quote) {
        buf_char(out, '"');
    }
}

void csv_end_row(buf *out)
{
    buf_add(out, "\r\n", 2);
}
