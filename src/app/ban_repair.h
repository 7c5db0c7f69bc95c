/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BAN_REPAIR_H
#define TQ_BAN_REPAIR_H

/* A ban lifted before its term (P-33): a list is published with its legal term and with the way off it.
 *
 *   ban_repair_ask      firm_agent, inst_agent of the organisation   asked
 *   ban_repair_decide   group, by its paper                          granted | refused
 *   ban_repair_lapse    whoever ends the ban otherwise               lapsed
 *
 * The policy says after how many months it may be asked for (sanction.repair_after; not stated: the ban ends by its
 * term or by an appeal only). Whoever owes a recovery, in whatever programme, does not ask and is not granted.
 * Granting lifts the ban, and every gate is open again; what the decision had stopped stays stopped. The public list
 * goes on to name the organisation, as repaired and with the day, up to the last day that the ban would have had, so
 * that whoever holds an older copy finds why it does not hold any more; then the clock takes it off. A refused
 * organisation may ask again. */

#include "app/app.h"

#define BAN_REPAIR_TEXT_MAX 4000 /* bytes */

/* `content`: what was put right; it stands in no public body of the log. INVALID/repair_text; FORBIDDEN/not_yours;
 * CONFLICT/ban_over, repair_none, repair_early, still_owed, repair_open. */
TQ_MUST_CHECK tq_code ban_repair_ask(app *a, const call *c, int64_t ban_id, str content,
                                     int64_t *id, tq_err *err);

typedef struct ban_repair_verdict {
    int64_t id;
    bool granted;
    str reason; /* why it is refused; may be empty where it is granted */
    decision_paper paper;
} ban_repair_verdict;
/* INVALID/paper, paper_day, line; CONFLICT/state_arrow where it was decided or has lapsed, ban_over where the ban has ended
 * meanwhile, still_owed; FORBIDDEN/same_person as asked. */
TQ_MUST_CHECK tq_code ban_repair_decide(app *a, const call *c, const ban_repair_verdict *rq,
                                        int64_t *decision_id, tq_err *err);

/* An open request for a ban that ends has nothing to ask for any more. The ban is locked; the caller appends. */
TQ_MUST_CHECK tq_code ban_repair_lapse(store_tx *tx, event *e, int64_t ban_id, tq_err *err);

#endif
