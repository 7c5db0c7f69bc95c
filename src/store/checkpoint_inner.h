/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHECKPOINT_INNER_H
#define TQ_CHECKPOINT_INNER_H

/* What the files of checkpoint share: the form of a line, the files of the folder, the keys of the site. */

#include "base/canon.h"
#include "store/checkpoint.h"

#define CHECKPOINT_LOG "checkpoints.log"
#define CHECKPOINT_PUB "checkpoint.pub"
#define CHECKPOINT_PUB_MAX (64 * 1024)

typedef struct checkpoint_keys {
    sign_key ed;
    sm2_key sm2;
} checkpoint_keys;

tq_code checkpoint_bad(tq_err *err, const char *what); /* CORRUPT/checkpoint_form */
/* The line without its signatures: what is signed. */
void checkpoint_print_signed(const checkpoint *c, buf *out);

const char *checkpoint_path(arena *a, const char *dir, const char *name);
/* The content of a file of the folder, empty where there is none. */
TQ_MUST_CHECK tq_code checkpoint_file(arena *a, const char *dir, const char *name, size_t max,
                                      str *out, tq_err *err);
/* The next line that has its end; false after the last. */
bool checkpoint_next(str *rest, str *line);
/* The member `key` of n bytes, a multiple of 32, in lower-case hex; false where it is not so. */
bool checkpoint_hex_read(const canon_node *object, const char *key, uint8_t *out, size_t n);
void checkpoint_pub_line(const uint8_t *pub, size_t n, buf *out);

/* The keys in the database, made where there are none. CORRUPT/checkpoint_key where the folder does not
 * know them: they may be anybody's then. No transaction of this thread is open. */
TQ_MUST_CHECK tq_code checkpoint_keys_of_site(store *s, arena *a, checkpoint_keys *out,
                                              tq_err *err);

#endif
