/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_SIGNAL_H
#define TQ_APP_SIGNAL_H

/* Signals before payment (P-23, P-34): fired in the transaction that files a claim, by the rules `signal` of
 * the policy in force; decided by a person, whose answer is what the precision of a kind is counted from. */

#include "app/app.h"

#define SIGNAL_NOTE_MAX 600 /* bytes */

typedef struct signal_decision {
    int64_t signal_id;
    bool confirmed; /* there is something wrong; else cleared */
    str note;       /* why: a line */
} signal_decision;

/* Reviewers, office, group. Not the person who filed the claim (FORBIDDEN/same_person). A confirmed signal is
 * turned back by the group only (FORBIDDEN/group_decides). CONFLICT/signal_state, INVALID/signal_note. */
TQ_MUST_CHECK tq_code signal_decide(app *a, const call *c, const signal_decision *rq, tq_err *err);

/* Claims that are approved and not paid, by the clock: see R-SIGNAL-060. Adds to *done. */
TQ_MUST_CHECK tq_code signals_due(app *a, const call *c, int64_t *done, tq_err *err);

/* What each kind was worth: for a page and for programs. */
typedef struct signal_outcome {
    str kind;
    int64_t fired, decided, confirmed;
    int64_t precision_bp; /* confirmed of decided; -1 where nothing is decided */
} signal_outcome;

/* Of signals fired on the days from..to, in the order of kind; room for `max`. */
TQ_MUST_CHECK tq_code signal_outcomes(app *a, const call *c, day from, day to, signal_outcome *out,
                                      size_t max, size_t *n, tq_err *err);

#endif
