/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_OPENING_H
#define TQ_OPENING_H

/* Start in the middle of a year: paper vouchers, balances, paid claims, used invoices, bans and accounts
 * come in from CSV files (base/csv.h; amounts in the currency's decimal form, days as 2013-09-01). Any
 * file may be empty. Organisations, sources and voucher kinds exist already and are named by their codes.
 *
 *   balances  source, year, kind, amount              appropriated: fund -> pool
 *   vouchers  number, kind, holder, source, year, issued, left, issued_day, use_by, claim_by, purpose
 *                                                      pool -> voucher; left = issued - claims below
 *   claims    number, voucher, institution, payee, title, outcome, contract, base, amount, filed_day,
 *             paid_day                                 voucher -> hold -> payable -> transit -> paid
 *   invoices  key, seller, buyer, issued_day, gross, net, claim, amount    `claim` and `amount`: what it
 *                                                      was used for; empty and 0 where for nothing here
 *   bans      org, scope, from, to                     scope all_funds | programme
 *   accounts  org, holder, number, bank, bank_code, usable_day
 *
 * opening_check reads and checks everything and writes nothing (dry run). opening_propose does the same
 * and files the totals under the hash of all files; opening_import, by another person and with the same
 * files, books them in one transaction by events of kind opening_import. Control totals are given by
 * both, from the papers and not from the files, and must agree to the fen (INVALID/control_total). */

#include "app/app.h"

#define OPENING_FILE_MAX (16 * 1024 * 1024)

typedef struct opening_files {
    str balances, vouchers, claims, invoices, bans, accounts; /* bytes */
} opening_files;

typedef struct opening_totals {
    int64_t vouchers, claims, invoices, bans, accounts; /* rows */
    int64_t appropriated_fen, issued_fen, paid_fen, left_fen;
} opening_totals;

typedef struct opening_report {
    int64_t opening_id; /* 0 from opening_check */
    opening_totals totals;
    char sha256[65]; /* of all files; what the second person names */
} opening_report;

/* Files and totals by number, in the order of their structs, under the names that people write:
 * balances vouchers claims invoices bans accounts; vouchers .. accounts, appropriated_fen .. left_fen. */
#define OPENING_FILES 6
#define OPENING_TOTALS 9
const char *opening_file_name(size_t i);
str *opening_file_at(opening_files *f, size_t i);
const char *opening_total_name(size_t i);
int64_t *opening_total_at(opening_totals *t, size_t i);
void opening_report_write(const opening_report *r, buf *out); /* one canonical object */

TQ_MUST_CHECK tq_code opening_check(app *a, const call *c, const opening_files *files,
                                    const opening_totals *control, opening_report *out,
                                    tq_err *err);
/* office or finance_maker. CONFLICT/opening_known where the same files were filed before. */
TQ_MUST_CHECK tq_code opening_propose(app *a, const call *c, const opening_files *files,
                                      const opening_totals *control, opening_report *out,
                                      tq_err *err);
/* finance_checker. CONFLICT/opening_done the second time, CONFLICT/opening_changed for other files. */
TQ_MUST_CHECK tq_code opening_import(app *a, const call *c, int64_t opening_id,
                                     const opening_files *files, const opening_totals *control,
                                     opening_report *out, tq_err *err);

#endif
