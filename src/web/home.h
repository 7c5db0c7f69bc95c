/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_HOME_H
#define TQ_HOME_H

/* The public home page (P-05): what was issued, redeemed and induced, by what services and regions,
 * each figure with its definition, as tables first; pictures are drawn from the same numbers. */

#include "app/report.h"
#include "web/web.h"

/* Figures that stay good until the log grows or a day begins; kept by the cache. */
typedef struct home_view {
    bool empty; /* no programme yet */
    programme_face programme;
    report_headline headline;
    report_flow flow;
} home_view;

/* What the site keeps of them, with a lock of its own (home_figures.c). */
typedef struct home_cache home_cache;
home_cache *home_cache_new(void);
void home_cache_free(home_cache *s);

/* Copies the figures into `body`, so that the site may compute them anew while the page is written. */
void home_figures(const web_rq *w, const home_view *v, doc *body);
/* One line of the list of programmes: name, address, and what it issued and redeemed so far. */
void home_programme(const web_rq *w, const home_view *v, doc *line);
/* What else stands on the page: ways in, and the newest that was made public. */
TQ_MUST_CHECK tq_code home_rest(web_rq *w, doc *body, tq_err *err);

#endif
