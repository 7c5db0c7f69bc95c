/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CANON_AGAIN_H
#define TQ_CANON_AGAIN_H

/* Writes a tree that was read, for the round trip that fuzz_canon.c and the tests check. */

#include "base/canon.h"

static inline void canon_again(canon *c, const canon_node *node)
{
    switch (node->type) {
    case CANON_NULL:
        canon_null(c);
        return;
    case CANON_BOOL:
        canon_bool(c, node->num == 1);
        return;
    case CANON_INT:
        canon_int(c, node->num);
        return;
    case CANON_STR:
        canon_str(c, node->text);
        return;
    case CANON_LIST:
        canon_list(c);
        for (const canon_node *k = node->kids; k != NULL; k = k->next) {
            canon_again(c, k);
        }
        canon_list_end(c);
        return;
    case CANON_OBJECT:
        canon_open(c);
        for (const canon_node *k = node->kids; k != NULL; k = k->next) {
            char key[4096];
            TQ_ASSERT(k->key.len < sizeof key);
            memcpy(key, k->key.len == 0 ? "" : k->key.data, k->key.len);
            key[k->key.len] = '\0';
            TQ_ASSERT(strlen(key) == k->key.len);
            canon_key(c, key);
            canon_again(c, k);
        }
        canon_close(c);
        return;
    }
    TQ_ASSERT(false);
}

/* The writer takes keys as C strings: keys with a NUL inside, or longer than its copy above, cannot
 * be written again. */
static inline bool canon_keys_writable(const canon_node *node)
{
    for (const canon_node *k = node->kids; k != NULL; k = k->next) {
        if (k->key.len >= 4096 ||
            (k->key.len > 0 && memchr(k->key.data, '\0', k->key.len) != NULL) ||
            !canon_keys_writable(k)) {
            return false;
        }
    }
    return true;
}

#endif
