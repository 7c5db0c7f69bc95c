/* SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

#include <stdlib.h>

__extension__ typedef unsigned __int128 u128;

/* ISO 4217 list one (January 2026) by number of minor digits; BGN stays for papers from before the
 * change to the euro. */
static const char *const codes_by_digits[MONEY_DIGITS_MAX + 1] = {
    [0] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    [2] = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
          "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP "
          "GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT "
          "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN "
          "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
          "SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES "
          "WST XCD XCG YER ZAR ZMW ZWG",
    [3] = "BHD IQD JOD KWD LYD OMR TND",
    [4] = "CLF UYW",
};

tq_code currency_of(str code, currency *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    for (int digits = 0; code.len == 3 && digits <= MONEY_DIGITS_MAX; digits++) {
        const char *list = codes_by_digits[digits];
        for (const char *p = list == NULL ? "" : list; *p != '\0'; p += p[3] == '\0' ? 3 : 4) {
            if (memcmp(p, code.data, 3) == 0) {
                *out = (currency){.minor_digits = digits};
                memcpy(out->code, p, 3);
                return TQ_OK;
            }
        }
    }
    return tq_fail(err, TQ_NOT_FOUND, "currency", "currency",
                   "no such currency; give an upper-case code of ISO 4217 such as CNY");
}

static bool money_sane(money m)
{
    return m.minor >= -MONEY_MAX && m.minor <= MONEY_MAX;
}

static tq_code range_fail(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "amount_range", "amount",
                   "the amount is beyond %lld of the smallest unit", (long long)MONEY_MAX);
}

tq_code money_add(money a, money b, money *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    money sum;
    if (__builtin_add_overflow(a.minor, b.minor, &sum.minor) || !money_sane(sum)) {
        return range_fail(err);
    }
    *out = sum;
    return TQ_OK;
}

tq_code money_sub(money a, money b, money *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    money rest;
    if (__builtin_sub_overflow(a.minor, b.minor, &rest.minor) || !money_sane(rest)) {
        return range_fail(err);
    }
    *out = rest;
    return TQ_OK;
}

money money_share_floor(money a, bps part)
{
    TQ_ASSERT(a.minor >= 0);
    TQ_ASSERT(a.minor <= MONEY_MAX);
    TQ_ASSERT(part.n >= 0);
    TQ_ASSERT(part.n <= 1000000); /* a hundredfold: keeps the product below inside int64 */
    /* Quotient and remainder apart: exact without a wider type, as 10000 divides the first term. */
    const int64_t share = a.minor / 10000 * part.n + a.minor % 10000 * part.n / 10000;
    TQ_ASSERT(part.n > 10000 || share <= a.minor);
    return (money){share};
}

bps money_rate_half_up(money part, money whole)
{
    TQ_ASSERT(part.minor >= 0);
    TQ_ASSERT(part.minor <= MONEY_MAX);
    TQ_ASSERT(whole.minor >= 0);
    TQ_ASSERT(whole.minor <= MONEY_MAX);
    if (whole.minor == 0) {
        return (bps){0};
    }
    const uint64_t p = (uint64_t)part.minor;
    const uint64_t w = (uint64_t)whole.minor;
    /* p % w < 10^15, so the products stay below 2^64 (10^19 + 5 * 10^14). */
    const uint64_t rate = p / w * 10000 + (p % w * 10000 + w / 2) / w;
    return (bps){rate > INT32_MAX ? INT32_MAX : (int32_t)rate};
}

typedef struct remainder_at {
    u128 rest;
    size_t at;
} remainder_at;

static int larger_rest_first(const void *left, const void *right)
{
    const remainder_at *a = left;
    const remainder_at *b = right;
    if (a->rest != b->rest) {
        return a->rest > b->rest ? -1 : 1;
    }
    return a->at < b->at ? -1 : a->at > b->at;
}

void money_split(money whole, const int64_t *weights, size_t n, money *shares)
{
    TQ_ASSERT(whole.minor >= 0);
    TQ_ASSERT(whole.minor <= MONEY_MAX);
    TQ_ASSERT(n > 0);
    TQ_ASSERT(n < SIZE_MAX / sizeof(remainder_at));
    u128 sum = 0;
    for (size_t i = 0; i < n; i++) {
        TQ_ASSERT(weights[i] >= 0);
        sum = sum + (uint64_t)weights[i];
    }
    TQ_ASSERT(sum > 0);
    remainder_at few[16];
    remainder_at *rests = n <= TQ_COUNT(few) ? few : malloc(n * sizeof *rests);
    TQ_ASSERT(rests != NULL);
    int64_t left = whole.minor;
    for (size_t i = 0; i < n; i++) {
        const u128 product = (u128)whole.minor * (u128)weights[i]; /* < 2^50 * 2^63 */
        shares[i] = (money){(int64_t)(product / sum)};
        rests[i] = (remainder_at){product % sum, i};
        left -= shares[i].minor;
    }
    TQ_ASSERT(left >= 0);
    TQ_ASSERT((uint64_t)left < n);
    if (left > 0) {
        qsort(rests, n, sizeof *rests, larger_rest_first);
    }
    for (size_t i = 0; i < (size_t)left; i++) {
        TQ_ASSERT(rests[i].rest > 0);
        shares[rests[i].at].minor++;
    }
    if (rests != few) {
        free(rests);
    }
}

static tq_code form_fail(tq_err *err, const currency *cur)
{
    return tq_fail(err, TQ_INVALID, "amount_form", "amount",
                   "write the amount in plain digits such as 30000%s, with at most %d digits after "
                   "the point and no sign, blank or comma",
                   cur->minor_digits == 0 ? "" : ".5", cur->minor_digits);
}

tq_code money_parse(str text, const currency *cur, money *out, tq_err *err)
{
    TQ_ASSERT(cur != NULL);
    TQ_ASSERT(cur->minor_digits >= 0);
    TQ_ASSERT(cur->minor_digits <= MONEY_DIGITS_MAX);
    TQ_ASSERT(out != NULL);
    int64_t n = 0;
    int after_point = -1; /* digits read after the point; -1 before it */
    bool over = false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.data[i];
        if (c == '.' && after_point < 0 && i > 0 && i + 1 < text.len) {
            after_point = 0;
            continue;
        }
        if (c < '0' || c > '9' || (i == 1 && text.data[0] == '0' && after_point < 0)) {
            return form_fail(err, cur);
        }
        after_point += after_point >= 0;
        if (after_point > cur->minor_digits) {
            return form_fail(err, cur);
        }
        n = over ? n : n * 10 + (c - '0');
        over = over || n > MONEY_MAX;
    }
    if (text.len == 0) {
        return form_fail(err, cur);
    }
    for (int i = after_point < 0 ? 0 : after_point; i < cur->minor_digits && !over; i++) {
        n *= 10;
        over = n > MONEY_MAX;
    }
    if (over) {
        return range_fail(err);
    }
    *out = (money){n};
    return TQ_OK;
}
