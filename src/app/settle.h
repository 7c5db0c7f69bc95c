/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SETTLE_H
#define TQ_SETTLE_H

/* Payment batches: from published claims to a list that the bank has been given (architecture §7, §8).
 *
 *   batch_collect  finance_maker    open      claims published -> batched, lines waiting
 *   batch_lock     finance_maker    locked    payment numbers, count, total, list hashes; frozen
 *   line_pull      finance_*        open, locked: one line out, the numbers of the others stay
 *   batch_release  finance_checker  released  payable -> transit, set-offs, claims -> sent
 *   batch_send     finance_maker    sent      the list is with the bank; from here only results count
 *   batch_close    finance_checker  closed    after every line has a result (reconciled, bank_result.h)
 *   batch_cancel   finance_maker    open, locked -> cancelled; claims back to published
 *   batch_recall   finance_checker  released, not sent -> recalled; transit -> payable
 *   batch_repeat   finance_maker    like collect, of the claims that the bank returned from one batch
 *
 * One run at a time in a programme: while a batch is open, locked or released no other is collected
 * (CONFLICT/run_open). Whoever collected or locked cannot release, nor can anybody who acted on one of
 * the claims before (FORBIDDEN/same_person, I15). Bans are asked at collect, release and send; a line of
 * a banned organisation is pulled and comes back in the report, the others go on (I18). Count, total and
 * hashes of the batch always describe the list that is to be paid: lines that are neither pulled nor
 * recalled and have money left for the bank.
 *
 * A line's amount is what lies in `payable` of its claim, less the set-off planned against open
 * recoveries of the payee. Set-offs happen at release, by an event of their own in the same transaction.
 * A claim that is wholly set off is paid at release and does not appear in the list. */

#include "app/app.h"

/* Lines of one slice: one event, one transaction, so that another writer waits for one slice at most. */
#define SETTLE_SLICE 100
#define BATCH_LINES_MAX 20000

/* Why a claim is not in the run, or was taken out of it. Tokens:
 * after_cutoff  filed after the period          publication_open  its publication has not ended
 * objection_open  an objection is undecided      needs_repeat  the bank returned it: use batch_repeat
 * no_account  the payee has no active account   account_cooling  its account is not usable yet
 * same_account  the bank returned a payment to this very account version
 * banned  payee (or holder, unless good faith keeps it payable) is banned
 * voucher_frozen  nothing is paid on a frozen voucher
 * signal_open  a signal of the claim waits for a decision, or was confirmed
 * same_person  the collector acted on the claim in another stage
 * nothing_payable  no money lies in payable     set_off_changed  the debt is no longer what was planned
 * account_changed  the account was closed after the line was made */
typedef struct left_out {
    int64_t claim_id;
    str number; /* of the claim */
    const char *reason;
} left_out;

typedef struct batch_report {
    int64_t batch_id; /* 0: nothing could be collected, no batch was made */
    public_number number;
    int64_t count;
    int64_t total_fen; /* for the bank */
    int64_t set_off_fen;
    char list_sha256[65]; /* "" before the lock */
    char list_sm3[65];
    left_out *left; /* in the order of claims; lives in the call's arena */
    size_t n_left;
} batch_report;

typedef struct batch_collect_request {
    str period; /* 2013Q3 */
} batch_collect_request;

/* The quarter of "2013Q3", in months of the calendar year. INVALID/period. */
TQ_MUST_CHECK tq_code period_parse(str text, day *first, day *last, tq_err *err);

TQ_MUST_CHECK tq_code batch_collect(app *a, const call *c, const batch_collect_request *rq,
                                    batch_report *out, tq_err *err);

typedef struct batch_repeat_request {
    int64_t batch_id;  /* whose returned lines are paid again */
    bool same_account; /* the bank says the account is right; else a new version is demanded */
} batch_repeat_request;
TQ_MUST_CHECK tq_code batch_repeat(app *a, const call *c, const batch_repeat_request *rq,
                                   batch_report *out, tq_err *err);

TQ_MUST_CHECK tq_code batch_lock(app *a, const call *c, int64_t batch_id, batch_report *out,
                                 tq_err *err);

typedef struct batch_release_request {
    int64_t batch_id;
    str list_sha256; /* of the list that the checker has seen; CONFLICT/list_changed otherwise */
} batch_release_request;
TQ_MUST_CHECK tq_code batch_release(app *a, const call *c, const batch_release_request *rq,
                                    batch_report *out, tq_err *err);

/* `left` names the lines recalled because of a ban that came between release and sending. */
TQ_MUST_CHECK tq_code batch_send(app *a, const call *c, int64_t batch_id, batch_report *out,
                                 tq_err *err);

typedef struct line_pull_request {
    int64_t line_id;
    str reason; /* a line of text, kept as the line's result */
} line_pull_request;
TQ_MUST_CHECK tq_code line_pull(app *a, const call *c, const line_pull_request *rq, tq_err *err);

TQ_MUST_CHECK tq_code batch_cancel(app *a, const call *c, int64_t batch_id, tq_err *err);
TQ_MUST_CHECK tq_code batch_recall(app *a, const call *c, int64_t batch_id, tq_err *err);
TQ_MUST_CHECK tq_code batch_close(app *a, const call *c, int64_t batch_id, tq_err *err);

/* For pages: one line with what a person needs to know of it. */
typedef struct batch_line_view {
    int64_t id, n, claim_id, account_id, amount_fen, set_off_fen, result_day;
    str payment_no, claim_number, register_no, payee, state, result;
} batch_line_view;
/* Lines of a batch with n > after, in order; at most max. */
TQ_MUST_CHECK tq_code batch_lines(store_tx *tx, int64_t batch_id, int64_t after, arena *a,
                                  batch_line_view *out, size_t max, size_t *n, tq_err *err);

/* --- for other stories ------------------------------------------------------------------------- */

/* May money of this claim go out on `today` (P-31, I18)? The payee must not be banned, nor the holder,
 * except where the scheme's good-faith rule keeps what the institution delivered before the ban payable
 * to it. REFUSED/banned. */
TQ_MUST_CHECK tq_code pay_check(app *a, store_tx *tx, int64_t claim_id, day today, arena *scratch,
                                tq_err *err);
/* Takes the claim's line out of the batch it is in, if it has not been sent: money back to payable,
 * claim to published, and the batch's count, total and hashes follow. Events are appended to `tx`.
 * *pulled is false where the claim is in no such batch; *with_bank is true where the list is out. */
TQ_MUST_CHECK tq_code claim_unbatch(store_tx *tx, const call *c, int64_t claim_id,
                                    const char *reason, bool *pulled, bool *with_bank, tq_err *err);

#endif
