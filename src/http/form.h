/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FORM_H
#define TQ_FORM_H

/* application/x-www-form-urlencoded: bodies and queries. */

#include "http/http.h"

/* Pairs in order; empty parts ("a=1&&b=2") are passed over, a part without '=' has the value "".
 * False where something is wrongly escaped, no UTF-8, NUL, or more than HTTP_PAIRS_MAX. The
 * slices live in `raw` or `a`. */
bool form_read(str raw, arena *a, const http_pair **out, size_t *n);

void form_write(const http_pair *pairs, size_t n, buf *out);

#endif
