/* SPDX-License-Identifier: Apache-2.0 */
/* Letters of a case (P-31): what a clerk would type anew each time, from the words of the locale and the facts of
 * the row. Texts are letter.<name>.title and letter.<name>.<paragraph>; what stands in braces in them is a fact
 * (case_facts). Whoever sees the row may print the letter. */
#include "web/acts.h"
#include "web/site_inner.h"

#define PARAGRAPHS_MAX 6
#define LETTER_MAX 4096 /* bytes of one paragraph */

typedef struct letter_fact {
    const char *name;
    str value;
} letter_fact;

typedef struct letter {
    web_rq *w;
    const char *name;
    const char *paragraphs[PARAGRAPHS_MAX];
    int n_paragraphs;
    letter_fact facts[12];
    size_t n;
    doc *body;
    doc *lines;
} letter;

static void fact(letter *l, const char *name, str value)
{
    TQ_ASSERT(l->n < TQ_COUNT(l->facts));
    l->facts[l->n++] = (letter_fact){name, value};
}

static void fact_day(letter *l, const char *name, int64_t n)
{
    BUF_AUTO buf b = buf_max(32);
    if (n != 0) {
        day_print((day){(int32_t)n}, &b);
    }
    fact(l, name, arena_copy(l->w->call.a, buf_view(&b)));
}

static const view_value *of(const view_row *row, view_id id, const char *name)
{
    const int at = view_field_at(view_of(id), name);
    TQ_ASSERT(at >= 0);
    return &row->values[at];
}

static str fact_named(const letter *l, str name)
{
    for (size_t i = 0; i < l->n; i++) {
        if (str_eq(name, str_of(l->facts[i].name))) {
            return l->facts[i].value;
        }
    }
    TQ_ASSERT(
        false); /* a text names what no letter has: tests print every letter in both languages */
    return STR("");
}

static str filled(const letter *l, str text)
{
    BUF_AUTO buf b = buf_max(LETTER_MAX);
    for (size_t i = 0; i < text.len; i++) {
        const char *end = text.data[i] == '{' ? memchr(text.data + i, '}', text.len - i) : NULL;
        if (end == NULL) {
            buf_char(&b, text.data[i]);
            continue;
        }
        const str name = {text.data + i + 1, (size_t)(end - text.data) - i - 1};
        buf_str_add(&b, fact_named(l, name));
        i += name.len + 1;
    }
    TQ_ASSERT(buf_ok(&b));
    return arena_copy(l->w->call.a, buf_view(&b));
}

static tq_code letter_answer(letter *l, http_reply *out, tq_err *err)
{
    web_rq *w = l->w;
    const char *set = arena_printf(w->call.a, "letter.%s", l->name).data;
    doc_text(l->body, "title", text_token(w->lang, set, STR("title")));
    doc_text(l->body, "to", fact_named(l, STR("organisation")));
    doc *list = doc_list(l->body, "paragraphs");
    for (int i = 0; i < l->n_paragraphs; i++) {
        doc_text(doc_object(list, NULL), "text",
                 filled(l, text_token(w->lang, set, str_of(l->paragraphs[i]))));
    }
    doc_text(l->body, "from", fact_named(l, STR("programme")));
    doc_day(l->body, "day", w->call.today.n);
    if (w->json) {
        web_json(w, 200, l->body, out);
        return TQ_OK;
    }
    doc_text(l->body, "back",
             site_link(w, arena_printf(w->call.a, "/cases/%lld", (long long)w->match.id)));
    page_title(l->body, text_token(w->lang, set, STR("title")));
    return web_page(w, 200, "letter", l->body, out, err);
}

static letter letter_new(web_rq *w, const char *name)
{
    letter l = {.w = w, .name = name, .body = doc_new(w->call.a)};
    fact(&l, "programme", w->lang == LANG_EN ? w->programme.name_en : w->programme.name_zh);
    return l;
}

static void says(letter *l, const char *paragraph)
{
    TQ_ASSERT(l->n_paragraphs < PARAGRAPHS_MAX);
    l->paragraphs[l->n_paragraphs++] = paragraph;
}

static void recovery_line(doc *lines, const view_row *row)
{
    doc *o = doc_object(lines, NULL);
    doc_text(o, "claim", of(row, VIEW_RECOVERY, "claim")->s);
    doc_money(o, "amount", of(row, VIEW_RECOVERY, "amount")->n);
    doc_day(o, "due_day", of(row, VIEW_RECOVERY, "due_day")->n);
}

/* The case as its reader may see it, with its ban; its recoveries become the lines of the letter. */
static tq_code case_facts(letter *l, int64_t case_id, bool *ban, size_t *n_debts, tq_err *err)
{
    doc *lines = doc_list(l->body, "lines");
    const view *v = view_of(VIEW_VIOLATION_CASE);
    const web_rq *w = l->w;
    view_row row;
    view_rows bans = {0};
    view_rows debts = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &w->scope, case_id, w->call.a, &row, err));
    TQ_ASSERT(v->children[0].view == VIEW_BAN && v->children[1].view == VIEW_RECOVERY);
    TQ_TRY(view_children(tx, &v->children[0], case_id, w->call.a, &bans, err));
    TQ_TRY(view_children(tx, &v->children[1], case_id, w->call.a, &debts, err));
    fact(l, "organisation", of(&row, VIEW_VIOLATION_CASE, "organisation")->s);
    fact(l, "number", of(&row, VIEW_VIOLATION_CASE, "number")->s);
    fact(l, "cause", text_token(w->lang, "violation", of(&row, VIEW_VIOLATION_CASE, "cause")->s));
    fact(l, "paper", bans.n == 0 ? STR("") : of(&bans.rows[0], VIEW_BAN, "decision_no")->s);
    fact(l, "scope",
         bans.n == 0 ? STR("")
                     : text_token(w->lang, "ban_scope", of(&bans.rows[0], VIEW_BAN, "scope")->s));
    fact_day(l, "from", bans.n == 0 ? 0 : of(&bans.rows[0], VIEW_BAN, "from_day")->n);
    fact_day(l, "to", bans.n == 0 ? 0 : of(&bans.rows[0], VIEW_BAN, "to_day")->n);
    for (size_t i = 0; i < debts.n; i++) {
        recovery_line(lines, &debts.rows[i]);
    }
    *ban = bans.n > 0;
    *n_debts = debts.n;
    return TQ_OK;
}

/* Before it is heard: what is held against whom, and what they may do. */
tq_code page_case_notice(web_rq *w, http_reply *out, tq_err *err)
{
    letter l = letter_new(w, "case_notice");
    bool ban = false;
    size_t debts = 0;
    TQ_TRY(case_facts(&l, w->match.id, &ban, &debts, err));
    says(&l, "opened");
    says(&l, "statement");
    says(&l, "silence");
    return letter_answer(&l, out, err);
}

/* What the group decided: as much of it as there is. */
tq_code page_case_letter(web_rq *w, http_reply *out, tq_err *err)
{
    letter l = letter_new(w, "case_letter");
    bool ban = false;
    size_t debts = 0;
    TQ_TRY(case_facts(&l, w->match.id, &ban, &debts, err));
    says(&l, "found");
    if (ban) {
        says(&l, "ban");
    }
    if (debts > 0) {
        says(&l, "money");
    }
    says(&l, "rights");
    return letter_answer(&l, out, err);
}
