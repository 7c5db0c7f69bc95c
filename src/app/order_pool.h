/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ORDER_POOL_H
#define TQ_ORDER_POOL_H

/* Several holders buy one service together.
 *
 * One of them proposes the order (app/order.h) for its own share and invites the others, each with a
 * share of the contract. Who joins puts up a voucher of its own: its part is an order of its own on that
 * voucher, judged by that voucher's policy, with the same institution, service and last day. The
 * institution accepts all parts at once or none, and every voucher is held for its own share in one
 * event. From then on each part lives by itself: delivered, confirmed, invoiced to its holder, claimed by
 * it, cancelled, closed. What came out is counted once, with the order that was joined (P-54); its parts
 * deliver with an outcome_count of 0.
 *
 * The policy of the inviter's voucher must allow it and bounds the number of members (rule `pooling`).
 * Services that the holder accepts itself (P-52) are not pooled. */

#include "app/order.h"

typedef struct order_invitation {
    int64_t order_id;     /* the inviter's, proposed */
    int64_t holder_id;    /* or 0, and: */
    str holder_code;      /* its credit code: firms do not see each other's rows */
    int64_t contract_fen; /* the member's share, > 0; beside the inviter's own contract */
} order_invitation;

/* By the firm of the order. CONFLICT/state_arrow, CONFLICT/member_known, REFUSED/pooling (not allowed, or
 * more members than the policy bounds), INVALID/pool_kind for services without log-in of the other side,
 * INVALID/link_self, INVALID/holder_unknown. */
TQ_MUST_CHECK tq_code order_member_invite(app *a, const call *c, const order_invitation *rq,
                                          int64_t *member_id, tq_err *err);

typedef struct order_joining {
    int64_t member_id;
    int64_t voucher_id;  /* the member's own */
    int64_t voucher_fen; /* of its share; 0 = the most that its policy allows */
    str purpose;         /* of an award voucher's list, may be empty */
} order_joining;

/* By the invited firm; errors and refusals as of order_propose. */
TQ_MUST_CHECK tq_code order_member_join(app *a, const call *c, const order_joining *rq,
                                        order_result *out, tq_err *err);
/* The invited firm declines or leaves, or the inviter takes it out, before the order is accepted. */
TQ_MUST_CHECK tq_code order_member_leave(app *a, const call *c, int64_t member_id, str cause,
                                         tq_err *err);

#endif
