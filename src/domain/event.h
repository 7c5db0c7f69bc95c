/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVENT_H
#define TQ_EVENT_H

/* An event is the one record of a change of state: who, when, in which role, what changed from what to
 * what, and which money moved. Tables are only its application: store/event_store applies it to the
 * database, verify and import apply the same events again and must arrive at the same rows.
 *
 * Life: event_begin, then event_create/event_change followed by event_int/event_text for the columns,
 * event_move for money, then the store's event_append, which fills in the old values, checks, writes.
 * Everything lives in the arena given at the beginning. Columns not set on a created row are 0 or "".
 *
 * Public body (canonical text, base/canon.h), key order fixed:
 *   {"v":1,"kind":k,"programme":n,"at":us,"day":n,"user":n,"person":n,"role":r,"for":n,
 *    "rows":[[table,id,1,{col:new,…}],[table,id,0,{col:[old,new],…}],…],
 *    "legs":[[entry,account,amount,source,year,kind,voucher,order,claim,line],…],
 *    "private":hex|"","note":{…}}
 * Columns stand in the order of audited.def, rows in the order of the use case. Rows of private tables
 * stand in the private body ({"rows":[…]}), to which the public one is bound by
 * private = SHA-256(salt || private body). Note is free canonical text that no state depends on. */

#include "base/arena.h"
#include "base/day.h"
#include "base/err.h"
#include "domain/audited.h"
#include "domain/ledger.h"
#include "domain/roles.h"

typedef enum event_kind {
#define EVENT(name, token, what) EV_##name,
#include "domain/event_kinds.def"
#undef EVENT
    EV_COUNT
} event_kind;

#define EVENT_ROWS_MAX 4096
#define EVENT_LEGS_MAX 16384
#define EVENT_BODY_MAX (4 * 1024 * 1024)

typedef struct event_value {
    int64_t num;
    str text;
} event_value;

typedef struct event_set {
    int col;
    event_value before; /* 0 / "" on a created row */
    event_value after;
} event_set;

typedef struct event_row {
    int table;
    int64_t id;
    bool created;
    int n;
    event_set *sets; /* cols of the table at most */
} event_row;

typedef struct event {
    arena *a;
    event_kind kind;
    int64_t programme_id; /* 0 = the installation */
    instant at;
    day today; /* legal date in the programme's zone */
    int64_t user_id;
    int64_t person_id;   /* 0 only for system */
    int64_t for_user_id; /* whose role is used under delegation, else 0 */
    role role;
    event_row *rows;
    int n_rows, room_rows;
    ledger_leg *legs;
    int n_legs, room_legs;
    int entry; /* of the last leg */
    str note;  /* canonical object, or empty */
    char private_hex[65];
} event;

const char *event_kind_name(event_kind k);
const char *event_kind_text(event_kind k);
bool event_kind_of(str name, event_kind *out);

event event_begin(arena *a, event_kind kind);
/* A new row: `id` from store_new_id. Later event_int/event_text speak of this row. */
void event_create(event *e, int table, int64_t id);
/* A row that exists. Naming a row again goes on with its earlier entry. */
void event_change(event *e, int table, int64_t id);
void event_int(event *e, int col, int64_t value);
void event_text(event *e, int col, str value); /* copied */

/* One balanced pair of legs: `amount` > 0 out of `from` into `to`, in the current entry; the entry is
 * closed by event_entry or when it would pass 64 legs. */
void event_move(event *e, const ledger_cell *from, const ledger_cell *to, int64_t amount);
void event_entry(event *e);

/* Checks an event whose old values are filled in: every state column follows an arrow open to the
 * role, no column is set to what it was, entries balance, cells are sane. CONFLICT/state_arrow (the
 * record is not in a state that allows this), FORBIDDEN/role, INTERNAL/unbalanced. */
TQ_MUST_CHECK tq_code event_check(const event *e, tq_err *err);

/* Canonical text of the public body, and of the private rows ("" where there are none). */
void event_write(const event *e, buf *out);
void event_write_private(const event *e, buf *out);
bool event_has_private(const event *e);

/* Reads back what event_write wrote; anything else is MALFORMED, so that event_write of `out` is `body`
 * again (fuzz/fuzz_event.c). Private rows are not in it. */
TQ_MUST_CHECK tq_code event_read(str body, arena *a, event *out, tq_err *err);
/* Adds the rows of a private body to an event that was read. */
TQ_MUST_CHECK tq_code event_read_private(str body, event *e, tq_err *err);

#endif
