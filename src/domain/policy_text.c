/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_text.h"

#include "base/day.h"
#include "domain/policy_inner.h"
#include "domain/signal.h"

typedef enum fact_unit { U_COUNT, U_MONEY, U_DAY, U_DAYS, U_FLAG, U_WORD } fact_unit;

/* What a fact is called where a step compares it: for days it is the day that is judged. */
typedef struct fact_words {
    const char *name;
    fact_unit unit;
    const char *zh, *en;
} fact_words;

static const fact_words words[] = {
    {"today", U_DAY, "办理日", "day of the act"},
    {"voucher_kind", U_WORD, "券类", "kind of voucher"},
    {"holder_kind", U_WORD, "申领主体类型", "kind of holder"},
    {"holder_age_days", U_DAYS, "主体成立天数", "age of the holder"},
    {"holder_recognised", U_FLAG, "主体在认定名单内", "holder is on the list of recognition"},
    {"holder_region", U_WORD, "主体所在地区", "region of the holder"},
    {"holder_banned", U_FLAG, "主体处于禁止期", "holder is banned"},
    {"holder_finding", U_WORD, "主体尚在计分的核查问题", "finding whose points still count"},
    {"open_applications", U_COUNT, "未办结的申请数", "open applications"},
    {"issued_year", U_MONEY, "本年度累计发放", "issued to the holder this year"},
    {"issued_life", U_MONEY, "历年累计发放", "issued to the holder so far"},
    {"vouchers_life", U_COUNT, "历年发放张数", "vouchers of the holder so far"},
    {"asked", U_MONEY, "申请金额", "amount asked"},
    {"decided", U_MONEY, "协调小组核定金额", "amount decided by the group"},
    {"pool_left", U_MONEY, "占用资金池", "taken from the pool"},
    {"is_top_up", U_FLAG, "属于增发", "is a top-up"},
    {"outcome_kind", U_WORD, "服务事项", "service"},
    {"purpose", U_WORD, "用途", "purpose"},
    {"institution_region", U_WORD, "服务机构所在地区", "region of the institution"},
    {"institution_recognised", U_FLAG, "服务机构单独认定", "institution is recognised by itself"},
    {"agreement_open", U_FLAG, "合作协议有效", "a partner agreement is open"},
    {"institution_banned", U_FLAG, "服务机构处于禁止期", "institution is banned"},
    {"related", U_FLAG, "双方存在关联关系", "the parties are related"},
    {"compulsory", U_FLAG, "法定强制检测认证", "the law demands it anyway"},
    {"contract", U_MONEY, "合同额", "contract"},
    {"voucher_left", U_MONEY, "券内余额", "left on the voucher"},
    {"order_end", U_DAY, "服务结束日", "end of the order"},
    {"voucher_end", U_DAY, "使用日", "day of use"},
    {"base_gross", U_MONEY, "计算基数（含税）", "base with tax"},
    {"base_net", U_MONEY, "计算基数（不含税）", "base without tax"},
    {"hold_left", U_MONEY, "订单冻结余额", "held for the order"},
    {"claim_by", U_DAY, "兑现申请日", "day of the claim"},
    {"evidence_mask", U_WORD, "证明材料", "papers"},
    {"claimed_year", U_MONEY, "本年度累计兑现", "claimed by the holder this year"},
    {"base", U_MONEY, "计算基数", "base"},
    {"amount", U_MONEY, "金额", "amount"},
#define SIGNAL(name, token, unit, zh, en) {#token, unit, zh, en},
#include "domain/signal_kinds.def"
#undef SIGNAL
};
_Static_assert(TQ_COUNT(words) == POLICY_FACTS + 2 + SIGNAL_COUNT,
               "every fact of policy_facts.def has its words");

static const fact_words *words_of(const char *fact)
{
    TQ_ASSERT(fact != NULL);
    for (size_t i = 0; i < TQ_COUNT(words); i++) {
        if (strcmp(words[i].name, fact) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

const char *policy_fact_label(const char *fact, bool chinese)
{
    const fact_words *w = words_of(fact);
    return w == NULL ? fact : chinese ? w->zh : w->en;
}

/* How a comparison reads. `{f}` is the fact, `{l}` and `{r}` what was compared. */
typedef struct operator_words {
    const char *operator;
    const char *zh, *en;
} operator_words;

static const operator_words operators[] = {
    {"=", "{f}：{l}，应为 {r}", "{f}: {l}, must be {r}"},
    {"!=", "{f}：{l}，不得为 {r}", "{f}: {l}, must not be {r}"},
    {"<=", "{f}：{l}，不超过 {r}", "{f}: {l}, at most {r}"},
    {"<", "{f}：{l}，应小于 {r}", "{f}: {l}, less than {r}"},
    {">=", "{f}：{l}，不少于 {r}", "{f}: {l}, at least {r}"},
    {">", "{f}：{l}，应大于 {r}", "{f}: {l}, more than {r}"},
    {"in", "{f}：{l}，应属于 {r}", "{f}: {l}, must be one of {r}"},
    {"not in", "{f}：{l}，不得属于 {r}", "{f}: {l}, must not be one of {r}"},
    {"within", "{f}：{l}，应在 {r} 范围内", "{f}: {l}, must lie within {r}"},
    {"class", "{f}：{l}，类别 {r}", "{f}: {l}, of class {r}"},
    {"has", "必需的{f}：{r}{m}", "{f} needed: {r}{m}"},
    {"set", "政策参数 {r} 尚未规定", "the parameter {r} of the policy is not set"},
    {"share", "{f} {l} 按比例计得 {r}", "of {f} {l} the share is {r}"},
    {"min", "以{f}为限：{l} → {r}", "not above what is {f}: {l} -> {r}"},
    {"cap", "受{f}上限约束：{l} → {r}", "under the ceiling on what was {f}: {l} -> {r}"},
    {"own_share", "扣除自筹部分：{l} → {r}", "less the holder's own share: {l} -> {r}"},
    {"quota", "{f}，减额发放：{l} → {r}", "{f}, less is left: {l} -> {r}"},
    {"signal", "{f}：{l}，界限 {r}", "{f}: {l}, bound {r}"},
    {"amount", "{f} {l}，计入 {r}", "{f} {l}, counted {r}"},
};

static void value_text(fact_unit unit, int64_t n, str text, const currency *money_unit, bool zh,
                       buf *out)
{
    TQ_ASSERT(unit <= U_WORD);
    if (text.len > 0) {
        buf_str_add(out, text);
    } else if (unit == U_MONEY) {
        money_print_grouped((money){n}, money_unit, out);
    } else if (unit == U_DAY && n > -100000 &&
               n < 100000) { /* beyond, it is no day of any scheme */
        day_print((day){(int32_t)n}, out);
    } else if (unit == U_FLAG && (n == 0 || n == 1)) {
        buf_text(out, n == 1 ? (zh ? "是" : "yes") : (zh ? "否" : "no"));
    } else if (unit == U_WORD) {
        buf_text(out, zh ? "（无）" : "(none)");
    } else {
        buf_printf(out, "%lld%s", (long long)n, unit != U_DAYS ? "" : zh ? " 天" : " days");
    }
}

bool policy_fact_text(const char *fact, int64_t n, str text, const currency *unit, bool chinese,
                      buf *out)
{
    TQ_ASSERT(fact != NULL);
    TQ_ASSERT(unit != NULL);
    const fact_words *w = words_of(fact);
    /* evidence_mask is a word to those who read rules, bits where it is stored: papers are listed beside */
    if (w == NULL || (w->unit == U_WORD && text.len == 0)) {
        return false;
    }
    buf_printf(out, chinese ? "%s：" : "%s: ", chinese ? w->zh : w->en);
    value_text(w->unit, n, text, unit, chinese, out);
    return true;
}

void policy_fact_value(const char *fact, int64_t n, const currency *unit, bool chinese, buf *out)
{
    const fact_words *w = words_of(fact);
    TQ_ASSERT(unit != NULL);
    TQ_ASSERT(w != NULL && w->unit != U_WORD); /* words are compared as words */
    value_text(w->unit, n, (str){0}, unit, chinese, out);
}

/* The one paper that is missing, where one is. */
static void missing_text(const policy_step *s, bool zh, buf *out)
{
    if (s->left_text.len > 0) {
        buf_printf(out, zh ? "；缺 %.*s" : "; missing: %.*s", STR_ARG(s->left_text));
    }
}

/* Its right text is the rate, not the amount. */
static bool tells_rate(const policy_step *s)
{
    return strcmp(s->operator, "share") == 0 || strcmp(s->operator, "quota") == 0;
}

static void fill(const char *form, const policy_step *s, const currency *unit, bool zh, buf *out)
{
    const fact_words *w = words_of(s->fact);
    const bool quota = strcmp(s->operator, "quota") == 0;
    const fact_unit kind = quota ? U_MONEY : w == NULL ? U_COUNT : w->unit;
    const bool share = tells_rate(s);
    for (const char *at = form; *at != '\0';) {
        const char *brace = strchr(at, '{');
        const size_t plain = brace == NULL ? strlen(at) : (size_t)(brace - at);
        buf_add(out, at, plain);
        at += plain;
        if (*at == '\0') {
            return;
        }
        TQ_ASSERT(at[1] != '\0' && at[2] == '}');
        if (at[1] == 'f') {
            buf_text(out, policy_fact_label(s->fact, zh));
        } else if (at[1] == 'l') {
            value_text(kind, s->left, s->left_text, unit, zh, out);
        } else if (at[1] == 'r') {
            value_text(kind, s->right, share ? (str){0} : s->right_text, unit, zh, out);
        } else {
            missing_text(s, zh, out);
        }
        at += 3;
    }
}

const currency *policy_unit(const policy *p)
{
    TQ_ASSERT(p != NULL);
    TQ_ASSERT(p->money.code[0] != '\0');
    return &p->money;
}

/* "recognised: yes, must not be no" is what the evaluator compared; people say "must be yes". */
static policy_step plainly(const policy_step *s)
{
    const fact_words *w = words_of(s->fact);
    policy_step plain = *s;
    TQ_ASSERT(s->operator!= NULL);
    if (w != NULL && w->unit == U_FLAG && strcmp(s->operator, "!=") == 0) {
        plain.operator= "=";
        plain.right = s->right == 0 ? 1 : 0;
    }
    return plain;
}

void policy_step_text(const policy_step *step, const currency *unit, bool chinese, buf *out)
{
    const policy_step plain = plainly(step);
    const policy_step *s = &plain;
    TQ_ASSERT(unit != NULL);
    TQ_ASSERT(unit->minor_digits >= 0 && unit->minor_digits <= MONEY_DIGITS_MAX);
    const char *form = chinese ? "{f}：{l}，{r}" : "{f}: {l}, {r}";
    for (size_t i = 0; i < TQ_COUNT(operators); i++) {
        if (strcmp(operators[i].operator, s->operator) == 0) {
            form = chinese ? operators[i].zh : operators[i].en;
        }
    }
    fill(form, s, unit, chinese, out);
    if (tells_rate(s) && s->right_text.len > 0) {
        buf_printf(out, chinese ? "（%.*s）" : " (%.*s)", STR_ARG(s->right_text));
    }
    if (strcmp(s->operator, "signal") == 0) { /* a sign, not a verdict */
        buf_text(out, chinese ? "。" : ".");
    } else {
        buf_printf(out, chinese ? "。%s" : ". %s",
                   s->holds ? (chinese ? "通过" : "It holds.")
                            : (chinese ? "不通过" : "It does not hold."));
    }
    if (s->rule.len > 0) {
        buf_printf(out, chinese ? "（%.*s%s%.*s）" : " (%.*s%s%.*s)", STR_ARG(s->rule),
                   s->article.len == 0 ? ""
                   : chinese           ? "，"
                                       : ", ",
                   STR_ARG(s->article));
    }
}
