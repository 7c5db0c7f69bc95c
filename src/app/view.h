/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VIEW_H
#define TQ_VIEW_H

/* What may be read, and by whom. A view is a named list of typed fields with one row per record; its
 * statements and its field table are both made from src/store/views/<story>.view, so that a page, a JSON
 * reply, a CSV export and a choice in a form cannot show different things.
 *
 * Whose rows: an actor reads in one scope. A record outside the scope is not there: absent and forbidden
 * look alike (I20). Fields of a row stand in the order of the view's table. */

#include "app/app.h"
#include "app/views_gen.h" /* enum view_id: VIEW_<NAME> */

#define VIEW_PAGE_MAX 200 /* rows of one page of a list */
#define VIEW_FIELDS_MAX 48
#define VIEW_COUNT_MAX 10000    /* view_count ends here: more is VIEW_COUNT_MAX + 1 */
#define VIEW_CHILD_ROWS_MAX 500 /* rows of a child on the page of its parent; more: `cut` */
#define VIEW_NO_STMT ((store_stmt)-1)

typedef enum view_type {
    VIEW_TYPE_ID,
    VIEW_TYPE_INT,
    VIEW_TYPE_MONEY,   /* minor units of the programme's currency */
    VIEW_TYPE_DAY,     /* days as in base/day.h; 0: none */
    VIEW_TYPE_INSTANT, /* microseconds UTC; 0: none */
    VIEW_TYPE_BPS,
    VIEW_TYPE_BOOL,
    VIEW_TYPE_TEXT,
    VIEW_TYPE_CODE,  /* number or hash, never broken or translated */
    VIEW_TYPE_LINE,  /* canonical JSON of facts or steps */
    VIEW_TYPE_TOKEN, /* word of the set `of` */
    VIEW_TYPE_STATE, /* word of the state table `of` */
} view_type;

typedef enum view_show { VIEW_SHOW_FIELD, VIEW_SHOW_DETAIL, VIEW_SHOW_HIDDEN } view_show;

typedef struct view_field {
    const char *name;
    view_type type;
    const char *of;
    view_show show;
    view_id
        link; /* the field names a row of that view, whose id is the field `link_at`; else VIEW_NONE */
    int link_at;
} view_field;

typedef struct view_child {
    view_id view;
    store_stmt stmt; /* ?1: id of the parent */
} view_child;

typedef enum view_reach {
    REACH_PROGRAMME,
    REACH_ORG,
    REACH_PLACE,
    REACH_PUBLIC,
    REACH_INSPECTOR,
    REACH_BUREAU,
    REACH_WATCH,
    REACH_COUNT
} view_reach;

typedef struct view {
    const char *name;
    const view_field *fields;
    int n_fields;
    const view_child *children;
    int n_children;
    const int *title; /* fields that name a row in a choice or a heading */
    int n_title;
    store_stmt list[REACH_COUNT]; /* VIEW_NO_STMT: nobody of that reach sees rows */
    store_stmt count[REACH_COUNT];
    store_stmt list_state[REACH_COUNT]; /* the same of one state */
    store_stmt count_state[REACH_COUNT];
    store_stmt one;
    int state; /* field of the state, -1 */
    bool by_state, by_search, oldest_first;
    bool staff; /* as a child it is shown to those who read the programme only */
    int reads;  /* audited table whose reading by the staff is recorded; -1: none */
    const char
        *own; /* field of the parent: the township that it names sees the child too; or NULL */
    const char *const *periods; /* words of view_query.on */
    int n_periods;
} view;

const view *view_of(view_id id);
int view_field_at(const view *v, const char *name); /* -1 where there is none */

typedef struct view_value {
    int64_t n; /* ids, counts, money, days, instants, bps, bools */
    str s;     /* texts, codes, tokens, states */
} view_value;

typedef struct view_row {
    const view_value *values; /* n_fields of the view, in the arena */
} view_row;

typedef struct view_scope {
    view_reach reach;
    int64_t programme_id; /* rows of other programmes are not there; 0: of the installation only */
    int64_t
        id; /* organisation or township; person of an inspector, a bureau or a supervisor; else 0 */
} view_scope;

/* Firms' and institutions' agents read what is their organisation's, townships what lies in them, the
 * public what is public, inspectors that and the firms of their open tasks (P-30), linked bureaus and
 * supervisors what is the programme's and of some views only what is theirs, everyone else what is the
 * programme's. */
view_scope view_scope_of(const actor *who);
bool view_reads_programme(view_reach reach); /* of its own, or lent to a bureau or a supervisor */
bool view_within(const view *v, view_reach reach); /* are there rows for that reach at all? */

typedef struct view_query {
    int64_t after; /* id of the last row of the page before; 0: the first page */
    int limit;     /* 1..VIEW_PAGE_MAX */
    str state;     /* "": any */
    str q;         /* part of a name or number, "": any; ASCII letters in any case */
    str on;        /* one of the view's periods, "": rows of any day */
    day from, to;  /* with `on`: first and last day */
} view_query;

typedef struct view_rows {
    const view *of;
    const view_row *rows;
    size_t n;
    bool more;
} view_rows;

TQ_MUST_CHECK tq_code view_list(store_tx *tx, const view *v, const view_scope *scope,
                                const view_query *q, arena *a, view_rows *out, tq_err *err);
TQ_MUST_CHECK tq_code view_count(store_tx *tx, const view *v, const view_scope *scope,
                                 const view_query *q, int64_t *n, tq_err *err);
/* NOT_FOUND/no_such_record where there is none within the scope. */
TQ_MUST_CHECK tq_code view_one(store_tx *tx, const view *v, const view_scope *scope, int64_t id,
                               arena *a, view_row *out, tq_err *err);
/* Rows of a child of a row that the scope has been asked for. */
TQ_MUST_CHECK tq_code view_children(store_tx *tx, const view_child *child, int64_t parent_id,
                                    arena *a, view_rows *out, tq_err *err);

#endif
