/* SPDX-License-Identifier: Apache-2.0 */
/* An event that is read, written again, is the same bytes: verify and import rely on it. */
#include "domain/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    const str body = {(const char *)data, size};
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)256 * 1024 * 1024);
    event e = {0};
    tq_err err = {0};
    if (event_read(body, a, &e, &err) == TQ_OK) {
        BUF_AUTO buf again = buf_max(2 * INPUT_MAX);
        event_write(&e, &again);
        TQ_ASSERT(str_eq(buf_view(&again), body));
    } else {
        TQ_ASSERT(err.reason[0] != '\0');
    }
    return 0;
}
