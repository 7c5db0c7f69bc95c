/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGNAL_DOMAIN_H
#define TQ_SIGNAL_DOMAIN_H

/* Signals (P-23, P-34): what is conspicuous in a claim, said as numbers beside a bound, never as prose. Pure:
 * the use case gathers the facts, the policy's rules say what is looked for and what follows. */

#include "domain/policy.h"

typedef enum signal_kind {
#define SIGNAL(name, token, unit, zh, en) SIGNAL_##name,
#include "domain/signal_kinds.def"
#undef SIGNAL
    SIGNAL_COUNT
} signal_kind;

const char *signal_token(signal_kind k);
bool signal_kind_of(str token, signal_kind *out);

/* Money in minor units. Facts of lines are those of the line where they are worst. */
typedef struct signal_facts {
    int64_t twins;           /* other invoices of the same seller, day and amount */
    int64_t same_files;      /* other invoices with the same file */
    int64_t replaced_claims; /* claims on the invoices that those of this claim replace */
    int64_t
        days_early; /* from the day of the invoice to the day of its order; <= 0: not before it */
    int64_t invoice_fen, contract_fen;
    int64_t
        relations;    /* owner, controller, representative, account in common with an institution */
    int64_t contacts; /* telephones, addresses in common */
    int64_t agencies; /* declared account agencies in common */
    int64_t claims_in_days; /* with this one; counted over the days of velocity's rule */
    int64_t claimed_fen;    /* with this claim; summed over the days of size_ratio's rule */
    int64_t turnover_fen;   /* 0: not known */
    int64_t funded;         /* other county funds for the same item and period */
    int64_t status_changes; /* invoices that are no longer good, though claimed */
    int64_t elsewhere;      /* invoices that claims of another county use too */
    int64_t asked_fen;
    int64_t approval_fen; /* above it the group decides; MONEY_MAX: no such limit */
} signal_facts;

typedef struct signal_found {
    signal_kind kind;
    int64_t measured, bound;
} signal_found;

/* The kinds whose rule is on and whose bound is passed, in the order of signal_kinds.def. `rules` has one of
 * each kind. Returns how many. */
size_t signal_evaluate(const policy_signal rules[SIGNAL_COUNT], const signal_facts *f,
                       signal_found out[SIGNAL_COUNT]);

/* The signal as a step of a decision; and as the canonical list of that one step, which is its reason:
 * [{"rule":…,"article":…,"kind":"signal","fact":…,"op":"signal","left":measured,"right":bound,"holds":false}] */
policy_step signal_step(const policy_signal *rule, const signal_found *found);
void signal_reason_write(const policy_signal *rule, const signal_found *found, buf *out);

#endif
