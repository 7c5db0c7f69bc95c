/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_GIVEN_CLAIM_H
#define TQ_GIVEN_CLAIM_H

/* Claims that tests of payment begin with: published, with money in payable, made by events and not by
 * the use cases of vouchers and claims, so that these tests stand on nothing but the store. The persons
 * of the fixture act in their roles. */

#include "fixture.h"

typedef struct given {
    int64_t voucher_id, order_id, claim_id;
    int64_t holder_id, payee_id;
    int64_t amount;
} given;

/* A voucher of `issued`, an order of `held` (confirmed; delivered on FIXTURE_DAY), a claim of `amount`
 * that was published until FIXTURE_DAY + 10. payee 0 = the holder. Money comes from `source_id`. */
given given_claim(fixture *f, int64_t source_id, int64_t holder_id, int64_t payee_id,
                  int64_t issued, int64_t held, int64_t amount);
/* The same, but the claim has come to "approved", "registered" or "published" only. */
given given_claim_in(fixture *f, int64_t source_id, int64_t holder_id, int64_t payee_id,
                     int64_t issued, int64_t held, int64_t amount, const char *state);
/* State of a row's state column, in the fixture's arena. */
str given_text(fixture *f, int table, int64_t id, int col);
int64_t given_num(fixture *f, int table, int64_t id, int col);
/* Money of a claim in an account. */
int64_t given_money(fixture *f, ledger_account account, int64_t voucher_id, int64_t claim_id);

#endif
