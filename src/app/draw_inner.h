/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DRAW_INNER_H
#define TQ_DRAW_INNER_H

/* What the files of the draw story share. */

#include "app/draw.h"

/* The draw, of the caller's programme; locked in a WRITE transaction. */
TQ_MUST_CHECK tq_code draw_load(store_tx *tx, const call *c, int64_t draw_id, event_value *row, tq_err *err);
/* CONFLICT/draw_state where it is in another state. */
TQ_MUST_CHECK tq_code draw_need(const event_value *row, const char *state, tq_err *err);
/* A column that holds a hash, or 32 bytes, in hex. */
digest draw_digest(const event_value *row, int col);
void draw_hex(event *e, int col, digest d);

/* Population of the plan as it is now, in `out`; organisations in the order of the units, in `orgs`. */
typedef struct draw_population {
    buf text;
    int64_t units, amount_fen;
    int64_t *orgs; /* sorted, for looking up; malloc is the arena's */
} draw_population;
TQ_MUST_CHECK tq_code draw_population_read(store_tx *tx, int64_t programme_id, const lots_plan *plan, arena *a,
                                           draw_population *out, tq_err *err);

#endif
