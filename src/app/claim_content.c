/* SPDX-License-Identifier: Apache-2.0 */
#include "app/claim_inner.h"

#include "base/canon.h"
#include "base/hash.h"

#define CONTENT_MAX (512 * 1024)

static tq_code evidence_write(store_tx *tx, int64_t claim_id, canon *w, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CLAIM_EVIDENCE, ARGS(arg_int(claim_id)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        canon_list(w);
        canon_str(w, row_text(&r));
        canon_str(w, row_text(&r));
        canon_list_end(w);
    }
}

static void line_write(const claim_line_fact *l, canon *w)
{
    /* A bill that is honoured later changes nothing in a claim that did not count it. */
    const int64_t paid_on = l->amount_fen > 0 ? l->proof_day : 0;
    const int64_t numbers[] = {l->order_id,        l->order_line_id, l->amount_fen, l->gross_fen,
                               l->invoice_net_fen, paid_on,          l->paid_fen};
    const str words[] = {l->key, l->invoice_state, l->means, l->reference};
    canon_list(w);
    for (size_t i = 0; i < TQ_COUNT(numbers); i++) {
        canon_int(w, numbers[i]);
    }
    for (size_t i = 0; i < TQ_COUNT(words); i++) {
        canon_str(w, words[i]);
    }
    canon_list_end(w);
}

tq_code claim_content_of(store_tx *tx, const claim_case *k, const claim_terms *t, char hex[65],
                         tq_err *err)
{
    BUF_AUTO buf b = buf_max(CONTENT_MAX);
    canon w = canon_to(&b);
    canon_open(&w);
    canon_kint(&w, "v", 1);
    canon_kint(&w, "programme", k->programme_id);
    canon_kint(&w, "voucher", k->voucher_id);
    canon_kint(&w, "holder", k->holder_id);
    canon_kint(&w, "claimant", t->claimant_id);
    canon_kint(&w, "payee", t->payee_id);
    canon_kstr(&w, "form", t->form);
    canon_kint(&w, "final", t->final ? 1 : 0);
    canon_kint(&w, "base", t->base_fen);
    canon_kint(&w, "asked", t->asked_fen);
    canon_kint(&w, "account", t->account_id);
    canon_key(&w, "lines");
    canon_list(&w);
    for (size_t i = 0; i < k->n_lines; i++) {
        line_write(&k->lines[i], &w);
    }
    canon_list_end(&w);
    canon_key(&w, "evidence");
    canon_list(&w);
    if (k->id != 0) {
        TQ_TRY(evidence_write(tx, k->id, &w, err));
    }
    canon_list_end(&w);
    canon_close(&w);
    TQ_ASSERT(buf_ok(&b));
    digest_hex(hash_of(HASH_SHA256, buf_view(&b)), hex);
    return TQ_OK;
}

claim_terms claim_terms_stored(const event_value *row)
{
    return (claim_terms){
        .claimant_id = row_num(row, C_CLAIM_CLAIMANT_ID),
        .payee_id = row_num(row, C_CLAIM_PAYEE_ID),
        .base_fen = row_num(row, C_CLAIM_BASE_FEN),
        .asked_fen = row_num(row, C_CLAIM_ASKED_FEN),
        .account_id = row_num(row, C_CLAIM_ACCOUNT_ID),
        .form = row_str(row, C_CLAIM_FORM),
        .final = row_num(row, C_CLAIM_FINAL) != 0,
    };
}

/* A stored line counts what it holds. */
static tq_code papers_of(store_tx *tx, claim_case *k, claim_line_fact *l, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_INVOICE, l->invoice_id, k->a, row, err));
    l->amount_fen = l->stored_fen;
    l->key = row_str(row, C_INVOICE_KEY);
    l->invoice_state = row_str(row, C_INVOICE_STATE);
    l->gross_fen = row_num(row, C_INVOICE_GROSS_FEN);
    l->invoice_net_fen = row_num(row, C_INVOICE_NET_FEN);
    if (l->proof_id != 0) {
        TQ_TRY(row_load(tx, T_PAYMENT_PROOF, l->proof_id, k->a, row, err));
        l->means = row_str(row, C_PAYMENT_PROOF_MEANS);
        l->reference = row_str(row, C_PAYMENT_PROOF_REFERENCE);
        l->proof_day = row_num(row, C_PAYMENT_PROOF_DAY);
        l->paid_fen = row_num(row, C_PAYMENT_PROOF_AMOUNT_FEN);
    }
    return TQ_OK;
}

tq_code claim_content_check(store_tx *tx, int64_t claim_id, arena *a, char hex[65], tq_err *err)
{
    claim_case *k = ARENA_NEW(a, claim_case, 1);
    k->a = a;
    k->id = claim_id;
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, a, k->row, err));
    k->programme_id = row_num(k->row, C_CLAIM_PROGRAMME_ID);
    k->voucher_id = row_num(k->row, C_CLAIM_VOUCHER_ID);
    k->holder_id = row_num(k->row, C_CLAIM_HOLDER_ID);
    TQ_TRY(claim_case_stored(tx, k, err));
    for (size_t i = 0; i < k->n_lines; i++) {
        TQ_TRY(papers_of(tx, k, &k->lines[i], err));
    }
    const claim_terms t = claim_terms_stored(k->row);
    char now[65];
    TQ_TRY(claim_content_of(tx, k, &t, now, err));
    if (!str_eq(row_str(k->row, C_CLAIM_CONTENT), str_of(now))) { /* I16 */
        return tq_fail(
            err, TQ_CONFLICT, "content_changed", "claim.content",
            "the claim or its papers are not what was submitted; it must be reviewed again");
    }
    memcpy(hex, now, sizeof now);
    return TQ_OK;
}
