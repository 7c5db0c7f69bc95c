/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_OPENING_INNER_H
#define TQ_OPENING_INNER_H

#include "app/opening.h"

#define OPENING_ROWS_MAX 5000 /* of one file */
#define OPENING_ORDER "O"     /* before a claim's number: the order made for it */

typedef struct opening_balance {
    int64_t source_id, year, kind_id, amount;
} opening_balance;

typedef struct opening_voucher {
    str number, purpose;
    int64_t kind_id, holder_id, source_id, year, issued, left;
    int64_t issued_day, use_by, claim_by;
    int64_t used; /* by the claims of the files */
    int64_t id;   /* once written */
} opening_voucher;

typedef struct opening_claim {
    str number, title, outcome;
    size_t voucher; /* index */
    int64_t institution_id, payee_id, contract, base, amount, filed_day, paid_day;
    int64_t id, order_id, lines; /* once written */
} opening_claim;

typedef struct opening_invoice {
    str key;
    int64_t seller_id, buyer_id, issued_day, gross, net, amount;
    size_t claim; /* index + 1, 0 = none */
} opening_invoice;

typedef struct opening_ban {
    int64_t org_id, from, to;
    str scope;
} opening_ban;

typedef struct opening_account {
    int64_t org_id, usable_day;
    str holder, number, bank, bank_code;
} opening_account;

/* All files, read and checked. */
typedef struct opening_work {
    store_tx *tx;
    const call *c;
    currency unit;
    opening_balance *balances;
    opening_voucher *vouchers;
    opening_claim *claims;
    opening_invoice *invoices;
    opening_ban *bans;
    opening_account *accounts;
    size_t n_balances;
    opening_totals totals;
    char sha256[65];
} opening_work;

/* Reads every file; errors name file, line and column. */
TQ_MUST_CHECK tq_code opening_read(opening_work *w, const opening_files *files, tq_err *err);

#endif
