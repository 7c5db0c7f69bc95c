/* SPDX-License-Identifier: Apache-2.0 */
#include "app/opening_inner.h"

#include <stdio.h>

#include "app/organisation.h"
#include "app/programme.h"
#include "app/row_change.h"
#include "base/csv.h"

typedef tq_code (*opening_row)(opening_work *w, const str *cells, tq_err *err);

#define CELLS_MAX 12

/* The person who mends the file looks for the column as its header names it. */
static tq_code in_column(tq_code code, const char *column, tq_err *err)
{
    if (code != TQ_OK && err != NULL) {
        (void)snprintf(err->field, sizeof err->field, "%s", column);
    }
    return code;
}

static tq_code amount_read(const opening_work *w, str cell, const char *column, int64_t *out,
                           tq_err *err)
{
    money m;
    TQ_TRY(in_column(money_parse(cell, &w->unit, &m, err), column, err));
    *out = m.minor;
    return TQ_OK;
}

/* A code that nobody is registered under must not become a paper of nobody. */
static tq_code org_read(const opening_work *w, str cell, const char *column, int64_t *out,
                        tq_err *err)
{
    int64_t id = 0;
    credit_code code;
    TQ_TRY(in_column(credit_code_parse(cell, &code, err), column, err));
    TQ_TRY(in_column(org_by_code(w->tx, str_of(code.text), &id, err), column, err));
    if (id == 0) {
        return tq_fail(err, TQ_INVALID, "org_unknown", column,
                       "no organisation is registered under this credit code");
    }
    *out = id;
    return TQ_OK;
}

/* A day that is past, as all that an opening tells of. */
static tq_code past_read(const opening_work *w, str cell, const char *field, int64_t *out,
                         tq_err *err)
{
    day d;
    TQ_TRY(in_column(day_parse(cell, &d, err), field, err));
    if (d.n > w->c->today.n) {
        return tq_fail(err, TQ_INVALID, "day_future", field, "the day lies after today");
    }
    *out = d.n;
    return TQ_OK;
}

static tq_code day_read(str cell, const char *column, int64_t *out, tq_err *err)
{
    day d;
    TQ_TRY(in_column(day_parse(cell, &d, err), column, err));
    *out = d.n;
    return TQ_OK;
}

static tq_code source_read(const opening_work *w, str kind, str source, str year, int64_t *kind_id,
                           int64_t *source_id, int64_t *year_out, tq_err *err)
{
    long long y = 0;
    if (!str_int64(year, &y) || y < 1900 || y > 2199) {
        return tq_fail(err, TQ_INVALID, "year", "year", "write the fiscal year, as in 2013");
    }
    TQ_TRY(in_column(voucher_kind_find(w->tx, w->c->who.programme_id, kind, kind_id, err), "kind",
                     err));
    TQ_TRY(store_int(w->tx, STMT_OPENING_SOURCE,
                     ARGS(arg_int(w->c->who.programme_id), arg_int(*kind_id), arg_str(source)), 0,
                     source_id, err));
    if (*source_id == 0) {
        return tq_fail(err, TQ_INVALID, "source", "source", "the kind has no source of this code");
    }
    *year_out = y;
    return TQ_OK;
}

/* A number that neither the store nor an earlier row has. */
static tq_code new_need(const opening_work *w, store_stmt known, str number, const char *field,
                        tq_err *err)
{
    int64_t n = 0;
    TQ_TRY(line_need(number, field, err));
    TQ_TRY(store_int(w->tx, known, ARGS(arg_str(number)), 0, &n, err));
    if (n > 0) {
        return tq_fail(err, TQ_CONFLICT, "known", field, "it is in the system already");
    }
    return TQ_OK;
}

static tq_code twice(const char *field, tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "twice", field, "it stands in the file twice");
}

static tq_code balance_row(opening_work *w, const str *cells, tq_err *err)
{
    opening_balance b = {0};
    TQ_TRY(source_read(w, cells[2], cells[0], cells[1], &b.kind_id, &b.source_id, &b.year, err));
    TQ_TRY(amount_read(w, cells[3], "amount", &b.amount, err));
    if (b.amount == 0) {
        return tq_fail(err, TQ_INVALID, "amount", "amount", "give an amount above zero");
    }
    w->balances[w->n_balances++] = b;
    w->totals.appropriated_fen += b.amount;
    return TQ_OK;
}

static tq_code voucher_row(opening_work *w, const str *cells, tq_err *err)
{
    opening_voucher v = {.number = cells[0], .purpose = cells[10]};
    TQ_TRY(new_need(w, STMT_OPENING_VOUCHER_KNOWN, v.number, "number", err));
    for (int64_t i = 0; i < w->totals.vouchers; i++) {
        if (str_eq(w->vouchers[i].number, v.number)) {
            return twice("number", err);
        }
    }
    TQ_TRY(line_may(v.purpose, "purpose", err));
    TQ_TRY(source_read(w, cells[1], cells[3], cells[4], &v.kind_id, &v.source_id, &v.year, err));
    TQ_TRY(org_read(w, cells[2], "holder", &v.holder_id, err));
    TQ_TRY(amount_read(w, cells[5], "issued", &v.issued, err));
    TQ_TRY(amount_read(w, cells[6], "left", &v.left, err));
    TQ_TRY(past_read(w, cells[7], "issued_day", &v.issued_day, err));
    TQ_TRY(day_read(cells[8], "use_by", &v.use_by, err));
    TQ_TRY(day_read(cells[9], "claim_by", &v.claim_by, err));
    if (v.issued == 0 || v.left > v.issued || v.use_by < v.issued_day || v.claim_by < v.use_by) {
        return tq_fail(err, TQ_INVALID, "voucher", "issued",
                       "left is at most issued, and the days follow each other");
    }
    w->vouchers[w->totals.vouchers++] = v;
    w->totals.issued_fen += v.issued;
    w->totals.left_fen += v.left;
    return TQ_OK;
}

static tq_code claim_row(opening_work *w, const str *cells, tq_err *err)
{
    opening_claim k = {.number = cells[0], .title = cells[4], .outcome = cells[5]};
    int64_t at = 0;
    TQ_TRY(new_need(w, STMT_OPENING_CLAIM_KNOWN, k.number, "number", err));
    for (int64_t i = 0; i < w->totals.claims; i++) {
        if (str_eq(w->claims[i].number, k.number)) {
            return twice("number", err);
        }
    }
    while (at < w->totals.vouchers && !str_eq(w->vouchers[at].number, cells[1])) {
        at++;
    }
    if (at == w->totals.vouchers) {
        return tq_fail(err, TQ_INVALID, "voucher", "voucher",
                       "no voucher of the files has this number");
    }
    k.voucher = (size_t)at;
    TQ_TRY(line_need(k.title, "title", err));
    TQ_TRY(line_need(k.outcome, "outcome", err));
    TQ_TRY(org_read(w, cells[2], "institution", &k.institution_id, err));
    TQ_TRY(org_read(w, cells[3], "payee", &k.payee_id, err));
    TQ_TRY(amount_read(w, cells[6], "contract", &k.contract, err));
    TQ_TRY(amount_read(w, cells[7], "base", &k.base, err));
    TQ_TRY(amount_read(w, cells[8], "amount", &k.amount, err));
    TQ_TRY(past_read(w, cells[9], "filed_day", &k.filed_day, err));
    TQ_TRY(past_read(w, cells[10], "paid_day", &k.paid_day, err));
    if (k.amount == 0 || k.amount > k.base || k.base > k.contract || k.paid_day < k.filed_day) {
        return tq_fail(err, TQ_INVALID, "claim", "amount",
                       "paid is at most the base, the base at most the contract; paid after filed");
    }
    w->vouchers[at].used += k.amount;
    w->claims[w->totals.claims++] = k;
    w->totals.paid_fen += k.amount;
    return TQ_OK;
}

static tq_code invoice_row(opening_work *w, const str *cells, tq_err *err)
{
    opening_invoice v = {.key = cells[0]};
    TQ_TRY(new_need(w, STMT_OPENING_INVOICE_KNOWN, v.key, "key", err));
    for (int64_t i = 0; i < w->totals.invoices; i++) {
        if (str_eq(w->invoices[i].key, v.key)) {
            return twice("key", err);
        }
    }
    TQ_TRY(org_read(w, cells[1], "seller", &v.seller_id, err));
    TQ_TRY(org_read(w, cells[2], "buyer", &v.buyer_id, err));
    TQ_TRY(past_read(w, cells[3], "issued_day", &v.issued_day, err));
    TQ_TRY(amount_read(w, cells[4], "gross", &v.gross, err));
    TQ_TRY(amount_read(w, cells[5], "net", &v.net, err));
    TQ_TRY(amount_read(w, cells[7], "amount", &v.amount, err));
    for (int64_t i = 0; i < w->totals.claims && cells[6].len > 0; i++) {
        v.claim = str_eq(w->claims[i].number, cells[6]) ? (size_t)i + 1 : v.claim;
    }
    if ((cells[6].len > 0) != (v.claim != 0) || (v.claim == 0 && v.amount != 0)) {
        return tq_fail(err, TQ_INVALID, "claim", "claim", "no claim of the files has this number");
    }
    if (v.gross == 0 || v.net > v.gross || v.amount > v.gross) {
        return tq_fail(err, TQ_INVALID, "invoice", "gross", "net and used are at most gross");
    }
    w->invoices[w->totals.invoices++] = v;
    return TQ_OK;
}

static tq_code ban_row(opening_work *w, const str *cells, tq_err *err)
{
    static const char *const scopes[] = {"all_funds", "programme", NULL};
    opening_ban b = {.scope = cells[1]};
    TQ_TRY(org_read(w, cells[0], "org", &b.org_id, err));
    TQ_TRY(word_need(b.scope, scopes, "scope", err));
    TQ_TRY(past_read(w, cells[2], "from", &b.from, err));
    TQ_TRY(day_read(cells[3], "to", &b.to, err));
    if (b.to < w->c->today.n) {
        return tq_fail(err, TQ_INVALID, "to", "to", "the ban has ended already");
    }
    w->bans[w->totals.bans++] = b;
    return TQ_OK;
}

static tq_code account_row(opening_work *w, const str *cells, tq_err *err)
{
    opening_account k = {
        .holder = cells[1], .number = cells[2], .bank = cells[3], .bank_code = cells[4]};
    event_value org[AUDITED_COLS_MAX];
    long long digits = 0;
    TQ_TRY(org_read(w, cells[0], "org", &k.org_id, err));
    TQ_TRY(row_load(w->tx, T_ORGANISATION, k.org_id, w->c->a, org, err));
    if (!str_eq(row_str(org, C_ORGANISATION_NAME), k.holder)) {
        return tq_fail(err, TQ_INVALID, "holder_name", "holder",
                       "the holder is not the organisation by its name now");
    }
    for (size_t i = 0; i < k.number.len; i++) {
        digits += k.number.data[i] >= '0' && k.number.data[i] <= '9' ? 1 : 0;
    }
    if (k.number.len < 8 || k.number.len > 32 || (size_t)digits != k.number.len) {
        return tq_fail(err, TQ_INVALID, "account_number", "number", "write 8 to 32 digits");
    }
    TQ_TRY(line_need(k.bank, "bank", err));
    TQ_TRY(line_need(k.bank_code, "bank_code", err));
    TQ_TRY(day_read(cells[5], "usable_day", &k.usable_day, err));
    w->accounts[w->totals.accounts++] = k;
    return TQ_OK;
}

static tq_code file_rows(opening_work *w, const char *name, str bytes, const char *const *columns,
                         opening_row each, tq_err *err)
{
    csv file;
    str text = {0};
    if (bytes.len == 0) {
        return TQ_OK;
    }
    if (bytes.len > OPENING_FILE_MAX) {
        return tq_fail(err, TQ_LIMIT, "file_size", name, "the file is larger than %d bytes",
                       OPENING_FILE_MAX);
    }
    if (csv_decode(bytes, w->c->a, &text, err) != TQ_OK) {
        return tq_err_at(err, "%s", name);
    }
    if (csv_open(text, columns, w->c->a, &file, err) != TQ_OK) {
        return tq_err_at(err, "%s", name);
    }
    for (int n = 0;; n++) {
        str cells[CELLS_MAX];
        bool more = false;
        if (csv_row(&file, cells, &more, err) != TQ_OK) {
            return tq_err_at(err, "%s", name);
        }
        if (!more) {
            return TQ_OK;
        }
        if (n == OPENING_ROWS_MAX) {
            return tq_fail(err, TQ_LIMIT, "file_rows", name, "more than %d rows", OPENING_ROWS_MAX);
        }
        if (each(w, cells, err) != TQ_OK) {
            return tq_err_at(err, "%s line %d", name, file.line);
        }
    }
}

static void files_hash(const opening_files *f, char out[65])
{
    const str all[6] = {f->balances, f->vouchers, f->claims, f->invoices, f->bans, f->accounts};
    uint8_t digests[6 * 32];
    for (size_t i = 0; i < TQ_COUNT(all); i++) {
        const digest d = hash_of(HASH_SHA256, all[i]);
        memcpy(&digests[i * 32], d.b, 32);
    }
    digest_hex(hash_of(HASH_SHA256, (str){(const char *)digests, sizeof digests}), out);
}

tq_code opening_read(opening_work *w, const opening_files *files, tq_err *err)
{
    static const char *const balances[] = {"source", "year", "kind", "amount", NULL};
    static const char *const vouchers[] = {"number", "kind",     "holder",  "source",
                                           "year",   "issued",   "left",    "issued_day",
                                           "use_by", "claim_by", "purpose", NULL};
    static const char *const claims[] = {"number", "voucher",   "institution", "payee",
                                         "title",  "outcome",   "contract",    "base",
                                         "amount", "filed_day", "paid_day",    NULL};
    static const char *const invoices[] = {"key", "seller", "buyer",  "issued_day", "gross",
                                           "net", "claim",  "amount", NULL};
    static const char *const bans[] = {"org", "scope", "from", "to", NULL};
    static const char *const accounts[] = {"org",       "holder",     "number", "bank",
                                           "bank_code", "usable_day", NULL};
    arena *a = w->c->a;
    w->balances = ARENA_NEW(a, opening_balance, OPENING_ROWS_MAX);
    w->vouchers = ARENA_NEW(a, opening_voucher, OPENING_ROWS_MAX);
    w->claims = ARENA_NEW(a, opening_claim, OPENING_ROWS_MAX);
    w->invoices = ARENA_NEW(a, opening_invoice, OPENING_ROWS_MAX);
    w->bans = ARENA_NEW(a, opening_ban, OPENING_ROWS_MAX);
    w->accounts = ARENA_NEW(a, opening_account, OPENING_ROWS_MAX);
    TQ_TRY(file_rows(w, "balances", files->balances, balances, balance_row, err));
    TQ_TRY(file_rows(w, "vouchers", files->vouchers, vouchers, voucher_row, err));
    TQ_TRY(file_rows(w, "claims", files->claims, claims, claim_row, err));
    TQ_TRY(file_rows(w, "invoices", files->invoices, invoices, invoice_row, err));
    TQ_TRY(file_rows(w, "bans", files->bans, bans, ban_row, err));
    TQ_TRY(file_rows(w, "accounts", files->accounts, accounts, account_row, err));
    files_hash(files, w->sha256);
    return TQ_OK;
}
