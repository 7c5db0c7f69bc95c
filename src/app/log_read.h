/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOG_READ_H
#define TQ_LOG_READ_H

/* What is told of the event log: proofs, which everybody may ask for (a leaf says nothing of its event),
 * and receipts, for who did the act and for those who watch: the body of any event is in them. */

#include "app/app.h"
#include "store/dossier.h"

typedef struct log_shown {
    int64_t seq, from, size; /* of a proof; of a consistency proof from..size */
    digest leaf[2];          /* by hash_kind */
    digest old_root[2], root[2];
    tree_proof path[2];
    bool is_signed; /* a checkpoint has exactly `size` events: `point` */
    checkpoint point;
} log_shown;

/* Events under the last checkpoint; 0: nothing is signed yet. */
TQ_MUST_CHECK tq_code log_signed_size(app *a, int64_t *out, tq_err *err);
/* The last checkpoint; *any is false where nothing is signed yet. */
TQ_MUST_CHECK tq_code log_last_point(app *a, checkpoint *out, bool *any, tq_err *err);
/* size 0: the smallest signed tree that has the event. NOT_FOUND/no_such_record where the log has no such
 * event or is not so large; CONFLICT/not_signed_yet. */
TQ_MUST_CHECK tq_code log_show_proof(app *a, arena *room, int64_t seq, int64_t size, log_shown *out,
                                     tq_err *err);
/* to 0: the last signed tree. */
TQ_MUST_CHECK tq_code log_show_consistency(app *a, int64_t from, int64_t to, log_shown *out,
                                           tq_err *err);

/* The receipt of an event as text (store/log_file.h). Staff: of their programme; agents: of acts that a
 * user of their organisation did as its agent, because an event of the bureau may speak of others too.
 * Everything else is NOT_FOUND/no_such_record. */
TQ_MUST_CHECK tq_code log_receipt(app *a, const call *c, int64_t seq, buf *out, tq_err *err);

/* The dossier (store/dossier.h) of T_CLAIM or T_VIOLATION_CASE. Agents are shown events that speak of
 * others too by their hash only. That the caller may see the row is asked before. */
TQ_MUST_CHECK tq_code log_dossier(app *a, const call *c, int table, int64_t id, buf *out,
                                  tq_err *err);

#define LOG_ACTS_MAX 200
typedef struct log_act {
    int64_t seq;
    instant at;
    str kind, role;
} log_act;
/* Signed events that speak of the row, of which the caller gets receipts, oldest first. That the caller
 * may see the row is asked before. */
TQ_MUST_CHECK tq_code log_acts_of(app *a, const call *c, int table, int64_t id, log_act *out,
                                  int max, int *n, tq_err *err);

#endif
