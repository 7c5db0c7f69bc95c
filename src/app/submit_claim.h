/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_SUBMIT_CLAIM_H
#define TQ_APP_SUBMIT_CLAIM_H

/* A claim from draft to submitted.
 *
 * One claim belongs to one voucher and may cover several of its confirmed orders. Each line allocates
 * an amount: order (line) <-> invoice <-> proof of payment, many to many. What counts of a line is
 * min(amount typed, what is proven paid, what the order has left of contract and delivery); lines
 * are stored with what counts, the rest can be claimed later. An amount beyond what the invoice has
 * left is not cut but refused: it was used elsewhere.
 *
 * Both forms: `reimburse`, claimant and payee are the holder; `redeem`, claimant and payee are the
 * institution, whose part the voucher is, so that no proof of payment is counted. Which one is a
 * field of the voucher kind (policy_payee_get).
 *
 * Locks are taken in the order firm, voucher, orders, claim; invoices and proofs of a holder are
 * used only under the lock of that firm.
 *
 * filed_day is the day of the first filing, cutoff_day the end of its quarter. A supplement in time
 * keeps both; one that comes late falls to the quarter in which it came. */

#include "app/app.h"

#define CLAIM_LINES_MAX 100
#define CLAIM_ORDERS_MAX 20

typedef struct claim_line_new {
    int64_t order_id;
    int64_t order_line_id; /* 0: the order as a whole */
    int64_t invoice_id;
    int64_t proof_id; /* 0 only in the form `redeem` */
    int64_t amount_fen;
} claim_line_new;

typedef struct claim_form {
    int64_t voucher_id;
    int64_t asked_fen;
    bool final;         /* what is left of the holds goes back when it is approved */
    int64_t account_id; /* of the payee; 0: its active one on the day of payment */
    const claim_line_new *lines;
    size_t n_lines; /* 1..CLAIM_LINES_MAX */
} claim_form;

typedef struct claim_filed {
    int64_t claim_id;
    public_number number;
    day filed, cutoff;
    int64_t base_fen;
    int64_t allowed_fen; /* the most that could have been asked */
    char content[65];    /* what a review binds itself to */
} claim_filed;

/* Puts down a draft; nothing is used up by it. The actor is firm or institution, by the form. */
TQ_MUST_CHECK tq_code claim_draft(app *a, const call *c, const claim_form *form, int64_t *claim_id,
                                  tq_err *err);
/* Puts a new form in place of the draft's, or of a claim that was returned. */
TQ_MUST_CHECK tq_code claim_save(app *a, const call *c, int64_t claim_id, const claim_form *form,
                                 tq_err *err);

typedef struct claim_submission {
    int64_t claim_id;       /* draft or returned; 0: a new one, and `form` is given */
    const claim_form *form; /* NULL: as saved */
} claim_submission;

/* Submits. REFUSED by a rule (its token, with the allowed maximum in the text; the decision is
 * recorded) or REFUSED/banned; CONFLICT/invoice_used, /order_state, /voucher_state, /claim_state,
 * /other_claim_open (final while another claim on an order is open), /no_delivery, /invoice_state;
 * INVALID/seller_link, /line_form, /asked, /payee_account, /one_institution. */
TQ_MUST_CHECK tq_code claim_submit(app *a, const call *c, const claim_submission *rq,
                                   claim_filed *out, tq_err *err);

/* Takes back a claim that is draft, submitted or returned: its invoices are free again. */
TQ_MUST_CHECK tq_code claim_withdraw(app *a, const call *c, int64_t claim_id, tq_err *err);

/* SHA-256 of the canonical content of a stored claim: parties, amounts, lines with invoices and proofs,
 * evidence. CONFLICT/content_changed where it is not what was submitted (I16). `hex` is what was. */
TQ_MUST_CHECK tq_code claim_content_check(store_tx *tx, int64_t claim_id, arena *a, char hex[65],
                                          tq_err *err);

#endif
