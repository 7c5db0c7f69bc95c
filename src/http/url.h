/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_URL_H
#define TQ_URL_H

/* Text of addresses and forms, decoded exactly once. */

#include "base/arena.h"
#include "base/buf.h"

/* Undoes %XX, and '+' where `plus`. False for half or wrong escapes, NUL, and what is not UTF-8. */
bool url_decode(str raw, bool plus, arena *a, str *out);

/* The path of a target, without query. Besides the above refused: an escaped '/' or '\' (a proxy
 * and we would see other segments), control characters, and segments that are empty, "." or
 * "..". A slash at the end is fine. */
bool url_path(str raw, arena *a, str *out);

/* Appends the escaped form of `text`: all but unreserved characters of RFC 3986, and '/' kept. */
void url_encode(str text, buf *out);

#endif
