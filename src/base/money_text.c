/* SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

static void print(money m, const currency *cur, bool grouped, buf *out)
{
    TQ_ASSERT(cur->minor_digits >= 0);
    TQ_ASSERT(cur->minor_digits <= MONEY_DIGITS_MAX);
    char digits[40];
    size_t at = sizeof digits;
    uint64_t left = m.minor < 0 ? 0 - (uint64_t)m.minor : (uint64_t)m.minor;
    for (int i = 0; i < cur->minor_digits; i++) {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (cur->minor_digits > 0) {
        digits[--at] = '.';
    }
    int in_group = 0;
    do {
        if (grouped && in_group == 3) {
            digits[--at] = ',';
            in_group = 0;
        }
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
        in_group++;
    } while (left > 0);
    if (m.minor < 0) {
        digits[--at] = '-';
    }
    buf_add(out, digits + at, sizeof digits - at);
}

void money_print(money m, const currency *cur, buf *out)
{
    print(m, cur, false, out);
}

void money_print_grouped(money m, const currency *cur, buf *out)
{
    print(m, cur, true, out);
}

static const char *const capital[10] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

/* 1..9999; one 零 for a run of zeros between digits, and before them where `lead` asks for it. */
static void capitals_of_group(int64_t n, bool lead, buf *out)
{
    static const struct place {
        int64_t worth;
        const char *unit;
    } places[] = {{1000, "仟"}, {100, "佰"}, {10, "拾"}, {1, ""}};
    TQ_ASSERT(n >= 1);
    TQ_ASSERT(n <= 9999);
    bool started = lead;
    bool zero = false;
    for (size_t i = 0; i < TQ_COUNT(places); i++) {
        const int64_t digit = n / places[i].worth % 10;
        if (digit == 0) {
            zero = started;
            continue;
        }
        if (zero) {
            buf_text(out, capital[0]);
        }
        buf_text(out, capital[digit]);
        buf_text(out, places[i].unit);
        started = true;
        zero = false;
    }
}

/* 1..99999999 */
static void capitals_below_yi(int64_t n, bool lead, buf *out)
{
    TQ_ASSERT(n >= 1);
    TQ_ASSERT(n <= 99999999);
    const int64_t wan = n / 10000;
    const int64_t rest = n % 10000;
    if (wan > 0) {
        capitals_of_group(wan, lead, out);
        buf_text(out, "万");
    }
    if (rest > 0) {
        /* A whole group of zeros after 亿 counts as one gap. */
        const bool gap = wan == 0 && lead && rest >= 1000;
        if (gap) {
            buf_text(out, capital[0]);
        }
        capitals_of_group(rest, (lead || wan > 0) && !gap, out);
    }
}

/* Rules of the People's Bank's 正确填写票据和结算凭证的基本规定; where they leave a choice (零 after a
 * zero 元 or 万 place, 整 after 角) we write no 零 and the 整, which leaves no room to add to. */
void money_print_capitals(money m, buf *out)
{
    TQ_ASSERT(m.minor >= 0);
    TQ_ASSERT(m.minor <= MONEY_MAX);
    const int64_t yuan = m.minor / 100;
    const int64_t jiao = m.minor / 10 % 10;
    const int64_t fen = m.minor % 10;
    const int64_t yi = yuan / 100000000;
    const int64_t rest = yuan % 100000000;
    if (yi > 0) {
        capitals_below_yi(yi, false, out);
        buf_text(out, "亿");
    }
    if (rest > 0) {
        capitals_below_yi(rest, yi > 0, out);
    }
    if (yuan > 0) {
        buf_text(out, "元");
    } else if (jiao == 0 && fen == 0) {
        buf_text(out, "零元");
    }
    if (jiao > 0) {
        buf_text(out, capital[jiao]);
        buf_text(out, "角");
    }
    if (fen > 0) {
        if (jiao == 0 && yuan > 0) {
            buf_text(out, capital[0]);
        }
        buf_text(out, capital[fen]);
        buf_text(out, "分");
    } else {
        buf_text(out, "整");
    }
}
