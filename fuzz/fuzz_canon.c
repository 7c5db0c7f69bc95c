/* SPDX-License-Identifier: Apache-2.0 */

/* What the strict reader accepts is written again byte for byte; what it accepts the ordinary reader
 * accepts too (but for NUL in strings); what the ordinary reader accepts, written, is accepted by the
 * strict one. */

#include <stdint.h>

#include "canon_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    const str text = {(const char *)data, size};
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)64 << 20);
    const canon_node *strict = NULL;
    const canon_node *loose = NULL;
    tq_err err = {0};
    const tq_code strict_code = canon_read(text, a, &strict, &err);
    TQ_ASSERT((strict_code == TQ_OK) == (strict != NULL));
    TQ_ASSERT(strict_code == TQ_OK || (err.reason[0] != '\0' && err.field[0] != '\0'));
    const tq_code loose_code = json_read(text, a, &loose, &err);
    if (strict != NULL) {
        TQ_ASSERT(loose_code == TQ_OK || memmem(text.data, text.len, "\\u0000", 6) != NULL);
        if (canon_keys_writable(strict)) {
            BUF_AUTO buf again = buf_max(2 * INPUT_MAX);
            canon c = canon_to(&again);
            canon_again(&c, strict);
            TQ_ASSERT(str_eq(buf_view(&again), text));
        }
    }
    if (loose_code == TQ_OK && canon_keys_writable(loose)) {
        BUF_AUTO buf once = buf_max(8 * INPUT_MAX);
        canon c = canon_to(&once);
        canon_again(&c, loose);
        TQ_ASSERT(buf_ok(&once));
        const canon_node *read_back = NULL;
        const tq_code back_code = canon_read(buf_view(&once), a, &read_back, &err);
        TQ_ASSERT(back_code == TQ_OK);
        TQ_ASSERT(str_eq(read_back->raw, buf_view(&once)));
    }
    return 0;
}
