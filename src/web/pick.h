/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PICK_H
#define TQ_PICK_H

/* What a form offers where a row is to be named: the rows of the field's view that the actor sees, in one of
 * the states of the field. Nobody types an id. A view without a list of its own (facts, links) offers the rows
 * that belong to the row at hand. Where there are more than PICK_SHOWN, a search box narrows them (`more`). */

#include "web/web.h"

#define PICK_SHOWN 200   /* options of one choice */
#define PICK_LOOKED 4000 /* rows looked at for those that are in one of the states */

typedef struct pick_option {
    str value, label;
} pick_option;

typedef struct pick_list {
    const field *of;
    str q; /* what was searched for */
    const pick_option *options;
    size_t n;
    bool more; /* there are others */
    const struct pick_list *next;
} pick_list;

/* A choice that stands in every line of a form is read once: `known` keeps what has been read. */
TQ_MUST_CHECK tq_code pick_read(const web_rq *w, store_tx *tx, const field *f, str q,
                                const pick_list **known, const pick_list **out, tq_err *err);
/* The label of a row that is chosen but not among the options: "" where the actor does not see it. */
TQ_MUST_CHECK tq_code pick_chosen(const web_rq *w, store_tx *tx, const field *f, str value,
                                  str *label, tq_err *err);
/* The value of a row for this field: its id, or the column that a text field is picked by. */
bool pick_by_column(const field *f);

#endif
