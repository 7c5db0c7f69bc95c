/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_files.h"

typedef struct embedded_file {
    const char *name;
    const unsigned char *bytes;
    size_t len;
} embedded_file;

#include "cli/schemes_gen.inc"

tq_code changxing_file(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    (void)ctx;
    for (size_t i = 0; i < TQ_COUNT(embedded_files); i++) {
        const str file = str_of(embedded_files[i].name);
        const str stem = {file.data, file.len - (sizeof ".yaml" - 1)};
        if (str_eq(name, file) || str_eq(name, stem)) {
            *out =
                arena_copy(a, (str){(const char *)embedded_files[i].bytes, embedded_files[i].len});
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_NOT_FOUND, "scheme", "extends", "the program carries no scheme %.*s",
                   STR_ARG(name));
}
