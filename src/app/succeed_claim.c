/* SPDX-License-Identifier: Apache-2.0 */
#include "app/succeed_inner.h"

#include "app/claim_inner.h"
#include "app/row_change.h"

static bool undecided(const event_value *claim)
{
    static const char *const states[] = {"draft", "submitted", "returned", "checked"};
    for (size_t i = 0; i < TQ_COUNT(states); i++) {
        if (row_is(claim, C_CLAIM_STATE, states[i])) {
            return true;
        }
    }
    return false;
}

/* Does the claim still say what was submitted? A draft has said nothing yet; whatever else is wrong with
 * a claim is found by its review, and must not hold a succession up. */
static tq_code was_intact(store_tx *tx, const claim_case *k, bool *out, tq_err *err)
{
    char hex[65];
    tq_err why = {0};
    *out = false;
    if (row_str(k->row, C_CLAIM_CONTENT).len == 0) {
        return TQ_OK;
    }
    const tq_code code = claim_content_check(tx, k->id, k->a, hex, &why);
    if (code != TQ_OK && code != TQ_CONFLICT) {
        return tq_fail(err, code, why.reason, why.field, "%s", why.detail);
    }
    *out = code == TQ_OK;
    return TQ_OK;
}

/* The content under the parties of today. A claim whose papers no longer stand (an order disputed, an
 * invoice red-flushed) keeps its old hash: it is to be reviewed anew. */
static tq_code content_now(store_tx *tx, const call *c, claim_case *k, int64_t party, char hex[65],
                           bool *known, tq_err *err)
{
    tq_err why = {0};
    claim_terms t = claim_terms_stored(k->row);
    TQ_ASSERT(party != 0);
    const tq_code code = claim_case_count(tx, c, k, &why);
    *known = code == TQ_OK && k->base_gross == t.base_fen;
    if (code != TQ_OK && code != TQ_CONFLICT && code != TQ_INVALID) {
        return tq_fail(err, code, why.reason, why.field, "%s", why.detail);
    }
    if (!*known) {
        return TQ_OK;
    }
    if (t.payee_id != party) {
        t.account_id = 0;
    }
    t.claimant_id = party;
    t.payee_id = party;
    return claim_content_of(tx, k, &t, hex, err);
}

tq_code claim_follow(app *a, store_tx *tx, const call *c, int64_t claim_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    claim_case *k = NULL;
    char hex[65];
    bool intact = false;
    bool known = false;
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, row, err));
    if (!undecided(row)) {
        return TQ_OK;
    }
    /* A successor is one of the installation, so the claim may be another programme's. */
    call here = *c;
    here.who.programme_id = row_num(row, C_CLAIM_PROGRAMME_ID);
    TQ_TRY(claim_case_open(a, tx, &here, claim_id, false, &k, err));
    const int64_t party = k->payee == PAYEE_INSTITUTION ? claim_case_institution(k) : k->holder_id;
    const bool moved = row_num(k->row, C_CLAIM_HOLDER_ID) != k->holder_id ||
                       row_num(k->row, C_CLAIM_CLAIMANT_ID) != party ||
                       row_num(k->row, C_CLAIM_PAYEE_ID) != party;
    if (party == 0 || !moved) { /* 0: the orders of a draft have several institutions */
        return TQ_OK;
    }
    TQ_ASSERT(k->id == claim_id && k->holder_id != 0);
    TQ_TRY(was_intact(tx, k, &intact, err));
    event e = work_event(&here, EV_ORG_MERGE);
    event_change(&e, T_CLAIM, claim_id);
    int_change(&e, k->row, C_CLAIM_HOLDER_ID, k->holder_id);
    int_change(&e, k->row, C_CLAIM_CLAIMANT_ID, party);
    if (row_num(k->row, C_CLAIM_PAYEE_ID) != party) {
        event_int(&e, C_CLAIM_PAYEE_ID, party);
        int_change(&e, k->row, C_CLAIM_ACCOUNT_ID, 0);
    }
    if (intact) {
        TQ_TRY(content_now(tx, &here, k, party, hex, &known, err));
    }
    if (known) {
        event_text(&e, C_CLAIM_CONTENT, str_of(hex));
    }
    return event_append(tx, &e, NULL, err);
}
