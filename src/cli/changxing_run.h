/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_RUN_H
#define TQ_CHANGXING_RUN_H

/* Replays the paper's four years in an empty installation (domain/paper.md; P-53, P-54): one thread, a
 * fixed order, a virtual clock; then the programme that is alive `today` (changxing_living.h; DAY_NONE:
 * none). `site` is opened in bulk mode. `progress` (may be NULL) is told days done and days in all. */

#include "app/app.h"

TQ_MUST_CHECK tq_code changxing_replay(app *site, uint64_t seed, day today,
                                       void (*progress)(const char *what, int64_t done,
                                                        int64_t total),
                                       tq_err *err);

#endif
