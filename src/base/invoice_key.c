/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ids.h"

#include <stdio.h>
#include <string.h>

#define DIGITAL_DIGITS 20
#define CODE_DIGITS 12 /* paper codes of 10 are filled up with zeros on the left */
#define NUMBER_DIGITS 8
#define PART_MAX 40

typedef struct part {
    char text[PART_MAX + 1];
    size_t len;
} part;

/* Full-width forms to ASCII, capitals, no blanks (NFKC of what invoices carry), so that one invoice
 * written in two ways has one key. False: something else than visible ASCII remains. */
static bool fold(str s, part *out)
{
    *out = (part){0};
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == 0xef && s.len - i >= 3) { /* U+FF01..U+FF5E are EF BC 81 .. EF BD 9E */
            const unsigned char mid = (unsigned char)s.data[i + 1];
            const unsigned char low = (unsigned char)s.data[i + 2];
            const unsigned at = (mid & 0x3fU) << 6 | (low & 0x3fU);
            if ((mid & 0xc0) != 0x80 || (low & 0xc0) != 0x80 || at < 0xf01 || at > 0xf5e) {
                return false;
            }
            c = (unsigned char)(at - 0xf00 + 0x20);
            i += 2;
        } else if (c == 0xe3 && str_starts((str){s.data + i, s.len - i}, STR("\xe3\x80\x80"))) {
            i += 2; /* U+3000, the full-width blank */
            continue;
        }
        if (c == ' ') {
            continue;
        }
        if (c < 0x21 || c > 0x7e || out->len == PART_MAX) {
            return false;
        }
        out->text[out->len++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return true;
}

static bool all_digits(const part *p)
{
    return strspn(p->text, "0123456789") == p->len;
}

static tq_code key_fail(tq_err *err, const char *field, const char *detail)
{
    return tq_fail(err, TQ_INVALID, "invoice_form", field, "%s", detail);
}

static tq_code domestic(const part *code, const part *number, invoice_key *key, tq_err *err)
{
    if (code->len == 0) {
        if (number->len != DIGITAL_DIGITS || !all_digits(number)) {
            return key_fail(err, "invoice_number",
                            "a digital invoice has a number of 20 digits; an older one needs its "
                            "code too");
        }
        memcpy(key->text, number->text, DIGITAL_DIGITS);
        return TQ_OK;
    }
    if ((code->len != 10 && code->len != CODE_DIGITS) || !all_digits(code)) {
        return key_fail(err, "invoice_code", "an invoice code has 10 or 12 digits");
    }
    if (number->len != NUMBER_DIGITS || !all_digits(number)) {
        return key_fail(err, "invoice_number",
                        "with an invoice code goes a number of 8 digits; leave the code out for a "
                        "number of 20");
    }
    memset(key->text, '0', CODE_DIGITS);
    memcpy(key->text + CODE_DIGITS - code->len, code->text, code->len);
    memcpy(key->text + CODE_DIGITS, number->text, NUMBER_DIGITS);
    return TQ_OK;
}

/* Dots, dashes and slashes in a tax number are layout. */
static void letters_and_digits(part *p)
{
    size_t len = 0;
    for (size_t i = 0; i < p->len; i++) {
        const char c = p->text[i];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) {
            p->text[len++] = c;
        }
    }
    p->text[len] = '\0';
    p->len = len;
}

static tq_code foreign(const part *country, const part *number, str seller_tax_id, invoice_key *key,
                       tq_err *err)
{
    if (country->len != 2 || country->text[0] < 'A' || country->text[0] > 'Z' ||
        country->text[1] < 'A' || country->text[1] > 'Z') {
        return key_fail(err, "invoice_country", "give the country as two letters of ISO 3166");
    }
    part seller;
    if (!fold(seller_tax_id, &seller)) {
        return key_fail(err, "seller_tax_id",
                        "write the seller's tax number in at most 40 letters and digits");
    }
    letters_and_digits(&seller);
    if (seller.len == 0) {
        return key_fail(err, "seller_tax_id", "a foreign invoice needs its seller's tax number");
    }
    if (number->len == 0) {
        return key_fail(err, "invoice_number", "the invoice number is empty");
    }
    const int len =
        snprintf(key->text, sizeof key->text, "%s:%s:%s", country->text, seller.text, number->text);
    TQ_ASSERT(len > 0);
    TQ_ASSERT((size_t)len < sizeof key->text);
    return TQ_OK;
}

tq_code invoice_key_make(str code, str number, str country, str seller_tax_id, invoice_key *out,
                         tq_err *err)
{
    TQ_ASSERT(out != NULL);
    part folded_code;
    part folded_number;
    part folded_country;
    if (!fold(str_trim(code), &folded_code)) {
        return key_fail(err, "invoice_code", "an invoice code has 10 or 12 digits");
    }
    if (!fold(str_trim(number), &folded_number)) {
        return key_fail(err, "invoice_number",
                        "write the invoice number in at most 40 letters and digits");
    }
    if (!fold(str_trim(country), &folded_country)) {
        return key_fail(err, "invoice_country", "give the country as two letters of ISO 3166");
    }
    invoice_key key = {0};
    const bool at_home = folded_country.len == 0 || strcmp(folded_country.text, "CN") == 0;
    if (at_home) {
        TQ_TRY(domestic(&folded_code, &folded_number, &key, err));
    } else {
        TQ_TRY(foreign(&folded_country, &folded_number, seller_tax_id, &key, err));
    }
    *out = key;
    return TQ_OK;
}
