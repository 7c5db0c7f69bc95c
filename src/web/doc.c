/* SPDX-License-Identifier: Apache-2.0 */
#include "web/doc.h"

#include <stdio.h>

#include "base/canon.h"

#define LEAF_MAX 64
#define US_PER_S INT64_C(1000000)

doc *doc_new(arena *a)
{
    doc *d = ARENA_NEW(a, doc, 1);
    d->type = DOC_OBJECT;
    d->a = a;
    return d;
}

/* Most keys differ in their first letter: that spares the call. */
static bool has_key(const doc *object, const char *key)
{
    const doc *d = object->first;
    while (d != NULL && (d->key[0] != key[0] || strcmp(d->key, key) != 0)) {
        d = d->next;
    }
    return d != NULL;
}

static doc *put(doc *in, const char *key, doc_type type)
{
    TQ_ASSERT(in->type == DOC_OBJECT || in->type == DOC_LIST);
    TQ_ASSERT((in->type == DOC_OBJECT) == (key != NULL));
    TQ_ASSERT(key == NULL || !has_key(in, key));
    doc *d = ARENA_NEW(in->a, doc, 1);
    d->type = type;
    d->key = key;
    d->a = in->a;
    if (in->last == NULL) {
        in->first = d;
    } else {
        in->last->next = d;
    }
    in->last = d;
    return d;
}

static doc *put_int(doc *in, const char *key, doc_type type, int64_t n)
{
    doc *d = put(in, key, type);
    d->n = n;
    return d;
}

static doc *put_str(doc *in, const char *key, doc_type type, str s)
{
    doc *d = put(in, key, type);
    d->s = s;
    return d;
}

doc *doc_object(doc *in, const char *key)
{
    return put(in, key, DOC_OBJECT);
}

doc *doc_list(doc *in, const char *key)
{
    return put(in, key, DOC_LIST);
}

doc *doc_text(doc *in, const char *key, str s)
{
    return put_str(in, key, DOC_TEXT, s);
}

doc *doc_int(doc *in, const char *key, int64_t n)
{
    return put_int(in, key, DOC_INT, n);
}

doc *doc_bool(doc *in, const char *key, bool b)
{
    return put_int(in, key, DOC_BOOL, b);
}

doc *doc_money(doc *in, const char *key, int64_t minor)
{
    return put_int(in, key, DOC_MONEY, minor);
}

doc *doc_day(doc *in, const char *key, int64_t n)
{
    return put_int(in, key, DOC_DAY, n == INT32_MIN ? 0 : n);
}

doc *doc_instant(doc *in, const char *key, int64_t us)
{
    return put_int(in, key, DOC_INSTANT, us);
}

doc *doc_bps(doc *in, const char *key, int64_t n)
{
    return put_int(in, key, DOC_BPS, n);
}

doc *doc_token(doc *in, const char *key, const char *set, str token)
{
    doc *d = put_str(in, key, DOC_TOKEN, token);
    d->set = set;
    return d;
}

doc *doc_json(doc *in, const char *key, str canonical)
{
    return put_str(in, key, DOC_JSON, canonical);
}

doc *doc_for_page(doc *d)
{
    d->page_only = true;
    return d;
}

const doc *doc_get(const doc *object, str key)
{
    if (object->type != DOC_OBJECT) {
        return NULL;
    }
    for (const doc *d = object->first; d != NULL; d = d->next) {
        if (key.len > 0 && d->key[0] == key.data[0] && strncmp(d->key, key.data, key.len) == 0 &&
            d->key[key.len] == '\0') {
            return d;
        }
    }
    return NULL;
}

doc *doc_find(doc *object, const char *key)
{
    doc *d = object->first;
    while (d != NULL && strcmp(d->key, key) != 0) {
        d = d->next;
    }
    TQ_ASSERT(d != NULL);
    return d;
}

bool doc_true(const doc *d)
{
    switch (d->type) {
    case DOC_TEXT:
    case DOC_TOKEN:
    case DOC_JSON:
        return d->s.len > 0;
    case DOC_LIST:
        return d->first != NULL;
    case DOC_OBJECT:
        return true;
    case DOC_BOOL:
    case DOC_INT:
    case DOC_MONEY:
    case DOC_DAY:
    case DOC_INSTANT:
    case DOC_BPS:
        return d->n != 0;
    }
    return false;
}

/* Digits and signs: none of them need be escaped. */
static void leaf_text(const doc *d, const doc_style *style, canon *c)
{
    char room[LEAF_MAX];
    buf b = buf_over(room, sizeof room);
    if (d->type == DOC_MONEY) {
        money_print((money){d->n}, &style->money, &b);
    } else if (d->type == DOC_DAY) {
        day_print((day){(int32_t)d->n}, &b);
    } else {
        instant_print((instant){d->n}, &b);
    }
    TQ_ASSERT(buf_ok(&b));
    canon_str(c, buf_view(&b));
}

static void write_json(const doc *d, const doc_style *style, canon *c)
{
    switch (d->type) {
    case DOC_BOOL:
        canon_bool(c, d->n != 0);
        break;
    case DOC_INT:
    case DOC_BPS:
        canon_int(c, d->n);
        break;
    case DOC_TEXT:
    case DOC_TOKEN:
        canon_str(c, d->s);
        break;
    case DOC_DAY:
    case DOC_INSTANT:
        if (d->n == 0) {
            canon_null(c);
        } else {
            leaf_text(d, style, c);
        }
        break;
    case DOC_MONEY:
        leaf_text(d, style, c);
        break;
    case DOC_JSON:
        if (d->s.len == 0) {
            canon_null(c);
        } else {
            canon_raw(c, d->s);
        }
        break;
    case DOC_LIST:
    case DOC_OBJECT:
        d->type == DOC_LIST ? canon_list(c) : canon_open(c);
        for (const doc *k = d->first; k != NULL; k = k->next) {
            if (k->page_only) {
                continue;
            }
            if (k->key != NULL) {
                canon_key(c, k->key);
            }
            write_json(k, style, c);
        }
        d->type == DOC_LIST ? canon_list_end(c) : canon_close(c);
        break;
    }
}

void doc_write_json(const doc *d, const doc_style *style, buf *out)
{
    canon c = canon_to(out);
    write_json(d, style, &c);
}

/* "2013-09-01 08:05" in the programme's zone: minutes are enough for people, JSON has the rest. */
static void plain_instant(int64_t us, const zone *z, buf *out)
{
    if (z == NULL) {
        instant_print((instant){us}, out);
        return;
    }
    const day d = zone_day(z, (instant){us});
    const int64_t minutes = (us - zone_day_start(z, d).us) / US_PER_S / 60;
    day_print(d, out);
    buf_printf(out, " %02d:%02d", (int)(minutes / 60), (int)(minutes % 60));
}

void doc_write_plain(const doc *d, const doc_style *style, buf *out)
{
    switch (d->type) {
    case DOC_BOOL:
        buf_text(out, text_of(style->lang, d->n != 0 ? "word.yes" : "word.no"));
        break;
    case DOC_INT:
        buf_int(out, d->n);
        break;
    case DOC_BPS:
        buf_printf(out, "%lld.%02d%%", (long long)(d->n / 100), (int)(d->n % 100));
        break;
    case DOC_TEXT:
    case DOC_JSON:
        buf_str_add(out, d->s);
        break;
    case DOC_MONEY:
        money_print_grouped((money){d->n}, &style->money, out);
        break;
    case DOC_DAY:
        if (d->n != 0) {
            day_print((day){(int32_t)d->n}, out);
        }
        break;
    case DOC_INSTANT:
        if (d->n != 0) {
            plain_instant(d->n, style->zone, out);
        }
        break;
    case DOC_TOKEN:
        buf_str_add(out, text_token(style->lang, d->set, d->s));
        break;
    case DOC_LIST:
    case DOC_OBJECT:
        break; /* nothing a template could mean by it */
    }
}
