/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BLOB_INNER_H
#define TQ_BLOB_INNER_H

/* The PostgreSQL side of blob.h; blob.c holds the files and chooses. */

#include "store/blob.h"

typedef tq_code (*blob_visitor)(void *ctx, digest sha256, int64_t size, tq_err *err);

TQ_MUST_CHECK tq_code blob_pg_put(store *s, str bytes, digest sha256, tq_err *err);
TQ_MUST_CHECK tq_code blob_pg_get(store *s, digest sha256, arena *a, str *out, tq_err *err);
TQ_MUST_CHECK tq_code blob_pg_remove(store *s, digest sha256, tq_err *err);
TQ_MUST_CHECK tq_code blob_pg_each(store *s, blob_visitor each, void *ctx, tq_err *err);

#endif
