/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ROUTE_H
#define TQ_ROUTE_H

/* The one list of addresses. From routes.def come the router, the gate, typed input, pages and forms, JSON
 * resources, OpenAPI, `tongquan routes`, and the role × route tests.
 *
 *   LIST(name, path, view, roles, menu, icon)     GET: rows of a view in the actor's scope
 *   ITEM(name, path, view, roles)                 GET: one row, its children, what can be done with it
 *   MAKE(name, path, view, roles, fields, trace)  POST: makes a row; its form is GET path/new
 *   ACT(name, path, view, when, roles, fields, trace)
 *                                                 POST on a row in one of the states `when` ("": any); its
 *                                                 form is GET of the same path
 *   ACT_MAKES(name, path, view, when, made, roles, fields, trace)
 *                                                 the same, and its answer is a new row of view `made`
 *   DO(name, path, roles, fields, trace)          POST without a row; its form is GET of the same path
 *   PAGE(name, path, roles, menu, icon)           GET with a handler of its own
 *   PAGE_WHEN(name, path, when, roles, icon)      the same of a row, which has it in the states `when` only
 * `menu` is a group of the menu, or the list as whose tab the page is shown: see menu.h.
 *
 * A row needs a handler act_<name> (MAKE, ACT, DO) or page_<name> (PAGE), texts route.<name> (and
 * hint.<name>) in the locale, and nothing else. Fields stand without commas:
 *   F_MONEY(contract, REQ) F_TEXT(title, 200, REQ) F_PICK(voucher_id, VOUCHER, "active", REQ)
 * and reach the handler as in_<name>, one field_slot each. */

#include "app/view.h"
#include "http/http.h"

typedef enum field_type {
    FIELD_ID,    /* a row, as a number */
    FIELD_PICK,  /* a row of a view that the actor sees, in one of the states of `words` */
    FIELD_INT,   /* min..max */
    FIELD_MONEY, /* decimal text; minor units */
    FIELD_RATE,  /* percent as people write it, "12.5" or "12.5%": basis points, min..max */
    FIELD_DAY,   /* 2013-09-01; 0: not given */
    FIELD_TEXT, /* a line of at most max bytes. F_NAMED: picked by the column `words` of rows of `pick`;
                     F_SUGGEST: `words` are offered, with their texts of `set`, and others taken too */
    FIELD_LONG,   /* lines of at most max bytes */
    FIELD_SECRET, /* a password or code: never shown again */
    FIELD_CHOICE, /* one of `words`; texts under <set>.<word> */
    FIELD_BOOL,
    FIELD_FILE, /* at most max bytes */
    FIELD_ROWS, /* at most max rows of `rows` */
} field_type;

/* STAFF: asked of those who act for the programme; an organisation's agent means their own. */
enum { OPT = 0, REQ = 1, STAFF = 2 };

typedef struct field_slot {
    int64_t n; /* ids, ints, money (minor units), days, bools */
    str s;     /* texts, choices; of a file its SHA-256 hex */
    bool given;
    const struct http_file *file;
    const struct field_slot *rows; /* FIELD_ROWS: n_rows × n_fields of the row */
    size_t n_rows;
} field_slot;

typedef struct field {
    const char *name;
    field_type type;
    unsigned flags;
    int64_t min, max;
    const char *
        words; /* FIELD_CHOICE, states of FIELD_PICK: words with blanks between; FIELD_TEXT: above */
    const char *set; /* FIELD_CHOICE, F_SUGGEST: texts */
    view_id pick;
    const struct field *rows;
    int n_rows_fields;
} field;

typedef enum route_kind {
    ROUTE_LIST,
    ROUTE_ITEM,
    ROUTE_MAKE,
    ROUTE_ACT,
    ROUTE_DO,
    ROUTE_PAGE
} route_kind;

struct web_rq;
struct web_done;
typedef tq_code act_fn(struct web_rq *w, const field_slot *in, struct web_done *done, tq_err *err);
typedef tq_code page_fn(struct web_rq *w, http_reply *out, tq_err *err);

typedef struct route {
    const char *name;
    route_kind kind;
    const char *path;
    view_id view;
    view_id
        made; /* of the row that answers; VIEW_NONE: what the handler says, or the row acted on */
    const char *when;
    role_set roles; /* with ROLE_PUBLIC: no log-in is asked for */
    const char *menu, *icon;
    const field *fields;
    int n_fields;
    act_fn *act;
    page_fn *page;
    const char *trace; /* P-nn, R-xxx-nnn */
} route;

extern const route routes[];
extern const int route_count;

typedef struct route_match {
    const route *route; /* NULL: nothing at this address */
    int64_t id;         /* of {id} in the path */
    bool form;          /* the form of a MAKE, ACT or DO is asked for */
    bool csv;           /* a list as CSV: path.csv */
    const char *allow;  /* route NULL and this set: 405, and what would do */
} route_match;

route_match route_find(http_method method, str path);
const route *route_named(const char *name);
/* LIST or ITEM of a view that the role may open; NULL. */
const route *route_of_view(view_id of, route_kind kind, role r);
bool route_when(const route *r, str state);
str route_path(const route *r, int64_t id, arena *a); /* with {id} filled in */

#endif
