/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_PEOPLE_H
#define TQ_CHANGXING_PEOPLE_H

/* Who may log in to the demonstration: every user of the replay, under one password that is no secret,
 * without a second factor. The log-in of a role is demo-<role>: demo-reviewer1, demo-firm_agent. */

#include "app/app.h"

#define DEMO_PASSWORD "changxing-2013-demo"

/* Sets the password of all; writes no event, so that the log and its hash stay as they are. */
TQ_MUST_CHECK tq_code changxing_people(app *site, int64_t *users, tq_err *err);
/* What a person has to know to log in, as a line or (json) a canonical object. */
void changxing_people_tell(int64_t users, bool json, buf *out);

#endif
