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

#endif
