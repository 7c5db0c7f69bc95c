/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ids.h"

#include <string.h>

#define CODE_LEN 18
#define BODY_AT 8 /* the body code of GB 11714: eight characters and its check character */

/* GB 32100-2015, table 2: without I, O, S, V, Z. The place is the value. */
static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
#define RADIX ((int)sizeof alphabet - 1)

static int value_of(char c)
{
    const char *p = c == '\0' ? NULL : strchr(alphabet, c);
    return p == NULL ? -1 : (int)(p - alphabet);
}

/* GB 11714-1997: digits count as themselves, letters from A = 10. */
static char body_check(const char *body)
{
    static const int weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < TQ_COUNT(weights); i++) {
        const char c = body[i];
        sum += weights[i] * (c <= '9' ? c - '0' : c - 'A' + 10);
    }
    const int check = 11 - sum % 11;
    return (char)(check == 10 ? 'X' : check == 11 ? '0' : '0' + check);
}

/* GB 32100-2015: weights are the powers of 3 modulo 31. */
static char code_check(const char *code)
{
    int sum = 0;
    int weight = 1;
    for (size_t i = 0; i + 1 < CODE_LEN; i++) {
        sum += value_of(code[i]) * weight;
        weight = weight * 3 % RADIX;
    }
    return alphabet[(RADIX - sum % RADIX) % RADIX];
}

static tq_code code_fail(tq_err *err, const char *detail)
{
    return tq_fail(err, TQ_INVALID, "credit_code", "credit_code", "%s", detail);
}

tq_code credit_code_parse(str text, credit_code *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    const str s = str_trim(text);
    if (s.len != CODE_LEN) {
        return code_fail(err, "a unified social credit code has 18 characters");
    }
    credit_code code = {0};
    for (size_t i = 0; i < CODE_LEN; i++) {
        const char c = s.data[i];
        code.text[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        if (value_of(code.text[i]) < 0) {
            return code_fail(err, "a unified social credit code has digits and capital letters "
                                  "other than I, O, S, V and Z");
        }
        if (i >= 2 && i < BODY_AT && (c < '0' || c > '9')) {
            return code_fail(err, "characters 3 to 8 are the digits of a division");
        }
    }
    if (code.text[BODY_AT + 8] != body_check(code.text + BODY_AT)) {
        return code_fail(err, "character 17 does not check characters 9 to 16; look for a typing "
                              "error there");
    }
    if (code.text[CODE_LEN - 1] != code_check(code.text)) {
        return code_fail(err, "character 18 does not check the code; look for a typing error");
    }
    *out = code;
    return TQ_OK;
}

credit_code credit_code_make(const char *category, const char *division, uint32_t serial)
{
    TQ_ASSERT(strlen(category) == 2);
    TQ_ASSERT(strlen(division) == 6);
    TQ_ASSERT(value_of(category[0]) >= 0);
    TQ_ASSERT(value_of(category[1]) >= 0);
    credit_code code = {0};
    memcpy(code.text, category, 2);
    memcpy(code.text + 2, division, 6);
    /* Real body codes begin with a digit or MA; Y keeps the made ones apart from them. */
    code.text[BODY_AT] = 'Y';
    for (size_t i = BODY_AT + 7; i > BODY_AT; i--) {
        code.text[i] = alphabet[serial % (uint32_t)RADIX];
        serial /= (uint32_t)RADIX;
    }
    TQ_ASSERT(serial == 0);
    code.text[BODY_AT + 8] = body_check(code.text + BODY_AT);
    code.text[CODE_LEN - 1] = code_check(code.text);
    credit_code again;
    const tq_code sane = credit_code_parse(str_of(code.text), &again, NULL);
    TQ_ASSERT(sane == TQ_OK);
    return code;
}
