/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_WORDS_H
#define TQ_POLICY_WORDS_H

/* Articles of a policy as sentences of the language of the request. Texts of the locale:
 *   policy_kind.<kind>           heading of a kind of rule
 *   policy_part.<kind>.<field>   what a field says; {v} is its value. One that begins with + goes on
 *                                without a mark between; one that is + alone says nothing
 *   policy_word.<token>          words of the language that no other set has */

#include "domain/policy_read.h"
#include "web/web.h"

/* The whole article as one line; it lives in the request's arena. */
str policy_article_said(const web_rq *w, const policy *p, size_t i);
/* Fills the object with the article: id, said, source, basis, note, kinds, from, to, open. */
void policy_article_doc(const web_rq *w, const policy *p, size_t i, doc *out);
/* Name of a voucher kind as the policy calls it. */
str policy_kind_said(const web_rq *w, const policy *p, str code);

#endif
