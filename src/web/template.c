/* SPDX-License-Identifier: Apache-2.0 */
#include "web/template.h"

#include <pthread.h>
#include <stdlib.h>

#include "web/html.h"

typedef struct embedded_file {
    const char *name; /* "list.html" */
    const unsigned char *bytes;
    size_t len;
} embedded_file;

#include "web/templates_gen.inc" /* embedded_files[] */

#define SCOPES_MAX 12   /* nested each */
#define INCLUDES_MAX 8  /* nested templates */
#define SHORT_VALUE 128 /* numbers, days, amounts and yes or no as people read them */

typedef enum tag_kind {
    TAG_END,
    TAG_VALUE,
    TAG_RAW,
    TAG_TEXT,
    TAG_EACH,
    TAG_IF,
    TAG_ELSE,
    TAG_CLOSE,
    TAG_INCLUDE,
    TAG_BROKEN /* it is not closed */
} tag_kind;

typedef struct tag {
    tag_kind kind;
    str arg;
    str before;                           /* markup up to the tag */
    const char *text[LANG_COUNT];         /* TAG_TEXT; NULL where the locale has none */
    const struct embedded_file *included; /* TAG_INCLUDE; NULL where there is none */
} tag;

/* Each template cut into its tags, at the first use of any; the last one is TAG_END or TAG_BROKEN. A row of a
 * table is then one walk over them, not one search for braces. */
static tag *cut_tags[TQ_COUNT(embedded_files)];

typedef struct render {
    const doc_style *style;
    buf *out; /* NULL: only checking */
    const doc *scope[SCOPES_MAX];
    int depth;
    int includes;
    const char *name;
    tq_err *err;
} render;

static str name_of(const embedded_file *f)
{
    return (str){f->name, strlen(f->name) - strlen(".html")};
}

static const embedded_file *find_template(str name)
{
    for (size_t i = 0; i < TQ_COUNT(embedded_files); i++) {
        if (str_eq(name, name_of(&embedded_files[i]))) {
            return &embedded_files[i];
        }
    }
    return NULL;
}

static tq_code fault(const render *r, const char *reason, str what)
{
    return tq_fail(r->err, TQ_INTERNAL, reason, r->name, "template %s: %.*s", r->name,
                   STR_ARG(what));
}

static const struct {
    str head;
    tag_kind kind;
} tag_heads[] = {
    {{"#each ", 6}, TAG_EACH}, {{"#if ", 4}, TAG_IF},    {{"raw ", 4}, TAG_RAW},
    {{"t ", 2}, TAG_TEXT},     {{"> ", 2}, TAG_INCLUDE},
};

static tag tag_of(str inner)
{
    inner = str_trim(inner);
    if (str_eq(inner, STR("else"))) {
        return (tag){.kind = TAG_ELSE, .arg = inner};
    }
    if (str_starts(inner, STR("/"))) {
        return (tag){.kind = TAG_CLOSE, .arg = {inner.data + 1, inner.len - 1}};
    }
    for (size_t i = 0; i < TQ_COUNT(tag_heads); i++) {
        const str head = tag_heads[i].head;
        if (str_starts(inner, head)) {
            return (tag){.kind = tag_heads[i].kind,
                         .arg = str_trim((str){inner.data + head.len, inner.len - head.len})};
        }
    }
    return (tag){.kind = TAG_VALUE, .arg = inner};
}

/* Takes the markup up to the next tag and the tag off the front of `text`. */
static tag next_tag(str *text)
{
    const char *open = memmem(text->data, text->len, "{{", 2);
    if (open == NULL) {
        return (tag){.kind = TAG_END, .before = *text};
    }
    const size_t head = (size_t)(open - text->data);
    const char *close = memmem(open, text->len - head, "}}", 2);
    if (close == NULL) {
        return (tag){.kind = TAG_BROKEN, .before = *text};
    }
    tag t = tag_of((str){open + 2, (size_t)(close - open) - 2});
    t.before = (str){text->data, head};
    for (int lang = 0; t.kind == TAG_TEXT && lang < LANG_COUNT; lang++) {
        t.text[lang] = text_find((language)lang, t.arg);
    }
    t.included = t.kind == TAG_INCLUDE ? find_template(t.arg) : NULL;
    const size_t used = (size_t)(close - text->data) + 2;
    *text = (str){text->data + used, text->len - used};
    return t;
}

static tag *cut(str text)
{
    size_t n = 0;
    size_t room = 64;
    tag *tags = calloc(room, sizeof *tags);
    TQ_ASSERT(tags != NULL);
    for (;;) {
        if (n == room) {
            room *= 2;
            tags = reallocarray(tags, room, sizeof *tags);
            TQ_ASSERT(tags != NULL);
        }
        tags[n] = next_tag(&text);
        if (tags[n].kind == TAG_END || tags[n].kind == TAG_BROKEN) {
            return tags;
        }
        n++;
    }
}

static void cut_all(void)
{
    for (size_t i = 0; i < TQ_COUNT(embedded_files); i++) {
        cut_tags[i] = cut((str){(const char *)embedded_files[i].bytes, embedded_files[i].len});
    }
}

static const tag *tags_of(const embedded_file *f)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    TQ_ASSERT(pthread_once(&once, cut_all) == 0);
    return cut_tags[f - embedded_files];
}

static const doc *look_up(const render *r, str path)
{
    if (str_eq(path, STR("."))) {
        return r->scope[r->depth - 1];
    }
    const char *dot = memchr(path.data, '.', path.len);
    const str head = {path.data, dot == NULL ? path.len : (size_t)(dot - path.data)};
    const doc *found = NULL;
    for (int i = r->depth - 1; i >= 0 && found == NULL; i--) {
        found = doc_get(r->scope[i], head);
    }
    while (found != NULL && dot != NULL) {
        const char *from = dot + 1;
        const size_t left = path.len - (size_t)(from - path.data);
        dot = memchr(from, '.', left);
        found = doc_get(found, (str){from, dot == NULL ? left : (size_t)(dot - from)});
    }
    return found;
}

static tq_code block(render *r, const tag **at, bool live, tag_kind *ended);

static tq_code include(render *r, const embedded_file *t, str name, bool live)
{
    if (t == NULL) {
        return fault(r, "template_include", name);
    }
    if (r->includes == INCLUDES_MAX) {
        return fault(r, "template_depth", name);
    }
    const char *outer = r->name;
    const tag *at = tags_of(t);
    tag_kind ended = TAG_END;
    r->name = t->name;
    r->includes++;
    TQ_TRY(block(r, &at, live, &ended));
    if (ended != TAG_END) {
        return fault(r, "template_syntax", STR("an end without its beginning"));
    }
    r->includes--;
    r->name = outer;
    return TQ_OK;
}

static tq_code each(render *r, str path, const tag **at, bool live)
{
    const tag *const inner = *at;
    const doc *list = live ? look_up(r, path) : NULL;
    tag_kind ended = TAG_END;
    if (live && (list == NULL || list->type != DOC_LIST)) {
        return fault(r, "unknown_field", path);
    }
    if (r->depth == SCOPES_MAX) {
        return fault(r, "template_depth", path);
    }
    for (const doc *d = list == NULL ? NULL : list->first; d != NULL; d = d->next) {
        const tag *again = inner;
        r->scope[r->depth++] = d;
        TQ_TRY(block(r, &again, true, &ended));
        r->depth--;
    }
    /* Once more without a word: finds the end, also of a list that is empty. */
    TQ_TRY(block(r, at, false, &ended));
    return ended == TAG_CLOSE ? TQ_OK : fault(r, "template_syntax", STR("each is not ended"));
}

static tq_code choose(render *r, str path, const tag **at, bool live)
{
    const doc *d = live ? look_up(r, path) : NULL;
    tag_kind ended = TAG_END;
    if (live && d == NULL) {
        return fault(r, "unknown_field", path);
    }
    const bool yes = live && doc_true(d);
    TQ_TRY(block(r, at, yes, &ended));
    if (ended == TAG_ELSE) {
        TQ_TRY(block(r, at, live && !yes, &ended));
    }
    return ended == TAG_CLOSE ? TQ_OK : fault(r, "template_syntax", STR("if is not ended"));
}

static tq_code value(render *r, const tag *t)
{
    const doc *d = look_up(r, t->arg);
    if (d == NULL) {
        return fault(r, "unknown_field", t->arg);
    }
    if (d->type == DOC_TEXT || d->type == DOC_JSON || d->type == DOC_TOKEN) {
        html_text(r->out, d->type == DOC_TOKEN && t->kind != TAG_RAW
                              ? text_token(r->style->lang, d->set, d->s)
                              : d->s);
        return TQ_OK;
    }
    char room[SHORT_VALUE];
    buf plain = buf_over(room, sizeof room);
    if (t->kind == TAG_RAW && d->type == DOC_MONEY) {
        money_print((money){d->n}, &r->style->money, &plain);
    } else {
        doc_write_plain(d, r->style, &plain);
    }
    TQ_ASSERT(buf_ok(&plain));
    html_text(r->out, buf_view(&plain));
    return TQ_OK;
}

static tq_code text(render *r, const tag *t)
{
    const char *found = t->text[r->style->lang];
    if (found == NULL) {
        return fault(r, "template_text", t->arg);
    }
    if (r->out != NULL) {
        html_text(r->out, str_of(found));
    }
    return TQ_OK;
}

/* Writes until the end of the text, {{else}} or {{/…}}; not live: reads on without writing. */
static tq_code block(render *r, const tag **at, bool live, tag_kind *ended)
{
    for (;;) {
        const tag *t = (*at)++;
        if (live && r->out != NULL) {
            buf_str_add(r->out, t->before);
        }
        switch (t->kind) {
        case TAG_BROKEN:
            return fault(r, "template_syntax", STR("a tag is not closed"));
        case TAG_END:
        case TAG_ELSE:
        case TAG_CLOSE:
            *ended = t->kind;
            return TQ_OK;
        case TAG_VALUE:
        case TAG_RAW:
            TQ_TRY(live ? value(r, t) : TQ_OK);
            break;
        case TAG_TEXT:
            TQ_TRY(live || r->out == NULL ? text(r, t) : TQ_OK);
            break;
        case TAG_INCLUDE:
            TQ_TRY(live || r->out == NULL ? include(r, t->included, t->arg, live) : TQ_OK);
            break;
        case TAG_EACH:
            TQ_TRY(each(r, t->arg, at, live));
            break;
        case TAG_IF:
            TQ_TRY(choose(r, t->arg, at, live));
            break;
        }
    }
}

tq_code templates_check(tq_err *err)
{
    for (size_t i = 0; i < TQ_COUNT(embedded_files); i++) {
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            const doc_style style = {.lang = (language)lang};
            render r = {.style = &style, .name = embedded_files[i].name, .err = err};
            TQ_TRY(include(&r, &embedded_files[i], name_of(&embedded_files[i]), false));
        }
    }
    return TQ_OK;
}

tq_code template_render(const char *name, const doc *root, const doc_style *style, buf *out,
                        tq_err *err)
{
    render r = {.style = style, .out = out, .scope = {root}, .depth = 1, .name = name, .err = err};
    return include(&r, find_template(str_of(name)), str_of(name), true);
}
