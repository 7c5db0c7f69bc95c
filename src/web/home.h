/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_HOME_H
#define TQ_HOME_H

/* The public home page (P-05): what was issued, redeemed and induced, by what services and regions,
 * each figure with its definition, as tables first; pictures are drawn from the same numbers. */

#include "app/report.h"

typedef struct home_view {
    bool english;
    bool signed_in;
    bool empty; /* no programme yet */
    programme_face programme;
    report_headline headline;
    report_flow flow;
} home_view;

void home_write(const home_view *v, buf *out);

#endif
