/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_inner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* One value of a policy file: read by the type of its row, printed so that it reads back the same. */

#define CODES_MAX 40

tq_code policy_fail(const builder *b, const char *file, int line, int column, const char *reason,
                    const char *field, const char *fmt, ...)
{
    char detail[200];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    /* the end of a long path says more than its beginning */
    const size_t len = strlen(file);
    const char *tail = len > 26 ? file + len - 26 : file;
    char place[64];
    (void)snprintf(place, sizeof place, "%s:%d:%d: %.20s", tail, line, column, field);
    return tq_fail(b->err, TQ_INVALID, reason, place, "%s", detail);
}

typedef struct reading {
    const builder *b;
    const policy_field *f;
    str rule;
    const yaml_node *node;
    policy_value *v;
} reading;

#define BAD(r, reason, ...)                                                                        \
    policy_fail((r)->b, (r)->b->file, (r)->node->line, (r)->node->column, reason, (r)->f->name,    \
                __VA_ARGS__)

bool value_has(const policy_value *v, str code)
{
    for (size_t i = 0; i < v->n; i++) {
        if (str_eq(v->list[i], code)) {
            return true;
        }
    }
    return false;
}

bool value_begins(const policy_value *v, str code)
{
    for (size_t i = 0; i < v->n; i++) {
        TQ_ASSERT(v->list[i].len > 0);
        if (str_starts(code, v->list[i])) {
            return true;
        }
    }
    return false;
}

/* The position of `word` among words separated by blanks; -1: none of them. */
static int64_t choice_at(const char *choices, str word)
{
    int64_t n = 0;
    for (const char *p = choices; *p != '\0'; n++) {
        const size_t len = strcspn(p, " ");
        if (str_eq((str){p, len}, word)) {
            return n;
        }
        p += len + strspn(p + len, " ");
    }
    return -1;
}

static bool code_form(str s)
{
    bool mark = true; /* no dot or dash first, last or after another */
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.data[i];
        const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!word && (mark || (c != '.' && c != '-'))) {
            return false;
        }
        mark = !word;
    }
    return !mark && !str_eq(s, STR("unset"));
}

static tq_code read_code(const reading *r, str text, int64_t bytes_max, str *out, int64_t *at)
{
    if (text.len == 0 || text.len > (size_t)bytes_max || !code_form(text)) {
        return BAD(r, "policy_field_type",
                   "a code is 1 to %" PRId64 " of a-z, 0-9, _ with single . or - inside",
                   bytes_max);
    }
    *at = choice_at(r->f->choices, text);
    if (*at < 0 && r->f->choices[0] != '\0') {
        return BAD(r, "policy_field_range", "choose one of: %.150s", r->f->choices);
    }
    *out = arena_copy(r->b->a, text);
    return TQ_OK;
}

static tq_code read_range(const reading *r, int64_t n)
{
    TQ_ASSERT(r->f->min <= r->f->max);
    if (n < r->f->min || n > r->f->max) {
        return BAD(r, "policy_field_range", "must lie between %" PRId64 " and %" PRId64, r->f->min,
                   r->f->max);
    }
    r->v->num = n;
    return TQ_OK;
}

static tq_code read_int(const reading *r)
{
    long long n = 0;
    if (r->node->quoted || !str_int64(r->node->text, &n)) {
        return BAD(r, "policy_field_type", "a whole number without sign is expected");
    }
    return read_range(r, n);
}

static tq_code read_bool(const reading *r)
{
    const bool yes = str_eq(r->node->text, STR("yes"));
    if (r->node->quoted || (!yes && !str_eq(r->node->text, STR("no")))) {
        return BAD(r, "policy_field_type", "write yes or no");
    }
    r->v->num = yes;
    return TQ_OK;
}

static tq_code read_money(const reading *r)
{
    const currency *cur = &r->b->p->money;
    const str t = r->node->text;
    const size_t code = strlen(cur->code);
    TQ_ASSERT(code == 3);
    const bool named = t.len > code + 1 && t.data[t.len - code - 1] == ' ' &&
                       memcmp(t.data + t.len - code, cur->code, code) == 0;
    money m = {0};
    if (r->node->quoted || !named ||
        money_parse((str){t.data, t.len - code - 1}, cur, &m, NULL) != TQ_OK) {
        return BAD(r, "policy_field_type", "an amount is written like 30000.00 %s", cur->code);
    }
    return read_range(r, m.minor);
}

/* "50%", "12.5%", "1250bp" -> basis points; -1 where it is none of these. */
static int64_t basis_points(str t)
{
    long long whole = 0, part = 0;
    if (t.len > 2 && memcmp(t.data + t.len - 2, "bp", 2) == 0) {
        return str_int64((str){t.data, t.len - 2}, &whole) && whole <= 1000000 ? whole : -1;
    }
    if (t.len < 2 || t.data[t.len - 1] != '%') {
        return -1;
    }
    const str number = {t.data, t.len - 1};
    const char *dot = memchr(number.data, '.', number.len);
    const size_t head = dot == NULL ? number.len : (size_t)(dot - number.data);
    if (!str_int64((str){number.data, head}, &whole) || whole > 10000) {
        return -1;
    }
    const size_t digits = dot == NULL ? 0 : number.len - head - 1;
    if (dot != NULL && (digits < 1 || digits > 2)) {
        return -1;
    }
    for (size_t i = 0; i < 2; i++) {
        const char c = i < digits ? dot[1 + i] : '0';
        if (c < '0' || c > '9') {
            return -1;
        }
        part = part * 10 + (c - '0');
    }
    return whole * 100 + part;
}

static tq_code read_rate(const reading *r)
{
    const int64_t n = basis_points(r->node->text);
    if (r->node->quoted || n < 0) {
        return BAD(r, "policy_field_type", "a rate is written like 50%%, 12.5%% or 5000bp");
    }
    TQ_TRY(read_range(r, n));
    r->v->text = arena_printf(r->b->a, "%" PRId64 "bp", n);
    return TQ_OK;
}

static tq_code read_day(const reading *r)
{
    day d = {0};
    if (r->node->quoted || day_parse(r->node->text, &d, NULL) != TQ_OK) {
        return BAD(r, "policy_field_type", "a day is written like 2013-09-01");
    }
    r->v->num = d.n;
    return TQ_OK;
}

/* 29 February is none: it is missing in three years of four. */
static tq_code read_monthday(const reading *r)
{
    const str t = r->node->text;
    ymd d = {2001, 0, 0};
    bool good = !r->node->quoted && t.len == 5 && t.data[2] == '-';
    for (size_t i = 0; good && i < 5; i++) {
        const int digit = t.data[i] - '0';
        if (i != 2) {
            good = digit >= 0 && digit <= 9;
            *(i < 2 ? &d.month : &d.mday) = (i < 2 ? d.month : d.mday) * 10 + digit;
        }
    }
    if (!good || !ymd_valid(d)) {
        return BAD(r, "policy_field_type", "a date of any year is written like 12-31");
    }
    r->v->num = d.month * 100 + d.mday;
    return TQ_OK;
}

static tq_code read_fact(const reading *r)
{
    const int at = policy_fact_named(r->node->text);
    if (at < 0) {
        return BAD(r, "policy_fact", "there is no fact of this name");
    }
    r->v->num = at;
    r->v->text = str_of(policy_fact_table[at].name);
    return TQ_OK;
}

static tq_code line_of(const reading *r, const yaml_node *n, str *out)
{
    if (n->type != YAML_TEXT || !str_line_ok(n->text, (size_t)r->f->max)) {
        return BAD(r, "policy_field_type",
                   "one line of 1 to %" PRId64 " bytes without invisible characters is expected",
                   r->f->max);
    }
    *out = arena_copy(r->b->a, n->text);
    return TQ_OK;
}

/* {zh: ..., en: ...} and {document: ..., article: ...} */
static tq_code read_pair(const reading *r, const char *first, const char *second)
{
    const yaml_node *a = yaml_get(r->node, first);
    const yaml_node *b = yaml_get(r->node, second);
    if (r->node->type != YAML_MAP || r->node->count != 2 || a == NULL || b == NULL) {
        return BAD(r, "policy_field_type", "write {%s: ..., %s: ...}", first, second);
    }
    TQ_TRY(line_of(r, a, &r->v->text));
    return line_of(r, b, &r->v->more);
}

static tq_code read_codes(const reading *r)
{
    if (r->node->type != YAML_LIST) {
        return BAD(r, "policy_field_type", "a list like [a, b] is expected");
    }
    if ((int64_t)r->node->count < r->f->min || (int64_t)r->node->count > r->f->max) {
        return BAD(r, "policy_field_range", "the list has %" PRId64 " to %" PRId64 " members",
                   r->f->min, r->f->max);
    }
    TQ_ASSERT(r->node->count <= CODES_MAX);
    TQ_ASSERT(r->node->count > 0);
    str *list = ARENA_NEW(r->b->a, str, r->node->count);
    r->v->list = list;
    char joined[CODES_MAX * 41];
    size_t len = 0;
    for (const yaml_node *k = r->node->kids; k != NULL; k = k->next) {
        int64_t at;
        str code;
        if (k->type != YAML_TEXT) {
            return BAD(r, "policy_field_type", "the members of the list are codes");
        }
        TQ_TRY(read_code(r, k->text, 40, &code, &at));
        if (value_has(r->v, code)) {
            return BAD(r, "policy_field_range", "%.*s stands twice in the list", STR_ARG(code));
        }
        list[r->v->n++] = code;
        const int more = snprintf(joined + len, sizeof joined - len, "%s%.*s", len == 0 ? "" : " ",
                                  STR_ARG(code));
        TQ_ASSERT(more > 0);
        len += (size_t)more;
        TQ_ASSERT(len < sizeof joined);
    }
    r->v->text = arena_copy(r->b->a, (str){joined, len});
    return TQ_OK;
}

static tq_code read_given(const reading *r)
{
    TQ_ASSERT(r->v->state == PV_GIVEN);
    const policy_type type = r->f->type;
    if (type == PT_TEXT) {
        return read_pair(r, "zh", "en");
    }
    if (type == PT_CITES) {
        return read_pair(r, "document", "article");
    }
    if (type == PT_CODES) {
        return read_codes(r);
    }
    if (r->node->type != YAML_TEXT) {
        return BAD(r, "policy_field_type", "one value is expected, not a list or map");
    }
    switch (type) {
    case PT_INT:
        return read_int(r);
    case PT_BOOL:
        return read_bool(r);
    case PT_MONEY:
        return read_money(r);
    case PT_RATE:
        return read_rate(r);
    case PT_DAY:
        return read_day(r);
    case PT_MONTHDAY:
        return read_monthday(r);
    case PT_CODE:
    case PT_PERIOD:
        return read_code(r, r->node->text, r->f->max > 0 ? r->f->max : 40, &r->v->text, &r->v->num);
    case PT_FACT:
        return read_fact(r);
    case PT_LINE:
        return line_of(r, r->node, &r->v->text);
    case PT_CODES:
    case PT_TEXT:
    case PT_CITES:
        break;
    }
    return BAD(r, "policy_field_type", "this type has no reader");
}

tq_code value_read(const builder *b, const policy_field *f, str rule, const yaml_node *node,
                   policy_value *out)
{
    TQ_ASSERT(f != NULL);
    TQ_ASSERT(out != NULL);
    policy_value v = {.state = PV_GIVEN};
    const reading r = {b, f, rule, node, &v};
    if (node->type == YAML_TEXT && !node->quoted && str_eq(node->text, STR("unset"))) {
        if (f->need == PN_FIXED) {
            return BAD(&r, "policy_field_missing", "this field cannot be left unset");
        }
        v.state = PV_UNSET;
        v.text = arena_printf(b->a, "%.*s.%s", STR_ARG(rule), f->name);
    } else {
        TQ_TRY(read_given(&r));
    }
    *out = v;
    return TQ_OK;
}

static void print_line(str s, buf *out)
{
    buf_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.len - i >= 3 && (memcmp(s.data + i, "\xef\xbf\xbe", 3) == 0 ||
                               memcmp(s.data + i, "\xef\xbf\xbf", 3) == 0)) {
            buf_printf(out, "\\uFFF%c", s.data[i + 2] == '\xbe' ? 'E' : 'F'); /* YAML wants it so */
            i += 2;
            continue;
        }
        if (s.data[i] == '"' || s.data[i] == '\\') {
            buf_char(out, '\\');
        }
        buf_char(out, s.data[i]);
    }
    buf_char(out, '"');
}

static void print_pair(const char *first, const char *second, const policy_value *v, buf *out)
{
    buf_printf(out, "{%s: ", first);
    print_line(v->text, out);
    buf_printf(out, ", %s: ", second);
    print_line(v->more, out);
    buf_char(out, '}');
}

static void print_codes(const policy_value *v, buf *out)
{
    for (size_t i = 0; i < v->n; i++) {
        buf_text(out, i == 0 ? "[" : ", ");
        buf_str_add(out, v->list[i]);
    }
    buf_char(out, ']');
}

void value_print(const policy *p, const policy_field *f, const policy_value *v, buf *out)
{
    TQ_ASSERT(v->state != PV_ABSENT);
    if (v->state == PV_UNSET) {
        buf_text(out, "unset");
        return;
    }
    switch (f->type) {
    case PT_INT:
        buf_int(out, v->num);
        break;
    case PT_BOOL:
        buf_text(out, v->num != 0 ? "yes" : "no");
        break;
    case PT_MONEY:
        money_print((money){v->num}, &p->money, out);
        buf_printf(out, " %s", p->money.code);
        break;
    case PT_DAY:
        day_print((day){(int32_t)v->num}, out);
        break;
    case PT_MONTHDAY:
        buf_printf(out, "%02d-%02d", (int)(v->num / 100), (int)(v->num % 100));
        break;
    case PT_RATE:
    case PT_CODE:
    case PT_PERIOD:
    case PT_FACT:
        buf_str_add(out, v->text);
        break;
    case PT_CODES:
        print_codes(v, out);
        break;
    case PT_LINE:
        print_line(v->text, out);
        break;
    case PT_TEXT:
        print_pair("zh", "en", v, out);
        break;
    case PT_CITES:
        print_pair("document", "article", v, out);
        break;
    }
}
