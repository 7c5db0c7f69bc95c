/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SITE_H
#define TQ_SITE_H

/* The site: what the addresses of routes.def mean, and beside them
 *   /livez               200 while the process answers
 *   /healthz /readyz     200 while the store answers and writing is on, 503 with the reason otherwise;
 *                        503 too while the server drains
 *   /assets/NAME         style sheets, scripts and pictures, embedded in the program */

#include "app/report.h"
#include "http/http.h"
#include "web/oidc.h"

typedef struct web_site web_site;

typedef struct web_options {
    const char
        *base_url; /* "https://…" as the outside sees the site; NULL: plain http on loopback */
    struct metrics *metrics; /* GET /metrics for who has its token; NULL: nothing there */
    oidc_options sign_in;    /* providers beside the log-in of our own */
} web_options;

/* Checks templates and routes; a fault there is INTERNAL and ends the start. `site` outlives it, and so do the
 * texts of the options. INVALID/base_url as oidc_new. */
TQ_MUST_CHECK tq_code web_site_new(app *site, const web_options *o, web_site **out, tq_err *err);
void web_site_free(web_site *w);  /* takes NULL */
void web_site_drain(web_site *w); /* from now on /readyz says 503 */
http_app web_site_app(web_site *w);

#endif
