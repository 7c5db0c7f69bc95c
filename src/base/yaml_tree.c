/* SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/keys_repeat.h"

#define YAML_DEPTH_MAX 16

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* holds one event at a time, from next() to done() */
    bool holds;
    const char *name;
    arena *a;
    tq_err *err;
    size_t nodes;
} reader;

static tq_code fail_at(const reader *r, tq_code code, const char *reason, int line, int column,
                       const char *detail)
{
    char place[128];
    (void)snprintf(place, sizeof place, "%.40s:%d:%d", r->name, line, column);
    return tq_fail(r->err, code, reason, place, "%s", detail);
}

static int line_of(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

static int column_of(yaml_mark_t mark)
{
    return (int)mark.column + 1;
}

static tq_code fail_here(const reader *r, const char *reason, const char *detail)
{
    const yaml_mark_t at = r->event.start_mark;
    return fail_at(r, TQ_MALFORMED, reason, line_of(at), column_of(at), detail);
}

static void done(reader *r)
{
    if (r->holds) {
        yaml_event_delete(&r->event);
        r->holds = false;
    }
}

static tq_code next(reader *r)
{
    done(r);
    if (yaml_parser_parse(&r->parser, &r->event) != 1) {
        const yaml_mark_t at = r->parser.problem_mark;
        const char *why = r->parser.problem;
        return fail_at(r, TQ_MALFORMED, "yaml_form", line_of(at), column_of(at),
                       why == NULL ? "this is not YAML" : why);
    }
    r->holds = true;
    return TQ_OK;
}

static str copy(arena *a, const yaml_char_t *text, size_t len)
{
    return arena_copy(a, (str){(const char *)text, len});
}

static tq_code keys_differ(const reader *r, const yaml_node *map)
{
    if (map->count < 2) {
        return TQ_OK;
    }
    const str **keys = malloc(map->count * sizeof *keys);
    if (keys == NULL) {
        return fail_at(r, TQ_LIMIT, "yaml_size", map->line, map->column, "the map is too large");
    }
    size_t n = 0;
    for (const yaml_node *k = map->kids; k != NULL; k = k->next) {
        keys[n++] = &k->key;
    }
    TQ_ASSERT(n == map->count);
    const str *twice = keys_repeat(keys, n);
    free(keys);
    const yaml_node *last = map;
    for (const yaml_node *k = map->kids; twice != NULL && k != NULL; k = k->next) {
        last = str_eq(k->key, *twice) ? k : last;
    }
    return twice == NULL ? TQ_OK
                         : fail_at(r, TQ_MALFORMED, "yaml_repeated_key", last->line, last->column,
                                   "the map names this key twice");
}

/* Anchors and tags change what a text means elsewhere in the file; policies are read by people. */
static tq_code plain_only(const reader *r, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL) {
        return fail_here(r, "yaml_anchor", "anchors are not allowed; write the value out");
    }
    if (tag != NULL) {
        return fail_here(r, "yaml_tag", "tags are not allowed; leave out the part after !");
    }
    return TQ_OK;
}

static tq_code take_node(reader *r, size_t text_bytes, yaml_node **out)
{
    const yaml_mark_t at = r->event.start_mark;
    if (++r->nodes > YAML_NODES_MAX || arena_left(r->a) < sizeof(yaml_node) ||
        arena_left(r->a) - sizeof(yaml_node) < text_bytes + 64) {
        return fail_at(r, TQ_LIMIT, "yaml_size", line_of(at), column_of(at),
                       "the text has too many values");
    }
    yaml_node *node = ARENA_NEW(r->a, yaml_node, 1);
    node->line = line_of(at);
    node->column = column_of(at);
    *out = node;
    return TQ_OK;
}

static tq_code read_node(reader *r, int depth, yaml_node **out);

/* The event is a key: leaves its text in *key. */
static tq_code read_key(reader *r, str *key)
{
    if (r->event.type != YAML_SCALAR_EVENT) {
        return fail_here(r, "yaml_key", "a key must be a text");
    }
    TQ_TRY(plain_only(r, r->event.data.scalar.anchor, r->event.data.scalar.tag));
    const size_t len = r->event.data.scalar.length;
    const yaml_char_t *text = r->event.data.scalar.value;
    if (len == 2 && memcmp(text, "<<", 2) == 0) {
        return fail_here(r, "yaml_merge", "merge keys are not allowed; write the values out");
    }
    if (arena_left(r->a) <= len) {
        return fail_here(r, "yaml_size", "the key is too long");
    }
    *key = copy(r->a, text, len);
    return TQ_OK;
}

/* Behind the start of a list or map, up to and with its end. */
static tq_code read_kids(reader *r, int depth, yaml_node *node)
{
    if (depth >= YAML_DEPTH_MAX) {
        return fail_here(r, "yaml_depth", "the text nests too deeply");
    }
    const bool map = node->type == YAML_MAP;
    const yaml_event_type_t end = map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    yaml_node **link = &node->kids;
    TQ_TRY(next(r));
    while (r->event.type != end) {
        str key = {0};
        const yaml_mark_t at = r->event.start_mark;
        if (map) {
            TQ_TRY(read_key(r, &key));
            TQ_TRY(next(r));
        }
        yaml_node *kid = NULL;
        TQ_TRY(read_node(r, depth + 1, &kid));
        TQ_ASSERT(kid != NULL);
        if (map) { /* what a person looks for is the key */
            kid->key = key;
            kid->line = line_of(at);
            kid->column = column_of(at);
        }
        *link = kid;
        link = &kid->next;
        node->count++;
        TQ_TRY(next(r));
    }
    return map ? keys_differ(r, node) : TQ_OK;
}

/* The event is the start of the node; leaves its last event. */
static tq_code read_node(reader *r, int depth, yaml_node **out)
{
    const yaml_event_t *e = &r->event;
    if (e->type == YAML_SCALAR_EVENT) {
        TQ_TRY(plain_only(r, e->data.scalar.anchor, e->data.scalar.tag));
        TQ_TRY(take_node(r, e->data.scalar.length, out));
        (*out)->type = YAML_TEXT;
        (*out)->text = copy(r->a, e->data.scalar.value, e->data.scalar.length);
        (*out)->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return TQ_OK;
    }
    if (e->type == YAML_SEQUENCE_START_EVENT) {
        TQ_TRY(plain_only(r, e->data.sequence_start.anchor, e->data.sequence_start.tag));
        TQ_TRY(take_node(r, 0, out));
        (*out)->type = YAML_LIST;
        return read_kids(r, depth, *out);
    }
    if (e->type == YAML_MAPPING_START_EVENT) {
        TQ_TRY(plain_only(r, e->data.mapping_start.anchor, e->data.mapping_start.tag));
        TQ_TRY(take_node(r, 0, out));
        (*out)->type = YAML_MAP;
        return read_kids(r, depth, *out);
    }
    if (e->type == YAML_ALIAS_EVENT) {
        return fail_here(r, "yaml_anchor", "aliases are not allowed; write the value out");
    }
    return fail_here(r, "yaml_form", "a value is expected here");
}

static tq_code read_document(reader *r, yaml_node **out)
{
    TQ_TRY(next(r));
    TQ_ASSERT(r->event.type == YAML_STREAM_START_EVENT);
    TQ_TRY(next(r));
    if (r->event.type != YAML_DOCUMENT_START_EVENT) {
        return fail_here(r, "yaml_empty", "the text holds no value");
    }
    const yaml_event_t *e = &r->event;
    if (e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end) {
        return fail_here(r, "yaml_tag", "tag directives are not allowed");
    }
    TQ_TRY(next(r));
    TQ_TRY(read_node(r, 0, out));
    TQ_TRY(next(r));
    TQ_ASSERT(r->event.type == YAML_DOCUMENT_END_EVENT);
    TQ_TRY(next(r));
    if (r->event.type != YAML_STREAM_END_EVENT) {
        return fail_here(r, "yaml_second_document", "one file holds one document");
    }
    return TQ_OK;
}

tq_code yaml_read(str text, const char *name, arena *a, yaml_node **out, tq_err *err)
{
    TQ_ASSERT(name != NULL);
    TQ_ASSERT(out != NULL);
    reader r = {.name = name, .a = a, .err = err};
    if (!str_utf8(text)) { /* libyaml would take UTF-16 as well */
        return fail_at(&r, TQ_MALFORMED, "yaml_encoding", 1, 1, "the text is not UTF-8");
    }
    if (yaml_parser_initialize(&r.parser) != 1) {
        return tq_fail(err, TQ_INTERNAL, "memory", name, "libyaml got no memory");
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    const char *data = text.data == NULL ? "" : text.data;
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)data, text.len);
    yaml_node *root = NULL;
    const tq_code code = read_document(&r, &root);
    done(&r);
    yaml_parser_delete(&r.parser);
    if (code == TQ_OK) {
        *out = root;
    }
    return code;
}

const yaml_node *yaml_get(const yaml_node *map, const char *key)
{
    TQ_ASSERT(key != NULL);
    if (map == NULL || map->type != YAML_MAP) {
        return NULL;
    }
    const str wanted = str_of(key);
    for (const yaml_node *k = map->kids; k != NULL; k = k->next) {
        if (str_eq(k->key, wanted)) {
            return k;
        }
    }
    return NULL;
}
