/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BANK_ACCOUNT_H
#define TQ_BANK_ACCOUNT_H

/* Accounts that money is paid to. One person files an account, another confirms it, and it may be used
 * only when the cooling days of the policy are over; the earlier one stays usable until then or until
 * it is closed. Number and holder are private; the last four digits are not. */

#include "app/app.h"

typedef struct account_rq {
    int64_t org_id;
    str holder; /* name at the bank: that of the organisation now, or of one linked to it by a letter;
                    * a team's: its host, or a person acting for it */
    str number; /* 8 to 32 digits, blanks and hyphens are dropped */
    str bank;
    str bank_code; /* 联行号, 12 digits */
    str letter;    /* of the firm, SHA-256 hex or number; may be empty */
} account_rq;

/* Agents of the organisation; intake, centre, office, reviewers, group for others. INVALID/holder_name
 * where the holder is neither the organisation nor linked to it by a letter valid today. A team is no
 * legal person and has no account of its own name: it is paid to its host, linked so, or to a person who
 * holds a role for it and whom the team's letter names (INVALID/no_letter). */
TQ_MUST_CHECK tq_code account_propose(app *a, const call *c, const account_rq *rq,
                                      int64_t *account_id, tq_err *err);
/* Another person of the same roles, or finance. The holder is compared once more, with today's names;
 * the cooling clock of the programme's policy begins. */
TQ_MUST_CHECK tq_code account_confirm(app *a, const call *c, int64_t account_id, tq_err *err);
/* Another person than the one who filed it. */
TQ_MUST_CHECK tq_code account_refuse(app *a, const call *c, int64_t account_id, tq_err *err);
TQ_MUST_CHECK tq_code account_close(app *a, const call *c, int64_t account_id, tq_err *err);

/* The newest active account past its cooling days. CONFLICT/no_account; CONFLICT/account_cooling where
 * there is one that still cools. */
TQ_MUST_CHECK tq_code bank_account_usable(store_tx *tx, int64_t org_id, day today,
                                          int64_t *account_id, tq_err *err);

#endif
