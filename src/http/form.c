/* SPDX-License-Identifier: Apache-2.0 */
#include "http/form.h"

#include "http/url.h"

/* An upper bound, so that the list is taken in one piece. */
static size_t parts_of(str raw)
{
    size_t n = raw.len > 0;
    for (size_t i = 0; i < raw.len; i++) {
        n += raw.data[i] == '&';
    }
    return n;
}

/* "&" alone separates. RFC 1866 also allowed ";", and two readers that differ in it see two
 * forms. */
static str next_part(str *rest)
{
    const char *end = memchr(rest->data, '&', rest->len);
    const str part = {rest->data, end == NULL ? rest->len : (size_t)(end - rest->data)};
    const size_t used = part.len + (end != NULL);
    rest->data += used;
    rest->len -= used;
    return part;
}

/* Nothing is given out unless all of it could be read: half a form is not a smaller form. */
bool form_read(str raw, arena *a, const http_pair **out, size_t *n)
{
    const size_t parts = parts_of(raw);
    size_t found = 0;
    http_pair *pairs = NULL;
    if (parts > 0) {
        pairs = ARENA_NEW(a, http_pair, parts < HTTP_PAIRS_MAX ? parts : HTTP_PAIRS_MAX);
    }
    while (raw.len > 0) {
        const str part = next_part(&raw);
        if (part.len == 0) {
            continue;
        }
        if (found == HTTP_PAIRS_MAX) {
            return false;
        }
        const char *equals = memchr(part.data, '=', part.len);
        const size_t name_len = equals == NULL ? part.len : (size_t)(equals - part.data);
        const str name = {part.data, name_len};
        const str value =
            equals == NULL ? (str){"", 0} : (str){equals + 1, part.len - name_len - 1};
        if (!url_decode(name, true, a, &pairs[found].name) ||
            !url_decode(value, true, a, &pairs[found].value)) {
            return false;
        }
        found++;
    }
    *out = pairs;
    *n = found;
    return true;
}

void form_write(const http_pair *pairs, size_t n, buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_char(out, '&');
        }
        url_encode(pairs[i].name, out);
        buf_char(out, '=');
        url_encode(pairs[i].value, out);
    }
}
