/* SPDX-License-Identifier: Apache-2.0 */
#include "base/canon.h"

#include "base/json_text.h"
#include "base/keys_repeat.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct scan {
    str text;
    size_t at;
    json_form form;
    arena *a;
    tq_err *err;
} scan;

/* One detail for all faults: where it is (byte for machines, line and column for people). */
static tq_code scan_fail(const scan *s, tq_code code, const char *reason, const char *detail)
{
    if (s->form == JSON_CANONICAL) {
        char place[32];
        (void)snprintf(place, sizeof place, "byte %zu", s->at + 1);
        return tq_fail(s->err, code, reason, place, "%s", detail);
    }
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < s->at; i++) {
        if (s->text.data[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    char place[64];
    (void)snprintf(place, sizeof place, "line %zu, column %zu", line, s->at - line_start + 1);
    return tq_fail(s->err, code, reason, place, "%s", detail);
}

static tq_code form_fail(const scan *s, const char *detail)
{
    return scan_fail(s, TQ_MALFORMED, "json_form", detail);
}

static char peek(const scan *s)
{
    return s->at < s->text.len ? s->text.data[s->at] : '\0';
}

static void skip_blanks(scan *s)
{
    while (s->form == JSON_ORDINARY && s->at < s->text.len &&
           (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r')) {
        s->at++;
    }
}

static bool take(scan *s, char c)
{
    if (s->at < s->text.len && s->text.data[s->at] == c) {
        s->at++;
        return true;
    }
    return false;
}

static tq_code read_text(scan *s, str *out)
{
    const str in = {s->text.data + s->at, s->text.len - s->at};
    size_t used = 0;
    const char *fault = json_text(in, s->form, s->a, out, &used);
    s->at += used;
    if (fault != NULL) {
        return form_fail(s, fault);
    }
    return TQ_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static tq_code read_int(scan *s, int64_t *out)
{
    const bool negative = take(s, '-');
    const size_t start = s->at;
    uint64_t n = 0;
    const uint64_t most = (uint64_t)INT64_MAX + negative;
    while (is_digit(peek(s))) {
        const uint64_t digit = (uint64_t)(peek(s) - '0');
        if (n > (most - digit) / 10) {
            return scan_fail(s, TQ_MALFORMED, "json_number", "the number is too large");
        }
        n = n * 10 + digit;
        s->at++;
    }
    const bool leading_zero = s->at > start + 1 && s->text.data[start] == '0';
    if (s->at == start || leading_zero || (negative && n == 0)) {
        return scan_fail(s, TQ_MALFORMED, "json_number",
                         "a number is written in plain digits without a leading zero");
    }
    if (peek(s) == '.' || peek(s) == 'e' || peek(s) == 'E') {
        return scan_fail(s, TQ_MALFORMED, "json_number",
                         "numbers are whole here; write an amount as a string");
    }
    *out = negative ? (int64_t)(0 - n) : (int64_t)n;
    return TQ_OK;
}

static tq_code read_word(scan *s, canon_node *node)
{
    static const struct word {
        const char *text;
        canon_type type;
        int64_t num;
    } words[] = {{"null", CANON_NULL, 0}, {"true", CANON_BOOL, 1}, {"false", CANON_BOOL, 0}};
    const str rest = {s->text.data + s->at, s->text.len - s->at};
    for (size_t i = 0; i < TQ_COUNT(words); i++) {
        if (str_starts(rest, str_of(words[i].text))) {
            node->type = words[i].type;
            node->num = words[i].num;
            s->at += strlen(words[i].text);
            return TQ_OK;
        }
    }
    return form_fail(s, "a value is expected here");
}

/* Few keys are compared in pairs, many are sorted. */
static tq_code keys_differ(const scan *s, const canon_node *object)
{
    if (object->count <= 16) {
        for (const canon_node *k = object->kids; k != NULL; k = k->next) {
            for (const canon_node *l = k->next; l != NULL; l = l->next) {
                if (str_eq(k->key, l->key)) {
                    return scan_fail(s, TQ_MALFORMED, "json_repeated_key",
                                     "the object names a key twice");
                }
            }
        }
        return TQ_OK;
    }
    const str **keys = malloc(object->count * sizeof *keys);
    if (keys == NULL) {
        return scan_fail(s, TQ_LIMIT, "json_size", "the object is too large");
    }
    size_t n = 0;
    for (const canon_node *k = object->kids; k != NULL; k = k->next) {
        keys[n++] = &k->key;
    }
    TQ_ASSERT(n == object->count);
    const bool twice = keys_repeat(keys, n) != NULL;
    free(keys);
    return !twice ? TQ_OK
                  : scan_fail(s, TQ_MALFORMED, "json_repeated_key", "the object names a key twice");
}

static tq_code read_value(scan *s, int depth, canon_node *node);

/* Behind the opening bracket, up to and with the closing one. */
static tq_code read_kids(scan *s, int depth, canon_node *node)
{
    const bool object = node->type == CANON_OBJECT;
    const char end = object ? '}' : ']';
    if (depth >= CANON_DEPTH_MAX) {
        return scan_fail(s, TQ_MALFORMED, "json_depth", "the text nests too deeply");
    }
    skip_blanks(s);
    if (take(s, end)) {
        return TQ_OK;
    }
    const canon_node **link = &node->kids;
    do {
        if (arena_left(s->a) < sizeof(canon_node)) {
            return scan_fail(s, TQ_LIMIT, "json_size", "the text has too many values");
        }
        canon_node *kid = ARENA_NEW(s->a, canon_node, 1);
        skip_blanks(s);
        if (object) {
            if (!take(s, '"')) {
                return form_fail(s, "a key in quotes is expected here");
            }
            TQ_TRY(read_text(s, &kid->key));
            skip_blanks(s);
            if (!take(s, ':')) {
                return form_fail(s, "a colon is expected here");
            }
        }
        TQ_TRY(read_value(s, depth + 1, kid));
        *link = kid;
        link = &kid->next;
        node->count++;
        skip_blanks(s);
    } while (take(s, ','));
    if (!take(s, end)) {
        return form_fail(s, object ? "a comma or } is expected here"
                                   : "a comma or ] is expected here");
    }
    return object ? keys_differ(s, node) : TQ_OK;
}

static tq_code read_value(scan *s, int depth, canon_node *node)
{
    skip_blanks(s);
    const size_t start = s->at;
    if (take(s, '{') || take(s, '[')) {
        node->type = s->text.data[start] == '{' ? CANON_OBJECT : CANON_LIST;
        TQ_TRY(read_kids(s, depth, node));
    } else if (take(s, '"')) {
        node->type = CANON_STR;
        TQ_TRY(read_text(s, &node->text));
    } else if (peek(s) == '-' || is_digit(peek(s))) {
        node->type = CANON_INT;
        TQ_TRY(read_int(s, &node->num));
    } else {
        TQ_TRY(read_word(s, node));
    }
    node->raw = (str){s->text.data + start, s->at - start};
    return TQ_OK;
}

static tq_code read_all(scan *s, const canon_node **out)
{
    TQ_ASSERT(out != NULL);
    if (!str_utf8(s->text)) {
        return scan_fail(s, TQ_MALFORMED, "json_encoding", "the text is not UTF-8");
    }
    if (arena_left(s->a) < sizeof(canon_node)) {
        return scan_fail(s, TQ_LIMIT, "json_size", "the text has too many values");
    }
    canon_node *root = ARENA_NEW(s->a, canon_node, 1);
    TQ_TRY(read_value(s, 0, root));
    skip_blanks(s);
    if (s->at != s->text.len) {
        return form_fail(s, "nothing may follow the value");
    }
    *out = root;
    return TQ_OK;
}

tq_code canon_read(str text, arena *a, const canon_node **out, tq_err *err)
{
    scan s = {
        .text = text.data == NULL ? STR("") : text, .form = JSON_CANONICAL, .a = a, .err = err};
    return read_all(&s, out);
}

tq_code json_read(str text, arena *a, const canon_node **out, tq_err *err)
{
    scan s = {
        .text = text.data == NULL ? STR("") : text, .form = JSON_ORDINARY, .a = a, .err = err};
    return read_all(&s, out);
}

const canon_node *canon_get(const canon_node *object, const char *key)
{
    TQ_ASSERT(key != NULL);
    if (object == NULL || object->type != CANON_OBJECT) {
        return NULL;
    }
    const str wanted = str_of(key);
    for (const canon_node *k = object->kids; k != NULL; k = k->next) {
        if (str_eq(k->key, wanted)) {
            return k;
        }
    }
    return NULL;
}

static tq_code need(const canon_node *node, const char *key, canon_type type, tq_err *err)
{
    if (node == NULL) {
        return tq_fail(err, TQ_MALFORMED, "missing_field", key, "the field is missing");
    }
    if (node->type != type) {
        return tq_fail(err, TQ_MALFORMED, "field_type", key, "the field must be %s",
                       type == CANON_STR ? "a string" : "a whole number");
    }
    return TQ_OK;
}

tq_code canon_need_str(const canon_node *object, const char *key, str *out, tq_err *err)
{
    const canon_node *node = canon_get(object, key);
    TQ_TRY(need(node, key, CANON_STR, err));
    *out = node->text;
    return TQ_OK;
}

tq_code canon_need_int(const canon_node *object, const char *key, int64_t *out, tq_err *err)
{
    const canon_node *node = canon_get(object, key);
    TQ_TRY(need(node, key, CANON_INT, err));
    *out = node->num;
    return TQ_OK;
}
