/* SPDX-License-Identifier: Apache-2.0 */
#include "app/claim_inner.h"

#include <stdlib.h>

#include "app/voucher.h"

__extension__ typedef __int128 wide;

tq_code claim_case_of_voucher(app *a, store_tx *tx, const call *c, int64_t voucher_id,
                              bool with_fund, claim_case **out, tq_err *err)
{
    TQ_ASSERT(c->who.programme_id != 0);
    claim_case *k = ARENA_NEW(c->a, claim_case, 1);
    k->a = c->a;
    k->programme_id = c->who.programme_id;
    k->voucher_id = voucher_id;
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_CLAIM_VOUCHER_BRIEF,
                           ARGS(arg_int(voucher_id), arg_int(k->programme_id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return tq_fail(err, TQ_NOT_FOUND, "not_found", "claim.voucher",
                           "there is no such voucher");
        }
        k->holder_id = row_int(&r);
        k->kind_id = row_int(&r);
        k->kind = row_copy(&r, c->a); /* the policy's getters want it terminated, as a copy is */
    }
    if (with_fund) {
        TQ_TRY(voucher_lock_fund(tx, k->programme_id, k->kind_id, err));
    }
    TQ_TRY(row_lock(tx, T_ORGANISATION, k->holder_id, c->a, err));
    TQ_TRY(row_load(tx, T_VOUCHER, voucher_id, c->a, k->voucher, err));
    TQ_ASSERT(row_num(k->voucher, C_VOUCHER_HOLDER_ID) == k->holder_id);
    k->policy_id = row_num(k->voucher, C_VOUCHER_POLICY_ID);
    TQ_TRY(app_policy_by_id(a, tx, k->policy_id, &k->p, err));
    TQ_TRY(policy_payee_get(k->p, k->kind.data, &k->payee, err));
    *out = k;
    return TQ_OK;
}

tq_code claim_case_open(app *a, store_tx *tx, const call *c, int64_t claim_id, bool with_fund,
                        claim_case **out, tq_err *err)
{
    int64_t voucher_id = 0;
    TQ_TRY(store_int(tx, STMT_CLAIM_BRIEF, ARGS(arg_int(claim_id), arg_int(c->who.programme_id)), 0,
                     &voucher_id, err));
    if (voucher_id == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "claim", "there is no such claim");
    }
    claim_case *k = NULL;
    TQ_TRY(claim_case_of_voucher(a, tx, c, voucher_id, with_fund, &k, err));
    k->id = claim_id;
    TQ_TRY(claim_case_stored(tx, k, err));
    TQ_TRY(claim_case_orders(tx, k, err));
    TQ_TRY(claim_case_lock(tx, k, err));
    *out = k;
    return TQ_OK;
}

tq_code claim_case_stored(store_tx *tx, claim_case *k, tq_err *err)
{
    TQ_ASSERT(k->id != 0);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CLAIM_LINES, ARGS(arg_int(k->id)), &r, err));
    k->n_lines = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(k->n_lines < CLAIM_LINES_MAX);
        claim_line_fact *l = &k->lines[k->n_lines++];
        *l = (claim_line_fact){.id = row_int(&r)};
        l->n = row_int(&r);
        l->order_id = row_int(&r);
        l->order_line_id = row_int(&r);
        l->invoice_id = row_int(&r);
        l->proof_id = row_int(&r);
        l->stored_fen = row_int(&r);
    }
}

tq_code claim_case_lock(store_tx *tx, claim_case *k, tq_err *err)
{
    TQ_ASSERT(k->id != 0);
    TQ_TRY(row_load(tx, T_CLAIM, k->id, k->a, k->row, err));
    TQ_ASSERT(row_num(k->row, C_CLAIM_VOUCHER_ID) == k->voucher_id);
    return TQ_OK;
}

static int by_id(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x;
    const int64_t b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static claim_other_line *other_slot(claim_case *k)
{
    if (k->n_others == k->room_others) {
        const size_t room = k->room_others == 0 ? 32 : k->room_others * 2;
        claim_other_line *bigger = ARENA_NEW(k->a, claim_other_line, room);
        if (k->n_others > 0) {
            memcpy(bigger, k->others, sizeof *bigger * k->n_others);
        }
        k->others = bigger;
        k->room_others = room;
    }
    return &k->others[k->n_others++];
}

/* What other claims hold of the order, and how much of it they use: a draft nothing, and what was
 * refused is free again. */
static tq_code others_read(store_tx *tx, claim_case *k, int64_t order_id, int64_t *used,
                           tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CLAIM_LINES_ON, ARGS(arg_int(order_id), arg_int(k->id)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        claim_other_line *l = other_slot(k);
        l->order_id = order_id;
        l->claim_id = row_int(&r);
        l->invoice_id = row_int(&r);
        l->proof_id = row_int(&r);
        l->amount_fen = row_int(&r);
        l->asked_fen = row_int(&r);
        const str state = row_text(&r);
        l->draft = str_eq(state, STR("draft"));
        l->pending = str_eq(state, STR("submitted")) || str_eq(state, STR("returned")) ||
                     str_eq(state, STR("checked"));
        *used += l->draft || str_eq(state, STR("refused")) ? 0 : l->amount_fen;
    }
}

static tq_code deliveries_read(store_tx *tx, claim_order_fact *o, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_CLAIM_ORDER_DELIVERED, ARGS(arg_int(o->id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    o->delivered_fen = row_int(&r);
    o->unreported = row_int(&r);
    return TQ_OK;
}

static tq_code order_fact(store_tx *tx, claim_case *k, int64_t id, claim_order_fact *o, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_SERVICE_ORDER, id, k->a, row, err));
    if (row_num(row, C_SERVICE_ORDER_VOUCHER_ID) != k->voucher_id) {
        return tq_fail(err, TQ_INVALID, "line_form", "claim.lines",
                       "every line names an order of the claim's voucher");
    }
    *o = (claim_order_fact){
        .id = id,
        .institution_id = row_num(row, C_SERVICE_ORDER_INSTITUTION_ID),
        .region = row_str(row, C_SERVICE_ORDER_REGION),
        .outcome_kind = row_str(row, C_SERVICE_ORDER_OUTCOME_KIND),
        .state = row_str(row, C_SERVICE_ORDER_STATE),
        .contract_fen = row_num(row, C_SERVICE_ORDER_CONTRACT_FEN),
        .made_day = row_num(row, C_SERVICE_ORDER_MADE_DAY),
        .delivered_day = row_num(row, C_SERVICE_ORDER_DELIVERED_DAY),
        .closed = row_num(row, C_SERVICE_ORDER_CLOSED) != 0,
    };
    TQ_TRY(deliveries_read(tx, o, err));
    TQ_TRY(others_read(tx, k, id, &o->used_fen, err));
    TQ_ASSERT(o->contract_fen >= 0 && o->delivered_fen >= 0 && o->used_fen >= 0);
    const ledger_cell hold = {.account = ACC_HOLD, .voucher_id = k->voucher_id, .order_id = id};
    return ledger_sum(tx, k->programme_id, &hold, &o->hold_fen, err);
}

tq_code claim_case_orders(store_tx *tx, claim_case *k, tq_err *err)
{
    int64_t ids[CLAIM_LINES_MAX];
    for (size_t i = 0; i < k->n_lines; i++) {
        ids[i] = k->lines[i].order_id;
    }
    qsort(ids, k->n_lines, sizeof ids[0], by_id);
    k->n_orders = 0;
    k->n_others = 0;
    for (size_t i = 0; i < k->n_lines; i++) {
        if (i > 0 && ids[i] == ids[i - 1]) {
            continue;
        }
        if (k->n_orders == CLAIM_ORDERS_MAX) {
            return tq_fail(err, TQ_LIMIT, "claim_orders", "claim.lines",
                           "a claim covers at most %d orders; file another", CLAIM_ORDERS_MAX);
        }
        TQ_TRY(order_fact(tx, k, ids[i], &k->orders[k->n_orders], err));
        k->n_orders++;
    }
    return TQ_OK;
}

static claim_order_fact *order_of(claim_case *k, int64_t id)
{
    size_t i = 0;
    while (i < k->n_orders && k->orders[i].id != id) {
        i++;
    }
    TQ_ASSERT(i < k->n_orders); /* every line's order was loaded */
    return &k->orders[i];
}

int64_t claim_case_institution(const claim_case *k)
{
    int64_t one = k->n_orders == 0 ? 0 : k->orders[0].institution_id;
    for (size_t i = 1; i < k->n_orders; i++) {
        one = k->orders[i].institution_id == one ? one : 0;
    }
    return one;
}

static tq_code own_paper(store_tx *tx, const claim_case *k, int64_t org_id, const char *reason,
                         int64_t line, tq_err *err)
{
    int64_t own = org_id == k->holder_id ? 1 : 0;
    if (own == 1) {
        return TQ_OK;
    }
    TQ_TRY(store_int(tx, STMT_CLAIM_SUCCEEDED_BY, ARGS(arg_int(org_id), arg_int(k->holder_id)), 0,
                     &own, err));
    if (own == 0) {
        return tq_fail(err, TQ_INVALID, reason, "claim.lines",
                       "line %lld: the paper is made out to somebody else", (long long)line);
    }
    return TQ_OK;
}

static tq_code invoice_fact(store_tx *tx, const claim_case *k, claim_line_fact *l, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_INVOICE, l->invoice_id, k->a, row, err));
    l->key = row_str(row, C_INVOICE_KEY);
    l->invoice_state = row_str(row, C_INVOICE_STATE);
    l->gross_fen = row_num(row, C_INVOICE_GROSS_FEN);
    l->invoice_net_fen = row_num(row, C_INVOICE_NET_FEN);
    l->replaces_id = row_num(row, C_INVOICE_REPLACES_ID);
    l->seller_id = row_num(row, C_INVOICE_SELLER_ID);
    l->issued_day = row_num(row, C_INVOICE_ISSUED_DAY);
    l->invoice_blob = row_str(row, C_INVOICE_BLOB);
    l->invoice_file = l->invoice_blob.len > 0;
    return own_paper(tx, k, row_num(row, C_INVOICE_BUYER_ID), "invoice_buyer", l->n, err);
}

static tq_code proof_fact(store_tx *tx, const claim_case *k, claim_line_fact *l, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    if (l->proof_id == 0) {
        return TQ_OK;
    }
    TQ_TRY(row_load(tx, T_PAYMENT_PROOF, l->proof_id, k->a, row, err));
    l->means = row_str(row, C_PAYMENT_PROOF_MEANS);
    l->reference = row_str(row, C_PAYMENT_PROOF_REFERENCE);
    l->proof_day = row_num(row, C_PAYMENT_PROOF_DAY);
    l->paid_fen = row_num(row, C_PAYMENT_PROOF_AMOUNT_FEN);
    l->proof_file = row_str(row, C_PAYMENT_PROOF_BLOB).len > 0;
    return own_paper(tx, k, row_num(row, C_PAYMENT_PROOF_ORG_ID), "proof_owner", l->n, err);
}

static tq_code line_papers(store_tx *tx, claim_case *k, claim_line_fact *l,
                           const claim_order_fact *o, tq_err *err)
{
    TQ_TRY(invoice_fact(tx, k, l, err));
    TQ_TRY(proof_fact(tx, k, l, err));
    if (!str_eq(l->invoice_state, STR("normal"))) {
        return tq_fail(err, TQ_CONFLICT, "invoice_state", "claim.lines",
                       "line %lld: the invoice is %.*s and cannot be claimed", (long long)l->n,
                       STR_ARG(l->invoice_state));
    }
    TQ_TRY(claim_seller_check(tx, o->institution_id, l->seller_id, (day){(int32_t)l->issued_day},
                              "claim.lines", err));
    if (k->payee == PAYEE_HOLDER && l->proof_id == 0) {
        return tq_fail(err, TQ_INVALID, "line_form", "claim.lines",
                       "line %lld: name the proof of payment", (long long)l->n);
    }
    if (l->order_line_id != 0) {
        int64_t known = 0;
        TQ_TRY(store_int(tx, STMT_CLAIM_ORDER_LINE,
                         ARGS(arg_int(l->order_line_id), arg_int(l->order_id)), 0, &known, err));
        if (known == 0) {
            return tq_fail(err, TQ_INVALID, "line_form", "claim.lines",
                           "line %lld: the order has no such line", (long long)l->n);
        }
    }
    return TQ_OK;
}

/* What other claims have taken of the line's invoice and proof. Those on the line's own order were read
 * with it; the others are asked for together. */
static tq_code papers_used(store_tx *tx, const claim_case *k, const claim_line_fact *l,
                           int64_t *invoice, int64_t *proof, tq_err *err)
{
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_CLAIM_PAPERS_ELSEWHERE,
                           ARGS(arg_int(l->invoice_id), arg_int(l->proof_id), arg_int(k->id),
                                arg_int(l->order_id)),
                           &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        TQ_ASSERT(more);
        *invoice = row_int(&r);
        *proof = row_int(&r);
    }
    for (size_t i = 0; i < k->n_others; i++) {
        const claim_other_line *o = &k->others[i];
        if (o->draft || o->order_id != l->order_id) {
            continue;
        }
        *invoice += o->invoice_id == l->invoice_id ? o->amount_fen : 0;
        *proof += o->proof_id == l->proof_id && l->proof_id != 0 ? o->amount_fen : 0;
    }
    if (l->replaces_id == 0) {
        return TQ_OK;
    }
    int64_t replaced = 0;
    TQ_TRY(store_int(tx, STMT_CLAIM_REPLACED_USED, ARGS(arg_int(l->invoice_id), arg_int(k->id)), 0,
                     &replaced, err));
    *invoice += replaced;
    return TQ_OK;
}

/* What the earlier lines of this same claim have taken of the line's invoice or proof. */
static int64_t taken_here(const claim_case *k, size_t upto, int64_t invoice_id, int64_t proof_id)
{
    int64_t sum = 0;
    for (size_t i = 0; i < upto; i++) {
        const claim_line_fact *l = &k->lines[i];
        const bool same = invoice_id != 0 ? l->invoice_id == invoice_id : l->proof_id == proof_id;
        sum += same ? l->amount_fen : 0;
    }
    return sum;
}

static int64_t at_most(int64_t x, int64_t limit)
{
    const int64_t room = limit < 0 ? 0 : limit;
    return x < room ? x : room;
}

/* R-CLAIM-030: what was not paid in money that counts does not count; a bill counts once honoured. */
static int64_t proven(const call *c, const claim_case *k, size_t at, int64_t used)
{
    const claim_line_fact *l = &k->lines[at];
    if (k->payee == PAYEE_INSTITUTION) {
        return l->stored_fen;
    }
    if (!policy_means_counts(k->p, l->means) || l->proof_day == 0 || l->proof_day > c->today.n) {
        return 0;
    }
    return at_most(l->stored_fen, l->paid_fen - used - taken_here(k, at, 0, l->proof_id));
}

static tq_code line_count(store_tx *tx, const call *c, claim_case *k, size_t at, tq_err *err)
{
    claim_line_fact *l = &k->lines[at];
    claim_order_fact *o = order_of(k, l->order_id);
    TQ_TRY(line_papers(tx, k, l, o, err));
    int64_t used = 0;
    int64_t proof_used = 0;
    TQ_TRY(papers_used(tx, k, l, &used, &proof_used, err));
    const int64_t left = l->gross_fen - used - taken_here(k, at, l->invoice_id, 0);
    if (l->stored_fen > left) { /* R-CLAIM-020, I11 */
        return tq_fail(err, TQ_CONFLICT, "invoice_used", "claim.lines",
                       "line %lld: of the invoice %lld fen are left to claim", (long long)l->n,
                       (long long)(left < 0 ? 0 : left));
    }
    const int64_t contract = at_most(o->contract_fen, o->delivered_fen) - o->used_fen - o->base_fen;
    const int64_t paid = proven(c, k, at, proof_used);
    l->amount_fen = at_most(at_most(l->stored_fen, paid), contract);
    TQ_ASSERT(l->gross_fen > 0);
    l->net_fen = (int64_t)((wide)l->amount_fen * l->invoice_net_fen / l->gross_fen);
    TQ_ASSERT(l->amount_fen >= 0 && l->amount_fen <= l->stored_fen);
    TQ_ASSERT(l->net_fen >= 0 && l->net_fen <= l->amount_fen);
    o->base_fen += l->amount_fen;
    return TQ_OK;
}

tq_code claim_case_count(store_tx *tx, const call *c, claim_case *k, tq_err *err)
{
    k->base_gross = 0;
    k->base_net = 0;
    for (size_t i = 0; i < k->n_orders; i++) {
        const claim_order_fact *o = &k->orders[i];
        k->orders[i].base_fen = 0;
        if (!str_eq(o->state, STR("confirmed"))) {
            return tq_fail(err, TQ_CONFLICT, "order_state", "claim.lines",
                           "an order is %.*s; only confirmed deliveries are paid",
                           STR_ARG(o->state));
        }
        if (o->delivered_fen == 0) {
            return tq_fail(err, TQ_CONFLICT, "no_delivery", "claim.lines",
                           "an order has no delivery on record");
        }
    }
    for (size_t i = 0; i < k->n_lines; i++) {
        TQ_TRY(line_count(tx, c, k, i, err));
        k->base_gross += k->lines[i].amount_fen;
        k->base_net += k->lines[i].net_fen;
    }
    TQ_ASSERT(k->base_net <= k->base_gross);
    return TQ_OK;
}

tq_code claim_case_gate(store_tx *tx, const call *c, const claim_case *k, tq_err *err)
{
    bool good_faith = k->payee == PAYEE_INSTITUTION;
    if (good_faith) {
        policy_sanction sanction;
        TQ_TRY(policy_sanction_get(k->p, &sanction, err));
        good_faith = sanction.good_faith_payable;
    }
    const str state = row_str(k->voucher, C_VOUCHER_STATE);
    if (str_eq(state, STR("frozen")) || (str_eq(state, STR("cancelled")) && !good_faith)) {
        return tq_fail(err, TQ_CONFLICT, "voucher_state", "claim.voucher",
                       "the voucher is %.*s; nothing is paid on it", STR_ARG(state));
    }
    /* R-BAN-020: what an institution delivered before its customer was banned stays payable to it. */
    day holder_on = c->today;
    if (good_faith && k->n_orders > 0) {
        holder_on.n = 0;
        for (size_t i = 0; i < k->n_orders; i++) {
            const int32_t d = (int32_t)k->orders[i].delivered_day;
            holder_on.n = d > holder_on.n ? d : holder_on.n;
        }
    }
    TQ_TRY(ban_check(tx, k->programme_id, k->holder_id, holder_on, err));
    for (size_t i = 0; i < k->n_orders; i++) {
        TQ_TRY(ban_check(tx, k->programme_id, k->orders[i].institution_id, c->today, err));
    }
    return TQ_OK;
}

tq_code claim_amount_text(store_tx *tx, const call *c, int64_t fen, str *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    currency cur;
    TQ_TRY(store_query(tx, STMT_CLAIM_CURRENCY, ARGS(arg_int(c->who.programme_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    TQ_TRY(currency_of(row_text(&r), &cur, err));
    BUF_AUTO buf b = buf_max(64);
    money_print((money){fen}, &cur, &b);
    *out = arena_copy(c->a, buf_view(&b));
    return TQ_OK;
}

tq_code claim_need_state(const claim_case *k, const char *const *states, tq_err *err)
{
    for (size_t i = 0; states[i] != NULL; i++) {
        if (row_is(k->row, C_CLAIM_STATE, states[i])) {
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_CONFLICT, "claim_state", "claim", "the claim is %.*s",
                   STR_ARG(row_str(k->row, C_CLAIM_STATE)));
}

void claim_free_lines(const claim_case *k, event *e)
{
    for (size_t i = 0; i < k->n_lines; i++) {
        if (k->lines[i].id != 0) {
            event_change(e, T_CLAIM_LINE, k->lines[i].id);
            event_int(e, C_CLAIM_LINE_FREED, 1);
        }
    }
}
