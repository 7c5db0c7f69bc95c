/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SITE_H
#define TQ_SITE_H

/* What the addresses of the public site mean:
 *   /                    home page with the figures of the ledger, Chinese or English
 *   /open/headline.json  the same figures for machines
 *   /healthz /readyz     200 while the store answers and writing is on, 503 with the reason otherwise
 *   /livez               200 while the process answers
 *   /assets/NAME         style sheets and pictures, embedded in the program */

#include "app/report.h"
#include "http/listener.h"

typedef struct web_site web_site;

/* `site` outlives it. */
web_site *web_site_new(app *site);
void web_site_free(web_site *w);
/* The http_handler; ctx is the web_site. */
void web_site_handle(void *ctx, const http_request *rq, http_reply *out);

#endif
