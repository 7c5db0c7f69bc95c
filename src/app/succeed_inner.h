/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SUCCEED_INNER_H
#define TQ_SUCCEED_INNER_H

/* Claims whose voucher or orders have gone to a successor. */

#include "app/app.h"

/* Puts an undecided claim (draft, submitted, returned, checked) on the parties of today: the holder of
 * its voucher, and as claimant and payee that holder or, in the form `redeem`, the institution of its
 * orders. An account of the former payee is taken out. Where its content was what had been submitted, the
 * new parties are written into it, so that a review goes on (I16); a changed one stays changed. Any other
 * claim, and one whose parties are right, is left alone. The caller holds the transaction and has
 * appended the event by which voucher and orders moved; this appends its own. */
TQ_MUST_CHECK tq_code claim_follow(app *a, store_tx *tx, const call *c, int64_t claim_id,
                                   tq_err *err);

#endif
