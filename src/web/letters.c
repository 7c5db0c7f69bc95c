/* SPDX-License-Identifier: Apache-2.0 */
/* Letters of the office (P-23, P-30, P-31): what a clerk would type anew each time, from the words of the locale
 * and the facts of a row. letters.def says which there are; whoever may see the row may print its letters. */
#include "app/log_read.h"
#include "web/acts.h"
#include "web/site_inner.h"

#define LETTER_MAX 4096 /* bytes of one paragraph */

typedef struct letter_kind {
    const char *name; /* of the route and of the texts */
    view_id view;
    const char *to;
    const char *paragraphs;
    view_id child;
    const char *columns;
} letter_kind;

typedef struct letter {
    web_rq *w;
    const letter_kind *kind;
    const view *view;
    view_row row, programme;
    view_rows *children; /* one of each child of the view, in its order */
    checkpoint point;    /* the last one signed; a batch carries it onto paper (R-LOG-090) */
    bool is_signed;
    bool lacking; /* a fact of the present paragraph is empty */
} letter;

/* --- facts ------------------------------------------------------------------------------------------- */

/* `name`, or the column of it in the reader's language: item -> item_zh. */
static int column_of(const letter *l, const view *v, str name)
{
    arena *a = l->w->call.a;
    const int at = view_field_at(v, arena_copy(a, name).data);
    return at >= 0 ? at
                   : view_field_at(v, arena_printf(a, "%.*s_%s", STR_ARG(name),
                                                   l->w->lang == LANG_EN ? "en" : "zh")
                                          .data);
}

static str value_text(const letter *l, const view *v, const view_row *row, int at)
{
    doc *holder = doc_new(l->w->call.a);
    doc *cell = doc_list(holder, "cells");
    view_cell(l->w, cell, v, row, at, STR(""));
    const doc *value = doc_get(cell->first, STR("v"));
    BUF_AUTO buf b = buf_max(LETTER_MAX);
    if (doc_true(value)) {
        doc_write_plain(value, &l->w->style, &b);
    }
    return arena_copy(l->w->call.a, buf_view(&b));
}

/* "signed_…": of the last checkpoint of the log; empty before the first. */
static bool signed_fact(const letter *l, str name, str *out)
{
    char hex[65];
    BUF_AUTO buf b = buf_max(128);
    const bool root = str_eq(name, STR("signed_sha256")) || str_eq(name, STR("signed_sm3"));
    if (root) {
        digest_hex(str_eq(name, STR("signed_sm3")) ? l->point.sm3 : l->point.sha256, hex);
        buf_text(&b, hex);
    } else if (str_eq(name, STR("signed_events"))) {
        buf_printf(&b, "%lld", (long long)l->point.count);
    } else {
        return false;
    }
    *out = l->is_signed ? arena_copy(l->w->call.a, buf_view(&b)) : STR("");
    return true;
}

/* A word of every letter; false where `name` is none. */
static bool common_fact(const letter *l, str name, str *out)
{
    const web_rq *w = l->w;
    const view *v = view_of(VIEW_PROGRAMME);
    BUF_AUTO buf b = buf_max(32);
    if (str_eq(name, STR("programme"))) {
        *out = w->lang == LANG_EN ? w->programme.name_en : w->programme.name_zh;
    } else if (str_eq(name, STR("sign"))) {
        *out = currency_sign(w);
    } else if (str_eq(name, STR("today"))) {
        day_print(w->call.today, &b);
        *out = arena_copy(w->call.a, buf_view(&b));
    } else if (str_eq(name, STR("phone")) || str_eq(name, STR("address")) ||
               str_eq(name, STR("office"))) {
        *out = view_text(v, &l->programme, arena_copy(w->call.a, name).data);
    } else {
        return false;
    }
    return true;
}

/* Of the last row of a child: what is newest of it. "" where there is none. */
static str child_fact(const letter *l, str child, str name)
{
    for (int i = 0; i < l->view->n_children; i++) {
        const view *v = view_of(l->view->children[i].view);
        if (!str_eq(child, str_of(v->name))) {
            continue;
        }
        const int at = column_of(l, v, name);
        TQ_ASSERT(at >= 0 && !v->staff);
        const view_rows *rows = &l->children[i];
        return rows->n == 0 ? STR("") : value_text(l, v, &rows->rows[rows->n - 1], at);
    }
    tq_assert_failed("a letter names a child of its view", __FILE__, __LINE__);
}

/* "…_capitals": an amount as on payment papers in Chinese, in figures elsewhere. */
static bool capitals_fact(const letter *l, str name, str *out)
{
    static const char end[] = "_capitals";
    if (name.len < sizeof end ||
        !str_eq((str){name.data + name.len - (sizeof end - 1), sizeof end - 1}, STR("_capitals"))) {
        return false;
    }
    const int at = column_of(l, l->view, (str){name.data, name.len - (sizeof end - 1)});
    TQ_ASSERT(at >= 0);
    BUF_AUTO buf b = buf_max(256);
    if (l->w->lang == LANG_EN) {
        *out = value_text(l, l->view, &l->row, at);
        return true;
    }
    money_print_capitals((money){l->row.values[at].n}, &b);
    *out = arena_copy(l->w->call.a, buf_view(&b));
    return true;
}

/* A text that names what no letter has is a broken text: tests print every letter in both languages. */
static str fact(const letter *l, str name)
{
    str out = {0};
    const char *dot = memchr(name.data, '.', name.len);
    if (dot != NULL) {
        const size_t head = (size_t)(dot - name.data);
        return child_fact(l, (str){name.data, head}, (str){dot + 1, name.len - head - 1});
    }
    if (common_fact(l, name, &out) || signed_fact(l, name, &out) || capitals_fact(l, name, &out)) {
        return out;
    }
    const int at = column_of(l, l->view, name);
    TQ_ASSERT(at >= 0);
    return value_text(l, l->view, &l->row, at);
}

static str filled(letter *l, str text)
{
    BUF_AUTO buf b = buf_max(LETTER_MAX);
    for (size_t i = 0; i < text.len; i++) {
        const char *end = text.data[i] == '{' ? memchr(text.data + i, '}', text.len - i) : NULL;
        if (end == NULL) {
            buf_char(&b, text.data[i]);
            continue;
        }
        const str name = {text.data + i + 1, (size_t)(end - text.data) - i - 1};
        const str value = fact(l, name);
        l->lacking = l->lacking || value.len == 0;
        buf_str_add(&b, value);
        i += name.len + 1;
    }
    TQ_ASSERT(buf_ok(&b));
    return arena_copy(l->w->call.a, buf_view(&b));
}

/* --- the page ------------------------------------------------------------------------------------------ */

static tq_code letter_read(letter *l, tq_err *err)
{
    web_rq *w = l->w;
    const view_scope all = {.reach = REACH_PUBLIC};
    TQ_TRY(log_last_point(w->app, &l->point, &l->is_signed, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, l->view, &w->scope, w->match.id, w->call.a, &l->row, err));
    TQ_TRY(view_one(tx, view_of(VIEW_PROGRAMME), &all, w->programme.id, w->call.a, &l->programme,
                    err));
    l->children = arena_take(w->call.a, sizeof *l->children * (size_t)(l->view->n_children + 1));
    for (int i = 0; i < l->view->n_children; i++) {
        l->children[i] = (view_rows){0};
        TQ_TRY(view_children(tx, &l->view->children[i], w->match.id, w->call.a, &l->children[i],
                             err));
    }
    return TQ_OK;
}

/* Words of a list with blanks between, one after another; false at its end. */
static bool next_word(str *rest, str *word)
{
    const char *blank = memchr(rest->data, ' ', rest->len);
    *word = (str){rest->data, blank == NULL ? rest->len : (size_t)(blank - rest->data)};
    const size_t used = word->len + (blank != NULL);
    *rest = (str){rest->data + used, rest->len - used};
    return word->len > 0;
}

static void letter_heads(const letter *l, const view *v, doc *table)
{
    str word;
    doc *heads = doc_list(table, "heads");
    for (str rest = str_of(l->kind->columns); next_word(&rest, &word);) {
        const int at = column_of(l, v, word);
        TQ_ASSERT(at >= 0);
        doc_text(doc_object(heads, NULL), "label",
                 text_token(l->w->lang, "field", str_of(v->fields[at].name)));
    }
}

static void letter_cells(const letter *l, const view *v, const view_row *row, doc *rows)
{
    str word;
    doc *cells = doc_list(doc_object(rows, NULL), "cells");
    for (str rest = str_of(l->kind->columns); next_word(&rest, &word);) {
        view_cell(l->w, cells, v, row, column_of(l, v, word), STR(""));
    }
}

/* The rows of the child: for programs with all their fields, for people the columns of the letter. */
static void letter_rows(const letter *l, doc *body)
{
    doc *lines = doc_list(body, "lines");
    doc *table = doc_for_page(doc_object(body, "table"));
    for (int i = 0; i < l->view->n_children; i++) {
        const view *v = view_of(l->view->children[i].view);
        const view_rows *rows = &l->children[i];
        if (l->view->children[i].view != l->kind->child || rows->n == 0) {
            continue;
        }
        letter_heads(l, v, table);
        doc *list = doc_list(table, "rows");
        for (size_t k = 0; k < rows->n; k++) {
            view_fields(doc_object(lines, NULL), v, &rows->rows[k]);
            letter_cells(l, v, &rows->rows[k], list);
        }
    }
}

static tq_code letter_page(web_rq *w, const letter_kind *kind, http_reply *out, tq_err *err)
{
    letter l = {.w = w, .kind = kind, .view = view_of(kind->view)};
    TQ_TRY(letter_read(&l, err));
    if (l.view->state >= 0 && !route_when(w->match.route, l.row.values[l.view->state].s)) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", NULL, "no such letter in this state");
    }
    TQ_TRY(site_note_reading(w, kind->view, w->match.id, "view", err));
    doc *body = doc_new(w->call.a);
    const char *set = arena_printf(w->call.a, "letter.%s", kind->name).data;
    const str title = text_token(w->lang, set, STR("title"));
    doc_text(body, "title", title);
    doc_text(body, "to", kind->to[0] == '\0' ? STR("") : fact(&l, str_of(kind->to)));
    doc *list = doc_list(body, "paragraphs");
    str name;
    for (str rest = str_of(kind->paragraphs); next_word(&rest, &name);) {
        l.lacking = false;
        const str text = filled(&l, text_token(w->lang, set, name));
        if (!l.lacking) {
            doc_text(doc_object(list, NULL), "text", text);
        }
    }
    letter_rows(&l, body);
    const str office = fact(&l, STR("office"));
    doc_text(body, "from", office.len > 0 ? office : fact(&l, STR("programme")));
    doc_day(body, "day", w->call.today.n);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    const route *item = route_of_view(kind->view, ROUTE_ITEM, w->call.who.role);
    doc_text(body, "back",
             item == NULL ? STR("/") : site_link(w, route_path(item, w->match.id, w->call.a)));
    page_title(body, title);
    return web_page(w, 200, "letter", body, out, err);
}

#define LETTER(name, view, to, paragraphs, child, columns)                                         \
    tq_code page_##name(web_rq *w, http_reply *out, tq_err *err)                                   \
    {                                                                                              \
        static const letter_kind kind = {                                                          \
            #name, VIEW_##view, to, paragraphs, VIEW_##child, columns};                            \
        return letter_page(w, &kind, out, err);                                                    \
    }
#include "web/letters.def"
#undef LETTER
