/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHECKPOINT_H
#define TQ_CHECKPOINT_H

/* Signed checkpoints of the event log, outside the database: without them a cut tail cannot be seen.
 *
 * DIR/checkpoints.log has one canonical line each,
 *   {"count":n,"sha256":hex,"sm3":hex,"at":us,"key":hex,"sm2key":hex,"sig":hex,"sm2sig":hex}
 * where sig is Ed25519 and sm2sig SM2 (base/sm2.h) over the line without both. Lines of older versions
 * have no sm2 members; after a line that has them every line has them. The signing keys lie in table
 * secret as checkpoint_key and checkpoint_sm2; DIR/checkpoint.pub lists the public keys this site has
 * used, one a line, those of SM2 behind "sm2 ". Counts never go down. DIR/checkpoint.peaks saves hashing
 * the whole log each time; it is believed only where it leads to the last line's roots. Lines are copied
 * into log_point, where they are looked up, before the file has them: the file is the witness. */

#include "base/sm2.h"
#include "domain/tree.h"
#include "store/store.h"

#define CHECKPOINT_LOG_MAX (64 * 1024 * 1024)
#define CHECKPOINT_TEXT_MAX 1024 /* of a line */

typedef struct checkpoint {
    int64_t count; /* events under the roots */
    digest sha256;
    digest sm3;
    instant at;
    uint8_t pub[32];
    uint8_t sig[64];
    bool has_sm2;
    uint8_t sm2_pub[SM2_PUB_BYTES];
    uint8_t sm2_sig[SM2_SIG_BYTES];
} checkpoint;

/* Adds a checkpoint of what is committed and sequenced now, the readings too (reading_mark.h); nothing where the last one says the same.
 * CORRUPT where the log is shorter than the last checkpoint. No transaction of this thread is open. */
TQ_MUST_CHECK tq_code checkpoint_write(store *s, instant at, tq_err *err);

/* Calls `each` for every checkpoint in order, its signature and key checked; CORRUPT names the line. A
 * last line without its end was never acknowledged and is left out. */
TQ_MUST_CHECK tq_code checkpoint_each(const char *dir,
                                      tq_code (*each)(void *ctx, const checkpoint *c, tq_err *err),
                                      void *ctx, tq_err *err);

/* One line with its signatures, without the newline; and back, with the signatures checked. */
void checkpoint_print(const checkpoint *c, buf *out);
TQ_MUST_CHECK tq_code checkpoint_parse(str line, checkpoint *out, tq_err *err);

/* The public keys of a folder, each of its lines; "" where there is no file. */
TQ_MUST_CHECK tq_code checkpoint_pubs(const char *dir, arena *a, str *out, tq_err *err);
bool checkpoint_pub_form(str line); /* could it be such a line? */
/* CORRUPT where the checkpoint's keys do not stand in such a list. */
TQ_MUST_CHECK tq_code checkpoint_known(str pubs, const checkpoint *c, tq_err *err);

#endif
