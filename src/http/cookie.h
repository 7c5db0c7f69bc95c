/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_COOKIE_H
#define TQ_COOKIE_H

/* The Cookie header (RFC 6265 §4.2). */

#include "base/str.h"

/* Value of the cookie; "" where it is absent, has letters no cookie may have, or came twice:
 * which of two a browser meant cannot be known, and one of them may be planted by a neighbouring
 * host. Other cookies of the header may be as broken as they like. */
str cookie_find(str header, const char *name);

#endif
