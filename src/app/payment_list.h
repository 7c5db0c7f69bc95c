/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PAYMENT_LIST_H
#define TQ_PAYMENT_LIST_H

/* The list that finance posts and the bank pays: CSV, columns in the order of the scheme
 * (policy_payment_columns), split by budget line, each part with its total, and a foot with count, sum,
 * sum in Chinese capitals and the SM3 of all rows above it. Built from the batch's lines and the legs of
 * their release, so that the same batch gives the same bytes at any later time (I12); an export after
 * the first is marked in its name and in the report, never in the bytes.
 *
 * Columns: seq payment_no register_no claim_no holder credit_code township institution region kind_voucher
 * contract base rate asked adjusted approved set_off account_name bank bank_code account_no function_code
 * gov_econ_code dept_econ_code project_code nature pay_mode budget_doc note amount. payment_no comes first
 * and amount last where the scheme does not name them: the bank answers with both. `amount` is the part
 * of the payment that the budget line bears; a payment that two lines bear stands in both parts. The SM3
 * is that of the UTF-8 text above it, whatever the charset of the file.
 */

#include "app/app.h"
#include "base/csv.h"

#define PAYMENT_LIST_MAX (64 * 1024 * 1024)

/* True where the token names a column; `zh` (may be NULL) gets its heading. */
bool payment_column_known(str token, const char **zh);

typedef struct payment_list_file {
    str bytes;     /* in the call's arena */
    char name[80]; /* B330522-2013-000001-7.csv, …-copy2.csv for the second export */
    bool duplicate;
    int64_t exports; /* this one included */
    int64_t count, total_fen;
    char sha256[65]; /* of the bytes */
} payment_list_file;

/* Wholly released, sent, reconciled and closed batches only (CONFLICT/not_released). Counts the export. Roles:
 * finance_maker, finance_checker. */
TQ_MUST_CHECK tq_code payment_list_export(app *a, const call *c, int64_t batch_id,
                                          csv_charset charset, payment_list_file *out, tq_err *err);
/* The same bytes without counting, for checks and for `verify`. */
TQ_MUST_CHECK tq_code payment_list_build(app *a, store_tx *tx, int64_t batch_id,
                                         csv_charset charset, arena *ar, payment_list_file *out,
                                         tq_err *err);

#endif
