/* SPDX-License-Identifier: Apache-2.0 */

/* A tree that was read keeps its promises (counts, depth, places, differing keys), and written in
 * flow style with every text quoted it reads back the same. */

#include <stdint.h>

#include "base/buf.h"
#include "base/yaml_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

static void quoted(buf *out, str s)
{
    buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.data[i];
        if (c < 0x20 || c == 0x7f) {
            buf_printf(out, "\\x%02x", c);
        } else if (c >= 0x80) {
            buf_char(out, (char)c);
        } else {
            if (c == '"' || c == '\\') {
                buf_char(out, '\\');
            }
            buf_char(out, (char)c);
        }
    }
    buf_char(out, '"');
}

static void flow(buf *out, const yaml_node *node)
{
    if (node->type == YAML_TEXT) {
        quoted(out, node->text);
        return;
    }
    const bool map = node->type == YAML_MAP;
    buf_text(out, map ? "{" : "[");
    for (const yaml_node *k = node->kids; k != NULL; k = k->next) {
        if (map) {
            buf_text(out, "? ");
            quoted(out, k->key);
            buf_text(out, " : ");
        }
        flow(out, k);
        buf_text(out, k->next == NULL ? "" : ",\n");
    }
    buf_text(out, map ? "}" : "]");
}

static void sane(const yaml_node *node, int depth)
{
    TQ_ASSERT(depth <= 16);
    TQ_ASSERT(node->line >= 1);
    TQ_ASSERT(node->column >= 1);
    size_t n = 0;
    for (const yaml_node *k = node->kids; k != NULL; k = k->next, n++) {
        for (const yaml_node *l = k->next; node->type == YAML_MAP && l != NULL && n < 50;
             l = l->next) {
            TQ_ASSERT(!str_eq(k->key, l->key));
        }
        sane(k, depth + 1);
    }
    TQ_ASSERT(n == node->count);
    TQ_ASSERT(node->type != YAML_TEXT || n == 0);
}

static bool same(const yaml_node *a, const yaml_node *b)
{
    if (a->type != b->type || a->count != b->count || !str_eq(a->text, b->text) ||
        !str_eq(a->key, b->key)) {
        return false;
    }
    const yaml_node *k = a->kids;
    for (const yaml_node *l = b->kids; l != NULL; l = l->next, k = k->next) {
        if (!same(k, l)) {
            return false;
        }
    }
    return true;
}

/* NEL, LS and PS are line ends to YAML 1.1 and would be folded inside quotes; not worth escaping. */
static bool has_odd_breaks(str text)
{
    return memmem(text.data, text.len, "\xc2\x85", 2) != NULL ||
           memmem(text.data, text.len, "\xe2\x80\xa8", 3) != NULL ||
           memmem(text.data, text.len, "\xe2\x80\xa9", 3) != NULL ||
           memmem(text.data, text.len, "\xef\xbb\xbf", 3) != NULL ||
           memchr(text.data, '\\', text.len) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX || size == 0) {
        return 0;
    }
    const str text = {(const char *)data, size};
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)16 << 20);
    yaml_node *root = NULL;
    tq_err err = {0};
    const tq_code code = yaml_read(text, "fuzz.yaml", a, &root, &err);
    TQ_ASSERT((code == TQ_OK) == (root != NULL));
    if (root == NULL) {
        TQ_ASSERT(err.reason[0] != '\0');
        TQ_ASSERT(err.field[0] != '\0');
        return 0;
    }
    sane(root, 0);
    if (has_odd_breaks(text)) {
        return 0;
    }
    BUF_AUTO buf out = buf_max(32 * INPUT_MAX);
    flow(&out, root);
    TQ_ASSERT(buf_ok(&out));
    yaml_node *again = NULL;
    const tq_code back = yaml_read(buf_view(&out), "again.yaml", a, &again, &err);
    TQ_ASSERT(back == TQ_OK);
    TQ_ASSERT(same(root, again));
    return 0;
}
