/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle_inner.h"

#include <stdio.h>

#include "app/row_change.h"
#include "base/canon.h"
#include "base/hash.h"

#define SLICE_TEXT_MAX (SETTLE_SLICE * 64)

tq_code run_load(store_tx *tx, const call *c, int64_t batch_id, event_value *row, tq_err *err)
{
    TQ_ASSERT(c->who.programme_id != 0);
    TQ_TRY(row_load(tx, T_BATCH, batch_id, c->a, row, err));
    if (row_num(row, C_BATCH_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "batch", "there is no such record");
    }
    return TQ_OK;
}

tq_code run_need(const event_value *row, const char *state, const char *other, tq_err *err)
{
    TQ_ASSERT(state != NULL);
    if (row_is(row, C_BATCH_STATE, state) || (other != NULL && row_is(row, C_BATCH_STATE, other))) {
        return TQ_OK;
    }
    return tq_fail(err, TQ_CONFLICT, "batch_state", "batch", "the batch is %.*s",
                   STR_ARG(row_str(row, C_BATCH_STATE)));
}

run_line run_line_read(store_rows *r, arena *a)
{
    run_line l = {.id = row_int(r)};
    l.n = row_int(r);
    l.claim_id = row_int(r);
    l.account_id = row_int(r);
    l.payment_no = row_copy(r, a);
    l.amount_fen = row_int(r);
    l.set_off_fen = row_int(r);
    l.state = row_copy(r, a);
    l.claim_number = row_copy(r, a);
    l.voucher_id = row_int(r);
    l.payee_id = row_int(r);
    l.paid_fen = row_int(r);
    l.suspect = row_int(r);
    return l;
}

bool run_collecting(const event_value *row)
{
    return row_is(row, C_BATCH_STATE, "open") && row_str(row, C_BATCH_NUMBER).len == 0;
}

tq_code run_slice_lines(store_tx *tx, const call *c, int64_t batch_id, const char *state,
                        int64_t after, run_line *out, size_t *n, tq_err *err)
{
    *n = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BATCH_LINE_PAGE,
                       ARGS(arg_int(batch_id), arg_int(after), arg_str(str_of(state)),
                            arg_int(SETTLE_SLICE), arg_int(c->today.n)),
                       &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < SETTLE_SLICE);
        out[(*n)++] = run_line_read(&r, c->a);
    }
}

slice_sum slice_begin(void)
{
    return (slice_sum){.text = buf_max(SLICE_TEXT_MAX)};
}

void slice_add(slice_sum *s, int64_t n, int64_t claim_id, int64_t amount_fen)
{
    TQ_ASSERT(n > s->last);
    s->first = s->count == 0 ? n : s->first;
    s->last = n;
    s->count++;
    s->total_fen += amount_fen;
    const int64_t cells[3] = {n, claim_id, amount_fen};
    for (size_t i = 0; i < TQ_COUNT(cells); i++) {
        buf_int(&s->text, cells[i]);
        buf_char(&s->text, i + 1 < TQ_COUNT(cells) ? '\t' : '\n');
    }
}

void slice_drop(slice_sum *s)
{
    buf_free(&s->text);
}

str slice_note(slice_sum *s, arena *a)
{
    str note = {0};
    if (s->count > 0) {
        char sha256[65];
        char sm3[65];
        BUF_AUTO buf b = buf_max(1024);
        canon w = canon_to(&b);
        TQ_ASSERT(buf_ok(&s->text));
        digest_hex(hash_of(HASH_SHA256, buf_view(&s->text)), sha256);
        digest_hex(hash_of(HASH_SM3, buf_view(&s->text)), sm3);
        canon_open(&w);
        canon_kint(&w, "first", s->first);
        canon_kint(&w, "last", s->last);
        canon_kint(&w, "count", s->count);
        canon_kint(&w, "total_fen", s->total_fen);
        canon_kstr(&w, "sha256", str_of(sha256));
        canon_kstr(&w, "sm3", str_of(sm3));
        canon_close(&w);
        TQ_ASSERT(buf_ok(&b));
        note = arena_copy(a, buf_view(&b));
    }
    slice_drop(s);
    return note;
}

/* What the list's hashes bind: number, register, account version and amount of each payment. */
static void list_line(buf *b, store_rows *r, run_list *sum)
{
    const int64_t n = row_int(r);
    const str payment_no = row_text(r);
    const str register_no = row_text(r);
    const int64_t account = row_int(r);
    const int64_t amount = row_int(r);
    const int64_t set_off = row_int(r);
    sum->set_off_fen += set_off;
    if (amount == 0) {
        return; /* wholly set off: nothing for the bank */
    }
    TQ_ASSERT(amount > 0);
    sum->count++;
    sum->total_fen += amount;
    buf_clear(b);
    buf_printf(b, "%lld\t%.*s\t%.*s\t%lld\t%lld\n", (long long)n, STR_ARG(payment_no),
               STR_ARG(register_no), (long long)account, (long long)amount);
}

static tq_code list_stream(store_tx *tx, int64_t batch_id, int64_t skip, hasher *sha256,
                           hasher *sm3, run_list *sum, tq_err *err)
{
    BUF_AUTO buf b = buf_max(1024);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BATCH_LIST_PAGE, ARGS(arg_int(batch_id), arg_int(skip)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        buf_clear(&b);
        list_line(&b, &r, sum);
        TQ_ASSERT(buf_ok(&b));
        hasher_add(sha256, buf_view(&b));
        hasher_add(sm3, buf_view(&b));
    }
}

tq_code run_list_read(store_tx *tx, int64_t batch_id, int64_t skip, run_list *out, tq_err *err)
{
    hasher *sha256 = hasher_new(HASH_SHA256);
    hasher *sm3 = hasher_new(HASH_SM3);
    run_list sum = {0};
    const tq_code code = list_stream(tx, batch_id, skip, sha256, sm3, &sum, err);
    digest_hex(hasher_end(sha256), sum.sha256);
    digest_hex(hasher_end(sm3), sum.sm3);
    hasher_free(sha256);
    hasher_free(sm3);
    if (code == TQ_OK) {
        *out = sum;
    }
    return code;
}

void run_list_put(event *e, int64_t batch_id, const event_value *row, const run_list *list,
                  bool hashes)
{
    const bool same = row_num(row, C_BATCH_COUNT) == list->count &&
                      row_num(row, C_BATCH_TOTAL_FEN) == list->total_fen &&
                      (!hashes || (row_is(row, C_BATCH_LIST_SHA256, list->sha256) &&
                                   row_is(row, C_BATCH_LIST_SM3, list->sm3)));
    if (same) {
        return; /* a line that was wholly set off is in no list */
    }
    event_change(e, T_BATCH, batch_id);
    int_change(e, row, C_BATCH_COUNT, list->count);
    int_change(e, row, C_BATCH_TOTAL_FEN, list->total_fen);
    if (hashes) {
        text_change(e, row, C_BATCH_LIST_SHA256, str_of(list->sha256));
        text_change(e, row, C_BATCH_LIST_SM3, str_of(list->sm3));
    }
}

void run_report(const event_value *row, int64_t batch_id, const run_list *list, batch_report *out)
{
    TQ_ASSERT(batch_id != 0);
    out->batch_id = batch_id;
    (void)snprintf(out->number.text, sizeof out->number.text, "%.*s",
                   STR_ARG(row_str(row, C_BATCH_NUMBER)));
    out->count = list->count;
    out->total_fen = list->total_fen;
    out->set_off_fen = list->set_off_fen;
    (void)snprintf(out->list_sha256, sizeof out->list_sha256, "%s", list->sha256);
    (void)snprintf(out->list_sm3, sizeof out->list_sm3, "%s", list->sm3);
}

void left_add(arena *a, batch_report *out, int64_t claim_id, str number, const char *reason)
{
    const size_t n = out->n_left;
    TQ_ASSERT(out->left != NULL);
    TQ_ASSERT(reason != NULL);
    if (n > 0 && (n & (n - 1)) == 0) { /* full at each power of two */
        left_out *bigger = ARENA_NEW(a, left_out, n * 2);
        memcpy(bigger, out->left, sizeof *bigger * n);
        out->left = bigger;
    }
    out->left[out->n_left++] = (left_out){claim_id, number, reason};
}

tq_code line_leave(store_tx *tx, event *e, const run_line *line, const char *reason, tq_err *err)
{
    const bool released = str_eq(line->state, STR("released"));
    TQ_ASSERT(released || str_eq(line->state, STR("waiting")));
    if (released) {
        const ledger_cell like = {.account = ACC_TRANSIT,
                                  .voucher_id = line->voucher_id,
                                  .claim_id = line->claim_id,
                                  .line_id = line->id};
        event_entry(e);
        TQ_TRY(ledger_move(tx, e, &like, ACC_PAYABLE, NULL, line->amount_fen, err));
    }
    event_change(e, T_BATCH_LINE, line->id);
    event_text(e, C_BATCH_LINE_STATE, released ? STR("recalled") : STR("pulled"));
    event_text(e, C_BATCH_LINE_RESULT, str_of(reason));
    event_change(e, T_CLAIM, line->claim_id);
    event_text(e, C_CLAIM_STATE, STR("published"));
    return TQ_OK;
}

tq_code line_leave_event(store_tx *tx, const call *c, int64_t batch_id, const run_line *line,
                         str reason, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    run_list list;
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(run_list_read(tx, batch_id, line->id, &list, err));
    event e = work_event(c, EV_LINE_PULL);
    TQ_TRY(line_leave(tx, &e, line, arena_copy(c->a, reason).data, err));
    run_list_put(&e, batch_id, row, &list, !row_is(row, C_BATCH_STATE, "open"));
    return event_append(tx, &e, NULL, err);
}

tq_code claim_unbatch(store_tx *tx, const call *c, int64_t claim_id, const char *reason,
                      bool *pulled, bool *with_bank, tq_err *err)
{
    int64_t line_id = 0;
    event_value row[AUDITED_COLS_MAX];
    event_value lr[AUDITED_COLS_MAX];
    *pulled = false;
    *with_bank = false;
    TQ_TRY(store_int(tx, STMT_BATCH_LINE_OF_CLAIM, ARGS(arg_int(claim_id)), 0, &line_id, err));
    if (line_id == 0) {
        return TQ_OK;
    }
    TQ_TRY(row_load(tx, T_BATCH_LINE, line_id, c->a, lr, err));
    const int64_t batch_id = row_num(lr, C_BATCH_LINE_BATCH_ID);
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(row_load(tx, T_BATCH_LINE, line_id, c->a, lr, err)); /* again: the batch is locked now */
    const bool out = row_is(row, C_BATCH_STATE, "sent") ||
                     row_is(row, C_BATCH_STATE, "reconciled") ||
                     row_is(row, C_BATCH_STATE, "closed");
    if (out) {
        *with_bank = true;
        return TQ_OK;
    }
    event_value cr[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, c->a, cr, err));
    const run_line line = {.id = line_id,
                           .claim_id = claim_id,
                           .voucher_id = row_num(cr, C_CLAIM_VOUCHER_ID),
                           .amount_fen = row_num(lr, C_BATCH_LINE_AMOUNT_FEN),
                           .state = row_str(lr, C_BATCH_LINE_STATE)};
    TQ_TRY(line_leave_event(tx, c, batch_id, &line, str_of(reason), err));
    *pulled = true;
    return TQ_OK;
}

tq_code good_faith(app *a, store_tx *tx, int64_t claim_id, int64_t voucher_id, int64_t holder_id,
                   int64_t payee_id, day effect, arena *scratch, bool *kept, tq_err *err)
{
    *kept = false;
    if (payee_id == holder_id) {
        return TQ_OK; /* good faith is the institution's */
    }
    event_value voucher[AUDITED_COLS_MAX];
    const policy *p = NULL;
    policy_sanction rule;
    TQ_TRY(row_load(tx, T_VOUCHER, voucher_id, scratch, voucher, err));
    TQ_TRY(app_policy_by_id(a, tx, row_num(voucher, C_VOUCHER_POLICY_ID), &p, err));
    TQ_TRY(policy_sanction_get(p, &rule, err));
    if (!rule.good_faith_payable) {
        return TQ_OK;
    }
    int64_t late = 0;
    TQ_TRY(store_int(tx, STMT_GOOD_FAITH_LATE, ARGS(arg_int(claim_id), arg_int(effect.n)), 0, &late,
                     err));
    *kept = late == 0;
    return TQ_OK;
}

tq_code pay_check(app *a, store_tx *tx, int64_t claim_id, day today, arena *scratch, tq_err *err)
{
    event_value claim[AUDITED_COLS_MAX];
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_CLAIM, claim_id, scratch, claim, err));
    const int64_t programme = row_num(claim, C_CLAIM_PROGRAMME_ID);
    const int64_t payee = row_num(claim, C_CLAIM_PAYEE_ID);
    const int64_t holder = row_num(claim, C_CLAIM_HOLDER_ID);
    /* A decision on the organisation takes the same lock, so that none falls between asking and paying; those
     * of its successors are taken as they are asked about. */
    TQ_TRY(row_load(tx, T_ORGANISATION, holder, scratch, org, err));
    TQ_TRY(row_load(tx, T_ORGANISATION, payee, scratch, org, err));
    TQ_TRY(ban_check(tx, programme, payee, today, err));
    const tq_code held = ban_check(tx, programme, holder, today, err);
    if (held != TQ_REFUSED) {
        return held;
    }
    int64_t from = 0;
    bool kept = false;
    TQ_TRY(store_int(tx, STMT_BAN_FIRST_DAY,
                     ARGS(arg_int(holder), arg_int(programme), arg_int(today.n)), 0, &from, err));
    TQ_TRY(good_faith(a, tx, claim_id, row_num(claim, C_CLAIM_VOUCHER_ID), holder, payee,
                      (day){(int32_t)from}, scratch, &kept, err));
    return kept ? TQ_OK : ban_check(tx, programme, holder, today, err);
}

tq_code debts_due(app *a, store_tx *tx, const call *c, int64_t org_id, open_recovery *out,
                  size_t *n, tq_err *err)
{
    size_t all = 0;
    TQ_TRY(recovery_open(tx, c->who.programme_id, org_id, c->a, out, DEBTS_MAX, &all, err));
    *n = 0;
    if (all == 0) {
        return TQ_OK;
    }
    const policy *p = NULL;
    int64_t policy_id = 0;
    policy_sanction rule;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_sanction_get(p, &rule, err));
    for (size_t i = 0; i < all; i++) {
        if (!appeal_holds(&rule, out[i].case_state)) {
            out[(*n)++] = out[i];
        }
    }
    return TQ_OK;
}
