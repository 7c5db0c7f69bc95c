/* SPDX-License-Identifier: Apache-2.0 */
#include "web/html.h"

#include <stdio.h>

#include "base/err.h"

static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(buf *out, str text)
{
    size_t plain = 0; /* first byte not yet written: what needs no escape goes in one piece */
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = escape_of(text.data[i]);
        if (escape != NULL) {
            buf_add(out, text.data + plain, i - plain);
            buf_text(out, escape);
            plain = i + 1;
        }
    }
    if (plain < text.len) {
        buf_add(out, text.data + plain, text.len - plain);
    }
}

void html_count(buf *out, int64_t n)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    TQ_ASSERT(len > 0);
    const int first = digits[0] == '-' ? 1 : 0;
    for (int i = 0; i < len; i++) {
        if (i > first && (len - i) % 3 == 0) {
            buf_char(out, ',');
        }
        buf_char(out, digits[i]);
    }
}

void html_amount(buf *out, int64_t minor, int64_t unit)
{
    TQ_ASSERT(unit > 0);
    TQ_ASSERT(unit % 100 == 0);
    const int64_t hundredth = unit / 100;
    const int64_t half = minor < 0 ? -(hundredth / 2) : hundredth / 2;
    const int64_t rounded = (minor + half) / hundredth;
    const int64_t fraction = rounded % 100;
    html_count(out, rounded / 100);
    buf_printf(out, ".%02lld", (long long)(fraction < 0 ? -fraction : fraction));
}
