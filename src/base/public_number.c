/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ids.h"

#include <stdio.h>
#include <string.h>

#define PROGRAMME_MIN 2
#define PROGRAMME_MAX 9
#define SERIAL_DIGITS_MIN 6
#define SERIAL_MAX 999999999

/* ISO 7064 MOD 11-10 over the digits of the text; letters and hyphens do not count. */
static char check_digit(str text)
{
    int product = 10;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            continue;
        }
        int sum = (product + (text.data[i] - '0')) % 10;
        sum = sum == 0 ? 10 : sum;
        product = sum * 2 % 11;
    }
    return (char)('0' + (11 - product) % 10);
}

static bool programme_ok(str s)
{
    if (s.len < PROGRAMME_MIN || s.len > PROGRAMME_MAX) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) {
            return false;
        }
    }
    return true;
}

public_number number_make(number_kind kind, str programme, int year, int64_t serial)
{
    TQ_ASSERT(kind >= 'A');
    TQ_ASSERT(kind <= 'Z');
    TQ_ASSERT(programme_ok(programme));
    TQ_ASSERT(year >= 1900);
    TQ_ASSERT(year <= 2199);
    TQ_ASSERT(serial >= 1);
    TQ_ASSERT(serial <= SERIAL_MAX);
    public_number n = {0};
    const int len = snprintf(n.text, sizeof n.text, "%c%.*s-%04d-%0*lld-", (char)kind,
                             STR_ARG(programme), year, SERIAL_DIGITS_MIN, (long long)serial);
    TQ_ASSERT(len > 0);
    TQ_ASSERT((size_t)len + 1 < sizeof n.text);
    n.text[len] = check_digit((str){n.text, (size_t)len});
    return n;
}

static tq_code number_fail(tq_err *err, number_kind kind, const char *what)
{
    return tq_fail(err, TQ_INVALID, "number", "number", "%s; it looks like %c330522-2013-000123-7",
                   what, (char)kind);
}

/* Takes the part up to the next hyphen off the head. */
static str part(str *rest)
{
    const char *hyphen = rest->len == 0 ? NULL : memchr(rest->data, '-', rest->len);
    const size_t n = hyphen == NULL ? rest->len : (size_t)(hyphen - rest->data);
    const str head = {rest->data, n};
    const size_t taken = hyphen == NULL ? n : n + 1;
    *rest = (str){rest->data + taken, rest->len - taken};
    return head;
}

tq_code number_parse(str text, number_kind kind, public_number *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    const str s = str_trim(text);
    if (s.len == 0 || s.len >= sizeof out->text) {
        return number_fail(err, kind, "the number is empty or too long");
    }
    if (s.data[0] != (char)kind) {
        return number_fail(err, kind, "the first letter tells another kind of number");
    }
    str rest = {s.data + 1, s.len - 1};
    const str programme = part(&rest);
    const str year_text = part(&rest);
    str serial_text = part(&rest);
    const size_t serial_digits = serial_text.len;
    while (serial_text.len > 1 && serial_digits == SERIAL_DIGITS_MIN &&
           serial_text.data[0] == '0') {
        serial_text.data++;
        serial_text.len--;
    }
    long long year = 0;
    long long serial = 0;
    if (!programme_ok(programme) || year_text.len != 4 || !str_int64(year_text, &year) ||
        year < 1900 || year > 2199 || serial_digits < SERIAL_DIGITS_MIN ||
        !str_int64(serial_text, &serial) || serial < 1 || serial > SERIAL_MAX || rest.len != 1) {
        return number_fail(err, kind, "the number has not the form of a number of this programme");
    }
    const public_number made = number_make(kind, programme, (int)year, serial);
    if (!str_eq(str_of(made.text), s)) {
        return number_fail(err, kind,
                           "the check digit at the end does not fit; look for a typing error");
    }
    *out = made;
    return TQ_OK;
}
