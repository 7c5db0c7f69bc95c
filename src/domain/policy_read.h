/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_READ_H
#define TQ_POLICY_READ_H

/* A policy as people read it: article by article, each with its parts as typed values, in the order in
 * which the rules are asked. Nothing here is prose: whoever shows it makes the words in the reader's
 * language, and a field that is added to policy_fields.def is shown without a change here.
 *
 * All texts belong to the policy and live as long as it. */

#include "domain/policy.h"

#define POLICY_PARTS_MAX 16 /* fields of one kind of rule, beside the common ones */

typedef enum policy_form {
    FORM_NUMBER,
    FORM_YES,      /* n is 0 or 1 */
    FORM_MONEY,    /* n in minor units */
    FORM_RATE,     /* n in basis points */
    FORM_DAY,      /* n as in base/day.h */
    FORM_MONTHDAY, /* n is month * 100 + day */
    FORM_WORDS,    /* tokens of the language, or codes of the file */
    FORM_FACT,     /* words[0] is the name of a fact */
    FORM_MEASURE,  /* n is compared with the fact `fact`, and has its unit */
    FORM_TEXT,     /* zh, en */
} policy_form;

typedef struct policy_part {
    const char *field; /* as policy_fields.def calls it */
    policy_form form;
    bool unset; /* the document leaves it open */
    int64_t n;
    str zh, en;
    const str *words;
    size_t n_words;
    const char *fact;
} policy_part;

typedef struct policy_article {
    const char *kind; /* as policy_kinds.def calls it */
    str id;
    str document_zh, document_en, document_no; /* what it stands on; number "" where not known */
    str article;
    str basis;        /* further ground: P-nn; "" where none */
    const str *kinds; /* voucher kinds it holds for; none: all */
    size_t n_kinds;
    day from, to; /* first and last day it is asked; DAY_NONE: from and to the end */
    str note_zh, note_en;
} policy_article;

size_t policy_articles(const policy *p);
void policy_article_get(const policy *p, size_t i, policy_article *out);
/* Parts that are stated or `unset`, in the order of the list of fields; at most POLICY_PARTS_MAX. */
size_t policy_article_parts(const policy *p, size_t i, policy_part out[POLICY_PARTS_MAX]);
/* False where no article has this id. */
bool policy_article_find(const policy *p, str id, size_t *i);
/* Do the two say the same, by their canonical print? */
bool policy_article_same(const policy *p, size_t i, const policy *q, size_t k);

typedef struct policy_face {
    str title_zh, title_en;
    bool demonstration; /* some values are made up, and every page says so */
    str jurisdiction;   /* GB/T 2260 */
    int64_t fiscal_month;
    day from; /* first day of the scheme; DAY_NONE */
} policy_face;
void policy_face_get(const policy *p, policy_face *out);

#endif
