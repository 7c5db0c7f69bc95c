/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_PUBLICATION_H
#define TQ_APP_PUBLICATION_H

/* From approved to payable: the register (兑付备案), the publication (公示) and objections.
 *
 * A claim is payable when it is `published` and its publish_to_day has passed. An objection stops its
 * own line only; the publication and the other lines go on. */

#include "app/app.h"

#define PUBLICATION_CLAIMS_MAX 1000
#define OBJECTION_TEXT_MAX 2000 /* bytes */

/* Enters an approved claim in the register under the next number. A claim whose approval was undone
 * and given again keeps its number. */
TQ_MUST_CHECK tq_code claim_register(app *a, const call *c, int64_t claim_id, public_number *number,
                                     tq_err *err);

typedef struct publication_new {
    const int64_t *claims; /* registered; each once */
    size_t n;              /* 1..PUBLICATION_CLAIMS_MAX */
    day from;              /* n = 0: today; not before today */
} publication_new;

typedef struct publication_opened {
    int64_t publication_id;
    char number[32];
    day from, to; /* both are days of the publication */
    int64_t total_fen;
} publication_opened;

/* Publishes a list; it ends by the longest clock `publicity` of its claims' kinds. Office. */
TQ_MUST_CHECK tq_code publication_open(app *a, const call *c, const publication_new *rq,
                                       publication_opened *out, tq_err *err);
/* Ends a publication whose last day has passed (CONFLICT/still_open). Office or clock. */
TQ_MUST_CHECK tq_code publication_end(app *a, const call *c, int64_t publication_id, tq_err *err);

typedef struct objection_new {
    int64_t claim_id;
    str ground;  /* public: no personal data */
    str name;    /* private; "" = anonymous */
    str contact; /* private */
} objection_new;

/* Files an objection while the claim is published (REFUSED/objection_late afterwards). Anyone. */
TQ_MUST_CHECK tq_code objection_file(app *a, const call *c, const objection_new *rq,
                                     int64_t *objection_id, tq_err *err);

typedef struct objection_verdict {
    int64_t objection_id;
    bool upheld;
    const char *reason; /* token */
    decision_paper paper;
} objection_verdict;

/* Upheld: the approval is undone (payable -> hold, claim `checked`). Dismissed: the claim goes on as
 * published when no other objection is open. Office or group, by a person who did not review it. */
TQ_MUST_CHECK tq_code objection_decide(app *a, const call *c, const objection_verdict *rq,
                                       int64_t *decision_id, tq_err *err);

#endif
