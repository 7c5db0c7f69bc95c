/* SPDX-License-Identifier: Apache-2.0 */
#include "base/canon.h"

canon canon_to(buf *out)
{
    TQ_ASSERT(out != NULL);
    return (canon){.out = out};
}

/* In an object a value stands only after its key, which leaves a colon behind. */
static void value_begins(canon *c)
{
    const buf *out = c->out;
    if (c->depth > 0 && c->kind[c->depth] == '{') {
        TQ_ASSERT(out->broken || out->data[out->len - 1] == ':');
        return;
    }
    TQ_ASSERT(c->depth > 0 || !c->comma[0]); /* one value at the top */
    if (c->comma[c->depth]) {
        buf_char(c->out, ',');
    }
    c->comma[c->depth] = true;
}

static void nest(canon *c, char kind)
{
    value_begins(c);
    TQ_ASSERT(c->depth < CANON_DEPTH_MAX);
    buf_char(c->out, kind);
    c->depth++;
    c->comma[c->depth] = false;
    c->kind[c->depth] = kind;
}

static void unnest(canon *c, char kind, char end)
{
    TQ_ASSERT(c->depth > 0);
    TQ_ASSERT(c->kind[c->depth] == kind);
    TQ_ASSERT(c->out->broken || c->out->data[c->out->len - 1] != ':');
    c->depth--;
    buf_char(c->out, end);
}

void canon_open(canon *c)
{
    nest(c, '{');
}

void canon_close(canon *c)
{
    unnest(c, '{', '}');
}

void canon_list(canon *c)
{
    nest(c, '[');
}

void canon_list_end(canon *c)
{
    unnest(c, '[', ']');
}

static void quoted(buf *out, str s)
{
    static const char short_form[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    TQ_ASSERT(str_utf8(s));
    buf_char(out, '"');
    size_t plain = 0; /* first byte not yet written */
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char b = (unsigned char)s.data[i];
        if (b >= 0x20 && b != '"' && b != '\\') {
            continue;
        }
        buf_add(out, s.data + plain, i - plain);
        plain = i + 1;
        if (b >= 0x20) {
            buf_char(out, '\\');
            buf_char(out, (char)b);
        } else if (short_form[b] != 0) {
            buf_char(out, '\\');
            buf_char(out, short_form[b]);
        } else {
            buf_text(out, "\\u00");
            buf_hex(out, &b, 1);
        }
    }
    if (plain < s.len) {
        buf_add(out, s.data + plain, s.len - plain);
    }
    buf_char(out, '"');
}

void canon_key(canon *c, const char *key)
{
    TQ_ASSERT(key != NULL);
    TQ_ASSERT(c->depth > 0);
    TQ_ASSERT(c->kind[c->depth] == '{');
    TQ_ASSERT(c->out->broken || c->out->data[c->out->len - 1] != ':');
    if (c->comma[c->depth]) {
        buf_char(c->out, ',');
    }
    c->comma[c->depth] = true;
    quoted(c->out, str_of(key));
    buf_char(c->out, ':');
}

void canon_str(canon *c, str s)
{
    value_begins(c);
    quoted(c->out, s);
}

void canon_int(canon *c, int64_t n)
{
    value_begins(c);
    buf_int(c->out, n);
}

void canon_bool(canon *c, bool b)
{
    value_begins(c);
    buf_text(c->out, b ? "true" : "false");
}

void canon_null(canon *c)
{
    value_begins(c);
    buf_text(c->out, "null");
}

void canon_raw(canon *c, str canonical)
{
    TQ_ASSERT(canonical.len > 0);
    value_begins(c);
    buf_str_add(c->out, canonical);
}

void canon_kstr(canon *c, const char *key, str s)
{
    canon_key(c, key);
    canon_str(c, s);
}

void canon_kint(canon *c, const char *key, int64_t n)
{
    canon_key(c, key);
    canon_int(c, n);
}
