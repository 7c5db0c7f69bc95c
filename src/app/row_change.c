/* SPDX-License-Identifier: Apache-2.0 */
#include "app/row_change.h"

tq_code line_need(str s, const char *field, tq_err *err)
{
    TQ_ASSERT(field != NULL);
    if (!str_line_ok(s, LINE_MAX_BYTES)) {
        return tq_fail(err, TQ_INVALID, "line", field,
                       "give one line of 1 to %d bytes without control characters", LINE_MAX_BYTES);
    }
    return TQ_OK;
}

tq_code line_may(str s, const char *field, tq_err *err)
{
    return s.len == 0 ? TQ_OK : line_need(s, field, err);
}

tq_code word_need(str s, const char *const *words, const char *field, tq_err *err)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (str_eq(s, str_of(words[i]))) {
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INVALID, "word", field, "this is none of the words that may stand here");
}

tq_code days_need(day from, day to, const char *field, tq_err *err)
{
    if (to.n != 0 && to.n < from.n) {
        return tq_fail(err, TQ_INVALID, "days", field, "the last day lies before the first");
    }
    return TQ_OK;
}

tq_code programme_need(const call *c, tq_err *err)
{
    if (c->who.programme_id == 0) {
        return tq_fail(err, TQ_INVALID, "no_programme", "programme",
                       "this is done within a programme; name one");
    }
    return TQ_OK;
}

void text_change(event *e, const event_value *row, int col, str value)
{
    TQ_ASSERT(audited_col_of(col)->is_text);
    if (!str_eq(row_str(row, col), value)) {
        event_text(e, col, value);
    }
}

void int_change(event *e, const event_value *row, int col, int64_t value)
{
    TQ_ASSERT(!audited_col_of(col)->is_text);
    if (row_num(row, col) != value) {
        event_int(e, col, value);
    }
}
