/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHECKPOINT_H
#define TQ_CHECKPOINT_H

/* Signed checkpoints of the event log, outside the database: without them a cut tail cannot be seen.
 *
 * DIR/checkpoints.log has one canonical line each,
 *   {"count":n,"sha256":hex,"sm3":hex,"at":us,"key":hex,"sig":hex}
 * where sig is Ed25519 over the line without its sig member. The signing key lies in table secret as
 * checkpoint_key; DIR/checkpoint.pub lists the public keys this site has used, one a line. Counts never
 * go down. DIR/checkpoint.peaks saves hashing the whole log each time; it is believed only where it
 * leads to the last line's roots. */

#include "domain/tree.h"
#include "store/store.h"

#define CHECKPOINT_LOG_MAX (64 * 1024 * 1024)

typedef struct checkpoint {
    int64_t count; /* events under the roots */
    digest sha256;
    digest sm3;
    instant at;
    uint8_t pub[32];
    uint8_t sig[64];
} checkpoint;

/* Adds a checkpoint of what is committed and sequenced now; nothing where the last one says the same.
 * CORRUPT where the log is shorter than the last checkpoint. No transaction of this thread is open. */
TQ_MUST_CHECK tq_code checkpoint_write(store *s, instant at, tq_err *err);

/* Calls `each` for every checkpoint in order, its signature and key checked; CORRUPT names the line. A
 * last line without its end was never acknowledged and is left out. */
TQ_MUST_CHECK tq_code checkpoint_each(const char *dir,
                                      tq_code (*each)(void *ctx, const checkpoint *c, tq_err *err),
                                      void *ctx, tq_err *err);

/* One line with its sig, without the newline; and back, with the signature checked. */
void checkpoint_print(const checkpoint *c, buf *out);
TQ_MUST_CHECK tq_code checkpoint_parse(str line, checkpoint *out, tq_err *err);

#endif
