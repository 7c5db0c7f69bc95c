/* SPDX-License-Identifier: Apache-2.0 */
#include "app/opening.h"

#include <stdio.h>

#include "app/opening_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define OPENING_SLICE 200 /* papers that one event carries */

/* What comes of each paper stands by itself: left = issued - paid, and the pool is large enough. */
static tq_code papers_agree(const opening_work *w, tq_err *err)
{
    for (int64_t i = 0; i < w->totals.vouchers; i++) {
        const opening_voucher *v = &w->vouchers[i];
        if (v->issued - v->used != v->left) {
            return tq_fail(err, TQ_INVALID, "left", "vouchers.left",
                           "voucher %.*s: issued less paid is not what is left",
                           STR_ARG(v->number));
        }
        int64_t need = 0;
        int64_t have = 0;
        for (int64_t k = 0; k < w->totals.vouchers; k++) {
            const opening_voucher *o = &w->vouchers[k];
            need += o->source_id == v->source_id && o->year == v->year ? o->issued : 0;
        }
        const ledger_cell like = {
            .account = ACC_POOL, .source_id = v->source_id, .year = v->year, .kind_id = v->kind_id};
        TQ_TRY(ledger_sum(w->tx, w->c->who.programme_id, &like, &have, err));
        for (size_t k = 0; k < w->n_balances; k++) {
            const opening_balance *b = &w->balances[k];
            have += b->source_id == v->source_id && b->year == v->year ? b->amount : 0;
        }
        if (need > have) {
            return tq_fail(err, TQ_INVALID, "pool", "vouchers.source",
                           "voucher %.*s: its source has less than its vouchers take",
                           STR_ARG(v->number));
        }
    }
    return TQ_OK;
}

static tq_code total_need(int64_t given, int64_t found, const char *name, tq_err *err)
{
    if (given != found) {
        return tq_fail(err, TQ_INVALID, "control_total", name,
                       "the papers say %lld, the files %lld", (long long)given, (long long)found);
    }
    return TQ_OK;
}

static tq_code totals_need(const opening_totals *given, const opening_totals *found, tq_err *err)
{
    TQ_TRY(total_need(given->vouchers, found->vouchers, "vouchers", err));
    TQ_TRY(total_need(given->claims, found->claims, "claims", err));
    TQ_TRY(total_need(given->invoices, found->invoices, "invoices", err));
    TQ_TRY(total_need(given->bans, found->bans, "bans", err));
    TQ_TRY(total_need(given->accounts, found->accounts, "accounts", err));
    TQ_TRY(total_need(given->appropriated_fen, found->appropriated_fen, "appropriated", err));
    TQ_TRY(total_need(given->issued_fen, found->issued_fen, "issued", err));
    TQ_TRY(total_need(given->paid_fen, found->paid_fen, "paid", err));
    return total_need(given->left_fen, found->left_fen, "left", err);
}

static tq_code opening_look(opening_work *w, const opening_files *files,
                            const opening_totals *control, opening_report *out, tq_err *err)
{
    event_value programme[AUDITED_COLS_MAX];
    TQ_TRY(row_load(w->tx, T_PROGRAMME, w->c->who.programme_id, w->c->a, programme, err));
    TQ_TRY(currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &w->unit, err));
    TQ_TRY(opening_read(w, files, err));
    TQ_TRY(papers_agree(w, err));
    TQ_TRY(totals_need(control, &w->totals, err));
    *out = (opening_report){.totals = w->totals};
    (void)snprintf(out->sha256, sizeof out->sha256, "%s", w->sha256);
    return TQ_OK;
}

tq_code opening_check(app *a, const call *c, const opening_files *files,
                      const opening_totals *control, opening_report *out, tq_err *err)
{
    opening_work w = {.c = c};
    TQ_TRY(programme_need(c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    w.tx = tx;
    return opening_look(&w, files, control, out, err);
}

tq_code opening_propose(app *a, const call *c, const opening_files *files,
                        const opening_totals *control, opening_report *out, tq_err *err)
{
    opening_work w = {.c = c};
    opening_report report;
    int64_t known = 0;
    TQ_TRY(programme_need(c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_FINANCE_MAKER), &tx, err));
    w.tx = tx;
    TQ_TRY(opening_look(&w, files, control, &report, err));
    TQ_TRY(store_int(tx, STMT_OPENING_FIND,
                     ARGS(arg_int(c->who.programme_id), arg_str(str_of(w.sha256))), 0, &known,
                     err));
    if (known != 0) {
        return tq_fail(err, TQ_CONFLICT, "opening_known", "opening",
                       "these files were filed before");
    }
    event e = work_event(c, EV_OPENING_PROPOSE);
    TQ_TRY(event_new_row(tx, &e, T_OPENING, &report.opening_id, err));
    event_int(&e, C_OPENING_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_OPENING_SHA256, str_of(w.sha256));
    event_int(&e, C_OPENING_DAY, c->today.n);
    event_int(&e, C_OPENING_VOUCHERS, w.totals.vouchers);
    event_int(&e, C_OPENING_CLAIMS, w.totals.claims);
    event_int(&e, C_OPENING_INVOICES, w.totals.invoices);
    event_int(&e, C_OPENING_BANS, w.totals.bans);
    event_int(&e, C_OPENING_TOTAL_FEN, w.totals.issued_fen);
    event_int(&e, C_OPENING_MAKER_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_OPENING, report.opening_id, "propose", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = report;
    return TQ_OK;
}

/* One event after OPENING_SLICE papers. */
static tq_code slice(opening_work *w, event *e, int64_t i, tq_err *err)
{
    if (i > 0 && i % OPENING_SLICE == 0) {
        TQ_TRY(event_append(w->tx, e, NULL, err));
        *e = work_event(w->c, EV_OPENING_IMPORT);
    }
    return TQ_OK;
}

static tq_code vouchers_write(opening_work *w, event *e, int64_t policy_id, tq_err *err)
{
    for (int64_t i = 0; i < w->totals.vouchers; i++) {
        opening_voucher *v = &w->vouchers[i];
        TQ_TRY(slice(w, e, i, err));
        TQ_TRY(event_new_row(w->tx, e, T_VOUCHER, &v->id, err));
        event_int(e, C_VOUCHER_PROGRAMME_ID, w->c->who.programme_id);
        event_text(e, C_VOUCHER_NUMBER, v->number);
        event_int(e, C_VOUCHER_KIND_ID, v->kind_id);
        event_int(e, C_VOUCHER_HOLDER_ID, v->holder_id);
        event_int(e, C_VOUCHER_POLICY_ID, policy_id);
        event_text(e, C_VOUCHER_STATE, STR("active"));
        event_text(e, C_VOUCHER_CAUSE, STR("opening"));
        event_int(e, C_VOUCHER_ISSUED_FEN, v->issued);
        event_int(e, C_VOUCHER_ISSUED_DAY, v->issued_day);
        event_int(e, C_VOUCHER_USE_BY_DAY, v->use_by);
        event_int(e, C_VOUCHER_CLAIM_BY_DAY, v->claim_by);
        event_text(e, C_VOUCHER_PURPOSE, v->purpose);
        const ledger_cell pool = {
            .account = ACC_POOL, .source_id = v->source_id, .year = v->year, .kind_id = v->kind_id};
        const ledger_cell with = {.voucher_id = v->id};
        const ledger_cell to = ledger_to(&pool, ACC_VOUCHER, &with);
        event_move(e, &pool, &to, v->issued);
    }
    return TQ_OK;
}

static tq_code order_write(opening_work *w, event *e, opening_claim *k, tq_err *err)
{
    const opening_voucher *v = &w->vouchers[k->voucher];
    TQ_TRY(event_new_row(w->tx, e, T_SERVICE_ORDER, &k->order_id, err));
    event_int(e, C_SERVICE_ORDER_PROGRAMME_ID, w->c->who.programme_id);
    event_text(e, C_SERVICE_ORDER_NUMBER,
               arena_printf(w->c->a, OPENING_ORDER "%.*s", STR_ARG(k->number)));
    event_int(e, C_SERVICE_ORDER_VOUCHER_ID, v->id);
    event_int(e, C_SERVICE_ORDER_HOLDER_ID, v->holder_id);
    event_int(e, C_SERVICE_ORDER_INSTITUTION_ID, k->institution_id);
    event_text(e, C_SERVICE_ORDER_OUTCOME_KIND, k->outcome);
    event_text(e, C_SERVICE_ORDER_TITLE, k->title);
    event_int(e, C_SERVICE_ORDER_CONTRACT_FEN, k->contract);
    event_int(e, C_SERVICE_ORDER_VOUCHER_FEN, k->amount);
    event_text(e, C_SERVICE_ORDER_STATE, STR("confirmed"));
    event_int(e, C_SERVICE_ORDER_MADE_DAY, k->filed_day);
    event_int(e, C_SERVICE_ORDER_AGREED_DAY, k->filed_day);
    event_int(e, C_SERVICE_ORDER_DELIVERED_DAY, k->filed_day);
    event_int(e, C_SERVICE_ORDER_CONFIRMED_DAY, k->filed_day);
    event_int(e, C_SERVICE_ORDER_CLOSED, 1);
    return TQ_OK;
}

/* The way that every paid yuan goes: voucher, hold, payable, transit, paid. */
static void money_write(event *e, const opening_voucher *v, const opening_claim *k, int64_t line_id)
{
    static const ledger_account way[] = {ACC_HOLD, ACC_PAYABLE, ACC_TRANSIT, ACC_PAID};
    const ledger_cell with = {.order_id = k->order_id, .claim_id = k->id, .line_id = line_id};
    ledger_cell from = {.account = ACC_VOUCHER,
                        .source_id = v->source_id,
                        .year = v->year,
                        .kind_id = v->kind_id,
                        .voucher_id = v->id};
    event_entry(e);
    for (size_t i = 0; i < TQ_COUNT(way); i++) {
        const ledger_cell to = ledger_to(&from, way[i], &with);
        event_move(e, &from, &to, k->amount);
        from = to;
    }
}

static tq_code claim_write(opening_work *w, event *e, int64_t batch_id, int64_t n, opening_claim *k,
                           tq_err *err)
{
    const opening_voucher *v = &w->vouchers[k->voucher];
    int64_t line_id = 0;
    TQ_TRY(order_write(w, e, k, err));
    TQ_TRY(event_new_row(w->tx, e, T_CLAIM, &k->id, err));
    event_int(e, C_CLAIM_PROGRAMME_ID, w->c->who.programme_id);
    event_text(e, C_CLAIM_NUMBER, k->number);
    event_text(e, C_CLAIM_REGISTER_NO, k->number);
    event_int(e, C_CLAIM_VOUCHER_ID, v->id);
    event_int(e, C_CLAIM_HOLDER_ID, v->holder_id);
    event_int(e, C_CLAIM_CLAIMANT_ID, k->payee_id);
    event_int(e, C_CLAIM_PAYEE_ID, k->payee_id);
    event_text(e, C_CLAIM_FORM, k->payee_id == v->holder_id ? STR("reimburse") : STR("redeem"));
    event_int(e, C_CLAIM_FINAL, 1);
    event_int(e, C_CLAIM_BASE_FEN, k->base);
    event_int(e, C_CLAIM_ASKED_FEN, k->amount);
    event_int(e, C_CLAIM_APPROVED_FEN, k->amount);
    event_int(e, C_CLAIM_PAID_FEN, k->amount);
    event_text(e, C_CLAIM_STATE, STR("paid"));
    event_int(e, C_CLAIM_FILED_DAY, k->filed_day);
    event_int(e, C_CLAIM_CUTOFF_DAY, k->filed_day);
    TQ_TRY(event_new_row(w->tx, e, T_BATCH_LINE, &line_id, err));
    event_int(e, C_BATCH_LINE_BATCH_ID, batch_id);
    event_int(e, C_BATCH_LINE_N, n);
    event_int(e, C_BATCH_LINE_CLAIM_ID, k->id);
    event_int(e, C_BATCH_LINE_AMOUNT_FEN, k->amount);
    event_text(e, C_BATCH_LINE_STATE, STR("paid"));
    event_text(e, C_BATCH_LINE_RESULT, STR("opening"));
    event_int(e, C_BATCH_LINE_RESULT_DAY, k->paid_day);
    money_write(e, v, k, line_id);
    return TQ_OK;
}

/* What was paid before the start stands in one closed batch, so that each payment has a line (I9). */
static tq_code claims_write(opening_work *w, event *e, tq_err *err)
{
    int64_t batch_id = 0;
    public_number number;
    if (w->totals.claims == 0) {
        return TQ_OK;
    }
    TQ_TRY(number_next(w->tx, w->c, e, NUMBER_BATCH, &number, err));
    TQ_TRY(event_new_row(w->tx, e, T_BATCH, &batch_id, err));
    event_int(e, C_BATCH_PROGRAMME_ID, w->c->who.programme_id);
    event_text(e, C_BATCH_NUMBER, str_of(number.text));
    event_text(e, C_BATCH_PERIOD, STR("opening"));
    event_text(e, C_BATCH_STATE, STR("closed"));
    event_int(e, C_BATCH_COUNT, w->totals.claims);
    event_int(e, C_BATCH_TOTAL_FEN, w->totals.paid_fen);
    for (int64_t i = 0; i < w->totals.claims; i++) {
        TQ_TRY(slice(w, e, i, err));
        TQ_TRY(claim_write(w, e, batch_id, i + 1, &w->claims[i], err));
    }
    return TQ_OK;
}

static tq_code invoices_write(opening_work *w, event *e, tq_err *err)
{
    for (int64_t i = 0; i < w->totals.invoices; i++) {
        const opening_invoice *v = &w->invoices[i];
        int64_t id = 0;
        int64_t line = 0;
        TQ_TRY(slice(w, e, i, err));
        TQ_TRY(event_new_row(w->tx, e, T_INVOICE, &id, err));
        event_text(e, C_INVOICE_KEY, v->key);
        event_int(e, C_INVOICE_SELLER_ID, v->seller_id);
        event_int(e, C_INVOICE_BUYER_ID, v->buyer_id);
        event_int(e, C_INVOICE_ISSUED_DAY, v->issued_day);
        event_int(e, C_INVOICE_GROSS_FEN, v->gross);
        event_int(e, C_INVOICE_NET_FEN, v->net);
        event_text(e, C_INVOICE_STATE, STR("normal"));
        if (v->claim != 0) {
            opening_claim *k = &w->claims[v->claim - 1];
            TQ_TRY(event_new_row(w->tx, e, T_CLAIM_LINE, &line, err));
            event_int(e, C_CLAIM_LINE_CLAIM_ID, k->id);
            event_int(e, C_CLAIM_LINE_N, ++k->lines);
            event_int(e, C_CLAIM_LINE_ORDER_ID, k->order_id);
            event_int(e, C_CLAIM_LINE_INVOICE_ID, id);
            event_int(e, C_CLAIM_LINE_AMOUNT_FEN, v->amount);
        }
    }
    return TQ_OK;
}

static tq_code bans_write(opening_work *w, event *e, tq_err *err)
{
    for (int64_t i = 0; i < w->totals.bans; i++) {
        const opening_ban *b = &w->bans[i];
        int64_t id = 0;
        TQ_TRY(slice(w, e, i, err));
        TQ_TRY(event_new_row(w->tx, e, T_BAN, &id, err));
        event_int(e, C_BAN_ORG_ID, b->org_id);
        event_int(e, C_BAN_PROGRAMME_ID, w->c->who.programme_id);
        event_text(e, C_BAN_SCOPE, b->scope);
        event_int(e, C_BAN_FROM_DAY, b->from);
        event_int(e, C_BAN_TO_DAY, b->to);
        event_text(e, C_BAN_STATE, STR("active"));
    }
    return TQ_OK;
}

/* An event for each account: the version counts on from the organisation's last. */
static tq_code accounts_write(opening_work *w, int64_t maker_id, tq_err *err)
{
    for (int64_t i = 0; i < w->totals.accounts; i++) {
        const opening_account *k = &w->accounts[i];
        int64_t id = 0;
        int64_t version = 0;
        event e = work_event(w->c, EV_OPENING_IMPORT);
        TQ_TRY(store_int(w->tx, STMT_OPENING_ACCOUNT_VERSION, ARGS(arg_int(k->org_id)), 0, &version,
                         err));
        TQ_TRY(event_new_row(w->tx, &e, T_BANK_ACCOUNT, &id, err));
        event_int(&e, C_BANK_ACCOUNT_ORG_ID, k->org_id);
        event_int(&e, C_BANK_ACCOUNT_VERSION, version + 1);
        event_text(&e, C_BANK_ACCOUNT_STATE, STR("active"));
        event_int(&e, C_BANK_ACCOUNT_MAKER_ID, maker_id);
        event_int(&e, C_BANK_ACCOUNT_CHECKER_ID, w->c->who.person_id);
        event_int(&e, C_BANK_ACCOUNT_USABLE_DAY, k->usable_day);
        event_text(&e, C_BANK_ACCOUNT_TAIL, (str){k->number.data + k->number.len - 4, 4});
        event_create(&e, T_BANK_ACCOUNT_PRIVATE, id);
        event_text(&e, C_BANK_ACCOUNT_PRIVATE_HOLDER, k->holder);
        event_text(&e, C_BANK_ACCOUNT_PRIVATE_NUMBER, k->number);
        event_text(&e, C_BANK_ACCOUNT_PRIVATE_BANK, k->bank);
        event_text(&e, C_BANK_ACCOUNT_PRIVATE_BANK_CODE, k->bank_code);
        TQ_TRY(event_append(w->tx, &e, NULL, err));
    }
    return TQ_OK;
}

static void balances_write(const opening_work *w, event *e)
{
    for (size_t i = 0; i < w->n_balances; i++) {
        const opening_balance *b = &w->balances[i];
        const ledger_cell fund = {
            .account = ACC_FUND, .source_id = b->source_id, .year = b->year, .kind_id = b->kind_id};
        const ledger_cell pool = ledger_to(&fund, ACC_POOL, NULL);
        event_move(e, &fund, &pool, b->amount);
    }
}

/* The second person's event comes first: everything after it is on both their names. */
static tq_code opening_write(app *a, opening_work *w, int64_t opening_id, int64_t maker_id,
                             tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    TQ_TRY(app_policy(a, w->tx, w->c->who.programme_id, &policy_id, &p, err));
    event e = work_event(w->c, EV_OPENING_IMPORT);
    event_change(&e, T_OPENING, opening_id);
    event_int(&e, C_OPENING_CHECKER_ID, w->c->who.person_id);
    TQ_TRY(act_once(w->tx, w->c, &e, T_OPENING, opening_id, "book", err));
    balances_write(w, &e);
    TQ_TRY(vouchers_write(w, &e, policy_id, err));
    TQ_TRY(event_append(w->tx, &e, NULL, err));
    e = work_event(w->c, EV_OPENING_IMPORT);
    TQ_TRY(claims_write(w, &e, err));
    TQ_TRY(e.n_rows == 0 ? TQ_OK : event_append(w->tx, &e, NULL, err));
    e = work_event(w->c, EV_OPENING_IMPORT);
    TQ_TRY(invoices_write(w, &e, err));
    TQ_TRY(e.n_rows == 0 ? TQ_OK : event_append(w->tx, &e, NULL, err));
    e = work_event(w->c, EV_OPENING_IMPORT);
    TQ_TRY(bans_write(w, &e, err));
    TQ_TRY(e.n_rows == 0 ? TQ_OK : event_append(w->tx, &e, NULL, err));
    return accounts_write(w, maker_id, err);
}

tq_code opening_import(app *a, const call *c, int64_t opening_id, const opening_files *files,
                       const opening_totals *control, opening_report *out, tq_err *err)
{
    opening_work w = {.c = c};
    opening_report report;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(programme_need(c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(period_open(tx, c, err));
    w.tx = tx;
    TQ_TRY(row_load(tx, T_OPENING, opening_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_OPENING_PROGRAMME_ID), "opening", err));
    if (row_num(row, C_OPENING_CHECKER_ID) != 0) {
        return tq_fail(err, TQ_CONFLICT, "opening_done", "opening", "it was imported before");
    }
    TQ_TRY(opening_look(&w, files, control, &report, err));
    if (!row_is(row, C_OPENING_SHA256, w.sha256)) {
        return tq_fail(err, TQ_CONFLICT, "opening_changed", "opening",
                       "the files are not those that the first person filed");
    }
    TQ_TRY(opening_write(a, &w, opening_id, row_num(row, C_OPENING_MAKER_ID), err));
    TQ_TRY(store_commit(&tx, err));
    report.opening_id = opening_id;
    *out = report;
    return TQ_OK;
}
