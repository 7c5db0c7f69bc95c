/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_INVOICE_H
#define TQ_APP_INVOICE_H

/* Invoices and proofs of payment: what a claim stands on.
 *
 * An invoice has one row under its key in the whole installation (I11), across firms, years and
 * programmes. Its amount is used up by the claim lines that are allocated to it; a replacement after
 * a red flush goes on with what its predecessor has left. A proof tells by which means, by whom and
 * when money went; which means count is the policy's (policy_means_counts), and a bill of exchange
 * counts from the day it is honoured. */

#include "app/app.h"

#define INVOICE_REFERENCE_MAX 64 /* bytes of a bank's reference */
#define INVOICE_NAME_MAX 256     /* bytes of a name as printed */

/* What is printed on the invoice, and whose it is. */
typedef struct invoice_new {
    str code;          /* legacy: 10 or 12 digits; "" for a fully digital one */
    str number;        /* 8 or 20 digits; free for a foreign one */
    str country;       /* "" = China, else ISO 3166 alpha-2 */
    str seller_tax_id; /* of a foreign seller */
    int64_t seller_id; /* organisation that issued it */
    int64_t
        institution_id; /* that rendered the service; the seller itself, or linked to it as issuer */
    int64_t buyer_id;   /* the holder */
    str buyer_name;     /* as printed: must be the holder's name on the day of issue */
    day issued;
    int64_t gross_fen;   /* with tax */
    int64_t net_fen;     /* without; <= gross */
    int64_t replaces_id; /* red-flushed invoice in whose place it comes, or 0 */
    str blob;            /* SHA-256 hex of the original file, or "" */
} invoice_new;

/* Records an invoice. Firm, institution or intake. CONFLICT/invoice_used where the key is known;
 * INVALID/seller_link, /buyer_name, /invoice_day, /invoice_amount, /blob; CONFLICT/not_red and
 * /invoice_replaced for a wrong `replaces_id`. */
TQ_MUST_CHECK tq_code invoice_add(app *a, const call *c, const invoice_new *rq, int64_t *invoice_id,
                                  tq_err *err);

typedef struct invoice_red_flush {
    int64_t invoice_id;
    int64_t replacement_id; /* recorded already and normal; 0 = none, or it comes later */
} invoice_red_flush;

/* Records that an invoice was red-flushed. Claims on it that are not paid cannot be checked or
 * approved any more: they are returned and put on the replacement. */
TQ_MUST_CHECK tq_code invoice_red(app *a, const call *c, const invoice_red_flush *rq, tq_err *err);

typedef struct proof_new {
    int64_t org_id; /* the holder whose debt was paid */
    str means;      /* transfer | bill | cash | third_party | offset */
    str payer;      /* name on the paper; with transfer, bill and cash the holder's on that day */
    day paid;       /* of a bill: the day it was honoured, n = 0 while it is not */
    int64_t amount_fen;
    str reference; /* the bank's; once per holder and means */
    str blob;      /* SHA-256 hex of the scan, or "" */
} proof_new;

/* Records a proof of payment. INVALID/means, /payer_name, /proof_day, /proof_amount, /reference;
 * CONFLICT/proof_used where the holder's reference is known. */
TQ_MUST_CHECK tq_code proof_add(app *a, const call *c, const proof_new *rq, int64_t *proof_id,
                                tq_err *err);

typedef struct proof_honoured {
    int64_t proof_id;
    day honoured; /* not after today */
} proof_honoured;

/* A bill was honoured: from that day it counts. CONFLICT/not_a_bill, /honoured. */
TQ_MUST_CHECK tq_code proof_honour(app *a, const call *c, const proof_honoured *rq, tq_err *err);

#endif
