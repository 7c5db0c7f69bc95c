/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_HTML_H
#define TQ_HTML_H

/* The only way of text into a page: everything that is not markup of ours is escaped here. */

#include "base/buf.h"

void html_text(buf *out, str text); /* & < > " ' become references */
/* "9,138.88": minor units divided by `unit` minor units, two decimals, half up, grouped by thousands. */
void html_amount(buf *out, int64_t minor, int64_t unit);
void html_count(buf *out, int64_t n); /* grouped by thousands */

#endif
