/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DOSSIER_INNER_H
#define TQ_DOSSIER_INNER_H

/* What building and checking share: the parts that a dossier is printed from. */

#include "domain/case_rows.h"
#include "store/dossier.h"
#include "store/seal.h"

#define DOSSIER_POLICIES_MAX 64
#define DOSSIER_SEAL "dossier"
#define DOSSIER_SEAL_MARK ",\"seal\":"
#define DOSSIER_SEAL_MAX 1024

typedef struct dossier_event {
    int64_t seq;
    str body;       /* "": withheld */
    digest leaf[2]; /* by hash_kind */
    tree_proof path[2];
    event e; /* where there is a body */
} dossier_event;

typedef struct dossier {
    arena *a;
    int table;
    int64_t id;
    dossier_event *events; /* in the order of the log */
    int n, withheld;
    checkpoint point;
    str policies[DOSSIER_POLICIES_MAX]; /* texts, in the order of the rows that name them */
    int n_policies;
} dossier;

/* Rows and legs from the events that have a body. CORRUPT/case_gap, CORRUPT/dossier_policy. */
TQ_MUST_CHECK tq_code dossier_rows(const dossier *d, case_rows *out, tq_err *err);
/* Without the seal. */
TQ_MUST_CHECK tq_code dossier_print(const dossier *d, const case_rows *rows, buf *out, tq_err *err);
/* The hashes of policies that the rows name, in their order. */
int dossier_policies(const case_rows *rows, str out[DOSSIER_POLICIES_MAX]);

#endif
