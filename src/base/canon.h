/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CANON_H
#define TQ_CANON_H

/* Canonical text: the subset of JSON in which events, decisions and exports are written, so that
 * equal content has equal bytes on every engine and machine.
 *
 * One line of UTF-8; no blanks; objects, arrays, strings, integers in int64, true, false, null; no
 * fractions, no exponents, no -0. Strings escape only ", \ and controls (\b \t \n \f \r, else
 * \u00xx lower case). Key order is the writer's and must be fixed per kind of object.
 *
 * The writer inserts commas itself and asserts balanced use. The scanner is strict: anything the
 * writer would not have written byte for byte is MALFORMED, as are repeated keys in one object,
 * nesting deeper than CANON_DEPTH_MAX, and anything after the value. canon_write(canon_read(x)) == x
 * holds for every x that is accepted (fuzz/fuzz_canon.c). */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define CANON_DEPTH_MAX 16

typedef struct canon {
    buf *out;
    int depth;
    bool comma[CANON_DEPTH_MAX + 1];
    char kind[CANON_DEPTH_MAX + 1]; /* '{' or '[' per depth */
} canon;

canon canon_to(buf *out);
void canon_open(canon *c);     /* { */
void canon_close(canon *c);    /* } */
void canon_list(canon *c);     /* [ */
void canon_list_end(canon *c); /* ] */
void canon_key(canon *c, const char *key);
void canon_str(canon *c, str s); /* s is UTF-8: asserted */
void canon_int(canon *c, int64_t n);
void canon_bool(canon *c, bool b);
void canon_null(canon *c);
void canon_raw(canon *c, str canonical); /* a value already in canonical text */
/* key and value in one */
void canon_kstr(canon *c, const char *key, str s);
void canon_kint(canon *c, const char *key, int64_t n);

typedef enum canon_type {
    CANON_NULL,
    CANON_BOOL,
    CANON_INT,
    CANON_STR,
    CANON_LIST,
    CANON_OBJECT
} canon_type;

typedef struct canon_node {
    canon_type type;
    int64_t num;                   /* CANON_INT; 0 or 1 for CANON_BOOL */
    str text;                      /* CANON_STR, unescaped, in the arena or the input */
    str key;                       /* where the parent is an object */
    str raw;                       /* the bytes of this value in the input */
    const struct canon_node *kids; /* first child of a list or object */
    const struct canon_node *next; /* next sibling */
    size_t count;                  /* children */
} canon_node;

/* The nodes live in `a`, the slices in `a` or in `text`, which must outlive them. */
TQ_MUST_CHECK tq_code canon_read(str text, arena *a, const canon_node **out, tq_err *err);
/* Ordinary JSON (blanks, any order, \u escapes) under the same limits, for input that people and
 * other programs write; fractions and repeated keys stay MALFORMED. */
TQ_MUST_CHECK tq_code json_read(str text, arena *a, const canon_node **out, tq_err *err);

const canon_node *canon_get(const canon_node *object, const char *key); /* NULL if absent */
/* MALFORMED with field = key where it is absent or of another type. */
TQ_MUST_CHECK tq_code canon_need_str(const canon_node *object, const char *key, str *out,
                                     tq_err *err);
TQ_MUST_CHECK tq_code canon_need_int(const canon_node *object, const char *key, int64_t *out,
                                     tq_err *err);

#endif
