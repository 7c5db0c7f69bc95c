/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles come from other sites: reading one must end in an answer, whatever it is. */
#include "store/bundle_inner.h"

#include <stdint.h>
#include <stdlib.h>

static tq_code event_seen(void *ctx, str body, str salt, str private_body, tq_err *err)
{
    (void)ctx;
    (void)salt;
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)256 * 1024 * 1024);
    event e = {0};
    TQ_TRY(event_read(body, a, &e, err));
    return private_body.len > 0 ? event_read_private(private_body, &e, err) : TQ_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tq_err err = {0};
    const bundle_visitor v = {.event = event_seen};
    char *copy = malloc(size + 1);
    if (copy == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    FILE *in = fmemopen(copy, size + (size == 0), "rb");
    if (in != NULL) {
        (void)!bundle_read(in, &v, &err); /* any answer will do */
        (void)fclose(in);
    }
    free(copy);
    return 0;
}
