/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGNAL_EXCHANGE_H
#define TQ_SIGNAL_EXCHANGE_H

/* Two counties learn whether one invoice was claimed in both, and nothing else of one another (P-34).
 *
 * They agree on a key of the year by another way than the file (`openssl rand -hex 32`). Each gives the other a
 * file: the invoices of that year that its claims stand on, as HMAC-SHA-256 of the invoice's key, sorted:
 *
 *   {"tongquan":"invoice_exchange","v":1,"programme":code,"year":2013,"key_id":"a1b2c3d4","count":2}
 *   <64 hex digits>
 *   <64 hex digits>
 *
 * key_id is the first eight digits of SHA-256 of the key: it tells a wrong key, not the key. The key is typed in
 * each time and kept nowhere. Whoever has it can try invoice numbers, so a key serves two counties and one year.
 * Who was met twice is the claim's signal invoice_elsewhere, with the other county's code; the rest is asked of
 * the other county by letter. */

#include "app/app.h"
#include "base/buf.h"

#define EXCHANGE_INVOICES_MAX 100000
#define EXCHANGE_FILE_MAX ((EXCHANGE_INVOICES_MAX * 65) + 1024) /* bytes */
#define EXCHANGE_KEY_MIN 32                                     /* characters, 200 at most */

typedef struct exchange_report {
    int64_t exchange_id, count, hits; /* hits: signals that a taken file fired */
} exchange_report;

/* Office. INVALID/exchange_key, exchange_year; LIMIT/exchange_size; CONFLICT/exchange_known where the same file
 * was given before. */
TQ_MUST_CHECK tq_code exchange_give(app *a, const call *c, int64_t year, str key,
                                    exchange_report *out, tq_err *err);
/* Office. INVALID/exchange_file with the line, exchange_own for our own file, exchange_other_key where the file
 * was made with another key; CONFLICT/exchange_known. */
TQ_MUST_CHECK tq_code exchange_take(app *a, const call *c, str file, str key, exchange_report *out,
                                    tq_err *err);
/* The file itself, given or taken; lives in c->a. NOT_FOUND. */
TQ_MUST_CHECK tq_code exchange_file(app *a, const call *c, int64_t exchange_id, str *out,
                                    tq_err *err);

#endif
