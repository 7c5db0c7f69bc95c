/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_ORDERS_H
#define TQ_CHANGXING_ORDERS_H

/* What firms, institutions and reviewers do on their days in the Changxing demonstration. */

#include "cli/changxing_world.h"

TQ_MUST_CHECK tq_code act_apply(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_award_round(world *w, int year, tq_err *err);
/* The steps of act_apply: filed by the firm, granted by the reviewer, issued by the office. */
TQ_MUST_CHECK tq_code act_file(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_grant(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_issue(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_top_up(world *w, int voucher, tq_err *err);
TQ_MUST_CHECK tq_code act_propose(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_order(world *w, int order, tq_err *err); /* proposed and accepted */
TQ_MUST_CHECK tq_code act_deliver(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_confirm(world *w, int order, tq_err *err);
/* Invoice, proof of payment, draft and its papers; then submitted. act_claim is both. */
TQ_MUST_CHECK tq_code act_draft(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_submit(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_claim(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_setback(world *w, int order,
                                  tq_err *err); /* returned or refused, as fated */
TQ_MUST_CHECK tq_code act_mend(world *w, int order, tq_err *err); /* the claim comes again */
TQ_MUST_CHECK tq_code act_check(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_consent(world *w, int order, tq_err *err); /* the second reviewer */
TQ_MUST_CHECK tq_code act_register(world *w, int order, tq_err *err);
TQ_MUST_CHECK tq_code act_approve(world *w, int order, tq_err *err); /* both */

#endif
