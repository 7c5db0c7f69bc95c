/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_LIVING_H
#define TQ_CHANGXING_LIVING_H

/* After the paper's four years: a second programme of the same installation, alive on the day the
 * demonstration is made. It has its own budget, kinds, agreements and number code, so that the figures of
 * 2013 to 2017 stay what the paper says, and cases in every state on which some role works. All of it
 * is made up (演示·当年). */

#include "cli/changxing_world.h"

#define LIVING_CODE "330522D"

/* `history` is the county as the replay left it; `today` is in 2019 or later. */
TQ_MUST_CHECK tq_code living_play(const world *history, day today, tq_err *err);

#endif
