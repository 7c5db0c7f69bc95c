/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "domain/states.h"
#include "store/blob.h"
#include "store/event_store.h"
#include "store/reading_mark.h"
#include "store/reading_row.h"

#include <stdio.h>
#include <stdlib.h>

#define AT_FIRST INT64_C(1377964800000000) /* 2013-09-01 */
#define YEAR 2013

static void must(tq_code code, const tq_err *err, const char *what)
{
    if (code != TQ_OK) {
        (void)fprintf(stderr, "world: %s: %s %s %s: %s\n", what, tq_code_name(code), err->reason,
                      err->field, err->detail);
        abort();
    }
}

static event begin(world *w, arena *a, event_kind kind, role r)
{
    event e = event_begin(a, kind);
    e.programme_id = w->programme_id;
    e.at.us = w->at += 1000000;
    e.today.n = (int32_t)(w->at / INT64_C(86400000000));
    e.user_id = 11;
    e.person_id = 21;
    e.role = r;
    return e;
}

static void append(store_tx *tx, event *e)
{
    tq_err err = {0};
    must(event_append(tx, e, NULL, &err), &err, event_kind_name(e->kind));
}

static store_tx *open_tx(world *w)
{
    tq_err err = {0};
    store_tx *tx = NULL;
    must(store_begin(w->s, STORE_WRITE, &tx, &err), &err, "begin");
    return tx;
}

static void end_tx(store_tx *tx)
{
    tq_err err = {0};
    must(store_commit(&tx, &err), &err, "commit");
}

static int64_t new_row(store_tx *tx, event *e, int table)
{
    tq_err err = {0};
    int64_t id = 0;
    must(event_new_row(tx, e, table, &id, &err), &err, "new row");
    return id;
}

static bool ends(const char *name, const char *tail)
{
    const size_t n = strlen(name);
    const size_t t = strlen(tail);
    return n >= t && strcmp(name + n - t, tail) == 0;
}

/* Columns whose value is the hash of a stored file. */
static bool names_file(int col)
{
    return col == C_EVIDENCE_SHA256 || col == C_POLICY_SHA256 || col == C_DECISION_PAPER_BLOB ||
           col == C_INVOICE_BLOB || col == C_PAYMENT_PROOF_BLOB;
}

/* Values that no guard of the schema refuses: dates in order, makers apart from checkers. */
static void set_col(world *w, event *e, int col, int64_t n, const char *blob)
{
    const audited_col_info *c = audited_col_of(col);
    if (!c->is_text) {
        const int64_t base = ends(c->name, "checker_id")  ? 2000000
                             : ends(c->name, "maker_id")  ? 1000000
                             : ends(c->name, "second_id") ? 3000000
                             : ends(c->name, "to_day")    ? 30000
                             : ends(c->name, "from_day")  ? 10000
                                                          : 10;
        event_int(e, col, base + n);
        return;
    }
    if (names_file(col)) {
        event_text(e, col, str_of(blob));
        return;
    }
    event_text(e, col,
               arena_printf(e->a, "%s %lld-%lld 证据", c->name, (long long)n, (long long)w->at));
}

static const state_arrow *creating(const char *states)
{
    size_t n = 0;
    const state_arrow *arrows = state_arrows(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(arrows[i].table, states) == 0 &&
            (arrows[i].from[0] == '\0' || strcmp(arrows[i].from, "_") == 0)) {
            return &arrows[i];
        }
    }
    abort();
}

static role some_role(role_set set)
{
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (role_in((role)r, set)) {
            return (role)r;
        }
    }
    abort();
}

static int64_t create_row(world *w, int table, int64_t n, const char *blob)
{
    const audited_table_info *t = audited_table_of(table);
    ARENA_AUTO arena *a = arena_new("world", 16 * 1024 * 1024);
    store_tx *tx = open_tx(w);
    event e = begin(w, a, EV_ORG_FACT, ROLE_OFFICE);
    const int64_t id = new_row(tx, &e, table);
    for (int c = t->first_col; c < t->first_col + t->cols; c++) {
        const char *states = audited_col_of(c)->states;
        if (states != NULL) {
            const state_arrow *arrow = creating(states);
            event_text(&e, c, str_of(arrow->to));
            e.role = some_role(arrow->roles);
        } else {
            set_col(w, &e, c, n, blob);
        }
    }
    append(tx, &e);
    end_tx(tx);
    return id;
}

static void change_row(world *w, int table, int64_t id, int64_t n)
{
    const audited_table_info *t = audited_table_of(table);
    ARENA_AUTO arena *a = arena_new("world", 16 * 1024 * 1024);
    for (int c = t->first_col + t->cols - 1; c >= t->first_col; c--) {
        const audited_col_info *info = audited_col_of(c);
        if (info->states == NULL && !names_file(c) && !ends(info->name, "checker_id")) {
            store_tx *tx = open_tx(w);
            event e = begin(w, a, EV_ORG_FACT, ROLE_OFFICE);
            event_change(&e, table, id);
            set_col(w, &e, c, n + 500000, "");
            append(tx, &e);
            end_tx(tx);
            return;
        }
    }
}

void world_tables(world *w, int rows)
{
    for (int i = 0; i < rows; i++) {
        char hex[65];
        digest sha256;
        tq_err err = {0};
        char content[64];
        const int len = snprintf(content, sizeof content, "evidence %lld", (long long)w->at);
        must(blob_put(w->s, (str){content, (size_t)len}, &sha256, &err), &err, "blob");
        digest_hex(sha256, hex);
        for (int t = 0; t < T_COUNT; t++) {
            if (t == T_READING_MARK) { /* speaks of two other tables: reading_mark_write makes it */
                continue;
            }
            const int64_t n = (w->at - AT_FIRST) / 1000000 % 100000;
            change_row(w, t, create_row(w, t, n, hex), n);
        }
    }
}

static ledger_cell cell(const world *w, ledger_account account, int64_t voucher, int64_t order,
                        int64_t claim, int64_t line)
{
    const ledger_cell all = {account, w->source_id, YEAR, w->kind_id, voucher, order, claim, line};
    return ledger_to(&all, account, &all);
}

void world_begin(world *w, store *s)
{
    *w = (world){.s = s, .at = AT_FIRST};
    ARENA_AUTO arena *a = arena_new("world", 16 * 1024 * 1024);
    tq_err err = {0};
    store_tx *tx = open_tx(w);
    must(store_run(tx, STMT_SECRET_PUT,
                   ARGS(arg_str(STR("private_salt")), arg_blob("0123456789abcdef", 16)), NULL,
                   &err),
         &err, "secret");
    event e = begin(w, a, EV_PROGRAMME_OPEN, ROLE_SYSADMIN);
    w->programme_id = new_row(tx, &e, T_PROGRAMME);
    e.programme_id = w->programme_id;
    event_text(&e, C_PROGRAMME_CODE, STR("cx"));
    event_text(&e, C_PROGRAMME_NAME_ZH, STR("长兴创新券"));
    event_text(&e, C_PROGRAMME_CURRENCY, STR("CNY"));
    event_text(&e, C_PROGRAMME_ZONE, STR("Asia/Shanghai"));
    w->kind_id = new_row(tx, &e, T_VOUCHER_KIND);
    event_text(&e, C_VOUCHER_KIND_CODE, STR("V"));
    w->source_id = new_row(tx, &e, T_FUND_SOURCE);
    event_text(&e, C_FUND_SOURCE_CODE, STR("S1"));
    event_text(&e, C_FUND_SOURCE_NAME, STR("县级财政"));
    append(tx, &e);
    event booked = begin(w, a, EV_FUND_BOOK, ROLE_FINANCE_CHECKER);
    const ledger_cell fund = cell(w, ACC_FUND, 0, 0, 0, 0);
    const ledger_cell pool = cell(w, ACC_POOL, 0, 0, 0, 0);
    event_move(&booked, &fund, &pool, INT64_C(500000000000000));
    append(tx, &booked);
    end_tx(tx);
}

static int64_t issue(world *w, store_tx *tx, arena *a, int64_t fen)
{
    event e = begin(w, a, EV_VOUCHER_ISSUE, ROLE_OFFICE);
    const int64_t v = new_row(tx, &e, T_VOUCHER);
    event_int(&e, C_VOUCHER_PROGRAMME_ID, w->programme_id);
    event_text(&e, C_VOUCHER_NUMBER, arena_printf(a, "V330522-2013-%06lld-7", (long long)v));
    event_int(&e, C_VOUCHER_KIND_ID, w->kind_id);
    event_int(&e, C_VOUCHER_HOLDER_ID, 1 + v % 500);
    event_int(&e, C_VOUCHER_POLICY_ID, 1);
    event_text(&e, C_VOUCHER_STATE, STR("active"));
    event_int(&e, C_VOUCHER_ISSUED_FEN, fen);
    event_int(&e, C_VOUCHER_ISSUED_DAY, e.today.n);
    event_int(&e, C_VOUCHER_USE_BY_DAY, e.today.n + 365);
    event_text(&e, C_VOUCHER_PURPOSE, STR("检测服务"));
    const ledger_cell from = cell(w, ACC_POOL, 0, 0, 0, 0);
    const ledger_cell to = cell(w, ACC_VOUCHER, v, 0, 0, 0);
    event_move(&e, &from, &to, fen);
    append(tx, &e);
    return v;
}

void world_issue(world *w, int64_t fen)
{
    ARENA_AUTO arena *a = arena_new("world", 16 * 1024 * 1024);
    store_tx *tx = open_tx(w);
    (void)issue(w, tx, a, fen);
    end_tx(tx);
    w->vouchers++;
}

static int64_t place(world *w, store_tx *tx, arena *a, int64_t v, int64_t fen)
{
    event e = begin(w, a, EV_ORDER_PROPOSE, ROLE_OFFICE);
    const int64_t order = new_row(tx, &e, T_SERVICE_ORDER);
    event_int(&e, C_SERVICE_ORDER_PROGRAMME_ID, w->programme_id);
    event_text(&e, C_SERVICE_ORDER_NUMBER,
               arena_printf(a, "D330522-2013-%06lld-1", (long long)order));
    event_int(&e, C_SERVICE_ORDER_VOUCHER_ID, v);
    event_int(&e, C_SERVICE_ORDER_HOLDER_ID, 1 + v % 500);
    event_int(&e, C_SERVICE_ORDER_INSTITUTION_ID, 600 + v % 50);
    event_int(&e, C_SERVICE_ORDER_CONTRACT_FEN, fen * 2);
    event_int(&e, C_SERVICE_ORDER_VOUCHER_FEN, fen);
    event_text(&e, C_SERVICE_ORDER_TITLE, STR("材料性能检测"));
    event_text(&e, C_SERVICE_ORDER_STATE, STR("accepted"));
    const ledger_cell from = cell(w, ACC_VOUCHER, v, 0, 0, 0);
    const ledger_cell to = cell(w, ACC_HOLD, v, order, 0, 0);
    event_move(&e, &from, &to, fen);
    append(tx, &e);
    return order;
}

static void claim(world *w, store_tx *tx, arena *a, int64_t v, int64_t order, int64_t fen)
{
    event e = begin(w, a, EV_CLAIM_SUBMIT, ROLE_FINANCE_CHECKER);
    const int64_t id = new_row(tx, &e, T_CLAIM);
    event_int(&e, C_CLAIM_PROGRAMME_ID, w->programme_id);
    event_text(&e, C_CLAIM_NUMBER, arena_printf(a, "C330522-2013-%06lld-3", (long long)id));
    event_int(&e, C_CLAIM_VOUCHER_ID, v);
    for (int c = C_CLAIM_BASE_FEN; c <= C_CLAIM_PAID_FEN; c++) {
        event_int(&e, c, fen);
    }
    event_text(&e, C_CLAIM_STATE, STR("paid"));
    const int64_t line = new_row(tx, &e, T_CLAIM_LINE);
    event_int(&e, C_CLAIM_LINE_CLAIM_ID, id);
    event_int(&e, C_CLAIM_LINE_N, 1);
    event_int(&e, C_CLAIM_LINE_ORDER_ID, order);
    event_int(&e, C_CLAIM_LINE_AMOUNT_FEN, fen);
    const ledger_account way[] = {ACC_HOLD, ACC_PAYABLE, ACC_TRANSIT, ACC_PAID};
    for (int i = 0; i < 3; i++) {
        const ledger_cell from = cell(w, way[i], v, order, id, line);
        const ledger_cell to = cell(w, way[i + 1], v, order, id, line);
        event_move(&e, &from, &to, fen);
        event_entry(&e);
    }
    append(tx, &e);
}

void world_money(world *w, int n)
{
    ARENA_AUTO arena *a = arena_new("world", 16 * 1024 * 1024);
    for (int i = 0; i < n; i++) {
        arena_reset(a);
        const int64_t fen = 1000000 + (w->vouchers * 7919) % 1000000;
        store_tx *tx = open_tx(w);
        const int64_t v = issue(w, tx, a, fen);
        const int64_t order = place(w, tx, a, v, fen - 1001);
        claim(w, tx, a, v, order, fen - 1001);
        end_tx(tx);
        w->vouchers++;
    }
}

void world_readings(world *w, int n)
{
    tq_err err = {0};
    store_tx *tx = open_tx(w);
    for (int i = 0; i < n; i++) {
        const int64_t id = ++w->readings;
        for (int64_t inquiry = 0; inquiry < 2; inquiry++) {
            const reading_row row = {.n = {id, w->at + id, 1, 11, 12, 0, 7, 0, inquiry},
                                     .text = {STR("supervisor"), STR("claim"), STR("view")}};
            must(reading_row_put(tx, &row, &err), &err, "reading");
        }
    }
    must(reading_rows_done(tx, &err), &err, "readings");
    end_tx(tx);
    must(reading_mark_write(w->s, (instant){w->at}, &err), &err, "mark");
}
