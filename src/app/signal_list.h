/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGNAL_LIST_H
#define TQ_SIGNAL_LIST_H

/* Lists of others, compared with claims (P-34): what the county pays by other measures, and what has become of
 * invoices since they were claimed. Rows of the first kind stay, so that later claims are held against them too.
 *
 * CSV with a header, UTF-8 or GB18030. funding: measure,credit_code,item,amount,from,to (item: a service of the
 * scheme; days 2013-09-01). invoice_status: code,number,status,day (code empty for digital invoices; status normal,
 * red or void). A list is taken as a whole or not at all. */

#include "app/app.h"

#define SIGNAL_LIST_ROWS 500
#define SIGNAL_LIST_BYTES (4 * 1024 * 1024)

typedef struct signal_list_rq {
    str kind; /* funding | invoice_status */
    str bytes;
} signal_list_rq;

typedef struct signal_list_report {
    int64_t list_id, rows, hits; /* hits: signals that it fired */
} signal_list_report;

/* Office. INVALID/list_kind, and what a row lacks with its line; CONFLICT/list_known for the same file again;
 * LIMIT/file_rows. */
TQ_MUST_CHECK tq_code signal_list_compare(app *a, const call *c, const signal_list_rq *rq,
                                          signal_list_report *out, tq_err *err);

#endif
