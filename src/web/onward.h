/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ONWARD_H
#define TQ_ONWARD_H

/* Where a row leads: forms of other rows that begin with what this one knows, so that nobody writes down a
 * number on one page to type it into the next. */

#include "web/web.h"

/* Puts {label, href} of each form that the actor may open from the row at hand into the list. */
void onward_of(const web_rq *w, doc *list);
/* The same of a list: acts without a row whose address lies below it. */
void onward_of_list(const web_rq *w, doc *list);
/* "What happens now" of the row's state, for whoever reads it; "" where nothing needs saying. */
str onward_text(const web_rq *w);

#endif
