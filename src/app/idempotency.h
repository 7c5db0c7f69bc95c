/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_IDEMPOTENCY_H
#define TQ_IDEMPOTENCY_H

/* A command that may come twice, because its sender never heard the answer, acts once (I25).
 *
 * The edge puts an `idem` into the call: who asks, on which route, under which key, and the hash of what
 * was asked. work_begin takes the key inside the use case's own transaction, and what the use case did
 * is recorded with it by the same COMMIT: both are there or neither. When the command comes again,
 *
 *   same key, same body    CONFLICT/done_before; idem.repeated is true and idem.answer says what was done
 *   same key, other body   CONFLICT/idempotency_key_reused
 *   first try not committed (refused, crashed, busy)   the use case runs as if it were the first
 *
 * A second try that comes while the first one runs waits for its end. `done_before` is told only of what
 * is durable. The rights of the actor are checked before the key, so that a lost role shows nothing.
 *
 *     idem once = {.actor = STR("user:12"), .route = STR("POST /claims"), .key = key, .body = hash};
 *     c.idem = &once;
 *     code = app_retry(&c, run_it, &work, err);
 *     if (idem_repeated(&once) && idem_row(&once, c.a, "claim", &id)) { ... render claim `id` ... }
 *
 * A use case of several transactions is protected in its first one only: what follows goes on when it is
 * called again with the same idem, and is not done when a second command finds the first one recorded.
 * Such work belongs into a job with checkpoints (app/job.h). */

#include "app/app.h"

#define IDEM_KEY_MAX 128 /* bytes; printable ASCII */
#define IDEM_ROUTE_MAX 128
#define IDEM_KEEP_DAYS 30 /* how long a recorded answer is kept at least */

typedef struct idem {
    str actor; /* "user:12", "job"; never a name */
    str route; /* "POST /claims" */
    str key;
    digest body; /* SHA-256 of what was asked */

    bool repeated; /* out: it had been done before */
    str answer; /* out: canonical {"event":n,"kind":k,"rows":{table:id,…}}, in the call's arena */

    bool taken;           /* inner: this call has the key */
    char noted_table[24]; /* inner: idem_note */
    int64_t noted_id;
} idem;

/* Is this a key that may be stored? INVALID/idempotency_key. */
TQ_MUST_CHECK tq_code idem_key_check(str key, tq_err *err);

/* Called by work_begin, after the actor's rights. On CONFLICT the transaction is over. */
TQ_MUST_CHECK tq_code idem_begin(store_tx **tx, const call *c, tq_err *err);

/* For a use case whose main object is no row of an event (a job, a session): named in the answer. */
void idem_note(const call *c, const char *table, int64_t id);

/* Had the command been done before? Then its error was CONFLICT/done_before. Takes NULL. */
bool idem_repeated(const idem *i);
/* Id of the row of `table` that the command made, or, where it made none, changed first. */
bool idem_row(const idem *i, arena *a, const char *table, int64_t *id);

/* Forgets keys taken before `before`; *n counts them. For the daily round of a server. */
TQ_MUST_CHECK tq_code idem_sweep(app *a, instant before, int64_t *n, tq_err *err);

/* Runs a whole use case again while it ends in BUSY: at most APP_TRIES times, with pauses that grow from
 * APP_PAUSE_US and differ from caller to caller. BUSY/commit_unknown is repeated only where the call has
 * an idem, which then finds out; otherwise it goes to the caller, who must look first. `c` and what it
 * points to must stand; `use_case` begins its own transaction each time. */
#define APP_TRIES 8
#define APP_PAUSE_US 2000
typedef tq_code use_case_fn(void *ctx, tq_err *err);
TQ_MUST_CHECK tq_code app_retry(const call *c, use_case_fn *use_case, void *ctx, tq_err *err);

#endif
