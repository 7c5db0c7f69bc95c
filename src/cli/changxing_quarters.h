/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_QUARTERS_H
#define TQ_CHANGXING_QUARTERS_H

/* Paying by quarter in the Changxing demonstration (P-22), and its one violation (P-31). */

#include "cli/changxing_world.h"

/* Publishes every registered claim, PUBLICATION_CLAIMS_MAX at a time. */
TQ_MUST_CHECK tq_code quarter_publish(world *w, tq_err *err);
/* Collects, locks, releases and hands over the batch of a period ("2013Q4"); then the bank's answer of a
 * few days later. In 2015Q2 the bank returns one payment. */
TQ_MUST_CHECK tq_code quarter_pay(world *w, const char *period, tq_err *err);
/* The returned payment again, after a new version of the account. */
TQ_MUST_CHECK tq_code quarter_repeat(world *w, tq_err *err);
/* A firm is found to have sold its voucher: cancelled, the money claimed back, three years' ban. */
TQ_MUST_CHECK tq_code violation_case_run(world *w, int firm, tq_err *err);

#endif
