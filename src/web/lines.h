/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LINES_H
#define TQ_LINES_H

/* Facts and steps are stored as one canonical line (VIEW_TYPE_LINE). Programs get the line; people, and
 * programs beside it, get sentences in the language of the request: they are made when somebody reads,
 * so that an old decision can be read in a language that was added later. */

#include "web/web.h"

/* A text for each step, or for each member of an object; nothing where the line is "" or empty. */
void line_sentences(const web_rq *w, str canonical, doc *list);

#endif
