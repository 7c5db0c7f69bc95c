/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BUNDLE_H
#define TQ_BUNDLE_H

/* A whole site as one file that knows no engine: the way from one engine to the other, and a backup.
 *
 *   {"tongquan":"bundle","v":1,"events":n}
 *   blob SHA256 BYTES            then the bytes and a newline, in hash order
 *   event                        then the public body, and `SALT BODY` of the private one or "", a line each
 *   read LIST                    a reading of the access log or the sealed one (reading_row.h), each by id
 *   key PUBLIC                   keys and lines of the checkpoint files
 *   checkpoint LINE
 *   end SHA256                   of every byte before this line
 *
 * The reader takes exactly this. Import applies the events one by one to a store without events and
 * compares the roots at the end with those of the checkpoints in the bundle. */

#include "store/store.h"

/* Writes the file durably: it is whole, or its name does not exist. Sequenced events only. */
TQ_MUST_CHECK tq_code bundle_export(store *s, const char *path, tq_err *err);
/* CONFLICT/not_empty where the store has events; CORRUPT or MALFORMED names the line. What was read
 * before an error stays: throw the store away. Fastest on a store opened in bulk mode. */
TQ_MUST_CHECK tq_code bundle_import(store *s, const char *path, tq_err *err);

/* Reads a bundle without a store: is it whole and well formed? For fuzzing and doctor. */
TQ_MUST_CHECK tq_code bundle_check(const char *path, tq_err *err);

/* SHA-256 over all public rows, balances and bodies: equal exactly where two sites are. */
TQ_MUST_CHECK tq_code export_hash(store *s, digest *out, tq_err *err);

#endif
