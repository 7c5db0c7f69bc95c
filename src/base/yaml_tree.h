/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_YAML_TREE_H
#define TQ_YAML_TREE_H

/* The strict subset of YAML in which policies and the configuration are written, read from libyaml's
 * events into a tree that knows line and column. Scalars stay text: meaning is given by the table
 * that reads the tree (libcyaml was tried and reads `3x` as 3). Refused: anchors, aliases, tags, merge
 * keys, a second document, repeated keys, depth over 16, more than YAML_NODES_MAX nodes. */

#include "base/arena.h"
#include "base/err.h"

#define YAML_NODES_MAX 20000

typedef enum yaml_type { YAML_TEXT, YAML_LIST, YAML_MAP } yaml_type;

typedef struct yaml_node {
    yaml_type type;
    str text; /* YAML_TEXT */
    bool quoted;
    str key;  /* where the parent is a map */
    int line; /* from 1 */
    int column;
    struct yaml_node *kids;
    struct yaml_node *next;
    size_t count;
} yaml_node;

/* `name` stands in error places ("schemes/x.yaml:12:3"). All of it lives in `a`. */
TQ_MUST_CHECK tq_code yaml_read(str text, const char *name, arena *a, yaml_node **out, tq_err *err);
const yaml_node *yaml_get(const yaml_node *map, const char *key);

#endif
