/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_INSPECTION_INNER_H
#define TQ_INSPECTION_INNER_H

#include "app/inspection.h"
#include "app/sanction_inner.h"

/* Stages of an inspection (act_once): inspect, inspect_close and this one. */
#define INSPECTION_STAGE_PUBLISH "inspect_publish"

/* Of the actor's programme, under lock. */
TQ_MUST_CHECK tq_code inspection_load(store_tx *tx, const call *c, int64_t id, event_value *row,
                                      tq_err *err);
/* CONFLICT/state_arrow in any but these two states; `other` may be NULL. */
TQ_MUST_CHECK tq_code inspection_state_need(const event_value *row, const char *one,
                                            const char *other, tq_err *err);
TQ_MUST_CHECK tq_code inspection_place(const event_value *row, const call *c, bool *first,
                                       tq_err *err);

#endif
