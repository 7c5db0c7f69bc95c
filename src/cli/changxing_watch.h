/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_WATCH_H
#define TQ_CHANGXING_WATCH_H

/* What the demonstration shows of supervision: townships assessed each year, firms inspected, credit. All of it
 * through the use cases, none of it of the paper: it moves no money and no figure of 2013 to 2017. */

#include "cli/changxing_world.h"

/* The assessment of the year before, from its list to its publication. */
TQ_MUST_CHECK tq_code watch_assess(world *w, int year, tq_err *err);
/* Three firms inspected for their risk: one in order, one with a fault that it mended, one serious. */
TQ_MUST_CHECK tq_code watch_inspect(world *w, tq_err *err);
/* In the programme of today: a firm is visited and a voucher passed on is found; weeks later the visit is closed,
 * which opens a case by policy, and its result published. */
TQ_MUST_CHECK tq_code watch_visited(world *w, int firm, int64_t *visit_id, tq_err *err);
TQ_MUST_CHECK tq_code watch_found(world *w, int64_t visit_id, tq_err *err);
/* In the programme of today: one firm to be visited, one whose findings wait for its reply. */
TQ_MUST_CHECK tq_code watch_today(world *w, tq_err *err);
/* In the programme of today: a draw among the firms that were paid, published and its tasks given out, and a plan
 * that waits for its approval. */
TQ_MUST_CHECK tq_code watch_draw(world *w, tq_err *err);

/* In the programme of today: a firm banned by a decision, which pays back in instalments; tips, one of them looked
 * into; an inquiry that waits for its opening. */
TQ_MUST_CHECK tq_code watch_cases(world *w, int64_t org_id, int64_t claim_id, tq_err *err);

#endif
