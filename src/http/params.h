/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PARAMS_H
#define TQ_PARAMS_H

/* Parameters of a header value: `; name=token; name="quoted"` (RFC 9110 §5.6.6). Readers take
 * what they read off the front of `s`. */

#include "base/arena.h"

void params_skip(str *s, size_t n);
void params_skip_blanks(str *s);
size_t params_token_length(str s);
/* Reads one parameter off the front. False at the end or where it is malformed; `s` is empty
 * only at a proper end. */
bool params_next(str *s, arena *a, str *name, str *value);
/* 1 to 70 characters that a boundary may have (RFC 2046 §5.1.1). */
bool params_boundary_ok(str boundary);

#endif
