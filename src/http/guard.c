/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guard.h"

#include <strings.h>

#define METHOD_MAX 32
#define HOST_MAX 255

static const struct {
    unsigned status;
    const char *token;
} reasons[] = {[GUARD_OK] = {200, "ok"},
#define X(name, status, token) [GUARD_##name] = {status, token},
               GUARD_REASONS(X)
#undef X
};
_Static_assert(TQ_COUNT(reasons) == GUARD_REASON_END, "a reason without its row");

unsigned guard_status(guard_reason r)
{
    TQ_ASSERT(r < GUARD_REASON_END);
    return reasons[r].status;
}

const char *guard_token(guard_reason r)
{
    TQ_ASSERT(r < GUARD_REASON_END);
    return reasons[r].token;
}

/* ASCII only, whatever the locale says. */
bool guard_same(str a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.data, b, a.len) == 0;
}

/* tchar of RFC 9110 §5.6.2. */
static bool is_tchar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool guard_token_text(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_tchar(s.data[i])) {
            return false;
        }
    }
    return s.len > 0;
}

/* Names whose values are comma-separated lists, so that two lines mean the same as one (RFC 9110
 * §5.3). Cookie is not among them: browsers send one, and two would let a stranger's shadow
 * ours. */
bool guard_is_list(str name)
{
    static const char *const lists[] = {
        "Accept",
        "Accept-Charset",
        "Accept-Encoding",
        "Accept-Language",
        "Cache-Control",
        "Connection",
        "Forwarded",
        "If-Match",
        "If-None-Match",
        "Link",
        "Pragma",
        "Prefer",
        "TE",
        "Trailer",
        "Upgrade",
        "Via",
        "Warning",
        "X-Forwarded-For",
        "Keep-Alive",
    };
    for (size_t i = 0; i < TQ_COUNT(lists); i++) {
        if (guard_same(name, lists[i])) {
            return true;
        }
    }
    return false;
}

/* --- from bytes to lines ---------------------------------------------------------------------- */

size_t guard_head_end(str raw)
{
    if (raw.len == 0) {
        return 0;
    }
    const char *at = memmem(raw.data, raw.len, "\r\n\r\n", 4);
    return at == NULL ? 0 : (size_t)(at - raw.data) + 4;
}

/* Cuts the next line off `rest`. False where CR or LF stands anywhere but as CRLF at the end. */
static bool next_line(str *rest, str *line)
{
    const char *end = rest->len == 0 ? NULL : memmem(rest->data, rest->len, "\r\n", 2);
    if (end == NULL) {
        return false;
    }
    *line = (str){rest->data, (size_t)(end - rest->data)};
    rest->data += line->len + 2;
    rest->len -= line->len + 2;
    return memchr(line->data, '\r', line->len) == NULL &&
           memchr(line->data, '\n', line->len) == NULL;
}

static bool cut(str *rest, char at, str *head)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->data, at, rest->len);
    if (end == NULL) {
        return false;
    }
    *head = (str){rest->data, (size_t)(end - rest->data)};
    rest->data += head->len + 1;
    rest->len -= head->len + 1;
    return true;
}

static str without_blanks(str s)
{
    while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

/* Never skips, joins or mends: whatever is not a line as it should be ends the reading. Names
 * are looked at later, with all the other rules. */
guard_reason guard_split(str raw, http_head *out)
{
    str rest = raw;
    str line;
    *out = (http_head){.bytes = raw.len};
    if (!next_line(&rest, &line) || !cut(&line, ' ', &out->method) ||
        !cut(&line, ' ', &out->target)) {
        return GUARD_REQUEST_LINE;
    }
    out->version = line;
    for (;;) {
        str name;
        if (!next_line(&rest, &line)) {
            return GUARD_HEADER_LINE;
        }
        if (line.len == 0) {
            return rest.len == 0 ? GUARD_OK : GUARD_HEADER_LINE;
        }
        /* A folded line begins with a blank; its name would too. */
        if (!cut(&line, ':', &name)) {
            return GUARD_HEADER_LINE;
        }
        if (out->n_headers < HTTP_HEADERS_MAX) {
            out->headers[out->n_headers] = (http_pair){name, without_blanks(line)};
        }
        out->n_headers++;
    }
}

/* --- the rules -------------------------------------------------------------------------------- */

/* RFC 9112 §3. HTTP/1.2 and later minor versions are refused though they would be compatible: no
 * client speaks them, and probes do. */
static guard_reason check_line(const http_head *h)
{
    if (h->method.len > METHOD_MAX || !guard_token_text(h->method)) {
        return GUARD_REQUEST_LINE;
    }
    const str v = h->version;
    if (v.len != 8 || memcmp(v.data, "HTTP/", 5) != 0 || v.data[5] < '0' || v.data[5] > '9' ||
        v.data[6] != '.' || v.data[7] < '0' || v.data[7] > '9') {
        return GUARD_REQUEST_LINE;
    }
    if (v.data[5] != '1' || v.data[7] > '1') {
        return GUARD_VERSION;
    }
    if (h->target.len > HTTP_URI_MAX) {
        return GUARD_TARGET_LENGTH;
    }
    /* Only origin-form: an absolute one has a second host, "*" and authority mean nothing here. */
    if (h->target.len == 0 || h->target.data[0] != '/') {
        return GUARD_TARGET_FORM;
    }
    for (size_t i = 0; i < h->target.len; i++) {
        const char c = h->target.data[i];
        if ((c >= 0 && c <= ' ') || c == 0x7f || c == '#') {
            return GUARD_TARGET_TEXT;
        }
    }
    return h->bent ? GUARD_HEADER_LINE : GUARD_OK;
}

/* obs-text must be UTF-8: values reach logs and pages, where other bytes have no reading. */
static bool value_ok(str value)
{
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.data[i];
        if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return str_utf8(value);
}

static guard_reason check_headers(const http_head *h)
{
    if (h->n_headers > HTTP_HEADERS_MAX || h->bytes > HTTP_HEAD_MAX) {
        return GUARD_HEAD_SIZE;
    }
    for (size_t i = 0; i < h->n_headers; i++) {
        if (!guard_token_text(h->headers[i].name)) {
            return GUARD_HEADER_LINE;
        }
        if (!value_ok(h->headers[i].value)) {
            return GUARD_HEADER_VALUE;
        }
    }
    return GUARD_OK;
}

/* How often the header came; `value` is the first one. */
static int count_of(const http_head *h, const char *name, str *value)
{
    int n = 0;
    for (size_t i = 0; i < h->n_headers; i++) {
        if (guard_same(h->headers[i].name, name) && n++ == 0) {
            *value = h->headers[i].value;
        }
    }
    return n;
}

/* Header names have no case. */
static bool same_name(str a, str b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}

/* Two lines of one name are 400 unless the name is a list: whoever reads only the first, and
 * whoever reads only the last, would decide differently. */
static bool repeated(const http_head *h)
{
    for (size_t i = 1; i < h->n_headers; i++) {
        for (size_t k = 0; k < i; k++) {
            if (same_name(h->headers[i].name, h->headers[k].name) &&
                !guard_is_list(h->headers[i].name)) {
                return true;
            }
        }
    }
    return false;
}

/* ASCII digits, `most` of them at most: the bound is what keeps the sums below from wrapping. */
static bool digits(str s, size_t most)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }
    }
    return s.len > 0 && s.len <= most;
}

/* Letters, digits, "-", "." and "_" (names inside a cluster have it). Anything else, above all
 * "/", "@" and "%", would make a link built from it lead elsewhere. */
static bool host_name_ok(str name)
{
    if (name.len > 2 && name.data[0] == '[') { /* IPv6 */
        for (size_t i = 1; i + 1 < name.len; i++) {
            if (strchr("0123456789abcdefABCDEF:.", name.data[i]) == NULL) {
                return false;
            }
        }
        return name.data[name.len - 1] == ']';
    }
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '.' || c == '_')) {
            return false;
        }
    }
    return name.len > 0 && name.data[0] != '.' && name.data[0] != '-';
}

/* The last colon begins the port, unless it belongs to an address in brackets. */
static bool host_ok(str host)
{
    if (host.len == 0 || host.len > HOST_MAX || memchr(host.data, '\0', host.len) != NULL) {
        return false;
    }
    const char *colon = memrchr(host.data, ':', host.len);
    if (colon != NULL && memchr(colon, ']', host.len - (size_t)(colon - host.data)) == NULL) {
        const str port = {colon + 1, host.len - (size_t)(colon - host.data) - 1};
        if (!digits(port, 5)) {
            return false;
        }
        host.len = (size_t)(colon - host.data);
    }
    return host_name_ok(host);
}

/* Digits only and below 2^63; no sign, no list. */
static bool length_ok(str text, int64_t *out)
{
    int64_t n = 0;
    if (!digits(text, 19)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, text.data[i] - '0', &n)) {
            return false;
        }
    }
    *out = n;
    return true;
}

/* RFC 9112 §6.1, the strict reading: where two headers could frame the body, the request is
 * refused instead of one of them preferred. */
static guard_reason check_body(const http_head *h, http_framing *f)
{
    str length = {0};
    str coding = {0};
    const int lengths = count_of(h, "Content-Length", &length);
    const int codings = count_of(h, "Transfer-Encoding", &coding);
    if (lengths > 0 && codings > 0) {
        return GUARD_LENGTH_TWICE;
    }
    if (lengths > 1 || (lengths == 1 && !length_ok(length, &f->length))) {
        return GUARD_LENGTH;
    }
    if (codings > 1 || (codings == 1 && h->version.data[7] == '0')) {
        return GUARD_TRANSFER;
    }
    if (codings == 1 && !guard_same(coding, "chunked")) {
        return GUARD_TRANSFER_UNKNOWN;
    }
    f->chunked = codings == 1;
    return GUARD_OK;
}

/* Is `word` one of the comma-separated tokens of the value? */
static bool has_token(str value, const char *word)
{
    str part;
    while (cut(&value, ',', &part)) {
        if (guard_same(without_blanks(part), word)) {
            return true;
        }
    }
    return guard_same(without_blanks(value), word);
}

/* HTTP/1.1 keeps a connection unless told otherwise, HTTP/1.0 closes it unless told otherwise. */
static bool keeps(const http_head *h)
{
    bool keep = h->version.data[7] == '1';
    for (size_t i = 0; i < h->n_headers; i++) {
        if (guard_same(h->headers[i].name, "Connection")) {
            if (has_token(h->headers[i].value, "close")) {
                return false;
            }
            keep = keep || has_token(h->headers[i].value, "keep-alive");
        }
    }
    return keep;
}

/* The order is fixed and part of the answer: the same bytes get the same reason on every path. */
guard_reason guard_check(const http_head *h, http_framing *out)
{
    http_framing f = {0};
    str host = {0};
    str expect = {0};
    guard_reason r = check_line(h);
    r = r == GUARD_OK ? check_headers(h) : r;
    if (r != GUARD_OK) {
        return r;
    }
    if (count_of(h, "Host", &host) != 1 || !host_ok(host)) {
        return GUARD_HOST;
    }
    r = check_body(h, &f);
    if (r != GUARD_OK) {
        return r;
    }
    if (repeated(h)) {
        return GUARD_HEADER_REPEATED;
    }
    if (count_of(h, "Expect", &expect) > 0 && !guard_same(expect, "100-continue")) {
        return GUARD_EXPECTATION;
    }
    /* After a chunked body nobody can be sure where the next request begins. */
    f.keep = keeps(h) && !f.chunked;
    *out = f;
    return GUARD_OK;
}
