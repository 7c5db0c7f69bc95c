/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_IDS_H
#define TQ_IDS_H

/* Codes that people read and copy. */

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

/* Unified social credit code 统一社会信用代码, GB 32100-2015: 18 characters, upper case, both check
 * characters right (that of the body code GB 11714 at 17, its own at 18). */
typedef struct credit_code {
    char text[19];
} credit_code;

/* Trims and raises to upper case first. INVALID/credit_code. A right check character proves form only;
 * the division inside it is that of first registration and never the current region. */
TQ_MUST_CHECK tq_code credit_code_parse(str text, credit_code *out, tq_err *err);
/* Builds a valid code from category (2 chars), division (6 digits) and serial, for demonstration data. */
credit_code credit_code_make(const char *category, const char *division, uint32_t serial);

/* A public number: kind letter, programme, fiscal year, serial, check digit:
 * V330522-2013-000123-7. The check digit is ISO 7064 MOD 11-10 over all digits before it. */
typedef enum number_kind {
    NUMBER_VOUCHER = 'V',
    NUMBER_DECISION = 'D',
    NUMBER_REGISTER = 'R',
    NUMBER_BATCH = 'B',
    NUMBER_PAYMENT = 'P',
    NUMBER_ORDER = 'O',
    NUMBER_CLAIM = 'C',
    NUMBER_CASE = 'S',
    NUMBER_INSPECTION = 'J',
    NUMBER_APPLICATION = 'A',
    NUMBER_DRAW = 'L',     /* lots */
    NUMBER_BAN_QUERY = 'Q' /* questions to the ban register */
} number_kind;

typedef struct public_number {
    char text[32];
} public_number;

/* `programme` is 2..9 ASCII digits or capitals (GB/T 2260 division or a local code); serial 1..999999999,
 * at least six digits wide. */
public_number number_make(number_kind kind, str programme, int year, int64_t serial);
/* INVALID/number: names what is wrong (kind, form, check digit). */
TQ_MUST_CHECK tq_code number_parse(str text, number_kind kind, public_number *out, tq_err *err);

/* Key under which an invoice is unique in the whole installation (I11): a fully digital number of 20
 * digits as is; a legacy code (10 or 12 digits, padded with zeros to 12) and number of 8 joined; a
 * foreign one as country + ':' + seller tax id + ':' + number folded to upper-case ASCII. */
typedef struct invoice_key {
    char text[96];
} invoice_key;
TQ_MUST_CHECK tq_code invoice_key_make(str code, str number, str country, str seller_tax_id,
                                       invoice_key *out, tq_err *err);

#endif
