/* SPDX-License-Identifier: Apache-2.0 */
#include "http/params.h"

#include "base/err.h"
#include "http/guard.h"
#include "http/multipart.h"

void params_skip_blanks(str *s)
{
    while (s->len > 0 && (s->data[0] == ' ' || s->data[0] == '\t')) {
        s->data++;
        s->len--;
    }
}

void params_skip(str *s, size_t n)
{
    TQ_ASSERT(n <= s->len);
    s->data += n;
    s->len -= n;
}

size_t params_token_length(str s)
{
    size_t n = 0;
    while (n < s.len && guard_token_text((str){s.data + n, 1})) {
        n++;
    }
    return n;
}

/* A quoted string. Backslash quotes only '"' and itself: browsers once sent whole Windows paths. */
static bool quoted(str *s, arena *a, str *out)
{
    char *text = arena_take(a, s->len + 1);
    size_t n = 0;
    params_skip(s, 1);
    while (s->len > 0 && s->data[0] != '"') {
        if (s->data[0] == '\\' && s->len > 1 && (s->data[1] == '"' || s->data[1] == '\\')) {
            params_skip(s, 1);
        }
        text[n++] = s->data[0];
        params_skip(s, 1);
    }
    if (s->len == 0) {
        return false;
    }
    params_skip(s, 1);
    *out = (str){text, n};
    return true;
}

bool params_next(str *s, arena *a, str *name, str *value)
{
    params_skip_blanks(s);
    if (s->len == 0 || s->data[0] != ';') {
        return false;
    }
    str rest = *s;
    params_skip(&rest, 1);
    params_skip_blanks(&rest);
    *name = (str){rest.data, params_token_length(rest)};
    params_skip(&rest, name->len);
    if (name->len == 0 || rest.len < 2 || rest.data[0] != '=') {
        return false;
    }
    params_skip(&rest, 1);
    if (rest.data[0] == '"') {
        if (!quoted(&rest, a, value)) {
            return false;
        }
    } else {
        *value = (str){rest.data, params_token_length(rest)};
        params_skip(&rest, value->len);
        if (value->len == 0) {
            return false;
        }
    }
    *s = rest;
    return true;
}

/* bchars of RFC 2046; no CR among them, which read_data of multipart.c builds on. */
bool params_boundary_ok(str b)
{
    for (size_t i = 0; i < b.len; i++) {
        const char c = b.data[i];
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (c == '\0' || strchr("'()+_,-./:=? ", c) == NULL)) {
            return false;
        }
    }
    return b.len > 0 && b.len <= MULTIPART_BOUNDARY_MAX && b.data[b.len - 1] != ' ';
}

/* Named once: a reader that takes the first and one that takes the last would see different
 * forms. */
bool multipart_boundary(str content_type, str *out)
{
    const char *semicolon =
        content_type.len == 0 ? NULL : memchr(content_type.data, ';', content_type.len);
    if (semicolon == NULL) {
        return false;
    }
    str rest = {semicolon, content_type.len - (size_t)(semicolon - content_type.data)};
    str found = {0};
    while (rest.len > 0) {
        params_skip(&rest, 1); /* ';' */
        params_skip_blanks(&rest);
        const str name = {rest.data, params_token_length(rest)};
        params_skip(&rest, name.len);
        if (name.len == 0 || rest.len < 2 || rest.data[0] != '=') {
            return false;
        }
        params_skip(&rest, 1);
        str value = {rest.data, params_token_length(rest)};
        if (rest.data[0] ==
            '"') { /* no boundary has a quote or backslash in it: no copy is needed */
            const char *end = memchr(rest.data + 1, '"', rest.len - 1);
            if (end == NULL) {
                return false;
            }
            value = (str){rest.data + 1, (size_t)(end - rest.data) - 1};
            params_skip(&rest, value.len + 2);
        } else {
            params_skip(&rest, value.len);
        }
        if (guard_same(name, "boundary")) {
            if (found.len > 0) {
                return false;
            }
            found = value;
        }
        params_skip_blanks(&rest);
        if (rest.len > 0 && rest.data[0] != ';') {
            return false;
        }
    }
    *out = found;
    return params_boundary_ok(found);
}
