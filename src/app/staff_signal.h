/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STAFF_SIGNAL_H
#define TQ_STAFF_SIGNAL_H

/* Signals on the staff (P-23): the best documented frauds are those of insiders. The decisions of some days are
 * looked through by the rules `staff_signal` of the policy in force; a signal is a question, not a finding, and
 * only supervisors and auditors are shown it.
 *
 *   pair          claims of one institution reviewed by one person: how many, of all of it in that stage; only
 *                 where others reviewed there too
 *   agency        the same of the firms whose books one declared agency keeps; the organisation is one of them
 *   overridden    signals that a person cleared, and claims that they approved while a shown one stood open, of
 *                 all the signals that they decided or passed over
 *   reassigned    visits whose inspectors a person of the office replaced, of those and the visits given out
 *   out_of_hours  reviews, approvals, locks, releases, decisions of cases and write-offs on free days of the programme's calendar, or outside the
 *                 rule's hours of its zone, of all that the person decided
 *   undone        claims that a person approved and of which money was recovered or an objection upheld, of all
 *                 that they approved
 *
 * A rule fires from its number on where the share is reached too. Days are looked through once: the clock does it
 * for each quarter of the calendar after its end, supervisors for any days. */

#include "app/app.h"

typedef struct staff_looked {
    int64_t look_id, found;
} staff_looked;

/* supervisor, supervisor_head, or the clock. INVALID/days for days that are not over; CONFLICT/staff_looked for
 * days that were looked through. */
TQ_MUST_CHECK tq_code staff_look(app *a, const call *c, day from, day to, staff_looked *out,
                                 tq_err *err);
/* The quarter that ended last, once, as `system`; adds to *done. */
TQ_MUST_CHECK tq_code staff_look_due(app *a, const call *c, int64_t *done, tq_err *err);

/* supervisor, supervisor_head; not whom it is about (FORBIDDEN/same_person). CONFLICT/state_arrow. */
TQ_MUST_CHECK tq_code staff_signal_decide(app *a, const call *c, int64_t id, bool confirmed,
                                          str note, tq_err *err);

#endif
