/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ACTS_H
#define TQ_ACTS_H

/* Typed input and handlers of routes.def: `in_<name>` has one field_slot per field, in order; the slots
 * that a handler gets are that struct: const in_login *f = (const in_login *)in. */

#include "web/web.h"

#define NO_FIELDS
#define F_ID(name, flags) field_slot name;
#define F_PICK(name, view, states, flags) field_slot name;
#define F_INT(name, low, high, flags) field_slot name;
#define F_MONEY(name, flags) field_slot name;
#define F_RATE(name, low, high, flags) field_slot name;
#define F_DAY(name, flags) field_slot name;
#define F_TEXT(name, bytes, flags) field_slot name;
#define F_NAMED(name, bytes, view, column, flags) field_slot name;
#define F_SUGGEST(name, bytes, texts, words, flags) field_slot name;
#define F_LONG(name, bytes, flags) field_slot name;
#define F_SECRET(name, bytes, flags) field_slot name;
#define F_CHOICE(name, words, set, flags) field_slot name;
#define F_BOOL(name, flags) field_slot name;
#define F_FILE(name, bytes, flags) field_slot name;
#define F_ROWS(name, row, count, flags) field_slot name;

#define ROWS(name, fields)                                                                         \
    typedef struct in_##name {                                                                     \
        fields                                                                                     \
    } in_##name;
#define LIST(name, path, view, roles, menu, icon)
#define ITEM(name, path, view, roles)
/* `end_` makes the struct of a route without fields one that C allows. */
#define ACT_OF(name, fields)                                                                       \
    typedef struct in_##name {                                                                     \
        fields field_slot end_;                                                                    \
    } in_##name;                                                                                   \
    act_fn act_##name;
#define MAKE(name, path, view, roles, fields, trace) ACT_OF(name, fields)
#define ACT(name, path, view, when, roles, fields, trace) ACT_OF(name, fields)
#define ACT_MAKES(name, path, view, when, made, roles, fields, trace) ACT_OF(name, fields)
#define DO(name, path, roles, fields, trace) ACT_OF(name, fields)
#define PAGE(name, path, roles, menu, icon) page_fn page_##name;
#define PAGE_WHEN(name, path, when, roles, icon) page_fn page_##name;
#include "web/routes.def"
#undef NO_FIELDS
#undef F_ID
#undef F_PICK
#undef F_INT
#undef F_MONEY
#undef F_RATE
#undef F_DAY
#undef F_TEXT
#undef F_NAMED
#undef F_SUGGEST
#undef F_LONG
#undef F_SECRET
#undef F_CHOICE
#undef F_BOOL
#undef F_FILE
#undef F_ROWS
#undef ROWS
#undef LIST
#undef ITEM
#undef ACT_OF
#undef MAKE
#undef ACT
#undef ACT_MAKES
#undef DO
#undef PAGE
#undef PAGE_WHEN

/* The paper that a decision cites, from fields F_PAPER: its scan is stored first (I27). */
TQ_MUST_CHECK tq_code web_paper(web_rq *w, const field_slot *no, const field_slot *paper_day,
                                const field_slot *scan, decision_paper *out, tq_err *err);
/* The bytes of an uploaded file, in the request's arena. */
TQ_MUST_CHECK tq_code web_file_bytes(web_rq *w, const field_slot *file, str *out, tq_err *err);
/* What a client calls its file is only a label: no folders, nothing that cannot be read as one line. */
str web_file_label(const web_rq *w, const field_slot *file);
/* A day that a use case takes as DAY_NONE where it is not given. */
day web_day(const field_slot *f);
/* ?from= and ?to= of a report; without them from the first day of the year until today. */
TQ_MUST_CHECK tq_code web_period(const web_rq *w, day *from, day *to, tq_err *err);
/* R-REPORT-040. Where the rows of a figure of those days can be looked at: the list of a route, of one state and kept to one of
 * its view's periods ("": neither). Empty where the actor may not see the list. */
str web_rows_href(const web_rq *w, const char *route_name, const char *state, const char *on,
                  day from, day to);
const char *web_cstr(const web_rq *w, const field_slot *f);

#endif
