/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ORDER_H
#define TQ_ORDER_H

/* Orders: a firm asks an institution for a service and pays (part of) it by voucher.
 *
 * proposed → accepted (voucher → hold) | declined | expired | cancelled; accepted → delivered
 * (after the last of its deliveries) → confirmed | disputed; disputed → confirmed | cancelled.
 * Accepted and disputed orders can be cancelled while no claim stands on them. A hold ends
 * once: by cancellation, by a final claim, or by order_close, which gives back what is left. It
 * goes to the voucher, or to the pool (or lapses) where the voucher has ended meanwhile.
 *
 * Kinds that need no log-in of the other side (P-52: equipment, patent, talent) are accepted and
 * delivered by the firm itself, with evidence on record.
 *
 * Several holders may buy together (app/order_pool.h): accepting or declining answers all parts.
 *
 * Firm roles act for the holder only, institution roles for the institution or its parent; anyone
 * else's order is FORBIDDEN/not_yours. */

#include "app/app.h"

#define ORDER_LINES_MAX 100

typedef struct order_line_request {
    str item;
    int64_t amount_fen;
} order_line_request;

typedef struct order_proposal {
    int64_t voucher_id;
    int64_t institution_id;
    str outcome_kind; /* testing iur patent standard certification novelty_search … */
    str title;
    str purpose;     /* of an award voucher's list, may be empty */
    bool compulsory; /* testing or certification that the law demands anyway */
    int64_t contract_fen;
    int64_t voucher_fen; /* part of the contract to be held; 0 = the most that the policy allows */
    day end;             /* last day of the work, not after the voucher's */
    const order_line_request *lines; /* sum to the contract; none = one line of the title */
    size_t n_lines;
} order_proposal;

typedef struct order_result {
    bool accepted; /* by the policy: an order was made */
    int64_t order_id;
    int64_t decision_id; /* on the order, or (refused) on the voucher */
    int64_t voucher_fen;
    public_number number;
    const char *reason; /* token, "granted" */
    policy_decision detail;
} order_result;

/* The policy is asked (STAGE_ORDER): region by an agreement in force or own recognition,
 * relation, scope, caps, last day not after the voucher's. A refusal is recorded. Errors:
 * REFUSED/banned (either side), CONFLICT/voucher_not_active, CONFLICT/organisation_state. */
TQ_MUST_CHECK tq_code order_propose(app *a, const call *c, const order_proposal *rq,
                                    order_result *out, tq_err *err);
/* voucher → hold. By the institution; by the firm for kinds without log-in, with at least one
 * piece of evidence on the order (CONFLICT/no_evidence). CONFLICT/insufficient where the
 * voucher holds less. */
TQ_MUST_CHECK tq_code order_accept(app *a, const call *c, int64_t id, tq_err *err);
TQ_MUST_CHECK tq_code order_decline(app *a, const call *c, int64_t id, str cause, tq_err *err);
/* Firm, institution or group (sanction). CONFLICT/open_claim. */
TQ_MUST_CHECK tq_code order_cancel(app *a, const call *c, int64_t id, str cause, tq_err *err);
/* Confirmed order: what is left of the hold goes back. CONFLICT/open_claim while a claim is
 * undecided. */
TQ_MUST_CHECK tq_code order_close(app *a, const call *c, int64_t id, tq_err *err);

/* A change of price, held amount or last day, proposed by one side and agreed by the other;
 * only while the order is accepted, one open proposal at a time (CONFLICT/change_open). Agreed:
 * the policy is asked again, the difference moves between voucher and hold. */
typedef struct order_change_request {
    int64_t order_id;
    int64_t contract_fen;
    int64_t voucher_fen; /* > 0 */
    day end;
} order_change_request;
TQ_MUST_CHECK tq_code order_change_propose(app *a, const call *c, const order_change_request *rq,
                                           int64_t *id_out, tq_err *err);
/* An order of a kind without log-in is changed by two persons of the firm. REFUSED with the
 * rule's reason. */
TQ_MUST_CHECK tq_code order_change_agree(app *a, const call *c, int64_t change_id, tq_err *err);
TQ_MUST_CHECK tq_code order_change_decline(app *a, const call *c, int64_t change_id, tq_err *err);

/* A part delivered, or the last part: the order is then delivered and the clock of deemed
 * confirmation runs. Parts never exceed the contract (INVALID/over_contract). */
typedef struct order_delivery {
    int64_t order_id;
    str outcome_kind; /* empty = the order's */
    int64_t
        outcome_count; /* >= 1: batches, patents, persons … (P-54); 0 for a part of a pooled order */
    int64_t amount_fen; /* share of the contract; the last part may be 0 = the rest */
    str report;         /* number of the report or note, may be empty */
    bool last;
} order_delivery;
TQ_MUST_CHECK tq_code order_deliver(app *a, const call *c, const order_delivery *rq,
                                    int64_t *delivery_id, tq_err *err);
/* By the firm; by the clock (system) after the silence that the policy names: CONFLICT/not_due
 * before. */
TQ_MUST_CHECK tq_code order_confirm(app *a, const call *c, int64_t id, tq_err *err);
TQ_MUST_CHECK tq_code order_dispute(app *a, const call *c, int64_t id, str cause, tq_err *err);
/* Ends a dispute: for the institution (confirmed) or for the firm (cancelled, hold back). The
 * firm may give way itself; the bureau decides on record. */
TQ_MUST_CHECK tq_code order_resolve(app *a, const call *c, int64_t id, bool confirmed, str reason,
                                    tq_err *err);

typedef struct order_clocks {
    int64_t lapsed;    /* proposals unanswered on their last day, or whose voucher ended */
    int64_t confirmed; /* deemed */
    int64_t cancelled; /* accepted, never delivered, and claims on the voucher are late */
    int64_t closed;    /* confirmed, claims are late */
} order_clocks;
/* Every clock of orders that has run out on c->today, each in its own transaction; run twice it
 * does nothing the second time. c->who.role is system. */
TQ_MUST_CHECK tq_code order_clocks_due(app *a, const call *c, order_clocks *done, tq_err *err);

#endif
