/* SPDX-License-Identifier: Apache-2.0 */

/* Pairs that were read, written and read again are the same; each is UTF-8 without NUL. */

#include <stdint.h>

#include "http/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

static void is_text(str s)
{
    TQ_ASSERT(str_utf8(s));
    TQ_ASSERT(s.len == 0 || memchr(s.data, '\0', s.len) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)4 << 20);
    BUF_AUTO buf written = buf_max(8 * INPUT_MAX);
    const http_pair *pairs = NULL;
    const http_pair *again = NULL;
    size_t n = 0;
    size_t n_again = 0;
    if (!form_read((str){(const char *)data, size}, a, &pairs, &n)) {
        return 0;
    }
    TQ_ASSERT(n <= HTTP_PAIRS_MAX);
    form_write(pairs, n, &written);
    const bool ok = form_read(buf_view(&written), a, &again, &n_again);
    TQ_ASSERT(ok && n == n_again);
    for (size_t i = 0; i < n; i++) {
        is_text(pairs[i].name);
        is_text(pairs[i].value);
        TQ_ASSERT(str_eq(pairs[i].name, again[i].name));
        TQ_ASSERT(str_eq(pairs[i].value, again[i].value));
    }
    return 0;
}
