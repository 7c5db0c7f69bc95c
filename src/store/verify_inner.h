/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VERIFY_INNER_H
#define TQ_VERIFY_INNER_H

/* What the files of verify share. */

#include "domain/event.h"
#include "domain/tree.h"
#include "store/checkpoint.h"
#include "store/verify.h"
#include "store/verify_sums.h"

#define VERIFY_PAGE 1000
#define VERIFY_LEGS T_COUNT /* pretended table: sums of legs, one for LEG_IDS events each */
#define VERIFY_LEVELS 3     /* of kept nodes: 2^8, 2^16, 2^24 leaves */
#define LEG_BITS 4
#define VERIFY_BYTES_MAX ((size_t)1 << 32) /* of sums, before a history counts as nonsense */

typedef struct verify_body {
    digest of;       /* salt and body, as its event is bound to them */
    int64_t id, seq; /* of the event it is missing from, or that names it */
} verify_body;

typedef struct verify_bodies {
    verify_body *of; /* malloc */
    int64_t n, room;
} verify_bodies;

typedef struct verify {
    store_tx *tx;
    store_engine engine;
    const verify_options *options;
    verify_report *report;
    sip_key key;
    row_sums *rows;
    cell_sums *cells;
    cell_sums *blobs; /* keyed digest of a hash -> column and row that names it */
    tree sha256, sm3;
    tree blocks[VERIFY_LEVELS][2]; /* by hash_kind: what is not a full node yet */
    int64_t done_blocks[VERIFY_LEVELS];
    sum128 index;       /* of the rows that log_row must have */
    int64_t indexed;    /* events over which it goes */
    cell_sums *indexes; /* those rows by key, while a difference is being named */
    bool index_told;    /* the strangers among them were */
    int64_t kept_to; /* events over which the database has nodes, by its last copied checkpoint */
    checkpoint *points; /* malloc */
    int64_t n_points, room_points, next_point;
    int64_t last_seq;
    int64_t privates;          /* private bodies met */
    verify_bodies missing;     /* not met */
    verify_bodies named;       /* by events that erase */
    int64_t total;             /* events expected, for progress */
    arena *a;                  /* of the present event */
    struct wanted_row *wanted; /* verify_explain_row */
} verify;

void verify_found(verify *v, const char *what, const char *table, int64_t row, int64_t seq,
                  const char *column, const char *detail);

/* One row of STMT_EVENT_PAGE and its like; slices live until the next. */
typedef struct event_record {
    int64_t seq, id;
    str kind, body, sha256, sm3;
    int64_t programme_id, at_us, user_id, person_id;
} event_record;
void event_record_read(store_rows *r, event_record *out);
/* All events in order, the unsequenced last. */
TQ_MUST_CHECK tq_code verify_each_event(verify *v,
                                        tq_code (*each)(verify *v, const event_record *r,
                                                        tq_err *err),
                                        tq_err *err);

/* An event after the work that needs no database: hashed and read. All of it lives until `each` returns. */
typedef struct event_ahead {
    event_record r;
    digest leaf[2]; /* by hash_kind, of the body as it stands */
    bool readable;
    event e;    /* where readable */
    tq_err why; /* where not */
} event_ahead;
/* The same events in the same order, with that work done ahead and on a second thread too. */
TQ_MUST_CHECK tq_code verify_each_ahead(verify *v,
                                        tq_code (*each)(verify *v, const event_ahead *a,
                                                        tq_err *err),
                                        tq_err *err);

/* False where a created row does not set its state or a state becomes "": event_check asserts that. */
bool event_states_given(const event *e);

sum128 verify_leg_sum(const verify *v, int64_t event_id, int64_t n, int64_t programme_id,
                      str account, const ledger_leg *leg);
uint64_t verify_cell_key(const verify *v, int64_t programme_id, str account, const ledger_cell *c);

TQ_MUST_CHECK tq_code verify_events(verify *v, tq_err *err);
/* Kept nodes, as the leaves pass; and afterwards what of log_node and log_point is left. */
TQ_MUST_CHECK tq_code verify_log_begin(verify *v, tq_err *err);
TQ_MUST_CHECK tq_code verify_log_leaf(verify *v, digest sha256, digest sm3, tq_err *err);
/* An event as it was read: what log_row must say of it. */
void verify_log_rows(verify *v, const event_record *r, const event *e);
TQ_MUST_CHECK tq_code verify_log_tables(verify *v, tq_err *err);
TQ_MUST_CHECK tq_code verify_leg_table(verify *v, tq_err *err);
TQ_MUST_CHECK tq_code verify_balance_table(verify *v, tq_err *err);
TQ_MUST_CHECK tq_code verify_readings(verify *v, tq_err *err);
TQ_MUST_CHECK tq_code verify_row_tables(verify *v, tq_err *err);
/* Private rows come into `e` where the body is there and is the right one. */
TQ_MUST_CHECK tq_code verify_private_body(verify *v, const event_record *r, event *e, tq_err *err);
/* After verify_events: bodies that nothing erased and that are gone, and those that no event is bound to. */
TQ_MUST_CHECK tq_code verify_private_table(verify *v, tq_err *err);
/* Images of pages have rows of their own, outside the log: their blobs are no orphans, nor missed. */
TQ_MUST_CHECK tq_code verify_page_images(verify *v, tq_err *err);
TQ_MUST_CHECK tq_code verify_blob_store(store *s, verify *v, tq_err *err);
/* Adds event and column to the finding about one row: reads the log again. */
TQ_MUST_CHECK tq_code verify_explain_row(verify *v, verify_finding *f, tq_err *err);

#endif
