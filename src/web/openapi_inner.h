/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_OPENAPI_INNER_H
#define TQ_OPENAPI_INNER_H

/* What the parts of the description share: openapi.c puts it together, openapi_operation.c writes what
 * can be done at an address, openapi_schema.c what is read and sent, openapi_sample.c examples.
 *
 * openapi_base.json has what no list says: shared parameters, headers and problems, and the answers of
 * handlers that are not simply a row or a list of a view, by the name of their route. */

#include "base/canon.h"
#include "web/openapi.h"

#define OPENAPI_NAME_MAX 120

static inline void kv(canon *c, const char *key, const char *text)
{
    canon_kstr(c, key, str_of(text));
}

static inline void kbool(canon *c, const char *key, bool b)
{
    canon_key(c, key);
    canon_bool(c, b);
}

/* {"$ref":"#/components/KIND/NAME"} */
void openapi_ref(canon *c, const char *kind, const char *name);
/* The words of a list with blanks between, as a list of texts. */
void openapi_words(canon *c, const char *key, const char *words);
bool route_reads(const route *r); /* LIST, ITEM, PAGE */

/* One row of a view as lists have it, and, for views whose rows have pages, as its page has it. */
void view_schema(canon *c, const view *v);
void view_item_schema(canon *c, const view *v);
void view_list_schema(canon *c, const view *v);
/* "enum" of the states that a row of the table can be in; nothing where the table has no arrows. */
void states_enum(canon *c, const char *table);
/* What a route takes: `form` as a form sends it, else as JSON. */
void route_schema(canon *c, const route *r, bool form);
bool takes_file(const route *r, bool must); /* `must`: it cannot be asked without one */
/* A body with all that must be given. */
void route_sample(canon *c, const route *r);

/* All operations of an address that begins with one of the route's own: the address itself, as a sheet
 * (LIST), and its form (MAKE). Addresses that an earlier route has written are left out. */
void route_paths(canon *c, int at, const canon_node *base);
#endif
