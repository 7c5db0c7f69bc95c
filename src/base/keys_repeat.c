/* SPDX-License-Identifier: Apache-2.0 */
#include "base/keys_repeat.h"

#include <stdlib.h>

static int by_text(const void *left, const void *right)
{
    const str *const *a = left;
    const str *const *b = right;
    return str_cmp(**a, **b);
}

const str *keys_repeat(const str **keys, size_t n)
{
    if (n < 2) {
        return NULL;
    }
    qsort(keys, n, sizeof *keys, by_text);
    for (size_t i = 1; i < n; i++) {
        if (str_eq(*keys[i - 1], *keys[i])) {
            return keys[i];
        }
    }
    return NULL;
}
