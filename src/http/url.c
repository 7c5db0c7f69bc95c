/* SPDX-License-Identifier: Apache-2.0 */
#include "http/url.h"

#include "base/err.h"

static int hex_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Plain text is most of what comes: it stays a slice of the input. */
static bool is_plain(str raw, bool plus)
{
    return raw.len == 0 || (memchr(raw.data, '%', raw.len) == NULL &&
                            (!plus || memchr(raw.data, '+', raw.len) == NULL));
}

/* Once, and the result is never decoded again: "%2541" is the text "%41". */
bool url_decode(str raw, bool plus, arena *a, str *out)
{
    if (is_plain(raw, plus)) {
        *out = raw;
        return str_utf8(raw) && (raw.len == 0 || memchr(raw.data, '\0', raw.len) == NULL);
    }
    char *text = arena_take(a, raw.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        if (c == '%') {
            const int high = i + 2 < raw.len ? hex_of(raw.data[i + 1]) : -1;
            const int low = high < 0 ? -1 : hex_of(raw.data[i + 2]);
            if (low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        if (c == '\0') {
            return false;
        }
        text[n++] = c;
    }
    *out = (str){text, n};
    return str_utf8(*out);
}

/* Is there a "%2F" or "%5C" in it? */
static bool hides_slash(str raw)
{
    for (size_t i = 0; i + 2 < raw.len; i++) {
        if (raw.data[i] == '%') {
            const int high = hex_of(raw.data[i + 1]);
            const int low = hex_of(raw.data[i + 2]);
            if ((high == 2 && low == 15) || (high == 5 && low == 12)) {
                return true;
            }
        }
    }
    return false;
}

/* Judged after decoding, so that "%2e%2e" is seen for what it is. */
static bool segments_ok(str path)
{
    size_t begin = 1;
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.data[i] != '/') {
            continue;
        }
        const size_t len = i - begin;
        const char *s = path.data + begin;
        /* "//host" in a redirect would leave the site. */
        if ((len == 0 && i < path.len) || (len == 1 && s[0] == '.') ||
            (len == 2 && s[0] == '.' && s[1] == '.')) {
            return false;
        }
        begin = i + 1;
    }
    return true;
}

bool url_path(str raw, arena *a, str *out)
{
    str path;
    if (raw.len == 0 || raw.data[0] != '/' || hides_slash(raw) ||
        !url_decode(raw, false, a, &path)) {
        return false;
    }
    for (size_t i = 0; i < path.len; i++) {
        const char c = path.data[i];
        if ((c >= 0 && c < ' ') || c == 0x7f || c == '\\') {
            return false;
        }
    }
    if (!segments_ok(path)) {
        return false;
    }
    *out = path;
    return true;
}

/* "/" stays, so that a path can be escaped whole; in a query it is allowed as well. */
void url_encode(str text, buf *out)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c != '\0' && strchr("-._~/", c) != NULL)) {
            buf_char(out, (char)c);
        } else {
            buf_char(out, '%');
            buf_char(out, hex[c >> 4]);
            buf_char(out, hex[c & 15]);
        }
    }
}
