/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGNAL_INNER_H
#define TQ_SIGNAL_INNER_H

#include "app/claim_inner.h"
#include "app/signals.h"
#include "domain/signal.h"

#define SIGNAL_LINKS_MAX 64 /* of one claim: beyond, a reader has seen enough */

/* A record that a signal points to. */
typedef struct signal_ref {
    signal_kind kind;
    int table;
    int64_t id;
} signal_ref;

typedef struct claim_signals {
    policy_signal rules[SIGNAL_COUNT];
    signal_found found[SIGNAL_COUNT];
    size_t n;
    signal_ref refs[SIGNAL_LINKS_MAX];
    size_t n_refs;
    bool refuse; /* one of them ends the claim */
} claim_signals;

/* A signal to be written: refs of other kinds than `found.kind` are left out. */
typedef struct signal_new {
    const policy_signal *rule;
    signal_found found;
    int table; /* of the subject */
    int64_t id, programme_id, org_id, amount_fen;
    const char *state;
    const signal_ref *refs;
    size_t n_refs;
    bool unfiled; /* not found by who filed the claim, who then may not decide it */
} signal_new;
const char *signal_state(const policy_signal *rule); /* of a fresh signal of a claim that goes on */
str signal_reason(const call *c, const policy_signal *rule, const signal_found *found);
TQ_MUST_CHECK tq_code signal_write(store_tx *tx, const call *c, const signal_new *s, event *e,
                                   tq_err *err);

/* Looks at the claim as it is about to be filed, after claim_case_count. */
TQ_MUST_CHECK tq_code claim_signals_look(app *a, store_tx *tx, const call *c, const claim_case *k,
                                         int64_t asked, claim_signals *out, tq_err *err);
/* An event of their own, of the claim k->id, or, where it is refused before it is stored, of its voucher: who files
 * a claim has a receipt and a dossier of the act, and is not told what is conspicuous in it (R-SIGNAL-010). */
TQ_MUST_CHECK tq_code claim_signals_write(store_tx *tx, const call *c, const claim_case *k,
                                          int64_t asked, const claim_signals *s, tq_err *err);
/* R-SIGNAL-060: what holder and institution have in common is asked again, before the approval and for as long as
 * the claim is not paid; what was told stays as it was decided. A transaction of its own. Adds to *fresh. */
TQ_MUST_CHECK tq_code claim_signals_again(app *a, const call *c, int64_t claim_id, int64_t *fresh,
                                          tq_err *err);
/* The steps of a refusal: those signals whose rule refuses. */
void claim_signals_steps(const claim_signals *s, policy_decision *d);

/* I19: nothing is approved while a referred signal waits or a signal is confirmed, nor by who decided one. */
TQ_MUST_CHECK tq_code signal_gate(store_tx *tx, const call *c, int64_t claim_id, tq_err *err);

#endif
