/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BUNDLE_INNER_H
#define TQ_BUNDLE_INNER_H

/* What writer and reader of a bundle share. */

#include "base/hash.h"
#include "domain/event.h"
#include "store/reading_row.h"
#include <stdio.h>

#define BUNDLE_LINE_MAX (EVENT_BODY_MAX + 256)
#define BUNDLE_FILES_MAX ((size_t)64 * 1024 * 1024)

static inline void bundle_file_close(FILE **f)
{
    if (*f != NULL) {
        (void)fclose(*f); /* a writer has closed it itself and looked at the result */
    }
}
static inline void bundle_hasher_free(hasher **h)
{
    hasher_free(*h);
}

/* What a reader meets; each may be NULL. Slices live until the call returns. */
typedef struct bundle_visitor {
    void *ctx;
    tq_code (*head)(void *ctx, int64_t events, tq_err *err);
    tq_code (*blob)(void *ctx, digest sha256, str bytes, tq_err *err);
    tq_code (*event)(void *ctx, str body, str salt, str private_body, tq_err *err);
    tq_code (*reading)(void *ctx, const reading_row *row, tq_err *err);
    tq_code (*file_line)(void *ctx, bool is_key, str line, tq_err *err);
} bundle_visitor;

TQ_MUST_CHECK tq_code bundle_read(FILE *in, const bundle_visitor *v, tq_err *err);

#endif
