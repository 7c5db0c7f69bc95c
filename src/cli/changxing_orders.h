/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_ORDERS_H
#define TQ_CHANGXING_ORDERS_H

/* What firms, institutions and reviewers do on their days in the Changxing demonstration. */

#include "cli/changxing_world.h"

TQ_MUST_CHECK tq_code act_apply(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_award_round(world *w, int year, tq_err *err);
TQ_MUST_CHECK tq_code act_award_issue(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_top_up(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_order(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_deliver(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_confirm(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_claim(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_setback(world *w, int order, tq_err *err); /* returned or refused, as fated */
TQ_MUST_CHECK tq_code act_mend(world *w, int order, tq_err *err);    /* the claim comes again */
TQ_MUST_CHECK tq_code act_check(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_approve(world *w, int order, tq_err *err);

#endif
