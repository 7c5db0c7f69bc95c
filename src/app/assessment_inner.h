/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ASSESSMENT_INNER_H
#define TQ_ASSESSMENT_INNER_H

#include "app/assessment.h"

#define ASSESS_ROWS_MAX 1000000 /* firms times the units they were in */

/* Who lay where and when. Lives in the arena it was read into. */
typedef struct unit_map unit_map;
TQ_MUST_CHECK tq_code unit_map_read(store_tx *tx, arena *a, unit_map **out, tq_err *err);
/* Unit of the organisation on the day; 0 where it has none. */
int64_t unit_on(const unit_map *m, int64_t org_id, day d);
/* The unit itself, or the last of those that it merged into. */
int64_t unit_now(const unit_map *m, int64_t unit_id);

typedef struct assess_frame {
    int64_t programme_id, assessment_id;
    day from, to, base;
    bool by_paid_day;
    bool counted[FINDING_FRAUD + 1]; /* classes of findings that leave a firm unclean */
    const unit_map *units;
    const zone *zone;
} assess_frame;

typedef struct counted_row {
    assess_row row;
    int64_t then_id; /* unit of the day, before any merger */
} counted_row;
/* One row a firm and unit, sorted by unit, firm and unit of then. */
TQ_MUST_CHECK tq_code assess_count(store_tx *tx, const assess_frame *f, arena *a, counted_row **out,
                                   size_t *n, tq_err *err);

/* How codes of the division begin: 330522 is a county, 330500 a city, 330000 a province. */
str division_stem(str division);

/* The row of the assessment under lock; NOT_FOUND in another programme, CONFLICT/state_arrow in another state
 * than `state` (NULL: any). */
TQ_MUST_CHECK tq_code assessment_load(store_tx *tx, const call *c, int64_t id, const char *state,
                                      event_value *row, tq_err *err);

#endif
