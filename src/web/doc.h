/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DOC_H
#define TQ_DOC_H

/* What an answer says, before it is JSON or a page: a tree of typed values. Handlers fill it once; the
 * JSON writer prints raw values (amounts as decimal strings, days as "2013-09-01" or null, tokens as they
 * are), the template renderer prints them for people. Everything lives in the arena of the root. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/day.h"
#include "base/money.h"
#include "web/locale.h"

typedef enum doc_type {
    DOC_BOOL,
    DOC_INT,
    DOC_TEXT,
    DOC_MONEY,
    DOC_DAY,     /* 0 or DAY_NONE: none */
    DOC_INSTANT, /* 0: none */
    DOC_BPS,
    DOC_TOKEN, /* `set`.`s` is the key of its text */
    DOC_JSON,  /* canonical text, put into JSON as it is */
    DOC_LIST,
    DOC_OBJECT,
} doc_type;

typedef struct doc {
    doc_type type;
    int64_t n;
    str s;
    const char *set;
    const char *key; /* where the parent is an object */
    arena *a;
    bool page_only; /* not part of the JSON: links, labels, choices */
    struct doc *first, *last, *next;
} doc;

typedef struct doc_style {
    language lang;
    currency money;
    const zone *zone; /* for instants; NULL: UTC */
} doc_style;

doc *doc_new(arena *a); /* an object */
/* All take an object and a key, or a list and NULL, and return the new child. Keys must outlive the tree;
 * a key that comes twice is a broken caller. */
doc *doc_object(doc *in, const char *key);
doc *doc_list(doc *in, const char *key);
doc *doc_text(doc *in, const char *key, str s); /* the bytes must outlive the tree */
doc *doc_int(doc *in, const char *key, int64_t n);
doc *doc_bool(doc *in, const char *key, bool b);
doc *doc_money(doc *in, const char *key, int64_t minor);
doc *doc_day(doc *in, const char *key, int64_t n);
doc *doc_instant(doc *in, const char *key, int64_t us);
doc *doc_bps(doc *in, const char *key, int64_t n);
doc *doc_token(doc *in, const char *key, const char *set, str token);
doc *doc_json(doc *in, const char *key, str canonical);
doc *doc_for_page(doc *d); /* marks it page_only and returns it */

const doc *doc_get(const doc *object, str key); /* NULL where absent */
doc *doc_find(doc *object, const char *key); /* the same, to be changed; asserts that it is there */
bool doc_true(const doc *d); /* for {{#if}}: not false, 0, "", none, or an empty list */

void doc_write_json(const doc *d, const doc_style *style, buf *out);
/* One leaf for people, not escaped: "30,000.00", "2013-09-01", the text of a token. */
void doc_write_plain(const doc *d, const doc_style *style, buf *out);

#endif
