/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DRAW_INNER_H
#define TQ_DRAW_INNER_H

/* What the files of the draw story share. */

#include "app/draw.h"

/* The draw, of the caller's programme; locked in a WRITE transaction. */
TQ_MUST_CHECK tq_code draw_load(store_tx *tx, const call *c, int64_t draw_id, event_value *row,
                                tq_err *err);
/* CONFLICT/draw_state where it is in another state. */
TQ_MUST_CHECK tq_code draw_need(const event_value *row, const char *state, tq_err *err);
/* A column that holds a hash, or 32 bytes, in hex. */
digest draw_digest(const event_value *row, int col);
void draw_hex(event *e, int col, digest d);

/* The seed as it was committed to, from where it lies hidden. CORRUPT/draw_stored. */
TQ_MUST_CHECK tq_code draw_seed(store_tx *tx, int64_t draw_id, arena *a, digest *out, tq_err *err);

/* A draw computed from its plan, population, pool and seed. Texts live in the arena it was computed in. */
typedef struct draw_again {
    lots_plan plan;
    lots_input in;
    lots_outcome out;
    const int64_t *person; /* of the pool, in its order */
    digest final_seed, result;
} draw_again;
/* Of a draw that has been run and is not published: CONFLICT/draw_state in another state, CORRUPT/draw_stored
 * where that gives another result than was written. */
TQ_MUST_CHECK tq_code draw_compute(app *a, const call *c, int64_t draw_id, arena *room,
                                   draw_again *out, tq_err *err);

#endif
