/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EXPORT_JOURNAL_H
#define TQ_EXPORT_JOURNAL_H

/* The ledger as a journal that plain-text accounting programs read: whoever distrusts our sums lets
 * hledger, ledger or beancount add them up. One transaction an entry, dated by the event's legal day.
 *
 * Accounts are ASCII: Equity:Fund:S<source>, Assets:Pool:S<source>, Equity:Overcommit:S<source>,
 * Equity:Lapsed:S<source>, and by voucher Assets:Voucher, Assets:Hold, Assets:Payable, Assets:Transit,
 * Expenses:Paid, Assets:Owed, Income:Recovered, Expenses:Written-Off, each followed by :<voucher number>.
 * Signs are those of our legs. Chinese stands in comments and metadata only. */

#include "store/event_store.h"

typedef enum journal_form { JOURNAL_HLEDGER, JOURNAL_LEDGER, JOURNAL_BEANCOUNT } journal_form;

/* False where `name` is none of hledger, ledger, beancount. */
bool journal_form_of(str name, journal_form *out);

/* Hands the text over in pieces; a non-OK answer of `put` stops and is returned. `programme_id` 0 = all.
 * Reads one snapshot of the sequenced events; no transaction of this thread is open. */
TQ_MUST_CHECK tq_code export_journal(store *s, journal_form form, int64_t programme_id,
                                     tq_code (*put)(void *ctx, str text, tq_err *err), void *ctx,
                                     tq_err *err);

/* The account of a leg in such a journal, for those who compare. */
TQ_MUST_CHECK tq_code journal_account(store_tx *tx, const ledger_cell *cell, arena *a, buf *out,
                                      tq_err *err);

#endif
