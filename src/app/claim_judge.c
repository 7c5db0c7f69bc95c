/* SPDX-License-Identifier: Apache-2.0 */
#include "app/claim_inner.h"

#define PENDING_MAX 256 /* undecided claims on the orders of one claim */
#define DECISION_TEXT_MAX (256 * 1024)

/* A claim with several lines on the orders counts once. */
static bool seen_before(const int64_t *seen, size_t n, int64_t id)
{
    bool known = false;
    for (size_t i = 0; i < n; i++) {
        known = known || seen[i] == id;
    }
    return known;
}

tq_code claim_case_pending(const claim_case *k, int64_t *n, int64_t *fen, tq_err *err)
{
    int64_t seen[PENDING_MAX];
    size_t n_seen = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < k->n_others; i++) {
        const claim_other_line *l = &k->others[i];
        TQ_ASSERT(l->claim_id != k->id);
        if (!l->pending || seen_before(seen, n_seen, l->claim_id)) {
            continue;
        }
        if (n_seen == PENDING_MAX) {
            return tq_fail(err, TQ_LIMIT, "claims_pending", "claim.lines",
                           "more than %d claims on these orders are undecided", PENDING_MAX);
        }
        seen[n_seen++] = l->claim_id;
        sum += l->asked_fen;
    }
    *n = (int64_t)n_seen;
    *fen = sum;
    return TQ_OK;
}

static tq_code mask_rows(store_rows *r, int64_t *mask, tq_err *err)
{
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        *mask |= policy_evidence_bit(row_text(r));
    }
}

static tq_code kinds_mask(store_tx *tx, store_stmt stmt, int64_t id, int64_t *mask, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, stmt, ARGS(arg_int(id)), &r, err));
    return mask_rows(&r, mask, err);
}

/* Papers that every order of this outcome has, with those of the claim as a whole. */
static tq_code evidence_of(store_tx *tx, const claim_case *k, str outcome, int64_t *out,
                           tq_err *err)
{
    int64_t whole = 0;
    int64_t each = INT64_MAX;
    if (k->id != 0) { /* nothing hangs on a claim that is not stored yet */
        TQ_TRY(kinds_mask(tx, STMT_CLAIM_EVIDENCE_KINDS, k->id, &whole, err));
    }
    for (size_t i = 0; i < k->n_orders; i++) {
        if (!str_eq(k->orders[i].outcome_kind, outcome)) {
            continue;
        }
        int64_t mask = 0;
        TQ_TRY(kinds_mask(tx, STMT_CLAIM_ORDER_KINDS, k->orders[i].id, &mask, err));
        mask |= k->orders[i].unreported == 0 ? policy_evidence_bit(STR("result")) : 0;
        each &= mask;
    }
    bool invoices = true;
    bool proofs = true;
    for (size_t i = 0; i < k->n_lines; i++) {
        invoices = invoices && k->lines[i].invoice_file;
        proofs = proofs && k->lines[i].proof_file;
    }
    whole |= invoices ? policy_evidence_bit(STR("invoice")) : 0;
    whole |= proofs ? policy_evidence_bit(STR("payment_proof")) : 0;
    *out = whole | each;
    return TQ_OK;
}

static tq_code case_facts(store_tx *tx, const claim_case *k, day on, policy_facts *f, tq_err *err)
{
    const int year = day_ymd(on).year;
    int64_t hold = 0;
    int64_t pending_n = 0;
    int64_t pending = 0;
    for (size_t i = 0; i < k->n_orders; i++) {
        hold += k->orders[i].hold_fen;
    }
    TQ_TRY(claim_case_pending(k, &pending_n, &pending, err));
    *f = (policy_facts){
        .today = on.n,
        .voucher_kind = k->kind,
        .base_gross = k->base_gross,
        .base_net = k->base_net,
        .hold_left = hold > pending ? hold - pending : 0,
        .claim_by = row_num(k->voucher, C_VOUCHER_CLAIM_BY_DAY),
    };
    return store_int(tx, STMT_CLAIM_HOLDER_TOTAL,
                     ARGS(arg_int(k->holder_id), arg_int(k->programme_id), arg_int(k->id),
                          arg_int(day_of_ymd((ymd){year, 1, 1}).n),
                          arg_int(day_of_ymd((ymd){year, 12, 31}).n)),
                     0, &f->claimed_year, err);
}

/* Orders of one claim may bring different outcomes: each is asked, and the least answer stands. */
tq_code claim_case_judge(store_tx *tx, const call *c, const claim_case *k, day on,
                         policy_facts *facts, policy_decision *out, tq_err *err)
{
    TQ_ASSERT(k->n_orders > 0);
    TQ_ASSERT(on.n <= c->today.n);
    policy_facts f;
    TQ_TRY(case_facts(tx, k, on, &f, err));
    for (size_t i = 0; i < k->n_orders; i++) {
        policy_decision d = {0};
        f.outcome_kind = k->orders[i].outcome_kind;
        f.institution_region = k->orders[i].region;
        TQ_TRY(evidence_of(tx, k, f.outcome_kind, &f.evidence_mask, err));
        policy_evaluate(k->p, STAGE_CLAIM, &f, &d);
        TQ_ASSERT(d.amount >= 0);
        if (d.granted && d.amount > f.hold_left) {
            d.amount = f.hold_left; /* I10: nothing beyond what is held */
        }
        if (i == 0 || !d.granted || (out->granted && d.amount < out->amount)) {
            *out = d;
            *facts = f;
        }
        if (!d.granted) {
            return TQ_OK;
        }
    }
    return TQ_OK;
}

void claim_case_texts(const claim_case *k, const policy_facts *f, const policy_decision *d,
                      str *facts, str *steps)
{
    BUF_AUTO buf b = buf_max(DECISION_TEXT_MAX);
    policy_facts_write(f, STAGE_CLAIM, &b);
    TQ_ASSERT(buf_ok(&b));
    *facts = arena_copy(k->a, buf_view(&b));
    buf_clear(&b);
    policy_steps_write(d, &b);
    TQ_ASSERT(buf_ok(&b));
    *steps = arena_copy(k->a, buf_view(&b));
}
