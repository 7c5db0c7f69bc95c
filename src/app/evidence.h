/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVIDENCE_H
#define TQ_EVIDENCE_H

/* Files as evidence of an application, voucher, order, delivery or claim. The file is stored
 * and synced before the row that names it (I27); a row is added, never changed. */

#include "app/app.h"

#define EVIDENCE_BYTES_MAX (16 * 1024 * 1024)

typedef struct evidence_request {
    int table; /* T_APPLICATION | T_VOUCHER | T_SERVICE_ORDER | T_DELIVERY | T_CLAIM */
    int64_t id;
    str kind;  /* a token of policy_evidence_bit: contract invoice payment_proof result … */
    str name;  /* label a person reads; never a path */
    str class; /* open | cover | redacted | full: who may open it (empty = full) */
    str bytes;
    str extracted; /* canonical object of what a machine read, may be empty */
    str typed;     /* canonical object of what a person typed, may be empty */
} evidence_request;

/* FORBIDDEN/not_yours for an object that is not of the actor's organisation. */
TQ_MUST_CHECK tq_code evidence_add(app *a, const call *c, const evidence_request *rq,
                                   int64_t *id_out, tq_err *err);
/* Only the file, for papers that a decision cites: hex of its SHA-256. */
TQ_MUST_CHECK tq_code evidence_put(app *a, str bytes, char hex[65], tq_err *err);

#endif
