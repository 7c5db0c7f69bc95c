/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_SIGNALS_H
#define TQ_CHANGXING_SIGNALS_H

/* What the demonstration of today shows of signals: a list of other county funds that meets two claims, an exchange
 * of keyed hashes with a neighbour that meets a third, a look at how the staff decided, an institution off the list. */

#include "cli/changxing_world.h"

/* Orders by place in the plan, each with a claim in hand. */
typedef struct signal_cast {
    int funded, cleared, elsewhere;
    int delisted; /* place of the institution */
    day from;     /* of the look at the staff; to the day before w->today */
} signal_cast;

TQ_MUST_CHECK tq_code watch_signals(world *w, const signal_cast *cast, tq_err *err);

#endif
