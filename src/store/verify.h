/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VERIFY_H
#define TQ_VERIFY_H

/* Is the database what its events say, and are the events those that were signed?
 *
 * verify_run reads the whole log in order and holds each event to its leaves, its columns, its canonical
 * form, the state arrows and the balance of its entries; follows every row, leg and cell of the ledger
 * as the events leave them (store/verify_sums.h) and then compares all tables with that; compares the
 * roots with the signed checkpoints; holds private bodies to their digests and blobs to their hashes.
 * It reads one snapshot and writes nothing but, if asked, writes_off.
 *
 * What it finds is a report, not an error: an error means that it could not look. */

#include "store/store.h"

#define VERIFY_FINDINGS_MAX 100

typedef struct verify_finding {
    const char *what; /* token of verify_words */
    char table[32];   /* "" where it is not about a row */
    int64_t row;      /* its id, 0 where none */
    int64_t seq;      /* of the event, 0 where none */
    char column[48];  /* "" where not known */
    char detail[160]; /* no personal data */
} verify_finding;

typedef struct verify_report {
    bool ok;
    int64_t events, unsequenced, legs, cells, rows, erased, blobs, orphans, checkpoints;
    char sha256[65], sm3[65]; /* roots of the sequenced events */
    int64_t found; /* of which at most VERIFY_FINDINGS_MAX are kept, in the order found */
    verify_finding first[VERIFY_FINDINGS_MAX];
} verify_report;

typedef struct verify_options {
    void (*progress)(void *ctx, int64_t done, int64_t total); /* events; may be NULL */
    bool (*go_on)(
        void *ctx); /* asked with progress; false ends the run with BUSY/stopped; may be NULL */
    void *ctx;
    bool skip_blobs; /* leave out reading every evidence file */
    bool writes_off; /* on a finding, stop writes until a person clears it */
    instant at;      /* for writes_off */
} verify_options;

/* `what` and a sentence for it, one after another until NULL; for messages and documentation. */
typedef struct verify_word {
    const char *what;
    const char *text;
} verify_word;
extern const verify_word verify_words[];

/* CORRUPT (errors of the run) only where a checkpoint file or the store cannot be read at all. No
 * transaction of this thread is open. The report is large: keep it in static or heap memory. */
TQ_MUST_CHECK tq_code verify_run(store *s, const verify_options *o, verify_report *out,
                                 tq_err *err);
/* Canonical text. */
void verify_print(const verify_report *r, buf *out);

#endif
