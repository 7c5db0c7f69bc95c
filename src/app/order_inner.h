/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ORDER_INNER_H
#define TQ_ORDER_INNER_H

/* What the stories of orders share: an order with the voucher it stands on, read under lock. */

#include "app/order.h"
#include "app/voucher_inner.h"

typedef struct order_case {
    int64_t id; /* 0: not made yet */
    int64_t voucher_id, kind_id, holder_id, institution_id;
    event_value row[AUDITED_COLS_MAX]; /* of the order, where id != 0 */
    event_value voucher[AUDITED_COLS_MAX];
    org_brief institution;
    str kind;        /* code */
    const policy *p; /* of the voucher */
    int64_t policy_id;
} order_case;

/* Fills the case of a voucher: loads and locks it. */
TQ_MUST_CHECK tq_code order_case_voucher(app *a, store_tx *tx, const call *c, int64_t voucher_id,
                                         order_case *k, tq_err *err);
TQ_MUST_CHECK tq_code order_case_institution(store_tx *tx, const call *c, int64_t institution_id,
                                             order_case *k, tq_err *err);
/* The case of a stored order, voucher and order locked; with_fund where money may leave the
 * voucher. */
TQ_MUST_CHECK tq_code order_case_open(app *a, store_tx *tx, const call *c, int64_t id,
                                      bool with_fund, order_case *k, tq_err *err);

/* Begins the transaction of a role that may act on the order, and opens its case. */
TQ_MUST_CHECK tq_code order_begin(app *a, const call *c, role_set roles, int64_t id, bool with_fund,
                                  store_tx **tx, order_case *k, tq_err *err);
/* New state with its cause; the order's row is the last of the event afterwards. */
void order_state_change(event *e, int64_t id, const char *state, str cause);

/* Accepted and delivered by the firm itself (P-52). */
bool order_without_login(str outcome_kind);
/* The actor is the agent of holder or institution, as the role says; bureau and system pass. */
TQ_MUST_CHECK tq_code order_need_party(const call *c, const order_case *k, tq_err *err);
TQ_MUST_CHECK tq_code order_need_state(const order_case *k, const char *state, tq_err *err);
/* CONFLICT/voucher_not_active unless it can be spent today. */
TQ_MUST_CHECK tq_code order_need_voucher(const call *c, const order_case *k, tq_err *err);
/* Both sides. */
TQ_MUST_CHECK tq_code order_ban_check(store_tx *tx, const call *c, const order_case *k,
                                      tq_err *err);

/* What is asked of the policy: a new order, or the order as it would be after a change. */
typedef struct order_terms {
    str outcome_kind, purpose;
    bool compulsory;
    int64_t contract_fen;
    int64_t voucher_fen; /* 0: the most */
    day end;
} order_terms;
/* Asks STAGE_ORDER. Granted: d->amount is what will be held; never more than the voucher has
 * left beside what the order itself holds, and the end is not after the voucher's. */
TQ_MUST_CHECK tq_code order_judge(store_tx *tx, const call *c, const order_case *k,
                                  const order_terms *t, policy_facts *f, policy_decision *d,
                                  tq_err *err);
TQ_MUST_CHECK tq_code order_terms_need(const order_terms *t, tq_err *err);

TQ_MUST_CHECK tq_code order_hold_left(store_tx *tx, const call *c, const order_case *k,
                                      int64_t *out, tq_err *err);
/* Ends the hold: all that is left goes back, and the order is marked closed. The order's row is the
 * last of the event afterwards. */
TQ_MUST_CHECK tq_code order_end_hold(app *a, store_tx *tx, const call *c, event *e,
                                     const order_case *k, tq_err *err);
TQ_MUST_CHECK tq_code order_need_no_claim(store_tx *tx, store_stmt count, const order_case *k,
                                          tq_err *err);

/* --- pooled orders (app/order_pool.h) --- */

#define ORDER_MEMBERS_MAX 50

typedef struct order_member {
    int64_t id, holder_id;
    int64_t part_id; /* its order, 0 while invited */
    bool invited;
} order_member;

/* Members that have not declined; `out` has room for ORDER_MEMBERS_MAX. */
TQ_MUST_CHECK tq_code order_pool_members(store_tx *tx, int64_t order_id, order_member *out,
                                         size_t *n, tq_err *err);
/* The order of which this one is a part; 0: none. */
TQ_MUST_CHECK tq_code order_pool_lead(store_tx *tx, int64_t order_id, int64_t *lead_id,
                                      tq_err *err);
/* CONFLICT/pooled where the order is a part of another. */
TQ_MUST_CHECK tq_code order_need_no_part(store_tx *tx, const order_case *k, tq_err *err);
/* Puts the acceptance of every part in the event. CONFLICT/member_open, CONFLICT/pool_changed. */
TQ_MUST_CHECK tq_code order_pool_accept(app *a, store_tx *tx, const call *c, event *e,
                                        int64_t lead_id, tq_err *err);
/* Ends the parts that are still proposed, in the event of the order they belong to. */
TQ_MUST_CHECK tq_code order_pool_end(store_tx *tx, event *e, int64_t lead_id, const char *state,
                                     str cause, tq_err *err);
/* order_propose and order_accept inside a transaction: the first appends its own event, the second puts
 * the money and the row of one order into `e`. */
TQ_MUST_CHECK tq_code order_propose_in(app *a, store_tx *tx, const call *c,
                                       const order_proposal *rq, order_result *out, tq_err *err);
TQ_MUST_CHECK tq_code order_accept_in(store_tx *tx, const call *c, event *e, const order_case *k,
                                      tq_err *err);

#endif
