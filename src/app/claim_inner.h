/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_CLAIM_INNER_H
#define TQ_APP_CLAIM_INNER_H

/* What the stories of claims share: a claim with everything it stands on, read under lock.
 *
 * Life: claim_case_of_voucher (locks firm and voucher), then lines (claim_case_stored or those of a
 * form), claim_case_orders (locks the orders), claim_case_lock (the claim), claim_case_count (locks
 * invoices and proofs, says what counts), claim_case_gate (bans, states), claim_case_judge (policy). */

#include "app/submit_claim.h"

typedef struct claim_line_fact {
    int64_t id; /* 0: not stored yet */
    int64_t n;
    int64_t order_id, order_line_id, invoice_id, proof_id;
    int64_t stored_fen; /* as typed, or as stored by an earlier submission */
    int64_t amount_fen; /* what counts */
    int64_t net_fen;    /* of that, without tax */
    str key, invoice_state;
    int64_t replaces_id; /* of the invoice */
    int64_t gross_fen, invoice_net_fen, seller_id, issued_day;
    bool invoice_file, proof_file;
    str invoice_blob;
    str means, reference;
    int64_t proof_day, paid_fen;
} claim_line_fact;

typedef struct claim_order_fact {
    int64_t id;
    int64_t institution_id;
    str region, outcome_kind, state;
    int64_t contract_fen, delivered_fen, used_fen; /* used by other claims */
    int64_t unreported;                            /* deliveries without their report */
    int64_t hold_fen;
    int64_t made_day, delivered_day;
    int64_t base_fen; /* of this claim */
    bool closed;
} claim_order_fact;

/* What another claim holds of one of the case's orders. */
typedef struct claim_other_line {
    int64_t order_id, claim_id, invoice_id, proof_id, amount_fen;
    int64_t asked_fen; /* of the other claim, after reduction */
    bool draft;        /* takes nothing yet */
    bool pending;      /* submitted, returned or checked */
} claim_other_line;

typedef struct claim_case {
    arena *a;
    int64_t id; /* 0: not stored yet */
    int64_t programme_id;
    int64_t voucher_id, holder_id, kind_id, policy_id;
    event_value voucher[AUDITED_COLS_MAX];
    event_value row[AUDITED_COLS_MAX]; /* of the claim, after claim_case_lock */
    str kind;                          /* code */
    const policy *p;
    policy_payee payee;
    claim_line_fact lines[CLAIM_LINES_MAX];
    size_t n_lines;
    claim_order_fact orders[CLAIM_ORDERS_MAX]; /* by id */
    size_t n_orders;
    claim_other_line *others; /* of all the orders, read with them */
    size_t n_others, room_others;
    int64_t base_gross, base_net;
} claim_case;

/* `with_fund` locks the fund first: for uses that may give money back to the pool. NOT_FOUND. */
TQ_MUST_CHECK tq_code claim_case_of_voucher(app *a, store_tx *tx, const call *c, int64_t voucher_id,
                                            bool with_fund, claim_case **out, tq_err *err);
/* The case of a stored claim with its lines, all locks taken. */
TQ_MUST_CHECK tq_code claim_case_open(app *a, store_tx *tx, const call *c, int64_t claim_id,
                                      bool with_fund, claim_case **out, tq_err *err);
TQ_MUST_CHECK tq_code claim_case_stored(store_tx *tx, claim_case *k, tq_err *err);
TQ_MUST_CHECK tq_code claim_case_orders(store_tx *tx, claim_case *k, tq_err *err);
TQ_MUST_CHECK tq_code claim_case_lock(store_tx *tx, claim_case *k, tq_err *err);
TQ_MUST_CHECK tq_code claim_case_count(store_tx *tx, const call *c, claim_case *k, tq_err *err);
TQ_MUST_CHECK tq_code claim_case_gate(store_tx *tx, const call *c, const claim_case *k,
                                      tq_err *err);

/* Asks the policy on `on` what is payable. *out->amount is the most that may be asked. */
TQ_MUST_CHECK tq_code claim_case_judge(store_tx *tx, const call *c, const claim_case *k, day on,
                                       policy_facts *facts, policy_decision *out, tq_err *err);
/* Undecided claims on the case's orders: their number and what they ask for. */
TQ_MUST_CHECK tq_code claim_case_pending(const claim_case *k, int64_t *n, int64_t *fen,
                                         tq_err *err);
int64_t claim_case_institution(const claim_case *k); /* 0 where the orders have several */
/* Facts and steps as decisions store them. */
void claim_case_texts(const claim_case *k, const policy_facts *f, const policy_decision *d,
                      str *facts, str *steps);
/* "1234.50" in the programme's currency, in the call's arena. */
TQ_MUST_CHECK tq_code claim_amount_text(store_tx *tx, const call *c, int64_t fen, str *out,
                                        tq_err *err);

typedef struct claim_terms {
    int64_t claimant_id, payee_id, base_fen, asked_fen, account_id;
    str form;
    bool final;
} claim_terms;
/* Hash of the canonical content of the case under these terms. */
TQ_MUST_CHECK tq_code claim_content_of(store_tx *tx, const claim_case *k, const claim_terms *t,
                                       char hex[65], tq_err *err);
claim_terms claim_terms_stored(const event_value *row);

/* Firm roles act for their own firm, institution roles for their own institution, others for all.
 * FORBIDDEN/other_org. */
TQ_MUST_CHECK tq_code claim_need_party(const call *c, int64_t holder_id, int64_t institution_id,
                                       tq_err *err);
/* INVALID/seller_link unless the seller is the institution or its issuer on that day. */
TQ_MUST_CHECK tq_code claim_seller_check(store_tx *tx, int64_t institution_id, int64_t seller_id,
                                         day issued, const char *field, tq_err *err);
/* CONFLICT/claim_state unless the locked claim is in one of the states (ends in NULL). */
TQ_MUST_CHECK tq_code claim_need_state(const claim_case *k, const char *const *states, tq_err *err);
/* Frees the stored lines inside an event. */
void claim_free_lines(const claim_case *k, event *e);

#endif
