/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BENCH_WEB_FIRMS_H
#define TQ_BENCH_WEB_FIRMS_H

/* Firms of a county that claim over HTTP: each with an API token and one claim filed before. */

#include "base/buf.h"
#include "web_county.h"

#define WEB_FIRMS_MAX 256

typedef struct web_firm {
    int64_t voucher, order, invoice, proof;
    char token[64];
} web_firm;

typedef struct web_firms {
    web_county *w;
    int n;
    int serial; /* of runs: each draws keys of its own */
    web_firm firm[WEB_FIRMS_MAX];
} web_firms;

/* Opens the county on the engine of TQ_ENGINE, with 8 firms or more, and says how long it took. */
void web_firms_open(web_firms *f, int n);

/* For web_load.h; the context is a web_firms. */
void web_claim_write(void *firms, int i,
                     buf *request); /* one order, one line, with a key of its own */
void web_voucher_write(void *firms, int i, buf *request); /* as JSON */
void web_list_write(void *firms, int i,
                    buf *request); /* 50 organisations as a page, with a session */
void web_queue_write(void *firms, int i,
                     buf *request); /* 50 claims that wait for the reviewer, as a page */

#endif
