/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_EVIDENCE_H
#define TQ_APP_EVIDENCE_H

/* Files of evidence. The file is stored and synced before the row that names it (I27). */

#include "app/app.h"

typedef struct evidence_new {
    int subject;        /* T_CLAIM, T_SERVICE_ORDER, T_APPLICATION, T_VIOLATION_CASE … */
    int64_t subject_id;
    str kind;  /* token of policy.h: contract result acceptance transfer employment … */
    str bytes; /* 1..BLOB_MAX */
    str name;  /* label that people see */
    str class; /* public | redacted | full: who may open it */
    str extracted; /* canonical facts read by machine, or "" */
    str typed;     /* canonical facts typed by the filer, or "" */
} evidence_new;

/* INVALID/evidence_kind, /evidence_name, /evidence_class, /evidence_size. A claim takes evidence only
 * while it is draft or returned (CONFLICT/claim_state): later files would not be what was approved. */
TQ_MUST_CHECK tq_code evidence_add(app *a, const call *c, const evidence_new *rq, int64_t *evidence_id,
                                   tq_err *err);

#endif
