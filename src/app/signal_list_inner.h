/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGNAL_LIST_INNER_H
#define TQ_SIGNAL_LIST_INNER_H

/* What the lists of others share that are held against claims: one comparison, one event. */

#include "app/signal_inner.h"

typedef struct comparison {
    store_tx *tx;
    const call *c;
    const policy *p; /* in force */
    currency unit;
    int64_t list_id, rows, hits;
    event e;
} comparison;

/* A claim that a row of the list meets (R-SIGNAL-030). */
typedef struct met_claim {
    int64_t id, holder_id, amount_fen;
    str kind; /* of its voucher */
} met_claim;

#define MET_CLAIMS_MAX                                                                             \
    200 /* of one row of a list; the statements give one more, which is LIMIT/list_hits */

/* Policy in force and currency of the programme. */
TQ_MUST_CHECK tq_code comparison_begin(app *a, comparison *w, tq_err *err);
/* Columns of the statement: id, holder, amount, code of the voucher's kind. */
TQ_MUST_CHECK tq_code comparison_claims(comparison *w, store_stmt stmt, const store_arg *args,
                                        size_t n_args, met_claim out[MET_CLAIMS_MAX], size_t *n,
                                        tq_err *err);
/* The signal, where the rule of its kind is on and reached; w->hits counts it. */
TQ_MUST_CHECK tq_code comparison_fire(comparison *w, const met_claim *m, signal_kind kind,
                                      const signal_facts *f, const signal_ref *refs, size_t n_refs,
                                      tq_err *err);

#endif
