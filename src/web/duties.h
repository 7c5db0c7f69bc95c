/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DUTIES_H
#define TQ_DUTIES_H

/* What waits for whom: rows of a view in a state that only this role takes further. The workbench lists
 * them, the menu counts them, and those with a queue are decided one after the other at /review. */

#include "web/web.h"

typedef struct duty {
    role role;
    view_id view;
    const char *state;
    view_id queue; /* the rows, oldest first, for /review; VIEW_NONE: done from the list */
} duty;

extern const duty duties[];
extern const size_t duty_count;

#define DUTY_SHOWN_MAX 99 /* a badge shows no more; what is waiting beyond is not told apart */

/* How many rows wait; more than VIEW_COUNT_MAX are not told apart. */
TQ_MUST_CHECK tq_code duty_waiting(const web_rq *w, store_tx *tx, const duty *d, int64_t *n,
                                   tq_err *err);
/* Where the duty is done: its queue at /review, or the list with the state as its filter. "" where the
 * role has neither. */
str duty_path(const web_rq *w, const duty *d);
/* A short name of the rows, as "兑现申请 · 已提交". */
str duty_name(const web_rq *w, const duty *d);

#endif
