/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ERASURE_H
#define TQ_ERASURE_H

/* Personal data leave the installation without breaking a proof (architecture §7): the private row is
 * blanked by an event, and the private bodies that spoke of it are deleted. Public bodies, leaves and roots
 * stay as they are; `verify` counts what was erased and takes nothing else for it. */

#include "app/app.h"

/* Puts the blanking of the private row into `e`; a row that is blank already adds nothing. */
TQ_MUST_CHECK tq_code erase_row(store_tx *tx, const call *c, event *e, int table, int64_t id,
                                tq_err *err);
/* After event_append of that event: deletes every private body that speaks of the row. A body goes as a
 * whole: what else stands in it must be blanked by the same event. */
TQ_MUST_CHECK tq_code erase_bodies(store_tx *tx, const call *c, int table, int64_t id, tq_err *err);

#endif
