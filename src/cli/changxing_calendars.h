/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_CALENDARS_H
#define TQ_CHANGXING_CALENDARS_H

/* Working-day calendars of the demonstration. A year whose list has not been announced yet has its
 * weekends only (演示): whoever runs the programme sets it anew when the list is out. */

#include "cli/changxing_world.h"

/* The years first..last of w->programme_id, set by its office. */
TQ_MUST_CHECK tq_code calendars_set(world *w, int first, int last, tq_err *err);

#endif
