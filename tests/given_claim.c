/* SPDX-License-Identifier: Apache-2.0 */
#include "given_claim.h"

#include <stdio.h>

static int64_t serial; /* of everything made here */

static void append(fixture *f, role r, void (*fill)(fixture *, store_tx *, event *, given *),
                   event_kind kind, given *g)
{
    TX_AUTO store_tx *tx = NULL;
    const call c = fixture_as(f, r, FIXTURE_DAY);
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    event e = work_event(&c, kind);
    fill(f, tx, &e, g);
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
}

static int64_t kind, source, issue, hold;

static void fill_voucher(fixture *f, store_tx *tx, event *e, given *g)
{
    char number[32];
    const ledger_cell pool = {
        .account = ACC_POOL, .source_id = source, .year = 2013, .kind_id = kind};
    (void)snprintf(number, sizeof number, "V-%lld", (long long)serial);
    NEED(event_new_row(tx, e, T_VOUCHER, &g->voucher_id, err));
    event_int(e, C_VOUCHER_PROGRAMME_ID, f->programme_id);
    event_text(e, C_VOUCHER_NUMBER, str_of(number));
    event_int(e, C_VOUCHER_KIND_ID, kind);
    event_int(e, C_VOUCHER_HOLDER_ID, g->holder_id);
    event_int(e, C_VOUCHER_POLICY_ID, f->policy_id);
    event_text(e, C_VOUCHER_STATE, STR("active"));
    event_int(e, C_VOUCHER_ISSUED_FEN, issue);
    event_int(e, C_VOUCHER_ISSUED_DAY, FIXTURE_DAY.n);
    event_int(e, C_VOUCHER_USE_BY_DAY, FIXTURE_DAY.n + 365);
    event_int(e, C_VOUCHER_CLAIM_BY_DAY, FIXTURE_DAY.n + 400);
    const ledger_cell with = {.voucher_id = g->voucher_id};
    const ledger_cell to = ledger_to(&pool, ACC_VOUCHER, &with);
    event_move(e, &pool, &to, issue);
}

static void fill_order(fixture *f, store_tx *tx, event *e, given *g)
{
    char number[32];
    (void)snprintf(number, sizeof number, "O-%lld", (long long)serial);
    NEED(event_new_row(tx, e, T_SERVICE_ORDER, &g->order_id, err));
    event_int(e, C_SERVICE_ORDER_PROGRAMME_ID, f->programme_id);
    event_text(e, C_SERVICE_ORDER_NUMBER, str_of(number));
    event_int(e, C_SERVICE_ORDER_VOUCHER_ID, g->voucher_id);
    event_int(e, C_SERVICE_ORDER_HOLDER_ID, g->holder_id);
    event_int(e, C_SERVICE_ORDER_INSTITUTION_ID, f->institution);
    event_text(e, C_SERVICE_ORDER_REGION, STR("330522"));
    event_text(e, C_SERVICE_ORDER_OUTCOME_KIND, STR("testing"));
    event_int(e, C_SERVICE_ORDER_CONTRACT_FEN, hold * 2);
    event_int(e, C_SERVICE_ORDER_VOUCHER_FEN, hold);
    event_text(e, C_SERVICE_ORDER_STATE, STR("confirmed"));
    event_int(e, C_SERVICE_ORDER_AGREED_DAY, FIXTURE_DAY.n);
    event_int(e, C_SERVICE_ORDER_DELIVERED_DAY, FIXTURE_DAY.n);
    const ledger_cell like = {.account = ACC_VOUCHER, .voucher_id = g->voucher_id};
    const ledger_cell with = {.order_id = g->order_id};
    NEED(ledger_move(tx, e, &like, ACC_HOLD, &with, hold, err));
}

static void fill_claim(fixture *f, store_tx *tx, event *e, given *g)
{
    char number[32];
    int64_t line = 0;
    (void)snprintf(number, sizeof number, "C-%lld", (long long)serial);
    NEED(event_new_row(tx, e, T_CLAIM, &g->claim_id, err));
    event_int(e, C_CLAIM_PROGRAMME_ID, f->programme_id);
    event_text(e, C_CLAIM_NUMBER, str_of(number));
    event_int(e, C_CLAIM_VOUCHER_ID, g->voucher_id);
    event_int(e, C_CLAIM_HOLDER_ID, g->holder_id);
    event_int(e, C_CLAIM_CLAIMANT_ID, g->payee_id);
    event_int(e, C_CLAIM_PAYEE_ID, g->payee_id);
    event_int(e, C_CLAIM_BASE_FEN, g->amount * 2);
    event_int(e, C_CLAIM_ASKED_FEN, g->amount);
    event_text(e, C_CLAIM_STATE, STR("submitted"));
    event_int(e, C_CLAIM_FILED_DAY, FIXTURE_DAY.n);
    event_int(e, C_CLAIM_CUTOFF_DAY, fixture_day(2013, 9, 30).n);
    NEED(event_new_row(tx, e, T_CLAIM_LINE, &line, err));
    event_int(e, C_CLAIM_LINE_CLAIM_ID, g->claim_id);
    event_int(e, C_CLAIM_LINE_N, 1);
    event_int(e, C_CLAIM_LINE_ORDER_ID, g->order_id);
    event_int(e, C_CLAIM_LINE_AMOUNT_FEN, g->amount);
}

static void fill_checked(fixture *f, store_tx *tx, event *e, given *g)
{
    (void)f;
    (void)tx;
    event_change(e, T_CLAIM, g->claim_id);
    event_text(e, C_CLAIM_STATE, STR("checked"));
}

static void fill_approved(fixture *f, store_tx *tx, event *e, given *g)
{
    const call c = fixture_as(f, ROLE_REVIEWER2, FIXTURE_DAY);
    const ledger_cell like = {.account = ACC_HOLD, .voucher_id = g->voucher_id};
    const ledger_cell with = {.claim_id = g->claim_id};
    NEED(act_once(tx, &c, e, T_CLAIM, g->claim_id, "review2", err));
    NEED(ledger_move(tx, e, &like, ACC_PAYABLE, &with, g->amount, err));
    event_change(e, T_CLAIM, g->claim_id);
    event_text(e, C_CLAIM_STATE, STR("approved"));
    event_int(e, C_CLAIM_APPROVED_FEN, g->amount);
}

static void fill_registered(fixture *f, store_tx *tx, event *e, given *g)
{
    char number[32];
    (void)f;
    (void)tx;
    (void)snprintf(number, sizeof number, "R-%lld", (long long)serial);
    event_change(e, T_CLAIM, g->claim_id);
    event_text(e, C_CLAIM_STATE, STR("registered"));
    event_text(e, C_CLAIM_REGISTER_NO, str_of(number));
}

static void fill_published(fixture *f, store_tx *tx, event *e, given *g)
{
    (void)f;
    (void)tx;
    event_change(e, T_CLAIM, g->claim_id);
    event_text(e, C_CLAIM_STATE, STR("published"));
    event_int(e, C_CLAIM_PUBLISH_TO_DAY, FIXTURE_DAY.n + 10);
}

given given_claim_in(fixture *f, int64_t source_id, int64_t holder_id, int64_t payee_id,
                     int64_t issued, int64_t held, int64_t amount, const char *state)
{
    given g = {
        .holder_id = holder_id, .payee_id = payee_id == 0 ? holder_id : payee_id, .amount = amount};
    serial++;
    kind = fixture_kind(f, "apply");
    source = source_id;
    issue = issued;
    hold = held;
    append(f, ROLE_OFFICE, fill_voucher, EV_VOUCHER_ISSUE, &g);
    append(f, ROLE_FINANCE_CHECKER, fill_order, EV_ORDER_ACCEPT, &g);
    append(f, ROLE_INTAKE, fill_claim, EV_CLAIM_SUBMIT, &g);
    append(f, ROLE_REVIEWER1, fill_checked, EV_CLAIM_CHECK, &g);
    append(f, ROLE_REVIEWER2, fill_approved, EV_CLAIM_APPROVE, &g);
    if (strcmp(state, "approved") == 0) {
        return g;
    }
    append(f, ROLE_OFFICE, fill_registered, EV_CLAIM_REGISTER, &g);
    if (strcmp(state, "registered") == 0) {
        return g;
    }
    append(f, ROLE_OFFICE, fill_published, EV_PUBLICATION_OPEN, &g);
    return g;
}

given given_claim(fixture *f, int64_t source_id, int64_t holder_id, int64_t payee_id,
                  int64_t issued, int64_t held, int64_t amount)
{
    return given_claim_in(f, source_id, holder_id, payee_id, issued, held, amount, "published");
}

static event_value cell(fixture *f, int table, int64_t id, int col)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, table, id, f->a, row, err));
    return row[col - audited_table_of(table)->first_col];
}

str given_text(fixture *f, int table, int64_t id, int col)
{
    return cell(f, table, id, col).text;
}

int64_t given_num(fixture *f, int table, int64_t id, int col)
{
    return cell(f, table, id, col).num;
}

int64_t given_money(fixture *f, ledger_account account, int64_t voucher_id, int64_t claim_id)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t sum = 0;
    const ledger_cell like = {.account = account, .voucher_id = voucher_id, .claim_id = claim_id};
    NEED(work_read(f->app, &tx, err));
    NEED(ledger_sum(tx, f->programme_id, &like, &sum, err));
    return sum;
}
