/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FILE_H
#define TQ_FILE_H

/* Files that survive a power cut. A durable write goes to a temporary name in the same folder, is
 * synced, renamed, and its folder synced; when it returns OK the content is there after any crash,
 * when it fails the old content is. A failed fsync is never retried: the kernel may have dropped the
 * pages, so the process stops (exit 1 after a line on stderr). */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

TQ_MUST_CHECK tq_code file_read(const char *path, size_t bytes_max, arena *a, str *out,
                                tq_err *err);
TQ_MUST_CHECK tq_code file_write_durable(const char *path, str bytes, unsigned mode, tq_err *err);
/* Adds to the end and syncs the file (and its folder where it is new). One call, one whole record. */
TQ_MUST_CHECK tq_code file_append_durable(const char *path, str bytes, unsigned mode, tq_err *err);
/* Makes the folder and its parents; existing is fine. Each new one is synced into its parent. */
TQ_MUST_CHECK tq_code dir_make(const char *path, unsigned mode, tq_err *err);
TQ_MUST_CHECK tq_code dir_sync(const char *path, tq_err *err);
bool file_exists(const char *path);
/* Removes one file; one that is absent is fine. */
TQ_MUST_CHECK tq_code file_remove(const char *path, tq_err *err);

/* What tests may do to a sync: return 0 to go on, or an errno that the sync shall report. NULL = none.
 * Exists in every build, is set by tests alone. */
extern int (*file_sync_hook)(const char *path);

/* A lock of this process on a file (OFD lock), held until file_unlock. LOCKED, with the holder's pid
 * in the detail, where another has it. */
TQ_MUST_CHECK tq_code file_lock(const char *path, int *fd_out, tq_err *err);
void file_unlock(int fd);

#endif
