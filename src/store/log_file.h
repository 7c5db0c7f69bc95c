/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOG_FILE_H
#define TQ_LOG_FILE_H

/* What of the log leaves the house, and how it is checked without a database.
 *
 * A receipt is one canonical line: the public body of an event, its way up to the roots of both trees, and
 * the signed checkpoint that has these roots:
 *   {"tongquan":"receipt","v":1,"seq":n,"sha256":[hex,…],"sm3":[hex,…],"checkpoint":{…},"body":{…}}
 * An exported log has one canonical line each for its head, events, keys, checkpoints and end:
 *   {"tongquan":"log","v":1,"events":n}
 *   {"seq":n,"sha256":leaf,"sm3":leaf,"body":{…}}
 *   {"key":line of checkpoint.pub}   {"checkpoint":{…}}   {"end":SHA-256 of all lines before}
 * A checkpoint chain is DIR/checkpoints.log itself.
 *
 * `pubs` are the keys that the checker trusts, as in checkpoint.pub; "": any, and *out says which. */

#include "store/checkpoint.h"

#define LOG_FILE_LINE_MAX (16 * 1024 * 1024)

typedef struct log_proof {
    int64_t seq;
    str body;       /* in the arena */
    digest leaf[2]; /* by hash_kind */
    tree_proof path[2];
    checkpoint point;
} log_proof;

/* Proof of event `seq` in the smallest signed tree that has it. NOT_FOUND/no_such_record where there is
 * no such event, CONFLICT/not_signed_yet where no checkpoint is over it yet. */
TQ_MUST_CHECK tq_code log_proof_make(store_tx *tx, int64_t seq, arena *a, log_proof *out,
                                     tq_err *err);
/* The same in the tree of that checkpoint. */
TQ_MUST_CHECK tq_code log_proof_in(store_tx *tx, int64_t seq, const checkpoint *point, arena *a,
                                   log_proof *out, tq_err *err);
TQ_MUST_CHECK tq_code log_body(store_tx *tx, int64_t seq, arena *a, str *out, tq_err *err);
TQ_MUST_CHECK tq_code log_leaf(store_tx *tx, int64_t seq, arena *a, digest out[2], tq_err *err);
/* The smallest signed tree with at least `size` events; CONFLICT/not_signed_yet. */
TQ_MUST_CHECK tq_code log_point_over(store_tx *tx, int64_t size, checkpoint *out, tq_err *err);
/* CORRUPT/log_proof where the body is not under the checkpoint's roots. */
TQ_MUST_CHECK tq_code log_proof_check(const log_proof *p, tq_err *err);

typedef struct log_said {
    const char *kind;  /* receipt, log, checkpoints */
    int64_t events;    /* that were held to a signature */
    int64_t unsigned_; /* behind the last checkpoint: only the file's own hash speaks for them */
    int64_t checkpoints;
    checkpoint last;
} log_said;

void receipt_print(const log_proof *p, buf *out);
TQ_MUST_CHECK tq_code receipt_read(str text, arena *a, log_proof *out, tq_err *err);

TQ_MUST_CHECK tq_code log_export(store *s, const char *path, tq_err *err);
/* Any of the three, told apart by the first line. CORRUPT and MALFORMED name line and event. */
TQ_MUST_CHECK tq_code log_file_check(const char *path, str pubs, log_said *out, tq_err *err);

/* One line of a tree_proof: a list of hex; and back, false where it is none. */
struct canon;
struct canon_node;
void log_path_print(const tree_proof *p, const char *key, struct canon *c);
bool log_path_read(const struct canon_node *object, const char *key, tree_proof *out);

#endif
