/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BLOB_H
#define TQ_BLOB_H

/* Evidence files by content. SQLite: DIR/blob/ab/cd…, file and folder synced before blob_put returns;
 * PostgreSQL: rows of at most BLOB_CHUNK bytes in blob_chunk, committed before it returns. A row that
 * names a blob is written only after blob_put, so a row never exists without its file; a file without
 * a row is an orphan, listed by verify and swept after 7 days. Putting the same content twice is fine. */

#include "store/store.h"

#define BLOB_CHUNK (1024 * 1024)
#define BLOB_MAX (64 * 1024 * 1024)

TQ_MUST_CHECK tq_code blob_put(store *s, str bytes, digest *sha256_out, tq_err *err);
/* Is there a file with this hash? Asked in the transaction that is about to name it. */
TQ_MUST_CHECK tq_code blob_has(store_tx *tx, digest sha256, bool *out, tq_err *err);
/* CORRUPT where the content does not have its hash; NOT_FOUND where there is none. */
TQ_MUST_CHECK tq_code blob_get(store *s, digest sha256, arena *a, str *out, tq_err *err);
TQ_MUST_CHECK tq_code blob_remove(store *s, digest sha256, tq_err *err);
/* Calls `each` for every stored blob in hash order; a non-OK answer stops and is returned. */
TQ_MUST_CHECK tq_code blob_each(store *s,
                                tq_code (*each)(void *ctx, digest sha256, int64_t size,
                                                tq_err *err),
                                void *ctx, tq_err *err);

#endif
