/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SANCTION_INNER_H
#define TQ_SANCTION_INNER_H

#include "app/sanction.h"

/* Who recorded the hearing does not decide, by whatever role (R-SANC-130): stages of act_once. */
#define CASE_STATING "case_state"
#define CASE_HEARING "case_hear"
#define CASE_RULING "case_decide"

/* Loads and locks a case of the caller's programme. */
TQ_MUST_CHECK tq_code case_load(store_tx *tx, const call *c, int64_t case_id, event_value *row,
                                tq_err *err);
/* Adds an opened case to the event: of an inspection that found something, or of none (0). */
TQ_MUST_CHECK tq_code case_add(store_tx *tx, const call *c, event *e, const case_open_request *rq,
                               int64_t inspection_id, case_result *out, tq_err *err);
/* INVALID/paper where the off-line decision has no number or day, or a day to come. */
TQ_MUST_CHECK tq_code paper_need(const call *c, const decision_paper *paper, tq_err *err);
/* Adds the decision on the case to the event. */
TQ_MUST_CHECK tq_code case_decision(app *a, store_tx *tx, const call *c, event *e, int64_t case_id,
                                    const char *outcome, str reason, const decision_paper *paper,
                                    int64_t *decision_id, tq_err *err);
/* Reads a column of ids; at most max. LIMIT/ids. */
TQ_MUST_CHECK tq_code ids_read(store_tx *tx, store_stmt stmt, const store_arg *args, size_t n_args,
                               int64_t *out, size_t max, size_t *n, tq_err *err);
/* CONFLICT/appeal_suspends where the case is appealed and the scheme lets an appeal suspend. */
TQ_MUST_CHECK tq_code appeal_free(app *a, store_tx *tx, const call *c, const event_value *kase,
                                  tq_err *err);
/* Part of a debt is forgiven: owed -> paid, and annulled where nothing of it is left. INVALID/amount,
 * CONFLICT/insufficient. */
TQ_MUST_CHECK tq_code recovery_lower(store_tx *tx, event *e, int64_t recovery_id, int64_t amount,
                                     tq_err *err);
/* What is still owed of a loaded recovery. */
int64_t recovery_left(const event_value *row);

#endif
