/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_REGISTER_FILING_H
#define TQ_REGISTER_FILING_H

/* The register of approved claims, submitted to the authority that the policy names (P-39).
 *
 *   register_file      office   filed      every entry that was not filed yet, and the corrections that wait
 *   register_receive   office   received   by the number of the authority's receipt
 *   register_return    office   returned   its lines wait for the next filing, corrected ones before their corrections
 *   register_correct   office              a new line with a number of its own; the filed one stays as it was
 *
 * A line keeps the words of its day: the file of a filing is the same bytes at any later time, and
 * register_filing.sha256 is their hash.
 *
 * The register follows the approvals by itself. An approval that is undone after its entry was made has a correction
 * to what stands now, in the same transaction: 0, or what was paid of the claim. It does so also where a new approval
 * may follow: until that is registered nothing is approved, and an authority that adds up the register must not count
 * what the county has taken back. A claim registered again keeps its number and has one more correction, to its new
 * amount. An approval that is undone before its entry was filed goes out in the next filing with that amount and its
 * ground: every number that was given reaches the authority, and none twice. */

#include "app/app.h"
#include "base/buf.h"

#define REGISTER_LINES_MAX 5000 /* of one filing; the next takes the rest */

/* CONFLICT/register_empty where nothing waits; INVALID/policy_unset without an authority. */
TQ_MUST_CHECK tq_code register_file(app *a, const call *c, int64_t *filing_id, tq_err *err);

/* CONFLICT/state_arrow unless filed; INVALID/line, INVALID/days for a receipt of a day to come or before
 * the filing. */
TQ_MUST_CHECK tq_code register_receive(app *a, const call *c, int64_t filing_id, str receipt_no,
                                       day receipt_day, tq_err *err);
TQ_MUST_CHECK tq_code register_return(app *a, const call *c, int64_t filing_id, str answer,
                                      tq_err *err);

typedef struct register_correction {
    int64_t line_id;    /* a filed line that was not corrected yet */
    int64_t amount_fen; /* what stands now; 0: the entry falls away */
    str ground;
} register_correction;
/* CONFLICT/state_arrow, CONFLICT/nothing_changed for the amount that was filed, INVALID/amount. */
TQ_MUST_CHECK tq_code register_correct(app *a, const call *c, const register_correction *rq,
                                       int64_t *line_id, tq_err *err);

/* The file as it was filed, UTF-8 with BOM. NOT_FOUND for another programme's; CORRUPT/register_file where the rows no
 * longer give its hash. */
TQ_MUST_CHECK tq_code register_filing_text(app *a, const call *c, int64_t filing_id, buf *out,
                                           tq_err *err);

/* --- for other stories ------------------------------------------------------------------------- */

/* Before any other lock of a story that may end in register_follow, as each act above does: two filings at once would
 * hold the same lines, and an undo beside a filing would miss the entry that the filing has just made. */
TQ_MUST_CHECK tq_code register_lock(store_tx *tx, const call *c, tq_err *err);

typedef enum register_cause {
    REGISTER_UNDONE,
    REGISTER_OBJECTED,
    REGISTER_SANCTIONED,
    REGISTER_AGAIN
} register_cause;
/* Brings the claim's entry to `amount_fen` by a correction, where it has one with another amount. An event of its own. */
TQ_MUST_CHECK tq_code register_follow(store_tx *tx, const call *c, int64_t claim_id,
                                      int64_t amount_fen, register_cause cause, tq_err *err);

#endif
