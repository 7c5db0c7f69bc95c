/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cookie.h"

#include "base/err.h"

/* cookie-octet of RFC 6265: printable ASCII but blank " , ; \ */
static bool octets_ok(str value)
{
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.data[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* Split at every semicolon, also inside quotes: RFC 6265 gives quotes no meaning. */
static str next_cookie(str *rest)
{
    const char *end = memchr(rest->data, ';', rest->len);
    const str part = {rest->data, end == NULL ? rest->len : (size_t)(end - rest->data)};
    const size_t used = part.len + (end != NULL);
    rest->data += used;
    rest->len -= used;
    return str_trim(part);
}

str cookie_find(str header, const char *name)
{
    const str wanted = str_of(name);
    str value = {"", 0};
    int times = 0;
    TQ_ASSERT(wanted.len > 0);
    while (header.len > 0) {
        const str part = next_cookie(&header);
        if (part.len > wanted.len && str_starts(part, wanted) && part.data[wanted.len] == '=') {
            value = (str){part.data + wanted.len + 1, part.len - wanted.len - 1};
            times++;
        }
    }
    return times == 1 && octets_ok(value) ? value : (str){"", 0};
}
