/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_METRICS_H
#define TQ_METRICS_H

/* GET /metrics in the Prometheus text format 0.0.4: what the server, the store, the clocks and the
 * process are doing. It names routes, states and limits, never a person, a case or an address; but how
 * busy an office is concerns nobody outside, so it is answered only on a listener of its own, or on that
 * of the pages to who brings the token. Without either there is nothing at the address. */

#include "app/app.h"
#include "http/server.h"

typedef struct metrics metrics;

metrics *metrics_new(app *site);
void metrics_free(metrics *m); /* after the servers that use it; takes NULL */

/* The server of the pages, whose requests are told; NULL before it ends. */
void metrics_watch(metrics *m, const server *pages);
/* A round of the clocks is over. */
void metrics_round(metrics *m, instant at, bool fine);
/* Who brings it as bearer is answered on the pages' address; NULL: nobody. Copied. */
void metrics_token(metrics *m, const char *token);

/* True where the request is for /metrics, was allowed there, and is answered. `m` may be NULL. */
bool metrics_answer(metrics *m, const http_request *rq, http_reply *out);
/* The application of the listener of its own: /metrics and nothing else. */
http_app metrics_app(metrics *m);

#endif
