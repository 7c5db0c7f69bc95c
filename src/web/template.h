/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TEMPLATE_H
#define TQ_TEMPLATE_H

/* Pages from templates/<name>.html and a doc. The only way of text into a page: every value is escaped.
 *
 *   {{path.to.field}}         the value, for people, escaped
 *   {{raw path}}              the value as in JSON (for form inputs), escaped
 *   {{t key}}                 a text of the locale, escaped
 *   {{#each path}} .. {{/each}}   for each item; inside, names are looked for in the item, then outside
 *   {{#if path}} .. {{else}} .. {{/if}}
 *   {{> name}}                another template
 *
 * No logic beyond that. Syntax, included names and text keys are checked at start (templates_check): a
 * fault there stops the program. A name that the doc has not is INTERNAL/unknown_field when the page is
 * made; the tests make every page. Templates are embedded in the program. */

#include "web/doc.h"

TQ_MUST_CHECK tq_code templates_check(tq_err *err);
TQ_MUST_CHECK tq_code template_render(const char *name, const doc *root, const doc_style *style,
                                      buf *out, tq_err *err);

#endif
