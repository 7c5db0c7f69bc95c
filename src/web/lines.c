/* SPDX-License-Identifier: Apache-2.0 */
#include "web/lines.h"

#include "base/canon.h"
#include "domain/policy_text.h"

#define SENTENCE_MAX 8192

static str member_text(const canon_node *object, const char *key)
{
    const canon_node *n = canon_get(object, key);
    return n != NULL && n->type == CANON_STR ? n->text : STR("");
}

static int64_t member_int(const canon_node *object, const char *key)
{
    const canon_node *n = canon_get(object, key);
    return n != NULL && (n->type == CANON_INT || n->type == CANON_BOOL) ? n->num : 0;
}

/* Back from what policy_steps_write wrote; members that it left out are empty. */
static policy_step step_of(const canon_node *n, arena *a)
{
    return (policy_step){
        .rule = member_text(n, "rule"),
        .article = member_text(n, "article"),
        .kind = arena_copy(a, member_text(n, "kind")).data,
        .fact = arena_copy(a, member_text(n, "fact")).data,
        .operator= arena_copy(a, member_text(n, "op")).data,
        .left = member_int(n, "left"),
        .right = member_int(n, "right"),
        .left_text = member_text(n, "left_text"),
        .right_text = member_text(n, "right_text"),
        .holds = member_int(n, "holds") != 0,
    };
}

static void say(const web_rq *w, doc *list, const buf *text)
{
    if (buf_ok(text) && text->len > 0) {
        doc_text(list, NULL, arena_copy(w->call.a, buf_view(text)));
    }
}

static void say_step(const web_rq *w, doc *list, const canon_node *n)
{
    BUF_AUTO buf b = buf_max(SENTENCE_MAX);
    if (n->type == CANON_OBJECT && canon_get(n, "op") != NULL) {
        const policy_step s = step_of(n, w->call.a);
        policy_step_text(&s, &w->programme.money, w->lang == LANG_ZH, &b);
    } else {
        buf_str_add(&b, n->type == CANON_STR ? n->text : n->raw);
    }
    say(w, list, &b);
}

/* A fact has its own words and unit; other members are named as fields are. */
static void say_member(const web_rq *w, doc *list, const canon_node *n)
{
    const bool zh = w->lang == LANG_ZH;
    const char *key = arena_copy(w->call.a, n->key).data;
    BUF_AUTO buf b = buf_max(SENTENCE_MAX);
    const str text = n->type == CANON_STR ? n->text : n->type == CANON_INT ? STR("") : n->raw;
    if (policy_fact_text(key, n->num, text, &w->programme.money, zh, &b)) {
        say(w, list, &b);
        return;
    }
    const str label = text_token(w->lang, "field", n->key);
    if (n->type == CANON_LIST && n->kids != NULL) { /* a sentence for each, rather than brackets */
        for (const canon_node *kid = n->kids; kid != NULL; kid = kid->next) {
            buf_clear(&b);
            buf_printf(&b, zh ? "%.*s：" : "%.*s: ", STR_ARG(label));
            buf_str_add(&b, kid->type == CANON_STR ? kid->text : kid->raw);
            say(w, list, &b);
        }
        return;
    }
    buf_printf(&b, zh ? "%.*s：" : "%.*s: ", STR_ARG(label));
    buf_str_add(&b, n->type == CANON_STR ? n->text : n->raw);
    say(w, list, &b);
}

void line_sentences(const web_rq *w, str canonical, doc *list)
{
    const canon_node *root = NULL;
    tq_err err;
    if (canonical.len == 0) {
        return;
    }
    /* Not a line that we wrote: shown as it is, rather than an error instead of the whole page. */
    if (canon_read(canonical, w->call.a, &root, &err) != TQ_OK) {
        doc_text(list, NULL, canonical);
        return;
    }
    for (const canon_node *n = root->kids; n != NULL; n = n->next) {
        root->type == CANON_OBJECT ? say_member(w, list, n) : say_step(w, list, n);
    }
}
