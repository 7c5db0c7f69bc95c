/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DUE_ROWS_H
#define TQ_DUE_ROWS_H

/* Clocks that have run out, case by case. */

#include "app/app.h"

/* What a clock does to one case, in a transaction of its own. */
typedef tq_code due_act(app *a, const call *c, int64_t id, tq_err *err);

/* Runs `act` on every id that `due` finds (programme, today, after id, limit: ids in their order), and
 * adds to *done those that it changed. A case that somebody else has moved meanwhile, on this or another
 * node, is passed over: CONFLICT with reason state_arrow, claim_state, not_due, open_claim or closed.
 * Any other error ends the run; what was done until then stays done. */
TQ_MUST_CHECK tq_code due_rows_run(app *a, const call *c, store_stmt due, due_act *act,
                                   const char *what, int64_t *done, tq_err *err);
/* The same where the clock is another day than today: `until` is what `due` is asked with. */
TQ_MUST_CHECK tq_code due_rows_before(app *a, const call *c, day until, store_stmt due,
                                      due_act *act, const char *what, int64_t *done, tq_err *err);

#endif
