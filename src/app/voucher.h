/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VOUCHER_H
#define TQ_VOUCHER_H

/* Vouchers: issue, top-up, freeze, extension, expiry, cancellation.
 *
 * Money: issue and top-up move pool → voucher, split over the pool's sources of the fiscal year
 * by largest remainder; what the pool lacks comes out of `overcommit`, as far as the policy
 * bounds it. Expiry and cancellation move what lies in `voucher` back to pool, or to lapsed, by
 * policy; money in hold, payable and further on stays (orders in hand go on until their claims
 * are late).
 *
 * Locks, in this order everywhere: fund (the cells of the kind), holder, voucher, order, claim.
 * The caps of a holder are therefore asked under the holder's lock: concurrent issues cannot
 * pass one. */

#include "app/app.h"

typedef struct voucher_issued {
    int64_t voucher_id;
    int64_t amount_fen;
    public_number number;
    char code[32]; /* the secret, shown once: it is stored hashed. Empty for a top-up */
    day use_by, claim_by;
} voucher_issued;

typedef struct voucher_issue_request {
    int64_t application_id; /* approved, for a new voucher */
    str code_seed;          /* replays and demonstrations: the code follows from seed and number;
                               empty = random */
} voucher_issue_request;

/* REFUSED with the rule's reason where caps, pool or recognition no longer allow what was granted
 * (nothing is recorded: the application stays approved); REFUSED/banned; CONFLICT/state_arrow. */
TQ_MUST_CHECK tq_code voucher_issue(app *a, const call *c, const voucher_issue_request *rq,
                                    voucher_issued *out, tq_err *err);
/* The approved application names an active voucher of the same holder and kind. */
TQ_MUST_CHECK tq_code voucher_top_up(app *a, const call *c, int64_t application_id,
                                     voucher_issued *out, tq_err *err);

/* A new secret for the same voucher (the old one is lost or seen): the old code ends at once. */
TQ_MUST_CHECK tq_code voucher_reissue(app *a, const call *c, int64_t id, str code_seed, str cause,
                                      voucher_issued *out, tq_err *err);

/* Frozen: no new orders, nothing is paid; orders may end and give back. `cause` is one line. */
TQ_MUST_CHECK tq_code voucher_freeze(app *a, const call *c, int64_t id, str cause, tq_err *err);
TQ_MUST_CHECK tq_code voucher_unfreeze(app *a, const call *c, int64_t id, tq_err *err);

/* Once per voucher, before its last day has passed, and by no more than the policy's `use`
 * clock counted from that day. The claim clock follows. INVALID/extension. */
#define VOUCHER_EXTENSIONS_MAX 1
TQ_MUST_CHECK tq_code voucher_extend(app *a, const call *c, int64_t id, day use_by, str cause,
                                     tq_err *err);

/* By the clock: CONFLICT/not_due while the last day has not passed. */
TQ_MUST_CHECK tq_code voucher_expire(app *a, const call *c, int64_t id, tq_err *err);
/* All that are due on c->today, each in its own transaction; run twice it does nothing the
 * second time. A voucher that another node expires meanwhile is passed over. *done counts. */
TQ_MUST_CHECK tq_code voucher_expire_due(app *a, const call *c, int64_t *done, tq_err *err);

/* The group cancels; the office only on a paper (P-55). Recorded as a decision on the voucher. */
typedef struct voucher_cancel_request {
    int64_t voucher_id;
    str cause;
    decision_paper paper; /* may be empty for the group */
} voucher_cancel_request;
TQ_MUST_CHECK tq_code voucher_cancel(app *a, const call *c, const voucher_cancel_request *rq,
                                     tq_err *err);

/* --- for the use cases of orders and claims --- */

/* Locks the fund of a kind (before holder and voucher). Where money may flow back to the pool,
 * call it first, so that no two use cases wait for each other. */
TQ_MUST_CHECK tq_code voucher_lock_fund(store_tx *tx, int64_t programme_id, int64_t kind_id,
                                        tq_err *err);

/* Moves `amount` (> 0) of the cells like `from` back: to the voucher while it is active or
 * frozen, else to pool or lapsed by the policy. `row` is the loaded voucher of id `voucher_id`. */
TQ_MUST_CHECK tq_code voucher_give_back(app *a, store_tx *tx, event *e, int64_t voucher_id,
                                        const event_value *row, const ledger_cell *from,
                                        int64_t amount, tq_err *err);
/* Code and name of the voucher kind of an id, as the policy knows it. NOT_FOUND. */
TQ_MUST_CHECK tq_code voucher_kind_code(store_tx *tx, int64_t kind_id, arena *a, str *out,
                                        tq_err *err);

/* Hash under which a code is stored. */
void voucher_code_hash(str code, char out[65]);
/* The voucher of a code, whatever its case and hyphens; NOT_FOUND. */
TQ_MUST_CHECK tq_code voucher_by_code(store_tx *tx, str code, int64_t *id, tq_err *err);

#endif
