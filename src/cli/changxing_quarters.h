/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_QUARTERS_H
#define TQ_CHANGXING_QUARTERS_H

/* Paying by quarter in the Changxing demonstration (P-22), and its one violation (P-31). */

#include "cli/changxing_world.h"

#define WORLD_PUBLICATIONS_MAX 64

/* Publishes every registered claim, PUBLICATION_CLAIMS_MAX at a time. */
TQ_MUST_CHECK tq_code quarter_publish(world *w, tq_err *err);
/* Ends the publications and collects the batch of a period, which stays open; 0: nothing to pay. */
TQ_MUST_CHECK tq_code quarter_collect(world *w, const char *period, int64_t *batch_id, tq_err *err);
/* Ends the publications, then collects, locks, releases and hands over the batch of a period. */
TQ_MUST_CHECK tq_code quarter_pay(world *w, const char *period, tq_err *err);
/* The bank's answer; in 2015Q2 it returns one payment. */
TQ_MUST_CHECK tq_code quarter_bank(world *w, tq_err *err);
/* A new version of the account of the returned payment, and two weeks later the payment again. */
TQ_MUST_CHECK tq_code quarter_new_account(world *w, tq_err *err);
TQ_MUST_CHECK tq_code quarter_repeat(world *w, tq_err *err);
/* A firm is found to have sold its voucher: opened, heard, decided (cancelled, half of a payment claimed
 * back, three years' ban), and the money comes in. */
TQ_MUST_CHECK tq_code violation_open(world *w, int firm, tq_err *err);
TQ_MUST_CHECK tq_code violation_hear(world *w, tq_err *err);
TQ_MUST_CHECK tq_code violation_decide(world *w, int firm, tq_err *err);
TQ_MUST_CHECK tq_code violation_collect(world *w, tq_err *err);

#endif
