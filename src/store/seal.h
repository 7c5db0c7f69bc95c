/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SEAL_H
#define TQ_SEAL_H

/* A seal (R-LOG-060): what this site gave out as a whole, signed with the keys of its checkpoints.
 *
 *   {"key":hex,"sm2key":hex,"sig":hex,"sm2sig":hex}
 *
 * Both signatures are over the canonical line
 *   {"tongquan":"seal","of":…,"sha256":hex,"sm3":hex,"key":hex,"sm2key":hex}
 * of the sealed bytes, so that no seal can pass for a checkpoint nor for one of another kind. */

#include "base/canon.h"
#include "store/store.h"

/* Prints the seal over the parts, one after the other. `of` is dossier or the like. No transaction of this
 * thread is open. */
TQ_MUST_CHECK tq_code seal_make(store *s, const char *of, const str *parts, size_t n, buf *out,
                                tq_err *err);
/* CORRUPT/seal where `o` is none over these bytes; CORRUPT/checkpoint_form where its keys do not stand in
 * `pubs` (each key will do where that is empty). */
TQ_MUST_CHECK tq_code seal_check(const canon_node *o, const char *of, str pubs, const str *parts,
                                 size_t n, tq_err *err);

#endif
