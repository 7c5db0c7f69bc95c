/* SPDX-License-Identifier: Apache-2.0 */
#include "base/canon.h"
#include "domain/policy_text.h"
#include "web/site_inner.h"

/* Tokens of a stored step become C strings of the request. */
static const char *token_of(const canon_node *step, const char *key, arena *a)
{
    const canon_node *n = canon_get(step, key);
    return n == NULL || n->type != CANON_STR ? "" : arena_copy(a, n->text).data;
}

static str text_of_step(const canon_node *step, const char *key)
{
    const canon_node *n = canon_get(step, key);
    return n == NULL || n->type != CANON_STR ? STR("") : n->text;
}

static int64_t number_of(const canon_node *step, const char *key)
{
    const canon_node *n = canon_get(step, key);
    return n == NULL ? 0 : n->num;
}

static policy_step step_of(const canon_node *n, arena *a)
{
    return (policy_step){
        .rule = text_of_step(n, "rule"),
        .article = text_of_step(n, "article"),
        .kind = token_of(n, "kind", a),
        .fact = token_of(n, "fact", a),
        .operator= token_of(n, "op", a),
        .left = number_of(n, "left"),
        .right = number_of(n, "right"),
        .left_text = text_of_step(n, "left_text"),
        .right_text = text_of_step(n, "right_text"),
        .holds = number_of(n, "holds") != 0,
    };
}

/* A decision keeps its steps as data; the sentences are made in the reader's language (P-20). What is
 * no list of steps (facts, values read from a file) stays as it is stored. */
void decision_steps(const web_rq *w, doc *cell, str stored)
{
    const canon_node *all = NULL;
    tq_err err;
    doc *list = doc_list(cell, "steps");
    if (stored.len == 0 || stored.data[0] != '[' ||
        canon_read(stored, w->call.a, &all, &err) != TQ_OK) {
        return;
    }
    for (const canon_node *n = all->kids; n != NULL; n = n->next) {
        if (n->type != CANON_OBJECT || canon_get(n, "rule") == NULL) {
            continue;
        }
        const policy_step step = step_of(n, w->call.a);
        buf said = buf_max(4096);
        policy_step_text(&step, &w->style.money, w->lang == LANG_ZH, &said);
        doc *s = doc_object(list, NULL);
        doc_text(s, "said", arena_copy(w->call.a, buf_view(&said)));
        doc_bool(s, "holds", step.holds);
        buf_free(&said);
    }
}
