/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BAN_REGISTER_H
#define TQ_BAN_REGISTER_H

/* The ban register as a file for bureaus that have no log-in (P-31): canonical lines, each with its end.
 *
 *   {"tongquan":"bans","v":1,"day":d,"count":n}                           in force on the day
 *   {"credit_code":…,"name":…,"scope":…,"programme":code,"from":d,"to":d} n times, by credit code
 *   {"key":hex,"sig":hex}                                                 of all bytes before
 *
 * It is signed by the Ed25519 key that signs the checkpoints, whose public half stands in checkpoint.pub. A
 * later ban is not in it: it speaks for its day. */

#include "store/checkpoint.h"

#define BAN_REGISTER_BYTES_MAX (64 * 1024 * 1024)

/* No transaction of this thread is open. LIMIT/bans_too_many where the file would be larger. */
TQ_MUST_CHECK tq_code ban_register_export(store *s, day d, buf *out, tq_err *err);

typedef struct ban_register_said {
    char day[11]; /* 2013-11-20 */
    int64_t count;
} ban_register_said;
/* Checks a file without a database; `pubs` as in checkpoint.pub, "": whichever key signed it.
 * CORRUPT/ban_register names what is wrong. */
TQ_MUST_CHECK tq_code ban_register_check(str text, str pubs, ban_register_said *out, tq_err *err);

#endif
