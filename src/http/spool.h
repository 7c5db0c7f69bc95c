/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SPOOL_H
#define TQ_SPOOL_H

/* The folder where files of a request stand until it is answered. Not durable: what is to stay
 * is stored by the application, which syncs; the rest goes with the request, or with the next
 * start. */

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

typedef struct spool spool;

/* Makes the folder where absent and removes what an earlier process left (names "*.part" only). */
TQ_MUST_CHECK tq_code spool_open(const char *folder, spool **out, tq_err *err);
void spool_free(spool *s); /* takes NULL */

typedef struct spool_file {
    const char *path; /* in the arena */
    int fd;           /* -1 where none is open */
    int64_t bytes;
    hasher *sum; /* SHA-256 */
} spool_file;

/* False where the folder cannot be written to: disk full, no descriptor left. */
bool spool_begin(spool *s, arena *a, spool_file *f);
bool spool_add(spool_file *f, str bytes);
bool spool_end(spool_file *f, char sha256[65]); /* closes; the file stays */
void spool_drop(spool_file *f);                 /* closes; fine where nothing is open */
void spool_remove(const char *path);            /* fine where it has been moved away */

#endif
