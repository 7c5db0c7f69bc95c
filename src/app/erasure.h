/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ERASURE_H
#define TQ_ERASURE_H

/* Personal data leave the installation without breaking a proof (architecture §7): the private row is
 * blanked by an event, and the private bodies that spoke of it are deleted. Public bodies, leaves and roots
 * stay as they are. The event's public note names the bodies it takes by the salted digests that their
 * events are bound to, {"bodies":[hex,…]}, so that `verify` tells what was erased by decision from what was
 * destroyed (R-RETAIN-020). */

#include "app/app.h"

#define ERASED_ROWS_MAX 4

typedef struct erased_row {
    int table; /* a private one */
    int64_t id;
} erased_row;

/* Blanks the rows, writes `e` and deletes every private body that speaks of one of them, that of `e` too. A
 * body goes as a whole: what else stands in it must be among the rows. CONFLICT/erasing where a body came
 * meanwhile. */
TQ_MUST_CHECK tq_code erase_rows(store_tx *tx, const call *c, event *e, const erased_row *rows,
                                 int n, tq_err *err);

#endif
