/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_read.h"

#include "domain/policy_inner.h"

#define ARTICLE_PRINT_MAX (64 * 1024)

static const policy_rule *rule_at(const policy *p, size_t i)
{
    TQ_ASSERT(p != NULL);
    TQ_ASSERT(i < p->n_rules);
    return &p->rules[i];
}

static day day_or_none(const policy_value *v)
{
    TQ_ASSERT(v != NULL);
    return v->state == PV_GIVEN ? (day){(int32_t)v->num} : DAY_NONE;
}

size_t policy_articles(const policy *p)
{
    TQ_ASSERT(p != NULL);
    TQ_ASSERT(p->n_rules <= POLICY_RULES_MAX);
    return p->n_rules;
}

/* policy_link has seen that every rule cites a document of the file. */
static const policy_rule *document_of(const policy *p, str id)
{
    size_t i = 0;
    while (i < p->n_documents && !str_eq(p->documents[i].id, id)) {
        i++;
    }
    TQ_ASSERT(i < p->n_documents);
    return &p->documents[i];
}

void policy_article_get(const policy *p, size_t i, policy_article *out)
{
    const policy_rule *r = rule_at(p, i);
    const policy_value *cites = COMMON(r, cites);
    const policy_value *kinds = COMMON(r, for);
    const policy_value *note = COMMON(r, note);
    TQ_ASSERT(out != NULL);
    TQ_ASSERT(cites->state == PV_GIVEN);
    const policy_rule *d = document_of(p, cites->text);
    TQ_ASSERT(d->kind->place == PLACE_DOCUMENT);
    *out = (policy_article){
        .kind = r->kind->token,
        .id = r->id,
        .document_zh = OWN(d, document, title)->text,
        .document_en = OWN(d, document, title)->more,
        .document_no = OWN(d, document, number)->text,
        .article = cites->more,
        .basis = COMMON(r, basis)->text,
        .kinds = kinds->list,
        .n_kinds = kinds->n,
        .from = day_or_none(COMMON(r, valid_from)),
        .to = day_or_none(COMMON(r, valid_to)),
        .note_zh = note->text,
        .note_en = note->more,
    };
}

static policy_form form_of(policy_type type)
{
    TQ_ASSERT(type <= PT_CITES);
    switch (type) {
    case PT_INT:
        return FORM_NUMBER;
    case PT_BOOL:
        return FORM_YES;
    case PT_MONEY:
        return FORM_MONEY;
    case PT_RATE:
        return FORM_RATE;
    case PT_DAY:
        return FORM_DAY;
    case PT_MONTHDAY:
        return FORM_MONTHDAY;
    case PT_FACT:
        return FORM_FACT;
    case PT_CODE:
    case PT_PERIOD:
    case PT_CODES:
        return FORM_WORDS;
    case PT_LINE:
    case PT_TEXT:
    case PT_CITES:
        break;
    }
    return FORM_TEXT;
}

static policy_part part_of(const policy_field *f, const policy_value *v)
{
    policy_part part = {.field = f->name, .form = form_of(f->type), .unset = v->state == PV_UNSET};
    TQ_ASSERT(v->state != PV_ABSENT);
    if (part.unset) {
        return part;
    }
    part.n = v->num;
    part.zh = v->text;
    part.en = f->type == PT_TEXT ? v->more : v->text;
    /* a list has its members, one code is a list of one */
    part.words = f->type == PT_CODES ? v->list : &v->text;
    part.n_words = f->type == PT_CODES ? v->n : 1;
    TQ_ASSERT(part.n_words > 0);
    return part;
}

/* "number: 365" of a test is a term of days, an amount or a count: what the fact is. */
static void measure_by_fact(const policy_rule *r, policy_part *parts, size_t n)
{
    const char *fact = NULL;
    TQ_ASSERT(n <= POLICY_PARTS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].form == FORM_FACT && !parts[i].unset) {
            fact = policy_fact_table[parts[i].n].name;
        } else if (fact != NULL && parts[i].form == FORM_NUMBER) {
            TQ_ASSERT(r->kind->index == PK_holder_test || r->kind->index == PK_exclusion);
            parts[i].form = FORM_MEASURE;
            parts[i].fact = fact;
        }
    }
}

size_t policy_article_parts(const policy *p, size_t i, policy_part out[POLICY_PARTS_MAX])
{
    const policy_rule *r = rule_at(p, i);
    const int fields = policy_kind_fields(r->kind);
    size_t n = 0;
    TQ_ASSERT(fields <= POLICY_PARTS_MAX);
    for (int k = 0; k < fields; k++) {
        if (r->own[k].state != PV_ABSENT) {
            out[n++] = part_of(&policy_fields[r->kind->first + k], &r->own[k]);
        }
    }
    measure_by_fact(r, out, n);
    return n;
}

bool policy_article_find(const policy *p, str id, size_t *i)
{
    TQ_ASSERT(i != NULL);
    for (size_t k = 0; k < policy_articles(p); k++) {
        if (str_eq(p->rules[k].id, id)) {
            *i = k;
            return true;
        }
    }
    return false;
}

static void article_print(const policy *p, size_t i, buf *out)
{
    const policy_rule *r = rule_at(p, i);
    const int common = PF_BEGIN_scheme - PF_BEGIN_common;
    const int n = common + policy_kind_fields(r->kind);
    buf_printf(out, "%s\n", r->kind->token);
    for (int k = 0; k < n; k++) {
        const policy_value *v = k < common ? &r->common[k] : &r->own[k - common];
        const policy_field *f = &policy_fields[k < common ? k : r->kind->first + k - common];
        if (v->state != PV_ABSENT) {
            buf_printf(out, "%s: ", f->name);
            value_print(p, f, v, out);
            buf_char(out, '\n');
        }
    }
    TQ_ASSERT(buf_ok(out));
}

bool policy_article_same(const policy *p, size_t i, const policy *q, size_t k)
{
    BUF_AUTO buf mine = buf_max(ARTICLE_PRINT_MAX);
    BUF_AUTO buf theirs = buf_max(ARTICLE_PRINT_MAX);
    article_print(p, i, &mine);
    article_print(q, k, &theirs);
    return str_eq(buf_view(&mine), buf_view(&theirs));
}

void policy_face_get(const policy *p, policy_face *out)
{
    TQ_ASSERT(p->top.own != NULL);
    TQ_ASSERT(p->top.kind == &policy_kind_table[PK_scheme]);
    *out = (policy_face){
        .title_zh = OWN(&p->top, scheme, title)->text,
        .title_en = OWN(&p->top, scheme, title)->more,
        .demonstration = OWN(&p->top, scheme, demonstration)->num != 0,
        .jurisdiction = OWN(&p->top, scheme, jurisdiction)->text,
        .fiscal_month = OWN(&p->top, scheme, fiscal_month)->num,
        .from = day_or_none(OWN(&p->top, scheme, valid_from)),
    };
}
