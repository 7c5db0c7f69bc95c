/* SPDX-License-Identifier: Apache-2.0 */
#include "app/einvoice.h"
#include "base/canon.h"

/* An ideographic blank and full-width brackets, as input methods write them. */
#define WIDE_BLANK "\xe3\x80\x80"
#define WIDE_OPEN "\xef\xbc\x88"
#define WIDE_CLOSE "\xef\xbc\x89"

/* Both sides came out of the store, but the typed one once came from a form: read as strictly. */
static tq_code object_read(str text, arena *a, const char *field, const canon_node **out,
                           tq_err *err)
{
    const canon_node *node = NULL;
    TQ_TRY(canon_read(text.len == 0 ? STR("{}") : text, a, &node, err));
    if (node->type != CANON_OBJECT) {
        return tq_fail(err, TQ_MALFORMED, "no_object", field, "this is not an object");
    }
    *out = node;
    return TQ_OK;
}

/* Numbers and flags compare by their canonical text, which has one form for each value. */
static str value_text(const canon_node *object, const char *key)
{
    const canon_node *node = canon_get(object, key);
    if (node == NULL || node->type == CANON_NULL) {
        return STR("");
    }
    return node->type == CANON_STR ? node->text : node->raw;
}

/* What two ways of writing one name have in common. */
static str name_core(str s, arena *a)
{
    char *core = arena_take(a, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        const str rest = {s.data + i, s.len - i};
        if (str_starts(rest, STR(WIDE_BLANK))) {
            i += 3;
        } else if (str_starts(rest, STR(WIDE_OPEN)) || str_starts(rest, STR(WIDE_CLOSE))) {
            core[n++] = str_starts(rest, STR(WIDE_OPEN)) ? '(' : ')';
            i += 3;
        } else {
            const char c = s.data[i++];
            if (c != ' ') {
                core[n++] = c;
            }
        }
    }
    return (str){core, n};
}

/* Amounts, days and numbers are the same or they are not; only names and ids are written in
 * several ways. */
static bool same(einvoice_field f, str x, str y, arena *a)
{
    if (f == EINVOICE_SELLER_NAME || f == EINVOICE_BUYER_NAME) {
        return str_eq(name_core(x, a), name_core(y, a));
    }
    if (f == EINVOICE_SELLER_TAX_ID || f == EINVOICE_BUYER_TAX_ID) {
        return x.len == y.len && strncasecmp(x.data, y.data, x.len) == 0;
    }
    return str_eq(x, y);
}

tq_code einvoice_compare(str extracted, str typed, arena *a, einvoice_comparison *out, size_t *n,
                         tq_err *err)
{
    const canon_node *file = NULL;
    const canon_node *person = NULL;
    TQ_TRY(object_read(extracted, a, "extracted", &file, err));
    TQ_TRY(object_read(typed, a, "typed", &person, err));
    size_t count = 0;
    for (int i = 0; i < (int)EINVOICE_REMARKS; i++) {
        const einvoice_field f = (einvoice_field)i;
        const str x = value_text(file, einvoice_key(f));
        const str y = value_text(person, einvoice_key(f));
        if (x.len == 0 && y.len == 0) {
            continue;
        }
        const einvoice_verdict verdict = x.len == 0         ? EINVOICE_ONLY_TYPED
                                         : y.len == 0       ? EINVOICE_ONLY_FILE
                                         : same(f, x, y, a) ? EINVOICE_SAME
                                                            : EINVOICE_DIFFERS;
        out[count++] = (einvoice_comparison){f, verdict, x, y};
    }
    *n = count;
    return TQ_OK;
}
