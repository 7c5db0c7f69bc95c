/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_RETENTION_H
#define TQ_RETENTION_H

/* Personal data that outlived the term of the policy are erased by the clock (R-RETAIN-010), each record in
 * an event of its own. Terms count from the day of closing:
 *
 *   tip         what was said, by whom, what was found and answered; its state becomes erased
 *   objection   name and contact of who objected
 *   inquiry     number, subject and reason of one that has ended or was refused; its state becomes erased
 *
 * Without a rule of kind `retention` for the record, or where it is unset, nothing of it is erased; nor while a
 * hold stands in the programme (inquiry.h). Accounts, evidence and decisions are not personal data of this
 * kind: the archive law keeps them. */

#include "app/app.h"

/* As `system`; adds to *done the records that were erased. */
TQ_MUST_CHECK tq_code retention_due(app *a, const call *c, int64_t *done, tq_err *err);

#endif
