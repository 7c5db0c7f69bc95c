/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BAN_QUERY_H
#define TQ_BAN_QUERY_H

/* The ban register asked by other bureaus (P-31): whoever gives out county funds asks by credit code and
 * has a receipt that they asked. The answer of a code is that of its day:
 *
 *   none     no ban holds, also where nobody has registered under the code
 *   banned   with scope and first and last day; of several the one that reaches furthest
 *
 * A receipt is one canonical line of question and answer; ban_query.sha256 is its hash and the line is
 * made anew from the rows, the same bytes at any later time:
 *
 *   {"tongquan":"ban_query","v":1,"number":…,"programme":code,"day":…,"asker":login,"purpose":…,"paper":…,
 *    "answers":[{"credit_code":…,"answer":"none"},
 *               {"credit_code":…,"answer":"banned","scope":…,"from":day,"to":day},…]} */

#include "app/app.h"
#include "base/buf.h"

#define BAN_ASK_MAX 500
#define BAN_RECEIPT_BYTES_MAX (256 * 1024)

typedef struct ban_ask_request {
    str codes; /* one or several, blanks, commas or line ends between; a repeated one counts once */
    str purpose;  /* what is to be given or decided */
    str paper_no; /* of the asking bureau */
} ban_ask_request;

typedef struct ban_ask_result {
    int64_t query_id;
    public_number number;
    int64_t count, banned;
} ban_ask_result;

/* linked_bureau, finance, office, group. INVALID/credit_code names the code, INVALID/codes where there is
 * none, LIMIT/codes above BAN_ASK_MAX, INVALID/line for purpose and paper. */
TQ_MUST_CHECK tq_code ban_ask(app *a, const call *c, const ban_ask_request *rq, ban_ask_result *out,
                              tq_err *err);

/* The line of a receipt. CORRUPT/ban_receipt where the rows no longer give its hash. Whose receipts a caller
 * sees is decided by the view; NOT_FOUND for another programme's. */
TQ_MUST_CHECK tq_code ban_receipt(app *a, const call *c, int64_t query_id, buf *out, tq_err *err);

#endif
