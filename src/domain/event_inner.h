/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVENT_INNER_H
#define TQ_EVENT_INNER_H

/* What event.c and event_text.c share: room for one more row or leg, within the event's maxima. */

#include "domain/event.h"

event_row *event_row_slot(event *e, int table, int64_t id, bool created);
ledger_leg *event_leg_slot(event *e);

#endif
