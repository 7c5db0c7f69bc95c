/* SPDX-License-Identifier: Apache-2.0 */
#include "web/policy_words.h"

#include "domain/policy_text.h"

#define SAID_MAX (16 * 1024)

/* Words of these fields have their texts elsewhere; a test's codes are of the kind of its fact. */
static const struct {
    const char *field, *set;
} word_sets[] = {
    {"item", "outcome"},       {"items", "outcome"},         {"purposes", "outcome"},
    {"needs", "evidence"},     {"means", "means"},           {"regions", "region"},
    {"holders", "org_kind"},   {"columns", "policy_column"}, {"sources", "fund_origin"},
    {"clock", "policy_clock"}, {"signal", "signal_kind"},
};

static bool english(const web_rq *w)
{
    return w->lang == LANG_EN;
}

static str one_word(const web_rq *w, const char *name, str token)
{
    static const char *const of_codes[] = {"org_kind", "outcome", "region"};
    arena *a = w->call.a;
    for (size_t i = 0; i < TQ_COUNT(word_sets); i++) {
        if (strcmp(word_sets[i].field, name) == 0) {
            return text_token(w->lang, word_sets[i].set, token);
        }
    }
    if (strcmp(name, "codes") ==
        0) { /* codes of a test are words of its fact: the first set that knows it */
        for (size_t i = 0; i < TQ_COUNT(of_codes); i++) {
            const char *found =
                text_find(w->lang, arena_printf(a, "%s.%.*s", of_codes[i], STR_ARG(token)));
            if (found != NULL) {
                return str_of(found);
            }
        }
        return token;
    }
    return text_token(w->lang, "policy_word", token);
}

static void words_said(const web_rq *w, const policy_part *part, buf *out)
{
    for (size_t i = 0; i < part->n_words; i++) {
        buf_text(out, i == 0 ? "" : english(w) ? ", " : "、");
        buf_str_add(out, one_word(w, part->field, part->words[i]));
    }
}

static void rate_said(int64_t bp, buf *out)
{
    buf_printf(out, "%lld", (long long)(bp / 100));
    if (bp % 100 != 0) {
        buf_printf(out, ".%02d", (int)(bp % 100));
    }
    buf_char(out, '%');
}

/* "CNY" is written in papers, and said as people say it. */
static void currency_said(const web_rq *w, const char *code, buf *out)
{
    const bool yuan = strcmp(code, "CNY") == 0;
    buf_printf(out, " %s", yuan ? text_of(w->lang, "unit.yuan") : code);
}

static void value_said(const web_rq *w, const policy *p, const policy_part *part, buf *out)
{
    switch (part->form) {
    case FORM_NUMBER:
        buf_printf(out, "%lld", (long long)part->n);
        break;
    case FORM_YES:
        buf_str_add(out, text_token(w->lang, "policy_word", part->n != 0 ? STR("yes") : STR("no")));
        break;
    case FORM_MONEY:
        money_print_grouped((money){part->n}, policy_unit(p), out);
        currency_said(w, policy_unit(p)->code, out);
        break;
    case FORM_RATE:
        rate_said(part->n, out);
        break;
    case FORM_DAY:
        day_print((day){(int32_t)part->n}, out);
        break;
    case FORM_MONTHDAY:
        buf_printf(out, "%02d-%02d", (int)(part->n / 100), (int)(part->n % 100));
        break;
    case FORM_WORDS:
        words_said(w, part, out);
        break;
    case FORM_FACT:
        buf_text(out, policy_fact_label(part->words[0].data, !english(w)));
        break;
    case FORM_MEASURE:
        policy_fact_value(part->fact, part->n, policy_unit(p), !english(w), out);
        break;
    case FORM_TEXT:
        buf_str_add(out, english(w) ? part->en : part->zh);
        break;
    }
}

/* The text of the field with the value in the place of {v}. */
static void part_said(const web_rq *w, const policy *p, const char *kind, const policy_part *part,
                      buf *out)
{
    const char *key = arena_printf(w->call.a, "policy_part.%s.%s", kind, part->field).data;
    const char *form = text_of(w->lang, key);
    const bool goes_on = form[0] == '+';
    form += goes_on ? 1 : 0;
    /* "n: unset, unit: unset" is one gap, told once */
    if (form[0] == '\0' || (part->unset && goes_on && strcmp(part->field, "unit") == 0)) {
        return;
    }
    if (out->len > 0 && !goes_on) {
        buf_text(out, english(w) ? "; " : "；");
    }
    const char *hole = strstr(form, "{v}");
    buf_add(out, form, hole == NULL ? strlen(form) : (size_t)(hole - form));
    if (hole == NULL) {
        return;
    }
    if (part->unset) {
        buf_text(out, text_of(w->lang, "text.policy_unset"));
    } else {
        value_said(w, p, part, out);
    }
    buf_text(out, hole + strlen("{v}"));
}

str policy_article_said(const web_rq *w, const policy *p, size_t i)
{
    policy_part parts[POLICY_PARTS_MAX];
    policy_article a;
    BUF_AUTO buf out = buf_max(SAID_MAX);
    const size_t n = policy_article_parts(p, i, parts);
    policy_article_get(p, i, &a);
    for (size_t k = 0; k < n; k++) {
        part_said(w, p, a.kind, &parts[k], &out);
    }
    buf_text(&out, english(w) ? "." : "。");
    return arena_copy(w->call.a, buf_view(&out));
}

str policy_kind_said(const web_rq *w, const policy *p, str code)
{
    for (size_t i = 0; i < policy_kinds(p); i++) {
        if (str_eq(policy_kind_code(p, i), code)) {
            return policy_kind_label(p, i, !english(w));
        }
    }
    return code;
}

static bool leaves_open(const policy_part *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (parts[i].unset) {
            return true;
        }
    }
    return false;
}

/* "article not published" is what a file says where the number is not known; people read it in their own
 * language. Numbers of articles are said as they stand. */
static str article_said(const web_rq *w, str article)
{
    char *word = ARENA_NEW(w->call.a, char, article.len + 1);
    for (size_t i = 0; i < article.len; i++) {
        word[i] = (char)(article.data[i] == ' ' ? '_' : article.data[i]);
    }
    const char *found = text_find(w->lang, arena_printf(w->call.a, "policy_article.%s", word));
    return found == NULL ? article : str_of(found);
}

/* "Measures … (No. 12), article 5": by which paper the sentence stands. */
static str source_said(const web_rq *w, const policy_article *a)
{
    const str title = english(w) ? a->document_en : a->document_zh;
    BUF_AUTO buf out = buf_max(SAID_MAX);
    buf_printf(&out, english(w) ? "%.*s" : "《%.*s》", STR_ARG(title));
    if (a->document_no.len > 0) {
        buf_printf(&out, english(w) ? " (%.*s)" : "（%.*s）", STR_ARG(a->document_no));
    }
    buf_printf(&out, english(w) ? ", %.*s" : "，%.*s", STR_ARG(article_said(w, a->article)));
    return arena_copy(w->call.a, buf_view(&out));
}

void policy_article_doc(const web_rq *w, const policy *p, size_t i, doc *out)
{
    policy_article a;
    policy_part parts[POLICY_PARTS_MAX];
    policy_article_get(p, i, &a);
    const size_t n = policy_article_parts(p, i, parts);
    doc_text(out, "id", a.id);
    doc_text(out, "rule", str_of(a.kind));
    doc_text(out, "said", policy_article_said(w, p, i));
    doc_text(out, "source", source_said(w, &a));
    doc_text(out, "basis", a.basis);
    doc_text(out, "note", english(w) ? a.note_en : a.note_zh);
    doc_bool(out, "open", leaves_open(parts, n));
    doc_day(out, "from", a.from.n == DAY_NONE.n ? 0 : a.from.n);
    doc_day(out, "to", a.to.n == DAY_NONE.n ? 0 : a.to.n);
    doc *kinds = doc_list(out, "kinds");
    for (size_t k = 0; k < a.n_kinds; k++) {
        doc *one = doc_object(kinds, NULL);
        doc_text(one, "code", a.kinds[k]);
        doc_text(one, "label", policy_kind_said(w, p, a.kinds[k]));
    }
}
