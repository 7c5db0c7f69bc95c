/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ROW_CHANGE_H
#define TQ_ROW_CHANGE_H

/* Small helpers of the set-up use cases. maker_id and checker_id are persons, not users: a second
 * account of the same person is the same maker, also for the database's own check. */

#include "app/app.h"

#define LINE_MAX_BYTES 300

/* A line that a person typed: INVALID/line where it is empty, too long or holds control characters. */
TQ_MUST_CHECK tq_code line_need(str s, const char *field, tq_err *err);
/* The same, but it may be empty. */
TQ_MUST_CHECK tq_code line_may(str s, const char *field, tq_err *err);
/* One of the words of a list that ends in NULL; INVALID/word. */
TQ_MUST_CHECK tq_code word_need(str s, const char *const *words, const char *field, tq_err *err);
/* from <= to, or to = 0 for open; INVALID/days. */
TQ_MUST_CHECK tq_code days_need(day from, day to, const char *field, tq_err *err);
/* The call names a programme; INVALID/no_programme. */
TQ_MUST_CHECK tq_code programme_need(const call *c, tq_err *err);

/* Sets the column where the value differs from the loaded row. */
void text_change(event *e, const event_value *row, int col, str value);
void int_change(event *e, const event_value *row, int col, int64_t value);

#endif
