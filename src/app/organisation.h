/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ORGANISATION_H
#define TQ_ORGANISATION_H

/* Organisations: enterprises, teams, institutions with their tree, platforms, bureaus, townships and
 * parks. They belong to the installation, not to a programme. What changes with time is dated: names
 * (org_name), facts (org_fact), links between institutions (org_link). Rows of organisation carry what
 * holds now. */

#include "app/app.h"

/* kind: enterprise team institution platform bureau township park */
typedef struct org_rq {
    str kind;
    str credit_code; /* required for enterprises, platforms and institutions without a parent; a team has
                        none; unique in the installation */
    str name;
    str region; /* GB/T 2260, six digits: where it is now; the code's own division is history */
    int64_t place_id;    /* township or park it lies in, 0: not known */
    int64_t unit_id;     /* township or park that is assessed for it; 0: place_id */
    int64_t parent_id;   /* institution: its legal entity; branches and labs may have no code */
    int64_t platform_id; /* institution: the platform that answers for it */
    day since;           /* founded; {0}: not known, its name counts from today */
} org_rq;

/* intake, centre, office, group; linked bureau for bureaus. CONFLICT/credit_code_taken. */
TQ_MUST_CHECK tq_code org_register(app *a, const call *c, const org_rq *rq, int64_t *org_id,
                                   tq_err *err);

/* The registry's new name from that day, not after today. Documents are judged by org_name_on. */
TQ_MUST_CHECK tq_code org_rename(app *a, const call *c, int64_t org_id, str name, day from,
                                 tq_err *err);

/* A dated fact. kind: recognition (value: list or level, number: certificate) · certificate · region
 * (six digits) · place, assessment_unit (value: id of a township or park) · controller, owner,
 * representative (value: a keyed name or code, for relations) · account_agency · taxpayer · size · turnover
 * (of the last year, whole units of money) · phone · address.
 * region, place and assessment_unit hold one at a time: a new one closes the former the day before,
 * and sets the organisation's row. They may not begin after today. */
typedef struct org_fact_rq {
    int64_t org_id;
    str kind;
    str value;
    str number; /* may be empty */
    day from;   /* {0}: today */
    day to;     /* {0}: open */
} org_fact_rq;
TQ_MUST_CHECK tq_code org_fact_record(app *a, const call *c, const org_fact_rq *rq,
                                      int64_t *fact_id, tq_err *err);
TQ_MUST_CHECK tq_code org_fact_end(app *a, const call *c, int64_t fact_id, day to, tq_err *err);

/* Institution tree: who may invoice, stamp or be paid in place of org_id. kind: invoice_issuer,
 * report_stamp, account (letter of the legal entity required: SHA-256 hex of its scan, or its number).
 * Dated; a holder's account may be linked too (a branch's account). */
typedef struct org_link_rq {
    int64_t org_id;
    str kind;
    int64_t other_id;
    day from; /* {0}: today */
    day to;   /* {0}: open */
    str letter;
} org_link_rq;
TQ_MUST_CHECK tq_code org_link_set(app *a, const call *c, const org_link_rq *rq, int64_t *link_id,
                                   tq_err *err);
TQ_MUST_CHECK tq_code org_link_end(app *a, const call *c, int64_t link_id, day to, tq_err *err);
/* Sets the legal entity of an institution; INVALID/tree_loop. */
TQ_MUST_CHECK tq_code org_parent_set(app *a, const call *c, int64_t org_id, int64_t parent_id,
                                     tq_err *err);

/* office, group (group where there is a ban to pass on): a team that became a firm (it is converted), or
 * an organisation merged into another. The successor takes over every voucher and application, so that
 * caps go on counting, open orders, undecided claims (their content is written anew for the new parties,
 * so that a review in hand goes on), the bans that hold, and open violation cases with what is owed. Of
 * claims already approved nothing changes: an approval binds its content; one that is undone follows
 * then. */
TQ_MUST_CHECK tq_code org_succeed(app *a, const call *c, int64_t org_id, int64_t successor_id,
                                  tq_err *err);
/* office, group: it is no more. Vouchers are cancelled apart from this. */
TQ_MUST_CHECK tq_code org_dissolve(app *a, const call *c, int64_t org_id, tq_err *err);

/* office, group: an agreement with a partner opens spending in its region from its first day. */
typedef struct agreement_rq {
    str partner;
    str region; /* beginning of a division code, 2, 4 or 6 digits: "31" is all of Shanghai */
    int64_t platform_id; /* 0: none */
    day from;
    day to; /* {0}: open */
    str doc_no;
} agreement_rq;
TQ_MUST_CHECK tq_code agreement_sign(app *a, const call *c, const agreement_rq *rq,
                                     int64_t *agreement_id, tq_err *err);
/* group: an institution outside all agreements; a decision with the meeting's paper. */
TQ_MUST_CHECK tq_code recognition_grant(app *a, const call *c, int64_t org_id, day from, day to,
                                        const decision_paper *paper, int64_t *recognition_id,
                                        tq_err *err);

/* Reads. The name on that day ("" before the first); open links of a kind; id by credit code, 0. */
TQ_MUST_CHECK tq_code org_name_on(store_tx *tx, int64_t org_id, day d, arena *a, str *name,
                                  tq_err *err);
TQ_MUST_CHECK tq_code org_linked(store_tx *tx, int64_t org_id, const char *kind, int64_t other_id,
                                 day d, bool *linked, tq_err *err);
TQ_MUST_CHECK tq_code org_by_code(store_tx *tx, str credit_code, int64_t *org_id, tq_err *err);
/* Loads the row; CONFLICT/org_gone where it is not active. `row` has room for AUDITED_COLS_MAX. */
TQ_MUST_CHECK tq_code org_need_active(store_tx *tx, int64_t org_id, arena *a, event_value *row,
                                      tq_err *err);

#endif
