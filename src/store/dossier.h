/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DOSSIER_H
#define TQ_DOSSIER_H

/* The dossier of a case: one canonical line that stands without the database.
 *
 *   {"tongquan":"dossier","v":2,"subject":"claim","id":n,"events":[…],"checkpoint":{…},
 *    "policies":[{"sha256":hex,"text":…},…],"rows":[…],"legs":[…],"sums":[[account,amount],…],
 *    "seal":{…}}
 *
 * An event is {"seq":n,"sha256":[path],"sm3":[path],"body":{…}}, or, where it speaks of other firms too and
 * the reader is a firm, "leaf_sha256" and "leaf_sm3" in place of "body". All events stand under the signed
 * roots of the checkpoint; rows (decisions with their facts and steps, hashes of files, all columns), legs and
 * sums follow from the events (domain/case_rows.h) and are computed anew by whoever checks. The texts of the
 * policies have the hashes that the rows name.
 *
 * The seal (store/seal.h) is over the line without it: events cannot be left out of a dossier by whoever holds
 * it and computes the rest anew. It shows the case as it was signed: newer events are not in it; a newer
 * dossier tells. */

#include "store/log_file.h"

#define DOSSIER_BYTES_MAX (64 * 1024 * 1024)
#define DOSSIER_EVENTS_MAX 4000

/* `table` is T_CLAIM or T_VIOLATION_CASE. `open`: all bodies are shown. NOT_FOUND/no_such_record and
 * CONFLICT/not_signed_yet where no signed event speaks of the row; LIMIT/case_too_large. */
TQ_MUST_CHECK tq_code dossier_build(store *s, int table, int64_t id, bool open, buf *out,
                                    tq_err *err);

typedef struct dossier_said {
    char subject[32];
    int64_t id, events, withheld;
    checkpoint point;
} dossier_said;
/* Checks a dossier without a database; `pubs` as for log_file_check. CORRUPT or MALFORMED name the part. */
TQ_MUST_CHECK tq_code dossier_check(str text, str pubs, dossier_said *out, tq_err *err);

#endif
